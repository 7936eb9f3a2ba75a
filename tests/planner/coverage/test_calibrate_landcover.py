"""What a land cover adds to the loss reaches the signal there, and there only, and the check."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from layers.county import County
from layers.schemas import validate
from layers.tables import CALIBRATION
from planner.coverage import clutter, grid, run, second, signal
from planner.coverage.calibrate import Calibration, calibrate
from planner.coverage.cells import usable
from planner.coverage.check_calibration import corrected
from planner.coverage.clutter import COVERS, OFFSETS
from planner.coverage.run import CoverageResult
from planner.settings import Settings, defaults

SETTINGS = defaults().with_user(
    {"coverage.village_site_km": 1.0, "coverage.check_points": 40, "coverage.infill_sites": 1,
     "coverage.threshold_dbm": -90.0}, source="test",
)  # fmt: skip
PLANTED = {("B3", "forest"): 8.0, ("B3", "built_up"): -6.0, ("B8", "forest"): -5.0}


@pytest.fixture(scope="module")
def county(made: SimpleNamespace) -> County:
    """A county with stripes of wood and town, in which each band loses more or less there."""
    driven: County = made.drive(
        SETTINGS, noise_db=2.0, count=200, zones=made.striped(), planted=PLANTED
    )
    return driven


def of(county: County, settings: Settings = SETTINGS) -> Calibration:
    cells = usable(county, settings)
    masts = cells.cells[["x_m", "y_m"]].to_numpy()
    terrain = grid.ground(county, grid.area_of(county, settings), masts, settings)
    return calibrate(county, cells, terrain, settings, cover=clutter.lay(county, terrain, settings))


@pytest.fixture(scope="module")
def calibration(county: County) -> Calibration:
    return of(county)


@pytest.fixture(scope="module")
def result(county: County) -> CoverageResult:
    found = run.solve(county, SETTINGS)
    assert found is not None
    return found


def row_of(figures: Mapping[str, Any], band: str, cover: str) -> dict[str, Any]:
    [row] = [row for row in figures["bands"] if (row["band"], row["land_cover"]) == (band, cover)]
    return dict(row)


def test_what_was_planted_by_band_and_land_cover_is_found_through_trees_and_roofs(
    made: SimpleNamespace, calibration: Calibration
) -> None:
    figures = calibration.figures
    assert figures["terms"] == "land_cover"
    for band, (offset, slope) in made.HIDDEN.items():
        for cover in COVERS:
            row = row_of(figures, band, cover)
            assert row["fitted_on"] == "land_cover"
            planted = offset + PLANTED.get((band, cover), 0.0)
            assert row["offset_db"] == pytest.approx(planted, abs=0.5)
            assert row["slope_db_per_decade"] == pytest.approx(slope, abs=1.5)
            assert 1.5 < row["rmse_after_db"] < 2.5 < row["rmse_before_db"] + 1.5
            assert row["rmse_cross_validated_db"] < 2.6
    scores = figures["cross_validation_db"]
    assert scores["land_cover"] < scores["slope"] - 1.0


def test_rows_of_land_cover_add_up_to_their_band_and_to_the_table(
    calibration: Calibration,
) -> None:
    validate(calibration.points, CALIBRATION)
    for band in ("B3", "B8", ""):
        whole = row_of(calibration.figures, band, "")
        for key in ("pixels", "samples"):
            assert sum(row_of(calibration.figures, band, one)[key] for one in COVERS) == whole[key]
    counts = calibration.points.groupby(["band", "land_cover"]).size()
    for (band, cover), count in counts.items():
        assert row_of(calibration.figures, band, cover)["pixels"] == count


def test_cells_and_infill_carry_the_offset_of_each_land_cover(calibration: Calibration) -> None:
    own = calibration.cells.cells
    b3 = own[own["site_id"].isin(["A", "C", "E"])]
    for name, cover in zip(OFFSETS, COVERS, strict=True):
        offset = row_of(calibration.figures, "B3", cover)["offset_db"]
        assert set(b3[name]) == {offset}
        assert calibration.settings.number(f"coverage.infill_{name}") == offset
    again = corrected(replace(calibration.cells, cells=own.assign(**dict.fromkeys(OFFSETS, 0.0))),
                      calibration.figures)  # fmt: skip
    assert again.cells[list(OFFSETS)].equals(own[list(OFFSETS)])


def test_a_land_cover_that_was_hardly_measured_takes_the_offset_of_its_band(
    made: SimpleNamespace, county: County
) -> None:
    def few(frame: pd.DataFrame) -> pd.DataFrame:
        x = frame["geometry"].map(lambda point: point.x)
        in_town = (x - 470_000.0) // 360.0 % 3 == 2
        return frame[~in_town | (frame.index % 30 == 0)]

    figures = of(
        made.drive(
            SETTINGS, noise_db=2.0, count=200, zones=made.striped(), planted=PLANTED, change=few
        )
    ).figures
    assert figures["terms"] == "land_cover"
    for band in ("B3", "B8"):
        town, whole = row_of(figures, band, "built_up"), row_of(figures, band, "")
        assert 0 < town["pixels"] < 30
        assert (town["fitted_on"], town["offset_db"]) == ("band", whole["offset_db"])
        assert row_of(figures, band, "forest")["fitted_on"] == "land_cover"


def test_land_cover_is_not_used_where_it_makes_no_difference(made: SimpleNamespace) -> None:
    figures = of(made.drive(SETTINGS, zones=made.striped())).figures
    scores = figures["cross_validation_db"]
    assert figures["terms"] == min(scores, key=lambda terms: scores[terms]) != "land_cover"
    assert {row_of(figures, "B3", cover)["offset_db"] for cover in COVERS} == {
        row_of(figures, "B3", "")["offset_db"]
    }


@pytest.mark.parametrize("kind", ["ground", "surface"])
def test_the_signal_moves_by_the_offset_in_that_land_cover_only(county: County, kind: str) -> None:
    assert county.terrain is not None
    county = replace(county, terrain=replace(county.terrain, kind=kind))
    cells = usable(county, SETTINGS)
    masts = cells.cells[["x_m", "y_m"]].to_numpy()
    terrain = grid.ground(county, grid.area_of(county, SETTINGS), masts, SETTINGS)
    cover = clutter.lay(county, terrain, SETTINGS)
    assert cover is not None
    one = cells.cells.iloc[[0]].reset_index(drop=True)
    ones, server = np.zeros(1, dtype=np.int64), np.zeros(400, dtype=np.int32)
    xy = np.random.default_rng(2).uniform((470_100, 3_240_100), (475_300, 3_243_500), (400, 2))
    assert set(cover.at(xy)) == {0, 1, 2}

    def both(table: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
        first = signal.predict(table, ones, terrain, xy, SETTINGS, floor_dbm=-300.0, cover=cover)
        other = second.itm_dbm(table, terrain, xy, server, SETTINGS, cover=cover)
        return first.rsrp_dbm[:, 0], other

    for number, name in enumerate(OFFSETS):
        for offset_db in (7.0, -7.0):
            moved = both(one.assign(**{name: offset_db}))
            for before, after in zip(both(one), moved, strict=True):
                known = np.isfinite(before)
                expected = np.where(cover.at(xy) == number, offset_db, 0.0)
                assert known.sum() > 100
                np.testing.assert_allclose((before - after)[known], expected[known], atol=1e-3)


def test_the_grid_of_a_run_has_the_offsets_of_its_land_cover(
    county: County, result: CoverageResult
) -> None:
    plain = run.solve(county, SETTINGS.with_user({"coverage.calibrate": False}, source="test"))
    assert plain is not None
    lost = plain.signals["cmcc"].rsrp_dbm - result.signals["cmcc"].rsrp_dbm
    same = plain.signals["cmcc"].server == result.signals["cmcc"].server
    row, column = np.nonzero(same & (plain.signals["cmcc"].rsrp_dbm > -120.0))
    xy = result.grid.centres(row, column)
    server = result.signals["cmcc"].server[row, column]
    mast = usable(county, SETTINGS).cells.set_index("row").loc[server]
    apart_m = np.hypot(xy[:, 0] - mast["x_m"].to_numpy(), xy[:, 1] - mast["y_m"].to_numpy())
    decades = np.log10(np.maximum(apart_m, 30.0) / 1000.0)
    stripe = ((xy[:, 0] - 470_000.0) // 360.0).astype(int) % len(COVERS)
    bands = np.where(mast["frequency_mhz"] > 1500.0, "B3", "B8")
    met = {*zip(bands.tolist(), stripe.tolist(), strict=True)}
    assert met == {("B3", 0), ("B3", 2), ("B8", 0), ("B8", 1), ("B8", 2)}, "in woods B8 is stronger"
    figures = result.figures["calibration"]
    assert figures["terms"] == "land_cover"
    rows = [row_of(figures, band, COVERS[k]) for band, k in zip(bands, stripe, strict=True)]
    offset, slope = (
        np.array([one[key] for one in rows]) for key in ("offset_db", "slope_db_per_decade")
    )
    np.testing.assert_allclose(lost[row, column], offset + slope * decades, atol=1e-3)


def test_the_check_proves_the_result_and_finds_a_falsified_offset_of_a_land_cover(
    made: SimpleNamespace, county: County, result: CoverageResult
) -> None:
    assert made.checked(county, SETTINGS, result).failures == ()
    figures = result.figures["calibration"]
    for changed in ({"offset_db": row_of(figures, "B3", "forest")["offset_db"] - 3.0},
                    {"rmse_after_db": 0.5}, {"rmse_cross_validated_db": 0.5}, {"samples": 1},
                    {"sites": 9}):  # fmt: skip
        rows = [
            {**row, **changed} if (row["band"], row["land_cover"]) == ("B3", "forest") else row
            for row in figures["bands"]
        ]
        stated = {**result.figures, "calibration": {**figures, "bands": rows}}
        broken = {
            one.rule for one in made.checked(county, SETTINGS, result, figures=stated).failures
        }
        [key] = changed
        assert broken >= (
            {"calibration_fit", "calibration_correction"}
            if key == "offset_db" else {f"calibration_{key}"}
        )  # fmt: skip


def test_the_check_finds_a_median_that_is_said_to_lie_in_another_land_cover(
    made: SimpleNamespace, county: County, result: CoverageResult
) -> None:
    moved = result.calibration.assign(land_cover="open")
    broken = made.checked(county, SETTINGS, result, calibration=moved).failures
    assert {one.rule for one in broken} == {"calibration_land_cover"}
