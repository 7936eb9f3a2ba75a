"""Multipliers of a whole network that are improved part by part.

A block is a set of nodes. The rows whose sets lie inside it may be weighed anew, and others found,
while all other rows keep their weights; what these leave of the prices is what the block may
charge. So each block is a small programme, and a better bound of it is a better bound of all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from planner.extension.joint.cuts import Cut
from planner.extension.joint.model import Flags, Floats, Ints
from planner.extension.joint.multipliers import Multipliers, Row, charged_by, prices_left
from planner.extension.joint.network import FORBIDDEN, OUTSIDE, Net, arc_prices, joined
from planner.extension.joint.programme import Programme, programme_of, tighten
from planner.extension.joint.rows import Columns, Link, Pass, columns_of, entries, prices

CHEAP = 100_000
"""Thousandths of a yuan left of an arc up to which a block's programme begins with it."""

GAIN, IDLE_ROUNDS = 2e-4, 3
"""Relative gain of a round below which it counts as idle, and idle rounds after which a block is
left."""


@dataclass(frozen=True, slots=True)
class Block:
    """Part of a network, with a rim of nodes from which anything may come.

    Parameters
    ----------
    net
        Nodes and edges are numbered anew, in the same order.
    node, edge
        Their numbers in the whole network.
    columns
        Likewise of its columns.
    """

    net: Net
    node: Ints
    edge: Ints
    columns: Ints


@dataclass(slots=True)
class Ledger:
    """Rows with their weights, and what they charge.

    Parameters
    ----------
    net
        The whole network.
    weighed
        Rows by key, each with its weight.
    share
        Of the links, shape (utilities, edges), in thousandths of a yuan.
    charged
        What the rows take from each column.
    bound_milli
        What all that proves.
    point
        Optima of the last programmes of blocks, over all columns.
    """

    net: Net
    weighed: dict[object, tuple[Cut | Pass, int]]
    share: Ints
    charged: Ints
    bound_milli: int
    point: Floats

    def multipliers(self) -> Multipliers:
        """Return what is known by now."""
        pairs = tuple(self.weighed.values())
        rows, weights = tuple(row for row, _ in pairs), tuple(weight for _, weight in pairs)
        return Multipliers(self.share.copy(), rows, weights, self.bound_milli)

    def improve(
        self, inside: Flags, *, until: float, rounds: int, stop: Callable[[int], bool]
    ) -> int:
        """Weigh the rows of a block anew; return by how much the bound has risen.

        Parameters
        ----------
        inside
            Nodes of the block, shape (nodes,).
        until
            Clock time of `time.perf_counter` at which to end.
        rounds
            Most linear programmes.
        stop
            Whether a bound suffices.
        """
        block = _block(self.net, inside)
        own = dict(_rows_within(self, inside, block))
        fixed, share = self._fixed(block, own)
        programme = self._programme(block, own, fixed, share)
        before = self._worth(block, own)
        value, idle = before, 0
        for _ in range(rounds):
            tighten(programme, lambda: FORBIDDEN, until=until, rounds=1)
            reached = programme.best.bound_milli if programme.best else before
            idle = idle + 1 if reached - value <= GAIN * abs(reached) else 0
            if idle >= IDLE_ROUNDS or stop(self.bound_milli + reached - before):
                break
            value = max(value, reached)
        if programme.point.size:
            core = np.isin(block.columns, _columns_at(self.net, inside))
            self.point[block.columns[core]] = programme.point[core]
        if programme.best is None or programme.best.bound_milli <= before:
            return 0
        self._write(block, own, programme.best, fixed, share)
        self.bound_milli += programme.best.bound_milli - before
        return programme.best.bound_milli - before

    def _fixed(self, block: Block, own: dict[object, tuple[Row, int]]) -> tuple[Ints, Ints]:
        """Return what other rows charge a block's columns, and the shares that they need."""
        at = columns_of(block.net)
        fixed = self.charged[block.columns] - charged_by(at, own.values())
        arcs = fixed[at.edges : at.edges * (1 + 2 * at.utilities)].reshape(at.utilities, -1)
        lacking = np.maximum(arcs - arc_prices(block.net), 0)
        needed = lacking.reshape(at.utilities, at.edges, 2).max(axis=2)
        return fixed, np.minimum(needed, self.share[:, block.edge])

    def _programme(
        self, block: Block, own: dict[object, tuple[Row, int]], fixed: Ints, share: Ints
    ) -> Programme:
        at = columns_of(block.net)
        price = prices_left(at, prices(block.net), fixed, share)
        arcs = slice(at.edges, at.edges * (1 + 2 * at.utilities))
        forbidden = arc_prices(block.net).ravel() >= FORBIDDEN
        price[arcs] = np.where(forbidden, FORBIDDEN, price[arcs])
        left = self._left(block)[arcs].reshape(at.utilities, at.edges, 2)
        suggested: Flags = np.asarray((left <= CHEAP).any(axis=2))
        programme = programme_of(block.net, suggested, 0, price)
        given = self.share[:, block.edge] > share
        programme.add(Link(int(k), int(edge)) for k, edge in np.argwhere(given))
        programme.add(row.what for row, _ in own.values())
        return programme

    def _left(self, block: Block) -> Ints:
        at, charged = columns_of(block.net), self.charged[block.columns]
        return prices_left(at, prices(block.net), charged, self.share[:, block.edge])

    def _worth(self, block: Block, own: dict[object, tuple[Row, int]]) -> int:
        """Return which part of the bound a block may change."""
        asked = sum(weight * row.least for row, weight in own.values())
        return asked + int(np.minimum(self._left(block), 0).sum())

    def _write(
        self,
        block: Block,
        own: dict[object, tuple[Row, int]],
        best: Multipliers,
        fixed: Ints,
        share: Ints,
    ) -> None:
        """Replace a block's rows and shares."""
        at = columns_of(block.net)
        for key in own:
            del self.weighed[key]
        rows = [Row(row, *entries(block.net, at, row)) for row in best.rows]
        for row, weight in zip(best.rows, best.weights, strict=True):
            outer = _outer(block, row)
            self.weighed[outer.key] = (outer, weight)
        self.charged[block.columns] = fixed + charged_by(at, zip(rows, best.weights, strict=True))
        self.share[:, block.edge] = share + best.share


