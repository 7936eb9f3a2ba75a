"""State of a walk through plans: what is used, what it costs, and how it is undone.

A plan is a forest of edges for each utility. A piece is what a utility's edges connect; its total
is capacity less demand, and a plan is allowed if no piece is below 0. Nodes without edges belong
to no piece.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from planner.extension.joint.chance import Seeds
from planner.extension.joint.kernel import kernel
from planner.extension.joint.kin_kernels import nearest_sources
from planner.extension.joint.model import Floats, Ints
from planner.extension.joint.network import Net

COST, LOGGED, STAMP, BEST, NEXT, DUG = 0, 1, 2, 3, 4, 5
"""Places in the tally of a walk: cost, entries of the log, last mark, least cost seen, where to
look for an unused label, trenches used."""

FAR = 1 << 61

_SWITCH, _LABEL, _BALANCE = 0, 1, 2
"""Kinds of entries in the log."""


class Walk(NamedTuple):
    """State and scratch of a walk.

    Parameters
    ----------
    users
        Bit k is set where utility k uses an edge, shape (edges,).
    best
        The cheapest `users` seen.
    balance
        As in `Net`, without the terminals that are being routed anew.
    degree
        Edges that a utility uses at a node, shape (utilities, nodes).
    label
        Piece of a utility at a node, 0 for none, shape (utilities, nodes).
    total, size, thirst
        For each label: balance, nodes, terminals.
    held, held_at, holds
        Sources in pieces, in any order, for each utility; where each node stands among them; and
        how many there are.
    dug, dug_at
        Edges that are used, in any order, and where each edge stands among them.
    tally
        See `COST`.
    log
        What was changed by the move: kind, utility x nodes or edges + which, what was before.
    piece, other, mark
        Nodes gathered, and when marked.
    tips
        Where the two parts of a piece that was cut are met, shape (utilities, 2).
    dist, by, when
        Of a search: distance, arc, and the search it belongs to.
    keys, nodes
        Heap of a search.
    rate
        What capacity costed lately, in thousandths of a yuan for a thousandth of a unit, for each
        utility.
    largest
        Capacity of each utility's largest source.
    kin, kin_price
        Sources nearest to each source, -1 for none, and the way there at full price, shape
        (utilities, nodes, few); see `kin_kernels`.
    random
        State of the generator.
    """

    users: Ints
    best: Ints
    balance: Ints
    degree: Ints
    label: Ints
    total: Ints
    size: Ints
    thirst: Ints
    held: Ints
    held_at: Ints
    holds: Ints
    dug: Ints
    dug_at: Ints
    tally: Ints
    log: Ints
    piece: Ints
    other: Ints
    mark: Ints
    tips: Ints
    dist: Ints
    by: Ints
    when: Ints
    keys: Ints
    nodes: Ints
    rate: Floats
    largest: Ints
    kin: Ints
    kin_price: Ints
    random: Seeds


@kernel
def _note(w: Walk, kind: int, place: int, before: int) -> None:
    at = w.tally[LOGGED]
    w.log[at, 0], w.log[at, 1], w.log[at, 2] = kind, place, before
    w.tally[LOGGED] += 1


@kernel
def _hold(w: Walk, k: int, source: int, step: int) -> None:
    """Put a source on the list of those in pieces, or take it off."""
    if step > 0:
        w.held[k, w.holds[k]], w.held_at[k, source] = source, w.holds[k]
        w.holds[k] += 1
    else:
        w.holds[k] -= 1
        last, place = w.held[k, w.holds[k]], w.held_at[k, source]
        w.held[k, place], w.held_at[k, last] = last, place


@kernel
def _dig(w: Walk, edge: int, step: int) -> None:
    """Put an edge on the list of those used, or take it off."""
    if step > 0:
        w.dug[w.tally[DUG]], w.dug_at[edge] = edge, w.tally[DUG]
        w.tally[DUG] += 1
    else:
        w.tally[DUG] -= 1
        last, place = w.dug[w.tally[DUG]], w.dug_at[edge]
        w.dug[place], w.dug_at[last] = last, place


@kernel
def switch(net: Net, w: Walk, k: int, edge: int) -> None:
    """Add an edge to a utility's plan or take it away, at its exact price, and log it."""
    bit = 1 << k
    step = -1 if w.users[edge] & bit else 1
    w.tally[COST] += step * net.line[k, edge]
    if w.users[edge] & ~bit == 0:
        w.tally[COST] += step * net.trench[edge]
        _dig(w, edge, step)
    w.users[edge] ^= bit
    for node in (net.u[edge], net.v[edge]):
        w.degree[k, node] += step
        if net.balance[k, node] > 0 and w.degree[k, node] == (1 if step > 0 else 0):
            _hold(w, k, node, step)
    _note(w, _SWITCH, k * net.u.size + edge, 0)


