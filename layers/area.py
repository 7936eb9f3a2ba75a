"""The study area: what lies outside it is not planned for."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

BOUNDARY = "boundary"


def study_area(
    frames: Mapping[str, gpd.GeoDataFrame | pd.DataFrame], *, margin_m: float
) -> BaseGeometry | None:
    """Return the study area in the frames' CRS.

    Parameters
    ----------
    frames
        Input tables, projected, in metres.
    margin_m
        How far the area reaches beyond the lines where the study gives no boundary.

    Returns
    -------
    shapely geometry or None
        The union of the zones of kind ``boundary``; without one, the convex hull of the roads
        with the margin; without roads, that of the existing lines and works; else None.
    """
    zones = frames.get("zones")
    if zones is not None and (zones["kind"] == BOUNDARY).any():
        return shapely.union_all(zones.geometry[zones["kind"] == BOUNDARY].to_numpy())
    for names in (("roads",), ("pipes", "works")):
        lines = [frames[name].geometry.to_numpy() for name in names if len(frames.get(name, ()))]
        if lines:
            hull = shapely.MultiPoint(shapely.get_coordinates(np.concatenate(lines))).convex_hull
            area: BaseGeometry = hull.buffer(margin_m)
            return area
    return None
