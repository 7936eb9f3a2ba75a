from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.coverage.hull_kernels import push, summit, tangent

heights = st.lists(st.integers(-500, 500), min_size=1, max_size=60)


def pushed(profile: list[int]) -> tuple[np.ndarray, int]:
    hull, size = np.empty((len(profile) + 1, 3)), 0
    for position, height in enumerate(profile, start=1):
        size = push(hull, size, float(position), float(height))
    return hull, size


@settings(deadline=None)
@given(heights)
def test_the_hull_is_the_upper_one_of_all_points(profile: list[int]) -> None:
    hull, size = pushed(profile)
    position, height = np.arange(1, len(profile) + 1), np.array(profile, dtype=float)
    assert (hull[0, 0], hull[size - 1, 0]) == (1.0, float(len(profile)))
    assert (np.diff(hull[1:size, 2]) < 0.0).all()
    above = np.interp(position, hull[:size, 0], hull[:size, 1])
    assert (above >= height - 1e-9).all()
    assert set(zip(hull[:size, 0], hull[:size, 1], strict=True)) <= set(
        zip(position.astype(float), height, strict=True)
    )


@settings(deadline=None)
@given(heights, st.floats(0.5, 30.0), st.floats(-800.0, 800.0))
def test_the_tangent_is_the_steepest_of_all_slopes(profile: list[int], on: float, y: float) -> None:
    hull, size = pushed(profile)
    x = len(profile) + on
    slopes = (np.array(profile) - y) / (x - np.arange(1, len(profile) + 1))
    assert tangent(hull, size, x, y) == pytest.approx(slopes.max(), rel=1e-9, abs=1e-9)


@settings(deadline=None)
@given(heights, st.floats(-300.0, 300.0))
def test_the_summit_is_the_highest_point_above_a_sloping_line(
    profile: list[int], slope: float
) -> None:
    hull, size = pushed(profile)
    above = np.array(profile) - slope * np.arange(1, len(profile) + 1)
    assert summit(hull, size, slope) == pytest.approx(above.max(), rel=1e-9, abs=1e-9)
