"""What an opening costs: set-up, traffic, and the shared cross-section of what is dug in it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from planner.section.fit import width_allowed
from planner.section.layout import Line, cost_per_m
from planner.trench.problem import Problem, Side


@dataclass(frozen=True, slots=True)
class Strip:
    """A piece of one side of a segment along which the same works lie in the ground."""

    from_m: float
    to_m: float
    side: Side
    works: tuple[int, ...]

    @property
    def length_m(self) -> float:
        """Length dug."""
        return self.to_m - self.from_m


def strips(problem: Problem, segment: int, works: Iterable[int]) -> tuple[Strip, ...]:
    """Cut what works dig on one segment where the set of works changes.

    Returns
    -------
    tuple of Strip
        By side, then along the segment; ground that nobody digs is left out.
    """
    spans = [
        (stretch.side, stretch.from_m, stretch.to_m, work)
        for work in sorted(works)
        for stretch in problem.works[work].task_on(segment).stretches
    ]
    found: list[Strip] = []
    sides: tuple[Side, ...] = ("left", "right")
    for side in sides:
        here = [span[1:] for span in spans if span[0] == side]
        cuts = sorted({metre for begin, end, _ in here for metre in (begin, end)})
        for low, high in pairwise(cuts):
            inside = tuple(work for begin, end, work in here if begin <= low and end >= high)
            if inside:
                found.append(Strip(low, high, side, inside))
    return tuple(found)


def lines_of(problem: Problem, works: Iterable[int]) -> tuple[Line, ...]:
    """Return the lines that these works lay; works without a line lay none."""
    lines = (problem.works[work].line for work in works)
    return tuple(line for line in lines if line is not None)


class Prices:
    """Prices of openings of one problem, remembered by the set of works that share them."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._trench: dict[tuple[int, frozenset[int]], float] = {}
        self._metre: dict[tuple[str, tuple[int, ...]], float] = {}
        self._fits: dict[tuple[int, frozenset[int]], bool] = {}

    def trench_yuan(self, segment: int, works: frozenset[int]) -> float:
        """Return the cost of everything that these works dig on a segment in one opening."""
        key = (segment, works)
        if key not in self._trench:
            self._trench[key] = self._dig(segment, works)
        return self._trench[key]

    def opening_yuan(self, segment: int, periods: int, works: frozenset[int]) -> float:
        """Return the whole cost of an opening that lasts so many periods."""
        place = self._problem.segments[segment]
        return (
            place.opening_yuan + place.open_period_yuan * periods + self.trench_yuan(segment, works)
        )

    def alone_yuan(self, work: int, segment: int) -> float:
        """Return what a work would pay on a segment that it opens for itself alone."""
        duration = self._problem.works[work].task_on(segment).duration
        return self.opening_yuan(segment, duration, frozenset((work,)))

    def metre_yuan(self, segment: int, works: tuple[int, ...]) -> float:
        """Return what one metre of the section costs in which these works lie side by side."""
        key = (self._problem.segments[segment].surface, works)
        if key not in self._metre:
            self._metre[key] = self._section_yuan(*key)
        return self._metre[key]

    def _section_yuan(self, surface: str, works: tuple[int, ...]) -> float:
        settings = self._problem.settings
        lines = lines_of(self._problem, works)
        if not lines:
            return 0.0
        beneath = settings.flag("trench.under_carriageway")
        return cost_per_m(lines, surface, settings, carriageway=beneath)

    def fits(self, segment: int, works: frozenset[int]) -> bool:
        """Return whether a road leaves room for these works in one opening.

        Each strip of ground is looked at by itself, see `planner.section.fit.width_allowed`.
        """
        width_m = self._problem.segments[segment].width_m
        if math.isnan(width_m):
            return True
        key = (segment, works)
        if key not in self._fits:
            self._fits[key] = all(
                width_allowed(lines_of(self._problem, strip.works), width_m, self._problem.settings)
                for strip in strips(self._problem, segment, works)
            )
        return self._fits[key]

    def _dig(self, segment: int, works: frozenset[int]) -> float:
        return sum(
            strip.length_m * self.metre_yuan(segment, strip.works)
            for strip in strips(self._problem, segment, works)
        )
