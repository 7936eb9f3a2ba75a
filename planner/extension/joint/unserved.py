"""Who cannot be served by any plan, why, and how much capacity is missing."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geo.messages import Language, message
from planner.extension.joint.model import PARTS, Flags, Ints, Model, Points, balances

_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Unserved:
    """Terminals of a utility that no plan can serve, for one reason.

    Parameters
    ----------
    utility
        Its name.
    nodes
        Where the terminals are.
    demand, capacity
        What is asked for, and what the tie-ins connected with it have left, in the utility's unit;
        both without what a node gives to itself.
    missing
        What more capacity it takes to serve everybody, in the utility's unit.
    """

    utility: str
    nodes: tuple[int, ...]
    demand: float
    capacity: float
    missing: float

    @property
    def code(self) -> str:
        """Key of the sentence in ``geo/messages.toml``."""
        return "joint_capacity" if self.capacity > 0 else "joint_disconnected"

    def text(self, language: Language = "zh") -> str:
        """Return the reason as a sentence with its remedy."""
        more = "…" if len(self.nodes) > _SHOWN else ""
        return message(
            self.code,
            language,
            utility=self.utility,
            nodes=", ".join(map(str, self.nodes[:_SHOWN])) + more,
            demand=f"{self.demand:g}",
            capacity=f"{self.capacity:g}",
            missing=f"{self.missing:g}",
        )


def unserved(model: Model) -> tuple[Unserved, ...]:
    """Return what no plan can serve, by utility and connected part of the graph.

    An end of somebody else joins nothing; a terminal at an end that touches several parts counts
    as joining them, so that nobody is named who can be served.

    Where capacity does not suffice, the smallest demands of a part are kept, so that as many
    nodes as possible are served.
    """
    table = balances(model)
    return tuple(one for k in range(len(model.names)) for one in _of_utility(model, k, table[k]))


def without(model: Model, left_out: tuple[Unserved, ...]) -> Model:
    """Return a model whose terminals can all be served."""
    nodes = {one.utility: set[int]() for one in left_out}
    for one in left_out:
        nodes[one.utility].update(one.nodes)
    terminals = tuple(
        _kept(points, nodes.get(name, set()))
        for name, points in zip(model.names, model.terminals, strict=True)
    )
    return replace(model, terminals=terminals)


def _kept(points: Points, dropped: set[int]) -> Points:
    keep = ~np.isin(points.node, list(dropped))
    return Points(points.node[keep], points.amount[keep])


def _of_utility(model: Model, k: int, balance: Ints) -> list[Unserved]:
    closed = np.zeros(model.nodes, dtype=np.bool_)
    closed[model.ends] = True
    closed &= balance >= 0
    usable = np.isfinite(model.line_yuan[k]) & ~closed[model.u] & ~closed[model.v]
    u, v = model.u[usable], model.v[usable]
    table = coo_array((np.ones(u.size), (u, v)), shape=(model.nodes, model.nodes))
    count, part = connected_components(table, directed=False)
    total = np.zeros(count, dtype=np.int64)
    np.add.at(total, part, balance)
    return [_of_part(model, k, balance, part == short) for short in np.flatnonzero(total < 0)]


def _of_part(model: Model, k: int, balance: Ints, inside: Flags) -> Unserved:
    """Return the largest demands of a part that go beyond its capacity."""
    wanting = np.flatnonzero(inside & (balance < 0))
    capacity = int(balance[inside & (balance > 0)].sum())
    order = wanting[np.argsort(-balance[wanting], kind="stable")]
    sums = np.cumsum(-balance[order])
    demand = int(sums[-1])
    return Unserved(
        utility=model.names[k],
        nodes=tuple(sorted(order[sums > capacity].tolist())),
        demand=demand / PARTS,
        capacity=capacity / PARTS,
        missing=(demand - capacity) / PARTS,
    )
