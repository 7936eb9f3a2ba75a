"""What is planted in calibration and measured gaps is found by the independent check."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from geo.terrain import Terrain
from layers.county import County
from layers.schemas import validate
from layers.tables import MEASURED_GAPS
from planner.checking import Checks
from planner.coverage import check_calibration, check_measuredgaps, grid, run
from planner.coverage.cells import usable
from planner.coverage.check_model import Heard, strongest
from planner.coverage.run import CoverageResult
from planner.settings import defaults

Judged = Callable[..., set[str]]

SETTINGS = defaults().with_user(
    {"coverage.village_site_km": 1.0, "coverage.check_points": 40, "coverage.infill_sites": 1,
     "coverage.threshold_dbm": -90.0}, source="test",
)  # fmt: skip


@pytest.fixture(scope="module")
def county(made: SimpleNamespace) -> County:
    """A county driven through, with a stretch that is far weaker than predicted."""

    def weak(frame: pd.DataFrame) -> pd.DataFrame:
        x = frame["geometry"].map(lambda point: point.x)
        return frame.assign(rsrp_dbm=frame["rsrp_dbm"].where(x > 470_600, -104.0))

    measured: County = made.drive(SETTINGS, change=weak)
    return measured


@pytest.fixture(scope="module")
def result(county: County) -> CoverageResult:
    found = run.solve(county, SETTINGS)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def terrain(county: County) -> Terrain:
    masts = usable(county, SETTINGS).cells[["x_m", "y_m"]].to_numpy()
    return grid.ground(county, grid.area_of(county, SETTINGS), masts, SETTINGS)


def heard_on(terrain: Terrain, cells: pd.DataFrame, point: np.ndarray) -> Heard:
    return strongest(cells, terrain, point, SETTINGS)


@pytest.fixture(scope="module")
def fit(county: County, result: CoverageResult, terrain: Terrain) -> check_calibration.Subject:
    return check_calibration.Subject(
        county=county, settings=SETTINGS, cells=usable(county, SETTINGS),
        points=result.calibration, hear=partial(heard_on, terrain),
        figures=result.figures["calibration"],
    )  # fmt: skip


@pytest.fixture(scope="module")
def gaps(
    result: CoverageResult, fit: check_calibration.Subject, terrain: Terrain
) -> check_measuredgaps.Subject:
    cells = check_calibration.corrected(fit.cells, fit.figures).cells

    def heard(operator: str, xy: np.ndarray) -> np.ndarray:
        own = cells[cells["operator"] == operator]
        return np.array([fit.hear(own, point).dbm for point in xy])

    return check_measuredgaps.Subject(
        county=fit.county, settings=SETTINGS, area=grid.area_of(fit.county, SETTINGS),
        terrain=terrain, gaps=result.measured_gaps, figures=result.figures["measured"],
        heard=heard, wanted_dbm=-90.0,
        slack_db=0.5,
    )  # fmt: skip


@pytest.fixture(scope="module")
def checked(made: SimpleNamespace, county: County, result: CoverageResult) -> Judged:
    """Returns the rules that the whole check finds broken."""

    def judged(**changed: object) -> set[str]:
        return rules(made.checked(county, SETTINGS, result, **changed))

    return judged


def rules(checks: Checks) -> set[str]:
    return {failure.rule for failure in checks.failures}


def broken_fit(subject: check_calibration.Subject, **changed: object) -> set[str]:
    spoilt = replace(subject, **changed)
    return rules(Checks.of(check_calibration.verdicts(spoilt, limit=10)))


def broken_gaps(subject: check_measuredgaps.Subject, **changed: object) -> set[str]:
    spoilt = replace(subject, **changed)
    return rules(Checks.of(check_measuredgaps.verdicts(spoilt, limit=20)))


def test_an_honest_calibrated_result_passes(checked: Judged, result: CoverageResult) -> None:
    assert result.figures["calibration"]["terms"] != "none"
    assert len(result.measured_gaps) >= 1
    assert checked() == set()


@pytest.mark.parametrize(
    ("key", "value", "rule"),
    [("rmse_after_db", 1.0, "rmse_after_db"), ("rmse_before_db", 1.0, "rmse_before_db"),
     ("sites", 3, "sites"), ("samples", 7, "samples"), ("samples_left_out", {"a": 4}, "sum"),
     ("cross_validation_db", {"none": 3.0, "offset": 3.0, "slope": 3.0}, "cross_validation"),
     ("terms", "none", "terms")],
)  # fmt: skip
def test_a_figure_of_the_calibration_that_is_made_up_is_found(
    fit: check_calibration.Subject, key: str, value: object, rule: str
) -> None:
    assert f"calibration_{rule}" in broken_fit(fit, figures={**fit.figures, key: value})


def test_an_offset_that_is_not_the_best_fit_is_found(fit: check_calibration.Subject) -> None:
    bands = [{**row, "offset_db": row["offset_db"] + 0.5} for row in fit.figures["bands"]]
    found = broken_fit(fit, figures={**fit.figures, "bands": bands})
    assert {"calibration_fit", "calibration_correction"} <= found


@pytest.mark.parametrize(
    ("column", "rule"),
    [("measured_dbm", "median"), ("predicted_dbm", "prediction"),
     ("calibrated_dbm", "correction")],
)  # fmt: skip
def test_a_wrong_power_in_the_table_of_points_is_found(
    fit: check_calibration.Subject, column: str, rule: str
) -> None:
    changed = fit.points.assign(**{column: fit.points[column] + 2.0})
    assert f"calibration_{rule}" in broken_fit(fit, points=changed)


def test_measured_gaps_lie_where_the_drive_was_weak_and_the_model_was_not(
    result: CoverageResult,
) -> None:
    validate(result.measured_gaps, MEASURED_GAPS)
    first = result.measured_gaps.iloc[0]
    assert first["measured_dbm"] < -90.0 <= first["predicted_dbm"]
    assert first.geometry.bounds[0] < 470_660
    assert first["cell_id"] in {"cA", "cF"}
    assert first["predicted_cell_id"] in {"cA", "cF"}
    counts = result.figures["measured"]["pixels"]["cmcc"]
    assert counts["predicted_only"] >= result.measured_gaps["pixels"].sum()
    assert set(counts) == {"both", "neither", "predicted_only", "measured_only"}


@pytest.mark.parametrize(
    "column", ["pixels", "samples", "measured_dbm", "area_km2", "predicted_dbm"]
)
def test_a_wrong_number_of_a_measured_gap_is_found(
    gaps: check_measuredgaps.Subject, column: str
) -> None:
    changed = gaps.gaps.assign(**{column: gaps.gaps[column] + 3})
    assert f"measured_gap_{column}" in broken_gaps(gaps, gaps=changed)


def test_another_serving_cell_than_the_samples_state_is_found(
    gaps: check_measuredgaps.Subject,
) -> None:
    changed = gaps.gaps.assign(cell_id="cD")
    assert broken_gaps(gaps, gaps=changed) == {"measured_gap_cell_id"}


def test_a_measured_gap_that_is_left_out_is_found(gaps: check_measuredgaps.Subject) -> None:
    shorter = gaps.gaps.iloc[1:].reset_index(drop=True)
    figures = {**gaps.figures, "gaps": len(shorter)}
    assert broken_gaps(gaps, figures=figures, gaps=shorter) == {"measured_gap_missing"}


def test_pixels_that_agree_only_on_paper_are_found(gaps: check_measuredgaps.Subject) -> None:
    own = gaps.figures["pixels"]["cmcc"]
    moved = {**own, "predicted_only": own["predicted_only"] - 1, "both": own["both"] + 1}
    figures = {**gaps.figures, "pixels": {"cmcc": moved}}
    assert broken_gaps(gaps, figures=figures) == {"measured_gap_pixels_low"}


def test_a_share_of_people_indoors_that_is_made_up_is_found(
    checked: Judged, result: CoverageResult
) -> None:
    own = result.figures["operators"]["cmcc"]
    changed = {**own, "people_indoor_share": 0.5, "people_outdoor_share": 0.4}
    figures = {**result.figures, "operators": {**result.figures["operators"], "cmcc": changed}}
    assert {"people_indoor", "people_outdoor"} <= checked(figures=figures)


def test_a_share_at_a_threshold_that_is_made_up_is_found(
    checked: Judged, result: CoverageResult
) -> None:
    own = result.figures["operators"]["cmcc"]
    at = {**own["covered_share_at"], "-115": 0.1}
    changed = {**own, "covered_share_at": at}
    figures = {**result.figures, "operators": {**result.figures["operators"], "cmcc": changed}}
    assert "covered_share_at" in checked(figures=figures)


def test_two_calibrated_runs_give_the_same_result(county: County, result: CoverageResult) -> None:
    again = run.solve(county, SETTINGS)
    assert again is not None
    assert again.calibration.equals(result.calibration)
    assert again.measured_gaps.equals(result.measured_gaps)
    volatile = {"seconds", "pixels_per_cpu_s"}
    assert {k: v for k, v in again.figures.items() if k not in volatile} == {
        k: v for k, v in result.figures.items() if k not in volatile
    }
