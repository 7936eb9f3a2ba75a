"""Lead-ins to every frontage, stubs, taps, and what stands in their way."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest
from shapely import LineString, box

from planner.extension.corridor import Corridor, Kind

Graph = Callable[..., Corridor]
MAIN = [(0, 0), (400, 0)]
ALONG = {"pipe_id": "G", "utility": "gas", "subtype": "distribution", "pressure_mpa": 0.2}


def test_a_frontage_is_entered_at_both_its_ends(
    build: SimpleNamespace, graph: Graph, ask: SimpleNamespace
) -> None:
    corridor = graph(build.streets(MAIN), [build.parcel("P", 100, 10, 60.0)])
    entries = sorted(line.coords[-1] for line in ask.lines(corridor, Kind.LEAD_IN))
    assert entries == [(100, 10), (160, 10)]


def test_every_frontage_of_a_corner_plot_is_entered(
    build: SimpleNamespace, graph: Graph, ask: SimpleNamespace
) -> None:
    streets = build.streets(MAIN, [(0, 0), (0, 200)])
    corridor = graph(streets, [build.parcel("P", 10, 10, 60.0)])
    entries = {line.coords[-1] for line in ask.lines(corridor, Kind.LEAD_IN)}
    assert entries == {(10, 10), (70, 10), (10, 70)}


def test_a_lead_in_goes_round_a_house_and_never_through_it(
    build: SimpleNamespace, graph: Graph, ask: SimpleNamespace
) -> None:
    house = {"zone_id": "H", "kind": "building", "geometry": box(95, 3, 140, 8)}
    corridor = graph(build.streets(MAIN), [build.parcel("P", 100, 10, 60.0)], zones=[house])
    entries = [line.coords[-1] for line in ask.lines(corridor, Kind.LEAD_IN)]
    assert len(entries) > 0
    assert min(x for x, _ in entries) > 140
    assert corridor.closed == frozenset()


@pytest.mark.parametrize("kind", ["building", "protected", "water_body"])
def test_a_parcel_behind_obstacles_is_closed(
    build: SimpleNamespace, graph: Graph, ask: SimpleNamespace, kind: str
) -> None:
    strip = {"zone_id": "Z", "kind": kind, "geometry": box(-300, 3, 800, 8)}
    corridor = graph(build.streets(MAIN), [build.parcel("P", 100, 10)], zones=[strip])
    assert ask.lines(corridor, Kind.LEAD_IN) == []
    assert corridor.closed == {"P"}


def test_green_land_is_crossed_and_measured(build: SimpleNamespace, graph: Graph) -> None:
    lawn = {"zone_id": "Z", "kind": "green", "geometry": box(-300, 3, 800, 8)}
    corridor = graph(build.streets(MAIN), [build.parcel("P", 100, 10)], zones=[lawn])
    assert corridor.green_m[corridor.kind == Kind.LEAD_IN] == pytest.approx(5.0)


def test_a_lead_in_does_not_cross_a_wide_road_that_has_crossings(
    build: SimpleNamespace, graph: Graph, ask: SimpleNamespace
) -> None:
    streets = build.streets(MAIN, [(0, -35), (400, -35)], width_m=20.0)
    corridor = graph(streets, [build.parcel("P", 100, 12)])
    assert {line.coords[0][1] for line in ask.lines(corridor, Kind.LEAD_IN)} == {8.5}
    narrow = graph(streets.assign(width_m=8.0), [build.parcel("P", 100, 12)])
    assert {line.coords[0][1] for line in ask.lines(narrow, Kind.LEAD_IN)} == {0.0}


def test_inside_a_park_every_road_within_reach_is_an_entry(
    build: SimpleNamespace, graph: Graph, ask: SimpleNamespace
) -> None:
    streets = build.streets(MAIN, [(0, 140), (400, 140)])
    parcels = [build.parcel("P", 100, 10)]
    outside = graph(streets, parcels)
    park = {"zone_id": "K", "kind": "park", "geometry": box(-10, -10, 410, 150)}
    inside = graph(streets, parcels, zones=[park])
    starts = [{line.coords[0][1] for line in ask.lines(c, Kind.LEAD_IN)} for c in (outside, inside)]
    assert starts == [{0.0}, {0.0, 140.0}]


def test_a_tie_in_leaves_its_own_building_but_passes_no_other(
    build: SimpleNamespace, graph: Graph, ask: SimpleNamespace
) -> None:
    streets = build.streets(MAIN, [(0, 60), (400, 60)])
    tie = [build.tie_in("T", "water", 100, 20)]
    own = {"zone_id": "O", "kind": "building", "geometry": box(95, 15, 105, 25)}
    other = {"zone_id": "X", "kind": "building", "geometry": box(0, 5, 400, 8)}
    (near,) = ask.lines(graph(streets, (), tie, zones=[own]), Kind.STUB)
    (far,) = ask.lines(graph(streets, (), tie, zones=[own, other]), Kind.STUB)
    assert (near.coords[-1][1], far.coords[-1][1]) == (0.0, 60.0)


def test_a_main_is_tapped_in_front_of_a_parcel(
    build: SimpleNamespace, graph: Graph, ask: SimpleNamespace
) -> None:
    main = {**ALONG, "geometry": LineString([(0, 3), (400, 3)])}
    corridor = graph(
        build.streets(MAIN),
        [build.parcel("P", 300, 10)],
        [build.tie_in("T", "gas", 20, 3)],
        pipes=[main],
    )
    taps = ask.lines(corridor, Kind.TAP)
    assert {(line.coords[0], line.coords[-1]) for line in taps} >= {((300, 3), (300, 0))}
    assert set(corridor.pipe[corridor.kind == Kind.TAP]) == {0}
    assert set(corridor.graph.edge_u[corridor.kind == Kind.TAP]) == {corridor.tie_in_node[0]}


@pytest.mark.parametrize(
    "change",
    [
        {"subtype": "service"},
        {"subtype": "transmission"},
        {"pressure_mpa": 1.6},
        {"utility": "telecom"},
        {"geometry": LineString([(100, 3), (400, 3)])},
        {"diameter_mm": 63.0},
    ],
)
def test_a_line_that_may_not_be_tapped_is_not(
    build: SimpleNamespace, graph: Graph, ask: SimpleNamespace, change: dict[str, object]
) -> None:
    main = {**ALONG, "geometry": LineString([(0, 3), (400, 3)]), **change}
    tie_in = build.tie_in("T", "gas", 20, 3, diameter_mm=100.0)
    corridor = graph(
        build.streets(MAIN), [build.parcel("P", 300, 10)], [tie_in], pipes=[main]
    )  # fmt: skip
    assert ask.lines(corridor, Kind.TAP) == []


def test_a_tap_draws_on_the_nearest_tie_in_of_its_own_network(
    build: SimpleNamespace, graph: Graph
) -> None:
    pipes = [
        {**ALONG, "geometry": LineString([(0, 3), (200, 3)])},
        {**ALONG, "pipe_id": "H", "geometry": LineString([(200.5, 3), (400, 3)])},
        {**ALONG, "pipe_id": "I", "geometry": LineString([(0, -4), (400, -4)])},
    ]
    ties = [
        build.tie_in("F", "gas", 0, 3),
        build.tie_in("N", "gas", 210, 3),
        build.tie_in("A", "gas", 300, -4),
    ]
    parcels = [build.parcel("P", 290, 10)]
    corridor = graph(build.streets(MAIN), parcels, ties, pipes=pipes)
    taps = corridor.kind == Kind.TAP
    at_x = np.array([shape.coords[0][0] for shape in corridor.shape[taps]])
    tie_in = np.searchsorted(corridor.tie_in_node, corridor.graph.edge_u[taps])
    assert set(tie_in[(at_x > 280) & (at_x < 320)]) == {1}
    assert 0 in tie_in[at_x < 50]


def test_taps_stay_on_their_side_of_a_wide_road(
    build: SimpleNamespace, graph: Graph, ask: SimpleNamespace
) -> None:
    main = {**ALONG, "geometry": LineString([(0, 6), (400, 6)])}
    corridor = graph(
        build.streets(MAIN, width_m=20.0),
        [build.parcel("P", 300, -40)],
        [build.tie_in("T", "gas", 20, 6)],
        pipes=[main],
    )
    ends = {line.coords[-1][1] for line in ask.lines(corridor, Kind.TAP)}
    assert 8.5 in ends
    assert min(ends) >= 0.0
