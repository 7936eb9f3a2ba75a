from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from planner.extension.joint.check import check
from planner.extension.joint.model import Model, Points, cost_yuan
from planner.extension.joint.solve import solve

Tinies = dict[int, tuple[Model, float]]


def chain(capacity: float, demand: float, *, at: int = 2) -> Model:
    """Three nodes in a row, a source at the first, a terminal."""
    return Model(
        nodes=3,
        u=np.array([0, 1]),
        v=np.array([1, 2]),
        trench_yuan=np.array([9.0, 9.0]),
        line_yuan=np.array([[1.0, 2.0]]),
        names=("gas",),
        sources=(Points(np.array([0]), np.array([capacity])),),
        terminals=(Points(np.array([at]), np.array([demand])),),
    )


def test_enough_tiny_instances_can_be_served(tinies: Tinies) -> None:
    assert len(tinies) >= 25
    assert {len(model.names) for model, _ in tinies.values()} == {1, 2, 3}


def test_no_bound_lies_above_and_no_cost_below_the_optimum(tinies: Tinies) -> None:
    for seed, (model, optimum) in tinies.items():
        joint = solve(model, effort=0.02, seed=seed)
        assert joint.bound_yuan <= optimum + 1e-6, seed
        assert joint.certified_yuan <= joint.bound_yuan + 1e-6, seed
        assert joint.cost_yuan >= optimum - 1e-6, seed
        assert not check(model, joint).failures, seed


def test_tiny_instances_are_solved_to_proof(tinies: Tinies) -> None:
    for seed, (model, optimum) in list(tinies.items())[:12]:
        joint = solve(model, effort=0.1, seed=seed)
        assert joint.cost_yuan == pytest.approx(optimum, abs=1e-6), seed
        assert joint.status == "optimal", seed


def test_the_same_seed_gives_the_same_answer(tinies: Tinies) -> None:
    model, _ = next(iter(tinies.values()))
    one, other = (solve(model, effort=0.05, seed=3) for _ in range(2))
    assert np.array_equal(one.used, other.used)
    assert one.bound_yuan == other.bound_yuan
    assert np.array_equal(one.certificate.weight, other.certificate.weight)


def test_seconds_are_kept(tinies: Tinies) -> None:
    model, optimum = next(iter(tinies.values()))
    joint = solve(model, seconds=0.5)
    assert joint.bound_yuan <= optimum + 1e-6 <= joint.cost_yuan + 2e-6


def test_a_good_begin_is_not_lost(tinies: Tinies) -> None:
    model, _ = next(iter(tinies.values()))
    best = solve(model, effort=0.1, seed=1)
    again = solve(model, begin=best.used, effort=0.01, seed=2)
    assert again.cost_yuan <= best.cost_yuan + 1e-6


def test_a_terminal_that_gets_enough_where_it_is_needs_no_edge() -> None:
    joint = solve(chain(5.0, 5.0, at=0))
    assert joint.status == "optimal"
    assert not joint.used.any()
    assert joint.cost_yuan == 0.0
    assert joint.gap == 0.0


def test_zero_demand_needs_no_edge() -> None:
    joint = solve(chain(5.0, 0.0))
    assert joint.status == "optimal"
    assert not joint.used.any()
    assert joint.pieces == ()


def test_pieces_name_who_supplies_whom() -> None:
    (piece,) = solve(chain(5.0, 4.0)).pieces
    assert (piece.sources, piece.terminals) == ((0,), (2,))
    assert (piece.demand, piece.capacity) == (4.0, 5.0)


def test_capacity_that_does_not_suffice_is_named_with_what_is_missing() -> None:
    joint = solve(chain(5.0, 7.5))
    assert joint.status == "infeasible"
    (one,) = joint.unserved
    assert (one.utility, one.nodes, one.missing) == ("gas", (2,), 2.5)
    assert "2.5" in one.text("en")
    assert "2.5" in one.text("zh")
    assert not joint.used.any()


def test_the_others_are_served_where_capacity_does_not_suffice_for_all() -> None:
    model = replace(chain(5.0, 4.0), terminals=(Points(np.array([1, 2]), np.array([4.0, 4.0])),))
    joint = solve(model)
    assert joint.status == "infeasible"
    assert joint.unserved[0].missing == 3.0
    assert len(joint.unserved[0].nodes) == 1
    assert joint.bound_yuan == pytest.approx(joint.cost_yuan)
    assert not check(model, joint).failures


def test_a_terminal_without_any_way_to_a_source_is_named() -> None:
    model = replace(chain(5.0, 4.0), u=np.array([0, 0]), v=np.array([1, 1]))
    (one,) = solve(model).unserved
    assert one.code == "joint_disconnected"
    assert one.nodes == (2,)


def test_forbidden_edges_are_gone_round_or_make_it_impossible() -> None:
    model = replace(chain(5.0, 4.0), line_yuan=np.array([[1.0, np.inf]]))
    assert solve(model).status == "infeasible"
    around = Model(
        nodes=3,
        u=np.array([0, 1, 0]),
        v=np.array([1, 2, 2]),
        trench_yuan=np.array([1.0, 1.0, 50.0]),
        line_yuan=np.array([[1.0, np.inf, 1.0]]),
        names=("gas",),
        sources=(Points(np.array([0]), np.array([5.0])),),
        terminals=(Points(np.array([2]), np.array([5.0])),),
    )
    assert solve(around).used.tolist() == [[False, False, True]]


def test_a_second_source_is_fetched_where_the_first_does_not_suffice() -> None:
    model = replace(
        chain(3.0, 5.0, at=1), sources=(Points(np.array([0, 2]), np.array([3.0, 3.0])),)
    )
    joint = solve(model)
    assert joint.used.all()
    assert joint.status == "optimal"


def test_trenches_are_paid_once() -> None:
    one = chain(5.0, 4.0)
    two = replace(
        one,
        line_yuan=np.repeat(one.line_yuan, 2, axis=0),
        names=("gas", "heat"),
        sources=one.sources * 2,
        terminals=one.terminals * 2,
    )
    joint = solve(two)
    assert joint.cost_yuan == 18.0 + 2 * 3.0
    assert cost_yuan(two, joint.used) == joint.cost_yuan
