"""Cuts as sets of nodes: the arcs that enter them, and reduced costs below them."""

from __future__ import annotations

import numpy as np
from numba import njit

from geo.steiner.csr import Graph, Ints, Mask, Small
from geo.steiner.dual_ascent_kernels import CLOSED


@njit(cache=True, nogil=True)
def entering(g: Graph, shut: Mask, nodes: Small, begin: Ints, end: Ints) -> tuple[Small, Ints]:
    """Return the open arcs that enter each cut.

    A cut that adds nodes to the one before it, as those of one ascent do, takes only the time of
    what it adds and of its arcs.

    Parameters
    ----------
    g
        The graph.
    shut
        By slot: arcs that are left out.
    nodes, begin, end
        Cut k holds ``nodes[begin[k]:end[k]]``.

    Returns
    -------
    slots, first
        Slots of cut k, ``slots[first[k]:first[k + 1]]``.
    """
    mark = np.full(g.first.size - 1, -1, np.int64)
    first = np.zeros(begin.size + 1, np.int64)
    slots = np.empty(1024, np.int32)
    count, stamp = 0, -1
    for k in range(begin.size):
        here = count
        fresh = begin[k]
        if k > 0 and begin[k] == begin[k - 1] and end[k] >= end[k - 1]:
            fresh = end[k - 1]
        else:
            stamp += 1
        room = here - first[max(k - 1, 0)]
        for i in range(fresh, end[k]):
            mark[nodes[i]] = stamp
            room += g.first[nodes[i] + 1] - g.first[nodes[i]]
        while count + room > slots.size:
            slots = np.append(slots, np.empty_like(slots))
        if fresh > begin[k]:
            for i in range(first[k - 1], here):
                if mark[g.to[slots[i]]] != stamp:
                    slots[count] = slots[i]
                    count += 1
        for i in range(fresh, end[k]):
            x = nodes[i]
            for j in range(g.first[x], g.first[x + 1]):
                if mark[g.to[j]] != stamp and not shut[j]:
                    slots[count] = j
                    count += 1
        first[k + 1] = count
    return slots[:count], first


@njit(cache=True, nogil=True)
def lower(rc: Ints, slots: Small, first: Ints, value: Ints) -> int:
    """Raise cuts by up to `value` while reduced costs last; `rc` and `value` say what was done.

    Return the sum of the values.
    """
    total = 0
    for k in range(value.size):
        least = value[k]
        for i in range(first[k], first[k + 1]):
            least = min(least, rc[slots[i]])
        value[k] = least
        total += least
        if least > 0:
            for i in range(first[k], first[k + 1]):
                if rc[slots[i]] < CLOSED:
                    rc[slots[i]] -= least
    return total
