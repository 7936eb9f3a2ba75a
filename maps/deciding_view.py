"""What people decide from the joint plan, and what it stands on, as data.

Openings that meet, works that look split, what becomes of the plan when works take longer or an
owner drops out, what one more crew is worth, and where the distance to the bound lies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from geo.messages import Language
from layers.tables import UTILITIES
from maps import encode, sentences

if TYPE_CHECKING:
    from planner.study import StudyResult

WEEKS_SHOWN = 3
"""Weeks of each crew in which one more would save most."""
SEGMENTS_SHOWN = 8
"""Segments on which most of the distance to the bound lies."""

_OUTCOME = (
    "scenario", "owner", "mode", "openings", "survive", "same_dates", "violations", "unplaced",
)  # fmt: skip
_PROOF = (
    "status", "gap", "cost_yuan", "bound_yuan", "cost_greedy_yuan", "cost_separate_yuan",
    "sharing", "approved",
)  # fmt: skip


def block(result: StudyResult, language: Language) -> dict[str, Any]:
    """Return the lists for deciding; dates are days after the study's start.

    Parameters
    ----------
    result
        The study's result.
    language
        Of the sentences.
    """
    lists = result.trench.lists
    return {
        "decisions": _decisions(result, language),
        "splits": _splits(result, language),
        "robustness": {
            **encode.columns(lists["robustness"], _OUTCOME),
            "cost_yuan": encode.column(lists["robustness"]["cost_yuan"], digits=0),
            "reason": sentences.from_facts("robustness", lists["robustness"], language),
        },
        "crews": _crews(result),
        "gaps": _gaps(result),
        "proof": {name: result.trench.figures[name] for name in _PROOF},
    }


def _decisions(result: StudyResult, language: Language) -> dict[str, Any]:
    frame = result.trench.lists["decisions"]
    ids = result.trench.openings["opening_id"]
    return {
        "id": encode.column(frame["decision_id"]),
        **encode.columns(frame, ("kind", "settled")),
        "owner": _names(frame["owner"], language),
        "other_owner": _names(frame["other_owner"], language),
        "one": encode.positions(frame["opening_id"], ids),
        "other": encode.positions(frame["other_opening_id"], ids),
        "works": encode.column(frame["work_id"]),
        "other_works": encode.column(frame["other_work_id"]),
        "days_between": encode.column(frame["days_between"]),
        "saving_yuan": encode.column(frame["saving_yuan"], digits=0),
        "advice": sentences.from_facts("decision", frame, language, column="advice"),
    }


def _names(column: pd.Series[Any], language: Language) -> list[str | None]:
    """Return names that the table separates by commas, as the language separates them."""
    between = "、" if language == "zh" else ", "
    return [text and between.join(text.split(",")) for text in encode.column(column)]


def _splits(result: StudyResult, language: Language) -> dict[str, Any]:
    frame, participants = result.trench.lists["splits"], result.trench.participants
    places = encode.positions(participants["opening_id"], result.trench.openings["opening_id"])
    by_work: dict[str, list[int]] = {}
    for work, place in zip(participants["work_id"], places, strict=True):
        by_work.setdefault(str(work), []).append(place)
    return {
        "id": encode.column(frame["split_id"]),
        **encode.columns(frame, ("owner", "works", "measure")),
        **encode.columns(frame, ("together_m", "threshold", "together"), digits=0),
        "utility": encode.positions(frame["utility"], UTILITIES),
        "openings": [
            sorted({place for work in str(works).split(",") for place in by_work.get(work, ())})
            for works in frame["works"]
        ],
        "reason": sentences.from_facts("split", frame, language),
    }


def _crews(result: StudyResult) -> dict[str, Any]:
    """Return the dearest weeks of each crew, the crew that saves most first."""
    frame = result.trench.lists["crew_prices"]
    most = frame.sort_values("yuan", ascending=False, kind="stable").groupby("crew", sort=False)
    shown = most.head(WEEKS_SHOWN)
    order = {crew: place for place, crew in enumerate(dict.fromkeys(shown["crew"]))}
    shown = shown.sort_values("crew", key=lambda crew: crew.map(order), kind="stable")
    return {
        "crew": encode.column(shown["crew"]),
        "starts": encode.days_from(shown["starts_on"], result.study.start),
        "ends": encode.days_from(shown["ends_on"], result.study.start),
        "yuan": encode.column(shown["yuan"], digits=0),
    }


def _gaps(result: StudyResult) -> dict[str, Any]:
    frame: pd.DataFrame = result.trench.lists["segment_prices"]
    shown = frame[frame["gap_yuan"] > 0].head(SEGMENTS_SHOWN)
    return {
        "segment": encode.positions(shown["segment_id"], result.segments["segment_id"]),
        **encode.columns(shown, ("plan_yuan", "bound_yuan", "gap_yuan"), digits=0),
    }
