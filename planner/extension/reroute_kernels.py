"""Routes taken out and laid anew: the moves of the annealing, with the plan's exact cost.

A slot is one supply of a demand: its route leads from its parcel to one tie-in. What a commodity
uses on an edge is counted, so that a line is paid by the first route on it and a trench by the
first commodity.
"""

from __future__ import annotations

from math import exp
from typing import NamedTuple

from numba import njit

from geo.heap_kernels import pop, push
from planner.extension.arrays import Bools, Floats, Ints
from planner.extension.joint.chance import Seeds, below, share
from planner.extension.joint.kernel import kernel

FORBIDDEN = 1 << 52
"""Price, in thousandths of a yuan, of a line where a commodity may not go."""

COST, BEST, STAMP = 0, 1, 2
"""Places in the tally: cost now, least cost seen, last mark of a search."""

MOST_PARCELS = 6
"""Parcels whose lines one move may lay anew."""

CLAIMED = 0.2
"""Share of moves that claim a tie-in; the others lay the lines of neighbours anew."""


class Ground(NamedTuple):
    """The graph, its prices and who wants what; never changed.

    Parameters
    ----------
    pointers, neighbours, edges, tail
        The graph row by row: to which node each place leads, over which edge, and from where.
    passable
        Whether a way may lead through a node, (n,).
    trench
        In thousandths of a yuan, (m,).
    line
        In thousandths of a yuan, `FORBIDDEN` where a commodity may not go, (k, m).
    tie_node
        Node of the first tie-in; the others follow.
    demand
        Of each slot; two slots in a row where a demand has a second supply, (s,).
    second
        Whether a slot is a second supply, (s,).
    commodity, quantity, node
        Of each demand, (d,).
    admits
        Whether a tie-in is of a demand's class, (d, t).
    capacity
        What tie-ins have before anything is laid, (t,).
    parcel_ptr, parcel_slots
        Slots of each parcel: first supplies only, parcel_ptr has (p + 1,).
    near
        For each parcel itself and the parcels nearest to it, (p, q).
    """

    pointers: Ints
    neighbours: Ints
    edges: Ints
    tail: Ints
    passable: Bools
    trench: Ints
    line: Ints
    tie_node: int
    demand: Ints
    second: Bools
    commodity: Ints
    quantity: Floats
    node: Ints
    admits: Bools
    capacity: Floats
    parcel_ptr: Ints
    parcel_slots: Ints
    near: Ints


class State(NamedTuple):
    """A plan that is being changed, the best one seen, and scratch.

    Parameters
    ----------
    way, length, tie
        Edges of each slot's route from its tie-in on, how many, and the tie-in, -1 for no route.
    best_way, best_length, best_tie, stale
        The best plan seen, and the slots in which it differs from the present one.
    old_way, old_length, old_tie, chosen
        Slots of the present move and their routes before it.
    uses, diggers
        Routes of each commodity on each edge, and commodities on it, (k, m) and (m,).
    left
        What tie-ins have left, (t,).
    dist, by, when
        Of a search, at nodes: cost, place in the rows by which each was reached, mark.
    banned
        Mark of the search that may not use an edge, (m,).
    keys, heap
        Of a search.
    tally
        See `COST`.
    random
        State of the generator.
    """

    way: Ints
    length: Ints
    tie: Ints
    best_way: Ints
    best_length: Ints
    best_tie: Ints
    stale: Bools
    old_way: Ints
    old_length: Ints
    old_tie: Ints
    chosen: Ints
    uses: Ints
    diggers: Ints
    left: Floats
    dist: Ints
    by: Ints
    when: Ints
    banned: Ints
    keys: Ints
    heap: Ints
    tally: Ints
    random: Seeds


@kernel
def lay(g: Ground, s: State, slot: int) -> None:
    """Count a slot's route in: its line, its trenches, its tie-in."""
    k = g.commodity[g.demand[slot]]
    for i in range(s.length[slot]):
        edge = s.way[slot, i]
        if s.uses[k, edge] == 0:
            s.tally[COST] += g.line[k, edge] + (g.trench[edge] if s.diggers[edge] == 0 else 0)
            s.diggers[edge] += 1
        s.uses[k, edge] += 1
    s.left[s.tie[slot]] -= g.quantity[g.demand[slot]]
    s.stale[slot] = True


