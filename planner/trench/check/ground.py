"""What works dig on a segment and what it costs at least, for the checks: cut and added up anew."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from math import isnan

from planner.section.fit import width_allowed
from planner.section.layout import Line, cost_per_m
from planner.trench.problem import Problem, Side, Task, Work

PARTITIONED_LINES = 8
"""Most lines of a strip for which every way to split them among openings is looked at."""


@dataclass(frozen=True, slots=True)
class Ground:
    """A piece of one side of a segment, and the works that dig all of it."""

    length_m: float
    side: Side
    works: tuple[Work, ...]

    @property
    def lines(self) -> tuple[Line, ...]:
        """What is laid here; works without a line lay none."""
        return tuple(work.line for work in self.works if work.line is not None)


@dataclass(frozen=True, slots=True)
class Sums:
    """What a set of tasks on one segment digs and costs when they share one opening."""

    dug_m: float
    trench_yuan: float


def cut(uses: Iterable[tuple[Work, Task]]) -> Iterator[Ground]:
    """Cut what tasks on one segment dig, side by side, wherever a stretch begins or ends."""
    pieces = [(work, piece) for work, task in uses for piece in task.stretches]
    sides: tuple[Side, ...] = ("left", "right")
    for side in sides:
        here = [(work, piece) for work, piece in pieces if piece.side == side]
        ends = sorted({metre for _, piece in here for metre in (piece.from_m, piece.to_m)})
        for low, high in pairwise(ends):
            middle = (low + high) / 2
            works = tuple(work for work, piece in here if piece.from_m < middle < piece.to_m)
            if works:
                yield Ground(high - low, side, works)


def dig(problem: Problem, segment: int, uses: Iterable[tuple[Work, Task]]) -> Sums:
    """Add up the cross-sections of one opening of a segment."""
    surface = problem.segments[segment].surface
    dug_m = yuan = 0.0
    for ground in cut(uses):
        dug_m += ground.length_m
        if ground.lines:
            yuan += ground.length_m * _price(problem, surface, ground.lines)
    return Sums(dug_m, yuan)


def tasks_on(problem: Problem, segment: int, works: Iterable[int]) -> list[tuple[Work, Task]]:
    """Return those of the works that use a segment, in ascending position, with their task."""
    return [
        (problem.works[work], task)
        for work in sorted(works)
        for task in problem.works[work].tasks
        if task.segment == segment
    ]


def fits(problem: Problem, segment: int, works: Iterable[int]) -> bool:
    """Return whether a road whose width is known has room for these works in one opening."""
    width_m = problem.segments[segment].width_m
    return isnan(width_m) or all(
        width_allowed(ground.lines, width_m, problem.settings)
        for ground in cut(tasks_on(problem, segment, works))
    )


def trench_floor_yuan(problem: Problem, segment: int, works: Iterable[int]) -> float:
    """Return what these works pay at least for digging a segment, in whatever openings.

    Each strip is split among openings in the cheapest way there is; dates are not looked at.
    With more than `PARTITIONED_LINES` lines it costs at least what the dearest of them does alone:
    all walls of a trench that does not stand by itself are supported or sloped, so that no line
    is cheaper in company than the whole trench is.
    """
    surface = problem.segments[segment].surface
    return sum(
        ground.length_m * _floor_per_m(problem, surface, ground.lines)
        for ground in cut(tasks_on(problem, segment, works))
    )


def _floor_per_m(problem: Problem, surface: str, lines: Sequence[Line]) -> float:
    if len(lines) <= PARTITIONED_LINES:
        return _cheapest_split(problem, surface, lines)
    return max(_price(problem, surface, (line,)) for line in lines)


def _cheapest_split(problem: Problem, surface: str, lines: Sequence[Line]) -> float:
    """Return the least price of a metre over all ways to part the lines into groups."""

    @cache
    def least(rest: tuple[Line, ...]) -> float:
        if not rest:
            return 0.0
        first, others = rest[0], rest[1:]
        found = []
        for chosen in range(1 << len(others)):
            group = (first, *(line for n, line in enumerate(others) if chosen >> n & 1))
            left = tuple(line for n, line in enumerate(others) if not chosen >> n & 1)
            found.append(_price(problem, surface, group) + least(left))
        return min(found)

    return least(tuple(lines))


def _price(problem: Problem, surface: str, lines: Sequence[Line]) -> float:
    return cost_per_m(lines, surface, problem.settings, carriageway=_beneath(problem))


def _beneath(problem: Problem) -> bool:
    return problem.settings.flag("trench.under_carriageway")
