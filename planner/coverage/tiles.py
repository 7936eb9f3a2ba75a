"""The grid's signal tile by tile: on processes or a cluster, and restartable.

A run that was cut off goes on where it stopped, and a new site changes only the tiles that it
reaches; see `planner.coverage.tasks`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Executor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.errors import fail
from geo.terrain import Terrain
from planner.coverage.clutter import Cover
from planner.coverage.grid import Grid
from planner.coverage.serving_kernels import UNCOUNTED_DBM
from planner.coverage.sweep import Painting
from planner.coverage.tasks import (
    COLUMNS,
    READ,
    Common,
    Task,
    Window,
    bounds_of,
    cut,
    sound,
    work,
    written,
)
from planner.settings import Settings

Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Progress = Callable[[str, float], None]


@dataclass(frozen=True, slots=True, eq=False)
class Crew:
    """Who works off the tiles, and the folder in which their files are kept.

    Any executor will do: processes of this machine, or ``distributed``'s for a cluster whose
    workers see the folder by the same path. See `planner.coverage.crews`.
    """

    executor: Executor
    folder: Path


def paint_by_tiles(
    cells: pd.DataFrame,
    groups: Integers,
    terrain: Terrain,
    grid: Grid,
    wanted: Flags,
    settings: Settings,
    *,
    crew: Crew,
    cover: Cover | None = None,
    counted_dbm: float = UNCOUNTED_DBM,
    progress: Progress | None = None,
) -> Painting:
    """Return what `planner.coverage.sweep.paint` does, worked off in tiles by a crew.

    Parameters
    ----------
    cells, groups, terrain, grid, wanted, settings, cover, counted_dbm
        As for `planner.coverage.sweep.paint`; ``coverage.tile_px`` is the side of a tile.
    crew
        Tiles whose files its folder holds already are not made again; files of other tiles are
        removed.
    progress
        Called with a message and the share of the tiles done.

    Raises
    ------
    InputError
        If a worker was lost for good; tiles that are finished are kept.

    Notes
    -----
    A tile depends on nothing but its task, so neither the number of workers nor the loss of one
    changes a bit. Against a single painting positions are rounded from another corner, which
    moves a signal by less than 0.001 dB.
    """
    crew.folder.mkdir(parents=True, exist_ok=True)
    common = Common(
        folder=crew.folder,
        ground=_kept(terrain.height_m, crew.folder, "ground"),
        cover=None if cover is None else _kept(cover.classes, crew.folder, "cover"),
        lattice=terrain.transform,
        clutter_m=() if cover is None else cover.height_m,
        street_m=0.0 if cover is None else cover.street_m,
        count=int(groups.max()) + 1 if len(groups) else 0,
        counted_dbm=counted_dbm,
        settings=Settings({name: settings[name] for name in READ}),
    )
    tasks: dict[Window, tuple[Task, Integers]] = {}
    for window in cut(grid, settings.count("coverage.tile_px")):
        if wanted[window.slices].any():
            near = _near(window.of(grid), cells, settings)
            task = Task(
                common=common, grid=window.of(grid), wanted=wanted[window.slices].copy(),
                cells=cells.loc[near, list(COLUMNS)].reset_index(drop=True), groups=groups[near],
            )  # fmt: skip
            tasks[window] = task, np.flatnonzero(near)
    _make([task for task, _ in tasks.values()], crew.executor, progress)
    _tidy(common, {task.path.name for task, _ in tasks.values()})
    return _gathered(tasks, grid, common.count)


def _near(tile: Grid, cells: pd.DataFrame, settings: Settings) -> Flags:
    """Return which cells may reach a tile."""
    west, south, east, north = bounds_of(tile)
    xy = cells[["x_m", "y_m"]].to_numpy(np.float64)
    outside = np.maximum(np.maximum([west, south] - xy, xy - [east, north]), 0.0)
    reach_m = 1000.0 * settings.number("coverage.reach_km")
    return np.asarray(np.hypot(outside[:, 0], outside[:, 1]) <= reach_m)


def _make(tasks: Sequence[Task], executor: Executor, progress: Progress | None) -> None:
    """Have every tile made; those that are there cost a look at their checksums."""
    done = [executor.submit(work, task) for task in tasks]
    try:
        for number, future in enumerate(as_completed(done), start=1):
            future.result()
            if progress is not None:
                progress("4G 信号 / signal", number / len(done))
    except BrokenProcessPool as error:
        made = sum(sound(task.path) for task in tasks)
        raise fail(
            "coverage_worker_lost", layer="cells", made=made, tiles=len(tasks)
        ) from error  # fmt: skip
    finally:
        for future in done:
            future.cancel()


def _gathered(
    tasks: Mapping[Window, tuple[Task, Integers]], grid: Grid, count: int
) -> Painting:  # fmt: skip
    """Return the tiles put together; their servers become positions among all cells."""
    shape = (*grid.shape, count)
    rsrp_dbm = np.full(shape, np.nan, dtype=np.float32)
    server = np.full(shape, -1, dtype=np.int32)
    servers = np.zeros(shape, dtype=np.int16)
    paths, cpu_seconds = 0, 0.0
    for window, (task, near) in tasks.items():
        with np.load(task.path, allow_pickle=False) as tile:
            rsrp_dbm[window.slices], servers[window.slices] = tile["rsrp_dbm"], tile["servers"]
            server[window.slices] = np.append(near, -1)[tile["server"]]
            paths += int(tile["paths"])
            cpu_seconds += float(tile["cpu_seconds"])
    return Painting(
        rsrp_dbm=rsrp_dbm, server=server, servers=servers, paths=paths, cpu_seconds=cpu_seconds
    )


def _kept(array: npt.NDArray[Any], folder: Path, name: str) -> str:
    """Keep an array in a file that its content names; return the name."""
    packed = np.ascontiguousarray(array)
    shape = repr((packed.shape, packed.dtype.str)).encode()
    digest = hashlib.sha256(shape + packed.tobytes()).hexdigest()[:24]
    path = folder / f"{name}_{digest}.npy"
    if not path.is_file():
        with written(path) as file:
            np.save(file, packed)
    return path.name


def _tidy(common: Common, names: Collection[str]) -> None:
    """Remove what other runs left in the folder, and what was cut off while it was written."""
    kept = {*names, common.ground, common.cover}
    for pattern in ("tile_*", "ground_*", "cover_*"):
        for path in common.folder.glob(pattern):
            if path.name not in kept:
                path.unlink(missing_ok=True)
