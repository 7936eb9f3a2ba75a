"""Wong's dual ascent: cuts around terminals are raised until each terminal hangs on the root.

The dual of the directed cut formulation has a value for every set of nodes that holds a terminal
and not the root; the values of the sets that an arc enters sum to at most the arc's cost. What is
left of the cost is the arc's reduced cost; an arc without any left is saturated.

References
----------
R. T. Wong, A dual ascent approach for Steiner tree problems on a directed graph, Mathematical
Programming 28 (1984); T. Pajor, E. Uchoa, R. F. Werneck, A robust and scalable algorithm for the
Steiner problem in graphs, Mathematical Programming Computation 10 (2018), for the order of cuts.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geo.heap_kernels import pop, push
from geo.steiner.csr import Graph, Ints, Small

CLOSED = 1 << 60
"""Reduced cost of an arc that may not be used; it never saturates."""


@njit(cache=True, nogil=True)
def _longer(values: NDArray[np.int64]) -> NDArray[np.int64]:
    longer = np.empty(2 * values.size, values.dtype)
    longer[: values.size] = values
    return longer


@njit(cache=True, nogil=True)
def ascend(
    g: Graph, rc: Ints, root: int, terminals: Small, noise: Ints, patience: float
) -> tuple[int, Small, Ints, Ints, Ints]:
    """Raise cuts as far as they go; `rc` holds the reduced costs before and after.

    Parameters
    ----------
    g
        The graph.
    rc
        Reduced cost of the arc of each slot, `CLOSED` where it may not be used; changes.
    root
        Node that no cut holds.
    terminals
        Nodes to be reached; the root among them does not matter.
    noise
        Added to the first size of each terminal's cut, by terminal; draws another order.
    patience
        How many times the size of the next smaller cut a cut may have and still be raised.

    Returns
    -------
    gain
        Sum of the raised values; `CLOSED` if a terminal cannot be reached.
    nodes, begin, end, value
        Raised cut k holds ``nodes[begin[k]:end[k]]``, and was raised by ``value[k]``. If a terminal
        cannot be reached, `nodes` is the side of a cut that no open arc enters, and no cut is
        given.
    """
    n = g.first.size - 1
    active = np.zeros(n, np.bool_)
    keys = np.empty(terminals.size + 1, np.int64)
    items = np.empty(terminals.size + 1, np.int32)
    size = 0
    for i in range(terminals.size):
        t = terminals[i]
        if t != root:
            active[t] = True
            size = push(keys, items, size, g.first[t + 1] - g.first[t] + noise[i], t)
    active[root] = True
    mark = np.zeros(n, np.int32)
    queue = np.empty(n, np.int32)
    cut = np.empty(g.to.size, np.int32)
    nodes = np.empty(1024, np.int32)
    begin = np.empty(256, np.int64)
    end = np.empty(256, np.int64)
    value = np.empty(256, np.int64)
    raised, kept, gain, stamp = 0, 0, 0, 0
    while size > 0:
        t = items[0]
        size = pop(keys, items, size)
        stamp += 1
        active[t] = False
        mark[t] = stamp
        queue[0] = t
        head, tail, in_cut = 0, 1, 0
        met, again, stored = False, False, 0
        while True:
            while head < tail and not met:
                x = queue[head]
                head += 1
                for j in range(g.first[x], g.first[x + 1]):
                    y = g.to[j]
                    if mark[y] == stamp:
                        continue
                    if rc[j] > 0:
                        cut[in_cut] = j
                        in_cut += 1
                    elif active[y]:
                        met = True
                        break
                    else:
                        mark[y] = stamp
                        queue[tail] = y
                        tail += 1
            if met:
                break
            least = CLOSED
            left = 0
            for i in range(in_cut):
                j = cut[i]
                if mark[g.to[j]] != stamp:
                    cut[left] = j
                    left += 1
                    least = min(least, rc[j])
            in_cut = left
            if least >= CLOSED:
                return CLOSED, queue[:tail], begin[:0], end[:0], value[:0]
            if size > 0 and in_cut > keys[0] and (stored > 0 or in_cut > keys[0] * patience):
                again = True
                break
            while kept + tail - stored > nodes.size:
                nodes = _longer(nodes)
            if raised == begin.size:
                begin, end, value = _longer(begin), _longer(end), _longer(value)
            begin[raised] = kept - stored
            for i in range(stored, tail):
                nodes[kept] = queue[i]
                kept += 1
            stored = tail
            end[raised] = kept
            value[raised] = least
            raised += 1
            gain += least
            for i in range(in_cut):
                j = cut[i]
                if rc[j] < CLOSED:
                    rc[j] -= least
                    if rc[j] == 0 and not met:
                        y = g.to[j]
                        if active[y]:
                            met = True
                        elif mark[y] != stamp:
                            mark[y] = stamp
                            queue[tail] = y
                            tail += 1
            if met:
                break
        if again:
            active[t] = True
            size = push(keys, items, size, in_cut, t)
    return gain, nodes[:kept], begin[:raised], end[:raised], value[:raised]
