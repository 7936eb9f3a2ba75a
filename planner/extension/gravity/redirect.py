"""Plans whose drains take the way that is cheapest with their depth, each plan with the same."""

from __future__ import annotations

import numpy as np

from layers.county import County
from planner.extension.baselines import Separate, alone_yuan, by_acceptance
from planner.extension.gravity.descent import heights, routes
from planner.extension.gravity.levels import mains
from planner.extension.problem import Plan, Problem, Route, cost_yuan, left_over, uses
from planner.extension.summary import Plans
from planner.settings import Settings


def redirect(problem: Problem, plans: Plans, county: County, settings: Settings) -> Plans:
    """Return the plans with the drains led downhill where that is cheaper.

    The routes of drains are found once, over the trenches of the joint plan's other routes, and
    stand in every plan alike: they take no part in what the plans are compared by.

    Parameters
    ----------
    problem, plans
        The routing and what is compared.
    county, settings
        Terrain and levels of mains; without terrain the plans stay as they are.

    Returns
    -------
    Plans
        Serving the same demands; the joint plan never dearer than the overlay, and that never
        dearer than everyone alone. Where the way downhill would leave a drain out for lack of
        capacity, the plans stay as they are.
    """
    drains = [d for d in by_acceptance(problem) if problem.demands[d].utility == "drain"]
    served = [d for d in drains if (d, False) in plans.joint.served]
    if county.terrain is None or not served:
        return plans
    others = Plan(_without(problem, plans.joint.routes), 0.0)
    downhill = routes(
        problem,
        served,
        ground=heights(
            problem,
            county.terrain,
            county.crs,
            step_m=settings.number("extension.drain_step_m"),
        ),
        known=mains(county, settings),
        left=left_over(problem, others),
        opened=np.asarray(uses(problem, others.routes).any(axis=0)),
        settings=settings,
    )
    if len(downhill) < len(served):
        return plans
    alone = _with(problem, plans.separate.plan, downhill)
    route_yuan = tuple(alone_yuan(problem, route) for route in alone.routes)
    overlay = min(_with(problem, plans.overlay, downhill), alone, key=_cost)
    joint = min(_with(problem, plans.joint, downhill), overlay, key=_cost)
    return Plans(Separate(Plan(alone.routes, sum(route_yuan)), route_yuan), overlay, joint)


def _without(problem: Problem, planned: tuple[Route, ...]) -> tuple[Route, ...]:
    return tuple(r for r in planned if problem.demands[r.demand].utility != "drain")


def _with(problem: Problem, plan: Plan, downhill: tuple[Route, ...]) -> Plan:
    """Return a plan with other routes for its drains, in the order of the demands."""
    every = (*_without(problem, plan.routes), *downhill)
    kept = tuple(sorted(every, key=lambda route: (route.demand, route.second)))
    return Plan(kept, cost_yuan(problem, kept))


def _cost(plan: Plan) -> float:
    return plan.cost_yuan
