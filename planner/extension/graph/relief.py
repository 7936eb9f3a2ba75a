"""Lines laid over the terrain: how long they are in space and how steep."""

from __future__ import annotations

import numpy as np
import shapely
from pyproj import CRS

from geo.crs import transform_xy
from geo.terrain import Terrain
from planner.extension.arrays import Floats, Objects

STEP_M = 30.0
"""Heights are taken at the ends of a line and at least so often between, in metres: as fine as the
free terrain models are."""


def laid(lines: Objects, terrain: Terrain | None, crs: CRS | None) -> tuple[Floats, Floats]:
    """Return the length of lines over the terrain, and their mean slope.

    Parameters
    ----------
    lines
        LineStrings in metres, (n,).
    terrain
        Heights; without them, and where they are not known, the ground counts as level.
    crs
        CRS of the lines.

    Returns
    -------
    tuple
        Length in metres, (n,), and climb and fall together for each metre of plan, (n,).
    """
    plan_m = shapely.length(lines)
    if terrain is None or crs is None or not len(lines):
        return plan_m, np.zeros(len(lines))
    long = np.flatnonzero(plan_m > 0)
    dense = shapely.segmentize(lines[long], STEP_M)
    xy, line = shapely.get_coordinates(dense, return_index=True)
    height_m = terrain.at(transform_xy(xy, crs, terrain.crs))
    same = line[1:] == line[:-1]
    climb_m = np.where(same, np.nan_to_num(np.abs(np.diff(height_m))), 0.0)
    step_m = np.where(same, np.hypot(*np.diff(xy, axis=0).T), 0.0)
    total_m, slope = plan_m.copy(), np.zeros(len(lines))
    owner = long[line[1:]]
    total_m[long] = np.bincount(owner, np.hypot(step_m, climb_m), len(lines))[long]
    slope[long] = np.bincount(owner, climb_m, len(lines))[long] / plan_m[long]
    return total_m, slope
