"""Sets of nodes that a fractional plan serves too little: minimum cuts by augmenting paths.

A flow is searched backward from where it is wanted and forward from where it is given, so that a
search sees the neighbourhood of a node alone; what it changed is put back from what was loaded.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from planner.extension.joint.model import Floats, Ints
from planner.extension.joint.network import OUTSIDE, Net

WHOLE = 1 << 24
"""What a whole arc or source carries: capacities are whole numbers."""


class Flow(NamedTuple):
    """Room for flows.

    Parameters
    ----------
    rest, give
        What each arc can still carry, shape (2 edges,), and each node still give, (nodes,).
    whole, given
        The same before the searches that are put back.
    by, when, queue
        Of a search: arc, the search a node belongs to, and its nodes in order.
    tally
        Number of the search, how many nodes it has.
    changed
        Arcs and nodes whose values were changed, and their counts, shapes (2, room) and (2,).
    """

    rest: Ints
    give: Ints
    whole: Ints
    given: Ints
    by: Ints
    when: Ints
    queue: Ints
    tally: Ints
    changed: Ints
    changes: Ints


def flow_of(net: Net) -> Flow:
    """Return room for flows through a network."""
    nodes = net.ptr.size - 1
    rest, whole = np.zeros((2, net.arc.size), dtype=np.int64)
    give, given, by, when, queue = np.zeros((5, nodes), dtype=np.int64)
    changed = np.zeros((2, net.arc.size + nodes), dtype=np.int64)
    tally, changes = np.zeros((2, 2), dtype=np.int64)
    return Flow(rest, give, whole, given, by, when, queue, tally, changed, changes)


@njit(cache=True, nogil=True)
def load(f: Flow, y: Floats, give: Floats) -> None:
    """Set what arcs carry and what nodes give, in parts of `WHOLE`, rounded down."""
    for arc in range(y.size):
        f.rest[arc] = int(max(y[arc], 0.0) * WHOLE)
    for node in range(give.size):
        f.give[node] = int(give[node] * WHOLE)


@njit(cache=True, nogil=True)
def settle(f: Flow) -> None:
    """Let what is left now be what searches are put back to."""
    f.whole[:] = f.rest
    f.given[:] = f.give
    f.changes[:] = 0


@njit(cache=True, nogil=True)
def put_back(f: Flow) -> None:
    """Undo what was changed since the flow was settled."""
    if f.changes.max() >= f.changed.shape[1]:
        f.rest[:] = f.whole
        f.give[:] = f.given
    else:
        for i in range(f.changes[0]):
            f.rest[f.changed[0, i]] = f.whole[f.changed[0, i]]
        for i in range(f.changes[1]):
            f.give[f.changed[1, i]] = f.given[f.changed[1, i]]
    f.changes[:] = 0


@njit(cache=True, nogil=True, inline="always")
def _touch(f: Flow, kind: int, place: int) -> None:
    if f.changes[kind] < f.changed.shape[1]:
        f.changed[kind, f.changes[kind]] = place
        f.changes[kind] += 1


@njit(cache=True, nogil=True, inline="always")
def _head(net: Net, arc: int) -> int:
    return int(net.u[arc >> 1] if arc & 1 else net.v[arc >> 1])


@njit(cache=True, nogil=True)
def widen(net: Net, f: Flow, arcs: Ints) -> None:
    """Let arcs carry a whole unit more, unless they leave an end."""
    for arc in arcs:
        if not net.end[_head(net, arc ^ 1)]:
            _touch(f, 0, arc)
            f.rest[arc] += WHOLE


@njit(cache=True, nogil=True)
def _source_of(net: Net, f: Flow, goal: int) -> int:
    """Search backward from a node for one that can give; return it, -1 for none."""
    f.tally[0] += 1
    stamp, count, done = f.tally[0], 1, 0
    f.when[goal], f.by[goal], f.queue[0] = stamp, -1, goal
    while done < count:
        node = f.queue[done]
        done += 1
        if f.give[node] > 0:
            return int(node)
        for place in range(net.ptr[node], net.ptr[node + 1]):
            to, arc = net.nbr[place], net.arc[place] ^ 1
            if f.when[to] != stamp and f.rest[arc] > 0:
                f.when[to], f.by[to], f.queue[count] = stamp, arc, to
                count += 1
    f.tally[1] = count
    return -1


@njit(cache=True, nogil=True)
def draw(net: Net, f: Flow, goal: int, most: int) -> int:
    """Draw as much as possible to a node, up to `most`; return how much.

    If that is less than `most`, the first `tally[1]` nodes of `queue` are those from which more
    could reach it, and none of them can give.
    """
    drawn = 0
    while drawn < most:
        start = _source_of(net, f, goal)
        if start < 0:
            break
        amount, node = min(most - drawn, f.give[start]), start
        while f.by[node] >= 0:
            amount = min(amount, f.rest[f.by[node]])
            node = _head(net, f.by[node])
        f.give[start] -= amount
        _touch(f, 1, start)
        node = start
        while f.by[node] >= 0:
            arc = f.by[node]
            f.rest[arc] -= amount
            f.rest[arc ^ 1] += amount
            _touch(f, 0, arc)
            _touch(f, 0, arc ^ 1)
            node = _head(net, arc)
        drawn += amount
    return drawn


@njit(cache=True, nogil=True)
def _terminal_from(net: Net, f: Flow, balance: Ints, start: int) -> int:
    """Search forward from a node for a terminal or the rim; return it, -1 for none."""
    f.tally[0] += 1
    stamp, count, done = f.tally[0], 1, 0
    f.when[start], f.by[start], f.queue[0] = stamp, -1, start
    while done < count:
        node = f.queue[done]
        done += 1
        if balance[node] < 0 or balance[node] >= OUTSIDE:
            return int(node)
        for place in range(net.ptr[node], net.ptr[node + 1]):
            to, arc = net.nbr[place], net.arc[place]
            if f.when[to] != stamp and f.rest[arc] > 0:
                f.when[to], f.by[to], f.queue[count] = stamp, arc, to
                count += 1
    f.tally[1] = count
    return -1


@njit(cache=True, nogil=True)
def send(net: Net, f: Flow, balance: Ints, start: int, most: int) -> int:
    """Send as much as possible from a node to any terminals, up to `most`; return how much.

    If that is less than `most`, the first `tally[1]` nodes of `queue` are those that more could
    reach.
    """
    sent = 0
    while sent < most:
        goal = _terminal_from(net, f, balance, start)
        if goal < 0:
            break
        amount, node = most - sent, goal
        while f.by[node] >= 0:
            amount = min(amount, f.rest[f.by[node]])
            node = _head(net, f.by[node] ^ 1)
        node = goal
        while f.by[node] >= 0:
            arc = f.by[node]
            f.rest[arc] -= amount
            f.rest[arc ^ 1] += amount
            _touch(f, 0, arc)
            _touch(f, 0, arc ^ 1)
            node = _head(net, arc ^ 1)
        sent += amount
    return sent