def ledger_of(net: Net, known: Multipliers, left: Ints) -> Ledger:
    """Return a ledger that begins with known multipliers of sets without sources.

    Parameters
    ----------
    left
        What they leave of the price of each arc, shape (utilities, 2 edges).
    """
    at = columns_of(net)
    pairs = zip(known.rows, known.weights, strict=True)
    weighed: dict[object, tuple[Cut | Pass, int]] = {row.key: (row, w) for row, w in pairs}
    charged = np.zeros(at.count, dtype=np.int64)
    arcs = slice(at.edges, at.edges * (1 + 2 * at.utilities))
    charged[arcs] = (arc_prices(net) + np.repeat(known.share, 2, axis=1) - left).ravel()
    point = np.zeros(at.count)
    return Ledger(net, weighed, known.share.copy(), charged, known.bound_milli, point)


def _block(net: Net, inside: Flags) -> Block:
    edge = np.flatnonzero(inside[net.u] | inside[net.v])
    node = np.union1d(np.flatnonzero(inside), np.concatenate([net.u[edge], net.v[edge]]))
    balance = np.where(inside[node], net.balance[:, node], OUTSIDE)
    small = joined(
        np.searchsorted(node, net.u[edge]),
        np.searchsorted(node, net.v[edge]),
        net.trench[edge],
        np.ascontiguousarray(net.line[:, edge]),
        balance,
        np.where(inside[node], net.grain[:, node], OUTSIDE),
        net.end[node],
    )
    return Block(small, node, edge, _numbers(columns_of(net), edge, node))


def _numbers(at: Columns, edge: Ints, node: Ints) -> Ints:
    """Return the columns of edges, their arcs, and nodes, in the order of columns."""
    arc = np.stack([2 * edge, 2 * edge + 1], axis=1).ravel()
    arcs = [at.y(k, arc) for k in range(at.utilities)]
    return np.concatenate([edge, *arcs, *(at.w(k, node) for k in range(at.utilities))])


def _columns_at(net: Net, inside: Flags) -> Ints:
    edge = np.flatnonzero(inside[net.u] & inside[net.v])
    return _numbers(columns_of(net), edge, np.flatnonzero(inside))


def _rows_within(
    ledger: Ledger, inside: Flags, block: Block
) -> Iterator[tuple[object, tuple[Row, int]]]:
    """Yield the rows that speak of a block's nodes alone, in its own numbers."""
    at, net = columns_of(block.net), ledger.net
    for key, (row, weight) in ledger.weighed.items():
        if isinstance(row, Pass):
            if not inside[row.middle(net)]:
                continue
            edge = int(np.searchsorted(block.edge, row.arc >> 1))
            inner: Cut | Pass = Pass(row.utility, 2 * edge + (row.arc & 1), row.leaves)
        else:
            if not inside[row.inside[0]] or not inside[row.inside].all():
                continue
            nodes, sources = (
                np.searchsorted(block.node, part) for part in (row.inside, row.sources)
            )
            inner = row.renumbered(nodes, sources)
        yield key, (Row(inner, *entries(block.net, at, inner)), weight)


def _outer(block: Block, row: Cut | Pass) -> Cut | Pass:
    """Return a block's row in the numbers of the whole network."""
    if isinstance(row, Pass):
        return Pass(row.utility, int(2 * block.edge[row.arc >> 1]) + (row.arc & 1), row.leaves)
    return row.renumbered(block.node[row.inside], block.node[row.sources])
