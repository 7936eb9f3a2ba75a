"""The cheapest change of date that makes one opening of two, everything else in the plan staying.

Tried in this order, the first that succeeds counts:

1. one work starts outside its dates and nothing else moves: every start is tried and priced, so
   the cheapest is exact;
2. one work starts outside its dates, the others of the two openings move within theirs: whether
   that is possible, and with how few days, is exact as far as the steps allowed reach; of these
   the cheapest is taken;
3. all works of one opening move together by the fewest days.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from planner.trench.plan import Opening
from planner.trench.reasons import masks
from planner.trench.reasons.allowance import Allowance, dated
from planner.trench.reasons.board import Board
from planner.trench.reasons.chain import SearchLimitError
from planner.trench.reasons.joining import ALL_RULES, added_yuan, most_steps, settle
from planner.trench.reasons.meeting import Meeting
from planner.trench.schedule import Schedule

ASKED_AGAIN = 5
"""A question that is asked for every work and many dates gets this part of the steps allowed."""
SAME_YUAN = 1e-6
"""Costs that differ by no more differ by rounding only."""


@dataclass(frozen=True, slots=True)
class Change:
    """Works that would have to start outside their dates, and what that would do.

    Parameters
    ----------
    works
        Positions of the works that leave their dates.
    days
        How far the one that leaves them furthest would start from the nearest start that its
        dates and closures allow; negative for earlier.
    added_yuan
        Change of the plan's cost; negative for a saving.
    starts
        New starts of these works and of those that move along within their dates.
    """

    works: tuple[int, ...]
    days: int
    added_yuan: float
    starts: Mapping[int, int]


def best_of(changes: Iterable[Change]) -> Change | None:
    """Return the change of fewest works, then of least yuan, then of fewest days; None of none.

    Costs that differ by rounding only are the same.
    """
    found = list(changes)
    fewest = min((len(change.works) for change in found), default=0)
    few = [change for change in found if len(change.works) == fewest]
    least_yuan = min((change.added_yuan for change in few), default=0.0)
    cheap = [change for change in few if change.added_yuan <= least_yuan + SAME_YUAN]
    return min(cheap, key=lambda change: (abs(change.days), change.works), default=None)


def cheapest_change(
    schedule: Schedule, board: Board, one: Opening, other: Opening
) -> Change | None:
    """Return the cheapest change of date that makes one opening of two, None where none does.

    Crews, detours, and the dates of every work that is not named hold; the schedule is left as
    it is.
    """
    works = (*one.works, *other.works)
    for tried in (
        _alone(schedule, board, one.segment, works),
        _along(schedule, board, one.segment, works),
        _together(schedule, board, one, other),
    ):
        best = best_of(tried)
        if best is not None:
            return best
    return None


def _alone(
    schedule: Schedule, board: Board, segment: int, works: Sequence[int]
) -> Iterator[Change]:
    """Yield for each work its cheapest start outside its dates that joins while all others stay."""
    problem = schedule.problem
    for work in works:
        task = problem.works[work].task_on(segment)
        rest = [board.on[segment][other] for other in works if other != work]
        runs = [
            (first, end)
            for first, end in board.standing(segment, {work})
            if any(first <= at and until <= end for at, until in rest)
        ]
        if not runs:
            continue
        touching = masks.span(runs[-1][0] - task.duration - task.lag, runs[0][1] - task.lag + 1)
        allowance = Allowance(board, (work,), freed=(work,))
        starts = touching & allowance.anywhere(work, ALL_RULES)
        starts &= ~dated(problem, problem.works[work])
        if starts:
            yield _cheapest_of(schedule, work, starts)


def _cheapest_of(schedule: Schedule, work: int, starts: int) -> Change:
    """Return the cheapest of a work's starts, then the one nearest to its dates."""
    candidates = np.array(masks.periods(starts), dtype=np.int64)
    with schedule.trial((work,)):
        prices = schedule.added_yuan(work, candidates)
    cheap = candidates[prices <= prices.min() + SAME_YUAN].tolist()
    start = min(cheap, key=lambda start: (abs(_days(schedule, work, start)), start))
    moved = {work: start}
    return Change((work,), _days(schedule, work, start), added_yuan(schedule, moved), moved)


def _days(schedule: Schedule, work: int, start: int) -> int:
    """Return how many days a start lies after (or before: negative) the nearest allowed one."""
    problem = schedule.problem
    near = masks.nearest(dated(problem, problem.works[work]), start)
    return (start - near) * problem.period_days