@kernel
def lift(g: Ground, s: State, slot: int) -> None:
    """Count a slot's route out, if it has one."""
    if s.tie[slot] < 0:
        return
    k = g.commodity[g.demand[slot]]
    for i in range(s.length[slot]):
        edge = s.way[slot, i]
        s.uses[k, edge] -= 1
        if s.uses[k, edge] == 0:
            s.diggers[edge] -= 1
            s.tally[COST] -= g.line[k, edge] + (g.trench[edge] if s.diggers[edge] == 0 else 0)
    s.left[s.tie[slot]] += g.quantity[g.demand[slot]]
    s.tie[slot] = -1
    s.stale[slot] = True


@njit(cache=True, nogil=True, inline="always")
def _weight(g: Ground, s: State, k: int, edge: int, part: float) -> int:
    """Return what an edge weighs, at least 1, so that of free ways the shortest is taken."""
    if s.uses[k, edge] > 0:
        return 1
    closed = g.trench[edge] * part if s.diggers[edge] == 0 else 0.0
    return int(g.line[k, edge] + closed) + 1


@kernel
def _begin(g: Ground, s: State, slot: int) -> int:
    """Put the parcel of a slot on the heap and ban the edges of a first supply; return its size."""
    s.tally[STAMP] += 1
    stamp, start = s.tally[STAMP], g.node[g.demand[slot]]
    if g.second[slot]:
        for i in range(s.length[slot - 1]):
            s.banned[s.way[slot - 1, i]] = stamp
    s.dist[start], s.when[start], s.by[start] = 0, stamp, -1
    return int(push(s.keys, s.heap, 0, 0, start))


@njit(cache=True, nogil=True, inline="always")
def _serves(g: Ground, s: State, slot: int, tie: int, claiming: bool) -> bool:
    """Return whether a tie-in can supply a slot; who claims does not ask what it has left."""
    demand = g.demand[slot]
    has = g.capacity[tie] if claiming else s.left[tie]
    own = not g.second[slot] or tie != s.tie[slot - 1]
    return bool(own and g.admits[demand, tie] and has >= g.quantity[demand])


@kernel
def _search(g: Ground, s: State, slot: int, part: float, claiming: bool) -> int:
    """Return the tie-in reached most cheaply by a slot's demand, -1 if none; `by` holds the way."""
    k, start = g.commodity[g.demand[slot]], g.node[g.demand[slot]]
    size = _begin(g, s, slot)
    stamp = s.tally[STAMP]
    while size > 0:
        reached, node = s.keys[0], s.heap[0]
        size = pop(s.keys, s.heap, size)
        if reached > s.dist[node]:
            continue
        tie = node - g.tie_node
        if 0 <= tie < s.left.size and _serves(g, s, slot, tie, claiming):
            return int(tie)
        if node != start and not g.passable[node]:
            continue
        for place in range(g.pointers[node], g.pointers[node + 1]):
            edge, to = g.edges[place], g.neighbours[place]
            if g.line[k, edge] >= FORBIDDEN or s.banned[edge] == stamp:
                continue
            onward = reached + _weight(g, s, k, edge, part)
            if s.when[to] != stamp or onward < s.dist[to]:
                s.dist[to], s.when[to], s.by[to] = onward, stamp, place
                size = push(s.keys, s.heap, size, onward, to)
    return -1


@kernel
def _insert(g: Ground, s: State, slot: int, part: float, claiming: bool) -> bool:
    """Lay a slot's route most cheaply, given all others; return whether there is one.

    Parameters
    ----------
    part
        Share of a closed trench's price that counts.
    claiming
        Whether the tie-in may be overdrawn.
    """
    tie = _search(g, s, slot, part, claiming)
    if tie < 0:
        return False
    node, count = g.tie_node + tie, 0
    while s.by[node] >= 0:
        if count == s.way.shape[1]:
            return False
        s.way[slot, count] = g.edges[s.by[node]]
        node = g.tail[s.by[node]]
        count += 1
    s.length[slot], s.tie[slot] = count, tie
    lay(g, s, slot)
    return True


@kernel
def _take(g: Ground, s: State, slot: int, count: int) -> int:
    """Take a slot's route out, and with it its second supply; return how many are out by now."""
    for one in (slot, slot + 1):
        there = one == slot or (one < g.demand.size and g.second[one])
        if there and s.tie[one] >= 0 and count < s.chosen.size:
            s.chosen[count] = one
            s.old_length[count], s.old_tie[count] = s.length[one], s.tie[one]
            for i in range(s.length[one]):
                s.old_way[count, i] = s.way[one, i]
            lift(g, s, one)
            count += 1
    return count


