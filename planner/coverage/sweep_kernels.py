"""Compiled radial sweep: one mast's signal on a raster, from profiles that many pixels share.

A pixel's profile is the ground of its ray at whole steps from the mast, up to half a step before
the pixel, and then its own ground at its own distance: only what lies between is displaced, by
less than half the spacing of the rays. Along a ray the extremes of P.1812 grow with the ray or
follow from upper hulls, so a pixel costs a few steps instead of a profile; none of them depends on
the frequency, so all bands of a mast share them.

References
----------
ITU-R P.1812-7 (2023), Annex 1, 4.3.1 to 4.3.4 and Attachment 1 to Annex 1, 5.6.2.
Franklin and Ray (1994): visibility from a point over a raster, along rays that pixels share (R2).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from planner.coverage.fan_kernels import Fan, Raster, Receivers, gather, outwards
from planner.coverage.hull_kernels import push, summit, tangent
from planner.coverage.p1812_kernels import (
    LOWEST,
    WAVELENGTH_M_GHZ,
    Path,
    even_sums,
    smooth_earth,
)
from planner.coverage.serving_kernels import (
    DEEPEST_M,
    SNAP_PX,
    Heard,
    Scene,
    Surface,
    paths,
    serve,
    write,
)
from planner.coverage.signal_kernels import Scratch, hear

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int32]

EXACT_STEPS = 4
"""Pixels nearer than so many steps get a profile of their own: there are few of them."""

_NU_WITHOUT_LOSS = -0.78
_NEARLY_M = 1e-6
"""Metres a step within which a path counts as both in sight and not: rounding decides later."""

_FAST = {"nnan", "ninf", "nsz", "arcp", "contract", "afn", "reassoc"}


class Ray(NamedTuple):
    """Ground along a ray, at whole steps from the mast, and its two hulls.

    `rise_m` is height above the mast's ground; `bent_m` is that less the fall of the effective
    Earth, so that its straight lines are the curved ones of the ground.
    """

    rise_m: Floats
    bent_m: Floats
    plain_hull: Floats
    bent_hull: Floats


class Met(NamedTuple):
    """What a ray has met before point `n`: sizes of its hulls, greatest slopes, sums.

    Slopes are in metres a step as seen from the antenna; see `p1812_kernels.even_sums`.
    """

    n: int
    plain_size: int
    bent_size: int
    plain_slope: float
    bent_slope: float
    total: float
    moment: float


class Link(NamedTuple):
    """What the paths of one mast have in common: antennas above ground, step and its bulge.

    `bend_m` is by how much the effective Earth falls off over the first step; `lowest_ghz` is the
    mast's lowest frequency, at which the path's surroundings reach furthest.
    """

    antenna_m: float
    receiver_m: float
    step_km: float
    bend_m: float
    lowest_ghz: float


@njit(cache=True, nogil=True, error_model="numpy", fastmath=_FAST)
def ground(surface: Surface, x: float, y: float) -> float:
    """Return the bilinear height at a point, below `DEEPEST_M` beside a void.

    Outside the outermost centres of pixels the height is that of the nearest.
    """
    height = surface.height_m
    rows, columns = height.shape
    c = min(max((x - surface.left_m) / surface.pixel_m, 0.0), columns - 1.0)
    r = min(max((surface.top_m - y) / surface.pixel_m, 0.0), rows - 1.0)
    i, j = min(int(r + SNAP_PX), rows - 2), min(int(c + SNAP_PX), columns - 2)
    u, v = c - j, r - i
    u = 0.0 if u < SNAP_PX else u
    v = 0.0 if v < SNAP_PX else v
    top = height[i, j] + u * (height[i, j + 1] - height[i, j])
    bottom = height[i + 1, j] + u * (height[i + 1, j + 1] - height[i + 1, j])
    level: float = top + v * (bottom - top)
    return level


@njit(cache=True, nogil=True, error_model="numpy")
def _link(scene: Scene, m: int) -> Link:
    """Return what the paths of a mast have in common."""
    masts, cells, model = scene.masts, scene.cells, scene.model
    lowest_ghz = masts.frequency_ghz[cells.band[masts.first_cell[m]]]
    for c in range(masts.first_cell[m], masts.first_cell[m + 1]):
        lowest_ghz = min(lowest_ghz, masts.frequency_ghz[cells.band[c]])
    step_km = 0.001 * model.step_m
    bend_m = 500.0 / model.radius_km * step_km * step_km
    return Link(masts.height_m[m], model.receiver_m, step_km, bend_m, lowest_ghz)


@njit(cache=True, nogil=True, error_model="numpy", fastmath=_FAST)
def _sight(scene: Scene, m: int, angle: float, n: int, ray: Ray) -> int:
    """Fill a ray with the ground of its points 0 to n - 1; return how many lie before a void."""
    x, y, step = scene.masts.x_m[m], scene.masts.y_m[m], scene.model.step_m
    east, north = step * math.sin(angle), step * math.cos(angle)
    bend = _link(scene, m).bend_m
    surface, rise_m, bent_m = scene.surface, ray.rise_m, ray.bent_m
    base = ground(surface, x, y)
    for j in range(n):
        rise = ground(surface, x + east * j, y + north * j) - base
        if rise < DEEPEST_M:
            return j
        rise_m[j], bent_m[j] = rise, rise - bend * j * j
    return n


@njit(cache=True, nogil=True, error_model="numpy", fastmath=_FAST)
def _meet(
    rise_m: Floats, bent_m: Floats, plain_hull: Floats, bent_hull: Floats,
    met: Met, n: int, antenna_m: float,
) -> Met:  # fmt: skip
    """Return what a ray (arrays of `Ray`) has met when its points before n are added."""
    begin, plain_size, bent_size, plain_slope, bent_slope, total, moment = met
    for j in range(begin, n):
        at, plain, bent = float(j), rise_m[j], bent_m[j]
        plain_size = push(plain_hull, plain_size, at, plain)
        bent_size = push(bent_hull, bent_size, at, bent)
        plain_slope = max(plain_slope, (plain - antenna_m) / at)
        bent_slope = max(bent_slope, (bent - antenna_m) / at)
        total += plain
        moment += plain * at
    return Met(n, plain_size, bent_size, plain_slope, bent_slope, total, moment)


@njit(cache=True, nogil=True, error_model="numpy", fastmath=_FAST)
def _clearance(
    bent_m: Floats, n: int, t: float, antenna_m: float, slope: float,
    from_tx: float, from_rx: float, limit: float,
) -> float:  # fmt: skip
    """Return the greatest clearance ratio of a path in sight, in metres a step, or `LOWEST`.

    The ratio of a point is the gap between ground and path, negative, over sqrt(near x far). Only
    a squared ratio below `limit` costs anything; `LOWEST` says that there is none. No gap is
    smaller than ``from_tx * near`` or ``from_rx * far``, those below the tangents from both ends.
    So a point counts only where ``from_tx**2 * near < limit * far`` and ``from_rx**2 * far <
    limit * near``, which leaves few of the n - 1 points, and often none.

    `slope` is that of the path in the plane of `bent_m`, `t` its length in steps.
    """
    begin = t * from_rx * from_rx / (from_rx * from_rx + limit)
    end = t * limit / (from_tx * from_tx + limit)
    least = limit
    for j in range(max(1, int(begin)), min(n, int(end) + 2)):
        gap = antenna_m + slope * j - bent_m[j]
        least = min(least, gap * gap / (j * (t - j)))
    return -math.sqrt(least) if least < limit else LOWEST


@njit(cache=True, nogil=True, error_model="numpy", fastmath=_FAST)
def _path(
    rise_m: Floats, bent_m: Floats, plain_hull: Floats, bent_hull: Floats,
    met: Met, t: float, end_m: float, link: Link,
) -> Path:  # fmt: skip
    """Return the extremes of the path to ground `t` steps away and `end_m` above the mast's.

    The arrays are those of `Ray`, one by one, since a tuple of arrays makes a call dear. Heights
    are above the mast's ground.
    """
    antenna, dx = link.antenna_m, link.step_km
    d, top = t * dx, end_m + link.receiver_m
    slope, fall = (top - antenna) / t, link.bend_m * t
    from_tx = slope - fall - met.bent_slope
    from_rx = fall - slope - tangent(bent_hull, met.bent_size, t, top - fall * t)
    clearance = LOWEST
    if from_tx > -_NEARLY_M:
        limit = _NU_WITHOUT_LOSS**2 * WAVELENGTH_M_GHZ / link.lowest_ghz * dx * dx / (0.002 * d)
        clearance = _clearance(
            bent_m, met.n, t, antenna, slope - fall, max(from_tx, 0.0), max(from_rx, 0.0),
            limit,
        )  # fmt: skip
    obstruction = slope_t = slope_r = LOWEST
    if met.plain_slope > slope:
        obstruction = summit(plain_hull, met.plain_size, slope) - antenna
        slope_t = met.plain_slope - slope
        slope_r = slope + tangent(plain_hull, met.plain_size, t, top)
    v1, v2 = even_sums(met.n, t, met.total, met.moment, rise_m[met.n - 1], end_m)
    hstd, hsrd = smooth_earth(d, dx * v1, dx * dx * v2, obstruction, slope_t, slope_r, 0.0, end_m)
    return Path(
        d, antenna, top, (slope - from_tx) / dx, -(slope + from_rx) / dx, clearance / dx,
        hstd, hsrd,
    )  # fmt: skip


@njit(cache=True, nogil=True, error_model="numpy", fastmath=_FAST)
def _cast(
    scene: Scene, m: int, receivers: Receivers, members: Indices, known: int, ray: Ray,
    heard: Heard,
) -> int:  # fmt: skip
    """Write the paths to a ray's pixels, nearest first, into `heard`; return how many.

    Of the ray the first `known` points are filled; pixels behind them are left out, and so are
    those next to the mast and on a void.
    """
    surface, step, link = scene.surface, scene.model.step_m, _link(scene, m)
    x, y = scene.masts.x_m[m], scene.masts.y_m[m]
    pixel, steps = receivers.pixel, receivers.steps
    east, north = receivers.east_m, receivers.north_m
    rise_m, bent_m, plain_hull, bent_hull = ray
    base = ground(surface, x, y)
    met = Met(1, 0, 0, LOWEST, LOWEST, 0.0, 0.0)
    count = 0
    for member in members:
        n = np.int64(steps[member])
        if n > known:
            break
        end = ground(surface, x + east[member], y + north[member]) - base
        if n < EXACT_STEPS or end < DEEPEST_M:
            continue
        met = _meet(rise_m, bent_m, plain_hull, bent_hull, met, n, link.antenna_m)
        t = math.hypot(east[member], north[member]) / step
        path = _path(rise_m, bent_m, plain_hull, bent_hull, met, t, end, link)
        write(heard.path, count, path)
        heard.receiver[count], heard.steps[count] = pixel[member], n
        heard.bearing_rad[count] = math.atan2(east[member], north[member])
        count += 1
    return count


@njit(cache=True, nogil=True, error_model="numpy", fastmath=_FAST)
def _beside(scene: Scene, work: Scratch, raster: Raster, fan: Fan, receivers: Receivers) -> int:
    """Serve the pixels next to the mast by profiles of their own; return how many were heard."""
    x, y = scene.masts.x_m[fan.m], scene.masts.y_m[fan.m]
    heard = 0
    for i in range(len(receivers.steps)):
        if receivers.steps[i] < EXACT_STEPS:
            heard += hear(
                scene, work, fan.m, x + receivers.east_m[i], y + receivers.north_m[i],
                receivers.pixel[i], raster.best,
            )  # fmt: skip
    return heard


@njit(cache=True, nogil=True, error_model="numpy")
def _first(heard: Heard, count: int) -> Heard:
    """Return the first so many paths."""
    return Heard(
        heard.receiver[:count], heard.steps[:count], heard.bearing_rad[:count],
        heard.path[:count], heard.step_km,
    )  # fmt: skip


@njit(cache=True, nogil=True, error_model="numpy")
def sweep(scene: Scene, work: Scratch, raster: Raster, fan: Fan) -> int:
    """Let the cells of one mast compete on the pixels of a fan; return how many were heard.

    Changes `raster` in the fan's pixels and reads nothing of it elsewhere, so that fans of one
    mast may be swept at the same time.
    """
    receivers = gather(scene, raster, fan)
    if not len(receivers.pixel):
        return 0
    total: int = _beside(scene, work, raster, fan, receivers)
    order, begin = outwards(receivers, fan.last - fan.first)
    size = receivers.steps.max() + 1
    ray = Ray(np.empty(size), np.empty(size), np.empty((size, 3)), np.empty((size, 3)))
    room = paths(np.diff(begin).max(), 0.001 * scene.model.step_m)
    for k in range(fan.last - fan.first):
        members = order[begin[k] : begin[k + 1]]
        if not len(members):
            continue
        angle = (fan.first + k) * 2.0 * math.pi / fan.rays
        known = _sight(scene, fan.m, angle, receivers.steps[members[-1]], ray)
        heard = _cast(scene, fan.m, receivers, members, known, ray, room)
        serve(scene, fan.m, _first(room, heard), raster.best)
        total += heard
    return total
