"""Prove anew which starts rules leave to works, and whether the works can share one opening.

Written apart from `meeting`, `chain` and `allowance`: periods are members of plain sets, a run is
built from its end backwards, and crews and detours are counted in arrays, period by period.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from planner.trench.check.plan import active
from planner.trench.problem import Problem, Work

Starts = Mapping[str, int]
Runs = Sequence[tuple[int, int]]
Counts = NDArray[np.int64]

MOST_STEPS = 2_000
"""Choices tried for one proof before it is given up."""


class Rest:
    """What a plan leaves when some works are taken out: crews in use and segments open."""

    def __init__(self, problem: Problem, starts: Starts) -> None:
        self.problem = problem
        self.starts = dict(starts)
        self.by_id = {work.id: work for work in problem.works}
        self.on: dict[int, list[str]] = {}
        self.beside: dict[int, list[int]] = {}
        for one, other in problem.conflicts:
            self.beside.setdefault(one, []).append(other)
            self.beside.setdefault(other, []).append(one)
        ends = (start + self.by_id[key].span for key, start in self.starts.items())
        idle = np.zeros(max([problem.periods, *ends]), dtype=np.int64)
        self._busy = {crew: idle.copy() for crew in problem.crews}
        self._open: defaultdict[int, Counts] = defaultdict(idle.copy)
        for key in self.starts:
            self._count(key, 1)
            for task in self.by_id[key].tasks:
                self.on.setdefault(task.segment, []).append(key)

    def _count(self, key: str, sign: int) -> None:
        work, start = self.by_id[key], self.starts[key]
        if work.crew in self._busy:
            self._busy[work.crew][start : start + work.span] += sign
        for task in work.tasks:
            days = active(task, start)
            self._open[task.segment][days.start : days.stop] += sign

    def take(self, keys: Iterable[str]) -> None:
        """Take works out."""
        for key in keys:
            self._count(key, -1)

    def put(self, keys: Iterable[str]) -> None:
        """Put them back where they were."""
        for key in keys:
            self._count(key, 1)

    def runs(self, segment: int, without: Collection[str]) -> list[tuple[int, int]]:
        """Return the openings (first, end) of a segment without some works, in order of time."""
        periods = {
            period
            for key in self.on.get(segment, ())
            if key not in without
            for task in self.by_id[key].tasks
            if task.segment == segment
            for period in active(task, self.starts[key])
        }
        firsts = sorted(period for period in periods if period - 1 not in periods)
        ends = sorted(period + 1 for period in periods if period + 1 not in periods)
        return list(zip(firsts, ends, strict=True))

    def busy(self, crew: str, placed: Iterable[tuple[Work, int]] = ()) -> Counts:
        """Return how many works occupy a crew in each period, with some more put in."""
        found = self._busy[crew].copy()
        for work, start in placed:
            if work.crew == crew:
                found[start : start + work.span] += 1
        return found

    def has_detour(self, work: Work, start: int) -> bool:
        """Return whether no detour of a work's segments is open while it digs."""
        return not any(
            self._open[other][days.start : days.stop].any()
            for task in work.tasks
            for days in (active(task, start),)
            for other in self.beside.get(task.segment, ())
        )

    def leaves(self, work: Work, rules: Collection[str]) -> frozenset[int]:
        """Return the starts that a work's dates and the rules leave; the work itself is out."""
        if work.fixed and "fixed" in rules:
            return frozenset((work.wanted,))
        last = min(work.latest, self.problem.periods - work.span)
        found = self.free(work, range(max(work.earliest, 0), last + 1), rules)
        return found | {work.wanted} if work.fixed else found

    def free(self, work: Work, starts: range, rules: Collection[str]) -> frozenset[int]:
        """Return the starts, of some within the horizon, that closures, crews and detours leave."""
        firsts = np.array(starts, dtype=np.int64)
        barred = np.zeros(firsts.size, dtype=np.int64)
        shut = closed_periods(self.problem, work, rules)
        for task in work.tasks:
            taken = np.zeros(self.problem.periods, dtype=np.int64)
            taken[[period for place, period in shut if place == task.segment]] = 1
            if "detour" in rules:
                for other in self.beside.get(task.segment, ()):
                    taken += self._open[other][: taken.size]
            barred += _summed(taken, firsts + task.lag, task.duration)
        if "crews" in rules and work.crew in self._busy:
            full = self._busy[work.crew] >= self.problem.crews[work.crew]
            barred += _summed(full, firsts, work.span)
        return frozenset(firsts[barred == 0].tolist())


def _summed(counts: NDArray[Any], firsts: Counts, length: int) -> Counts:
    """Return the sum of counts over so many periods from each first one on."""
    before = np.concatenate(([0], np.cumsum(counts)))
    return np.asarray(before[firsts + length] - before[firsts])


def closed_periods(
    problem: Problem, work: Work, rules: Collection[str]
) -> frozenset[tuple[int, int]]:
    """Return the segments and periods that the closures among the rules shut to a work."""
    if work.emergency:
        return frozenset()
    return frozenset(
        (task.segment, period)
        for task in work.tasks
        for closed in problem.segments[task.segment].closed
        if closed.rule in rules
        for period in range(max(closed.first, 0), min(closed.last + 1, problem.periods))
    )


