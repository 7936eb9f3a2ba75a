"""What the walk through plans makes: legal, and on tiny instances the cheapest."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from planner.extension.joint.model import PARTS, Model, Points
from planner.extension.joint.network import net_of
from planner.extension.joint.primal import Annealer, Plan, annealer, needs_of

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
