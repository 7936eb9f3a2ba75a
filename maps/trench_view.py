"""The joint plan as data: openings, who takes part, why a road is opened again."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pandas as pd

from geo.messages import Language, message
from layers.tables import UTILITIES
from maps import deciding_view, encode, sentences
from maps.drawings import Drawings, encoded
from planner.carriageways import drawn_across
from planner.trench.exempt import exempt_text
from planner.trench.plan import openings as runs

if TYPE_CHECKING:
    from planner.study import StudyResult

_OPENING = ("name", "town", "days", "owners", "works", "joint", "permits")
_AMOUNTS = ("dug_m", "width_m", "volume_m3", "area_m2", "cost_yuan", "separate_yuan")
_PRICED = ("share_yuan", "share_shapley_yuan", "alone_yuan")


def block(result: StudyResult, drawn: Drawings, language: Language) -> dict[str, Any]:
    """Return the data of the joint plan; dates are days after ``start``.

    Parameters
    ----------
    result
        The study's result.
    drawn
        The openings' drawings, in the order of the table.
    language
        Of the sentences.
    """
    trench, start = result.trench, result.study.start
    segments = result.segments["segment_id"]
    ids = encode.column(trench.openings["opening_id"])
    ends = encode.days_from(trench.openings["ends_on"], start)
    return {
        "start": start.isoformat(),
        "months": months(start, result.study.days, [day for day in ends if day is not None]),
        "assumed": bool(trench.figures["prices_assumed"]),
        "openings": {
            **_openings(result, language),
            **encoded(drawn),
            "exempt": _exempt(result, language),
        },
        "drawn": drawn.said,
        "participants": _participants(result, ids),
        "reopenings": _reopenings(trench.reopenings, ids, segments, language),
        "unplaced": _unplaced(trench.unplaced, language),
        **deciding_view.block(result, language),
    }


def months(start: dt.date, days: int, ends: list[int]) -> list[list[int]]:
    """Return the months of the plan as [year, month, first day, day after the last].

    Parameters
    ----------
    start, days
        First day and length of the planning horizon.
    ends
        Last days of openings, counted from `start`; what runs past the horizon is shown too.

    Examples
    --------
    >>> months(dt.date(2026, 1, 15), 30, [40])
    [[2026, 1, -14, 17], [2026, 2, 17, 45]]
    """
    last = max([days - 1, *ends])
    first = start.replace(day=1)
    found: list[list[int]] = []
    while (first - start).days <= last:
        after = (first + dt.timedelta(days=32)).replace(day=1)
        found.append([first.year, first.month, (first - start).days, (after - start).days])
        first = after
    return found


def _openings(result: StudyResult, language: Language) -> dict[str, Any]:
    frame, start = result.trench.openings, result.study.start
    return {
        "id": encode.column(frame["opening_id"]),
        "segment": encode.positions(frame["segment_id"], result.segments["segment_id"]),
        **encode.columns(frame, _OPENING),
        **encode.columns(frame, _AMOUNTS, digits=1),
        **encode.columns(frame, ("excess_yuan", "excess_shapley_yuan")),
        "group": _groups(result, language),
        "starts": encode.days_from(frame["starts_on"], start),
        "ends": encode.days_from(frame["ends_on"], start),
        "lines": encode.lines(
            encode.to_map(drawn_across(frame, result.segments), result.county.crs)
        ),
    }


def _groups(result: StudyResult, language: Language) -> list[str | None]:
    """Return who overpays; where that was not tested, why not."""
    frame, settings = result.trench.openings, result.trench.problem.settings
    found = encode.column(frame["unstable_group"])
    untested = message(
        "sharing_untested",
        language,
        parties=settings.count("trench.sharing_most_parties"),
        works=settings.count("trench.sharing_most_works"),
    )
    asked = zip(found, frame["excess_yuan"].isna(), strict=True)
    return [untested if unknown else group or None for group, unknown in asked]


def _exempt(result: StudyResult, language: Language) -> list[str | None]:
    if language == "zh":
        return [text or None for text in encode.column(result.trench.openings["exempt"])]
    problem, starts = result.trench.problem, result.trench.plan.starts
    found = runs(problem, starts)
    return [exempt_text(problem, opening, starts, language) or None for opening in found]


def _participants(result: StudyResult, ids: list[Any]) -> dict[str, Any]:
    frame = result.trench.participants
    return {
        "opening": encode.positions(frame["opening_id"], ids),
        "work": encode.column(frame["work_id"]),
        "utility": encode.positions(frame["utility"], UTILITIES),
        "segment": encode.positions(frame["segment_id"], result.segments["segment_id"]),
        **encode.columns(frame, ("owner", "side")),
        **encode.columns(frame, ("from_m", "to_m"), digits=1),
        **encode.columns(frame, _PRICED),
        "starts": encode.days_from(frame["starts_on"], result.study.start),
        "ends": encode.days_from(frame["ends_on"], result.study.start),
    }


def _reopenings(
    frame: pd.DataFrame, ids: list[Any], segments: pd.Series[Any], language: Language
) -> dict[str, Any]:
    return {
        "segment": encode.positions(frame["segment_id"], segments),
        "first": encode.positions(frame["first_opening"], ids),
        "second": encode.positions(frame["second_opening"], ids),
        **_why("reopening", frame, language),
    }


def _unplaced(frame: pd.DataFrame, language: Language) -> dict[str, Any]:
    return {
        "utility": encode.positions(frame["utility"], UTILITIES),
        **encode.columns(frame, ("work_id", "owner")),
        **_why("unplaced", frame, language),
        "rules": [_of_one(rules) for rules in encode.column(frame["rules"])],
    }


def _of_one(rules: str | None) -> str:
    """Return the rules that bar one work: it has a window, there are none that should meet."""
    return ",".join("window" if rule == "windows" else rule for rule in (rules or "").split(","))


def _why(topic: str, frame: pd.DataFrame, language: Language) -> dict[str, Any]:
    """Return a reason in its parts: rules, sentence, and the change of date that would help."""
    without = sentences.CHANGED
    return {
        **encode.columns(frame, ("rule", "rules")),
        "reason": sentences.from_facts(topic, frame, language, without=without),
        "change": sentences.changes(topic, frame, language),
        **encode.columns(frame, ("change_days", "change_yuan"), digits=0),
    }
