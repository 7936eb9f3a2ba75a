"""Decision diagrams over time: every choice of starts of a cluster's works as a path.

A layer is one start (time, work) and decides whether the work starts there. A state is what the
price of later starts depends on: which works have started, for each item (a group of segments, or
a pair kept apart by a detour) how long it stays open, and who is in the opening where that has a
price. States that price the future alike are one node.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from planner.trench.search.model import Ints

PLAIN, APART, FILLED = 0, 1, 2
"""Kinds of items: openings priced as they are; a pair kept apart; gaps that others may fill."""

NEVER = 1 << 40
SLOT_BITS, SLOT_MASK = 8, 255

Bits = NDArray[np.uint64]
State = tuple[np.uint64, np.uint64, np.uint64]
"""Works that have started, a slot for each item, works in the opening, as bits."""


class Items(NamedTuple):
    """What a cluster prices.

    Parameters
    ----------
    kind
        `PLAIN`, `APART` or `FILLED`.
    members
        Works as bits.
    duration
        Periods of each work's task, shape (items, works).
    setup, period
        Prices of an opening and of an open period, thousandths of a yuan.
    gap
        Periods after which filling a gap costs no less than a new opening; 0 but for `FILLED`.
    filling
        Price of each gap from 0 to that, shape (items, longest gap + 1).
    """

    kind: Ints
    members: Bits
    duration: Ints
    setup: Ints
    period: Ints
    gap: Ints
    filling: Ints


class Packed(NamedTuple):
    """Packs of a cluster's only group: works by their number in the cluster, thousandths.

    `mates` holds for each work the bits of those it shares a pack with; empty without packs.
    """

    ptr: Ints
    entry: Ints
    price_ptr: Ints
    price: Ints
    mates: Bits


@njit(cache=True, inline="always")
def _slot(slots: np.uint64, item: int) -> int:
    return int((slots >> np.uint64(SLOT_BITS * item)) & np.uint64(SLOT_MASK))


@njit(cache=True, inline="always")
def _with_slot(slots: np.uint64, item: int, value: int) -> np.uint64:
    shift = np.uint64(SLOT_BITS * item)
    return (slots & ~(np.uint64(SLOT_MASK) << shift)) | (np.uint64(value) << shift)


@njit(cache=True, inline="always")
def _has(bits: np.uint64, i: int) -> bool:
    return bool((bits >> np.uint64(i)) & np.uint64(1) != np.uint64(0))


@njit(cache=True, inline="always")
def _paid(items: Items, item: int, i: int, value: int) -> tuple[int, int]:
    """Return what a start of work i pays on an item, and the item's new value.

    A value is 0 where nothing was open or nothing of it matters, else 1 more than the periods
    that the item stays open, and `Items.gap` more.
    """
    d = items.duration[item, i]
    gap = items.gap[item]
    if items.kind[item] == APART:
        return 0, d + 1
    if value == 0:
        return items.setup[item] + items.period[item] * d, d + gap + 1
    left = value - gap - 1
    if left >= 0:
        longest = max(left, d)
        return items.period[item] * (longest - left), longest + gap + 1
    return items.filling[item, -left] + items.period[item] * d, d + gap + 1


@njit(cache=True, inline="always")
def _later(items: Items, item: int, value: int, passed: int, wait: int) -> int:
    """Return an item's value after `passed` periods, when its next work can start in `wait` more.

    Values that price every later start alike become one.
    """
    if value == 0 or wait >= NEVER:
        return 0
    gap = items.gap[item]
    left = value - gap - 1 - passed
    if items.kind[item] == APART:
        return left + 1 if left - wait > 0 else 0
    if items.kind[item] == PLAIN:
        return left + 1 if left - wait >= 0 else 0
    return 1 if left - wait < -gap else left + gap + 1


@njit(cache=True)
def _joined(packs: Packed, inside: np.uint64, i: int) -> int:
    """Return what work i adds to the trench of an opening that `inside` are in."""
    added = 0
    for p in range(packs.ptr.size - 1):
        before = 0
        own = -1
        for e in range(packs.ptr[p], packs.ptr[p + 1]):
            if packs.entry[e] == i:
                own = e - packs.ptr[p]
            elif _has(inside, packs.entry[e]):
                before |= 1 << (e - packs.ptr[p])
        if own >= 0:
            base = packs.price_ptr[p]
            added += packs.price[base + (before | 1 << own)] - packs.price[base + before]
    return added


@njit(cache=True)
def _started(items: Items, packs: Packed, state: State, i: int) -> tuple[bool, int, State]:
    """Return whether work i may start in a state, what it pays, and the state after."""
    started, slots, inside = state
    cost = 0
    for item in range(items.kind.size):
        if not _has(items.members[item], i):
            continue
        value = _slot(slots, item)
        if items.kind[item] == APART and value > 1:
            return False, 0, state
        if packs.mates.size:
            if value == 0:
                inside = np.uint64(0)
            cost += _joined(packs, inside, i)
            inside |= np.uint64(1) << np.uint64(i)
        paid, value = _paid(items, item, i, value)
        cost += paid
        slots = _with_slot(slots, item, value)
    return True, cost, (started | np.uint64(1) << np.uint64(i), slots, inside)


@njit(cache=True)
def _settled(
    items: Items, packs: Packed, state: State, next_start: Ints, now: int, passed: int
) -> State:
    """Return the canonical state at a time, `passed` periods after a state.

    `next_start` is the next start of each work from `now` on.
    """
    started, slots, inside = state
    one = np.uint64(1)
    waiting = np.uint64(0)
    for i in range(next_start.size):
        if next_start[i] >= NEVER:
            started &= ~(one << np.uint64(i))
        elif not _has(started, i):
            waiting |= one << np.uint64(i)
    for item in range(items.kind.size):
        value = _slot(slots, item)
        if value == 0:
            continue
        soonest = NEVER
        for i in range(next_start.size):
            if _has(items.members[item] & waiting, i):
                soonest = min(soonest, next_start[i])
        wait = soonest - now if soonest < NEVER else NEVER
        slots = _with_slot(slots, item, _later(items, item, value, passed, wait))
    for i in range(packs.mates.size):
        if slots == np.uint64(0) or not packs.mates[i] & waiting:
            inside &= ~(one << np.uint64(i))
    return started, slots, inside


@njit(cache=True, inline="always")
def _place(table: Ints, found: Bits, state: State) -> int:
    """Return where a state stands in an open hash table, or the free place for it."""
    mixed = state[0] * np.uint64(0x9E3779B97F4A7C15) ^ state[1]
    mixed = mixed * np.uint64(0xC2B2AE3D27D4EB4F) ^ state[2]
    mixed = mixed * np.uint64(0x9E3779B97F4A7C15)
    place = np.int64(mixed >> np.uint64(24)) & (table.size - 1)
    while table[place] >= 0:
        known = table[place]
        same = found[known, 0] == state[0] and found[known, 1] == state[1]
        if same and found[known, 2] == state[2]:
            break
        place = (place + 1) & (table.size - 1)
    return int(place)


@njit(cache=True, inline="always")
def _emptied(table: Ints, states: int) -> Ints:
    """Return an empty table with room for so many states' children."""
    size = table.size
    while size < 4 * states + 16:
        size *= 2
    if size > table.size:
        return np.full(size, -1, np.int64)
    table[:] = -1
    return table


