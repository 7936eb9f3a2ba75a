"""A finished study made by hand: a small town in a valley, every table filled, no solver run."""

from __future__ import annotations

import datetime as dt
import itertools
import json
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from affine import Affine
from pyproj import CRS
from shapely import LineString, Point, Polygon, box
from shapely.affinity import rotate
from shapely.geometry.base import BaseGeometry

from geo.errors import Fault
from geo.terrain import Terrain
from layers.county import County, InputFile
from layers.tables import BY_NAME, INPUTS
from planner.checking import Checks, Failure
from planner.rules import profile as profiles
from planner.settings import Settings, defaults

CRS_4545 = CRS.from_epsg(4545)
EAST, NORTH = 471_000.0, 3_247_000.0
START = dt.date(2026, 1, 1)
UTILITIES = ("water", "drain", "gas", "heat", "power", "telecom", "tv")
OWNERS = {
    "water": "示例县水务公司",
    "drain": "示例县排水公司",
    "gas": "示例燃气公司",
    "heat": "示例热力公司",
    "power": "国网示例供电公司",
    "telecom": "示例移动通信公司",
    "tv": "示例广电网络公司",
}
STREETS = (
    "建设路",
    "人民路",
    "芙蓉路",
    "滨江大道",
    "解放街",
    "凤凰路",
    "学府路",
    "桥南路",
    "龙潭路",
)
SURNAMES = ("石", "罗", "黄", "双", "白", "仙", "长", "土", "桐", "文")


@dataclass(frozen=True)
class Made:
    """What `planner.study.StudyResult` offers to the report."""

    study: Any
    county: County
    settings: Settings
    profile: profiles.Profile
    segments: gpd.GeoDataFrame
    trench: Any
    extension: Any
    coverage: Any
    notes: tuple[Fault, ...]
    checks: Checks
    seconds: float = 12.3
    summary: dict[str, object] = field(default_factory=dict)


def result(*, seed: int = 1, blocks: int = 8, text: str = "", coverage: bool = True) -> Made:
    """Return a study of a town of `blocks` by `blocks` - 2 streets; `text` spices every name."""
    chance = np.random.default_rng(seed)
    segments = _segments(blocks, text)
    parcels = _parcels(segments, chance, text)
    county = _county(segments, parcels, chance, text)
    trench = _trench(segments, chance, text)
    return Made(
        study=SimpleNamespace(name="示例县" + text, start=START, days=365),
        county=county,
        settings=defaults(),
        profile=profiles.load("qijiang-2022"),
        segments=segments,
        trench=trench,
        extension=_extension(segments, county, chance, text),
        coverage=_coverage(county, chance) if coverage else None,
        notes=(
            Fault("notice_keys_made", {"example": "S-1"}, file="站址.csv", layer="sites"),
            Fault("extension_assumed", {"count": 3}),
            *(() if coverage else (Fault("coverage_without_terrain", layer="terrain"),)),
        ),
        checks=Checks(4_812, (Failure("trench", "window", "O0003", "found 3, expected 2"),)),
    )


def emptied(made: Made) -> Made:
    """Return the study with every result and optional layer empty."""
    frames = {name: frame.iloc[:0] for name, frame in made.county.frames.items()}
    county = replace(made.county, frames=frames, terrain=None, generated=frozenset(), credits=())
    bare = {
        topic: SimpleNamespace(
            **{
                key: value.iloc[:0] if isinstance(value, pd.DataFrame) else value
                for key, value in vars(getattr(made, topic)).items()
            }
        )
        for topic in ("trench", "extension")
    }
    return replace(made, county=county, coverage=None, **bare)


