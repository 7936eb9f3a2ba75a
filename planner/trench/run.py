"""Solve the joint excavation problem and hand out its tables and figures."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from time import perf_counter
from types import MappingProxyType

import geopandas as gpd
import pandas as pd

from planner.rules.profile import Profile
from planner.trench import approved
from planner.trench.assumed import prices_assumed
from planner.trench.build import Built
from planner.trench.certificate import Certificate
from planner.trench.cost import Prices
from planner.trench.deciding.encounters import encounters, explained_yuan
from planner.trench.deciding.lists import (
    crew_prices_frame,
    decisions_frame,
    robustness_frame,
    segment_plan_yuan,
    segment_prices_frame,
    splits_frame,
)
from planner.trench.deciding.replanning import repaired
from planner.trench.deciding.robustness import is_replanned, robustness
from planner.trench.deciding.splitting import split_works, thresholds
from planner.trench.frames import (
    Permits,
    openings_frame,
    participants_frame,
    reopenings_frame,
    starts_frame,
    unplaced_frame,
)
from planner.trench.greedy import greedy
from planner.trench.plan import Opening, Plan, closure_days, dug_m, openings, plan_yuan
from planner.trench.problem import Problem
from planner.trench.reasons.explain import Reopening, reopenings
from planner.trench.reasons.joining import complete
from planner.trench.reasons.unplaced import unplaced
from planner.trench.schedule import Schedule
from planner.trench.search import Found, search
from planner.trench.search.slack import segment_bounds
from planner.trench.separate import Separate, separate
from planner.trench.sharing import share
from planner.trench.sharing.share import splits

Progress = Callable[[str, float], None]

LEAST_GAP = 1e-9
"""Gap below which a bound and the cost differ by rounding only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrenchResult:
    """The joint excavation plan of a study.

    Parameters
    ----------
    status
        ``optimal``: the bound, or the solver's, meets the cost; ``feasible``; ``empty``: no work
        could be placed.
    problem, plan
        What was asked and the answer.
    separate
        The baseline, for the works of the plan.
    openings, participants, reopenings, unplaced, starts
        Tables of `layers.tables` under the same names; openings in the segments' CRS.
    lists
        By name the tables for deciding: ``decisions``, ``splits``, ``robustness``,
        ``crew_prices``, ``segment_prices``.
    certificate
        What proves the bound.
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
    lists: Mapping[str, pd.DataFrame]
    certificate: Certificate
    figures: Mapping[str, object]


def solve(
    built: Built,
    *,
    profile: Profile,
    permits: Permits | None = None,
    seconds: float | None = None,
    progress: Progress | None = None,
) -> TrenchResult:
    """Plan who digs where and when, together.

    Opening-aware insertion gives the greedy plan; the search goes on from both sides, and what
    neighbouring openings could still save by becoming one is taken at the end.

    Parameters
    ----------
    built
        From `planner.trench.build.build`.
    profile
        Rules of the jurisdiction, for the thresholds below which works may look split.
    permits
        Names the permits that an opening needs; none are named without it.
    seconds
        Wall-clock limit of the search; None counts steps, and the same problem gives the same
        plan.
    progress
        Told the topic and the share done, 0 to 1.
    """
    began = perf_counter()
    tell = progress or (lambda _topic, _share: None)
    problem, prices = built.problem, Prices(built.problem)
    settings = problem.settings
    tell("trench", 0.0)
    first, _ = greedy(problem, prices)
    tell("trench", 0.1)
    effort = settings.number("trench.search_effort")
    found = search(problem, prices, begin=first.starts, seconds=seconds, effort=effort)
    tell("trench", 0.6)
    schedule = _joined(problem, prices, found)
    if len(schedule.starts) > len(found.starts):
        found = search(problem, prices, begin=schedule.starts, effort=0.0)
        schedule = _joined(problem, prices, found)
    plan = Plan(
        MappingProxyType(dict(sorted(schedule.starts.items()))),
        unplaced(schedule, built.rejected, found.left_out),
    )
    reasons = reopenings(schedule, fits=prices.fits)
    runs = openings(problem, plan.starts)
    alone = separate(problem, prices, plan.starts)
    shared = splits(problem, prices, runs)
    tell("trench", 0.8)
    lists = _lists(built, profile, prices, plan, runs, reasons, found)
    figures = {
        "works": len(problem.works) + len(built.rejected),
        "unplaced": len(plan.unplaced),
        **_figures(problem, runs, reasons),
        **_money(problem, prices, plan, found),
        **_baselines(alone, first.cost_yuan()),
        "sharing": share.figures(shared),
        "approved": approved.figures(problem, plan.starts),
        "prices_assumed": list(prices_assumed(settings)),
        "seconds": round(perf_counter() - began, 3),
    }
    result = TrenchResult(
        status=str(figures["status"]),
        problem=problem,
        plan=plan,
        separate=alone,
        openings=openings_frame(
            problem, runs, built.segments, prices, permits, starts=plan.starts, splits=shared
        ),
        participants=participants_frame(problem, runs, plan.starts, shared),
        reopenings=reopenings_frame(problem, runs, reasons),
        unplaced=unplaced_frame(plan.unplaced),
        starts=starts_frame(problem, plan.starts),
        lists=lists,
        certificate=found.certificate,
        figures=MappingProxyType(figures),
    )
    tell("trench", 1.0)
    return result


def _joined(problem: Problem, prices: Prices, found: Found) -> Schedule:
    """Return the plan found, after every joining that saves and with every work that fits."""
    schedule = Schedule(problem, prices)
    for work, start in found.starts.items():
        schedule.add(work, start)
    complete(schedule, found.left_out, fits=prices.fits)
    return schedule


def _lists(
    built: Built,
    profile: Profile,
    prices: Prices,
    plan: Plan,
    runs: tuple[Opening, ...],
    reasons: tuple[Reopening, ...],
    found: Found,
) -> Mapping[str, pd.DataFrame]:
    problem, segments, starts = built.problem, built.segments, plan.starts
    known = thresholds(profile, problem.settings)
    met = encounters(
        problem,
        starts,
        runs,
        prices,
        segments,
        added_yuan=explained_yuan(reasons),
        fits=prices.fits,
    )
    bounds = segment_bounds(problem, prices, found.certificate, found.values_milli, starts)
    replan = repaired if is_replanned(problem, starts) else None
    tried = robustness(problem, starts, replan=replan)
    return MappingProxyType(
        {
            "decisions": decisions_frame(problem, runs, met),
            "splits": splits_frame(problem, split_works(problem, prices, segments, known)),
            "robustness": robustness_frame(problem, starts, runs, tried),
            "crew_prices": crew_prices_frame(problem, found.certificate.crew_prices),
            "segment_prices": segment_prices_frame(
                problem, segment_plan_yuan(prices, runs), bounds
            ),
        }
    )


def _figures(
    problem: Problem, found: tuple[Opening, ...], reasons: Iterable[Reopening]
) -> dict[str, object]:
    listed = tuple(reasons)
    return {
        "segments": len({opening.segment for opening in found}),
        "openings": len(found),
        "reopenings": len(listed),
        "reopenings_explained": sum(reason.explained for reason in listed),
        "dug_m": round(dug_m(problem, found), 1),
        "closure_days": closure_days(problem, found),
    }


def _money(problem: Problem, prices: Prices, plan: Plan, found: Found) -> dict[str, object]:
    """Return cost, bounds and gap; bounds are rounded down, so that they stay bounds.

    ``bound_yuan`` is what the certificate proves, and the gap counts from it;
    ``solver_bound_yuan`` what the integer programme adds, None where it adds nothing.
    """
    cost_yuan = round(plan_yuan(problem, prices, plan.starts), 2)
    certified, solved = (
        min(math.floor(yuan * 100) / 100, cost_yuan)
        for yuan in (found.certified_yuan, found.bound_yuan)
    )
    gap = 1.0 - certified / cost_yuan if cost_yuan > 0 else 0.0
    best = cost_yuan - max(certified, solved) <= LEAST_GAP * cost_yuan
    return {
        "status": "empty" if not plan.starts else "optimal" if best else "feasible",
        "cost_yuan": cost_yuan,
        "bound_yuan": certified,
        "solver_bound_yuan": solved if solved > certified else None,
        "gap": gap,
    }


def _baselines(alone: Separate, greedy_yuan: float) -> dict[str, object]:
    return {
        "openings_separate": alone.openings,
        "cost_separate_yuan": round(alone.cost_yuan, 2),
        "cost_greedy_yuan": round(greedy_yuan, 2),
        "dug_separate_m": round(alone.dug_m, 1),
        "closure_separate_days": alone.closure_days,
    }
