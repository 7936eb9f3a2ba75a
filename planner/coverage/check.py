"""The independent check of coverage: proves a finished result from its inputs.

It computes signal anew with `planner.coverage.check_model` at sampled points, at every tested
place and for every infill site, and geometry, people and sums anew from the frames. It shares the
reading of the cells' table and the resampled terrain with the run, and no algorithm.

The grid comes from a sweep that displaces profiles a little; `planner.coverage.check_sweep` proves
by how much, from the swept signal that the run states at sampled points.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np

from layers.county import County
from planner.checking import Checks
from planner.coverage import (
    check_after,
    check_calibration,
    check_gaps,
    check_infill,
    check_measuredgaps,
    check_shares,
    check_sweep,
    check_villages,
)
from planner.coverage.cells import usable
from planner.coverage.check_case import Case, spread
from planner.coverage.evidence import Evidence
from planner.coverage.grid import area_of, ground
from planner.settings import Settings


def check(
    county: County,
    settings: Settings,
    gaps: gpd.GeoDataFrame,
    villages: gpd.GeoDataFrame,
    infill: gpd.GeoDataFrame,
    figures: Mapping[str, Any],
    *,
    site_lines: gpd.GeoDataFrame,
    evidence: Mapping[str, Evidence],
    gaps_after: gpd.GeoDataFrame,
    calibration: gpd.GeoDataFrame,
    measured_gaps: gpd.GeoDataFrame,
) -> Checks:
    """Return what holds of a coverage result, and each thing that does not.

    Parameters
    ----------
    county
        The inputs of the run.
    settings
        The settings of the run.
    gaps, villages, infill
        Frames of `layers.tables.GAPS`, `VILLAGES` and `INFILL`, as found or as stored.
    figures
        The object ``coverage`` of result.json.
    site_lines
        Frame of `layers.tables.SITE_LINES`, empty where ways were priced straight.
    evidence
        Of each operator's infill and of the Wi-Fi points, see `planner.coverage.evidence`.
    gaps_after, calibration, measured_gaps
        Frames of `layers.tables.GAPS_AFTER`, `CALIBRATION` and `MEASURED_GAPS`.
    """
    plain, stated = usable(county, settings), figures["calibration"]
    cells = check_calibration.corrected(plain, stated)
    area = area_of(county, settings)
    sites = cells.cells[["x_m", "y_m"]].to_numpy(np.float64)
    terrain = ground(county, area, sites, settings)
    case = Case(county, settings, cells, area, terrain, gaps, figures)
    count = settings.count("coverage.check_points")
    verdicts = [*check_gaps.outlines(case), *check_gaps.contents(case)]
    verdicts += check_shares.sums(case, villages)
    verdicts += check_shares.sampled(case, count)
    verdicts += check_gaps.inside(case, count)
    verdicts += check_shares.depth(case)
    points = spread(case, count)
    verdicts += check_sweep.verdicts(
        figures, gaps, settings, points=points, known=terrain.covers(points),
        exact={operator: case.own_dbm(operator, points) for operator in cells.operators},
    )  # fmt: skip
    verdicts += check_villages.verdicts(
        county,
        villages,
        settings,
        cells=cells.cells,
        signal=case.signal_dbm,
        states=case.states,
        limit=count,
    )
    tuned = check_calibration.with_infill(settings, stated)
    verdicts += check_after.verdicts(case, gaps_after, infill, tuned, count=count)
    verdicts += check_infill.verdicts(replace(case, settings=tuned), infill, site_lines, evidence)
    verdicts += check_calibration.verdicts(
        check_calibration.Subject(
            county=county, settings=settings, cells=plain, hear=case.hear,
            points=calibration, figures=stated,
        ),
        limit=count,
    )  # fmt: skip
    verdicts += check_measuredgaps.verdicts(
        check_measuredgaps.Subject(
            county=county, settings=settings, area=area, terrain=terrain, gaps=measured_gaps,
            figures=figures["measured"], heard=case.own_dbm, wanted_dbm=case.wanted_dbm,
            slack_db=case.swept_tolerance_db,
        ),
        limit=count,
    )  # fmt: skip
    return Checks.of(verdicts)
