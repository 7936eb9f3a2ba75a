"""Mountains of the sample county: ridges and valleys that a river and its streams have cut."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from affine import Affine
from numpy.typing import NDArray
from scipy import ndimage
from shapely import LineString, Polygon
from shapely.ops import substring

from layers.sample.grid import Floats, Lattice, spread
from layers.sample.kernels import gather
from layers.sample.noise import field

CENTRE = (470_850.0, 3_242_500.0)
"""East and north of 107.7°E 29.3°N in EPSG:4545, in metre."""

_RIVER_LEVEL_M = 175.0
_RIVER_SLOPE = 0.0012
_HILL_SLOPE = 0.62
_HILL_AREA_KM2 = 0.04
_CONCAVITY = 0.42
_MARGIN_M = 1_500.0
_CELLS = 330_000


@dataclass(frozen=True, slots=True)
class Ground:
    """The land before anybody built on it.

    Parameters
    ----------
    lattice
        Where the cells of the grids lie.
    height_m
        Heights, of the grid's shape.
    drained_km2
        Area that drains through each cell, of the grid's shape.
    below
        Cell into which each cell drains, shape (cells,); -1 in the river.
    river
        Centre line of the main river, running through the county's centre.
    boundary
        The county's border.
    seat
        The flat on which the county seat stands, as (along, left, right) in metre: half its
        length along the river and its depth on either bank.
    """

    lattice: Lattice
    height_m: Floats
    drained_km2: Floats
    below: NDArray[np.int64]
    river: LineString
    boundary: Polygon
    seat: tuple[float, float, float]

    def at(self, xy: Floats) -> Floats:
        """Return heights in metre at points of shape (n, 2), by bilinear interpolation."""
        column, row = ~self.lattice.transform @ (xy[:, 0], xy[:, 1])
        found: Floats = ndimage.map_coordinates(
            self.height_m, np.array([row - 0.5, column - 0.5]), order=1, mode="nearest"
        )
        return found

    def slope(self) -> Floats:
        """Return the slope as metre per metre, of the grid's shape."""
        down, right = np.gradient(self.height_m, self.lattice.cell_m)
        steepness: Floats = np.hypot(down, right)
        return steepness


def border(area_km2: float, rng: np.random.Generator) -> Polygon:
    """Return a county border of exactly the area asked, around `CENTRE`."""
    angle = np.linspace(0.0, 2 * np.pi, 721)[:-1]
    radius = np.ones_like(angle)
    for waves in range(2, 19):
        swing = 0.16 * waves**-0.95
        radius += swing * np.cos(waves * angle + rng.uniform(0, 2 * np.pi))
    ring = np.column_stack([1.15 * radius * np.cos(angle), 0.9 * radius * np.sin(angle)])
    raw = Polygon(ring)
    scale = np.sqrt(area_km2 * 1e6 / raw.area)
    return Polygon(np.asarray(CENTRE) + ring * scale)


def main_river(boundary: Polygon, rng: np.random.Generator) -> LineString:
    """Return a meandering centre line that crosses the county and calms down at its centre."""
    west, south, east, north = boundary.bounds
    reach = np.hypot(east - west, north - south) * 0.75 + 2 * _MARGIN_M
    along = np.arange(-reach, reach, 25.0)
    calm = 1.0 - np.exp(-((along / 1_900.0) ** 2))
    aside = np.zeros_like(along)
    for wavelength, swing in ((1_900.0, 150.0), (3_700.0, 420.0), (8_300.0, 900.0)):
        share = min(1.0, (east - west) / (2.0 * wavelength))
        phase = rng.uniform(0, 2 * np.pi)
        aside += share * swing * np.sin(2 * np.pi * along / wavelength + phase)
    aside = aside * calm + 110.0 * np.sin(2 * np.pi * along / 4_600.0 + rng.uniform(0, 6.28))
    aside -= aside[np.argmin(np.abs(along))]
    bearing = np.radians(rng.uniform(12.0, 32.0))
    x = CENTRE[0] + along * np.cos(bearing) - aside * np.sin(bearing)
    y = CENTRE[1] + along * np.sin(bearing) + aside * np.cos(bearing)
    return LineString(np.column_stack([x, y]))


