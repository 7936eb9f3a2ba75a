"""Compiled kernel of the sample terrain: gather what flows down a tree of receivers."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True)
def gather(
    order: NDArray[np.int64], receiver: NDArray[np.int64], amount: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return for each cell its own amount plus all that arrives from upstream.

    Parameters
    ----------
    order
        Cells from the highest to the lowest, shape (n,).
    receiver
        The lower neighbour into which each cell drains, shape (n,); negative at an outlet.
    amount
        What each cell adds by itself, shape (n,).
    """
    total = amount.copy()
    for cell in order:
        below = receiver[cell]
        if below >= 0:
            total[below] += total[cell]
    return total
