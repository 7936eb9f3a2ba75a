"""How pieces are mended: needless parts are taken away, what lacks capacity is joined to more."""

from __future__ import annotations

from typing import NamedTuple

from numba import njit

from planner.extension.joint.chance import Seeds, below, share
from planner.extension.joint.heap import pop, push
from planner.extension.joint.model import Ints
from planner.extension.joint.network import FORBIDDEN, Net
from planner.extension.joint.walk import FAR, SEEN, STAMP, Walk, gather, switch

CORNER, TRIES = 40, 20
"""Nodes of a large piece from which more capacity is sought, and draws to find a source there."""


class Taste(NamedTuple):
    """How a move weighs what it may buy.

    Parameters
    ----------
    trench
        Share of a closed trench's price that counts.
    ratio
        How far distance is weighed by what a source brings: 0 nearest, 1 least per unit.
    noise
        Greatest relative error of an edge's weight.
    salt
        Makes the errors of one move differ from those of another.
    banned
        Edge that may not be used, -1 for none.
    corner
        Most nodes of a piece from which more capacity is sought.
    """

    trench: float
    ratio: float
    noise: float
    salt: int
    banned: int
    corner: int


@njit(cache=True, nogil=True)
def _surplus_beyond(net: Net, w: Walk, k: int, start: int, queue: Ints) -> int:
    """Return the balance of the piece at a node and mark its nodes as seen by this search."""
    stamp, bit = w.tally[SEEN], 1 << k
    w.seen[start], queue[0] = stamp, start
    count, done, total = 1, 0, 0
    while done < count:
        node = queue[done]
        done += 1
        total += w.balance[k, node]
        if w.degree[k, node] == 0:
            continue
        for place in range(net.ptr[node], net.ptr[node + 1]):
            to = net.nbr[place]
            if w.users[net.arc[place] >> 1] & bit and w.seen[to] != stamp:
                w.seen[to], queue[count] = stamp, to
                count += 1
    return int(total)


@njit(cache=True, nogil=True)
def _add_up(net: Net, w: Walk, k: int, count: int) -> int:
    """Fill `below`, `worth` and `thirst` of the piece just gathered; return its balance."""
    bit = 1 << k
    for place in range(count):
        node = w.piece[place]
        w.below[node] = w.balance[k, node]
        w.worth[node] = 0
        w.thirst[node] = 1 if w.balance[k, node] < 0 else 0
    for place in range(count - 1, 0, -1):
        node = w.piece[place]
        arc = w.up[node]
        above = net.v[arc >> 1] if arc & 1 else net.u[arc >> 1]
        edge = arc >> 1
        w.worth[node] += net.line[k, edge] + (net.trench[edge] if w.users[edge] == bit else 0)
        w.below[above] += w.below[node]
        w.worth[above] += w.worth[node]
        w.thirst[above] += w.thirst[node]
    return int(w.below[w.piece[0]])


@njit(cache=True, nogil=True, inline="always")
def _above(net: Net, w: Walk, node: int) -> int:
    """Return the node from which the gathering reached a node."""
    arc = w.up[node]
    return int(net.v[arc >> 1] if arc & 1 else net.u[arc >> 1])


@njit(cache=True, nogil=True)
def _dearest_idle(w: Walk, count: int, total: int) -> int:
    """Return the place of the dearest part without terminals that can be spared, -1 for none."""
    found, most, stamp = -1, -1, w.tally[STAMP]
    for place in range(1, count):
        node = w.piece[place]
        if w.thirst[node] == 0 and w.mark[node] == stamp and w.worth[node] > most:
            spare = w.below[node]
            if spare == 0 or spare <= total:
                found, most = place, w.worth[node]
    return found


@njit(cache=True, nogil=True)
def _take_away(net: Net, w: Walk, k: int, first: int, count: int) -> None:
    """Take away a part of the gathered piece, and keep the sums above it up to date."""
    node = w.piece[first]
    spare, worth, above = w.below[node], w.worth[node], _above(net, w, node)
    while True:
        w.below[above] -= spare
        w.worth[above] -= worth
        if w.up[above] < 0:
            break
        above = _above(net, w, above)
    w.mark[node] = -1
    switch(net, w, k, w.up[node] >> 1)
    for place in range(first + 1, count):
        node = w.piece[place]
        if w.mark[node] != -1 and w.mark[_above(net, w, node)] == -1:
            w.mark[node] = -1
            switch(net, w, k, w.up[node] >> 1)


