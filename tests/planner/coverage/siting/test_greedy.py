from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest

from planner.coverage.siting import greedy
from planner.coverage.siting import problem as problems
from planner.coverage.siting.problem import Problem


def plain(problem: Problem) -> list[int]:
    """Return the greedy choice with every gain computed anew at every step."""
    taken: list[int] = []
    left = problem.budget
    while True:
        worth = problem.value(taken)
        rates = {
            site: (problem.value([*taken, site]) - worth) / problem.size[site]
            for site in range(problem.candidates)
            if site not in taken and problem.size[site] <= left
        }
        if not rates or max(rates.values()) <= 0:
            return taken
        best = max(rates, key=lambda site: rates[site])
        taken.append(best)
        left -= problem.size[best]


@pytest.mark.parametrize("sized", [False, True])
@pytest.mark.parametrize("seed", range(12))
def test_lazy_gains_take_what_fresh_gains_take(
    drawn: Callable[..., Problem], seed: int, sized: bool
) -> None:
    problem = drawn(seed, candidates=25, points=80, sites=6, charged=True, sized=sized)
    chosen = greedy.choose(problem)
    assert list(chosen) == plain(problem) or len(chosen) == 1
    assert problem.value(chosen) >= problem.value(plain(problem))


def test_one_site_that_is_worth_more_than_many_small_ones_is_taken_alone() -> None:
    reach = np.array([[1, 0, 0], [0, 1, 1]])
    problem = problems.of(
        reach, np.array([11, 500, 490]), size=np.array([1, 100]), budget=100,
        charge=np.zeros(2, dtype=np.int64),
    )  # fmt: skip
    assert greedy.choose(problem) == (1,)


def test_a_site_that_is_not_worth_its_charge_is_left_out(drawn: Callable[..., Problem]) -> None:
    problem = drawn(3, candidates=20, sites=20, charged=True)
    chosen = greedy.choose(problem)
    assert 0 < len(chosen) < 20
    order = [problem.value(chosen[:number]) for number in range(len(chosen) + 1)]
    assert all(later > earlier for earlier, later in pairwise(order))


def test_an_order_builds_first_what_gains_most(drawn: Callable[..., Problem]) -> None:
    problem = drawn(5, candidates=30, points=100, sites=8)
    chosen = greedy.choose(problem)
    ordered = greedy.ordered(problem, sorted(chosen))
    assert sorted(ordered) == sorted(chosen)
    worth = [problem.value(ordered[:number]) for number in range(len(ordered) + 1)]
    gains = np.diff(worth)
    assert (np.diff(gains) <= 0).all()


def test_nothing_to_choose_from_and_nothing_to_spend_choose_nothing(
    drawn: Callable[..., Problem],
) -> None:
    assert greedy.choose(drawn(1, candidates=0)) == ()
    assert greedy.choose(drawn(1, sites=0)) == ()
    assert greedy.choose(drawn(1, points=0)) == ()
