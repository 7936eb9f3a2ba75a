"""Improving one block after another never proves too much, and proves more than dual ascent."""

from __future__ import annotations

import numpy as np
import pytest

from planner.extension.joint import blocks, raising
from planner.extension.joint.check import check
from planner.extension.joint.dual import charge_all
from planner.extension.joint.model import Model
from planner.extension.joint.multipliers import reduced_prices
from planner.extension.joint.network import Net, net_of
from planner.extension.joint.raising import Raising, raising_of
from planner.extension.joint.rows import columns_of, entries
from planner.extension.joint.solve import solve

Tinies = dict[int, tuple[Model, float]]


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every network be improved by blocks, some of which leave a part outside."""
    monkeypatch.setattr(raising, "MOST_ARCS", 0)
    monkeypatch.setattr(blocks, "PLACES", 2)
    monkeypatch.setattr(blocks, "MIDDLE", 1)


def raised(net: Net) -> tuple[Raising, int]:
    """Return what a few blocks prove, and what dual ascent had proven."""
    charges = charge_all(net)
    one = raising_of(net, charges, 0)
    one.go_on(lambda: 1 << 60, until=np.inf, rounds=6)
    return one, charges.bound_milli


def test_blocks_leave_a_part_outside(tinies: Tinies) -> None:
    drawn = [
        inside
        for model, _ in tinies.values()
        for inside in blocks.blocks(net_of(model), np.random.default_rng(0))
    ]
    assert sum(not inside.all() for inside in drawn) >= 0.5 * len(drawn)


def test_blocks_raise_the_bound_up_to_the_optimum_at_most(tinies: Tinies, ended: Tinies) -> None:
    higher = 0
    for seed, (model, optimum) in [*list(tinies.items())[:12], *list(ended.items())[:6]]:
        one, before = raised(net_of(model))
        assert before <= one.bound_milli() <= 1000 * optimum, seed
        higher += one.bound_milli() > before
    assert higher >= 4


def test_a_ledger_proves_what_it_says(tinies: Tinies) -> None:
    for seed, (model, _) in list(tinies.items())[12:20]:
        net = net_of(model)
        best = raised(net)[0].best()
        rows = zip(best.rows, best.weights, strict=True)
        asked = [weight * entries(net, columns_of(net), row)[2] for row, weight in rows]
        left = np.minimum(reduced_prices(net, best), 0).sum()
        assert best.bound_milli == sum(asked) + left, seed


def test_what_blocks_prove_is_verified(tinies: Tinies) -> None:
    for seed, (model, optimum) in list(tinies.items())[:6]:
        joint = solve(model, effort=0.02, seed=seed)
        assert joint.certified_yuan <= optimum + 1e-6, seed
        assert not check(model, joint).failures, seed
