from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
from shapely import LineString

from planner.trench.deciding.junctions import Corner, away_m, corners
from planner.trench.problem import Stretch


def network(*ends: tuple[float, float]) -> gpd.GeoDataFrame:
    """Return segments of 100 m between numbered junctions."""
    return gpd.GeoDataFrame(
        {
            "from_node": [start for start, _ in ends],
            "to_node": [end for _, end in ends],
            "length_m": 100.0,
        },
        geometry=[LineString([(0, 0), (100, 0)])] * len(ends),
    )


def test_segments_meet_where_they_share_a_junction_each_at_its_own_metre() -> None:
    found = corners(network((0, 1), (1, 2), (3, 1)), {0, 1, 2})
    assert found == (
        Corner(0, 1, 100.0, 0.0),
        Corner(0, 2, 100.0, 100.0),
        Corner(1, 2, 0.0, 100.0),
    )


def test_two_segments_between_the_same_junctions_meet_at_both() -> None:
    found = corners(network((0, 1), (1, 0)), {0, 1})
    assert set(found) == {Corner(0, 1, 0.0, 100.0), Corner(0, 1, 100.0, 0.0)}


def test_unused_segments_rings_and_unknown_junctions_have_no_corner() -> None:
    assert corners(network((0, 1), (1, 2)), {0}) == ()
    assert corners(network((0, 0)), {0}) == ()
    assert corners(network((0, np.nan), (np.nan, 2)), {0, 1}) == ()


@pytest.mark.parametrize(
    ("pieces", "at_m", "way_m"),
    [
        ([(20.0, 40.0)], 100.0, 60.0),
        ([(20.0, 40.0), (70.0, 80.0)], 100.0, 20.0),
        ([(20.0, 40.0)], 0.0, 20.0),
        ([(20.0, 40.0)], 30.0, 0.0),
        ([], 50.0, 0.0),
    ],
)
def test_the_way_to_a_corner_is_that_of_the_nearest_digging(
    pieces: list[tuple[float, float]], at_m: float, way_m: float
) -> None:
    assert away_m([Stretch(*piece, "left") for piece in pieces], at_m) == way_m
