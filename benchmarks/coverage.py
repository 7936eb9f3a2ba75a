"""Coverage of one mast in mountains: radial sweep, single profiles and SPLAT! HD in one run.

Usage: ``python -m benchmarks.coverage [--radius-km 10 20] [--no-peer] [--county] [--times 3]
[--json]``. A line a radius: pixels within the radius over processor seconds, of the sweep, of a
profile a pixel and of ``splat-hd`` (Debian: apt-get install splat; null where it is absent), all
on one tile of 1 arc-second.

- ``sweep_px_per_cpu_s`` and ``peer_px_per_cpu_s`` count everything from the tile's file to the
  written map, and ``ratio`` compares these; loading Python and compiled code does not count.
- ``ratio_net`` leaves out what does not grow with the radius: of ours the reading, resampling and
  writing, of the peer's what a run of 100 m takes.
- ``bias_db``, ``rms_db`` and the shares of pixels classed alike compare sweep and single profiles
  over all pixels of the disc; ``near`` means within 10 dB of the threshold.
- ``two_core_speedup`` is wall time with one thread over wall time with two.
- ``--county`` prints one more line: 100 masts of three sectors on 500 km² at 30 m, 10 km reach.
- ``--times`` is how often everything is run; the least time counts, of ours and of the peer.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import replace
from pathlib import Path
from time import perf_counter, process_time

import numpy as np
import numpy.typing as npt
import pandas as pd

from benchmarks import splat
from benchmarks.coverage_case import (
    MAST_M,
    MHZ,
    around,
    grid_of,
    mountains,
    omni,
    pixel_m,
    sectors,
    write_hgt,
)
from benchmarks.lines import tell
from geo import terrain
from geo.terrain import Terrain
from planner.coverage.gaps import wanted_dbm
from planner.coverage.signal import predict
from planner.coverage.sweep import Painting, paint
from planner.settings import Settings, defaults

Singles = npt.NDArray[np.float32]
Figures = dict[str, float | None]

NEAR_DB = 10.0
LOWEST_DBM = -300.0
FIXED_KM = 0.1
COUNTY_KM2, COUNTY_MASTS, COUNTY_PIXEL_M, COUNTY_REACH_KM = 500.0, 100, 30.0, 10.0


def settings_of(radius_km: float, resolution_m: float) -> Settings:
    """Return the defaults with a reach and a pixel, and no floor that would hide a pixel."""
    chosen = {
        "coverage.reach_km": radius_km,
        "coverage.resolution_m": resolution_m,
        "coverage.floor_dbm": LOWEST_DBM,
    }
    return defaults().with_user(chosen, source="benchmarks.coverage")


def measure(
    tile: Terrain, place: tuple[float, float], radius_km: float, folder: Path,
    *, peer: bool, times: int,
) -> Figures:  # fmt: skip
    """Return one line of the table."""
    settings = settings_of(radius_km, pixel_m(place[0]))
    (hgt,) = folder.glob("*.hgt")
    best = min((_mapped(hgt, place, radius_km, settings) for _ in range(times)), key=lambda t: t[0])
    whole_s, swept = best
    ground, xy = around(tile, place, radius_km)
    inside, exact, pixel_rate = _single(ground, omni(xy), radius_km, settings)
    figures: Figures = {
        "radius_km": radius_km,
        "pixels": int(inside.sum()),
        "sweep_px_per_cpu_s": round(inside.sum() / whole_s),
        "pixel_px_per_cpu_s": round(pixel_rate),
        "peer_px_per_cpu_s": None,
        "ratio": None,
        "ratio_net": None,
    }
    if peer:
        peer_s = min(splat.cpu_seconds(folder, radius_km, 1.5) for _ in range(times))
        fixed_s = min(splat.cpu_seconds(folder, FIXED_KM, 1.5) for _ in range(times))
        figures["peer_px_per_cpu_s"] = round(inside.sum() / peer_s)
        figures["ratio"] = round(peer_s / whole_s, 2)
        figures["ratio_net"] = round((peer_s - fixed_s) / swept.cpu_seconds, 2)
    return {
        **figures,
        **agreement(swept.rsrp_dbm[:, :, 0][inside], exact[inside], wanted_dbm(settings)),
        "two_core_speedup": round(_speedup(ground, omni(xy), settings, times), 2),
    }


def _mapped(
    hgt: Path, place: tuple[float, float], radius_km: float, settings: Settings
) -> tuple[float, Painting]:
    """Return the processor time from the tile's file to the written map, and the map."""
    began = process_time()
    ground, xy = around(terrain.read([hgt]), place, radius_km)
    found = _paint(ground, omni(xy), settings)
    replace(ground, height_m=found.rsrp_dbm[:, :, 0]).write(hgt.with_name("rsrp.tif"))
    return process_time() - began, found


