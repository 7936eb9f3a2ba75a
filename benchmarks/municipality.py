"""A hundredth of a municipality's coverage in tiles, and what the whole would take.

Usage: ``python -m benchmarks.municipality [--workers 2] [--tile-px 480] [--share 100] [--json]``.
The sample has 820 km² of mountains (Andorra's where the data folder holds them, else the sample
county's) at 30 m and 600 cells inside, as dense as 60,000 on 82,000 km², with as many around as
reach in. It is worked off three times: at once by the threads of one process, in tiles by
processes, in tiles by a dask cluster of this machine. A line each:

- ``seconds`` of wall time, workers started and compiled code loaded before; ``ratio`` to the
  threads' line; ``cpu_s_per_tile`` is a tile's mean processor time, ``tiles`` their number;
- ``worker_mb`` is the greatest resident set of a worker, ``idle_mb`` before the first tile;
- ``projected_hours`` for the whole on this machine, ``projected_cpu_hours`` of one core; for the
  threads the memory of all pixels at once is projected as ``projected_gb``;
- ``same`` tells whether all bits are those of the processes' line.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import wait
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter

import numpy as np
import numpy.typing as npt
import pandas as pd
from distributed import LocalCluster
from shapely.geometry import box

from benchmarks.coverage_case import around, mountains, sectors
from benchmarks.lines import tell
from geo.terrain import Terrain
from planner.coverage import crews
from planner.coverage.gaps import wanted_dbm
from planner.coverage.grid import Grid, lay
from planner.coverage.sweep import Painting, paint
from planner.coverage.tasks import Window
from planner.coverage.tiles import Crew, paint_by_tiles
from planner.settings import Settings, defaults

Line = dict[str, float | str | None]

WHOLE_KM2, WHOLE_CELLS = 82_000.0, 60_000
PIXEL_M = 30.0
BANDS_MHZ = (885.0, 1842.5)
SECTORS, OPERATORS = 3, 4


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """A sample of the municipality."""

    cells: pd.DataFrame
    groups: npt.NDArray[np.int64]
    terrain: Terrain
    grid: Grid
    settings: Settings

    @property
    def share(self) -> float:
        """How much of the municipality it is."""
        return float(self.grid.pixel_km2 * np.prod(self.grid.shape)) / WHOLE_KM2

    def by(self, sweep: Callable[..., Painting], **options: object) -> Painting:
        """Return the signal, as some way of painting gives it."""
        return sweep(
            self.cells, self.groups, self.terrain, self.grid, np.ones(self.grid.shape, dtype=bool),
            self.settings, counted_dbm=wanted_dbm(self.settings), **options,
        )  # fmt: skip


def case(tile_px: int, share: int) -> Case:
    """Return the sample: whole tiles, with cells and ground as far as they reach in."""
    chosen = {"coverage.resolution_m": PIXEL_M, "coverage.tile_px": tile_px}
    settings = defaults().with_user(chosen, source="benchmarks.municipality")
    reach_m = 1000.0 * settings.number("coverage.reach_km")
    tile_m = tile_px * PIXEL_M
    tiles = max(round(np.sqrt(WHOLE_KM2 / share) * 1000.0 / tile_m), 1)
    tile, _, place = mountains()
    half_m = tiles * tile_m / 2.0 + reach_m + tile_m
    ground, middle = around(tile, place, half_m / 1000.0)
    ground = ground.reproject(ground.crs, ground.bounds, PIXEL_M)
    ground = replace(ground, height_m=np.nan_to_num(ground.height_m))
    west, south = np.round((middle[0] - tiles * tile_m / 2.0) / tile_m) * tile_m
    side_m = tiles * tile_m
    grid = lay(box(west, south, west + side_m, south + side_m), ground)
    sites_km2 = WHOLE_CELLS / (SECTORS * len(BANDS_MHZ)) / WHOLE_KM2
    count = round(sites_km2 * ((side_m + 2.0 * reach_m) / 1000.0) ** 2)
    draw = np.random.default_rng(1)
    xy = np.array([west, south]) + draw.uniform(-reach_m, side_m + reach_m, (count, 2))
    one = sectors(xy)
    every = pd.concat([one.assign(frequency_mhz=mhz) for mhz in BANDS_MHZ])
    cells = every.sort_values(["x_m", "y_m", "frequency_mhz"], kind="stable", ignore_index=True)
    site = cells.groupby(["x_m", "y_m"], sort=False).ngroup().to_numpy(np.int64)
    return Case(cells.assign(row=np.arange(len(cells))), site % OPERATORS, ground, grid, settings)


def peak_mb() -> float:
    """Return the greatest resident set of this process so far."""
    status = Path("/proc/self/status").read_text(encoding="ascii")  # getrusage tells the parent's
    return int(status.split("VmHWM:")[1].split()[0]) / 1024.0


def warmed(crew: Crew, sample: Case, workers: int) -> float:
    """Have every worker load its code, on tiles of one pixel; return the greatest memory."""
    row, column = (side // 2 for side in sample.grid.shape)
    grid = Window(row, row + 1, column, column + 4 * workers).of(sample.grid)
    settings = sample.settings.with_user({"coverage.tile_px": 1}, source="benchmarks.municipality")
    apart = replace(crew, folder=crew.folder / "warm")
    replace(sample, grid=grid, settings=settings).by(paint_by_tiles, crew=apart)
    return _greatest(crew, workers)


def _greatest(crew: Crew, workers: int) -> float:
    asked = [crew.executor.submit(_slow_peak_mb) for _ in range(4 * workers)]
    wait(asked)
    return max(one.result() for one in asked)


def _slow_peak_mb() -> float:
    began = perf_counter()
    while perf_counter() - began < 0.05:
        os.getpid()
    return peak_mb()


def measure(sample: Case, crew: Crew, workers: int) -> tuple[Line, Painting]:
    """Return the line of a crew, and what it made."""
    idle_mb = warmed(crew, sample, workers)
    began = perf_counter()
    found = sample.by(paint_by_tiles, crew=crew)
    seconds = perf_counter() - began
    tiles = len(list(crew.folder.glob("tile_*.npz")))
    return {
        "seconds": round(seconds, 2),
        "tiles": tiles,
        "cpu_s_per_tile": round(found.cpu_seconds / tiles, 2),
        "idle_mb": round(idle_mb),
        "worker_mb": round(_greatest(crew, workers)),
        "projected_hours": round(seconds / sample.share / 3600.0, 3),
        "projected_cpu_hours": round(found.cpu_seconds / sample.share / 3600.0, 3),
    }, found


def at_once(sample: Case) -> tuple[Line, Painting]:
    """Return the line of one process that holds all pixels, and what it made."""
    sample.by(paint)  # compiles, or loads what is compiled
    began = perf_counter()
    found = sample.by(paint)
    seconds = perf_counter() - began
    held = sum(array.nbytes for array in (found.rsrp_dbm, found.server, found.servers))
    return {
        "crew": "threads",
        "area_km2": round(sample.share * WHOLE_KM2, 1),
        "cells": len(sample.cells),
        "seconds": round(seconds, 2),
        "ratio": 1.0,
        "projected_hours": round(seconds / sample.share / 3600.0, 3),
        "projected_cpu_hours": round(found.cpu_seconds / sample.share / 3600.0, 3),
        "projected_gb": round(held / sample.share / 2**30, 1),
    }, found


@contextmanager
def local_cluster(workers: int, folder: Path) -> Iterator[Crew]:
    """Yield the crew of a dask cluster of this machine."""
    with (
        LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None) as local,
        crews.cluster(local.scheduler_address, folder) as crew,
    ):
        yield crew


def lines(tile_px: int, share: int, workers: int) -> Iterator[Line]:
    """Yield a line for each way of working."""
    sample = case(tile_px, share)
    first, _ = at_once(sample)
    yield first
    kept: Painting | None = None
    for name, start in (("processes", crews.processes), ("dask", local_cluster)):
        with tempfile.TemporaryDirectory() as folder, start(workers, Path(folder)) as crew:
            line, found = measure(sample, crew, workers)
        same = kept is None or all(
            getattr(found, part).tobytes() == getattr(kept, part).tobytes()
            for part in ("rsrp_dbm", "server", "servers")
        )
        kept = kept or found
        ratio = round(float(first["seconds"] or 0.0) / float(line["seconds"] or 1.0), 2)
        yield {"crew": name, "workers": workers, **line, "ratio": ratio, "same": str(same)}


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--tile-px", type=int, default=480)
    parser.add_argument("--share", type=int, default=100, help="one part in how many is run")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    for line in lines(options.tile_px, options.share, options.workers):
        tell(line, as_json=options.json)


if __name__ == "__main__":
    main()
