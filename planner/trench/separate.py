"""The baseline: every work digs for itself, when it wants to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from planner.trench.cost import Prices
from planner.trench.domains import starts as allowed
from planner.trench.plan import starts_yuan
from planner.trench.problem import Problem


@dataclass(frozen=True, slots=True)
class Separate:
    """What digging separately comes to, for the same works as the plan.

    Each work opens each of its segments for itself: two works that happen to fall on the same
    days cannot stand in one place without a joint plan, so nothing is shared by chance. The cost
    holds, as that of a plan does, the lateness of works that closures keep from the wanted date.
    """

    starts: Mapping[int, int]
    openings: int
    cost_yuan: float
    dug_m: float
    closure_days: int


def separate(problem: Problem, prices: Prices, works: Iterable[int]) -> Separate:
    """Return the baseline of these works, each at the start it would take by itself.

    That is the allowed start nearest to the approved date, or to the wanted one without one.
    """
    chosen = sorted(works)
    tasks = [(work, task) for work in chosen for task in problem.works[work].tasks]
    starts = {work: _nearest(problem, work) for work in chosen}
    dug_yuan = sum(prices.alone_yuan(work, task.segment) for work, task in tasks)
    return Separate(
        starts=starts,
        openings=len(tasks),
        cost_yuan=dug_yuan + starts_yuan(problem, starts),
        dug_m=sum(task.dug_m for _, task in tasks),
        closure_days=sum(task.duration for _, task in tasks) * problem.period_days,
    )


def _nearest(problem: Problem, work: int) -> int:
    here = problem.works[work]
    candidates = allowed(problem, here)
    aim = here.wanted if here.held is None else here.held
    return int(candidates[np.argmin(np.abs(candidates - aim))])
