"""The graph as it shrinks: chains become edges, and every edge remembers what it is made of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geo.steiner.csr import Graph, Ints, Mask, Small, graph_of
from geo.steiner.proof import Detours
from geo.steiner.reduction_kernels import chains


@dataclass(frozen=True, slots=True, eq=False)
class Level:
    """A graph on some nodes of the given one whose edges are chains of given edges.

    Parameters
    ----------
    graph
        Nodes and edges, numbered anew.
    node
        Number of each node in the given graph.
    root
        The terminal that trees are seen from.
    is_terminal
        Which nodes must be connected.
    shut
        By slot: arcs that no tree better than the best known uses, seen from the root.
    part_first, part
        Given edges of each edge, ``part[part_first[e]:part_first[e + 1]]``.
    """

    graph: Graph
    node: Small
    root: int
    is_terminal: Mask
    shut: Mask
    part_first: Ints
    part: Small

    @property
    def nodes(self) -> int:
        """How many nodes there are."""
        return len(self.node)

    @property
    def edges(self) -> int:
        """How many edges there are."""
        return len(self.graph.cost)

    @property
    def name(self) -> Small:
        """Given edge by which each edge is named."""
        return self.part[self.part_first[:-1]]

    def given_edges(self, chosen: Mask) -> Small:
        """Return the given edges of some edges."""
        return self.part[np.repeat(chosen, np.diff(self.part_first))]


def ground(graph: Graph, is_terminal: Mask, root: int) -> Level:
    """Return the given graph as a level."""
    edges = len(graph.cost)
    return Level(
        graph=graph,
        node=np.arange(len(graph.first) - 1, dtype=np.int32),
        root=root,
        is_terminal=is_terminal,
        shut=np.zeros(2 * edges, np.bool_),
        part_first=np.arange(edges + 1, dtype=np.int64),
        part=np.arange(edges, dtype=np.int32),
    )


def shrunk(level: Level, alive: Mask) -> tuple[Level, list[Detours]]:
    """Return a level without dead edges, dead ends, chains and the dearer of parallel edges.

    What is shut in both directions is dead too, and so is what the root does not reach.

    Returns
    -------
    level
        The smaller level.
    parallels
        Which edges were left out because of a cheaper parallel one.
    """
    g, shut = level.graph, level.shut
    parallels = []
    while True:
        both = np.zeros(level.edges, np.bool_)
        both[g.edge] = shut & shut[g.twin]
        chain, begin, end, ahead, back = chains(
            g, alive & ~both, shut, level.is_terminal, level.root
        )
        inside = np.flatnonzero(chain >= 0)
        cost = np.zeros(len(begin), np.int64)
        np.add.at(cost, chain[inside], g.cost[inside])
        dead = (ahead & back) | (begin == end)
        if not dead.any():
            dead, parallel = _parallels(level, chain, begin, end, cost)
            parallels.extend(parallel)
        if not dead.any():
            return _collected(level, chain, begin, end, cost, ahead, back), parallels
        alive = alive & (chain >= 0) & ~dead[chain]


def _parallels(
    level: Level, chain: Small, begin: Small, end: Small, cost: Ints
) -> tuple[Mask, list[Detours]]:
    """Return which chains have a cheaper one between the same ends, and the reason."""
    low, high = np.minimum(begin, end), np.maximum(begin, end)
    order = np.lexsort([cost, high, low])
    fresh = (np.diff(low[order], prepend=-1) != 0) | (np.diff(high[order], prepend=-1) != 0)
    dearer = order[~fresh]
    dead = np.zeros(len(begin), np.bool_)
    dead[dearer] = True
    if not len(dearer):
        return dead, []
    inside = np.flatnonzero(chain >= 0)
    named = np.zeros(len(begin), np.int32)
    named[chain[inside]] = level.name[inside]
    kept = order[fresh][np.cumsum(fresh) - 1]
    return dead, [Detours(named[dearer], np.arange(len(dearer) + 1), named[kept[~fresh]])]


def _collected(
    level: Level,
    chain: Small,
    begin: Small,
    end: Small,
    cost: Ints,
    ahead: Mask,
    back: Mask,
) -> Level:
    """Return the level whose edges are the given chains."""
    kept = np.zeros(level.nodes, np.bool_)
    kept[begin] = kept[end] = kept[level.is_terminal] = True
    number = np.cumsum(kept) - 1
    graph = graph_of(int(kept.sum()), number[begin], number[end], cost)
    size = np.diff(level.part_first)
    owner = np.repeat(chain, size)
    part = level.part[owner >= 0]
    owner = owner[owner >= 0]
    shut = np.empty(2 * len(begin), np.bool_)
    enters_v = graph.to == graph.u[graph.edge]
    shut[:] = np.where(enters_v, ahead[graph.edge], back[graph.edge])
    return Level(
        graph=graph,
        node=level.node[kept],
        root=int(number[level.root]),
        is_terminal=level.is_terminal[kept],
        shut=shut,
        part_first=np.searchsorted(np.sort(owner), np.arange(len(begin) + 1)).astype(np.int64),
        part=part[np.argsort(owner, kind="stable")],
    )
