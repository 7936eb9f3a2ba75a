"""Gaps: connected areas below the threshold, with who and what lies in them, ranked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import rasterio.features
import shapely
from scipy import ndimage
from shapely.geometry.base import BaseGeometry

from layers.county import County
from layers.tables import GAPS, KEY_AREAS
from planner.coverage.frames import typed
from planner.coverage.grid import Grid
from planner.coverage.homes import households, people
from planner.coverage.margin import margin_db
from planner.coverage.signal import Signal
from planner.settings import Settings

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Labels = npt.NDArray[np.int32]

_ROAD_PIECES_A_PIXEL = 6
_FEEDS = {"power_m": "power", "fibre_m": "telecom"}
"""What a site that closes a gap is fed by: column to utility."""


def find(
    county: County, grid: Grid, signals: Mapping[str, Signal], settings: Settings
) -> gpd.GeoDataFrame:
    """Return the gaps of every operator and of the summaries ``any`` and ``all``.

    Parameters
    ----------
    signals
        Operator or summary to its signal on `grid`.
    settings
        Threshold, margin, least area and the weights by which key areas come first.

    Returns
    -------
    geopandas.GeoDataFrame
        Columns of `layers.tables.GAPS`, polygons along pixel edges; by operator, then rank. The
        rank goes by the key area's weight, then people, road length and area.

    References
    ----------
    000 (武隆府办发〔2018〕44号) 二(四): 中心城区, 工业园区, 重点景区, 乡村旅游示范点 first.
    """
    ground = _ground(county, grid, settings)
    frames = [_gaps(operator, signal, ground) for operator, signal in signals.items()]
    return typed(pd.concat(frames, ignore_index=True), GAPS, grid.crs)


def wanted_dbm(settings: Settings) -> float:
    """Return the median RSRP from which on a place counts as covered."""
    return settings.number("coverage.threshold_dbm") + margin_db(settings)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class _Ground:
    """What gaps are measured against, brought onto the grid once."""

    grid: Grid
    least_px: float
    wanted_dbm: float
    place: tuple[Integers, Integers]
    homes: Mapping[str, Floats]
    road: tuple[Integers, Integers]
    road_m: Floats
    key_areas: Mapping[str, npt.NDArray[np.bool_]]
    weights: Mapping[str, float]
    lines: Mapping[str, shapely.STRtree]


def _ground(county: County, grid: Grid, settings: Settings) -> _Ground:
    places = county["places"]
    xy = shapely.get_coordinates(places.geometry.to_numpy())
    row, column, inside = grid.locate(xy)
    homes = {
        "people": people(places, settings), "households": households(places),
        "places": np.ones(len(places)),
    }  # fmt: skip
    road_row, road_column, road_m = road_pieces(county["roads"], grid)
    weights = {kind: settings.number(f"coverage.weight_{kind}") for kind in KEY_AREAS}
    return _Ground(
        grid=grid,
        least_px=settings.number("coverage.gap_min_km2") / grid.pixel_km2,
        wanted_dbm=wanted_dbm(settings),
        place=(row, column),
        homes={name: np.where(inside, values, 0.0) for name, values in homes.items()},
        road=(road_row, road_column),
        road_m=road_m,
        key_areas={
            kind: _burnt(county["zones"], kind, grid)
            for kind in sorted(weights, key=lambda kind: -weights[kind])
        },
        weights={**weights, "": 0.0},
        lines={name: _lines(county["pipes"], utility) for name, utility in _FEEDS.items()},
    )


def _gaps(operator: str, signal: Signal, ground: _Ground) -> gpd.GeoDataFrame:
    """Return the ranked gaps of one operator."""
    labels, count = _labels(signal, ground)
    outlines = ground.grid.polygons(labels)
    shapes = [outlines[label] for label in range(1, count + 1)]
    at_place, on_road = labels[ground.place], labels[ground.road]
    pixels = np.bincount(labels.ravel(), minlength=count + 1)[1:]
    columns: dict[str, object] = {
        name: np.rint(np.bincount(at_place, values, count + 1)[1:])
        for name, values in ground.homes.items()
    }
    frame = gpd.GeoDataFrame(
        {
            **columns,
            "area_km2": pixels * ground.grid.pixel_km2,
            "road_km": np.bincount(on_road, ground.road_m, count + 1)[1:] / 1000.0,
            "key_area": _key_area(labels, count, ground),
            **{name: _apart_m(shapes, lines) for name, lines in ground.lines.items()},
        },
        geometry=shapes,
        crs=ground.grid.crs,
    )
    frame["weight"] = [ground.weights[kind] for kind in frame["key_area"]]
    order = ["weight", "people", "road_km", "area_km2"]
    frame = frame.sort_values(order, ascending=False, kind="stable", ignore_index=True)
    rank = np.arange(1, count + 1)
    names = [f"G-{operator}-{number:03d}" for number in rank]
    return frame.assign(rank=rank, operator=operator, gap_id=names)


def _labels(signal: Signal, ground: _Ground) -> tuple[Labels, int]:
    """Return the numbers of the connected areas below the threshold, and how many."""
    labels, count = ndimage.label(signal.rsrp_dbm < ground.wanted_dbm)
    kept = np.bincount(labels.ravel(), minlength=count + 1) >= ground.least_px
    kept[0] = False
    number = np.where(kept, np.cumsum(kept), 0)
    return number[labels].astype(np.int32), int(kept.sum())


def _key_area(labels: Labels, count: int, ground: _Ground) -> list[str]:
    """Return the weightiest key area of each gap, shared by at least the least area of a gap."""
    found = np.full(count, "", dtype=object)
    for kind, burnt in ground.key_areas.items():
        overlap = np.bincount(labels[burnt], minlength=count + 1)[1:]
        enough = overlap >= min(ground.least_px, max(int(burnt.sum()), 1))
        found[(found == "") & enough] = kind
    return [str(kind) for kind in found]


def _lines(pipes: gpd.GeoDataFrame, utility: str) -> shapely.STRtree:
    return shapely.STRtree(pipes.geometry[pipes["utility"] == utility].to_numpy())


def _apart_m(shapes: Sequence[BaseGeometry], lines: shapely.STRtree) -> Floats:
    """Return each shape's distance to the nearest line, NaN where there is none at all."""
    if not len(lines.geometries) or not shapes:
        return np.full(len(shapes), np.nan)
    _, apart_m = lines.query_nearest(shapes, return_distance=True, all_matches=False)
    return np.asarray(apart_m, dtype=np.float64)


def _burnt(zones: gpd.GeoDataFrame, kind: str, grid: Grid) -> npt.NDArray[np.bool_]:
    shapes = zones.geometry[zones["kind"] == kind].to_numpy() if len(zones) else []
    if not len(shapes):
        return np.zeros(grid.shape, dtype=bool)
    burnt = rasterio.features.rasterize(
        [(shape, 1) for shape in shapes],
        out_shape=grid.shape, transform=grid.transform, dtype=np.uint8,
    )  # fmt: skip
    return np.asarray(burnt == 1)


def road_pieces(
    roads: gpd.GeoDataFrame, grid: Grid
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], Floats]:
    """Return row, column and length in metres of short pieces of road, by their middles."""
    lines = shapely.segmentize(roads.geometry.to_numpy(), grid.pixel_m / _ROAD_PIECES_A_PIXEL)
    xy, line = shapely.get_coordinates(shapely.get_parts(lines), return_index=True)
    joined = line[1:] == line[:-1]
    start, end = xy[:-1][joined], xy[1:][joined]
    row, column, inside = grid.locate((start + end) / 2.0)
    length = np.hypot(*(end - start).T)
    return row[inside], column[inside], length[inside]
