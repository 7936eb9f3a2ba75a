from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from affine import Affine
from pyproj import CRS
from scipy import ndimage

from geo.terrain import Terrain
from planner.coverage import signal, sweep
from planner.coverage.agreement import compare
from planner.coverage.clutter import COVERS, OFFSETS, Cover
from planner.coverage.fan_kernels import Fan, Raster, gather
from planner.coverage.grid import Grid
from planner.coverage.serving_kernels import UNCOUNTED_DBM, Best
from planner.settings import Settings, defaults

PIXEL_M, SIDE = 30.0, 161
CRS_M = CRS.from_epsg(4545)
CORNER = Affine(PIXEL_M, 0.0, 300_000.0, 0.0, -PIXEL_M, 3_300_000.0)
ONE = np.zeros(1, dtype=np.int64)
WANTED_DBM = -105.0


def ground(kind: str) -> Terrain:
    row, column = np.mgrid[0:SIDE, 0:SIDE].astype(float)
    rough = ndimage.gaussian_filter(np.random.default_rng(3).normal(size=(SIDE, SIDE)), 4.0)
    height = {
        "rough": 800.0 + 2500.0 * rough,
        "flat": np.full((SIDE, SIDE), 300.0),
        "valley": 400.0 + 0.08 * (column - 75.0) ** 2 + 2.0 * row + 15.0 * rough,
    }[kind]
    return Terrain(height_m=height.astype(np.float32), transform=CORNER, crs=CRS_M)


def cells(
    *place: tuple[float, float], mhz: tuple[float, ...] = (1842.5,), **values: float
) -> pd.DataFrame:
    """Cells at places given in pixels from the upper left corner, one a frequency."""
    rows = [
        {"x_m": CORNER.c + x * PIXEL_M, "y_m": CORNER.f - y * PIXEL_M, "frequency_mhz": one}
        for x, y in place
        for one in mhz
    ]
    frame = pd.DataFrame(rows).sort_values(["x_m", "y_m", "frequency_mhz"], ignore_index=True)
    usual = {
        "row": range(len(frame)), "height_m": 30.0, "eirp_dbm": 20.0, "azimuth_deg": 0.0,
        "beamwidth_deg": 0.0, "vertical_beamwidth_deg": 10.0, "electrical_tilt_deg": 0.0,
        "tilt_deg": 0.0, **dict.fromkeys(OFFSETS, 0.0), "slope_db_per_decade": 0.0,
    }  # fmt: skip
    return frame.assign(**{**usual, **values})


def grid() -> Grid:
    return Grid(CORNER, (SIDE, SIDE), CRS_M)


@pytest.fixture
def settings() -> Settings:
    return chosen({})


def chosen(values: dict[str, float]) -> Settings:
    usual = {
        "coverage.resolution_m": PIXEL_M, "coverage.reach_km": 4.0, "coverage.floor_dbm": -250.0,
    }  # fmt: skip
    return defaults().with_user({**usual, **values}, source="test")


def painted(
    frame: pd.DataFrame, terrain: Terrain, settings: Settings, *, cover: Cover | None = None,
    counted_dbm: float = UNCOUNTED_DBM, threads: int | None = None,
) -> sweep.Painting:  # fmt: skip
    groups = np.zeros(len(frame), dtype=np.int64)
    wanted = np.ones((SIDE, SIDE), dtype=bool)
    return sweep.paint(
        frame, groups, terrain, grid(), wanted, settings, cover=cover, counted_dbm=counted_dbm,
        threads=threads,
    )  # fmt: skip


def single(
    frame: pd.DataFrame, terrain: Terrain, settings: Settings, *, cover: Cover | None = None,
    counted_dbm: float = UNCOUNTED_DBM,
) -> signal.Prediction:  # fmt: skip
    row, column = np.mgrid[0:SIDE, 0:SIDE]
    xy = grid().centres(row.ravel(), column.ravel())
    groups = np.zeros(len(frame), dtype=np.int64)
    return signal.predict(
        frame, groups, terrain, xy, settings, cover=cover, counted_dbm=counted_dbm
    )  # fmt: skip


def exact(frame: pd.DataFrame, terrain: Terrain, settings: Settings) -> np.ndarray:
    return single(frame, terrain, settings).rsrp_dbm[:, 0].reshape(SIDE, SIDE)


