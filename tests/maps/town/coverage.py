"""4G coverage of the town: signal that falls with distance, gaps, villages, infill."""

from __future__ import annotations

import json
from types import SimpleNamespace

import numpy as np
from affine import Affine
from shapely import LineString, Point, Polygon, box
from town.ground import CRS_4545, EAST, NORTH, frame

from layers.county import County

SHARES = {
    "covered_share": 0.913,
    "covered_share_after": 0.948,
    "uncertain_share": 0.041,
    "uncertain_share_after": 0.036,
    "gap_count": 3,
    "gap_km2": 0.73,
    "gap_km2_after": 0.05,
}


def make_site_lines() -> SimpleNamespace:
    """Return power and fibre to the second proposed site, power to the third."""
    ends = {"C1": (-2200, 1320), "C2": (980, 1500)}
    rows = [
        {
            "candidate_id": name,
            "utility": utility,
            "length_m": 800.0,
            "laid_m": 812.0,
            "cost_yuan": 62_400.0,
            "geometry": LineString([
                (EAST + x, NORTH + y - 700 - aside), (EAST + x + aside, NORTH + y - 300),
                (EAST + x, NORTH + y),
            ]),
        }
        for name, (x, y) in ends.items()
        for utility, aside in (("power", 160.0), ("telecom", -120.0))
        if (name, utility) != ("C2", "telecom")
    ]  # fmt: skip
    return SimpleNamespace(lines=frame("site_lines", rows))


