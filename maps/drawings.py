"""The cross-section of each opening as a drawing; openings with one section share a drawing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from geo.messages import Language
from maps.section_drawing import draw
from planner.section.corridor import Corridor, RoadSide
from planner.section.fit import Fitted, fit
from planner.trench.cost import Strip, lines_of, strips
from planner.trench.plan import Opening, openings
from planner.trench.problem import Problem

if TYPE_CHECKING:
    from planner.study import StudyResult

WIDTH_PX = 372.0
"""Room that the side panel leaves at 1366 pixels; the page scales a drawing where there is less."""


@dataclass(frozen=True, slots=True)
class Drawings:
    """Drawings, and where the openings find theirs.

    Parameters
    ----------
    shown
        Each drawing once, as the text of an SVG.
    said
        For each drawing what was chosen, what is missing and what must be recorded.
    number
        For each opening, in the order of the table, the position of its drawing; -1 for none.
    strip
        For each opening the piece that is drawn; None where nothing is laid.
    """

    shown: tuple[str, ...]
    said: tuple[tuple[str, ...], ...]
    number: tuple[int, ...]
    strip: tuple[Strip | None, ...]


def drawings(result: StudyResult, language: Language) -> Drawings:
    """Draw the fullest strip of each opening of the plan in the corridor of its road.

    Parameters
    ----------
    result
        The study's result; `drawings` follow the rows of ``result.trench.openings``.
    language
        Of the lettering.
    """
    problem = result.trench.problem
    fitted: dict[object, Fitted] = {}
    numbers: dict[tuple[str, tuple[str, ...]], int] = {}
    number, chosen = [], []
    for opening in openings(problem, result.trench.plan.starts):
        strip = fullest(problem, opening)
        chosen.append(strip)
        if strip is None:
            number.append(-1)
            continue
        section = _fitted(problem, opening, strip, fitted)
        drawn = draw(section, language=language, width_px=WIDTH_PX), section.text(language)
        number.append(numbers.setdefault(drawn, len(numbers)))
    return Drawings(
        shown=tuple(shown for shown, _ in numbers),
        said=tuple(said for _, said in numbers),
        number=tuple(number),
        strip=tuple(chosen),
    )


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


def encoded(made: Drawings) -> dict[str, Any]:
    """Return the columns of the openings that point to their drawings, and what these say."""
    return {
        "drawing": list(made.number),
        "drawn_from": [None if strip is None else round(strip.from_m) for strip in made.strip],
        "drawn_to": [None if strip is None else round(strip.to_m) for strip in made.strip],
        "drawn_side": [None if strip is None else strip.side for strip in made.strip],
    }


def _fitted(
    problem: Problem, opening: Opening, strip: Strip, known: dict[object, Fitted]
) -> Fitted:
    """Return the section of a strip in its road, fitted once for all strips alike."""
    segment, settings = problem.segments[opening.segment], problem.settings
    lines = tuple(sorted(lines_of(problem, strip.works), key=repr))
    key = (repr(segment.width_m), strip.side, segment.surface, lines)
    if key not in known:
        side: RoadSide = strip.side
        known[key] = fit(
            lines,
            Corridor(width_m=segment.width_m, side=side),
            settings,
            surface=segment.surface,
            carriageway=settings.flag("trench.under_carriageway"),
        )
    return known[key]
