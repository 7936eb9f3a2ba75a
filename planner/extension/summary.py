"""What a routing says of itself: the figures of result.json and the notices to the reader."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType

import geopandas as gpd
import pandas as pd

from geo.errors import Fault
from planner.extension import sources
from planner.extension.account import Account, section_yuan
from planner.extension.baselines import Separate
from planner.extension.corridor import Kind
from planner.extension.demand import Demands, assumed_note, sized_notes
from planner.extension.design import Design
from planner.extension.problem import Plan, Problem
from planner.extension.reasons import Reason
from planner.extension.statement import bounded_yuan
from planner.settings import Settings

LEAST_GAP = 1e-6
"""Gap below which a bound and the cost differ by rounding only."""


@dataclass(frozen=True, slots=True)
class Plans:
    """The joint design beside what it is compared with."""

    separate: Separate
    overlay: Plan
    joint: Plan


def notes(problem: Problem, books: Account, settings: Settings) -> tuple[Fault, ...]:
    """Return what a reader must know of a routing, most of it assumptions."""
    exact_yuan = section_yuan(problem, books, settings)
    found = (
        assumed_note(problem.demands),
        sources.unit_note(problem.sources),
        sources.class_note(problem.sources),
        *sized_notes(problem.demands, settings),
        _section_note(books.plan.cost_yuan, exact_yuan),
    )
    return tuple(note for note in found if note is not None)


def _section_note(cost_yuan: float, exact_yuan: float) -> Fault | None:
    if cost_yuan == 0:
        return None
    percent = f"{(exact_yuan / cost_yuan - 1) * 100:+.1f}"
    facts = {"section_yuan": f"{exact_yuan:,.0f}", "cost_yuan": f"{cost_yuan:,.0f}"}
    return Fault("extension_section", MappingProxyType({**facts, "percent": percent}))


def figures(
    asked: Demands,
    problem: Problem,
    plans: Plans,
    books: Account,
    missing: Sequence[Reason],
) -> dict[str, object]:
    """Return the ``extension`` object of result.json but for the seconds."""
    length_m = problem.corridor.graph.edge_length_m
    corridor = problem.corridor
    used = books.used.any(axis=0)
    dug = used & ~corridor.in_work & corridor.dug
    needed = {d.application_id for d in asked.needed}
    lost = {reason.application_id for reason in missing if reason.rule != "second_supply"}
    return {
        "applications": len(needed | lost | {key for key, _ in asked.no_line}),
        "no_line": len(asked.no_line),
        "connected": len(needed - lost),
        "unreachable": [
            {
                "application": reason.demand_id,
                "rule": reason.rule,
                "reason": reason.fault.text("zh"),
            }
            for reason in missing
        ],
        "cost_yuan": plans.joint.cost_yuan,
        "cost_separate_yuan": plans.separate.plan.cost_yuan,
        "cost_overlay_yuan": plans.overlay.cost_yuan,
        "trench_m": float(length_m[dug].sum()),
        "crossings": int((used & (corridor.kind == Kind.CROSSING)).sum()),
        "bored": int((used & (corridor.kind == Kind.CROSSING) & (corridor.surface == "")).sum()),
        "taps": int((used & (corridor.kind == Kind.TAP)).sum()),
        "pole_m": float(length_m[used & (corridor.kind == Kind.POLE)].sum()),
        "tunnel_m": float(length_m[used & (corridor.kind == Kind.TUNNEL)].sum()),
        "line_m": float((books.used * length_m).sum()),
    }


def proven(problem: Problem, plan: Plan, designed: Design) -> dict[str, object]:
    """Return how far a plan is from the best possible; bounds are rounded down, so that they hold.

    ``cost_bounded_yuan`` is what the plan costs without its drains, of which the bound does not
    speak; the gap counts from it.
    """
    cost = round(bounded_yuan(problem, plan), 2)
    bound = min(math.floor(designed.bound_yuan * 100) / 100, cost)
    best = cost > 0 and cost - bound <= LEAST_GAP * cost
    return {
        "status": "empty" if not plan.routes else "optimal" if best else "feasible",
        "cost_bounded_yuan": cost,
        "bound_yuan": bound,
        "gap": 1.0 - bound / cost if cost > 0 else 0.0,
    }


def compared(connections: gpd.GeoDataFrame, applications: pd.DataFrame) -> dict[str, object]:
    """Return how long the routes are against the connections that the data already had.

    Parameters
    ----------
    connections, applications
        Frames of `layers.tables`; only applications with ``existing_m`` count, where they are
        connected.

    Returns
    -------
    dict
        ``existing``: utility to ``connections``, their ``existing_m`` in the data and their
        ``rerouted_m`` here, both outside the red line; null where the data has none.
    """
    known = applications[["application_id", "existing_m"]].dropna()
    again = connections[["application_id", "utility", "outside_m"]].merge(known)
    if again.empty:
        return {"existing": None}
    sums = again.groupby("utility", sort=True).agg(
        connections=("application_id", "nunique"),
        existing_m=("existing_m", "sum"),
        rerouted_m=("outside_m", "sum"),
    )
    return {"existing": sums.round(1).to_dict("index")}
