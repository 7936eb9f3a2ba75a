"""The graph on which lines can be laid: streets, lead-ins to red lines, stubs to tie-ins.

Every segment is cut where a lead-in, a stub or the end of a planned work's trench meets it. A
parcel is one node behind its entries, a tie-in one node behind its stub; routes end there and
never pass through. Edges stand in the order streets, lead-ins, stubs, touches.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from types import MappingProxyType

import geopandas as gpd
import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geo import lines
from geo.graph import RoadGraph
from planner.extension import links
from planner.extension.arrays import Bools, Floats, Ints, Objects
from planner.extension.cutting import Cut, Marks, Stretches, cut, inside, stretches
from planner.settings import Settings


class Kind(IntEnum):
    """What an edge is."""

    STREET = 0
    LEAD_IN = 1
    STUB = 2
    TOUCH = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Corridor:
    """The graph as arrays: n nodes, m edges of which the first `street_count` are streets.

    Parameters
    ----------
    graph
        Nodes and edges; streets run with their segment, lead-ins to the parcel, stubs and touches
        from the tie-in. A parcel's node stands at a point inside it.
    kind
        `Kind` of each edge, (m,).
    segment
        Position of the segment in the frame, -1 for edges that are no streets, (m,).
    from_m, to_m
        Stretch along the segment, (m,); 0 for edges that are no streets.
    surface
        Key of `layers.tables.SURFACES`, (m,).
    in_work
        Whether a planned work holds the edge open anyway, (m,).
    straight
        Lines of the edges from `street_count` on.
    segment_lines
        Lines of all segments.
    component
        Connected piece of the street network, (n,); parcels and unattached tie-ins are alone.
    parcel_node
        Parcel id to its node.
    road_m
        Parcel id to the distance of the nearest road.
    tie_in_node
        Node of each tie-in in the frame's order, (t,).
    """

    graph: RoadGraph
    street_count: int
    kind: Ints
    segment: Ints
    from_m: Floats
    to_m: Floats
    surface: Objects
    in_work: Bools
    straight: Objects
    segment_lines: Objects
    component: Ints
    parcel_node: Mapping[str, int]
    road_m: Mapping[str, float]
    tie_in_node: Ints

    @property
    def passable(self) -> Bools:
        """Whether a route may pass through a node; parcels and tie-ins are ends, (n,)."""
        result = np.ones(len(self.graph.node_xy), dtype=bool)
        result[self.tie_in_node] = False
        result[list(self.parcel_node.values())] = False
        return result

    def geometry(self, edges: Ints) -> Objects:
        """Return the lines of some edges, each from its first to its second node."""
        shapes = np.empty(len(edges), dtype=object)
        street = edges < self.street_count
        chosen = edges[street]
        shapes[street] = lines.cut(
            self.segment_lines[self.segment[chosen]], self.from_m[chosen], self.to_m[chosen]
        )
        shapes[~street] = self.straight[edges[~street] - self.street_count]
        return shapes

    def neighbours(self, node: int) -> Ints:
        """Return the nodes next to one node."""
        found: Ints = np.concatenate(
            [
                self.graph.edge_v[self.graph.edge_u == node],
                self.graph.edge_u[self.graph.edge_v == node],
            ]
        )
        return found


@dataclass(frozen=True, slots=True)
class _Edges:
    """Edges of one kind, before they are put together."""

    kind: Kind
    u: Ints
    v: Ints
    shape: Objects
    length_m: Floats

    @classmethod
    def straight(cls, kind: Kind, u: Ints, v: Ints, shape: Objects) -> _Edges:
        return cls(kind, u, v, shape, shapely.length(shape))


def _between(start_xy: Floats, end_xy: Floats) -> Objects:
    ends = np.stack([start_xy, end_xy], axis=1)
    shapes: Objects = np.asarray(shapely.linestrings(ends), dtype=object)
    return shapes


def _link_edges(
    links_of: tuple[links.Links, links.Links], cutting: Cut, marks: Marks, streets: Objects
) -> tuple[_Edges, _Edges]:
    """Return lead-ins (street to parcel) and stubs (tie-in to street); owners are nodes."""
    made = []
    for kind, link in zip((Kind.LEAD_IN, Kind.STUB), links_of, strict=True):
        mark = marks.at(link.segment, link.position_m)
        node = cutting.find(link.segment, mark)
        foot = shapely.line_interpolate_point(
            streets[link.segment], marks.position_m(link.segment, mark)
        )
        foot_xy = shapely.get_coordinates(foot)
        if kind is Kind.LEAD_IN:
            made.append(_Edges.straight(kind, node, link.owner, _between(foot_xy, link.far_xy)))
        else:
            made.append(_Edges.straight(kind, link.owner, node, _between(link.far_xy, foot_xy)))
    return made[0], made[1]


def _components(node_count: int, edges: tuple[_Edges, ...]) -> Ints:
    """Label the pieces of the street network; lead-ins and touches join nothing."""
    joined = [part for part in edges if part.kind in {Kind.STREET, Kind.STUB}]
    u = np.concatenate([part.u for part in joined])
    v = np.concatenate([part.v for part in joined])
    graph = coo_array((np.ones(len(u)), (u, v)), shape=(node_count, node_count))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)


def _surfaces(segments: gpd.GeoDataFrame, segment: Ints, others: int, default: str) -> Objects:
    known = segments["surface"].fillna("").replace("", "asphalt").to_numpy(dtype=object)
    return np.concatenate([known[segment], np.full(others, default, dtype=object)])


def build(
    segments: gpd.GeoDataFrame,
    parcels: gpd.GeoDataFrame,
    tie_ins: gpd.GeoDataFrame,
    settings: Settings,
    *,
    open_segments: Stretches,
) -> Corridor:
    """Build the graph of one county.

    Parameters
    ----------
    segments
        Frame of `layers.tables.SEGMENTS`, LineStrings in a projected CRS in metres.
    parcels
        Parcels that are to be reached, with their polygons.
    tie_ins
        Frame of `layers.tables.TIE_INS`, points.
    settings
        Names ``extension.*``: reach of lead-ins and stubs, entries, snapping.
    open_segments
        Stretches that planned works hold open.
    """
    streets = segments.geometry.to_numpy(dtype=object)
    shapes = parcels.geometry.to_numpy(dtype=object)
    points = tie_ins.geometry.to_numpy(dtype=object)
    red_lines = np.asarray(shapely.boundary(shapes), dtype=object)
    entry = links.lead_ins(red_lines, streets, settings)
    stub = links.stubs(points, streets, settings)
    opened_of, opened_m = stretches(open_segments, segments["segment_id"].tolist())
    marks = Marks(shapely.length(streets), settings.number("extension.snap_m"))
    asked = np.concatenate([entry.segment, stub.segment, opened_of, opened_of])
    asked_m = np.concatenate([entry.position_m, stub.position_m, *opened_m.T])
    cutting = cut(streets, marks, asked, marks.at(asked, asked_m))

    tie_in_node = len(cutting.node_xy) + np.arange(len(points))
    parcel_node = len(cutting.node_xy) + len(points) + np.arange(len(shapes))
    entry = links.Links(parcel_node[entry.owner], entry.segment, entry.position_m, entry.far_xy)
    stub = links.Links(tie_in_node[stub.owner], stub.segment, stub.position_m, stub.far_xy)
    lead_edges, stub_edges = _link_edges((entry, stub), cutting, marks, streets)
    tie_in, parcel, touching = links.touches(points, shapes, settings)
    touch_edges = _Edges.straight(Kind.TOUCH, tie_in_node[tie_in], parcel_node[parcel], touching)
    first, second = cutting.edges
    from_m, to_m = cutting.position_m[first], cutting.position_m[second]
    street_edges = _Edges(
        Kind.STREET, cutting.node[first], cutting.node[second], np.empty(0, object), to_m - from_m
    )
    parts = (street_edges, lead_edges, stub_edges, touch_edges)
    ids = parcels["parcel_id"].tolist()
    return _assemble(
        parts,
        segments=segments,
        segment=cutting.segment[first],
        along_m=(from_m, to_m),
        in_work=inside(cutting.segment[first], (from_m + to_m) / 2, opened_of, opened_m),
        surface=settings.text("extension.lead_in_surface"),
        node_xy=np.concatenate(
            [
                cutting.node_xy,
                shapely.get_coordinates(points),
                shapely.get_coordinates(shapely.point_on_surface(shapes)),
            ]
        ),
        parcel_node=dict(zip(ids, parcel_node.tolist(), strict=True)),
        road_m=dict(zip(ids, links.nearest_road_m(red_lines, streets).tolist(), strict=True)),
        tie_in_node=tie_in_node,
    )


def _assemble(
    parts: tuple[_Edges, ...],
    *,
    segments: gpd.GeoDataFrame,
    segment: Ints,
    along_m: tuple[Floats, Floats],
    in_work: Bools,
    surface: str,
    node_xy: Floats,
    parcel_node: Mapping[str, int],
    road_m: Mapping[str, float],
    tie_in_node: Ints,
) -> Corridor:
    street_count = len(segment)
    others = sum(len(part.u) for part in parts) - street_count
    zeros = np.zeros(others)
    return Corridor(
        graph=RoadGraph(
            node_xy,
            np.concatenate([part.u for part in parts]),
            np.concatenate([part.v for part in parts]),
            np.concatenate([part.length_m for part in parts]),
        ),
        street_count=street_count,
        kind=np.concatenate([np.full(len(part.u), part.kind, dtype=np.int64) for part in parts]),
        segment=np.concatenate([segment, np.full(others, -1, dtype=np.int64)]),
        from_m=np.concatenate([along_m[0], zeros]),
        to_m=np.concatenate([along_m[1], zeros]),
        surface=_surfaces(segments, segment, others, surface),
        in_work=np.concatenate([in_work, np.zeros(others, dtype=bool)]),
        straight=np.concatenate([part.shape for part in parts]),
        segment_lines=segments.geometry.to_numpy(dtype=object),
        component=_components(len(node_xy), parts),
        parcel_node=MappingProxyType(dict(parcel_node)),
        road_m=MappingProxyType(dict(road_m)),
        tie_in_node=tie_in_node,
    )
