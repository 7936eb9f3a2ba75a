"""What multipliers prove, in whole thousandths of a yuan."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from planner.extension.joint.cuts import Cut
from planner.extension.joint.model import Flags, Ints
from planner.extension.joint.network import FORBIDDEN, Net
from planner.extension.joint.rows import Columns, Link, Pass, columns_of, entries, prices

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

    what: Cut | Pass | Link
    columns: Ints
    factors: Ints
    least: int
    idle: int = 0


def charged_by(at: Columns, rows: Iterable[tuple[Row, int]]) -> Ints:
    """Return what weighed rows take from the price of every column."""
    charged = np.zeros(at.count, dtype=np.int64)
    for row, weight in rows:
        charged[row.columns] += weight * row.factors
    return charged


def shared(net: Net, price: Ints, charged: Ints, share: Ints, active: Flags) -> tuple[Ints, Flags]:
    """Give trench to links without active arcs as far as it goes.

    Parameters
    ----------
    price, charged
        Of each column, and what rows take from it.
    share
        Given to the links so far, shape (utilities, edges).
    active
        Columns in use.

    Returns
    -------
    tuple
        The shares, and the columns that pay for all that and should be used.
    """
    at = columns_of(net)
    arcs = slice(at.edges, at.edges * (1 + 2 * at.utilities))
    sides = (at.utilities, at.edges, 2)
    lacking = np.maximum((charged - price)[arcs].reshape(sides).max(axis=2), 0)
    dormant = np.asarray((~active[arcs]).reshape(sides).all(axis=2))
    shares, left = share.copy(), price[: at.edges] - share.sum(axis=0)
    wanted = np.zeros(at.count, dtype=np.bool_)
    for k in range(at.utilities):
        asked = np.where(dormant[k], lacking[k], 0)
        given = np.clip(asked, 0, np.maximum(left, 0))
        shares[k] += given
        left -= given
        paying = np.flatnonzero(asked - given > PAYING)
        for arc in (2 * paying, 2 * paying + 1):
            wanted[at.y(k, arc)] = price[at.y(k, arc)] < FORBIDDEN
        wanted[paying] = True
    return shares, wanted


def prices_left(at: Columns, price: Ints, charged: Ints, share: Ints) -> Ints:
    """Return what charges and shares leave of the price of every column."""
    left = price - charged
    left[: at.edges] -= share.sum(axis=0)
    arcs = slice(at.edges, at.edges * (1 + 2 * at.utilities))
    left[arcs] += np.repeat(share, 2, axis=1).ravel()
    return left


def reduced_prices(net: Net, multipliers: Multipliers) -> Ints:
    """Return what multipliers leave of the price of every column."""
    at = columns_of(net)
    rows = [Row(row, *entries(net, at, row)) for row in multipliers.rows]
    charged = charged_by(at, zip(rows, multipliers.weights, strict=True))
    return prices_left(at, prices(net), charged, multipliers.share)
