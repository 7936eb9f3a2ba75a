"""One pipe between two manholes: the highest level at which it can arrive.

A pipe is straight. Its two levels are bounded by the level that arrives before it, by the ground
above it (cover) and around it (depth), and by its slope; all of these are linear, so that the
highest arrival follows by eliminating the upper end from every pair of bounds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from planner.extension.arrays import Floats
from planner.extension.gravity.limits import Limits

TOLERANCE_M = 1e-9


@dataclass(frozen=True, slots=True)
class Span:
    """The ground over one pipe: shares 0 to 1 of its length and the invert's bounds there.

    `share` begins with 0 and ends with 1; `ceiling_m` and `floor_m` bound the invert, (k,).
    """

    length_m: float
    share: Floats
    ceiling_m: Floats
    floor_m: Floats


def highest(span: Span, arrives_m: float, limits: Limits) -> tuple[float, float] | None:
    """Return the levels at which the pipe leaves and arrives, the arrival as high as possible.

    Parameters
    ----------
    span
        The ground over the pipe.
    arrives_m
        Level at the upper manhole, below which the pipe may leave by a drop.
    limits
        Slopes of the pipe.

    Returns
    -------
    tuple or None
        Upper and lower level of the invert; of all pipes that arrive as high, the one that leaves
        highest. None where no pipe keeps all bounds.
    """
    inner = span.share < 1.0
    share, rest = span.share[inner], 1.0 - span.share[inner]
    turn = -share / rest
    fall_m = limits.most_slope * span.length_m
    upper = np.concatenate([[arrives_m, fall_m], span.ceiling_m[inner] / rest])
    upper_by = np.concatenate([[0.0, 1.0], turn])
    lower = np.concatenate([[limits.least_slope * span.length_m], span.floor_m[inner] / rest])
    lower_by = np.concatenate([[1.0], turn])
    room = upper[None, :] - lower[:, None]
    lean = lower_by[:, None] - upper_by[None, :]
    if (room[lean == 0.0] < -TOLERANCE_M).any():
        return None
    rising, falling = lean > 0.0, lean < 0.0
    most_m = min(float(span.ceiling_m[-1]), *(room[rising] / lean[rising]))
    least_m = max(float(span.floor_m[-1]), *(room[falling] / lean[falling]), -np.inf)
    if least_m > most_m + TOLERANCE_M:
        return None
    return float((upper + upper_by * most_m).min()), most_m
