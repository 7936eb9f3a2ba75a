"""The bound's side of a search: one programme of the whole, or of one block after another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from planner.extension.joint.blocks import improve_all
from planner.extension.joint.dual import Charges
from planner.extension.joint.ledger import Ledger, ledger_of
from planner.extension.joint.model import Floats
from planner.extension.joint.multipliers import Multipliers
from planner.extension.joint.network import Net
from planner.extension.joint.programme import Programme, programme_of, tighten
from planner.extension.joint.rows import Link, columns_of

MOST_ARCS = 60_000
"""Arcs, over all utilities, above which blocks are improved one after another."""

TELLING = 0.99
"""Part of the charges whose sets are rows from the start, the largest first."""

SMALL_ARCS = 14_000
"""Arcs, over all utilities, up to which all of them are columns from the start."""


@dataclass(frozen=True, slots=True)
class Raising:
    """What raises the bound.

    Parameters
    ----------
    charged
        What dual ascent has proven.
    below
        The programme, or what blocks have proven.
    seed
        Draws the order of the blocks.
    """

    charged: Multipliers
    below: Programme | Ledger
    seed: int

    def best(self) -> Multipliers:
        """Return the multipliers that prove most."""
        if isinstance(self.below, Ledger):
            return self.below.multipliers()
        known = self.below.best
        return known if known and known.bound_milli > self.charged.bound_milli else self.charged

    def bound_milli(self) -> int:
        """Return what is proven by now."""
        if isinstance(self.below, Ledger):
            return self.below.bound_milli
        known = self.below.best
        return max(known.bound_milli if known else 0, self.charged.bound_milli)

    def point(self) -> Floats:
        """Return the last fractional plan, empty if there is none."""
        point = self.below.point
        return point if point.any() else np.zeros(0)

    def go_on(self, cost_milli: Callable[[], int], *, until: float, rounds: int) -> None:
        """Raise the bound until it meets the cost or nothing is gained.

        Parameters
        ----------
        cost_milli
            Returns the cost of the best plan known by now.
        until
            Clock time of `time.perf_counter` at which to end; infinite to count.
        rounds
            Most linear programmes of the whole, or most blocks.
        """
        if isinstance(self.below, Ledger):
            improve_all(self.below, cost_milli, until=until, most=rounds, seed=self.seed)
        else:
            tighten(self.below, cost_milli, until=until, rounds=rounds)


def raising_of(net: Net, charges: Charges, seed: int) -> Raising:
    """Return what begins with charged sets."""
    charged = _added_up(charges)
    if 2 * net.line.size > MOST_ARCS:
        return Raising(charged, ledger_of(net, charged, charges.left), seed)
    return Raising(charged, _programme(net, charges, charged, seed), seed)


def _programme(net: Net, charges: Charges, charged: Multipliers, seed: int) -> Programme:
    """Return a programme that begins with the charged sets and the arcs without price."""
    at = columns_of(net)
    suggested = (charges.left.reshape(at.utilities, at.edges, 2) == 0).any(axis=2)
    if 2 * net.line.size <= SMALL_ARCS:
        suggested[:] = True
    programme = programme_of(net, suggested, seed)
    largest = sorted(zip(charged.rows, charged.weights, strict=True), key=lambda pair: -pair[1])
    sums = np.cumsum([amount for _, amount in largest])
    programme.add(Link(int(k), int(edge)) for k, edge in np.argwhere(charges.share))
    programme.add(
        cut for cut, _ in largest[: int((sums < TELLING * sums.max(initial=0)).sum()) + 1]
    )
    return programme


def _added_up(charges: Charges) -> Multipliers:
    """Return charges as multipliers; sets charged more than once are added up."""
    weights: dict[object, int] = {}
    cuts = {}
    for cut, amount in charges.cuts():
        weights[cut.key] = weights.get(cut.key, 0) + amount
        cuts[cut.key] = cut
    rows = tuple(cuts.values())
    amounts = tuple(weights[key] for key in cuts)
    return Multipliers(charges.share, rows, amounts, charges.bound_milli)