def _along(
    schedule: Schedule, board: Board, segment: int, works: Sequence[int]
) -> Iterator[Change]:
    """Yield for each work its fewest days earlier and later with which all can meet."""
    problem = schedule.problem
    for work in works:
        own = dated(problem, problem.works[work])
        meeting = Meeting(
            board, segment, works, most_steps=most_steps(schedule) // ASKED_AGAIN, freed=(work,)
        )
        starts = meeting.allowance.anywhere(work, ALL_RULES) & ~own
        later = sum(1 << t for t in masks.periods(starts) if t > masks.nearest(own, t))
        for side in (later, starts & ~later):
            chosen = _nearest_choice(meeting, work, own, side)
            if chosen is not None:
                way = settle(schedule, segment, works, chosen, hold=(work,))
                days = _days(schedule, work, chosen[work])
                yield Change((work,), days, way.added_yuan, way.starts)


def _nearest_choice(meeting: Meeting, work: int, own: int, starts: int) -> Mapping[int, int] | None:
    """Return the choice of starts with a work as near to its own as any, None where none is.

    Whether there is a choice within so many periods can only turn from no to yes as they grow.
    """
    by_distance = sorted(masks.periods(starts), key=lambda t: abs(t - masks.nearest(own, t)))
    found, low, high = None, 0, len(by_distance)
    try:
        while low < high or found is None:
            some = (low + high) // 2 if found is not None else len(by_distance) - 1
            within = sum(1 << start for start in by_distance[: some + 1])
            chosen = meeting.choice(ALL_RULES, {work: within}) if within else None
            if chosen is None and found is None:
                return None
            if chosen is None:
                low = some + 1
            else:
                found, high = chosen, some
    except SearchLimitError:
        return found
    return found


def _together(schedule: Schedule, board: Board, one: Opening, other: Opening) -> Iterator[Change]:
    """Yield for each opening the shortest shift of all its works that brings it to the other."""
    for moves, stays, step in ((one, other, 1), (other, one, -1)):
        gap = stays.first - moves.end if step > 0 else moves.first - stays.end
        reach = moves.periods + stays.periods
        for shift in (step * by for by in range(gap, gap + reach + 1)):
            if _may_shift(board, moves.works, shift):
                yield _shifted(schedule, moves.works, shift)
                break


def _may_shift(board: Board, works: Sequence[int], shift: int) -> bool:
    """Return whether crews and detours leave room for works that all move by as many periods."""
    problem = board.problem
    allowance = Allowance(board, works, freed=works)
    for work in works:
        start = board.starts[work] + shift
        if start < 0 or not allowance.anywhere(work, ALL_RULES) >> start & 1:
            return False
    approved = [work for work in works if problem.works[work].fixed]
    if any(_clash(board, one, other) for one, other in combinations(approved, 2)):
        return False
    for crew in {problem.works[work].crew for work in works} & set(problem.crews):
        mine = [work for work in works if problem.works[work].crew == crew]
        room = board.room(crew, works, len(mine))
        busy = [
            masks.span(start, start + problem.works[work].span)
            for work in mine
            for start in (board.starts[work] + shift,)
        ]
        if any(masks.at_least(busy, level + 1) & ~room[level] for level in range(len(mine))):
            return False
    return True


def _clash(board: Board, one: int, other: int) -> bool:
    """Return whether two works open a road and its detour at once, as only approved ones may."""
    works, starts = board.problem.works, board.starts
    apart = {frozenset(pair) for pair in board.problem.conflicts}
    return any(
        frozenset((mine.segment, its.segment)) in apart
        and starts[one] + mine.lag < starts[other] + its.lag + its.duration
        and starts[other] + its.lag < starts[one] + mine.lag + mine.duration
        for mine in works[one].tasks
        for its in works[other].tasks
    )


def _shifted(schedule: Schedule, works: Sequence[int], shift: int) -> Change:
    problem = schedule.problem
    starts = {work: schedule.start(work) + shift for work in works}
    away = {
        work: _days(schedule, work, start)
        for work, start in starts.items()
        if not dated(problem, problem.works[work]) >> start & 1
    }
    days = max(away.values(), key=abs)
    return Change(tuple(away), days, added_yuan(schedule, starts), starts)