def frame(table: str, rows: list[dict[str, Any]], crs: CRS | None = CRS_4545) -> gpd.GeoDataFrame:
    """Return rows as a checked frame of `layers.tables`."""
    spec = BY_NAME[table]
    columns: dict[str, Any] = {}
    for column in spec:
        values = [row.get(column.name) for row in rows]
        if column.kind == "date":
            columns[column.name] = pd.to_datetime(pd.Series(values, dtype=object)).astype(
                "datetime64[ns]"
            )
        elif column.kind in {"number", "integer"}:
            columns[column.name] = pd.Series(values, dtype=float)
        elif column.kind == "flag":
            columns[column.name] = pd.Series([bool(value) for value in values], dtype=bool)
        else:
            columns[column.name] = pd.Series(values, dtype=object)
    made = pd.DataFrame(columns)
    if spec.geometry == "none":
        return made
    return gpd.GeoDataFrame(made, geometry=[row["geometry"] for row in rows], crs=crs)


def _turn(shape: BaseGeometry) -> BaseGeometry:
    return rotate(shape, 14, origin=(EAST, NORTH))


def _segments(blocks: int, text: str) -> gpd.GeoDataFrame:
    rows = []
    step_x, step_y = 190.0, 150.0
    west, south = EAST - blocks * step_x / 2, NORTH - (blocks - 2) * step_y / 2
    nodes = itertools.count()
    for j in range(blocks - 1):
        for i in range(blocks):
            a = (west + i * step_x, south + j * step_y)
            rows.append(
                (STREETS[j % 9], [a, (a[0] + step_x / 2, a[1] + 6), (a[0] + step_x, a[1])], j)
            )
    for i in range(blocks + 1):
        for j in range(blocks - 2):
            a = (west + i * step_x, south + j * step_y)
            rows.append(
                (STREETS[(i + 4) % 9].replace("路", "巷"), [a, (a[0], a[1] + step_y)], i + 2)
            )
    valley = [(west - 2600 + 400 * k, south - 300 + 160 * np.sin(k / 2)) for k in range(7)]
    rows.append(("省道 206", [*valley, (west, south)], 0))
    rows.append(
        (
            "仙女山公路",
            [(west + blocks * step_x, south + 300 + 300 * k + 40 * k * k) for k in range(1)]
            + [(west + blocks * step_x + 420 * k, south + 300 + 260 * k) for k in range(1, 6)],
            0,
        )
    )
    classes = ("arterial", "branch", "secondary_road", "lane", "branch")
    return frame(
        "segments",
        [
            {
                "segment_id": f"S{k:05d}",
                "name": name + text,
                "road_class": classes[kind % 5],
                "width_m": 18.0,
                "surface": "asphalt",
                "town": "城关镇",
                "from_node": next(nodes),
                "to_node": next(nodes),
                "length_m": LineString(line).length,
                "geometry": _turn(LineString(line)),
            }
            for k, (name, line, kind) in enumerate(rows)
        ],
    )


def _parcels(
    segments: gpd.GeoDataFrame, chance: np.random.Generator, text: str
) -> gpd.GeoDataFrame:
    middle = segments.geometry.interpolate(0.5, normalized=True)
    chosen = chance.choice(len(segments) - 2, size=min(26, len(segments) - 2), replace=False)
    rows = []
    for k, position in enumerate(sorted(chosen)):
        at = middle.iloc[position]
        shape = rotate(
            box(at.x + 14, at.y + 16, at.x + 14 + chance.uniform(40, 110), at.y + 80), 14
        )
        rows.append(
            {
                "parcel_id": f"D{k:03d}",
                "name": f"{STREETS[k % 9][:2]}{k + 1:02d}地块{text}",
                "land_use": "工业用地" if k % 3 else "居住用地",
                "town": "城关镇",
                "planned": k % 4 == 0,
                "geometry": shape,
            }
        )
    return frame("parcels", rows)


