"""Cheapest way of a drain over directed arcs: downhill is shallow, uphill is deep or pumped."""

from __future__ import annotations

import heapq
from typing import NamedTuple

import numpy as np
from numba import njit

from planner.extension.arrays import Bools, Floats, Ints


class Net(NamedTuple):
    """A graph row by row, as `planner.extension.kernel.adjacency` returns it, and its nodes.

    Parameters
    ----------
    pointers, neighbours, edges
        Rows, (n + 1,), (2 m,), (2 m,).
    weight
        Price of each edge, at least 0, infinite forbids it, (m,).
    length_m
        Length of each edge, (m,).
    first
        First node of each edge, from which its inner samples are counted, (m,).
    ground_m
        Height of the ground at each node; NaN forbids the node, (n,).
    inner_from, inner_m
        Heights at equal steps inside the edges, one edge after another: those of edge e are
        ``inner_m[inner_from[e] : inner_from[e + 1]]``, (m + 1,), (s,). NaN forbids the edge.
    passable
        Whether the way may go through a node; its ends need not be, (n,).
    target_m
        Level of the main at each target, NaN at nodes that are none, (n,).
    """

    pointers: Ints
    neighbours: Ints
    edges: Ints
    weight: Floats
    length_m: Floats
    first: Ints
    ground_m: Floats
    inner_from: Ints
    inner_m: Floats
    passable: Bools
    target_m: Floats


class Pipe(NamedTuple):
    """A drain on its way.

    Parameters
    ----------
    least_slope
        Fall for each metre.
    roof_m, deepest_m
        Least and greatest depth of the invert below the ground.
    excess_yuan_m2
        Price of one metre of depth beyond the least for each metre of length.
    pump_yuan
        Price of a pump.
    """

    least_slope: float
    roof_m: float
    deepest_m: float
    excess_yuan_m2: float
    pump_yuan: float


@njit(cache=True)
def _step(
    pipe: Pipe, ground_m: float, next_ground_m: float, length_m: float, level_m: float
) -> tuple[float, float]:
    """Return the level after one step along an arc, and what its depth costs."""
    most_m = next_ground_m - pipe.roof_m
    arrives_m = min(level_m - pipe.least_slope * length_m, most_m)
    if next_ground_m - arrives_m > pipe.deepest_m:
        return most_m, pipe.pump_yuan
    before_m = max(ground_m - pipe.roof_m - level_m, 0.0)
    return arrives_m, pipe.excess_yuan_m2 * (before_m + most_m - arrives_m) / 2 * length_m


@njit(cache=True)
def _arrives(
    net: Net, pipe: Pipe, here: int, there: int, edge: int, level_m: float
) -> tuple[float, float]:
    """Return the level with which a pipe arrives over one arc, and what its depth costs."""
    start, stop = net.inner_from[edge], net.inner_from[edge + 1]
    step_m = net.length_m[edge] / (stop - start + 1)
    forward = net.first[edge] == here
    ground_m, total = net.ground_m[here], 0.0
    for i in range(stop - start + 1):
        if i == stop - start:
            next_m = net.ground_m[there]
        else:
            next_m = net.inner_m[start + i] if forward else net.inner_m[stop - 1 - i]
        level_m, yuan = _step(pipe, ground_m, next_m, step_m, level_m)
        ground_m, total = next_m, total + yuan
    if level_m < net.target_m[there]:
        total += pipe.pump_yuan
    return level_m, total


@njit(cache=True)
def _way(by_edge: Ints, before: Ints, last: int) -> Ints:
    """Return the edges from the source to a node."""
    count, here = 0, last
    while here >= 0 and by_edge[here] >= 0:
        count, here = count + 1, before[here]
    way = np.empty(count, dtype=np.int64)
    here = last
    for i in range(count - 1, -1, -1):
        way[i], here = by_edge[here], before[here]
    return way


@njit(cache=True)
def descend(net: Net, pipe: Pipe, source: int, level_m: float) -> tuple[int, Ints]:
    """Find the cheapest way from a node down to any target, by Dijkstra's algorithm over arcs.

    The state of a node is one label: the least cost, and the invert's level with which that cost
    arrives. An arc costs its edge and the depth of the pipe below the least cover; beyond the
    greatest depth, and at a target that lies higher, a pump is paid instead, and the pipe begins
    anew at the least cover.

    Parameters
    ----------
    net, pipe
        Where it may go, and what it costs.
    source, level_m
        Where it begins, and the invert there.

    Returns
    -------
    tuple
        The target reached (-1 if none) and the edges from the source to it, in that order.
    """
    node_count = len(net.pointers) - 1
    cost = np.full(node_count, np.inf)
    level = np.full(node_count, -np.inf)
    by_edge = np.full(node_count, -1, dtype=np.int64)
    before = np.full(node_count, -1, dtype=np.int64)
    settled = np.zeros(node_count, dtype=np.bool_)
    cost[source], level[source] = 0.0, level_m
    heap = [(0.0, source)]
    while heap:
        _, here = heapq.heappop(heap)
        if settled[here]:
            continue
        settled[here] = True
        if not np.isnan(net.target_m[here]):
            return here, _way(by_edge, before, here)
        if not net.passable[here] and here != source:
            continue
        for i in range(net.pointers[here], net.pointers[here + 1]):
            there, edge = net.neighbours[i], net.edges[i]
            if settled[there] or np.isnan(net.ground_m[there]):
                continue
            arrives_m, yuan = _arrives(net, pipe, here, there, edge, level[here])
            total = cost[here] + net.weight[edge] + yuan
            if total < cost[there]:
                cost[there], level[there] = total, arrives_m
                by_edge[there], before[there] = edge, here
                heapq.heappush(heap, (total, there))
    return -1, np.empty(0, dtype=np.int64)
