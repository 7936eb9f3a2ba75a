from __future__ import annotations

import numpy as np
import pytest

from planner.coverage.ridges import crests

ROWS, COLUMNS = np.mgrid[0:31, 0:31].astype(float)


def test_a_pass_is_a_ridge_and_only_the_summits_are_tops() -> None:
    along = 10.0 * np.cos((ROWS - 15.0) * np.pi / 10.0)  # summits in rows 5 and 25, pass in 15
    height = 100.0 - 3.0 * np.abs(COLUMNS - 15.0) - along
    ridge, top = crests(height, reach_px=4, drop_m=5.0)
    assert ridge[5:26, 15].all()
    assert np.flatnonzero(top.any(axis=1)).tolist() == [5, 25]
    assert top[5, 15]
    assert not top[15, 15]


@pytest.mark.parametrize("turned", [False, True])
def test_a_ridge_is_found_in_every_direction(turned: bool) -> None:
    across = (ROWS - COLUMNS) if not turned else (ROWS + COLUMNS - 30.0)
    ridge, top = crests(50.0 - 4.0 * np.abs(across), reach_px=3, drop_m=10.0)
    middle = np.zeros((31, 31), dtype=bool)
    middle[5:26, 5:26] = True
    assert (ridge & middle)[(across == 0) & middle].all()
    assert not (ridge & middle)[(np.abs(across) > 1) & middle].any()
    assert not top.any()


def test_a_slope_a_plain_and_a_valley_hold_no_ridge() -> None:
    for height in (2.0 * ROWS, 0.0 * ROWS, np.abs(COLUMNS - 15.0)):
        ridge, top = crests(height, reach_px=3, drop_m=1.0)
        assert not ridge.any()
        assert not top.any()


def test_a_rise_that_falls_too_little_or_beside_a_void_does_not_count() -> None:
    height = 30.0 - np.abs(COLUMNS - 15.0)
    assert crests(height, reach_px=3, drop_m=3.0)[0][:, 15].all()
    assert not crests(height, reach_px=3, drop_m=3.5)[0].any()
    height[:, :15] = np.nan
    assert not crests(height, reach_px=3, drop_m=1.0)[0].any()


def test_crests_are_what_a_look_along_each_axis_finds() -> None:
    height = np.random.default_rng(3).random((14, 17)).cumsum(axis=0) * 3.0
    height[4, 6] = np.nan
    reach, drop = 2, 1.0
    ridge, top = crests(height, reach_px=reach, drop_m=drop)
    for row, column in np.ndindex(height.shape):
        here = [_maximal(height, row, column, axis, reach, drop)
                for axis in ((0, 1), (1, 0), (1, 1), (1, -1))]  # fmt: skip
        assert ridge[row, column] == any(here)
        assert top[row, column] == all(here)


def _maximal(
    height: np.ndarray, row: int, column: int, axis: tuple[int, int], reach: int, drop: float
) -> bool:
    sides = []
    for sign in (1, -1):
        seen = []
        for step in range(1, reach + 1):
            place = row + sign * step * axis[0], column + sign * step * axis[1]
            if all(0 <= p < size for p, size in zip(place, height.shape, strict=True)):
                seen.append(height[place])
        sides.append([value for value in seen if not np.isnan(value)])
    here = height[row, column]
    falls = all(side and min(side) <= here - drop for side in sides)
    return bool(falls and all(value <= here for side in sides for value in side))
