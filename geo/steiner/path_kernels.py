"""Shortest paths by Dijkstra's algorithm, along arcs from a root or back from the terminals."""

from __future__ import annotations

import numpy as np
from numba import njit

from geo.heap_kernels import pop, push
from geo.steiner.csr import Graph, Ints, Mask, Small

FAR = 1 << 61
"""Distance of what cannot be reached; lengths from ``1 << 60`` up are no way through."""
BARRED = 1 << 60


@njit(cache=True, nogil=True)
def distances(g: Graph, length: Ints, sources: Small, forward: bool) -> Ints:
    """Return the distance of every node from the nearest source, or to it.

    Parameters
    ----------
    g
        The graph.
    length
        Length of the arc of each slot, not negative.
    sources
        Where paths begin, or end where `forward` is false.
    forward
        Whether arcs are followed in their direction.
    """
    n = g.first.size - 1
    dist = np.full(n, FAR, np.int64)
    keys = np.empty(g.to.size + sources.size + 1, np.int64)
    items = np.empty(g.to.size + sources.size + 1, np.int32)
    size = 0
    for s in sources:
        dist[s] = 0
        size = push(keys, items, size, 0, s)
    while size > 0:
        here = keys[0]
        x = items[0]
        size = pop(keys, items, size)
        if here > dist[x]:
            continue
        for j in range(g.first[x], g.first[x + 1]):
            step = length[g.twin[j]] if forward else length[j]
            y = g.to[j]
            if step < BARRED and here + step < dist[y]:
                dist[y] = here + step
                size = push(keys, items, size, here + step, y)
    return dist


@njit(cache=True, nogil=True)
def grow(g: Graph, length: Ints, root: int, is_terminal: Mask) -> tuple[Mask, int]:
    """Return a tree that grows from the root to the nearest terminal again and again.

    Parameters
    ----------
    g
        The graph.
    length
        Length of the arc of each slot, in the direction away from the root.
    root
        Where the tree begins.
    is_terminal
        Which nodes must be reached.

    Returns
    -------
    chosen
        Which edges the tree has.
    missing
        How many terminals it could not reach.

    References
    ----------
    H. Takahashi, A. Matsuyama, An approximate solution for the Steiner problem in graphs,
    Mathematica Japonica 24 (1980).
    """
    n = g.first.size - 1
    chosen = np.zeros(g.cost.size, np.bool_)
    dist = np.full(n, FAR, np.int64)
    via = np.full(n, -1, np.int32)
    inside = np.zeros(n, np.bool_)
    keys = np.empty(2 * g.to.size + n + 1, np.int64)
    items = np.empty(2 * g.to.size + n + 1, np.int32)
    missing = 0
    for x in range(n):
        missing += is_terminal[x] and x != root
    dist[root] = 0
    inside[root] = True
    size = push(keys, items, 0, 0, root)
    while size > 0 and missing > 0:
        here = keys[0]
        x = items[0]
        size = pop(keys, items, size)
        if here > dist[x]:
            continue
        if is_terminal[x] and not inside[x]:
            y = x
            while not inside[y]:
                inside[y] = True
                missing -= is_terminal[y]
                dist[y] = 0
                if size == keys.size:
                    keys = np.append(keys, np.empty_like(keys))
                    items = np.append(items, np.empty_like(items))
                size = push(keys, items, size, 0, y)
                chosen[g.edge[via[y]]] = True
                y = g.to[g.twin[via[y]]]
            continue
        for j in range(g.first[x], g.first[x + 1]):
            step = length[g.twin[j]]
            y = g.to[j]
            if step < BARRED and here + step < dist[y]:
                dist[y] = here + step
                via[y] = j
                if size == keys.size:
                    keys = np.append(keys, np.empty_like(keys))
                    items = np.append(items, np.empty_like(items))
                size = push(keys, items, size, here + step, y)
    return chosen, missing


@njit(cache=True, nogil=True)
def tidy(g: Graph, chosen: Mask, is_terminal: Mask) -> int:
    """Replace a tree by the least spanning tree of its nodes, without needless leaves.

    Parameters
    ----------
    g
        The graph.
    chosen
        The edges of a connected subgraph that holds all terminals; changes.
    is_terminal
        Which nodes must stay.

    Returns
    -------
    cost
        Cost of the new tree.
    """
    n = g.first.size - 1
    member = np.zeros(n, np.bool_)
    start, room = -1, 1
    for e in range(chosen.size):
        if chosen[e]:
            member[g.u[e]] = True
            member[g.v[e]] = True
            start = g.u[e]
            chosen[e] = False
    if start < 0:
        return 0
    for x in range(n):
        if member[x]:
            room += g.first[x + 1] - g.first[x]
    dist = np.full(n, FAR, np.int64)
    via = np.full(n, -1, np.int32)
    keys = np.empty(room, np.int64)
    items = np.empty(room, np.int32)
    degree = np.zeros(n, np.int32)
    order = np.empty(n, np.int32)
    count = 0
    dist[start] = 0
    size = push(keys, items, 0, 0, start)
    while size > 0:
        x = items[0]
        here = keys[0]
        size = pop(keys, items, size)
        if here > dist[x] or not member[x]:
            continue
        member[x] = False
        order[count] = x
        count += 1
        dist[x] = -1
        if via[x] >= 0:
            degree[x] += 1
            degree[g.to[g.twin[via[x]]]] += 1
            chosen[g.edge[via[x]]] = True
        for j in range(g.first[x], g.first[x + 1]):
            y = g.to[j]
            cost = g.cost[g.edge[j]]
            if member[y] and cost < dist[y]:
                dist[y] = cost
                via[y] = j
                size = push(keys, items, size, cost, y)
    for i in range(count - 1, 0, -1):
        x = order[i]
        if degree[x] == 1 and not is_terminal[x]:
            chosen[g.edge[via[x]]] = False
            degree[g.to[g.twin[via[x]]]] -= 1
    x = start
    while degree[x] == 1 and not is_terminal[x]:
        for j in range(g.first[x], g.first[x + 1]):
            if chosen[g.edge[j]]:
                chosen[g.edge[j]] = False
                degree[x] -= 1
                x = g.to[j]
                degree[x] -= 1
                break
    total = 0
    for e in range(chosen.size):
        if chosen[e]:
            total += g.cost[e]
    return total
