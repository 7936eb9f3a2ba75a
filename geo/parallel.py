"""Which edges run beside a point that heads somewhere: the kernel under placing and pairing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.lines import Floats, Ints, Lines, from_vertices, measures, points, vertices


@dataclass(frozen=True, slots=True, eq=False)
class Edges:
    """Straight edges of lines.

    Parameters
    ----------
    line
        Position of the line of each edge, shape (m,).
    start, heading
        First vertex and unit direction, shape (m, 2).
    length_m, from_m
        Length of the edge and measure of its first vertex on its line, shape (m,).
    """

    line: Ints
    start: Floats
    heading: Floats
    length_m: Floats
    from_m: Floats

    @classmethod
    def of(cls, lines: Lines) -> Edges:
        """Return the edges of LineStrings, without those of no length."""
        xy, line = vertices(lines)
        at = measures(xy, line)
        first = np.flatnonzero((line[1:] == line[:-1]) & (at[1:] > at[:-1]))
        along = xy[first + 1] - xy[first]
        length = np.hypot(*along.T)
        return cls(line[first], xy[first], along / length[:, None], length, at[first])


@dataclass(frozen=True, slots=True, eq=False)
class Beside:
    """Pairs of a point and an edge that runs beside it.

    Parameters
    ----------
    point, edge
        Positions, shape (k,), sorted by point, then distance, then edge.
    offset_m
        Distance from the edge, positive where the point lies left of it.
    along_m
        Projection of the point on the edge, from its start; negative or above its length where
        the point lies before or behind it.
    against
        Whether the point heads against the edge.
    """

    point: Ints
    edge: Ints
    offset_m: Floats
    along_m: Floats
    against: NDArray[np.bool_]


def beside(
    xy: Floats, heading: Floats, edges: Edges, *, max_offset_m: float, max_angle_deg: float
) -> Beside:
    """Return every edge near a point and parallel to its heading.

    Parameters
    ----------
    xy, heading
        Points and their unit directions, shape (n, 2).
    edges
        What they may run beside.
    max_offset_m
        Greatest distance in metres.
    max_angle_deg
        Greatest angle between heading and edge, either way round, in degrees.
    """
    ends = np.stack([edges.start, edges.start + edges.heading * edges.length_m[:, None]], axis=1)
    strokes = from_vertices(ends.reshape(-1, 2), np.repeat(np.arange(len(ends)), 2))
    tree = shapely.STRtree(strokes)
    point, edge = tree.query(points(xy), predicate="dwithin", distance=max_offset_m)
    cosine = (heading[point] * edges.heading[edge]).sum(axis=1)
    parallel = np.abs(cosine) >= np.cos(np.radians(max_angle_deg))
    point, edge, cosine = point[parallel], edge[parallel], cosine[parallel]
    away = xy[point] - edges.start[edge]
    ahead = edges.heading[edge]
    along = (away * ahead).sum(axis=1)
    across = ahead[:, 0] * away[:, 1] - ahead[:, 1] * away[:, 0]
    beyond = along - np.clip(along, 0.0, edges.length_m[edge])
    offset = np.copysign(np.hypot(across, beyond), across)
    order = np.lexsort([edge, np.abs(offset), point])
    return Beside(
        point[order].astype(np.int64), edge[order].astype(np.int64), offset[order], along[order],
        (cosine < 0)[order],
    )  # fmt: skip