@kernel
def relabel(w: Walk, k: int, node: int, label: int) -> None:
    """Move a node from its piece into another one, 0 for none."""
    before, amount = w.label[k, node], w.balance[k, node]
    _note(w, _LABEL, k * w.mark.size + node, before)
    thirsty = 1 if amount < 0 else 0
    w.label[k, node] = label
    w.total[before] -= amount
    w.size[before] -= 1
    w.thirst[before] -= thirsty
    w.total[label] += amount
    w.size[label] += 1
    w.thirst[label] += thirsty


@kernel
def ask(w: Walk, k: int, node: int, amount: int) -> None:
    """Change the balance of a node, and that of its piece."""
    before, label = w.balance[k, node], w.label[k, node]
    _note(w, _BALANCE, k * w.mark.size + node, before)
    w.balance[k, node] = amount
    w.total[label] += amount - before
    w.thirst[label] += (1 if amount < 0 else 0) - (1 if before < 0 else 0)


@kernel
def undo(net: Net, w: Walk) -> None:
    """Take back every change of the log."""
    for place in range(w.tally[LOGGED] - 1, -1, -1):
        kind, at, before = w.log[place, 0], w.log[place, 1], w.log[place, 2]
        if kind == _SWITCH:
            switch(net, w, at // net.u.size, at % net.u.size)
        elif kind == _LABEL:
            relabel(w, at // w.mark.size, at % w.mark.size, before)
        else:
            ask(w, at // w.mark.size, at % w.mark.size, before)
    w.tally[LOGGED] = 0


@kernel
def fresh(w: Walk) -> int:
    """Return a label without nodes."""
    label = w.tally[NEXT]
    while label == 0 or w.size[label] > 0:
        label = (label + 1) % w.size.size
    w.tally[NEXT] = (label + 1) % w.size.size
    return int(label)


def walk_of(net: Net, random: Seeds) -> Walk:
    """Return a walk that begins with nobody served."""
    utilities, edges = net.line.shape
    nodes = net.ptr.size - 1
    labels = 2 * int((net.balance < 0).sum()) + 4 * utilities + 2
    at_nodes = (np.zeros(nodes, dtype=np.int64) for _ in range(6))
    piece, other, mark, dist, by, when = at_nodes
    tables = (np.zeros((utilities, nodes), dtype=np.int64) for _ in range(4))
    degree, label, held, held_at = tables
    tally = np.zeros(6, dtype=np.int64)
    tally[BEST] = FAR
    kin, kin_price = nearest_sources(net)
    room = 2 * edges + nodes + 1
    return Walk(
        users=np.zeros(edges, dtype=np.int64),
        best=np.zeros(edges, dtype=np.int64),
        balance=np.maximum(net.balance, 0),
        degree=degree,
        label=label,
        total=np.zeros(labels, dtype=np.int64),
        size=np.zeros(labels, dtype=np.int64),
        thirst=np.zeros(labels, dtype=np.int64),
        held=held,
        held_at=held_at,
        holds=np.zeros(utilities, dtype=np.int64),
        dug=np.zeros(edges + 1, dtype=np.int64),
        dug_at=np.zeros(edges, dtype=np.int64),
        tally=tally,
        log=np.zeros((64 * utilities * (edges + nodes + 1), 3), dtype=np.int64),
        piece=piece,
        other=other,
        mark=mark,
        tips=np.zeros((utilities, 2), dtype=np.int64),
        dist=dist,
        by=by,
        when=when,
        keys=np.zeros(room, dtype=np.int64),
        nodes=np.zeros(room, dtype=np.int64),
        rate=_rates(net, kin, kin_price),
        largest=net.balance.max(axis=1),
        kin=kin,
        kin_price=kin_price,
        random=random,
    )


def _rates(net: Net, kin: Ints, kin_price: Ints) -> Floats:
    """Return the mean price of capacity between sources next to one another, at least 1."""
    known = kin[:, :, 0] >= 0
    paid = np.where(known, kin_price[:, :, 0], 0).sum(axis=1)
    gained = np.where(known, net.balance, 0).sum(axis=1)
    return np.asarray(np.maximum(paid / np.maximum(gained, 1), 1.0))
