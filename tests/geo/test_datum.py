from __future__ import annotations

import numpy as np
import pytest

from geo.datum import DATUMS, Datum, from_wgs84, named, to_wgs84

# points whose GCJ-02 position is in public use as a test of conversions
KNOWN = [
    ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),
    ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),
    ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069)),
]
GRID = np.stack(np.meshgrid(np.linspace(80, 130, 11), np.linspace(20, 50, 7)), -1).reshape(-1, 2)


@pytest.mark.parametrize(("true", "shown"), KNOWN)
def test_known_points_are_shifted_as_maps_in_gcj_02_show_them(
    true: tuple[float, float], shown: tuple[float, float]
) -> None:
    np.testing.assert_allclose(from_wgs84(np.array([true]), "GCJ-02"), [shown], atol=1e-9)


@pytest.mark.parametrize("datum", DATUMS)
def test_the_way_back_meets_the_start_within_a_millimetre(datum: Datum) -> None:
    back = to_wgs84(from_wgs84(GRID, datum), datum)
    np.testing.assert_allclose(back, GRID, atol=1e-8)


@pytest.mark.parametrize(
    ("datum", "least_m", "most_m"), [("GCJ-02", 100, 900), ("BD-09", 500, 2000)]
)
def test_a_map_is_off_by_hundreds_of_metres_and_not_everywhere_alike(
    datum: Datum, least_m: float, most_m: float
) -> None:
    shift = (from_wgs84(GRID, datum) - GRID) * 111_320.0
    shift[:, 0] *= np.cos(np.radians(GRID[:, 1]))
    apart = np.hypot(*shift.T)
    assert least_m < apart.min()
    assert apart.max() < most_m
    assert np.ptp(apart) > 100.0


def test_outside_china_gcj_02_shifts_nothing_and_what_is_unknown_stays_unknown() -> None:
    xy = np.array([[2.35, 48.85], [np.nan, np.nan]])
    np.testing.assert_array_equal(from_wgs84(xy, "GCJ-02"), xy)
    np.testing.assert_array_equal(to_wgs84(xy, "GCJ-02"), xy)


def test_no_point_gives_no_point() -> None:
    assert to_wgs84(np.empty((0, 2)), "BD-09").shape == (0, 2)


@pytest.mark.parametrize(
    ("text", "datum"),
    [("GCJ-02", "GCJ-02"), ("gcj02", "GCJ-02"), ("火星坐标", "GCJ-02"), ("BD09", "BD-09"),
     ("百度经度", "BD-09"), ("WGS84", "WGS 84"), ("经度", None), ("EPSG:4490", None)],
)  # fmt: skip
def test_a_datum_is_known_by_the_words_in_use(text: str, datum: str | None) -> None:
    assert named(text) == datum
