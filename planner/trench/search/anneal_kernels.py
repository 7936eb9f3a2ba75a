"""Simulated annealing on starts: moves, exact differences of cost, counted violations.

A violation is a crew above its limit in a period, or a pair of works that breaks a detour. Its
price adapts, so that the walk keeps to the edge of what is allowed.

Everything is inlined into `walk`, which runs without numba's reference counts: counting the
references of the model's arrays at each call took nine tenths of the time.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from planner.trench.search.model import Floats, Ints, Model
from planner.trench.search.opening_kernels import group_yuan

MOST_MOVED = 8
"""Works that one move may shift together; a swap adds one."""

DRAWN, ALIGNED = 0.35, 0.45
"""Shares of moves that draw a start, and that line up with a neighbour; the rest shift blocks."""

WINDOW = 1_500
"""Works among which one walk chooses."""

TRIES_TO_SWAP = 25
TEMPERATURE_MOVES = 1_000
PRICE_MOVES = 20_000
"""Moves between changes of the temperature, and at most of the price of a violation."""

TOO_SELDOM, TOO_OFTEN = 0.05, 0.33
"""Shares of moves without violation between which the price stays as it is."""

COST, BEST, PRICE, VIOLATIONS, STAMP = 0, 1, 2, 3, 4
"""Places in the tally of a walk."""


class Walk(NamedTuple):
    """State and scratch of a walk.

    Parameters
    ----------
    x, best
        Starts now, and the best allowed ones seen.
    used, group
        Crews at work (crews, periods), and the price of each group.
    tally
        Cost, best cost (inf before any), price of a violation, violations, last stamp.
    at
        Label of each start now: its place in ``Model.starts``.
    free
        Works that have a choice, those that share segments near one another.
    odds
        For each work its starts' chances to be drawn, added up to 1.
    crew_ptr, crew_works
        Works of each crew.
    order, run_of
        Room for the members of the largest group.
    seen, stamps, dirty, priced
        Marks of works and of groups; groups to price again and their new prices.
    moved, to, old
        Works of one move, labels of where they go, and of where they were.
    """

    x: Ints
    best: Ints
    used: Ints
    group: Floats
    tally: Floats
    at: Ints
    free: Ints
    odds: Floats
    crew_ptr: Ints
    crew_works: Ints
    order: Ints
    run_of: Ints
    seen: Ints
    stamps: Ints
    dirty: Ints
    priced: Floats
    moved: Ints
    to: Ints
    old: Ints


@njit(cache=True, nogil=True, inline="always")
def _may_start(m: Model, w: int, t: int) -> int:
    """Return the label of a start of a work, -1 where it is not allowed."""
    low, high = m.start_ptr[w], m.start_ptr[w + 1]
    while low < high:
        middle = (low + high) >> 1
        if m.starts[middle] < t:
            low = middle + 1
        else:
            high = middle
    if low < m.start_ptr[w + 1] and m.starts[low] == t:
        return int(low)
    return -1


@njit(cache=True, nogil=True, inline="always")
def _any_start(m: Model, k: Walk, w: int) -> int:
    """Draw a start of a work and return its label."""
    label = m.start_ptr[w]
    last = m.start_ptr[w + 1] - 1
    drawn = np.random.random()
    while label < last and k.odds[label] < drawn:
        label += 1
    return int(label)


@njit(cache=True, nogil=True, inline="always")
def _broken(m: Model, w: int, x: Ints) -> int:
    """Count the detours that a work breaks."""
    count = 0
    for i in range(m.near_ptr[w], m.near_ptr[w + 1]):
        apart = x[m.near[i]] - x[w]
        if m.near_low[i] < apart < m.near_high[i]:
            count += 1
    return int(count)


@njit(cache=True, nogil=True, inline="always")
def _leave(m: Model, w: int, x: Ints, used: Ints) -> int:
    """Take a work's crew away; return the violations that go with it."""
    gone = _broken(m, w, x)
    crew = m.crew[w]
    if crew >= 0:
        for t in range(x[w], x[w] + m.span[w]):
            if used[crew, t] > m.cap[crew, t]:
                gone += 1
            used[crew, t] -= 1
    return int(gone)


@njit(cache=True, nogil=True, inline="always")
def _enter(m: Model, w: int, x: Ints, used: Ints) -> int:
    """Set a work's crew to work; return the violations that come with it."""
    crew = m.crew[w]
    come = 0
    if crew >= 0:
        for t in range(x[w], x[w] + m.span[w]):
            used[crew, t] += 1
            if used[crew, t] > m.cap[crew, t]:
                come += 1
    return int(come + _broken(m, w, x))


