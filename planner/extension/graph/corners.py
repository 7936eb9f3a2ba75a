"""Corners of junctions: where the trench beside one road meets that beside the next.

Around a junction every two neighbouring roads share a corner, at which the strips on the sides that
face each other meet. A narrow road, whose trench lies in its middle, joins the corners on its two
sides into one, at its mouth; roads that are all narrow meet in the junction itself. Across the end
of every wide road a crossing leads from corner to corner.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geo.graph import end_nodes
from geo.lines import directions
from planner.extension.arrays import Bools, Floats, Ints, Objects

_LOOK_M = 5.0
"""Length in metres over which the direction of a road at a junction is taken."""
_STIFF = 0.01
"""Weight that keeps the corner of two roads in line near the junction."""
_FARTHEST = 4.0
"""A corner lies at most so many offsets off the junction, however acute the angle."""
_SHARE = 0.45
"""Of a road, junctions at both ends take at most this share of its length each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Corners:
    """Corners of all junctions and how segments end at them; s segments, c corners.

    Parameters
    ----------
    xy
        Coordinates, (c, 2).
    node
        Corner at the segment's first (0) and last (1) end, left (0) and right (1) of its
        direction, (2, s, 2); a narrow segment has the same on both sides.
    cut_m
        Length of the segment that lies before the corner, (2, s, 2).
    across
        Segment of each crossing at a junction, (x,).
    across_node
        Its two corners, (x, 2).
    """

    xy: Floats
    node: Ints
    cut_m: Floats
    across: Ints
    across_node: Ints


@dataclass(frozen=True, slots=True)
class _Arms:
    """Ends of segments, each seen from its junction, sorted around it; 2 s arms.

    `after` is the next arm of the junction counterclockwise. Corner i lies between arm i and the
    next.
    """

    segment: Ints
    end: Ints
    junction_xy: Floats
    heading: Floats
    offset_m: Floats
    after: Ints

    @property
    def before(self) -> Ints:
        """Arm before each, counterclockwise."""
        result = np.empty_like(self.after)
        result[self.after] = np.arange(len(self.after))
        return result


def _arms(streets: Objects, offset_m: Floats) -> _Arms:
    xy, first, last = end_nodes(streets)
    count = len(streets)
    segment = np.tile(np.arange(count), 2)
    end = np.repeat([0, 1], count)
    node = np.concatenate([first, last])
    heading = np.concatenate(
        [directions(line, 0.0, reach_m=_LOOK_M) for line in (streets, shapely.reverse(streets))]
    )
    order = np.lexsort([segment, end, np.arctan2(heading[:, 1], heading[:, 0]), node])
    segment, end, node, heading = segment[order], end[order], node[order], heading[order]
    begins = np.diff(node, prepend=-1) != 0
    starts = np.flatnonzero(begins)
    after = np.arange(1, len(node) + 1)
    after[np.append(starts, len(node))[1:] - 1] = starts
    return _Arms(segment, end, xy[node], heading, offset_m[segment], after)


def _meeting(arms: _Arms) -> Floats:
    """Return where the strips of each arm and the next meet, off their junction, (2 s, 2).

    The point lies at the offset of either from its road; the stiffness decides where two roads in
    line have different offsets. On the outer side of a bend it is drawn in to the offset.
    """
    ahead, next_ahead = arms.heading, arms.heading[arms.after]
    one = np.column_stack([-ahead[:, 1], ahead[:, 0]])
    other = np.column_stack([next_ahead[:, 1], -next_ahead[:, 0]])
    offset, next_offset = arms.offset_m, arms.offset_m[arms.after]
    matrix = one[:, :, None] * one[:, None, :] + other[:, :, None] * other[:, None, :]
    matrix += _STIFF * np.eye(2)
    wanted = offset[:, None] * one + next_offset[:, None] * other
    point = np.asarray(np.linalg.solve(matrix, wanted[:, :, None])[:, :, 0], dtype=np.float64)
    reach = np.maximum(offset, next_offset)
    outer = ((point * ahead).sum(axis=1) < 0) & ((point * next_ahead).sum(axis=1) < 0)
    most = np.where(outer, 1.0, _FARTHEST) * reach
    size = np.hypot(*point.T)
    return point * np.minimum(1.0, most / np.where(size > 0, size, 1.0))[:, None]


