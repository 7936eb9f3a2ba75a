"""Shortest route from one node to the cheapest of many, stopped as soon as it is found."""

from __future__ import annotations

import heapq

import numpy as np
from numba import njit

from planner.extension.arrays import Bools, Floats, Ints


def adjacency(node_count: int, edge_u: Ints, edge_v: Ints) -> tuple[Ints, Ints, Ints]:
    """Return an undirected graph row by row: pointers (n + 1,), neighbours and edges (2 m,)."""
    tail = np.concatenate([edge_u, edge_v])
    head = np.concatenate([edge_v, edge_u])
    edge = np.tile(np.arange(len(edge_u)), 2)
    order = np.argsort(tail, kind="stable")
    pointers = np.concatenate([[0], np.cumsum(np.bincount(tail, minlength=node_count))])
    return pointers.astype(np.int64), head[order], edge[order]


@njit(cache=True)
def route(
    pointers: Ints,
    neighbours: Ints,
    edges: Ints,
    weight: Floats,
    passable: Bools,
    source: int,
    target: Bools,
) -> tuple[int, Ints]:
    """Find the cheapest way from a node to any target, by Dijkstra's algorithm with a heap.

    Parameters
    ----------
    pointers, neighbours, edges
        The graph as `adjacency` returns it.
    weight
        Cost of each edge, at least 0, (m,); infinite forbids the edge.
    passable
        Whether the way may go through a node; source and target need not be, (n,).
    source
        Where to begin.
    target
        Where it may end, (n,).

    Returns
    -------
    tuple
        The target reached (-1 if none) and the edges from it to the source, in that order.
    """
    node_count = len(pointers) - 1
    cost = np.full(node_count, np.inf)
    by_edge = np.full(node_count, -1, dtype=np.int64)
    before = np.full(node_count, -1, dtype=np.int64)
    settled = np.zeros(node_count, dtype=np.bool_)
    cost[source] = 0.0
    heap = [(0.0, source)]
    reached = -1
    while heap:
        here_cost, here = heapq.heappop(heap)
        if settled[here]:
            continue
        settled[here] = True
        if target[here]:
            reached = here
            break
        if not passable[here] and here != source:
            continue
        for i in range(pointers[here], pointers[here + 1]):
            there = neighbours[i]
            there_cost = here_cost + weight[edges[i]]
            if there_cost < cost[there]:
                cost[there] = there_cost
                by_edge[there] = edges[i]
                before[there] = here
                heapq.heappush(heap, (there_cost, there))
    count = 0
    here = reached
    while here >= 0 and by_edge[here] >= 0:
        count += 1
        here = before[here]
    way = np.empty(count, dtype=np.int64)
    here = reached
    for i in range(count):
        way[i] = by_edge[here]
        here = before[here]
    return reached, way
