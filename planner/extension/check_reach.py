"""Where the independent check says a parcel can be reached from: a street graph of its own."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import geopandas as gpd
import networkx as nx
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from planner.extension.check_ground import AXIS_M, Ground, listed
from planner.settings import Settings

_MARGIN_M = 0.5
"""A link that passes an obstacle nearer than this may be blocked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Streets, the connected piece of each, and the tie-ins on each piece.

    Parameters
    ----------
    streets, segment_ids
        Lines and ids of the segments, (s,).
    half_m
        Half of the width of each, 0 where it is not known, (s,).
    piece
        Number of each segment's connected piece, (s,).
    tie_in_points, tie_in_ids, tie_in_utility
        Points, ids and utilities of the tie-ins, (t,).
    tie_in_piece
        Piece of each tie-in, -1 where it has no link to a street or was not asked for, (t,).
    """

    streets: NDArray[np.object_]
    segment_ids: tuple[str, ...]
    half_m: NDArray[np.float64]
    piece: NDArray[np.int64]
    tie_in_points: NDArray[np.object_]
    tie_in_ids: tuple[str, ...]
    tie_in_utility: NDArray[np.object_]
    tie_in_piece: NDArray[np.int64]
    ground: Ground
    tree: shapely.STRtree

    @property
    def settings(self) -> Settings:
        """Settings of the study."""
        return self.ground.settings

    def street(self, segment_id: str) -> BaseGeometry:
        """Return the line of one segment."""
        line: BaseGeometry = self.streets[self.segment_ids.index(segment_id)]
        return line

    def widths(self, line: BaseGeometry, near_m: float) -> BaseGeometry:
        """Return the ground within the width of the streets near a route, and a margin."""
        widest_m = float(self.half_m.max(initial=0.0)) + near_m
        near = self.tree.query(line, predicate="dwithin", distance=widest_m)
        around = shapely.buffer(self.streets[near], self.half_m[near] + near_m)
        found: BaseGeometry = shapely.union_all(around)
        return found

    def middles(self, line: BaseGeometry) -> BaseGeometry:
        """Return the ground at the middles of the streets that a route touches."""
        near = self.tree.query(line, predicate="dwithin", distance=AXIS_M)
        found: BaseGeometry = shapely.union_all(shapely.buffer(self.streets[near], AXIS_M))
        return found

    def free(self, shape: BaseGeometry, near: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return which of some streets have a free way to a shape, straight and with a margin."""
        links = shapely.shortest_line(self.streets[near], shape)
        wide = self.half_m >= self.settings.number("extension.two_sides_m") / 2
        free = np.ones(len(near), dtype=bool)
        for place, link in enumerate(links):
            away = link.buffer(_MARGIN_M)
            blocked = [
                zone for zone in self.ground.obstacles(away) if not zone.intersects(_inside(shape))
            ]
            over = self.tree.query(link, predicate="crosses")
            free[place] = not blocked and not wide[over[over != near[place]]].any()
        return free

    def roads(self, parcel: BaseGeometry) -> set[int]:
        """Return the connected pieces of all streets within reach of a parcel's red line."""
        reach_m = self.settings.number("extension.max_lead_in_m")
        near = self.tree.query(parcel.boundary, predicate="dwithin", distance=reach_m)
        return set(self.piece[near].tolist())

    def entries(self, parcel: BaseGeometry) -> set[int]:
        """Return the connected pieces of the streets that surely lead to a parcel's red line."""
        red_line = parcel.boundary
        reach_m = self.settings.number("extension.max_lead_in_m")
        near = self.tree.query(red_line, predicate="dwithin", distance=reach_m)
        away_m = shapely.distance(red_line, self.streets[near])
        order = np.lexsort((near, away_m))
        near, away_m = near[order], away_m[order]
        free = self.free(red_line, near) | (away_m == 0)
        near, away_m = near[free], away_m[free]
        if not len(near):
            return set()
        close = away_m <= away_m.min() + self.settings.number("extension.entry_slack_m")
        most = self.settings.count("extension.max_entries")
        return set(self.piece[near[close][:most]].tolist())

    def tie_ins(self, parcel: BaseGeometry) -> set[str]:
        """Return the tie-ins that streets join with a parcel for sure, or that touch it."""
        touch_m = self.settings.number("extension.touch_m")
        joined = np.isin(self.tie_in_piece, list(self.entries(parcel)))
        joined |= shapely.distance(self.tie_in_points, parcel) <= touch_m
        return {self.tie_in_ids[place] for place in np.flatnonzero(joined)}

    def possible(self, parcel: BaseGeometry, utility: str) -> set[str]:
        """Return the tie-ins that a parcel may be joined with in any way that is not ruled out.

        By a street within reach, from a tapped line of any network, or on poles.
        """
        taps = utility in listed("extension.tapped", self.settings)
        poles = utility in listed("extension.pole_utilities", self.settings)
        if poles or (taps and self.roads(parcel)):
            joined = self.tie_in_utility == utility
        else:
            joined = np.isin(self.tie_in_piece, list(self.roads(parcel)))
        return self.tie_ins(parcel) | {self.tie_in_ids[place] for place in np.flatnonzero(joined)}


def _inside(shape: BaseGeometry) -> BaseGeometry:
    """Return a point that is in its own building; nothing for a red line."""
    return shape if shape.geom_type == "Point" else shapely.Point()


def reach(
    segments: gpd.GeoDataFrame,
    tie_ins: gpd.GeoDataFrame,
    ground: Ground,
    utilities: Collection[str],
) -> Reach:
    """Join streets at their ends and tie-ins to the nearest street with a free way.

    Only tie-ins of the utilities named are joined, those for which anything is said to be out of
    reach.
    """
    streets = segments.geometry.to_numpy(dtype=object)
    graph: nx.Graph[tuple[float, float]] = nx.Graph()
    ends = []
    for street in streets:
        first, last = (
            (round(x, 3), round(y, 3)) for x, y in (street.coords[0][:2], street.coords[-1][:2])
        )
        graph.add_edge(first, last)
        ends.append(first)
    number = {
        node: place for place, nodes in enumerate(nx.connected_components(graph)) for node in nodes
    }
    points = tie_ins.geometry.to_numpy(dtype=object)
    found = Reach(
        streets=streets,
        segment_ids=tuple(segments["segment_id"]),
        half_m=np.nan_to_num(segments["width_m"].to_numpy(dtype=float)) / 2,
        piece=np.array([number[end] for end in ends], dtype=np.int64),
        tie_in_points=points,
        tie_in_ids=tuple(tie_ins["tie_in_id"]),
        tie_in_utility=tie_ins["utility"].to_numpy(dtype=object),
        tie_in_piece=np.full(len(points), -1, dtype=np.int64),
        ground=ground,
        tree=shapely.STRtree(streets),
    )
    stub_m = ground.settings.number("extension.max_stub_m")
    for place in np.flatnonzero(tie_ins["utility"].isin(utilities)):
        point = points[place]
        near = found.tree.query(point, predicate="dwithin", distance=stub_m)
        near = near[np.lexsort((near, shapely.distance(point, streets[near])))]
        for street in near:
            if found.free(point, np.array([street])).all():
                found.tie_in_piece[place] = found.piece[street]
                break
    return found
