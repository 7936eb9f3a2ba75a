"""Cuts that a fractional solution violates, by maximum flows from the root to each terminal."""

from __future__ import annotations

import numpy as np
from numba import njit

from geo.steiner.csr import Graph, Ints, Small

FULL = 1 << 24
"""Capacity that stands for one whole arc."""


@njit(cache=True, nogil=True)
def _levels(g: Graph, cap: Ints, root: int, sink: int, level: Small, queue: Small) -> int:
    """Give nodes their steps to the sink along arcs with room; return how many were reached.

    Stops early where the root is reached: `level` is then valid up to the root's level.
    """
    level[:] = -1
    level[sink] = 0
    queue[0] = sink
    head, tail = 0, 1
    while head < tail:
        x = queue[head]
        head += 1
        for j in range(g.first[x], g.first[x + 1]):
            y = g.to[j]
            if cap[j] > 0 and level[y] < 0:
                level[y] = level[x] + 1
                queue[tail] = y
                tail += 1
                if y == root:
                    return tail
    return tail


@njit(cache=True, nogil=True)
def _augment(
    g: Graph, cap: Ints, root: int, sink: int, level: Small, now: Ints, path: Small, most: int
) -> int:
    """Push flow along shortest paths while there are any, up to `most`; return the flow."""
    n = g.first.size - 1
    for x in range(n):
        now[x] = g.first[x]
    flow = 0
    length = 0
    x = root
    while flow < most:
        if x == sink:
            least = most - flow
            for i in range(length):
                least = min(least, cap[path[i]])
            keep = length
            for i in range(length - 1, -1, -1):
                cap[path[i]] -= least
                cap[g.twin[path[i]]] += least
                if cap[path[i]] == 0:
                    keep = i
            flow += least
            if keep < length:
                x = g.to[path[keep]]
            length = keep
            continue
        moved = False
        while now[x] < g.first[x + 1]:
            j = now[x]
            y = g.to[j]
            out = g.twin[j]
            if cap[out] > 0 and level[y] >= 0 and level[y] == level[x] - 1:
                path[length] = out
                length += 1
                x = y
                moved = True
                break
            now[x] += 1
        if not moved:
            if x == root:
                break
            level[x] = -1
            length -= 1
            x = g.to[path[length]]
            now[x] += 1
    return flow


@njit(cache=True, nogil=True)
def violated(
    g: Graph, capacity: Ints, root: int, terminals: Small, enough: int, nested: int
) -> tuple[Small, Ints]:
    """Return cuts that arcs of too little capacity enter.

    Parameters
    ----------
    g
        The graph.
    capacity
        Capacity of the arc of each slot, `FULL` for a whole arc; none negative.
    root
        The side that no cut holds.
    terminals
        Terminals in the order in which they are tried.
    enough
        Capacity from which a cut is not violated.
    nested
        Most cuts for one terminal, each found after the arcs of the one before are filled up.

    Returns
    -------
    nodes, first
        Cut k holds ``nodes[first[k]:first[k + 1]]``.
    """
    n = g.first.size - 1
    nodes = np.empty(max(n, 1024), np.int32)
    first = np.zeros(terminals.size * nested + 1, np.int64)
    level = np.empty(n, np.int32)
    queue = np.empty(n, np.int32)
    now = np.empty(n, np.int64)
    path = np.empty(n + 1, np.int32)
    filled = capacity.copy()
    count, kept = 0, 0
    for t in terminals:
        if t == root:
            continue
        cap = filled.copy()
        flow = 0
        for _ in range(nested):
            while flow < enough:
                reached = _levels(g, cap, root, t, level, queue)
                if level[root] < 0:
                    break
                flow += _augment(g, cap, root, t, level, now, path, enough - flow)
            if flow >= enough:
                break
            while kept + reached > nodes.size:
                nodes = np.append(nodes, np.empty_like(nodes))
            for i in range(reached):
                x = queue[i]
                nodes[kept] = x
                kept += 1
                for j in range(g.first[x], g.first[x + 1]):
                    if level[g.to[j]] < 0:
                        cap[j] += FULL - filled[j]
                        filled[j] = FULL
            count += 1
            first[count] = kept
    return nodes[:kept], first[: count + 1]
