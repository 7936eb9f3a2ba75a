"""Which capacity inequality of a set is broken most: sources assumed in use, and the rounding."""

from __future__ import annotations

import numpy as np
from numba import njit

from planner.extension.joint.model import Flags, Floats, Ints

MOST_FREED = 40
"""Sources of a set, the most used first, that may be assumed to be in use."""


@njit(cache=True, nogil=True, inline="always")
def _parts(amount: int, step: int) -> int:
    return (amount + step - 1) // step


@njit(cache=True, nogil=True)
def _broken(caps: Ints, use: Floats, lacking: int, step: int, entering: float) -> float:
    """Return by which part of what it asks for an inequality is broken."""
    least = _parts(lacking, step)
    met = 0.0
    for i in range(caps.size):
        met += _parts(min(caps[i], lacking), step) * use[i]
    return float(1.0 - entering - met / least)


@njit(cache=True, nogil=True)
def cover(
    caps: Ints, use: Floats, demand: int, entering: float, chosen: Flags
) -> tuple[int, float]:
    """Find the inequality of a set that a fractional plan breaks most.

    Parameters
    ----------
    caps, use
        Capacity of each source of the set, and how much it is in use, from 0 to 1.
    demand
        Of the set.
    entering
        What the plan lets enter the set.
    chosen
        Set to the sources that are not assumed to be in use, shape (sources,).

    Returns
    -------
    tuple
        Step by which amounts are rounded up, and by what part the inequality is broken.
    """
    order = np.argsort(-use)
    rest, part = caps[order], use[order]
    best, step, freed = -np.inf, demand, 0
    lacking = demand
    for first in range(min(order.size, MOST_FREED) + 1):
        if lacking <= 0:
            break
        found = _broken(rest[first:], part[first:], lacking, lacking, entering)
        if found > best + 1e-9:
            best, step, freed = found, lacking, first
        last = lacking
        for i in range(first, min(order.size, first + MOST_FREED)):
            if rest[i] < lacking and rest[i] != last:
                last = rest[i]
                found = _broken(rest[first:], part[first:], lacking, last, entering)
                if found > best + 1e-9:
                    best, step, freed = found, last, first
        if first < order.size:
            lacking -= rest[first]
    chosen[:] = True
    for i in range(freed):
        chosen[order[i]] = False
    return step, best
