"""Straight links from the roadside to parcels and tie-ins, and between the two."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from geo.lines import offset, points
from planner.extension.arrays import Bools, Floats, Ints, Objects
from planner.extension.graph.lanes import Lanes
from planner.extension.graph.obstacles import Land, crossing_any
from planner.settings import Settings


@dataclass(frozen=True, slots=True)
class Links:
    """Links to lanes: `owner[i]` is joined from `far_xy[i]` to `position_m[i]` of `lane[i]`.

    Arrays are (k,), `far_xy` is (k, 2); owners count parcels or tie-ins, positions are measures
    on the lane's segment.
    """

    owner: Ints
    lane: Ints
    position_m: Floats
    far_xy: Floats

    def kept(self, chosen: Bools | Ints) -> Links:
        """Return some of the links, in the order given."""
        return Links(
            self.owner[chosen], self.lane[chosen], self.position_m[chosen], self.far_xy[chosen]
        )

    def shapes(self, lanes: Lanes) -> Objects:
        """Return the links as drawn, from the lane to the far end, (k,)."""
        return between(lanes.strips.at(self.lane, self.position_m), self.far_xy)


def between(start_xy: Floats, end_xy: Floats) -> Objects:
    """Return straight lines between coordinates, (n, 2) each."""
    ends = np.stack([start_xy, end_xy], axis=1)
    shapes: Objects = np.asarray(shapely.linestrings(ends), dtype=object)
    return shapes


def both(first: Links, second: Links) -> Links:
    """Return all links of two sets, by owner."""
    owner = np.concatenate([first.owner, second.owner])
    order = np.argsort(owner, kind="stable")
    return Links(
        owner[order],
        np.concatenate([first.lane, second.lane])[order],
        np.concatenate([first.position_m, second.position_m])[order],
        np.concatenate([first.far_xy, second.far_xy])[order],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What every kind of link is laid over: streets, their lanes, and what is in the way."""

    streets: Objects
    lanes: Lanes
    land: Land

    def meet(self, owner: Ints, segment: Ints, shapes: Objects) -> Links:
        """Join shapes, (k,), to segments where they are nearest, on the side where they lie."""
        shortest = shapely.shortest_line(shapes, self.streets[segment])
        ends = shapely.get_coordinates(shortest).reshape(-1, 2, 2)
        position_m = shapely.line_locate_point(self.streets[segment], points(ends[:, 1]))
        left = offset(self.streets[segment], points(ends[:, 0]))
        lane = self.lanes.on_side(segment, left)
        return Links(owner, lane, position_m, ends[:, 0])

    def free(self, links: Links, *, spared: Objects | None = None) -> Bools:
        """Return which links cross neither an obstacle nor the middle of a wide road, (k,)."""
        lines = links.shapes(self.lanes)
        wide = self.lanes.wide
        place = np.full(len(self.streets), -1)
        place[wide] = np.arange(len(wide))
        own = place[self.lanes.segment[links.lane]]
        across = crossing_any(lines, self.streets[wide], own)
        free: Bools = ~across & ~self.land.closed.crossed(lines, spared)
        return free


def lead_ins(parcels: Objects, ground: Ground, settings: Settings) -> tuple[Links, Ints]:
    """Join every parcel to the roads that its red line faces.

    The nearest road is an entry, and the few that lie little farther; inside a park every road
    within reach is, since lines may lead across the park's own land. Along such a road the lead-in
    can be where the red line is nearest and at both ends of the stretch that faces the road:
    between these nothing would be cheaper, since a trench along the road and a lead-in change
    their lengths evenly. Where obstacles stand in the shortest way to every road, the ends alone
    are tried. A road that crosses the red line is entered at every crossing.

    Parameters
    ----------
    parcels
        Polygons, (p,).
    ground
        The streets and what is in the way; a lead-in that would cross an obstacle, or a wide road
        other than at a crossing, is none.
    settings
        ``extension.max_lead_in_m``, ``entry_slack_m``, ``max_entries``, ``facing_step_m``.

    Returns
    -------
    tuple
        The links, by parcel, and the parcels with roads in reach of which obstacles close all.
    """
    red_lines = np.asarray(shapely.boundary(parcels), dtype=object)
    owner, segment = shapely.STRtree(ground.streets).query(
        red_lines, predicate="dwithin", distance=settings.number("extension.max_lead_in_m")
    )
    owner, segment = owner.astype(np.int64), segment.astype(np.int64)
    distance_m = shapely.distance(red_lines[owner], ground.streets[segment])
    nearest = ground.meet(owner, segment, red_lines[owner])
    touching = distance_m == 0
    free = ground.free(nearest) | touching
    near = _chosen(nearest, distance_m, free, ground, settings)
    apart = nearest.kept(near[~touching[near]])
    facing = _facing(apart, parcels, red_lines, ground, settings)
    crossing = _cross(owner[near[touching[near]]], segment[near[touching[near]]], red_lines, ground)
    closed = np.setdiff1d(owner, owner[free])
    aside = nearest.kept(np.isin(owner, closed))
    hidden = _facing(aside, parcels, red_lines, ground, settings)
    every = np.ones(len(hidden.owner), dtype=bool)
    length_m = shapely.length(hidden.shapes(ground.lanes))
    around = hidden.kept(_chosen(hidden, length_m, every, ground, settings))
    found = both(both(crossing, apart), both(facing, around))
    return found, np.setdiff1d(closed, around.owner)


