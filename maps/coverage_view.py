"""Coverage as data: gaps ranked, villages tested, sites proposed, sites that stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
from rasterio.warp import transform_bounds

from geo.messages import Language
from maps import encode, raster, sentences
from maps.base_map import mercator_bounds
from maps.raster import Picture

if TYPE_CHECKING:
    from planner.coverage.run import CoverageResult
    from planner.study import StudyResult

_GAP = ("gap_id", "operator", "rank", "people", "households", "places", "key_area")
_MEASURED = ("gap_id", "operator", "rank", "pixels", "samples", "cell_id", "predicted_cell_id")
_VILLAGE = (
    "village", "town", "operator", "covered", "nearest_site_km", "places", "places_covered",
)  # fmt: skip
_INFILL = ("candidate_id", "operator", "rank", "site_kind", "height_m", "people_gained")
_COSTS = (
    "cost_yuan", "site_yuan", "power_yuan", "fibre_yuan", "power_m", "fibre_m", "way_gained_m",
)  # fmt: skip
SUMMARIES = ("any", "all")


def block(result: StudyResult, coverage: CoverageResult, language: Language) -> dict[str, Any]:
    """Return the data of the coverage view."""
    crs = result.county.crs
    return {
        "operators": list(coverage.signals),
        "gaps": {
            **encode.columns(coverage.gaps, _GAP),
            **encode.columns(coverage.gaps, ("area_km2", "road_km"), digits=3),
            **encode.columns(coverage.gaps, ("power_m", "fibre_m"), digits=0),
            "lines": encode.lines(encode.to_map(coverage.gaps.geometry, crs, tolerance_m=10.0)),
        },
        "villages": {
            **encode.columns(coverage.villages, _VILLAGE),
            "reason": sentences.from_facts("village", coverage.villages, language),
            "at": encode.points(encode.to_map(coverage.villages.geometry, crs)),
        },
        "infill": {
            **encode.columns(coverage.infill, (*_INFILL, "area_gained_km2")),
            **encode.columns(coverage.infill, _COSTS, digits=0),
            "at": encode.points(encode.to_map(coverage.infill.geometry, crs)),
        },
        "measured": {
            **encode.columns(coverage.measured_gaps, _MEASURED),
            **encode.columns(coverage.measured_gaps, ("measured_dbm", "predicted_dbm"), digits=1),
            **encode.columns(coverage.measured_gaps, ("area_km2",), digits=4),
            "lines": encode.lines(encode.to_map(coverage.measured_gaps.geometry, crs)),
        },
        "sites": _sites(result.county["sites"], result.county["cells"], result),
    }


def pictures(coverage: CoverageResult) -> dict[str, Picture]:
    """Return the signal of each operator as a picture, under ``signal_<operator>``."""
    return {
        f"signal_{operator}": raster.signal(signal.rsrp_dbm, coverage.grid)
        for operator, signal in coverage.signals.items()
    }


def relief(result: StudyResult) -> Picture | None:
    """Return the hill shading of the study area, or None where there is no terrain in it."""
    terrain = result.county.terrain
    if terrain is None:
        return None
    west, south, east, north = mercator_bounds(result)
    margin = 0.15 * max(east - west, north - south)
    left, bottom, right, top = transform_bounds(terrain.crs, raster.MERCATOR, *terrain.bounds)
    around = (
        max(west - margin, left), max(south - margin, bottom),
        min(east + margin, right), min(north + margin, top),
    )  # fmt: skip
    if around[0] >= around[2] or around[1] >= around[3]:
        return None
    return raster.relief(terrain.height_m, terrain.transform, terrain.crs, around)


def _sites(sites: gpd.GeoDataFrame, cells: pd.DataFrame, result: StudyResult) -> dict[str, Any]:
    outdoor = cells[~cells["indoor"].astype(bool)]
    of_site = outdoor.groupby("site_id")
    azimuths = {key: encode.column(frame["azimuth_deg"], digits=0) for key, frame in of_site}
    operators = {key: sorted(set(frame["operator"])) for key, frame in of_site}
    keys = [str(key) for key in sites["site_id"]]
    return {
        **encode.columns(sites, ("site_id", "name", "site_kind")),
        "operators": [operators.get(key, []) for key in keys],
        "azimuths": [sorted(set(azimuths.get(key, [])) - {None}) for key in keys],
        "at": encode.points(encode.to_map(sites.geometry, result.county.crs)),
    }
