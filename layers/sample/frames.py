"""Checked frames from plain records, in the columns and types that the tables declare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import CRS

from layers.tables import Column, Table

Record = Mapping[str, Any]
"""One row by column name; the geometry under ``geometry``; what is left out is empty."""


def frame(table: Table, records: Sequence[Record], crs: CRS) -> gpd.GeoDataFrame | pd.DataFrame:
    """Return the records as a frame of the table: every column, in order, in its type.

    Parameters
    ----------
    table
        One of `layers.tables.INPUTS`.
    records
        Rows; keys that the table does not declare are refused.
    crs
        CRS of the geometries.
    """
    strange = {key for record in records for key in record} - {*table.names, "geometry"}
    if strange:
        msg = f"{table.name} has no column {sorted(strange)}"
        raise AssertionError(msg)
    columns = {column.name: _cells(column, records) for column in table}
    plain = pd.DataFrame(columns, index=pd.RangeIndex(len(records)))
    if table.geometry == "none":
        return plain
    shapes = gpd.GeoSeries([record["geometry"] for record in records], crs=crs)
    return gpd.GeoDataFrame(plain, geometry=shapes.to_numpy(), crs=crs)


def _cells(column: Column, records: Sequence[Record]) -> pd.Series:
    values = [record.get(column.name, column.default) for record in records]
    if column.kind == "flag":
        return pd.Series([bool(value) for value in values], dtype=bool)
    if column.kind == "date":
        return pd.to_datetime(pd.Series(values, dtype=object)).astype("datetime64[ns]")
    if column.kind == "text":
        return pd.Series(values, dtype=object)
    return pd.Series([np.nan if value is None else value for value in values], dtype=np.float64)
