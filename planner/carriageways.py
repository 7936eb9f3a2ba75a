"""Make one 路段 of the carriageways of a road, as the joint plan sees it.

A dual road is drawn as two lines or more, and each of them is a segment to those who route along
it. The plan knows the road only once: the segment that leads the group (`geo.carriageways`)
stands for all of it, every work on any carriageway is planned there, and the others have none.
What closes one carriageway closes the road, see `planner.trench.closures`.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from shapely import LineString, MultiLineString

from geo.lines import Floats, Ints, Lines, cut, directions, locate, offset

_REACH_M = 10.0
"""Metres to either side over which the direction of a carriageway is taken."""


@dataclass(frozen=True, slots=True, eq=False)
class Carriageways:
    """Where each segment lies along the segment that stands for its road.

    Parameters
    ----------
    leader
        Position of the segment that stands for the road, its own where it has one carriageway,
        shape (n,).
    length_m
        Length of each segment in metres, shape (n,).
    begins_m
        Measure on the leader beside which the carriageway begins, in metres, shape (n,): its
        first vertex, or its last where it runs against the leader.
    against
        Whether it runs against the leader, shape (n,).
    side
        Half of the road on which it lies, ``left`` or ``right`` seen along the leader; empty
        where the road has one carriageway, shape (n,).
    """

    leader: Ints
    length_m: Floats
    begins_m: Floats
    against: NDArray[np.bool_]
    side: NDArray[np.object_]

    @property
    def followers(self) -> Ints:
        """Positions of the segments for which another one stands."""
        return np.flatnonzero(self.leader != np.arange(len(self.leader)))


def carriageways(onto: gpd.GeoDataFrame) -> Carriageways:
    """Lay the carriageways of every road along the segment that stands for it.

    A carriageway keeps its length: its middle lies beside the point of the leader nearest to it,
    or as near to it as leaves neither end beyond the leader, which is the longest of its group.
    So what is dug keeps its metres, and works on one carriageway keep their distances. Against
    the ground they are moved by as much as the carriageway sticks out or is longer than what of
    the leader lies beside it; carriageways that follow one another on one half may then overlap
    by as much.

    Parameters
    ----------
    onto
        ``segment_id``, ``group_id`` (empty: alone) and lines, as `geo.segments.make` returns them.

    Returns
    -------
    Carriageways
        Those that follow lie on the half on which their middle lies; the leader takes the half
        that has fewer metres of them.
    """
    lines = np.asarray(onto.geometry.array, dtype=object)
    length_m = np.asarray(shapely.length(lines), dtype=np.float64)
    leader = _leaders(onto)
    own = np.flatnonzero(leader != np.arange(len(leader)))
    lead = leader[own]
    middle = np.asarray(shapely.line_interpolate_point(lines[own], 0.5, normalized=True))
    at_m = locate(lines[lead], middle)
    ahead = directions(lines[own], length_m[own] / 2, reach_m=_REACH_M)
    along = directions(lines[lead], at_m, reach_m=_REACH_M)
    room_m = np.maximum(length_m[lead] - length_m[own], 0.0)
    left = offset(lines[lead], middle) > 0
    begins_m, against = np.zeros(len(lines)), np.zeros(len(lines), dtype=bool)
    begins_m[own] = np.clip(at_m - length_m[own] / 2, 0.0, room_m)
    against[own] = (ahead * along).sum(axis=1) < 0
    side = np.full(len(lines), "", dtype=object)
    side[own] = np.where(left, "left", "right")
    surplus_m = np.zeros(len(lines))
    np.add.at(surplus_m, lead, np.where(left, length_m[own], -length_m[own]))
    side[lead] = np.where(surplus_m[lead] > 0, "right", "left")
    return Carriageways(leader, length_m, begins_m, against, side)


def _leaders(onto: gpd.GeoDataFrame) -> Ints:
    """Return the position of the segment that each row's group is named after, else its own."""
    place = pd.Index(onto["segment_id"].astype(str)).get_indexer(onto["group_id"].astype(str))
    return np.asarray(np.where(place < 0, np.arange(len(onto)), place), dtype=np.int64)


def place_on_roads(placed: pd.DataFrame, ways: Carriageways) -> pd.DataFrame:
    """Move placements from carriageways to the segments that stand for their roads.

    Parameters
    ----------
    placed
        As `geo.overlap.place` returns them.
    ways
        As `carriageways` returns them for the same segments.

    Returns
    -------
    pandas.DataFrame
        The same rows and columns; ``segment``, ``from_m``, ``to_m`` and ``reversed`` speak of the
        leader. ``side`` is the half of the road on which the carriageway lies, on a road with one
        carriageway what it was. Rows of one work may overlap where the work lies on both sides
        of one carriageway; `planner.trench.tasks` digs such ground once.
    """
    segment = placed["segment"].to_numpy(np.int64)
    against, own_m = ways.against[segment], ways.length_m[segment]
    from_m, to_m = (placed[name].to_numpy(np.float64) for name in ("from_m", "to_m"))
    leader, begins_m = ways.leader[segment], ways.begins_m[segment]
    low_m = begins_m + np.where(against, own_m - to_m, from_m)
    high_m = begins_m + np.where(against, own_m - from_m, to_m)
    half = ways.side[segment]
    return placed.assign(
        segment=leader,
        from_m=np.clip(low_m, 0.0, ways.length_m[leader]),
        to_m=np.clip(high_m, 0.0, ways.length_m[leader]),
        reversed=placed["reversed"].to_numpy(bool) ^ against,
        side=np.where(half == "", placed["side"].to_numpy(object), half),
    )


