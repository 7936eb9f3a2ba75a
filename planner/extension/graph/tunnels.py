"""Utility tunnels (综合管廊): lines in them need no trench, and leave them by shafts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from geo.strips import strips
from planner.extension.arrays import Floats, Ints, Objects
from planner.extension.graph.cutting import Cut, Marks
from planner.extension.graph.lanes import Lanes
from planner.extension.graph.obstacles import Areas

_LEAST_M = 5.0
"""A shorter stretch of road above a tunnel is only a crossing of it."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Stretches of segments that lie above a tunnel: segment, from_m and to_m, (k,)."""

    segment: Ints
    from_m: Floats
    to_m: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tunnels:
    """Edges in tunnels, (e,), and the shafts that join them with the roadside, (f,).

    Tunnel nodes are numbered from `first_node` on; `node_xy` holds only those.
    """

    node_xy: Floats
    segment: Ints
    from_m: Floats
    to_m: Floats
    u: Ints
    v: Ints
    shape: Objects
    shaft_u: Ints
    shaft_v: Ints
    shaft_segment: Ints


def stretches(streets: Objects, tunnel: Areas) -> Stretch:
    """Return where the middle of a road lies in a tunnel's outline."""
    segment, area = tunnel.tree.query(streets, predicate="intersects")
    inside = shapely.intersection(streets[segment], tunnel.shapes[area])
    parts, owner = shapely.get_parts(inside, return_index=True)
    long = shapely.length(parts) > _LEAST_M
    parts, segment = parts[long], segment[owner[long]].astype(np.int64)
    ends = [
        shapely.line_locate_point(streets[segment], shapely.get_point(parts, at)) for at in (0, -1)
    ]
    return Stretch(segment, np.minimum(*ends), np.maximum(*ends))


def tunnels(
    found: Stretch, streets: Objects, lanes: Lanes, cut: Cut, marks: Marks, *, first_node: int
) -> Tunnels:
    """Lay edges through the tunnels, with a shaft to each roadside at every mark.

    Parameters
    ----------
    found
        As `stretches` returns them; their ends are among the marks.
    streets, lanes, cut, marks
        The roads and how they are cut.
    first_node
        Number of the first new node.
    """
    begin = marks.at(found.segment, found.from_m)
    end = marks.at(found.segment, found.to_m)
    first_lane = lanes.first[found.segment]
    low = np.searchsorted(cut.asked_lane, first_lane, side="left")
    high = np.searchsorted(cut.asked_lane, first_lane, side="right")
    place = np.concatenate(
        [np.empty(0, np.int64), *(np.arange(a, b) for a, b in zip(low, high, strict=True))]
    )
    tunnel = np.repeat(np.arange(len(found.segment)), high - low)
    mark = cut.asked_mark[place]
    within = (mark >= begin[tunnel]) & (mark <= end[tunnel])
    tunnel, mark = tunnel[within], mark[within]
    segment = found.segment[tunnel]
    at_m = marks.position_m(segment, mark)
    middle = strips(streets, np.zeros(len(streets)))
    xy = middle.at(segment, at_m)
    node = first_node + np.arange(len(tunnel))
    first = np.flatnonzero(tunnel[:-1] == tunnel[1:])
    second = first + 1
    two = lanes.first[segment + 1] - lanes.first[segment] == 2
    left = cut.find(lanes.first[segment], mark)
    right = cut.find(lanes.first[segment[two]] + 1, mark[two])
    return Tunnels(
        node_xy=xy,
        segment=segment[first],
        from_m=at_m[first],
        to_m=at_m[second],
        u=node[first],
        v=node[second],
        shape=middle.stretches(segment[first], at_m[first], at_m[second], (xy[first], xy[second])),
        shaft_u=np.concatenate([node, node[two]]),
        shaft_v=np.concatenate([left, right]),
        shaft_segment=np.concatenate([segment, segment[two]]),
    )
