import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from planner.extension.kernel import adjacency, route


def _graph(
    rng: np.random.Generator, nodes: int, edges: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    u, v = rng.integers(nodes, size=(2, edges))
    return u, v, rng.uniform(1.0, 9.0, edges)


def _cheapest(
    u: np.ndarray, v: np.ndarray, weight: np.ndarray, source: int, targets: np.ndarray
) -> float:
    """Plain twin: scipy over the cheapest of parallel edges."""
    nodes = int(max(u.max(), v.max(), source, targets.max())) + 1
    dense = np.full((nodes, nodes), np.inf)
    np.minimum.at(dense, (u, v), weight)
    np.minimum.at(dense, (v, u), weight)
    some = np.isfinite(dense)
    row, col = np.nonzero(some)
    matrix = coo_array((dense[some], (row, col)), shape=dense.shape).tocsr()
    return float(dijkstra(matrix, indices=source)[targets].min())


def test_a_route_costs_what_scipy_says() -> None:
    rng = np.random.default_rng(3)
    for _ in range(40):
        u, v, weight = _graph(rng, 30, 45)
        targets = rng.choice(np.arange(1, 30), 3, replace=False)
        target = np.zeros(30, dtype=bool)
        target[targets] = True
        rows = adjacency(30, u, v)
        reached, way = route(*rows, weight, np.ones(30, dtype=bool), 0, target)
        expected = _cheapest(u, v, weight, 0, targets)
        assert (reached >= 0) == np.isfinite(expected)
        if reached >= 0:
            assert target[reached]
            assert np.isclose(weight[way].sum(), expected)


def test_a_route_leads_from_the_target_to_the_source() -> None:
    u, v = np.array([0, 1, 2]), np.array([1, 2, 3])
    target = np.array([False, False, False, True])
    reached, way = route(*adjacency(4, u, v), np.ones(3), np.ones(4, dtype=bool), 0, target)
    assert reached == 3
    assert way.tolist() == [2, 1, 0]


def test_a_route_does_not_pass_through_a_closed_node_or_edge() -> None:
    u, v = np.array([0, 1, 0, 2]), np.array([1, 3, 2, 3])
    rows, target = adjacency(4, u, v), np.array([False, False, False, True])
    weight = np.array([1.0, 1.0, 5.0, 5.0])
    _, way = route(*rows, weight, np.array([True, False, True, True]), 0, target)
    assert way.tolist() == [3, 2]
    closed = np.array([np.inf, 1.0, np.inf, 5.0])
    reached, way = route(*rows, closed, np.ones(4, dtype=bool), 0, target)
    assert reached == -1
    assert len(way) == 0


def test_a_source_that_is_a_target_needs_no_edge() -> None:
    reached, way = route(
        *adjacency(2, np.array([0]), np.array([1])),
        np.ones(1),
        np.ones(2, dtype=bool),
        0,
        np.array([True, False]),
    )
    assert reached == 0
    assert len(way) == 0
