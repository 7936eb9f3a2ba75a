"""Places for a site where none stands: pole lines, roofs, ridges, other ground near roads."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import rasterio.features
import shapely
from scipy import ndimage

from geo.terrain import Terrain
from planner.coverage import lineprices, ridges
from planner.coverage.grid import Grid
from planner.settings import Settings

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Texts = npt.NDArray[np.object_]

_HUNG = ("power", "telecom", "tv")
_AROUND_M = 10_000.0
"""Side of the square around a candidate in which pixels without signal are counted."""


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """Where candidates are looked for; `wanting` says which pixels some operator does not reach."""

    grid: Grid
    terrain: Terrain
    wanting: Flags
    settings: Settings

    def lacking(self, xy: Floats) -> Floats:
        """Return the share of the pixels around each point that lack signal; outside, 0."""
        size = 2 * int(0.5 * _AROUND_M / self.grid.pixel_m) + 1
        share = ndimage.uniform_filter(self.wanting.astype(np.float32), size=size)
        row, column, inside = self.grid.locate(xy)
        return np.where(inside, share[row, column], 0.0)

    def squares(self, xy: Floats) -> npt.NDArray[np.int64]:
        """Return a number for the square of ``coverage.infill_spacing_m`` that holds each point."""
        side = np.floor(xy / self.settings.number("coverage.infill_spacing_m")).astype(np.int64)
        return np.asarray(np.unique(side, axis=0, return_inverse=True)[1]).ravel()


def poles(pipes: gpd.GeoDataFrame, scene: Scene) -> gpd.GeoDataFrame:
    """Return vertices of overhead lines, the highest ground of each square."""
    hung = [lineprices.usable(pipes, utility, scene.settings) for utility in _HUNG]
    lines = pd.concat(hung)
    lines = lines[lines["subtype"] == "overhead"]
    xy = np.unique(shapely.get_coordinates(lines.geometry.to_numpy()).reshape(-1, 2), axis=0)
    chosen = _best(xy, scene.terrain.at(xy), scene, scene.settings.count("coverage.infill_poles"))
    height_m = scene.settings.number("coverage.infill_pole_height_m")
    return _frame(xy[chosen], np.full(len(chosen), "pole", dtype=object), height_m, scene)


def roofs(zones: gpd.GeoDataFrame, scene: Scene) -> gpd.GeoDataFrame:
    """Return a point on the roof of large buildings, the largest of each square."""
    houses = zones.geometry[zones["kind"] == "building"].to_numpy()
    houses = houses[shapely.area(houses) >= scene.settings.number("coverage.infill_roof_m2")]
    xy = shapely.get_coordinates(shapely.point_on_surface(houses)).reshape(-1, 2)
    chosen = _best(xy, shapely.area(houses), scene, scene.settings.count("coverage.infill_roofs"))
    height_m = scene.settings.number("coverage.infill_roof_height_m")
    return _frame(xy[chosen], np.full(len(chosen), "roof", dtype=object), height_m, scene)


def tops(roads: gpd.GeoDataFrame, scene: Scene) -> gpd.GeoDataFrame:
    """Return the best ground near roads of each square: the highest top or ridge, else the highest.

    A pixel counts as near where its centre lies within ``coverage.infill_road_m`` of a pixel that a
    road crosses.
    """
    grid, settings = scene.grid, scene.settings
    rows, columns = grid.shape
    row, column = np.divmod(np.arange(rows * columns), columns)
    height_m = scene.terrain.at(grid.centres(row, column)).reshape(grid.shape)
    reach_px = max(1, round(settings.number("coverage.infill_ridge_m") / grid.pixel_m))
    drop_m = settings.number("coverage.infill_ridge_drop_m")
    ridge, top = ridges.crests(height_m, reach_px=reach_px, drop_m=drop_m)
    row, column = np.nonzero(_near_roads(roads, grid, settings) & np.isfinite(height_m))
    kind = np.where(top, "top", np.where(ridge, "ridge", "ground"))[row, column].astype(object)
    xy = grid.centres(row, column)
    # any height on a ridge comes before every height beside it
    merit = height_m[row, column] + np.where(kind == "ground", 0.0, 1e5)
    chosen = _best(xy, merit, scene, settings.count("coverage.infill_hilltops"))
    return _frame(xy[chosen], kind[chosen], settings.number("coverage.infill_height_m"), scene)


def _best(xy: Floats, merit: Floats, scene: Scene, most: int) -> npt.NDArray[np.int64]:
    """Return the positions of the best point of each square, where most signal lacks first."""
    if not len(xy):
        return np.zeros(0, dtype=np.int64)
    order = np.lexsort((xy[:, 1], xy[:, 0], -merit))
    first = order[np.unique(scene.squares(xy)[order], return_index=True)[1]]
    lacking = scene.lacking(xy[first])
    ranked = np.lexsort((xy[first, 1], xy[first, 0], -lacking))
    return np.asarray(first[ranked[lacking[ranked] > 0.0]][:most], dtype=np.int64)


def _frame(xy: Floats, kind: Texts, height_m: float, scene: Scene) -> gpd.GeoDataFrame:
    names = [f"{name}-{x:.0f}-{y:.0f}" for name, (x, y) in zip(kind, xy, strict=True)]
    return gpd.GeoDataFrame(
        {
            "candidate_id": np.array(names, dtype=object), "site_kind": kind,
            "height_m": height_m, "site_id": "", "has_power": False, "has_fibre": False,
        },
        geometry=shapely.points(xy), crs=scene.grid.crs,
    )  # fmt: skip


def _near_roads(roads: gpd.GeoDataFrame, grid: Grid, settings: Settings) -> Flags:
    if not len(roads):
        return np.zeros(grid.shape, dtype=bool)
    crossed = rasterio.features.rasterize(
        [(road, 1) for road in roads.geometry],
        out_shape=grid.shape, transform=grid.transform, all_touched=True, dtype=np.uint8,
    )  # fmt: skip
    apart_px = ndimage.distance_transform_edt(crossed == 0)
    return np.asarray(apart_px * grid.pixel_m <= settings.number("coverage.infill_road_m"))