@pytest.mark.parametrize(
    ("kind", "rms_db"), [("rough", 0.6), ("flat", 0.02), ("valley", 0.3)]
)  # fmt: skip
def test_the_sweep_agrees_with_a_profile_for_every_pixel(
    kind: str, rms_db: float, settings: Settings
) -> None:
    frame, terrain = cells((80.3, 77.8), mhz=(806.0, 2350.0)), ground(kind)
    swept = painted(frame, terrain, settings).rsrp_dbm[:, :, 0].astype(float)
    single = exact(frame, terrain, settings).astype(float)
    assert (np.isfinite(swept) == np.isfinite(single)).all()
    bias, rms, same = compare(swept, single, floor_dbm=-250.0, threshold_dbm=WANTED_DBM)
    assert bias is not None
    assert rms is not None
    assert same is not None
    assert abs(bias) <= 0.1
    assert rms <= rms_db
    assert same >= 0.99


@pytest.mark.parametrize("kind", ["rough", "flat", "valley"])
@pytest.mark.parametrize("mhz", [700.0, 2600.0])
def test_on_a_ray_through_the_pixels_the_sweep_is_exact(kind: str, mhz: float) -> None:
    # a mast on a pixel's centre: rays run through the centres north, east, south and west of it,
    # and along the diagonals; 8 divides the number of rays
    settings = chosen({"coverage.rays_per_pixel": 840 * 8 / (2 * np.pi * 4000.0 / PIXEL_M)})
    frame, terrain = cells((80.5, 80.5), mhz=(mhz,)), ground(kind)
    swept = painted(frame, terrain, settings).rsrp_dbm[:, :, 0]
    single = exact(frame, terrain, settings)
    away = np.arange(-79, 80)
    for row, column in ((80 + away, 80 + 0 * away), (80 + 0 * away, 80 + away),
                        (80 + away, 80 + away), (80 - away, 80 + away)):  # fmt: skip
        np.testing.assert_allclose(swept[row, column], single[row, column], atol=0.02)


def test_pixels_next_to_the_mast_are_exact(settings: Settings) -> None:
    frame, terrain = cells((80.1, 79.6)), ground("rough")
    swept = painted(frame, terrain, settings).rsrp_dbm[78:82, 79:83, 0]
    single = exact(frame, terrain, settings)[78:82, 79:83]
    np.testing.assert_array_equal(swept, single)


def test_the_number_of_threads_changes_nothing(settings: Settings) -> None:
    frame, terrain = cells((20.2, 30.7), (90.0, 110.4), (130.6, 50.1)), ground("rough")
    one = painted(frame, terrain, settings, threads=1)
    three = painted(frame, terrain, settings, threads=3)
    np.testing.assert_array_equal(one.rsrp_dbm, three.rsrp_dbm)
    np.testing.assert_array_equal(one.server, three.server)


def test_sectors_and_operators_are_told_apart_as_by_single_profiles(settings: Settings) -> None:
    frame = pd.concat([cells((80.3, 77.8))] * 4, ignore_index=True).assign(
        azimuth_deg=[0.0, 120.0, 240.0, 60.0], beamwidth_deg=65.0, tilt_deg=3.0
    )
    groups = np.array([0, 0, 0, 1])
    terrain, wanted = ground("valley"), np.ones((SIDE, SIDE), dtype=bool)
    swept = sweep.paint(frame, groups, terrain, grid(), wanted, settings)
    row, column = np.mgrid[0:SIDE, 0:SIDE]
    xy = grid().centres(row.ravel(), column.ravel())
    single = signal.predict(frame, groups, terrain, xy, settings)
    for group in (0, 1):
        same = swept.server[:, :, group].ravel() == single.server[:, group]
        assert same.mean() > 0.99
        error = swept.rsrp_dbm[:, :, group].ravel() - single.rsrp_dbm[:, group]
        assert abs(error.mean()) < 0.1


TUNED = {
    "offset_open_db": [6.0, -4.0] * 2,
    "offset_forest_db": [-7.0, 9.0] * 2,
    "slope_db_per_decade": [8.0, -5.0] * 2,
}
PLACES, BANDS = ((80.3, 77.8), (30.2, 110.6)), (806.0, 1842.5)


