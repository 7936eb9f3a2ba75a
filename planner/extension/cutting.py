"""Segments cut into street edges wherever a link or the end of an open trench meets them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from geo.graph import end_nodes
from planner.extension.arrays import Bools, Floats, Ints, Objects

Stretches = Mapping[str, Sequence[tuple[float, float]]]
"""Segment id to the stretches (from_m, to_m) that planned works hold open."""


@dataclass(frozen=True, slots=True)
class Marks:
    """A scale along each segment: mark k lies at k times `snap_m`, the last one at the end.

    Points that fall on one mark are one node, so that no edge is shorter than half a step.
    """

    length_m: Floats
    snap_m: float

    @property
    def last(self) -> Ints:
        """Mark of each segment's end, (s,)."""
        steps = np.rint(self.length_m / self.snap_m).astype(np.int64)
        return np.maximum(steps, 1)

    def at(self, segment: Ints, position_m: Floats) -> Ints:
        """Return the marks nearest to some positions."""
        steps = np.rint(position_m / self.snap_m).astype(np.int64)
        clipped: Ints = np.clip(steps, 0, self.last[segment])
        return clipped

    def position_m(self, segment: Ints, mark: Ints) -> Floats:
        """Return where some marks lie along their segments."""
        at_end = mark == self.last[segment]
        return np.where(at_end, self.length_m[segment], mark * self.snap_m)


@dataclass(frozen=True, slots=True)
class Cut:
    """Every mark that is used, in order along each segment, with its node.

    Two neighbours on one segment are an edge. Nodes are numbered 0..n-1, `node_xy` is (n, 2).
    """

    segment: Ints
    mark: Ints
    position_m: Floats
    node: Ints
    node_xy: Floats
    stride: int

    def find(self, segment: Ints, mark: Ints) -> Ints:
        """Return the nodes of marks that were asked for."""
        keys = self.segment * self.stride + self.mark
        found: Ints = self.node[np.searchsorted(keys, segment * self.stride + mark)]
        return found

    @property
    def edges(self) -> tuple[Ints, Ints]:
        """Positions of the first and the second mark of every street edge."""
        first = np.flatnonzero(self.segment[:-1] == self.segment[1:])
        return first, first + 1


def cut(streets: Objects, marks: Marks, segment: Ints, mark: Ints) -> Cut:
    """Cut segments at their ends and at the marks asked for.

    Parameters
    ----------
    streets
        Lines of the segments, (s,); ends within a millimetre are one node.
    marks
        The scale.
    segment, mark
        Where to cut, (k,), in any order, repetitions allowed.
    """
    every = np.arange(len(streets))
    last = marks.last
    stride = int(last.max(initial=0)) + 1
    keys = np.unique(
        np.concatenate([every * stride, every * stride + last, segment * stride + mark])
    )
    segment, mark = keys // stride, keys % stride
    position_m = marks.position_m(segment, mark)
    ends_xy, start, end = end_nodes(streets)
    node = np.where(mark == 0, start[segment], end[segment])
    between = (mark != 0) & (mark != last[segment])
    node[between] = len(ends_xy) + np.arange(np.count_nonzero(between))
    inner = shapely.line_interpolate_point(streets[segment[between]], position_m[between])
    node_xy = np.concatenate([ends_xy, shapely.get_coordinates(inner)])
    return Cut(segment, mark, position_m, node, node_xy, stride)


def stretches(opened: Stretches, segment_ids: Sequence[str]) -> tuple[Ints, Floats]:
    """Return open stretches as positions of segments, (k,), and from_m, to_m, (k, 2)."""
    place = {segment_id: i for i, segment_id in enumerate(segment_ids)}
    rows = [
        (place[segment_id], *stretch)
        for segment_id, some in opened.items()
        if segment_id in place
        for stretch in some
    ]
    table = np.array(rows, dtype=float).reshape(-1, 3)
    return table[:, 0].astype(np.int64), table[:, 1:]


def inside(segment: Ints, middle_m: Floats, stretch_of: Ints, stretch_m: Floats) -> Bools:
    """Return which edges, given by segment and middle, lie in a stretch."""
    result = np.zeros(len(segment), dtype=bool)
    for owner, (from_m, to_m) in zip(stretch_of, stretch_m, strict=True):
        result |= (segment == owner) & (from_m <= middle_m) & (middle_m <= to_m)
    return result
