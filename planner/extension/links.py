"""Straight links from parcels and tie-ins to the streets, and between the two."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from planner.extension.arrays import Floats, Ints, Objects
from planner.settings import Settings


@dataclass(frozen=True, slots=True)
class Links:
    """Links to segments: `owner[i]` is joined from `far_xy[i]` to `position_m[i]` of `segment[i]`.

    Arrays are (k,), `far_xy` is (k, 2); owners count parcels or tie-ins.
    """

    owner: Ints
    segment: Ints
    position_m: Floats
    far_xy: Floats


def _meet(owner: Ints, segment: Ints, shapes: Objects, streets: Objects) -> Links:
    shortest = shapely.shortest_line(shapes[owner], streets[segment])
    ends = shapely.get_coordinates(shortest).reshape(-1, 2, 2)
    position_m = shapely.line_locate_point(streets[segment], shapely.points(ends[:, 1]))
    return Links(owner, segment, position_m, ends[:, 0])


def lead_ins(red_lines: Objects, streets: Objects, settings: Settings) -> Links:
    """Join every parcel to its entries: the nearest road and the few that lie little farther.

    Parameters
    ----------
    red_lines
        Boundaries of the parcels, (p,).
    streets
        Lines of the segments, (s,).
    settings
        ``extension.max_lead_in_m``, ``entry_slack_m``, ``max_entries``.

    Returns
    -------
    Links
        Ordered by parcel; none for a parcel beyond the reach. A road that crosses the red line
        is entered at every crossing, any other where it is nearest.
    """
    owner, segment = shapely.STRtree(streets).query(
        red_lines, predicate="dwithin", distance=settings.number("extension.max_lead_in_m")
    )
    distance_m = shapely.distance(red_lines[owner], streets[segment])
    order = np.lexsort((segment, distance_m, owner))
    owner, segment, distance_m = owner[order], segment[order], distance_m[order]
    first = np.searchsorted(owner, owner)
    near = distance_m <= distance_m[first] + settings.number("extension.entry_slack_m")
    few = np.arange(len(owner)) - first < settings.count("extension.max_entries")
    kept = near & few
    crossing = kept & (distance_m == 0)
    apart = _meet(owner[kept & ~crossing], segment[kept & ~crossing], red_lines, streets)
    return _both(_cross(owner[crossing], segment[crossing], red_lines, streets), apart)


def _cross(owner: Ints, segment: Ints, red_lines: Objects, streets: Objects) -> Links:
    """Join a parcel to a road that crosses its red line, at every crossing."""
    common = shapely.intersection(red_lines[owner], streets[segment])
    xy, pair = shapely.get_coordinates(common, return_index=True)
    position_m = shapely.line_locate_point(streets[segment[pair]], shapely.points(xy))
    return Links(owner[pair], segment[pair], position_m, xy)


def _both(first: Links, second: Links) -> Links:
    owner = np.concatenate([first.owner, second.owner])
    order = np.argsort(owner, kind="stable")
    return Links(
        owner[order],
        np.concatenate([first.segment, second.segment])[order],
        np.concatenate([first.position_m, second.position_m])[order],
        np.concatenate([first.far_xy, second.far_xy])[order],
    )


def stubs(points: Objects, streets: Objects, settings: Settings) -> Links:
    """Join every tie-in to the nearest segment within ``extension.max_stub_m``."""
    owner, segment = shapely.STRtree(streets).query_nearest(
        points, max_distance=settings.number("extension.max_stub_m"), all_matches=False
    )
    return _meet(owner, segment, points, streets)


def touches(points: Objects, parcels: Objects, settings: Settings) -> tuple[Ints, Ints, Objects]:
    """Return the tie-ins that lie in a parcel or at its red line.

    Returns
    -------
    tuple
        Tie-in, parcel, and the line from the tie-in to the parcel (of no length inside it).
    """
    tie_in, parcel = shapely.STRtree(parcels).query(
        points, predicate="dwithin", distance=settings.number("extension.touch_m")
    )
    return tie_in, parcel, shapely.shortest_line(points[tie_in], parcels[parcel])


def nearest_road_m(red_lines: Objects, streets: Objects) -> Floats:
    """Return the distance of each red line to the nearest segment, infinite without segments."""
    result = np.full(len(red_lines), np.inf)
    if len(streets):
        (owner, _), distance_m = shapely.STRtree(streets).query_nearest(
            red_lines, return_distance=True, all_matches=False
        )
        result[owner] = distance_m
    return result
