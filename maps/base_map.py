"""The quiet ground that the views share: roads, water, green, buildings, names, existing lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS, Transformer

from layers.tables import ROAD_CLASSES, UTILITIES
from maps import encode, packed

if TYPE_CHECKING:
    from planner.study import StudyResult

_DRAWN = (
    "boundary", "planned_construction", "park", "green", "water_body", "building",
    "town_centre", "industrial_park", "scenic_area", "rural_tourism",
)  # fmt: skip
_CHINA = [[18.0, 73.0], [54.0, 136.0]]
_PARAMETERS = {
    "Longitude of natural origin": "lon0_deg",
    "Latitude of natural origin": "lat0_deg",
    "Scale factor at natural origin": "scale",
    "False easting": "east0_m",
    "False northing": "north0_m",
}


def block(result: StudyResult) -> dict[str, Any]:
    """Return the data of the ground.

    Areas come with their kind as a position in ``kinds``, roads with their class as a position
    in ``classes``.
    """
    county = result.county
    return {
        "bounds": bounds(result),
        "projection": projection(county.crs),
        "kinds": list(_DRAWN),
        "classes": list(ROAD_CLASSES),
        "utilities": list(UTILITIES),
        "roads": _roads(result.segments, county.crs),
        "zones": _zones(county["zones"], county.crs),
        "places": _places(county["places"], county.crs),
    }


def bounds(result: StudyResult) -> list[list[float]]:
    """Return what the maps show first: [[south, west], [north, east]] in degrees.

    The boundary where the county has one, else its segments, else all its layers together, and
    China where nothing has a place.
    """
    zones = result.county["zones"]
    layers = [frame for frame in result.county.frames.values() if "geometry" in frame]
    everything = gpd.GeoSeries(
        [shape for frame in layers for shape in frame.geometry], crs=result.county.crs
    )
    choices = (zones[zones["kind"] == "boundary"].geometry, result.segments.geometry, everything)
    shapes = next((shapes for shapes in choices if len(shapes)), everything)
    if shapes.empty:
        return _CHINA
    west, south, east, north = shapes.to_crs(encode.WGS84).total_bounds
    return [[float(south), float(west)], [float(north), float(east)]]


def mercator_bounds(result: StudyResult) -> tuple[float, float, float, float]:
    """Return `bounds` in web Mercator metres: west, south, east, north."""
    (south, west), (north, east) = bounds(result)
    to_screen = Transformer.from_crs(4326, 3857, always_xy=True)
    left, bottom, right, top = to_screen.transform_bounds(west, south, east, north)
    return (float(left), float(bottom), float(right), float(top))


def projection(crs: CRS) -> dict[str, Any] | None:
    """Return the parameters of a transverse Mercator CRS, or None of any other.

    The page computes the coordinates under the pointer from them.
    """
    operation = crs.coordinate_operation
    if operation is None or operation.method_name != "Transverse Mercator" or not crs.ellipsoid:
        return None
    values = {
        _PARAMETERS[parameter.name]: parameter.value
        for parameter in operation.params
        if parameter.name in _PARAMETERS
    }
    return {
        **values,
        "name": crs.name.split(" / ")[0].replace(
            "China Geodetic Coordinate System 2000", "CGCS2000"
        ),
        "radius_m": crs.ellipsoid.semi_major_metre,
        "flattening": 1.0 / crs.ellipsoid.inverse_flattening,
    }


def _roads(segments: gpd.GeoDataFrame, crs: CRS) -> dict[str, Any]:
    shapes = encode.to_map(segments.geometry, crs)
    return {
        "id": encode.column(segments["segment_id"]),
        "name": encode.column(segments["name"]),
        "kind": encode.positions(segments["road_class"], ROAD_CLASSES),
        "length": encode.column(segments["length_m"], digits=1),
        "lines": encode.lines(shapes),
    }


def _zones(zones: gpd.GeoDataFrame, crs: CRS) -> dict[str, Any]:
    drawn = zones[zones["kind"].isin(_DRAWN)]
    return {
        "kind": encode.positions(drawn["kind"], _DRAWN),
        "name": encode.column(drawn["name"].where(drawn["kind"] != "building", None)),
        "lines": encode.lines(encode.to_map(drawn.geometry, crs)),
    }


def _places(places: gpd.GeoDataFrame, crs: CRS) -> dict[str, Any]:
    return {
        **encode.columns(places, ("name", "kind", "village", "households", "people")),
        "at": encode.points(encode.to_map(places.geometry, crs)),
    }


def pipes_block(result: StudyResult) -> dict[str, Any]:
    """Return the existing lines, packed: every one with what a click on it tells.

    ``columns`` holds the texts of each packed column, of ``utility`` the keys of
    `layers.tables.UTILITIES`.
    """
    pipes: gpd.GeoDataFrame = result.county["pipes"]
    shapes = encode.to_map(pipes.geometry, result.county.crs, tolerance_m=0.3)
    parts, row = shapely.get_parts(np.asarray(shapes, dtype=object), return_index=True)
    drawn = (shapely.get_type_id(parts) == shapely.GeometryType.LINESTRING) & ~shapely.is_empty(
        parts
    )
    told = {
        "utility": (list(UTILITIES), encode.positions(pipes["utility"], UTILITIES)),
        **{name: packed.coded(values) for name, values in _told(pipes).items()},
    }
    columns = {
        name: np.asarray(code, dtype=np.int64)[row[drawn]] for name, (_, code) in told.items()
    }
    return {
        "count": int(drawn.sum()),
        "lines": packed.pack(list(parts[drawn]), columns),
        "columns": {name: texts for name, (texts, _) in told.items()},
    }


def _told(pipes: gpd.GeoDataFrame) -> dict[str, pd.Series[str]]:
    """Return what is told of each existing line: size, owner and year."""
    across = pipes["diameter_mm"].map(lambda value: f"DN{value:g}", na_action="ignore")
    volts = pipes["voltage_kv"].map(lambda value: f"{value:g} kV", na_action="ignore")
    built = pipes["built_on"].dt.year.map(lambda value: f"{value:g}", na_action="ignore")
    return {"size": across.fillna(volts), "owner": pipes["owner"], "built": built}
