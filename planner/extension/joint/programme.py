"""A bound from a linear programme whose rows and columns are added as they are missed.

HiGHS solves it over the columns that good plans and cheap arcs suggest; what the duals say of the
other columns brings in those that pay. The bound itself is recomputed in whole numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from time import perf_counter

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array

from planner.extension.joint.cut_kernels import flow_of
from planner.extension.joint.model import Flags, Floats, Ints
from planner.extension.joint.network import FORBIDDEN, Net, arc_prices
from planner.extension.joint.rows import (
    Columns,
    Pass,
    broken_passes,
    columns_of,
    entries,
    prices,
)
from planner.extension.joint.separate import Cut, broken_cuts

UNIT = 1e6
"""HiGHS counts in thousands of yuan."""

IDLE_ROUNDS = 2
"""Rounds after which a row that binds nothing is dropped."""

MOST_NEW = 1500
"""Most rows of one round; those broken most come first."""

PAYING = 1000
"""Thousandths of a yuan by which a column must pay to be brought in."""


@dataclass(frozen=True, slots=True)
class Multipliers:
    """Multipliers and the bound that they prove.

    Parameters
    ----------
    share
        Of the links, shape (utilities, edges), in thousandths of a yuan.
    rows, weights
        Rows with a multiplier above 0, and these.
    bound_milli
        In thousandths of a yuan.
    """

    share: Ints
    rows: tuple[Cut | Pass, ...]
    weights: tuple[int, ...]
    bound_milli: int


@dataclass(slots=True)
class Row:
    """A row with its entries, and for how many rounds it has bound nothing."""

    what: Cut | Pass
    columns: Ints
    factors: Ints
    least: int
    idle: int = 0


@dataclass(slots=True)
class Programme:
    """The rows and columns so far, and the best multipliers seen.

    Parameters
    ----------
    net
        The network.
    active
        Columns in use, shape (columns,).
    """

    net: Net
    active: Flags
    rng: np.random.Generator
    rows: list[Row] = field(default_factory=list)
    known: set[object] = field(default_factory=set)
    best: Multipliers | None = None
    point: Floats = field(default_factory=lambda: np.zeros(0))
    value_milli: float = 0.0

    def add(self, rows: Iterable[Cut | Pass]) -> int:
        """Add rows that are not known yet; return how many."""
        at, before = columns_of(self.net), len(self.rows)
        for row in rows:
            if row.key not in self.known:
                self.known.add(row.key)
                self.rows.append(Row(row, *entries(self.net, at, row)))
        return len(self.rows) - before

    def solve(self, *, seconds: float) -> bool:
        """Solve over the active columns and bring in what pays; return whether it was solved."""
        at, price = columns_of(self.net), prices(self.net)
        used = np.flatnonzero(self.active)
        place = np.full(at.count, -1)
        place[used] = np.arange(used.size)
        links = self._links(at)
        table, least = _table(at, self.rows, links, place, used.size)
        answer = linprog(
            price[used] / UNIT,
            A_ub=-table,
            b_ub=-least,
            bounds=(0, 1),
            method="highs",
            options={"time_limit": max(seconds, 0.1)},
        )
        if answer.status != 0:
            return False
        self.point = np.zeros(at.count)
        self.point[used] = answer.x
        self.value_milli = float(answer.fun) * UNIT
        dual = np.maximum(-answer.ineqlin.marginals, 0.0) * UNIT
        self._keep(at, price, links, dual)
        return True

    def separate(self) -> int:
        """Add rows that the last point breaks; return how many."""
        at, flow = columns_of(self.net), flow_of(self.net)
        found: list[Cut | Pass] = []
        for k in range(self.net.line.shape[0]):
            y, w = at.arcs(k, self.point), at.sources(k, self.point)
            found += broken_passes(self.net, k, y, w)
            cuts = sorted(
                broken_cuts(self.net, flow, k, y, w, self.rng), key=lambda cut: -cut.broken
            )
            found += cuts[: MOST_NEW // self.net.line.shape[0]]
        return self.add(found)

    def _links(self, at: Columns) -> Ints:
        """Return utility and edge of each link with an active arc, shape (links, 2)."""
        arcs = self.active[at.edges : at.edges * (1 + 2 * at.utilities)]
        linked = arcs.reshape(at.utilities, at.edges, 2).any(axis=2) & (self.net.trench > 0)
        return np.stack(np.nonzero(linked), axis=1)

    def _keep(self, at: Columns, price: Ints, links: Ints, dual: Floats) -> None:
        """Round the multipliers, prove a bound by them, bring in columns, drop idle rows."""
        count = len(self.rows)
        weights = np.floor(dual[:count] + 1e-6).astype(np.int64)
        share = np.zeros((at.utilities, at.edges), dtype=np.int64)
        share[links[:, 0], links[:, 1]] = np.floor(dual[count:] + 1e-6).astype(np.int64)
        charged = _charged(at, self.rows, weights)
        share, wanted = _shared(self.net, at, charged, share, self.active)
        bound = _bound(at, price, charged, share)
        bound += int(sum(w * row.least for w, row in zip(weights, self.rows, strict=True)))
        if self.best is None or bound > self.best.bound_milli:
            binding = np.flatnonzero(weights)
            self.best = Multipliers(
                share,
                tuple(self.rows[i].what for i in binding),
                tuple(weights[binding].tolist()),
                bound,
            )
        self.active |= wanted
        for row, weight in zip(self.rows, weights, strict=True):
            row.idle = 0 if weight else row.idle + 1
        self.known -= {row.what.key for row in self.rows if row.idle > IDLE_ROUNDS}
        self.rows = [row for row in self.rows if row.idle <= IDLE_ROUNDS]


def programme_of(net: Net, suggested: Flags, seed: int) -> Programme:
    """Return a programme over the arcs suggested, shape (utilities, edges), and all sources."""
    at = columns_of(net)
    active = np.zeros(at.count, dtype=np.bool_)
    open_to = np.repeat(suggested, 2, axis=1) & (arc_prices(net) < FORBIDDEN)
    active[: at.edges] = open_to.any(axis=0).reshape(-1, 2).any(axis=1)
    active[at.edges : at.edges * (1 + 2 * at.utilities)] = open_to.ravel()
    active[at.edges * (1 + 2 * at.utilities) :] = (net.balance > 0).ravel()
    return Programme(net, active, np.random.default_rng(seed))


def tighten(
    programme: Programme, cost_milli: Callable[[], int], *, until: float, rounds: int
) -> None:
    """Solve and separate until the bound meets the cost, nothing is broken, or time is out.

    Parameters
    ----------
    cost_milli
        Returns the cost of the best plan known by now.
    until
        Clock time of `time.perf_counter`; infinite to count rounds.
    rounds
        Most rounds.
    """
    for _ in range(rounds):
        left = until - perf_counter()
        before = int(programme.active.sum())
        if left <= 0 or not programme.solve(seconds=min(left, 1e6)):
            return
        if programme.best is not None and programme.best.bound_milli >= cost_milli():
            return
        added = programme.separate()
        if not added and int(programme.active.sum()) == before:
            return


def _table(
    at: Columns, rows: list[Row], links: Ints, place: Ints, width: int
) -> tuple[csr_array, Floats]:
    """Return the matrix of the rows and links over the active columns, and their least values."""
    lengths = np.array([row.columns.size for row in rows], dtype=np.int64)
    number = np.repeat(np.arange(len(rows)), lengths)
    edge, first = links[:, 1], at.edges * (1 + 2 * links[:, 0]) + 2 * links[:, 1]
    linked = len(rows) + np.arange(edge.size)
    ones = np.ones(edge.size)
    nothing = np.zeros(0, dtype=np.int64)
    row_of = np.concatenate([number, linked, linked, linked])
    column = np.concatenate([nothing, *(row.columns for row in rows), edge, first, first + 1])
    factor = np.concatenate([nothing, *(row.factors for row in rows), ones, -ones, -ones])
    inside = place[column] >= 0
    shape = (len(rows) + edge.size, width)
    table = csr_array((factor[inside], (row_of[inside], place[column[inside]])), shape=shape)
    least = np.array([*(float(row.least) for row in rows), *np.zeros(edge.size)])
    return table, least


def _charged(at: Columns, rows: list[Row], weights: Ints) -> Ints:
    """Return what the weighed rows take from the price of every column."""
    charged = np.zeros(at.count, dtype=np.int64)
    for row, weight in zip(rows, weights.tolist(), strict=True):
        if weight:
            np.add.at(charged, row.columns, weight * row.factors)
    return charged


def _shared(net: Net, at: Columns, charged: Ints, share: Ints, active: Flags) -> tuple[Ints, Flags]:
    """Give trench to inactive links as far as it goes; return the shares and columns that pay."""
    price = arc_prices(net)
    beyond = charged[at.edges : at.edges * (1 + 2 * at.utilities)].reshape(price.shape) - price
    lacking = np.maximum(beyond.reshape(at.utilities, at.edges, 2).max(axis=2), 0)
    dormant = ~active[at.edges : at.edges * (1 + 2 * at.utilities)]
    dormant = np.asarray(dormant.reshape(at.utilities, at.edges, 2).all(axis=2))
    shares, left = share.copy(), net.trench - share.sum(axis=0)
    wanted = np.zeros(at.count, dtype=np.bool_)
    for k in range(at.utilities):
        asked = np.where(dormant[k], lacking[k], 0)
        given = np.clip(asked, 0, np.maximum(left, 0))
        shares[k] += given
        left -= given
        paying = np.flatnonzero(asked - given > PAYING)
        for arc in (2 * paying, 2 * paying + 1):
            wanted[at.y(k, arc)] = price[k, arc] < FORBIDDEN
        wanted[paying] = True
    return shares, wanted


def _bound(at: Columns, price: Ints, charged: Ints, share: Ints) -> int:
    """Return the sum of the negative prices that are left, with every column at most 1."""
    return int(np.minimum(_left(at, price, charged, share), 0).sum())


def _left(at: Columns, price: Ints, charged: Ints, share: Ints) -> Ints:
    left = price - charged
    left[: at.edges] -= share.sum(axis=0)
    arcs = slice(at.edges, at.edges * (1 + 2 * at.utilities))
    left[arcs] += np.repeat(share, 2, axis=1).ravel()
    return left


def table_of(net: Net, rows: list[Row], place: Ints, width: int) -> tuple[csr_array, Floats]:
    """Return the matrix of rows and of all links over some columns, and their least values.

    Parameters
    ----------
    place
        Of each column among those wanted, -1 for the others.
    width
        How many are wanted.
    """
    at = columns_of(net)
    utility, edge = np.nonzero(np.ones((at.utilities, at.edges), dtype=np.bool_))
    first = at.edges * (1 + 2 * utility) + 2 * edge
    linked = (place[first] >= 0) | (place[first + 1] >= 0)
    return _table(at, rows, np.stack([utility, edge], axis=1)[linked], place, width)


def reduced_prices(net: Net, multipliers: Multipliers) -> Ints:
    """Return what multipliers leave of the price of every column."""
    at = columns_of(net)
    rows = [Row(row, *entries(net, at, row)) for row in multipliers.rows]
    charged = _charged(at, rows, np.array(multipliers.weights, dtype=np.int64))
    return _left(at, prices(net), charged, multipliers.share)
