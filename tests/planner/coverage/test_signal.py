from __future__ import annotations

import os
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from geo.terrain import Terrain
from layers.county import County
from planner.coverage import grid, signal
from planner.coverage.cells import Usable, usable
from planner.coverage.check_model import strongest_dbm
from planner.coverage.clutter import OFFSETS
from planner.settings import Settings


def scattered(count: int, *, seed: int = 5) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.uniform([470_050.0, 3_240_050.0], [475_350.0, 3_243_550.0], (count, 2))


def prepared(county: County, settings: Settings) -> tuple[Usable, Terrain]:
    cells = usable(county, settings)
    area = grid.area_of(county, settings)
    xy = cells.cells[["x_m", "y_m"]].to_numpy()
    return cells, grid.ground(county, area, xy, settings)


def test_the_fast_search_agrees_with_plain_numpy_within_the_checks_tolerance(
    county: County, settings: Settings
) -> None:
    cells, terrain = prepared(county, settings)
    xy = scattered(120)
    found = signal.predict(cells.cells, cells.groups, terrain, xy, settings).rsrp_dbm
    for number, operator in enumerate(cells.operators):
        own = cells.cells[cells.cells["operator"] == operator]
        exact = [strongest_dbm(own, terrain, point, settings) for point in xy]
        assert np.ptp(exact) > 30.0
        np.testing.assert_allclose(found[:, number], exact, atol=0.01)


@pytest.mark.parametrize(("offset_db", "slope_db"), [(-18.0, 0.0), (5.0, 9.0), (0.0, -12.0)])
def test_what_calibration_adds_to_the_loss_is_counted_and_no_cell_is_left_out_for_it(
    county: County, settings: Settings, offset_db: float, slope_db: float
) -> None:
    cells, terrain = prepared(county, settings)
    corrected = cells.cells["site_id"] == "T"
    table = cells.cells.assign(
        **dict.fromkeys(OFFSETS, np.where(corrected, offset_db, 0.0)),
        slope_db_per_decade=np.where(corrected, slope_db, 0.0),
    )
    xy = scattered(60)
    found = signal.predict(table, cells.groups, terrain, xy, settings).rsrp_dbm
    plain = signal.predict(cells.cells, cells.groups, terrain, xy, settings).rsrp_dbm
    assert np.abs(found - plain).max() > 3.0
    for number, operator in enumerate(cells.operators):
        own = table[table["operator"] == operator]
        exact = [strongest_dbm(own, terrain, point, settings) for point in xy]
        np.testing.assert_allclose(found[:, number], exact, atol=0.01)


