from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from planner.coverage.siting.problem import Problem
from planner.coverage.siting.solve import solve


@pytest.mark.parametrize("sized", [False, True])
@pytest.mark.parametrize("seed", range(10))
def test_small_problems_are_solved_to_their_best(
    drawn: Callable[..., Problem], brute: Callable[[Problem], int], seed: int, sized: bool
) -> None:
    problem = drawn(seed, candidates=10, points=40, sites=3, sized=sized, charged=True)
    choice = solve(problem, swap_steps=100, bound_steps=300)
    assert choice.greedy_value <= choice.value == brute(problem) <= choice.bound
    assert problem.value(choice.sites) == choice.value
    assert problem.size[list(choice.sites)].sum() <= problem.budget


def test_sites_come_in_the_order_of_what_they_gain_for_their_size(
    drawn: Callable[..., Problem],
) -> None:
    problem = drawn(4, candidates=40, points=200, sites=8, sized=True, charged=True)
    sites = solve(problem, swap_steps=50, bound_steps=50).sites
    worth = [problem.value(sites[:number]) for number in range(len(sites) + 1)]
    rates = np.diff(worth) / problem.size[list(sites)]
    assert len(sites) > 3
    assert (np.diff(rates) <= 1e-9).all()
