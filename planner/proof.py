"""The independent checks of all topics on one set of result tables.

The same proof runs at the end of `planner.study.run` and again from the files of a finished
study: problems are built anew from the inputs, and no planner takes part.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely
from pyproj import CRS

from layers.county import County
from planner import ground
from planner.checking import Checks, Failure
from planner.coverage import check as coverage
from planner.coverage.evidence import WIFI, Evidence
from planner.coverage.run import hindrance as coverage_hindrance
from planner.extension import check_sitelines
from planner.extension import check_whole as extension
from planner.extension.joint.certificate import Certificate as RoutingCertificate
from planner.rules.profile import Profile
from planner.settings import Settings
from planner.trench import check as trench
from planner.trench.build import Built
from planner.trench.certificate import Certificate
from planner.trench.check.ground import fits
from planner.trench.check.lists import check_lists, check_prices
from planner.trench.deciding.splitting import Threshold, thresholds
from planner.trench.frames import Permits

NEAR_M = 0.05
"""Distance in metres up to which two drawn lines are one."""


def prove(
    county: County,
    tables: Mapping[str, gpd.GeoDataFrame],
    figures: Mapping[str, Any],
    settings: Settings,
    *,
    profile: Profile,
    certificate: Certificate,
    routing_certificate: RoutingCertificate,
    siting: Mapping[str, Evidence],
    permits: Permits,
    start: dt.date,
    days: int,
) -> Checks:
    """Check the inputs' account, the segments and every topic's tables and figures.

    Parameters
    ----------
    county
        The checked inputs.
    tables
        Result tables by name, see `layers.tables.RESULTS`; ``extension_works`` beside them.
        Without ``gaps`` there was no coverage.
    figures
        Content of ``result.json``: the objects ``trench``, ``extension`` and ``coverage``.
    settings, profile, start, days
        As in the study; the horizon in calendar days.
    certificate
        What proves the bound of the joint plan.
    routing_certificate
        What proves the bound of the routes.
    siting
        What infill sites and Wi-Fi points were chosen from, and what proves their bounds.
    permits
        Names the permits of an opening; whoever reads the result must name the same.

    Returns
    -------
    Checks
        Topic ``inputs`` with the rules ``rows``, ``quarantine``, ``segments`` and ``works``;
        ``coverage`` with ``present`` and the rules of its own check; ``extension`` and
        ``trench`` with theirs.

    Raises
    ------
    InputError
        If the inputs make no problem, see `planner.trench.build.build`.
    """
    onto = tables["segments"]
    extensions = tables["extension_works"]
    checks = _check_inputs(county) + _check_segments(county, onto, settings)
    checks += _check_extension_works(extensions, tables["connections"])
    checks += _check_coverage_present(county, tables, figures, settings)
    works = county["works"]
    opened = ground.opened_by(works, ground.place(works, onto, settings), onto)
    checks += extension.check(
        county,
        onto,
        settings,
        tables=tables,
        figures=figures["extension"],
        certificate=routing_certificate,
        open_segments=opened,
    )
    built = ground.trench_problem(county, onto, extensions, settings, start=start, days=days)
    checks += _check_plan(built, tables, figures["trench"], certificate, permits)
    checks += _check_deciding(built, tables, thresholds(profile, settings), certificate)
    if "gaps" in tables and coverage_hindrance(county, settings) is None:
        checks += coverage.check(
            county,
            settings,
            gaps=tables["gaps"],
            gaps_after=tables["gaps_after"],
            villages=tables["villages"],
            infill=tables["infill"],
            site_lines=tables["site_lines"],
            calibration=tables["calibration"],
            measured_gaps=tables["measured_gaps"],
            figures=figures["coverage"],
            evidence=siting,
        )
        checks += check_sitelines.check(
            county,
            onto,
            sites_of(siting, county.crs),
            settings,
            lines=tables["site_lines"],
            ways=tables["site_line_ways"],
            open_segments=opened,
        )
    return checks


def sites_of(siting: Mapping[str, Evidence], crs: CRS) -> gpd.GeoSeries:
    """Return the candidates of every operator's infill as points by their ids."""
    found: dict[str, shapely.Point] = {}
    for name, one in siting.items():
        if name != WIFI:
            each = zip(one.candidate_id, one.site_x_m, one.site_y_m, strict=True)
            found |= {str(key): shapely.Point(x, y) for key, x, y in each}
    return gpd.GeoSeries(list(found.values()), index=list(found), crs=crs)