def roads(onto: gpd.GeoDataFrame, ways: Carriageways, *, dual_m: float) -> gpd.GeoDataFrame:
    """Return the segments as the joint plan sees them.

    Parameters
    ----------
    onto
        Columns of `layers.tables.SEGMENTS`.
    ways
        As `carriageways` returns them for `onto`.
    dual_m
        Greatest distance in metres between ends of two carriageways that are one junction.

    Returns
    -------
    geopandas.GeoDataFrame
        The same rows in the same order. On every carriageway of a road stand the greatest width,
        since ``width_m`` is the distance between the road's red lines (道路红线宽度) and not that
        of a carriageway's kerbs, and one detour group: roads that share a carriageway's detour
        are detours of one another. Where two carriageways end at one crossing, their junctions
        bear one number; a junction in the middle of the leader, at which only another carriageway
        ends, keeps its own. Name, town and surface are those of each segment itself, for the plan
        those of the leader.
    """
    nodes = _junctions(onto, ways, dual_m)
    numbers = {column: onto[column].replace(nodes) for column in ("from_node", "to_node")}
    width_m = onto["width_m"].groupby(ways.leader).transform("max")
    return onto.assign(width_m=width_m, detour_group=_detours(onto, ways), **numbers)


def _detours(onto: gpd.GeoDataFrame, ways: Carriageways) -> pd.Series:
    """Return the detour group of each road: the first by name of all that are linked to it."""
    named = onto["detour_group"].fillna("").astype(str)
    names = {key: place for place, key in enumerate(sorted(set(named) - {""}))}
    known = named.ne("").to_numpy()
    group = named[known].map(names).to_numpy(np.int64)
    root = _linked(len(names) + len(onto), group, len(names) + ways.leader[known])
    spelled = np.array([*names, ""], dtype=object)
    first = root[len(names) + ways.leader]
    return pd.Series(spelled[np.minimum(first, len(names))], index=onto.index)


def _junctions(onto: gpd.GeoDataFrame, ways: Carriageways, dual_m: float) -> dict[int, int]:
    """Return the junctions that are one with another, each with the number that both bear."""
    own = ways.followers
    lead, against = ways.leader[own], ways.against[own]
    lines = np.asarray(onto.geometry.array, dtype=object)
    beside = np.where(against, shapely.reverse(lines[own]), lines[own])
    nodes = onto[["from_node", "to_node"]].to_numpy(np.float64, na_value=np.nan)
    mine, theirs = np.where(against[:, None], nodes[own][:, ::-1], nodes[own]), nodes[lead]
    apart_m = [
        shapely.distance(shapely.get_point(beside, end), shapely.get_point(lines[lead], end))
        for end in (0, -1)
    ]
    one = (np.transpose(apart_m) <= dual_m) & ~np.isnan(mine) & ~np.isnan(theirs)
    count = int(np.nanmax(nodes, initial=-1.0)) + 1
    root = _linked(count, mine[one].astype(np.int64), theirs[one].astype(np.int64))
    return {node: int(first) for node, first in enumerate(root) if node != first}


def _linked(count: int, one: Ints, other: Ints) -> Ints:
    """Return for each of `count` things the first one that it is linked to, itself if to none."""
    links = coo_array((np.ones(len(one), np.int8), (one, other)), shape=(count, count))
    _, label = connected_components(links, directed=False)
    _, first = np.unique(label, return_index=True)
    return np.asarray(first[label], dtype=np.int64)


def drawn_across(openings: gpd.GeoDataFrame, onto: gpd.GeoDataFrame) -> gpd.GeoSeries:
    """Return the lines of openings, on a dual road with the other carriageways beside them.

    Parameters
    ----------
    openings
        ``segment_id`` and the stretch of that segment that is dug, a LineString.
    onto
        ``segment_id``, ``group_id`` and lines of all segments.

    Returns
    -------
    geopandas.GeoSeries
        In the order of the openings; a MultiLineString where another carriageway lies beside the
        stretch, the stretch on the leader first.
    """
    lines = np.asarray(onto.geometry.array, dtype=object)
    ways = carriageways(onto)
    beside: dict[int, list[int]] = {}
    for place in ways.followers:
        beside.setdefault(int(ways.leader[place]), []).append(int(place))
    places = pd.Index(onto["segment_id"]).get_indexer(openings["segment_id"])
    drawn = [
        _with_others(line, lines[beside.get(int(place), [])])
        for line, place in zip(openings.geometry, places, strict=True)
    ]
    return gpd.GeoSeries(drawn, index=openings.index, crs=openings.crs)


def _with_others(line: LineString, others: Lines) -> LineString | MultiLineString:
    """Return a line, and of each other one the stretch between the points nearest to its ends."""
    ends = np.asarray(shapely.get_point(line, [0, -1]), dtype=object)
    ends_m = [locate(others, ends[[place]]) for place in (0, 1)]
    low_m, high_m = np.minimum(*ends_m), np.maximum(*ends_m)
    long = low_m < high_m
    if not long.any():
        return line
    return MultiLineString([line, *cut(others[long], low_m[long], high_m[long])])
