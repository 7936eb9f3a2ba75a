"""One tile of the signal: what it depends on, how it is made, and the file that it becomes.

A task holds all that its tile reads: the cells within reach and, in files that all workers see,
the ground between them and the tile. Its file is named by a digest of the task, so a tile is made
once, and whoever makes it makes the same.
"""

from __future__ import annotations

import hashlib
import os
import uuid
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from affine import Affine

from geo.terrain import Terrain
from planner.coverage.clutter import OFFSETS, Cover
from planner.coverage.grid import Grid
from planner.coverage.sweep import paint
from planner.settings import Settings

Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Bounds = tuple[float, float, float, float]

READ = (
    "coverage.resolution_m", "coverage.rays_per_pixel", "coverage.reach_km",
    "coverage.receiver_height_m", "coverage.lapse_n_per_km", "coverage.floor_dbm",
    "coverage.front_back_db", "coverage.side_lobe_db",
)  # fmt: skip
"""Settings that a tile depends on; a task holds no other, so that none can be forgotten here."""

COLUMNS = (
    "x_m", "y_m", "height_m", "frequency_mhz", "eirp_dbm", "azimuth_deg", "beamwidth_deg",
    "vertical_beamwidth_deg", "electrical_tilt_deg", "tilt_deg", *OFFSETS, "slope_db_per_decade",
)  # fmt: skip
"""Columns of the cells that a tile depends on; a task holds no other."""

_SPARE_PX = 2


class Window(NamedTuple):
    """Rows `top` to `bottom` - 1 and columns `left` to `right` - 1 of a grid."""

    top: int
    bottom: int
    left: int
    right: int

    @property
    def slices(self) -> tuple[slice, slice]:
        """Index of the window in an array of the grid's shape."""
        return slice(self.top, self.bottom), slice(self.left, self.right)

    def of(self, grid: Grid) -> Grid:
        """Return the window as a grid of its own."""
        corner = _moved(grid.transform, self.top, self.left)
        return Grid(corner, (self.bottom - self.top, self.right - self.left), grid.crs)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Common:
    """What all tiles of a run share.

    Parameters
    ----------
    folder
        Where files go; all workers see it by this path.
    ground, cover
        Names of the files with the heights of the terrain and with the land cover on it, or None;
        both on the square pixels of `lattice`.
    clutter_m, street_m
        Heights by land cover, and width of the gap, see `planner.coverage.clutter.Cover`.
    count
        Number of groups of cells.
    counted_dbm
        See `planner.coverage.signal.predict`.
    settings
        Those of `READ`.
    """

    folder: Path
    ground: str
    cover: str | None
    lattice: Affine
    clutter_m: tuple[float, ...]
    street_m: float
    count: int
    counted_dbm: float
    settings: Settings

    def window(self, name: str, bounds: Bounds) -> tuple[npt.NDArray[Any], Affine]:
        """Return the pixels of a file around bounds (west, south, east, north), and where."""
        whole = np.load(self.folder / name, mmap_mode="r")
        pixel_m, (west, south, east, north) = self.lattice.a, bounds
        left, right = (int((x - self.lattice.c) / pixel_m) for x in (west, east))
        top, bottom = (int((self.lattice.f - y) / pixel_m) for y in (north, south))
        row, column = max(top - _SPARE_PX, 0), max(left - _SPARE_PX, 0)
        part = np.array(whole[row : bottom + _SPARE_PX + 1, column : right + _SPARE_PX + 1])
        return part, _moved(self.lattice, row, column)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Task:
    """All that one tile needs.

    Parameters
    ----------
    grid, wanted
        The tile's pixels, and which of them are of the study area.
    cells, groups
        Cells within reach (`COLUMNS`, in the order of all cells), and the group of each.
    """

    common: Common
    grid: Grid
    wanted: Flags
    cells: pd.DataFrame
    groups: Integers

    @property
    def path(self) -> Path:
        """The tile's file: named by its corner and a digest of all that it depends on."""
        common, corner = self.common, self.grid.transform
        facts = (
            corner, self.grid.shape, self.grid.crs.to_wkt(), common.ground, common.cover,
            common.lattice, common.clutter_m, common.street_m, common.count, common.counted_dbm,
            [common.settings[name].value for name in READ], _code(),
        )  # fmt: skip
        digest = hashlib.sha256(repr(facts).encode())
        for array in (self.wanted, self.groups, self.cells.to_numpy(np.float64)):
            digest.update(np.ascontiguousarray(array).tobytes())
        return common.folder / f"tile_{corner.c:.0f}_{corner.f:.0f}_{digest.hexdigest()[:24]}.npz"


