"""Steps of the primal-dual method, compiled, for the linear relaxation as a saddle point.

The relaxation is max over 0 <= x <= 1, min over 0 <= cover <= weight, price >= 0 of

    sum(weight - cover) + (reach^T cover - charge - price size) . x + price budget

and each step moves x up and then cover and price down along its slopes.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from planner.coverage.siting.problem import Sight

Floats = NDArray[np.float64]


class Data(NamedTuple):
    """A problem in floating point, its amounts by the mean weight of a point that has any."""

    weight: Floats
    charge: Floats
    size: Floats
    budget: float


class Point(NamedTuple):
    """Shares of the candidates, multipliers of the points, and the budget's in an array of one."""

    x: Floats
    cover: Floats
    price: Floats


@njit(cache=True, nogil=True, error_model="numpy")
def _raise_shares(sight: Sight, data: Data, at: Point, ahead: Floats, ratio: float) -> None:
    """Move the shares; `ahead` becomes the point as far beyond them as they moved."""
    for site in range(len(at.x)):
        slope = -data.charge[site] - at.price[0] * data.size[site]
        first, last = sight.row[site], sight.row[site + 1]
        for place in range(first, last):
            slope += at.cover[sight.points[place]]
        moved = at.x[site] + ratio * slope / (last - first + 1)
        moved = min(1.0, max(0.0, moved))
        ahead[site] = 2.0 * moved - at.x[site]
        at.x[site] = moved


@njit(cache=True, nogil=True, error_model="numpy")
def _lower_multipliers(sight: Sight, data: Data, at: Point, ahead: Floats, ratio: float) -> None:
    """Move the multipliers against the slopes at `ahead`."""
    at.price[0] += (np.dot(data.size, ahead) - data.budget) / (ratio * data.size.sum())
    at.price[0] = max(0.0, at.price[0])
    for point in range(len(at.cover)):
        first, last = sight.column[point], sight.column[point + 1]
        slope = 1.0
        for place in range(first, last):
            slope -= ahead[sight.sites[place]]
        moved = at.cover[point] + slope / (ratio * max(1, last - first))
        at.cover[point] = min(data.weight[point], max(0.0, moved))


@njit(cache=True, nogil=True, error_model="numpy")
def run(sight: Sight, data: Data, at: Point, steps: int, ratio: float) -> Point:
    """Move `at` by some steps and return the mean of the points passed.

    Parameters
    ----------
    ratio
        Length of a step of the shares by that of the multipliers; each is divided by the number of
        entries of its row or column, so that any ratio converges.
    """
    mean = Point(np.zeros_like(at.x), np.zeros_like(at.cover), np.zeros(1))
    ahead = np.empty_like(at.x)
    for _ in range(steps):
        _raise_shares(sight, data, at, ahead, ratio)
        _lower_multipliers(sight, data, at, ahead, ratio)
        mean.x[:] += at.x
        mean.cover[:] += at.cover
        mean.price[:] += at.price
    return Point(mean.x / steps, mean.cover / steps, mean.price / steps)
