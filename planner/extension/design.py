"""The joint design: all utilities and all parcels over trenches that are paid once.

A shortest-path heuristic lays one demand after another, each seeing what is open already, from
several orders and with several expectations of sharing; then demands, and all demands of a parcel
together, are taken out and laid again as long as that saves. The overlay of the baselines is one
of the starts, so that the design is never dearer than it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby

from planner.extension.network import Laying
from planner.extension.problem import Plan, Problem

SHARES = (1.0, 0.6, 0.3)
"""Parts of an unopened trench's price that a demand expects to bear, one start each."""

Progress = Callable[[str, float], None]


def design(
    problem: Problem,
    overlay: Plan,
    *,
    passes: int,
    insertions: int,
    progress: Progress | None = None,
) -> Plan:
    """Route all demands of a plan together.

    Parameters
    ----------
    problem
        What is to be routed.
    overlay
        A plan to improve on; the design serves the same demands.
    passes
        Rounds of re-insertion for every start at most.
    insertions
        Effort: routes laid for every start at most. Two runs give the same plan.
    progress
        Called with a message and the share done.

    Returns
    -------
    Plan
        At most as dear as the overlay.
    """
    starts = [_follow(problem, overlay)]
    starts += [start for share in SHARES if (start := _lay(problem, overlay, share)) is not None]
    best = overlay
    for number, laying in enumerate(starts):
        if progress is not None:
            progress("extension_design", number / len(starts))
        _improve(laying, passes=passes, insertions=insertions)
        plan = laying.plan()
        if plan.cost_yuan < best.cost_yuan:
            best = plan
    return best


def _follow(problem: Problem, plan: Plan) -> Laying:
    laying = Laying(problem, problem.trench_yuan)
    laying.add(plan.routes)
    return laying


def _lay(problem: Problem, overlay: Plan, share: float) -> Laying | None:
    """Lay the overlay's demands anew, near ones first; None where capacities leave one out."""
    laying = Laying(problem, problem.trench_yuan)
    reach: dict[int, float] = {}
    for route in overlay.routes:
        length_m = float(problem.corridor.graph.edge_length_m[route.edges].sum())
        reach[route.demand] = max(length_m, reach.get(route.demand, 0.0))
    for demand in sorted(reach, key=lambda d: (reach[d], d)):
        laying.insert(demand, share=share)
    return laying if laying.plan().served == overlay.served else None


def _improve(laying: Laying, *, passes: int, insertions: int) -> None:
    """Take out and lay again, demand by demand and parcel by parcel, while that saves."""
    routed = sorted({route.demand for route in laying.plan().routes})
    parcels = _by_parcel(laying.problem, routed)
    for _ in range(passes):
        before_yuan = laying.cost_yuan
        for group in [*([d] for d in routed), *parcels]:
            if laying.insertions > insertions:
                return
            _again(laying, group, shares=(1.0,) if len(group) == 1 else SHARES[1:])
        if laying.cost_yuan > before_yuan - 1e-6 * max(before_yuan, 1.0):
            return


def _by_parcel(problem: Problem, routed: Sequence[int]) -> list[list[int]]:
    """Return the demands of every parcel that has more than one."""
    ordered = sorted(routed, key=lambda d: (int(problem.node[d]), d))
    groups = (list(group) for _, group in groupby(ordered, key=lambda d: int(problem.node[d])))
    return [group for group in groups if len(group) > 1]


def _again(laying: Laying, group: Sequence[int], *, shares: Iterable[float]) -> None:
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
