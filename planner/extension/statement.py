"""The routing as the joint design is asked it: one line to every demand, whichever tie-in gives.

What is asked is less than what a plan keeps: a demand may draw from several tie-ins, tie-ins of
several commodities give to each their whole capacity, second supplies and drains are left out.
So a bound on its cost is one on the cost of every plan that serves the same demands, drains aside.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from planner.extension.arrays import Bools, Floats, Ints
from planner.extension.joint.model import PARTS, Model, Points
from planner.extension.problem import Plan, Problem


def bounded(problem: Problem, plan: Plan) -> list[int]:
    """Return the demands of a plan of which a bound speaks: all that it serves but drains."""
    served = {route.demand for route in plan.routes}
    return sorted(d for d in served if problem.demands[d].utility != "drain")


def kinds_of(problem: Problem, demands: Collection[int]) -> Ints:
    """Return the commodities of some demands, ascending: the rows of their statement."""
    found: Ints = np.unique(problem.commodity[list(demands)])
    return found


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
        A utility for each of `kinds_of`; nodes and edges are those of the corridor's graph.
        Amounts are rounded to whole thousandths so that whoever can be served stays so.
    """
    graph, asked = problem.corridor.graph, np.array(sorted(demands), dtype=np.int64)
    kinds = kinds_of(problem, asked.tolist())
    groups = [asked[problem.commodity[asked] == kind] for kind in kinds]
    open_to = np.stack([_open_to(problem, group) for group in groups])
    passable = open_to[:, graph.edge_u] & open_to[:, graph.edge_v]
    return Model(
        nodes=len(graph.node_xy),
        u=graph.edge_u,
        v=graph.edge_v,
        trench_yuan=problem.trench_yuan,
        line_yuan=np.where(passable, problem.line_yuan[kinds], np.inf),
        names=tuple(_name(problem, int(kind)) for kind in kinds),
        sources=tuple(_sources(problem, group) for group in groups),
        terminals=tuple(_terminals(problem, group) for group in groups),
        ends=_ends(problem, groups),
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
    admitted = problem.admits[group].any(axis=0)
    needed = _thousandths(problem.quantity[group])
    left = np.ceil(problem.sources.capacity[admitted] * PARTS) / PARTS
    dust = (needed * PARTS <= 1).sum() / PARTS  # demands below a thousandth are raised to one
    return Points(
        problem.corridor.tie_in_node[admitted], np.minimum(left + dust, needed.sum() + dust)
    )


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
    nodes = np.concatenate([problem.node[group] for group in groups])
    several = [_repeated(problem.node[group]) for group in groups]
    found: Ints = np.setdiff1d(nodes, np.concatenate(several))
    return found


def _repeated(nodes: Ints) -> Ints:
    values, counts = np.unique(nodes, return_counts=True)
    repeated: Ints = values[counts > 1]
    return repeated
