"""Annealing on trees: take out key paths, a key vertex or terminals, join the pieces again."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from geo.heap_kernels import pop, push
from geo.steiner.csr import Graph, Ints, Mask, Small

MOST_PIECE = 4000
"""Nodes of a piece beyond which a move is given up."""
MOST_PIECES = 64


class Tree(NamedTuple):
    """A tree that changes, and room for one move.

    Parameters
    ----------
    chosen, degree
        Which edges it has, and how many at each node.
    log
        Edges toggled by the move.
    piece, listed, member
        By node: number of its piece (valid where `listed` has the move's stamp); the pieces' nodes.
    dist, via, seen
        Labels of the shortest paths; valid where `seen` has the stamp.
    keys, items
        Room for a heap.
    whole
        Stamps in use, that of pieces and that of paths, and how many nodes were visited.
    halt
        One number; annealing ends as soon as it is not 0.
    """

    chosen: Mask
    degree: Small
    log: Small
    piece: Small
    listed: Small
    member: Small
    dist: Ints
    via: Small
    seen: Small
    keys: Ints
    items: Small
    whole: Ints
    halt: Ints


@njit(cache=True, nogil=True)
def _toggle(g: Graph, t: Tree, e: int, count: int) -> int:
    step = -1 if t.chosen[e] else 1
    t.chosen[e] = not t.chosen[e]
    t.degree[g.u[e]] += step
    t.degree[g.v[e]] += step
    t.log[count] = e
    return count + 1


@njit(cache=True, nogil=True)
def _strip(g: Graph, t: Tree, must: Mask, start: int, slot: int, count: int) -> tuple[int, int]:
    """Take out the key path that leaves `start` by `slot`; return its end and the log's length."""
    x = start
    j = slot
    while True:
        count = _toggle(g, t, g.edge[j], count)
        x = g.to[j]
        if must[x] or t.degree[x] != 1:
            return x, count
        for k in range(g.first[x], g.first[x + 1]):
            if t.chosen[g.edge[k]]:
                j = k
                break


@njit(cache=True, nogil=True)
def _removed(g: Graph, t: Tree, begin: int, end: int) -> int:
    total = 0
    for i in range(begin, end):
        e = t.log[i]
        total += -g.cost[e] if t.chosen[e] else g.cost[e]
    return total


@njit(cache=True, nogil=True)
def _label(g: Graph, t: Tree, ends: Small, pieces: int, top: Ints) -> int:
    """Tell the pieces of a broken tree apart by its ends, all but the one that would be done last.

    Return the piece that is not fully listed, -1 if too large.
    """
    stamp = t.whole[0]
    head = np.zeros(pieces, np.int64)
    running = pieces
    done = np.zeros(pieces, np.bool_)
    for p in range(pieces):
        t.member[p * MOST_PIECE] = ends[p]
        t.listed[ends[p]] = stamp
        t.piece[ends[p]] = p
        top[p] = 1
    while running > 1:
        for p in range(pieces):
            if done[p]:
                continue
            if head[p] == top[p]:
                done[p] = True
                running -= 1
                if running == 1:
                    break
                continue
            x = t.member[p * MOST_PIECE + head[p]]
            head[p] += 1
            t.whole[2] += 1
            for j in range(g.first[x], g.first[x + 1]):
                y = g.to[j]
                if t.chosen[g.edge[j]] and t.listed[y] != stamp:
                    if top[p] == MOST_PIECE:
                        return -1
                    t.listed[y] = stamp
                    t.piece[y] = p
                    t.member[p * MOST_PIECE + top[p]] = y
                    top[p] += 1
    last = 0
    for p in range(pieces):
        if not done[p]:
            last = p
    for i in range(top[last]):
        t.listed[t.member[last * MOST_PIECE + i]] = 0
    return last


@njit(cache=True, nogil=True)
def _join(
    g: Graph, t: Tree, must: Mask, p: int, top: Ints, budget: int, count: int
) -> tuple[int, int, int]:
    """Join piece `p` to the rest by a shortest path of at most `budget`.

    Return the path's cost (-1 for none), the log's length, and the piece met (-1 for the listed
    rest).
    """
    stamp = t.whole[0]
    t.whole[1] += 1
    mark = t.whole[1]
    size = 0
    for i in range(top[p]):
        x = t.member[p * MOST_PIECE + i]
        t.seen[x] = mark
        t.dist[x] = 0
        t.via[x] = -1
        size = push(t.keys, t.items, size, 0, x)
    while size > 0:
        here = t.keys[0]
        x = t.items[0]
        size = pop(t.keys, t.items, size)
        t.whole[2] += 1
        if here > t.dist[x]:
            continue
        own = t.listed[x] == stamp and t.piece[x] == p
        if not own and (t.degree[x] > 0 or must[x]):
            met = t.piece[x] if t.listed[x] == stamp else -1
            y = x
            while t.via[y] >= 0:
                j = t.via[y]
                count = _toggle(g, t, g.edge[j], count)
                y = g.to[g.twin[j]]
                if met >= 0 and t.via[y] >= 0:
                    if top[met] == MOST_PIECE:
                        return -1, count, met
                    t.listed[y] = stamp
                    t.piece[y] = met
                    t.member[met * MOST_PIECE + top[met]] = y
                    top[met] += 1
            return here, count, met
        for j in range(g.first[x], g.first[x + 1]):
            y = g.to[j]
            reach = here + g.cost[g.edge[j]]
            if reach <= budget and (t.seen[y] != mark or reach < t.dist[y]):
                t.seen[y] = mark
                t.dist[y] = reach
                t.via[y] = j
                size = push(t.keys, t.items, size, reach, y)
    return -1, count, -1


@njit(cache=True, nogil=True)
def _merge(t: Tree, p: int, met: int, top: Ints) -> bool:
    """Hand the nodes of a joined piece on to the piece that it met."""
    if top[met] + top[p] > MOST_PIECE:
        return False
    for i in range(top[p]):
        y = t.member[p * MOST_PIECE + i]
        t.piece[y] = met
        t.member[met * MOST_PIECE + top[met]] = y
        top[met] += 1
    return True


@njit(cache=True, nogil=True)
def _forget(t: Tree, p: int, top: Ints) -> None:
    """Let a piece that was joined to the rest be the rest."""
    for i in range(top[p]):
        t.listed[t.member[p * MOST_PIECE + i]] = 0


@njit(cache=True, nogil=True)
def _move(g: Graph, t: Tree, must: Mask, x: int, single: bool, slack: int) -> tuple[int, int]:
    """Take out key paths around `x` and join the pieces; return the change and the log's length.

    A change of `slack` or more is given up; the log then says what must be undone, and the change
    is the largest number.
    """
    never = 1 << 61
    ends = np.empty(MOST_PIECES, np.int32)
    pieces, count = 0, 0
    if single or t.degree[x] > MOST_PIECES - 2:
        pick = np.random.randint(t.degree[x])
        slot = -1
        for j in range(g.first[x], g.first[x + 1]):
            if t.chosen[g.edge[j]]:
                if pick == 0:
                    slot = j
                    break
                pick -= 1
        ends[0], count = _strip(g, t, must, x, slot, count)
        pieces = 1
        y = x
        while not must[y] and t.degree[y] == 1:
            for j in range(g.first[y], g.first[y + 1]):
                if t.chosen[g.edge[j]]:
                    y, count = _strip(g, t, must, y, j, count)
                    break
        ends[1] = y
        pieces = 2
    else:
        for j in range(g.first[x], g.first[x + 1]):
            if t.chosen[g.edge[j]]:
                ends[pieces], count = _strip(g, t, must, x, j, count)
                pieces += 1
        if must[x]:
            ends[pieces] = x
            pieces += 1
    removed = _removed(g, t, 0, count)
    budget = removed + slack
    t.whole[0] += 1
    top = np.zeros(pieces, np.int64)
    last = _label(g, t, ends, pieces, top)
    if last < 0:
        return never, count
    added = 0
    shift = np.random.randint(pieces)
    for q in range(pieces):
        p = (q + shift) % pieces
        if p == last:
            continue
        paid, count, met = _join(g, t, must, p, top, budget - added, count)
        if paid < 0:
            return never, count
        added += paid
        if met < 0:
            _forget(t, p, top)
        elif not _merge(t, p, met, top):
            return never, count
    return added - removed, count


@njit(cache=True, nogil=True)
def anneal(g: Graph, t: Tree, must: Mask, visits: int, hot: float, cold: float, seed: int) -> int:
    """Change a tree by many moves; return how much the best one saves. `t` ends as that one.

    Parameters
    ----------
    g
        The graph.
    t
        The tree and room; changes.
    must
        Which nodes are terminals.
    visits
        How many nodes may be visited in all.
    hot, cold
        First and last temperature, in the unit of the costs.
    seed
        Seed of the draws.
    """
    np.random.seed(seed)
    nodes = np.empty(g.first.size - 1, np.int32)
    best = t.chosen.copy()
    now, least = 0, 0
    count, fresh = 0, 0
    end = t.whole[2] + visits
    while t.whole[2] < end and t.halt[0] == 0:
        if fresh == 0:
            count = 0
            for x in range(nodes.size):
                if t.degree[x] > 0:
                    nodes[count] = x
                    count += 1
            fresh = max(count // 2, 64)
        fresh -= 1
        t.whole[2] += 1
        x = nodes[np.random.randint(count)]
        if t.degree[x] == 0:
            continue
        single = t.degree[x] < 3 or np.random.random() < 0.5
        if must[x] and t.degree[x] > 1 and np.random.random() < 0.5:
            single = False
        heat = hot * (cold / hot) ** (1.0 - (end - t.whole[2]) / visits)
        slack = int(-heat * np.log(1.0 - np.random.random()))
        change, logged = _move(g, t, must, x, single, slack)
        if change > slack:
            for i in range(logged - 1, -1, -1):
                _toggle(g, t, t.log[i], i)
            continue
        now += change
        if now < least:
            least = now
            best[:] = t.chosen
    t.chosen[:] = best
    t.degree[:] = 0
    for e in range(best.size):
        if best[e]:
            t.degree[g.u[e]] += 1
            t.degree[g.v[e]] += 1
    return -least
