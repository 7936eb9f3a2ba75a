"""Reductions keep a best tree, and dual solutions keep below the costs."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from geo.steiner.csr import graph_of
from geo.steiner.dual import fresh, laid, raised, shut_by
from geo.steiner.dual_ascent_kernels import CLOSED
from geo.steiner.levels import Level, ground
from geo.steiner.reduce import simplified
from geo.steiner.trees import annealed, shortest


def drawn(seed: int, *, nodes: int = 9, edges: int = 18, terminals: int = 4) -> Level:
    rng = np.random.default_rng(seed)
    u, v = np.arange(nodes), (np.arange(nodes) + 1) % nodes
    more_u = rng.integers(0, nodes, edges - nodes)
    more_v = (more_u + rng.integers(1, nodes, edges - nodes)) % nodes
    is_terminal = np.zeros(nodes, np.bool_)
    is_terminal[rng.choice(nodes, terminals, replace=False)] = True
    graph = graph_of(
        nodes,
        np.concatenate([u, more_u]),
        np.concatenate([v, more_v]),
        rng.integers(0, 7, edges).astype(np.int64),
    )
    return ground(graph, is_terminal, int(np.flatnonzero(is_terminal)[0]))


def trees(level: Level) -> list[tuple[int, tuple[int, ...]]]:
    """Return cost and edges of all minimal ways to connect the terminals, by trying every set."""
    g, wanted = level.graph, set(np.flatnonzero(level.is_terminal).tolist())
    found = []
    for count in range(level.nodes):
        for edges in combinations(range(level.edges), count):
            parts = {node: {node} for node in range(level.nodes)}
            is_tree = True
            for e in edges:
                one, other = parts[int(g.u[e])], parts[int(g.v[e])]
                is_tree = is_tree and one is not other
                one |= other
                for node in other:
                    parts[node] = one
            if is_tree and wanted <= parts[min(wanted)]:
                found.append((int(g.cost[list(edges)].sum()), edges))
    return found


@pytest.mark.parametrize("seed", range(12))
def test_reductions_keep_the_least_cost(seed: int) -> None:
    level = drawn(seed, nodes=7, edges=12)
    smaller, _ = simplified(level)
    assert smaller.edges <= level.edges
    assert min(trees(smaller))[0] == min(trees(level))[0]


@pytest.mark.parametrize("seed", range(12))
def test_no_tree_within_the_limit_uses_a_shut_arc(seed: int) -> None:
    level = drawn(seed, nodes=7, edges=12)
    every = trees(level)
    limit = min(every)[0] + 1
    dual = raised(level, fresh(level))
    g = level.graph
    both = np.zeros(level.edges, np.bool_)
    shut = shut_by(level, dual, limit)
    both[g.edge] = shut & shut[g.twin]
    leafless = [edges for cost, edges in every if cost <= limit and _is_lean(level, edges)]
    assert leafless
    assert not any(both[list(edges)].any() for edges in leafless)


def _is_lean(level: Level, edges: tuple[int, ...]) -> bool:
    g = level.graph
    ends = np.concatenate([g.u[list(edges)], g.v[list(edges)]])
    degree = np.bincount(ends, minlength=level.nodes)
    return bool(level.is_terminal[degree == 1].all())


@pytest.mark.parametrize("seed", range(20))
def test_raised_cuts_pay_at_most_the_cost_of_every_arc(seed: int) -> None:
    level = drawn(seed, nodes=30, edges=80, terminals=8)
    dual = raised(level, fresh(level))
    g = level.graph
    head = np.repeat(np.arange(level.nodes), np.diff(g.first))
    left = g.cost[g.edge].copy()
    for begin, end, value in zip(dual.cuts.begin, dual.cuts.end, dual.cuts.value, strict=True):
        inside = np.zeros(level.nodes, np.bool_)
        inside[dual.cuts.nodes[begin:end]] = True
        assert (inside & level.is_terminal).any()
        assert not inside[level.root]
        left[inside[head] & ~inside[g.to]] -= value
    assert (left >= 0).all()
    assert left.tolist() == dual.reduced.tolist()
    assert dual.bound == dual.cuts.value.sum()


def test_cuts_that_ask_too_much_are_lowered() -> None:
    level = drawn(1, nodes=30, edges=80, terminals=8)
    dual = raised(level, fresh(level))
    again = laid(level, replace(dual.cuts, value=dual.cuts.value * 3))
    assert (again.reduced >= 0).all()
    assert again.bound == again.cuts.value.sum()


def test_a_terminal_that_is_cut_off_is_noticed() -> None:
    level = drawn(2)
    g = level.graph
    head = np.repeat(np.arange(level.nodes), np.diff(g.first))
    last = np.flatnonzero(level.is_terminal)[-1]
    dual = raised(replace(level, shut=head == last), fresh(replace(level, shut=head == last)))
    assert dual.is_closed
    assert dual.bound == CLOSED
    assert dual.cuts.nodes.tolist() == [last]


def test_annealing_never_makes_a_tree_dearer_and_keeps_it_connected() -> None:
    level = drawn(3, nodes=200, edges=500, terminals=30)
    begin = shortest(level)
    assert begin is not None
    found = annealed(level, begin, visits=20_000, hot=0.3, cold=0.01, seed=1)
    assert found.cost <= begin.cost
    assert found.cost == int(level.graph.cost[found.chosen].sum())
    g, reached = level.graph, {level.root}
    for _ in range(level.nodes):
        for e in np.flatnonzero(found.chosen):
            ends = {int(g.u[e]), int(g.v[e])}
            reached |= ends if ends & reached else set()
    assert set(np.flatnonzero(level.is_terminal).tolist()) <= reached


def test_annealing_that_is_halted_returns_the_tree_it_began_with() -> None:
    level = drawn(3, nodes=200, edges=500, terminals=30)
    begin = shortest(level)
    assert begin is not None
    halt = np.ones(1, np.int64)
    found = annealed(level, begin, visits=10**12, hot=0.3, cold=0.01, seed=1, halt=halt)
    assert found.chosen.tolist() == begin.chosen.tolist()
