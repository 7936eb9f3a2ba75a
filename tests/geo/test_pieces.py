"""Lines are cut into short straight pieces."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from geo.lines import Lines
from geo.pieces import pieces


def _lines(*wkt: str) -> Lines:
    return np.array([shapely.from_wkt(text) for text in wkt], dtype=object)


def test_pieces_end_at_vertices_and_are_of_equal_length_between() -> None:
    cut = pieces(_lines("LINESTRING (0 0, 10 0, 10 3)"), step_m=4)
    assert cut.to_m == pytest.approx([10 / 3, 20 / 3, 10, 13])
    assert cut.from_m == pytest.approx([0, 10 / 3, 20 / 3, 10])
    assert cut.heading.tolist() == [[1, 0], [1, 0], [1, 0], [0, 1]]


def test_lines_are_cut_beside_points_within_reach() -> None:
    spots = np.array([shapely.Point(3, 2), shapely.Point(7, 9)])
    cut = pieces(_lines("LINESTRING (0 0, 10 0)"), step_m=100, beside=spots, reach_m=5)
    assert cut.to_m == pytest.approx([3, 10])


def test_parts_are_measured_one_after_another_and_every_line_anew() -> None:
    cut = pieces(
        _lines("MULTILINESTRING ((0 0, 4 0), (9 0, 12 0))", "LINESTRING (0 5, 6 5)"), step_m=100
    )
    assert cut.line.tolist() == [0, 0, 1]
    assert cut.from_m == pytest.approx([0, 4, 0])
    assert cut.to_m == pytest.approx([4, 7, 6])
    assert cut.start.tolist() == [[0, 0], [9, 0], [0, 5]]


def test_lines_without_length_and_gaps_give_no_piece() -> None:
    nothing = np.array([None, shapely.LineString(), shapely.LineString([(1, 1), (1, 1)])])
    assert len(pieces(nothing, step_m=5).line) == 0
