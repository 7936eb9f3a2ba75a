"""The cheapest ways to several entries in one search, stopped as soon as enough are found."""

from __future__ import annotations

import heapq
from typing import NamedTuple

import numpy as np
from numba import njit

from planner.extension.arrays import Bools, Floats, Ints


class Net(NamedTuple):
    """The graph as one demand sees it; n nodes, m edges.

    Parameters
    ----------
    pointers, neighbours, edges
        Rows as `planner.extension.kernel.adjacency` returns them.
    weight
        Cost of each edge, at least 0, (m,); infinite forbids the edge.
    passable
        Whether a way may go through a node, (n,).
    target
        Where a way may end, (n,).
    place
        Number of the place of each edge at the source, (m,); not read of other edges.
    tapped
        Line that each edge taps, -1 where it taps none, (m,).
    """

    pointers: Ints
    neighbours: Ints
    edges: Ints
    weight: Floats
    passable: Bools
    target: Bools
    place: Ints
    tapped: Ints


class _Labels(NamedTuple):
    """The ways kept at each node, `most` rows a node: place, last edge, row of the way before."""

    kept: Ints
    place: Ints
    edge: Ints
    before: Ints


@njit(cache=True)
def ways(net: Net, source: int, most: int) -> tuple[Ints, Ints, Ints]:
    """Find the cheapest way to each of the `most` cheapest entries.

    An entry is the place at which a way leaves the source, together with the target or the line
    tapped at which it ends. Every node keeps its cheapest ways from `most` different places: a
    way from a further place is dearer than all of these, to every end, and so among no `most`.

    Parameters
    ----------
    net
        The graph.
    source
        Node where the ways begin.
    most
        Number of entries.

    Returns
    -------
    tuple
        Targets reached, from the cheapest, (w,); number of edges of each way, (w,); the edges of
        all ways, each from its target to the source.
    """
    nodes = len(net.pointers) - 1
    rows = nodes * most
    labels = _Labels(
        np.zeros(nodes, dtype=np.int64),
        np.empty(rows, dtype=np.int64),
        np.empty(rows, dtype=np.int64),
        np.empty(rows, dtype=np.int64),
    )
    entries = np.full((most, 2), -1, dtype=np.int64)
    reached, count = np.empty(most, dtype=np.int64), np.zeros(most, dtype=np.int64)
    trail = np.empty(0, dtype=np.int64)
    found = 0
    heap = [(0.0, source, -1, -1, -1)]
    while heap and found < most:
        cost, here, place, edge, row = heapq.heappop(heap)
        if here == source:
            if edge < 0:
                _expand(net, labels, heap, (cost, here, place, -1), most)
        elif net.target[here]:
            end = nodes + net.tapped[edge] if net.tapped[edge] >= 0 else here
            if not _listed(entries, found, place, end):
                entries[found, 0], entries[found, 1] = place, end
                way = _back(labels, edge, row)
                trail = np.concatenate((trail, way))
                reached[found], count[found] = here, len(way)
                found += 1
        elif net.passable[here]:
            kept = _keep(labels, (here, place, edge, row), most)
            if kept >= 0:
                _expand(net, labels, heap, (cost, here, place, kept), most)
    return reached[:found], count[:found], trail


@njit(cache=True)
def _expand(
    net: Net,
    labels: _Labels,
    heap: list[tuple[float, int, int, int, int]],
    way: tuple[float, int, int, int],
    most: int,
) -> None:
    """Lead a way on to every neighbour that has not kept enough; at the source, places begin."""
    cost, here, place, row = way
    for i in range(net.pointers[here], net.pointers[here + 1]):
        edge, there = net.edges[i], net.neighbours[i]
        if np.isfinite(net.weight[edge]) and labels.kept[there] < most:
            begun = net.place[edge] if row < 0 else place
            heapq.heappush(heap, (cost + net.weight[edge], there, begun, edge, row))


@njit(cache=True)
def _listed(entries: Ints, found: int, place: int, end: int) -> bool:
    """Return whether an entry is among those found."""
    known = entries[:found]
    return bool(np.any((known[:, 0] == place) & (known[:, 1] == end)))


@njit(cache=True)
def _keep(labels: _Labels, way: tuple[int, int, int, int], most: int) -> int:
    """Keep a way at its node; return its row, -1 where enough or one of its place are kept."""
    here, place, edge, before = way
    first, count = here * most, int(labels.kept[here])
    row = first + count
    if count == most or np.any(labels.place[first:row] == place):
        return -1
    labels.place[row], labels.edge[row], labels.before[row] = place, edge, before
    labels.kept[here] = count + 1
    return row


@njit(cache=True)
def _back(labels: _Labels, edge: int, row: int) -> Ints:
    """Return the edges of a way from its end to the source."""
    length = 1
    step = row
    while step >= 0:
        length += 1
        step = labels.before[step]
    way = np.empty(length, dtype=np.int64)
    way[0] = edge
    for i in range(1, length):
        way[i] = labels.edge[row]
        row = labels.before[row]
    return way
