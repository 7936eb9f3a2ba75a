"""Compiled end of every prediction: from the extremes of one path to the best server.

How a path's extremes are found, from a profile of its own or along a ray that many receivers
share, is not known here.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from planner.coverage.antenna import horizontal_db, vertical_db
from planner.coverage.clutter_kernels import screen_db
from planner.coverage.p1812_kernels import (
    WAVELENGTH_M_GHZ,
    Ground,
    Path,
    bullington,
    even_smooth_bullington,
    free_space,
    spherical_earth,
)

Floats = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]
Integers = npt.NDArray[np.int64]
Indices = npt.NDArray[np.int32]
Counts = npt.NDArray[np.int16]
Classes = npt.NDArray[np.uint8]

VOID_M = -1.0e12
"""Height that stands for a hole of the terrain inside the kernels."""
DEEPEST_M = -1.0e5
"""Below it a height has a void in it, even one with the least weight, `SNAP_PX` squared."""
SNAP_PX = 1e-3
"""So near to a row or column of pixel centres a point lies on it; rounding gives no void weight."""

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

    `offset_db`, shape (cells, `clutter.COVERS`), and `slope_db_per_decade` times log10 of the
    distance in km add to the loss; the land cover is that of the receiver.
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


class Best(NamedTuple):
    """What is known at the receivers while masts compete.

    Power over the clutter and cell of the best server, and how many cells reach ``counted_dbm``
    under it, each of shape (receivers, operators); `cover` is the land cover of each receiver, a
    position in `clutter.COVERS`, and `hidden` what each of these hides, see
    `clutter_kernels.screen_db`.
    """

    dbm: Singles
    server: Indices
    servers: Counts
    cover: Classes
    hidden: Floats


class Heard(NamedTuple):
    """Paths from one mast to some receivers.

    `receiver` is the row of the receiver in the table of signals, `steps` the points of its
    profile, the end included and the mast not, a step of `step_km` apart from the mast on; `path`
    has the shape (paths, 8) and holds a `p1812_kernels.Path` a row.
    """

    receiver: Indices
    steps: Indices
    bearing_rad: Floats
    path: Floats
    step_km: float


@njit(cache=True, nogil=True, error_model="numpy")
def paths(size: int, step_km: float) -> Heard:
    """Return room for some paths."""
    return Heard(
        np.empty(size, np.int32), np.empty(size, np.int32), np.empty(size),
        np.empty((size, 8)), step_km,
    )  # fmt: skip


@njit(cache=True, nogil=True, error_model="numpy")
def write(table: Floats, i: int, path: Path) -> None:
    """Write a path into row i of `Heard.path`."""
    table[i, 0], table[i, 1], table[i, 2], table[i, 3] = path.d, path.hts, path.hrs, path.stim
    table[i, 4], table[i, 5] = path.srim, path.clearance
    table[i, 6], table[i, 7] = path.hstd, path.hsrd


@njit(cache=True, nogil=True, error_model="numpy", fastmath=_FAST)
def worth(scene: Scene, m: int, d: float, bearing: float, best: Best, receiver: int) -> bool:
    """Return whether some cell could, in free space, exceed what its operator has at a receiver.

    Nor is a mast left out one of whose cells could count as a server.
    """
    masts, cells, counted_dbm = scene.masts, scene.cells, scene.model.counted_dbm
    here = best.cover[receiver]
    for c in range(masts.first_cell[m], masts.first_cell[m + 1]):
        aside = horizontal_db(
            bearing - cells.azimuth_rad[c], cells.beamwidth_rad[c], scene.model.front_back_db
        )
        space = free_space(d, 0.0, 0.0, masts.frequency_ghz[cells.band[c]])
        power = cells.eirp_dbm[c] - aside - space
        power -= _correction_db(cells.offset_db[c, here], cells.slope_db_per_decade[c], d)
        if power > min(best.dbm[receiver, cells.operator[c]], counted_dbm):
            return True
    return False


@njit(cache=True, nogil=True, error_model="numpy", fastmath=_FAST)
def _correction_db(offset_db: float, slope_db_per_decade: float, d: float) -> float:
    """Return what calibration adds to the loss of a cell at a distance in km."""
    added: float = offset_db
    if slope_db_per_decade != 0.0:
        added += slope_db_per_decade * math.log10(d)
    return added


@njit(cache=True, nogil=True, error_model="numpy")
def _loss(path: Path, n: int, step_km: float, f: float, model: Model) -> float:
    """Return free space and delta-Bullington diffraction in dB.

    The profile has `n` - 1 points between its ends, at 1, 2, ... steps from the transmitter.
    """
    lam = WAVELENGTH_M_GHZ / f
    ap = model.radius_km
    loss: float = bullington(path.d, path.hts, path.hrs, path.stim, path.srim, path.clearance, lam)
    hte, hre = path.hts - path.hstd, path.hrs - path.hsrd
    sphere = spherical_earth(path.d, hte, hre, ap, f, lam, Ground(0.0, True))
    if sphere > 0.0:
        smooth = even_smooth_bullington(path.d, n, step_km, hte, hre, ap, lam)
        loss += max(sphere - smooth, 0.0)
    loss += free_space(path.d, path.hts, path.hrs, f)
    return loss


@njit(cache=True, nogil=True, error_model="numpy", fastmath=_FAST)
def serve(scene: Scene, m: int, heard: Heard, best: Best) -> None:
    """Let every cell of a mast compete at some receivers; change `best`."""
    masts, cells, model = scene.masts, scene.cells, scene.model
    frequency_ghz, band, operator = masts.frequency_ghz, cells.band, cells.operator
    eirp_dbm, azimuth, beamwidth = cells.eirp_dbm, cells.azimuth_rad, cells.beamwidth_rad
    electrical, mechanical = cells.electrical_tilt_rad, cells.mechanical_tilt_rad
    upright, counted_dbm = cells.vertical_beamwidth_rad, model.counted_dbm
    offset_db, slope_db = cells.offset_db, cells.slope_db_per_decade
    best_dbm, server, servers, cover, hidden = best
    receiver, steps, bearing, path = heard.receiver, heard.steps, heard.bearing_rad, heard.path
    first, last = masts.first_cell[m], masts.first_cell[m + 1]
    for i in range(len(receiver)):
        one = Path(
            path[i, 0], path[i, 1], path[i, 2], path[i, 3],
            path[i, 4], path[i, 5], path[i, 6], path[i, 7],
        )  # fmt: skip
        here = cover[receiver[i]]
        elevation = _leaving_rad(one, model.radius_km)
        last_band = -1
        loss = 0.0
        for c in range(first, last):
            if band[c] != last_band:
                last_band = band[c]
                loss = _loss(one, steps[i], heard.step_km, frequency_ghz[last_band], model)
            offset = bearing[i] - azimuth[c]
            aside = horizontal_db(offset, beamwidth[c], model.front_back_db)
            below = vertical_db(
                elevation, offset, electrical[c], mechanical[c], upright[c], model.side_lobe_db
            )
            power = eirp_dbm[c] - min(aside + below, model.front_back_db) - loss
            power -= _correction_db(offset_db[c, here], slope_db[c], one.d)
            if power >= counted_dbm:
                screen = screen_db(hidden[here], frequency_ghz[last_band])
                servers[receiver[i], operator[c]] += power - screen >= counted_dbm
            if power > best_dbm[receiver[i], operator[c]]:
                best_dbm[receiver[i], operator[c]] = power
                server[receiver[i], operator[c]] = c


@njit(cache=True, nogil=True, error_model="numpy", fastmath=_FAST)
def _leaving_rad(path: Path, radius_km: float) -> float:
    """Return the elevation at which a path leaves: to the receiver, or over the horizon."""
    slope = max(path.stim, (path.hrs - path.hts) / path.d) - 500.0 * path.d / radius_km
    elevation: float = math.atan(0.001 * slope)
    return elevation