@njit(cache=True, nogil=True)
def begin(m: Model, k: Walk) -> tuple[float, int]:
    """Fill crew usage and group prices from the starts; return cost and violations."""
    k.used[:] = 0
    cost = m.base_yuan
    violations = 0
    pairs = 0
    for w in range(k.x.size):
        pairs += _broken(m, w, k.x)
        violations += _enter(m, w, k.x, k.used) - _broken(m, w, k.x)
        k.at[w] = _may_start(m, w, k.x[w])
        cost += m.start_yuan[k.at[w]]
    for g in range(k.group.size):
        k.group[g] = group_yuan(m, g, k.x, k.order, k.run_of)
        cost += k.group[g]
    return cost, violations + pairs // 2


@njit(cache=True, nogil=True, inline="always")
def _aligned_start(m: Model, k: Walk, w: int) -> int:
    """Return the label of a start that lines up with a work on a shared segment, or -1."""
    uses = m.use_ptr[w + 1] - m.use_ptr[w]
    if uses == 0:
        return -1
    g = m.use[m.use_ptr[w] + np.random.randint(uses)]
    low, high = m.group_ptr[g], m.group_ptr[g + 1]
    other = np.random.randint(low, high)
    if m.member[other] == w:
        return -1
    mine = low
    while m.member[mine] != w:
        mine += 1
    first = k.x[m.member[other]] + m.lag[other]
    way = np.random.randint(4)
    if way == 1:
        first += m.duration[other] - m.duration[mine]
    elif way == 2:
        first -= m.duration[mine]
    elif way == 3:
        first += m.duration[other]
    return int(_may_start(m, w, first - m.lag[mine]))


@njit(cache=True, nogil=True, inline="always")
def _block(m: Model, k: Walk, shift: int, stamp: int) -> int:
    """Add works that touch the first one in time on shared segments and can shift like it."""
    k.seen[k.moved[0]] = stamp
    count = 1
    most = 2 + np.random.randint(MOST_MOVED - 2)
    chance = 0.5 + 0.5 * np.random.random()
    place = 0
    while place < count:
        a = k.moved[place]
        place += 1
        for u in range(m.use_ptr[a], m.use_ptr[a + 1]):
            g = m.use[u]
            for i in range(m.group_ptr[g], m.group_ptr[g + 1]):
                b = m.member[i]
                if k.seen[b] == stamp or count >= most:
                    continue
                if k.x[b] <= k.x[a] + m.span[a] and k.x[a] <= k.x[b] + m.span[b]:
                    k.seen[b] = stamp
                    label = _may_start(m, b, k.x[b] + shift)
                    if label >= 0 and np.random.random() < chance:
                        k.moved[count], k.to[count] = b, label
                        count += 1
    return count


@njit(cache=True, nogil=True, inline="always")
def _propose(m: Model, k: Walk, w: int, stamp: int) -> int:
    """Choose works to move and where to; return how many, 0 for no move."""
    kind = np.random.random()
    k.moved[0] = w
    if DRAWN <= kind < DRAWN + ALIGNED:
        k.to[0] = _aligned_start(m, k, w)
    else:
        k.to[0] = _any_start(m, k, w)
    if k.to[0] < 0 or k.to[0] == k.at[w]:
        return 0
    if kind < DRAWN + ALIGNED:
        return 1
    return int(_block(m, k, m.starts[k.to[0]] - k.x[w], stamp))


@njit(cache=True, nogil=True, inline="always")
def _find_partner(m: Model, k: Walk, w: int) -> bool:
    """Choose as second work one of the same crew in the way of the first, and where it goes."""
    crew = m.crew[w]
    size = k.crew_ptr[crew + 1] - k.crew_ptr[crew]
    for _ in range(TRIES_TO_SWAP):
        u = k.crew_works[k.crew_ptr[crew] + np.random.randint(size)]
        if u == w or k.x[u] >= k.x[w] + m.span[w] or k.x[w] >= k.x[u] + m.span[u]:
            continue
        left = m.starts[k.old[0]]
        if np.random.random() < 0.4:
            label = _any_start(m, k, u)
        elif np.random.random() < 0.5:
            label = _may_start(m, u, left + m.span[w] - m.span[u])
        else:
            label = _may_start(m, u, left)
        if label >= 0 and label != k.at[u]:
            k.moved[1], k.to[1] = u, label
            return True
    return False


