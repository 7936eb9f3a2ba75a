"""What the walk through plans makes: legal, and on tiny instances the cheapest."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from planner.extension.joint.anneal_kernels import anneal
from planner.extension.joint.model import PARTS, Model, Points
from planner.extension.joint.network import net_of
from planner.extension.joint.primal import Annealer, Plan, annealer, needs_of
from planner.extension.joint.walk import COST, DUG

Tinies = dict[int, tuple[Model, float]]


def walking(model: Model, seed: int = 0) -> Annealer:
    net = net_of(model)
    return annealer(net, needs_of(net), seed)


def past_a_parcel(demand: float = 2.0) -> Model:
    """A source, two parcels in a row behind it, and a dear way round the first."""
    return Model(
        nodes=4,
        u=np.array([0, 1, 0, 3]),
        v=np.array([1, 2, 3, 2]),
        trench_yuan=np.array([1.0, 1.0, 50.0, 50.0]),
        line_yuan=np.ones((1, 4)),
        names=("gas",),
        sources=(Points(np.array([0]), np.array([9.0])),),
        terminals=(Points(np.array([1, 2]), np.array([2.0, demand])),),
        ends=np.array([1, 2]),
    )


def town(seed: int, side: int = 16) -> Model:
    """A grid of streets with two utilities, mains with many small sources along two of them."""
    rng = np.random.default_rng(seed)
    number = np.arange(side * side).reshape(side, side)
    u = np.concatenate([number[:, :-1].ravel(), number[:-1].ravel()])
    v = np.concatenate([number[:, 1:].ravel(), number[1:].ravel()])
    length = rng.integers(20, 200, u.size).astype(float)
    parcels = rng.choice(number[1:-1, 1:-1].ravel(), 30, replace=False)
    mains = (number[0], number[:, 0])
    return Model(
        nodes=side * side,
        u=u,
        v=v,
        trench_yuan=300.0 * length,
        line_yuan=np.array([[90.0], [150.0]]) * length,
        names=("gas", "heat"),
        sources=tuple(Points(main, rng.integers(8, 20, side).astype(float)) for main in mains),
        terminals=tuple(
            Points(np.sort(parcels[part]), rng.integers(1, 7, 22).astype(float))
            for part in (slice(22), slice(8, 30))
        ),
        ends=np.sort(parcels[::5]),
    )


def counted(walk: Annealer, k: int) -> list[tuple[int, int, int]]:
    """Return balance, nodes and terminals of each of a utility's pieces, counted plainly."""
    edge = np.flatnonzero(walk.walk.users >> k & 1)
    nodes = walk.walk.label.shape[1]
    table = coo_array((np.ones(edge.size), (walk.net.u[edge], walk.net.v[edge])), (nodes, nodes))
    count, part = connected_components(table, directed=False)
    size = np.bincount(part)
    assert edge.size == nodes - count, "a plan is a forest"
    sums = [np.bincount(part, what) for what in (walk.net.balance[k], walk.net.balance[k] < 0)]
    return sorted(
        (int(sums[0][one]), int(size[one]), int(sums[1][one])) for one in np.flatnonzero(size > 1)
    )


@pytest.mark.parametrize("seed", [1, 2])
def test_pieces_price_and_lists_are_what_plain_counting_gives(seed: int) -> None:
    walk = walking(town(seed))
    anneal(walk.net, walk.walk, walk.needs, 3_000, 1e6)
    w, net = walk.walk, walk.net
    assert max(w.size) > 60, "pieces are large enough for every way of seeking capacity"
    for k in range(2):
        labels = np.unique(w.label[k][w.label[k] > 0])
        kept = sorted((int(w.total[one]), int(w.size[one]), int(w.thirst[one])) for one in labels)
        assert kept == counted(walk, k)
        assert all(total >= 0 and thirst > 0 for total, _, thirst in kept)
        held = np.flatnonzero((w.degree[k] > 0) & (net.balance[k] > 0))
        assert sorted(w.held[k, : w.holds[k]]) == held.tolist()
    assert sorted(w.dug[: w.tally[DUG]]) == np.flatnonzero(w.users).tolist()
    used = w.users >> np.arange(2)[:, None] & 1 == 1
    assert w.tally[COST] == net.trench[used.any(axis=0)].sum() + net.line[used].sum()
    at_ends = np.stack([w.degree[k][net.end] for k in range(2)])
    assert at_ends.max() == 1


def test_a_move_that_is_not_taken_changes_nothing() -> None:
    walk = walking(town(3))
    anneal(walk.net, walk.walk, walk.needs, 3_000, 1e3)
    w, refused = walk.walk, 0
    names = ("users", "balance", "degree", "label", "total", "size", "thirst", "holds")
    for _ in range(200):
        before = {name: getattr(w, name).copy() for name in names}
        cost = w.tally[COST]
        if not anneal(walk.net, w, walk.needs, 1, 1e-6):
            refused += 1
            assert w.tally[COST] == cost
            for name in names:
                assert np.array_equal(before[name], getattr(w, name)), name
    assert refused > 50


def test_a_longer_walk_finds_what_is_cheaper() -> None:
    costs = []
    for moves in (60, 12_000):
        walk = walking(town(4))
        start = walk.best().cost_milli
        walk.cool(moves, warm=1.0)
        costs.append(walk.best().cost_milli)
    assert costs[1] < 0.99 * costs[0] <= start


def test_the_walk_finds_the_cheapest_plan_of_tiny_instances(
    tinies: Tinies, few_ended: Tinies
) -> None:
    for seed, (model, optimum) in [*tinies.items(), *few_ended.items()]:
        walk = walking(model, seed)
        if walk.needs.node.size:
            walk.cool(2_000, warm=1.0)
        assert walk.best().cost_milli == pytest.approx(optimum * PARTS), (seed, model.ends)


def test_no_plan_passes_a_parcel_though_that_is_cheaper() -> None:
    walk = walking(past_a_parcel())
    walk.cool(500, warm=1.0)
    assert walk.best().used.tolist() == [[True, False, True, True]]
    walk = walking(replace(past_a_parcel(), ends=np.zeros(0, dtype=np.int64)))
    walk.cool(500, warm=1.0)
    assert walk.best().used.tolist() == [[True, True, False, False]]


def test_a_given_plan_that_passes_a_parcel_is_mended() -> None:
    walk = walking(past_a_parcel())
    walk.take(Plan(np.array([[True, True, False, False]]), 0))
    now = walk.walk.users != 0
    assert now.tolist() == [True, False, True, True]


def test_a_line_ends_at_a_parcel_that_another_utility_asks_for_alone() -> None:
    gas = past_a_parcel()
    nobody = Points(np.zeros(0, dtype=np.int64), np.zeros(0))
    both = replace(
        gas,
        line_yuan=np.ones((2, 4)),
        names=("gas", "heat"),
        sources=gas.sources * 2,
        terminals=(Points(np.array([2]), np.array([2.0])), nobody),
    )
    walk = walking(both)
    walk.cool(500, warm=1.0)
    assert walk.best().used.tolist() == [[False, False, True, True], [False] * 4]
