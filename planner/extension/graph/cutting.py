"""Lanes cut into edges wherever a link, a crossing or the end of an open trench meets them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from planner.extension.arrays import Bools, Floats, Ints
from planner.extension.graph.lanes import Lanes

Opening = tuple[float, float] | tuple[float, float, str]
"""from_m, to_m and, where it is known, the side that a planned work opens."""
Stretches = Mapping[str, Sequence[Opening]]
"""Segment id to the stretches that planned works hold open."""

_SIDES = {"left": 1, "right": -1}


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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cut:
    """Lanes cut into edges; n nodes, e edges in the order of the lanes and along each.

    Parameters
    ----------
    node_xy
        Corners of the junctions first, then the places where lanes are cut, (n, 2).
    lane, from_m, to_m
        Lane and stretch of each edge, (e,).
    u, v
        Its nodes, (e,).
    asked_lane, asked_mark, asked_node
        Every mark that was asked for on every lane of its segment, and its node: at junctions the
        corner, (a,), sorted by lane and mark.
    """

    node_xy: Floats
    lane: Ints
    from_m: Floats
    to_m: Floats
    u: Ints
    v: Ints
    asked_lane: Ints
    asked_mark: Ints
    asked_node: Ints

    def find(self, lane: Ints, mark: Ints) -> Ints:
        """Return the nodes of marks that were asked for."""
        stride = int(self.asked_mark.max(initial=0)) + 1
        keys = self.asked_lane * stride + self.asked_mark
        found: Ints = self.asked_node[np.searchsorted(keys, lane * stride + mark)]
        return found


def cut(lanes: Lanes, marks: Marks, segment: Ints, mark: Ints) -> Cut:
    """Cut all lanes of segments at the marks asked for.

    Parameters
    ----------
    lanes
        Where trenches can lie.
    marks
        The scale.
    segment, mark
        Where to cut, (k,), in any order, repetitions allowed. A mark within half a step of a
        lane's end, or in the junction beyond it, is the corner there.
    """
    lane, mark = _asked(lanes, segment, mark)
    position_m = marks.position_m(lanes.segment[lane], mark)
    start_m, end_m = lanes.start_m[lane], lanes.end_m[lane]
    least_m = marks.snap_m / 2
    inner = (position_m > start_m + least_m) & (position_m < end_m - least_m)
    node = np.where(position_m - start_m < end_m - position_m, lanes.start_node[lane],
                    lanes.end_node[lane])  # fmt: skip
    corner_xy = lanes.corners.xy
    node[inner] = len(corner_xy) + np.arange(np.count_nonzero(inner))
    inner_xy = lanes.strips.at(lane[inner], position_m[inner])
    every = np.arange(len(lanes.segment))
    place_lane = np.concatenate([every, lane[inner], every])
    place_m = np.concatenate([lanes.start_m, position_m[inner], lanes.end_m])
    place_node = np.concatenate([lanes.start_node, node[inner], lanes.end_node])
    rank = np.repeat([0, 1, 2], [len(every), int(inner.sum()), len(every)])
    order = np.lexsort([place_m, rank, place_lane])
    place_lane, place_m, place_node = place_lane[order], place_m[order], place_node[order]
    first = np.flatnonzero(place_lane[:-1] == place_lane[1:])
    return Cut(
        node_xy=np.concatenate([corner_xy, inner_xy]),
        lane=place_lane[first],
        from_m=place_m[first],
        to_m=place_m[first + 1],
        u=place_node[first],
        v=place_node[first + 1],
        asked_lane=lane,
        asked_mark=mark,
        asked_node=node,
    )


def _asked(lanes: Lanes, segment: Ints, mark: Ints) -> tuple[Ints, Ints]:
    """Return every mark once on every lane of its segment, sorted."""
    stride = int(mark.max(initial=0)) + 1
    keys = np.unique(segment * stride + mark)
    segment, mark = keys // stride, keys % stride
    count = lanes.first[segment + 1] - lanes.first[segment]
    lane = np.concatenate([lanes.first[segment], lanes.first[segment[count == 2]] + 1])
    mark = np.concatenate([mark, mark[count == 2]])
    order = np.lexsort([mark, lane])
    return lane[order], mark[order]


def stretches(opened: Stretches, segment_ids: Sequence[str]) -> tuple[Ints, Floats, Ints]:
    """Return open stretches as segments, (k,), from_m and to_m, (k, 2), and sides, (k,).

    The side is 1 for left, -1 for right, 0 where it is not known.
    """
    place = {segment_id: i for i, segment_id in enumerate(segment_ids)}
    rows = [
        (place[segment_id], stretch[0], stretch[1], _SIDES[stretch[2]] if len(stretch) == 3 else 0)
        for segment_id, some in opened.items()
        if segment_id in place
        for stretch in some
    ]
    table = np.array(rows, dtype=float).reshape(-1, 4)
    return table[:, 0].astype(np.int64), table[:, 1:3], table[:, 3].astype(np.int64)


def inside(segment: Ints, side: Ints, middle_m: Floats, opened: tuple[Ints, Floats, Ints]) -> Bools:
    """Return which edges, given by segment, side and middle, lie in an open stretch.

    A stretch opens the lane on its side, and the one lane of a narrow road whatever its side.
    """
    result = np.zeros(len(segment), dtype=bool)
    order = np.argsort(segment, kind="stable")
    of_segment = np.searchsorted(segment[order], np.arange(segment.max(initial=-1) + 2))
    for owner, (from_m, to_m), beside in zip(*opened, strict=True):
        here = order[of_segment[owner] : of_segment[owner + 1]]
        result[here] |= (
            (from_m <= middle_m[here]) & (middle_m[here] <= to_m) & (side[here] * beside >= 0)
        )
    return result
