"""Edges beside a point that heads somewhere."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from geo.parallel import Edges, beside

EDGES = Edges.of(
    np.array(
        [
            shapely.LineString([(0, 0), (100, 0), (100, 50)]),
            shapely.LineString([(100, 8), (0, 8)]),
            shapely.LineString([(3, 3), (3, 3)]),
        ]
    )
)
EAST = np.array([[1.0, 0.0]])


def test_edges_know_their_line_their_length_and_their_measure() -> None:
    assert EDGES.line.tolist() == [0, 0, 1]
    assert EDGES.length_m.tolist() == [100, 50, 100]
    assert EDGES.from_m.tolist() == [0, 100, 0]
    assert EDGES.heading.tolist() == [[1, 0], [0, 1], [-1, 0]]


def test_the_nearest_parallel_edge_comes_first() -> None:
    near = beside(np.array([[40.0, 3.0]]), EAST, EDGES, max_offset_m=20, max_angle_deg=30)
    assert near.edge.tolist() == [0, 2]
    assert near.offset_m.tolist() == [3, 5]  # left of both: the second runs the other way
    assert near.along_m.tolist() == [40, 60]
    assert near.against.tolist() == [False, True]


@pytest.mark.parametrize(
    ("x", "y", "angle", "edges"),
    [
        (40, -20.1, 0, []),
        (40, -19.9, 0, [0]),
        (40, -15, 31, []),
        (40, -15, 29, [0]),
        (95, 30, 90, [1]),
    ],
)
def test_distance_and_angle_are_kept(x: float, y: float, angle: float, edges: list[int]) -> None:
    turn = np.radians(angle)
    heading = np.array([[np.cos(turn), np.sin(turn)]])
    near = beside(np.array([[x, y]]), heading, EDGES, max_offset_m=20, max_angle_deg=30)
    assert near.edge.tolist() == edges


def test_a_point_beyond_an_edge_is_as_far_as_its_end() -> None:
    near = beside(np.array([[-3.0, -4.0]]), EAST, EDGES, max_offset_m=6, max_angle_deg=30)
    assert near.offset_m.tolist() == [-5]
    assert near.along_m.tolist() == [-3]
