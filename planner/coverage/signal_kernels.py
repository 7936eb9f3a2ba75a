"""Compiled search for the best server: one terrain profile a mast and receiver, all its cells.

Profiles are sampled at equal steps straight from the terrain grid in single precision. A profile
serves every frequency and sector of its mast, and is not computed at all where free space alone
already keeps every cell of the mast below what the receiver has.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from planner.coverage.p1812_kernels import LOWEST, Path, even_sums, smooth_earth
from planner.coverage.serving_kernels import (
    DEEPEST_M,
    SNAP_PX,
    Best,
    Model,
    Scene,
    Surface,
    paths,
    serve,
    worth,
    write,
)

Floats = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]
Integers = npt.NDArray[np.int64]

_NEARLY_M = 1e-5
"""Metres a step within which a path counts as both in sight and not: rounding decides later."""

_FAST = {"nnan", "ninf", "nsz", "arcp", "contract", "afn", "reassoc"}


class Scratch(NamedTuple):
    """Buffers of one thread and tables of 1/j and 1/sqrt(j)."""

    profile_m: Singles
    inverse: Singles
    root: Singles


def scratch(model: Model) -> Scratch:
    """Return buffers that are long enough for the model's longest profile."""
    size = int(model.reach_m / model.step_m) + 4
    j = np.maximum(np.arange(size), 1)
    return Scratch(
        np.empty(size, np.float32),
        (1.0 / j).astype(np.float32),
        (1.0 / np.sqrt(j)).astype(np.float32),
    )


@njit(cache=True, nogil=True, error_model="numpy", fastmath=_FAST)
def sample(surface: Surface, x0: float, y0: float, x1: float, y1: float,
            n: int, t: float, profile: Singles) -> float:  # fmt: skip
    """Fill `profile` with n + 1 bilinear heights, the last at the end; return the lowest.

    The others lie at 0, 1 ... n - 1 of the `t` steps from (x0, y0) to (x1, y1). Single precision
    is fine enough for a profile, and faster than `sweep_kernels.ground` at each point.
    """
    height = surface.height_m
    rows, columns = height.shape
    column = np.float32((x0 - surface.left_m) / surface.pixel_m)
    row = np.float32((surface.top_m - y0) / surface.pixel_m)
    across = np.float32((x1 - x0) / surface.pixel_m / t)
    down = np.float32((y0 - y1) / surface.pixel_m / t)
    lowest, snap = np.float32(-LOWEST), np.float32(SNAP_PX)
    for k in range(n + 1):
        step = np.float32(k) if k < n else np.float32(t)
        c = column + across * step
        r = row + down * step
        i = min(max(int(r + snap), 0), rows - 2)
        j = min(max(int(c + snap), 0), columns - 2)
        u = c - np.float32(j)
        v = r - np.float32(i)
        u = u if abs(u) > snap else np.float32(0.0)
        v = v if abs(v) > snap else np.float32(0.0)
        top = height[i, j] + u * (height[i, j + 1] - height[i, j])
        bottom = height[i + 1, j] + u * (height[i + 1, j + 1] - height[i + 1, j])
        h = top + v * (bottom - top)
        profile[k] = h
        lowest = min(lowest, h)
    return float(lowest)


