"""The joint design: all utilities and all parcels over trenches that are paid once.

The overlay of the baselines is improved by annealing over routes, and `planner.extension.joint`
proves what every plan that serves the same demands costs at least.
"""

from __future__ import annotations

from dataclasses import dataclass

from planner.extension.joint.certificate import Certificate
from planner.extension.joint.prove import prove
from planner.extension.problem import Plan, Problem
from planner.extension.reroute import reroute
from planner.extension.statement import bounded, bounded_yuan, state


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """Routes of all demands, and what every plan costs at least.

    Parameters
    ----------
    plan
        At most as dear as the overlay it was made from, serving the same demands.
    bound_yuan
        No plan that serves the same demands costs less, drains aside.
    certificate
        Multipliers for the statement of `planner.extension.statement.state` that prove it.
    """

    plan: Plan
    bound_yuan: float
    certificate: Certificate


def design(problem: Problem, overlay: Plan, *, effort: float) -> Design:
    """Route all demands of a plan together.

    Parameters
    ----------
    problem
        What is to be routed.
    overlay
        A plan to improve on; the design serves the same demands.
    effort
        Multiple of the usual steps of search and proof. Two runs give the same design.
    """
    plan = reroute(problem, overlay, effort=effort)
    model = state(problem, bounded(problem, plan))
    proof = prove(model, cost_yuan=bounded_yuan(problem, plan), effort=effort)
    return Design(plan=plan, bound_yuan=proof.bound_yuan, certificate=proof.certificate)
