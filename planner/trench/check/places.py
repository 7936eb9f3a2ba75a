"""Prove again why works have no place, and the change of date that would give them one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from itertools import combinations

import pandas as pd

from planner.trench.check.change import Till, added_yuan
from planner.trench.check.joinable import Rest, Starts
from planner.trench.check.plan import Verdicts, verdict
from planner.trench.check.reasons import CENT, told
from planner.trench.problem import CLOSED_RULES, Problem, Rejected, Work
from planner.trench.reasons.wording import unpack
from planner.trench.records import records

BARRING = ("windows", "fixed", "horizon", "moratorium", "no_dig", "detour", "crews")


def check_places(
    problem: Problem, starts: Starts, rejected: Iterable[Rejected], unplaced: pd.DataFrame
) -> Verdicts:
    """Yield tests that each work without a place has none, and of the change that would give one.

    Parameters
    ----------
    problem, starts
        What was asked, and id of each placed work to its start.
    rejected
        Works that never came into the problem; those without a work of their own are not tested,
        since nothing is said of their dates.
    unplaced
        Columns of `layers.tables.UNPLACED`.
    """
    works = {work.id: work for work in problem.works}
    works |= {each.work_id: each.work for each in rejected if each.work is not None}
    rest = Rest(problem, {key: start for key, start in starts.items() if key in works})
    till = Till(problem, works.values())
    for row in records(unplaced):
        name = str(row["work_id"])
        yield verdict("unplaced", name, "sentence and facts disagree", held=told(row, "unplaced"))
        if name in works and name not in rest.starts:
            facts = unpack(row["facts"])
            fault = _fault(rest, works[name], facts) or _change_fault(
                rest, till, works[name], facts.get("change")
            )
            yield verdict("unplaced", name, fault or "", held=fault is None)


def _fault(rest: Rest, work: Work, facts: Mapping[str, object]) -> str | None:
    rules = str(facts.get("rules", "")).split(",")
    if rules[0] != "windows" or not set(rules) <= set(BARRING):
        return f"unknown rules {rules}"
    if _has_place(rest, work, rules):
        return f"{rules} leave it a place"
    for some in combinations(BARRING[1:], len(rules) - 2) if len(rules) > 1 else ():
        if not _has_place(rest, work, some):
            return f"{some} leave it none already"
    return None


def _has_place(rest: Rest, work: Work, rules: Collection[str]) -> bool:
    beyond = rest.problem.periods - work.span
    if "horizon" not in rules:
        last = work.wanted if work.fixed and "fixed" in rules else work.latest
        first = last if work.fixed and "fixed" in rules else work.earliest
        if any(start > beyond and start >= 0 for start in (first, last) if first <= last):
            return True
    return any(0 <= start <= beyond for start in rest.leaves(work, rules))


def _change_fault(rest: Rest, till: Till, work: Work, change: object) -> str | None:
    free = _free_starts(rest, work)
    if not isinstance(change, dict):
        return f"could be placed in period {min(free)}" if free else None
    start = change["moves"].get(work.id)
    if list(change["moves"]) != [work.id] or start not in free:
        return f"cannot start in {start}"
    if change["days"] != free[start] * rest.problem.period_days:
        return f"{change['days']} days are said, {free[start]} periods found"
    yuan = added_yuan(till, rest.on, rest.starts, {work.id: start})
    if abs(yuan - change["yuan"]) > CENT:
        return f"placing it costs {yuan:.2f}, not {change['yuan']:.2f}"
    for other in free:
        if added_yuan(till, rest.on, rest.starts, {work.id: other}) < yuan - CENT:
            return f"starting in {other} would be cheaper"
    return None


def _free_starts(rest: Rest, work: Work) -> dict[int, int]:
    """Return the starts outside a work's dates that all else leaves, with the periods away."""
    within = range(rest.problem.periods - work.span + 1)
    found = {}
    for start in sorted(rest.free(work, within, {*CLOSED_RULES, "detour", "crews"})):
        early, late = start < work.earliest, start > work.latest
        away = start - (work.earliest if early else work.latest) if early != late else 0
        if work.fixed:
            away = start - work.wanted
        if away:
            found[start] = away
    return found
