"""Why a work has no place: the smallest set of rules, and the change of date that would help."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import combinations

import numpy as np

from planner.trench.cost import Prices
from planner.trench.problem import CLOSED_RULES, Problem, Rejected, Work
from planner.trench.reasons import masks
from planner.trench.reasons.allowance import ALONE, Allowance, shut
from planner.trench.reasons.board import Board
from planner.trench.reasons.change import Change, best_of
from planner.trench.reasons.explain import change_facts
from planner.trench.reasons.joining import ALL_RULES
from planner.trench.reasons.wording import closures_within, detour_ids, windows
from planner.trench.schedule import Schedule

BARRING = ("windows", "fixed", "horizon", "moratorium", "no_dig", "detour", "crews")
"""Rules that can leave a work no place, in the order of telling."""


def unplaced(
    schedule: Schedule, rejected: Sequence[Rejected], left: Iterable[int]
) -> tuple[Rejected, ...]:
    """Return all works without a place, each with its smallest set of rules and cheapest change.

    Parameters
    ----------
    schedule
        The plan; unchanged.
    rejected
        Works that are not in the problem; those that carry their work are looked into.
    left
        Positions of works of the problem that the plan leaves out; after
        `planner.trench.reasons.joining.complete` none of them has a place, otherwise the rule
        ``room`` says so.

    Returns
    -------
    tuple of Rejected
        The rejected ones in order, then those left out; facts hold ``rules`` and ``change``.
    """
    known = {each.work_id: each.work for each in rejected if each.work is not None}
    wider = _with_works(schedule, tuple(known.values()))
    board = Board(wider.problem, wider.starts)
    places = {work_id: len(schedule.problem.works) + n for n, work_id in enumerate(known)}
    found = [
        replace(each, facts={**each.facts, **_why(wider, board, places[each.work_id])})
        if each.work_id in places
        else each
        for each in rejected
    ]
    return (*found, *(left_out(schedule, work) for work in left))


def left_out(schedule: Schedule, work: int) -> Rejected:
    """Return a work that is not in the schedule with the rules that keep it out.

    The crews and detours are those that the other works, where they are, leave to it.
    """
    problem = schedule.problem
    wanted = problem.works[work]
    why = _why(schedule, Board(problem, schedule.starts), work)
    rules = str(why["rules"])
    rule = _rule(problem, wanted, rules.split(",")) if rules else "room"
    facts = {**_facts(problem, wanted), **why}
    return Rejected(
        work_id=wanted.id,
        utility=wanted.utility,
        owner=wanted.owner,
        rule=rule,
        facts=facts,
        work=wanted,
    )


def barring(board: Board, work: int) -> tuple[str, ...] | None:
    """Return the smallest set of rules that leaves a work no start, None where one is left.

    Returns
    -------
    tuple of str or None
        Of `BARRING`, in its order, always with ``windows``; of several smallest sets the first in
        that order. Before the plan's first day there is no place under any rules, after its last
        one unless ``horizon`` counts.
    """
    allowance = Allowance(board, (work,))
    for size in range(len(BARRING)):
        for some in combinations(BARRING[1:], size):
            if not _has_start(allowance, work, frozenset(some)):
                return ("windows", *some)
    return None


def _has_start(allowance: Allowance, work: int, rules: frozenset[str]) -> bool:
    problem = allowance.board.problem
    wanted = problem.works[work]
    after = problem.periods - wanted.span
    if "horizon" not in rules:
        last = wanted.wanted if wanted.fixed and "fixed" in rules else wanted.latest
        if last > max(after, wanted.earliest - 1, -1):
            return True
    inside = allowance.starts(work, rules - {"horizon"})
    return bool(inside & masks.span(0, after + 1))


def _why(schedule: Schedule, board: Board, work: int) -> Mapping[str, object]:
    rules = barring(board, work)
    if rules is None:
        return {"rules": ""}
    change = cheapest_date(schedule, board, work)
    return {"rules": ",".join(rules), "change": change_facts(schedule.problem, change)}


def cheapest_date(schedule: Schedule, board: Board, work: int) -> Change | None:
    """Return the cheapest start outside its dates that would place a work, exactly.

    Closures, crews and detours hold and every other work stays; of starts that cost the same the
    one nearest to its dates is taken. None where no start within the horizon is free.
    """
    problem = schedule.problem
    wanted = problem.works[work]
    free = Allowance(board, (work,), freed=(work,)).anywhere(work, ALL_RULES)
    for rule in CLOSED_RULES:
        free &= ~shut(problem, wanted, rule)
    found = [start for start in masks.periods(free) if away(wanted, start)]
    if not found:
        return None
    prices = schedule.added_yuan(work, np.array(found, dtype=np.int64))
    changes = (
        Change((work,), away(wanted, start) * problem.period_days, yuan, {work: start})
        for start, yuan in zip(found, prices.tolist(), strict=True)
    )
    return best_of(changes)


def away(work: Work, start: int) -> int:
    """Return by how many periods a start leaves a work's dates, negative for earlier.

    A work whose dates are too short for it can keep one of them: the first day, and end later, or
    the last, and start earlier; between the two it keeps neither, which counts as 0 like a start
    within its dates.
    """
    if work.fixed:
        return start - work.wanted
    if start > work.latest and start >= work.earliest:
        return start - work.latest
    if start < work.earliest and start <= work.latest:
        return start - work.earliest
    return 0


def _with_works(schedule: Schedule, works: tuple[Work, ...]) -> Schedule:
    """Return the same plan of a problem that also knows works that are not in it."""
    problem = replace(schedule.problem, works=(*schedule.problem.works, *works))
    wider = Schedule(problem, Prices(problem))
    for work, start in schedule.starts.items():
        wider.add(work, start)
    return wider


def _rule(problem: Problem, work: Work, rules: Sequence[str]) -> str:
    """Return the sentence that fits a set of rules."""
    if "crews" in rules and problem.crews[work.crew] < 1:
        return "no_crew"
    if "crews" in rules or "detour" in rules:
        return "_".join(rule for rule in ("crews", "detour") if rule in rules)
    if set(rules) & set(CLOSED_RULES):
        return "closed"
    if set(rules) & {*ALONE, "horizon"} or work.latest < 0:
        return "approved_outside" if work.fixed else "outside"
    return "dates"


def _facts(problem: Problem, work: Work) -> Mapping[str, object]:
    return {
        "work": work.id,
        "owner": work.owner,
        "window": windows(problem, (work,)),
        "crews": [(work.crew, problem.crews.get(work.crew, 0))] if work.crew else [],
        "detours": detour_ids(problem, (work,)),
        "earliest": _day(problem.day(work.earliest)),
        "latest": _day(problem.last_day(work.latest + work.span)),
        "wanted": _day(problem.day(work.wanted)),
        "days": work.span * problem.period_days,
        "first_day": _day(problem.start),
        "last_day": _day(problem.last_day(problem.periods)),
        **closures_within(problem, (work,), CLOSED_RULES),
    }


def _day(day: date) -> str:
    return day.isoformat()
