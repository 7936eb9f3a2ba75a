"""The demo's drive test was made by another model with a known loss; calibration finds it."""

from __future__ import annotations

import numpy as np
import pytest

from layers.county import County
from layers.sample.drive import HIDDEN_DB
from planner.coverage.calibrate import Calibration, calibrate
from planner.coverage.cells import usable
from planner.coverage.grid import area_of, ground
from planner.settings import defaults


@pytest.fixture(scope="module")
def result(sample_county: County) -> Calibration:
    settings = defaults()
    cells = usable(sample_county, settings)
    masts = cells.cells[["x_m", "y_m"]].to_numpy(np.float64)
    terrain = ground(sample_county, area_of(sample_county, settings), masts, settings)
    return calibrate(sample_county, cells, terrain, settings, cover=None)


def test_the_loss_hidden_in_the_samples_drive_is_found_in_the_bands_with_most_points(
    result: Calibration,
) -> None:
    rows = [row for row in result.figures["bands"] if row["fitted_on"] == "band"]
    rows = [row for row in rows if row["pixels"] >= 200]
    assert rows
    for row in rows:
        middle = np.log10(np.sqrt(row["km_from"] * row["km_to"]))
        found = row["offset_db"] + row["slope_db_per_decade"] * middle
        assert found == pytest.approx(HIDDEN_DB[row["band"]], abs=2.5)


def test_calibration_makes_the_samples_prediction_better_on_sites_that_it_has_not_seen(
    result: Calibration,
) -> None:
    figures = result.figures
    assert figures["status"] == "calibrated"
    assert figures["rmse_cross_validated_db"] < figures["rmse_before_db"] - 1.0
    assert figures["samples_left_out"] == {}
