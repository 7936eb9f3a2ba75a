"""A first choice: what gains most for its size, again and again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from planner.coverage.siting import greedy_kernels as kernels
from planner.coverage.siting.problem import Problem


def choose(problem: Problem) -> tuple[int, ...]:
    """Return the greedy choice, in its order, or the best single candidate if that is worth more.

    References
    ----------
    Minoux (1978), Accelerated greedy algorithms for maximizing submodular set functions: lazy
    gains. Nemhauser, Wolsey and Fisher (1978): greedy reaches 1 - 1/e of the best where sites are
    counted and nothing is charged. Khuller, Moss and Naor (1999): by unit of size, with the best
    single one, (1 - 1/e) / 2.
    """
    fits = problem.size <= problem.budget
    chosen = _taken(problem, fits, problem.budget)
    if not fits.any():
        return chosen
    reached = np.add.reduceat(
        np.append(problem.weight[problem.sight.points], 0), problem.sight.row[:-1]
    ) * (np.diff(problem.sight.row) > 0)
    net = np.where(fits, reached - problem.charge, np.iinfo(np.int64).min)
    single = int(net.argmax())
    return (single,) if net[single] > problem.value(chosen) else chosen


def ordered(problem: Problem, chosen: Sequence[int]) -> tuple[int, ...]:
    """Return the chosen candidates, first those that gain most for their size in their turn.

    Candidates that gain no more than their charge beside the others are left out.
    """
    offered = np.zeros(problem.candidates, dtype=bool)
    offered[list(chosen)] = True
    return _taken(problem, offered, int(problem.size[list(chosen)].sum()))


def _taken(problem: Problem, offered: np.ndarray, budget: int) -> tuple[int, ...]:
    taken = kernels.choose(
        problem.sight, problem.weight, problem.charge, problem.size, budget, offered
    )
    return tuple(taken.tolist())