@njit(cache=True, nogil=True, inline="always")
def _apply(m: Model, k: Walk, i: int) -> tuple[int, float]:
    """Move one work; return what that adds to the violations and to the price of starts."""
    u, label = k.moved[i], k.to[i]
    k.old[i] = k.at[u]
    yuan = m.start_yuan[label] - m.start_yuan[k.at[u]]
    violations = -_leave(m, u, k.x, k.used)
    k.at[u] = label
    k.x[u] = m.starts[label]
    return violations + _enter(m, u, k.x, k.used), yuan


@njit(cache=True, nogil=True, inline="always")
def _price_again(m: Model, k: Walk, count: int, stamp: int) -> tuple[int, float]:
    """Price the groups of moved works; return how many, and what that adds to the cost."""
    size = 0
    delta = 0.0
    for i in range(count):
        w = k.moved[i]
        for u in range(m.use_ptr[w], m.use_ptr[w + 1]):
            g = m.use[u]
            if k.stamps[g] != stamp:
                k.stamps[g] = stamp
                k.dirty[size] = g
                k.priced[size] = group_yuan(m, g, k.x, k.order, k.run_of)
                delta += k.priced[size] - k.group[g]
                size += 1
    return size, delta


@njit(cache=True, nogil=True, inline="always")
def _undo(m: Model, k: Walk, count: int) -> None:
    for i in range(count - 1, -1, -1):
        u = k.moved[i]
        _leave(m, u, k.x, k.used)
        k.at[u] = k.old[i]
        k.x[u] = m.starts[k.at[u]]
        _enter(m, u, k.x, k.used)


@njit(cache=True, nogil=True, inline="always")
def _keep(k: Walk, size: int, violations: int) -> None:
    """Write the new prices of groups down, and the plan where it is the best allowed one."""
    for i in range(size):
        k.group[k.dirty[i]] = k.priced[i]
    if violations == 0 and k.tally[COST] < k.tally[BEST] - 1e-6:
        k.tally[BEST] = k.tally[COST]
        for w in range(k.x.size):
            k.best[w] = k.x[w]


@njit(cache=True, nogil=True, inline="always")
def _adapted(price: float, allowed: float, least: float, most: float) -> float:
    """Return the price of a violation after a share of moves without one."""
    if allowed < TOO_SELDOM:
        price *= 1.1
    elif allowed > TOO_OFTEN:
        price *= 0.92
    return min(most, max(least, price))


@njit(cache=True, nogil=True, _nrt=False)
def walk(m: Model, k: Walk, moves: int, hot: float, cold: float, seed: int) -> None:
    """Walk so many moves while the temperature falls from `hot` to `cold`, both in yuan.

    Where there are many works, a walk moves those of one neighbourhood, which fits the caches.
    """
    np.random.seed(seed)
    price = k.tally[PRICE]
    least, most = price / 16, price * 16
    violations = np.int64(k.tally[VIOLATIONS])
    stamp = np.int64(k.tally[STAMP])
    cooling = (cold / hot) ** (TEMPERATURE_MOVES / max(moves, TEMPERATURE_MOVES))
    allowed, every = 0, min(moves, PRICE_MOVES)
    first = np.random.randint(k.free.size)
    window = min(k.free.size, WINDOW)
    for step in range(1, moves + 1):
        allowed += violations == 0
        if step % TEMPERATURE_MOVES == 0:
            hot *= cooling
        if step % every == 0:
            price = _adapted(price, allowed / every, least, most)
            allowed = 0
        stamp += 1
        w = k.free[(first + np.random.randint(window)) % k.free.size]
        count = _propose(m, k, w, stamp)
        if count == 0:
            continue
        before = violations
        delta = 0.0
        for i in range(count):
            more, yuan = _apply(m, k, i)
            violations, delta = violations + more, delta + yuan
        crowded = count == 1 and violations > before and m.crew[w] >= 0
        if crowded and np.random.random() < 0.5 and _find_partner(m, k, w):
            more, yuan = _apply(m, k, 1)
            violations, delta, count = violations + more, delta + yuan, 2
        size, yuan = _price_again(m, k, count, stamp)
        delta += yuan
        felt = delta + price * (violations - before)
        if felt <= 0.0 or np.random.random() < np.exp(-felt / hot):
            k.tally[COST] += delta
            _keep(k, size, violations)
        else:
            _undo(m, k, count)
            violations = before
    k.tally[PRICE], k.tally[VIOLATIONS], k.tally[STAMP] = price, violations, stamp
