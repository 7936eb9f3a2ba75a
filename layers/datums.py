"""Layers in the shifted coordinates of Chinese maps: declared, read from headings, or suspected.

Nothing is shifted unless the study or a heading says so, and whatever is shifted is told in a
notice. Points that fit the roads under another datum than the declared one are a fault of the
file, with the distances that show it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from geo import crs as coordinates
from geo.datum import DATUMS, Datum, from_wgs84, named, to_wgs84
from geo.errors import Fault
from layers.flaw import Objects
from layers.source import Source

Floats = NDArray[np.float64]

LEAST_POINTS = 20
"""Fewer points than these tell no datum from another."""
MOST_POINTS = 2000
"""So many points, evenly taken, are held against the roads."""
FAR_M = 25.0
"""A drive test lies on the roads; a median below this distance raises no suspicion."""
TIMES_NEARER = 3.0
"""How many times nearer to the roads another datum must bring the points."""


@dataclass(frozen=True, slots=True)
class Declared:
    """What CRS and datum a source's coordinates are in, or what forbids to say.

    `datum` is None where the coordinates are in a CRS like any other; `heading` names the column
    that told it, empty where the study file did.
    """

    crs: CRS | str | None
    datum: Datum | None = None
    heading: str = ""
    faults: tuple[Fault, ...] = ()


def declared(source: Source, found: Mapping[str, str], crs: CRS | str | None) -> Declared:
    """Return the datum of a source: the study's word first, then that of its position headings.

    Parameters
    ----------
    source
        The source; its ``crs`` may be ``"GCJ-02"`` or ``"BD-09"``.
    found
        Canonical column or position to heading.
    crs
        What the study file, or without it the file, declares; None where neither does.
    """
    heading = found.get("lon", "")
    told = named(heading) if heading else None
    stated = named(crs) if isinstance(crs, str) else None
    shifted = stated if stated != "WGS 84" else None
    if crs is None and told is not None:
        return Declared(coordinates.WGS84, told, heading)
    if told is not None and told != (shifted or "WGS 84"):
        facts = {"crs": crs, "datum": told}
        return Declared(crs, faults=(source.fault("datum_contradiction", column=heading, **facts),))
    return Declared(coordinates.WGS84, shifted) if shifted else Declared(crs)


def unshifted(shapes: Objects, datum: Datum) -> Objects:
    """Return shapes of a datum in WGS 84; None stays None."""
    return np.asarray(shapely.transform(shapes, lambda xy: to_wgs84(xy, datum)), dtype=object)


def notice(source: Source, said: Declared, before: Objects, after: Objects) -> Fault | None:
    """Return what a reader must know of a source whose coordinates were shifted back."""
    if said.datum is None or said.datum == "WGS 84":
        return None
    there = ~(shapely.is_missing(before) | shapely.is_missing(after))
    start = shapely.get_coordinates(shapely.centroid(before[there]))
    end = shapely.get_coordinates(shapely.centroid(after[there]))
    apart_m = np.hypot(*((end - start) * 111_320.0 * _cosines(start)).T)
    facts = {"datum": said.datum, "metres": f"{np.median(apart_m):.0f}" if len(apart_m) else "0"}
    code = "notice_datum_heading" if said.heading else "notice_datum"
    return source.fault(code, column=said.heading, **facts)


def _cosines(lonlat: Floats) -> Floats:
    return np.column_stack([np.cos(np.radians(lonlat[:, 1])), np.ones(len(lonlat))])


def suspicion(
    points: Objects, crs: CRS, roads: Objects, source: Source, datum: Datum
) -> Fault | None:
    """Return a fault where points follow the roads under another datum than the declared one.

    Parameters
    ----------
    points
        Points in `crs`, shape (n,), read as `datum`.
    crs
        Projected CRS of points and roads, in metres.
    roads
        Lines, shape (m,).
    source
        Named in the fault.
    datum
        What the points were taken to be in; a CRS like any other counts as WGS 84.

    Returns
    -------
    Fault or None
        None too where there are fewer than 20 points, no roads, or the points follow no road
        under any datum, as the reports of phones (MR) do.
    """
    if len(points) < LEAST_POINTS or not len(roads):
        return None
    every = max(1, len(points) // MOST_POINTS)
    xy = shapely.get_coordinates(points[::every])
    shown = from_wgs84(coordinates.transform_xy(xy, crs, coordinates.WGS84), datum)
    tree = shapely.STRtree(roads)
    apart_m = {other: _apart_m(to_wgs84(shown, other), crs, tree) for other in DATUMS}
    nearest = min(apart_m, key=lambda other: apart_m[other])
    if apart_m[datum] < FAR_M or apart_m[nearest] * TIMES_NEARER > apart_m[datum]:
        return None
    facts = {
        "datum": datum, "other": nearest, "crs": "EPSG:4326" if nearest == "WGS 84" else nearest,
        "far": f"{apart_m[datum]:.0f}", "near": f"{apart_m[nearest]:.0f}",
    }  # fmt: skip
    return source.fault("datum_wrong", **facts)


def _apart_m(lonlat: Floats, crs: CRS, roads: shapely.STRtree) -> float:
    """Return the median distance of points to the nearest road."""
    points = shapely.points(coordinates.transform_xy(lonlat, coordinates.WGS84, crs))
    _, apart_m = roads.query_nearest(points, return_distance=True, all_matches=False)
    return float(np.median(apart_m))
