"""What every group of works would pay for its cheapest openings of one segment, found anew.

Sets of days are whole numbers, one bit a period, so that all first days of a run are tried at
once.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from planner.trench.check.ground import dig
from planner.trench.check.plan import allowed_starts
from planner.trench.problem import Problem, Task, Work

Lengths = dict[int, int]
"""By length in periods, the first periods (as bits) from which a run of that length is possible."""


def group_values(problem: Problem, segment: int, uses: Sequence[tuple[Work, Task]]) -> list[float]:
    """Return the least cost in yuan of each group of works: bit n of its index is work n.

    Works may start wherever their dates and closures let them; crews, detours and the other
    segments do not count. Openings of one group lie at least one period apart.
    """
    days = [
        sum(1 << start + task.lag for start in allowed_starts(problem, work)) for work, task in uses
    ]
    lengths = runs(days, [task.duration for _, task in uses])
    place = problem.segments[segment]
    horizon = problem.periods + max(task.duration for _, task in uses)
    done = [np.zeros(horizon + 1)]
    shortest = [_shortest(found) for found in lengths]
    dug_yuan = [
        dig(problem, segment, [use for n, use in enumerate(uses) if part >> n & 1]).trench_yuan
        for part in range(len(lengths))
    ]
    for group in range(1, len(lengths)):
        least = np.full(horizon + 1, np.inf)
        part = group
        while part:
            first, end = shortest[part]
            once = place.opening_yuan + dug_yuan[part]
            before = done[group ^ part][np.maximum(first - 1, 0)]
            if group != part:
                before = np.where(first > 0, before, np.inf)
            np.minimum.at(least, end, before + once + place.open_period_yuan * (end - first))
            part = (part - 1) & group
        done.append(np.minimum.accumulate(least))
    return [float(least[-1]) for least in done]


def runs(days: Sequence[int], durations: Sequence[int]) -> list[Lengths]:
    """Return for each group of intervals the runs without a hole that it can make.

    Parameters
    ----------
    days
        First periods allowed to each interval, as bits.
    durations
        Length of each interval in periods.

    Examples
    --------
    An interval of 2 from period 0 or 1, one of 3 from period 3 or 9: together they last 5.

    >>> runs([0b11, 0b1000001000], [2, 3])[3]
    {5: 2}
    """
    found: list[Lengths] = [{}]
    for group in range(1, 1 << len(days)):
        here: Lengths = {}
        for item, (allowed, duration) in enumerate(zip(days, durations, strict=True)):
            if group == 1 << item:
                here[duration] = allowed
            elif group >> item & 1:
                for length, firsts in found[group ^ 1 << item].items():
                    _add(here, length, firsts, allowed, duration)
        found.append({length: firsts for length, firsts in here.items() if firsts})
    return found


def _add(here: Lengths, length: int, firsts: int, allowed: int, duration: int) -> None:
    """Let an interval begin in a run or right after it; the run then may last longer."""
    for later in range(length + 1):
        after = max(length, later + duration)
        here[after] = here.get(after, 0) | firsts & allowed >> later


def _shortest(found: Lengths) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the first periods of runs, each with the end of the shortest run from there."""
    ends: dict[int, int] = {}
    seen = 0
    for length in sorted(found):
        new = found[length] & ~seen
        seen |= new
        ends |= {day: day + length for day in range(new.bit_length()) if new >> day & 1}
    days = sorted(ends)
    return np.array(days, dtype=np.int64), np.array([ends[day] for day in days], dtype=np.int64)
