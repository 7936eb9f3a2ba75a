"""Lazy greedy choice, compiled: what a candidate gains only falls, so stale gains are bounds."""

from __future__ import annotations

import numpy as np
from numba import njit

from geo.heap_kernels import pop, push
from planner.coverage.siting.problem import Ints, Sight

FINE = 2**20
"""Steps of a rate, so that gains by unit of size compare as whole numbers."""


@njit(cache=True, nogil=True, error_model="numpy")
def fresh_gain(sight: Sight, weight: Ints, covered: np.ndarray, site: int) -> int:
    """Return the weight of the points that a candidate would newly reach."""
    gain = 0
    for place in range(sight.row[site], sight.row[site + 1]):
        point = sight.points[place]
        if not covered[point]:
            gain += weight[point]
    return gain


@njit(cache=True, nogil=True, error_model="numpy")
def choose(
    sight: Sight, weight: Ints, charge: Ints, size: Ints, budget: int, offered: np.ndarray
) -> Ints:
    """Return candidates in the order in which they are taken.

    Each step takes the candidate that gains most for its size, after its charge, of those that
    still fit; among equals the order of the heap decides.

    Parameters
    ----------
    sight, weight, charge, size, budget
        As in `planner.coverage.siting.problem.Problem`.
    offered
        bool, shape (candidates,): which may be taken.
    """
    count = len(size)
    covered = np.zeros(len(weight), dtype=np.bool_)
    keys, items = np.empty(count + 1, dtype=np.int64), np.empty(count + 1, dtype=np.int64)
    heap = 0
    for site in range(count):
        if offered[site]:
            net = fresh_gain(sight, weight, covered, site) - charge[site]
            if net > 0:
                heap = push(keys, items, heap, -(net * FINE // size[site]), site)
    taken = np.empty(count, dtype=np.int64)
    number, left = 0, budget
    while heap > 0:
        site = items[0]
        heap = pop(keys, items, heap)
        if size[site] > left:
            continue
        net = fresh_gain(sight, weight, covered, site) - charge[site]
        if net <= 0:
            continue
        key = -(net * FINE // size[site])
        if heap > 0 and key > keys[0]:
            heap = push(keys, items, heap, key, site)
            continue
        taken[number] = site
        number += 1
        left -= size[site]
        covered[sight.points[sight.row[site] : sight.row[site + 1]]] = True
    return taken[:number]
