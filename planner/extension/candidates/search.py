"""The next-best entries of every connection, priced over what stands of the plan."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from planner.extension.arrays import Bools, Floats
from planner.extension.candidates import kernel
from planner.extension.candidates.entries import Entries, entries
from planner.extension.kernel import adjacency
from planner.extension.network import SHORTER_YUAN_PER_M
from planner.extension.problem import Plan, Problem, Route, cost_yuan
from planner.extension.standing import Standing

NEXT_BEST = 2
"""Entries listed beside the plan's own."""
_LEAST_GAIN = 1e-9
"""Share of the plan's cost below which a cheaper way counts as equally dear."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One other entry of a route of the plan.

    Parameters
    ----------
    number
        Position of the route in the plan.
    rank
        1 for the cheapest other entry, 2 for the next.
    route
        The way to it.
    yuan, present_yuan
        What this way and the plan's own cost, each over all other routes of the plan.
    trench, line
        On each of its edges: whether another's trench is open, and whether its line lies there.
    """

    number: int
    rank: int
    route: Route
    yuan: float
    present_yuan: float
    trench: Bools
    line: Bools

    @property
    def extra_yuan(self) -> float:
        """What the plan would cost more with this entry."""
        return self.yuan - self.present_yuan


class _Search:
    """The parts of the search that all routes of a problem share."""

    def __init__(self, problem: Problem, found: Entries) -> None:
        corridor = problem.corridor
        graph = corridor.graph
        self.problem = problem
        self.entries = found
        self._rows = adjacency(len(graph.node_xy), graph.edge_u, graph.edge_v)
        self._passable = corridor.passable
        self._shorter = SHORTER_YUAN_PER_M * graph.edge_length_m

    def ways(self, standing: Standing, route: Route, price: Floats) -> Iterator[Route]:
        """Yield the cheapest way of a route's demand to each of its cheapest entries."""
        problem, demand = self.problem, route.demand
        admitted = problem.admits[demand] & (standing.left >= problem.quantity[demand])
        admitted[route.tie_in] = True
        weight = price + self._shorter
        for other in standing.of_demand(demand):
            if other is not route:
                weight[other.edges] = np.inf
                admitted[other.tie_in] = False
        nodes = problem.corridor.tie_in_node
        target = np.zeros(len(self._passable), dtype=bool)
        target[nodes[admitted]] = True
        corridor = problem.corridor
        net = kernel.Net(
            *self._rows, weight, self._passable, target, self.entries.place, corridor.pipe
        )
        reached, counts, edges = kernel.ways(net, int(problem.node[demand]), NEXT_BEST + 1)
        parts = np.split(edges, np.cumsum(counts)[:-1]) if len(counts) else []
        for node, part in zip(reached, parts, strict=True):
            yield Route(demand, route.second, int(node - nodes[0]), part)


def candidates(problem: Problem, plan: Plan, *, apart_m: float) -> tuple[Candidate, ...]:
    """Return the two next-best entries of every route of a plan.

    The route is thought away, all else stays: open trenches, lines of its own commodity, what the
    tie-ins have left. A second supply keeps clear of the first, and the first of the second.

    Parameters
    ----------
    problem, plan
        What was asked and what was decided.
    apart_m
        Ends at a red line that are nearer to one another are one place.

    Returns
    -------
    tuple of Candidate
        In the order of the routes, then by cost; fewer than two for a route where there are no
        more entries.
    """
    search = _Search(problem, entries(problem, apart_m))
    standing = Standing(problem, plan)
    found: list[Candidate] = []
    for number, route in enumerate(plan.routes):
        found.extend(_others(search, standing, number, route))
    return tuple(found)


def _others(search: _Search, standing: Standing, number: int, route: Route) -> Iterator[Candidate]:
    own = search.entries.of(route)
    price = standing.price(route)
    trench, line = standing.laid(route)
    ways = (w for w in search.ways(standing, route, price) if search.entries.of(w) != own)
    for rank, way in zip(range(1, NEXT_BEST + 1), ways, strict=False):
        yield Candidate(
            number=number,
            rank=rank,
            route=way,
            yuan=float(price[way.edges].sum()),
            present_yuan=float(price[route.edges].sum()),
            trench=trench[way.edges],
            line=line[way.edges],
        )


def settled(problem: Problem, plan: Plan, *, passes: int) -> Plan:
    """Return a plan in which no single route has a cheaper way.

    Drains stay where they are: depth decides on their ways.

    Parameters
    ----------
    problem, plan
        What was asked and what was decided.
    passes
        Rounds over all routes at most.

    Returns
    -------
    Plan
        Of the same demands, at most as dear.
    """
    search = _Search(problem, entries(problem, 0.0))
    standing = Standing(problem, plan)
    least_yuan = _LEAST_GAIN * max(plan.cost_yuan, 1.0)
    for _ in range(passes):
        gained = [_better(search, standing, n, least_yuan) for n in range(len(plan.routes))]
        if not any(gained):
            break
    routes = tuple(standing.routes)
    return min(plan, Plan(routes, cost_yuan(problem, routes)), key=lambda one: one.cost_yuan)


def _better(search: _Search, standing: Standing, number: int, least_yuan: float) -> bool:
    """Replace a route by a cheaper way; return whether there was one."""
    route = standing.routes[number]
    if search.problem.demands[route.demand].utility == "drain":
        return False
    price = standing.price(route)
    best = next(search.ways(standing, route, price), route)
    if price[best.edges].sum() > price[route.edges].sum() - least_yuan:
        return False
    standing.replace(number, best)
    return True
