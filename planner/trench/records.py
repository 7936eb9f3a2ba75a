"""Rows of a frame as plain mappings, for loops over works and openings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

Row = Mapping[str, Any]


def records(frame: pd.DataFrame | None) -> list[Row]:
    """Return the rows of a frame without their geometry, in order; none for no frame."""
    if frame is None:
        return []
    plain = pd.DataFrame(frame.drop(columns="geometry", errors="ignore"))
    return [{str(key): value for key, value in row.items()} for row in plain.to_dict("records")]
