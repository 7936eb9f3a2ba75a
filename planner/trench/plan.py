"""A plan: when each work starts; and the openings that follow from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from planner.trench.cost import Prices, strips
from planner.trench.problem import Problem, Rejected


@dataclass(frozen=True, slots=True)
class Plan:
    """Start period of each placed work (by position in `Problem.works`), and who is left out."""

    starts: Mapping[int, int]
    unplaced: tuple[Rejected, ...] = ()


@dataclass(frozen=True, slots=True)
class Opening:
    """A maximal run of periods in which a segment is open.

    `first` is its first period, `end` the first period after it; `works` are positions in
    `Problem.works`, in order of their start.
    """

    segment: int
    first: int
    end: int
    works: tuple[int, ...]

    @property
    def periods(self) -> int:
        """Periods for which the segment is open."""
        return self.end - self.first


def runs(segment: int, intervals: Iterable[tuple[int, int, int]]) -> tuple[Opening, ...]:
    """Merge intervals (first, end, work) that overlap or touch, in order of time.

    Examples
    --------
    >>> [opening.works for opening in runs(0, [(9, 12, 2), (0, 3, 0), (3, 5, 1)])]
    [(0, 1), (2,)]
    """
    found: list[Opening] = []
    for first, end, work in sorted(intervals):
        if found and first <= found[-1].end:
            last = found[-1]
            found[-1] = Opening(segment, last.first, max(last.end, end), (*last.works, work))
        else:
            found.append(Opening(segment, first, end, (work,)))
    return tuple(found)


def openings(problem: Problem, starts: Mapping[int, int]) -> tuple[Opening, ...]:
    """Return the openings of a plan, by segment and then by time."""
    intervals: dict[int, list[tuple[int, int, int]]] = {}
    for work, start in starts.items():
        for task in problem.works[work].tasks:
            first = start + task.lag
            intervals.setdefault(task.segment, []).append((first, first + task.duration, work))
    return tuple(
        opening for segment in sorted(intervals) for opening in runs(segment, intervals[segment])
    )


def cost_yuan(prices: Prices, found: Iterable[Opening]) -> float:
    """Return the cost of openings together."""
    return sum(
        prices.opening_yuan(opening.segment, opening.periods, frozenset(opening.works))
        for opening in found
    )


def plan_yuan(problem: Problem, prices: Prices, starts: Mapping[int, int]) -> float:
    """Return the cost of a plan: its openings, and what its starts cost by themselves."""
    return cost_yuan(prices, openings(problem, starts)) + starts_yuan(problem, starts)


def starts_yuan(problem: Problem, starts: Mapping[int, int]) -> float:
    """Return what the starts cost by themselves: lateness, and moved approved dates."""
    return sum(problem.works[work].start_yuan(start) for work, start in starts.items())


def dug_m(problem: Problem, found: Iterable[Opening]) -> float:
    """Return the metres dug; a strip that several works share counts once for each opening."""
    return sum(
        strip.length_m
        for opening in found
        for strip in strips(problem, opening.segment, opening.works)
    )


def closure_days(problem: Problem, found: Iterable[Opening]) -> int:
    """Return the days that segments are open, added over segments."""
    return sum(opening.periods for opening in found) * problem.period_days