@njit(cache=True, nogil=True)
def _dearest_bridge(net: Net, w: Walk, k: int, count: int, total: int) -> int:
    """Return the place above which the piece can be cut in two that both suffice, -1 for none."""
    bit, found, most, stamp = 1 << k, -1, -1, w.tally[STAMP]
    for place in range(1, count):
        node = w.piece[place]
        if w.mark[node] == stamp and w.below[node] >= 0 and total - w.below[node] >= 0:
            edge = w.up[node] >> 1
            price = net.line[k, edge] + (net.trench[edge] if w.users[edge] == bit else 0)
            if price > most:
                found, most = place, price
    return found


@njit(cache=True, nogil=True)
def trim(net: Net, w: Walk, k: int, start: int) -> None:
    """Take away what the piece at a node can spare, the dearest part first.

    A piece that lacks capacity keeps the node, so that it can be found again.
    """
    w.stack[0], waiting = start, 1
    while waiting > 0:
        waiting -= 1
        root = w.stack[waiting]
        if w.degree[k, root] == 0:
            continue
        count = gather(net, w, k, root)
        terminal, total = -1, 0
        for i in range(count):
            total += w.balance[k, w.piece[i]]
            if w.balance[k, w.piece[i]] < 0:
                terminal = w.piece[i]
        if total >= 0 and terminal >= 0:
            count = gather(net, w, k, terminal)
        total = _add_up(net, w, k, count)
        if total >= 0 and w.thirst[w.piece[0]] == 0:
            for i in range(1, count):
                switch(net, w, k, w.up[w.piece[i]] >> 1)
            continue
        place = _dearest_idle(w, count, total)
        while place >= 0:
            total -= w.below[w.piece[place]]
            _take_away(net, w, k, place, count)
            place = _dearest_idle(w, count, total)
        place = _dearest_bridge(net, w, k, count, total)
        if place >= 0:
            w.stack[waiting] = w.piece[place]
            w.stack[waiting + 1] = _above(net, w, w.piece[place])
            waiting += 2
            switch(net, w, k, w.up[w.piece[place]] >> 1)


@njit(cache=True, nogil=True, inline="always")
def _weight(net: Net, w: Walk, k: int, edge: int, taste: Taste) -> int:
    """Return what an edge weighs in a search; 0 where the utility has it already."""
    if w.users[edge] & (1 << k):
        return 0
    if net.line[k, edge] >= FORBIDDEN or edge == taste.banned:
        return FAR
    weight = float(net.line[k, edge])
    if w.users[edge] == 0:
        weight += taste.trench * net.trench[edge]
    if taste.noise > 0.0:
        mixed = ((edge + 1) * 2654435761 + taste.salt * 40503) & 0xFFFFF
        weight *= 1.0 + taste.noise * (mixed ^ (mixed >> 7)) / 0xFFFFF
    return int(weight)


@njit(cache=True, nogil=True)
def _corner(net: Net, w: Walk, k: int, count: int, most: int, queue: Ints) -> int:
    """Put nodes of the gathered piece around one of its sources into `queue`; return how many."""
    if count <= most:
        queue[:count] = w.piece[:count]
        return int(count)
    node = w.piece[below(w.random, count)]
    for _ in range(TRIES):
        if w.balance[k, node] > 0:
            break
        node = w.piece[below(w.random, count)]
    w.tally[SEEN] += 1
    stamp, bit = w.tally[SEEN], 1 << k
    w.seen[node], queue[0] = stamp, node
    found, done = 1, 0
    while done < found < most:
        node = queue[done]
        done += 1
        for place in range(net.ptr[node], net.ptr[node + 1]):
            to = net.nbr[place]
            if found < most and w.users[net.arc[place] >> 1] & bit and w.seen[to] != stamp:
                w.seen[to], queue[found] = stamp, to
                found += 1
    return found


