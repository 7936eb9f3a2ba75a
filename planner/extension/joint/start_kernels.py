"""How a walk begins: everybody served in some order, or a plan from elsewhere, mended."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from geo.heap_kernels import pop, push
from planner.extension.joint.chance import share
from planner.extension.joint.mend_kernels import supply
from planner.extension.joint.model import Flags, Floats, Ints
from planner.extension.joint.network import FORBIDDEN, Net
from planner.extension.joint.piece_kernels import clear, tie
from planner.extension.joint.reach_kernels import Taste
from planner.extension.joint.walk import COST, DUG, FAR, LOGGED, Walk, ask

ERROR = 0.2
"""Greatest relative error of the distances by which terminals are put in order."""

TRIES = 10
"""Times that serving everybody is tried."""


class Needs(NamedTuple):
    """Terminals, in the order of utilities.

    Parameters
    ----------
    utility, node
        Shape (terminals,).
    place
        Number of the terminal's node among all nodes with a terminal, shape (terminals,).
    ptr, at
        Terminals at place p are at[ptr[p]:ptr[p + 1]].
    near
        For each place the places nearest to it, itself first, -1 for none.
    order
        Room for the terminals of one move.
    """

    utility: Ints
    node: Ints
    place: Ints
    ptr: Ints
    at: Ints
    near: Ints
    order: Ints


@njit(cache=True, nogil=True)
def nearest_places(net: Net, place_of: Ints, start: int, near: Ints) -> None:
    """Fill `near` with the places nearest to a node, by trench and the dearest line allowed."""
    nodes = place_of.size
    dist = np.full(nodes, -1)
    keys, heap = np.empty(net.arc.size + 1, np.int64), np.empty(net.arc.size + 1, np.int64)
    size, found = push(keys, heap, 0, 0, start), 0
    dist[start] = 0
    near[:] = -1
    while size > 0 and found < near.size:
        reached, node = keys[0], heap[0]
        size = pop(keys, heap, size)
        if reached > dist[node]:
            continue
        if place_of[node] >= 0:
            near[found] = place_of[node]
            found += 1
        for i in range(net.ptr[node], net.ptr[node + 1]):
            edge, to = net.arc[i] >> 1, net.nbr[i]
            onward = reached + net.trench[edge]
            for k in range(net.line.shape[0]):
                if net.line[k, edge] < FORBIDDEN:
                    onward += net.line[k, edge]
            if dist[to] < 0 or onward < dist[to]:
                dist[to] = onward
                size = push(keys, heap, size, onward, to)


@njit(cache=True, nogil=True)
def _distances(net: Net, w: Walk, needs: Needs) -> Floats:
    """Return how far each terminal is from its utility's sources, with a drawn error."""
    found = np.zeros(needs.node.size)
    for k in range(net.line.shape[0]):
        w.dist[:] = FAR
        size = 0
        for node in range(w.dist.size):
            if net.balance[k, node] > 0:
                w.dist[node] = 0
                size = push(w.keys, w.nodes, size, 0, node)
        while size > 0:
            near, node = w.keys[0], w.nodes[0]
            size = pop(w.keys, w.nodes, size)
            if near > w.dist[node]:
                continue
            for place in range(net.ptr[node], net.ptr[node + 1]):
                edge, to = net.arc[place] >> 1, net.nbr[place]
                onward = near + net.line[k, edge] + net.trench[edge] // 2
                if net.line[k, edge] < FORBIDDEN and onward < w.dist[to]:
                    w.dist[to] = onward
                    size = push(w.keys, w.nodes, size, onward, to)
        for i in range(needs.node.size):
            if needs.utility[i] == k:
                found[i] = w.dist[needs.node[i]] * (1.0 + ERROR * share(w.random))
    return found


@njit(cache=True, nogil=True)
def _wipe(net: Net, w: Walk) -> None:
    """Take every line away."""
    w.users[:], w.degree[:], w.label[:] = 0, 0, 0
    w.total[:], w.size[:], w.thirst[:], w.holds[:] = 0, 0, 0, 0
    w.tally[COST], w.tally[DUG], w.tally[LOGGED] = 0, 0, 0
    w.balance[:] = np.maximum(net.balance, 0)


@njit(cache=True, nogil=True)
def _serve_once(net: Net, w: Walk, needs: Needs, taste: Taste) -> bool:
    """Serve everybody, roughly the nearest to a source first; return whether that succeeded."""
    for terminal in np.argsort(_distances(net, w, needs)):
        k, node = needs.utility[terminal], needs.node[terminal]
        ask(w, k, node, net.balance[k, node])
        if not supply(net, w, k, node, taste):
            return False
        w.tally[LOGGED] = 0
    return True


@njit(cache=True, nogil=True)
def serve_all(net: Net, w: Walk, needs: Needs) -> bool:
    """Serve everybody in an order that is drawn, and return whether that succeeded.

    Where ends lie between parts of the graph it matters which part serves them: capacity counts
    for more with every try.
    """
    for attempt in range(TRIES):
        _wipe(net, w)
        if _serve_once(net, w, needs, Taste(0.5, float(4**attempt), 0.0, 0, -1)):
            return True
    return False


@njit(cache=True, nogil=True)
def place_plan(net: Net, w: Walk, used: Flags) -> None:
    """Put a plan into a walk, without circles and what passes an end; everybody is served."""
    _wipe(net, w)
    w.balance[:] = net.balance
    for k in range(used.shape[0]):
        for edge in range(used.shape[1]):
            if used[k, edge]:
                tie(net, w, k, edge)
                w.tally[LOGGED] = 0


@njit(cache=True, nogil=True)
def mend_all(net: Net, w: Walk, needs: Needs) -> bool:
    """Bring every piece to capacity and take away what can be spared; return success."""
    for terminal in range(needs.node.size):
        k, node = needs.utility[terminal], needs.node[terminal]
        if not supply(net, w, k, node, Taste(1.0, 1.0, 0.0, 0, -1)):
            return False
        w.tally[LOGGED] = 0
    for k in range(w.label.shape[0]):
        for node in range(w.label.shape[1]):
            if w.degree[k, node] == 1:
                clear(net, w, k, node)
                w.tally[LOGGED] = 0
    return True