@njit(cache=True)
def grow(
    times: Ints, who: Ints, next_start: Ints, items: Items, packs: Packed, most: int
) -> tuple[NDArray[np.int32], NDArray[np.int32], Ints, Ints]:
    """Build the diagram of a cluster.

    Parameters
    ----------
    times, who
        Time and work of each layer, by time and then work; works are 0..k-1, k <= 64.
    next_start
        Time of the next start of each work at or after each layer, shape (layers + 1, k).
    items
        At most eight, or one with packs.
    packs
        Prices of sets; only where there is one item.
    most
        Nodes allowed.

    Returns
    -------
    low, high
        Child of each node if the work does not start, and if it does; -1 where it must not.
    pay
        What the start costs, in thousandths of a yuan.
    layer_ptr
        Nodes of each layer; the last node is the end. Empty arrays where `most` is exceeded.
    """
    layers = times.size
    low = np.full(most + 1, -1, np.int32)
    high = np.full(most + 1, -1, np.int32)
    pay = np.zeros(most + 1, np.int64)
    layer_ptr = np.zeros(layers + 2, np.int64)
    layer_ptr[1] = 1
    states = np.zeros((1, 3), np.uint64)
    table = np.full(4096, -1, np.int64)
    for layer in range(layers):
        table = _emptied(table, states.shape[0])
        found = np.empty((2 * states.shape[0], 3), np.uint64)
        made = 0
        i = who[layer]
        after = times[layer + 1] if layer + 1 < layers else times[layer]
        must = next_start[layer + 1, i] >= NEVER
        for s in range(states.shape[0]):
            node = layer_ptr[layer] + s
            here = (states[s, 0], states[s, 1], states[s, 2])
            has = _has(here[0], i)
            for branch in range(2):
                may, cost, then = has or not must, 0, here
                if branch == 1:
                    may, cost, then = _started(items, packs, here, i)
                    may = may and not has
                if not may:
                    continue
                then = _settled(
                    items, packs, then, next_start[layer + 1], after, after - times[layer]
                )
                place = _place(table, found, then)
                if table[place] < 0:
                    if layer_ptr[layer + 1] + made >= most:
                        return low[:0], high[:0], pay[:0], layer_ptr[:0]
                    table[place] = made
                    found[made, 0], found[made, 1], found[made, 2] = then
                    made += 1
                child = layer_ptr[layer + 1] + table[place]
                if branch == 0:
                    low[node] = child
                else:
                    high[node], pay[node] = child, cost
        states = found[:made].copy()
        layer_ptr[layer + 2] = layer_ptr[layer + 1] + made
    nodes = max(layer_ptr[layers + 1], layer_ptr[layers] + 1)  # without a path: an end all the same
    layer_ptr[layers + 1] = nodes
    return low[:nodes].copy(), high[:nodes].copy(), pay[:nodes].copy(), layer_ptr
