"""Edges that some best tree does without, and chains of edges that are one."""

from __future__ import annotations

import numpy as np
from numba import njit

from geo.heap_kernels import pop, push
from geo.steiner.csr import Graph, Ints, Mask, Small


@njit(cache=True, nogil=True)
def chains(
    g: Graph, alive: Mask, shut: Mask, is_terminal: Mask, root: int
) -> tuple[Small, Small, Small, Mask, Mask]:
    """Give numbers to the chains of edges between terminals and junctions.

    Edges away from the root's component and dead ends belong to no chain; along a chain
    there are only nodes of degree 2 that are no terminals.

    Parameters
    ----------
    g
        The graph.
    alive
        Which edges still exist.
    shut
        By slot: which arcs may not be used.
    is_terminal
        Which nodes must be connected.
    root
        One of them.

    Returns
    -------
    chain
        Number of each edge's chain, -1 for none, shape (edges,).
    begin, end
        First and last node of each chain.
    shut_ahead, shut_back
        Whether an arc along the chain from begin to end, or back, may not be used.
    """
    n = g.first.size - 1
    degree = np.zeros(n, np.int32)
    reached = np.zeros(n, np.bool_)
    stack = np.empty(n, np.int32)
    used = np.zeros(g.cost.size, np.bool_)
    reached[root] = True
    stack[0] = root
    top = 1
    while top > 0:
        top -= 1
        x = stack[top]
        for j in range(g.first[x], g.first[x + 1]):
            if alive[g.edge[j]]:
                used[g.edge[j]] = True
                degree[x] += 1
                if not reached[g.to[j]]:
                    reached[g.to[j]] = True
                    stack[top] = g.to[j]
                    top += 1
    for leaf in range(n):
        x = leaf
        while degree[x] == 1 and not is_terminal[x]:
            for j in range(g.first[x], g.first[x + 1]):
                if used[g.edge[j]]:
                    used[g.edge[j]] = False
                    degree[x] -= 1
                    x = g.to[j]
                    degree[x] -= 1
                    break
    chain = np.full(g.cost.size, -1, np.int32)
    begin = np.empty(g.cost.size, np.int32)
    end = np.empty(g.cost.size, np.int32)
    ahead = np.zeros(g.cost.size, np.bool_)
    back = np.zeros(g.cost.size, np.bool_)
    count = 0
    for x in range(n):
        if not reached[x] or (degree[x] == 2 and not is_terminal[x]):
            continue
        for j in range(g.first[x], g.first[x + 1]):
            if not used[g.edge[j]] or chain[g.edge[j]] >= 0:
                continue
            at = j
            chain[g.edge[at]] = count
            ahead[count] |= shut[g.twin[at]]
            back[count] |= shut[at]
            y = g.to[at]
            while degree[y] == 2 and not is_terminal[y]:
                for k in range(g.first[y], g.first[y + 1]):
                    if used[g.edge[k]] and chain[g.edge[k]] < 0:
                        at = k
                        break
                chain[g.edge[at]] = count
                ahead[count] |= shut[g.twin[at]]
                back[count] |= shut[at]
                y = g.to[at]
            begin[count] = x
            end[count] = y
            count += 1
    return chain, begin[:count], end[:count], ahead[:count], back[:count]


@njit(cache=True, nogil=True)
def detours(
    g: Graph, is_terminal: Mask, order: Small, most_steps: int, alive: Mask
) -> tuple[Small, Ints, Small]:
    """Drop edges whose ends are joined by a walk with short stretches between terminals.

    If every stretch of the walk between terminals costs at most as much as the edge, a tree that
    uses the edge is joined again by one of the stretches when the edge is taken out.

    Parameters
    ----------
    g
        The graph.
    is_terminal
        Which nodes must be connected.
    order
        Edges in the order in which they are tried.
    most_steps
        Nodes that the search for one walk may visit.
    alive
        Which edges exist; changes.

    Returns
    -------
    dropped
        Dropped edges in their order.
    first, walk
        Edges of each one's walk, ``walk[first[i]:first[i + 1]]``.

    References
    ----------
    C. W. Duin, A. Volgenant, Reduction tests for the Steiner problem in graphs, Networks 19 (1989).
    """
    n = g.first.size - 1
    most_events = 12 * most_steps + 64
    best = np.zeros(n, np.int64)
    seen = np.zeros(n, np.int32)
    node = np.empty(most_events, np.int32)
    slot = np.empty(most_events, np.int32)
    back = np.empty(most_events, np.int32)
    keys = np.empty(most_events, np.int64)
    items = np.empty(most_events, np.int32)
    dropped = np.empty(order.size, np.int32)
    first = np.zeros(order.size + 1, np.int64)
    walk = np.empty(4 * order.size + most_events, np.int32)
    count, length = 0, 0
    stamp = 0
    for e in order:
        if not alive[e]:
            continue
        stamp += 1
        limit = g.cost[e]
        goal = g.v[e]
        node[0] = g.u[e]
        back[0] = -1
        seen[g.u[e]] = stamp
        best[g.u[e]] = 0
        events = 1
        size = push(keys, items, 0, 0, 0)
        steps = 0
        found = -1
        while size > 0 and steps < most_steps and found < 0:
            here = keys[0]
            event = items[0]
            size = pop(keys, items, size)
            x = node[event]
            if here > best[x]:
                continue
            steps += 1
            if is_terminal[x]:
                here = 0
                best[x] = -1
            for j in range(g.first[x], g.first[x + 1]):
                f = g.edge[j]
                reach = here + g.cost[f]
                if reach > limit:
                    break
                if f == e or not alive[f]:
                    continue
                y = g.to[j]
                if seen[y] == stamp and best[y] <= reach:
                    continue
                if events == most_events:
                    steps = most_steps
                    break
                seen[y] = stamp
                best[y] = reach
                node[events] = y
                slot[events] = j
                back[events] = event
                if y == goal:
                    found = events
                    break
                size = push(keys, items, size, reach, events)
                events += 1
        if found < 0:
            continue
        alive[e] = False
        while back[found] >= 0:
            if length == walk.size:
                walk = np.append(walk, np.empty_like(walk))
            walk[length] = g.edge[slot[found]]
            length += 1
            found = back[found]
        dropped[count] = e
        count += 1
        first[count] = length
    return dropped[:count], first[: count + 1], walk[:length]
