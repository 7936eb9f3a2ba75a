"""The optimum of what is left: branching by HiGHS over the arcs that a cheaper plan may use."""

from __future__ import annotations

from time import perf_counter
from typing import NamedTuple

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from planner.extension.joint.cuts import Cut
from planner.extension.joint.model import Flags, Ints
from planner.extension.joint.multipliers import Row, reduced_prices
from planner.extension.joint.network import Net
from planner.extension.joint.primal import Plan
from planner.extension.joint.programme import UNIT, Programme, table_of
from planner.extension.joint.rows import Link, columns_of, entries, prices

MOST_COLUMNS = 12_000
"""Columns above which branching is not tried."""

CORE_COLUMNS = 7_000
"""Columns to branch over where too many are left to prove anything, for a better plan alone."""

TOLERANCE = 1e-7
"""Relative error allowed for in HiGHS' own bound, which is found in floating point."""

ROUNDS = 40
"""Most times that a plan which lacks capacity is cut off."""


class Finished(NamedTuple):
    """The best plan found, if any, and the bound that branching proves in floating point."""

    plan: Plan | None
    bound_milli: int


def finish(programme: Programme, *, cost_milli: int, until: float | None, nodes: int) -> Finished:
    """Branch over the arcs that the multipliers do not close, or over a core of them.

    An arc is closed if the bound and what is left of its price reach the cost of a known plan:
    then no cheaper plan uses it. The bound is the lesser of branching's and that cost; over a
    core nothing is proven.

    Parameters
    ----------
    cost_milli
        Of the best plan known.
    until
        Clock time of `time.perf_counter` at which to end; None counts nodes.
    nodes
        Most nodes of one branching where they are counted.
    """
    best = programme.best
    nothing = Finished(None, 0 if best is None else best.bound_milli)
    if best is None or best.bound_milli >= cost_milli:
        return nothing
    net = programme.net
    left = reduced_prices(net, best)
    used = np.flatnonzero(best.bound_milli + np.maximum(left, 0) < cost_milli)
    whole = used.size <= MOST_COLUMNS
    if not whole:
        used = _core(programme, left)
    plan, bound = None, best.bound_milli
    for _ in range(ROUNDS):
        left_s = None if until is None else until - perf_counter()
        if left_s is not None and left_s <= 0.1:
            break
        answer = _branch(programme, used, cost_milli, left_s, nodes)
        if answer is None:
            break
        value, chosen = answer
        if whole:
            bound = max(bound, min(value, cost_milli))
        if chosen is None:
            break
        short = _short_pieces(net, chosen)
        if not short:
            cost = _cost(net, chosen)
            if cost < cost_milli:
                plan, cost_milli = Plan(chosen, cost), cost
            break
        programme.add(short)
    return Finished(plan, min(bound, cost_milli))


def _core(programme: Programme, left: Ints) -> Ints:
    """Return the columns that the last point uses, and then the cheapest by what is left."""
    hopeful = np.where(programme.point > 0, -1, left)
    return np.sort(np.argsort(hopeful, kind="stable")[:CORE_COLUMNS])


def _branch(
    programme: Programme, used: Ints, cost_milli: int, seconds: float | None, nodes: int
) -> tuple[int, Flags | None] | None:
    """Return what branching proves and the plan it finds; None if it says nothing."""
    net, at = programme.net, columns_of(programme.net)
    place = np.full(at.count, -1)
    place[used] = np.arange(used.size)
    cuts = [row for row in programme.rows if not isinstance(row.what, Link)]
    table, least = table_of(cuts + _links(net, place), place, used.size)
    rows = [LinearConstraint(table, least, np.inf), _once(net, place, used.size)]
    options: dict[str, float] = {"mip_rel_gap": 0.0}
    options |= {"node_limit": nodes} if seconds is None else {"time_limit": seconds}
    answer = milp(
        prices(net)[used] / UNIT,
        constraints=rows,
        bounds=Bounds(0, 1),
        integrality=np.ones(used.size),
        options=options,
    )
    if answer.status == 2:  # no plan uses these arcs alone: none is cheaper than the one known
        return cost_milli, None
    if answer.mip_dual_bound is None or not np.isfinite(answer.mip_dual_bound):
        return None
    value = int(answer.mip_dual_bound * UNIT * (1 - TOLERANCE))
    if answer.status == 0:
        value = max(value, min(round(answer.fun * UNIT), cost_milli))
    if answer.x is None:
        return value, None
    point = np.zeros(at.count)
    point[used] = answer.x
    arcs = [at.arcs(k, point).reshape(-1, 2).sum(axis=1) > 0.5 for k in range(at.utilities)]
    return value, np.array(arcs)


def _links(net: Net, place: Ints) -> list[Row]:
    """Return the links of all arcs wanted."""
    at = columns_of(net)
    arcs = place[at.edges : at.edges * (1 + 2 * at.utilities)].reshape(at.utilities, at.edges, 2)
    linked = np.argwhere((arcs >= 0).any(axis=2) & (net.trench > 0)).tolist()
    return [Row(link, *entries(net, at, link)) for link in (Link(k, e) for k, e in linked)]


def _once(net: Net, place: Ints, width: int) -> LinearConstraint:
    """Return that at most one of the arcs wanted enters each end, for each utility."""
    at, nodes = columns_of(net), net.ptr.size - 1
    arc = np.arange(2 * at.edges)
    head = np.where(arc & 1, net.u[arc >> 1], net.v[arc >> 1])
    utility, into = np.divmod(np.flatnonzero(np.tile(net.end[head], at.utilities)), arc.size)
    column = place[at.edges * (1 + 2 * utility) + into]
    row, column = (utility * nodes + head[into])[column >= 0], column[column >= 0]
    number, row = np.unique(row, return_inverse=True)
    table = coo_array((np.ones(row.size), (row, column)), (number.size, width))
    return LinearConstraint(table.tocsr(), -np.inf, 1)


def _short_pieces(net: Net, chosen: Flags) -> list[Cut]:
    """Return a cut for each piece of a plan that lacks capacity."""
    nodes, cuts = net.ptr.size - 1, []
    for k, row in enumerate(chosen):
        graph = coo_array((np.ones(int(row.sum())), (net.u[row], net.v[row])), (nodes, nodes))
        count, piece = connected_components(graph, directed=False)
        total = np.zeros(count, dtype=np.int64)
        np.add.at(total, piece, net.balance[k])
        nothing = np.zeros(0, dtype=np.int64)
        cuts += [
            Cut(k, np.flatnonzero(piece == short), nothing, leaves=False, step=0, broken=1.0)
            for short in np.flatnonzero(total < 0)
        ]
    return cuts


def _cost(net: Net, chosen: Flags) -> int:
    lines = np.where(chosen, net.line, 0).sum()
    return int(lines + net.trench[chosen.any(axis=0)].sum())
