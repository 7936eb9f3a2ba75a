"""Road segments: junction to junction, with lasting identities."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from geo import graph, segments
from geo.errors import InputError
from layers.tables import BY_NAME

CRS = "EPSG:4545"
DRIVABLE = (
    "motorway", "motorway_link", "trunk", "trunk_link", "primary", "primary_link", "secondary",
    "secondary_link", "tertiary", "tertiary_link", "unclassified", "residential", "living_street",
    "service", "track", "pedestrian",
)  # fmt: skip


def _roads(*wkt: str, **columns: list[object]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=list(shapely.from_wkt(list(wkt))), crs=CRS)


def test_columns_are_those_of_the_table_with_their_kinds() -> None:
    assert BY_NAME["segments"].names == segments.COLUMNS
    made = segments.make(_roads("LINESTRING (0 0, 9 0)"))
    assert tuple(made.columns) == (*segments.COLUMNS, "geometry")
    assert made.crs == CRS
    assert made["opened_on"].dtype == "datetime64[ns]"
    assert made["width_m"].dtype == np.float64
    assert made["from_node"].dtype == made["to_node"].dtype == np.int64
    assert made.loc[0, ["name", "town", "length_m"]].tolist() == ["", "", 9.0]


def test_a_crossroads_has_four_segments_and_five_nodes() -> None:
    made = segments.make(_roads("LINESTRING (0 0, 10 0, 20 0)", "LINESTRING (10 -10, 10 0, 10 10)"))
    assert len(made) == 4
    assert len(graph.from_segments(made).node_xy) == 5


def test_pieces_of_one_road_are_joined_where_nothing_else_meets() -> None:
    made = segments.make(
        _roads("LINESTRING (0 0, 10 0)", "LINESTRING (20 0, 10 0)", name=["甲路", "甲路"])
    )
    assert shapely.to_wkt(made.geometry).tolist() == ["LINESTRING (0 0, 10 0, 20 0)"]


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("name", ["甲路", "乙路"]),
        ("opened_on", [pd.Timestamp("2024-05-01"), pd.NaT]),
        ("width_m", [12.0, 18.0]),
        ("carriageway_m", [7.0, 9.0]),
        ("tree_offset_m", [5.0, float("nan")]),
        ("surface", ["asphalt", None]),
    ],
)
def test_a_segment_ends_where_the_road_changes(column: str, values: list[object]) -> None:
    made = segments.make(
        _roads("LINESTRING (0 0, 10 0)", "LINESTRING (10 0, 20 0)", **{column: values})
    )
    assert len(made) == 2
    west = made[made["from_node"] == 0].iloc[0]
    assert west[column] == values[0]


def test_attributes_come_from_the_road_underneath() -> None:
    opened = pd.Timestamp("2023-06-30")
    made = segments.make(
        _roads(
            "LINESTRING (0 0, 10 0, 20 0)", "LINESTRING (10 0, 10 9)",
            name=["大街", "小巷"], road_class=["arterial", "lane"], width_m=[30.0, np.nan],
            opened_on=[opened, pd.NaT], detour_group=["A", None],
        )
    )  # fmt: skip
    lane = made[made["name"] == "小巷"].iloc[0]
    assert (lane["road_class"], lane["detour_group"], lane["length_m"]) == ("lane", "", 9.0)
    assert np.isnan(lane["width_m"])
    assert (made.loc[made["name"] == "大街", "opened_on"] == opened).all()


def test_of_roads_drawn_twice_one_stays_whichever_comes_first() -> None:
    twice = _roads(
        "LINESTRING (0 0, 9 0)", "LINESTRING (9 0, 0 0)", name=["b", "a"], road_id=["2", "1"]
    )
    assert segments.make(twice)["name"].tolist() == ["a"]
    assert segments.make(twice.iloc[::-1])["name"].tolist() == ["a"]


def test_multilines_points_gaps_and_lines_without_length_are_tolerated() -> None:
    made = segments.make(
        _roads(
            "MULTILINESTRING ((0 0, 9 0), (20 0, 29 0))", "LINESTRING (3 3, 3 3)", "POINT (1 1)",
            "LINESTRING EMPTY", "POLYGON ((0 0, 1 0, 1 1, 0 0))",
        )
    )  # fmt: skip
    assert made["length_m"].tolist() == [9, 9]
    gap = gpd.GeoDataFrame(geometry=[None, shapely.LineString([(0, 0), (5, 0)])], crs=CRS)
    assert len(segments.make(gap)) == 1


def test_no_roads_make_no_segments() -> None:
    made = segments.make(_roads())
    assert made.empty
    assert tuple(made.columns) == (*segments.COLUMNS, "geometry")


def test_a_loop_begins_at_its_junction() -> None:
    made = segments.make(
        _roads(
            "LINESTRING (50 0, 60 0, 60 9)",
            "LINESTRING (60 9, 50 9, 50 0)",
            "LINESTRING (60 0, 90 0)",
        )
    )
    loop = made[made["from_node"] == made["to_node"]].iloc[0]
    assert loop.geometry.coords[0] == (60, 0)
    assert loop.geometry.coords[-1] == (60, 0)


def test_a_loop_without_junction_begins_at_its_least_vertex() -> None:
    made = segments.make(_roads("LINESTRING (60 0, 60 9, 50 9)", "LINESTRING (50 9, 50 0, 60 0)"))
    assert made.geometry.iloc[0].coords[0] == (50, 0)


def test_degrees_are_refused() -> None:
    roads = gpd.GeoDataFrame(geometry=[shapely.LineString([(107, 29), (107.1, 29)])], crs=4490)
    with pytest.raises(InputError, match="not metres"):
        segments.make(roads)


def test_the_input_is_left_as_it_was() -> None:
    roads = _roads("LINESTRING (0 0.0004, 10 0)", name=[None])
    before = roads.copy(deep=True)
    segments.make(roads)
    assert_frame_equal(pd.DataFrame(roads), pd.DataFrame(before))


def test_grades_keep_a_bridge_whole() -> None:
    cross = ("LINESTRING (0 5, 10 5)", "LINESTRING (5 0, 5 10)")
    assert len(segments.make(_roads(*cross, grade=[1.0, np.nan]))) == 2
    assert len(segments.make(_roads(*cross, grade=[np.nan, np.nan]))) == 4


@st.composite
def networks(draw: st.DrawFn) -> gpd.GeoDataFrame:
    grid = st.tuples(st.integers(0, 10), st.integers(0, 10))
    road = st.lists(grid, min_size=2, max_size=5, unique=True)
    drawn = draw(st.lists(road, min_size=1, max_size=6))
    names = draw(st.lists(st.sampled_from(["甲", "乙"]), min_size=len(drawn), max_size=len(drawn)))
    lines = [shapely.LineString(np.array(road) * 30.0) for road in drawn]
    assume(all(line.is_simple for line in lines))
    keys = [str(number) for number in range(len(lines))]
    return gpd.GeoDataFrame({"road_id": keys, "name": names}, geometry=lines, crs=CRS)


@given(roads=networks(), data=st.data())
@settings(max_examples=40, deadline=None)
def test_segments_do_not_depend_on_order_or_direction(
    roads: gpd.GeoDataFrame, data: st.DataObject
) -> None:
    order = data.draw(st.permutations(range(len(roads))))
    flip = np.array(data.draw(st.lists(st.booleans(), min_size=len(roads), max_size=len(roads))))
    other = roads.copy()
    other.geometry = other.geometry.where(~flip, other.geometry.reverse())
    first, second = segments.make(roads), segments.make(other.iloc[order])
    assert_frame_equal(
        pd.DataFrame(first.drop(columns="geometry")), pd.DataFrame(second.drop(columns="geometry"))
    )
    assert shapely.equals_exact(first.geometry, second.geometry, 1e-9).all()


@given(roads=networks())
@settings(max_examples=40, deadline=None)
def test_segments_of_segments_are_the_same_segments(roads: gpd.GeoDataFrame) -> None:
    once = segments.make(roads, crossings="node", snap_m=0.01)
    again = segments.make(once, crossings="node", snap_m=0.01)
    assert again["segment_id"].tolist() == once["segment_id"].tolist()


@given(roads=networks())
@settings(max_examples=40, deadline=None)
def test_segments_cover_the_roads_once(roads: gpd.GeoDataFrame) -> None:
    made = segments.make(roads, snap_m=0.01)
    assert made["segment_id"].is_unique
    covered = shapely.union_all(roads.geometry.to_numpy()).length
    assert made["length_m"].sum() == pytest.approx(covered, abs=0.1)


def test_andorra_becomes_plausible_segments(shared_data: Path) -> None:
    path = shared_data / "andorra" / "andorra-2025-01-19.osm.pbf"
    if not path.is_file():
        pytest.skip(f"real data is absent: {path.name}")
    ways = pyogrio.read_dataframe(path, layer="lines", where=f"highway IN {DRIVABLE}")
    tags = ways["other_tags"].fillna("")
    roads = ways.rename(columns={"osm_id": "road_id", "highway": "road_class"}).to_crs(32631)
    made = segments.make(roads)
    assert 5_500 < len(made) < 7_000
    assert made["length_m"].sum() == pytest.approx(roads.length.sum(), rel=0.001)
    assert made["segment_id"].is_unique
    assert made["length_m"].median() > 30
    assert segments.make(roads.iloc[::-1])["segment_id"].equals(made["segment_id"])
    network = graph.from_segments(made)
    assert network.edge_u.tolist() == made["from_node"].tolist()
    assert np.bincount(network.components()).max() > 0.95 * len(network.node_xy)
    roads["oneway"] = tags.str.contains('"oneway"=>"yes"', regex=False)
    grouped = segments.make(roads)
    sizes = grouped["group_id"].map(grouped["group_id"].value_counts())
    trunk = grouped["road_class"] == "trunk"
    assert grouped.loc[trunk & (sizes > 1), "length_m"].sum() > 20_000
    length_m = grouped.set_index("segment_id")["length_m"]
    leader_m = grouped["group_id"].map(length_m)
    assert (grouped["length_m"] <= leader_m + 0.1).all()
