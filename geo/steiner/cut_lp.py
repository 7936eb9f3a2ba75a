"""The linear program of directed cuts, solved by HiGHS over a pool of cuts that grows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import csr_array

from geo.steiner.csr import Ints, Mask, Small
from geo.steiner.cut_kernels import entering
from geo.steiner.dual import Cuts
from geo.steiner.flow_kernels import FULL, violated
from geo.steiner.levels import Level

NESTED = 6
"""Most cuts that are sought around one terminal at a time."""

ENOUGH = int(FULL * (1.0 - 1e-4))
"""Flow from which a terminal counts as reached."""

CREEP = 16
"""Flow that every arc carries at least, so that cuts of few arcs are preferred."""

TIGHT = 1e-6
"""Slack up to which a cut counts as tight."""


@dataclass(frozen=True, slots=True, eq=False)
class Relaxed:
    """A solution of the linear program.

    Parameters
    ----------
    flow
        Value of each slot's arc, 0 to 1.
    price
        Dual value of each cut of the pool, in units.
    is_tight
        Which cuts of the pool are not exceeded.
    """

    flow: NDArray[np.float64]
    price: Ints
    is_tight: Mask

    @property
    def is_whole(self) -> bool:
        """Whether every arc is taken or not."""
        return bool((np.minimum(self.flow, np.abs(1.0 - self.flow)) < TIGHT).all())


def entries(level: Level, pool: Cuts) -> tuple[Small, Ints]:
    """Return the open arcs that enter each cut of a pool, as `entering` does."""
    slots, first = entering(level.graph, level.shut, pool.nodes, pool.begin, pool.end)
    return slots, first


def relaxed(
    level: Level, arcs: tuple[Small, Ints], *, scale: float, seconds: float | None
) -> Relaxed | None:
    """Solve the program over the cuts of a pool; None if time was up.

    Parameters
    ----------
    level
        The graph.
    arcs
        The arcs into each cut, none without, see `entries`.
    scale
        Units in one unit of cost.
    seconds
        Limit; None for none.
    """
    g = level.graph
    slots, begin = arcs
    open_slots = np.flatnonzero(~level.shut)
    column = np.zeros(len(level.shut), np.int64)
    column[open_slots] = np.arange(len(open_slots))
    rows = csr_array(
        (np.full(len(slots), -1.0), column[slots], begin),
        shape=(len(begin) - 1, len(open_slots)),
    )
    found = linprog(
        g.cost[g.edge[open_slots]] / scale,
        A_ub=rows,
        b_ub=np.full(len(begin) - 1, -1.0),
        bounds=(0, None),
        method="highs-ds",
        options={} if seconds is None else {"time_limit": max(seconds, 0.0)},
    )
    if found.status != 0:
        return None
    flow = np.zeros(len(level.shut))
    flow[open_slots] = found.x
    price = np.floor(np.maximum(-found.ineqlin.marginals, 0.0) * scale).astype(np.int64)
    return Relaxed(flow, price, np.asarray(found.slack) < TIGHT)


def separated(level: Level, flow: NDArray[np.float64], order: Small) -> Cuts:
    """Return cuts that a solution violates, of value 0.

    Parameters
    ----------
    level
        The graph.
    flow
        Value of each slot's arc.
    order
        Terminals in the order in which cuts around them are sought.
    """
    capacity = np.minimum(np.floor(flow * FULL), FULL).astype(np.int64) + CREEP
    capacity[level.shut] = 0
    nodes, first = violated(level.graph, capacity, level.root, order, ENOUGH, NESTED)
    return Cuts(nodes, first[:-1], first[1:], np.zeros(len(first) - 1, np.int64))


def merged(cuts: Cuts, keys: Ints) -> Ints:
    """Return the places of the different ones among cuts, the first of equals.

    Parameters
    ----------
    cuts
        The cuts.
    keys
        A random number for each node.
    """
    sums = np.concatenate([[0], np.cumsum(keys[cuts.nodes])])  # wraps around, as hashes may
    _, chosen = np.unique(sums[cuts.end] - sums[cuts.begin], return_index=True)
    chosen.sort()
    return chosen


def moved(cuts: Cuts, old: Level, new: Level) -> Cuts:
    """Return cuts on another level's nodes; nodes that it lacks are left out of them."""
    place = np.full(max(int(old.node.max(initial=-1)), int(new.node.max(initial=-1))) + 1, -1)
    place[new.node] = np.arange(new.nodes)
    there = place[old.node[cuts.nodes]]
    before = np.concatenate([[0], np.cumsum(there >= 0)])
    nodes = there[there >= 0].astype(np.int32)
    return Cuts(nodes, before[cuts.begin], before[cuts.end], cuts.value)