@njit(cache=True, nogil=True, error_model="numpy", fastmath=_FAST)
def _path(n: int, t: float, dx: float, model: Model, antenna_m: float, work: Scratch) -> Path:
    """Return the extremes of the profile in `work`, as `p1812_kernels.Path`.

    The profile is `t` steps of `dx` km long; its last point, n, is the end.
    """
    h, inverse, root = work.profile_m, work.inverse, work.root
    hts = np.float32(h[0] + antenna_m)
    hrs = np.float32(h[n] + model.receiver_m)
    end = np.float32(t)
    fall = (hrs - hts) / end
    bend = np.float32(500.0 / model.radius_km * dx * dx)
    slope_t = slope_r = plain_t = plain_r = obstruction = np.float32(LOWEST)
    total = moment = np.float32(0.0)
    for j in range(1, n):
        near = np.float32(j)
        far = end - near
        t_slope = (h[j] - hts) * inverse[j]
        r_slope = (h[j] - hrs) / far
        plain_t, plain_r = max(plain_t, t_slope), max(plain_r, r_slope)
        slope_t, slope_r = max(slope_t, t_slope + bend * far), max(slope_r, r_slope + bend * near)
        obstruction = max(obstruction, h[j] - fall * near)
        rise = h[j] - h[0]
        total += rise
        moment += rise * near
    clearance = np.float32(LOWEST)
    if slope_t < fall + np.float32(_NEARLY_M):
        for j in range(1, n):
            near = np.float32(j)
            far = end - near
            above = h[j] - hts - fall * near + bend * near * far
            clearance = max(clearance, above * root[j] / np.sqrt(far))
    ground = float(h[0])
    rise = float(h[n]) - ground
    v1, v2 = even_sums(n, t, float(total), float(moment), float(h[n - 1]) - ground, rise)
    hstd, hsrd = smooth_earth(
        t * dx, dx * v1, dx * dx * v2, float(obstruction - hts),
        float(plain_t - fall), float(plain_r + fall), 0.0, rise,
    )  # fmt: skip
    return Path(
        t * dx, float(hts), float(hrs), float(slope_t) / dx, float(slope_r) / dx,
        float(clearance) / dx, ground + hstd, ground + hsrd,
    )  # fmt: skip


@njit(cache=True, nogil=True, error_model="numpy", fastmath=_FAST)
def hear(
    scene: Scene, work: Scratch, m: int, x: float, y: float, receiver: int,
    best: Best,
) -> bool:  # fmt: skip
    """Let mast m compete at (x, y) by a profile of its own; return False where that has a void.

    The profile has a point at each whole step from the mast, the last of them half a step to one
    and a half before the receiver; on a path shorter than that, one at two thirds. `receiver` is
    the row in `best`.
    """
    model, masts = scene.model, scene.masts
    east, north = x - masts.x_m[m], y - masts.y_m[m]
    apart = max(math.hypot(east, north), 0.5 * model.step_m)
    n = max(2, int(apart / model.step_m + 0.5))
    step_m = min(model.step_m, apart / 1.5)
    if sample(scene.surface, masts.x_m[m], masts.y_m[m], x, y, n, apart / step_m,
               work.profile_m) < DEEPEST_M:  # fmt: skip
        return False
    path = _path(n, apart / step_m, 0.001 * step_m, model, masts.height_m[m], work)
    heard = paths(1, 0.001 * step_m)
    heard.receiver[0], heard.steps[0], heard.bearing_rad[0] = receiver, n, math.atan2(east, north)
    write(heard.path, 0, path)
    serve(scene, m, heard, best)
    return True


@njit(cache=True, nogil=True, error_model="numpy", fastmath=_FAST)
def best_server(
    scene: Scene, work: Scratch, order: Integers, xy_m: Floats, best: Best
) -> tuple[int, int]:
    """Find the strongest cell of each operator at each receiver, and count those that count.

    `order` lists the masts to try, nearest first for speed; `best` comes in holding the floor, -1
    and 0 and goes out holding the received power, the cell and the number of servers. Returns how
    many profiles were computed, and how many given up over a void.
    """
    masts, model = scene.masts, scene.model
    found = voids = 0
    for i in range(len(xy_m)):
        x, y = xy_m[i]
        for m in order:
            east, north = x - masts.x_m[m], y - masts.y_m[m]
            apart = max(math.hypot(east, north), 0.5 * model.step_m)
            if apart > model.reach_m:
                continue
            if not worth(scene, m, 0.001 * apart, math.atan2(east, north), best, i):
                continue
            if hear(scene, work, m, x, y, i, best):
                found += 1
            else:
                voids += 1
    return found, voids
