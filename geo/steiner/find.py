"""The Steiner tree in a graph: the cheapest edges that connect some nodes, with a proven bound."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from geo.steiner.dual import fresh, raised
from geo.steiner.incumbent import Incumbent
from geo.steiner.levels import Level, ground
from geo.steiner.pace import Pace, pace
from geo.steiner.path_kernels import FAR, distances
from geo.steiner.problem import Problem, problem_of
from geo.steiner.proof import Proof, nothing
from geo.steiner.prove import Prover
from geo.steiner.reduce import simplified
from geo.steiner.trees import along

ROOTS, ROOTS_SHARE = 24, 0.1
"""Terminals that are tried as root, and most of the time that this takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SteinerTree:
    """A tree that connects the terminals, and what every such tree costs at least.

    Parameters
    ----------
    status
        ``optimal`` where the bound meets the cost, ``feasible``, or ``disconnected`` where no tree
        connects the terminals.
    edges
        Positions in the given list of edges, ascending.
    cost
        Sum of the given costs of these edges; infinite without a tree.
    bound
        What every tree costs at least; infinite where there is none.
    proof
        What proves the bound, for `geo.steiner.check.proven_bound`.
    unreachable
        Terminals that cannot be reached from most of the others, ascending.
    """

    status: Literal["optimal", "feasible", "disconnected"]
    edges: tuple[int, ...]
    cost: float
    bound: float
    proof: Proof
    unreachable: tuple[int, ...] = ()

    @property
    def gap(self) -> float:
        """How much of the cost the bound leaves open, 0 to 1."""
        if not math.isfinite(self.cost) or self.cost <= 0:
            return 0.0
        return max(0.0, 1.0 - self.bound / self.cost)


def solve(
    node_count: int,
    edge_u: ArrayLike,
    edge_v: ArrayLike,
    edge_cost: ArrayLike,
    terminals: ArrayLike,
    *,
    seconds: float | None = None,
    effort: float = 1.0,
    seed: int = 0,
) -> SteinerTree:
    """Return a cheap tree that connects terminals in an undirected graph, and a lower bound.

    Parameters
    ----------
    node_count
        Number of nodes; they are counted from 0.
    edge_u, edge_v
        Ends of each edge, shape (edges,); parallel edges and loops are allowed.
    edge_cost
        Cost of each edge, not negative, shape (edges,).
    terminals
        Nodes to be connected; a node may come twice.
    seconds
        Wall-clock limit; None counts steps, and two runs return the same.
    effort
        Multiple of the usual number of steps, where steps are counted.
    seed
        Seed of all draws.

    Raises
    ------
    InputError
        If the graph or the terminals are at fault; every fault is named.

    Notes
    -----
    Where all costs are whole numbers, so is the bound. Else ``optimal`` means up to a relative gap
    of 1e-9.

    References
    ----------
    T. Pajor, E. Uchoa, R. F. Werneck, A robust and scalable algorithm for the Steiner problem in
    graphs, Mathematical Programming Computation 10 (2018); T. Koch, A. Martin, Solving Steiner tree
    problems in graphs to optimality, Networks 32 (1998).

    Examples
    --------
    >>> star = solve(4, [0, 1, 2, 0, 1], [3, 3, 3, 1, 2], [1, 1, 1, 1.9, 1.9], [0, 1, 2])
    >>> star.status, star.edges, star.cost, star.bound
    ('optimal', (0, 1, 2), 3.0, 3.0)
    """
    steps = pace(effort=effort, seconds=seconds)
    problem = problem_of(node_count, edge_u, edge_v, edge_cost, terminals)
    if len(problem.terminals) < 2:
        return SteinerTree(status="optimal", edges=(), cost=0.0, bound=0.0, proof=nothing())
    cut_off = _unreachable(problem)
    if cut_off:
        return SteinerTree(
            status="disconnected",
            edges=(),
            cost=math.inf,
            bound=math.inf,
            proof=nothing(),
            unreachable=cut_off,
        )
    return _searched(problem, steps, seed)


def _unreachable(problem: Problem) -> tuple[int, ...]:
    """Return the terminals outside the component that has most of them."""
    g = problem.graph
    length = np.zeros(len(g.to), np.int64)
    left, parts = problem.terminals, []
    while len(left):
        far = distances(g, length, left[:1].astype(np.int32), True) >= FAR
        parts.append(left[~far[left]])
        left = left[far[left]]
    most = max(parts, key=len)
    return tuple(np.setdiff1d(problem.terminals, most).tolist())


def _searched(problem: Problem, steps: Pace, seed: int) -> SteinerTree:
    is_terminal = np.zeros(len(problem.graph.first) - 1, np.bool_)
    is_terminal[problem.terminals] = True
    given = ground(problem.graph, is_terminal, int(problem.terminals[0]))
    level, why = simplified(replace(given, part=problem.position.astype(np.int32)))
    with Incumbent(problem, steps, seed) as incumbent:
        prover = Prover(problem, steps, incumbent, seed)
        level = _rooted(level, incumbent, steps)
        incumbent.count_turn(level)
        bound, proven = prover.prove(level)
    return _answer(
        problem,
        incumbent,
        prover,
        bound,
        Proof(scale=problem.scale, root=int(level.node[level.root]), steps=(*why, *proven)),
    )


def _rooted(level: Level, incumbent: Incumbent, steps: Pace) -> Level:
    """Return the level seen from the terminal whose dual ascent gives the best bound."""
    terminals = np.flatnonzero(level.is_terminal)
    places = np.linspace(0, len(terminals) - 1, min(ROOTS, len(terminals))).astype(np.int64)
    best, best_bound = level, -1
    for root in terminals[places].tolist():
        seen = replace(level, root=root)
        dual = raised(seen, fresh(seen))
        incumbent.offer(seen, along(seen, dual.reduced))
        if dual.bound > best_bound:
            best, best_bound = seen, dual.bound
        if steps.is_past(ROOTS_SHARE):
            break
    return best


def _answer(
    problem: Problem, incumbent: Incumbent, prover: Prover, bound: int, proof: Proof
) -> SteinerTree:
    edges = tuple(incumbent.edges.tolist())
    cost = problem.tree_cost(edges)
    return SteinerTree(
        status="optimal" if prover.is_closed(bound) else "feasible",
        edges=edges,
        cost=cost,
        bound=min(problem.bound(min(bound, incumbent.units)), cost),
        proof=proof,
    )