def _county(
    segments: gpd.GeoDataFrame, parcels: gpd.GeoDataFrame, chance: np.random.Generator, text: str
) -> County:
    utility_lines = [
        {"pipe_id": f"G{k}", "utility": utility, "geometry": line.parallel_offset(3 + 2 * k % 5)}
        for k, (line, utility) in enumerate(
            itertools.product(segments.geometry[:40], UTILITIES[:3])
        )
    ]
    tie_ins = [
        {
            "tie_in_id": f"T{k:02d}",
            "name": f"{utility}-{k}",
            "utility": utility,
            "owner": OWNERS[utility],
            "capacity_left": 500.0 + 10 * k,
            "capacity_unit": "kVA",
            "geometry": segments.geometry.iloc[(7 * k) % (len(segments) - 2)].interpolate(20),
        }
        for k, utility in enumerate(UTILITIES * 2)
    ]
    places = [
        {
            "place_id": f"P{k}",
            "name": f"{name}{'坝溪湾坪'[k % 4]}村{text}",
            "kind": "committee" if k % 2 else "settlement",
            "village": f"{name}{'坝溪湾坪'[k % 4]}村",
            "town": "城关镇",
            "households": 120.0 + k,
            "people": 430.0 + 90 * k,
            "geometry": Point(
                EAST + chance.uniform(-2600, 2600), NORTH + chance.uniform(-1900, 1900)
            ),
        }
        for k, name in enumerate(SURNAMES)
    ]
    zones = [
        {
            "zone_id": "Z0",
            "name": "示例县",
            "kind": "boundary",
            "geometry": box(EAST - 3000, NORTH - 2200, EAST + 3000, NORTH + 2200),
        },
        {
            "zone_id": "Z1",
            "name": "规划建设用地",
            "kind": "planned_construction",
            "geometry": _turn(box(EAST - 800, NORTH - 500, EAST + 850, NORTH + 520)),
        },
        {
            "zone_id": "Z2",
            "name": "人民公园",
            "kind": "green",
            "geometry": Point(EAST - 250, NORTH + 60).buffer(70),
        },
        {
            "zone_id": "Z3",
            "name": "芙蓉江",
            "kind": "water_body",
            "geometry": LineString(
                [
                    (EAST - 3000, NORTH - 700),
                    (EAST - 900, NORTH - 640),
                    (EAST + 400, NORTH - 820),
                    (EAST + 3000, NORTH - 400),
                ]
            ).buffer(60),
        },
        {
            "zone_id": "Z4",
            "name": "芙蓉江景区",
            "kind": "scenic_area",
            "geometry": box(EAST + 1300, NORTH - 1300, EAST + 2500, NORTH - 500),
        },
        *(
            {
                "zone_id": f"B{k}",
                "name": "",
                "kind": "building",
                "geometry": _turn(
                    box(x, y, x + chance.uniform(12, 40), y + chance.uniform(10, 26))
                ),
            }
            for k, (x, y) in enumerate(
                itertools.product(
                    np.arange(EAST - 740, EAST + 740, 52.0) + 9,
                    np.arange(NORTH - 430, NORTH + 430, 46.0) + 9,
                )
            )
        ),
    ]
    sites = [
        {"site_id": f"E{k}", "name": f"基站{k}", "site_kind": "铁塔", "geometry": Point(x, y)}
        for k, (x, y) in enumerate(
            [
                (EAST - 300, NORTH + 100),
                (EAST + 600, NORTH - 250),
                (EAST - 1900, NORTH - 500),
                (EAST + 1700, NORTH + 900),
            ]
        )
    ]
    cells = [
        {
            "cell_id": f"E{k}-{azimuth}-{operator}",
            "site_id": f"E{k}",
            "operator": operator,
            "azimuth_deg": azimuth,
            "height_m": 35.0,
        }
        for k in range(4)
        for azimuth in (30.0, 150.0, 270.0)
        for operator in ("cmcc", "ctcc")[: 1 + k % 2]
    ]
    applications = [
        {
            "application_id": f"A{k:03d}",
            "parcel_id": str(parcels["parcel_id"].iloc[k % len(parcels)]),
            "utility": UTILITIES[(k * 5) % 7],
            "accepted_on": pd.Timestamp(2025, 11, 1 + k % 28),
        }
        for k in range(3 * len(parcels))
    ]
    rows = {
        "pipes": utility_lines,
        "tie_ins": tie_ins,
        "places": places,
        "zones": zones,
        "sites": sites,
        "cells": cells,
        "applications": applications,
    }
    frames = {table.name: frame(table.name, rows.get(table.name, [])) for table in INPUTS}
    frames["parcels"] = parcels
    return County(
        name="示例县",
        crs=CRS_4545,
        frames=frames,
        terrain=_terrain(),
        inputs=(
            InputFile("roads", "道路.gpkg" + text, "ab" * 32, 118, 116, 2),
            InputFile("works", "计划工程.shp", "cd" * 32, 96, 94, 2),
            InputFile("pipes", "", "", 120, 120, 0),
        ),
        quarantine=frame(
            "quarantine",
            [
                {
                    "layer": "roads",
                    "file": "道路.gpkg",
                    "row": "17",
                    "column": "geometry",
                    "code": "x",
                    "reason_zh": "几何为空；请补绘后重新导入" + text,
                    "reason_en": "empty geometry; draw it and read again",
                },
            ],
        ),
        generated=frozenset({"pipes", "tie_ins"}),
        credits=("© OpenStreetMap contributors",),
    )