def cut(grid: Grid, side_px: int) -> Iterator[Window]:
    """Yield the windows of a grid, row after row, whose corners lie on multiples of their side.

    So a grid that grows keeps its tiles. The grid's own corner lies on a multiple of its pixels.
    """
    rows, columns = grid.shape
    north, west = round(grid.transform.f / grid.pixel_m), round(grid.transform.c / grid.pixel_m)
    for top in range(-(-north % side_px), rows, side_px):
        for left in range(-(west % side_px), columns, side_px):
            yield Window(
                max(top, 0), min(top + side_px, rows), max(left, 0), min(left + side_px, columns)
            )


def work(task: Task) -> None:
    """Make a tile's file, unless there is a sound one."""
    path = task.path
    if sound(path):
        return
    terrain, cover = _ground(task)
    found = paint(
        task.cells, task.groups, terrain, task.grid, task.wanted, task.common.settings,
        count=task.common.count, cover=cover, counted_dbm=task.common.counted_dbm, threads=1,
    )  # fmt: skip
    with written(path) as file:
        np.savez(
            file, rsrp_dbm=found.rsrp_dbm, server=found.server, servers=found.servers,
            paths=np.int64(found.paths), cpu_seconds=np.float64(found.cpu_seconds),
        )  # fmt: skip


def sound(path: Path) -> bool:
    """Return whether a tile's file is there and whole, by the checksums of its parts."""
    try:
        with zipfile.ZipFile(path) as parts:
            return parts.testzip() is None
    except (OSError, zipfile.BadZipFile):
        return False


def _ground(task: Task) -> tuple[Terrain, Cover | None]:
    """Return the terrain of a task's tile and cells, and what stands on it."""
    common, crs = task.common, task.grid.crs
    west, south, east, north = bounds_of(task.grid)
    xy = task.cells[["x_m", "y_m"]].to_numpy(np.float64)
    (left, low), (right, high) = xy.min(axis=0, initial=np.inf), xy.max(axis=0, initial=-np.inf)
    bounds = min(west, left), min(south, low), max(east, right), max(north, high)
    height_m, transform = common.window(common.ground, bounds)
    terrain = Terrain(height_m=height_m, transform=transform, crs=crs)
    if common.cover is None:
        return terrain, None
    classes, _ = common.window(common.cover, bounds)
    return terrain, Cover(
        classes=classes, height_m=common.clutter_m, terrain=terrain, street_m=common.street_m,
        receiver_m=common.settings.number("coverage.receiver_height_m"),
    )  # fmt: skip


def _moved(lattice: Affine, row: int, column: int) -> Affine:
    """Return the transform of square pixels that begin at a row and column of others."""
    a = lattice.a
    return Affine(a, 0.0, lattice.c + column * a, 0.0, -a, lattice.f - row * a)


def bounds_of(grid: Grid) -> Bounds:
    """Return west, south, east, north of a grid."""
    rows, columns = grid.shape
    west, north = grid.transform.c, grid.transform.f
    return west, north - rows * grid.pixel_m, west + columns * grid.pixel_m, north


@contextmanager
def written(path: Path) -> Iterator[IO[bytes]]:
    """Open a file that appears under its name only when all of it is written."""
    draft = path.with_name(f"{path.name}.{uuid.uuid4().hex}.part")
    with draft.open("wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


@cache
def _code() -> str:
    """Return a digest of the code that a tile comes from: other code makes it anew."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()
