"""The independent checks of a routing, all of them on one set of tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd

from layers.county import County
from planner.checking import Checks
from planner.extension import check as check_routes
from planner.extension import (
    check_candidates,
    check_drains,
    check_payers,
    check_proof,
    check_reserve,
)
from planner.extension.demand import read
from planner.extension.graph.cutting import Stretches
from planner.extension.joint.certificate import Certificate
from planner.extension.problem import build
from planner.settings import Settings


def check(
    county: County,
    segments: gpd.GeoDataFrame,
    settings: Settings,
    *,
    tables: Mapping[str, gpd.GeoDataFrame],
    figures: Mapping[str, Any],
    certificate: Certificate,
    open_segments: Stretches,
) -> Checks:
    """Prove routes, bound, other entries, payers, reserve ducts and drains.

    Parameters
    ----------
    county, segments, settings, open_segments
        What the routing was made from.
    tables
        Its result tables by name, see `layers.tables.RESULTS`.
    figures
        The object ``extension`` of ``result.json``.
    certificate
        What is said to prove the bound.

    Returns
    -------
    Checks
        With the rules of each check.
    """
    named = {name: tables[name] for name in ("connections", "trenches")}
    checks = check_routes.check(
        county,
        segments,
        settings,
        **named,
        unreachable=tables["unreachable"],
        figures=figures,
        open_segments=open_segments,
    )
    demands = read(county["applications"], settings)
    checks += check_proof.check(
        build(
            demands,
            county.frames,
            segments,
            settings,
            open_segments=open_segments,
            terrain=county.terrain,
        ),
        connections=tables["connections"],
        figures=figures,
        certificate=certificate,
    )
    checks += check_candidates.check(
        county,
        segments,
        settings,
        **named,
        candidates=tables["candidates"],
        ways=tables["candidate_ways"],
        open_segments=open_segments,
    )
    checks += check_payers.check(county, segments, settings, **named, payers=figures["payers"])
    checks += check_reserve.check(
        county,
        segments,
        settings,
        trenches=tables["trenches"],
        reserves=tables["reserves"],
        ducts=tables["reserve_ducts"],
        ways=tables["reserve_ways"],
        figures=figures["reserve"],
    )
    return checks + check_drains.check(
        county,
        settings,
        connections=tables["connections"],
        drains=tables["drains"],
        levels=tables["drain_levels"],
    )
