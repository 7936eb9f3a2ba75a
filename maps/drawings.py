"""The cross-section of each opening as a drawing; openings with one section share a drawing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from geo.messages import Language, message
from maps.section_drawing import draw
from planner.section.fit import Fitted
from planner.trench.cost import Strip
from planner.trench.fitting import Sections, crosses, fullest
from planner.trench.plan import openings
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
    sections = Sections(problem)
    blind = result.county["pipes"].empty
    drawn: dict[tuple[Fitted, tuple[str, ...]], tuple[str, tuple[str, ...]]] = {}
    numbers: dict[tuple[str, tuple[str, ...]], int] = {}
    number, chosen = [], []
    for opening in openings(problem, result.trench.plan.starts):
        strip = fullest(problem, opening)
        chosen.append(strip)
        if strip is None:
            number.append(-1)
            continue
        section = sections.of(opening.segment, strip)
        remarks = remarks_on(problem, strip, blind=blind)
        key = (section, remarks)
        if key not in drawn:
            said = (*section.text(language), *(message(remark, language) for remark in remarks))
            drawn[key] = (draw(section, language=language, width_px=WIDTH_PX), said)
        number.append(numbers.setdefault(drawn[key], len(numbers)))
    return Drawings(
        shown=tuple(shown for shown, _ in numbers),
        said=tuple(said for _, said in numbers),
        number=tuple(number),
        strip=tuple(chosen),
    )


def remarks_on(problem: Problem, strip: Strip, *, blind: bool) -> tuple[str, ...]:
    """Return codes of the sentences on why existing lines were not kept clear of.

    Parameters
    ----------
    problem, strip
        The plan's problem, and the piece of an opening that is drawn.
    blind
        Whether no existing line is known.
    """
    if crosses(problem, strip):
        return ("section_fit_across",)
    return ("section_fit_no_existing",) if blind else ()


def encoded(made: Drawings) -> dict[str, Any]:
    """Return the columns of the openings that point to their drawings, and what these say."""
    return {
        "drawing": list(made.number),
        "drawn_from": [None if strip is None else round(strip.from_m) for strip in made.strip],
        "drawn_to": [None if strip is None else round(strip.to_m) for strip in made.strip],
        "drawn_side": [None if strip is None else strip.side for strip in made.strip],
    }
