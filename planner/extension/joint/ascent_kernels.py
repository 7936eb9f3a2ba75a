"""Dual ascent: sets of nodes that lack capacity are charged for the arcs that must enter them.

A set is short if its demands exceed its capacities; every plan has an arc into it, in the
direction of what flows; arcs that leave an end are priced `FORBIDDEN`. The charge of a set is paid
from the prices of the arcs that enter it: first from what is left of the utility's own price, then
from what is left of the trench.

Where terminals draw from one source each, a set is short too if those that ask for a certain amount
or more exceed the sources that could serve them. What those draw may flow against what all draw, so
such a set is charged for the edges to it in both directions, except from ends.
"""

from __future__ import annotations

from typing import NamedTuple

from numba import njit

from geo.heap_kernels import pop, push
from planner.extension.joint.model import Flags, Ints
from planner.extension.joint.network import FORBIDDEN, Net

FULL, SHORT, SHADED = 0, 1, 2
"""What a set is found to be: with enough capacity, short of it, holding another that waits."""


class Ascent(NamedTuple):
    """Prices left over, and scratch.

    Parameters
    ----------
    left
        Price of each arc that no set has been charged with yet, shape (utilities, 2 edges).
    trench
        Price of each trench that no utility has been given yet, shape (edges,).
    given
        Trench price given to each utility, shape (utilities, edges).
    value
        Sum of the charges of each utility, shape (utilities,).
    waits
        Terminals whose set still has to grow, shape (utilities, nodes).
    inside, stamp
        Marks of the nodes of a set, and the last mark.
    nodes, cut
        The set, and the arcs that enter it.
    keys, heap
        Queue of terminals.
    log, logged
        Every charge, if there is room: utility, amount, least amount that counts, count of nodes,
        nodes; the length of it, and what its length would be, shape (2,).
    """

    left: Ints
    trench: Ints
    given: Ints
    value: Ints
    waits: Flags
    inside: Ints
    stamp: Ints
    nodes: Ints
    cut: Ints
    keys: Ints
    heap: Ints
    log: Ints
    logged: Ints


@njit(cache=True, nogil=True, inline="always")
def _left(a: Ascent, k: int, arc: int, least: int) -> int:
    """Return what is left of the utility's own price of an arc, or of its edge either way."""
    return int(min(a.left[k, arc], a.left[k, arc ^ 1]) if least else a.left[k, arc])


@njit(cache=True, nogil=True, inline="always")
def _tail(net: Net, arc: int) -> int:
    return int(net.v[arc >> 1] if arc & 1 else net.u[arc >> 1])


@njit(cache=True, nogil=True, inline="always")
def _free(net: Net, a: Ascent, k: int, arc: int, least: int) -> bool:
    """Return whether whatever is at the tail of an arc belongs to the set at its head."""
    nothing = a.trench[arc >> 1] <= 0 and _left(a, k, arc, least) == 0
    return nothing and not (least and net.end[_tail(net, arc)])


@njit(cache=True, nogil=True)
def spread(net: Net, a: Ascent, k: int, least: int, done: int, count: int) -> int:
    """Take into a set whatever reaches it over arcs without price; return how many nodes it has."""
    stamp = a.stamp[0]
    while done < count:
        node = a.nodes[done]
        done += 1
        for place in range(net.ptr[node], net.ptr[node + 1]):
            to = net.nbr[place]
            if a.inside[to] != stamp and _free(net, a, k, net.arc[place] ^ 1, least):
                a.inside[to], a.nodes[count] = stamp, to
                count += 1
    return count


@njit(cache=True, nogil=True)
def entering(net: Net, a: Ascent, least: int, count: int) -> int:
    """List the arcs that enter a set and return how many."""
    stamp, size = a.stamp[0], 0
    for i in range(count):
        node = a.nodes[i]
        for place in range(net.ptr[node], net.ptr[node + 1]):
            tail = net.nbr[place]
            if a.inside[tail] != stamp and not (least and net.end[tail]):
                a.cut[size] = net.arc[place] ^ 1
                size += 1
    return size


@njit(cache=True, nogil=True)
def charge(a: Ascent, k: int, least: int, size: int) -> int:
    """Charge the arcs listed as far as the cheapest allows; return the amount."""
    amount = FORBIDDEN
    for i in range(size):
        arc = a.cut[i]
        amount = min(amount, _left(a, k, arc, least) + max(a.trench[arc >> 1], 0))
    if size == 0 or amount >= FORBIDDEN:
        return -1
    for i in range(size):
        arc = a.cut[i]
        taken = amount - _left(a, k, arc, least)
        if taken > 0:
            a.trench[arc >> 1] -= taken
            a.given[k, arc >> 1] += taken
            a.left[k, arc] += taken
            a.left[k, arc ^ 1] += taken
        a.left[k, arc] -= amount
        if least:
            a.left[k, arc ^ 1] -= amount
    a.value[k] += amount
    return int(amount)


