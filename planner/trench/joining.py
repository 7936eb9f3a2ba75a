"""Whether the works of two openings can become one opening, and what that would cost."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from planner.trench.domains import Periods
from planner.trench.greedy import cheapest
from planner.trench.plan import Opening
from planner.trench.schedule import Schedule

LEAST_GAIN_YUAN = 1e-6
"""Smaller differences of cost are rounding."""


@dataclass(frozen=True, slots=True)
class Joining:
    """A way to make one opening of two: the new starts, and what they add to the cost."""

    starts: Mapping[int, int]
    added_yuan: float


def chain(
    domains: Sequence[Periods], durations: Sequence[int], periods: int
) -> tuple[int, ...] | None:
    """Choose a start for each interval so that together they cover one run without a hole.

    Parameters
    ----------
    domains
        Allowed starts of each interval, ascending, all in 0 .. periods - 1.
    durations
        Length of each interval, at least 1.
    periods
        Horizon.

    Returns
    -------
    tuple of int or None
        One start for each interval, or None where no choice exists. Exact, by dynamic
        programming over the sets of intervals already placed: for each first period of the run
        the furthest end that a set can reach. Time and memory grow as ``2 ** len(domains)``.

    Examples
    --------
    >>> import numpy as np
    >>> chain([np.array([0, 1]), np.array([4, 5])], [3, 2], periods=10)
    (1, 4)
    >>> chain([np.array([0]), np.array([4, 5])], [3, 2], periods=10) is None
    True
    """
    if not all(domain.size for domain in domains):
        return None
    runs_from = _first_periods(domains, durations)
    if not runs_from.size:
        return None
    latest = np.full((len(domains), periods + 1), -1, dtype=np.int64)
    for row, domain in zip(latest, domains, strict=True):
        row[domain] = domain
    latest = np.maximum.accumulate(latest, axis=1)
    whole = 1 << len(domains)
    reach = np.full((whole, runs_from.size), -1, dtype=np.int64)
    reach[0] = runs_from
    last = np.full((whole, runs_from.size), -1, dtype=np.int64)
    for placed in range(whole):
        here = reach[placed]
        if here.max() < 0:
            continue
        start = latest[:, np.clip(here, 0, periods)]
        may = (here >= 0) & (start >= runs_from)
        for item in range(len(domains)):
            after = placed | 1 << item
            if after == placed:
                continue
            end = np.maximum(here, start[item] + durations[item])
            better = may[item] & (end > reach[after])
            reach[after, better] = end[better]
            last[after, better] = item
    found = np.flatnonzero(reach[-1] >= 0)
    if not found.size:
        return None
    return _walk_back(latest, reach, last, int(found[0]))


def _first_periods(domains: Sequence[Periods], durations: Sequence[int]) -> Periods:
    """Return the periods in which a run of all intervals could begin, ascending.

    It begins with one of them, no later than any of them can, and not so early that the others
    end before the last can begin.
    """
    latest = min(int(domain[-1]) for domain in domains)
    earliest = max(int(domain[0]) for domain in domains) - sum(durations)
    begins: Periods = np.unique(np.concatenate(list(domains)))
    return begins[(begins >= earliest) & (begins <= latest)]


def _walk_back(latest: Periods, reach: Periods, last: Periods, column: int) -> tuple[int, ...]:
    placed = reach.shape[0] - 1
    chosen = [0] * latest.shape[0]
    while placed:
        item = int(last[placed, column])
        placed &= ~(1 << item)
        chosen[item] = int(latest[item, min(int(reach[placed, column]), latest.shape[1] - 1)])
    return tuple(chosen)


def _towards(schedule: Schedule, segment: int, anchor: int, work: int) -> Periods:
    """Return the allowed starts at which a work touches the opening that `anchor` is in."""
    run = next(run for run in schedule.openings(segment) if anchor in run.works)
    task = schedule.problem.works[work].task_on(segment)
    candidates = schedule.allowed(work)
    first = candidates + task.lag
    return candidates[(first <= run.end) & (first + task.duration >= run.first)]


def _gather(schedule: Schedule, stays: Opening, moves: tuple[int, ...]) -> Joining | None:
    """Insert works that are out, one after another, each at its cheapest touch of an opening."""
    waiting, added, starts = list(moves), 0.0, {}
    while waiting:
        for work in waiting:
            candidates = _towards(schedule, stays.segment, stays.works[0], work)
            if candidates.size:
                break
        else:
            return None
        prices = schedule.added_yuan(work, candidates)
        start = cheapest(schedule, work, candidates, prices)
        added += float(prices[candidates == start][0])
        schedule.add(work, start)
        starts[work] = start
        waiting.remove(work)
    return Joining(starts, added)


def _follow(schedule: Schedule, starts: Mapping[int, int]) -> Joining | None:
    """Insert works that are out at given starts, where crews and detours allow all of them."""
    added = 0.0
    for work, start in starts.items():
        if start not in schedule.allowed(work):
            return None
        added += float(schedule.added_yuan(work, np.array([start], dtype=np.int64))[0])
        schedule.add(work, start)
    return Joining(starts, added)


def join(schedule: Schedule, one: Opening, other: Opening) -> Joining | None:
    """Return the cheapest way found to make one opening of two; the schedule is left as it is.

    Every other work stays where it is. The later works come to the earlier ones, or the earlier
    to the later; where neither can, all of them move to a chain of touching starts.
    """
    works = (*one.works, *other.works)
    small = len(works) <= schedule.problem.settings.count("trench.chain_most_works")
    if small and chained(schedule, one.segment, works, schedule.domains.__getitem__) is None:
        return None
    moves = (_move(schedule, one, other), _move(schedule, other, one))
    found = [way for way in moves if way]
    if small and not found:
        found = [way for way in (_relay(schedule, one.segment, works),) if way]
    return min(found, key=lambda way: way.added_yuan, default=None)


def movable(schedule: Schedule, works: tuple[int, ...]) -> tuple[int, ...]:
    """Return the works that are not approved; approved ones stay in place, crews and all."""
    return tuple(work for work in works if not schedule.problem.works[work].fixed)


def chained(
    schedule: Schedule, segment: int, works: tuple[int, ...], domain: Callable[[int], Periods]
) -> dict[int, int] | None:
    """Return a start for each work with which they make one opening, or None."""
    tasks = [schedule.problem.works[work].task_on(segment) for work in works]
    here = [domain(work) + task.lag for work, task in zip(works, tasks, strict=True)]
    chosen = chain(here, [task.duration for task in tasks], schedule.problem.periods)
    if chosen is None:
        return None
    both = zip(works, tasks, chosen, strict=True)
    return {work: begin - task.lag for work, task, begin in both}


def _move(schedule: Schedule, stays: Opening, comes: Opening) -> Joining | None:
    if any(schedule.problem.works[work].fixed for work in comes.works):
        return None
    before = schedule.cost_yuan_around(comes.works)
    with schedule.trial(comes.works):
        saved = before - schedule.cost_yuan_around(comes.works)
        way = _gather(schedule, stays, comes.works)
    return way and Joining(way.starts, way.added_yuan - saved)


def _relay(schedule: Schedule, segment: int, works: tuple[int, ...]) -> Joining | None:
    moves = movable(schedule, works)
    before = schedule.cost_yuan_around(moves)
    with schedule.trial(moves):
        saved = before - schedule.cost_yuan_around(moves)
        starts = chained(schedule, segment, works, schedule.allowed)
        way = _follow(schedule, {work: starts[work] for work in moves}) if starts else None
    return way and Joining(way.starts, way.added_yuan - saved)
