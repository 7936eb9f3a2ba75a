from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

from planner.coverage.siting import bound, certificate, greedy, swap
from planner.coverage.siting.problem import Problem
from planner.coverage.siting.solve import solve

Draw = Callable[..., Problem]
Brute = Callable[[Problem], int]


def programme(problem: Problem) -> tuple[np.ndarray, scipy.sparse.csr_array, np.ndarray]:
    """Return costs, rows and right-hand sides of the relaxation over (x, z), to be minimised."""
    m, n = problem.candidates, len(problem.weight)
    reach = scipy.sparse.csr_array(
        (np.ones(len(problem.sight.points)), problem.sight.points, problem.sight.row), (m, n)
    )
    rows = scipy.sparse.block_array(
        [[-reach.T, scipy.sparse.eye_array(n)], [problem.size[np.newaxis].astype(float), None]]
    )
    costs = np.concatenate([problem.charge, -problem.weight]).astype(float)
    return costs, rows.tocsr(), np.append(np.zeros(n), float(problem.budget))


@pytest.mark.parametrize("charged", [False, True])
@pytest.mark.parametrize("sized", [False, True])
@pytest.mark.parametrize("seed", range(6))
def test_no_choice_is_worth_more_than_the_bound(
    drawn: Draw, brute: Brute, seed: int, sized: bool, charged: bool
) -> None:
    problem = drawn(seed, sites=4, sized=sized, charged=charged)
    best = brute(problem)
    for steps in (0, 5, 300):
        proof = bound.prove(problem, greedy.choose(problem), steps=steps)
        assert certificate.bound(proof) >= best


@pytest.mark.parametrize("seed", range(20))
def test_any_multipliers_in_range_prove_a_bound(drawn: Draw, brute: Brute, seed: int) -> None:
    problem = drawn(seed, sized=seed % 2 == 0, charged=True)
    chance = np.random.default_rng(seed)
    found = bound.certified(problem, chance.random(len(problem.weight)) * problem.weight)
    best = brute(problem)
    assert certificate.bound(found) >= best
    for price in (0, 1, 17 * certificate.FINE):
        assert certificate.bound(replace(found, price=np.array([price]))) >= best


@pytest.mark.parametrize("sized", [False, True])
def test_the_bound_falls_to_that_of_the_linear_programme(drawn: Draw, sized: bool) -> None:
    problem = drawn(7, candidates=60, points=300, sites=8, density=0.05, sized=sized, charged=True)
    costs, rows, limits = programme(problem)
    relaxed = linprog(costs, A_ub=rows, b_ub=limits, bounds=(0.0, 1.0), method="highs")
    proof = bound.prove(problem, greedy.choose(problem), steps=3000)
    assert -relaxed.fun <= certificate.bound(proof) + 1
    assert certificate.bound(proof) == pytest.approx(-relaxed.fun, rel=2e-3)


def test_choice_and_bound_enclose_the_optimum_of_the_integer_programme(drawn: Draw) -> None:
    problem = drawn(11, candidates=40, points=150, sites=6, density=0.08)
    costs, rows, limits = programme(problem)
    whole = np.arange(len(costs)) < problem.candidates
    found = milp(
        costs, integrality=whole, bounds=Bounds(0.0, 1.0),
        constraints=LinearConstraint(rows, -np.inf, limits),
    )  # fmt: skip
    choice = solve(problem, swap_steps=200, bound_steps=2000)
    assert choice.value <= round(-found.fun) <= choice.bound
    assert choice.value == pytest.approx(-found.fun, rel=1e-6)


def test_a_choice_that_meets_its_bound_is_best_and_ends_the_search(drawn: Draw) -> None:
    problem = drawn(2, candidates=6, points=20, sites=6)
    choice = solve(problem, swap_steps=0, bound_steps=5000)
    assert choice.value == choice.bound == problem.weight[problem.reached(range(6))].sum()
    assert choice.gap == 0.0


@pytest.mark.parametrize(
    "change", [lambda c: c.weight + 1, lambda c: np.full_like(c.cover, -1)]
)  # fmt: skip
def test_multipliers_out_of_range_prove_nothing(
    drawn: Draw, change: Callable[[certificate.Certificate], np.ndarray]
) -> None:
    found = bound.prove(drawn(1), (), steps=10)
    with pytest.raises(ValueError, match="range"):
        certificate.bound(replace(found, cover=change(found)))
    with pytest.raises(ValueError, match="range"):
        certificate.bound(replace(found, price=np.array([-1])))


def test_a_site_that_exceeds_the_budget_alone_is_not_counted(drawn: Draw, brute: Brute) -> None:
    problem = drawn(9, sites=1, sized=True)
    dear = replace(problem, size=np.where(np.arange(9) == 0, 10_000, problem.size))
    proof = bound.prove(dear, (), steps=200)
    assert brute(dear) <= certificate.bound(proof) <= problem.weight.sum()
    assert np.isfinite(proof.cover).all()


def test_where_nothing_can_be_gained_no_gap_is_stated(drawn: Draw) -> None:
    choice = solve(drawn(1, candidates=0), swap_steps=5, bound_steps=5)
    assert (choice.sites, choice.value, choice.bound, choice.gap) == ((), 0, 0, None)


def test_two_runs_choose_and_prove_the_same(drawn: Draw) -> None:
    problem = drawn(5, candidates=50, points=200, sites=6, density=0.06)
    one, two = (solve(problem, swap_steps=100, bound_steps=300) for _ in range(2))
    assert one.sites == two.sites
    np.testing.assert_array_equal(one.certificate.cover, two.certificate.cover)
    assert problem.value(swap.improve(problem, one.sites, steps=0)) == one.value
