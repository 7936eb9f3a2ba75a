"""The shifted coordinates of Chinese maps: GCJ-02 (高德, 腾讯) and BD-09 (百度), and the way back.

Both move a point by 300 to 700 m, differently from place to place, so that no CRS of PROJ
describes them. The series of GCJ-02 and the constants of BD-09 are those in public use; no
authority has published them, so a metre is what may be expected of them.
"""

from __future__ import annotations

import re
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Datum = Literal["WGS 84", "GCJ-02", "BD-09"]

DATUMS: tuple[Datum, ...] = ("WGS 84", "GCJ-02", "BD-09")

_WORDS: tuple[tuple[Datum, re.Pattern[str]], ...] = (
    ("GCJ-02", re.compile(r"gcj[\s_-]*0?2|火星|国测局|高德|腾讯")),
    ("BD-09", re.compile(r"bd[\s_-]*0?9|百度|baidu")),
    ("WGS 84", re.compile(r"wgs[\s_-]*84|gps")),
)

_SEMI_MAJOR_M = 6_378_245.0
_ECCENTRICITY_SQUARED = 0.00669342162296594323
_WEST, _SOUTH, _EAST, _NORTH = 72.004, 0.8293, 137.8347, 55.8271
_MOST_STEPS = 30
_CLOSE_DEG = 1e-10


def named(text: object) -> Datum | None:
    """Return the datum that a declaration or a heading names, None where it names none of them.

    Examples
    --------
    >>> named("gcj02"), named("经度（BD-09）"), named("EPSG:4545")
    ('GCJ-02', 'BD-09', None)
    """
    plain = str(text).casefold()
    return next((datum for datum, pattern in _WORDS if pattern.search(plain)), None)


def from_wgs84(lonlat: Floats, datum: Datum) -> Floats:
    """Return WGS 84 degrees as a map of the datum shows them.

    Parameters
    ----------
    lonlat
        Longitude and latitude in degrees, shape (n, 2). Outside 72.004 to 137.8347°E and 0.8293
        to 55.8271°N nothing is shifted by GCJ-02.
    datum
        ``"WGS 84"`` changes nothing.

    Examples
    --------
    >>> from_wgs84(np.array([[116.377817, 39.911954]]), "GCJ-02").round(6).tolist()
    [[116.384047, 39.913345]]
    """
    if datum == "WGS 84":
        return lonlat
    shifted = lonlat + _gcj_shift(lonlat)
    return _to_bd(shifted) if datum == "BD-09" else shifted


def to_wgs84(lonlat: Floats, datum: Datum) -> Floats:
    """Return degrees of a datum in WGS 84, by iterating `from_wgs84` until it meets them.

    Parameters
    ----------
    lonlat
        Longitude and latitude in degrees, shape (n, 2); what is not finite stays so.

    Examples
    --------
    >>> shown = from_wgs84(np.array([[107.7, 29.3]]), "BD-09")
    >>> to_wgs84(shown, "BD-09").round(8).tolist()
    [[107.7, 29.3]]
    """
    found = lonlat
    for _ in range(_MOST_STEPS):
        missed = lonlat - from_wgs84(found, datum)
        found = found + missed
        if not np.nanmax(np.abs(missed), initial=0.0) > _CLOSE_DEG:
            break
    return found


def _gcj_shift(lonlat: Floats) -> Floats:
    lon, lat = lonlat[:, 0], lonlat[:, 1]
    east, north = _series(lon - 105.0, lat - 35.0)
    flat = 1.0 - _ECCENTRICITY_SQUARED * np.sin(np.radians(lat)) ** 2
    meridian_m = _SEMI_MAJOR_M * (1.0 - _ECCENTRICITY_SQUARED) / flat**1.5
    parallel_m = _SEMI_MAJOR_M / np.sqrt(flat) * np.cos(np.radians(lat))
    inside = (lon > _WEST) & (lon < _EAST) & (lat > _SOUTH) & (lat < _NORTH)
    shift = np.column_stack([np.degrees(east / parallel_m), np.degrees(north / meridian_m)])
    return np.where(inside[:, np.newaxis], shift, 0.0)


def _series(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Return the shift to the east and to the north in metres; x and y from 105°E 35°N, degrees."""
    root, cross = np.sqrt(np.abs(x)), 0.1 * x * y
    shared = _waves(x, (20.0, 6.0), (20.0, 2.0))
    east = 300.0 + x + 2.0 * y + 0.1 * x**2 + cross + 0.1 * root + shared
    east = east + _waves(x, (20.0, 1.0), (40.0, 1 / 3), (150.0, 1 / 12), (300.0, 1 / 30))
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y**2 + cross + 0.2 * root + shared
    north = north + _waves(y, (20.0, 1.0), (40.0, 1 / 3), (160.0, 1 / 12), (320.0, 1 / 30))
    return east, north


def _waves(angle: Floats, *terms: tuple[float, float]) -> Floats:
    total = np.zeros_like(angle)
    for height, turns in terms:
        total = total + height * np.sin(np.pi * turns * angle)
    return total * (2.0 / 3.0)


def _to_bd(lonlat: Floats) -> Floats:
    lon, lat = lonlat[:, 0], lonlat[:, 1]
    wave = np.pi * 3000.0 / 180.0
    radius = np.hypot(lon, lat) + 2e-5 * np.sin(lat * wave)
    angle = np.arctan2(lat, lon) + 3e-6 * np.cos(lon * wave)
    return np.column_stack([radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006])
