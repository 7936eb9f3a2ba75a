"""The search by which a piece finds what it had best be joined to."""

from __future__ import annotations

from typing import NamedTuple

from geo.heap_kernels import pop, push
from planner.extension.joint.chance import Seeds, share
from planner.extension.joint.kernel import kernel
from planner.extension.joint.network import FORBIDDEN, Net
from planner.extension.joint.walk import FAR, STAMP, Walk


class Taste(NamedTuple):
    """How a move weighs what it may buy.

    Parameters
    ----------
    trench
        Share of a closed trench's price that counts.
    capacity
        Multiple of the usual price of capacity at which what a candidate lacks counts.
    noise
        Greatest relative error of an edge's weight.
    salt
        Makes the errors of one move differ from those of another.
    banned
        Edge that may not be used, -1 for none.
    """

    trench: float
    capacity: float
    noise: float
    salt: int
    banned: int


@kernel
def any_taste(state: Seeds) -> Taste:
    """Draw how a move weighs what it may buy."""
    trench = 1.0 if share(state) < 0.3 else 0.2 + 0.8 * share(state)
    capacity = 2.0 * share(state)
    noise = 0.3 * share(state) if share(state) < 0.3 else 0.0
    return Taste(trench, capacity, noise, int(share(state) * (1 << 30)), -1)


@kernel
def _weight(net: Net, w: Walk, k: int, edge: int, taste: Taste) -> int:
    """Return what an edge weighs in a search, `FAR` where a line may not go."""
    if net.line[k, edge] >= FORBIDDEN or edge == taste.banned:
        return FAR
    weight = float(net.line[k, edge])
    if w.users[edge] == 0:
        weight += taste.trench * net.trench[edge]
    if taste.noise > 0.0:
        mixed = ((edge + 1) * 2654435761 + taste.salt * 40503) & 0xFFFFF
        weight *= 1.0 + taste.noise * (mixed ^ (mixed >> 7)) / 0xFFFFF
    return int(weight)


@kernel
def _begin(net: Net, w: Walk, k: int, count: int) -> int:
    """Put the nodes gathered on the heap, no ends where a line has come already."""
    w.tally[STAMP] += 1
    size = 0
    for place in range(count):
        node = w.piece[place]
        if net.end[node] and w.degree[k, node] > 0:
            continue
        w.dist[node], w.when[node], w.by[node] = 0, w.tally[STAMP], -1
        size = push(w.keys, w.nodes, size, 0, node)
    return size


@kernel
def _spare(w: Walk, k: int, node: int, need: int, bare: bool) -> int:
    """Return what joining a node brings, -1 if it is no candidate."""
    label = w.label[k, node]
    if label == 0:
        return int(w.balance[k, node]) if w.balance[k, node] > 0 and need > 0 else -1
    spare = w.total[label]
    return int(max(spare, 0)) if bare or spare > 0 else -1


@kernel
def reach(
    net: Net, w: Walk, k: int, count: int, need: int, taste: Taste, bare: bool, most: int
) -> int:
    """Return the node to which the nodes gathered had best be joined, -1 if there is none.

    Sources and pieces are candidates, at their distance and what capacity they lack. No end is
    entered, and no piece is passed.

    Parameters
    ----------
    count
        Nodes in `Walk.piece` from which the search starts.
    need
        Capacity sought; where none is, only pieces are candidates.
    bare
        Whether pieces that have nothing to spare are candidates.
    most
        Nodes that may be settled.
    """
    home, rate = w.label[k, w.piece[0]], taste.capacity * w.rate[k]
    sought = min(need, w.largest[k])
    size, found, least = _begin(net, w, k, count), -1, float(FAR)
    stamp = w.tally[STAMP]
    while size > 0:
        near, node = w.keys[0], w.nodes[0]
        size = pop(w.keys, w.nodes, size)
        if near > w.dist[node]:
            continue
        if near >= least or most == 0:
            break
        most -= 1
        if w.by[node] >= 0:
            spare = _spare(w, k, node, need, bare)
            if spare >= 0 and near + rate * max(sought - spare, 0) < least:
                found, least = node, near + rate * max(sought - spare, 0)
            if w.label[k, node] > 0:
                continue
        for place in range(net.ptr[node], net.ptr[node + 1]):
            to = net.nbr[place]
            if net.end[to] or (home > 0 and w.label[k, to] == home):
                continue
            weight = _weight(net, w, k, net.arc[place] >> 1, taste)
            if weight < FAR and (w.when[to] != stamp or near + weight < w.dist[to]):
                w.dist[to], w.when[to], w.by[to] = near + weight, stamp, net.arc[place]
                size = push(w.keys, w.nodes, size, near + weight, to)
    return found
