"""Random numbers that a kernel can draw without numba's own generator: xorshift64*."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Seeds = NDArray[np.uint64]

_MULTIPLIER = np.uint64(0x2545F4914F6CDD1D)
_A, _B, _C, _TOP = np.uint64(12), np.uint64(25), np.uint64(27), np.uint64(33)
_SPREAD = 2654435761
_HALF = 1 << 31


def seeds(seed: int) -> Seeds:
    """Return the state of one generator, shape (1,)."""
    state = np.random.SeedSequence(seed).generate_state(1, np.uint64)
    return np.maximum(state, np.uint64(1))


@njit(cache=True, nogil=True)
def below(state: Seeds, count: int) -> int:
    """Draw a whole number from 0 up to, not including, `count`."""
    x = state[0]
    x ^= x >> _A
    x ^= x << _B
    x ^= x >> _C
    state[0] = x
    return int(np.int64((x * _MULTIPLIER) >> _TOP) % count)


@njit(cache=True, nogil=True)
def share(state: Seeds) -> float:
    """Draw a number from 0 up to, not including, 1."""
    return float(below(state, _HALF) / _HALF)
