"""The road graph as arrays, sparse matrix and networkx."""

from __future__ import annotations

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse.csgraph import dijkstra

from geo.graph import RoadGraph, from_networkx, from_segments


def _graph(edges: list[tuple[int, int, float]], nodes: int) -> RoadGraph:
    u, v, length = (np.array(column) for column in zip(*edges, strict=True))
    xy = np.column_stack([np.arange(nodes), np.zeros(nodes)]).astype(np.float64)
    return RoadGraph(xy, u.astype(np.int64), v.astype(np.int64), length.astype(np.float64))


DIAMOND = _graph([(0, 1, 5), (1, 0, 3), (1, 2, 2), (2, 2, 1), (0, 2, 9), (3, 4, 1)], 6)


@st.composite
def graphs(draw: st.DrawFn) -> RoadGraph:
    nodes = draw(st.integers(2, 8))
    end = st.integers(0, nodes - 1)
    edge = st.tuples(end, end, st.floats(0, 100))
    return _graph(draw(st.lists(edge, min_size=1, max_size=15)), nodes)


def test_of_parallel_edges_the_cheapest_stays_and_is_known() -> None:
    weighted = DIAMOND.csr()
    assert weighted.matrix[0, 1] == weighted.matrix[1, 0] == 3
    assert weighted.edges_along([0, 1, 2]).tolist() == [1, 2]
    assert weighted.edges_along([4, 3]).tolist() == [5]


def test_other_weights_choose_another_parallel_edge() -> None:
    weighted = DIAMOND.csr([1, 3, 2, 1, 9, 1])
    assert weighted.edges_along([1, 0]).tolist() == [0]


def test_an_edge_of_infinite_weight_is_closed() -> None:
    weighted = DIAMOND.csr([np.inf, np.inf, 2, 1, np.inf, 1])
    assert np.isinf(dijkstra(weighted.matrix, indices=0)[1:]).all()


def test_an_edge_of_weight_zero_is_open() -> None:
    weighted = DIAMOND.csr([0, 0, 0, 0, 0, 0])
    assert dijkstra(weighted.matrix, indices=0)[:3].tolist() == [0, 0, 0]


@pytest.mark.parametrize("weight", [-1.0, np.nan])
def test_weights_below_zero_or_missing_are_refused(weight: float) -> None:
    with pytest.raises(ValueError, match="not negative"):
        DIAMOND.csr(weight)


def test_a_path_over_no_edge_is_a_key_error() -> None:
    with pytest.raises(KeyError, match="not neighbours"):
        DIAMOND.csr().edges_along([0, 3])
    with pytest.raises(KeyError, match="not neighbours"):
        DIAMOND.csr(np.inf).edges_along([0, 1])


def test_a_path_of_one_node_has_no_edge() -> None:
    assert DIAMOND.csr().edges_along([2]).shape == (0,)


def test_components_are_numbered_by_node() -> None:
    assert DIAMOND.components().tolist() == [0, 0, 0, 1, 1, 2]


@pytest.mark.parametrize("edge_v", [[7], [-1], [0, 1]])
def test_edges_to_nowhere_are_refused(edge_v: list[int]) -> None:
    with pytest.raises(ValueError, match="edge"):
        RoadGraph(np.zeros((2, 2)), np.array([0]), np.array(edge_v), np.array([1.0]))


@given(graph=graphs())
@settings(max_examples=60, deadline=None)
def test_distances_are_those_of_networkx(graph: RoadGraph) -> None:
    theirs = nx.single_source_dijkstra_path_length(graph.to_networkx(), 0, weight="length_m")
    ours = dijkstra(graph.csr().matrix, indices=0)
    assert {node: ours[node] for node in theirs} == pytest.approx(theirs)
    assert np.isfinite(ours).sum() == len(theirs)


@given(graph=graphs())
@settings(max_examples=60, deadline=None)
def test_networkx_gives_back_the_same_arrays(graph: RoadGraph) -> None:
    back = from_networkx(graph.to_networkx())
    np.testing.assert_array_equal(back.node_xy, graph.node_xy)
    np.testing.assert_array_equal(back.edge_length_m, graph.edge_length_m)
    ends = np.sort([graph.edge_u, graph.edge_v], axis=0)
    np.testing.assert_array_equal(np.sort([back.edge_u, back.edge_v], axis=0), ends)


def test_a_simple_networkx_graph_is_read_in_its_order() -> None:
    simple = nx.Graph()
    simple.add_node("b", x=1.0, y=2.0)
    simple.add_node("a", x=3.0, y=4.0)
    simple.add_edge("a", "b", length_m=7.0)
    graph = from_networkx(simple)
    assert graph.node_xy.tolist() == [[1, 2], [3, 4]]
    assert (graph.edge_u.tolist(), graph.edge_v.tolist()) == ([0], [1])


def test_an_empty_graph_has_no_components() -> None:
    empty = from_networkx(nx.MultiGraph())
    assert empty.components().shape == (0,)
    assert empty.csr().matrix.shape == (0, 0)


def test_ends_within_a_millimetre_are_one_node_in_order_of_x() -> None:
    lines = shapely.from_wkt(["LINESTRING (9 0, 5 0)", "LINESTRING (5.0004 0, 0 0, 0 3)"])
    graph = from_segments(gpd.GeoDataFrame(geometry=lines))
    assert graph.node_xy.tolist() == [[0, 3], [5, 0], [9, 0]]
    assert (graph.edge_u.tolist(), graph.edge_v.tolist()) == ([2, 1], [1, 0])
    assert graph.edge_length_m == pytest.approx([4, 8.0004])
