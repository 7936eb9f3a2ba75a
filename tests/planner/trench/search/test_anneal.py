"""A walk keeps its books exactly, keeps to the starts it may take, and can be repeated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.trench.cost import Prices
from planner.trench.deciding.violations import violations
from planner.trench.plan import plan_yuan
from planner.trench.problem import Problem
from planner.trench.search import anneal_kernels as kernels
from planner.trench.search.anneal import Annealing, odds_of
from planner.trench.search.model import Ints, Model, Modelled

if TYPE_CHECKING:
    from conftest import Drawn

MakeProblem = Callable[..., Problem]
ModelFrom = Callable[[Problem], Modelled]
MakeDrawn = Callable[..., "Drawn"]
SomeStarts = Callable[[Modelled, int], Ints]
SEEDS = st.integers(0, 10**9)


def annealed(model: Model, starts: Ints, *, moves: int, seed: int) -> Annealing:
    walk = Annealing(model, starts, violation_yuan=20000.0)
    walk.walk(moves, hot_yuan=20000.0, cold_yuan=300.0, seed=seed)
    return walk


def tallied(walk: Annealing) -> tuple[float, int]:
    """Return cost and violations as the walk has kept them, step by step."""
    tally = walk._walk.tally
    return float(tally[kernels.COST]), int(tally[kernels.VIOLATIONS])


@pytest.mark.parametrize("moves", [1, 40, 3000])
@settings(deadline=None, max_examples=40)
@given(seed=SEEDS, other=SEEDS)
def test_after_any_walk_cost_and_violations_are_those_counted_anew(
    drawn: MakeDrawn,
    moves: int,
    seed: int,
    other: int,
) -> None:
    it = drawn(seed, other, works=8, roads=3, periods=20, starts=8, crews=1)
    problem, model = it.problem, it.modelled.model
    if it.plan:
        walk = annealed(model, it.starts, moves=moves, seed=other % 1000)
        cost, broken = tallied(walk)
        again = Annealing(model, walk.starts, violation_yuan=1.0)
        assert (pytest.approx(cost), broken) == tallied(again)
        plan = replace(it, starts=walk.starts).plan
        assert cost == pytest.approx(plan_yuan(problem, Prices(problem), plan))
        assert (broken == 0) == (not violations(problem, plan))
        np.testing.assert_array_equal(walk._walk.used, again._walk.used)
        np.testing.assert_allclose(walk._walk.group, again._walk.group)


@settings(deadline=None, max_examples=60)
@given(seed=SEEDS, other=SEEDS)
def test_the_best_plan_breaks_no_rule_and_costs_what_is_said(
    drawn: MakeDrawn,
    seed: int,
    other: int,
) -> None:
    it = drawn(seed, other, works=6, crews=1, starts=8, periods=20)
    if it.plan:
        walk = annealed(it.modelled.model, it.starts, moves=3000, seed=1)
        if np.isfinite(walk.best_yuan):
            plan = replace(it, starts=walk.best).plan
            assert violations(it.problem, plan) == ()
            assert walk.best_yuan == pytest.approx(plan_yuan(it.problem, Prices(it.problem), plan))


@settings(deadline=None, max_examples=30)
@given(seed=SEEDS, other=SEEDS)
def test_the_same_seed_walks_the_same_way(
    drawn: MakeDrawn,
    seed: int,
    other: int,
) -> None:
    it = drawn(seed, other, works=8)
    if it.plan:
        one, again = (
            annealed(it.modelled.model, it.starts, moves=500, seed=other % 1000) for _ in range(2)
        )
        np.testing.assert_array_equal(one.starts, again.starts)
        assert one.best_yuan == again.best_yuan
        assert tallied(one) == tallied(again)


def test_another_seed_walks_another_way(
    plain: MakeProblem, model_from: ModelFrom, some_starts: SomeStarts
) -> None:
    modelled = model_from(plain([{}] * 8, periods=50))
    begin = some_starts(modelled, 0)
    ways = {tuple(annealed(modelled.model, begin, moves=50, seed=seed).starts) for seed in range(5)}
    assert len(ways) > 1


@settings(deadline=None, max_examples=60)
@given(seed=SEEDS, other=SEEDS)
def test_every_work_stays_in_its_starts_and_one_without_a_choice_where_it_is(
    drawn: MakeDrawn,
    seed: int,
    other: int,
) -> None:
    it = drawn(seed, other, works=8, starts=3)
    model = it.modelled.model
    if it.plan:
        walk = annealed(model, it.starts, moves=1000, seed=3)
        for row, start in enumerate(walk.starts.tolist()):
            domain = model.starts[model.start_ptr[row] : model.start_ptr[row + 1]].tolist()
            assert start in domain
            if len(domain) == 1:
                assert start == it.starts[row]


def test_a_walk_of_works_without_a_choice_goes_nowhere(
    plain: MakeProblem, model_from: ModelFrom
) -> None:
    modelled = model_from(plain([{"fixed": True, "wanted": 3}, {"latest": 0}]))
    walk = annealed(modelled.model, np.array([3, 0]), moves=100, seed=0)
    assert walk.starts.tolist() == [3, 0]
    assert walk.best_yuan == 2040.0


def test_a_walk_finds_the_shared_opening_and_remembers_it(
    plain: MakeProblem, model_from: ModelFrom
) -> None:
    modelled = model_from(plain([{}, {}, {}], periods=30))
    walk = annealed(modelled.model, np.array([0, 9, 18]), moves=5000, seed=0)
    assert walk.best_yuan == 1020.0
    assert len(set(walk.best.tolist())) == 1


def test_a_restart_goes_on_from_there_and_keeps_the_best(
    plain: MakeProblem, model_from: ModelFrom
) -> None:
    modelled = model_from(plain([{}, {}]))
    walk = Annealing(modelled.model, np.array([0, 0]), violation_yuan=1.0)
    walk.restart(np.array([0, 5]))
    assert walk.starts.tolist() == [0, 5]
    assert tallied(walk) == (2040.0, 0)
    assert (walk.best.tolist(), walk.best_yuan) == ([0, 0], 1020.0)


def test_a_plan_that_breaks_a_rule_is_no_best_plan(
    plain: MakeProblem, model_from: ModelFrom
) -> None:
    modelled = model_from(plain([{"crew": "a"}, {"crew": "a"}], crews={"a": 1}))
    walk = Annealing(modelled.model, np.array([0, 0]), violation_yuan=1.0)
    assert tallied(walk) == (1020.0, 2)
    assert walk.best_yuan == np.inf


def test_a_walk_in_small_pieces_leaves_violations_whatever_starts_cost(
    plain: MakeProblem, model_from: ModelFrom
) -> None:
    """The price of a violation rises above the lateness that it saves."""
    late = {"crew": "a", "late_period_yuan": 500.0, "latest": 9}
    problem = plain([{**late, "on": (0,)}, {**late, "on": (1,)}], crews={"a": 1}, segments=2)
    modelled = model_from(problem)
    walk = Annealing(modelled.model, np.array([0, 0]), violation_yuan=2.0)
    for piece in range(300):
        walk.walk(1000, hot_yuan=1.0, cold_yuan=1.0, seed=piece)
    assert walk.best_yuan == 2040.0 + 2 * 500.0


@settings(deadline=None, max_examples=100)
@given(
    seed=SEEDS,
    scale=st.sampled_from([0.0, 1.0, 100.0, 1e15]),
    base=st.sampled_from([0.0, 50.0, 1e6]),
)
def test_the_chances_of_a_works_starts_rise_to_one(
    make_problem: MakeProblem, model_from: ModelFrom, seed: int, scale: float, base: float
) -> None:
    """However large the regrets of all starts of a work are."""
    modelled = model_from(make_problem(seed, works=6))
    model = modelled.model
    if modelled.works:
        draw = np.random.default_rng(seed)
        regret = scale * draw.random(model.starts.size)
        regret[: model.start_ptr[1]] += base
        odds = odds_of(model, regret)
        for row in range(len(modelled.works)):
            own = odds[model.start_ptr[row] : model.start_ptr[row + 1]]
            assert own[-1] == pytest.approx(1.0)
            assert (np.diff(np.concatenate(([0.0], own))) >= -1e-12).all()


def test_a_start_that_regrets_one_scale_more_is_drawn_e_times_less(
    plain: MakeProblem, model_from: ModelFrom
) -> None:
    model = model_from(plain([{"latest": 1}])).model
    for least in (3.0, 1000.0):
        low, high = odds_of(model, np.array([least, least + 1.0]))
        assert low / (high - low) == pytest.approx(np.e)


def test_preferred_starts_are_visited_more_often(plain: MakeProblem, model_from: ModelFrom) -> None:
    """All starts cost the same, so that the walk takes every move it draws."""
    modelled = model_from(plain([{"latest": 5}]))
    walk = Annealing(modelled.model, np.array([0]), violation_yuan=1.0)
    walk.prefer(np.array([900.0, 900.0, 0.0, 900.0, 900.0, 0.0]), scale_yuan=100.0)
    seen = []
    for seed in range(200):
        walk.walk(5, hot_yuan=1.0, cold_yuan=1.0, seed=seed)
        seen.append(int(walk.starts[0]))
    assert seen.count(2) + seen.count(5) > 190