@njit(cache=True, nogil=True)
def _state(
    net: Net, a: Ascent, k: int, least: int, own: int, begin: int, count: int, total: int
) -> int:
    """Return what a set is, given the balance of its nodes before `begin`; keep it in `stamp`."""
    shaded = False
    for i in range(begin, count):
        node = a.nodes[i]
        if net.grain[k, node] >= least:
            total += net.balance[k, node]
        shaded = shaded or (a.waits[k, node] and node != own)
    a.stamp[1] = total
    if total >= 0:
        return FULL
    return SHADED if shaded else SHORT


@njit(cache=True, nogil=True)
def _join(net: Net, a: Ascent, k: int, least: int, size: int, count: int) -> int:
    """Add to a set the tails of charged arcs that have become free, and what reaches them."""
    stamp, before = a.stamp[0], count
    for i in range(size):
        arc = a.cut[i]
        tail = _tail(net, arc)
        if a.inside[tail] != stamp and _free(net, a, k, arc, least):
            a.inside[tail], a.nodes[count] = stamp, tail
            count += 1
    return int(spread(net, a, k, least, before, count))


@njit(cache=True, nogil=True)
def _note(a: Ascent, k: int, least: int, amount: int, count: int) -> None:
    """Write a charge down, if there is room."""
    at = a.logged[0]
    a.logged[1] += 4 + count
    if at + 4 + count <= a.log.size and a.logged[1] == at + 4 + count:
        a.log[at], a.log[at + 1], a.log[at + 2], a.log[at + 3] = k, amount, least, count
        a.log[at + 4 : at + 4 + count] = a.nodes[:count]
        a.logged[0] = at + 4 + count


@njit(cache=True, nogil=True)
def _grow(net: Net, a: Ascent, k: int, least: int, node: int, queued: int) -> int:
    """Charge the set of a terminal while it is short and small; return its size to queue, or -1.

    Parameters
    ----------
    queued
        Size of the smallest set that waits.
    """
    a.stamp[0] += 1
    a.inside[node], a.nodes[0] = a.stamp[0], node
    count = spread(net, a, k, least, 0, 1)
    state = _state(net, a, k, least, node, 0, count, 0)
    first = True
    while state == SHORT:
        size = entering(net, a, least, count)
        if size > queued and not (first and 4 * size <= 5 * queued):
            return int(size)
        first = False
        amount = charge(a, k, least, size)
        if amount < 0:
            return -1
        if amount > 0:
            _note(a, k, least, amount, count)
        before, count = count, _join(net, a, k, least, size, count)
        state = _state(net, a, k, least, node, before, count, a.stamp[1])
    return -1


@njit(cache=True, nogil=True)
def ascend(net: Net, a: Ascent, utility: Ints, node: Ints, least: Ints) -> None:
    """Charge sets around terminals, the smallest first, until none of them is short.

    Parameters
    ----------
    utility, node
        Of each terminal.
    least
        What a node has to ask for or to give at once to count for it; 0 if all count.
    """
    while True:  # a set that held another may still be short when the other is not
        size = 0
        for i in range(node.size):
            k, t = utility[i], node[i]
            a.stamp[0] += 1
            a.inside[t], a.nodes[0] = a.stamp[0], t
            count = spread(net, a, k, least[i], 0, 1)
            a.waits[k, t] = _state(net, a, k, least[i], t, 0, count, 0) != FULL
            if a.waits[k, t]:
                size = push(a.keys, a.heap, size, entering(net, a, least[i], count), i)
        if size == 0:
            return
        before = a.value.sum()
        while size > 0:
            i = a.heap[0]
            size = pop(a.keys, a.heap, size)
            queued = a.keys[0] if size > 0 else FORBIDDEN
            wide = _grow(net, a, utility[i], least[i], node[i], queued)
            if wide >= 0:
                size = push(a.keys, a.heap, size, wide, i)
            else:
                a.waits[utility[i], node[i]] = False
        if a.value.sum() == before:
            return


@njit(cache=True, nogil=True)
def release(net: Net, a: Ascent, k: int) -> None:
    """Give back the trench price that a utility holds and its charges do not need."""
    for edge in range(net.u.size):
        spare = min(a.given[k, edge], a.left[k, 2 * edge], a.left[k, 2 * edge + 1])
        if spare > 0:
            a.given[k, edge] -= spare
            a.trench[edge] += spare
            a.left[k, 2 * edge] -= spare
            a.left[k, 2 * edge + 1] -= spare
