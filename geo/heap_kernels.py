"""A binary heap of (key, item) in two arrays; decreased keys are pushed again, old ones skipped."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Keys = NDArray[np.int64]
Items = NDArray[np.int32] | NDArray[np.int64]


@njit(cache=True, nogil=True, inline="always")
def push(keys: Keys, items: Items, size: int, key: int, item: int) -> int:
    """Put an item in; return the new size. The arrays must have room."""
    at = size
    while at > 0:
        above = (at - 1) >> 1
        if keys[above] <= key:
            break
        keys[at] = keys[above]
        items[at] = items[above]
        at = above
    keys[at] = key
    items[at] = item
    return size + 1


@njit(cache=True, nogil=True, inline="always")
def pop(keys: Keys, items: Items, size: int) -> int:
    """Take the least item out (read it at place 0 before); return the new size."""
    size -= 1
    key = keys[size]
    item = items[size]
    at = 0
    while True:
        below = 2 * at + 1
        if below >= size:
            break
        if below + 1 < size and keys[below + 1] < keys[below]:
            below += 1
        if keys[below] >= key:
            break
        keys[at] = keys[below]
        items[at] = items[below]
        at = below
    keys[at] = key
    items[at] = item
    return size
