"""What lies in the county's roads already: existing lines, kerbs, trees, tunnels and parks.

Existing lines are placed on segments as works are, and keep their offset from the centre line
along the way, so that a section anywhere on a segment keeps clear of them.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import starmap
from math import nan

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo import overlap
from geo.lines import Floats, locate, offset
from geo.tracks import tracks
from layers.county import County
from planner.carriageways import Carriageways, place_on_roads
from planner.section.line import Line
from planner.section.street import Buried, Reach, Street
from planner.settings import Settings

PARKS = ("park", "industrial_park")
"""Kinds of zones in which operators share ducts (002 二、(三): 园区)."""


def streets(
    county: County, onto: gpd.GeoDataFrame, ways: Carriageways, settings: Settings
) -> tuple[Street, ...]:
    """Return what each segment's road holds besides what is planned.

    Parameters
    ----------
    county
        Gives existing lines, of which those overhead lie in nobody's way, and zones.
    onto
        Segments, columns of `layers.tables.SEGMENTS`. A carriageway of no width and trees on the
        centre line count as not known. A carriageway lies in the middle of its segment.
    ways
        The carriageways of `onto`. What lies along any of them lies along the one that leads, by
        its offset from the middle of the road; the others hold nothing.
    settings
        ``ground.*`` as for placing works, and ``section.existing_step_m``.

    Returns
    -------
    tuple of Street
        In the order of the segments.
    """
    aside_m = _aside(onto, ways)
    pipes = county["pipes"]
    below = pipes[pipes["subtype"].ne("overhead")].reset_index(drop=True)
    lines = _existing(below, onto, ways, aside_m, settings)
    zones = county["zones"]
    tunnels, parks = (
        _reaches(zones.geometry[zones["kind"].isin(kinds)], onto, ways)
        for kinds in (("utility_tunnel",), PARKS)
    )
    kerbs_m = _outermost(onto["carriageway_m"].to_numpy() / 2, aside_m, ways)
    trees_m = _outermost(onto["tree_offset_m"].to_numpy(), aside_m, ways)
    return tuple(
        Street(
            kerb_m=kerb_m,
            tree_m=tree_m,
            buried=lines.get(place, ()),
            tunnel=tunnels.get(place, ()),
            park=parks.get(place, ()),
        )
        for place, (kerb_m, tree_m) in enumerate(zip(kerbs_m, trees_m, strict=True))
    )


def _aside(onto: gpd.GeoDataFrame, ways: Carriageways) -> Floats:
    """Return how far right of the middle of its road each segment lies, along the one that leads.

    The middle of a road is half-way between its outermost carriageways.
    """
    lines = np.asarray(onto.geometry.array, dtype=object)
    own = ways.followers
    middle = shapely.line_interpolate_point(lines[own], 0.5, normalized=True)
    right_m = np.zeros(len(lines))
    right_m[own] = -offset(lines[ways.leader[own]], np.asarray(middle, dtype=object))
    of_road = pd.Series(right_m).groupby(ways.leader)
    middle_m = (of_road.transform("min") + of_road.transform("max")) / 2
    return np.asarray(right_m - middle_m.to_numpy(), dtype=np.float64)


def _outermost(place_m: Floats, aside_m: Floats, ways: Carriageways) -> list[float]:
    """Return by segment how far from the middle of its road a distance from a carriageway reaches.

    NaN where nothing is known, and for segments for which another one stands.
    """
    known = place_m > 0.0
    reach_m = np.full(len(place_m), -np.inf)
    np.maximum.at(reach_m, ways.leader[known], (np.abs(aside_m) + place_m)[known])
    return [float(metres) if metres > 0.0 else nan for metres in reach_m]


def _existing(
    pipes: gpd.GeoDataFrame,
    onto: gpd.GeoDataFrame,
    ways: Carriageways,
    aside_m: Floats,
    settings: Settings,
) -> dict[int, tuple[Buried, ...]]:
    """Return by segment the existing lines that run along it; those that only cross are left out.

    They are in the order of the pipes, then along the segment on which they were found.
    """
    runs = overlap.place(
        pipes.geometry,
        onto,
        max_offset_m=settings.number("ground.max_offset_m"),
        max_angle_deg=settings.number("ground.max_angle_deg"),
        min_overlap_m=settings.number("ground.min_overlap_m"),
    )
    if runs.empty:
        return {}
    step_m = settings.number("section.existing_step_m")
    found = _on_roads(tracks(runs, pipes.geometry, onto, step_m=step_m), ways, aside_m)
    used, line = np.unique(found.pop("line"), return_inverse=True)
    lines = _lines(pipes.iloc[used])
    by_segment: defaultdict[int, list[Buried]] = defaultdict(list)
    for place, segment, low, high, first, last in zip(
        line.tolist(), *(found[name].tolist() for name in found), strict=True
    ):
        by_segment[segment].append(Buried(lines[place], low, high, (first, last)))
    return {segment: tuple(held) for segment, held in by_segment.items()}


def _on_roads(found: pd.DataFrame, ways: Carriageways, aside_m: Floats) -> pd.DataFrame:
    """Move pieces, offsets and all, from carriageways to the segments that stand for their roads.

    Returns
    -------
    pandas.DataFrame
        Columns line, segment, from_m, to_m, first_m and last_m, the offsets at either end from
        the middle of the road, positive to the right.
    """
    own = found["segment"].to_numpy(np.int64)
    first, last = (-found[name].to_numpy() for name in ("first_m", "last_m"))
    moved = place_on_roads(found, ways).assign(
        first_m=np.where(ways.against[own], -last, first) + aside_m[own],
        last_m=np.where(ways.against[own], -first, last) + aside_m[own],
    )
    columns = ["line", "segment", "from_m", "to_m", "first_m", "last_m"]
    return moved.loc[moved["from_m"] < moved["to_m"], columns]


def _lines(pipes: pd.DataFrame) -> tuple[Line, ...]:
    subtype = pipes["subtype"].fillna("").astype(str)
    numbers = [
        pipes[name].astype(float)
        for name in ("diameter_mm", "depth_m", "voltage_kv", "pressure_mpa")
    ]
    return tuple(starmap(Line, zip(pipes["utility"].astype(str), subtype, *numbers, strict=True)))


def _reaches(
    areas: gpd.GeoSeries, onto: gpd.GeoDataFrame, ways: Carriageways
) -> dict[int, tuple[Reach, ...]]:
    """Return by segment the stretches on which the centre line of a carriageway lies in areas."""
    area = shapely.union_all(areas.array)
    shapely.prepare(area)
    roads = np.asarray(onto.geometry.array, dtype=object)
    inside = np.flatnonzero(shapely.intersects(area, roads))
    parts, at = shapely.get_parts(shapely.intersection(roads[inside], area), return_index=True)
    long = shapely.length(parts) > 0
    own, parts = inside[at[long]], parts[long]
    ends_m = [locate(roads[own], np.asarray(shapely.get_point(parts, end))) for end in (0, -1)]
    low_m = np.minimum(*ends_m)  # the length gives the other end, since a loop ends where it begins
    high_m = low_m + shapely.length(parts)
    inner = pd.DataFrame({"segment": own, "from_m": low_m, "to_m": high_m})
    moved = place_on_roads(inner.assign(side="", reversed=False), ways)
    columns = (moved[name].tolist() for name in ("segment", "from_m", "to_m"))
    found: defaultdict[int, list[Reach]] = defaultdict(list)
    for place, low, high in sorted(zip(*columns, strict=True)):
        held = found[place]
        begin = max(low, held[-1][1]) if held else low
        if begin < high:
            held.append((begin, high))
    return {place: tuple(held) for place, held in found.items()}