def _check_plan(
    built: Built,
    tables: Mapping[str, gpd.GeoDataFrame],
    figures: Mapping[str, Any],
    certificate: Certificate,
    permits: Permits,
) -> Checks:
    """Check the joint plan, its money, its reasons and its bound."""
    parts = ("openings", "participants", "reopenings", "unplaced", "starts")
    written = {name: tables[name] for name in parts}
    return trench.check(built, **written, figures=figures, certificate=certificate, permits=permits)


def _check_deciding(
    built: Built,
    tables: Mapping[str, gpd.GeoDataFrame],
    known: Sequence[Threshold],
    certificate: Certificate,
) -> Checks:
    """Check the lists for deciding, with what looks split below `known`, and the shadow prices."""
    starts = tables["starts"]
    begins = dict(zip(starts["work_id"].astype(str), starts["period"].astype(int), strict=True))
    lists = {name: tables[name] for name in ("decisions", "splits", "robustness", "reopenings")}
    prices = {name: tables[name] for name in ("crew_prices", "segment_prices")}
    room = partial(fits, built.problem)
    return check_lists(
        built.problem, built.segments, begins, **lists, thresholds=known, fits=room
    ) + check_prices(built.problem, begins, **prices, milli_yuan=certificate.crew_prices)


def _check_inputs(county: County) -> Checks:
    """Every row read is used or set aside, and what was set aside is on record."""
    aside = county.quarantine.groupby(["layer", "file"])["row"].nunique().to_dict()
    counted: dict[tuple[str, str], int] = defaultdict(int)
    for source in county.inputs:
        counted[source.layer, source.path] += source.quarantined
    rows = [
        (
            source.rows == source.used + source.quarantined,
            Failure("inputs", "rows", source.path, "used and set aside are not what was read"),
        )
        for source in county.inputs
    ]
    # sources of one file may set the same record aside twice, so that fewer records are distinct
    records = [
        (
            0 < aside.get(place, 0) <= count if count else place not in aside,
            Failure(
                "inputs",
                "quarantine",
                "/".join(place),
                f"{count} rows, {aside.get(place, 0)} on record",
            ),
        )
        for place, count in counted.items()
    ]
    return Checks.of(rows + records)


def _check_segments(county: County, onto: gpd.GeoDataFrame, settings: Settings) -> Checks:
    """Cut the roads again: the segments and what is known of them must come out the same."""
    again = ground.segments_of(county, settings).set_index("segment_id").sort_index()
    stored = onto.set_index("segment_id").sort_index()
    strange = len(again.index.symmetric_difference(stored.index))
    same = not strange and stored.index.is_unique
    found = [(same, Failure("inputs", "segments", "", f"{strange} segments differ"))]
    if same:
        found += [
            (
                _alike(again[column], stored[column]),
                Failure("inputs", "segments", column, "not as cut from the roads"),
            )
            for column in again.columns
            if column != "geometry"
        ]
        near = again.geometry.geom_equals_exact(stored.geometry, tolerance=NEAR_M, align=False)
        found.append((bool(near.all()), Failure("inputs", "segments", "geometry", "lines differ")))
    return Checks.of(found)


def _alike(one: pd.Series, other: pd.Series) -> bool:
    """Return whether two columns of one order hold the same; an empty text is no text."""
    left, right = (series.replace("", None).astype(object) for series in (one, other))
    both_empty = left.isna() & right.isna()
    return bool((both_empty | (left == right)).all())


def _check_extension_works(works: gpd.GeoDataFrame, connections: gpd.GeoDataFrame) -> Checks:
    """Each routed work belongs to a connection and lies on its route; each digs once."""
    routes = dict(zip(connections["application_id"], connections.geometry, strict=True))
    found = []
    for key, line in zip(works["work_id"], works.geometry, strict=True):
        route = routes.pop(str(key).removeprefix("EX-"), None)
        held = route is not None and route.buffer(NEAR_M).covers(line)
        found.append(
            (held, Failure("inputs", "works", str(key), "not on the route of a connection"))
        )
    return Checks.of(found)


def _check_coverage_present(
    county: County, tables: Mapping[str, object], figures: Mapping[str, Any], settings: Settings
) -> Checks:
    """Coverage is there exactly where it can be computed, in the tables and in the figures."""
    expected = coverage_hindrance(county, settings) is None
    stated = figures["coverage"]["area_km2"] is not None
    detail = f"expected {expected}, tables {'gaps' in tables}, figures {stated}"
    held = expected == ("gaps" in tables) == stated
    return Checks.of([(held, Failure("coverage", "present", "", detail))])
