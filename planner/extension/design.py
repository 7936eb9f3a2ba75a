"""The joint design: all utilities and all parcels over trenches that are paid once.

`planner.extension.joint` decides on the edges of every commodity together and proves what every
plan costs at least. Its edges become routes, each from one tie-in of the demand's class with
capacity left; whoever finds none there, second supplies and drains are laid over what is there.
Then demands, and all demands of a parcel together, are taken out and laid again as long as that
saves. The overlay of the baselines stands by, so that the design is never dearer than it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from planner.extension.arrays import Bools
from planner.extension.joint.certificate import Certificate
from planner.extension.joint.solve import solve
from planner.extension.network import Laying
from planner.extension.problem import Plan, Problem, uses
from planner.extension.statement import bounded, kinds_of, state

SHARES = (1.0, 0.6, 0.3)
"""Parts of an unopened trench's price that demands laid again together expect to bear."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """Routes of all demands, and what every plan costs at least.

    Parameters
    ----------
    plan
        At most as dear as the overlay it was made from, serving the same demands.
    bound_yuan
        What the certificate proves: no plan that serves the same demands costs less, drains aside.
    solver_bound_yuan
        The same as branching in floating point finds it, at least `bound_yuan`.
    certificate
        Multipliers for the statement of `planner.extension.statement.state`.
    """

    plan: Plan
    bound_yuan: float
    solver_bound_yuan: float
    certificate: Certificate


def design(
    problem: Problem, overlay: Plan, *, effort: float, passes: int, insertions: int
) -> Design:
    """Route all demands of a plan together.

    Parameters
    ----------
    problem
        What is to be routed.
    overlay
        A plan to improve on; the design serves the same demands.
    effort
        Multiple of the usual steps of the joint search. Two runs give the same plan.
    passes
        Rounds of re-insertion at most.
    insertions
        Routes laid again at most.
    """
    asked = bounded(problem, overlay)
    kinds = kinds_of(problem, asked)
    begin = uses(problem, overlay.routes)[kinds]
    joint = solve(state(problem, asked), begin=begin, effort=effort)
    used = np.zeros(problem.line_yuan.shape, dtype=bool)
    used[kinds] = joint.used
    laying = _follow(problem, overlay, asked, used)
    _improve(laying, passes=passes, insertions=insertions)
    plan = laying.plan()
    better = plan.served == overlay.served and plan.cost_yuan < overlay.cost_yuan
    return Design(
        plan=plan if better else overlay,
        bound_yuan=joint.certified_yuan,
        solver_bound_yuan=joint.bound_yuan,
        certificate=joint.certificate,
    )


def _follow(problem: Problem, overlay: Plan, asked: Sequence[int], used: Bools) -> Laying:
    """Lay every demand along the edges of its commodity, the largest first, then all others."""
    laying = Laying(problem, problem.trench_yuan)
    for demand in sorted(asked, key=lambda d: (-problem.quantity[d], d)):
        laying.follow(demand, used[problem.commodity[demand]])
    served = sorted({route.demand for route in overlay.routes})
    for demand in served:
        if not laying.routes_of(demand):
            laying.insert(demand)
    for demand in served:
        laying.add_second(demand)
    return laying


def _improve(laying: Laying, *, passes: int, insertions: int) -> None:
    """Take out and lay again, demand by demand and parcel by parcel, while that saves."""
    routed = sorted({route.demand for route in laying.plan().routes})
    groups = [*([demand] for demand in routed), *_by_parcel(laying.problem, routed)]
    for _ in range(passes):
        before_yuan = laying.cost_yuan
        for group in groups:
            if laying.insertions > insertions:
                return
            _again(laying, group, shares=SHARES[:1] if len(group) == 1 else SHARES[1:])
        if laying.cost_yuan > before_yuan - 1e-6 * max(before_yuan, 1.0):
            return


def _by_parcel(problem: Problem, routed: Sequence[int]) -> list[list[int]]:
    """Return the demands of every parcel that has more than one."""
    ordered = sorted(routed, key=lambda d: (int(problem.node[d]), d))
    groups = (list(group) for _, group in groupby(ordered, key=lambda d: int(problem.node[d])))
    return [group for group in groups if len(group) > 1]


def _again(laying: Laying, group: Sequence[int], *, shares: Sequence[float]) -> None:
    """Lay a group's demands again with each expectation of sharing; keep what is cheapest."""
    for share in shares:
        before_yuan = laying.cost_yuan
        old = {demand: laying.remove(demand) for demand in group}
        for demand in group:
            laying.insert(demand, share=share)
        if share < 1.0:
            for demand in group:
                laying.remove(demand)
                laying.insert(demand)
        kept = all(len(laying.routes_of(demand)) == len(old[demand]) for demand in group)
        if not kept or laying.cost_yuan > before_yuan - 1e-9 * max(before_yuan, 1.0):
            for demand in group:
                laying.remove(demand)
            for demand in group:
                laying.add(old[demand])
            laying.cost_yuan = before_yuan
