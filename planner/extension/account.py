"""Who uses which edge of a plan, and what of its price falls to each route.

Routes that share edges, directly or through others, form a group; what a group costs is split in
proportion to what each of its routes would cost alone. The shares sum to the cost of the plan,
and nobody pays more than alone as long as the group saves at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from planner.extension.arrays import Bools, Floats, Ints, Objects
from planner.extension.problem import Plan, Problem, Route, uses
from planner.section.layout import cost_per_m
from planner.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A plan's routes seen from its edges; r routes, k commodities, m edges.

    Parameters
    ----------
    used
        Which commodity uses which edge, (k, m).
    routes_on
        Number of routes of each commodity on each edge, (k, m).
    share_yuan
        What falls to each route, (r,).
    first
        Whether a route is the first of its commodity on each of its own edges: it digs there.
    """

    plan: Plan
    used: Bools
    routes_on: Ints
    share_yuan: Floats
    first: tuple[Bools, ...]


def account(
    problem: Problem, plan: Plan, order: Sequence[int], alone_yuan: Sequence[float]
) -> Account:
    """Work out who pays what.

    Parameters
    ----------
    problem, plan
        What was asked and what was decided.
    order
        The demands in order; of several whose line is the same, the first digs.
    alone_yuan
        What each of the plan's routes would cost alone, (r,).
    """
    used = uses(problem, plan.routes)
    routes_on = np.zeros(used.shape, dtype=np.int64)
    digger = np.full(used.shape, len(plan.routes), dtype=np.int64)
    rank = {wanted: place for place, wanted in enumerate(order)}
    ranked = sorted(
        range(len(plan.routes)), key=lambda r: (rank[plan.routes[r].demand], plan.routes[r].second)
    )
    for number in reversed(ranked):
        route = plan.routes[number]
        kind = problem.commodity[route.demand]
        routes_on[kind, route.edges] += 1
        digger[kind, route.edges] = number
    first = tuple(
        digger[problem.commodity[route.demand], route.edges] == number
        for number, route in enumerate(plan.routes)
    )
    return Account(
        plan=plan,
        used=used,
        routes_on=routes_on,
        share_yuan=_shares(problem, plan, used, np.asarray(alone_yuan, dtype=float)),
        first=first,
    )


def _groups(plan: Plan, edge_count: int) -> Ints:
    """Return the group of each route: those that share edges, also through others, (r,)."""
    count = len(plan.routes)
    route = np.repeat(np.arange(count), [len(r.edges) for r in plan.routes])
    edge = np.concatenate([np.empty(0, dtype=np.int64), *(r.edges for r in plan.routes)])
    size = count + edge_count
    graph = coo_array((np.ones(len(edge)), (route, count + edge)), shape=(size, size))
    label: Ints = connected_components(graph, directed=False)[1][:count]
    return label


def _shares(problem: Problem, plan: Plan, used: Bools, alone_yuan: Floats) -> Floats:
    """Split the cost of every group in proportion to the cost of its routes alone, (r,)."""
    price = np.where(used.any(axis=0), problem.trench_yuan, 0.0)
    price = price + np.where(used, problem.line_yuan, 0.0).sum(axis=0)
    group = _groups(plan, len(price))
    result = np.zeros(len(plan.routes))
    for label in np.unique(group):
        members = np.flatnonzero(group == label)
        edges = np.unique(np.concatenate([plan.routes[m].edges for m in members]))
        weight = alone_yuan[members]
        if weight.sum() == 0:
            weight = np.ones(len(members))
        result[members] = price[edges].sum() * weight / weight.sum()
    return result


def line_of(problem: Problem, route: Route) -> shapely.LineString:
    """Return a route as one line from its tie-in, or the line tapped, to its parcel.

    A route of no length, where a parcel touches the tie-in, is a line of two equal points.
    """
    corridor = problem.corridor
    graph = corridor.graph
    here = int(corridor.tie_in_node[route.tie_in])
    pieces: list[Floats] = []
    shapes = corridor.geometry(route.edges)
    for edge, shape in zip(route.edges, shapes, strict=True):
        xy = shapely.get_coordinates(shape)
        forward = int(graph.edge_u[edge]) == here
        pieces.append(xy if forward else xy[::-1])
        here = int(graph.edge_v[edge] if forward else graph.edge_u[edge])
    coordinates = np.concatenate(pieces)
    moved = np.any(np.diff(coordinates, axis=0) != 0, axis=1)
    kept = coordinates[np.concatenate([[True], moved])]
    return shapely.LineString(kept if len(kept) > 1 else np.repeat(kept, 2, axis=0))


def pieces_of(problem: Problem, edges: Ints) -> Objects:
    """Return the lines of those edges that are dug and have a length."""
    corridor = problem.corridor
    long: Ints = edges[(corridor.graph.edge_length_m[edges] > 0) & corridor.dug[edges]]
    return corridor.geometry(long)


def section_yuan(problem: Problem, result: Account, settings: Settings) -> float:
    """Return the plan's cost with every trench priced by its exact section.

    Where a planned work holds the trench open, the additive price stands: what its section costs
    is that work's affair. So it does where no trench is dug from above.
    """
    corridor = problem.corridor
    length_m = corridor.laid_m
    own = np.array([kind.line_yuan_per_m for kind in problem.commodities])
    total = float((result.used * length_m * own[:, None]).sum())
    widths = problem.line_yuan - length_m * own[:, None]
    additive = corridor.in_work | (corridor.surface == "")
    total += float(widths[result.used & additive].sum())
    used = result.used.any(axis=0)
    total += float(problem.trench_yuan[used & additive].sum())
    for edge in np.flatnonzero(used & ~additive):
        lines = [problem.commodities[k].line for k in np.flatnonzero(result.used[:, edge])]
        price = cost_per_m(lines, str(corridor.surface[edge]), settings)
        total += float(length_m[edge]) * price + float(problem.opening_yuan[edge])
    return total
