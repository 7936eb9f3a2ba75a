"""Compiled choice of the pixels that a mast could serve, ray by ray and outwards.

The rays leave a mast at equal angles, clockwise from the north, and a pixel belongs to the nearest
one. A fan is some neighbouring rays: it is worked off on its own, and no pixel is in two of them.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from planner.coverage.serving_kernels import Best, Scene, worth

Singles = npt.NDArray[np.float32]
Indices = npt.NDArray[np.int32]

UNWANTED_DBM = np.float32(1.0e9)
"""Power that stands on pixels outside the area."""

_FAST = {"nnan", "ninf", "nsz", "arcp", "contract", "afn", "reassoc"}


class Raster(NamedTuple):
    """Signal on square pixels, (left, top) is the first pixel's centre.

    The receivers of `best` are the pixels, row after row; those outside the area hold
    `UNWANTED_DBM`.
    """

    left_m: float
    top_m: float
    pixel_m: float
    columns: int
    best: Best


class Fan(NamedTuple):
    """Rays `first` to `last` - 1 of the `rays` that leave mast `m`.

    The fan spans less than half a turn; `reach_m` is the greatest distance of its pixels.
    """

    m: int
    rays: int
    first: int
    last: int
    reach_m: float


class Receivers(NamedTuple):
    """Pixels of a fan: number in the raster, ray of the fan, steps and vector from the mast."""

    pixel: Indices
    ray: Indices
    steps: Indices
    east_m: Singles
    north_m: Singles


@njit(cache=True, nogil=True, error_model="numpy", fastmath=_FAST)
def _columns(y_m: float, begin: float, end: float, reach_m: float) -> tuple[float, float]:
    """Return from where to where east of the mast a row of pixels lies in a sector.

    `y_m` is the row's distance north of the mast; the sector opens clockwise from the bearing
    `begin` to the bearing `end`, less than half a turn. An empty answer ends before it begins.
    """
    half = math.sqrt(max(reach_m * reach_m - y_m * y_m, 0.0))
    low, high = -half, half
    for bearing, side in ((begin, 1.0), (end, -1.0)):
        # a point x east lies in the half-plane where side * (x * cos - y * sin) >= 0
        across, along = side * math.cos(bearing), side * y_m * math.sin(bearing)
        if across > 1e-9:
            low = max(low, along / across)
        elif across < -1e-9:
            high = min(high, along / across)
        elif along > 0.0:
            high = low - 1.0
    return low, high


@njit(cache=True, nogil=True, error_model="numpy", fastmath=_FAST)
def _span(raster: Raster, fan: Fan, x: float, y: float, row: int) -> tuple[int, int]:
    """Return first and behind the last column of a row that may hold pixels of a fan."""
    turn = 2.0 * math.pi / fan.rays
    north = raster.top_m - row * raster.pixel_m - y
    low, high = _columns(north, (fan.first - 0.5) * turn, (fan.last - 0.5) * turn, fan.reach_m)
    first = math.floor((x + low - raster.left_m) / raster.pixel_m) - 1
    last = math.ceil((x + high - raster.left_m) / raster.pixel_m) + 2
    return max(first, 0), min(last, raster.columns)


@njit(cache=True, nogil=True, error_model="numpy", fastmath=_FAST)
def _rows(raster: Raster, fan: Fan, y: float) -> tuple[int, int]:
    """Return first and behind the last row of the raster within reach."""
    rows = len(raster.best.dbm) // raster.columns
    first = math.ceil((raster.top_m - y - fan.reach_m) / raster.pixel_m)
    last = math.floor((raster.top_m - y + fan.reach_m) / raster.pixel_m) + 1
    return max(first, 0), min(last, rows)


@njit(cache=True, nogil=True, error_model="numpy", fastmath=_FAST)
def gather(scene: Scene, raster: Raster, fan: Fan) -> Receivers:
    """Return the pixels of a fan that its mast could serve, as far as free space tells."""
    x, y = scene.masts.x_m[fan.m], scene.masts.y_m[fan.m]
    best, step = raster.best, scene.model.step_m
    top, bottom = _rows(raster, fan, y)
    size = 0
    for i in range(top, bottom):
        first, last = _span(raster, fan, x, y, i)
        size += max(last - first, 0)
    pixel, ray, steps = np.empty(size, np.int32), np.empty(size, np.int32), np.empty(size, np.int32)
    east_m, north_m = np.empty(size, np.float32), np.empty(size, np.float32)
    count = 0
    for i in range(top, bottom):
        first, last = _span(raster, fan, x, y, i)
        north = raster.top_m - i * raster.pixel_m - y
        for j in range(first, last):
            here = i * raster.columns + j
            if best.dbm[here, 0] == UNWANTED_DBM:
                continue
            east = raster.left_m + j * raster.pixel_m - x
            apart = max(math.hypot(east, north), 0.5 * step)
            bearing = math.atan2(east, north)
            k = math.floor(bearing * fan.rays / (2.0 * math.pi) + 0.5) % fan.rays
            if apart > fan.reach_m or k < fan.first or k >= fan.last:
                continue
            if worth(scene, fan.m, 0.001 * apart, bearing, best, here):
                pixel[count], ray[count] = here, k - fan.first
                steps[count] = int(apart / step + 0.5)
                east_m[count], north_m[count] = east, north
                count += 1
    return Receivers(pixel[:count], ray[:count], steps[:count], east_m[:count], north_m[:count])


@njit(cache=True, nogil=True, error_model="numpy")
def outwards(receivers: Receivers, rays: int) -> tuple[Indices, Indices]:
    """Return the receivers by ray and then by steps, and where each of the `rays` begins."""
    every = np.arange(len(receivers.pixel)).astype(np.int32)
    order, _ = _sorted(every, receivers.steps, receivers.steps.max() + 1)
    result: tuple[Indices, Indices] = _sorted(order, receivers.ray, rays)
    return result


@njit(cache=True, nogil=True, error_model="numpy")
def _sorted(order: Indices, key: Indices, keys: int) -> tuple[Indices, Indices]:
    """Return `order` sorted stably by key, 0 to keys - 1, and where each key begins."""
    begin = np.zeros(keys + 1, np.int32)
    for k in key:
        begin[k + 1] += 1
    for k in range(keys):
        begin[k + 1] += begin[k]
    place, result = begin[:-1].copy(), np.empty_like(order)
    for position in order:
        k = key[position]
        result[place[k]] = position
        place[k] += 1
    return result, begin
