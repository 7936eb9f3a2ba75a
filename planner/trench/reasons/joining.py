"""Make one opening of two: the cheapest way that is found, what it costs, and doing it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from planner.trench.domains import Periods
from planner.trench.greedy import cheapest, insert
from planner.trench.plan import Opening
from planner.trench.reasons.allowance import RULES, dated
from planner.trench.reasons.board import Board
from planner.trench.reasons.chain import SearchLimitError, chain
from planner.trench.reasons.meeting import Meeting
from planner.trench.schedule import Schedule

LEAST_GAIN_YUAN = 1e-6
"""Smaller differences of cost are rounding."""

ALL_RULES = frozenset(RULES)

Fits = Callable[[int, frozenset[int]], bool]
"""Whether the section that works need in one opening of a segment is not too wide for its road."""


def fits_always(_segment: int, _works: frozenset[int]) -> bool:
    """Return True: no section is too wide where widths are not looked at."""
    return True


@dataclass(frozen=True, slots=True)
class Joining:
    """A way to make one opening of two: the new starts, and what they add to the cost."""

    starts: Mapping[int, int]
    added_yuan: float


def most_steps(schedule: Schedule) -> int:
    """Return how many choices are tried before a question counts as undecided."""
    return schedule.problem.settings.count("trench.joining_most_steps")


def movable(schedule: Schedule, works: Sequence[int]) -> tuple[int, ...]:
    """Return the works that are not approved; approved ones stay in place, crews and all."""
    return tuple(work for work in works if not schedule.problem.works[work].fixed)


def added_yuan(schedule: Schedule, starts: Mapping[int, int]) -> float:
    """Return what the plan's cost changes by when works that are in start elsewhere, exactly.

    The cost of a plan is that of its openings and what each start costs by itself.
    """
    works = tuple(starts)
    before = schedule.cost_yuan_around(works)
    with schedule.trial(works):
        for work, start in starts.items():
            schedule.add(work, start)
        return schedule.cost_yuan_around(works) - before


def join(
    schedule: Schedule, one: Opening, other: Opening, *, fits: Fits = fits_always
) -> Joining | None:
    """Return a cheap way to make one opening of two, quickly; the schedule is left as it is.

    Every other work stays where it is. The later works come to the earlier ones, or the earlier
    to the later.
    """
    works = (*one.works, *other.works)
    if not fits(one.segment, frozenset(works)) or not _may_meet(schedule, one.segment, works):
        return None
    found = [way for way in _moves(schedule, one, other) if way is not None]
    return min(found, key=lambda way: way.added_yuan, default=None)


def best_join(
    schedule: Schedule, board: Board, one: Opening, other: Opening, *, fits: Fits = fits_always
) -> Joining | None:
    """Return the cheapest way found to make one opening of two; the schedule is left as it is.

    Every other work stays where it is. Where neither side can come to the other, all works move
    to any choice of starts that the rules leave (`planner.trench.reasons.meeting`); whatever is
    found is improved work by work.

    Parameters
    ----------
    schedule, board
        The plan, twice: to be priced and to be asked.
    one, other
        Neighbouring openings of one segment.
    fits
        See `Fits`.

    Returns
    -------
    Joining or None
        None where there is no way, or where the search for one was given up.
    """
    works = (*one.works, *other.works)
    if not fits(one.segment, frozenset(works)) or not _may_meet(schedule, one.segment, works):
        return None
    ways = [way.starts for way in _moves(schedule, one, other) if way is not None]
    if not ways:
        meeting = Meeting(board, one.segment, works, most_steps=most_steps(schedule))
        try:
            chosen = meeting.choice(ALL_RULES)
        except SearchLimitError:
            chosen = None
        ways = [chosen] if chosen else []
    settled = [settle(schedule, one.segment, works, way) for way in ways]
    return min(settled, key=lambda way: way.added_yuan, default=None)


def improve_joins(schedule: Schedule, *, fits: Fits = fits_always) -> int:
    """Make one opening of two wherever that is found to pay, until it is nowhere.

    The schedule is changed in place; it never costs more than before, keeps every rule that it
    kept, and holds the same works. Afterwards `planner.trench.reasons.explain.reopenings` finds no
    joining that would save money.

    Returns
    -------
    int
        How many joinings were made.
    """
    made, board = 0, Board(schedule.problem, schedule.starts)
    waiting = list(range(len(schedule.problem.segments)))
    while waiting:
        again = []
        for segment in waiting:
            way = _first_gain(schedule, board, segment, fits)
            if way is not None:
                apply(schedule, way.starts)
                made, board = made + 1, Board(schedule.problem, schedule.starts)
                again = list(range(len(schedule.problem.segments)))
        waiting = again
    return made


def complete(
    schedule: Schedule, left: Iterable[int], *, fits: Fits = fits_always
) -> tuple[int, ...]:
    """Place works that are out where they fit, and join what pays, until neither is possible.

    The schedule is changed in place.

    Parameters
    ----------
    schedule
        A plan.
    left
        Positions of the works that are out.
    fits
        See `Fits`.

    Returns
    -------
    tuple of int
        The works that are still out; dates, closures, crews and detours leave them no start.
    """
    out, joined = tuple(left), 1
    while joined:
        out = tuple(work for work in out if not insert(schedule, work))
        joined = improve_joins(schedule, fits=fits)
    return out


def apply(schedule: Schedule, starts: Mapping[int, int]) -> None:
    """Move works that are in to other starts."""
    for work in starts:
        schedule.remove(work)
    for work, start in starts.items():
        schedule.add(work, start)


def _first_gain(schedule: Schedule, board: Board, segment: int, fits: Fits) -> Joining | None:
    for one, other in pairwise(schedule.openings(segment)):
        way = best_join(schedule, board, one, other, fits=fits)
        if way is not None and way.added_yuan < -LEAST_GAIN_YUAN:
            return way
    return None


def settle(
    schedule: Schedule,
    segment: int,
    works: Sequence[int],
    starts: Mapping[int, int],
    *,
    hold: Collection[int] = (),
) -> Joining:
    """Improve a way to join: each work in turn to its cheapest start in the joint opening.

    Parameters
    ----------
    schedule
        The plan without the joining; it is left as it is.
    segment, works
        Where all of them are to stay in one opening.
    starts
        New starts with which they are.
    hold
        Works that keep them; approved works always do.
    """
    moves = tuple(dict.fromkeys((*movable(schedule, works), *starts)))
    before = {work: schedule.start(work) for work in moves}
    with schedule.trial(moves):
        for work, start in {**before, **starts}.items():
            schedule.add(work, start)
        free = [work for work in movable(schedule, works) if work not in hold]
        gained = True
        while gained:
            gained = sum(_slide(schedule, segment, works, work) for work in free) > 0
        after = {work: schedule.start(work) for work in moves}
    changed = {work: start for work, start in after.items() if start != before[work]}
    return Joining(changed, added_yuan(schedule, changed))


def _slide(schedule: Schedule, segment: int, works: Sequence[int], work: int) -> bool:
    """Move a work to its cheapest start that leaves one opening; return whether that saved."""
    before = schedule.remove(work)
    here = [run for run in schedule.openings(segment) if set(run.works) & set(works)]
    task = schedule.problem.works[work].task_on(segment)
    candidates = schedule.allowed(work)
    first = candidates + task.lag
    if here:
        touches = (first <= here[0].end) & (first + task.duration >= here[-1].first)
        candidates = candidates[touches]
    prices = schedule.added_yuan(work, candidates)
    best = cheapest(schedule, work, candidates, prices)
    saved = float(prices[candidates == before][0] - prices[candidates == best][0])
    gains = saved > LEAST_GAIN_YUAN
    schedule.add(work, best if gains else before)
    return gains


def _may_meet(schedule: Schedule, segment: int, works: Sequence[int]) -> bool:
    """Return whether the works' own dates and closures let them meet, as far as is decided."""
    problem = schedule.problem
    tasks = [problem.works[work].task_on(segment) for work in works]
    domains = [
        dated(problem, problem.works[work]) << task.lag
        for work, task in zip(works, tasks, strict=True)
    ]
    standing = tuple(
        (run.first, run.end)
        for run in schedule.openings(segment)
        if not set(run.works) & set(works)
    )
    durations = [task.duration for task in tasks]
    try:
        return chain(domains, durations, standing, most_steps=most_steps(schedule)) is not None
    except SearchLimitError:
        return True


