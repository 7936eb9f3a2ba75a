import hypothesis.strategies as st
import numpy as np
import pytest
import shapely
from hypothesis import given, settings

from geo.strips import strips

BEND = shapely.LineString([(0, 0), (10, 0), (10, 10)])


def _lines(*shapes: shapely.LineString) -> np.ndarray:
    return np.array(shapes, dtype=object)


def test_a_strip_keeps_the_measures_of_its_line() -> None:
    moved = strips(_lines(BEND, BEND), np.array([2.0, -2.0]))
    left, right = moved.at(np.array([0, 1]), np.array([5.0, 5.0]))
    assert left[1] > 0 > right[1]
    assert moved.at(np.array([0]), np.array([0.0])).tolist() == [[0.0, 2.0]]
    assert moved.at(np.array([1]), np.array([20.0])).tolist() == [[12.0, 10.0]]


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(-50, 50), st.integers(-50, 50)), min_size=2, max_size=8, unique=True
    ),
    st.floats(-9.0, 9.0),
)
def test_no_point_of_a_strip_is_farther_off_than_its_offset(
    points: list[tuple[int, int]], offset_m: float
) -> None:
    line = shapely.LineString(points)
    moved = strips(_lines(line), np.array([offset_m]))
    at_m = np.linspace(0.0, line.length, 101)
    away_m = shapely.distance(shapely.points(moved.at(np.zeros(101, int), at_m)), line)
    assert (away_m <= abs(offset_m) + 1e-6).all()


def test_stretches_begin_and_end_where_they_are_told() -> None:
    moved = strips(_lines(BEND, BEND), np.array([1.0, 0.0]))
    strip = np.array([1, 0, 0])
    from_m, to_m = np.array([4.0, 0.0, 5.0]), np.array([16.0, 5.0, 20.0])
    ends = moved.at(strip, from_m), np.array([[10.0, 6.0], [5.0, 9.0], [9.0, 10.0]])
    first, second, third = moved.stretches(strip, from_m, to_m, ends)
    assert first.equals(shapely.LineString([(4, 0), (10, 0), (10, 6)]))
    assert second.coords[-1] == (5.0, 9.0)
    assert second.coords[-2] == tuple(moved.at(np.array([0]), np.array([5.0]))[0])
    assert third.coords[-1] == (9.0, 10.0)
    assert shapely.get_num_points([first, second, third]).tolist() == [3, 3, 3]


def test_strips_of_nothing_are_nothing() -> None:
    moved = strips(np.empty(0, dtype=object), np.empty(0))
    none = np.empty(0, dtype=np.int64)
    assert moved.at(none, np.empty(0)).shape == (0, 2)
    assert len(moved.stretches(none, np.empty(0), np.empty(0), (np.empty((0, 2)),) * 2)) == 0


def test_a_line_that_turns_back_keeps_its_side_as_it_goes() -> None:
    there_and_back = shapely.LineString([(0, 0), (10, 0), (0, 0.0)])
    moved = strips(_lines(there_and_back), np.array([1.0]))
    assert moved.at(np.array([0]), np.array([10.0]))[0] == pytest.approx([10.0, 1.0])
