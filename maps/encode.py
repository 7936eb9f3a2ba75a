"""Frames and geometries as the plain values that the report's JSON carries.

A line travels as whole numbers of 1e-6 degree: the first vertex, then the steps from vertex to
vertex (longitude, latitude, alternating). At 30° that is 0.1 m, and a third of the size of the
same line in GeoJSON.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

SCALE = 1_000_000
WGS84 = CRS.from_epsg(4326)


def to_map(
    geometries: gpd.GeoSeries | Sequence[Any], crs: CRS, *, tolerance_m: float = 0.5
) -> list[Any]:
    """Return the geometries for the screen: simplified, then in longitude and latitude.

    Parameters
    ----------
    geometries
        Geometries in `crs`; None and empty ones are allowed.
    crs
        Projected CRS with metres as its unit.
    tolerance_m
        Largest distance by which a line may be drawn away from where it is, in metres.

    Returns
    -------
    list
        Geometries in degrees (longitude, latitude), in the order given.
    """
    flat = shapely.force_2d(np.asarray(geometries, dtype=object))
    simple = shapely.simplify(flat, tolerance_m)
    if not len(simple):
        return []
    return list(gpd.GeoSeries(simple, crs=crs).to_crs(WGS84))


def lines(geometries: Iterable[Any]) -> list[list[list[int]]]:
    """Return each geometry as its lines, each as first vertex and steps (see the module).

    A line gives one, a multi-line its parts, a polygon its rings; an empty geometry gives none.
    """
    return [[_steps(part) for part in _parts(geometry)] for geometry in geometries]


def points(geometries: Iterable[Any]) -> list[list[int]]:
    """Return each geometry as one position [longitude, latitude] in 1e-6 degree.

    A geometry that is no point stands for a point inside it; an empty one gives an empty list.
    """
    return [_position(geometry) for geometry in geometries]


def column(series: pd.Series[Any], *, digits: int | None = None) -> list[Any]:
    """Return a column as JSON values: dates as ISO days, empty cells as None.

    Parameters
    ----------
    series
        Any column of a checked frame.
    digits
        Decimals kept of a number; None keeps all.
    """
    if pd.api.types.is_datetime64_any_dtype(series):
        return [None if pd.isna(day) else day.date().isoformat() for day in series]
    if pd.api.types.is_bool_dtype(series):
        return [bool(flag) for flag in series]
    if pd.api.types.is_numeric_dtype(series):
        return [_number(value, digits) for value in series]
    return [None if pd.isna(value) else str(value) for value in series]


def columns(frame: pd.DataFrame, names: Iterable[str], *, digits: int = 2) -> dict[str, list[Any]]:
    """Return the named columns of a frame as JSON values; numbers keep `digits` decimals."""
    return {name: column(frame[name], digits=digits) for name in names}


def days_from(series: pd.Series[Any], start: dt.date) -> list[int | None]:
    """Return dates as whole days after `start`; None where there is no date."""
    first = pd.Timestamp(start)
    return [None if pd.isna(day) else int((day - first).days) for day in series]


def positions(series: pd.Series[Any], keys: Iterable[Any]) -> list[int]:
    """Return for each cell the position of its key in `keys`; -1 where it is not among them."""
    place = {str(key): position for position, key in enumerate(keys)}
    return [place.get(str(value), -1) for value in series]


def packed(value: object) -> object:
    """Return the value with each repetitive column of texts as ``{"of": texts, "at": positions}``.

    The page undoes it on reading; a column of few texts shrinks to a few bytes a row.
    """
    if isinstance(value, dict):
        return {key: packed(entry) for key, entry in value.items()}
    if not isinstance(value, list) or not any(isinstance(cell, str) for cell in value):
        return value
    place = {cell: position for position, cell in enumerate(dict.fromkeys(value))}
    if 3 * len(place) > len(value):
        return value
    return {"of": list(place), "at": [place[cell] for cell in value]}


def dump(value: object) -> str:
    """Return JSON that is safe inside a script element.

    ``<``, ``>``, ``&`` and the two line separators of Unicode are written as escapes, so that no
    text in the data can end the element or be taken for markup.

    Raises
    ------
    ValueError
        If a number is not finite.
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _number(value: float, digits: int | None) -> float | int | None:
    if pd.isna(value) or not np.isfinite(value):
        return None
    number = float(value) if digits is None else round(float(value), digits)
    return int(number) if number.is_integer() else number


def _parts(geometry: BaseGeometry | None) -> list[BaseGeometry]:
    if geometry is None or geometry.is_empty:
        return []
    parts = list(shapely.get_parts(geometry))
    if geometry.geom_type.endswith("Polygon"):
        return [ring for part in parts for ring in shapely.get_rings(part)]
    return parts


def _steps(line: BaseGeometry) -> list[int]:
    whole = np.rint(shapely.get_coordinates(line) * SCALE).astype(np.int64)
    moved = np.any(np.diff(whole, axis=0) != 0, axis=1)
    kept = whole[np.concatenate([[True], moved])]
    steps: list[int] = np.diff(kept, axis=0, prepend=np.zeros((1, 2), np.int64)).ravel().tolist()
    return steps


def _position(geometry: BaseGeometry | None) -> list[int]:
    if geometry is None or geometry.is_empty:
        return []
    point = shapely.point_on_surface(geometry)
    return [round(point.x * SCALE), round(point.y * SCALE)]
