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

from planner.coverage.antenna import horizontal_db, vertical_db
from planner.coverage.p1812_kernels import (
    LOWEST,
    WAVELENGTH_M_GHZ,
    Ground,
    Path,
    bullington,
    free_space,
    smooth_bullington,
    smooth_earth,
    spherical_earth,
)

Floats = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]
Integers = npt.NDArray[np.int64]
Indices = npt.NDArray[np.int32]
Counts = npt.NDArray[np.int16]

VOID_M = -1.0e9
"""Height that stands for a hole of the terrain inside the kernels."""

UNCOUNTED_DBM = 1.0e9
"""Power that no cell has, to count none; finite, since the kernels assume that numbers are."""

_FAST = {"nnan", "ninf", "nsz", "arcp", "contract", "afn", "reassoc"}


class Surface(NamedTuple):
    """Terrain as the kernels read it: square pixels, (left, top) is the first pixel's centre."""

    height_m: Singles
    left_m: float
    top_m: float
    pixel_m: float


class Masts(NamedTuple):
    """Masts of one height each; cells of mast m are ``first_cell[m]`` to ``first_cell[m + 1]``.

    `frequency_ghz` is by band, where each mast has bands of its own.
    """

    x_m: Floats
    y_m: Floats
    height_m: Floats
    first_cell: Integers
    frequency_ghz: Floats


class Cells(NamedTuple):
    """Cells in the order of their masts; a horizontal beamwidth of 0 means omnidirectional.

    `offset_db` and `slope_db_per_decade` times log10 of the distance in km add to the loss.
    """

    band: Integers
    operator: Integers
    eirp_dbm: Floats
    azimuth_rad: Floats
    beamwidth_rad: Floats
    vertical_beamwidth_rad: Floats
    electrical_tilt_rad: Floats
    mechanical_tilt_rad: Floats
    offset_db: Floats
    slope_db_per_decade: Floats


class Model(NamedTuple):
    """Constants of the prediction; `counted_dbm` is the power from which on a cell is a server."""

    radius_km: float
    receiver_m: float
    reach_m: float
    step_m: float
    front_back_db: float
    side_lobe_db: float
    counted_dbm: float


class Scene(NamedTuple):
    """All that a prediction reads."""

    surface: Surface
    masts: Masts
    cells: Cells
    model: Model


class Heard(NamedTuple):
    """What is known at the receivers, shape (receivers, operators), while masts are tried.

    Power and cell of the best server, and how many cells reach ``counted_dbm``.
    """

    best_dbm: Singles
    server: Indices
    servers: Counts


class Scratch(NamedTuple):
    """Buffers of one thread and tables of 1/j and 1/sqrt(j)."""

    profile_m: Singles
    distance_km: Floats
    inverse: Singles
    root: Singles


def scratch(model: Model) -> Scratch:
    """Return buffers that are long enough for the model's longest profile."""
    size = int(model.reach_m / model.step_m) + 4
    j = np.maximum(np.arange(size), 1)
    return Scratch(
        np.empty(size, np.float32),
        np.empty(size),
        (1.0 / j).astype(np.float32),
        (1.0 / np.sqrt(j)).astype(np.float32),
    )


@njit(cache=True, nogil=True, error_model="numpy", fastmath=_FAST)
def sample(surface: Surface, x0: float, y0: float, x1: float, y1: float,
            n: int, profile: Singles) -> float:  # fmt: skip
    """Fill `profile` with n + 1 bilinear heights; return the lowest."""
    height = surface.height_m
    rows, columns = height.shape
    column = np.float32((x0 - surface.left_m) / surface.pixel_m)
    row = np.float32((surface.top_m - y0) / surface.pixel_m)
    across = np.float32((x1 - x0) / surface.pixel_m / n)
    down = np.float32((y0 - y1) / surface.pixel_m / n)
    lowest = np.float32(-LOWEST)
    for k in range(n + 1):
        c = column + across * np.float32(k)
        r = row + down * np.float32(k)
        i = min(max(int(r), 0), rows - 2)
        j = min(max(int(c), 0), columns - 2)
        u = c - np.float32(j)
        v = r - np.float32(i)
        top = height[i, j] + u * (height[i, j + 1] - height[i, j])
        bottom = height[i + 1, j] + u * (height[i + 1, j + 1] - height[i + 1, j])
        h = top + v * (bottom - top)
        profile[k] = h
        lowest = min(lowest, h)
    return float(lowest)


