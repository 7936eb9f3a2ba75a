"""The joint plan as data: openings, who takes part, why a road is opened again."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pandas as pd

from geo.messages import Language
from layers.tables import UTILITIES
from maps import encode, sentences

if TYPE_CHECKING:
    from planner.study import StudyResult

_OPENING = ("name", "town", "days", "owners", "works", "joint", "permits")
_AMOUNTS = ("dug_m", "width_m", "volume_m3", "area_m2", "cost_yuan", "separate_yuan")


def block(result: StudyResult, language: Language) -> dict[str, Any]:
    """Return the data of the joint plan; dates are days after ``start``."""
    trench, start = result.trench, result.study.start
    segments = result.segments["segment_id"]
    openings = trench.openings
    ids = encode.column(openings["opening_id"])
    ends = encode.days_from(openings["ends_on"], start)
    return {
        "start": start.isoformat(),
        "months": months(start, result.study.days, [day for day in ends if day is not None]),
        "openings": {
            "id": ids,
            "segment": encode.positions(openings["segment_id"], segments),
            **encode.columns(openings, _OPENING),
            **encode.columns(openings, _AMOUNTS, digits=1),
            "starts": encode.days_from(openings["starts_on"], start),
            "ends": ends,
            "lines": encode.lines(encode.to_map(openings.geometry, result.county.crs)),
        },
        "participants": _participants(result, ids),
        "reopenings": _reopenings(trench.reopenings, ids, segments, language),
        "unplaced": _unplaced(trench.unplaced, language),
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


def _participants(result: StudyResult, ids: list[Any]) -> dict[str, Any]:
    frame = result.trench.participants
    return {
        "opening": encode.positions(frame["opening_id"], ids),
        "work": encode.column(frame["work_id"]),
        "utility": encode.positions(frame["utility"], UTILITIES),
        "segment": encode.positions(frame["segment_id"], result.segments["segment_id"]),
        **encode.columns(frame, ("owner", "side")),
        **encode.columns(frame, ("from_m", "to_m", "share_yuan"), digits=1),
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
        "rule": encode.column(frame["rule"]),
        "reason": sentences.from_facts("reopening", frame, language),
    }


def _unplaced(frame: pd.DataFrame, language: Language) -> dict[str, Any]:
    return {
        "utility": encode.positions(frame["utility"], UTILITIES),
        **encode.columns(frame, ("work_id", "owner", "rule")),
        "reason": sentences.from_facts("unplaced", frame, language),
    }
