"""Routes laid one after another over a corridor, as the baselines lay them.

`Laying` is a builder: it holds which commodity uses which edge and what the tie-ins have left,
adds and takes away routes, and finds the cheapest next route for what is there already.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from planner.extension import kernel
from planner.extension.arrays import Bools, Floats, Ints
from planner.extension.corridor import Corridor
from planner.extension.problem import Plan, Problem, Route, cost_yuan

SHORTER_YUAN_PER_M = 1e-6
"""Price of a metre that is paid already: of ways that cost the same, the shortest is taken."""


class Laying:
    """Routes of a problem that are being laid, planned works aside.

    Parameters
    ----------
    problem
        What is to be routed.
    shared
        Whether a route may use the lines of its own commodity; else every demand pays everything
        itself, as if nothing were laid, and only the tie-ins are shared.
    """

    def __init__(self, problem: Problem, *, shared: bool) -> None:
        corridor = problem.corridor
        graph = corridor.graph
        self.problem = problem
        self._shared = shared
        self._ways = Ways.of(corridor)
        self._shorter = SHORTER_YUAN_PER_M * graph.edge_length_m
        self._uses = np.zeros(problem.line_yuan.shape, dtype=np.int64)
        self._left = problem.sources.capacity.copy()
        self._routes: dict[int, tuple[Route, ...]] = {}

    def plan(self) -> Plan:
        """Return what has been laid, priced by the problem."""
        routes = tuple(r for demand in sorted(self._routes) for r in self._routes[demand])
        return Plan(routes, cost_yuan(self.problem, routes))

    def add(self, routes: Iterable[Route]) -> None:
        """Lay routes that are known."""
        for route in routes:
            self._uses[self.problem.commodity[route.demand], route.edges] += 1
            self._left[route.tie_in] -= self.problem.quantity[route.demand]
            self._routes[route.demand] = (*self._routes.get(route.demand, ()), route)

    def remove(self, demand: int) -> tuple[Route, ...]:
        """Take all routes of one demand away and return them."""
        routes = self._routes.pop(demand, ())
        for route in routes:
            self._uses[self.problem.commodity[demand], route.edges] -= 1
            self._left[route.tie_in] += self.problem.quantity[demand]
        return routes

    def insert(self, demand: int) -> tuple[Route, ...]:
        """Lay the cheapest routes of one demand, given what is laid already.

        Returns
        -------
        tuple of Route
            The routes laid: one, two for a dual source with a second way, none where no tie-in
            with capacity can be reached.
        """
        first = self._cheapest(demand, self._weights(demand), self._admitted(demand), second=False)
        if first is None:
            return ()
        self.add([first])
        if self.problem.demands[demand].dual_source:
            self._add_second(demand, first)
        return self._routes[demand]

    def _add_second(self, demand: int, first: Route) -> None:
        """Lay the second supply of a dual source, without an edge or a tie-in of the first."""
        weight = self._weights(demand)
        weight[first.edges] = np.inf
        admitted = self._admitted(demand)
        admitted[first.tie_in] = False
        second = self._cheapest(demand, weight, admitted, second=True)
        if second is not None:
            self.add([second])

    def _admitted(self, demand: int) -> Bools:
        """Return the tie-ins of the demand's class that have enough left."""
        enough = self._left >= self.problem.quantity[demand]
        admitted: Bools = self.problem.admits[demand] & enough
        return admitted

    def _weights(self, demand: int) -> Floats:
        kind = self.problem.commodity[demand]
        price = self.problem.line_yuan[kind] + self.problem.dug_yuan
        if self._shared:
            price = np.where(self._uses[kind] > 0, 0.0, price)
        weights: Floats = price + self._shorter
        return weights

    def _cheapest(
        self, demand: int, weight: Floats, admitted: Bools, *, second: bool
    ) -> Route | None:
        found = cheapest(self.problem, self._ways, demand, weight, admitted)
        return found and replace(found, second=second)


