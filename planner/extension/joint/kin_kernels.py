"""Which sources of a utility are near one another: where capacity is cheap to add."""

from __future__ import annotations

import numpy as np
from numba import njit

from geo.heap_kernels import pop, push
from planner.extension.joint.model import Ints
from planner.extension.joint.network import FORBIDDEN, Net

KIN, SETTLED = 8, 200
"""Sources that a source knows, and nodes settled to find them."""


@njit(cache=True, nogil=True)
def nearest_sources(net: Net) -> tuple[Ints, Ints]:
    """Return the sources nearest to each source and the price of the way, lines and trenches.

    Returns
    -------
    tuple
        Sources, -1 for none, and prices, shape (utilities, nodes, `KIN`).
    """
    utilities, nodes = net.balance.shape
    kin, price = np.full((utilities, nodes, KIN), -1), np.zeros((utilities, nodes, KIN), np.int64)
    dist, when = np.zeros(nodes, np.int64), np.full(nodes, -1)
    keys, heap = np.empty(net.arc.size + 1, np.int64), np.empty(net.arc.size + 1, np.int64)
    for k in range(utilities):
        for start in range(nodes):
            if net.balance[k, start] <= 0:
                continue
            stamp = k * nodes + start
            dist[start], when[start] = 0, stamp
            size, found, settled = push(keys, heap, 0, 0, start), 0, 0
            while size > 0 and found < KIN and settled < SETTLED:
                near, node = keys[0], heap[0]
                size = pop(keys, heap, size)
                if near > dist[node]:
                    continue
                settled += 1
                if node != start and net.balance[k, node] > 0:
                    kin[k, start, found], price[k, start, found] = node, near
                    found += 1
                for i in range(net.ptr[node], net.ptr[node + 1]):
                    edge, to = net.arc[i] >> 1, net.nbr[i]
                    onward = near + net.line[k, edge] + net.trench[edge]
                    if net.end[to] or net.line[k, edge] >= FORBIDDEN:
                        continue
                    if when[to] != stamp or onward < dist[to]:
                        dist[to], when[to] = onward, stamp
                        size = push(keys, heap, size, onward, to)
    return kin, price
