"""When a segment may not be dug: moratoria of new and overhauled roads, and no-dig periods."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

import geopandas as gpd
import pandas as pd

from layers.tables import ROAD_CLASSES
from planner.settings import Settings
from planner.trench.problem import Closed, ClosedRule
from planner.trench.records import Row, records


class Horizon(NamedTuple):
    """First day, length of a period in days, and number of periods of a plan."""

    start: date
    period_days: int
    periods: int

    def closed(
        self,
        first: pd.Timestamp,
        last: pd.Timestamp,
        rule: ClosedRule,
        detail: str,
        detail_zh: str = "",
    ) -> tuple[Closed, ...]:
        """Return the periods touched by the days `first` to `last`; none outside the horizon."""
        begin = (first - pd.Timestamp(self.start)).days // self.period_days
        end = (last - pd.Timestamp(self.start)).days // self.period_days
        if end < 0 or begin >= self.periods or end < begin:
            return ()
        return (Closed(max(begin, 0), min(end, self.periods - 1), rule, detail, detail_zh),)


def closures(
    segments: gpd.GeoDataFrame, events: pd.DataFrame, settings: Settings, horizon: Horizon
) -> tuple[tuple[Closed, ...], ...]:
    """Return for each segment the periods in which it may not be open.

    A road is closed where one of its carriageways is, by a moratorium or in its town: the strict
    reading, since the decree speaks of the road and an opening may lie on all of it.

    Parameters
    ----------
    segments
        With ``segment_id``, ``group_id`` (one for the carriageways of a road, empty: alone),
        ``road_class``, ``opened_on``, ``overhauled_on`` and ``town``.
    events
        With the columns of `layers.tables.EVENTS`. An empty town or road class means all; several
        road classes may stand in one cell, in any spelling of `layers.tables.ROAD_CLASSES`.
    settings
        ``trench.moratorium_*``.
    horizon
        Days and periods of the plan.

    References
    ----------
    State Council Decree 198 (城市道路管理条例), art. 33: no excavation for 5 years after a road is
    opened, extended or rebuilt, for 3 years after an overhaul.
    """
    moratoria = [_moratoria(row, settings, horizon) for row in records(segments)]
    bans = [_Ban.of(row, horizon) for row in records(events)]
    rows = records(segments)
    own = [
        quiet + tuple(closed for ban in bans if ban.covers(row) for closed in ban.closed)
        for quiet, row in zip(moratoria, rows, strict=True)
    ]
    road = [_text(row["group_id"]) or row["segment_id"] for row in rows]
    whole: dict[str, dict[Closed, None]] = {}
    for key, shut in zip(road, own, strict=True):
        whole.setdefault(key, {}).update(dict.fromkeys(shut))
    return tuple(tuple(whole[key]) for key in road)


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


_BEGUN = (
    ("opened_on", "new", "opened", "建成"),
    ("overhauled_on", "overhaul", "overhauled", "大修"),
)
"""Column, setting, and the words for it."""


def _moratoria(row: Row, settings: Settings, horizon: Horizon) -> tuple[Closed, ...]:
    if row["road_class"] == "rural" and not settings.flag("trench.moratorium_on_rural_roads"):
        return ()
    found: tuple[Closed, ...] = ()
    for column, setting, en, zh in _BEGUN:
        begun = row[column]
        if isinstance(begun, pd.Timestamp) and not pd.isna(begun):
            years = settings.count(f"trench.moratorium_{setting}_years")
            last = begun + pd.DateOffset(years=years) - pd.Timedelta(days=1)
            detail = f"{en} on {begun.date()}, closed for {years} years (Decree 198 art. 33)"
            detail_zh = f"{zh} {begun.date()}，{years} 年内（国务院令第198号第33条）"
            found += horizon.closed(begun, last, "moratorium", detail, detail_zh)
    return found


class _Ban(NamedTuple):
    town: str
    road_classes: frozenset[str]
    closed: tuple[Closed, ...]

    @classmethod
    def of(cls, row: Row, horizon: Horizon) -> _Ban:
        first, last = pd.Timestamp(str(row["starts_on"])), pd.Timestamp(str(row["ends_on"]))
        name = _text(row.get("name")) or _text(row.get("event_id"))
        words = re.split(r"[,;，；、\s]+", _text(row.get("road_class")))
        return cls(
            _text(row.get("town")),
            frozenset(_class_of(word) for word in words if word),
            horizon.closed(first, last, "no_dig", name),
        )

    def covers(self, segment: Row) -> bool:
        here = not self.town or self.town == _text(segment.get("town"))
        return here and (not self.road_classes or segment["road_class"] in self.road_classes)


def _class_of(word: str) -> str:
    return next((key for key, names in ROAD_CLASSES.items() if word in names), word)


def unknown_towns(events: pd.DataFrame, segments: pd.DataFrame) -> tuple[str, ...]:
    """Return towns of no-dig periods in which no segment lies, sorted: they close nothing."""
    known = {_text(town) for town in segments["town"]}
    named: Iterable[str] = (_text(town) for town in events.get("town", ()))
    return tuple(sorted({town for town in named if town and town not in known}))