@dataclass(frozen=True, slots=True, eq=False)
class Ways:
    """The graph of a corridor as the search for a route reads it.

    Parameters
    ----------
    rows
        As `planner.extension.kernel.adjacency` returns them.
    passable
        As `planner.extension.corridor.Corridor.passable`, (n,).
    """

    rows: tuple[Ints, Ints, Ints]
    passable: Bools

    @classmethod
    def of(cls, corridor: Corridor) -> Ways:
        """Prepare a corridor once for many searches."""
        graph = corridor.graph
        rows = kernel.adjacency(len(graph.node_xy), graph.edge_u, graph.edge_v)
        return cls(rows, corridor.passable)


def cheapest(
    problem: Problem, ways: Ways, demand: int, weight: Floats, admitted: Bools
) -> Route | None:
    """Return the cheapest route of a demand to any admitted tie-in, None where none leads there.

    Parameters
    ----------
    weight
        Cost of each edge, infinite where it is forbidden, (m,).
    admitted
        Which tie-ins it may draw on, (t,).
    """
    nodes = problem.corridor.tie_in_node
    target = np.zeros(len(ways.passable), dtype=bool)
    target[nodes[admitted]] = True
    node = int(problem.node[demand])
    reached, edges = kernel.route(*ways.rows, weight, ways.passable, node, target)
    if reached < 0:
        return None
    return Route(demand, second=False, tie_in=int(reached - nodes[0]), edges=edges)


def pieces(problem: Problem, kind: int) -> Ints:
    """Return the connected piece of each node over all that one commodity may use, (n,).

    Parcels and tie-ins end their ways and join nothing: they are alone.
    """
    corridor = problem.corridor
    graph, passable = corridor.graph, corridor.passable
    leads = np.isfinite(problem.line_yuan[kind])
    leads &= passable[graph.edge_u] & passable[graph.edge_v]
    ends = (graph.edge_u[leads], graph.edge_v[leads])
    size = len(graph.node_xy)
    matrix = coo_array((np.ones(len(ends[0])), ends), shape=(size, size))
    return np.asarray(connected_components(matrix, directed=False)[1], dtype=np.int64)


def beside(problem: Problem, kind: int, nodes: Ints) -> tuple[Ints, Ints]:
    """Return which of some nodes have a neighbour that a commodity may go to, and the neighbours.

    Returns
    -------
    tuple
        Positions in `nodes` and nodes next to them, one pair for each edge.
    """
    graph = problem.corridor.graph
    open_to = np.isfinite(problem.line_yuan[kind])
    place = np.full(len(graph.node_xy), -1)
    place[nodes] = np.arange(len(nodes))
    here = np.concatenate([graph.edge_u[open_to], graph.edge_v[open_to]])
    there = np.concatenate([graph.edge_v[open_to], graph.edge_u[open_to]])
    found = place[here] >= 0
    return place[here[found]], there[found]


def reachable(problem: Problem, demand: int) -> Ints:
    """Return the tie-ins of a demand's class that its parcel is connected with, nearest first.

    Capacities are left aside; nearness is by straight line.
    """
    corridor, node = problem.corridor, int(problem.node[demand])
    kind = int(problem.commodity[demand])
    label = pieces(problem, kind)
    _, near = beside(problem, kind, np.array([node]))
    admitted = np.flatnonzero(problem.admits[demand])
    ties = corridor.tie_in_node
    place, next_to = beside(problem, kind, ties[admitted])
    joined = np.isin(label[next_to], label[near])
    found = np.unique(admitted[place[joined]])
    touching = admitted[np.isin(ties[admitted], near)]
    found = np.union1d(found, touching)
    xy = corridor.graph.node_xy
    distance_m = np.hypot(*(xy[ties[found]] - xy[node]).T)
    ordered: Ints = found[np.argsort(distance_m, kind="stable")]
    return ordered
