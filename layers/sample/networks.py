"""Existing lines of seven utilities under the streets, and their house connections."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, STRtree

from layers.sample.frames import Record
from layers.sample.measured import GAS_SERVICE_MM, LOW_VOLTAGE_SERVICE_MM
from layers.sample.section import LANES, beside, diameter_mm, left_m, width_m

OWNERS = {
    "water": "县自来水公司",
    "drain": "县住房城乡建委",
    "gas": "县天然气公司",
    "heat": "清溪园区热力公司",
    "power": "国网县供电公司",
    "telecom": "中国铁塔县分公司",
    "tv": "重庆有线县分公司",
}

_REACH_M = 140.0
_SERVICE_REACH_M = 60.0
_CODES = {"water": "JS", "drain": "PS", "gas": "RQ", "heat": "RL", "power": "DL", "telecom": "TX",
          "tv": "DS"}  # fmt: skip
_MATERIALS = {"water": "球墨铸铁", "drain": "混凝土", "gas": "PE", "heat": "钢", "power": "铜",
              "telecom": "光纤", "tv": "光纤"}  # fmt: skip
_TOWN_SHARE = {
    ("water", "distribution"): 0.94,
    ("drain", "sewage"): 0.86,
    ("drain", "rain"): 0.72,
    ("telecom", "duct"): 0.92,
    ("tv", "duct"): 0.58,
    ("gas", "distribution"): 0.74,
}
"""Share of the streets near houses that carry a line: the sample's own."""


def near_people(roads: gpd.GeoDataFrame, *shapes: gpd.GeoSeries) -> NDArray[np.bool_]:
    """Return which roads run within 140 m of any of the shapes (houses, parcels, places).

    Where no shape is known at all, every road counts.
    """
    every = np.concatenate([np.asarray(series.array, dtype=object) for series in shapes])
    lines = np.asarray(roads.geometry.array, dtype=object)
    near = np.full(len(lines), not len(every), dtype=np.bool_)
    if len(every):
        near[STRtree(every).query(lines, predicate="dwithin", distance=_REACH_M)[0]] = True
    return near


def mains(
    roads: gpd.GeoDataFrame,
    near: NDArray[np.bool_],
    works_area: shapely.Geometry,
    rng: np.random.Generator,
) -> list[Record]:
    """Return the mains, one for each road and kind of line.

    Parameters
    ----------
    roads
        Columns of `layers.tables.ROADS`.
    near
        Which of them run near people.
    works_area
        Industrial land; only there is heat (steam) laid, as everywhere in Chongqing.
    rng
        Source of randomness.
    """
    rows: list[Record] = []
    for road, served in zip(roads.to_dict("records"), near.tolist(), strict=True):
        kind = road["road_class"]
        if not served or kind == "expressway" or road["geometry"].length < 15.0:
            continue
        chosen = _rural(rng) if kind == "rural" else _urban(road, works_area, rng)
        width = width_m(road)
        built = int(rng.integers(1998, 2021))
        for utility, subtype in chosen:
            lane = LANES[utility, subtype]
            line = beside(road["geometry"], left_m(road["geometry"], width, lane))
            size = diameter_mm(utility, subtype, kind, rng)
            rows.append(_main(utility, subtype, line, size, built, lane.depth_m))
    return _numbered(rows)


def _urban(
    road: Record, works_area: shapely.Geometry, rng: np.random.Generator
) -> list[tuple[str, str]]:
    chosen = [key for key, share in _TOWN_SHARE.items() if rng.random() < share]
    chosen.append(("power", "direct"))
    if road["road_class"] in {"arterial", "secondary_road"} or rng.random() < 0.3:
        chosen.append(("power", "duct"))
    line = road["geometry"]
    if isinstance(line, LineString) and line.intersection(works_area).length > 0.4 * line.length:
        chosen.append(("heat", "distribution"))
    return chosen


def _rural(rng: np.random.Generator) -> list[tuple[str, str]]:
    chosen = [("telecom", "duct")] if rng.random() < 0.8 else []
    return [*chosen, ("water", "distribution")] if rng.random() < 0.55 else chosen


def _main(
    utility: str, subtype: str, line: LineString, size: float, built: int, depth: float
) -> dict[str, object]:
    row: dict[str, object] = {
        "utility": utility,
        "subtype": subtype,
        "diameter_mm": size,
        "depth_m": depth,
        "material": _MATERIALS[utility],
        "owner": OWNERS[utility],
        "built_on": f"{built}-10-01",
        "geometry": line,
    }
    if utility == "power":
        row["voltage_kv"] = 10.0 if subtype == "duct" else 0.4
    if utility == "gas":
        row["pressure_mpa"] = 0.2 if subtype == "distribution" else 0.4
    return row


def _numbered(rows: Sequence[Record]) -> list[Record]:
    return [
        {"pipe_id": f"{_CODES[str(row['utility'])]}{i:05d}", **row} for i, row in enumerate(rows, 1)
    ]


def services(
    pipes: Sequence[Record], houses: gpd.GeoSeries, rng: np.random.Generator
) -> list[Record]:
    """Return the house connections: one line of water, gas and power from main to each house.

    A house is connected to the nearest main within 60 m; some have no gas. Lengths and spacing
    follow from where the houses stand, see `layers.sample.measured`.
    """
    shapes = np.asarray(houses.array, dtype=object)
    rows: list[dict[str, object]] = []
    sizes = {"water": 50.0, "gas": GAS_SERVICE_MM, "power": LOW_VOLTAGE_SERVICE_MM}
    for utility, size in sizes.items():
        kin = [
            row
            for row in pipes
            if row["utility"] == utility and row["subtype"] in {"distribution", "direct"}
        ]
        lines = np.array([row["geometry"] for row in kin], dtype=object)
        if not len(lines) or not len(shapes):
            continue
        house, main = STRtree(lines).query_nearest(
            shapes, max_distance=_SERVICE_REACH_M, all_matches=False
        )
        wanted = rng.random(len(house)) < (0.75 if utility == "gas" else 1.0)
        ties = shapely.shortest_line(lines[main[wanted]], shapes[house[wanted]])
        for tie, row in zip(ties, (kin[i] for i in main[wanted]), strict=True):
            if tie.length > 0.5:
                built = int(str(row["built_on"])[:4])
                line = LineString(np.round(shapely.get_coordinates(tie), 2))
                made = _main(utility, "service", line, size, built, 0.8)
                rows.append({**made, **_low(utility)})
    return [{"pipe_id": f"JH{i:06d}", **row} for i, row in enumerate(rows, 1)]


def _low(utility: str) -> Record:
    return {"power": {"voltage_kv": 0.4}, "gas": {"pressure_mpa": 0.01}}.get(utility, {})
