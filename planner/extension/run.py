"""The routing of one study: applications in; connections, trenches, reasons and works out."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry.base import BaseGeometry

from geo.errors import Fault
from geo.messages import message
from layers.county import County
from layers.workdays import published
from planner.extension import baselines, demand, frames, rows, summary, works
from planner.extension.account import Account, account, line_of
from planner.extension.candidates.search import settled
from planner.extension.candidates.tables import tables as candidate_tables
from planner.extension.corridor import Kind
from planner.extension.design import Design, design
from planner.extension.graph.cutting import Stretches
from planner.extension.gravity.drains import drains
from planner.extension.gravity.redirect import redirect
from planner.extension.joint.certificate import Certificate
from planner.extension.payers import by_payer
from planner.extension.problem import Problem, Route, build, left_over
from planner.extension.reasons import reasons, refusals
from planner.extension.reserve.tables import tables as reserve_tables
from planner.extension.summary import Plans
from planner.extension.terms import Terms, land, terms, voltage_note
from planner.rules.profile import Profile
from planner.settings import Settings

Progress = Callable[[str, float], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtensionResult:
    """Routes to the red lines and everything that was compared with them.

    Parameters
    ----------
    status
        ``optimal``: the bound meets the cost, drains aside; ``feasible``: every demand has a route
        or a reason; ``empty``: nobody has a route.
    connections, trenches, unreachable
        Frames of `layers.tables`.
    drains, drain_levels
        Profiles of the routed drains, frames of `layers.tables`; empty without terrain.
    options
        What else could be done, frames of `layers.tables`: ``candidates``, ``candidate_ways``,
        ``reserves``, ``reserve_ducts`` and ``reserve_ways``.
    works
        One work for each connection that digs, columns of `layers.tables.WORKS`.
    no_line
        Columns ``application_id`` and ``reason``: applications that need no new line.
    reasons
        Id in `unreachable` or `no_line` to its sentence, in both languages.
    notes
        What a reader must know: assumed demands, classes not stated, exact sections.
    figures
        The ``extension`` object of result.json.
    certificate
        What proves the bound.
    """

    status: str
    connections: gpd.GeoDataFrame
    trenches: gpd.GeoDataFrame
    unreachable: gpd.GeoDataFrame
    drains: gpd.GeoDataFrame
    drain_levels: gpd.GeoDataFrame
    options: Mapping[str, gpd.GeoDataFrame]
    works: gpd.GeoDataFrame
    no_line: pd.DataFrame
    reasons: Mapping[str, Fault]
    notes: tuple[Fault, ...]
    figures: Mapping[str, object]
    certificate: Certificate


def _plans(problem: Problem, settings: Settings, tell: Progress) -> tuple[Plans, Design]:
    separate = baselines.separate(problem)
    overlay = baselines.overlay(problem, separate.plan)
    tell(message("extension_design"), 0.2)
    designed = design(
        problem,
        overlay,
        effort=settings.number("extension.search_effort"),
    )
    return Plans(separate, overlay, designed.plan), designed


def solve(
    county: County,
    segments: gpd.GeoDataFrame,
    settings: Settings,
    profile: Profile,
    *,
    start: date,
    open_segments: Stretches = MappingProxyType({}),
    progress: Progress | None = None,
) -> ExtensionResult:
    """Route every application of a county to its red line.

    Parameters
    ----------
    county
        Parcels, applications, tie-ins and zones in a projected CRS in metres.
    segments
        Frame of `layers.tables.SEGMENTS`.
    settings
        Names ``extension.*``, ``section.*`` and ``rules.*``.
    profile
        Jurisdiction, for deadlines, permits and payers.
    start
        First day of the plan.
    open_segments
        Segment id to the stretches (from_m, to_m and, where it is known, the side) that planned
        works hold open in time; there only added width is paid.
    progress
        Called with a message and the share done.

    Returns
    -------
    ExtensionResult
        Never dearer than the overlay of separately designed networks, which is never dearer than
        everyone alone; all three connect the same demands.

    Raises
    ------
    InputError
        If applications or tie-ins cannot be understood, see `planner.extension.rows.require`.
    """
    rows.require(county)
    began = time.perf_counter()
    tell = progress or (lambda _message, _share: None)
    tell(message("extension_prepared"), 0.0)
    asked = demand.read(county["applications"], settings)
    problem = build(
        asked,
        county.frames,
        segments,
        settings,
        open_segments=open_segments,
        terrain=county.terrain,
    )
    plans, designed = _plans(problem, settings, tell)
    plans = redirect(problem, plans, county, settings)
    passes = settings.count("extension.passes")
    plans = replace(plans, joint=settled(problem, plans.joint, passes=passes))
    alone = plans.separate.by_route()
    alone_yuan = [alone[route.demand, route.second] for route in plans.joint.routes]
    books = account(problem, plans.joint, baselines.by_acceptance(problem), alone_yuan)
    said = _terms(county, problem, books, profile, settings)
    dug, short = works.works(
        problem,
        books,
        said,
        start=start,
        workdays=published(),
        settings=settings,
        crs=county.crs,
    )
    left = left_over(problem, plans.joint)
    missing = refusals(asked, county) + reasons(problem, plans.joint, left, settings)
    shapes = polygons(county)
    pipe_ids = county["pipes"]["pipe_id"].tolist()
    connections = frames.connections(problem, books, said, shapes, alone_yuan, pipe_ids, county.crs)
    fallen = drains(county, problem.demands, connections, settings)
    told = tuple(note for note in (voltage_note(profile, settings), rows.dual_note(county)) if note)
    figures = summary.figures(asked, problem, plans, books, missing)
    figures |= summary.proven(problem, plans.joint, designed)
    figures |= summary.compared(connections, county["applications"])
    figures |= {"payers": by_payer(connections)}
    ids = segments["segment_id"].tolist()
    others = candidate_tables(
        problem, books.plan, county, settings, present=fallen.drains, segment_ids=ids
    )
    dug_in = frames.trenches(problem, books, ids, county.crs)
    kept, kept_figures = reserve_tables(problem, books.plan, dug_in, county, segments, settings)
    figures |= {"reserve": kept_figures}
    return ExtensionResult(
        status=str(figures["status"]),
        connections=connections,
        trenches=dug_in,
        unreachable=frames.unreachable(missing, county.crs),
        drains=fallen.drains,
        drain_levels=fallen.levels,
        options=MappingProxyType(
            {
                "candidates": others.candidates,
                "candidate_ways": others.ways,
                "reserves": kept.reserves,
                "reserve_ducts": kept.ducts,
                "reserve_ways": kept.ways,
            }
        ),
        works=dug,
        no_line=frames.no_line(asked),
        reasons=MappingProxyType(
            {reason.demand_id: reason.fault for reason in missing} | dict(asked.no_line)
        ),
        notes=(*summary.notes(problem, books, settings), *fallen.notes, *told, *short),
        figures=MappingProxyType(figures | {"seconds": round(time.perf_counter() - began, 3)}),
        certificate=designed.certificate,
    )


def polygons(county: County) -> Mapping[str, BaseGeometry]:
    """Return parcel id to polygon."""
    parcels = county["parcels"]
    return dict(zip(parcels["parcel_id"], parcels.geometry, strict=True))


def _in_carriageway(problem: Problem, route: Route) -> bool:
    """Return whether works stand in a carriageway: along a road, or across it but not bored."""
    corridor = problem.corridor
    kind, opened = corridor.kind[route.edges], corridor.surface[route.edges] != ""
    return bool((np.isin(kind, (Kind.STREET, Kind.CROSSING)) & opened).any())


def _terms(
    county: County, problem: Problem, books: Account, profile: Profile, settings: Settings
) -> list[Terms]:
    """Apply the rules to every route."""
    shapes, zones, workdays = polygons(county), land(county["zones"]), published()
    said = []
    for route in books.plan.routes:
        wanted = problem.demands[route.demand]
        parcel = shapes[wanted.parcel_id]
        said.append(
            terms(
                wanted,
                route=frames.outside(line_of(problem, route), parcel),
                dug=bool(problem.corridor.dug[route.edges].any()),
                in_carriageway=_in_carriageway(problem, route),
                parcel=parcel,
                zones=zones,
                profile=profile,
                workdays=workdays,
                settings=settings,
            )
        )
    return said
