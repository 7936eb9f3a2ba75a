"""Destroy and repair: moves that route some terminals anew, taken or undone by annealing."""

from __future__ import annotations

from math import exp
from typing import NamedTuple

import numpy as np
from numba import njit

from planner.extension.joint.chance import below, share
from planner.extension.joint.heap import pop, push
from planner.extension.joint.mend_kernels import Taste, any_taste, leave, supply, trim
from planner.extension.joint.model import Flags, Floats, Ints
from planner.extension.joint.network import FORBIDDEN, Net
from planner.extension.joint.walk import BEST, COST, FAR, LOGGED, STAMP, Walk, gather, switch, undo

MOST_PLACES = 8
"""Terminal nodes that one move may route anew."""

ERROR = 0.2
"""Greatest relative error of the distances by which terminals are put in order."""

REROUTED = 0.65
"""Share of moves that route terminals anew; the others cut one edge."""


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
def serve_all(net: Net, w: Walk, needs: Needs, queue: Ints) -> bool:
    """Serve everybody, roughly the nearest to a source first; return whether that succeeded."""
    for terminal in np.argsort(_distances(net, w, needs)):
        k, node = needs.utility[terminal], needs.node[terminal]
        w.balance[k, node] = net.balance[k, node]
        if not supply(net, w, k, node, Taste(0.5, 0.5, 0.0, 0, -1, queue.size), queue):
            return False
        trim(net, w, k, node)
        w.tally[LOGGED] = 0
    return True


@njit(cache=True, nogil=True)
def _choose(w: Walk, needs: Needs) -> int:
    """Draw terminals near one another into `needs.order`; return how many."""
    first = below(w.random, needs.node.size)
    most = 1 + int(MOST_PLACES * share(w.random) ** 2)
    everybody = below(w.random, 2) == 0
    place, count = needs.place[first], 0
    for i in range(needs.near.shape[1]):
        other = needs.near[place, i]
        if other < 0 or i >= most:
            break
        for j in range(needs.ptr[other], needs.ptr[other + 1]):
            terminal = needs.at[j]
            if everybody or needs.utility[terminal] == needs.utility[first]:
                needs.order[count] = terminal
                count += 1
    return count


@njit(cache=True, nogil=True)
def _reroute(net: Net, w: Walk, needs: Needs, queue: Ints, taste: Taste) -> bool:
    """Take the lines of some terminals away and lay them anew; return whether that succeeded."""
    count = _choose(w, needs)
    for i in range(count):
        w.balance[needs.utility[needs.order[i]], needs.node[needs.order[i]]] = 0
    _trim_all(net, w, needs, count)
    for i in range(count - 1, 0, -1):
        j = below(w.random, i + 1)
        needs.order[i], needs.order[j] = needs.order[j], needs.order[i]
    served = True
    for i in range(count):
        k, node = needs.utility[needs.order[i]], needs.node[needs.order[i]]
        w.balance[k, node] = net.balance[k, node]
        served = served and supply(net, w, k, node, taste, queue)
    if served:
        _trim_all(net, w, needs, count)
    return served


@njit(cache=True, nogil=True)
def _trim_all(net: Net, w: Walk, needs: Needs, count: int) -> None:
    """Trim the pieces of the terminals chosen, each once."""
    for k in range(net.line.shape[0]):
        trimmed = -2
        for i in range(count):
            node = needs.node[needs.order[i]]
            if needs.utility[needs.order[i]] == k and w.mark[node] != trimmed:
                trim(net, w, k, node)
                trimmed = w.tally[STAMP]


@njit(cache=True, nogil=True)
def _cut(net: Net, w: Walk, needs: Needs, queue: Ints, taste: Taste) -> bool:
    """Take an edge from one or all of its users and mend their pieces; return success."""
    first = below(w.random, needs.node.size)
    count = gather(net, w, needs.utility[first], needs.node[first])
    if count < 2:
        return True
    edge = w.up[w.piece[1 + below(w.random, count - 1)]] >> 1
    everybody = below(w.random, 2) == 0
    if below(w.random, 2) == 0:
        taste = Taste(taste.trench, taste.ratio, taste.noise, taste.salt, edge, taste.corner)
    users = w.users[edge] if everybody else 1 << needs.utility[first]
    for k in range(net.line.shape[0]):
        if users >> k & 1:
            switch(net, w, k, edge)
            trim(net, w, k, net.u[edge])
            trim(net, w, k, net.v[edge])
    for k in range(net.line.shape[0]):
        if users >> k & 1:
            for end in (net.u[edge], net.v[edge]):
                if not supply(net, w, k, end, taste, queue):
                    return False
                trim(net, w, k, end)
    return True


@njit(cache=True, nogil=True)
def anneal(net: Net, w: Walk, needs: Needs, queue: Ints, moves: int, heat: float) -> int:
    """Make moves at one temperature and keep the cheapest plan seen; return how many were taken.

    Parameters
    ----------
    queue
        Room for every node.
    heat
        Temperature in thousandths of a yuan.
    """
    taken = 0
    for _ in range(moves):
        before = w.tally[COST]
        w.tally[LOGGED] = 0
        taste = any_taste(w.random)
        if share(w.random) < REROUTED:
            mended = _reroute(net, w, needs, queue, taste)
        else:
            mended = _cut(net, w, needs, queue, taste)
        dearer = w.tally[COST] - before
        if mended and (dearer <= 0 or share(w.random) < exp(-dearer / max(heat, 1e-9))):
            taken += 1
            if w.tally[COST] < w.tally[BEST]:
                w.tally[BEST] = w.tally[COST]
                w.best[:] = w.users
        else:
            undo(net, w)
    return taken


@njit(cache=True, nogil=True)
def place_plan(net: Net, w: Walk, needs: Needs, used: Flags) -> None:
    """Put a plan into a walk, and count everybody as served."""
    for terminal in range(needs.node.size):
        k, node = needs.utility[terminal], needs.node[terminal]
        w.balance[k, node] = net.balance[k, node]
    for k in range(used.shape[0]):
        for edge in range(used.shape[1]):
            if used[k, edge] != (w.users[edge] >> k & 1 == 1):
                switch(net, w, k, edge)
                w.tally[LOGGED] = 0


@njit(cache=True, nogil=True)
def mend_all(net: Net, w: Walk, needs: Needs, queue: Ints) -> None:
    """Bring the piece of every terminal to capacity, then take away what each can spare.

    Ends through which the plan passes are left by all lines first.
    """
    for terminal in range(needs.node.size):
        k, node = needs.utility[terminal], needs.node[terminal]
        if net.end[node] and w.degree[k, node] > 1:
            leave(net, w, k, node)
    w.tally[LOGGED] = 0
    for terminal in range(needs.node.size):
        k, node = needs.utility[terminal], needs.node[terminal]
        supply(net, w, k, node, Taste(1.0, 0.5, 0.0, 0, -1, queue.size), queue)
        w.tally[LOGGED] = 0
    for terminal in range(needs.node.size):
        trim(net, w, needs.utility[terminal], needs.node[terminal])
        w.tally[LOGGED] = 0
