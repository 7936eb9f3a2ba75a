"""Solve a changed problem from an old plan: keep what can stay, insert the rest, improve."""

from __future__ import annotations

from collections.abc import Mapping

from planner.trench.cost import Prices
from planner.trench.greedy import insert, order
from planner.trench.improve import improve
from planner.trench.problem import Problem
from planner.trench.schedule import Schedule


def repaired(problem: Problem, starts: Mapping[int, int]) -> Mapping[int, int]:
    """Return starts that keep every rule, near the old ones; works without a start do not fit.

    Each work keeps its old start where the rules still allow it beside the works before it;
    the others follow at their cheapest start, and single moves improve the whole. Quick, and no
    dearer than the repair alone; a search from the result may do better.

    Parameters
    ----------
    problem
        The changed problem.
    starts
        Old start of works by their position; it may break rules.
    """
    schedule = Schedule(problem, Prices(problem))
    works = order(problem, schedule)
    moved = []
    for work in works:
        if work in starts and starts[work] in schedule.allowed(work):
            schedule.add(work, starts[work])
        else:
            moved.append(work)
    for work in moved:
        insert(schedule, work)
    improve(schedule)
    return schedule.starts
