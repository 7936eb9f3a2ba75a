"""The grid's signal by radial sweep: mast after mast, each in fans of rays on all cores."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.terrain import Terrain
from planner.coverage import serving_kernels as serving
from planner.coverage.clutter import Cover, deducted, hidden_in
from planner.coverage.fan_kernels import UNWANTED_DBM, Fan, Raster
from planner.coverage.grid import Grid
from planner.coverage.signal import scene_of
from planner.coverage.signal_kernels import scratch
from planner.coverage.sweep_kernels import sweep
from planner.settings import Settings

Singles = npt.NDArray[np.float32]
Indices = npt.NDArray[np.int32]
Integers = npt.NDArray[np.int64]
Counts = npt.NDArray[np.int16]
Classes = npt.NDArray[np.uint8]
Flags = npt.NDArray[np.bool_]
Progress = Callable[[str, float], None]

_FANS = 24
"""Into how many fans a mast's rays are split, so that all cores finish at about the same time."""

_LEAST_RAYS = 32
_GOLDEN = 0.6180339887498949


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Painting:
    """Signal on the pixels of a grid.

    Parameters
    ----------
    rsrp_dbm
        Shape (rows, columns, groups); NaN outside the area and where the ground is a void.
    server
        Shape (rows, columns, groups): position in the frame of cells, -1 for none.
    servers
        Shape (rows, columns, groups): cells at or above the power to count.
    paths
        Paths from a mast to a pixel that were worked out.
    cpu_seconds
        Processor time that they took, over all threads.
    """

    rsrp_dbm: Singles
    server: Indices
    servers: Counts
    paths: int
    cpu_seconds: float


def paint(
    cells: pd.DataFrame,
    groups: Integers,
    terrain: Terrain,
    grid: Grid,
    wanted: Flags,
    settings: Settings,
    *,
    count: int | None = None,
    cover: Cover | None = None,
    counted_dbm: float = serving.UNCOUNTED_DBM,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Painting:
    """Return the best signal of every group of cells on the pixels of a grid.

    Parameters
    ----------
    cells, groups, terrain, settings
        As for `planner.coverage.signal.predict`, whose result the sweep approaches.
    grid
        In the CRS of the terrain and inside it.
    wanted
        Pixels of the study area, of the grid's shape.
    count
        Number of groups; as many as there are among the cells unless given.
    cover, counted_dbm
        As for `planner.coverage.signal.predict`.
    threads
        As many as there are cores unless given.
    progress
        Called with a message and the share of the masts done.

    Notes
    -----
    One mast's fans of rays share no pixel, and the masts come one after another in an order of
    their own, so the result does not depend on the number of threads. Beside the result a thread
    needs room for the pixels of one fan.

    References
    ----------
    ITU-R P.1812-7; 3GPP TR 36.942 and TR 38.901 for the antenna.
    """
    scene = scene_of(cells, groups, terrain, settings, counted_dbm=counted_dbm)
    floor_dbm = settings.number("coverage.floor_dbm")
    least_dbm = min(floor_dbm, counted_dbm)
    if count is None:
        count = int(groups.max()) + 1 if len(groups) else 0
    shape = (*grid.shape, count)
    best = np.full((wanted.size, shape[2]), floor_dbm, dtype=np.float32)
    best[~wanted.ravel()] = UNWANTED_DBM
    server = np.full(best.shape, -1, dtype=np.int32)
    servers = np.zeros(best.shape, dtype=np.int16)
    classes, hidden = _classes(cover, grid, wanted), hidden_in(cover)
    found = serving.Best(best, server, servers, classes, hidden)
    left, top = grid.centres(np.array([0]), np.array([0]))[0].tolist()
    raster = Raster(left, top, grid.pixel_m, grid.shape[1], found)

    def work(fan: Fan) -> int:
        return int(sweep(scene, scratch(scene.model), raster, fan))

    if len(cells):
        work(Fan(0, _LEAST_RAYS, 0, 0, 0.0))  # compiles, or loads it, before the clock runs
    began, paths = time.process_time(), 0
    order = _spread(len(scene.masts.x_m))
    with ThreadPoolExecutor(max_workers=threads or os.cpu_count()) as pool:
        for number, m in enumerate(order.tolist(), start=1):
            reach_m = min(scene.model.reach_m, _free_space_m(scene, m, least_dbm))
            paths += sum(pool.map(work, _fans(m, reach_m, settings)))
            if progress is not None:
                progress("4G 信号 / signal", number / len(order))
    seconds = time.process_time() - began
    power = best.reshape(shape)
    known = _known(terrain, grid, wanted)
    power[~known] = np.nan
    if hidden.any():
        hides, server_there = (
            hidden[classes.reshape(grid.shape)[known]],
            server.reshape(shape)[known],
        )
        power[known] = deducted(hides, cells, power[known], server_there, floor_dbm)
    return Painting(
        rsrp_dbm=power, server=server.reshape(shape), servers=servers.reshape(shape),
        paths=paths, cpu_seconds=seconds,
    )  # fmt: skip


def _classes(cover: Cover | None, grid: Grid, wanted: Flags) -> Classes:
    """Return the land cover of the receiver on each pixel, row after row."""
    classes = np.zeros(wanted.shape, dtype=np.uint8)
    if cover is not None:
        row, column = np.nonzero(wanted)
        classes[row, column] = cover.at(grid.centres(row, column))
    return classes.ravel()


def _known(terrain: Terrain, grid: Grid, wanted: Flags) -> Flags:
    """Return the wanted pixels whose ground is known; a terrain without voids knows them all."""
    if not np.isnan(terrain.height_m).any():
        return wanted
    row, column = np.nonzero(wanted)
    known = np.zeros_like(wanted)
    known[row, column] = terrain.covers(grid.centres(row, column))
    return known


def _spread(count: int) -> Integers:
    """Return the masts in an order that jumps about: a coarse net first leaves less to others."""
    return np.argsort(np.mod(np.arange(count) * _GOLDEN, 1.0), kind="stable")


def _free_space_m(scene: serving.Scene, m: int, least_dbm: float) -> float:
    """Return the distance at which the last cell of a mast sinks to a power in free space."""
    masts, cells = scene.masts, scene.cells
    own = slice(masts.first_cell[m], masts.first_cell[m + 1])
    ghz = masts.frequency_ghz[cells.band[own]]
    per_decade_db = 20.0 + cells.slope_db_per_decade[own]
    if (per_decade_db <= 0.0).any():
        return math.inf
    eirp_dbm = cells.eirp_dbm[own] - cells.offset_db[own].min(axis=1)
    spare_db = eirp_dbm - least_dbm - 92.4 - 20.0 * np.log10(ghz)
    return float(1000.0 * (10.0 ** (spare_db / per_decade_db)).max())


def _fans(m: int, reach_m: float, settings: Settings) -> Iterator[Fan]:
    """Yield the fans of a mast, whose rays at its reach are a set part of a pixel apart."""
    around_px = 2.0 * math.pi * reach_m / settings.number("coverage.resolution_m")
    rays = max(_LEAST_RAYS, math.ceil(around_px * settings.number("coverage.rays_per_pixel")))
    size = math.ceil(rays / _FANS)
    for first in range(0, rays, size):
        yield Fan(m, rays, first, min(first + size, rays), reach_m)
