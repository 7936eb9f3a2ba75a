"""The given graph and terminals, checked, with costs in whole units."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.errors import Fault, InputError
from geo.steiner.csr import Graph, Ints, graph_of

MOST_NAMED = 5
"""Positions that a message names."""

MOST_UNITS_LOG2 = 50
"""All costs together stay below two to this power in units, so that sums of paths are exact."""

MOST_SCALE_LOG2 = 20
"""Whole costs are divided into at most two to this power units."""


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """Terminals in a graph without loops.

    Parameters
    ----------
    graph
        All given nodes; edges without loops, their costs in units, rounded down.
    position
        Position of each edge among the given ones.
    cost
        Given cost of every given edge.
    terminals
        Different terminals in ascending order.
    scale
        Units in one unit of the given costs, a power of two.
    step
        Units by which costs of trees differ at least: `scale` for whole costs, else 1.
    """

    graph: Graph
    position: Ints
    cost: NDArray[np.float64]
    terminals: Ints
    scale: float
    step: int

    def tree_cost(self, edges: Iterable[int]) -> float:
        """Return the given cost of some given edges."""
        return math.fsum(float(self.cost[edge]) for edge in edges)

    def bound(self, units: int) -> float:
        """Return a bound in the unit of the costs; whole costs allow to round it up."""
        exact = Fraction(units) / Fraction(self.scale)
        return float(math.ceil(exact)) if self.step > 1 or self.scale == 1.0 else float(exact)


def problem_of(
    node_count: int,
    edge_u: ArrayLike,
    edge_v: ArrayLike,
    edge_cost: ArrayLike,
    terminals: ArrayLike,
) -> Problem:
    """Return a problem from checked input.

    Raises
    ------
    InputError
        If edges are not equally many ends and costs, end at no node, have a cost that is negative
        or no finite number, or if a terminal is no node; every fault is named.
    """
    u, v = _numbers(edge_u), _numbers(edge_v)
    cost = np.asarray(edge_cost, dtype=np.float64).reshape(-1)
    wanted = _numbers(terminals)
    faults = []
    if not len(u) == len(v) == len(cost):
        facts = {"u": len(u), "v": len(v), "cost": len(cost)}
        raise InputError([Fault("steiner_sizes", MappingProxyType(facts))])
    bad_end = np.flatnonzero((u < 0) | (u >= node_count) | (v < 0) | (v >= node_count))
    bad_cost = np.flatnonzero(~(np.isfinite(cost) & (cost >= 0)))
    bad_terminal = wanted[(wanted < 0) | (wanted >= node_count)]
    for code, which in (
        ("steiner_edge_end", bad_end),
        ("steiner_edge_cost", bad_cost),
        ("steiner_terminal", bad_terminal),
    ):
        if len(which):
            rows = tuple(map(str, which[:MOST_NAMED].tolist()))
            facts = {"nodes": node_count}
            faults.append(Fault(code, MappingProxyType(facts), rows=rows, count=len(which)))
    if faults:
        raise InputError(faults)
    return _scaled(node_count, u, v, cost, np.unique(wanted))


def _numbers(given: ArrayLike) -> Ints:
    array = np.asarray(given).reshape(-1)
    whole = array.astype(np.int64)
    if array.size and not (array == whole).all():
        raise InputError([Fault("steiner_not_whole")])
    return whole


def _scaled(
    node_count: int, u: Ints, v: Ints, cost: NDArray[np.float64], terminals: Ints
) -> Problem:
    position = np.flatnonzero(u != v)
    kept = cost[position]
    total = max(float(kept.sum()), 1.0) if (kept == np.floor(kept)).all() else float(kept.sum())
    power = MOST_UNITS_LOG2 - math.frexp(total)[1]
    whole = bool((kept == np.floor(kept)).all()) and power >= 0
    scale = 2.0 ** (min(power, MOST_SCALE_LOG2) if whole else power)
    units = np.floor(kept * scale).astype(np.int64)
    return Problem(
        graph=graph_of(node_count, u[position], v[position], units),
        position=position,
        cost=cost,
        terminals=terminals,
        scale=scale,
        step=int(scale) if whole else 1,
    )