def _terrain() -> Terrain:
    step = 30.0
    x, y = np.meshgrid(np.arange(0, 7200, step), np.arange(0, 5600, step))
    height = 300 + 220 * np.sin(x / 900) * np.cos(y / 700) + 380 * (np.abs(y - 2800) / 2800) ** 2
    height += 60 * np.sin(x / 210 + y / 330)
    transform = Affine(step, 0, EAST - 3600, 0, -step, NORTH + 2800)
    return Terrain(height_m=height.astype(np.float32), transform=transform, crs=CRS_4545)


def _trench(segments: gpd.GeoDataFrame, chance: np.random.Generator, text: str) -> SimpleNamespace:
    openings, participants, reopenings = [], [], []
    last: dict[str, dict[str, Any]] = {}
    for k in range(int(len(segments) * 0.75)):
        position = int(chance.integers(len(segments) - 2))
        segment = segments.iloc[position]
        utilities = sorted(
            chance.choice(
                7, size=chance.choice([1, 2, 3, 4], p=[0.3, 0.3, 0.25, 0.15]), replace=False
            )
        )
        starts = pd.Timestamp(START) + pd.Timedelta(days=int(chance.integers(5, 330)))
        days = int(chance.integers(8, 38))
        opening = {
            "opening_id": f"O{k:04d}",
            "segment_id": segment.segment_id,
            "name": segment["name"],
            "town": "城关镇",
            "starts_on": starts,
            "ends_on": starts + pd.Timedelta(days=days - 1),
            "days": days,
            "utilities": ",".join(UTILITIES[u] for u in utilities),
            "owners": "、".join(OWNERS[UTILITIES[u]] for u in utilities) + text,
            "works": len(utilities),
            "joint": len(utilities) > 1,
            "dug_m": segment.length_m * 0.9,
            "width_m": 0.8 + 0.5 * len(utilities),
            "volume_m3": segment.length_m * 1.4 * len(utilities),
            "area_m2": segment.length_m * len(utilities),
            "cost_yuan": 900 * segment.length_m * (1 + 0.45 * len(utilities)),
            "separate_yuan": 1300 * segment.length_m * len(utilities),
            "permits": "规划部门批准文件（假设）；占路许可（假设）",
            "geometry": segment.geometry,
        }
        openings.append(opening)
        participants += [
            {
                "opening_id": opening["opening_id"],
                "work_id": f"W{k:04d}{u}",
                "utility": UTILITIES[u],
                "owner": OWNERS[UTILITIES[u]] + text,
                "segment_id": segment.segment_id,
                "from_m": 0.0 if u % 2 else 20.0,
                "to_m": segment.length_m,
                "side": "left" if u % 2 else "right",
                "starts_on": starts,
                "ends_on": opening["ends_on"],
                "share_yuan": opening["cost_yuan"] / len(utilities),
            }
            for u in utilities
        ]
        before = last.get(segment.segment_id)
        if before:
            first, second = sorted((before, opening), key=lambda one: one["starts_on"])
            reopenings.append(
                {
                    "segment_id": segment.segment_id,
                    "first_opening": first["opening_id"],
                    "second_opening": second["opening_id"],
                    "rule": "windows",
                    "reason": "时间窗不能相接：先次 W0001，后次 W0007" + text,
                    "facts": json.dumps({"first": "W0001" + text, "second": "W0007"}),
                }
            )
        last[segment.segment_id] = opening
    unplaced = [
        {
            "work_id": "W9001",
            "utility": "gas",
            "owner": "示例燃气公司",
            "rule": "closed",
            "reason": "路段 2024-09-01 建成，五年内不得开挖（198号令第三十三条）；可改用非开挖"
            + text,
            "facts": json.dumps(
                {"work": "W9001", "owner": "Gas", "window": "2026", "closures": "2024-09-01" + text}
            ),
        }
    ]
    dug = sum(one["dug_m"] for one in openings)
    return SimpleNamespace(
        status="feasible",
        openings=frame("openings", openings),
        participants=frame("participants", participants),
        reopenings=frame("reopenings", reopenings),
        unplaced=frame("unplaced", unplaced),
        figures={
            "status": "feasible",
            "works": len(participants),
            "segments": len(segments),
            "openings": len(openings),
            "openings_separate": len(participants),
            "reopenings": len(reopenings),
            "reopenings_explained": len(reopenings),
            "cost_yuan": sum(o["cost_yuan"] for o in openings),
            "cost_separate_yuan": sum(o["separate_yuan"] for o in openings),
            "cost_greedy_yuan": None,
            "bound_yuan": None,
            "gap": None,
            "dug_m": dug,
            "dug_separate_m": dug * 2.1,
            "closure_days": sum(o["days"] for o in openings),
            "closure_separate_days": 2 * sum(o["days"] for o in openings),
            "seconds": 1.0,
        },
    )


