"""What a reader must know of a joint plan beside its tables."""

from __future__ import annotations

from collections.abc import Iterator

from geo.errors import Fault
from planner.trench import approved
from planner.trench.deciding.robustness import is_replanned
from planner.trench.plan import Plan
from planner.trench.problem import Problem

OUTSIDE = frozenset({"outside", "approved_outside"})
"""Rules of works that are left out because the plan's days are not theirs."""


def notices(problem: Problem, plan: Plan) -> Iterator[Fault]:
    """Yield what holds of a plan as a whole.

    Approved works that it moves; that robustness was looked at with its dates kept only, since it
    has too many works to plan them anew; that its days miss most of the works.
    """
    yield from approved.notices(problem, plan.starts)
    if not is_replanned(problem, plan.starts):
        most = problem.settings.count("trench.robust_most_works")
        yield Fault("robustness_not_replanned", {"works": f"{len(plan.starts):,}", "most": most})
    yield from _missed(problem, plan)


def _missed(problem: Problem, plan: Plan) -> Iterator[Fault]:
    works = len(plan.starts) + len(plan.unplaced)
    missed = [left for left in plan.unplaced if left.rule in OUTSIDE]
    if 2 * len(missed) > works:
        dated = [left.work for left in missed if left.work is not None]
        past = sum((work.wanted if work.fixed else work.latest) < 0 for work in dated)
        facts = {
            "works": f"{works:,}",
            "missed": f"{len(missed):,}",
            "past": f"{past:,}",
            "first_day": problem.start.isoformat(),
            "last_day": problem.last_day(problem.periods).isoformat(),
        }
        rows = tuple(left.work_id for left in missed[:5])
        yield Fault("horizon_missed", facts, layer="works", rows=rows, count=len(missed))
