"""What every group of an opening's parties would pay for its cheapest openings alone.

A **party** is an owner with all its works in the opening; a work without an owner is a party of
its own. The value of a group is exact: the least cost of one or more openings of its works on
this one segment, when each work may start anywhere in its own domain (`domains.starts`: dates and
closures of all its segments) and an opening stays what it is in the plan, a run without a hole
whose set-up, traffic and joint trench are paid once. Crews, detours, lateness and what a change of
date would do to the other segments are left out: they are not this opening's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from planner.trench.cost import Prices
from planner.trench.domains import Periods, starts
from planner.trench.plan import Opening
from planner.trench.problem import Problem

Yuan = NDArray[np.float64]
Bools = NDArray[np.bool_]
Runs = tuple[Periods, Periods]
"""First periods and ends of runs, both ascending: no run lies within another."""


@dataclass(frozen=True, slots=True)
class Party:
    """Who pays together: an owner, or a work without one; `works` are positions."""

    name: str
    works: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Game:
    """One opening as a game of cost sharing.

    Parameters
    ----------
    parties
        In order of their first work in the opening.
    values
        Yuan that each group of parties would pay alone, shape (2 ** parties,): party i belongs
        to group g where bit i of g is set. The last entry is what all would pay without the rest
        of the plan; it may lie below `cost_yuan`.
    cost_yuan
        What the opening of the plan costs, which is what is shared out.
    """

    parties: tuple[Party, ...]
    values: Yuan
    cost_yuan: float


def parties(problem: Problem, opening: Opening) -> tuple[Party, ...]:
    """Return the owners that take part, each with its works."""
    found: dict[tuple[bool, str], list[int]] = {}
    for place in opening.works:
        work = problem.works[place]
        key = (True, work.owner) if work.owner else (False, work.id)
        found.setdefault(key, []).append(place)
    return tuple(Party(name, tuple(works)) for (_, name), works in found.items())


def game(problem: Problem, prices: Prices, opening: Opening) -> Game | None:
    """Return the game of an opening, or None where it is too large to be solved exactly.

    Settings ``trench.sharing_most_parties`` and ``trench.sharing_most_works`` say what is too
    large; time grows as 3 to the number of works.
    """
    found = parties(problem, opening)
    settings = problem.settings
    few_parties = len(found) <= settings.count("trench.sharing_most_parties")
    if not few_parties or len(opening.works) > settings.count("trench.sharing_most_works"):
        return None
    cost_yuan = prices.opening_yuan(opening.segment, opening.periods, frozenset(opening.works))
    by_works = group_values(problem, prices, opening.segment, opening.works)
    bit = {work: 1 << place for place, work in enumerate(opening.works)}
    masks = [sum(bit[work] for work in party.works) for party in found]
    unions = np.zeros(1, dtype=np.int64)
    for mask in masks:
        unions = np.concatenate([unions, unions | mask])
    return Game(found, by_works[unions], cost_yuan)


def group_values(problem: Problem, prices: Prices, segment: int, works: Sequence[int]) -> Yuan:
    """Return what each group of works would pay alone on one segment, at its cheapest.

    Parameters
    ----------
    works
        At least one; every one has a task on the segment and a start that its dates allow.

    Returns
    -------
    NDArray
        Yuan, shape (2 ** works,); work i belongs to group g where bit i of g is set.

    Notes
    -----
    Dynamic programming over groups and time. ``least[g][t]`` is the least cost of openings of the
    works g that have all ended by period t; the last of them holds a subset b of g, begins after
    the others have ended with at least one period between (else it would be one opening with
    them), and is one of the runs of `shortest_runs`.
    """
    tasks = [problem.works[work].task_on(segment) for work in works]
    domains = [
        starts(problem, problem.works[work]) + task.lag
        for work, task in zip(works, tasks, strict=True)
    ]
    runs = shortest_runs(domains, [task.duration for task in tasks])
    place = problem.segments[segment]
    dug_yuan = [0.0] + [
        prices.trench_yuan(segment, _members(works, part)) for part in range(1, len(runs))
    ]
    once_yuan = [
        place.opening_yuan + dug + place.open_period_yuan * (end - first)
        for dug, (first, end) in zip(dug_yuan, runs, strict=True)
    ]
    least = np.full((len(runs), problem.periods + 1), np.inf)
    least[0] = 0.0
    for group in range(1, len(runs)):
        for part in _subsets(group):
            first, end = runs[part]
            if not end.size:
                continue
            before = np.where(first > 0, least[group ^ part, first - 1], _nothing(group ^ part))
            least[group, end] = np.minimum(least[group, end], before + once_yuan[part])
        least[group] = np.minimum.accumulate(least[group])
    return np.asarray(least[:, -1], dtype=np.float64)


def _members(works: Sequence[int], group: int) -> frozenset[int]:
    return frozenset(work for place, work in enumerate(works) if group >> place & 1)


def _nothing(group: int) -> float:
    """Return the cost of having done a group before the first period."""
    return np.inf if group else 0.0


def _subsets(group: int) -> list[int]:
    """Return every group within a group, itself first, without the empty one."""
    found, part = [], group
    while part:
        found.append(part)
        part = (part - 1) & group
    return found


def shortest_runs(domains: Sequence[Periods], durations: Sequence[int]) -> tuple[Runs, ...]:
    """Return for each group of intervals the runs without a hole that it can make.

    Parameters
    ----------
    domains
        First periods allowed to each interval, ascending.
    durations
        Length of each interval in periods.

    Returns
    -------
    tuple
        One entry for each group (bit i of its index is interval i): first periods and ends of
        its runs, without those that hold another run of the group within them. Empty where a
        group can make no run, and for the empty group.

    Notes
    -----
    For each group, which ends are possible from which first period: intervals are added in the
    order of their start, each beginning no later than the run so far ends. Longer runs must be
    remembered too, since only they may reach an interval that is allowed late.

    Examples
    --------
    >>> import numpy as np
    >>> runs = shortest_runs([np.array([0, 1]), np.array([3, 9])], [2, 3])
    >>> [(first.tolist(), end.tolist()) for first, end in runs]
    [([], []), ([0, 1], [2, 3]), ([3, 9], [6, 12]), ([1], [6])]
    """
    begins = np.unique(np.concatenate(list(domains)))
    longest = sum(durations)
    allowed = [_from(begins, domain, longest) for domain in domains]
    reach = [np.zeros((begins.size, longest + 1), dtype=np.bool_)]
    reach[0][:, 0] = True
    runs = [_undominated(begins, reach[0][:, :0])]
    for group in range(1, 1 << len(domains)):
        ends = np.zeros_like(reach[0])
        for item, duration in enumerate(durations):
            if group >> item & 1:
                ends |= _added(reach[group ^ 1 << item], allowed[item], duration)
        reach.append(ends)
        runs.append(_undominated(begins, ends))
    return tuple(runs)


def _from(begins: Periods, domain: Periods, longest: int) -> Bools:
    """Return whether an interval may start so many periods after each first period."""
    mask = np.zeros(int(begins[-1]) + longest + 1, dtype=np.bool_)
    mask[domain] = True
    return np.asarray(mask[begins[:, None] + np.arange(longest + 1)], dtype=np.bool_)


def _added(reach: Bools, allowed: Bools, duration: int) -> Bools:
    """Return the lengths that runs can have once one more interval is in.

    It starts within the run or at its end, and may end within it or make it longer.
    """
    columns = reach.shape[1]
    inside = np.zeros_like(reach)
    inside[:, duration:] = np.logical_or.accumulate(allowed, axis=1)[:, : columns - duration]
    ends = reach & inside
    before = np.zeros((reach.shape[0], columns + 1), dtype=np.int32)
    np.cumsum(reach, axis=1, out=before[:, 1:])
    start = np.arange(columns - duration)
    touched = before[:, start + duration] > before[:, start]
    ends[:, duration:] |= touched & allowed[:, : columns - duration]
    return ends


def _undominated(begins: Periods, ends: Bools) -> Runs:
    """Keep each first period's shortest run, without those that hold a later one."""
    possible = ends.any(axis=1)
    first = begins[possible]
    end = first + ends[possible].argmax(axis=1) if first.size else first
    later = np.minimum.accumulate(np.append(end, np.iinfo(np.int64).max)[::-1])[::-1][1:]
    shortest = end < later
    return first[shortest], end[shortest]
