"""The ground of a small town in a valley: streets, parcels, pipes, places, terrain."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from affine import Affine
from pyproj import CRS
from shapely import LineString, Point, box
from shapely.affinity import rotate
from shapely.geometry.base import BaseGeometry

from geo.terrain import Terrain
from layers.county import County, InputFile
from layers.tables import BY_NAME, INPUTS

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


def make_segments(blocks: int, text: str) -> gpd.GeoDataFrame:
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


def make_parcels(
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


def make_county(
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