def make_coverage(county: County) -> SimpleNamespace:
    step, rows, columns = 45.0, 98, 134
    transform = Affine(step, 0, EAST - 3015, 0, -step, NORTH + 2205)
    x, y = np.meshgrid(
        EAST - 3015 + step * (np.arange(columns) + 0.5),
        NORTH + 2205 - step * (np.arange(rows) + 0.5),
    )
    signals = {}
    for k, operator in enumerate(("any", "cmcc", "ctcc", "all")):
        nearest = np.min(
            [np.hypot(x - site.x, y - site.y) for site in county["sites"].geometry[: 4 - k % 3]],
            axis=0,
        )
        rsrp = (
            -62
            - 34 * np.log10(np.maximum(nearest, 30) / 100)
            - 9 * np.sin(x / 210) * np.cos(y / 260)
        )
        signals[operator] = SimpleNamespace(
            rsrp_dbm=rsrp.astype(np.float32), server=np.zeros_like(rsrp, int)
        )
    near = np.hypot(x - EAST - 1880, y - NORTH + 820)
    gained = -60 - 34 * np.log10(np.maximum(near, 30) / 100)
    after = {
        operator: SimpleNamespace(rsrp_dbm=np.maximum(one.rsrp_dbm, gained).astype(np.float32))
        if operator in {"any", "cmcc"}
        else one
        for operator, one in signals.items()
    }
    uncertain = {name: np.abs(one.rsrp_dbm + 105.0) < 2.0 for name, one in signals.items()}
    unsure_after = {name: np.abs(one.rsrp_dbm + 105.0) < 2.0 for name, one in after.items()}
    gaps = [
        {
            "gap_id": f"K{k}",
            "operator": operator,
            "rank": k + 1,
            "area_km2": 0.4 / (k + 1),
            "people": 900.0 / (k + 1),
            "households": 210.0,
            "places": 2,
            "road_km": 1.4,
            "key_area": "scenic_area" if k == 0 else None,
            "power_m": 320.5 * k,
            "fibre_m": None if k == 0 else 40.0,
            "geometry": Polygon(Point(EAST + dx, NORTH + dy).buffer(330 - 40 * k).exterior.coords),
        }
        for operator in ("any", "cmcc")
        for k, (dx, dy) in enumerate([(2000, -900), (-2300, 1400), (900, 1600)])
    ]
    left = [
        {
            **gap,
            "gap_id": f"R{k}",
            "area_km2": 0.05,
            "geometry": gap["geometry"].centroid.buffer(120),
        }
        for k, gap in enumerate(gaps)
        if gap["rank"] == 2
    ]
    committees = county["places"][county["places"]["kind"] == "committee"]
    villages = [
        {
            "village": row.village,
            "town": "城关镇",
            "operator": "any",
            "covered": bool(k % 2),
            "nearest_site_km": 1.2 + k,
            "places": 4,
            "places_covered": 4 if k % 2 else 2,
            "places_uncertain": 0 if k % 2 else 1,
            "uncertain": k == 0,
            "rule": "site_near" if k % 2 else "some_unheard",
            "reason": "村委会 5 km 内有 4G 站址" if k % 2 else "村小、卫生室无信号",
            "facts": json.dumps({"limit_km": "5", "places": 4, "missing": 2}),
            "geometry": row.geometry,
        }
        for k, row in enumerate(committees.itertuples())
    ]
    infill = [
        {
            "candidate_id": f"C{k}",
            "operator": "any",
            "rank": k + 1,
            "site_kind": "existing" if k == 0 else "ridge",
            "height_m": 30.0,
            "people_gained": 800 - 210 * k,
            "area_gained_km2": 0.62,
            "way_gained_m": 1_840.0 - 400 * k,
            "cost_yuan": 60_000.0 if k == 0 else 371_000.0,
            "site_yuan": 60_000.0 if k == 0 else 300_000.0,
            "power_yuan": 0.0 if k == 0 else 62_400.0,
            "fibre_yuan": None if k == 2 else 0.0 if k == 0 else 8_600.0,
            "power_m": 120.0 if k == 0 else 400.0,
            "fibre_m": None if k == 2 else 265.0,
            "geometry": Point(EAST + dx, NORTH + dy),
        }
        for k, (dx, dy) in enumerate([(1880, -820), (-2200, 1320), (980, 1500)])
    ]
    infill += [
        {
            "candidate_id": f"wifi-{k}",
            "operator": "wifi",
            "rank": k + 1,
            "site_kind": "wifi",
            "height_m": 6.0,
            "people_gained": 12 - 4 * k,
            "area_gained_km2": 0.011,
            "way_gained_m": 420.0 - 90 * k,
            "cost_yuan": 34_000.0,
            "site_yuan": 20_000.0,
            "power_yuan": 9_000.0,
            "fibre_yuan": 5_000.0,
            "power_m": 45.0,
            "fibre_m": 130.0,
            "geometry": Point(EAST + 2100 + 240 * k, NORTH - 1000),
        }
        for k in range(2)
    ]
    measured = [
        {
            "gap_id": f"M-{operator}-001",
            "operator": operator,
            "rank": 1,
            "pixels": 4,
            "samples": 37,
            "area_km2": 0.0081,
            "measured_dbm": -111.3,
            "predicted_dbm": -98.7,
            "cell_id": "500001-1",
            "predicted_cell_id": "500002-3",
            "geometry": box(EAST + dx, NORTH - 1200, EAST + dx + 180, NORTH - 1155),
        }
        for operator, dx in (("cmcc", 400), ("ctcc", -900))
    ]
    return SimpleNamespace(
        grid=SimpleNamespace(transform=transform, shape=(rows, columns), crs=CRS_4545),
        signals=signals,
        uncertain=uncertain,
        after=SimpleNamespace(
            signals=after, uncertain=unsure_after, gaps=frame("gaps_after", left)
        ),
        gaps=frame("gaps", gaps),
        villages=frame("villages", villages),
        infill=frame("infill", infill),
        calibration=frame("calibration", []),
        measured_gaps=frame("measured_gaps", measured),
        figures={
            "cells": 18,
            "area_km2": 26.4,
            "threshold_dbm": -105.0,
            "covered_share_at": {"-105": 0.913, "-110": 0.951, "-115": None},
            "people_outdoor_share": 0.962,
            "people_indoor_share": 0.871,
            "calibration": {
                "status": "calibrated",
                "terms": "land_cover",
                "samples": 1200,
                "pixels": 860,
                "sites": 9,
                "rmse_before_db": 8.1,
                "rmse_after_db": 5.9,
                "rmse_cross_validated_db": 6.4,
                "bands": [
                    {
                        "band": "B8",
                        "land_cover": "",
                        "samples": 700,
                        "pixels": 500,
                        "sites": 6,
                        "offset_db": 4.2,
                        "slope_db_per_decade": 0.0,
                        "rmse_before_db": 7.7,
                        "rmse_after_db": 5.8,
                        "rmse_cross_validated_db": 6.1,
                    },
                    {
                        "band": "B8",
                        "land_cover": "forest",
                        "samples": 90,
                        "pixels": 80,
                        "sites": 4,
                        "offset_db": 9.3,
                        "slope_db_per_decade": 0.0,
                        "rmse_before_db": 10.7,
                        "rmse_after_db": 5.2,
                        "rmse_cross_validated_db": 5.9,
                    },
                    {
                        "band": "",
                        "land_cover": "",
                        "samples": 1200,
                        "pixels": 860,
                        "sites": 9,
                        "offset_db": 5.1,
                        "slope_db_per_decade": 0.0,
                    },
                ],
            },
            "measured": {"gaps": 2, "pixels": {}},
            **SHARES,
            "operators": dict.fromkeys(signals, SHARES),
            "people_in_gaps": 1650,
            "people_in_gaps_after": 410,
            "villages": 5,
            "villages_failing": 3,
            "villages_uncertain": 1,
            "infill": {
                "sites": 3,
                "people_gained": 1580,
                "value": 1396.0,
                "bound": 1412.5,
                "gap": 1 - 1396.0 / 1412.5,
                "cost_yuan": 802_000.0,
                "operators": {},
            },
            "wifi": {"sites": 2, "way_m": 750.0},
            "seconds": 2.0,
            "pixels_per_cpu_s": 1.0,
        },
    )
