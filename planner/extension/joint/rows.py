"""The linear programme over arcs, trenches and sources: its columns and its rows.

Columns: z for each trench, y for each utility and arc, w for each utility and node as a source.
Rows are ``at least``: links ``z - y - y' >= 0`` of each utility and edge, cuts, and what passes
through a node: what leaves it along an arc entered it elsewhere or comes from its own source.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from planner.extension.joint.cuts import Cut, arcs_into, edges_into
from planner.extension.joint.model import Flags, Floats, Ints
from planner.extension.joint.network import OUTSIDE, Net, arc_prices, counted

LEAST_BROKEN = 0.02
"""By how much a row must be broken to be added."""


@dataclass(frozen=True, slots=True)
class Pass:
    """What goes through a node that is no terminal.

    Parameters
    ----------
    utility
        Its place.
    arc
        Leaves the node, or enters it.
    leaves
        Which of both.
    """

    utility: int
    arc: int
    leaves: bool

    @property
    def key(self) -> tuple[int, int, bool]:
        """What distinguishes it from others."""
        return self.utility, self.arc, self.leaves

    def middle(self, net: Net) -> int:
        """Return the node: the tail of an arc that leaves, the head of one that enters."""
        at_u = (self.arc & 1 == 0) == self.leaves
        return int((net.u if at_u else net.v)[self.arc >> 1])


@dataclass(frozen=True, slots=True)
class Link:
    """A utility that uses an edge uses its trench.

    Parameters
    ----------
    utility, edge
        Their places.
    """

    utility: int
    edge: int

    @property
    def key(self) -> tuple[int, int]:
        """What distinguishes it from others."""
        return self.utility, self.edge


@dataclass(frozen=True, slots=True)
class Columns:
    """Where the columns are.

    Parameters
    ----------
    edges, utilities, nodes
        Sizes of the network.
    """

    edges: int
    utilities: int
    nodes: int

    @property
    def count(self) -> int:
        """How many there are."""
        return self.edges * (1 + 2 * self.utilities) + self.utilities * self.nodes

    def y(self, utility: int, arc: Ints) -> Ints:
        """Return the columns of arcs."""
        return self.edges * (1 + 2 * utility) + arc

    def w(self, utility: int, node: Ints) -> Ints:
        """Return the columns of nodes as sources."""
        return self.edges * (1 + 2 * self.utilities) + utility * self.nodes + node

    def arcs(self, utility: int, x: Floats) -> Floats:
        """Return the part of a point that belongs to a utility's arcs."""
        start = self.edges * (1 + 2 * utility)
        return x[start : start + 2 * self.edges]

    def sources(self, utility: int, x: Floats) -> Floats:
        """Return the part of a point that belongs to a utility's sources."""
        start = self.edges * (1 + 2 * self.utilities) + utility * self.nodes
        return x[start : start + self.nodes]


def columns_of(net: Net) -> Columns:
    """Return where the columns of a network are."""
    return Columns(net.u.size, net.line.shape[0], net.ptr.size - 1)


def prices(net: Net) -> Ints:
    """Return the price of every column in thousandths of a yuan."""
    arcs = arc_prices(net).ravel()
    return np.concatenate([net.trench, arcs, np.zeros(net.balance.size, dtype=np.int64)])


def entries(net: Net, at: Columns, row: Cut | Pass | Link) -> tuple[Ints, Ints, int]:
    """Return columns, factors and least value of a row."""
    k = row.utility
    if isinstance(row, Link):
        arcs = at.y(k, np.array([2 * row.edge, 2 * row.edge + 1]))
        return np.concatenate([[row.edge], arcs]), np.array([1, -1, -1]), 0
    if isinstance(row, Pass):
        return _pass_entries(net, at, row)
    arcs = edges_into(net, row.inside) if row.least else arcs_into(net, row.inside)
    if row.leaves:
        columns = np.concatenate([at.y(k, np.sort(arcs ^ 1)), at.w(k, row.sources)])
        return columns, np.concatenate([np.ones(arcs.size, int), [-1]]), 0
    columns = np.concatenate([at.y(k, arcs), at.w(k, row.sources)])
    balance = counted(net, k, row.least)
    capacity = balance[row.sources]
    lacking = int(capacity.sum() - balance[row.inside].sum())
    step = row.step or lacking
    least = -(-lacking // step)
    giving = -(-np.minimum(capacity, lacking) // step)
    return columns, np.concatenate([np.full(arcs.size, least), giving]), least


def _pass_entries(net: Net, at: Columns, row: Pass) -> tuple[Ints, Ints, int]:
    node = row.middle(net)
    around = net.arc[net.ptr[node] : net.ptr[node + 1]]
    out = row.arc if row.leaves else row.arc ^ 1
    others = around[around != out]
    feeding = others ^ 1 if row.leaves else others
    columns = np.concatenate([at.y(row.utility, feeding), at.y(row.utility, np.array([row.arc]))])
    factors = np.concatenate([np.ones(feeding.size, int), [-1]])
    if row.leaves and net.balance[row.utility, node] > 0:
        columns = np.append(columns, at.w(row.utility, np.array([node])))
        factors = np.append(factors, 1)
    return columns, factors, 0


def broken_links(net: Net, k: int, y: Floats, z: Floats) -> Iterator[Link]:
    """Yield links that a fractional plan breaks."""
    over = y.reshape(-1, 2).sum(axis=1) - z
    for edge in np.flatnonzero((over > LEAST_BROKEN / 10) & (net.trench > 0)):
        yield Link(k, int(edge))


def broken_passes(net: Net, k: int, y: Floats, w: Floats) -> Iterator[Pass]:
    """Yield what passes through nodes and is broken by a fractional plan."""
    tail = np.stack([net.u, net.v], axis=1).ravel()
    head = np.stack([net.v, net.u], axis=1).ravel()
    back = y.reshape(-1, 2)[:, ::-1].ravel()
    entering, leaving = np.zeros(w.size), np.zeros(w.size)
    np.add.at(entering, head, y)
    np.add.at(leaving, tail, y)
    through: Flags = (net.balance[k] >= 0) & (net.balance[k] < OUTSIDE)
    own = np.where(net.balance[k] > 0, w, 0.0)
    short_out = y - (entering[tail] - back + own[tail])
    short_in = y - (leaving[head] - back)
    for arc in np.flatnonzero((short_out > LEAST_BROKEN) & through[tail]):
        yield Pass(k, int(arc), leaves=True)
    for arc in np.flatnonzero((short_in > LEAST_BROKEN) & through[head]):
        yield Pass(k, int(arc), leaves=False)
