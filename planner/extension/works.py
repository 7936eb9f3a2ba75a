"""Routed connections as planned works, so that the trench schedule can join them with others."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import geopandas as gpd
import shapely
from pyproj import CRS
from shapely.geometry.base import BaseGeometry
from shapely.ops import linemerge

from geo.errors import Fault, InputError
from layers.tables import UTILITIES, WORKS
from layers.workdays import Workdays
from planner.extension.account import Account, pieces_of
from planner.extension.demand import Demand
from planner.extension.frames import Row, frame, route_id
from planner.extension.problem import Problem
from planner.extension.terms import Terms
from planner.settings import Settings


@dataclass(frozen=True, slots=True)
class Window:
    """When a connection's works can run.

    `latest` is their last day; `short` says that the deadline leaves too little time and was not
    kept, `estimated` that the permits end in a year whose holidays are not published.
    """

    earliest: date
    latest: date
    duration_days: int
    short: bool
    estimated: bool


def window(
    demand: Demand,
    said: Terms,
    *,
    dug_m: float,
    start: date,
    workdays: Workdays,
    settings: Settings,
) -> Window:
    """Return the window of one connection's works: after the permits, before the deadline.

    Parameters
    ----------
    demand, said
        What is connected and what the rules say of it.
    dug_m
        Length that this connection digs itself.
    start
        First day of the plan; nothing begins before it, and undated applications count from it.
    workdays
        Calendar for the permits; where a year is not published, five working days count as seven
        days.
    settings
        ``extension.work_*`` and ``rules.unset_limit_days``.
    """
    days = settings.count("extension.work_base_days")
    days += math.ceil(dug_m / settings.number("extension.work_m_per_day"))
    accepted = demand.accepted_on or start
    permitted, estimated = _after(accepted, said.permit_days, workdays)
    earliest = max(permitted, start)
    unset = timedelta(days=settings.count("rules.unset_limit_days"))
    latest = said.deadline_on or accepted + unset
    last_needed = earliest + timedelta(days=days - 1)
    short = last_needed > latest
    return Window(earliest, max(latest, last_needed), days, short, estimated)


def _after(day: date, working_days: int, workdays: Workdays) -> tuple[date, bool]:
    """Return the day after some working days, and whether it is only estimated."""
    try:
        return (workdays.add(day, working_days) if working_days else day), False
    except InputError:
        return day + timedelta(days=math.ceil(working_days * 7 / 5)), True


def works(
    problem: Problem,
    result: Account,
    terms: Sequence[Terms],
    *,
    start: date,
    workdays: Workdays,
    settings: Settings,
    crs: CRS,
) -> tuple[gpd.GeoDataFrame, tuple[Fault, ...]]:
    """Return one work for each connection that digs, and notices of deadlines and calendars.

    Of several connections that use one line the first accepted digs it; one that needs no
    trench of its own has no work.

    Returns
    -------
    tuple
        Frame of `layers.tables.WORKS` (lines, in parts where a connection digs in several
        places), and the notices.
    """
    rows: list[Row] = []
    shapes: list[BaseGeometry] = []
    short: list[str] = []
    estimated: list[str] = []
    for number, route in enumerate(result.plan.routes):
        demand = problem.demands[route.demand]
        pieces = pieces_of(problem, route.edges[result.first[number]])
        if not len(pieces):
            continue
        when = window(
            demand,
            terms[number],
            dug_m=float(shapely.length(pieces).sum()),
            start=start,
            workdays=workdays,
            settings=settings,
        )
        identity = route_id(demand, route)
        if when.short:
            short.append(identity)
        if when.estimated:
            estimated.append(identity)
        label = UTILITIES[demand.utility][0]
        rows.append(
            {
                "work_id": f"EX-{identity}",
                "name": f"{demand.parcel_id} {label}接入",
                "utility": demand.utility,
                "subtype": "service",
                "owner": str(problem.sources.owner[route.tie_in]) or label,
                "diameter_mm": demand.line.diameter_mm,
                "voltage_kv": demand.line.voltage_kv,
                "depth_m": math.nan,
                "earliest": when.earliest,
                "wanted": when.earliest,
                "latest": when.latest,
                "duration_days": when.duration_days,
                "method": "open_cut",
                "fixed": False,
                "emergency": False,
                "confidence": "接入申请",
            }
        )
        shapes.append(linemerge(list(pieces)))
    notices = _notice("extension_deadline_short", short)
    return frame(WORKS, rows, shapes, crs), notices + _notice("extension_calendar", estimated)


def _notice(code: str, ids: Sequence[str]) -> tuple[Fault, ...]:
    if not ids:
        return ()
    return (Fault(code, layer="applications", rows=tuple(ids[:5]), count=len(ids)),)
