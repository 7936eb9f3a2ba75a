"""A schedule under construction: insert and remove works, and price every start exactly."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray

from planner.trench.cost import Prices
from planner.trench.domains import Periods, free_windows, starts
from planner.trench.plan import Opening, runs, starts_yuan
from planner.trench.problem import Problem, Task

Yuan = NDArray[np.float64]


class Schedule:
    """Starts of works with the openings, crews and open segments that they cause.

    Parameters
    ----------
    problem
        What is to be planned.
    prices
        Its prices; shared by schedules of one problem, since they remember what was asked.
    """

    def __init__(self, problem: Problem, prices: Prices) -> None:
        self.problem = problem
        self.prices = prices
        self.domains = tuple(starts(problem, work) for work in problem.works)
        self._starts: dict[int, int] = {}
        self._on: list[dict[int, tuple[int, int]]] = [{} for _ in problem.segments]
        self._runs: list[tuple[Opening, ...]] = [() for _ in problem.segments]
        self._used = {crew: np.zeros(problem.periods, dtype=np.int64) for crew in problem.crews}
        self._detours: dict[int, list[int]] = {}
        for one, other in problem.conflicts:
            self._detours.setdefault(one, []).append(other)
            self._detours.setdefault(other, []).append(one)

    @property
    def starts(self) -> Mapping[int, int]:
        """Start of each work that is in, in order of insertion."""
        return dict(self._starts)

    def start(self, work: int) -> int:
        """Return the start of a work that is in."""
        return self._starts[work]

    def openings(self, segment: int) -> tuple[Opening, ...]:
        """Return the openings of a segment, in order of time."""
        return self._runs[segment]

    def cost_yuan(self) -> float:
        """Return the cost of everything that is in: openings, and starts by themselves."""
        dug_yuan = sum(
            self.prices.opening_yuan(run.segment, run.periods, frozenset(run.works))
            for found in self._runs
            for run in found
        )
        return dug_yuan + starts_yuan(self.problem, self._starts)

    def cost_yuan_around(self, works: Iterable[int]) -> float:
        """Return the cost of the segments that these works use, whether they are in or out.

        The starts of those that are in count as well.
        """
        chosen = tuple(works)
        used = {task.segment for work in chosen for task in self.problem.works[work].tasks}
        dug_yuan = sum(
            self.prices.opening_yuan(segment, run.periods, frozenset(run.works))
            for segment in used
            for run in self._runs[segment]
        )
        held = {work: self._starts[work] for work in chosen if work in self._starts}
        return dug_yuan + starts_yuan(self.problem, held)

    def add(self, work: int, start: int) -> None:
        """Put a work in; whether it may start there is the caller's business."""
        self._starts[work] = start
        self._use(work, start, 1)
        for task in self.problem.works[work].tasks:
            first = start + task.lag
            self._on[task.segment][work] = (first, first + task.duration)
            self._renew(task.segment)

    def remove(self, work: int) -> int:
        """Take a work out and return its start."""
        start = self._starts.pop(work)
        self._use(work, start, -1)
        for task in self.problem.works[work].tasks:
            del self._on[task.segment][work]
            self._renew(task.segment)
        return start

    @contextmanager
    def trial(self, works: tuple[int, ...]) -> Iterator[None]:
        """Take works out, and put them back as they were when the block ends."""
        before = {work: self.remove(work) for work in works}
        try:
            yield
        finally:
            for work, start in before.items():
                if work in self._starts:
                    self.remove(work)
                self.add(work, start)

    def allowed(self, work: int, *, crews: bool = True, detours: bool = True) -> Periods:
        """Return the starts that windows, closures, crews and detours leave to a work.

        The work must be out. An approved work keeps its date whatever the others do.
        """
        candidates = self.domains[work]
        wanted = self.problem.works[work]
        if wanted.fixed or not candidates.size:
            return candidates
        if crews and wanted.crew:
            full = self._used[wanted.crew] >= self.problem.crews[wanted.crew]
            candidates = candidates[free_windows(full, candidates, wanted.span)]
        if detours:
            for task in wanted.tasks:
                candidates = self._clear_of_detours(task, candidates)
        return candidates

    def added_yuan(self, work: int, candidates: Periods) -> Yuan:
        """Return what the work would add to the cost at each start, exactly.

        The work must be out. An opening that it joins loses a set-up, two that it bridges become
        one, and the section is priced for the works that then share the opening. What the start
        costs by itself is in.
        """
        wanted = self.problem.works[work]
        total = np.array([wanted.start_yuan(int(start)) for start in candidates], dtype=np.float64)
        for task in wanted.tasks:
            total += self._added_on(work, task, candidates + task.lag)
        return total

    def _use(self, work: int, start: int, sign: int) -> None:
        wanted = self.problem.works[work]
        if wanted.crew:
            self._used[wanted.crew][start : start + wanted.span] += sign

    def _renew(self, segment: int) -> None:
        intervals = ((first, end, work) for work, (first, end) in self._on[segment].items())
        self._runs[segment] = runs(segment, intervals)

    def _clear_of_detours(self, task: Task, candidates: Periods) -> Periods:
        for detour in self._detours.get(task.segment, ()):
            blocked = np.zeros(self.problem.periods, dtype=np.bool_)
            for run in self._runs[detour]:
                blocked[run.first : run.end] = True
            if blocked.any():
                free = free_windows(blocked, candidates + task.lag, task.duration)
                candidates = candidates[free]
        return candidates

    def _added_on(self, work: int, task: Task, first: Periods) -> Yuan:
        place = self.problem.segments[task.segment]
        found = self._runs[task.segment]
        end = first + task.duration
        begins = np.array([run.first for run in found], dtype=np.int64)
        ends = np.array([run.end for run in found], dtype=np.int64)
        low = np.searchsorted(ends, first, side="left")
        high = np.searchsorted(begins, end, side="right")
        joined = high - low
        open_before = np.concatenate(([0], np.cumsum(ends - begins)))
        joins = joined > 0
        opens, closes = first.copy(), end.copy()
        opens[joins] = np.minimum(first[joins], begins[low[joins]])
        closes[joins] = np.maximum(end[joins], ends[high[joins] - 1])
        longer = (closes - opens) - (open_before[high] - open_before[low])
        dug = self._added_trench(work, task.segment, low, high)
        setups = place.opening_yuan * (1 - joined)
        return np.asarray(setups + place.open_period_yuan * longer + dug, dtype=np.float64)

    def _added_trench(self, work: int, segment: int, low: Periods, high: Periods) -> Yuan:
        found = self._runs[segment]
        keys, inverse = np.unique(low * (len(found) + 1) + high, return_inverse=True)
        added = np.empty(keys.size)
        for place, key in enumerate(keys.tolist()):
            begin, end = divmod(key, len(found) + 1)
            sets = [frozenset(run.works) for run in found[begin:end]]
            whole = frozenset((work,)).union(*sets)
            before = sum(self.prices.trench_yuan(segment, works) for works in sets)
            added[place] = self.prices.trench_yuan(segment, whole) - before
        return added[inverse]
