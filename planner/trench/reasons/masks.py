"""Sets of periods as whole numbers: bit t stands for period t.

A start, a closure, or the periods in which a crew is busy are all such sets; and, or, shifts of
Python's whole numbers answer in well under a microsecond what loops over a year of days cannot.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def span(first: int, end: int) -> int:
    """Return the periods from `first` to before `end`, those below 0 left out.

    Examples
    --------
    >>> bin(span(1, 4))
    '0b1110'
    """
    first = max(first, 0)
    return ((1 << end - first) - 1) << first if end > first else 0


def of(flags: NDArray[np.bool_]) -> int:
    """Return the set of places at which an array is true."""
    return int.from_bytes(np.packbits(flags, bitorder="little").tobytes(), "little")


def periods(mask: int) -> list[int]:
    """Return the members of a set, ascending.

    Examples
    --------
    >>> periods(0b1101)
    [0, 2, 3]
    """
    found = []
    while mask:
        low = mask & -mask
        found.append(low.bit_length() - 1)
        mask ^= low
    return found


def meeting(blocked: int, duration: int, lag: int = 0) -> int:
    """Return the starts with a blocked period in [start + lag, start + lag + duration).

    Examples
    --------
    >>> periods(meeting(0b10000, 2))
    [3, 4]
    """
    found, width = blocked, 1
    while width < duration:
        step = min(width, duration - width)
        found |= found >> step
        width += step
    return found >> lag


def first(mask: int) -> int:
    """Return the least member of a set that is not empty."""
    return (mask & -mask).bit_length() - 1


def last(mask: int) -> int:
    """Return the greatest member of a set that is not empty."""
    return mask.bit_length() - 1


def last_until(mask: int, period: int) -> int:
    """Return the greatest member up to a period, or -1 where there is none."""
    return (mask & ((1 << period + 1) - 1)).bit_length() - 1


def since(mask: int, period: int) -> int:
    """Return the members from a period on."""
    return mask >> period << period


def nearest(mask: int, period: int) -> int:
    """Return the member nearest to a period, the earlier of two; the set is not empty.

    Examples
    --------
    >>> nearest(0b100001, 4), nearest(0b1001, 1)
    (5, 0)
    """
    before, after = last_until(mask, period), since(mask, period)
    if before < 0:
        return first(after)
    if not after or period - before <= first(after) - period:
        return before
    return first(after)


def at_least(sets: Sequence[int], count: int) -> int:
    """Return the periods that lie in at least so many of the sets.

    Examples
    --------
    >>> periods(at_least([0b0111, 0b1110, 0b0100], 2))
    [1, 2]
    """
    levels = [0] * count
    for mask in sets:
        for level in range(count - 1, 0, -1):
            levels[level] |= levels[level - 1] & mask
        levels[0] |= mask
    return levels[-1]
