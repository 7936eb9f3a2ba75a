"""Routes from tie-ins to the parcels of the town, drawn by hand."""

from __future__ import annotations

from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely import LineString, Point
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
                "segment_id": f"S{street:05d}",
                "utilities": ",".join(sorted({row["utility"], UTILITIES[k % 7]})),
                "applications": row["application_id"],
                "length_m": route.length,
                "cost_yuan": 1.0,
                "in_work": k % 4 == 0,
                "geometry": route,
            }
        )
    return SimpleNamespace(
        status="feasible",
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
            "line_m": 12_870.0,
            "existing": {
                "gas": {"connections": 12, "existing_m": 431.5, "rerouted_m": 502.0},
                "power": {"connections": 31, "existing_m": 1_204.8, "rerouted_m": 1_160.2},
            },
            "seconds": 0.5,
        },
    )
