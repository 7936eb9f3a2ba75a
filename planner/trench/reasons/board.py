"""A plan as it stands, asked without some of its works: crews left, segments open, openings."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from planner.trench.plan import runs
from planner.trench.problem import Problem
from planner.trench.reasons import masks

Interval = tuple[int, int]


class Board:
    """The starts of a plan with quick answers to "what would the others leave?".

    Parameters
    ----------
    problem
        What was planned.
    starts
        Start of each work that is in the plan, by position in `Problem.works`.
    """

    def __init__(self, problem: Problem, starts: Mapping[int, int]) -> None:
        self.problem = problem
        self.starts = dict(starts)
        self.on: dict[int, dict[int, Interval]] = {}
        self.beside: dict[int, tuple[int, ...]] = {}
        self._used = {crew: np.zeros(problem.periods, dtype=np.int64) for crew in problem.crews}
        for work, start in self.starts.items():
            crew = problem.works[work].crew
            if crew in self._used:
                self._used[crew][start : start + problem.works[work].span] += 1
            for task in problem.works[work].tasks:
                begins = start + task.lag
                self.on.setdefault(task.segment, {})[work] = (begins, begins + task.duration)
        for pair in problem.conflicts:
            for one, other in (pair, pair[::-1]):
                self.beside[one] = (*self.beside.get(one, ()), other)

    def standing(self, segment: int, without: Collection[int]) -> tuple[Interval, ...]:
        """Return the openings of a segment that the other works leave, in order of time."""
        here = self.on.get(segment, {}).items()
        left = ((first, end, work) for work, (first, end) in here if work not in without)
        return tuple((run.first, run.end) for run in runs(segment, left))

    def open_in(self, segment: int, without: Collection[int]) -> int:
        """Return the set of periods in which other works hold a segment open."""
        found = 0
        for work, (first, end) in self.on.get(segment, {}).items():
            if work not in without:
                found |= masks.span(first, end)
        return found

    def room(self, crew: str, without: Iterable[int], levels: int) -> tuple[int, ...]:
        """Return the sets of periods in which a crew key has room for 1, 2, ... `levels` works."""
        used = self._used[crew].copy()
        for work in without:
            wanted = self.problem.works[work]
            if wanted.crew == crew and work in self.starts:
                used[self.starts[work] : self.starts[work] + wanted.span] -= 1
        left: NDArray[np.int64] = self.problem.crews[crew] - used
        return tuple(masks.of(left >= level) for level in range(1, levels + 1))
