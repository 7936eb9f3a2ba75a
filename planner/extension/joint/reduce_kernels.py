"""Exact reductions of the graph: nodes of degree 1 and 2, dearer parallel edges, dominated edges.

Edges at a node hang in a doubly linked list of places: place 2 e is the end u of edge e, 2 e + 1
its end v. A merged edge gets a new number and remembers the two that it stands for.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from geo.heap_kernels import pop, push
from planner.extension.joint.model import Flags, Ints

NONE = -1

DROPPED, MERGED, PRUNED = 0, 1, 2
"""What a step of the trace did: drop an edge that a path makes needless, merge two, prune one."""


class Lists(NamedTuple):
    """The graph while it shrinks.

    Parameters
    ----------
    end
        Node of each place, shape (2 edges,).
    trench, line
        Prices, shape (edges,) and (utilities, edges).
    alive
        Shape (edges,).
    part
        The two edges that a merged edge stands for, -1 for the graph's own, shape (edges, 2).
    first
        First place at each node, -1 for none, shape (nodes,).
    after, before
        The list of places, shape (2 edges,).
    degree
        Shape (nodes,).
    kept
        Nodes that are somebody's source or terminal, or ends, shape (nodes,).
    closed
        Ends: nodes through which no path leads, shape (nodes,).
    edges
        How many edges have a number by now, shape (1,).
    trace, traced
        Every step: kind, edge, how many edges follow, these edges. They are the path that makes
        a dropped edge needless, or the two that a merged edge stands for. And its length.
    """

    end: Ints
    trench: Ints
    line: Ints
    alive: Flags
    part: Ints
    first: Ints
    after: Ints
    before: Ints
    degree: Ints
    kept: Flags
    closed: Flags
    edges: Ints
    trace: Ints
    traced: Ints


@njit(cache=True, nogil=True)
def hang(g: Lists, edge: int) -> None:
    """Hang an edge into the lists of its two ends."""
    g.alive[edge] = True
    for place in (2 * edge, 2 * edge + 1):
        node = g.end[place]
        g.before[place] = NONE
        g.after[place] = g.first[node]
        if g.first[node] != NONE:
            g.before[g.first[node]] = place
        g.first[node] = place
        g.degree[node] += 1


@njit(cache=True, nogil=True)
def drop(g: Lists, edge: int) -> None:
    """Take an edge out of the lists of its two ends."""
    g.alive[edge] = False
    for place in (2 * edge, 2 * edge + 1):
        node = g.end[place]
        if g.before[place] == NONE:
            g.first[node] = g.after[place]
        else:
            g.after[g.before[place]] = g.after[place]
        if g.after[place] != NONE:
            g.before[g.after[place]] = g.before[place]
        g.degree[node] -= 1


@njit(cache=True, nogil=True)
def _note(g: Lists, kind: int, edge: int, one: int, other: int) -> None:
    """Write down a step with up to two edges; -1 for none."""
    at = g.traced[0]
    g.trace[at], g.trace[at + 1], g.trace[at + 2] = kind, edge, 0
    for item in (one, other):
        if item != NONE:
            g.trace[at + 3 + g.trace[at + 2]] = item
            g.trace[at + 2] += 1
    g.traced[0] = at + 3 + g.trace[at + 2]


@njit(cache=True, nogil=True)
def _no_dearer(g: Lists, one: int, other: int) -> bool:
    """Return whether an edge costs at most what another does, for its trench and every line."""
    if g.trench[one] > g.trench[other]:
        return False
    for k in range(g.line.shape[0]):  # noqa: SIM110 - numba compiles no generator
        if g.line[k, one] > g.line[k, other]:
            return False
    return True


@njit(cache=True, nogil=True)
def _drop_parallel(g: Lists, node: int) -> int:
    """Drop edges at a node that another edge between the same ends makes needless; count them."""
    dropped = 0
    place = g.first[node]
    while place != NONE:
        following = g.after[place]
        if g.end[place ^ 1] == node:
            drop(g, place >> 1)
            _note(g, DROPPED, place >> 1, NONE, NONE)
            dropped += 1
            place = g.first[node]
            continue
        other = g.first[node]
        while other != NONE:
            twin = other != place and g.end[other ^ 1] == g.end[place ^ 1]
            if twin and _no_dearer(g, other >> 1, place >> 1):
                drop(g, place >> 1)
                _note(g, DROPPED, place >> 1, other >> 1, NONE)
                dropped += 1
                break
            other = g.after[other]
        place = following
    return dropped


@njit(cache=True, nogil=True)
def _merge(g: Lists, node: int, dearest: int) -> None:
    """Replace the two edges at a node of degree 2 by one, priced no higher than `dearest`."""
    one = g.first[node]
    other = g.after[one]
    start, end = g.end[one ^ 1], g.end[other ^ 1]
    drop(g, one >> 1)
    drop(g, other >> 1)
    if start == end:
        _note(g, PRUNED, one >> 1, NONE, NONE)
        _note(g, PRUNED, other >> 1, NONE, NONE)
        return
    edge = g.edges[0]
    _note(g, MERGED, edge, one >> 1, other >> 1)
    g.edges[0] += 1
    g.end[2 * edge], g.end[2 * edge + 1] = start, end
    g.part[edge, 0], g.part[edge, 1] = one >> 1, other >> 1
    g.trench[edge] = g.trench[one >> 1] + g.trench[other >> 1]
    for k in range(g.line.shape[0]):
        g.line[k, edge] = min(g.line[k, one >> 1] + g.line[k, other >> 1], dearest)
    hang(g, edge)


@njit(cache=True, nogil=True)
def shrink(g: Lists, waiting: Ints, dearest: int) -> None:
    """Take away nodes of degree 1 and 2 that are nobody's, and dearer parallel edges.

    Parameters
    ----------
    waiting
        Room for every node.
    dearest
        Price at which a line is forbidden.
    """
    queued = np.ones(waiting.size, dtype=np.bool_)
    count = waiting.size
    for place in range(count):
        waiting[place] = place
    while count > 0:
        count -= 1
        node = waiting[count]
        queued[node] = False
        _drop_parallel(g, node)
        if not g.kept[node] and 0 < g.degree[node] <= 2:
            one = g.first[node]
            ends = (g.end[one ^ 1], g.end[g.after[one] ^ 1] if g.degree[node] == 2 else NONE)
            if g.degree[node] == 1:
                drop(g, one >> 1)
                _note(g, PRUNED, one >> 1, NONE, NONE)
            else:
                _merge(g, node, dearest)
            for end in ends:
                if end != NONE and not queued[end]:
                    queued[end] = True
                    waiting[count] = end
                    count += 1


@njit(cache=True, nogil=True)
def _detour(
    g: Lists, edge: int, weight: Ints, settled_most: int, dist: Ints, by: Ints, touched: Ints
) -> int:
    """Find the lightest path around an edge, no heavier than it; return how many nodes it touched.

    `dist` and `by` hold the path afterwards; the caller clears what `touched` names.
    """
    start, goal = g.end[2 * edge], g.end[2 * edge + 1]
    limit = weight[edge]
    keys, nodes = np.empty(8 * settled_most + 8, np.int64), np.empty(8 * settled_most + 8, np.int64)
    keys[0], nodes[0], size = 0, start, 1
    dist[start], touched[0], count = 0, start, 1
    settled = 0
    while size > 0 and settled < settled_most:
        near, node = keys[0], nodes[0]
        size = pop(keys, nodes, size)
        if near > dist[node]:
            continue
        if node == goal:
            return count
        if g.closed[node] and node != start:
            continue
        settled += 1
        place = g.first[node]
        while place != NONE:
            onward, to = near + weight[place >> 1], g.end[place ^ 1]
            if place >> 1 != edge and onward <= limit and (dist[to] < 0 or onward < dist[to]):
                if size == keys.size or count == touched.size:
                    return count
                if dist[to] < 0:
                    touched[count] = to
                    count += 1
                dist[to], by[to] = onward, place
                size = push(keys, nodes, size, onward, to)
            place = g.after[place]
    return count


@njit(cache=True, nogil=True)
def _path_no_dearer(g: Lists, edge: int, by: Ints, lines: Ints) -> bool:
    """Return whether the path found costs no more than the edge, for its trench and every line."""
    start, node = g.end[2 * edge], g.end[2 * edge + 1]
    lines[:] = 0
    trench = 0
    while node != start:
        place = by[node]
        trench += g.trench[place >> 1]
        for k in range(lines.size):
            lines[k] += g.line[k, place >> 1]
        node = g.end[place]
    if trench > g.trench[edge]:
        return False
    for k in range(lines.size):  # noqa: SIM110 - numba compiles no generator
        if lines[k] > g.line[k, edge]:
            return False
    return True


@njit(cache=True, nogil=True)
def _note_path(g: Lists, edge: int, by: Ints) -> bool:
    """Write down that a path makes an edge needless; return whether there was room for it."""
    start, node = g.end[2 * edge], g.end[2 * edge + 1]
    begin = g.traced[0]
    at = begin + 3
    while node != start:
        if at >= g.trace.size - 5 * g.alive.size:
            return False
        g.trace[at] = by[node] >> 1
        node = g.end[by[node]]
        at += 1
    g.trace[begin], g.trace[begin + 1], g.trace[begin + 2] = DROPPED, edge, at - begin - 3
    g.traced[0] = at
    return True


@njit(cache=True, nogil=True)
def drop_dominated(g: Lists, weights: Ints, settled_most: int) -> int:
    """Drop every edge that a path around it makes needless; return how many.

    Parameters
    ----------
    weights
        Ways to weigh trench and lines against one another, shape (ways, edges).
    settled_most
        Nodes that one search may settle.
    """
    dist, by = np.full(g.first.size, NONE), np.full(g.first.size, NONE)
    touched = np.empty(16 * settled_most + 16, np.int64)
    lines = np.empty(g.line.shape[0], np.int64)
    dropped = 0
    for edge in range(g.edges[0]):
        for way in range(weights.shape[0]):
            if not g.alive[edge]:
                break
            count = _detour(g, edge, weights[way], settled_most, dist, by, touched)
            reached = dist[g.end[2 * edge + 1]] >= 0
            if reached and _path_no_dearer(g, edge, by, lines) and _note_path(g, edge, by):
                drop(g, edge)
                dropped += 1
            for place in range(count):
                dist[touched[place]] = NONE
    return dropped
