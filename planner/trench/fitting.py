"""The cross-section of an opening in its road: the fullest strip, placed where there is room."""

from __future__ import annotations

from planner.section.fit import Fitted, fit
from planner.section.line import Line
from planner.section.street import Street
from planner.trench.cost import Strip, lines_of, strips
from planner.trench.plan import Opening
from planner.trench.problem import Problem


def fullest(problem: Problem, opening: Opening) -> Strip | None:
    """Return the strip of an opening with most lines, the longest of them; None without lines."""
    laid = [
        strip
        for strip in strips(problem, opening.segment, opening.works)
        if lines_of(problem, strip.works)
    ]
    return max(
        laid,
        key=lambda strip: (len(lines_of(problem, strip.works)), strip.length_m),
        default=None,
    )


def crosses(problem: Problem, strip: Strip) -> bool:
    """Return whether works cross the road here, so that no line lies beside another.

    What lies in the road already is then passed above or below.
    """
    return strip.length_m <= problem.settings.number("ground.crossing_m") + 1e-6


class Sections:
    """Sections of one problem in their corridors, each fitted once for all strips alike."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._known: dict[tuple[object, str, tuple[Line, ...]], Fitted] = {}

    def of(self, segment: int, strip: Strip) -> Fitted:
        """Return the section of a strip in the road of its segment, by what lies there already."""
        problem, settings = self._problem, self._problem.settings
        road = problem.segments[segment]
        street = road.street
        if crosses(problem, strip):
            street = Street(kerb_m=street.kerb_m, tree_m=street.tree_m)
        corridor = street.corridor(
            (strip.from_m, strip.to_m), width_m=road.width_m, side=strip.side, settings=settings
        )
        lines = tuple(sorted(lines_of(problem, strip.works), key=repr))
        key = (corridor, road.surface, lines)
        if key not in self._known:
            self._known[key] = fit(
                lines,
                corridor,
                settings,
                surface=road.surface,
                carriageway=settings.flag("trench.under_carriageway"),
            )
        return self._known[key]
