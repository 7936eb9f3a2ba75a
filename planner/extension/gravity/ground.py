"""Where a drain's manholes stand and how high the ground is above it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from pyproj import CRS

from geo.crs import transform_xy
from geo.terrain import Terrain
from planner.extension.arrays import Floats, Ints
from planner.extension.gravity.limits import Limits
from planner.extension.gravity.profile import Ground
from planner.settings import Settings

_SAME_M = 1e-3


@dataclass(frozen=True, slots=True, eq=False)
class Stations:
    """Samples along a drain from the red line to the tie-in, (n,), manholes among them, (k,)."""

    along_m: Floats
    xy: Floats
    manholes: Ints


def stations(route: shapely.LineString, limits: Limits, settings: Settings) -> Stations:
    """Place manholes and samples along a route.

    Parameters
    ----------
    route
        From the tie-in to the parcel, as the tables of results draw it.
    limits
        Greatest distance of manholes.
    settings
        ``extension.drain_turn_deg`` and ``extension.drain_step_m``.

    Returns
    -------
    Stations
        With a manhole at both ends, at every turn and between them at equal distances.

    References
    ----------
    GB 50014-2021, 5.4.1, table 5.4.4.
    """
    flow = shapely.reverse(route)
    fixed_m = _fixed_m(flow, settings.number("extension.drain_turn_deg"))
    manholes_m = np.concatenate(
        [fixed_m[:1]]
        + [
            np.linspace(first, last, math.ceil((last - first) / limits.manhole_m) + 1)[1:]
            for first, last in pairwise(fixed_m)
        ]
    )
    step_m = settings.number("extension.drain_step_m")
    between_m = np.arange(step_m, manholes_m[-1], step_m)
    away_m = np.abs(manholes_m[:, None] - between_m[None, :]).min(axis=0, initial=np.inf)
    along_m = np.sort(np.concatenate([manholes_m, between_m[away_m > _SAME_M]]))
    points = shapely.line_interpolate_point(flow, along_m)
    return Stations(along_m, shapely.get_coordinates(points), np.searchsorted(along_m, manholes_m))


def _fixed_m(flow: shapely.LineString, turn_deg: float) -> Floats:
    """Return where a line begins, turns and ends, increasing; the beginning alone for a point."""
    xy = shapely.get_coordinates(flow)
    steps = np.diff(xy, axis=0)
    length_m = np.hypot(*steps.T)
    moves = length_m > _SAME_M
    steps, along_m = steps[moves], np.cumsum(length_m[moves])
    if not len(steps):
        return np.zeros(1)
    heading = np.arctan2(steps[:, 1], steps[:, 0])
    turn = np.abs(np.angle(np.exp(1j * np.diff(heading))))
    turns_m = along_m[:-1][turn >= math.radians(turn_deg)]
    return np.concatenate([[0.0], turns_m, [float(flow.length)]])


def heights_m(terrain: Terrain, xy: Floats, crs: CRS) -> Floats:
    """Return the ground's height at points in a projected CRS; NaN where it is not known."""
    return terrain.at(transform_xy(xy, crs, terrain.crs))


def ground(found: Stations, terrain: Terrain, crs: CRS) -> Ground | None:
    """Return the ground above a drain, or None where part of it is not known."""
    ground_m = heights_m(terrain, found.xy, crs)
    if not np.isfinite(ground_m).all():
        return None
    return Ground(along_m=found.along_m, ground_m=ground_m, manholes=found.manholes)
