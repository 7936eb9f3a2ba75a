"""A pandera schema for every table, built from the one description of its columns."""

from __future__ import annotations

from functools import cache, partial

import geopandas as gpd
import numpy as np
import pandas as pd
import pandera.pandas as pa
from pyproj import CRS

from layers.tables import BY_NAME, Column, Geometry, Table
from layers.values import empty

_SHAPES: dict[Geometry, tuple[str, ...]] = {
    "point": ("Point",),
    "line": ("LineString", "MultiLineString"),
    "polygon": ("Polygon", "MultiPolygon"),
    "any": (
        "Point", "LineString", "MultiLineString", "Polygon", "MultiPolygon",
    ),
}  # fmt: skip
_DTYPES = {
    "text": "object", "integer": "float64", "number": "float64", "date": "datetime64[ns]",
    "flag": "bool",
}  # fmt: skip


@cache
def schema(name: str) -> pa.DataFrameSchema:
    """Return the schema of a table's checked frame.

    Parameters
    ----------
    name
        Name of a table of `layers.tables`.

    Returns
    -------
    pandera.DataFrameSchema
        Exactly the table's columns in order, then ``geometry`` where it has one; keys unique.
    """
    table = BY_NAME[name]
    columns = {column.name: _column(column, key=column.name == table.key) for column in table}
    if table.geometry != "none":
        columns["geometry"] = _geometry(table.geometry)
    return pa.DataFrameSchema(columns, strict=True, ordered=True, name=name)


def validate(frame: pd.DataFrame, table: Table) -> None:
    """Make sure that a frame is what the planner may rely on.

    Raises
    ------
    pandera.errors.SchemaErrors
        With every column and row that breaks the table's description: a fault of the program,
        since faults of the input have gone to quarantine by now.
    """
    schema(table.name).validate(frame, lazy=True)


def empty_frame(table: Table, crs: CRS | None) -> gpd.GeoDataFrame | pd.DataFrame:
    """Return a frame of the table with no rows, its columns typed."""
    frame = pd.DataFrame({column.name: empty(column, 0) for column in table})
    if table.geometry == "none":
        return frame
    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries([], crs=crs), crs=crs)


def _column(column: Column, *, key: bool) -> pa.Column:
    nullable = column.nullable and not key and column.default is None and column.kind != "flag"
    return pa.Column(
        _DTYPES[column.kind],
        checks=_checks(column),
        nullable=nullable,
        unique=key,
        title=column.zh,
        description=f"{column.en} ({column.unit})" if column.unit else column.en,
    )


def _checks(column: Column) -> list[pa.Check]:
    checks = []
    if column.at_least is not None:
        checks.append(pa.Check.ge(column.at_least))
    if column.at_most is not None:
        checks.append(pa.Check.le(column.at_most))
    if column.several:
        checks.append(pa.Check(partial(_are_known, known=frozenset(column.values)), name="known"))
    elif column.values:
        checks.append(pa.Check.isin(list(column.values)))
    elif column.kind == "text":
        checks.append(pa.Check(_is_text, name="text"))
    if column.kind == "integer":
        checks.append(pa.Check(_is_whole, name="whole"))
    return checks


def _is_text(cells: pd.Series) -> pd.Series:
    return cells.map(lambda cell: isinstance(cell, str))


def _are_known(cells: pd.Series, known: frozenset[str]) -> pd.Series:
    return cells.map(lambda cell: isinstance(cell, str) and known.issuperset(cell.split(",")))


def _is_whole(cells: pd.Series) -> pd.Series:
    return cells == np.round(cells)


def _geometry(kind: Geometry) -> pa.Column:
    allowed = _SHAPES[kind]
    return pa.Column(
        "geometry",
        checks=[
            pa.Check(lambda shapes: shapes.geom_type.isin(allowed), name=f"is a {kind}"),
            pa.Check(lambda shapes: shapes.is_valid & ~shapes.is_empty, name="valid"),
        ],
        nullable=False,
    )
