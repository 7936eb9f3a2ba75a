"""Trees on a level: grown along a dual solution, and annealed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.steiner.csr import Ints, Mask
from geo.steiner.dual_ascent_kernels import CLOSED
from geo.steiner.levels import Level
from geo.steiner.path_kernels import BARRED, grow, tidy
from geo.steiner.search_kernels import MOST_PIECE, MOST_PIECES, Tree, anneal

DUAL_WEIGHT = 64
"""Weight of reduced costs against costs where a tree grows along a dual solution."""


@dataclass(frozen=True, slots=True, eq=False)
class Grown:
    """A tree on a level.

    Parameters
    ----------
    chosen
        Its edges.
    cost
        Their cost in units.
    """

    chosen: Mask
    cost: int


def along(level: Level, reduced: Ints) -> Grown | None:
    """Return a tree that keeps to arcs of small reduced cost; None if terminals are cut off."""
    g = level.graph
    length = np.where(reduced >= CLOSED, BARRED, reduced * DUAL_WEIGHT + g.cost[g.edge])
    return _tidied(level, length)


def shortest(level: Level) -> Grown | None:
    """Return a tree that grows to the nearest terminal; None if terminals are cut off."""
    return _tidied(level, level.graph.cost[level.graph.edge])


def _tidied(level: Level, length: Ints) -> Grown | None:
    chosen, missing = grow(level.graph, length, level.root, level.is_terminal)
    if missing:
        return None
    cost = tidy(level.graph, chosen, level.is_terminal)
    return Grown(chosen, int(cost))


def spanning(level: Level, flow: NDArray[np.float64]) -> Grown:
    """Return the tree of a whole solution of the linear program."""
    g = level.graph
    chosen = np.zeros(level.edges, np.bool_)
    chosen[g.edge[flow > 0.5]] = True
    cost = tidy(g, chosen, level.is_terminal)
    return Grown(chosen, int(cost))


def carried(level: Level, edges: Ints, given: int) -> Grown | None:
    """Return the tree of some given edges; None if the level lacks some of them.

    Parameters
    ----------
    level
        The graph.
    edges
        Given edges of a tree.
    given
        How many given edges there are.
    """
    inside = np.zeros(given, np.bool_)
    inside[edges] = True
    before = np.concatenate([[0], np.cumsum(inside[level.part])])
    chosen = np.diff(before[level.part_first]) == np.diff(level.part_first)
    if int(np.diff(level.part_first)[chosen].sum()) != len(edges):
        return None
    return Grown(chosen, int(level.graph.cost[chosen].sum()))


def annealed(
    level: Level,
    begin: Grown,
    *,
    visits: int,
    hot: float,
    cold: float,
    seed: int,
    halt: Ints | None = None,
) -> Grown:
    """Return a tree at least as cheap, found by destroying and repairing.

    Parameters
    ----------
    level
        The graph.
    begin
        The tree to begin with.
    visits
        How many nodes may be visited in all.
    hot, cold
        First and last temperature in parts of the mean cost of the tree's edges.
    seed
        Seed of the draws.
    halt
        One number, shape (1,); annealing ends soon after another thread sets it to 1.
    """
    if not begin.cost:
        return begin
    tree = _room(level, begin.chosen, np.zeros(1, np.int64) if halt is None else halt)
    mean = begin.cost / int(begin.chosen.sum())
    anneal(level.graph, tree, level.is_terminal, visits, hot * mean, cold * mean, seed)
    cost = tidy(level.graph, tree.chosen, level.is_terminal)
    return Grown(tree.chosen, int(cost))


def _room(level: Level, chosen: Mask, halt: Ints) -> Tree:
    g, nodes, edges = level.graph, level.nodes, level.edges
    degree = np.bincount(g.u[chosen], minlength=nodes) + np.bincount(g.v[chosen], minlength=nodes)
    room = 2 * edges + nodes + 8
    return Tree(
        chosen=chosen.copy(),
        degree=degree.astype(np.int32),
        log=np.empty(4 * edges + nodes + 64, np.int32),
        piece=np.zeros(nodes, np.int32),
        listed=np.zeros(nodes, np.int32),
        member=np.empty(MOST_PIECE * MOST_PIECES, np.int32),
        dist=np.zeros(nodes, np.int64),
        via=np.zeros(nodes, np.int32),
        seen=np.zeros(nodes, np.int32),
        keys=np.empty(room, np.int64),
        items=np.empty(room, np.int32),
        whole=np.zeros(3, np.int64),
        halt=halt,
    )
