"""Sets of nodes that a fractional plan serves too little: minimum cuts by augmenting paths."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from planner.extension.joint.model import Flags, Floats, Ints
from planner.extension.joint.network import Net

WHOLE = 1 << 24
"""What a whole arc or source carries: capacities are whole numbers."""


class Flow(NamedTuple):
    """Room for a maximum flow.

    Parameters
    ----------
    rest
        What each arc can still carry, shape (2 edges,).
    give, take
        What each node can still give and take, shape (nodes,).
    by, when, queue, stamp
        Of the search for a path; `when` marks what it reached.
    """

    rest: Ints
    give: Ints
    take: Ints
    by: Ints
    when: Ints
    queue: Ints
    stamp: Ints


def flow_of(net: Net) -> Flow:
    """Return room for flows through a network."""
    nodes = net.ptr.size - 1
    give, take, by, when, queue = (np.zeros(nodes, dtype=np.int64) for _ in range(5))
    stamp = np.zeros(1, dtype=np.int64)
    return Flow(np.zeros(net.arc.size, dtype=np.int64), give, take, by, when, queue, stamp)


@njit(cache=True, nogil=True)
def _reach(net: Net, f: Flow) -> int:
    """Search from what can give for what can take; return the node found, -1 for none."""
    f.stamp[0] += 1
    stamp, count, done = f.stamp[0], 0, 0
    for node in range(f.give.size):
        if f.give[node] > 0:
            f.when[node], f.by[node], f.queue[count] = stamp, -1, node
            count += 1
    while done < count:
        node = f.queue[done]
        done += 1
        if f.take[node] > 0:
            return int(node)
        for place in range(net.ptr[node], net.ptr[node + 1]):
            to = net.nbr[place]
            if f.when[to] != stamp and f.rest[net.arc[place]] > 0:
                f.when[to], f.by[to], f.queue[count] = stamp, net.arc[place], to
                count += 1
    return -1


@njit(cache=True, nogil=True)
def saturate(net: Net, f: Flow) -> int:
    """Send as much as possible; afterwards `when` equals `stamp` where more could come from.

    Returns
    -------
    int
        What was sent.
    """
    sent = 0
    while True:
        goal = _reach(net, f)
        if goal < 0:
            return sent
        amount, node = f.take[goal], goal
        while f.by[node] >= 0:
            arc = f.by[node]
            amount = min(amount, f.rest[arc])
            node = net.v[arc >> 1] if arc & 1 else net.u[arc >> 1]
        amount = min(amount, f.give[node])
        f.give[node] -= amount
        f.take[goal] -= amount
        sent += amount
        node = goal
        while f.by[node] >= 0:
            arc = f.by[node]
            f.rest[arc] -= amount
            f.rest[arc ^ 1] += amount
            node = net.v[arc >> 1] if arc & 1 else net.u[arc >> 1]


@njit(cache=True, nogil=True)
def starved(net: Net, f: Flow, inside: Flags) -> None:
    """Mark the nodes from which something that can still take is reached."""
    inside[:] = False
    count, done = 0, 0
    for node in range(inside.size):
        if f.take[node] > 0:
            inside[node], f.queue[count] = True, node
            count += 1
    while done < count:
        node = f.queue[done]
        done += 1
        for place in range(net.ptr[node], net.ptr[node + 1]):
            to = net.nbr[place]
            if not inside[to] and f.rest[net.arc[place] ^ 1] > 0:
                inside[to], f.queue[count] = True, to
                count += 1


@njit(cache=True, nogil=True)
def load(f: Flow, y: Floats, give: Floats, take: Floats) -> None:
    """Set what arcs carry and what nodes give and take, in parts of `WHOLE`, rounded down."""
    for arc in range(y.size):
        f.rest[arc] = int(max(y[arc], 0.0) * WHOLE)
    for node in range(give.size):
        f.give[node] = int(give[node] * WHOLE)
        f.take[node] = int(min(take[node], 1e6) * WHOLE)


@njit(cache=True, nogil=True)
def spared(balance: Ints, inside: Flags, w: Floats, chosen: Flags) -> float:
    """Choose sources of a set that have to be used unless something enters it.

    Without the chosen sources the set is short. Those of least use for their capacity are chosen
    first, then whatever is chosen in vain is given back.

    Returns
    -------
    float
        Use of the chosen sources together, infinite if the set has no demand at all.
    """
    chosen[:] = False
    need, demand = 0, 0
    for node in range(inside.size):
        if inside[node]:
            need -= balance[node]
            demand = min(demand, balance[node])
    if demand >= 0:
        return np.inf
    sources = np.flatnonzero(inside & (balance > 0))
    order = np.argsort(w[sources] / balance[sources])
    for i in order:
        if need > 0:
            break
        chosen[sources[i]] = True
        need += balance[sources[i]]
    for i in order[::-1]:
        node = sources[i]
        if chosen[node] and need - balance[node] > 0:
            chosen[node] = False
            need -= balance[node]
    return float(w[chosen].sum())
