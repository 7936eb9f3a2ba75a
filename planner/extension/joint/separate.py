"""Inequalities that every plan keeps and a fractional one breaks.

For utility k, y is 1 for an arc along which something flows and w for a source that gives. A set S
without whose sources U the rest is short needs an arc that enters it, or one of U::

    y(arcs into S) + w(U) >= 1          where demand(S) > capacity(S without U)

and what a source gives has to leave every set around it that has no terminal::

    y(arcs out of Q) >= w(s)            where s in Q, no terminal in Q

Both say all that capacities mean: with U empty, the first alone describes every plan.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from planner.extension.joint.cut_kernels import Flow, load, saturate, spared, starved
from planner.extension.joint.model import Flags, Floats, Ints
from planner.extension.joint.network import Net

LEAST_BROKEN = 0.02
"""By how much an inequality must be broken to be worth a row."""

TRACE = 1e-4
"""Use of a source below which it is left alone."""

NESTED = 4
"""Sets around one terminal and at one price, each disjoint from those before it in its arcs."""

PRICES = (1.0, 0.5, 0.25, 0.12, 0.06, 0.03, 0.015, 0.008)
"""Prices of capacity, in arcs per unit, at which sets are sought."""


@dataclass(frozen=True, slots=True, eq=False)
class Cut:
    """A set that something has to enter, or that a source's flow has to leave.

    Parameters
    ----------
    utility
        Its place.
    inside
        Nodes of the set, ascending.
    sources
        U of a set to be entered, ascending; the one source of a set to be left.
    leaves
        Whether the set is to be left.
    broken
        By how much the fractional plan breaks it.
    """

    utility: int
    inside: Ints
    sources: Ints
    leaves: bool
    broken: float

    @property
    def key(self) -> tuple[int, bool, bytes, bytes]:
        """What distinguishes it from others."""
        return self.utility, self.leaves, self.inside.tobytes(), self.sources.tobytes()


def arcs_into(net: Net, inside: Ints) -> Ints:
    """Return the arcs that enter a set of nodes."""
    within = np.zeros(net.ptr.size - 1, dtype=np.bool_)
    within[inside] = True
    at_u, at_v = within[net.u], within[net.v]
    forward, back = np.flatnonzero(~at_u & at_v), np.flatnonzero(at_u & ~at_v)
    return np.sort(np.concatenate([2 * forward, 2 * back + 1]))


def _allowed(net: Net, arcs: Ints) -> Ints:
    """Return those arcs that do not leave an end."""
    tail = np.where(arcs & 1, net.v[arcs >> 1], net.u[arcs >> 1])
    allowed: Ints = arcs[~net.end[tail]]
    return allowed


def broken_cuts(
    net: Net, flow: Flow, k: int, y: Floats, w: Floats, rng: np.random.Generator
) -> Iterator[Cut]:
    """Yield inequalities of a utility that a fractional plan breaks.

    Parameters
    ----------
    flow
        Room.
    y, w
        Use of its arcs and of the nodes as sources, shapes (2 edges,) and (nodes,).
    rng
        Shifts the prices at which sets are sought.
    """
    balance = net.balance[k]
    unit = int(np.gcd.reduce(balance))
    terminals = np.flatnonzero(balance < 0)
    shift = float(rng.uniform(0.7, 1.4))
    for terminal in terminals.tolist():
        raised = y.copy()
        for price in (np.inf, *PRICES):
            for _ in range(NESTED):
                found = list(_around(net, flow, k, raised, w, terminal, shift * price / unit))
                yield from found
                if not found:
                    break
                raised[_allowed(net, arcs_into(net, found[0].inside))] = 1.0
    yield from _leaving(net, flow, k, y, w)


def _around(
    net: Net, flow: Flow, k: int, y: Floats, w: Floats, terminal: int, price: float
) -> Iterator[Cut]:
    """Yield broken sets around a terminal, at a price of capacity."""
    balance = net.balance[k]
    wanting = balance < 0
    if np.isinf(price):
        give, take = w, np.zeros(balance.size)
    else:
        give = np.minimum(np.where(wanting, 0.0, price * balance), w)
        take = np.where(wanting, -price * balance, 0.0)
    take[terminal] = 1e6
    load(flow, y, give, take)
    saturate(net, flow)
    narrow = np.zeros(balance.size, dtype=np.bool_)
    wide = flow.when != flow.stamp[0]
    starved(net, flow, narrow)
    for inside in (narrow, wide):
        yield from _entered(net, k, y, w, inside)


def _entered(net: Net, k: int, y: Floats, w: Floats, inside: Flags) -> Iterator[Cut]:
    chosen = np.zeros(inside.size, dtype=np.bool_)
    use = spared(net.balance[k], inside, w, chosen)
    nodes = np.flatnonzero(inside)
    broken = 1.0 - use - float(y[arcs_into(net, nodes)].sum())
    if broken > LEAST_BROKEN:
        yield Cut(k, nodes, np.flatnonzero(chosen), leaves=False, broken=broken)


def _leaving(net: Net, flow: Flow, k: int, y: Floats, w: Floats) -> Iterator[Cut]:
    """Yield sets around sources in use that too little leaves."""
    balance = net.balance[k]
    take = np.where(balance < 0, 1e6, 0.0)
    for source in np.flatnonzero((w > TRACE) & (balance > 0)):
        give = np.zeros(balance.size)
        give[source] = w[source]
        load(flow, y, give, take)
        sent = saturate(net, flow)
        broken = w[source] - sent / (1 << 24)
        if broken > LEAST_BROKEN:
            inside = np.flatnonzero(flow.when == flow.stamp[0])
            others = inside[(w[inside] >= w[source]) & (balance[inside] > 0)]
            for one in others:
                yield Cut(k, inside, np.array([one]), leaves=True, broken=broken)
