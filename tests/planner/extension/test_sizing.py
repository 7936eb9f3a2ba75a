import math

import pytest

from planner.extension.sizing import (
    DRAIN_SERIES_MM,
    SERIES_MM,
    by_diameter,
    drain_dn_mm,
    drain_most_m3_per_d,
    filled,
    least_slope,
    water_dn_mm,
    water_most_m3_per_d,
)
from planner.settings import Settings


@pytest.mark.parametrize("diameter_mm", SERIES_MM)
def test_a_water_pipe_carries_its_velocity_at_the_peak(
    settings: Settings, diameter_mm: int
) -> None:
    limit = {15: 1.0, 25: 1.2, 50: 1.5, 80: 1.8}
    speed = limit[max(step for step in limit if step <= diameter_mm)]
    peak_m3_per_s = water_most_m3_per_d(diameter_mm, settings) * 2.5 / 86_400
    assert peak_m3_per_s / (math.pi * diameter_mm**2 / 4e6) == pytest.approx(speed)


@pytest.mark.parametrize("demand", [0.01, 5.0, 120.0, 800.0, 9_000.0])
def test_the_water_pipe_is_the_smallest_that_is_enough(settings: Settings, demand: float) -> None:
    chosen = water_dn_mm(demand, settings)
    smaller = [dn for dn in SERIES_MM if dn < chosen]
    assert water_most_m3_per_d(chosen, settings) >= demand
    assert all(water_most_m3_per_d(dn, settings) < demand for dn in smaller)


def test_a_demand_beyond_every_pipe_takes_the_largest(settings: Settings) -> None:
    assert water_dn_mm(1e9, settings) == SERIES_MM[-1]
    assert drain_dn_mm(1e9, settings, rain=False) == DRAIN_SERIES_MM[-1]


def test_a_full_pipe_flows_as_manning_says(settings: Settings) -> None:
    slope = least_slope(300.0, settings)
    speed = (0.3 / 4) ** (2 / 3) * math.sqrt(slope) / 0.013
    flow_m3_per_d = math.pi * 0.3**2 / 4 * speed * 86_400
    assert drain_most_m3_per_d(300.0, settings, rain=True) == pytest.approx(flow_m3_per_d)
    assert filled(0.5) == pytest.approx((math.pi / 8, 0.25))


def test_a_sewer_is_never_full_and_a_rain_drain_may_be(settings: Settings) -> None:
    sewage = drain_most_m3_per_d(300.0, settings, rain=False)
    rain = drain_most_m3_per_d(300.0, settings, rain=True)
    assert 3 < rain / sewage < 6
    assert drain_dn_mm(2_000.0, settings, rain=False) > drain_dn_mm(2_000.0, settings, rain=True)


def test_the_standards_least_diameter_is_the_users_to_change(settings: Settings) -> None:
    assert drain_dn_mm(1.0, settings, rain=False) == 300.0
    smaller = settings.with_user({"extension.drain_least_dn_mm": 200.0}, source="study.toml")
    assert drain_dn_mm(1.0, smaller, rain=False) == 200.0


def test_a_limit_holds_from_its_diameter_up_to_the_next(settings: Settings) -> None:
    names = [
        by_diameter(settings, "extension.drain_slope_dn", dn) for dn in (100, 300, 399, 400, 9000)
    ]
    assert [name.rpartition("dn")[2] for name in names] == ["150", "300", "300", "400", "1400"]


def test_wider_drains_need_less_slope(settings: Settings) -> None:
    slopes = [least_slope(dn, settings) for dn in DRAIN_SERIES_MM]
    assert slopes == sorted(slopes, reverse=True)
    assert slopes[0] > slopes[-1]