def meets(
    domains: Sequence[Collection[int]], durations: Sequence[int], standing: Runs = ()
) -> bool:
    """Return whether intervals with these starts can cover one run of periods without a hole.

    The run is built from its end backwards: what is placed ends in it and begins as early as it
    may. Standing runs may serve as bridges.

    Raises
    ------
    RuntimeError
        If `MOST_STEPS` sets of intervals do not decide it.
    """
    if not all(domains):
        return False
    spans = [
        sorted((start, start + d) for start in domain)
        for domain, d in zip(domains, durations, strict=True)
    ]
    least = max(choices[0][1] for choices in spans)
    ends = {end for choices in spans for _, end in choices} | {end for _, end in standing}
    search = _Backwards(spans, standing)
    return any(search.reaches(stop) for stop in sorted(ends) if stop >= least)


class _Backwards:
    def __init__(self, spans: Sequence[Sequence[tuple[int, int]]], standing: Runs) -> None:
        self.spans = spans
        self.standing = sorted(standing, reverse=True)
        self.steps = MOST_STEPS

    def reaches(self, stop: int) -> bool:
        """Return whether all intervals fit in a run that ends before period `stop`."""
        self.choices = [[span for span in each if span[1] <= stop] for each in self.spans]
        self.seen: dict[frozenset[int], int] = {}
        return self._go(frozenset(range(len(self.spans))), stop)

    def _go(self, waiting: frozenset[int], edge: int) -> bool:
        self.steps -= 1
        if self.steps < 0:
            raise RuntimeError
        for begin, end in self.standing:
            if begin < edge <= end:
                edge = begin
        if all(self.choices[item][-1][1] >= edge for item in waiting):
            return True
        if self.seen.get(waiting, edge + 1) <= edge or self._cannot(waiting, edge):
            return False
        self.seen[waiting] = edge
        tried = set()
        for item in sorted(waiting, key=lambda each: -self.choices[each][0][0]):
            begin = next((b for b, e in self.choices[item] if e >= edge), edge)
            alike = begin, tuple(self.choices[item])
            if begin < edge and alike not in tried:
                tried.add(alike)
                if self._go(waiting - {item}, begin):
                    return True
        return False

    def _cannot(self, waiting: frozenset[int], edge: int) -> bool:
        """Return whether some interval stays out of reach though the others lie end to end."""
        pieces = [(self.choices[i][-1][1], e - b) for i in waiting for b, e in self.choices[i][:1]]
        pieces += [(end, end - begin) for begin, end in self.standing if begin < edge]
        for end, length in sorted(pieces, reverse=True):
            if end < edge:
                break
            edge -= length
        return any(self.choices[item][-1][1] < edge for item in waiting)


def none_keeps(
    rest: Rest,
    segment: int,
    works: Sequence[Work],
    domains: Sequence[frozenset[int]],
    rules: Collection[str],
) -> bool:
    """Return whether crews and detours among the works themselves leave no way to meet.

    Every choice of starts is tried, work by work, those with the fewest first; a partial choice
    is given up when the rest cannot meet even without looking at crews and detours.

    Raises
    ------
    RuntimeError
        If `MOST_STEPS` choices do not decide it.
    """
    tasks = [next(t for t in work.tasks if t.segment == segment) for work in works]
    standing = rest.runs(segment, {work.id for work in works})
    order = sorted(range(len(works)), key=lambda item: len(domains[item]))
    steps = MOST_STEPS

    def possible(chosen: dict[int, int]) -> bool:
        nonlocal steps
        steps -= 1
        if steps < 0:
            raise RuntimeError
        here = [
            {chosen[n] + task.lag} if n in chosen else {s + task.lag for s in domains[n]}
            for n, task in enumerate(tasks)
        ]
        if not meets(here, [task.duration for task in tasks], standing):
            return False
        if len(chosen) == len(works):
            return True
        item = next(n for n in order if n not in chosen)
        for start in sorted(domains[item]):
            more = {**chosen, item: start}
            if keeps(rest, [(works[n], at) for n, at in more.items()], rules) and possible(more):
                return True
        return False

    return not possible({})


def keeps(rest: Rest, placed: Sequence[tuple[Work, int]], rules: Collection[str]) -> bool:
    """Return whether works that are put in respect crews and detours; approved ones are exempt.

    The works are out of `rest`. A work that keeps its approved date breaks no limit, but takes
    its crew from those that are not approved.
    """
    exempt = {work.id for work, start in placed if work.fixed and start == work.wanted}
    free = [(work, start) for work, start in placed if work.id not in exempt]
    if "crews" in rules:
        for crew in {work.crew for work, _ in free} & rest.problem.crews.keys():
            over = rest.busy(crew, placed) > rest.problem.crews[crew]
            gang = ((work, start) for work, start in free if work.crew == crew)
            if any(over[start : start + work.span].any() for work, start in gang):
                return False
    if "detour" not in rules:
        return True
    if not all(rest.has_detour(work, start) for work, start in free):
        return False
    return not any(
        other.segment in rest.beside.get(mine.segment, ())
        and set(active(mine, start)) & set(active(other, at))
        for work, start in free
        for another, at in placed
        if another.id != work.id
        for mine in work.tasks
        for other in another.tasks
    )
