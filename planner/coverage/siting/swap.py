"""Improve a choice by exchanging sites, beyond the first choice that no exchange improves."""

from __future__ import annotations

from collections.abc import Sequence

from planner.coverage.siting import swap_kernels as kernels
from planner.coverage.siting.problem import Problem


def improve(problem: Problem, chosen: Sequence[int], *, steps: int) -> tuple[int, ...]:
    """Return a choice worth at least as much that no addition, exchange or removal betters.

    Parameters
    ----------
    chosen
        A choice within the budget.
    steps
        Changes that may be made although they do not improve: a tabu search with short memory.
        The effort is counted, so the answer does not depend on the machine.

    Returns
    -------
    tuple of int
        Candidates, ascending.
    """
    best = tuple(sorted(int(site) for site in chosen))
    for effort in (steps, 0) if steps else (0,):
        best = _searched(problem, best, effort)
    return best


def _searched(problem: Problem, chosen: Sequence[int], steps: int) -> tuple[int, ...]:
    known = (problem.sight, problem.weight, problem.charge, problem.size)
    state = kernels.empty_state(problem.sight, problem.weight, problem.most_sites)
    for slot, site in enumerate(chosen):
        kernels.put(*known, state, site, slot)
    kept = kernels.search(*known, problem.budget, state, steps)
    return tuple(sorted(kept[kept >= 0].tolist()))
