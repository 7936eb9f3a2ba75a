"""Prove a plan from the problem and the written tables alone.

Nothing here calls the code that made the plan (`schedule`, `greedy`, `joining`, `cost`, `plan`,
`separate`): periods are counted one by one, costs added up again from the price of a metre.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import partial

import geopandas as gpd
import pandas as pd

from planner.checking import Checks
from planner.trench.build import Built
from planner.trench.certificate import Certificate
from planner.trench.check.bound import check_bound
from planner.trench.check.figures import check_figures, number
from planner.trench.check.ground import fits
from planner.trench.check.inputs import check_inputs
from planner.trench.check.places import check_places
from planner.trench.check.plan import Verdicts, check_starts, verdict
from planner.trench.check.reasons import check_reasons
from planner.trench.check.tables import CENT, check_tables
from planner.trench.check.why import check_left_out, check_why
from planner.trench.frames import Permits
from planner.trench.problem import Problem

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
    found += Checks.of(
        check_figures(
            built, begins, figures, openings=openings, reopenings=reopenings, unplaced=unplaced
        )
    )
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


def _proof(
    problem: Problem,
    starts: Mapping[str, int],
    certificate: Certificate | None,
    figures: Mapping[str, object],
) -> Verdicts:
    """Hold the bound against its certificate; gap and status against cost and bound."""
    cost, stated = number(figures.get("cost_yuan")), figures.get("bound_yuan")
    known = certificate is None if stated is None else certificate is not None
    yield verdict("bound", "bound_yuan", f"stated {stated}, without proof", held=known)
    if certificate is not None:
        yield from check_bound(
            problem,
            certificate,
            placed=[n for n, work in enumerate(problem.works) if work.id in starts],
            cost_yuan=cost,
            bound_yuan=number(stated),
        )
    status, gap, bound = figures.get("status"), figures.get("gap"), number(stated)
    solved = figures.get("solver_bound_yuan")
    detail = f"{solved} is not between bound {stated} and cost {cost}"
    held = solved is None or bound < number(solved) <= cost
    yield verdict("bound", "solver_bound_yuan", detail, held=held)
    best = bound if solved is None else number(solved)
    expected = {"feasible"} if starts else {"empty"}
    if starts and cost - best <= max(CENT, LEAST_GAP * cost):
        expected.add("optimal")
    detail = f"{status} with cost {cost} and bounds {stated}, {solved}"
    yield verdict("figures", "status", detail, held=status in expected)
    due = max(0.0, (cost - bound) / cost) if cost else 0.0
    held = gap is None if stated is None else abs(number(gap) - due) <= NEAR_GAP
    yield verdict("figures", "gap", f"found {gap}, expected {due:.6f}", held=held)
