import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from planner.extension.candidates.kernel import Net, ways
from planner.extension.kernel import adjacency

NODES = 24
TARGETS = np.arange(18, NODES)


def _graph(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return the ends and weights of a graph whose node 0 has edges of three places."""
    u, v = rng.integers(1, NODES, size=(2, 60))
    u, v = np.concatenate([u, np.zeros(5, dtype=int)]), np.concatenate([v, rng.integers(1, 18, 5)])
    place = np.concatenate([np.full(60, -1), [0, 0, 1, 2, 2]])
    return u, v, rng.uniform(1.0, 9.0, 65), place


def _plain(u: np.ndarray, v: np.ndarray, weight: np.ndarray, place: np.ndarray) -> list[float]:
    """Plain twin: the way to every target through every place by itself, targets passed by none."""
    found = []
    for one in range(3):
        for target in TARGETS:
            others = np.setdiff1d(TARGETS, [target])
            kept = ((place == -1) | (place == one)) & ~np.isin(u, others) & ~np.isin(v, others)
            dense = np.full((NODES, NODES), np.inf)
            np.minimum.at(dense, (u[kept], v[kept]), weight[kept])
            np.minimum.at(dense, (v[kept], u[kept]), weight[kept])
            row, col = np.nonzero(np.isfinite(dense))
            matrix = coo_array((dense[row, col], (row, col)), shape=dense.shape).tocsr()
            found.append(float(dijkstra(matrix, indices=0)[target]))
    return sorted(cost for cost in found if np.isfinite(cost))


def _net(
    u: np.ndarray, v: np.ndarray, weight: np.ndarray, place: np.ndarray, tapped: np.ndarray
) -> Net:
    target = np.zeros(NODES, dtype=bool)
    target[TARGETS] = True
    passable = ~target
    passable[0] = False
    return Net(*adjacency(NODES, u, v), weight, passable, target, place, tapped)


def test_the_three_cheapest_entries_are_those_of_a_search_for_each_by_itself() -> None:
    rng = np.random.default_rng(8)
    for _ in range(60):
        u, v, weight, place = _graph(rng)
        reached, counts, edges = ways(_net(u, v, weight, place, np.full(65, -1)), 0, 3)
        parts = np.split(edges, np.cumsum(counts)[:-1])
        costs = [weight[part].sum() for part in parts] if len(counts) else []
        assert np.allclose(costs, _plain(u, v, weight, place)[:3])
        entries = {(int(place[p[-1]]), int(t)) for p, t in zip(parts, reached, strict=True)}
        assert len(entries) == len(counts)


def test_taps_of_one_line_are_one_entry_whichever_tie_in_they_draw_on() -> None:
    u, v = np.array([0, 1, 1, 1]), np.array([1, 18, 19, 20])
    place, tapped = np.array([0, -1, -1, -1]), np.array([-1, 7, 7, -1])
    net = _net(u, v, np.array([1.0, 1.0, 2.0, 3.0]), place, tapped)
    reached, counts, edges = ways(net, 0, 3)
    assert reached.tolist() == [18, 20]
    assert counts.tolist() == [2, 2]
    assert edges.tolist() == [1, 0, 3, 0]
