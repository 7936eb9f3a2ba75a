"""Trees and bounds against brute force, and what the search promises."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np
import pytest

from geo.errors import InputError
from geo.steiner import SteinerTree, solve
from geo.steiner.check import proven_bound, tree_cost
from geo.steiner.proof import Split


class Drawn(NamedTuple):
    """A small instance."""

    nodes: int
    u: list[int]
    v: list[int]
    cost: list[float]
    terminals: list[int]


def draw(seed: int, *, nodes: int, degree: float, terminals: int, kind: str) -> Drawn:
    """Parallel edges, loops and separate parts come of themselves."""
    rng = np.random.default_rng(seed)
    edges = int(nodes * degree / 2)
    costs = {
        "with zeros": rng.integers(0, 5, edges),
        "nearly equal": rng.integers(1, 3, edges),
        "decimal": np.round(rng.random(edges) * 10, 2),
        "large": rng.random(edges) * 1e9,
    }
    return Drawn(
        nodes,
        rng.integers(0, nodes, edges).tolist(),
        rng.integers(0, nodes, edges).tolist(),
        costs[kind].astype(float).tolist(),
        rng.choice(nodes, terminals, replace=False).tolist(),
    )


def spanning_cost(case: Drawn, nodes: set[int]) -> float:
    above = {node: node for node in nodes}

    def top(node: int) -> int:
        while above[node] != node:
            node = above[node]
        return node

    chosen = []
    for edge in sorted(range(len(case.u)), key=lambda e: case.cost[e]):
        if case.u[edge] in nodes and case.v[edge] in nodes:
            one, other = top(case.u[edge]), top(case.v[edge])
            if one != other:
                above[one] = other
                chosen.append(case.cost[edge])
    return math.fsum(chosen) if len(chosen) == len(nodes) - 1 else math.inf


def brute_force(case: Drawn) -> float:
    others = sorted(set(range(case.nodes)) - set(case.terminals))
    return min(
        spanning_cost(case, set(case.terminals) | set(more))
        for count in range(len(others) + 1)
        for more in combinations(others, count)
    )


def solved(case: Drawn, *, effort: float = 1.0) -> SteinerTree:
    return solve(case.nodes, case.u, case.v, case.cost, case.terminals, effort=effort)


def assert_proven(case: Drawn, tree: SteinerTree) -> None:
    """The tree connects, costs what it says, and its bound follows from the proof."""
    graph = case.u, case.v, case.cost, case.terminals
    assert tree_cost(*graph, tree.edges) == pytest.approx(tree.cost, rel=1e-12)
    proven = proven_bound(*graph, tree.proof)
    whole = all(cost == int(cost) for cost in case.cost)
    assert tree.bound <= (math.ceil(proven) if whole else proven) + 1e-12 * tree.cost


@pytest.mark.parametrize("kind", ["with zeros", "nearly equal", "decimal", "large"])
@pytest.mark.parametrize("seed", range(25))
def test_tiny_instances_are_solved_as_by_brute_force(seed: int, kind: str) -> None:
    case = draw(seed, nodes=9, degree=3 + seed % 4, terminals=2 + seed % 4, kind=kind)
    best = brute_force(case)
    tree = solved(case)
    if math.isinf(best):
        assert tree.status == "disconnected"
        assert tree.unreachable
        return
    assert tree.status == "optimal"
    assert tree.cost == pytest.approx(best, rel=2e-9, abs=1e-12)
    assert tree.bound <= best * (1 + 1e-12)
    assert_proven(case, tree)


@pytest.mark.parametrize("effort", [0.01, 1.0])
@pytest.mark.parametrize("seed", range(6))
def test_larger_bounds_follow_from_their_proofs(seed: int, effort: float) -> None:
    kind = ["nearly equal", "with zeros", "decimal"][seed % 3]
    case = draw(seed, nodes=120, degree=8, terminals=20, kind=kind)
    tree = solved(case, effort=effort)
    assert tree.status != "disconnected"
    assert tree.bound <= tree.cost
    assert_proven(case, tree)


def hypercube(dimension: int) -> Drawn:
    """Corners with an even number of ones are to be connected: the relaxation leaves a gap."""
    corners = range(2**dimension)
    ends = [(x, x ^ (1 << k)) for x in corners for k in range(dimension) if not x >> k & 1]
    even = [x for x in corners if x.bit_count() % 2 == 0]
    u, v = (list(side) for side in zip(*ends, strict=True))
    return Drawn(len(corners), u, v, [1.0] * len(ends), even)


def test_a_gap_of_the_linear_program_is_closed_by_cases() -> None:
    case = hypercube(5)
    tree = solved(case)
    assert any(isinstance(step, Split) for step in tree.proof.steps)
    assert (tree.status, tree.gap) == ("optimal", 0.0)
    assert_proven(case, tree)


def test_two_runs_that_count_return_the_same() -> None:
    case = draw(3, nodes=200, degree=7, terminals=40, kind="nearly equal")
    one, other = solved(case, effort=0.2), solved(case, effort=0.2)
    assert (one.edges, one.cost, one.bound) == (other.edges, other.cost, other.bound)
    assert len(one.proof.steps) == len(other.proof.steps)


def test_a_search_without_time_still_returns_a_tree_and_a_bound() -> None:
    case = draw(5, nodes=400, degree=6, terminals=60, kind="nearly equal")
    tree = solve(case.nodes, case.u, case.v, case.cost, case.terminals, seconds=1e-6)
    assert 0 < tree.bound <= tree.cost
    assert_proven(case, tree)


@pytest.mark.parametrize("terminals", [[], [2], [2, 2]])
def test_fewer_than_two_terminals_need_no_edge(terminals: list[int]) -> None:
    tree = solve(3, [0, 1], [1, 2], [1.0, 1.0], terminals)
    assert (tree.status, tree.edges, tree.cost, tree.bound) == ("optimal", (), 0.0, 0.0)


def test_the_cheapest_of_parallel_edges_is_taken_and_loops_are_not() -> None:
    tree = solve(2, [0, 1, 0, 1], [0, 0, 1, 0], [0.0, 5.0, 3.0, 4.0], [0, 1])
    assert (tree.status, tree.edges, tree.cost, tree.bound) == ("optimal", (2,), 3.0, 3.0)


def test_zero_costs_are_free() -> None:
    tree = solve(3, [0, 1], [1, 2], [0.0, 0.0], [0, 2])
    assert (tree.status, tree.edges, tree.cost, tree.gap) == ("optimal", (0, 1), 0.0, 0.0)


def test_terminals_apart_from_most_others_are_named() -> None:
    tree = solve(6, [0, 1, 3], [1, 2, 4], [1.0, 1.0, 1.0], [0, 2, 1, 4, 5])
    assert tree.status == "disconnected"
    assert tree.unreachable == (4, 5)
    assert tree.edges == ()
    assert math.isinf(tree.cost)
    assert math.isinf(tree.bound)


@pytest.mark.parametrize(
    ("u", "v", "cost", "terminals", "words"),
    [
        ([0, 1], [1, 2], [1.0, -1.0], [0, 2], "negative"),
        ([0, 1], [1, 2], [1.0, math.nan], [0, 2], "negative"),
        ([0, 1], [1, 2], [1.0, math.inf], [0, 2], "negative"),
        ([0, 1], [1, 3], [1.0, 1.0], [0, 2], "end at no node"),
        ([0, 1], [1, 2], [1.0, 1.0], [0, 3], "terminals are no nodes"),
        ([0, 1], [1, 2], [1.0, 1.0], [0, -1], "terminals are no nodes"),
        ([0, 1], [1], [1.0, 1.0], [0, 1], "one of each"),
        ([0, 0.5], [1, 2], [1.0, 1.0], [0, 1], "not whole"),
    ],
)
def test_wrong_input_is_refused_with_its_remedy(
    u: Sequence[int],
    v: Sequence[int],
    cost: Sequence[float],
    terminals: Sequence[int],
    words: str,
) -> None:
    with pytest.raises(InputError, match=words):
        solve(3, u, v, cost, terminals)


def test_every_fault_is_named_at_once() -> None:
    with pytest.raises(InputError) as refused:
        solve(3, [0, 7], [1, 2], [-1.0, 1.0], [9])
    assert {fault.code for fault in refused.value.faults} == {
        "steiner_edge_end",
        "steiner_edge_cost",
        "steiner_terminal",
    }
