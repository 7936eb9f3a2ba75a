"""Solve the joint excavation problem and hand out its tables and figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import perf_counter
from types import MappingProxyType

import geopandas as gpd
import pandas as pd

from planner.trench.build import Built
from planner.trench.cost import Prices
from planner.trench.explain import Reopening, reopenings
from planner.trench.frames import (
    Permits,
    openings_frame,
    participants_frame,
    reopenings_frame,
    starts_frame,
    unplaced_frame,
)
from planner.trench.greedy import greedy
from planner.trench.improve import improve
from planner.trench.plan import Opening, Plan, closure_days, cost_yuan, dug_m, openings
from planner.trench.problem import Problem
from planner.trench.separate import Separate, separate
from planner.trench.unplaced import left_out

Progress = Callable[[str, float], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrenchResult:
    """The joint excavation plan of a study.

    Parameters
    ----------
    status
        ``feasible``: a plan without a bound; ``empty``: no work could be placed.
    problem, plan
        What was asked and the answer.
    separate
        The baseline, for the works of the plan.
    openings, participants, reopenings, unplaced, starts
        Tables of `layers.tables` under the same names; openings in the segments' CRS.
    figures
        The object ``trench`` of result.json. Baselines and sums are over the works that the plan
        holds; ``works`` counts all that were handed in, ``unplaced`` those left out.
    """

    status: str
    problem: Problem
    plan: Plan
    separate: Separate
    openings: gpd.GeoDataFrame
    participants: pd.DataFrame
    reopenings: pd.DataFrame
    unplaced: pd.DataFrame
    starts: pd.DataFrame
    figures: Mapping[str, object]


def solve(
    built: Built, *, permits: Permits | None = None, progress: Progress | None = None
) -> TrenchResult:
    """Plan who digs where and when, together.

    Opening-aware insertion gives the greedy plan; re-insertion and joining improve it. The same
    problem gives the same plan.

    Parameters
    ----------
    built
        From `planner.trench.build.build`.
    permits
        Names the permits that an opening needs; none are named without it.
    progress
        Told the topic and the share done, 0 to 1.
    """
    began = perf_counter()
    tell = progress or (lambda _topic, _share: None)
    problem, prices = built.problem, Prices(built.problem)
    tell("trench", 0.0)
    schedule, failed = greedy(problem, prices)
    greedy_yuan = schedule.cost_yuan()
    tell("trench", 0.4)
    improve(schedule)
    tell("trench", 0.7)
    reasons = reopenings(schedule)
    missing = (*built.rejected, *(left_out(schedule, work) for work in failed))
    plan = Plan(MappingProxyType(dict(sorted(schedule.starts.items()))), missing)
    found = openings(problem, plan.starts)
    alone = separate(problem, prices, plan.starts)
    figures = {
        "status": "feasible" if plan.starts else "empty",
        "works": len(problem.works) + len(built.rejected),
        "unplaced": len(missing),
        **_figures(problem, prices, found, reasons),
        **_baselines(alone, greedy_yuan),
        "bound_yuan": None,
        "gap": None,
    }
    result = TrenchResult(
        status=str(figures["status"]),
        problem=problem,
        plan=plan,
        separate=alone,
        openings=openings_frame(problem, found, built.segments, prices, permits),
        participants=participants_frame(problem, found, plan.starts, prices),
        reopenings=reopenings_frame(problem, found, reasons),
        unplaced=unplaced_frame(missing),
        starts=starts_frame(problem, plan.starts),
        figures=MappingProxyType({**figures, "seconds": round(perf_counter() - began, 3)}),
    )
    tell("trench", 1.0)
    return result


def _figures(
    problem: Problem,
    prices: Prices,
    found: tuple[Opening, ...],
    reasons: tuple[Reopening, ...],
) -> dict[str, object]:
    return {
        "segments": len({opening.segment for opening in found}),
        "openings": len(found),
        "reopenings": len(reasons),
        "reopenings_explained": sum(reason.explained for reason in reasons),
        "cost_yuan": round(cost_yuan(prices, found), 2),
        "dug_m": round(dug_m(problem, found), 1),
        "closure_days": closure_days(problem, found),
    }


def _baselines(alone: Separate, greedy_yuan: float) -> dict[str, object]:
    return {
        "openings_separate": alone.openings,
        "cost_separate_yuan": round(alone.cost_yuan, 2),
        "cost_greedy_yuan": round(greedy_yuan, 2),
        "dug_separate_m": round(alone.dug_m, 1),
        "closure_separate_days": alone.closure_days,
    }
