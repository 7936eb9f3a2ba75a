"""Tiles of the signal: the same as a single painting, made once, whoever is lost on the way."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import dask
import numpy as np
import pandas as pd
import pytest
from affine import Affine
from distributed import Client, LocalCluster
from pyproj import CRS
from scipy import ndimage

from geo.errors import InputError
from geo.terrain import Terrain
from planner.coverage import crews, tasks, tiles
from planner.coverage.clutter import COVERS, OFFSETS, Cover
from planner.coverage.grid import Grid
from planner.coverage.sweep import Painting, paint
from planner.coverage.tiles import Crew
from planner.settings import defaults

PIXEL_M, SIDE, TILE_PX = 30.0, 150, 40
COUNTED_DBM = -95.0
CRS_M = CRS.from_epsg(4545)
CORNER = Affine(PIXEL_M, 0.0, 300_030.0, 0.0, -PIXEL_M, 3_300_060.0)
GRID = Grid(CORNER, (SIDE, SIDE), CRS_M)
CHOSEN = {
    "coverage.resolution_m": PIXEL_M, "coverage.reach_km": 2.0, "coverage.floor_dbm": -150.0,
    "coverage.tile_px": TILE_PX,
}  # fmt: skip
SETTINGS = defaults().with_user(CHOSEN, source="test")


def ground() -> Terrain:
    rough = ndimage.gaussian_filter(np.random.default_rng(3).normal(size=(SIDE, SIDE)), 4.0)
    height_m = (800.0 + 2500.0 * rough).astype(np.float32)
    height_m[60:64, 20:30] = np.nan
    return Terrain(height_m=height_m, transform=CORNER, crs=CRS_M)


def woods(terrain: Terrain) -> Cover:
    classes = np.zeros((SIDE, SIDE), dtype=np.uint8)
    classes[:, 70:100] = COVERS.index("forest")
    return Cover(
        classes=classes, height_m=(0.0, 12.0, 10.0), terrain=terrain, receiver_m=1.5, street_m=27.0
    )


def cells() -> pd.DataFrame:
    """Two masts in the north-west, one in the south-east, two frequencies each."""
    at = [(30.2, 40.1), (61.7, 33.3), (115.4, 120.8)]
    rows = [
        {"x_m": CORNER.c + x * PIXEL_M, "y_m": CORNER.f - y * PIXEL_M, "frequency_mhz": mhz}
        for x, y in at
        for mhz in (806.0, 1842.5)
    ]
    frame = pd.DataFrame(rows).sort_values(["x_m", "y_m", "frequency_mhz"], ignore_index=True)
    return frame.assign(
        row=range(len(frame)), height_m=30.0, eirp_dbm=20.0, azimuth_deg=120.0, beamwidth_deg=65.0,
        vertical_beamwidth_deg=10.0, electrical_tilt_deg=2.0, tilt_deg=1.0,
        slope_db_per_decade=0.0, **dict(zip(OFFSETS, (1.0, -6.0, 4.0), strict=True)),
    )  # fmt: skip


GROUPS = np.array([0, 1, 0, 1, 0, 2], dtype=np.int64)
Sweep = Callable[..., Painting]


def by(sweep: Sweep, frame: pd.DataFrame | None = None, **options: object) -> Painting:
    terrain = ground()
    wanted = np.ones((SIDE, SIDE), dtype=bool)
    wanted[:, 140:] = False
    return sweep(
        cells() if frame is None else frame, GROUPS, terrain, GRID, wanted, SETTINGS,
        cover=woods(terrain), counted_dbm=COUNTED_DBM, **options,
    )  # fmt: skip


def alike(one: Painting, other: Painting) -> bool:
    """Whether two paintings are the same to the last bit."""
    return all(
        getattr(one, name).tobytes() == getattr(other, name).tobytes()
        for name in ("rsrp_dbm", "server", "servers")
    )


class Counting(Executor):
    """Works at once, and counts what is asked for."""

    def __init__(self) -> None:
        self.made: list[Path] = []
        self._inner = ThreadPoolExecutor(1)

    def submit(self, fn: Callable[[tasks.Task], None], task: tasks.Task, /) -> Future[None]:
        if not tasks.sound(task.path):
            self.made.append(task.path)
        return self._inner.submit(fn, task)


@pytest.fixture
def crew(tmp_path: Path) -> Crew:
    return Crew(Counting(), tmp_path / "tiles")


def made(crew: Crew) -> list[Path]:
    assert isinstance(crew.executor, Counting)
    paths, crew.executor.made = crew.executor.made, []
    return paths


@pytest.fixture(scope="module")
def whole() -> Painting:
    return by(paint)


def test_tiles_cut_a_grid_once_on_corners_of_their_own() -> None:
    seen = np.zeros(GRID.shape, dtype=int)
    windows = list(tasks.cut(GRID, TILE_PX))
    for window in windows:
        seen[window.slices] += 1
        tile = window.of(GRID)
        assert tile.centres(np.array([0]), np.array([0])).tolist() == (
            GRID.centres(np.array([window.top]), np.array([window.left])).tolist()
        )
    assert (seen == 1).all()
    side_m = TILE_PX * PIXEL_M
    lefts = {window.of(GRID).transform.c for window in windows if window.left}
    tops = {window.of(GRID).transform.f for window in windows if window.top}
    assert lefts
    assert all(left % side_m == 0.0 for left in lefts)
    assert all(top % side_m == 0.0 for top in tops)


def test_tiles_give_what_a_single_painting_gives(crew: Crew, whole: Painting) -> None:
    found = by(tiles.paint_by_tiles, crew=crew)
    assert len(made(crew)) >= 16
    known = np.isfinite(whole.rsrp_dbm)
    assert (np.isfinite(found.rsrp_dbm) == known).all()
    assert np.isnan(found.rsrp_dbm[:, 140:]).all()
    assert np.abs(found.rsrp_dbm[known] - whole.rsrp_dbm[known]).max() < 1e-3
    assert (found.server != whole.server).mean() < 1e-4
    assert (found.servers != whole.servers).mean() < 1e-4
    assert set(np.unique(found.server)) == set(np.unique(whole.server))
    assert found.paths >= 0.9 * whole.paths


def test_a_run_that_was_cut_off_makes_only_what_is_missing(crew: Crew) -> None:
    first = by(tiles.paint_by_tiles, crew=crew)
    paths = made(crew)
    assert made(crew) == []
    assert alike(by(tiles.paint_by_tiles, crew=crew), first)
    assert made(crew) == []
    paths[3].unlink()
    paths[5].write_bytes(paths[5].read_bytes()[:-100])
    spoilt = bytearray(paths[7].read_bytes())
    spoilt[len(spoilt) // 2] ^= 1
    paths[7].write_bytes(spoilt)
    again = by(tiles.paint_by_tiles, crew=crew)
    assert sorted(made(crew)) == sorted([paths[3], paths[5], paths[7]])
    assert alike(again, first)
    assert (again.paths, again.cpu_seconds > 0.0) == (first.paths, True)


def test_another_site_changes_only_the_tiles_that_it_reaches(crew: Crew) -> None:
    by(tiles.paint_by_tiles, crew=crew)
    every = made(crew)
    higher = cells()
    higher.loc[higher["x_m"] == higher["x_m"].max(), "height_m"] = 40.0
    found = by(tiles.paint_by_tiles, higher, crew=crew)
    anew = made(crew)
    assert 0 < len(anew) < len(every)
    assert len(list(crew.folder.glob("tile_*"))) == len(every), "tiles of the former site are left"
    assert alike(
        found, by(tiles.paint_by_tiles, higher, crew=replace(crew, folder=crew.folder / "b"))
    )


@pytest.mark.parametrize("name", tasks.READ)
def test_a_setting_that_a_tile_reads_makes_it_anew(name: str, crew: Crew) -> None:
    def named(value: float | None) -> str:
        chosen = SETTINGS if value is None else SETTINGS.with_user({name: value}, source="test")
        common = tasks.Common(
            folder=crew.folder, ground="ground_1.npy", cover=None, lattice=CORNER, clutter_m=(),
            street_m=0.0, count=3, counted_dbm=-95.0,
            settings=type(chosen)({one: chosen[one] for one in tasks.READ}),
        )  # fmt: skip
        frame = cells()[list(tasks.COLUMNS)]
        wanted = np.ones(GRID.shape, dtype=bool)
        return tasks.Task(
            common=common, grid=GRID, wanted=wanted, cells=frame, groups=GROUPS
        ).path.name

    assert named(None) == named(None)
    assert named(None) != named(float(SETTINGS.number(name)) + 1.0)


def test_an_offset_by_land_cover_and_a_height_of_clutter_make_a_tile_anew(crew: Crew) -> None:
    def named(frame: pd.DataFrame, clutter_m: tuple[float, ...]) -> str:
        common = tasks.Common(
            folder=crew.folder, ground="ground_1.npy", cover="cover_1.npy", lattice=CORNER,
            clutter_m=clutter_m, street_m=27.0, count=3, counted_dbm=-95.0,
            settings=type(SETTINGS)({one: SETTINGS[one] for one in tasks.READ}),
        )  # fmt: skip
        return tasks.Task(
            common=common, grid=GRID, wanted=np.ones(GRID.shape, dtype=bool),
            cells=frame[list(tasks.COLUMNS)], groups=GROUPS,
        ).path.name  # fmt: skip

    heights = (0.0, 12.0, 10.0)
    others = [
        *(named(cells().assign(**{name: 3.0}), heights) for name in OFFSETS),
        *(named(cells(), tuple(one + (k == n) for n, one in enumerate(heights))) for k in range(3)),
    ]
    assert len({named(cells(), heights), *others}) == 1 + len(others)


def test_a_tile_without_a_cell_in_reach_is_silence(crew: Crew) -> None:
    far = cells()
    far["x_m"] += 40_000.0
    found = by(tiles.paint_by_tiles, far, crew=crew)
    known = np.isfinite(found.rsrp_dbm)
    assert known.any()
    assert (found.rsrp_dbm[known] == -150.0).all()
    assert (found.server == -1).all()


def test_processes_and_threads_make_the_same_tiles(tmp_path: Path, crew: Crew) -> None:
    with crews.processes(2, tmp_path / "pool") as pool:
        found = by(tiles.paint_by_tiles, crew=pool)
    assert alike(found, by(tiles.paint_by_tiles, crew=crew))


def test_a_lost_process_is_told_and_what_is_done_is_kept(tmp_path: Path, crew: Crew) -> None:
    folder = tmp_path / "pool"
    with crews.processes(1, folder) as pool, pytest.raises(InputError) as caught:
        by(
            tiles.paint_by_tiles,
            crew=pool,
            progress=killing(lambda: list(pool.executor._processes)),
        )
    (fault,) = caught.value.faults
    assert fault.code == "coverage_worker_lost"
    assert 0 < fault.facts["made"] < fault.facts["tiles"]
    assert "--workers" in fault.text("en")
    rest = Crew(Counting(), folder)
    found = by(tiles.paint_by_tiles, crew=rest)
    assert 0 < len(made(rest)) < fault.facts["tiles"]
    assert alike(found, by(tiles.paint_by_tiles, crew=crew))


def killing(pids: Callable[[], list[int]]) -> Callable[[str, float], None]:
    """Kill a worker as soon as the first tile is done."""
    killed = []

    def progress(_message: str, share: float) -> None:
        if not killed:
            assert share < 1.0
            killed.append(pids()[0])
            os.kill(killed[0], signal.SIGKILL)

    return progress


@pytest.fixture
def dask_address() -> Iterator[str]:
    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as local:
        yield local.scheduler_address


def test_a_cluster_that_loses_a_worker_gives_the_same_to_the_last_bit(
    tmp_path: Path, dask_address: str, crew: Crew
) -> None:
    with Client(dask_address) as client:
        pids = list(client.run(os.getpid).values())
    assert len(set(pids)) == 2
    with crews.cluster(dask_address, tmp_path / "cluster") as workers:
        found = by(tiles.paint_by_tiles, crew=workers, progress=killing(lambda: pids))
    with pytest.raises(ProcessLookupError):
        os.kill(pids[0], 0)
    assert alike(found, by(tiles.paint_by_tiles, crew=crew))


def test_a_cluster_that_does_not_answer_is_told(tmp_path: Path) -> None:
    with (
        dask.config.set({"distributed.comm.timeouts.connect": "200ms"}),
        pytest.raises(InputError) as caught,
        crews.cluster("tcp://127.0.0.1:9", tmp_path),
    ):
        pass
    assert caught.value.faults[0].code == "cluster_unreachable"
    assert "tcp://127.0.0.1:9" in str(caught.value)
