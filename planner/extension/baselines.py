"""What the joint design is compared with: everyone alone, and utilities overlaid.

Separate: applications in the order in which they were accepted; each takes the cheapest way to a
tie-in that still has capacity and digs all of it itself. Overlay: every utility routes its own
applications well, each for itself, and where the routes of utilities coincide the trench is
shared afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from planner.extension.network import Laying
from planner.extension.problem import Plan, Problem, Route, cost_yuan, left_over


@dataclass(frozen=True, slots=True)
class Separate:
    """Everyone alone: the routes, and what each of them costs."""

    plan: Plan
    route_yuan: tuple[float, ...]

    def by_route(self) -> dict[tuple[int, bool], float]:
        """Return the cost of each demand's route, apart for its second supply."""
        return {
            (route.demand, route.second): yuan
            for route, yuan in zip(self.plan.routes, self.route_yuan, strict=True)
        }


def by_acceptance(problem: Problem) -> list[int]:
    """Return the demands in the order in which they were accepted, undated ones last."""
    return sorted(
        range(len(problem.demands)), key=lambda d: (problem.demands[d].accepted_on or date.max, d)
    )


def alone_yuan(problem: Problem, route: Route) -> float:
    """Return what a route costs whoever lays it without anyone else, planned works included."""
    kind = problem.commodity[route.demand]
    each = problem.dug_yuan[route.edges] + problem.line_yuan[kind, route.edges]
    return float(each.sum())


def separate(problem: Problem) -> Separate:
    """Route every demand alone, first come, first served.

    A demand that finds all its tie-ins taken may send one earlier demand to another tie-in.
    """
    laying = Laying(problem, shared=False)
    for demand in by_acceptance(problem):
        if not laying.insert(demand):
            _make_room(laying, demand)
    plan = laying.plan()
    route_yuan = tuple(alone_yuan(problem, route) for route in plan.routes)
    return Separate(Plan(plan.routes, sum(route_yuan)), route_yuan)


def _make_room(laying: Laying, demand: int) -> None:
    """Lay a demand by sending one other that draws from its tie-ins elsewhere, if that helps."""
    problem = laying.problem
    rivals = np.flatnonzero((problem.admits & problem.admits[demand]).any(axis=1))
    for rival in rivals:
        moved = laying.remove(int(rival))
        if not moved:
            continue
        if laying.insert(demand) and len(laying.insert(int(rival))) == len(moved):
            return
        laying.remove(demand)
        laying.remove(int(rival))
        laying.add(moved)


def overlay(problem: Problem, alone: Plan) -> Plan:
    """Route every commodity by itself and let coincident trenches be shared afterwards.

    The separate routes, overlaid, are a second candidate; the cheaper one is returned.

    Parameters
    ----------
    problem
        What is to be routed.
    alone
        The separate plan; the overlay serves the same demands.
    """
    overlaid = Plan(alone.routes, cost_yuan(problem, alone.routes))
    routes: list[Route] = []
    for kind in range(len(problem.commodities)):
        laying = Laying(problem, shared=True)
        wanted = [d for d in _served(alone) if problem.commodity[d] == kind]
        for demand in wanted:
            laying.insert(demand)
        routes.extend(laying.plan().routes)
    own = Plan(tuple(sorted(routes, key=_order)), cost_yuan(problem, tuple(routes)))
    fits = own.served == alone.served and within_capacity(problem, own)
    return min(own, overlaid, key=_cost) if fits else overlaid


def _served(plan: Plan) -> list[int]:
    return sorted({route.demand for route in plan.routes})


def _order(route: Route) -> tuple[int, bool]:
    return route.demand, route.second


def _cost(plan: Plan) -> float:
    return plan.cost_yuan


def within_capacity(problem: Problem, plan: Plan) -> bool:
    """Return whether no tie-in gives more than it has."""
    least = -1e-9 * np.maximum(np.nan_to_num(problem.sources.capacity), 1.0)
    return bool((np.nan_to_num(left_over(problem, plan)) >= least).all())
