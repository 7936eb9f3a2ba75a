"""Ridges and tops of the terrain: where an antenna sees down on two sides, or on all."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import ndimage

Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

_AXES = ((0, 1), (1, 0), (1, 1), (1, -1))
"""Steps (row, column) along the four axes of a grid."""


def crests(height_m: Floats, *, reach_px: int, drop_m: float) -> tuple[Flags, Flags]:
    """Return which pixels lie on a ridge or a top, and which of them on a top.

    A pixel lies on a ridge where, along one of four axes at least, nothing within reach is higher
    and the ground falls by `drop_m` on both sides; on a top where this holds along all four.

    Parameters
    ----------
    height_m
        Shape (rows, columns); NaN, and beyond the edge, counts as not falling.
    reach_px
        How many pixels to either side are looked at, at least 1; along diagonals as many steps.
    drop_m
        Least fall on either side.

    References
    ----------
    Peucker and Douglas (1975), Detection of surface-specific points by local parallel processing of
    discrete terrain elevation data: maxima across one axis.

    Examples
    --------
    >>> import numpy as np
    >>> roof = np.tile([0.0, 10.0, 20.0, 10.0, 0.0], (5, 1))
    >>> ridge, top = crests(roof, reach_px=1, drop_m=5.0)
    >>> ridge[2].tolist(), bool(top.any())
    ([False, False, True, False, False], False)
    """
    across = np.stack([_maximal(height_m, axis, reach_px, drop_m) for axis in _AXES])
    return np.asarray(across.any(axis=0)), np.asarray(across.all(axis=0))


def _maximal(height_m: Floats, axis: tuple[int, int], reach_px: int, drop_m: float) -> Flags:
    """Return where the ground is highest along an axis and falls on both sides."""
    low = np.where(np.isnan(height_m), np.inf, height_m)
    high = np.where(np.isnan(height_m), -np.inf, height_m)
    side = 2 * reach_px + 1
    ahead = np.zeros((side, side), dtype=bool)
    for step in range(1, reach_px + 1):
        ahead[reach_px + step * axis[0], reach_px + step * axis[1]] = True
    behind = ahead[::-1, ::-1]
    around = ahead | behind
    highest = ndimage.maximum_filter(high, footprint=around, mode="constant", cval=-np.inf)
    falls = [
        ndimage.minimum_filter(low, footprint=half, mode="constant", cval=np.inf)
        <= height_m - drop_m
        for half in (ahead, behind)
    ]
    return np.asarray((height_m >= highest) & falls[0] & falls[1])
