"""Coordinate reference systems: choose one, refuse the treacherous ones, transform honestly.

Coordinates are (x, y) = (east, north) or (longitude, latitude) everywhere, whatever order an
authority gives the axes. CGCS2000 (EPSG:4490) and WGS 84 (EPSG:4326) are taken as equal: they
agree within some centimetres, and PROJ knows no path between them but a ballpark one. The same
ballpark path would hand Xian 1980 and Beijing 1954 coordinates, which are off by tens to hundreds
of metres, back unchanged; such input is refused unless it brings its own parameters.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError

from geo.errors import Fault, InputError, fail

Bounds = tuple[float, float, float, float]
Geometries = NDArray[Any]

WGS84 = CRS.from_epsg(4326)
CGCS2000 = CRS.from_epsg(4490)
_CHINA = (73.0, 3.0, 136.0, 54.0)
_OLD_DATUMS = ("xian", "beijing", "1980西安", "1954北京")
_OLD_ELLIPSOIDS = ("IAG 1975", "IAU 1976", "Krassov", "Krassow")


def choose(bounds_lonlat: Bounds) -> CRS:
    """Return the projected CRS in which a study at this place is computed.

    Inside 73 to 136°E and 3 to 54°N it is the CGCS2000 3-degree Gauss-Krüger zone without zone
    prefix (EPSG 4534 to 4554), elsewhere the UTM zone on WGS 84; the centre of the bounds decides.

    Parameters
    ----------
    bounds_lonlat
        West, south, east, north in degrees.

    Raises
    ------
    InputError
        If the bounds are not longitudes and latitudes.

    References
    ----------
    EPSG Geodetic Parameter Dataset, codes 4534 to 4554, 32601 to 32660 and 32701 to 32760.

    Examples
    --------
    >>> choose((107.5, 29.1, 107.9, 29.5)).to_epsg()
    4545
    >>> choose((1.4, 42.4, 1.8, 42.7)).to_epsg()
    32631
    """
    if not looks_like_degrees(bounds_lonlat):
        raise fail("crs_no_place", bounds=_spelled(bounds_lonlat))
    lon, lat = _centre(bounds_lonlat)
    if _inside((lon, lat), _CHINA):
        return CRS.from_epsg(_zone_epsg(lon))
    zone = int((lon + 180) // 6) % 60 + 1
    return CRS.from_epsg((32600 if lat >= 0 else 32700) + zone)


def looks_like_degrees(bounds: Bounds) -> bool:
    """Say whether bounds (west, south, east, north) could be longitudes and latitudes."""
    west, south, east, north = bounds
    return bool(-180 <= west <= east <= 180 and -90 <= south <= north <= 90)


def require_metres(crs: CRS) -> None:
    """Refuse a CRS in which lengths are not metres.

    Raises
    ------
    InputError
        If the CRS is not projected or the unit of an axis is not the metre.
    """
    if not crs.is_projected or {axis.unit_name for axis in crs.axis_info[:2]} != {"metre"}:
        raise fail("crs_not_metres", crs=crs.name)


def transform(geometries: Geometries, source: CRS, target: CRS) -> Geometries:
    """Return geometries in another CRS; heights are dropped.

    Parameters
    ----------
    geometries
        Array of shapely geometries, shape (n,); None stays None.
    source, target
        CRS of the input and of the result.

    Raises
    ------
    InputError
        If PROJ knows only a ballpark transformation, or a coordinate lies where it has none.
    """
    moved = shapely.transform(geometries, lambda xy: transform_xy(xy, source, target))
    return np.asarray(moved, dtype=object)


def transform_xy(xy: NDArray[np.float64], source: CRS, target: CRS) -> NDArray[np.float64]:
    """Return coordinates of shape (n, 2), x east and y north, in another CRS.

    Raises
    ------
    InputError
        As `transform`.

    Examples
    --------
    >>> transform_xy(np.array([[108.0, 0.0]]), WGS84, CRS.from_epsg(4545)).round(3).tolist()
    [[500000.0, 0.0]]
    """
    if _is_cgcs2000(source) or _is_cgcs2000(target):
        steps = [(source, _base(source)), (_base(target), target)]
    else:
        steps = [(source, target)]
    for start, end in steps:
        xy = xy if start == end else _moved(xy, start, end)
    return xy


def _base(crs: CRS) -> CRS:
    """Return the geographic CRS through which a CRS meets the other side of WGS 84 = CGCS2000."""
    return CGCS2000 if _is_cgcs2000(crs) else WGS84


def _is_cgcs2000(crs: CRS) -> bool:
    return crs.datum is not None and crs.datum.name == "China 2000"


@lru_cache(maxsize=64)
def _transformer(source: CRS, target: CRS) -> Transformer:
    """Return the way between two CRSs; setting one up takes longer than moving a line."""
    try:
        return Transformer.from_crs(source, target, always_xy=True, allow_ballpark=False)
    except ProjError as error:
        raise fail("crs_no_path", source=source.name, target=target.name) from error


def _moved(xy: NDArray[np.float64], source: CRS, target: CRS) -> NDArray[np.float64]:
    transformer = _transformer(source, target)
    moved = np.column_stack(transformer.transform(xy[:, 0], xy[:, 1]))
    lost = np.isfinite(xy).all(axis=1) & ~np.isfinite(moved).all(axis=1)
    if lost.any():
        where = ", ".join(f"{value:.6g}" for value in xy[lost][0])
        raise fail("crs_out_of_reach", source=source.name, target=target.name, where=where)
    return moved


def on_globe(xy: NDArray[np.float64], crs: CRS) -> NDArray[np.bool_]:
    """Say of coordinates of shape (n, 2), x east and y north, whether they lie on the globe.

    Examples
    --------
    >>> on_globe(np.array([[500000.0, 3.2e6], [1e20, 3.2e6]]), CRS.from_epsg(4545)).tolist()
    [True, False]
    """
    if not crs.is_geographic:
        to_degrees = Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True)
        xy = np.column_stack(to_degrees.transform(xy[:, 0], xy[:, 1]))
    return np.asarray((np.abs(xy) <= (180.0, 90.0)).all(axis=1), dtype=bool)


def check(crs: CRS | str | int | None, *, file: str, layer: str) -> CRS:
    """Return the CRS of a layer after refusing what cannot be trusted.

    Parameters
    ----------
    crs
        What the file or the study declares: a pyproj CRS or anything that it reads.
    file, layer
        Named in the message.

    Returns
    -------
    CRS
        Horizontal CRS, geographic or projected.

    Raises
    ------
    InputError
        If the CRS is missing, unreadable, local or geocentric, on an unknown datum, or on Xian
        1980 or Beijing 1954 without parameters of its own.
    """
    if crs is None or crs == "":
        raise fail("crs_missing", file=file, layer=layer)
    try:
        flat = CRS.from_user_input(crs).to_2d()
    except CRSError as error:
        raise fail("crs_unreadable", crs=crs, file=file, layer=layer) from error
    code = _distrust(flat)
    if code:
        raise fail(code, crs=flat.name, file=file, layer=layer)
    return flat


def _distrust(crs: CRS) -> str | None:
    """Return the code of the reason why coordinates in a CRS cannot be used, or None."""
    if not (crs.is_geographic or crs.is_projected):
        return "crs_local"
    source = crs.source_crs if crs.is_bound and crs.source_crs is not None else crs
    if crs.is_bound and crs.coordinate_operation and any(crs.coordinate_operation.towgs84):
        return None
    names = f"{source.name} {source.datum.name if source.datum else ''}".lower()
    ellipsoid = source.ellipsoid.name if source.ellipsoid else ""
    nameless = source.datum is None or source.datum.name.lower().startswith("unknown")
    if any(old in names for old in _OLD_DATUMS) or (
        nameless and ellipsoid.startswith(_OLD_ELLIPSOIDS)
    ):
        return "crs_old_datum"
    return "crs_unknown_datum" if nameless else None


def contradiction(
    bounds: Bounds, crs: CRS, *, file: str, layer: str, margin_deg: float = 3.0
) -> Fault | None:
    """Return how coordinates contradict the CRS that they are said to be in, or None.

    Found are degrees under a projected CRS and metres under a geographic one, exchanged axes,
    eastings with a zone prefix under a CRS without one and the reverse, and places far outside
    the area for which the CRS is meant.

    Parameters
    ----------
    bounds
        Least x and y, greatest x and y of all coordinates; not finite for an empty layer.
    crs
        As `check` returns it.
    file, layer
        Named in the fault.
    margin_deg
        How far in degrees outside the area of use of its CRS data may lie.
    """
    if not np.isfinite(bounds).all():
        return None
    found = _geographic(bounds) if crs.is_geographic else _projected(bounds, crs, margin_deg)
    if found is None:
        return None
    code, facts = found
    facts = {"crs": crs.name, "bounds": _spelled(bounds), **facts}
    return Fault(code, facts, file=file, layer=layer)


def refuse_contradiction(bounds: Bounds, crs: CRS, *, file: str, layer: str) -> None:
    """Raise what `contradiction` finds.

    Raises
    ------
    InputError
        If the coordinates contradict the CRS.
    """
    fault = contradiction(bounds, crs, file=file, layer=layer)
    if fault is not None:
        raise InputError([fault])


def _geographic(bounds: Bounds) -> tuple[str, dict[str, object]] | None:
    if looks_like_degrees(bounds):
        return None
    return (
        "coordinates_swapped" if looks_like_degrees(_swapped(bounds)) else "coordinates_metres"
    ), {}


def _projected(bounds: Bounds, crs: CRS, margin_deg: float) -> tuple[str, dict[str, object]] | None:
    if looks_like_degrees(bounds):
        return "coordinates_degrees", {}
    false_easting = _parameter(crs, "False easting")
    zones = {int(east // 1e6) for east in (bounds[0], bounds[2])}
    if false_easting < 1e7 and len(zones) == 1 and zones <= {*range(13, 24), *range(25, 46)}:
        zone = zones.pop()
        return "coordinates_zone_prefix", {
            "zone": zone,
            "epsg": (4488 if zone > 24 else 4478) + zone,
        }
    if false_easting >= 1e7 and 0 < bounds[0] <= bounds[2] < 1e6:
        epsg = _zone_epsg(_parameter(crs, "Longitude of natural origin"))
        return "coordinates_no_zone_prefix", {"epsg": epsg}
    if _plausible(bounds, crs, margin_deg):
        return None
    swapped = _plausible(_swapped(bounds), crs, margin_deg)
    return ("coordinates_swapped" if swapped else "coordinates_elsewhere"), {}


def _plausible(bounds: Bounds, crs: CRS, margin_deg: float) -> bool:
    """Say whether the centre lies in the area of use of its CRS or near it."""
    area = crs.area_of_use
    if area is None:
        meridian = _parameter(crs, "Longitude of natural origin")
        west, south, east, north = meridian - 3, -90.0, meridian + 3, 90.0
    else:
        west, south, east, north = area.bounds
    to_degrees = Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True)
    lon, lat = to_degrees.transform(*_centre(bounds))
    return _inside(
        (lon, lat), (west - margin_deg, south - margin_deg, east + margin_deg, north + margin_deg)
    )


def _parameter(crs: CRS, name: str) -> float:
    """Return a parameter of the projection, 0 where it has none of this name."""
    source = crs.source_crs if crs.is_bound and crs.source_crs is not None else crs
    operation = source.coordinate_operation
    params = operation.params if operation is not None else []
    return next((float(param.value) for param in params if param.name == name), 0.0)


def _zone_epsg(lon: float) -> int:
    """Return the EPSG code of the 3-degree CGCS2000 zone without prefix around a longitude."""
    meridian = min(max(3 * int(np.floor(lon / 3 + 0.5)), 75), 135)
    return 4534 + (meridian - 75) // 3


def _centre(bounds: Bounds) -> tuple[float, float]:
    west, south, east, north = bounds
    return (west + east) / 2, (south + north) / 2


def _inside(place: tuple[float, float], box: Bounds) -> bool:
    return bool(box[0] <= place[0] <= box[2] and box[1] <= place[1] <= box[3])


def _swapped(bounds: Bounds) -> Bounds:
    west, south, east, north = bounds
    return south, west, north, east


def _spelled(bounds: Bounds) -> str:
    return ", ".join(f"{value:.8g}" for value in bounds)
