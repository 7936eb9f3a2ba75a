"""Numba kernels of the insertion that serves as a baseline."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Whole = NDArray[np.int64]
Yuan = NDArray[np.float64]


class Case(NamedTuple):
    """An instance as arrays.

    Work w lies on ``places[first[w]:first[w + 1]]``, segment s is in conflict with
    ``rivals[first_rival[s]:first_rival[s + 1]]``; `limit` is by crew, `blocked` has the shape
    (segments, periods), what is in yuan goes by segment, everything else by work.
    """

    first: Whole
    places: Whole
    duration: Whole
    earliest: Whole
    latest: Whole
    crew: Whole
    limit: Whole
    blocked: NDArray[np.bool_]
    opening_yuan: Yuan
    open_period_yuan: Yuan
    first_rival: Whole
    rivals: Whole


@njit(cache=True)
def _is_blocked(case: Case, work: int, start: int) -> bool:
    end = start + case.duration[work]
    for segment in case.places[case.first[work] : case.first[work + 1]]:
        if case.blocked[segment, start:end].any():
            return True
    return False


@njit(cache=True)
def _breaks(case: Case, active: Whole, busy: Whole, work: int, start: int) -> int:
    """Return the periods that overfill the crew, and those in which a rival is open."""
    crew, end, count = case.crew[work], start + case.duration[work], 0
    for period in range(start, end):
        count += busy[crew, period] >= case.limit[crew]
    for segment in case.places[case.first[work] : case.first[work + 1]]:
        for rival in case.rivals[case.first_rival[segment] : case.first_rival[segment + 1]]:
            for period in range(start, end):
                count += active[rival, period] > 0
    return count


@njit(cache=True)
def _adds_yuan(case: Case, active: Whole, work: int, start: int) -> float:
    """Return what a start adds: one opening a segment, less those it joins, and new periods."""
    end, periods, added = start + case.duration[work], case.blocked.shape[1], 0.0
    for segment in case.places[case.first[work] : case.first[work + 1]]:
        openings, was_open = 1, False
        for period in range(max(start - 1, 0), min(end + 1, periods)):
            is_open = active[segment, period] > 0
            openings -= is_open and not was_open
            was_open = is_open
            if start <= period < end and not is_open:
                added += case.open_period_yuan[segment]
        added += openings * case.opening_yuan[segment]
    return added


@njit(cache=True)
def _best_start(case: Case, active: Whole, busy: Whole, work: int) -> int:
    best, fewest, cheapest = -1, 0, 0.0
    last = min(case.latest[work], case.blocked.shape[1] - case.duration[work])
    for start in range(max(case.earliest[work], 0), last + 1):
        if _is_blocked(case, work, start):
            continue
        count = _breaks(case, active, busy, work, start)
        added = _adds_yuan(case, active, work, start)
        if best < 0 or count < fewest or (count == fewest and added < cheapest):
            best, fewest, cheapest = start, count, added
    return best


@njit(cache=True)
def insert(case: Case, order: Whole) -> Whole:
    """Return the start of each work, -1 where every start is blocked.

    Works come in `order`; each takes the start with the fewest new violations, then the least added
    cost, then the earliest.
    """
    active = np.zeros(case.blocked.shape, np.int64)
    busy = np.zeros((case.limit.size, case.blocked.shape[1]), np.int64)
    starts = np.full(case.duration.size, -1, np.int64)
    for work in order:
        start = _best_start(case, active, busy, work)
        if start < 0:
            continue
        end = start + case.duration[work]
        busy[case.crew[work], start:end] += 1
        for segment in case.places[case.first[work] : case.first[work + 1]]:
            active[segment, start:end] += 1
        starts[work] = start
    return starts