@kernel
def _take_neighbours(g: Ground, s: State) -> int:
    """Take out routes of one parcel or several near one another, of one or all commodities."""
    first = below(s.random, g.near.shape[0])
    most = 1 + int(MOST_PARCELS * share(s.random) ** 2)
    slots = g.parcel_ptr[first + 1] - g.parcel_ptr[first]
    own = g.parcel_slots[g.parcel_ptr[first] + below(s.random, slots)]
    k = g.commodity[g.demand[own]] if below(s.random, 2) else -1
    count = 0
    for i in range(min(most, g.near.shape[1])):
        parcel = g.near[first, i]
        for j in range(g.parcel_ptr[parcel], g.parcel_ptr[parcel + 1]):
            slot = g.parcel_slots[j]
            if k < 0 or g.commodity[g.demand[slot]] == k:
                count = _take(g, s, slot, count)
    return count


@kernel
def _claim(g: Ground, s: State, part: float) -> int:
    """Lay one route to its best tie-in and take out others there until it suffices.

    Returns
    -------
    int
        How many routes are out or were laid anew; 0 if there was no way.
    """
    parcel = below(s.random, g.near.shape[0])
    slots = g.parcel_ptr[parcel + 1] - g.parcel_ptr[parcel]
    slot = g.parcel_slots[g.parcel_ptr[parcel] + below(s.random, slots)]
    count = _take(g, s, slot, 0)
    if not _insert(g, s, slot, part, True):
        return int(count)
    tie, begin = s.tie[slot], below(s.random, s.tie.size)
    for i in range(s.tie.size):
        other = (begin + i) % s.tie.size
        if s.left[tie] >= 0:
            break
        if other != slot and s.tie[other] == tie:
            count = _take(g, s, other, count)
    return int(count)


@kernel
def _move(g: Ground, s: State) -> tuple[int, bool]:
    """Lay some routes anew; return how many were touched and whether all have one again."""
    part = 1.0 if share(s.random) < 0.4 else 0.2 + 0.8 * share(s.random)
    count = _claim(g, s, part) if share(s.random) < CLAIMED else _take_neighbours(g, s)
    for i in range(count):
        if s.tie[s.chosen[i]] < 0 and not _insert(g, s, s.chosen[i], part, False):
            return count, False
    if part < 1.0:
        for i in range(count):
            slot = s.chosen[i]
            alone = not g.second[slot] and not (slot + 1 < g.demand.size and g.second[slot + 1])
            if alone:
                lift(g, s, slot)
                if not _insert(g, s, slot, 1.0, False):
                    return count, False
    return count, True


@kernel
def _put_back(g: Ground, s: State, count: int) -> None:
    """Restore the routes of a move."""
    for i in range(count):
        lift(g, s, s.chosen[i])
    for i in range(count):
        slot = s.chosen[i]
        s.length[slot], s.tie[slot] = s.old_length[i], s.old_tie[i]
        for j in range(s.old_length[i]):
            s.way[slot, j] = s.old_way[i, j]
        lay(g, s, slot)


@kernel
def keep(s: State) -> None:
    """Remember the present plan as the best."""
    s.tally[BEST] = s.tally[COST]
    for slot in range(s.tie.size):
        if s.stale[slot]:
            s.best_length[slot], s.best_tie[slot] = s.length[slot], s.tie[slot]
            for i in range(s.length[slot]):
                s.best_way[slot, i] = s.way[slot, i]
            s.stale[slot] = False


@kernel
def anneal(g: Ground, s: State, moves: int, hot: float, cold: float) -> None:
    """Make moves from one temperature down to another, and keep the cheapest plan seen.

    Parameters
    ----------
    hot, cold
        Temperatures in thousandths of a yuan.
    """
    for number in range(moves):
        heat = hot * (cold / hot) ** (number / moves)
        before = s.tally[COST]
        count, done = _move(g, s)
        dearer = s.tally[COST] - before
        if not done or (dearer > 0 and share(s.random) >= exp(-dearer / heat)):
            _put_back(g, s, count)
        elif s.tally[COST] < s.tally[BEST]:
            keep(s)
