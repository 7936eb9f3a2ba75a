"""Received power: each operator's best server at any set of points, on all cores."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.terrain import Terrain
from planner.coverage import serving_kernels as serving
from planner.coverage import signal_kernels as kernels
from planner.coverage.clutter import OFFSETS, Cover, classes_at, deducted, hidden_in
from planner.coverage.propagation import effective_radius_km
from planner.settings import Settings

Floats = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]
Integers = npt.NDArray[np.int64]
Counts = npt.NDArray[np.int16]
Progress = Callable[[str, float], None]

_TILE_PX = 64


@dataclass(frozen=True, slots=True, eq=False)
class Signal:
    """One operator's signal on the grid, or a summary over operators.

    Parameters
    ----------
    rsrp_dbm
        float32, shape of the grid; NaN outside the study area and over voids of the terrain,
        never below the setting ``coverage.floor_dbm``.
    server
        int32, shape of the grid: row of the serving cell in the county's table of cells, -1 for
        none.
    servers
        int16, shape of the grid: cells at or above the threshold with its margin; None where they
        were not counted.
    """

    rsrp_dbm: npt.NDArray[np.float32]
    server: npt.NDArray[np.int32]
    servers: Counts | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Prediction:
    """Signal at points.

    Parameters
    ----------
    rsrp_dbm
        Shape (points, groups), NaN where the ground is a void.
    server
        Shape (points, groups): position in the frame of cells, -1 for none.
    servers
        Shape (points, groups): cells at or above `counted_dbm`, all 0 where it was not given.
    paths
        Terrain profiles computed.
    cpu_seconds
        Processor time that they took, over all threads.
    """

    rsrp_dbm: Singles
    server: npt.NDArray[np.int32]
    servers: Counts
    paths: int
    cpu_seconds: float


def predict(
    cells: pd.DataFrame,
    groups: npt.NDArray[np.int64],
    terrain: Terrain,
    xy: Floats,
    settings: Settings,
    *,
    floor_dbm: float | None = None,
    cover: Cover | None = None,
    counted_dbm: float = serving.UNCOUNTED_DBM,
    progress: Progress | None = None,
) -> Prediction:
    """Return the best signal of every group of cells at every point.

    Parameters
    ----------
    cells
        As `planner.coverage.cells.Usable.cells`, sorted by mast and frequency.
    groups
        Group of each cell, 0..g-1, shape (cells,); an operator is a group.
    terrain
        Square pixels in the CRS of `cells` and `xy`, see `planner.coverage.grid.ground`.
    xy
        Receivers, shape (n, 2), any order.
    settings
        Values of ``coverage.*``.
    floor_dbm
        Signal below which nothing is computed; ``coverage.floor_dbm`` unless given.
    cover
        Land cover at receivers: chooses the offset of each cell, and what stands there is taken
        off, see `planner.coverage.clutter.deducted`.
    counted_dbm
        Power from which on a cell counts as a server; none is counted unless it is given.
    progress
        Called with a message and the share of the points done.

    Notes
    -----
    Points are worked off in tiles, so the result does not depend on the number of threads.

    References
    ----------
    ITU-R P.1812-7; 3GPP TR 36.942 and TR 38.901 for the antenna.
    """
    scene = scene_of(cells, groups, terrain, settings, counted_dbm=counted_dbm)
    floor = settings.number("coverage.floor_dbm") if floor_dbm is None else floor_dbm
    count = int(groups.max()) + 1 if len(groups) else 0
    best = np.full((len(xy), count), floor, dtype=np.float32)
    server = np.full((len(xy), count), -1, dtype=np.int32)
    servers = np.zeros((len(xy), count), dtype=np.int16)
    classes, hidden = classes_at(cover, xy), hidden_in(cover)
    tiles = _tiles(xy, _TILE_PX * scene.model.step_m)

    def work(tile: Integers) -> int:
        order = _nearest_first(scene, xy[tile])
        found = serving.Best(best[tile], server[tile], servers[tile], classes[tile], hidden)
        paths, _ = kernels.best_server(scene, kernels.scratch(scene.model), order, xy[tile], found)
        best[tile], server[tile], servers[tile] = found.dbm, found.server, found.servers
        return int(paths)

    work(np.zeros(0, dtype=np.int64))  # compiles, or loads what is compiled, before the clock runs
    began, paths = time.process_time(), 0
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        done = [pool.submit(work, tile) for tile in tiles]
        for number, future in enumerate(as_completed(done), start=1):
            paths += future.result()
            if progress is not None:
                progress("4G 信号 / signal", number / len(tiles))
    seconds = time.process_time() - began
    best[~terrain.covers(xy)] = np.nan
    return Prediction(
        rsrp_dbm=deducted(hidden[classes], cells, best, server, floor), server=server,
        servers=servers, paths=paths, cpu_seconds=seconds,
    )  # fmt: skip


def summaries(signals: Sequence[Signal]) -> dict[str, Signal]:
    """Return ``any``, the strongest operator's signal, and ``all``, the weakest's.

    The servers of ``any`` are all operators' together, those of ``all`` of who has fewest.
    """
    power = np.stack([signal.rsrp_dbm for signal in signals])
    server = np.stack([signal.server for signal in signals])

    counts = [signal.servers for signal in signals if signal.servers is not None]
    counted = len(counts) == len(signals)
    together = np.stack(counts).sum(axis=0, dtype=np.int16) if counted else None
    fewest = np.stack(counts).min(axis=0) if counted else None

    def chosen(which: Integers, servers: Counts | None) -> Signal:
        index = which[np.newaxis]
        return Signal(
            np.take_along_axis(power, index, axis=0)[0],
            np.take_along_axis(server, index, axis=0)[0],
            servers,
        )

    return {
        "any": chosen(power.argmax(axis=0), together),
        "all": chosen(power.argmin(axis=0), fewest),
    }


def scene_of(
    cells: pd.DataFrame,
    groups: Integers,
    terrain: Terrain,
    settings: Settings,
    *,
    counted_dbm: float = serving.UNCOUNTED_DBM,
) -> serving.Scene:
    """Return what the kernels read, for arguments as `predict` takes them."""
    mast = cells[["x_m", "y_m", "height_m"]].to_numpy(np.float64)
    mhz = cells["frequency_mhz"].to_numpy(np.float64)
    new_mast = _differs(mast)
    new_band = new_mast | _differs(mhz[:, np.newaxis])
    first_cell, first_band = np.flatnonzero(new_mast), np.flatnonzero(new_band)
    angle = {
        name: np.radians(cells[f"{name}_deg"].to_numpy(np.float64))
        for name in ("azimuth", "beamwidth", "vertical_beamwidth", "electrical_tilt", "tilt")
    }
    masts = serving.Masts(
        x_m=mast[first_cell, 0].copy(), y_m=mast[first_cell, 1].copy(),
        height_m=mast[first_cell, 2].copy(),
        first_cell=np.append(first_cell, len(cells)).astype(np.int64),
        frequency_ghz=mhz[first_band] / 1000.0,
    )  # fmt: skip
    return serving.Scene(
        surface_of(terrain),
        masts,
        serving.Cells(
            band=(np.cumsum(new_band) - 1).astype(np.int64),
            operator=groups.astype(np.int64),
            eirp_dbm=cells["eirp_dbm"].to_numpy(np.float64).copy(),
            azimuth_rad=angle["azimuth"], beamwidth_rad=angle["beamwidth"],
            vertical_beamwidth_rad=angle["vertical_beamwidth"],
            electrical_tilt_rad=angle["electrical_tilt"], mechanical_tilt_rad=angle["tilt"],
            offset_db=np.ascontiguousarray(cells[list(OFFSETS)], dtype=np.float64),
            slope_db_per_decade=cells["slope_db_per_decade"].to_numpy(np.float64).copy(),
        ),
        _model(settings, counted_dbm),
    )  # fmt: skip


def _differs(rows: Floats) -> npt.NDArray[np.bool_]:
    """Return which rows differ from the row before; the first one does."""
    return np.concatenate([np.ones(min(1, len(rows)), dtype=bool),
                           (rows[1:] != rows[:-1]).any(axis=1)])  # fmt: skip


def surface_of(terrain: Terrain) -> serving.Surface:
    """Return the terrain as the kernels read it."""
    grid = terrain.transform
    height_m = np.where(np.isnan(terrain.height_m), np.float32(serving.VOID_M), terrain.height_m)
    half = 0.5 * grid.a
    return serving.Surface(
        np.ascontiguousarray(height_m, dtype=np.float32), grid.c + half, grid.f - half, grid.a
    )


def _model(settings: Settings, counted_dbm: float) -> serving.Model:
    return serving.Model(
        radius_km=effective_radius_km(settings.number("coverage.lapse_n_per_km")),
        receiver_m=settings.number("coverage.receiver_height_m"),
        reach_m=1000.0 * settings.number("coverage.reach_km"),
        step_m=settings.number("coverage.resolution_m"),
        front_back_db=settings.number("coverage.front_back_db"),
        side_lobe_db=settings.number("coverage.side_lobe_db"),
        counted_dbm=counted_dbm,
    )


def _tiles(xy: Floats, side_m: float) -> list[Integers]:
    """Return the positions of the points of each square tile, tiles from south-west."""
    if not len(xy):
        return []
    tile = np.floor(xy / side_m).astype(np.int64)
    order = np.lexsort((tile[:, 0], tile[:, 1]))
    breaks = np.flatnonzero((np.diff(tile[order], axis=0) != 0).any(axis=1)) + 1
    return np.split(order, breaks)


def _nearest_first(scene: serving.Scene, xy: Floats) -> Integers:
    """Return the masts within reach of a tile, nearest to its centre first."""
    if not len(xy):
        return np.zeros(0, dtype=np.int64)
    low, high = xy.min(axis=0), xy.max(axis=0)
    mast = np.column_stack([scene.masts.x_m, scene.masts.y_m])
    outside = np.maximum(np.maximum(low - mast, mast - high), 0.0)
    apart = np.hypot(*(mast - (low + high) / 2.0).T)
    near = np.hypot(outside[:, 0], outside[:, 1]) <= scene.model.reach_m
    order = np.argsort(apart, kind="stable")
    return np.asarray(order[near[order]], dtype=np.int64)