def _moves(
    schedule: Schedule, one: Opening, other: Opening
) -> tuple[Joining | None, Joining | None]:
    return _move(schedule, one, other), _move(schedule, other, one)


def _move(schedule: Schedule, stays: Opening, comes: Opening) -> Joining | None:
    if any(schedule.problem.works[work].fixed for work in comes.works):
        return None
    with schedule.trial(comes.works):
        starts = _gather(schedule, stays, comes.works)
    return None if starts is None else Joining(starts, added_yuan(schedule, starts))


def _gather(schedule: Schedule, stays: Opening, moves: tuple[int, ...]) -> Mapping[int, int] | None:
    """Insert works that are out, one after another, each at its cheapest touch of an opening."""
    waiting, starts = list(moves), {}
    while waiting:
        for work in waiting:
            candidates = _towards(schedule, stays.segment, stays.works[0], work)
            if candidates.size:
                break
        else:
            return None
        prices = schedule.added_yuan(work, candidates)
        start = cheapest(schedule, work, candidates, prices)
        schedule.add(work, start)
        starts[work] = start
        waiting.remove(work)
    return starts


def _towards(schedule: Schedule, segment: int, anchor: int, work: int) -> Periods:
    """Return the allowed starts at which a work touches the opening that `anchor` is in."""
    run = next(run for run in schedule.openings(segment) if anchor in run.works)
    task = schedule.problem.works[work].task_on(segment)
    candidates: Periods = np.asarray(schedule.allowed(work), dtype=np.int64)
    first = candidates + task.lag
    return candidates[(first <= run.end) & (first + task.duration >= run.first)]
