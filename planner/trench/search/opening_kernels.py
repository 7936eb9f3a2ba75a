"""What a group of segments costs, given the starts of its works."""

from __future__ import annotations

import numpy as np
from numba import njit

from planner.trench.search.model import Ints, Model

WORD = 64
"""Periods that fit one machine word."""


@njit(cache=True, nogil=True, inline="always")
def _ones(word: np.uint64) -> int:
    """Count the bits of an unsigned word."""
    word = word - ((word >> np.uint64(1)) & np.uint64(0x5555555555555555))
    word = (word & np.uint64(0x3333333333333333)) + (
        (word >> np.uint64(2)) & np.uint64(0x3333333333333333)
    )
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return int((word * np.uint64(0x0101010101010101)) >> np.uint64(56))


@njit(cache=True, nogil=True, inline="always")
def _timed_in_a_word(m: Model, g: int, x: Ints) -> float:
    """Price openings and open periods of a group of which all periods fit one word."""
    one = np.uint64(1)
    is_open = np.uint64(0)
    for i in range(m.group_ptr[g], m.group_ptr[g + 1]):
        block = (one << np.uint64(m.duration[i])) - one
        is_open |= block << np.uint64(x[m.member[i]] + m.lag[i])
    begins = is_open & ~(is_open << one)
    return float(m.setup_yuan[g] * _ones(begins) + m.period_yuan[g] * _ones(is_open))


@njit(cache=True, nogil=True, inline="always")
def _runs(m: Model, g: int, x: Ints, order: Ints, run_of: Ints) -> float:
    """Price openings and open periods, and say in `run_of` which opening each member is in."""
    low = m.group_ptr[g]
    size = m.group_ptr[g + 1] - low
    for i in range(size):
        begin = x[m.member[low + i]] + m.lag[low + i]
        place = i
        while place > 0:
            before = low + order[place - 1]
            if x[m.member[before]] + m.lag[before] <= begin:
                break
            order[place] = order[place - 1]
            place -= 1
        order[place] = i
    runs = 0
    is_open = 0
    end = -1
    for place in range(size):
        i = low + order[place]
        begin = x[m.member[i]] + m.lag[i]
        until = begin + m.duration[i]
        if runs == 0 or begin > end:
            runs += 1
            is_open += m.duration[i]
            end = until
        elif until > end:
            is_open += until - end
            end = until
        run_of[order[place]] = runs
    return float(m.setup_yuan[g] * runs + m.period_yuan[g] * is_open)


@njit(cache=True, nogil=True, inline="always")
def _packed(m: Model, g: int, run_of: Ints) -> float:
    """Price what the members of each opening share, beyond their trenches one by one."""
    total = 0.0
    for p in range(m.pack_ptr[g], m.pack_ptr[g + 1]):
        first = m.entry_ptr[p]
        size = m.entry_ptr[p + 1] - first
        done = 0
        for i in range(size):
            if done >> i & 1:
                continue
            together = 0
            for j in range(i, size):
                if run_of[m.entry[first + j]] == run_of[m.entry[first + i]]:
                    together |= 1 << j
            done |= together
            total += m.price_yuan[m.price_ptr[p] + together]
    return total


@njit(cache=True, nogil=True, inline="always")
def group_yuan(m: Model, g: int, x: Ints, order: Ints, run_of: Ints) -> float:
    """Return what group `g` costs beyond `Model.base_yuan`.

    Parameters
    ----------
    m
        `planner.trench.search.model.Model`.
    g
        Row of the group.
    x
        Start of every work, int64, shape (works,).
    order, run_of
        Room for the members of the largest group, int64.
    """
    if m.pack_ptr[g] == m.pack_ptr[g + 1] and m.periods < WORD:
        return float(_timed_in_a_word(m, g, x))
    yuan = _runs(m, g, x, order, run_of)
    return float(yuan + _packed(m, g, run_of))
