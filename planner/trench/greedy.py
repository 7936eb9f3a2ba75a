"""Opening-aware insertion: each work in turn at the start that adds least to the cost.

The works with the least choice come first. Where a work finds no start because others took its
crews or its detour, it is moved to the front and everything is inserted again, a few times.
"""

from __future__ import annotations

import numpy as np

from planner.trench.cost import Prices
from planner.trench.domains import Periods
from planner.trench.problem import Problem
from planner.trench.schedule import Schedule, Yuan


def cheapest(schedule: Schedule, work: int, candidates: Periods, added: Yuan) -> int:
    """Return the candidate that adds least, then lies nearest to the wanted start, then first."""
    away = np.abs(candidates - schedule.problem.works[work].wanted)
    return int(candidates[np.lexsort((candidates, away, np.round(added, 6)))[0]])


def insert(schedule: Schedule, work: int) -> bool:
    """Put a work in at its cheapest allowed start; return False where it has none."""
    candidates = schedule.allowed(work)
    if not candidates.size:
        return False
    schedule.add(work, cheapest(schedule, work, candidates, schedule.added_yuan(work, candidates)))
    return True


def order(problem: Problem, schedule: Schedule) -> list[int]:
    """Return the works in order of insertion.

    Approved ones come first, then emergencies, then those held at the date of an earlier plan,
    then the others by freedom and size.
    """

    def key(work: int) -> tuple[bool, bool, bool, int, int, str]:
        wanted = problem.works[work]
        freedom = schedule.domains[work].size
        rank = not wanted.fixed, not wanted.emergency, wanted.held is None
        return *rank, freedom, -len(wanted.tasks), wanted.id

    return sorted(range(len(problem.works)), key=key)


def _insert_all(problem: Problem, prices: Prices, works: list[int]) -> tuple[Schedule, list[int]]:
    schedule = Schedule(problem, prices)
    return schedule, [work for work in works if not insert(schedule, work)]


def greedy(problem: Problem, prices: Prices) -> tuple[Schedule, list[int]]:
    """Insert every work; return the best schedule found and the works that did not fit.

    Returns
    -------
    tuple
        The schedule with the fewest works left out, then the cheapest; and those works, in the
        order in which they were tried.
    """
    works = order(problem, Schedule(problem, prices))
    approved = [work for work in works if problem.works[work].fixed]
    movable = [work for work in works if not problem.works[work].fixed]
    best = _insert_all(problem, prices, works)
    failed = best[1]
    for _ in range(problem.settings.count("trench.insertion_retries")):
        if not failed:
            break
        movable = failed + [work for work in movable if work not in set(failed)]
        schedule, failed = _insert_all(problem, prices, approved + movable)
        if len(failed) < len(best[1]):
            best = schedule, failed
    return best
