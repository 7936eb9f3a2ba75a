"""Late joiners: the dates of an approved earlier plan are held, and moved as little as possible.

A held date is a price, not a rule: each day of moving it costs ``trench.move_yuan_per_day``, so
that a work keeps it unless a new emergency, a crew or a closure leaves no other way. Works that
are approved in the table of works itself (``fixed``) stay where they are, whatever it costs.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from geo.errors import Fault
from planner.trench.domains import starts
from planner.trench.problem import CLOSED_RULES, Problem, Work
from planner.trench.reasons.explain import closures_facts, window_text
from planner.trench.records import Row


@dataclass(frozen=True, slots=True)
class Moved:
    """A work that does not start on its approved date, with both dates as periods."""

    work: int
    held: int
    start: int

    @property
    def periods(self) -> int:
        """Periods by which it was moved; negative where it starts earlier."""
        return self.start - self.held


def moved(problem: Problem, plan: Mapping[int, int]) -> tuple[Moved, ...]:
    """Return the works of a plan that leave the date they are held at, by position."""
    return tuple(
        Moved(work, held, plan[work])
        for work in sorted(plan)
        if (held := problem.works[work].held) is not None and held != plan[work]
    )


def figures(problem: Problem, plan: Mapping[int, int]) -> dict[str, int]:
    """Return how many placed works are held, how many moved, and by how many days together."""
    moves = moved(problem, plan)
    return {
        "held": sum(problem.works[work].held is not None for work in plan),
        "moved": len(moves),
        "moved_days": sum(abs(move.periods) for move in moves) * problem.period_days,
    }


def notices(problem: Problem, plan: Mapping[int, int]) -> tuple[Fault, ...]:
    """Return a notice for each work that the plan moves from the date it is held at."""
    return tuple(
        Fault(
            "approved_moved",
            {
                "work": problem.works[move.work].id,
                "owner": problem.works[move.work].owner,
                "date": problem.day(move.held).isoformat(),
                "start": problem.day(move.start).isoformat(),
                "days": f"{move.periods * problem.period_days:+d}",
            },
            layer="approved",
        )
        for move in moved(problem, plan)
    )


def hold(
    problem: Problem, approved: Sequence[Row], known: Collection[str]
) -> tuple[Problem, tuple[Fault, ...]]:
    """Hold works at the dates of an approved plan.

    Parameters
    ----------
    problem
        Works that have at least one start left by dates and closures.
    approved
        Rows of `layers.tables.APPROVED`, each work once.
    known
        Ids of all works handed in, also of those that were rejected.

    Returns
    -------
    tuple
        The problem with ``held`` and ``move_period_yuan`` of the works found, each held at its
        approved date or at the allowed start nearest to it; and a notice for each work whose date
        is no longer allowed and one for the works that are gone.
    """
    dates = {str(row["work_id"]): pd.Timestamp(row["starts_on"]) for row in approved}
    made = [_held(problem, place, dates) for place in range(len(problem.works))]
    gone = [key for key in dates if key not in known]
    told = [notice for _, notice in made if notice is not None]
    if gone:
        rows = tuple(sorted(gone)[:5])
        told.append(Fault("approved_gone", layer="approved", rows=rows, count=len(gone)))
    return replace(problem, works=tuple(work for work, _ in made)), tuple(told)


def _held(
    problem: Problem, place: int, dates: Mapping[str, pd.Timestamp]
) -> tuple[Work, Fault | None]:
    work = problem.works[place]
    if work.fixed or work.id not in dates:
        return work, None
    date = dates[work.id]
    asked = (date - pd.Timestamp(problem.start)).days // problem.period_days
    allowed = starts(problem, work)
    nearest = int(allowed[np.argmin(np.abs(allowed - asked))])
    price = problem.settings.number("trench.move_yuan_per_day") * problem.period_days
    held = replace(work, held=nearest, move_period_yuan=price)
    return held, None if nearest == asked else _notice(problem, place, date, asked, nearest)


def _notice(problem: Problem, place: int, date: pd.Timestamp, asked: int, nearest: int) -> Fault:
    """Return why an approved date is not allowed: a closure, or the work's own dates."""
    work = problem.works[place]
    facts = {
        "work": work.id,
        "date": date.date().isoformat(),
        "nearest": problem.day(nearest).isoformat(),
    }
    if asked in starts(problem, work, rules=()):
        closed = closures_facts(problem, (place,), CLOSED_RULES)
        return Fault("approved_moved_closed", {**facts, **closed}, layer="approved")
    facts["window"] = window_text(problem, work)
    return Fault("approved_moved_window", facts, layer="approved")
