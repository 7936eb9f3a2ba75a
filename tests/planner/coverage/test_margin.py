from __future__ import annotations

import pytest

from planner.coverage import check_model, gaps
from planner.coverage.margin import location_deviation_db, margin_db
from planner.settings import Settings


def test_half_of_the_places_need_no_margin(settings: Settings) -> None:
    assert margin_db(settings) == 0.0
    assert gaps.wanted_dbm(settings) == settings.number("coverage.threshold_dbm")


def test_sixteen_in_nineteen_places_need_one_standard_deviation(settings: Settings) -> None:
    most = settings.with_user({"coverage.location_share": 0.841344746}, source="test")
    ghz = settings.number("coverage.frequency_mhz") / 1000.0
    pixel_m = settings.number("coverage.resolution_m")
    assert margin_db(most) == pytest.approx(location_deviation_db(ghz, pixel_m))
    assert margin_db(most) == pytest.approx((0.024 * 1.8425 + 0.52) * 60.0**0.28)


@pytest.mark.parametrize("share", [0.05, 0.3, 0.5, 0.75, 0.95, 0.99])
def test_the_check_wants_the_same_signal(settings: Settings, share: float) -> None:
    asked = settings.with_user({"coverage.location_share": share}, source="test")
    assert check_model.wanted_dbm(asked) == pytest.approx(gaps.wanted_dbm(asked), abs=1e-9)
