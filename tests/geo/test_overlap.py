"""Lines are placed on the segments that they run along."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo import segments
from geo.overlap import COLUMNS, place

LIMITS = {"max_offset_m": 15.0, "max_angle_deg": 30.0, "min_overlap_m": 10.0}


def _segments(*wkt: str) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=list(shapely.from_wkt(list(wkt))))


def _placed(line: str, *roads: str, **limits: float) -> pd.DataFrame:
    return place(np.array([shapely.from_wkt(line)]), _segments(*roads), **{**LIMITS, **limits})


STREET = "LINESTRING (0 0, 100 0)"


def test_a_parallel_line_is_placed_with_side_offset_and_stretch() -> None:
    row = _placed("LINESTRING (20 3, 60 3)", STREET).iloc[0]
    assert (row.from_m, row.to_m) == pytest.approx((20, 60))
    assert (row.side, row.reversed) == ("left", False)
    assert row.offset_m == pytest.approx(3)
    assert (row.line_from_m, row.line_to_m) == pytest.approx((0, 40))


def test_a_line_against_the_segment_keeps_its_side_of_the_segment() -> None:
    row = _placed("LINESTRING (60 -3, 20 -3)", STREET).iloc[0]
    assert (row.from_m, row.to_m) == pytest.approx((20, 60))
    assert (row.side, row.reversed) == ("right", True)


def test_a_line_through_a_junction_is_divided_exactly_there() -> None:
    placed = _placed(
        "LINESTRING (10 2, 190 2)",
        STREET,
        "LINESTRING (100 0, 200 0)",
        "LINESTRING (100 0, 100 80)",
    )
    assert placed["segment"].tolist() == [0, 1]
    assert placed["to_m"].tolist() == pytest.approx([100, 90])
    assert placed["from_m"].tolist() == pytest.approx([10, 0])
    assert placed["line_to_m"].tolist() == pytest.approx([90, 180])


def test_a_line_around_a_corner_covers_both_segments_to_the_corner() -> None:
    placed = _placed("LINESTRING (0 -4, 104 -4, 104 100)", STREET, "LINESTRING (100 0, 100 100)")
    assert placed["segment"].tolist() == [0, 1]
    assert placed["to_m"].tolist() == pytest.approx([100, 100])
    assert placed["from_m"].tolist() == pytest.approx([0, 0], abs=1e-6)
    assert placed["side"].tolist() == ["right", "right"]


@pytest.mark.parametrize(
    "line",
    [
        "LINESTRING (50 -20, 50 20)",  # across
        "LINESTRING (0 16, 100 16)",  # too far
        "LINESTRING (120 0, 160 0)",  # beyond the dead end
        "LINESTRING (0 0, 80 80)",  # too oblique
    ],
)
def test_a_line_that_does_not_run_along_is_not_placed(line: str) -> None:
    placed = _placed(line, STREET)
    assert placed.empty
    assert tuple(placed.columns) == COLUMNS


def test_a_line_beyond_a_dead_end_stops_there() -> None:
    row = _placed("LINESTRING (50 2, 140 2)", STREET).iloc[0]
    assert (row.to_m, row.line_to_m) == pytest.approx((100, 50))


def test_a_run_that_ends_a_few_centimetres_from_a_junction_ends_there() -> None:
    row = _placed("LINESTRING (0.02 3, 99.97 3)", STREET).iloc[0]
    assert (row.from_m, row.to_m) == (0.0, 100.0)


def test_the_nearer_of_two_parallel_segments_is_taken() -> None:
    placed = _placed("LINESTRING (0 7, 100 7)", STREET, "LINESTRING (0 12, 100 12)")
    assert placed["segment"].tolist() == [1]
    assert placed["side"].tolist() == ["right"]


def test_a_short_detour_to_a_neighbour_is_ignored() -> None:
    wiggle = "LINESTRING (0 2, 48 2, 49 7, 53 7, 54 2, 100 2)"
    placed = _placed(wiggle, STREET, "LINESTRING (0 12, 100 12)", max_angle_deg=80)
    assert placed["segment"].tolist() == [0]
    assert placed.loc[0, ["from_m", "to_m"]].tolist() == pytest.approx([0, 100])


def test_a_gap_at_a_sharp_bend_does_not_divide_a_run() -> None:
    bent = "LINESTRING (0 0, 50 0, 60 5, 65 15, 65 60)"
    placed = _placed("LINESTRING (0 -3, 68 -3, 68 60)", bent, max_angle_deg=20)
    assert len(placed) == 1
    assert placed.loc[0, "to_m"] == pytest.approx(shapely.from_wkt(bent).length)


def test_a_line_that_changes_sides_is_two_runs_that_touch() -> None:
    placed = _placed("LINESTRING (0 3, 50 3, 56 -3, 100 -3)", STREET, max_angle_deg=50)
    assert placed["side"].tolist() == ["left", "right"]
    assert placed.loc[0, "to_m"] == pytest.approx(placed.loc[1, "from_m"])
    assert 50 < placed.loc[0, "to_m"] < 56


def test_a_line_on_the_centre_line_lies_right() -> None:
    placed = _placed("LINESTRING (0 0.2, 30 -0.2, 60 0.2, 100 0)", STREET)
    assert placed["side"].tolist() == ["right"]


def test_a_short_work_and_a_short_segment_are_placed_nevertheless() -> None:
    assert len(_placed("LINESTRING (50 2, 56 2)", STREET)) == 1
    placed = _placed("LINESTRING (90 2, 160 2)", STREET, "LINESTRING (100 0, 106 0)")
    assert placed["segment"].tolist() == [0, 1]


def test_parts_of_a_multilinestring_are_measured_one_after_another() -> None:
    parts = "MULTILINESTRING ((0 2, 30 2), (60 2, 100 2))"
    placed = _placed(parts, STREET, max_offset_m=5)
    assert placed["line_from_m"].tolist() == pytest.approx([0, 30])
    assert placed["from_m"].tolist() == pytest.approx([0, 60])


def test_the_bottom_of_a_horseshoe_is_not_covered_by_a_line_across_it() -> None:
    horseshoe = "LINESTRING (0 0, 100 0, 100 100, 0 100)"
    placed = _placed("LINESTRING (0 2, 60 2, 60 98, 0 98)", horseshoe, max_offset_m=8)
    assert placed["from_m"].tolist() == pytest.approx([0, 240])
    assert placed["to_m"].tolist() == pytest.approx([60, 300])


def test_nothing_is_placed_on_nothing() -> None:
    nothing = np.empty(0, dtype=object)
    assert place(nothing, _segments(STREET), **LIMITS).empty
    assert place(np.array([None]), _segments(STREET), **LIMITS).empty
    empty = gpd.GeoDataFrame(geometry=[])
    assert place(np.array([shapely.from_wkt(STREET)]), empty, **LIMITS).empty


@pytest.mark.parametrize("limits", [{"max_offset_m": -1.0}, {"step_m": 0.0}])
def test_senseless_limits_are_refused(limits: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="must"):
        _placed(STREET, STREET, **limits)


@st.composite
def networks(draw: st.DrawFn) -> gpd.GeoDataFrame:
    grid = st.tuples(st.integers(0, 20), st.integers(0, 20))
    road = st.lists(grid, min_size=2, max_size=5, unique=True)
    drawn = draw(st.lists(road, min_size=1, max_size=6))
    lines = [shapely.LineString(np.array(road) * 25.0) for road in drawn]
    return segments.make(gpd.GeoDataFrame(geometry=lines))


@given(network=networks(), data=st.data())
@settings(max_examples=40, deadline=None)
def test_every_run_lies_within_its_segment_and_its_line(
    network: gpd.GeoDataFrame, data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(network) - 1))
    shift = data.draw(st.sampled_from([-4.0, 0.0, 4.0]))
    line = shapely.transform(network.geometry.iloc[at], lambda xy: xy + np.array([shift, 0.0]))
    placed = place(np.array([line]), network, **LIMITS)
    length = network["length_m"].to_numpy()[placed["segment"]]
    assert (placed["from_m"] >= 0).all()
    assert (placed["from_m"] < placed["to_m"]).all()
    assert (placed["to_m"] <= length + 1e-6).all()
    assert (placed["line_from_m"] < placed["line_to_m"]).all()
    assert (placed["line_to_m"] <= line.length + 1e-6).all()
    assert placed["offset_m"].between(0, LIMITS["max_offset_m"]).all()
    assert placed["side"].isin(["left", "right"]).all()
    assert (
        placed["line_from_m"].to_numpy()[1:] >= placed["line_to_m"].to_numpy()[:-1] - 1e-6
    ).all()


@given(network=networks())
@settings(max_examples=40, deadline=None)
def test_a_segment_laid_on_the_network_finds_itself(network: gpd.GeoDataFrame) -> None:
    placed = place(network.geometry, network, **LIMITS)
    own = placed[placed["line"] == placed["segment"]]
    covered = (own["to_m"] - own["from_m"]).groupby(own["line"]).sum()
    assert covered.to_numpy() == pytest.approx(network["length_m"].to_numpy(), rel=0.2, abs=10)


def test_power_lines_of_the_ground_find_the_streets_of_andorra(shared_data: Path) -> None:
    path = shared_data / "andorra" / "andorra-2025-01-19.osm.pbf"
    if not path.is_file():
        pytest.skip(f"real data is absent: {path.name}")
    where = "highway IN ('primary', 'secondary', 'trunk', 'tertiary', 'residential')"
    roads = pyogrio.read_dataframe(path, layer="lines", where=where).to_crs(32631)
    network = segments.make(roads.rename(columns={"highway": "road_class"}))
    pipes = gpd.GeoSeries(shapely.offset_curve(np.asarray(network.geometry), 3.0))
    placed = place(pipes, network, **LIMITS)
    own = placed[placed["line"] == placed["segment"]]
    assert (own["to_m"] - own["from_m"]).sum() > 0.97 * network["length_m"].sum()
    assert (own["side"] == "left").mean() > 0.99