@njit(cache=True, nogil=True, error_model="numpy", fastmath=_FAST)
def _path(n: int, d: float, model: Model, antenna_m: float, work: Scratch) -> Path:
    """Return the extremes of the equally spaced profile in `work`, as `p1812_kernels.Path`."""
    h, inverse = work.profile_m, work.inverse
    dx = d / n
    hts = np.float32(h[0] + antenna_m)
    hrs = np.float32(h[n] + model.receiver_m)
    fall = np.float32((hrs - hts) / np.float32(n))
    bend = np.float32(500.0 / model.radius_km * dx * dx)
    slope_t = slope_r = plain_t = plain_r = obstruction = np.float32(LOWEST)
    total = moment = np.float32(0.0)
    for j in range(1, n):
        near, far = np.float32(j), np.float32(n - j)
        t = (h[j] - hts) * inverse[j]
        r = (h[j] - hrs) * inverse[n - j]
        plain_t, plain_r = max(plain_t, t), max(plain_r, r)
        slope_t, slope_r = max(slope_t, t + bend * far), max(slope_r, r + bend * near)
        obstruction = max(obstruction, h[j] - fall * near)
        rise = h[j] - h[0]
        total += rise
        moment += rise * near
    clearance = np.float32(LOWEST)
    if slope_t < fall:
        root = work.root
        for j in range(1, n):
            near, far = np.float32(j), np.float32(n - j)
            above = h[j] - hts - fall * near + bend * near * far
            clearance = max(clearance, above * root[j] * root[n - j])
    end = float(h[n] - h[0])
    v1 = dx * (2.0 * total + end)
    v2 = dx * dx * (6.0 * moment + (3.0 * n - 1.0) * end)
    hstd, hsrd = smooth_earth(
        d, v1, v2, float(obstruction - hts),
        float(plain_t - fall), float(plain_r + fall), 0.0, end,
    )  # fmt: skip
    ground = float(h[0])
    return Path(
        d, float(hts), float(hrs), float(slope_t) / dx, float(slope_r) / dx,
        float(clearance) / dx, ground + hstd, ground + hsrd,
    )  # fmt: skip


@njit(cache=True, nogil=True, error_model="numpy")
def _loss(path: Path, n: int, f: float, model: Model, work: Scratch) -> float:
    """Return free space and delta-Bullington diffraction in dB."""
    lam = WAVELENGTH_M_GHZ / f
    ap = model.radius_km
    loss: float = bullington(path.d, path.hts, path.hrs, path.stim, path.srim, path.clearance, lam)
    hte, hre = path.hts - path.hstd, path.hrs - path.hsrd
    sphere = spherical_earth(path.d, hte, hre, ap, f, lam, Ground(0.0, True))
    if sphere > 0.0:
        for j in range(n + 1):
            work.distance_km[j] = path.d * j / n
        smooth = smooth_bullington(work.distance_km, n, hte, hre, ap, lam)
        loss += max(sphere - smooth, 0.0)
    loss += free_space(path.d, path.hts, path.hrs, f)
    return loss


@njit(cache=True, nogil=True, error_model="numpy", fastmath=_FAST)
def _correction_db(cells: Cells, c: int, d: float) -> float:
    """Return what calibration adds to the loss of a cell at a distance in km."""
    added: float = cells.offset_db[c]
    if cells.slope_db_per_decade[c] != 0.0:
        added += cells.slope_db_per_decade[c] * math.log10(d)
    return added


