"""Prove a plan from the problem and the written tables alone.

Nothing here calls the code that made the plan (`schedule`, `greedy`, `joining`, `cost`, `plan`,
`separate`): periods are counted one by one, costs added up again from the price of a metre.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import partial
from math import nan

import geopandas as gpd
import pandas as pd

from planner.checking import Checks
from planner.trench.build import Built
from planner.trench.certificate import Certificate
from planner.trench.check.bound import check_bound
from planner.trench.check.ground import fits
from planner.trench.check.inputs import check_inputs
from planner.trench.check.places import check_places
from planner.trench.check.plan import Verdicts, allowed_starts, check_starts, verdict
from planner.trench.check.reasons import check_reasons
from planner.trench.check.tables import CENT, alone_yuan, check_tables
from planner.trench.check.why import check_left_out, check_why
from planner.trench.frames import Permits
from planner.trench.problem import Problem, Work

LEAST_GAP = 1e-7
"""Part of the cost below which rounding to thousandths of a yuan leaves no gap worth the name."""
NEAR_GAP = 1e-6
"""Part of the cost up to which a gap may differ from the one that cost and bound give."""


def check(
    built: Built,
    *,
    openings: gpd.GeoDataFrame,
    participants: pd.DataFrame,
    reopenings: pd.DataFrame,
    unplaced: pd.DataFrame,
    starts: pd.DataFrame,
    figures: Mapping[str, object],
    certificate: Certificate | None = None,
    permits: Permits | None = None,
) -> Checks:
    """Check a plan: dates, closures, crews, detours, continuity, money, reasons, bound, figures.

    Parameters
    ----------
    built
        The problem, made again from the study's tables, and the tables themselves, against which
        dates, closures and crews are held once more.
    openings, participants, reopenings, unplaced, starts
        Result tables of `layers.tables`, as written.
    figures
        The object ``trench`` of result.json.
    certificate
        What proves the bound; without it the figures must claim none.
    permits
        The function that named the permits of openings; without it none must be named.
    """
    problem = built.problem
    begins = dict(zip(starts["work_id"].astype(str), starts["period"].astype(int), strict=True))
    found = Checks.of(_account(built, starts, unplaced)) + Checks.of(check_starts(problem, begins))
    found += Checks.of(check_tables(built, begins, openings, participants, permits=permits))
    found += Checks.of(check_why("reason", reopenings)) + Checks.of(check_why("unplaced", unplaced))
    found += Checks.of(check_left_out(built, unplaced))
    if not found.failures:  # reasons speak of the plan, and can be judged where it is sound
        room = partial(fits, problem)
        found += Checks.of(check_reasons(problem, begins, openings, participants, reopenings, room))
        found += Checks.of(check_places(problem, begins, built.rejected, unplaced))
    counts = _counts(built, begins, openings, reopenings, unplaced)
    found += Checks.of(_figures(figures, counts))
    found += Checks.of(_proof(problem, begins, certificate, figures))
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
        "cost_yuan": openings["cost_yuan"].sum()
        + sum(work.start_yuan(starts[work.id]) for work in placed),
        "cost_separate_yuan": sum(alone_yuan(problem, work, task) for work, task in tasks)
        + sum(work.start_yuan(_by_itself(problem, work)) for work in placed),
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


def _by_itself(problem: Problem, work: Work) -> int:
    """Return the start that a work would take alone: near its approved or its wanted date."""
    aim = work.wanted if work.held is None else work.held
    return min(allowed_starts(problem, work), key=lambda start: (abs(start - aim), start))


def _figures(figures: Mapping[str, object], expected: Mapping[str, float]) -> Verdicts:
    rounding = {"dug_m": 0.06, "dug_separate_m": 0.06}
    for name, value in expected.items():
        found = _number(figures.get(name))
        near = abs(found - value) <= rounding.get(name, CENT)
        yield verdict("figures", name, f"found {found}, expected {value}", held=near)
    cost, first = (_number(figures.get(key)) for key in ("cost_yuan", "cost_greedy_yuan"))
    detail = f"plan {cost} dearer than the greedy plan {first}"
    yield verdict("figures", "cost_greedy_yuan", detail, held=cost <= first + CENT)


def _proof(
    problem: Problem,
    starts: Mapping[str, int],
    certificate: Certificate | None,
    figures: Mapping[str, object],
) -> Verdicts:
    """Hold the bound against its certificate; gap and status against cost and bound."""
    cost, stated = _number(figures.get("cost_yuan")), figures.get("bound_yuan")
    known = certificate is None if stated is None else certificate is not None
    yield verdict("bound", "bound_yuan", f"stated {stated}, without proof", held=known)
    if certificate is not None:
        yield from check_bound(
            problem,
            certificate,
            placed=[n for n, work in enumerate(problem.works) if work.id in starts],
            cost_yuan=cost,
            bound_yuan=_number(stated),
        )
    status, gap, bound = figures.get("status"), figures.get("gap"), _number(stated)
    expected = {"feasible"} if starts else {"empty"}
    if starts and cost - bound <= max(CENT, LEAST_GAP * cost):
        expected.add("optimal")
    detail = f"{status} with cost {cost} and bound {stated}"
    yield verdict("figures", "status", detail, held=status in expected)
    due = max(0.0, (cost - bound) / cost) if cost else 0.0
    held = gap is None if stated is None else abs(_number(gap) - due) <= NEAR_GAP
    yield verdict("figures", "gap", f"found {gap}, expected {due:.6f}", held=held)


def _number(value: object) -> float:
    """Return a figure, or NaN, which equals nothing, where it is none."""
    return float(value) if isinstance(value, (int, float)) else nan