def _in_park(links: Links, ground: Ground) -> Bools:
    """Return which links lie in one park from the road to the red line."""
    lines = links.shapes(ground.lanes)
    result = np.zeros(len(lines), dtype=bool)
    line, _ = ground.land.park.tree.query(lines, predicate="covered_by")
    result[line] = True
    return result


def _chosen(
    links: Links, distance_m: Floats, free: Bools, ground: Ground, settings: Settings
) -> Ints:
    """Return the positions of the entries of each parcel, nearest first."""
    park = _in_park(links, ground)
    order = np.flatnonzero(free)
    order = order[np.lexsort((links.lane[order], distance_m[order], links.owner[order]))]
    first = np.searchsorted(links.owner[order], links.owner[order])
    slack_m = settings.number("extension.entry_slack_m")
    near = (distance_m[order] <= distance_m[order[first]] + slack_m) | park[order]
    few = np.arange(len(order)) - first < settings.count("extension.max_entries")
    chosen: Ints = order[near & few]
    return chosen


def _cross(owner: Ints, segment: Ints, red_lines: Objects, ground: Ground) -> Links:
    """Join a parcel to a road that crosses its red line, at every crossing."""
    common = shapely.intersection(red_lines[owner], ground.streets[segment])
    xy, pair = shapely.get_coordinates(common, return_index=True)
    position_m = shapely.line_locate_point(ground.streets[segment[pair]], points(xy))
    return Links(owner[pair], ground.lanes.first[segment[pair]], position_m, xy)


def _facing(
    nearest: Links, parcels: Objects, red_lines: Objects, ground: Ground, settings: Settings
) -> Links:
    """Return the lead-ins at both ends of the stretch of red line that faces each road.

    A point of the red line faces a road where its shortest way there leads through nothing: not
    through the parcel, an obstacle or another wide road.
    """
    step_m = settings.number("extension.facing_step_m")
    dense = shapely.segmentize(red_lines[nearest.owner], step_m)
    xy, pair = shapely.get_coordinates(dense, return_index=True)
    owner = nearest.owner[pair]
    segment = ground.lanes.segment[nearest.lane[pair]]
    found = ground.meet(owner, segment, points(xy))
    same = found.lane == nearest.lane[pair]
    lines = found.shapes(ground.lanes)
    through_m = shapely.length(shapely.intersection(lines, parcels[owner]))
    length_m = shapely.length(lines)
    reach_m = settings.number("extension.max_lead_in_m")
    kept = np.flatnonzero(same & (through_m < 0.05) & (length_m <= reach_m))
    kept = kept[ground.free(found.kept(kept))]
    order = kept[np.lexsort((length_m[kept], found.position_m[kept], pair[kept]))]
    ends = np.flatnonzero(np.diff(pair[order], prepend=-1))
    lasts = np.append(ends, len(order))[1:] - 1
    chosen = np.unique(np.concatenate([order[ends], order[lasts]]))
    apart_m = np.abs(found.position_m[chosen] - nearest.position_m[pair[chosen]])
    return found.kept(chosen[apart_m >= settings.number("extension.facing_least_m")])


def stubs(tie_ins: Objects, ground: Ground, settings: Settings) -> Links:
    """Join every tie-in to the nearest segment within ``extension.max_stub_m``.

    Where an obstacle or a wide road lies between, the next segment is taken; a tie-in inside a
    building leaves it freely.
    """
    owner, segment = shapely.STRtree(ground.streets).query(
        tie_ins, predicate="dwithin", distance=settings.number("extension.max_stub_m")
    )
    owner, segment = owner.astype(np.int64), segment.astype(np.int64)
    links = ground.meet(owner, segment, tie_ins[owner])
    free = np.flatnonzero(ground.free(links, spared=tie_ins[owner]))
    distance_m = shapely.distance(tie_ins[owner[free]], ground.streets[segment[free]])
    order = free[np.lexsort((segment[free], distance_m, owner[free]))]
    first = np.flatnonzero(np.diff(owner[order], prepend=-1))
    return links.kept(order[first])


def touches(tie_ins: Objects, parcels: Objects, settings: Settings) -> tuple[Ints, Ints, Objects]:
    """Return the tie-ins that lie in a parcel or at its red line.

    Returns
    -------
    tuple
        Tie-in, parcel, and the line from the tie-in to the parcel (of no length inside it).
    """
    tie_in, parcel = shapely.STRtree(parcels).query(
        tie_ins, predicate="dwithin", distance=settings.number("extension.touch_m")
    )
    return tie_in, parcel, shapely.shortest_line(tie_ins[tie_in], parcels[parcel])


def nearest_road_m(red_lines: Objects, streets: Objects) -> Floats:
    """Return the distance of each red line to the nearest segment, infinite without segments."""
    result = np.full(len(red_lines), np.inf)
    if len(streets):
        (owner, _), distance_m = shapely.STRtree(streets).query_nearest(
            red_lines, return_distance=True, all_matches=False
        )
        result[owner] = distance_m
    return result