def _paint(
    ground: Terrain, cells: pd.DataFrame, settings: Settings, threads: int | None = None
) -> Painting:
    grid = grid_of(ground)
    wanted = np.ones(grid.shape, dtype=bool)
    groups = np.zeros(len(cells), dtype=np.int64)
    return paint(cells, groups, ground, grid, wanted, settings, threads=threads)


def _single(
    ground: Terrain, cells: pd.DataFrame, radius_km: float, settings: Settings
) -> tuple[npt.NDArray[np.bool_], Singles, float]:
    """Return the pixels within the radius, their signal by single profiles, and the speed."""
    grid = grid_of(ground)
    row, column = np.nonzero(np.ones(grid.shape, dtype=bool))
    xy = grid.centres(row, column)
    away_m = np.hypot(*(xy - cells[["x_m", "y_m"]].to_numpy()[0]).T)
    inside = (away_m <= 1000.0 * radius_km).reshape(grid.shape)
    groups = np.zeros(len(cells), dtype=np.int64)
    found = predict(cells, groups, ground, xy, settings)
    exact = found.rsrp_dbm[:, 0].reshape(grid.shape)
    return inside, exact, found.paths / found.cpu_seconds


def agreement(swept: Singles, exact: Singles, threshold_dbm: float) -> Figures:
    """Return bias, rms and the shares of pixels that both put on one side of the threshold."""
    error = swept.astype(np.float64) - exact
    same = (swept >= threshold_dbm) == (exact >= threshold_dbm)
    near = np.abs(exact - threshold_dbm) <= NEAR_DB
    return {
        "bias_db": round(float(error.mean()), 4),
        "rms_db": round(float(np.sqrt(np.mean(error**2))), 4),
        "class_agreement": round(float(same.mean()), 5),
        "class_agreement_near": round(float(same[near].mean()), 5) if near.any() else None,
    }


def _speedup(ground: Terrain, cells: pd.DataFrame, settings: Settings, times: int) -> float:
    """Return wall time of one thread over that of two, the best of some runs each."""
    seconds: dict[int, float] = {}
    for threads in (1, 2) * times:
        began = perf_counter()
        _paint(ground, cells, settings, threads)
        seconds[threads] = min(perf_counter() - began, seconds.get(threads, np.inf))
    return seconds[1] / seconds[2]


def county(tile: Terrain, place: tuple[float, float]) -> Figures:
    """Return area, masts, cells and seconds of a whole county's sweep on all cores."""
    half_km = float(np.sqrt(COUNTY_KM2)) / 2.0
    ground, middle = around(tile, place, half_km)
    ground = ground.reproject(ground.crs, ground.bounds, COUNTY_PIXEL_M)
    draw = np.random.default_rng(1)
    cells = sectors(middle + draw.uniform(-1000.0 * half_km, 1000.0 * half_km, (COUNTY_MASTS, 2)))
    chosen = {"coverage.reach_km": COUNTY_REACH_KM, "coverage.resolution_m": COUNTY_PIXEL_M}
    settings = defaults().with_user(chosen, source="benchmarks.coverage")
    began = perf_counter()
    found = _paint(replace(ground, height_m=np.nan_to_num(ground.height_m)), cells, settings)
    return {
        "area_km2": round(grid_of(ground).pixel_km2 * ground.height_m.size, 1),
        "masts": COUNTY_MASTS,
        "cells": len(cells),
        "paths": found.paths,
        "cpu_seconds": round(found.cpu_seconds, 2),
        "seconds": round(perf_counter() - began, 2),
    }


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--radius-km", type=float, nargs="+", default=[10.0, 20.0])
    parser.add_argument("--no-peer", action="store_true", help="leave SPLAT! out")
    parser.add_argument("--times", type=int, default=3, help="runs of which the fastest counts")
    parser.add_argument("--county", action="store_true", help="measure a whole county as well")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    peer = not options.no_peer and splat.installed()
    if not options.json and not peer:
        print("splat-hd: not measured / 未测 (apt-get install splat)")
    tile, name, place = mountains()
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home)
        write_hgt(tile, folder / f"{name}.hgt")
        if peer:
            splat.prepare(
                folder / f"{name}.hgt", folder,
                latitude=place[0], longitude=place[1], height_m=MAST_M, mhz=MHZ,
            )  # fmt: skip
        for radius_km in options.radius_km:
            line = measure(tile, place, radius_km, folder, peer=peer, times=options.times)
            tell(line, as_json=options.json)
    if options.county:
        tell(county(tile, place), as_json=options.json)


if __name__ == "__main__":
    main()
