"""Cut lines into short straight pieces."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from geo.lines import Floats, Ints, Lines, interpolate, measures, vertices


@dataclass(frozen=True, slots=True, eq=False)
class Pieces:
    """Straight pieces of lines, in order of line and measure.

    Parameters
    ----------
    line
        Position of the line of each piece, shape (n,).
    from_m, to_m
        Measures of its ends on the line, through the parts of a MultiLineString in order.
    start, end, heading
        Coordinates of its ends and unit direction, shape (n, 2).
    """

    line: Ints
    from_m: Floats
    to_m: Floats
    start: Floats
    end: Floats
    heading: Floats


def pieces(
    lines: Lines, *, step_m: float, beside: Lines | None = None, reach_m: float = 0.0
) -> Pieces:
    """Cut lines at their vertices, beside given points, and into equal steps between.

    Parameters
    ----------
    lines
        LineStrings or MultiLineStrings in metres; None and empty ones give no piece.
    step_m
        Greatest length of a piece in metres.
    beside, reach_m
        Points beside which lines are cut too, where they lie within this many metres.
    """
    parts, owner = shapely.get_parts(lines, return_index=True)
    xy, part = vertices(parts)
    at = measures(xy, part)
    if beside is not None:
        point, near = shapely.STRtree(parts).query(beside, predicate="dwithin", distance=reach_m)
        part = np.concatenate([part, near])
        at = np.concatenate([at, shapely.line_locate_point(parts[near], beside[point])])
        order = np.lexsort([at, part])
        part, at = part[order], at[order]
    part, first, last = _stepped(part, at, step_m)
    start, end = interpolate(parts, part, first), interpolate(parts, part, last)
    along = end - start
    base = _base(shapely.length(parts), owner)[part]
    return Pieces(
        owner[part].astype(np.int64), first + base, last + base, start, end,
        along / np.hypot(*along.T)[:, None],
    )  # fmt: skip


def _stepped(part: Ints, at: Floats, step_m: float) -> tuple[Ints, Floats, Floats]:
    """Divide the stretches between successive measures into equal steps."""
    stretch = np.flatnonzero((part[1:] == part[:-1]) & (at[1:] - at[:-1] > 1e-6))
    steps = np.ceil((at[stretch + 1] - at[stretch]) / step_m).astype(np.int64)
    which, steps_of = np.repeat(stretch, steps), np.repeat(steps, steps)
    number = np.arange(len(which)) - np.repeat(np.cumsum(steps) - steps, steps)
    width = at[which + 1] - at[which]
    first, last = number / steps_of * width, (number + 1) / steps_of * width
    return part[which], at[which] + first, at[which] + last


def _base(length_m: Floats, owner: Ints) -> Floats:
    """Return the measure at which each part begins on its line."""
    before = np.cumsum(length_m) - length_m
    _, first, parts = np.unique(owner, return_index=True, return_counts=True)
    return np.asarray(before - np.repeat(before[first], parts))
