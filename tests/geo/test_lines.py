"""Linear reference on many lines at once."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.ops import substring

from geo import lines

ELL = shapely.from_wkt("LINESTRING (0 0, 10 0, 10 10)")


@st.composite
def polylines(draw: st.DrawFn) -> shapely.LineString:
    """Lines of two to eight distinct vertices on a metre grid."""
    grid = st.tuples(st.integers(-50, 50), st.integers(-50, 50))
    return shapely.LineString(draw(st.lists(grid, min_size=2, max_size=8, unique=True)))


def _array(*geometries: shapely.Geometry) -> lines.Lines:
    return np.array(geometries, dtype=object)


def test_vertices_and_from_vertices_are_inverse() -> None:
    given_lines = _array(ELL, shapely.LineString([(5, 5), (6, 6)]))
    xy, line = lines.vertices(given_lines)
    assert line.tolist() == [0, 0, 0, 1, 1]
    assert shapely.equals_exact(lines.from_vertices(xy, line), given_lines, 0).all()


def test_measures_begin_anew_on_every_line() -> None:
    xy, line = lines.vertices(_array(ELL, ELL))
    assert lines.measures(xy, line).tolist() == [0, 10, 20, 0, 10, 20]


def test_measures_of_nothing_are_nothing() -> None:
    assert lines.measures(*lines.vertices(np.empty(0, dtype=object))).shape == (0,)


def test_a_point_is_located_at_its_foot() -> None:
    assert lines.locate(
        _array(ELL, ELL), lines.points(np.array([[4.0, 3], [12, 20]]))
    ).tolist() == [4, 20]


@pytest.mark.parametrize(("from_m", "to_m"), [(5, 5), (8, 3), (25, 30)])
def test_a_stretch_without_length_is_refused(from_m: float, to_m: float) -> None:
    with pytest.raises(ValueError, match="from_m < to_m"):
        lines.cut(_array(ELL), from_m, to_m)


def test_a_stretch_keeps_the_vertices_between() -> None:
    cut = lines.cut(_array(ELL, ELL), [5, -3], [15, 99])
    assert shapely.to_wkt(cut).tolist() == ["LINESTRING (5 0, 10 0, 10 5)", ELL.wkt]


@given(line=polylines(), shares=st.tuples(st.floats(0, 1), st.floats(0, 1)))
@settings(max_examples=80, deadline=None)
def test_a_stretch_is_what_shapely_cuts_one_by_one(
    line: shapely.LineString, shares: tuple[float, float]
) -> None:
    start, end = (share * line.length for share in sorted(shares))
    if end - start > 1e-6:
        ours = lines.cut(_array(line), start, end)[0]
        assert ours.length == pytest.approx(end - start)
        assert shapely.hausdorff_distance(ours, substring(line, start, end)) < 1e-9


@given(line=polylines(), share=st.floats(0, 1))
@settings(max_examples=80, deadline=None)
def test_interpolation_is_what_shapely_finds_one_by_one(
    line: shapely.LineString, share: float
) -> None:
    at = share * line.length
    ours = lines.interpolate(_array(ELL, line), np.array([1, 0]), np.array([at, 15.0]))
    np.testing.assert_allclose(ours[0], shapely.get_coordinates(line.interpolate(at))[0], atol=1e-9)
    assert ours[1].tolist() == [10, 5]


def test_offset_is_positive_to_the_left() -> None:
    pair = _array(ELL, ELL, ELL)
    offsets = lines.offset(pair, lines.points(np.array([[4.0, 3], [4, -2], [13, 5]])))
    assert offsets.tolist() == [3, -2, -3]


def test_directions_are_unit_vectors_along_the_line() -> None:
    ahead = lines.directions(_array(ELL, ELL, ELL), [0, 15, 10])
    np.testing.assert_allclose(ahead, [[1, 0], [0, 1], [np.sqrt(0.5)] * 2])


@given(line=polylines())
@settings(max_examples=80, deadline=None)
def test_identity_and_canonical_direction_survive_reversal(line: shapely.LineString) -> None:
    pair = _array(line, line.reverse())
    first, second = lines.ids(pair, prefix="S")
    assert first == second
    assert shapely.equals_exact(*lines.canonical(pair), 0)


@given(line=polylines(), noise=st.floats(-0.04, 0.04))
@settings(max_examples=60, deadline=None)
def test_identity_survives_noise_below_the_grid(line: shapely.LineString, noise: float) -> None:
    moved = shapely.transform(line, lambda xy: xy + noise)
    assert lines.ids(_array(line), prefix="S") == lines.ids(_array(moved), prefix="S")


def test_a_canonical_line_starts_in_the_west() -> None:
    east_first = shapely.LineString([(10, 0), (0, 5)])
    assert lines.canonical(_array(east_first))[0].coords[0] == (0, 5)


def test_identities_of_different_lines_differ_and_stay_as_they_are() -> None:
    names = lines.ids(_array(ELL, shapely.LineString([(0, 0), (10, 0)])), prefix="S")
    assert names == ["SJX447DSTGG", "SANYR5SUAK2"]
