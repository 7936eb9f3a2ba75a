"""State of a walk through plans: what is used, what it costs, and how it is undone.

A plan is a set of edges for each utility. A piece is what a utility's edges connect; its balance
is capacity less demand, and a plan is allowed if no piece is below 0.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from planner.extension.joint.chance import Seeds
from planner.extension.joint.model import Ints
from planner.extension.joint.network import Net

COST, LOGGED, STAMP, SEEN, BEST = 0, 1, 2, 3, 4
"""Places in the tally of a walk: cost, entries of the log, last marks, least cost seen."""

FAR = 1 << 61


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
    tally
        See `COST`.
    log
        Switches of the move, utility x edges + edge; room for many, shape (room,).
    piece, up, mark
        Nodes of a piece in breadth-first order, arc by which each was reached, when marked.
    below, worth, thirst
        For nodes of a piece, all of the part beyond: balance, price, terminals.
    seen
        When a node's piece was looked at, shape (nodes,).
    dist, by, when
        Of a search: distance, arc, and the search it belongs to.
    keys, nodes
        Heap of a search.
    stack
        Nodes whose pieces wait to be trimmed.
    random
        State of the generator.
    """

    users: Ints
    best: Ints
    balance: Ints
    degree: Ints
    tally: Ints
    log: Ints
    piece: Ints
    up: Ints
    mark: Ints
    below: Ints
    worth: Ints
    thirst: Ints
    seen: Ints
    dist: Ints
    by: Ints
    when: Ints
    keys: Ints
    nodes: Ints
    stack: Ints
    random: Seeds


@njit(cache=True, nogil=True, inline="always")
def switch(net: Net, w: Walk, k: int, edge: int) -> None:
    """Add an edge to a utility's plan or take it away, at its exact price, and log it."""
    bit = 1 << k
    if w.users[edge] & bit:
        w.users[edge] ^= bit
        step = -1
        w.tally[COST] -= net.line[k, edge] + (net.trench[edge] if w.users[edge] == 0 else 0)
    else:
        w.tally[COST] += net.line[k, edge] + (net.trench[edge] if w.users[edge] == 0 else 0)
        w.users[edge] |= bit
        step = 1
    w.degree[k, net.u[edge]] += step
    w.degree[k, net.v[edge]] += step
    w.log[w.tally[LOGGED]] = k * net.u.size + edge
    w.tally[LOGGED] += 1


@njit(cache=True, nogil=True)
def undo(net: Net, w: Walk) -> None:
    """Take back every switch of the log."""
    count = w.tally[LOGGED]
    for place in range(count - 1, -1, -1):
        switch(net, w, w.log[place] // net.u.size, w.log[place] % net.u.size)
    w.tally[LOGGED] = 0


@njit(cache=True, nogil=True)
def gather(net: Net, w: Walk, k: int, start: int) -> int:
    """List the nodes of the piece at a node, breadth first, and return how many."""
    w.tally[STAMP] += 1
    stamp, bit = w.tally[STAMP], 1 << k
    w.mark[start], w.piece[0], w.up[start] = stamp, start, -1
    count, done = 1, 0
    while done < count:
        node = w.piece[done]
        done += 1
        if w.degree[k, node] == 0:
            continue
        for place in range(net.ptr[node], net.ptr[node + 1]):
            to = net.nbr[place]
            if w.users[net.arc[place] >> 1] & bit and w.mark[to] != stamp:
                w.mark[to], w.up[to], w.piece[count] = stamp, net.arc[place], to
                count += 1
    return count


def walk_of(net: Net, random: Seeds) -> Walk:
    """Return a walk that begins with nobody served."""
    utilities, edges = net.line.shape
    nodes = net.ptr.size - 1
    at_nodes = (np.zeros(nodes, dtype=np.int64) for _ in range(10))
    piece, up, mark, below, worth, thirst, seen, dist, by, when = at_nodes
    tally = np.zeros(5, dtype=np.int64)
    tally[BEST] = FAR
    return Walk(
        users=np.zeros(edges, dtype=np.int64),
        best=np.zeros(edges, dtype=np.int64),
        balance=np.maximum(net.balance, 0),
        degree=np.zeros((utilities, nodes), dtype=np.int64),
        tally=tally,
        log=np.zeros(64 * utilities * (edges + 1), dtype=np.int64),
        piece=piece,
        up=up,
        mark=mark,
        below=below,
        worth=worth,
        thirst=thirst,
        seen=seen,
        dist=dist,
        by=by,
        when=when,
        keys=np.zeros(2 * edges + nodes + 1, dtype=np.int64),
        nodes=np.zeros(2 * edges + nodes + 1, dtype=np.int64),
        stack=np.zeros(2 * nodes + 2, dtype=np.int64),
        random=random,
    )