def shape(area_km2: float, rng: np.random.Generator) -> Ground:
    """Return the land of a county of the given area.

    Slopes follow from the drained area by Flint's law, S = k A^-0.42, and the height of a cell
    is the least sum of slopes down to the river, so that every valley drains, valleys join like
    branches and no cliff stands on a divide. Routing and slopes are settled in a few turns.

    References
    ----------
    Flint, J. J. (1974), Stream gradient as a function of order, magnitude, and discharge,
    Water Resources Research 10(5); Willett, S. D. et al. (2014), Dynamic reorganization of
    river basins, Science 343.
    """
    boundary = border(area_km2, rng)
    river = main_river(boundary, rng)
    lattice = _lattice(boundary)
    half = float(np.clip(430.0 * (area_km2 / 20.0) ** 0.30, 430.0, 1_500.0))
    seat = (1.7 * half, 0.72 * half, 0.40 * half)
    height, drained, below = _carve(lattice, river, seat, rng)
    return Ground(lattice, height, drained, below, river, boundary, seat)


def _lattice(boundary: Polygon) -> Lattice:
    west, south, east, north = boundary.buffer(_MARGIN_M).bounds
    cell = max(25.0, float(np.sqrt((east - west) * (north - south) / _CELLS)))
    cell = float(np.ceil(cell / 5.0) * 5.0)
    size = (int((north - south) / cell) + 1, int((east - west) / cell) + 1)
    return Lattice(size, Affine(cell, 0.0, round(west), 0.0, -cell, round(north)))


def _carve(
    lattice: Lattice, river: LineString, seat: tuple[float, float, float], rng: np.random.Generator
) -> tuple[Floats, Floats, NDArray[np.int64]]:
    moves = lattice.moves()
    first, second, metres = moves
    bed, level = _bed(lattice, river)
    hardness = _hardness(lattice, rng)
    flat = seat_mask(lattice, river, seat)
    shore = _shore(lattice, bed)
    area = np.full(lattice.cells, _HILL_AREA_KM2)
    jitter = np.exp(0.25 * rng.standard_normal(len(first)))
    total = np.zeros(lattice.cells)
    below = np.full(lattice.cells, -1, dtype=np.int64)
    for turn in range(5):
        slope = _slopes(lattice, area, hardness, floors=turn >= 3)
        slope = np.where(shore, np.minimum(slope, 0.06), slope)
        slope = np.where(flat, np.minimum(slope, 0.018), slope)
        cost = metres * 0.5 * (slope[first] + slope[second]) * jitter
        total, below = spread(lattice, cost, bed, level, moves=moves)
        order = np.argsort(-total, kind="stable")
        own = np.full(lattice.cells, lattice.cell_m**2 / 1e6)
        area = gather(order, below, own)
    grid = total.reshape(lattice.shape)
    texture = field(lattice.shape, lattice.cell_m, rng, wavelength_m=420.0, roughness=1.8)
    rough = np.minimum(_steepness(grid, lattice.cell_m), 0.6)
    grid = ndimage.gaussian_filter(grid, 0.8) + 14.0 * rough * texture
    grid = np.where(flat.reshape(lattice.shape), total.reshape(lattice.shape), grid)
    grid = ndimage.gaussian_filter(grid, 0.7)
    return grid, area.reshape(lattice.shape), below


def _steepness(grid: Floats, cell_m: float) -> Floats:
    down, right = np.gradient(grid, cell_m)
    steepness: Floats = np.hypot(down, right)
    return steepness


