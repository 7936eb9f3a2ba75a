"""Carriageways of one road find each other, parallel streets and hairpin bends do not."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geo import segments
from geo.carriageways import groups


def _roads(*wkt: str, **columns: list[object]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=list(shapely.from_wkt(list(wkt))), crs="EPSG:4545")


DUAL = (
    "LINESTRING (0 0, 200 0)",
    "LINESTRING (200 15, 120 15, 0 15)",
    "LINESTRING (120 15, 120 90)",
)


def _group_sizes(roads: gpd.GeoDataFrame) -> list[int]:
    return sorted(segments.make(roads).groupby("group_id").size().tolist())


def test_carriageways_of_one_name_share_a_group() -> None:
    assert _group_sizes(_roads(*DUAL, name=["大道", "大道", "支路"])) == [1, 3]


@pytest.mark.parametrize(
    "columns",
    [
        {"name": ["大道", "小街", "支路"]},
        {"name": [None, None, None]},
        {"name": ["大道", "大道", "支路"], "road_class": ["arterial", "lane", "lane"]},
        {"name": ["大道", "大道", "支路"], "oneway": [True, False, False]},
    ],
)
def test_parallel_roads_that_are_not_one_road_stay_apart(columns: dict[str, list[object]]) -> None:
    assert _group_sizes(_roads(*DUAL, **columns)) == [1, 1, 1, 1]


def test_nameless_carriageways_are_found_where_oneway_is_known() -> None:
    assert _group_sizes(_roads(*DUAL, oneway=[True, True, False])) == [1, 3]


def test_a_group_bears_the_identity_of_one_of_its_members() -> None:
    made = segments.make(_roads(*DUAL, name=["大道", "大道", "支路"]))
    assert set(made["group_id"]) <= set(made["segment_id"])
    alone = made[made["name"] == "支路"]
    assert alone["group_id"].tolist() == alone["segment_id"].tolist()


def test_the_legs_of_a_hairpin_are_not_carriageways() -> None:
    bend = _roads(
        "LINESTRING (0 0, 100 0, 108 4, 112 10)", "LINESTRING (112 10, 108 16, 100 20, 0 20)",
        "LINESTRING (112 10, 150 10)", name=["山路"] * 3,
    )  # fmt: skip
    assert _group_sizes(bend) == [1, 1, 1]


def test_carriageways_that_part_at_a_fork_are_grouped() -> None:
    fork = _roads(
        "LINESTRING (0 0, 20 6, 200 6)", "LINESTRING (0 0, 20 -6, 200 -6)",
        "LINESTRING (-90 0, 0 0)", name=["大道"] * 3,
    )  # fmt: skip
    assert _group_sizes(fork) == [1, 2]


@pytest.mark.parametrize(("dual_m", "together"), [(14.9, False), (15.1, True)])
def test_carriageways_lie_within_the_given_distance(dual_m: float, together: bool) -> None:
    made = segments.make(_roads(*DUAL[:2], name=["大道", "大道"]), dual_m=dual_m)
    assert (made["group_id"].nunique() == 1) == together


def test_a_boulevard_is_a_group_for_each_of_its_stretches() -> None:
    lines = np.array(
        [shapely.LineString([(x, y), (x + 100, y)]) for x in range(0, 400, 100) for y in (0, 15)]
    )
    road = np.zeros(len(lines), dtype=np.int64)
    assert groups(lines, road, dual_m=30, dual_angle_deg=15).tolist() == [0, 0, 2, 2, 4, 4, 6, 6]


def test_the_longest_carriageway_leads() -> None:
    lines = shapely.from_wkt(["LINESTRING (20 15, 90 15)", "LINESTRING (0 0, 100 0)"])
    assert groups(lines, np.zeros(2, np.int64), dual_m=30, dual_angle_deg=15).tolist() == [1, 1]


def test_a_chain_of_staggered_carriageways_falls_into_groups_along_a_leader() -> None:
    south = [(0, 50), (50, 200), (200, 400), (400, 520)]
    north = [(0, 120), (120, 290), (290, 470), (470, 520)]
    lines = np.array(
        [
            shapely.LineString([(begin, y), (end, y)])
            for y, stretches in ((0, south), (15, north))
            for begin, end in stretches
        ]
    )
    leader = groups(lines, np.zeros(8, np.int64), dual_m=30, dual_angle_deg=15)
    assert (leader[leader] == leader).all()
    for line, lead in enumerate(leader):
        low = max(lines[line].coords[0][0], lines[lead].coords[0][0])
        high = min(lines[line].coords[1][0], lines[lead].coords[1][0])
        assert high - low >= lines[line].length / 2 - 5.0
        assert lines[lead].length >= lines[line].length
    assert len(set(leader.tolist())) < len(lines)


def test_lines_of_no_road_are_alone() -> None:
    lines = np.array([shapely.LineString([(0, y), (100, y)]) for y in (0, 15)])
    road = np.array([-1, -1])
    assert groups(lines, road, dual_m=30, dual_angle_deg=15).tolist() == [0, 1]
