"""Where trenches can lie along a road: on both of its sides, or in the middle of a narrow one."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely

from geo.strips import Strips, strips
from planner.extension.arrays import Floats, Ints, Objects
from planner.extension.graph.corners import Corners, corners
from planner.extension.graph.obstacles import Areas
from planner.settings import Settings

_CLEAR_M = 0.5
"""Room in metres that is left between a strip and a building, water or protected land."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lanes:
    """Strips of ground for trenches, in the order of the segments, the left one first.

    Parameters
    ----------
    segment
        Position of each lane's segment, (l,).
    side
        1 left of the segment's direction, -1 right of it, 0 in its middle, (l,).
    start_m, end_m
        Measures on the segment between which the lane can be cut, (l,).
    start_node, end_node
        Corners at which it begins and ends, (l,).
    corners
        Where lanes meet.
    strips
        The lanes as lines that keep the measures of their segments.
    first
        Position of each segment's first lane, (s + 1,).
    """

    segment: Ints
    side: Ints
    start_m: Floats
    end_m: Floats
    start_node: Ints
    end_node: Ints
    corners: Corners
    strips: Strips
    first: Ints

    def on_side(self, segment: Ints, left: Floats) -> Ints:
        """Return the lane of each segment on the side of a thing that lies `left` of its middle."""
        two = self.first[segment + 1] - self.first[segment] == 2
        found: Ints = self.first[segment] + (two & (left < 0))
        return found

    @property
    def wide(self) -> Ints:
        """Segments with two lanes, (w,)."""
        found: Ints = np.flatnonzero(np.diff(self.first) == 2)
        return found


def offsets_m(segments: gpd.GeoDataFrame, closed: Areas, settings: Settings) -> Floats:
    """Return how far from a road's middle its two trenches lie, 0 where one lies in the middle.

    A road has two sides from ``extension.two_sides_m`` between its red lines; a road of unknown
    width has one. A trench lies ``extension.verge_m`` inside the red line. Where a building,
    protected land or water stands nearer than the red line, or the other carriageway of the road
    lies within it, the road counts as only so wide; one that leads over water or through a
    building (a bridge, a passage) has its trench in the middle.

    Parameters
    ----------
    segments
        Frame of `layers.tables.SEGMENTS`.
    closed
        What no trench may touch beside the road.
    settings
        ``extension.two_sides_m``, ``verge_m`` and ``ground.max_offset_m``, within which the
        joint plan finds a trench's road.

    References
    ----------
    GB 50289-2016, 4.1.5: distribution lines on both sides of wide roads (over 40 m); that service
    trenches choose a side on narrower roads too is an assumption.
    """
    verge_m = settings.number("extension.verge_m")
    two_m = settings.number("extension.two_sides_m")
    widest_m = 2 * (settings.number("ground.max_offset_m") - 1.0 + verge_m)
    width_m = np.minimum(np.nan_to_num(segments["width_m"].to_numpy(dtype=float)), widest_m)
    streets = segments.geometry.to_numpy(dtype=object)
    wide = np.flatnonzero(width_m >= two_m)
    clear_m = closed.away_m(streets[wide], widest_m) - _CLEAR_M + verge_m
    width_m[wide] = np.minimum(width_m[wide], 2 * clear_m)
    width_m = np.minimum(width_m, _between_carriageways_m(segments, streets))
    return np.where(width_m >= two_m, width_m / 2 - verge_m, 0.0)


def _between_carriageways_m(segments: gpd.GeoDataFrame, streets: Objects) -> Floats:
    """Return the distance to the other carriageway of a road, infinite where it has one only."""
    result = np.full(len(streets), np.inf)
    group = segments["group_id"].fillna("").to_numpy(dtype=object)
    for rows in segments.groupby(group).indices.values():
        if len(rows) > 1 and group[rows[0]]:
            middle = shapely.line_interpolate_point(streets[rows], 0.5, normalized=True)
            away_m = shapely.distance(middle[:, None], streets[rows][None, :])
            np.fill_diagonal(away_m, np.inf)
            result[rows] = away_m.min(axis=1)
    return result


def lanes(segments: gpd.GeoDataFrame, closed: Areas, settings: Settings) -> Lanes:
    """Lay out the lanes of all segments.

    Parameters
    ----------
    segments, closed, settings
        See `offsets_m`.
    """
    streets = segments.geometry.to_numpy(dtype=object)
    offset_m = offsets_m(segments, closed, settings)
    two = offset_m > 0
    meeting = corners(streets, offset_m)
    first = np.concatenate([[0], np.cumsum(1 + two)]).astype(np.int64)
    segment = np.repeat(np.arange(len(streets)), 1 + two)
    side = np.where(two[segment], 1, 0)
    side[first[1:][two] - 1] = -1
    right = (side == -1).astype(np.int64)
    start_m = meeting.cut_m[0, segment, right]
    return Lanes(
        segment=segment,
        side=side,
        start_m=start_m,
        end_m=shapely.length(streets[segment]) - meeting.cut_m[1, segment, right],
        start_node=meeting.node[0, segment, right],
        end_node=meeting.node[1, segment, right],
        corners=meeting,
        strips=strips(streets[segment], side * offset_m[segment]),
        first=first,
    )