def _bed(lattice: Lattice, river: LineString) -> tuple[NDArray[np.int64], Floats]:
    stations = np.arange(0.0, river.length, lattice.cell_m / 2)
    points = shapely.get_coordinates(shapely.line_interpolate_point(river, stations))
    column, row = ~lattice.transform @ (points[:, 0], points[:, 1])
    inside = (column >= 0) & (row >= 0)
    inside &= (column < lattice.shape[1]) & (row < lattice.shape[0])
    cells, at = np.unique(lattice.cell(points[inside]), return_index=True)
    level = _RIVER_LEVEL_M + _RIVER_SLOPE * (stations[inside][at] - stations[inside].min())
    return cells, level


def _shore(lattice: Lattice, bed: NDArray[np.int64]) -> NDArray[np.bool_]:
    dry = np.ones(lattice.cells, dtype=np.bool_)
    dry[bed] = False
    far = ndimage.distance_transform_edt(dry.reshape(lattice.shape)) * lattice.cell_m
    near: NDArray[np.bool_] = (far < 115.0).ravel()
    return near


def _hardness(lattice: Lattice, rng: np.random.Generator) -> Floats:
    """Return how much steeper than usual each cell stands: folds that strike north-east."""
    options = {"stretch": 5.0, "bearing_deg": 38.0}
    folds = field(lattice.shape, lattice.cell_m, rng, wavelength_m=1_300.0, **options)
    blocks = field(lattice.shape, lattice.cell_m, rng, wavelength_m=2_500.0, roughness=2.2)
    ranges = field(lattice.shape, lattice.cell_m, rng, wavelength_m=7_500.0, **options)
    hardness: Floats = np.exp(0.34 * folds + 0.26 * blocks + 0.36 * ranges).ravel()
    return hardness


def seat_mask(
    lattice: Lattice, river: LineString, seat: tuple[float, float, float]
) -> NDArray[np.bool_]:
    """Return which cells belong to the flat of the county seat, shape (cells,)."""
    along, left, right = seat
    middle = river.project(shapely.Point(CENTRE))
    reach = substring(river, middle - along, middle + along)
    east, north = lattice.centres()
    near = np.flatnonzero(np.hypot(east - CENTRE[0], north - CENTRE[1]).ravel() < 1.2 * along)
    points = np.asarray(shapely.points(east.ravel()[near], north.ravel()[near]), dtype=object)
    station = shapely.line_locate_point(river, points) - middle
    depth = np.where(_left_of(river, points), left, right)
    taper = np.sqrt(np.clip(1.0 - (station / along) ** 2, 0.0, 1.0))
    mask = np.zeros(lattice.cells, dtype=np.bool_)
    limit = depth * (0.35 + 0.65 * taper) + 45.0
    mask[near] = shapely.distance(reach, points) < limit
    return mask


def _left_of(line: LineString, points: NDArray[np.object_]) -> NDArray[np.bool_]:
    station = shapely.line_locate_point(line, points)
    behind = shapely.get_coordinates(shapely.line_interpolate_point(line, station - 10.0))
    ahead = shapely.get_coordinates(shapely.line_interpolate_point(line, station + 10.0))
    way, off = ahead - behind, shapely.get_coordinates(points) - behind
    left: NDArray[np.bool_] = way[:, 0] * off[:, 1] - way[:, 1] * off[:, 0] > 0
    return left


def _slopes(lattice: Lattice, area: Floats, hardness: Floats, *, floors: bool) -> Floats:
    """Return the slope of each cell for the area it drains (Flint's law), metre per metre."""
    slope = (
        _HILL_SLOPE
        * hardness
        * (np.maximum(area, _HILL_AREA_KM2) / _HILL_AREA_KM2) ** (-_CONCAVITY)
    )
    slope = np.clip(slope, 0.004, 1.05)
    if floors:
        grid = area.reshape(lattice.shape)
        streams = grid > 1.0
        far, (row, column) = ndimage.distance_transform_edt(~streams, return_indices=True)
        floor = far * lattice.cell_m < np.minimum(16.0 * np.sqrt(grid[row, column]), 170.0)
        slope = np.where(floor.ravel(), np.minimum(slope, 0.035), slope)
    return slope