def corners(streets: Objects, offset_m: Floats) -> Corners:
    """Find the corners of all junctions.

    Parameters
    ----------
    streets
        Lines of the segments, whose ends meet within a millimetre, (s,).
    offset_m
        Distance of the trenches from the middle of each, 0 where there is one in the middle, (s,).
    """
    arms = _arms(streets, offset_m)
    every = np.arange(len(arms.segment))
    left, right = every, arms.before
    narrow = arms.offset_m == 0
    label = _joined(len(every), left[narrow], right[narrow])
    wide_corner = ~narrow | ~narrow[arms.after]
    place = _centres(_meeting(arms), wide_corner, label)
    _, inside = np.unique(label, return_index=True)
    xy = arms.junction_xy[inside] + place
    together = ~narrow & (label[left] == label[right])
    return _assemble(arms, xy, label, together, shapely.length(streets))


def _joined(count: int, one: Ints, other: Ints) -> Ints:
    links = coo_array((np.ones(len(one), np.int8), (one, other)), shape=(count, count))
    return np.asarray(connected_components(links, directed=False)[1], dtype=np.int64)


def _centres(point: Floats, counted: Bools, label: Ints) -> Floats:
    """Return the mean of the counted points of each label; the junction where none counts."""
    size = int(label.max(initial=-1)) + 1
    number = np.bincount(label[counted], minlength=size)
    total = [np.bincount(label[counted], weights=xy[counted], minlength=size) for xy in point.T]
    return np.asarray(np.column_stack(total) / np.maximum(number, 1)[:, None])


def _assemble(arms: _Arms, xy: Floats, label: Ints, together: Bools, length_m: Floats) -> Corners:
    """Give both sides of every arm their corner, and every wide arm its crossing.

    A wide arm whose sides fall together, at a dead end or where the road narrows, gets two corners
    of its own, which crossings of half its width join with the common one.
    """
    count = len(length_m)
    sides = np.column_stack([label, label[arms.before]])
    alone = np.flatnonzero(together)
    normal = np.column_stack([-arms.heading[:, 1], arms.heading[:, 0]])
    shift = arms.offset_m[:, None] * normal
    own_xy = np.concatenate(
        [arms.junction_xy[alone] + shift[alone], arms.junction_xy[alone] - shift[alone]]
    )
    common = sides[alone, 0]
    own = len(xy) + np.arange(2 * len(alone)).reshape(2, -1)
    sides[alone] = own.T
    every_xy = np.concatenate([xy, own_xy])
    plain = np.flatnonzero((arms.offset_m > 0) & ~together)
    across_node = np.concatenate(
        [sides[plain], np.column_stack([own[0], common]), np.column_stack([common, own[1]])]
    )
    away = every_xy[sides] - arms.junction_xy[:, None, :]
    ahead_m = (away * arms.heading[:, None, :]).sum(axis=2)
    ahead_m = np.clip(ahead_m, 0.0, _SHARE * length_m[arms.segment][:, None])
    node = np.empty((2, count, 2), dtype=np.int64)
    cut_m = np.empty((2, count, 2))
    for end in (0, 1):
        here = arms.end == end
        # seen from the last end, left of the arm is right of the segment
        order = [0, 1] if end == 0 else [1, 0]
        node[end, arms.segment[here]] = sides[here][:, order]
        cut_m[end, arms.segment[here]] = ahead_m[here][:, order]
    return Corners(
        xy=every_xy,
        node=node,
        cut_m=cut_m,
        across=arms.segment[np.concatenate([plain, alone, alone])],
        across_node=across_node,
    )
