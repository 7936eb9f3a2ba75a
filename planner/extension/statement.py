"""The routing as the joint design is asked it: one line to every demand, whichever tie-in gives.

What is asked is less than what a plan keeps: tie-ins of several commodities give to each their
whole capacity, and to whoever is admitted to any; second supplies and drains are left out.
So a bound on its cost is one on the cost of every plan that serves the same demands, drains aside.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from planner.extension.arrays import Bools, Floats, Ints
from planner.extension.joint.model import PARTS, Model, Points
from planner.extension.problem import Plan, Problem, cost_yuan

MOST_SUMS = 2_000_000
"""Sums of demands up to which it is worked out how much of a tie-in they can use."""


def bounded(problem: Problem, plan: Plan) -> list[int]:
    """Return the demands of a plan of which a bound speaks: all that it serves but drains."""
    served = {route.demand for route in plan.routes}
    return sorted(d for d in served if problem.demands[d].utility != "drain")


def bounded_yuan(problem: Problem, plan: Plan) -> float:
    """Return what a plan would cost without its drains."""
    spoken_of = set(bounded(problem, plan))
    return cost_yuan(problem, tuple(r for r in plan.routes if r.demand in spoken_of))


def state(problem: Problem, demands: Collection[int]) -> Model:
    """State what it takes to serve some demands together.

    Parameters
    ----------
    problem
        Graph, prices, tie-ins and demands.
    demands
        Positions of the demands to be served.

    Returns
    -------
    Model
        A utility for each commodity of the demands, in the order of `Problem.commodities`; nodes
        and edges are those of the corridor's graph.
        Amounts are rounded to whole thousandths so that whoever can be served stays so.
    """
    graph, asked = problem.corridor.graph, np.array(sorted(demands), dtype=np.int64)
    kinds = np.unique(problem.commodity[asked])
    groups = [asked[problem.commodity[asked] == kind] for kind in kinds]
    open_to = [_open_to(problem, group) for group in groups]
    passable = np.array(open_to, dtype=bool).reshape(len(kinds), len(graph.node_xy))
    passable = passable[:, graph.edge_u] & passable[:, graph.edge_v]
    sources = tuple(_sources(problem, group) for group in groups)
    terminals = tuple(_terminals(problem, group) for group in groups)
    return Model(
        nodes=len(graph.node_xy),
        u=graph.edge_u,
        v=graph.edge_v,
        trench_yuan=problem.trench_yuan,
        line_yuan=np.where(passable, problem.line_yuan[kinds], np.inf),
        names=tuple(_name(problem, int(kind)) for kind in kinds),
        sources=sources,
        terminals=terminals,
        ends=_ends(problem, groups),
        unsplit=_unsplit(sources, terminals),
    )


def _name(problem: Problem, kind: int) -> str:
    one = problem.commodities[kind]
    return "/".join(part for part in (one.utility, one.service_class, one.operator) if part)


def _open_to(problem: Problem, group: Ints) -> Bools:
    """Return the nodes to which the lines of one commodity may go, (n,)."""
    result = problem.corridor.passable
    result[problem.node[group]] = True
    result[problem.corridor.tie_in_node[problem.admits[group].any(axis=0)]] = True
    return result


def _sources(problem: Problem, group: Ints) -> Points:
    """Return the tie-ins of a commodity with the most that whole demands can draw from each."""
    admitted = np.flatnonzero(problem.admits[group].any(axis=0))
    needed = _thousandths(problem.quantity[group])
    most = [
        _fullest(needed[problem.admits[group, tie]], float(problem.sources.capacity[tie]))
        for tie in admitted
    ]
    return Points(problem.corridor.tie_in_node[admitted], np.array(most, dtype=float))


def _unsplit(sources: tuple[Points, ...], terminals: tuple[Points, ...]) -> Bools:
    """Return the commodities that nobody asks for where there is a tie-in."""
    pairs = zip(sources, terminals, strict=True)
    apart = [not np.isin(one.node[one.amount > 0], other.node).any() for one, other in pairs]
    return np.array(apart, dtype=bool)


def _fullest(needed: Floats, capacity: float) -> float:
    """Return the largest sum of some demands that a capacity holds; itself if there are many.

    Examples
    --------
    >>> _fullest(np.array([80.0, 25.0, 25.0]), 72.0)
    50.0
    """
    room = int(np.ceil(capacity * PARTS)) + int((needed * PARTS <= 1).sum())  # dust was raised
    wanted = np.rint(needed * PARTS).astype(np.int64)
    if wanted.sum() <= room:
        return float(wanted.sum()) / PARTS
    held = wanted[wanted <= room]
    step = int(np.gcd.reduce(held)) if held.size else room + 1
    most = room // step
    if most > MOST_SUMS:
        return room / PARTS
    sums = 1  # bit s: some of the demands draw s steps
    for one in (held // step).tolist():
        sums = (sums | sums << one) & ((2 << most) - 1)
    return (sums.bit_length() - 1) * step / PARTS


def _terminals(problem: Problem, group: Ints) -> Points:
    return Points(problem.node[group], _thousandths(problem.quantity[group]))


def _thousandths(quantity: Floats) -> Floats:
    """Return demands rounded down to thousandths, but to no less than one."""
    rounded: Floats = np.maximum(np.floor(quantity * PARTS), 1.0) / PARTS
    return rounded


def _ends(problem: Problem, groups: list[Ints]) -> Ints:
    """Return the parcels at which every commodity has one line at most.

    A parcel with several demands of one commodity may be entered by as many lines.
    """
    nothing = np.zeros(0, dtype=np.int64)
    nodes = np.concatenate([nothing, *(problem.node[group] for group in groups)])
    several = np.concatenate([nothing, *(_repeated(problem.node[group]) for group in groups)])
    found: Ints = np.setdiff1d(nodes, several)
    return found


def _repeated(nodes: Ints) -> Ints:
    values, counts = np.unique(nodes, return_counts=True)
    repeated: Ints = values[counts > 1]
    return repeated
