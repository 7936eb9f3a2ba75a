"""Coverage as data: gaps ranked, villages tested, sites proposed, sites that stand."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
from rasterio.warp import transform_bounds
from shapely.geometry.base import BaseGeometry

from geo.messages import Language
from maps import encode, raster, sentences
from maps.base_map import mercator_bounds
from maps.raster import Picture

if TYPE_CHECKING:
    from planner.coverage.run import CoverageResult
    from planner.coverage.signal import Signal
    from planner.study import StudyResult

_GAP = ("gap_id", "operator", "rank", "people", "households", "places", "key_area")
_MEASURED = ("gap_id", "operator", "rank", "pixels", "samples", "cell_id", "predicted_cell_id")
_VILLAGE = (
    "village", "town", "operator", "covered", "uncertain", "nearest_site_km", "places",
    "places_covered", "places_uncertain",
)  # fmt: skip
_INFILL = ("candidate_id", "operator", "rank", "site_kind", "height_m", "people_gained")
_COSTS = (
    "cost_yuan", "site_yuan", "power_yuan", "fibre_yuan", "power_m", "fibre_m", "way_gained_m",
)  # fmt: skip
SUMMARIES = ("any", "all")
_STATED = ("uncertain_share", "gap_km2", "gap_km2_after")


def block(result: StudyResult, coverage: CoverageResult, language: Language) -> dict[str, Any]:
    """Return the data of the coverage view."""
    crs = result.county.crs
    return {
        "operators": _operators(coverage),
        "threshold": coverage.figures["threshold_dbm"],
        "stated": {
            name: {key: own[key] for key in _STATED}
            for name, own in coverage.figures["operators"].items()
        },
        "uncertain": _uncertain(coverage),
        "gaps": {
            **encode.columns(coverage.gaps, _GAP),
            **encode.columns(coverage.gaps, ("area_km2", "road_km"), digits=3),
            **encode.columns(coverage.gaps, ("power_m", "fibre_m"), digits=0),
            "left_km2": encode.column(_left_km2(coverage), digits=3),
            "lines": encode.lines(encode.to_map(coverage.gaps.geometry, crs, tolerance_m=10.0)),
        },
        "left": {
            **encode.columns(coverage.after.gaps, ("operator",)),
            "lines": encode.lines(
                encode.to_map(coverage.after.gaps.geometry, crs, tolerance_m=10.0)
            ),
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
            **{
                name: encode.lines(encode.to_map(_ways(result, coverage, utility), crs))
                for name, utility in (("power_lines", "power"), ("fibre_lines", "telecom"))
            },
        },
        "wifi": coverage.figures["wifi"] is not None,
        "measured": {
            **encode.columns(coverage.measured_gaps, _MEASURED),
            **encode.columns(coverage.measured_gaps, ("measured_dbm", "predicted_dbm"), digits=1),
            **encode.columns(coverage.measured_gaps, ("area_km2",), digits=4),
            "lines": encode.lines(encode.to_map(coverage.measured_gaps.geometry, crs)),
        },
        "sites": _sites(result.county["sites"], result.county["cells"], result),
    }


def _ways(result: StudyResult, coverage: CoverageResult, utility: str) -> list[BaseGeometry | None]:
    """Return the line of a utility to each proposed site, None where none is routed."""
    laid = result.site_lines.lines
    own = laid[laid["utility"] == utility]
    ways = dict(zip(own["candidate_id"], own.geometry, strict=True))
    each = zip(coverage.infill["candidate_id"], coverage.infill["operator"], strict=True)
    return [ways.get(str(key).removesuffix(f"-{operator}")) for key, operator in each]


def pictures(coverage: CoverageResult) -> dict[str, Picture]:
    """Return each operator's signal as a picture, ``signal_<operator>``, ``after_<operator>``.

    The second shows it with the proposed sites, where these change anything.
    """
    later = {
        f"after_{name}": signal
        for name, signal in coverage.after.signals.items()
        if not _same(signal, coverage.signals[name])
    }
    now = {f"signal_{name}": signal for name, signal in coverage.signals.items()}
    return {
        key: raster.signal(signal.rsrp_dbm, coverage.grid)
        for key, signal in {**now, **later}.items()
    }


def _same(one: Signal, other: Signal) -> bool:
    return np.array_equal(one.rsrp_dbm, other.rsrp_dbm, equal_nan=True)


def _operators(coverage: CoverageResult) -> list[str]:
    """Return the summaries, then the operators, as the reader chooses among them."""
    return [*SUMMARIES, *(name for name in coverage.signals if name not in SUMMARIES)]


def _uncertain(coverage: CoverageResult) -> dict[str, dict[str, Any]]:
    """Return masks of the pixels on which the models disagree, today and with the sites."""
    return {
        side: {
            name: asdict(raster.mask(flags, coverage.grid))
            for name, flags in masks.items()
            if flags.any()
        }
        for side, masks in (("before", coverage.uncertain), ("after", coverage.after.uncertain))
    }


def _left_km2(coverage: CoverageResult) -> pd.Series[float]:
    """Return how much of each gap remains with the proposed sites."""
    gaps, left = coverage.gaps, coverage.after.gaps
    inside = left.geometry.representative_point().to_numpy()
    position, found = gaps.sindex.query(inside, predicate="intersects")
    operators = gaps["operator"].to_numpy()[found] == left["operator"].to_numpy()[position]
    km2 = np.bincount(
        found[operators], left["area_km2"].to_numpy(np.float64)[position[operators]], len(gaps)
    )
    return pd.Series(km2, index=gaps.index)


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
