"""Compiled upper convex hull of a growing profile, and what a receiver asks of it.

Points come in from left to right. A line that no point rises above touches the points at a vertex
of their upper hull, so each question looks at the hull alone, and by bisection, since the slopes
of its edges fall from left to right.

A hull is an array of shape (n, 3) and a count of vertices; a vertex is its position, its height
and the slope of the edge that leads to it from the left.

References
----------
Graham (1972): a hull of sorted points by adding each and dropping what it hides.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

Floats = npt.NDArray[np.float64]

POSITION, HEIGHT, SLOPE = 0, 1, 2
_FAST = {"nnan", "ninf", "nsz", "arcp", "contract", "afn", "reassoc"}


@njit(cache=True, nogil=True, error_model="numpy", fastmath=_FAST)
def push(hull: Floats, size: int, position: float, height: float) -> int:
    """Add a point right of all others to a hull of `size` vertices; return its new size."""
    last = size - 1
    while last > 0:
        run, rise = position - hull[last, POSITION], height - hull[last, HEIGHT]
        if rise < hull[last, SLOPE] * run:
            break
        last -= 1
    slope = 0.0
    if last >= 0:
        slope = (height - hull[last, HEIGHT]) / (position - hull[last, POSITION])
    hull[last + 1, POSITION] = position
    hull[last + 1, HEIGHT] = height
    hull[last + 1, SLOPE] = slope
    return last + 2


@njit(cache=True, nogil=True, error_model="numpy", fastmath=_FAST)
def tangent(hull: Floats, size: int, x: float, y: float) -> float:
    """Return the steepest rise to the left, per unit of position, from (x, y) right of the hull.

    The tangent touches the last vertex whose edge from the left passes above (x, y) when it is
    drawn on; further edges pass lower and lower, since a hull bends down only.
    """
    low, high = 0, size - 1
    while low < high:
        middle = (low + high + 1) >> 1
        run = x - hull[middle, POSITION]
        if hull[middle, HEIGHT] + hull[middle, SLOPE] * run > y:
            low = middle
        else:
            high = middle - 1
    steepest: float = (hull[low, HEIGHT] - y) / (x - hull[low, POSITION])
    return steepest


@njit(cache=True, nogil=True, error_model="numpy", fastmath=_FAST)
def summit(hull: Floats, size: int, slope: float) -> float:
    """Return the greatest height above a line through (0, 0) of the given slope."""
    low, high = 0, size - 1
    while low < high:
        middle = (low + high + 1) >> 1
        if hull[middle, SLOPE] > slope:
            low = middle
        else:
            high = middle - 1
    above: float = hull[low, HEIGHT] - slope * hull[low, POSITION]
    return above
