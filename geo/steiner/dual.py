"""Dual solutions on a level: cuts with values, reduced costs, and the arcs that they shut."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from geo.steiner.csr import Ints, Mask, Small
from geo.steiner.cut_kernels import entering, lower
from geo.steiner.dual_ascent_kernels import CLOSED, ascend
from geo.steiner.levels import Level
from geo.steiner.path_kernels import distances
from geo.steiner.proof import Closed, Raised

PATIENCE = 2.0
"""How many times the size of the next smaller cut a cut may have and still be raised."""


@dataclass(frozen=True, slots=True, eq=False)
class Cuts:
    """Sets of nodes, each with a value.

    Parameters
    ----------
    nodes, begin, end
        Cut k holds ``nodes[begin[k]:end[k]]``; cuts that grow out of one another share nodes.
    value
        Values in units.
    """

    nodes: Small
    begin: Ints
    end: Ints
    value: Ints

    def chosen(self, which: Mask | Ints) -> Cuts:
        """Return some of the cuts, without nodes that none of them holds."""
        begin, end = self.begin[which], self.end[which]
        steps = np.bincount(begin, minlength=len(self.nodes) + 1)
        steps -= np.bincount(end, minlength=len(self.nodes) + 1)
        held = np.cumsum(steps[:-1]) > 0
        place = np.concatenate([[0], np.cumsum(held)])
        return Cuts(self.nodes[held], place[begin], place[end], self.value[which])


def no_cuts() -> Cuts:
    """Return no cuts."""
    none = np.empty(0, np.int64)
    return Cuts(np.empty(0, np.int32), none, none, none)


def both(one: Cuts, other: Cuts) -> Cuts:
    """Return the cuts of two sets together."""
    shift = len(one.nodes)
    return Cuts(
        np.concatenate([one.nodes, other.nodes]),
        np.concatenate([one.begin, other.begin + shift]),
        np.concatenate([one.end, other.end + shift]),
        np.concatenate([one.value, other.value]),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Dual:
    """A dual solution.

    Parameters
    ----------
    bound
        Sum of the values in units; `CLOSED` if a terminal is cut off.
    cuts
        Cuts on the level's nodes; if a terminal is cut off, the nodes on its side.
    reduced
        Reduced cost of each slot's arc, `CLOSED` for what is shut.
    """

    bound: int
    cuts: Cuts
    reduced: Ints

    @property
    def is_closed(self) -> bool:
        """Whether a terminal cannot be reached."""
        return self.bound >= CLOSED


def fresh(level: Level) -> Dual:
    """Return the dual solution without cuts."""
    g = level.graph
    reduced = g.cost[g.edge]
    reduced[level.shut] = CLOSED
    return Dual(0, no_cuts(), reduced)


def raised(level: Level, start: Dual, noise: Ints | None = None) -> Dual:
    """Return a dual solution raised from another one as far as it goes.

    Parameters
    ----------
    level
        The graph.
    start
        Where to begin; not changed.
    noise
        Added to the size of each terminal's first cut, for another order.
    """
    terminals = np.flatnonzero(level.is_terminal).astype(np.int32)
    reduced = start.reduced.copy()
    draw = np.zeros(len(terminals), np.int64) if noise is None else noise
    gain, nodes, begin, end, value = ascend(
        level.graph, reduced, level.root, terminals, draw, PATIENCE
    )
    found = Cuts(nodes, begin, end, value)
    if gain >= CLOSED:
        return Dual(CLOSED, found, reduced)
    return Dual(start.bound + gain, both(start.cuts, found), reduced)


def laid(level: Level, cuts: Cuts) -> Dual:
    """Return the dual solution of cuts whose values are lowered where reduced costs end."""
    start = fresh(level)
    slots, first = entering(level.graph, level.shut, cuts.nodes, cuts.begin, cuts.end)
    value = cuts.value.copy()
    bound = lower(start.reduced, slots, first, value)
    kept = value > 0
    return Dual(
        int(bound),
        Cuts(cuts.nodes, cuts.begin[kept], cuts.end[kept], value[kept]),
        start.reduced,
    )


def shut_by(level: Level, dual: Dual, limit: int) -> Mask:
    """Return by slot which arcs no tree of cost up to `limit` uses, what is shut included."""
    g = level.graph
    terminals = np.flatnonzero(level.is_terminal).astype(np.int32)
    others = terminals[terminals != level.root]
    ahead = distances(g, dual.reduced, np.array([level.root], np.int32), True)
    back = distances(g, dual.reduced, others, False)
    head = np.repeat(np.arange(level.nodes), np.diff(g.first))
    least = np.minimum(ahead[g.to], CLOSED) + np.minimum(dual.reduced, CLOSED)
    least += np.minimum(back[head], CLOSED)
    shut: Mask = level.shut | (least > limit - dual.bound) | (head == level.root)
    return shut


def tightened(level: Level, dual: Dual, limit: int) -> tuple[Level, Raised | Closed]:
    """Return the level with the arcs shut that a dual solution shows to be too dear, and why."""
    if dual.is_closed:
        return level, Closed(level.node[dual.cuts.nodes])
    shut = shut_by(level, dual, limit)
    new = np.flatnonzero(shut & ~level.shut)
    step = Raised(
        nodes=level.node[dual.cuts.nodes],
        begin=dual.cuts.begin,
        end=dual.cuts.end,
        value=dual.cuts.value,
        limit=limit,
        shut=level.name[level.graph.edge[new]],
        tail=level.node[level.graph.to[new]],
    )
    return replace(level, shut=shut), step
