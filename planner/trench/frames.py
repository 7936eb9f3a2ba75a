"""A plan as tables: openings, participants, re-openings, starts and works without a place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import nan
from typing import Protocol

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely import LineString
from shapely.geometry.base import BaseGeometry
from shapely.ops import substring

from geo.messages import message
from layers.tables import (
    OPENINGS,
    PARTICIPANTS,
    REOPENINGS,
    STARTS,
    UNPLACED,
    UTILITIES,
)
from planner.section.layout import Section, lay
from planner.trench.cost import Prices, Strip, lines_of, strips
from planner.trench.exempt import exempt_text
from planner.trench.plan import Opening
from planner.trench.problem import Problem, Rejected
from planner.trench.reasons.explain import Reopening
from planner.trench.reasons.wording import needed, pack, sentence
from planner.trench.records import Cells, frame_of
from planner.trench.sharing.share import Split, to_fen


class Permits(Protocol):
    """Names the permits that an opening needs, for the reader."""

    def __call__(self, problem: Problem, opening: Opening) -> str:
        """Return the permits in one line, or an empty text."""


def opening_ids(problem: Problem, found: Sequence[Opening]) -> dict[Opening, str]:
    """Name openings after their segment and their place in time there, from 1."""
    count: dict[int, int] = {}
    names: dict[Opening, str] = {}
    for opening in found:
        count[opening.segment] = count.get(opening.segment, 0) + 1
        names[opening] = f"{problem.segments[opening.segment].id}-{count[opening.segment]}"
    return names


def sections(problem: Problem, opening: Opening) -> tuple[tuple[Strip, Section], ...]:
    """Return the cross-section of each strip of an opening, by side and along the segment."""
    surface = problem.segments[opening.segment].surface
    beneath = problem.settings.flag("trench.under_carriageway")
    return tuple(
        (strip, lay(lines, problem.settings, surface=surface, carriageway=beneath))
        for strip in strips(problem, opening.segment, opening.works)
        if (lines := lines_of(problem, strip.works))
    )


def _measures(problem: Problem, opening: Opening) -> Cells:
    """Return what is dug; the width is that of the widest section of each side, added."""
    found = sections(problem, opening)
    widest: dict[str, float] = {}
    for strip, section in found:
        widest[strip.side] = max(widest.get(strip.side, 0.0), section.width_m)
    dug = strips(problem, opening.segment, opening.works)
    return {
        "dug_m": sum(strip.length_m for strip in dug),
        "width_m": sum(widest.values()),
        "volume_m3": sum(strip.length_m * part.volume_m3_per_m for strip, part in found),
        "area_m2": sum(strip.length_m * part.area_m2_per_m for strip, part in found),
    }


def _place(problem: Problem, opening: Opening, line: LineString) -> BaseGeometry:
    dug = strips(problem, opening.segment, opening.works)
    if not dug:
        return line
    return substring(line, min(strip.from_m for strip in dug), max(strip.to_m for strip in dug))


def _names(values: Iterable[str]) -> str:
    return "、".join(dict.fromkeys(value for value in values if value))


def _stability(problem: Problem, split: Split) -> Cells:
    """Return by how much some group overpays; empty numbers and a remark where that is unknown."""
    worst, shapley = split.grievance, split.grievance_shapley
    if worst is None or shapley is None:
        limits = {
            name: problem.settings.count(f"trench.sharing_most_{name}")
            for name in ("parties", "works")
        }
        remark = message("sharing_untested", "zh", **limits)
        return {"excess_yuan": nan, "excess_shapley_yuan": nan, "unstable_group": remark}
    return {
        "excess_yuan": worst.excess_yuan,
        "excess_shapley_yuan": shapley.excess_yuan,
        "unstable_group": _names(worst.parties),
    }


def openings_frame(
    problem: Problem,
    found: Sequence[Opening],
    segments: gpd.GeoDataFrame,
    prices: Prices,
    permits: Permits | None,
    *,
    starts: Mapping[int, int],
    splits: Mapping[Opening, Split],
) -> gpd.GeoDataFrame:
    """Return openings as `layers.tables.OPENINGS`, by segment and time.

    ``utilities`` holds the canonical keys separated by commas, in the order of the vocabulary;
    the geometry is the part of the segment from the first to the last metre dug. ``exempt`` names
    the works that dig while the segment is closed; ``excess_yuan`` is the most that a group of
    ``unstable_group`` pays above its cheapest openings alone (0: nobody would leave).

    Parameters
    ----------
    starts
        Start of each placed work.
    splits
        As `planner.trench.sharing.share.splits` returns them for these openings.
    """
    ids = opening_ids(problem, found)
    rows: list[Cells] = []
    lines = []
    for opening in found:
        works = [problem.works[work] for work in opening.works]
        place = segments.iloc[opening.segment]
        utilities = {work.utility for work in works}
        rows.append(
            {
                "opening_id": ids[opening],
                "segment_id": problem.segments[opening.segment].id,
                "name": _text(place["name"]),
                "town": _text(place["town"]),
                "starts_on": problem.day(opening.first),
                "ends_on": problem.last_day(opening.end),
                "days": opening.periods * problem.period_days,
                "utilities": ",".join(key for key in UTILITIES if key in utilities),
                "owners": _names(work.owner for work in works),
                "works": len(works),
                "joint": len(works) > 1,
                **_measures(problem, opening),
                "cost_yuan": prices.opening_yuan(
                    opening.segment, opening.periods, frozenset(opening.works)
                ),
                "separate_yuan": sum(
                    prices.alone_yuan(work, opening.segment) for work in opening.works
                ),
                "permits": permits(problem, opening) if permits else "",
                "exempt": exempt_text(problem, opening, starts),
                **_stability(problem, splits[opening]),
            }
        )
        lines.append(_place(problem, opening, place.geometry))
    return gpd.GeoDataFrame(frame_of(OPENINGS, rows), geometry=lines, crs=segments.crs)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def participants_frame(
    problem: Problem,
    found: Sequence[Opening],
    starts: Mapping[int, int],
    splits: Mapping[Opening, Split],
) -> pd.DataFrame:
    """Return who digs what in which opening: `layers.tables.PARTICIPANTS`.

    A work that digs several stretches of a segment has a row for each; its shares of the cost and
    its cost alone are divided among them by length. The rows of an opening add up to its cost to
    the fen, those of an owner in ``alone_yuan`` to what it would pay alone.

    Parameters
    ----------
    starts
        Start of each placed work.
    splits
        As `planner.trench.sharing.share.splits` returns them for these openings.
    """
    ids = opening_ids(problem, found)
    rows: list[Cells] = []
    for opening in found:
        dug = _dug(problem, opening, starts)
        money = _money(problem, opening, splits[opening])
        rows += [
            {"opening_id": ids[opening], **here, **paid}
            for here, paid in zip(dug, money, strict=True)
        ]
    return frame_of(PARTICIPANTS, rows)


def _dug(problem: Problem, opening: Opening, starts: Mapping[int, int]) -> list[Cells]:
    """Return where and when each work of an opening digs, a row for each stretch."""
    rows: list[Cells] = []
    for place in opening.works:
        work = problem.works[place]
        task = work.task_on(opening.segment)
        first = starts[place] + task.lag
        rows += [
            {
                "work_id": work.id,
                "utility": work.utility,
                "owner": work.owner,
                "segment_id": problem.segments[opening.segment].id,
                "from_m": stretch.from_m,
                "to_m": stretch.to_m,
                "side": stretch.side,
                "starts_on": problem.day(first),
                "ends_on": problem.last_day(first + task.duration),
            }
            for stretch in task.stretches
        ]
    return rows


def _money(problem: Problem, opening: Opening, split: Split) -> list[Cells]:
    """Return what each work of an opening pays, a row for each stretch, shares in whole fen."""
    parts = [
        (place, stretch.length_m / task.dug_m)
        for place in opening.works
        for task in [problem.works[place].task_on(opening.segment)]
        for stretch in task.stretches
    ]
    columns = {
        "share_yuan": split.proportional,
        "share_shapley_yuan": split.shapley,
        "alone_yuan": split.alone,
    }
    money = {
        name: to_fen(np.array([paid[place] * part for place, part in parts]))
        for name, paid in columns.items()
    }
    return [{name: float(money[name][row]) for name in money} for row in range(len(parts))]


def reopenings_frame(
    problem: Problem, found: Sequence[Opening], reasons: Iterable[Reopening]
) -> pd.DataFrame:
    """Return re-openings as `layers.tables.REOPENINGS`, sentences in Chinese."""
    ids = opening_ids(problem, found)
    rows: list[Cells] = [
        {
            "segment_id": problem.segments[reason.first.segment].id,
            "first_opening": ids[reason.first],
            "second_opening": ids[reason.second],
            **_why("reopening", reason.rule, reason.facts),
        }
        for reason in reasons
    ]
    return frame_of(REOPENINGS, rows)


def _why(topic: str, rule: str, facts: Mapping[str, object]) -> Cells:
    """Return the columns of a reason; a priced joining needs a change of 0 days."""
    works: Iterable[str] = ()
    days = yuan = nan
    change = facts.get("change")
    if isinstance(change, Mapping):
        works, days, yuan = change["works"], change["days"], change["yuan"]
    elif rule == "cost":
        days, yuan = 0.0, float(str(facts["yuan"]))
    return {
        "rule": rule,
        "rules": facts.get("rules", ""),
        "reason": sentence(topic, rule, facts),
        "change_work": ",".join(works),
        "change_days": days,
        "change_yuan": yuan,
        "facts": pack(needed(topic, rule, facts)),
    }


def unplaced_frame(rejected: Iterable[Rejected]) -> pd.DataFrame:
    """Return works without a place as `layers.tables.UNPLACED`, sentences in Chinese."""
    rows: list[Cells] = [
        {
            "work_id": work.work_id,
            "utility": work.utility,
            "owner": work.owner,
            **_why("unplaced", work.rule, work.facts),
        }
        for work in rejected
    ]
    return frame_of(UNPLACED, rows)


def starts_frame(problem: Problem, starts: Mapping[int, int]) -> pd.DataFrame:
    """Return the start of each placed work as `layers.tables.STARTS`, by id."""
    rows: list[Cells] = [
        {"work_id": problem.works[work].id, "period": start} for work, start in starts.items()
    ]
    return frame_of(STARTS, sorted(rows, key=lambda row: str(row["work_id"])))
