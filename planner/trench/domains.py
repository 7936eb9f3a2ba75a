"""Which periods a work may start in, before crews and other works are looked at."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from planner.trench.problem import CLOSED_RULES, ClosedRule, Problem, Work

Periods = NDArray[np.int64]
Mask = NDArray[np.bool_]


def closed_mask(problem: Problem, segment: int, rules: Collection[ClosedRule]) -> Mask:
    """Return for each period whether one of the rules closes the segment, shape (periods,)."""
    mask = np.zeros(problem.periods, dtype=np.bool_)
    for closed in problem.segments[segment].closed:
        if closed.rule in rules:
            mask[max(closed.first, 0) : closed.last + 1] = True
    return mask


def free_windows(blocked: Mask, starts: Periods, duration: int) -> Mask:
    """Return for each start whether no period of [start, start + duration) is blocked."""
    before = np.concatenate(([0], np.cumsum(blocked)))
    return np.asarray(before[starts + duration] == before[starts], dtype=np.bool_)


def starts(
    problem: Problem,
    work: Work,
    *,
    rules: Collection[ClosedRule] = CLOSED_RULES,
    hold_fixed: bool = True,
) -> Periods:
    """Return the start periods that a work's own dates and the closures allow, ascending.

    Parameters
    ----------
    problem, work
        The work is one of the problem's.
    rules
        Closures that count; fewer of them ask "what if".
    hold_fixed
        Whether an approved work keeps its date; otherwise its window counts like any other's.
    """
    if work.fixed and hold_fixed:
        return np.array([work.wanted], dtype=np.int64)
    last = min(work.latest, problem.periods - work.span)
    candidates = np.arange(max(work.earliest, 0), last + 1, dtype=np.int64)
    if work.emergency or not rules:
        return candidates
    allowed = np.ones(candidates.size, dtype=np.bool_)
    for task in work.tasks:
        blocked = closed_mask(problem, task.segment, rules)
        if blocked.any():
            allowed &= free_windows(blocked, candidates + task.lag, task.duration)
    return candidates[allowed]
