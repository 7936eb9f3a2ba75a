"""Why a work that insertion could not place has no place: crews, detours, or both together."""

from __future__ import annotations

from planner.trench.explain import window_text
from planner.trench.problem import Rejected
from planner.trench.schedule import Schedule


def left_out(schedule: Schedule, work: int) -> Rejected:
    """Return a work that is not in the schedule with the limits that keep it out.

    The limits are those that the other works, where they are, leave to it.
    """
    problem = schedule.problem
    wanted = problem.works[work]
    used = {task.segment for task in wanted.tasks}
    detours = {two for pair in problem.conflicts for two in pair if set(pair) & used} - used
    facts: dict[str, object] = {
        "work": wanted.id,
        "owner": wanted.owner,
        "window": window_text(problem, wanted),
        "crews": f"{wanted.crew} {problem.crews.get(wanted.crew, 0)}",
        "detours": "; ".join(sorted(problem.segments[segment].id for segment in detours)),
    }
    rule = "crews_detour"
    if schedule.allowed(work, crews=False).size:
        rule = "crews"
    elif schedule.allowed(work, detours=False).size:
        rule = "detour"
    return Rejected(
        work_id=wanted.id, utility=wanted.utility, owner=wanted.owner, rule=rule, facts=facts
    )
