"""Both sides of wide roads, their corners and their crossings."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest
import shapely
from shapely import box

from planner.extension.corridor import Corridor, Kind

Graph = Callable[..., Corridor]
WEST, EAST = [(0, 0), (200, 0)], [(200, 0), (400, 0)]
NORTH, SOUTH = [(200, 0), (200, 200)], [(200, -200), (200, 0)]


def _street(corridor: Corridor) -> np.ndarray:
    return corridor.shape[: corridor.street_count]


def test_a_wide_road_has_a_trench_line_on_each_side(build: SimpleNamespace, graph: Graph) -> None:
    corridor = graph(build.streets(WEST, width_m=30.0))
    assert sorted(shape.coords[0][1] for shape in _street(corridor)) == [-13.5, 13.5]
    assert sorted(corridor.side[: corridor.street_count]) == [-1, 1]


@pytest.mark.parametrize("width_m", [14.9, float("nan")])
def test_a_narrow_road_or_one_of_unknown_width_has_one(
    build: SimpleNamespace, graph: Graph, width_m: float
) -> None:
    corridor = graph(build.streets(WEST, width_m=width_m))
    assert [shape.coords[:] for shape in _street(corridor)] == [WEST]
    assert not (corridor.kind == Kind.CROSSING).any()


def test_at_a_crossroads_neighbouring_sides_meet_and_every_arm_can_be_crossed(
    build: SimpleNamespace, graph: Graph, ask: SimpleNamespace
) -> None:
    corridor = graph(build.streets(WEST, EAST, NORTH, SOUTH, width_m=23.0))
    near = [
        node
        for node, xy in enumerate(corridor.graph.node_xy)
        if np.hypot(*(xy - [200, 0])) < 20
    ]  # fmt: skip
    corners = {tuple(np.round(corridor.graph.node_xy[node], 0)) for node in near}
    assert corners == {(190.0, 10.0), (190.0, -10.0), (210.0, 10.0), (210.0, -10.0)}
    across = [line for line in ask.lines(corridor, Kind.CROSSING) if line.distance(
        shapely.Point(200, 0)) < 12]  # fmt: skip
    assert len(across) == 4
    assert shapely.length(across) == pytest.approx(20.0, abs=0.5)
    for node in near[1:]:
        way_m = ask.cheapest_m(corridor, near[0], node, without=[Kind.CROSSING])
        assert way_m == np.inf


def test_a_narrow_lane_is_entered_from_the_side_on_which_it_lies(
    build: SimpleNamespace, graph: Graph, ask: SimpleNamespace
) -> None:
    streets = build.streets(WEST, EAST, NORTH, width_m=23.0)
    streets.loc[2, "width_m"] = 6.0
    corridor = graph(streets)
    place = {
        (round(x), round(y)): node for node, (x, y) in enumerate(corridor.graph.node_xy.tolist())
    }
    lane, west, south = place[200, 200], place[0, 10], place[0, -10]
    plain = [Kind.CROSSING]
    assert ask.cheapest_m(corridor, lane, west, without=plain) == pytest.approx(390.0, abs=2.0)
    assert ask.cheapest_m(corridor, lane, south, without=plain) == np.inf
    assert ask.cheapest_m(corridor, lane, south) == pytest.approx(410.0, abs=2.0)


def test_the_end_of_a_wide_road_is_no_free_crossing(
    build: SimpleNamespace, graph: Graph, ask: SimpleNamespace
) -> None:
    corridor = graph(build.streets(WEST, width_m=23.0))
    nodes = {node for edge in range(2) for node in (corridor.graph.edge_u[edge],)}
    assert len(nodes) == 2
    assert ask.cheapest_m(corridor, *nodes, without=[Kind.CROSSING]) == np.inf
    assert ask.cheapest_m(corridor, *nodes) == pytest.approx(20.0, abs=0.1)


def test_links_lead_to_their_own_side_and_can_cross_there(
    build: SimpleNamespace, graph: Graph, ask: SimpleNamespace
) -> None:
    corridor = graph(
        build.streets([(0, 0), (400, 0)], width_m=23.0),
        [build.parcel("P", 300, 20)],
        [build.tie_in("T", "water", 50, -12)],
    )
    assert {line.coords[0][1] for line in ask.lines(corridor, Kind.LEAD_IN)} == {10.0}
    (stub,) = ask.lines(corridor, Kind.STUB)
    assert stub.coords[:] == [(50, -12), (50, -10)]
    across_m = [line.coords[0][0] for line in ask.lines(corridor, Kind.CROSSING)]
    assert sorted(set(np.round(across_m))) == [0, 50, 300, 320, 400]


def test_buildings_narrow_the_road_and_a_bridge_has_its_trench_in_the_middle(
    build: SimpleNamespace, graph: Graph
) -> None:
    zones = [
        {"zone_id": "B", "kind": "building", "geometry": box(90, 9.5, 100, 30)},
        {"zone_id": "W", "kind": "water_body", "geometry": box(250, -50, 260, 50)},
        {"zone_id": "H", "kind": "building", "geometry": box(100, 205, 110, 220)},
    ]
    apart = [(0, 200), (200, 200)]
    corridor = graph(build.streets(WEST, EAST, apart, width_m=23.0), zones=zones)
    by_segment = {
        segment: sorted({round(shape.coords[0][1], 1) for shape in
                         _street(corridor)[corridor.segment[: corridor.street_count] == segment]})
        for segment in range(3)
    }  # fmt: skip
    assert by_segment[0] == [-9.0, 9.0]
    assert len(by_segment[1]) == 1
    assert by_segment[2] == [200.0]
    assert corridor.water_m.sum() == pytest.approx(10.0)


def test_carriageways_of_one_road_do_not_reach_over_one_another(
    build: SimpleNamespace, graph: Graph
) -> None:
    streets = build.streets([(0, 0), (300, 0)], [(0, 20), (300, 20)], width_m=40.0)
    corridor = graph(streets.assign(group_id="S0"))
    heights = sorted({shape.coords[0][1] for shape in _street(corridor)})
    assert heights == pytest.approx([-8.5, 8.5, 11.5, 28.5])


@pytest.mark.parametrize("angle_deg", [20, 60, 90, 140, 180, 250, 320])
def test_strips_of_two_roads_meet_outside_their_carriageways_at_any_angle(
    build: SimpleNamespace, graph: Graph, ask: SimpleNamespace, angle_deg: int
) -> None:
    end = 200 * np.cos(np.radians(angle_deg)), 200 * np.sin(np.radians(angle_deg))
    corridor = graph(build.streets([(0, 0), (200, 0)], [(0, 0), end], width_m=20.0))
    both = shapely.MultiLineString([[(0, 0), (200, 0)], [(0, 0), end]])
    for shape in _street(corridor):
        assert shape.hausdorff_distance(both.intersection(shape.buffer(20))) < 60
        assert both.buffer(8.5 + 0.1).covers(shape)
        assert shape.is_simple
    assert len(set(corridor.graph.components())) == 1
    assert len(ask.lines(corridor, Kind.CROSSING)) == 2 + 2 * 2


def test_open_trenches_open_their_own_side_only(build: SimpleNamespace, graph: Graph) -> None:
    streets = build.streets([(0, 0), (200, 0)], [(0, 100), (200, 100)], width_m=23.0)
    streets.loc[1, "width_m"] = 7.0
    opened = {"S0": [(50.0, 150.0, "left")], "S1": [(50.0, 150.0, "right")]}
    corridor = graph(streets, open_segments=opened)
    side = corridor.side[corridor.in_work].tolist()
    assert sorted(zip(corridor.segment[corridor.in_work].tolist(), side, strict=True)) == [
        (0, 1),
        (1, 0),
    ]
    assert corridor.graph.edge_length_m[corridor.in_work] == pytest.approx(100.0)
