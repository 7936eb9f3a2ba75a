"""The baseline: every work digs for itself, when it wants to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from planner.trench.cost import Prices
from planner.trench.domains import starts
from planner.trench.problem import Problem


@dataclass(frozen=True, slots=True)
class Separate:
    """What digging separately comes to, for the same works as the plan.

    Each work opens each of its segments for itself: two works that happen to fall on the same
    days cannot stand in one place without a joint plan, so nothing is shared by chance.
    """

    starts: Mapping[int, int]
    openings: int
    cost_yuan: float
    dug_m: float
    closure_days: int


def separate(problem: Problem, prices: Prices, works: Iterable[int]) -> Separate:
    """Return the baseline of these works, each at the allowed start nearest to the wanted one."""
    chosen = sorted(works)
    tasks = [(work, task) for work in chosen for task in problem.works[work].tasks]
    return Separate(
        starts={work: _nearest(problem, work) for work in chosen},
        openings=len(tasks),
        cost_yuan=sum(prices.alone_yuan(work, task.segment) for work, task in tasks),
        dug_m=sum(task.dug_m for _, task in tasks),
        closure_days=sum(task.duration for _, task in tasks) * problem.period_days,
    )


def _nearest(problem: Problem, work: int) -> int:
    candidates = starts(problem, problem.works[work])
    return int(candidates[np.argmin(np.abs(candidates - problem.works[work].wanted))])
