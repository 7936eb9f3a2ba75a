"""An undirected graph as flat arrays that numba kernels read: slots, one for each end of an edge.

Slot ``j`` in the block ``first[x]:first[x + 1]`` of node ``x`` stands for two things: the edge
``edge[j]`` seen from ``x`` with its other end ``to[j]``, and the arc that enters ``x`` from
``to[j]``. The arc that leaves ``x`` along the same edge is the slot ``twin[j]``. Costs of arcs
and reduced costs are arrays by slot, costs of edges arrays by edge.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Small = NDArray[np.int32]
Mask = NDArray[np.bool_]


class Graph(NamedTuple):
    """An undirected graph without loops, as slots.

    Parameters
    ----------
    first
        Start of each node's slots, shape (nodes + 1,).
    to, twin, edge
        By slot: the other end, the slot of the other end, the edge; shape (2 edges,).
    u, v
        End nodes of each edge, shape (edges,).
    cost
        Cost of each edge in whole units, shape (edges,).
    """

    first: Ints
    to: Small
    twin: Small
    edge: Small
    u: Small
    v: Small
    cost: Ints


def graph_of(nodes: int, u: NDArray[np.integer], v: NDArray[np.integer], cost: Ints) -> Graph:
    """Return the slots of a graph; within a node they are sorted by cost, then by edge.

    Parameters
    ----------
    nodes
        Number of nodes.
    u, v, cost
        Ends and cost of each edge; parallel edges are allowed, loops are not.

    Examples
    --------
    >>> g = graph_of(3, np.array([0, 1]), np.array([1, 2]), np.array([5, 7]))
    >>> g.first.tolist(), g.to.tolist(), g.twin.tolist()
    ([0, 1, 3, 4], [1, 0, 2, 1], [1, 0, 3, 2])
    """
    edges = len(cost)
    end = np.concatenate([u, v])
    order = np.lexsort([np.tile(np.arange(edges), 2), np.tile(cost, 2), end])
    place = np.empty(2 * edges, np.int32)
    place[order] = np.arange(2 * edges, dtype=np.int32)
    other = np.concatenate([v, u])
    across = np.concatenate([np.arange(edges, 2 * edges), np.arange(edges)])
    return Graph(
        first=np.searchsorted(end[order], np.arange(nodes + 1)).astype(np.int64),
        to=other[order].astype(np.int32),
        twin=place[across[order]],
        edge=(order % edges if edges else order).astype(np.int32),
        u=u.astype(np.int32),
        v=v.astype(np.int32),
        cost=cost.astype(np.int64),
    )
