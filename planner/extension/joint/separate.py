"""Inequalities that every plan keeps and a fractional one breaks.

For utility k, y is 1 for an arc along which something flows and w for a source that gives. Let a
set S lack D > 0 even if its sources outside U give all they have. Then something enters S or U
gives D; rounded up in steps of h, with c the capacity of a source::

    r(D) y(arcs into S) + sum of r(min(c, D)) w over U >= r(D)     where r(x) = ceil(x / h)

With h >= D that says: an arc enters S, or a source of U gives. And what a source gives has to
leave every set around it that has no terminal::

    y(arcs out of Q) >= w(s)                                       where s in Q, no terminal in Q

With U empty, the first alone describes every plan.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from planner.extension.joint.cover_kernels import cover
from planner.extension.joint.cut_kernels import (
    WHOLE,
    Flow,
    draw,
    load,
    put_back,
    send,
    settle,
    widen,
)
from planner.extension.joint.model import Floats, Ints
from planner.extension.joint.network import Net

LEAST_BROKEN = 0.02
"""By how much an inequality must be broken to be worth a row."""

TRACE = 1e-4
"""Use of a source below which it is left alone."""

NESTED = 4
"""Sets around one terminal and at one price, each disjoint from those before it in its arcs."""

PRICES = (1.0, 0.5, 0.25, 0.12, 0.06, 0.03, 0.015, 0.008)
"""Prices of capacity, in arcs per unit, at which sets are sought."""

MUCH = 1 << 40
"""More than ever flows, in parts of `WHOLE`."""


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
    step
        In which amounts are rounded up, in thousandths of a unit; 0 for all that is lacking.
    broken
        By what part of what it asks for the fractional plan breaks it.
    """

    utility: int
    inside: Ints
    sources: Ints
    leaves: bool
    step: int
    broken: float

    @property
    def key(self) -> tuple[int, bool, int, bytes, bytes]:
        """What distinguishes it from others."""
        nodes, sources = self.inside.tobytes(), self.sources.tobytes()
        return self.utility, self.leaves, self.step, nodes, sources

    def renumbered(self, inside: Ints, sources: Ints) -> Cut:
        """Return the same with other numbers of its nodes, in the same order."""
        return replace(self, inside=inside, sources=sources)


def arcs_into(net: Net, inside: Ints) -> Ints:
    """Return the arcs that enter a set of nodes, which are ascending."""
    count = net.ptr[inside + 1] - net.ptr[inside]
    first = np.repeat(net.ptr[inside] - np.cumsum(count) + count, count)
    place = first + np.arange(first.size)
    tail = net.nbr[place]
    at = np.minimum(np.searchsorted(inside, tail), inside.size - 1)
    return np.sort(net.arc[place[inside[at] != tail]] ^ 1)


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
    terminals = np.flatnonzero(balance < 0).tolist()
    shift = float(rng.uniform(0.7, 1.4))
    for price in (np.inf, *PRICES):
        wanted = _priced(net, flow, k, y, w, shift * price / unit)
        for terminal in terminals:
            yield from _around(net, flow, k, y, w, terminal, wanted[terminal])
            put_back(flow)
    yield from _leaving(net, flow, k, y, w)


def _priced(net: Net, flow: Flow, k: int, y: Floats, w: Floats, price: float) -> Ints:
    """Let terminals draw what they want at a price of capacity; return what each still wants."""
    balance = net.balance[k]
    wanted = np.zeros(balance.size, dtype=np.int64)
    if np.isinf(price):
        load(flow, y, w)
    else:
        load(flow, y, np.minimum(np.maximum(price * balance, 0.0), w))
        wanted[balance < 0] = np.rint(-price * balance[balance < 0] * WHOLE).astype(np.int64)
        for terminal in np.flatnonzero(wanted).tolist():
            wanted[terminal] -= draw(net, flow, terminal, wanted[terminal])
    settle(flow)
    return wanted


def _around(
    net: Net, flow: Flow, k: int, y: Floats, w: Floats, terminal: int, wanted: int
) -> Iterator[Cut]:
    """Yield broken sets around a terminal."""
    most = MUCH if wanted else WHOLE
    for _ in range(NESTED):
        if draw(net, flow, terminal, most) >= most:
            return
        inside = np.sort(flow.queue[: flow.tally[1]])
        arcs = arcs_into(net, inside)
        cut = _entered(net, k, inside, w, float(y[arcs].sum()))
        if cut.broken <= LEAST_BROKEN:
            return
        yield cut
        widen(net, flow, arcs)


def _entered(net: Net, k: int, inside: Ints, w: Floats, entering: float) -> Cut:
    """Return the inequality of a set to be entered that is broken most."""
    balance = net.balance[k, inside]
    sources, demand = inside[balance > 0], -int(balance[balance < 0].sum())
    chosen = np.zeros(sources.size, dtype=np.bool_)
    step, broken = cover(net.balance[k, sources], w[sources], demand, entering, chosen)
    lacking = demand - int(net.balance[k, sources[~chosen]].sum())
    return Cut(
        k, inside, sources[chosen], leaves=False, step=0 if step >= lacking else step, broken=broken
    )


def _leaving(net: Net, flow: Flow, k: int, y: Floats, w: Floats) -> Iterator[Cut]:
    """Yield sets around sources in use that too little leaves."""
    balance = net.balance[k]
    load(flow, y, w)
    settle(flow)
    for source in np.flatnonzero((w > TRACE) & (balance > 0)).tolist():
        most = int(w[source] * WHOLE)
        broken = (most - send(net, flow, balance, source, most)) / WHOLE
        if broken > LEAST_BROKEN:
            inside = np.sort(flow.queue[: flow.tally[1]])
            others = inside[(w[inside] >= w[source]) & (balance[inside] > 0)]
            for one in others:
                yield Cut(k, inside, np.array([one]), leaves=True, step=0, broken=broken)
        put_back(flow)