@njit(cache=True, nogil=True, inline="always")
def _score(near: int, spare: int, need: int, ratio: float) -> float:
    """Return how dear a candidate is for what it brings."""
    return near * (need / min(spare, need)) ** ratio if spare > 0 else float(FAR)


@njit(cache=True, nogil=True)
def _begin(net: Net, w: Walk, k: int, count: int, queue: Ints) -> int:
    """Put the first nodes of `queue` on the heap, no ends where a line has come already."""
    size = 0
    for place in range(count):
        node = queue[place]
        if net.end[node] and w.degree[k, node] > 0:
            continue
        w.dist[node], w.when[node], w.by[node] = 0, w.tally[SEEN], -1
        size = push(w.keys, w.nodes, size, 0, node)
    return size


@njit(cache=True, nogil=True)
def _nearest(net: Net, w: Walk, k: int, count: int, need: int, taste: Taste, queue: Ints) -> int:
    """Return the node to which the gathered piece had best be joined, -1 if there is none.

    Every piece with something to spare is a candidate, at the distance of its nearest node. No
    end is entered.

    Parameters
    ----------
    count
        Nodes in `queue` from which the search starts.
    """
    w.tally[SEEN] += 1
    stamp, home = w.tally[SEEN], w.tally[STAMP]
    size, found, least = _begin(net, w, k, count, queue), -1, float(FAR)
    while size > 0:
        near, node = w.keys[0], w.nodes[0]
        size = pop(w.keys, w.nodes, size)
        if near > w.dist[node]:
            continue
        if near >= least:
            break
        if w.mark[node] != home and w.seen[node] != stamp:
            score = _score(near, _surplus_beyond(net, w, k, node, queue), need, taste.ratio)
            if score < least:
                found, least = node, score
        for place in range(net.ptr[node], net.ptr[node + 1]):
            to = net.nbr[place]
            if w.mark[to] == home or net.end[to]:
                continue
            weight = _weight(net, w, k, net.arc[place] >> 1, taste)
            if weight < FAR and (w.when[to] != stamp or near + weight < w.dist[to]):
                w.dist[to], w.when[to], w.by[to] = near + weight, stamp, net.arc[place]
                size = push(w.keys, w.nodes, size, near + weight, to)
    return found


@njit(cache=True, nogil=True)
def supply(net: Net, w: Walk, k: int, start: int, taste: Taste, queue: Ints) -> bool:
    """Join the piece at a node to others until its balance is no longer below 0.

    Returns
    -------
    bool
        Whether that succeeded; what was switched is in the log either way.
    """
    bit = 1 << k
    while True:
        count, total = gather(net, w, k, start), 0
        for place in range(count):
            total += w.balance[k, w.piece[place]]
        if total >= 0:
            return True
        corner = _corner(net, w, k, count, taste.corner, queue)
        node = _nearest(net, w, k, corner, -total, taste, queue)
        if node < 0 and corner < count:
            queue[:count] = w.piece[:count]
            node = _nearest(net, w, k, count, -total, taste, queue)
        if node < 0:
            return False
        while w.by[node] >= 0:
            arc = w.by[node]
            if not w.users[arc >> 1] & bit:
                switch(net, w, k, arc >> 1)
            node = net.v[arc >> 1] if arc & 1 else net.u[arc >> 1]


@njit(cache=True, nogil=True)
def leave(net: Net, w: Walk, k: int, node: int) -> None:
    """Take away every edge of a utility at a node, and what the pieces left can spare."""
    for place in range(net.ptr[node], net.ptr[node + 1]):
        if w.users[net.arc[place] >> 1] >> k & 1:
            switch(net, w, k, net.arc[place] >> 1)
            trim(net, w, k, net.nbr[place])


@njit(cache=True, nogil=True)
def any_taste(state: Seeds) -> Taste:
    """Draw how a move weighs what it may buy."""
    trench = 1.0 if share(state) < 0.3 else 0.2 + 0.8 * share(state)
    drawn = share(state)
    ratio = 0.0 if drawn < 0.3 else (1.0 if drawn < 0.6 else share(state))
    noise = 0.3 * share(state) if share(state) < 0.3 else 0.0
    return Taste(trench, ratio, noise, int(share(state) * (1 << 30)), -1, CORNER)
