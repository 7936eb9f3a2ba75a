"""The routing of one study: applications in; connections, trenches, reasons and works out."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
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
from planner.extension import baselines, corridor, demand, frames, sources, works
from planner.extension.account import Account, account, line_of, section_yuan
from planner.extension.cutting import Stretches
from planner.extension.design import design
from planner.extension.problem import Plan, Problem, build, left_over
from planner.extension.reasons import Reason, reasons, refusals
from planner.extension.terms import Terms, land, terms
from planner.rules.profile import Profile
from planner.settings import Settings

Progress = Callable[[str, float], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtensionResult:
    """Routes to the red lines and everything that was compared with them.

    Parameters
    ----------
    status
        ``feasible``: every demand has a route or a reason; ``empty``: nothing needs a line.
    connections, trenches, unreachable
        Frames of `layers.tables`.
    works
        One work for each connection that digs, columns of `layers.tables.WORKS`.
    no_line
        Columns ``application_id`` and ``reason``: applications that need no new line.
    reasons
        Id in `unreachable` or `no_line` to its sentence, in both languages.
    notes
        What a reader must know: assumed demands, classes not stated, exact sections.
    figures
        The ``extension`` object of result.json; bound and gap are null until they are computed.
    """

    status: str
    connections: gpd.GeoDataFrame
    trenches: gpd.GeoDataFrame
    unreachable: gpd.GeoDataFrame
    works: gpd.GeoDataFrame
    no_line: pd.DataFrame
    reasons: Mapping[str, Fault]
    notes: tuple[Fault, ...]
    figures: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class _Plans:
    """The design beside what it is compared with."""

    separate: baselines.Separate
    overlay: Plan
    joint: Plan


def _plans(problem: Problem, settings: Settings, progress: Progress | None) -> _Plans:
    separate = baselines.separate(problem)
    overlay = baselines.overlay(problem, separate.plan)
    joint = design(
        problem,
        overlay,
        passes=settings.count("extension.passes"),
        insertions=settings.count("extension.insertions"),
        progress=progress,
    )
    return _Plans(separate, overlay, joint)


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
        Segment id to the stretches (from_m, to_m) that planned works hold open in time; there
        only added width is paid.
    progress
        Called with a message and the share done.

    Returns
    -------
    ExtensionResult
        Never dearer than the overlay of separately designed networks, which is never dearer than
        everyone alone; all three connect the same demands.
    """
    began = time.perf_counter()
    tell = progress or (lambda _message, _share: None)
    tell(message("extension_prepared"), 0.0)
    asked = demand.read(county["applications"], settings)
    problem = build(asked, county.frames, segments, settings, open_segments=open_segments)
    plans = _plans(problem, settings, lambda code, share: tell(message(code), share))
    ranks = np.empty(len(problem.demands), dtype=np.int64)
    ranks[baselines.by_acceptance(problem)] = np.arange(len(ranks))
    books = account(problem, plans.joint, ranks)
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
    exact_yuan = section_yuan(problem, books, settings)
    notes = (
        demand.assumed_note(problem.demands),
        sources.unit_note(problem.sources),
        sources.class_note(problem.sources),
        _drain_note(problem),
        short,
        _section_note(plans.joint.cost_yuan, exact_yuan),
    )
    figures = _figures(asked, problem, plans, books, missing)
    return ExtensionResult(
        status="feasible" if problem.demands else "empty",
        connections=frames.connections(
            problem, books, said, polygons(county), plans.separate.by_route(), county.crs
        ),
        trenches=frames.trenches(problem, books, segments["segment_id"].tolist(), county.crs),
        unreachable=frames.unreachable(missing, county.crs),
        works=dug,
        no_line=pd.DataFrame(
            {
                "application_id": [key for key, _ in asked.no_line],
                "reason": [fault.text("zh") for _, fault in asked.no_line],
            },
            dtype=object,
        ),
        reasons=MappingProxyType(
            {reason.demand_id: reason.fault for reason in missing} | dict(asked.no_line)
        ),
        notes=tuple(note for note in notes if note is not None),
        figures=MappingProxyType(figures | {"seconds": round(time.perf_counter() - began, 3)}),
    )


def polygons(county: County) -> Mapping[str, BaseGeometry]:
    """Return parcel id to polygon."""
    parcels = county["parcels"]
    return dict(zip(parcels["parcel_id"], parcels.geometry, strict=True))


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
                in_street=bool((problem.corridor.kind[route.edges] == corridor.Kind.STREET).any()),
                parcel=parcel,
                zones=zones,
                profile=profile,
                workdays=workdays,
                settings=settings,
            )
        )
    return said


def _drain_note(problem: Problem) -> Fault | None:
    ids = tuple(d.demand_id for d in problem.demands if d.utility == "drain")
    return Fault("extension_drain", rows=ids[:5], count=len(ids)) if ids else None


def _section_note(cost_yuan: float, exact_yuan: float) -> Fault | None:
    if cost_yuan == 0:
        return None
    percent = f"{(exact_yuan / cost_yuan - 1) * 100:+.1f}"
    facts = {"section_yuan": f"{exact_yuan:,.0f}", "cost_yuan": f"{cost_yuan:,.0f}"}
    return Fault("extension_section", MappingProxyType({**facts, "percent": percent}))


def _figures(
    asked: demand.Demands,
    problem: Problem,
    plans: _Plans,
    books: Account,
    missing: Sequence[Reason],
) -> dict[str, object]:
    """Return the ``extension`` object of result.json but for the seconds."""
    length_m = problem.corridor.graph.edge_length_m
    dug = books.used.any(axis=0) & ~problem.corridor.in_work
    needed = {d.application_id for d in asked.needed}
    lost = {reason.application_id for reason in missing if reason.rule != "second_supply"}
    return {
        "applications": len(needed | lost | {key for key, _ in asked.no_line}),
        "no_line": len(asked.no_line),
        "connected": len(needed - lost),
        "unreachable": [
            {
                "application": reason.demand_id,
                "rule": reason.rule,
                "reason": reason.fault.text("zh"),
            }
            for reason in missing
        ],
        "cost_yuan": plans.joint.cost_yuan,
        "cost_separate_yuan": plans.separate.plan.cost_yuan,
        "cost_overlay_yuan": plans.overlay.cost_yuan,
        "bound_yuan": None,
        "gap": None,
        "trench_m": float(length_m[dug].sum()),
        "line_m": float((books.used * length_m).sum()),
    }