def test_the_result_does_not_depend_on_the_number_of_threads(
    county: County, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    cells, terrain = prepared(county, settings)
    xy = scattered(3000)
    results = []
    for threads in (1, 3):
        monkeypatch.setattr(os, "cpu_count", lambda count=threads: count)
        results.append(signal.predict(cells.cells, cells.groups, terrain, xy, settings))
    np.testing.assert_array_equal(results[0].rsrp_dbm, results[1].rsrp_dbm)
    np.testing.assert_array_equal(results[0].server, results[1].server)


def test_the_order_of_the_points_changes_nothing(county: County, settings: Settings) -> None:
    cells, terrain = prepared(county, settings)
    xy = scattered(500)
    there = signal.predict(cells.cells, cells.groups, terrain, xy, settings).rsrp_dbm
    back = signal.predict(cells.cells, cells.groups, terrain, xy[::-1], settings).rsrp_dbm
    np.testing.assert_array_equal(there, back[::-1])


def test_behind_the_ridge_the_signal_is_far_weaker(county: County, settings: Settings) -> None:
    cells, terrain = prepared(county, settings)
    ahead, behind = [472_000.0, 3_241_800.0], [473_400.0, 3_241_800.0]
    found = signal.predict(cells.cells, cells.groups, terrain, np.array([ahead, behind]), settings)
    cmcc = found.rsrp_dbm[:, 0]
    assert cmcc[0] > -90.0
    assert cmcc[0] - cmcc[1] > 30.0


def test_a_point_on_a_void_is_unknown_and_one_behind_a_void_gets_no_signal_across_it(
    county: County, settings: Settings
) -> None:
    assert county.terrain is not None
    holed = county.terrain.height_m.copy()
    column = int((471_500.0 - county.terrain.transform.c) / 30.0)
    holed[:, column : column + 8] = np.nan
    terrain = type(county.terrain)(
        height_m=holed, transform=county.terrain.transform, crs=county.crs
    )
    cells, local = prepared(replace(county, terrain=terrain), settings)
    xy = np.array([[471_600.0, 3_241_800.0], [472_000.0, 3_241_800.0], [470_700.0, 3_241_800.0]])
    found = signal.predict(cells.cells, cells.groups, local, xy, settings)
    assert np.isnan(found.rsrp_dbm[0]).all()
    assert found.rsrp_dbm[1, 0] == settings.number("coverage.floor_dbm")
    assert found.server[1, 0] == -1
    assert found.rsrp_dbm[2, 0] > -90.0


def test_voids_beside_a_profile_along_pixel_centres_change_nothing_and_any_weight_hides(
    county: County, settings: Settings
) -> None:
    cells, terrain = prepared(county, settings)
    pixel_m, top = terrain.transform.a, terrain.transform.f
    line = int((top - 3_241_800.0) / pixel_m)
    y = top - (line + 0.5) * pixel_m
    x = terrain.transform.c + (np.arange(8, terrain.height_m.shape[1] - 8) + 0.5) * pixel_m
    own = cells.cells[cells.cells["site_id"] == "W"].assign(x_m=x[3])
    groups = np.zeros(len(own), dtype=np.int64)
    holed = np.full_like(terrain.height_m, np.nan)
    holed[line] = terrain.height_m[line]
    bare = replace(terrain, height_m=holed)
    along = np.column_stack([x, np.full_like(x, y)])
    by_less = own.assign(y_m=y + 0.0005 * pixel_m)
    found = signal.predict(by_less, groups, bare, along, settings).rsrp_dbm
    full = signal.predict(by_less, groups, terrain, along, settings).rsrp_dbm
    np.testing.assert_allclose(found, full, atol=0.01)
    aside = own.assign(y_m=y + 0.002 * pixel_m)
    hidden = signal.predict(aside, groups, bare, along, settings)
    assert (hidden.server == -1).all()


def test_a_cell_listed_twice_changes_no_signal(made: SimpleNamespace, settings: Settings) -> None:
    row = made.cell("1", "W", "cmcc", azimuth_deg=None)
    xy, found = scattered(100), []
    for rows in ([row], [row, {**row, "cell_id": "2"}]):
        cells, terrain = prepared(made.county(cells=rows), settings)
        found.append(signal.predict(cells.cells, cells.groups, terrain, xy, settings).rsrp_dbm)
    np.testing.assert_array_equal(*found)


def test_beyond_the_reach_there_is_no_signal(county: County, settings: Settings) -> None:
    near = settings.with_user({"coverage.reach_km": 0.5}, source="test")
    cells, terrain = prepared(county, near)
    found = signal.predict(
        cells.cells, cells.groups, terrain,
        np.array([[471_400.0, 3_241_800.0], [471_600.0, 3_241_800.0]]), near,
    )  # fmt: skip
    assert found.server[:, 0].tolist()[1] == -1
    assert found.server[:, 0].tolist()[0] >= 0


def test_no_point_gives_an_empty_answer(county: County, settings: Settings) -> None:
    cells, terrain = prepared(county, settings)
    found = signal.predict(cells.cells, cells.groups, terrain, np.empty((0, 2)), settings)
    assert found.rsrp_dbm.shape == (0, 2)


def test_any_is_the_strongest_operator_and_all_the_weakest() -> None:
    one = signal.Signal(np.float32([[-80.0, -120.0]]), np.int32([[3, 4]]))
    two = signal.Signal(np.float32([[-90.0, -100.0]]), np.int32([[5, 6]]))
    summary = signal.summaries([one, two])
    assert summary["any"].rsrp_dbm.tolist() == [[-80.0, -100.0]]
    assert summary["any"].server.tolist() == [[3, 6]]
    assert summary["all"].rsrp_dbm.tolist() == [[-90.0, -120.0]]
    assert summary["all"].server.tolist() == [[5, 4]]


def test_paths_and_cpu_time_are_counted_for_the_speed_in_the_figures(
    county: County, settings: Settings
) -> None:
    cells, terrain = prepared(county, settings)
    found = signal.predict(cells.cells, cells.groups, terrain, scattered(4_000), settings)
    assert found.paths > 4_000
    assert found.cpu_seconds > 0.0
