from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
from shapely import LineString, MultiLineString

from geo.crossings import crossings
from geo.overlap import COLUMNS

ROADS = gpd.GeoDataFrame(
    geometry=[
        LineString([(0, 0), (100, 0)]),
        LineString([(100, 0), (200, 0)]),
        LineString([(100, 0), (100, 80)]),
    ],
    crs="EPSG:4545",
)


def cross(*lines: LineString | MultiLineString) -> list[tuple[object, ...]]:
    found = crossings(np.asarray(lines, dtype=object), ROADS, reach_m=0.5, width_m=1.0)
    assert tuple(found.columns) == COLUMNS
    return list(
        found[["line", "segment", "from_m", "to_m", "side"]].itertuples(index=False, name=None)
    )


def test_a_line_across_a_road_opens_a_stretch_of_the_given_width() -> None:
    assert cross(LineString([(40, -2), (40, 10)])) == [(0, 0, 39.5, 40.5, "left")]


def test_a_line_that_ends_on_the_centre_line_lies_on_its_own_side() -> None:
    assert cross(LineString([(40, 0), (40, -10)])) == [(0, 0, 39.5, 40.5, "right")]


def test_at_a_junction_only_one_segment_is_opened() -> None:
    assert len(cross(LineString([(100, 0), (95, -10)]))) == 1


def test_a_line_across_two_roads_opens_both() -> None:
    assert [row[1] for row in cross(LineString([(90, -5), (90, 40), (110, 40)]))] == [0, 2]


def test_a_line_far_from_every_road_opens_none() -> None:
    assert cross(LineString([(0, 50), (40, 50)])) == []


@pytest.mark.parametrize("x", [0.0, 0.3])
def test_at_the_end_of_a_segment_the_stretch_stays_inside(x: float) -> None:
    (row,) = cross(LineString([(x, -2), (x, 10)]))
    assert row[2] == 0.0
    assert 0.0 < float(str(row[3])) <= 1.0


def test_a_line_in_parts_crosses_where_one_of_its_parts_does() -> None:
    parts = MultiLineString([[(20, -5), (20, 5)], [(60, 20), (60, 30)]])
    assert [row[1] for row in cross(parts)] == [0]
