from collections.abc import Callable, Sequence
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pytest
import shapely

from layers.county import County
from layers.tables import PARCELS
from planner.extension.corridor import Corridor, Kind
from planner.extension.graph.build import build as build_corridor
from planner.extension.graph.cutting import Stretches
from planner.settings import Settings

Town = tuple[County, gpd.GeoDataFrame]


def _corridor(
    build: SimpleNamespace,
    settings: Settings,
    streets: gpd.GeoDataFrame,
    parcels: list[dict[str, object]],
    ties: Sequence[dict[str, object]] = (),
    opened: Stretches | None = None,
) -> Corridor:
    return build_corridor(
        streets,
        build.frame(PARCELS, parcels),
        build.county([], ties, []).frames,
        settings,
        open_segments=opened or {},
    )


def test_a_street_is_cut_where_links_meet_it(build: SimpleNamespace, settings: Settings) -> None:
    streets = build.streets([(0, 0), (100, 0)])
    parcels = [build.parcel("P", 40, 8)]
    corridor = _corridor(build, settings, streets, parcels, [build.tie_in("T", "gas", 10, -5)])
    street = corridor.kind == Kind.STREET
    assert corridor.graph.edge_length_m[street] == pytest.approx([10.0, 30.0, 20.0, 40.0])
    assert corridor.graph.edge_length_m[corridor.kind == Kind.LEAD_IN] == pytest.approx([8.0, 8.0])
    assert corridor.graph.edge_length_m[corridor.kind == Kind.STUB] == pytest.approx([5.0])
    assert len(set(corridor.graph.components())) == 1


def test_segments_share_the_node_where_they_meet(
    build: SimpleNamespace, settings: Settings
) -> None:
    streets = build.streets([(0, 0), (50, 0)], [(50, 0.0004), (50, 60)], [(200, 0), (300, 0)])
    corridor = _corridor(build, settings, streets, [build.parcel("P", 20, 5)])
    first, second, apart = (corridor.segment[: corridor.street_count] == s for s in range(3))
    piece, ends = corridor.graph.components(), corridor.graph.edge_u[: corridor.street_count]
    pieces = [set(piece[ends[edges]]) for edges in (first, second, apart)]
    assert pieces[0] == pieces[1]
    assert pieces[0].isdisjoint(pieces[2])


def test_drawn_edges_join_the_nodes_they_claim_to(
    build: SimpleNamespace, settings: Settings, town: Callable[[int], Town]
) -> None:
    county, segments = town(1)
    corridor = build_corridor(
        segments, county["parcels"], county.frames, settings, open_segments={}
    )
    graph = corridor.graph
    lines = corridor.geometry(np.arange(len(graph.edge_u)))
    assert shapely.length(lines) == pytest.approx(graph.edge_length_m)
    for at, node in ((0, graph.edge_u), (-1, graph.edge_v)):
        ends = shapely.get_coordinates(shapely.get_point(lines, at))
        near = np.hypot(*(ends - graph.node_xy[node]).T) < 1e-3
        parcels = np.isin(node, list(corridor.parcel_node.values()))
        assert (near | parcels).all()


def test_a_far_road_is_no_entry_and_a_near_second_one_is(
    build: SimpleNamespace, settings: Settings
) -> None:
    near = build.streets([(0, 0), (100, 0)], [(0, 45), (100, 45)], [(0, 130), (100, 130)])
    corridor = _corridor(build, settings, near, [build.parcel("P", 40, 10)])
    entries = corridor.graph.edge_length_m[corridor.kind == Kind.LEAD_IN]
    assert sorted(entries) == pytest.approx([10.0, 10.0, 15.0, 15.0])


def test_a_parcel_far_from_every_road_has_no_lead_in_but_a_distance(
    build: SimpleNamespace, settings: Settings
) -> None:
    streets = build.streets([(0, 0), (100, 0)])
    corridor = _corridor(build, settings, streets, [build.parcel("P", 0, 400)])
    assert not (corridor.kind == Kind.LEAD_IN).any()
    assert corridor.road_m["P"] == pytest.approx(400.0)


def test_open_stretches_are_edges_of_their_own(build: SimpleNamespace, settings: Settings) -> None:
    streets = build.streets([(0, 0), (100, 0)])
    corridor = _corridor(
        build, settings, streets, [build.parcel("P", 80, 5)], opened={"S0": [(20.0, 60.0)], "X": []}
    )
    assert corridor.graph.edge_length_m[corridor.in_work].sum() == pytest.approx(40.0)


def test_no_segments_give_a_graph_without_streets(
    build: SimpleNamespace, settings: Settings
) -> None:
    corridor = _corridor(
        build,
        settings,
        build.streets(),
        [build.parcel("P", 0, 0)],
        [build.tie_in("T", "tv", 50, 0)],
    )
    assert corridor.street_count == 0
    assert np.isinf(corridor.road_m["P"])
