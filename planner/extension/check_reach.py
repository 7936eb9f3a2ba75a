"""Where the independent check says a parcel can be reached from: a street graph of its own."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import networkx as nx
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from planner.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Streets, the connected piece of each, and the tie-ins on each piece.

    Parameters
    ----------
    streets, segment_ids
        Lines and ids of the segments, (s,).
    piece
        Number of each segment's connected piece, (s,).
    tie_in_points, tie_in_ids
        Points and ids of the tie-ins, (t,).
    tie_in_piece
        Piece of each tie-in, -1 where no street is near, (t,).
    """

    streets: NDArray[np.object_]
    segment_ids: tuple[str, ...]
    piece: NDArray[np.int64]
    tie_in_points: NDArray[np.object_]
    tie_in_ids: tuple[str, ...]
    tie_in_piece: NDArray[np.int64]
    settings: Settings
    tree: shapely.STRtree

    def street(self, segment_id: str) -> BaseGeometry:
        """Return the line of one segment."""
        line: BaseGeometry = self.streets[self.segment_ids.index(segment_id)]
        return line

    def off_street_m(self, line: BaseGeometry, near_m: float) -> float:
        """Return the length of a route that lies on no street."""
        near = self.streets[self.tree.query(line, predicate="dwithin", distance=near_m)]
        return float(line.difference(shapely.union_all(shapely.buffer(near, near_m))).length)

    def entries(self, parcel: BaseGeometry) -> set[int]:
        """Return the connected pieces of the streets at a parcel's red line."""
        red_line = parcel.boundary
        reach_m = self.settings.number("extension.max_lead_in_m")
        near = self.tree.query(red_line, predicate="dwithin", distance=reach_m)
        if not len(near):
            return set()
        away_m = shapely.distance(red_line, self.streets[near])
        close = away_m <= away_m.min() + self.settings.number("extension.entry_slack_m")
        order = np.lexsort((near[close], away_m[close]))
        most = self.settings.count("extension.max_entries")
        return set(self.piece[near[close][order[:most]]].tolist())

    def tie_ins(self, parcel: BaseGeometry) -> set[str]:
        """Return the tie-ins that streets join with a parcel, or that touch it."""
        touch_m = self.settings.number("extension.touch_m")
        joined = np.isin(self.tie_in_piece, list(self.entries(parcel)))
        joined |= shapely.distance(self.tie_in_points, parcel) <= touch_m
        return {self.tie_in_ids[place] for place in np.flatnonzero(joined)}


def reach(segments: gpd.GeoDataFrame, tie_ins: gpd.GeoDataFrame, settings: Settings) -> Reach:
    """Join streets at their ends and tie-ins to the nearest street."""
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
    piece = np.array([number[end] for end in ends], dtype=np.int64)
    points = tie_ins.geometry.to_numpy(dtype=object)
    tree = shapely.STRtree(streets)
    tie_in_piece = np.full(len(points), -1, dtype=np.int64)
    for place, point in enumerate(points):
        nearest = tree.nearest(point) if len(streets) else None
        stub_m = settings.number("extension.max_stub_m")
        if nearest is not None and streets[nearest].distance(point) <= stub_m:
            tie_in_piece[place] = piece[nearest]
    return Reach(
        streets=streets,
        segment_ids=tuple(segments["segment_id"]),
        piece=piece,
        tie_in_points=points,
        tie_in_ids=tuple(tie_ins["tie_in_id"]),
        tie_in_piece=tie_in_piece,
        settings=settings,
        tree=tree,
    )
