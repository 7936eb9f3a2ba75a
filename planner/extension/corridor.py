"""The graph on which lines can be laid, as a value; `planner.extension.graph` builds it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from geo.graph import RoadGraph
from planner.extension.arrays import Bools, Floats, Ints, Objects


class Kind(IntEnum):
    """What an edge is.

    A street edge runs along a road, a crossing under one; a lead-in leads from the roadside to a
    red line, a stub from a tie-in and a tap from an existing line to the roadside; a touch joins a
    parcel with the tie-in at it; a pole line hangs, a tunnel is a utility tunnel, a shaft its way
    to the roadside.
    """

    STREET = 0
    LEAD_IN = 1
    STUB = 2
    TOUCH = 3
    CROSSING = 4
    TAP = 5
    POLE = 6
    TUNNEL = 7
    SHAFT = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Corridor:
    """The graph as arrays: n nodes, m edges of which the first `street_count` are streets.

    Parcels and tie-ins are nodes at which routes end and through which none passes.

    Parameters
    ----------
    graph
        Nodes and edges; streets run with their segment, lead-ins and poles to the parcel, stubs,
        taps and touches from the tie-in. A parcel's node stands at a point inside it; lengths are
        those of the plan.
    kind
        `Kind` of each edge, (m,).
    segment
        Position of the segment in the frame, -1 for edges that lie on none, (m,).
    side
        Of the segment's direction: 1 left, -1 right, 0 in the middle and for all other edges, (m,).
    from_m, to_m
        Stretch along the segment, (m,); 0 for edges that do not run along one.
    surface
        Key of `layers.tables.SURFACES`; empty where no trench is dug from above (pole lines,
        tunnels, crossings bored under a road), (m,).
    in_work
        Whether a planned work holds the edge open anyway, (m,).
    shape
        Lines of the edges, each from its first to its second node, (m,). A lead-in ends at the
        red line, a tap begins at the line tapped.
    laid_m
        Length over the terrain, (m,).
    slope
        Climb and fall for each metre of plan, (m,).
    green_m, water_m
        Length in green land and over water, (m,).
    pipe
        Position of the existing line that is tapped, -1 for edges that are no taps, (m,).
    segment_lines
        Lines of all segments.
    parcel_node
        Parcel id to its node.
    road_m
        Parcel id to the distance of the nearest road.
    closed
        Parcels with roads within reach of which obstacles close all.
    tie_in_node
        Node of each tie-in in the frame's order, (t,).
    """

    graph: RoadGraph
    street_count: int
    kind: Ints
    segment: Ints
    side: Ints
    from_m: Floats
    to_m: Floats
    surface: Objects
    in_work: Bools
    shape: Objects
    laid_m: Floats
    slope: Floats
    green_m: Floats
    water_m: Floats
    pipe: Ints
    segment_lines: Objects
    parcel_node: Mapping[str, int]
    road_m: Mapping[str, float]
    closed: frozenset[str]
    tie_in_node: Ints

    @property
    def passable(self) -> Bools:
        """Whether a route may pass through a node; parcels and tie-ins are ends, (n,)."""
        result = np.ones(len(self.graph.node_xy), dtype=bool)
        result[self.tie_in_node] = False
        result[list(self.parcel_node.values())] = False
        return result

    @property
    def dug(self) -> Bools:
        """Whether an edge is opened or bored ground; pole lines and tunnels are not, (m,)."""
        found: Bools = ~np.isin(self.kind, (Kind.POLE, Kind.TUNNEL))
        return found

    def geometry(self, edges: Ints) -> Objects:
        """Return the lines of some edges, each from its first to its second node."""
        shapes: Objects = self.shape[edges]
        return shapes
