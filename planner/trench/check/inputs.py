"""Check the dates of a plan against the study's tables, day by day, without the problem.

What `planner.trench.build` made of dates, closures and crews is not believed here: the days on
which each work digs are held against the rows as they were read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

import geopandas as gpd
import pandas as pd

from layers.tables import ROAD_CLASSES
from planner.checking import Checks
from planner.settings import Settings
from planner.trench.build import Inputs
from planner.trench.check.plan import Verdicts, verdict
from planner.trench.records import Row, records

Roads = Mapping[str, list[Row]]
"""Id of each segment to the rows of all carriageways of its road."""


def check_inputs(
    segments: gpd.GeoDataFrame,
    inputs: Inputs,
    settings: Settings,
    *,
    participants: pd.DataFrame,
) -> Checks:
    """Check windows, roads, moratoria, no-dig periods and crews of a plan from the inputs.

    Parameters
    ----------
    segments, inputs
        Tables of `layers.tables`, as read.
    settings
        ``trench.moratorium_*``.
    participants
        `layers.tables.PARTICIPANTS`, as written.

    References
    ----------
    State Council Decree 198 (城市道路管理条例), arts 33, 34.
    """
    by_id = {str(row["work_id"]): row for table in inputs.works for row in records(table)}
    roads = _carriageways(segments)
    digs = [row for row in records(participants) if row["work_id"] in by_id]
    return (
        Checks.of(_windows(by_id, participants))
        + Checks.of(_roads(digs, roads))
        + Checks.of(_moratoria(digs, by_id, roads, settings))
        + Checks.of(_events(digs, by_id, roads, inputs.events))
        + Checks.of(_crews(by_id, participants, inputs.crews))
    )


def _windows(by_id: dict[str, Row], participants: pd.DataFrame) -> Verdicts:
    days = participants.groupby("work_id").agg(first=("starts_on", "min"), last=("ends_on", "max"))
    for key, (first, last) in zip(days.index, days.to_numpy(), strict=True):
        work = by_id.get(str(key))
        yield verdict("inputs", str(key), "no such work", held=work is not None)
        if work is not None and not work["fixed"]:
            detail = f"{first} to {last}, allowed {work['earliest']} to {work['latest']}"
            held = work["earliest"] <= first and last <= work["latest"]
            yield verdict("window", str(key), detail, held=held)


def _carriageways(segments: gpd.GeoDataFrame) -> Roads:
    """Return by id of each segment the rows of all carriageways of its road."""
    found: dict[str, list[Row]] = {}
    for row in records(segments):
        found.setdefault(_road(row), []).append(row)
    return {str(row["segment_id"]): rows for rows in found.values() for row in rows}


def _road(row: Row) -> str:
    """Return the id of the segment that stands for a segment's road."""
    group = row["group_id"]
    return group if isinstance(group, str) and group else str(row["segment_id"])


def _roads(digs: list[Row], roads: Roads) -> Verdicts:
    """Yield tests that each dig is planned on the segment that stands for its road."""
    for dig in digs:
        segment = str(dig["segment_id"])
        known = segment in roads
        road = _road(roads[segment][0]) if known else "none"
        detail = f"planned on {segment}, its road is {road}"
        yield verdict("road", str(dig["work_id"]), detail, held=segment == road)


def _bound(digs: list[Row], by_id: dict[str, Row], roads: Roads) -> Iterator[tuple[Row, Row]]:
    """Yield the digs that closures bind, neither approved nor emergency, by carriageway.

    A dig on a road is bound by what closes any of its carriageways. Digs of unknown works are
    found as such elsewhere.
    """
    for dig in digs:
        work = by_id.get(dig["work_id"])
        if work and not (work["fixed"] or work["emergency"]):
            for carriageway in roads.get(dig["segment_id"], ()):
                yield dig, carriageway


def _moratoria(
    digs: list[Row], by_id: dict[str, Row], roads: Roads, settings: Settings
) -> Verdicts:
    years = {
        "opened_on": settings.count("trench.moratorium_new_years"),
        "overhauled_on": settings.count("trench.moratorium_overhaul_years"),
    }
    everywhere = settings.flag("trench.moratorium_on_rural_roads")
    for dig, road in _bound(digs, by_id, roads):
        for column, count in years.items():
            begun = road[column]
            rural = road["road_class"] == "rural" and not everywhere
            if rural or not isinstance(begun, pd.Timestamp):
                continue
            free = begun + pd.DateOffset(years=count)
            held = dig["ends_on"] < begun or dig["starts_on"] >= free
            detail = f"{dig['segment_id']} dug before {free.date()}"
            yield verdict("moratorium", dig["work_id"], detail, held=held)


def _events(digs: list[Row], by_id: dict[str, Row], roads: Roads, events: pd.DataFrame) -> Verdicts:
    bans = records(events)
    for dig, road in _bound(digs, by_id, roads):
        for ban in bans:
            if _applies(ban, road):
                apart = dig["ends_on"] < ban["starts_on"] or dig["starts_on"] > ban["ends_on"]
                detail = f"{dig['segment_id']} dug during {ban['name'] or ban['event_id']}"
                yield verdict("no_dig", dig["work_id"], detail, held=apart)


def _applies(ban: Row, road: Row) -> bool:
    town, classes = (
        ban[name] if isinstance(ban[name], str) else "" for name in ("town", "road_class")
    )
    spelled = (road["road_class"], *ROAD_CLASSES.get(road["road_class"], ()))
    for mark in ",;，；、":
        classes = classes.replace(mark, " ")
    here = not town.strip() or town.strip() == road["town"]
    return here and (not classes.split() or any(name in classes.split() for name in spelled))


def _crews(by_id: dict[str, Row], participants: pd.DataFrame, crews: pd.DataFrame) -> Verdicts:
    busy: Counter[tuple[str, pd.Timestamp]] = Counter()
    approved: Counter[tuple[str, pd.Timestamp]] = Counter()
    days = participants.groupby("work_id").agg(first=("starts_on", "min"), last=("ends_on", "max"))
    for key, (first, last) in zip(days.index, days.to_numpy(), strict=True):
        work = by_id.get(str(key))
        if work is not None:
            used = [(str(work["owner"]), day) for day in pd.date_range(first, last)]
            busy.update(used)
            approved.update(used if work["fixed"] else ())
    for row in records(crews):
        limit, owner = int(row["crews"]), str(row["owner"])
        over = [day for (who, day), count in busy.items()
                if who == owner and count > max(limit, approved[who, day])]  # fmt: skip
        detail = f"more than {limit} at once on {len(over)} day(s)"
        yield verdict("crews", owner, detail, held=not over)
