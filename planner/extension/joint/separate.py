"""The search for inequalities that a fractional plan breaks, see `planner.extension.joint.cuts`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

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
from planner.extension.joint.cuts import Cut, arcs_into
from planner.extension.joint.model import Floats, Ints
from planner.extension.joint.network import Net, counted, thresholds

LEAST_BROKEN = 0.02
"""By how much an inequality must be broken to be worth a row."""

TRACE = 1e-4
"""Use of a source below which it is left alone."""

NESTED = 4
"""Sets around one terminal and at one price, each disjoint from those before it in its arcs."""

PRICES = (1.0, 0.5, 0.25, 0.12, 0.06, 0.03, 0.015, 0.008)
"""Prices of capacity, in arcs per unit, at which sets are sought."""

DRAWN, LEASTS = 2, 3
"""How many of these prices, and of the amounts that terminals ask for, are drawn in one round."""

MUCH = 1 << 40
"""More than ever flows, in parts of `WHOLE`."""


@dataclass(frozen=True, slots=True)
class View:
    """What a fractional plan does for those of a utility that ask for so much at once.

    Parameters
    ----------
    utility, least
        Its place, and the amount in thousandths; 0 if all count.
    balance
        Of who counts, shape (nodes,).
    y, w
        Use of arcs, of both of an edge where they count together, and of the sources that count,
        shapes (2 edges,) and (nodes,).
    """

    utility: int
    least: int
    balance: Ints
    y: Floats
    w: Floats


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
        Draws the prices and amounts at which sets are sought.
    """
    whole = View(k, 0, net.balance[k], y, w)
    yield from _lacking(net, flow, whole, rng)
    for least in rng.permutation(thresholds(net, k))[:LEASTS].tolist():
        yield from _lacking(net, flow, _view(net, k, y, w, least), rng)
    yield from _leaving(net, flow, whole)


def _view(net: Net, k: int, y: Floats, w: Floats, least: int) -> View:
    """Return what is done for those who ask for some amount or more."""
    tail = np.stack([net.u, net.v], axis=1).ravel()
    either = np.repeat(y.reshape(-1, 2).sum(axis=1), 2)
    balance = counted(net, k, least)
    return View(k, least, balance, np.where(net.end[tail], 0.0, either), np.where(balance, w, 0.0))


def _lacking(net: Net, flow: Flow, view: View, rng: np.random.Generator) -> Iterator[Cut]:
    """Yield broken sets that have to be entered."""
    unit = int(np.gcd.reduce(view.balance))
    terminals = np.flatnonzero(view.balance < 0).tolist()
    shift = float(rng.uniform(0.7, 1.4))
    for price in (np.inf, *rng.choice(PRICES, DRAWN, replace=False)):
        wanted = _priced(net, flow, view, shift * price / unit)
        for terminal in terminals:
            yield from _around(net, flow, view, terminal, wanted[terminal])
            put_back(flow)


def _priced(net: Net, flow: Flow, view: View, price: float) -> Ints:
    """Let terminals draw what they want at a price of capacity; return what each still wants."""
    balance = view.balance
    wanted = np.zeros(balance.size, dtype=np.int64)
    if np.isinf(price):
        load(flow, view.y, view.w)
    else:
        load(flow, view.y, np.minimum(np.maximum(price * balance, 0.0), view.w))
        wanted[balance < 0] = np.rint(-price * balance[balance < 0] * WHOLE).astype(np.int64)
        for terminal in np.flatnonzero(wanted).tolist():
            wanted[terminal] -= draw(net, flow, terminal, wanted[terminal])
    settle(flow)
    return wanted


def _around(net: Net, flow: Flow, view: View, terminal: int, wanted: int) -> Iterator[Cut]:
    """Yield broken sets around a terminal."""
    most = MUCH if wanted else WHOLE
    for _ in range(NESTED):
        if draw(net, flow, terminal, most) >= most:
            return
        inside = np.sort(flow.queue[: flow.tally[1]])
        arcs = arcs_into(net, inside)
        cut = _entered(view, inside, float(view.y[arcs].sum()))
        if cut.broken <= LEAST_BROKEN:
            return
        yield cut
        widen(net, flow, arcs)


def _entered(view: View, inside: Ints, entering: float) -> Cut:
    """Return the inequality of a set to be entered that is broken most."""
    balance = view.balance[inside]
    sources, demand = inside[balance > 0], -int(balance[balance < 0].sum())
    capacity, chosen = view.balance[sources], np.zeros(sources.size, dtype=np.bool_)
    step, broken = cover(capacity, view.w[sources], demand, entering, chosen)
    lacking = demand - int(capacity[~chosen].sum())
    return Cut(
        view.utility,
        inside,
        sources[chosen],
        leaves=False,
        step=0 if step >= lacking else step,
        broken=broken,
        least=view.least,
    )


def _leaving(net: Net, flow: Flow, view: View) -> Iterator[Cut]:
    """Yield sets around sources in use that too little leaves."""
    balance, w = view.balance, view.w
    load(flow, view.y, w)
    settle(flow)
    for source in np.flatnonzero((w > TRACE) & (balance > 0)).tolist():
        most = int(w[source] * WHOLE)
        broken = (most - send(net, flow, balance, source, most)) / WHOLE
        if broken > LEAST_BROKEN:
            inside = np.sort(flow.queue[: flow.tally[1]])
            others = inside[(w[inside] >= w[source]) & (balance[inside] > 0)]
            for one in others:
                yield Cut(view.utility, inside, np.array([one]), leaves=True, step=0, broken=broken)
        put_back(flow)
