from __future__ import annotations

import math

import pytest

from planner.coverage.antenna import horizontal_db, vertical_db

WIDTH = math.radians(65.0)


def test_half_the_beamwidth_off_the_main_direction_costs_3_db() -> None:
    assert horizontal_db(0.0, WIDTH, 20.0) == 0.0
    assert horizontal_db(WIDTH / 2.0, WIDTH, 20.0) == pytest.approx(3.0)
    assert vertical_db(-0.1, 0.0, 0.1, 0.0, 0.2, 20.0) == pytest.approx(0.0, abs=1e-12)
    assert vertical_db(0.0, 0.0, 0.1, 0.0, 0.2, 20.0) == pytest.approx(3.0)


@pytest.mark.parametrize("turns", [-2, -1, 1, 2])
def test_whole_turns_change_nothing(turns: int) -> None:
    offset = math.radians(25.0)
    turned = horizontal_db(offset + turns * 2.0 * math.pi, WIDTH, 20.0)
    assert turned == pytest.approx(horizontal_db(offset, WIDTH, 20.0))


def test_behind_the_antenna_the_front_to_back_ratio_holds() -> None:
    assert horizontal_db(math.pi, WIDTH, 20.0) == 20.0
    assert vertical_db(1.0, 0.0, 0.0, 0.0, 0.1, 15.0) == 15.0


def test_an_omnidirectional_cell_knows_no_direction() -> None:
    assert horizontal_db(2.0, 0.0, 20.0) == 0.0


def test_mechanical_tilt_turns_into_uptilt_behind_and_electrical_tilt_does_not() -> None:
    behind, tilt, width = math.pi, 0.05, 0.2
    up = vertical_db(0.05, behind, 0.0, tilt, width, 20.0)
    down = vertical_db(-0.05, behind, tilt, 0.0, width, 20.0)
    assert (up, down) == (pytest.approx(0.0, abs=1e-12), pytest.approx(0.0, abs=1e-12))
