"""The study area: what lies outside it is not planned for."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
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
        How far the area reaches beyond the roads where the study gives no boundary.

    Returns
    -------
    shapely geometry or None
        The union of the zones of kind ``boundary``; without one, the convex hull of the roads
        with the margin; None where there are no roads either.
    """
    zones = frames.get("zones")
    if zones is not None and (zones["kind"] == BOUNDARY).any():
        return shapely.union_all(zones.geometry[zones["kind"] == BOUNDARY].to_numpy())
    roads = frames.get("roads")
    if roads is None or roads.empty:
        return None
    hull = shapely.MultiPoint(shapely.get_coordinates(roads.geometry.to_numpy())).convex_hull
    area: BaseGeometry = hull.buffer(margin_m)
    return area
