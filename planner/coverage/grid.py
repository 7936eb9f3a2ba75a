"""Where signal is computed: the study area, its pixels and the ground around them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import rasterio.features
import shapely
from affine import Affine
from pyproj import CRS
from shapely import Polygon
from shapely.geometry.base import BaseGeometry

from geo.terrain import Terrain
from layers.area import study_area
from layers.county import County
from planner.settings import Settings

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Grid:
    """A north-up grid of square pixels.

    Parameters
    ----------
    transform
        From (column, row) of a pixel's corner to (x, y) in metres.
    shape
        Rows, columns; the first row lies northmost.
    crs
        Projected CRS in metres.
    """

    transform: Affine
    shape: tuple[int, int]
    crs: CRS

    @property
    def pixel_m(self) -> float:
        """Side of a pixel in metres."""
        return float(self.transform.a)

    @property
    def pixel_km2(self) -> float:
        """Area of a pixel in km²."""
        return self.pixel_m**2 / 1e6

    def centres(self, row: Integers, column: Integers) -> Floats:
        """Return the (x, y) of pixel centres, shape (n, 2)."""
        return np.column_stack([
            self.transform.c + (column + 0.5) * self.pixel_m,
            self.transform.f - (row + 0.5) * self.pixel_m,
        ])  # fmt: skip

    def locate(self, xy: Floats) -> tuple[Integers, Integers, Flags]:
        """Return row, column and whether inside, of the pixel that holds each point.

        Points outside get row and column 0.
        """
        column = np.floor((xy[:, 0] - self.transform.c) / self.pixel_m).astype(np.int64)
        row = np.floor((self.transform.f - xy[:, 1]) / self.pixel_m).astype(np.int64)
        rows, columns = self.shape
        inside = (row >= 0) & (row < rows) & (column >= 0) & (column < columns)
        return np.where(inside, row, 0), np.where(inside, column, 0), inside

    def mask(self, area: BaseGeometry) -> Flags:
        """Return the pixels whose centre lies in an area."""
        if area.is_empty:
            return np.zeros(self.shape, dtype=bool)
        burnt = rasterio.features.rasterize(
            [(area, 1)], out_shape=self.shape, transform=self.transform, dtype=np.uint8
        )
        return np.asarray(burnt == 1)

    def polygons(self, labels: npt.NDArray[np.int32]) -> dict[int, BaseGeometry]:
        """Return the outline of every label above 0, along the edges of its pixels."""
        found: dict[int, list[Polygon]] = {}
        shapes = rasterio.features.shapes(
            labels, mask=labels > 0, connectivity=4, transform=self.transform
        )
        for outline, label in shapes:
            rings = outline["coordinates"]
            found.setdefault(int(label), []).append(Polygon(rings[0], rings[1:]))
        return {label: shapely.union_all(parts) for label, parts in found.items()}


def area_of(county: County, settings: Settings) -> BaseGeometry:
    """Return the study area, or the sites' surroundings where there are neither zones nor roads."""
    margin_m = settings.number("study.area_margin_m")
    area = study_area(county.frames, margin_m=margin_m)
    if area is not None:
        return area
    sites = shapely.MultiPoint(shapely.get_coordinates(county["sites"].geometry.to_numpy()))
    return shapely.buffer(sites.convex_hull, margin_m)


def ground(county: County, area: BaseGeometry, sites: Floats, settings: Settings) -> Terrain:
    """Return the terrain below the area and the sites, in the county's CRS, one pixel a signal.

    Parameters
    ----------
    sites
        Points (x, y) from which paths start, shape (n, 2).

    Raises
    ------
    InputError
        If the terrain holds no height there.
    """
    resolution_m = settings.number("coverage.resolution_m")
    if county.terrain is None:
        msg = "coverage needs a terrain"
        raise AssertionError(msg)
    points = shapely.union_all([shapely.envelope(area), shapely.MultiPoint(sites)])
    west, south, east, north = shapely.bounds(points)
    margin = 2.0 * resolution_m
    bounds = (west - margin, south - margin, east + margin, north + margin)
    return county.terrain.reproject(county.crs, bounds, resolution_m)


def lay(area: BaseGeometry, terrain: Terrain) -> Grid:
    """Return the part of the terrain's pixels that holds the area."""
    pixel_m = float(terrain.transform.a)
    west, south, east, north = shapely.bounds(area)
    left = np.floor(west / pixel_m) * pixel_m
    top = np.ceil(north / pixel_m) * pixel_m
    shape = (int(np.ceil((top - south) / pixel_m)), int(np.ceil((east - left) / pixel_m)))
    return Grid(Affine(pixel_m, 0.0, float(left), 0.0, -pixel_m, float(top)), shape, terrain.crs)
