"""Check the figures of the joint plan: every sum and count is made anew."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from math import nan

import numpy as np
import pandas as pd
from scipy.optimize import linprog

from planner.settings import Settings
from planner.trench.build import Built
from planner.trench.check.meetings import Meetings, Site
from planner.trench.check.openings import Seat, seat
from planner.trench.check.plan import Verdicts, allowed_starts, verdict
from planner.trench.check.shares import FEN_YUAN, Bill, bill_of
from planner.trench.check.tables import CENT, alone_yuan
from planner.trench.problem import Problem, Work
from planner.trench.records import Row, records

PRICES = re.compile(r"(trench|section)\..*_yuan_(per_\w+|m[23])|trench\.setup_yuan")
"""Names of the settings that price an opening or a start: the set-up, and what has a measure."""


def check_figures(
    built: Built,
    starts: Mapping[str, int],
    figures: Mapping[str, object],
    *,
    openings: pd.DataFrame,
    reopenings: pd.DataFrame,
    unplaced: pd.DataFrame,
) -> Verdicts:
    """Yield tests of the object ``trench`` of result.json, but for bound, gap and status.

    Parameters
    ----------
    built
        What was asked.
    starts
        Id of each placed work to its start period.
    figures
        As written.
    openings, reopenings, unplaced
        Tables of `layers.tables`, which other tests prove.
    """
    yield from _sums(figures, _counts(built, starts, openings, reopenings, unplaced))
    problem = built.problem
    due = {
        "sharing": _sharing(problem, starts, openings),
        "approved": _approved(problem, starts),
        "prices_assumed": _assumed(problem.settings),
    }
    for name, value in due.items():
        detail = f"found {figures.get(name)}, expected {value}"
        yield verdict("figures", name, detail, held=figures.get(name) == value)


def _sums(figures: Mapping[str, object], expected: Mapping[str, float]) -> Verdicts:
    rounding = {"dug_m": 0.06, "dug_separate_m": 0.06}
    for name, value in expected.items():
        found = number(figures.get(name))
        near = abs(found - value) <= rounding.get(name, CENT)
        yield verdict("figures", name, f"found {found}, expected {value}", held=near)
    cost, first = (number(figures.get(key)) for key in ("cost_yuan", "cost_greedy_yuan"))
    detail = f"plan {cost} dearer than the greedy plan {first}"
    yield verdict("figures", "cost_greedy_yuan", detail, held=cost <= first + CENT)


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


def _approved(problem: Problem, starts: Mapping[str, int]) -> dict[str, int]:
    """Return how many placed works have a date held, how many left it, by how many days."""
    away = [
        abs(starts[work.id] - work.held)
        for work in problem.works
        if work.id in starts and work.held is not None
    ]
    return {
        "held": len(away),
        "moved": sum(periods > 0 for periods in away),
        "moved_days": sum(away) * problem.period_days,
    }


def _assumed(settings: Settings) -> list[str]:
    """Return the prices that the user did not give, by their names rather than their units."""
    prices = (value for value in settings if PRICES.fullmatch(value.name))
    return sorted(value.name for value in prices if value.confidence != "user")


def _sharing(problem: Problem, starts: Mapping[str, int], openings: pd.DataFrame) -> dict[str, int]:
    """Count the openings of several parties by what became of their split."""
    by_id = {str(row["opening_id"]): row for row in records(openings)}
    joint = [
        (by_id[site.id], taken)
        for site, taken in _seats(problem, starts, by_id)
        if len({work.owner or work.id for work in taken.works}) > 1
    ]
    tested = [(row, taken) for row, taken in joint if not np.isnan(row["excess_yuan"])]
    return {
        "joint": len(joint),
        "unstable": sum(row["excess_yuan"] >= FEN_YUAN for row, _ in tested),
        "unstable_shapley": sum(row["excess_shapley_yuan"] >= FEN_YUAN for row, _ in tested),
        "no_stable_split": sum(_without_core(problem, row, taken) for row, taken in tested),
        "untested": len(joint) - len(tested),
    }


def _seats(
    problem: Problem, starts: Mapping[str, int], by_id: Mapping[str, Row]
) -> Iterator[tuple[Site, Seat]]:
    """Yield the openings as counted anew; one that is not listed is another test's matter."""
    meetings = Meetings(problem, starts)
    for segment, sites in meetings.sites.items():
        for site in sites:
            if site.id in by_id:
                uses = [
                    (meetings.works[key], meetings.tasks[key, segment], meetings.starts[key])
                    for key in sorted(site.works, key=meetings.order.__getitem__)
                ]
                yield site, seat(by_id[site.id], segment, uses)


def _without_core(problem: Problem, row: Row, taken: Seat) -> bool:
    """Return whether some group overpays by a fen whatever the split."""
    if min(row["excess_yuan"], row["excess_shapley_yuan"]) < FEN_YUAN:
        return False
    return least_excess_yuan(bill_of(problem, taken, float(row["cost_yuan"]))) >= FEN_YUAN


def least_excess_yuan(bill: Bill) -> float:
    """Return the least that the worst treated group overpays, by weights on the groups.

    The dual of the least core: of weights that add up to one and hold every party alike, those
    for which the opening's cost exceeds most what the groups would pay alone.
    """
    groups = [group for group in bill.values if len(group) < len(bill.parties)]
    inside = [[float(name in group) for group in groups] for name in bill.parties]
    alike = np.column_stack([np.array(inside), -np.ones(len(inside))])
    once = np.append(np.ones(len(groups)), 0.0)
    found = linprog(
        c=np.append([bill.values[group] for group in groups], -bill.cost_yuan),
        A_eq=np.vstack([alike, once]),
        b_eq=np.append(np.zeros(len(inside)), 1.0),
        bounds=(0.0, None),
        method="highs",
    )
    if found.fun is None:
        raise AssertionError(found.message)
    return -float(found.fun)


def number(value: object) -> float:
    """Return a figure, or NaN, which equals nothing, where it is none."""
    return float(value) if isinstance(value, (int, float)) else nan
