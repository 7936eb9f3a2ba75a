"""Pieces of a plan: gathered, cut in two, joined, and rid of what they can spare."""

from __future__ import annotations

from planner.extension.joint.kernel import kernel
from planner.extension.joint.network import Net
from planner.extension.joint.walk import STAMP, Walk, fresh, relabel, switch


@kernel
def gather(net: Net, w: Walk, k: int, start: int, most: int) -> int:
    """List up to `most` nodes of the piece at a node, breadth first; return how many."""
    w.tally[STAMP] += 1
    stamp, bit = w.tally[STAMP], 1 << k
    w.mark[start], w.piece[0] = stamp, start
    count, done = 1, 0
    while done < count < most:
        node = w.piece[done]
        done += 1
        if w.degree[k, node] == 0:
            continue
        for place in range(net.ptr[node], net.ptr[node + 1]):
            to = net.nbr[place]
            if count < most and w.users[net.arc[place] >> 1] & bit and w.mark[to] != stamp:
                w.mark[to], w.piece[count] = stamp, to
                count += 1
    return count


@kernel
def _smaller(net: Net, w: Walk, k: int, one: int, other: int) -> int:
    """List the nodes of the smaller one of two pieces, looking at both in turn; return how many."""
    w.tally[STAMP] += 1
    stamp, bit = w.tally[STAMP], 1 << k
    w.piece[0], w.other[0], w.mark[one], w.mark[other] = one, other, stamp, stamp
    ones, others, done, first = 1, 1, 0, True
    while True:
        queue, count = (w.piece, ones) if first else (w.other, others)
        if done == count:
            break
        node = queue[done]
        for place in range(net.ptr[node], net.ptr[node + 1]):
            to = net.nbr[place]
            if w.users[net.arc[place] >> 1] & bit and w.mark[to] != stamp:
                w.mark[to], queue[count] = stamp, to
                count += 1
        if first:
            ones = count
        else:
            others, done = count, done + 1
        first = not first
    if not first:
        for place in range(others):
            w.piece[place] = w.other[place]
        return others
    return ones


@kernel
def unlink(net: Net, w: Walk, k: int, edge: int) -> None:
    """Take an edge away; the smaller part gets a label of its own, a lonely node none."""
    one, other = net.u[edge], net.v[edge]
    switch(net, w, k, edge)
    if w.degree[k, one] == 0:
        relabel(w, k, one, 0)
    if w.degree[k, other] == 0:
        relabel(w, k, other, 0)
    if w.degree[k, one] > 0 and w.degree[k, other] > 0:
        count, label = _smaller(net, w, k, one, other), fresh(w)
        for place in range(count):
            relabel(w, k, w.piece[place], label)


@kernel
def unite(net: Net, w: Walk, k: int, one: int, other: int) -> int:
    """Give the pieces at two nodes one label, that of the larger; return it."""
    keep, gone, start = w.label[k, one], w.label[k, other], other
    if (w.size[keep] < w.size[gone] and gone > 0) or keep == 0:
        keep, gone, start = gone, keep, one
    if keep == 0:
        return int(fresh(w))
    if gone not in (0, keep):
        count = gather(net, w, k, start, w.piece.size)
        for place in range(count):
            relabel(w, k, w.piece[place], keep)
    return int(keep)


@kernel
def lay(net: Net, w: Walk, k: int, node: int) -> None:
    """Lay the path that a search found to a node."""
    start = node
    while w.by[start] >= 0:
        arc = w.by[start]
        start = net.v[arc >> 1] if arc & 1 else net.u[arc >> 1]
    label = unite(net, w, k, start, node)
    while True:
        if w.label[k, node] != label:
            relabel(w, k, node, label)
        arc = w.by[node]
        if arc < 0:
            break
        switch(net, w, k, arc >> 1)
        node = net.v[arc >> 1] if arc & 1 else net.u[arc >> 1]


@kernel
def tie(net: Net, w: Walk, k: int, edge: int) -> None:
    """Add an edge, unless it closes a circle or a line has come to an end at its ends."""
    one, other = net.u[edge], net.v[edge]
    if w.label[k, one] == w.label[k, other] > 0:
        return
    for node in (one, other):
        if net.end[node] and w.degree[k, node] > 0:
            return
    label = unite(net, w, k, one, other)
    switch(net, w, k, edge)
    for node in (one, other):
        if w.label[k, node] != label:
            relabel(w, k, node, label)


@kernel
def prune(net: Net, w: Walk, k: int, node: int) -> int:
    """Take away the path at whose end a node is, as far as the piece can spare it.

    Returns
    -------
    int
        The node at which that ended.
    """
    bit = 1 << k
    while w.degree[k, node] == 1:
        amount, to = w.balance[k, node], node
        if amount < 0 or (amount > 0 and amount > w.total[w.label[k, node]]):
            return node
        for place in range(net.ptr[node], net.ptr[node + 1]):
            if w.users[net.arc[place] >> 1] & bit:
                switch(net, w, k, net.arc[place] >> 1)
                to = net.nbr[place]
                break
        relabel(w, k, node, 0)
        node = to
    if w.degree[k, node] == 0 and w.label[k, node] > 0:
        relabel(w, k, node, 0)
    return node


@kernel
def clear(net: Net, w: Walk, k: int, node: int) -> int:
    """Prune at a node, and take the piece away if nobody in it asks for anything."""
    node, bit = prune(net, w, k, node), 1 << k
    label = w.label[k, node]
    if label == 0 or w.thirst[label] > 0:
        return int(node)
    count = gather(net, w, k, node, w.piece.size)
    for at in range(count):
        one = w.piece[at]
        relabel(w, k, one, 0)
        for place in range(net.ptr[one], net.ptr[one + 1]):
            if w.users[net.arc[place] >> 1] & bit:
                switch(net, w, k, net.arc[place] >> 1)
    return int(node)
