"""Prove a plan from the problem and the written tables alone.

Nothing here calls the code that made the plan (`schedule`, `greedy`, `joining`, `cost`, `plan`,
`separate`): periods are counted one by one, costs added up again from the price of a metre.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from math import nan

import pandas as pd

from planner.checking import Checks
from planner.trench.build import Built
from planner.trench.check_inputs import check_inputs
from planner.trench.check_plan import Verdicts, check_starts, verdict
from planner.trench.check_reasons import check_reasons
from planner.trench.check_tables import CENT, alone_yuan, check_tables
from planner.trench.problem import Problem


def check(
    built: Built,
    *,
    openings: pd.DataFrame,
    participants: pd.DataFrame,
    reopenings: pd.DataFrame,
    unplaced: pd.DataFrame,
    starts: pd.DataFrame,
    figures: Mapping[str, object],
) -> Checks:
    """Check a plan: dates, closures, crews, detours, continuity, money, reasons, figures.

    Parameters
    ----------
    built
        The problem, made again from the study's tables, and the tables themselves, against which
        dates, closures and crews are held once more.
    openings, participants, reopenings, unplaced, starts
        Result tables of `layers.tables`, as written.
    figures
        The object ``trench`` of result.json.
    """
    problem = built.problem
    begins = dict(zip(starts["work_id"].astype(str), starts["period"].astype(int), strict=True))
    plan = Checks.of(_account(built, starts, unplaced)) + Checks.of(check_starts(problem, begins))
    tables = Checks.of(check_tables(problem, begins, openings, participants))
    why = Checks.of(check_reasons(problem, begins, openings, participants, reopenings))
    counts = _counts(built, begins, openings, reopenings, unplaced)
    found = plan + tables + why + Checks.of(_figures(figures, counts))
    if built.inputs is None:
        return found
    settings = problem.settings
    return found + check_inputs(built.segments, built.inputs, settings, participants=participants)


def _account(built: Built, starts: pd.DataFrame, unplaced: pd.DataFrame) -> Verdicts:
    """Every work has a start or a reason why not, and only one of the two."""
    seen = Counter([*starts["work_id"].astype(str), *unplaced["work_id"].astype(str)])
    known = {work.id for work in built.problem.works}
    rejected = {work.work_id for work in built.rejected}
    for key in sorted(known | rejected | set(seen)):
        held = seen[key] == 1 and key in known | rejected
        yield verdict("account", key, f"listed {seen[key]} times", held=held)
    wrong = sorted(rejected & set(starts["work_id"].astype(str)))
    yield verdict("account", "rejected", f"planned all the same: {wrong[:3]}", held=not wrong)


def _counts(
    built: Built,
    starts: Mapping[str, int],
    openings: pd.DataFrame,
    reopenings: pd.DataFrame,
    unplaced: pd.DataFrame,
) -> Mapping[str, float]:
    """Return what the figures must be."""
    problem = built.problem
    placed = [work for work in problem.works if work.id in starts]
    tasks = [(work, task) for work in placed for task in work.tasks]
    return {
        "works": len(problem.works) + len(built.rejected),
        "unplaced": len(unplaced),
        "segments": openings["segment_id"].nunique(),
        "openings": len(openings),
        "openings_separate": len(tasks),
        "reopenings": len(openings) - openings["segment_id"].nunique(),
        "reopenings_explained": int((reopenings["rule"] != "plan").sum()),
        "cost_yuan": openings["cost_yuan"].sum(),
        "cost_separate_yuan": sum(alone_yuan(problem, work, task) for work, task in tasks),
        "dug_m": openings["dug_m"].sum(),
        "dug_separate_m": sum(
            piece.to_m - piece.from_m for _, task in tasks for piece in task.stretches
        ),
        "closure_days": int(openings["days"].sum()),
        "closure_separate_days": _alone_days(problem, starts),
    }


def _alone_days(problem: Problem, starts: Mapping[str, int]) -> int:
    placed = (work for work in problem.works if work.id in starts)
    return sum(task.duration * problem.period_days for work in placed for task in work.tasks)


def _figures(figures: Mapping[str, object], expected: Mapping[str, float]) -> Verdicts:
    rounding = {"dug_m": 0.06, "dug_separate_m": 0.06}
    for name, value in expected.items():
        found = _number(figures.get(name))
        near = abs(found - value) <= rounding.get(name, CENT)
        yield verdict("figures", name, f"found {found}, expected {value}", held=near)
    cost, first = (_number(figures.get(key)) for key in ("cost_yuan", "cost_greedy_yuan"))
    detail = f"plan {cost} dearer than the greedy plan {first}"
    yield verdict("figures", "cost_greedy_yuan", detail, held=cost <= first + CENT)
    bound = figures.get("bound_yuan")
    below = bound is None or _number(bound) <= cost + CENT
    yield verdict("figures", "bound_yuan", f"bound {bound} above cost {cost}", held=below)


def _number(value: object) -> float:
    """Return a figure, or NaN, which equals nothing, where it is none."""
    return float(value) if isinstance(value, (int, float)) else nan
