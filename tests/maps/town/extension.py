"""Routes from tie-ins to the parcels of the town, drawn by hand."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely import LineString, Point
from shapely.affinity import translate
from town.ground import UTILITIES, frame

from geo.errors import Fault
from layers.county import County


def make_extension(
    segments: gpd.GeoDataFrame, county: County, chance: np.random.Generator, text: str
) -> SimpleNamespace:
    parcels, applications = county["parcels"], county["applications"]
    connections, trenches, unreachable = [], [], []
    for k, row in applications.iterrows():
        parcel = parcels[parcels["parcel_id"] == row["parcel_id"]].iloc[0]
        street = segments.geometry[:-2].distance(parcel.geometry).idxmin()
        line, centre = segments.geometry[street], parcel.geometry.centroid
        key = {
            "application_id": row["application_id"],
            "parcel_id": row["parcel_id"],
            "utility": row["utility"],
        }
        if k % 11 == 5:
            unreachable.append(
                {
                    **key,
                    "rule": "capacity",
                    "geometry": centre,
                    "reason": "最近接入点 T04 剩余容量 540 kVA，申请 800 kVA；缺 260 kVA" + text,
                }
            )
            continue
        foot = line.interpolate(line.project(centre))
        route = LineString(
            [
                line.coords[0],
                *([foot] if foot.distance(Point(line.coords[0])) > 1 else []),
                parcel.geometry.exterior.interpolate(5),
            ]
        )
        connections.append(
            {
                **key,
                "operator": "cmcc" if row["utility"] == "telecom" else None,
                "service_class": "10 kV" if row["utility"] == "power" else "DN100",
                "tie_in_id": f"T{k % 14:02d}",
                "demand": 120.0,
                "demand_unit": "芯" if row["utility"] == "telecom" else "kVA",
                "length_m": route.length,
                "outside_m": route.length - 5,
                "inside_m": 5.0,
                "shared_m": route.length * 0.6,
                "in_works_m": route.length * 0.2,
                "cost_yuan": 700 * route.length,
                "inside_yuan": 3500.0,
                "outside_yuan": 700 * route.length - 3500.0,
                "crossings_yuan": 5200.0 * (k % 3 == 0),
                "separate_yuan": 1100 * route.length,
                "payer": "供电企业（红线外零投资）" + text,
                "payer_source": "巫山府办发〔2021〕66号 6",
                "payer_en": "power company (nothing to pay outside the red line)" + text,
                "payer_source_en": "巫山府办发〔2021〕66号 6",
                "permits": "掘路；占用绿地",
                "deadline_on": pd.Timestamp(2026, 3, 1 + k % 28),
                "deadline_source": "巫山府办发〔2021〕66号 6：10 千伏 30 个工作日",
                "deadline_source_en": "巫山府办发〔2021〕66号 6: 10 kV, 30 working days",
                "geometry": route,
            }
        )
        trenches.append(
            {
                "trench_id": f"X{k}",
                "kind": ("boring", "crossing", "street")[min(k % 5, 2)],
                "segment_id": f"S{street:05d}",
                "utilities": ",".join(sorted({row["utility"], UTILITIES[k % 7]})),
                "applications": row["application_id"],
                "length_m": route.length,
                "cost_yuan": 1.0,
                "in_work": k % 4 == 0,
                "geometry": route,
            }
        )
    drains, levels = _drains(connections, text)
    return SimpleNamespace(
        status="feasible",
        options=_options(connections, text),
        drains=frame("drains", drains),
        drain_levels=frame("drain_levels", levels),
        connections=frame("connections", connections),
        trenches=frame("trenches", trenches),
        unreachable=frame("unreachable", unreachable),
        reasons={
            one["application_id"]: Fault("extension_no_line", {"business": "new" + text})
            for one in unreachable[:1]
        },
        notes=(Fault("extension_assumed", {"count": 3}),),
        figures={
            "applications": len(applications),
            "connected": len(connections),
            "unreachable": [
                {"application": one["application_id"], "reason": one["reason"]}
                for one in unreachable
            ],
            "cost_yuan": 4.1e6,
            "cost_separate_yuan": 6.9e6,
            "cost_overlay_yuan": 4.9e6,
            "bound_yuan": None,
            "gap": None,
            "trench_m": 5230.0,
            "crossings": 41,
            "bored": 4,
            "taps": 17,
            "payers": {
                "applicant": {
                    "zh": "申请人（红线内）",
                    "en": "the applicant (inside the red line)",
                    "inside_yuan": 3500.0 * len(connections),
                    "outside_yuan": 0.0,
                },
                "unset": {
                    "zh": "文件未规定" + text,
                    "en": "not set by the documents" + text,
                    "inside_yuan": 0.0,
                    "outside_yuan": 3.9e6,
                },
            },
            "line_m": 12_870.0,
            "existing": {
                "gas": {"connections": 12, "existing_m": 431.5, "rerouted_m": 502.0},
                "power": {"connections": 31, "existing_m": 1_204.8, "rerouted_m": 1_160.2},
            },
            "seconds": 0.5,
        },
    )


def _options(connections: list[dict[str, Any]], text: str) -> dict[str, gpd.GeoDataFrame]:
    """Return two other entries of every connection, and ducts kept for one parcel."""
    entries = [
        {
            "application_id": row["application_id"],
            "rank": rank,
            "utility": row["utility"],
            "tie_in_id": f"T{rank:02d}",
            "tapped_pipe_id": "GS0007" + text if rank == 2 else None,
            "differs": "tapped_line,red_line" if rank == 2 else "tie_in",
            "length_m": row["length_m"] + 40 * rank,
            "extra_yuan": 21_000.0 * rank,
            "geometry": translate(row["geometry"], 0, 12 * rank),
        }
        for row in connections
        for rank in (1, 2)
    ]
    kept = connections[0]
    reserve = {
        "reserve_id": "R0001",
        "parcel_id": kept["parcel_id"],
        "utilities": "drain,telecom,tv",
        "reserved": "telecom,tv",
        "probability": 0.6,
        "years": 3.0,
        "discount": 0.79,
        "duct_m": 240.0,
        "alone_yuan": 96_000.0,
        "later_yuan": 31_000.0,
        "extra_yuan": 18_000.0,
        "saving_yuan": 65_000.0,
        "expected_yuan": 12_900.0,
        "geometry": Point(kept["geometry"].coords[-1]),
    }
    ducts = [
        {"reserve_id": "R0001", "utility": utility, "geometry": kept["geometry"]}
        for utility in ("telecom", "tv")
    ]
    return {
        "candidates": frame("candidates", entries),
        "reserves": frame("reserves", [reserve]),
        "reserve_ducts": frame("reserve_ducts", ducts),
    }


def _drains(
    connections: list[dict[str, Any]], text: str
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the profiles of the routed drains: each falls by 4 ‰ under level ground."""
    drains, levels = [], []
    for row in connections:
        if row["utility"] != "drain":
            continue
        key, end = row["application_id"], Point(row["geometry"].coords[-1])
        drains.append(
            {
                "application_id": key,
                "drains_by": "gravity",
                "least_slope": 0.003,
                "deepest_m": 1.9,
                "spare_m": 0.4,
                "reason": "可自流" + text,
                "reason_en": "drains by gravity" + text,
                "geometry": end,
            }
        )
        levels += [
            {
                "application_id": key,
                "manhole": place,
                "along_m": 60.0 * place,
                "ground_m": 180.0,
                "arrives_m": 178.9 - 0.24 * place,
                "leaves_m": 178.9 - 0.24 * place,
                "geometry": end,
            }
            for place in range(4)
        ]
    return drains, levels