def _extension(
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


def _coverage(county: County, chance: np.random.Generator) -> SimpleNamespace:
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
            "geometry": Polygon(Point(EAST + dx, NORTH + dy).buffer(330 - 40 * k).exterior.coords),
        }
        for operator in ("any", "cmcc")
        for k, (dx, dy) in enumerate([(2000, -900), (-2300, 1400), (900, 1600)])
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
            "site_kind": "加挂" if k == 0 else "山脊新建",
            "height_m": 30.0,
            "people_gained": 800 - 210 * k,
            "area_gained_km2": 0.62,
            "geometry": Point(EAST + dx, NORTH + dy),
        }
        for k, (dx, dy) in enumerate([(1880, -820), (-2200, 1320), (980, 1500)])
    ]
    return SimpleNamespace(
        grid=SimpleNamespace(transform=transform, shape=(rows, columns), crs=CRS_4545),
        signals=signals,
        gaps=frame("gaps", gaps),
        villages=frame("villages", villages),
        infill=frame("infill", infill),
        figures={
            "cells": 18,
            "area_km2": 26.4,
            "covered_share": 0.913,
            "uncertain_share": None,
            "gap_count": 3,
            "gap_km2": 0.73,
            "people_in_gaps": 1650,
            "villages": 5,
            "villages_failing": 3,
            "infill": {"sites": 3, "people_gained": 1580, "bound": None, "gap": None},
            "seconds": 2.0,
            "pixels_per_cpu_s": 1.0,
        },
    )
