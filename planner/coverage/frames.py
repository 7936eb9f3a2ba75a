"""Result frames with exactly the columns and types that `layers.tables` declares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import geopandas as gpd
import pandas as pd
from pyproj import CRS

from layers.schemas import empty_frame
from layers.tables import Table

_TYPES = {"integer": "float64", "number": "float64", "flag": "bool", "text": "object"}


def typed(frame: pd.DataFrame, table: Table, crs: CRS) -> gpd.GeoDataFrame:
    """Return a frame with the table's columns in order, each of its declared kind.

    Parameters
    ----------
    frame
        Has the table's columns and ``geometry``; others are left out.
    crs
        CRS of the geometry.
    """
    if frame.empty:
        return empty_frame(table, crs)
    columns = {
        column.name: frame[column.name].to_numpy(dtype=_TYPES[column.kind]) for column in table
    }
    return gpd.GeoDataFrame(columns, geometry=frame["geometry"].to_numpy(), crs=crs)


def from_rows(rows: Sequence[Mapping[str, object]], table: Table, crs: CRS) -> gpd.GeoDataFrame:
    """Return `typed` of rows that hold a value for each column and ``geometry``."""
    return typed(pd.DataFrame(list(rows)), table, crs)
