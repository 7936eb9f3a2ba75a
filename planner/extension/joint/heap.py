"""A binary heap of (key, node) in two arrays, for Dijkstra's algorithm in kernels."""

from __future__ import annotations

from numba import njit

from planner.extension.joint.model import Ints


@njit(cache=True, nogil=True)
def push(keys: Ints, nodes: Ints, size: int, key: int, node: int) -> int:
    """Add an entry and return the new size; the arrays must have room for it."""
    place = size
    while place > 0:
        above = (place - 1) >> 1
        if keys[above] <= key:
            break
        keys[place], nodes[place] = keys[above], nodes[above]
        place = above
    keys[place], nodes[place] = key, node
    return size + 1


@njit(cache=True, nogil=True)
def pop(keys: Ints, nodes: Ints, size: int) -> int:
    """Remove the entry of the least key, read from place 0 before, and return the new size."""
    size -= 1
    key, node = keys[size], nodes[size]
    place = 0
    while 2 * place + 1 < size:
        child = 2 * place + 1
        if child + 1 < size and keys[child + 1] < keys[child]:
            child += 1
        if key <= keys[child]:
            break
        keys[place], nodes[place] = keys[child], nodes[child]
        place = child
    keys[place], nodes[place] = key, node
    return size
