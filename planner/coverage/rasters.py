"""Coverage as Cloud Optimized GeoTIFFs, one operator a file, for any GIS."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import rasterio
from rasterio.crs import CRS

from layers.quarantine import neutral
from planner.coverage.grid import Grid
from planner.coverage.signal import Signal

if TYPE_CHECKING:
    from planner.coverage.run import CoverageResult

CELLS = "coverage_cells.csv"
"""Sidecar: what the numbers of ``coverage_server_*.tif`` stand for."""

_NO_CELL = -1
_NO_COUNT = -1
_BLOCK = 256


def write(coverage: CoverageResult, cells: pd.DataFrame, folder: Path) -> tuple[Path, ...]:
    """Write signal, best server and number of servers of each operator, ``any`` and ``all``.

    ``coverage_rsrp_NAME.tif`` is float32 in dBm, NaN where nothing is known.
    ``coverage_server_NAME.tif`` is int32, the row of the cell in ``coverage_cells.csv``, -1 for
    none. ``coverage_servers_NAME.tif`` is int16, the number of cells at or above the threshold
    with its margin, -1 where nothing is known; of ``any`` all operators' cells together, of
    ``all`` those of the operator that has fewest. ``coverage_rsrp_after_NAME.tif`` and so on show
    the same with the proposed infill sites; as servers these follow the cells in the table.

    Parameters
    ----------
    coverage
        As `planner.coverage.run.solve` returns it.
    cells
        The county's table of cells.
    folder
        Exists; files of the same names are replaced.

    Returns
    -------
    tuple of Path
        What was written, in order.
    """
    written = []
    after = {f"after_{name}": signal for name, signal in coverage.after.signals.items()}
    for name, signal in {**coverage.signals, **after}.items():
        for kind, band in _bands(signal, coverage.figures["threshold_dbm"]):
            path = folder / f"coverage_{kind}_{name}.tif"
            _write(path, band, coverage.grid, operator=name, generated_by="tonggou")
            written.append(path)
    table = folder / CELLS
    _write_cells(table, cells, coverage.infill)
    return (*written, table)


def clear(folder: Path) -> None:
    """Remove what `write` wrote earlier, so that no raster outlives its study."""
    for path in (*folder.glob("coverage_*_*.tif"), folder / CELLS):
        path.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True, eq=False)
class _Band:
    """One band: values, nodata, unit, what it shows, and how overviews are made."""

    values: npt.NDArray[Any]
    nodata: float
    unit: str
    description: str
    resampling: str


def _bands(signal: Signal, wanted_dbm: float) -> Iterator[tuple[str, _Band]]:
    known = np.isfinite(signal.rsrp_dbm)
    yield "rsrp", _Band(signal.rsrp_dbm, float("nan"), "dBm", "RSRP", "average")
    server = np.where(known, signal.server, np.int32(_NO_CELL)).astype(np.int32)
    yield "server", _Band(server, _NO_CELL, "", f"best server, row of {CELLS}", "nearest")
    if signal.servers is not None:
        count = np.where(known, signal.servers, np.int16(_NO_COUNT)).astype(np.int16)
        yield (
            "servers",
            _Band(count, _NO_COUNT, "cells", f"cells at or above {wanted_dbm:g} dBm", "nearest"),
        )


def _write(path: Path, band: _Band, grid: Grid, **tags: str) -> None:
    rows, columns = grid.shape
    with rasterio.open(
        path, "w", driver="COG", width=columns, height=rows, count=1, dtype=band.values.dtype,
        crs=CRS.from_wkt(grid.crs.to_wkt()), transform=grid.transform, nodata=band.nodata,
        compress="deflate", blocksize=_BLOCK, overview_resampling=band.resampling,
    ) as target:  # fmt: skip
        target.write(band.values, 1)
        target.set_band_description(1, band.description)
        target.units = (band.unit,)
        target.update_tags(1, **tags)


def _write_cells(path: Path, cells: pd.DataFrame, infill: pd.DataFrame) -> None:
    names = ("cell_id", "site_id", "operator", "band")
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("row", *names))
        proposed = infill.assign(cell_id=infill["candidate_id"], site_id="", band="")
        rows = (frame[list(names)].itertuples(index=False) for frame in (cells, proposed))
        for row, values in enumerate(chain.from_iterable(rows)):
            writer.writerow([row, *(neutral(value) for value in values)])
