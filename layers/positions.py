"""Geometry of a layer: positions in columns become points, and every shape is examined."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from geo import crs as coordinates
from layers.flaw import Bools, Flaw, Objects
from layers.tables import Geometry
from layers.values import numbers

Floats = NDArray[np.float64]

_POINT, _LINES, _POLYGONS = {0}, {1, 5}, {3, 6}
_ALLOWED: Mapping[Geometry, set[int]] = {
    "none": set(), "point": _POINT, "line": _LINES, "polygon": _POLYGONS,
    "any": _POINT | _LINES | _POLYGONS,
}  # fmt: skip
_KINDS = np.array(
    ["Point", "LineString", "LinearRing", "Polygon", "MultiPoint", "MultiLineString",
     "MultiPolygon", "GeometryCollection"], dtype=object,
)  # fmt: skip
_WORDS: Mapping[Geometry, str] = {
    "none": "-", "point": "点 point", "line": "线 line", "polygon": "面 polygon",
    "any": "点线面 point, line or polygon",
}  # fmt: skip
_NORTHING = (1.9e6, 6.0e6)
_EASTING = (1.0e5, 9.0e5)


@dataclass(frozen=True, slots=True, eq=False)
class Shapes:
    """Geometries, shape (n,), and what is wrong with which."""

    geometry: Objects
    flaws: tuple[Flaw, ...]
    survey_axes: bool = False


def roles(found: Mapping[str, str]) -> tuple[str, ...]:
    """Return the positions that make up the geometry: a WKT text, x and y, or lon and lat."""
    for names in (("wkt",), ("x", "y"), ("lon", "lat")):
        if all(name in found for name in names):
            return names
    return ()


def from_columns(cells: pd.DataFrame, found: Mapping[str, str], crs: CRS) -> Shapes:
    """Make geometries of the columns that hold positions.

    Chinese survey tables call the northing X and the easting Y. Under a projected CRS in metres
    the two are told apart by their size: an easting without zone prefix is below 900 km, a
    northing in China above 1,900 km.

    Parameters
    ----------
    cells
        Cells of the file under its own headings.
    found
        Position to heading, as `layers.names.match` returns it.
    crs
        CRS of the positions.
    """
    names = roles(found)
    if names == ("wkt",):
        return _from_wkt(cells[found["wkt"]], found["wkt"])
    x, y = (numbers(cells[found[name]]) for name in names)
    survey = crs.is_projected and names == ("x", "y") and _is_survey(x, y)
    if survey:
        x, y = y, x
    unknown = ~(np.isfinite(x) & np.isfinite(y))
    points = np.full(len(cells), None, dtype=object)
    points[~unknown] = shapely.points(x[~unknown], y[~unknown])
    column = ", ".join(found[name] for name in names)
    return Shapes(points, (Flaw(code="position_unknown", rows=unknown, column=column),), survey)


def _from_wkt(cells: pd.Series, heading: str) -> Shapes:
    texts = cells.fillna("").astype(str).to_numpy(dtype=object)
    geometry = np.asarray(shapely.from_wkt(texts, on_invalid="ignore"), dtype=object)
    unknown = np.asarray(shapely.is_missing(geometry))
    return Shapes(geometry, (Flaw(code="position_unknown", rows=unknown, column=heading),))


def _is_survey(x: Floats, y: Floats) -> bool:
    if not (np.isfinite(x).any() and np.isfinite(y).any()):
        return False
    first, second = float(np.nanmedian(x)), float(np.nanmedian(y))
    northing_first = _NORTHING[0] <= first <= _NORTHING[1]
    return northing_first and _EASTING[0] <= second <= _EASTING[1]


def examine(
    geometry: Objects, kind: Geometry, crs: CRS, *, known_missing: Bools | None = None
) -> Shapes:
    """Drop heights, unwrap collections of one part and find shapes that cannot be used.

    Nothing is repaired: an invalid polygon has no certain inside.

    Parameters
    ----------
    geometry
        Shapely geometries or None, shape (n,).
    kind
        What the table asks for; lines and polygons may have several parts.
    crs
        CRS of the geometries; they must lie on the globe.
    known_missing
        Rows whose missing geometry is already a flaw.
    """
    flat = np.asarray(shapely.force_2d(geometry), dtype=object)
    single = np.asarray(shapely.get_type_id(flat) >= 4) & (shapely.get_num_geometries(flat) == 1)
    flat[single] = shapely.get_geometry(flat[single], 0)
    missing = np.asarray(shapely.is_missing(flat) | shapely.is_empty(flat))
    types = np.asarray(shapely.get_type_id(flat))
    other = ~missing & ~np.isin(types, list(_ALLOWED[kind]))
    broken = ~missing & ~other & ~np.asarray(shapely.is_valid(flat))
    reasons = np.full(len(flat), "", dtype=object)
    reasons[broken] = shapely.is_valid_reason(flat[broken])
    met = np.where(types >= 0, _KINDS[types], "")
    reported = missing if known_missing is None else missing & ~known_missing
    return Shapes(
        flat,
        (
            Flaw(code="geometry_missing", rows=reported),
            Flaw(
                code="geometry_kind", rows=other, facts={"expected": _WORDS[kind]},
                each={"found": met},
            ),
            Flaw(code="geometry_invalid", rows=broken, each={"detail": reasons}),
            Flaw(code="geometry_off_globe", rows=_off_globe(flat, crs) & ~broken),
        ),
    )  # fmt: skip


def _off_globe(geometry: Objects, crs: CRS) -> Bools:
    bounds = shapely.bounds(geometry)
    known = np.isfinite(bounds).all(axis=1)
    corners = (bounds[:, :2], bounds[:, 2:])
    on = [coordinates.on_globe(corner, crs) for corner in corners]
    return np.asarray(known & ~(on[0] & on[1]), dtype=bool)
