"""Annealing over routes: some lines are taken out and laid anew, and what saves is kept.

Every plan on the way is legal: each supply has one tie-in of its class with enough left, second
supplies share neither edge nor tie-in with the first.
"""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from planner.extension.arrays import Ints
from planner.extension.joint.chance import seeds
from planner.extension.joint.model import parts
from planner.extension.kernel import adjacency
from planner.extension.problem import Plan, Problem, Route, cost_yuan
from planner.extension.reroute_kernels import BEST, FORBIDDEN, Ground, State, anneal, keep, lay

NEAR = 6
"""Parcels that are near one another."""

MOVES_PER_ROUTE, LEAST_MOVES, MOST_MOVES = 240, 4_000, 100_000
"""Moves at full effort."""

HOT, COLD = 0.5, 0.001
"""First and last temperature, in parts of the mean cost of a route."""

LONGER = 4
"""How many times the longest route of the first plan, in edges, a route may have."""

ROOM = 512
"""Edges that any route may have, and supplies that one move may lay anew."""


def reroute(problem: Problem, plan: Plan, *, effort: float = 1.0, seed: int = 0) -> Plan:
    """Improve a plan by annealing.

    Parameters
    ----------
    problem
        What is asked.
    plan
        Serves whoever is to be served; no tie-in gives more than it has.
    effort
        Multiple of the usual number of moves.
    seed
        Decides everything that is drawn.

    Returns
    -------
    Plan
        Serving the same demands, at most as dear.
    """
    if not plan.routes:
        return plan
    ground, state = _ground(problem, plan), _state(problem, plan, seed)
    for slot in range(len(plan.routes)):
        lay(ground, state, slot)
    state.tally[BEST] = np.iinfo(np.int64).max
    keep(state)
    moves = int(effort * np.clip(MOVES_PER_ROUTE * len(plan.routes), LEAST_MOVES, MOST_MOVES))
    mean = max(float(state.tally[BEST]) / len(plan.routes), 1.0)
    anneal(ground, state, moves, HOT * mean, COLD * mean)
    routes = tuple(
        Route(route.demand, route.second, int(tie), way[:length].copy())
        for route, tie, length, way in zip(
            plan.routes, state.best_tie, state.best_length, state.best_way, strict=True
        )
    )
    return min(plan, Plan(routes, cost_yuan(problem, routes)), key=lambda one: one.cost_yuan)


def _ground(problem: Problem, plan: Plan) -> Ground:
    corridor = problem.corridor
    graph = corridor.graph
    demand = np.array([route.demand for route in plan.routes], dtype=np.int64)
    second = np.array([route.second for route in plan.routes], dtype=bool)
    first = np.flatnonzero(~second)
    nodes, parcel = np.unique(problem.node[demand[first]], return_inverse=True)
    order = np.argsort(parcel, kind="stable")
    line = np.full(problem.line_yuan.shape, FORBIDDEN, dtype=np.int64)
    open_to = np.isfinite(problem.line_yuan)
    line[open_to] = parts(problem.line_yuan[open_to])
    pointers, neighbours, edges = adjacency(len(graph.node_xy), graph.edge_u, graph.edge_v)
    return Ground(
        pointers=pointers,
        neighbours=np.ascontiguousarray(neighbours, dtype=np.int64),
        edges=np.ascontiguousarray(edges, dtype=np.int64),
        tail=np.repeat(np.arange(len(graph.node_xy)), np.diff(pointers)),
        passable=corridor.passable,
        trench=parts(problem.trench_yuan),
        line=line,
        tie_node=int(corridor.tie_in_node[0]),
        demand=demand,
        second=second,
        commodity=problem.commodity,
        quantity=problem.quantity,
        node=problem.node,
        admits=problem.admits,
        capacity=problem.sources.capacity,
        parcel_ptr=np.searchsorted(parcel[order], np.arange(len(nodes) + 1)).astype(np.int64),
        parcel_slots=first[order],
        near=_near(problem, nodes),
    )


def _near(problem: Problem, nodes: Ints) -> Ints:
    """Return for each parcel itself and the nearest others, by straight line."""
    xy = problem.corridor.graph.node_xy[nodes]
    count = min(NEAR, len(nodes))
    found: Ints = cKDTree(xy).query(xy, k=list(range(1, count + 1)))[1].astype(np.int64)
    found[:, 0] = np.arange(len(nodes))
    return found


def _state(problem: Problem, plan: Plan, seed: int) -> State:
    slots, (kinds, edges) = len(plan.routes), problem.line_yuan.shape
    nodes = len(problem.corridor.graph.node_xy)
    lengths = np.array([len(route.edges) for route in plan.routes], dtype=np.int64)
    room = max(ROOM, LONGER * int(lengths.max()))
    way = np.zeros((slots, room), dtype=np.int64)
    for row, route in zip(way, plan.routes, strict=True):
        row[: len(route.edges)] = route.edges
    at_slots = (np.zeros(slots, dtype=np.int64) for _ in range(2))
    at_nodes = (np.zeros(nodes, dtype=np.int64) for _ in range(3))
    best_length, best_tie = at_slots
    dist, by, when = at_nodes
    return State(
        way=way,
        length=lengths,
        tie=np.array([route.tie_in for route in plan.routes], dtype=np.int64),
        best_way=np.zeros_like(way),
        best_length=best_length,
        best_tie=best_tie,
        stale=np.ones(slots, dtype=bool),
        old_way=np.zeros((ROOM, room), dtype=np.int64),
        old_length=np.zeros(ROOM, dtype=np.int64),
        old_tie=np.zeros(ROOM, dtype=np.int64),
        chosen=np.zeros(ROOM, dtype=np.int64),
        uses=np.zeros((kinds, edges), dtype=np.int64),
        diggers=np.zeros(edges, dtype=np.int64),
        left=problem.sources.capacity.copy(),
        dist=dist,
        by=by,
        when=when,
        banned=np.zeros(edges, dtype=np.int64),
        keys=np.zeros(2 * edges + 1, dtype=np.int64),
        heap=np.zeros(2 * edges + 1, dtype=np.int64),
        tally=np.zeros(3, dtype=np.int64),
        random=seeds(seed),
    )
