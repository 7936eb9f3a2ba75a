"""Calibration finds what was hidden in made measurements, and nothing where nothing is."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import shapely

from layers.county import County
from layers.schemas import validate
from layers.tables import CALIBRATION
from planner.coverage import calibrate, grid, measured
from planner.coverage.calibrate import Calibration
from planner.coverage.cells import usable
from planner.coverage.clutter import OFFSETS
from planner.settings import Settings, defaults


def calibrated(county: County, settings: Settings) -> Calibration:
    cells = usable(county, settings)
    area = grid.area_of(county, settings)
    terrain = grid.ground(county, area, cells.cells[["x_m", "y_m"]].to_numpy(), settings)
    return calibrate.calibrate(county, cells, terrain, settings, cover=None)


@pytest.fixture(scope="module")
def plain(made: SimpleNamespace) -> Calibration:
    """The calibration of the drive test that nothing spoils."""
    return calibrated(made.drive(defaults()), defaults())


def found_for(result: Calibration, band: str) -> tuple[float, float]:
    rows = result.figures["bands"]
    row = next(row for row in rows if (row["band"], row["land_cover"]) == (band, ""))
    return row["offset_db"], row["slope_db_per_decade"]


def test_offset_and_slope_that_were_hidden_in_each_band_are_found(
    made: SimpleNamespace, plain: Calibration
) -> None:
    assert plain.figures["terms"] == "slope"
    for band, (offset, slope) in made.HIDDEN.items():
        assert found_for(plain, band)[0] == pytest.approx(offset, abs=0.9)
        assert found_for(plain, band)[1] == pytest.approx(slope, abs=2.5)
    figures = plain.figures
    assert figures["rmse_before_db"] > 4.5
    assert figures["rmse_after_db"] == pytest.approx(3.0, abs=0.4)
    assert figures["rmse_after_db"] <= figures["rmse_cross_validated_db"] < 3.6


def test_the_correction_stands_in_the_cells_and_in_the_settings_of_infill(
    plain: Calibration,
) -> None:
    offset, slope = found_for(plain, "B3")
    own = plain.cells.cells
    for name in OFFSETS:
        assert set(own.loc[own["site_id"].isin(["A", "C", "E"]), name]) == {offset}
        assert set(own.loc[own["site_id"].isin(["B", "D", "F"]), name]) != {offset}
        assert plain.settings.number(f"coverage.infill_{name}") == offset
    assert plain.settings.number("coverage.infill_slope_db_per_decade") == slope


def test_outliers_hardly_pull(made: SimpleNamespace, settings: Settings) -> None:
    def tunnels(frame: pd.DataFrame) -> pd.DataFrame:
        level = frame["rsrp_dbm"].where(frame.index % 12 != 0, frame["rsrp_dbm"] - 45.0)
        return frame.assign(rsrp_dbm=level.clip(lower=-140.0))

    result = calibrated(made.drive(settings, change=tunnels), settings)
    mean_pull_db = 45.0 / 12.0
    for band, (offset, _) in made.HIDDEN.items():
        assert abs(found_for(result, band)[0] - offset) < 0.5 * mean_pull_db


def test_where_the_model_is_right_nothing_or_next_to_nothing_is_corrected(
    made: SimpleNamespace, settings: Settings
) -> None:
    result = calibrated(made.drive(settings, hidden={}), settings)
    assert np.abs(result.cells.cells[list(OFFSETS)].to_numpy()).max() < 1.0
    figures = result.figures
    scores = figures["cross_validation_db"]
    assert figures["rmse_cross_validated_db"] == min(scores.values()) <= scores["none"]


def test_one_site_gives_an_offset_alone_and_no_error_on_unseen_sites(
    made: SimpleNamespace, settings: Settings
) -> None:
    figures = calibrated(made.drive(settings, sites="A"), settings).figures
    assert (figures["sites"], figures["terms"]) == (1, "offset")
    assert figures["rmse_cross_validated_db"] is None
    assert {row["slope_db_per_decade"] for row in figures["bands"]} == {0.0}


def test_a_band_of_few_points_takes_the_fit_of_all(
    made: SimpleNamespace, settings: Settings
) -> None:
    def mostly_b3(frame: pd.DataFrame) -> pd.DataFrame:
        few = frame["cell_id"].isin(["cB", "cD", "cF"]) & (frame.index % 10 != 0)
        return frame[~few]

    result = calibrated(made.drive(settings, change=mostly_b3), settings)
    basis = {row["band"]: row["fitted_on"] for row in result.figures["bands"]}
    assert basis == {"B3": "band", "B8": "all", "": "all"}
    assert found_for(result, "B8") == found_for(result, "")


def test_too_few_points_correct_nothing_but_are_compared(
    made: SimpleNamespace, settings: Settings
) -> None:
    result = calibrated(made.drive(settings, change=lambda frame: frame.iloc[::20]), settings)
    assert (result.figures["status"], result.figures["terms"]) == ("compared", "none")
    assert result.figures["rmse_before_db"] == result.figures["rmse_after_db"]
    assert (result.cells.cells[list(OFFSETS)].to_numpy() == 0.0).all()


def test_a_study_may_forbid_calibration_and_still_sees_the_difference(
    made: SimpleNamespace, settings: Settings
) -> None:
    strict = settings.with_user({"coverage.calibrate": False}, source="test")
    result = calibrated(made.drive(strict), strict)
    assert result.figures["status"] == "compared"
    assert result.figures["rmse_before_db"] > 4.5
    assert (result.cells.cells[list(OFFSETS)].to_numpy() == 0.0).all()


def test_a_reader_is_told_of_one_site_of_nothing_used_and_of_samples_left_out(
    made: SimpleNamespace, settings: Settings
) -> None:
    def strange(frame: pd.DataFrame) -> pd.DataFrame:
        return frame.assign(cell_id=frame["cell_id"].where(frame.index > 2, "nowhere"))

    def told(county: County) -> list[str]:
        return [fault.code for fault in calibrate.notices(calibrated(county, settings).figures)]

    assert told(made.around()) == []
    assert told(made.drive(settings, sites="A")) == ["calibration_one_site"]
    few = made.drive(settings, change=lambda frame: strange(frame).iloc[::20])
    assert told(few) == ["calibration_left_out", "calibration_not_used"]


def test_measurements_of_unknown_cells_only_correct_nothing_and_are_counted(
    made: SimpleNamespace, settings: Settings
) -> None:
    county = made.drive(settings, change=lambda frame: frame.assign(cell_id="nowhere"))
    result = calibrated(county, settings)
    figures = result.figures
    assert (figures["status"], figures["pixels"], figures["bands"]) == ("no_points", 0, [])
    assert figures["samples_left_out"] == {"cell_unknown": figures["samples"]}
    assert figures["rmse_before_db"] is None
    validate(result.points, CALIBRATION)


def test_without_measurements_nothing_is_said_but_that(
    made: SimpleNamespace, settings: Settings
) -> None:
    result = calibrated(made.around(), settings)
    assert dict(result.figures) == {"status": "no_measurements", "samples": 0}
    assert result.settings is settings
    validate(result.points, CALIBRATION)
    assert result.points.empty


def test_the_table_of_points_has_its_columns_and_the_errors_follow_from_it(
    plain: Calibration,
) -> None:
    validate(plain.points, CALIBRATION)
    left = plain.points["calibrated_dbm"] - plain.points["measured_dbm"]
    assert float(np.sqrt((left**2).mean())) == pytest.approx(
        plain.figures["rmse_after_db"], abs=1e-3
    )


def test_samples_of_a_pixel_are_one_median_and_every_sample_is_accounted_for(
    made: SimpleNamespace, settings: Settings, plain: Calibration
) -> None:
    def thrice(frame: pd.DataFrame) -> pd.DataFrame:
        louder = frame.assign(rsrp_dbm=frame["rsrp_dbm"] + 30.0)
        strange = frame.head(5).assign(cell_id="nowhere-7")
        return pd.concat([frame, frame, louder, strange], ignore_index=True)

    again = calibrated(made.drive(settings, change=thrice), settings)
    figures = again.figures
    assert figures["samples_left_out"] == {"cell_unknown": 5}
    told = again.points["samples"].sum() + 5 + figures["samples_unpredicted"]
    assert told == figures["samples"] == 3 * plain.figures["samples"] + 5
    single = plain.points["samples"].to_numpy() == 1
    np.testing.assert_allclose(
        again.points["measured_dbm"][single], plain.points["measured_dbm"][single]
    )


def test_a_cell_is_found_by_its_id_by_pci_and_else_by_the_prediction(
    made: SimpleNamespace, settings: Settings
) -> None:
    here = shapely.Point(470_760, 3_241_060)
    cells = [
        made.cell("128000258", "A", "cmcc", azimuth_deg=None, pci=17, earfcn=1300),
        made.cell("2", "D", "cmcc", azimuth_deg=None, pci=17, earfcn=1300),
        made.cell("3", "B", "cmcc", azimuth_deg=None, indoor=True),
    ]
    rows = [
        {"cell_id": "460-00-500001-2"}, {"pci": 17, "earfcn": 1300}, {}, {"cell_id": "3"},
        {"cell_id": "9"}, {"pci": 99}, {"operator": "cucc"}, {"cell_id": "2", "operator": "cucc"},
    ]  # fmt: skip
    base = {"operator": "cmcc", "rsrp_dbm": -80.0, "geometry": here}
    sites = [made.site(name, *made.SITES[name]) for name in "ABD"]
    county = made.county(sites=sites, cells=cells, measurements=[{**base, **row} for row in rows])
    known = usable(county, settings)
    area = grid.area_of(county, settings)
    terrain = grid.ground(county, area, known.cells[["x_m", "y_m"]].to_numpy(), settings)
    found = measured.thinned(county, known, terrain, settings)
    assert known.cells["site_id"].iloc[found.points["cell"]].tolist() == ["A"]
    assert found.points["samples"].tolist() == [4]
    assert found.guessed == 2
    assert dict(found.left_out) == {"cell_unusable": 2, "cell_unknown": 2}
