"""A bound from a linear programme whose rows and columns are added as they are missed.

HiGHS solves it over the columns that good plans and cheap arcs suggest; what the duals say of the
other columns brings in those that pay. The bound itself is recomputed in whole numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from time import perf_counter

import numpy as np
from scipy.sparse import csc_array, csr_array

from planner.extension.joint.cut_kernels import flow_of
from planner.extension.joint.cuts import Cut
from planner.extension.joint.model import Flags, Floats, Ints
from planner.extension.joint.multipliers import Multipliers, Row, charged_by, prices_left, shared
from planner.extension.joint.network import FORBIDDEN, OUTSIDE, Net, arc_prices
from planner.extension.joint.rows import (
    Link,
    Pass,
    broken_links,
    broken_passes,
    columns_of,
    entries,
    prices,
)
from planner.extension.joint.separate import broken_cuts
from planner.extension.joint.simplex import Answer, Simplex

UNIT = 1e6
"""HiGHS counts in thousands of yuan."""

IDLE_ROUNDS = 3
"""Rounds after which a row that binds nothing is dropped."""

MOST_NEW = 3000
"""Most cuts of one round; those broken most come first."""

FEW_NEW = 100
"""Rows below which the last point is separated beside the centre."""

REPAIRS, TRACE = 20, 1e-7
"""Most programmes until all rows are met by columns, and what counts as met."""

LATEST = 0.5
"""Weight of the last optimum in the centre."""


@dataclass(slots=True)
class Programme:
    """The rows and columns so far, and the best multipliers seen.

    Parameters
    ----------
    net
        The network.
    price
        Of each column, in thousandths of a yuan.
    place
        Of each column among those in use, from 1, in the order in which they came; -1 for the
        others. Column 0 of the solver meets every row for a price that no plan reaches, so that
        columns may be missing.
    rng
        Draws where cuts are sought.
    rows
        In the order of the solver's.
    best
        The best multipliers.
    point, value_milli
        The last optimum, over all columns, and its price.
    centre
        Mean of the optima, the later ones weighing more.
    """

    net: Net
    price: Ints
    place: Ints
    rng: np.random.Generator
    simplex: Simplex = field(default_factory=Simplex)
    rows: list[Row] = field(default_factory=list)
    known: set[object] = field(default_factory=set)
    best: Multipliers | None = None
    point: Floats = field(default_factory=lambda: np.zeros(0))
    centre: Floats = field(default_factory=lambda: np.zeros(0))
    value_milli: float = 0.0

    @property
    def active(self) -> Flags:
        """Which columns are in use."""
        used: Flags = self.place >= 0
        return used

    def add(self, rows: Iterable[Cut | Pass | Link]) -> int:
        """Add rows that are not known yet; return how many."""
        at, new = columns_of(self.net), []
        for row in rows:
            if row.key not in self.known:
                self.known.add(row.key)
                new.append(Row(row, *entries(self.net, at, row)))
        if new:
            table, least = table_of(new, self.place, self.width)
            self.simplex.add_rows(least, table + _first_column(least, self.width))
            self.rows += new
        return len(new)

    @property
    def width(self) -> int:
        """How many columns are in use."""
        return int(self.place.max(initial=0)) + 1

    def bring_in(self, columns: Ints) -> None:
        """Use columns that were not in use."""
        lone = np.full(self.place.size, -1)
        lone[columns] = np.arange(columns.size)
        self.place[columns] = self.width + np.arange(columns.size)
        table = table_of(self.rows, lone, columns.size)[0]
        self.simplex.add_columns(self.price[columns] / UNIT, table.tocsc())

    def solve(self, *, seconds: float) -> bool:
        """Solve over the active columns and bring in what pays; return whether it was solved.

        Where columns are missing, those that meet the rows are brought in first.
        """
        until = perf_counter() + seconds
        for _ in range(REPAIRS):
            before = self.width
            answer = self.simplex.solve(until - perf_counter())
            if answer is None:
                return False
            self._take(answer)
            if answer.point[0] < TRACE or self.width == before:
                break
        return True

    def _take(self, answer: Answer) -> None:
        """Keep what an optimum says: its point, its bound, the columns that pay."""
        used = np.flatnonzero(self.active)
        self.point = np.zeros(self.place.size)
        self.point[used] = answer.point[self.place[used]]
        before = self.centre if self.centre.size else self.point
        self.centre = before + LATEST * (self.point - before)
        self.value_milli = answer.value * UNIT
        wanted = self._keep(np.floor(answer.dual * UNIT + 1e-6).astype(np.int64))
        self._drop_idle()
        self.bring_in(np.flatnonzero(wanted & ~self.active))

    def separate(self, *, until: float = np.inf) -> int:
        """Add rows that the centre breaks, or the last point; return how many.

        The optimum jumps from corner to corner; what its mean breaks cuts deeper.

        Parameters
        ----------
        until
            Clock time of `time.perf_counter` at which to end.
        """
        added = self._separate(self.centre, until)
        return added if added >= FEW_NEW else added + self._separate(self.point, until)

    def _separate(self, point: Floats, until: float) -> int:
        """Add rows that a point breaks, until a clock time at most; return how many."""
        found: list[Cut | Pass | Link] = []
        cuts: list[Cut] = []
        at, flow = columns_of(self.net), flow_of(self.net)
        for k in range(self.net.line.shape[0]):
            y, w = at.arcs(k, point), at.sources(k, point)
            w = np.where(self.net.balance[k] >= OUTSIDE, 1.0, w)
            found += broken_links(self.net, k, y, point[: at.edges])
            found += broken_passes(self.net, k, y, w)
            cuts += _in_time(broken_cuts(self.net, flow, k, y, w, self.rng), until)
        cuts.sort(key=lambda cut: -cut.broken)
        return self.add([*found, *cuts[:MOST_NEW]])

    def _keep(self, weights: Ints) -> Flags:
        """Prove a bound by multipliers, keep the best; return the columns that should come in."""
        at = columns_of(self.net)
        share = np.zeros((at.utilities, at.edges), dtype=np.int64)
        for row, weight in zip(self.rows, weights.tolist(), strict=True):
            if isinstance(row.what, Link):
                share[row.what.utility, row.what.edge] = weight
        charging = [(r, w) for r, w in zip(self.rows, weights.tolist(), strict=True) if w]
        rows = [(r, w) for r, w in charging if not isinstance(r.what, Link)]
        charged = charged_by(at, rows)
        share, wanted = shared(self.net, self.price, charged, share, self.active)
        left = prices_left(at, self.price, charged, share)
        bound = int(np.minimum(left, 0).sum()) + sum(w * row.least for row, w in rows)
        if self.best is None or bound > self.best.bound_milli:
            kinds = tuple(row.what for row, _ in rows if not isinstance(row.what, Link))
            self.best = Multipliers(share, kinds, tuple(w for _, w in rows), bound)
        return wanted

    def _drop_idle(self) -> None:
        """Drop the rows that have bound nothing for some rounds."""
        for row, binding in zip(self.rows, self.simplex.binding().tolist(), strict=True):
            row.idle = 0 if binding else row.idle + 1
        kept = np.array([row.idle <= IDLE_ROUNDS for row in self.rows], dtype=np.bool_)
        if not kept.all():
            self.simplex.keep_rows(kept)
            self.known -= {row.what.key for row in self.rows if row.idle > IDLE_ROUNDS}
            self.rows = [row for row in self.rows if row.idle <= IDLE_ROUNDS]


def programme_of(net: Net, suggested: Flags, seed: int, price: Ints | None = None) -> Programme:
    """Return a programme over the arcs suggested, shape (utilities, edges), and all sources.

    Parameters
    ----------
    price
        Of each column, if it is not the network's own.
    """
    at = columns_of(net)
    active = np.zeros(at.count, dtype=np.bool_)
    open_to = np.repeat(suggested, 2, axis=1) & (arc_prices(net) < FORBIDDEN)
    active[: at.edges] = open_to.any(axis=0).reshape(-1, 2).any(axis=1)
    active[at.edges : at.edges * (1 + 2 * at.utilities)] = open_to.ravel()
    active[at.edges * (1 + 2 * at.utilities) :] = (net.balance > 0).ravel()
    known = prices(net) if price is None else price
    programme = Programme(net, known, np.full(at.count, -1), np.random.default_rng(seed))
    beyond = known[known < FORBIDDEN].sum() / UNIT
    programme.simplex.add_columns(np.array([beyond]), csc_array((0, 1)))
    programme.bring_in(np.flatnonzero(active))
    return programme


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
        before = programme.width
        if left <= 0 or not programme.solve(seconds=min(left, 1e6)):
            return
        if programme.best is not None and programme.best.bound_milli >= cost_milli():
            return
        added = programme.separate(until=until)
        if not added and programme.width == before:
            return


def table_of(rows: list[Row], place: Ints, width: int) -> tuple[csr_array, Floats]:
    """Return the matrix of rows over some columns, and their least values.

    Parameters
    ----------
    place
        Of each column among those wanted, -1 for the others.
    width
        How many are wanted.
    """
    nothing = np.zeros(0, dtype=np.int64)
    lengths = np.array([row.columns.size for row in rows], dtype=np.int64)
    number = np.repeat(np.arange(len(rows)), lengths)
    column = place[np.concatenate([nothing, *(row.columns for row in rows)])]
    factor = np.concatenate([nothing, *(row.factors for row in rows)])
    inside = column >= 0
    parts = (factor[inside].astype(np.float64), (number[inside], column[inside]))
    least = np.array([row.least for row in rows], dtype=np.float64)
    return csr_array(parts, shape=(len(rows), width)), least


def _first_column(values: Floats, width: int) -> csr_array:
    """Return a table whose first column alone holds something."""
    places = (np.arange(values.size), np.zeros(values.size, dtype=np.int64))
    return csr_array((values, places), shape=(values.size, width))


def _in_time(cuts: Iterator[Cut], until: float) -> Iterator[Cut]:
    """Yield cuts until a clock time."""
    for cut in cuts:
        yield cut
        if perf_counter() >= until:
            return