def wooded(terrain: Terrain) -> Cover:
    """Return a wood over the upper half of a terrain."""
    classes = np.zeros((SIDE, SIDE), dtype=np.uint8)
    classes[: SIDE // 2] = COVERS.index("forest")
    return Cover(
        classes=classes, height_m=(0.0, 15.0, 10.0), terrain=terrain, receiver_m=1.5, street_m=27.0
    )


@pytest.mark.parametrize("under_trees", [False, True])
@pytest.mark.parametrize("kind", ["flat", "valley"])
def test_the_calibrated_sweep_is_the_calibrated_prediction_with_as_many_servers(
    kind: str, under_trees: bool, settings: Settings
) -> None:
    frame, terrain = cells(*PLACES, mhz=BANDS).assign(**TUNED), ground(kind)
    cover, counted_dbm = wooded(terrain) if under_trees else None, -70.0
    swept = painted(frame, terrain, settings, cover=cover, counted_dbm=counted_dbm)
    exact_ = single(frame, terrain, settings, cover=cover, counted_dbm=counted_dbm)
    error = swept.rsrp_dbm[:, :, 0].ravel().astype(float) - exact_.rsrp_dbm[:, 0]
    assert np.sqrt(np.mean(error**2)) <= 0.3
    assert (swept.servers[:, :, 0].ravel() == exact_.servers[:, 0]).mean() >= 0.99
    alone = [
        single(frame.iloc[[k]].reset_index(drop=True), terrain, settings, cover=cover)
        for k in range(len(frame))
    ]
    counts = np.sum([one.rsrp_dbm >= counted_dbm for one in alone], axis=0)
    np.testing.assert_array_equal(exact_.servers, counts)
    assert set(np.unique(counts)) >= {0, 1, 2}


def test_calibration_changes_the_sweep_by_offset_and_slope_only(settings: Settings) -> None:
    frame, terrain = cells((80.3, 77.8)), ground("rough")
    tuned = frame.assign(**dict.fromkeys(OFFSETS, 6.0), slope_db_per_decade=8.0)
    lost = painted(frame, terrain, settings).rsrp_dbm - painted(tuned, terrain, settings).rsrp_dbm
    row, column = np.mgrid[0:SIDE, 0:SIDE] + 0.5
    km = np.maximum(np.hypot(column - 80.3, row - 77.8), 0.5) * PIXEL_M / 1000.0
    near = km <= 3.9
    np.testing.assert_allclose(lost[near, 0], (6.0 + 8.0 * np.log10(km))[near], atol=1e-3)


@pytest.mark.parametrize(("offset_db", "slope_db"), [(-4.0, 0.0), (0.0, -12.0), (5.0, 10.0)])
def test_a_calibrated_mast_is_swept_as_far_as_its_signal_carries(
    offset_db: float, slope_db: float
) -> None:
    strict, terrain = chosen({"coverage.floor_dbm": -80.0}), ground("flat")
    frame = cells((80.3, 77.8), **dict.fromkeys(OFFSETS, offset_db), slope_db_per_decade=slope_db)
    swept = painted(frame, terrain, strict).server[:, :, 0].ravel() >= 0
    exact_ = single(frame, terrain, strict).server[:, 0] >= 0
    assert 0 < exact_.sum() < SIDE**2
    assert (swept == exact_).mean() > 0.999


def test_nothing_is_counted_outside_the_area(settings: Settings) -> None:
    frame, wanted = cells((80.3, 77.8)), np.zeros((SIDE, SIDE), dtype=bool)
    wanted[70:90, 70:90] = True
    found = sweep.paint(
        frame, ONE, ground("flat"), grid(), wanted, settings, counted_dbm=-120.0
    )  # fmt: skip
    assert ((found.servers[:, :, 0] == 1) == wanted).all()


def test_a_void_is_unknown_and_hides_what_lies_behind_it(settings: Settings) -> None:
    terrain = ground("flat")
    holed = terrain.height_m.copy()
    holed[100:103, 60:101] = np.nan
    found = painted(cells((80.3, 77.8)), replace(terrain, height_m=holed), settings)
    assert np.isnan(found.rsrp_dbm[100:103, 60:101]).all()
    assert np.isfinite(found.rsrp_dbm[99, 60:101]).all()
    assert (found.rsrp_dbm[110, 72:88] == -250.0).all()
    assert (found.server[110, 72:88] == -1).all()
    assert (found.server[60, 40:120] == 0).all()
    assert (found.server[99, 75:85] == 0).all()


@pytest.mark.parametrize("place", [(0.5, 0.5), (160.9, 80.2), (80.0, 160.5)])
def test_a_mast_at_the_edge_of_the_raster_serves_all_of_it_in_reach(
    place: tuple[float, float], settings: Settings
) -> None:
    frame, terrain = cells(place), ground("flat")
    swept = painted(frame, terrain, settings)
    single = exact(frame, terrain, settings)
    np.testing.assert_allclose(swept.rsrp_dbm[:, :, 0], single, atol=0.1)
    row, column = np.mgrid[0:SIDE, 0:SIDE] + 0.5
    near = np.hypot(column - place[0], row - place[1]) * PIXEL_M <= 4000.0
    assert (swept.server[:, :, 0] == np.where(near, 0, -1)).all()


def test_the_unwanted_pixels_stay_unknown(settings: Settings) -> None:
    frame, wanted = cells((80.3, 77.8)), np.zeros((SIDE, SIDE), dtype=bool)
    wanted[40:60, 100:140] = True
    found = sweep.paint(frame, ONE, ground("rough"), grid(), wanted, settings)
    assert (np.isfinite(found.rsrp_dbm[:, :, 0]) == wanted).all()
    assert found.paths <= wanted.sum()
    whole = painted(frame, ground("rough"), settings)
    np.testing.assert_array_equal(found.rsrp_dbm[wanted], whole.rsrp_dbm[wanted])


def test_no_pixel_beyond_what_free_space_can_carry_is_worked_out() -> None:
    strict = chosen({"coverage.floor_dbm": -80.0})
    found = painted(cells((80.5, 80.5)), ground("flat"), strict)
    km = 10.0 ** ((20.0 + 80.0 - 92.4) / 20.0) / 1.8425
    assert 0 < found.paths <= np.pi * (1000.0 * km / PIXEL_M + 1.0) ** 2
    assert found.paths < SIDE**2 / 4


@pytest.mark.parametrize("rays", [32, 100, 1711])
def test_the_fans_of_a_mast_hold_every_pixel_in_reach_once(rays: int, settings: Settings) -> None:
    frame, reach_m = cells((70.2, 90.7)), 2000.0
    scene = signal.scene_of(frame, ONE, ground("flat"), settings)
    best = np.full((SIDE**2, 1), -250.0, dtype=np.float32)
    server = np.full((SIDE**2, 1), -1, dtype=np.int32)
    left, top = grid().centres(np.array([0]), np.array([0]))[0].tolist()
    found = Best(
        best, server, np.zeros((SIDE**2, 1), np.int16), np.zeros(SIDE**2, np.uint8),
        np.zeros(len(COVERS)),
    )  # fmt: skip
    raster = Raster(left, top, PIXEL_M, SIDE, found)
    step = max(1, rays // 8)
    fans = [Fan(0, rays, k, min(k + step, rays), reach_m) for k in range(0, rays, step)]
    pixels = np.concatenate([gather(scene, raster, fan).pixel for fan in fans])
    row, column = np.mgrid[0:SIDE, 0:SIDE] + 0.5
    near = np.hypot(column - 70.2, row - 90.7) * PIXEL_M <= reach_m
    assert sorted(pixels.tolist()) == np.flatnonzero(near.ravel()).tolist()


def test_without_cells_nothing_is_heard(settings: Settings) -> None:
    frame = cells((1.0, 1.0)).iloc[:0]
    found = sweep.paint(
        frame, np.zeros(0, dtype=np.int64), ground("flat"), grid(),
        np.ones((SIDE, SIDE), dtype=bool), settings,
    )  # fmt: skip
    assert found.rsrp_dbm.shape == (SIDE, SIDE, 0)
    assert found.paths == 0


def test_progress_ends_at_the_last_mast(settings: Settings) -> None:
    told: list[float] = []
    sweep.paint(
        cells((20.0, 30.0), (90.0, 110.0)), np.zeros(2, dtype=np.int64), ground("flat"), grid(),
        np.ones((SIDE, SIDE), dtype=bool), settings,
        progress=lambda _message, share: told.append(share),
    )  # fmt: skip
    assert told == [0.5, 1.0]


def test_the_figures_hold_nothing_that_was_not_measured() -> None:
    nothing = np.full(3, np.nan)
    assert compare(nothing, nothing, floor_dbm=-140.0, threshold_dbm=-105.0) == (None, None, None)
    floor = np.full(3, -140.0)
    assert compare(floor, floor, floor_dbm=-140.0, threshold_dbm=-105.0) == (None, None, 1.0)
