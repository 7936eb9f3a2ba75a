"""Small siting problems, and every answer to them by counting all."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

import numpy as np
import pytest
import scipy.sparse

from planner.coverage.siting import problem as problems
from planner.coverage.siting.problem import Problem

Draw = Callable[..., Problem]


def draw(
    seed: int, *, candidates: int = 9, points: int = 30, sites: int = 3, density: float = 0.25,
    charged: bool = False, sized: bool = False,
) -> Problem:  # fmt: skip
    """Return a random problem; `sized` makes it a knapsack with room for about `sites`."""
    chance = np.random.default_rng(seed)
    reach = scipy.sparse.csr_array(chance.random((candidates, points)) < density)
    size = chance.integers(20, 80, candidates) if sized else np.ones(candidates, dtype=np.int64)
    most = 6_000 if charged else 1
    return problems.of(
        reach, chance.integers(0, 5_000, points), size=size,
        budget=50 * sites if sized else sites, charge=chance.integers(0, most, candidates),
    )  # fmt: skip


def best_value(problem: Problem) -> int:
    """Return the value of the best choice, by trying all."""
    everyone = range(problem.candidates)
    return max(
        problem.value(choice)
        for number in range(problem.candidates + 1)
        for choice in combinations(everyone, number)
        if problem.size[list(choice)].sum() <= problem.budget
    )


@pytest.fixture(scope="session")
def drawn() -> Draw:
    return draw


@pytest.fixture(scope="session")
def brute() -> Callable[[Problem], int]:
    return best_value