@njit(cache=True, nogil=True, error_model="numpy", fastmath=_FAST)
def _worth(scene: Scene, m: int, d: float, bearing: float, best_dbm: Singles) -> bool:
    """Return whether some cell could, in free space, exceed what its operator has here.

    Nor is a mast left out one of whose cells could count as a server.
    """
    masts, cells, model = scene.masts, scene.cells, scene.model
    for c in range(masts.first_cell[m], masts.first_cell[m + 1]):
        aside = horizontal_db(
            bearing - cells.azimuth_rad[c], cells.beamwidth_rad[c], model.front_back_db
        )
        space = free_space(d, 0.0, 0.0, masts.frequency_ghz[cells.band[c]])
        power = cells.eirp_dbm[c] - aside - space - _correction_db(cells, c, d)
        if power > min(best_dbm[cells.operator[c]], model.counted_dbm):
            return True
    return False


@njit(cache=True, nogil=True, error_model="numpy", fastmath=_FAST)
def _serve(
    scene: Scene, work: Scratch, m: int, n: int, path: Path, bearing: float, heard: Heard, i: int
) -> None:
    """Let every cell of a mast compete at receiver i; change `heard`."""
    masts, cells, model = scene.masts, scene.cells, scene.model
    # elevation at which the path leaves the antenna: to the receiver, or over the horizon
    slope = max(path.stim, (path.hrs - path.hts) / path.d) - 500.0 * path.d / model.radius_km
    elevation = math.atan(0.001 * slope)
    last_band = -1
    loss = 0.0
    for c in range(masts.first_cell[m], masts.first_cell[m + 1]):
        if cells.band[c] != last_band:
            last_band = cells.band[c]
            loss = _loss(path, n, masts.frequency_ghz[last_band], model, work)
        offset = bearing - cells.azimuth_rad[c]
        aside = horizontal_db(offset, cells.beamwidth_rad[c], model.front_back_db)
        below = vertical_db(
            elevation, offset, cells.electrical_tilt_rad[c], cells.mechanical_tilt_rad[c],
            cells.vertical_beamwidth_rad[c], model.side_lobe_db,
        )  # fmt: skip
        power = cells.eirp_dbm[c] - min(aside + below, model.front_back_db) - loss
        power -= _correction_db(cells, c, path.d)
        operator = cells.operator[c]
        if power >= model.counted_dbm:
            heard.servers[i, operator] += 1
        if power > heard.best_dbm[i, operator]:
            heard.best_dbm[i, operator] = power
            heard.server[i, operator] = c


@njit(cache=True, nogil=True, error_model="numpy", fastmath=_FAST)
def best_server(
    scene: Scene, work: Scratch, order: Integers, xy_m: Floats, heard: Heard
) -> tuple[int, int]:
    """Find the strongest cell of each operator at each receiver, and count those that count.

    `order` lists the masts to try, nearest first for speed; `heard` comes in holding the floor,
    -1 and 0 and goes out holding the received power, the cell and the number of servers. Returns
    how many profiles were computed, and how many given up over a void.
    """
    masts, model = scene.masts, scene.model
    paths = voids = 0
    for i in range(len(xy_m)):
        x, y = xy_m[i]
        for m in order:
            east, north = x - masts.x_m[m], y - masts.y_m[m]
            apart = max(math.hypot(east, north), 0.5 * model.step_m)
            if apart > model.reach_m:
                continue
            d, bearing = 0.001 * apart, math.atan2(east, north)
            if not _worth(scene, m, d, bearing, heard.best_dbm[i]):
                continue
            n = max(2, int(apart / model.step_m + 0.5))
            lowest = sample(scene.surface, masts.x_m[m], masts.y_m[m], x, y, n, work.profile_m)
            if lowest < 0.001 * VOID_M:
                voids += 1
                continue
            paths += 1
            path = _path(n, d, model, masts.height_m[m], work)
            _serve(scene, work, m, n, path, bearing, heard, i)
    return paths, voids
