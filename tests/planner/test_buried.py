"""Existing lines, kerbs, trees and zones on roads drawn by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from math import cos, isnan, pi, sin
from types import MappingProxyType

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st
from pyproj import CRS
from shapely import LineString, MultiLineString, Point, box
from shapely.geometry.base import BaseGeometry

from layers.county import County
from layers.schemas import empty_frame
from layers.tables import BY_NAME, INPUTS
from planner import buried, ground
from planner.carriageways import carriageways
from planner.section.street import Street
from planner.settings import defaults

EPSG = CRS.from_epsg(4545)
Rows = Sequence[Mapping[str, object]]
STREET = LineString([(0, 0), (200, 0)])


def frame(table: str, rows: Rows) -> gpd.GeoDataFrame:
    empty = empty_frame(BY_NAME[table], EPSG)
    made = pd.DataFrame(list(rows)).reindex(columns=empty.columns)
    for name, kind in empty.dtypes.items():
        if kind.kind == "b":
            made[name] = made[name].eq(True)
        elif name != "geometry":
            made[name] = made[name].astype(kind)
    return gpd.GeoDataFrame(made, geometry="geometry", crs=EPSG)


def road(line: BaseGeometry, **more: object) -> dict[str, object]:
    return {"road_class": "branch", "surface": "asphalt", "geometry": line, **more}


def pipe(line: BaseGeometry, **more: object) -> dict[str, object]:
    return {"utility": "water", "diameter_mm": 200.0, "geometry": line, **more}


def streets(
    roads: Rows, pipes: Rows = (), zones: Rows = ()
) -> tuple[gpd.GeoDataFrame, tuple[Street, ...]]:
    """Return the segments of some roads and what they hold."""
    frames = {table.name: empty_frame(table, EPSG) for table in INPUTS}
    made = {"roads": frame("roads", roads), "pipes": frame("pipes", pipes),
            "zones": frame("zones", zones)}  # fmt: skip
    county = County(name="试验", crs=EPSG, frames=MappingProxyType({**frames, **made}))
    onto = ground.segments_of(county, defaults())
    return onto, buried.streets(county, onto, carriageways(onto), defaults())


def test_a_line_beside_a_street_keeps_its_offset_positive_to_the_right() -> None:
    _, [street] = streets(
        [road(STREET)],
        [pipe(LineString([(20, -3), (150, -3)])), pipe(LineString([(180, 4), (90, 4)]))],
    )
    right, left = street.buried
    assert (right.from_m, right.to_m) == pytest.approx((20, 150))
    assert right.offsets_m == pytest.approx((3, 3))
    assert (left.from_m, left.to_m) == pytest.approx((90, 180))
    assert left.offsets_m == pytest.approx((-4, -4))


def test_a_slanting_line_has_its_offset_at_either_end_and_a_bent_one_is_two_pieces() -> None:
    _, [street] = streets(
        [road(STREET)],
        [
            pipe(LineString([(0, -2), (200, -12)]), utility="gas"),
            pipe(LineString([(0, 8), (100, 2), (200, 8)])),
        ],
    )
    slant = next(one for one in street.buried if one.line.utility == "gas")
    assert slant.offsets_m == pytest.approx((2, 12), abs=0.02)
    bent = [one for one in street.buried if one.line.utility == "water"]
    assert [one.from_m for one in bent] == pytest.approx([0, 100], abs=0.1)
    assert bent[0].offsets_m == pytest.approx((-8, -2), abs=0.02)
    assert bent[1].offsets_m == pytest.approx((-2, -8), abs=0.02)


def test_around_a_bend_of_the_road_a_parallel_line_stays_parallel() -> None:
    bend = LineString([(0, 0), (100, 0), (100 + 100 * cos(pi / 4), 100 * sin(pi / 4))])
    outside = shapely.offset_curve(bend, -12.0, join_style="mitre")
    _, [street] = streets([road(bend)], [pipe(outside)])
    assert {round(offset, 3) for one in street.buried for offset in one.offsets_m} == {12.0}
    assert min(one.from_m for one in street.buried) == pytest.approx(0)
    assert max(one.to_m for one in street.buried) == pytest.approx(200, abs=0.1)


def test_house_connections_that_only_cross_the_street_lie_beside_nothing() -> None:
    _, [street] = streets([road(STREET)], [pipe(LineString([(50, -12), (50, 12)]))])
    assert street.buried == ()


def test_a_line_is_what_the_data_says_and_unknown_where_it_says_nothing() -> None:
    along = LineString([(0, -3), (200, -3)])
    full = {"utility": "gas", "subtype": "distribution", "depth_m": 1.1, "pressure_mpa": 0.2}
    _, [street] = streets([road(STREET)], [pipe(along, **full), {"utility": "tv",
                                                                "geometry": along}])  # fmt: skip
    known, bare = (one.line for one in street.buried)
    assert known.key == ("gas", "distribution", 200.0, 1.1, None, 0.2)
    assert bare.key == ("tv", "", None, None, None, None)


def test_a_line_of_several_parts_is_placed_part_by_part() -> None:
    parts = MultiLineString([[(0, -3), (60, -3)], [(140, -5), (200, -5)]])
    _, [street] = streets([road(STREET)], [pipe(parts)])
    found = sorted((one.from_m, one.to_m, *one.offsets_m) for one in street.buried)
    assert found == [pytest.approx((0, 60, 3, 3)), pytest.approx((140, 200, 5, 5))]


def test_kerbs_and_trees_come_from_the_road_and_nothing_comes_of_nought() -> None:
    rows = [
        road(STREET, carriageway_m=9.0, tree_offset_m=5.25),
        road(LineString([(0, 90), (200, 90)]), carriageway_m=0.0),
        road(LineString([(0, 180), (200, 180)])),
    ]
    onto, found = streets(rows)
    for line, street in zip(onto.geometry, found, strict=True):
        if line.equals(STREET):
            assert (street.kerb_m, street.tree_m) == (4.5, 5.25)
        else:
            assert isnan(street.kerb_m)
            assert isnan(street.tree_m)


def test_streets_know_where_they_run_through_tunnels_and_parks() -> None:
    zones = [
        {"zone_id": "1", "kind": "utility_tunnel", "geometry": box(50, -5, 120, 5)},
        {"zone_id": "2", "kind": "park", "geometry": box(-50, -50, 60, 50)},
        {"zone_id": "3", "kind": "industrial_park", "geometry": box(40, -50, 90, 50)},
        {"zone_id": "4", "kind": "green", "geometry": box(-50, -50, 300, 50)},
    ]
    _, [street] = streets([road(STREET)], zones=zones)
    assert street.tunnel == ((50.0, 120.0),)
    assert street.park == ((0.0, 90.0),)
    _, [apart] = streets([road(shapely.affinity.translate(STREET, 0, 400))], zones=zones)
    assert (apart.tunnel, apart.park) == ((), ())


def test_a_loop_lies_in_a_zone_all_around() -> None:
    ring = LineString([(0, 0), (60, 0), (60, 60), (0, 60), (0, 0)])
    zone = {"zone_id": "1", "kind": "park", "geometry": box(-10, -10, 90, 90)}
    _, found = streets([road(ring)], zones=[zone])
    assert sum(high - low for one in found for low, high in one.park) == pytest.approx(240)


def test_on_a_dual_road_lines_count_from_its_middle_along_the_segment_that_leads() -> None:
    more = {"name": "大道", "oneway": True, "carriageway_m": 8.0, "tree_offset_m": 5.0}
    east = road(LineString([(0, 0), (200, 0)]), **more)
    west = road(LineString([(190, 16), (0, 16)]), **more)
    onto, found = streets([east, west], [pipe(LineString([(20, 21), (100, 21)]))])
    assert len(set(onto["group_id"])) == 1
    [lead] = np.flatnonzero(onto["segment_id"] == onto["group_id"])
    street = found[lead]
    [line] = street.buried
    # the middle of the road lies 8 m north of the eastbound carriageway
    assert line.offsets_m == pytest.approx((-13, -13), abs=0.05)
    assert (line.from_m, line.to_m) == pytest.approx((20, 100), abs=0.1)
    assert (street.kerb_m, street.tree_m) == pytest.approx((12, 13))
    assert found[1 - lead].buried == ()


def test_the_joint_plan_knows_what_lies_in_its_roads() -> None:
    frames = {table.name: empty_frame(table, EPSG) for table in INPUTS}
    made = {
        "roads": frame("roads", [road(STREET, carriageway_m=9.0)]),
        "pipes": frame("pipes", [pipe(LineString([(0, -3), (200, -3)]))]),
    }
    county = County(name="试验", crs=EPSG, frames=MappingProxyType({**frames, **made}))
    onto = ground.segments_of(county, defaults())
    built = ground.trench_problem(
        county, onto, county["works"], defaults(), start=dt.date(2026, 1, 1), days=365
    )
    [segment] = built.problem.segments
    assert segment.street.kerb_m == 4.5
    assert [one.offsets_m for one in segment.street.buried] == [pytest.approx((3, 3))]


def test_a_county_without_roads_or_lines_holds_nothing() -> None:
    assert streets([], [pipe(STREET)])[1] == ()
    _, [street] = streets([road(STREET)])
    assert (street.buried, street.tunnel, street.park) == ((), (), ())


@given(
    st.lists(st.tuples(st.floats(25, 80), st.floats(-0.4, 0.4)), min_size=1, max_size=4),
    st.floats(-14, 14).filter(lambda offset: abs(offset) > 1),
    st.booleans(),
)
@effort(max_examples=25, deadline=None)
def test_a_parallel_line_keeps_its_offset_along_any_road(
    legs: list[tuple[float, float]], offset_m: float, against: bool
) -> None:
    heading, xy = 0.0, [(0.0, 0.0)]
    for length_m, turn in legs:
        heading += turn
        xy.append((xy[-1][0] + length_m * cos(heading), xy[-1][1] + length_m * sin(heading)))
    beside = shapely.offset_curve(LineString(xy), -offset_m, join_style="mitre")
    line = shapely.reverse(beside) if against else beside
    onto, found = streets([road(LineString(xy))], [pipe(line)])
    [street] = found
    assert onto.geometry.iloc[0].distance(Point(xy[0])) < 0.1
    for one in street.buried:
        assert one.offsets_m == pytest.approx((offset_m, offset_m), abs=0.06)
    held = sum(one.to_m - one.from_m for one in street.buried)
    assert held >= onto.geometry.iloc[0].length - 2 * abs(offset_m) - 1
