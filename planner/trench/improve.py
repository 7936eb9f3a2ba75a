"""Improve a schedule: re-insert single works, and make one opening of two where that pays."""

from __future__ import annotations

from itertools import pairwise

from planner.trench.greedy import cheapest
from planner.trench.reasons.joining import LEAST_GAIN_YUAN, join
from planner.trench.schedule import Schedule


def _reinsert(schedule: Schedule, work: int) -> bool:
    """Move a work to its cheapest start; return whether that saved anything."""
    before = schedule.remove(work)
    candidates = schedule.allowed(work)
    added = schedule.added_yuan(work, candidates)
    here = float(added[candidates == before][0])
    best = cheapest(schedule, work, candidates, added)
    gains = here - float(added[candidates == best][0]) > LEAST_GAIN_YUAN
    schedule.add(work, best if gains else before)
    return gains


def _join_on(schedule: Schedule, segment: int) -> bool:
    """Apply the first joining of neighbouring openings that saves; return whether there was one."""
    found = schedule.openings(segment)
    for one, other in pairwise(found):
        way = join(schedule, one, other)
        if way and way.added_yuan < -LEAST_GAIN_YUAN:
            for work in way.starts:
                schedule.remove(work)
            for work, start in way.starts.items():
                schedule.add(work, start)
            return True
    return False


def improve(schedule: Schedule) -> None:
    """Change a schedule in place until no pass gains, or the passes of the settings are used up.

    Every step lowers the cost, and no step breaks a window, a closure, a crew limit or a detour,
    so the result is never dearer than what went in and holds the same works.
    """
    movable = [work for work in sorted(schedule.starts) if schedule.domains[work].size > 1]
    segments = range(len(schedule.problem.segments))
    for _ in range(schedule.problem.settings.count("trench.improvement_passes")):
        gained = [_reinsert(schedule, work) for work in movable]
        gained += [_join_on(schedule, segment) for segment in segments]
        if not any(gained):
            break
