"""Rows of a frame as plain mappings, for loops over works and openings, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from layers.tables import Kind, Table

Row = Mapping[str, Any]
Cells = dict[str, object]
"""A row that is being written: a value for each column of its table."""

_DTYPES: Mapping[Kind, str] = {
    "text": "object",
    "integer": "int64",
    "number": "float64",
    "date": "datetime64[ns]",
    "flag": "bool",
}


def records(frame: pd.DataFrame | None) -> list[Row]:
    """Return the rows of a frame without their geometry, in order; none for no frame."""
    if frame is None:
        return []
    plain = pd.DataFrame(frame.drop(columns="geometry", errors="ignore"))
    return [{str(key): value for key, value in row.items()} for row in plain.to_dict("records")]


def frame_of(table: Table, rows: Sequence[Cells]) -> pd.DataFrame:
    """Return rows as a frame with the columns of a table, each of its declared type."""
    columns = {
        column.name: pd.Series([row[column.name] for row in rows], dtype=_DTYPES[column.kind])
        for column in table
    }
    return pd.DataFrame(columns)
