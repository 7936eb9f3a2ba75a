"""Works that would stand in one place, or on a road and its detour, at the same time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from planner.trench.cost import Prices
from planner.trench.plan import Opening
from planner.trench.problem import Problem, Task
from planner.trench.reasons.joining import Fits


@dataclass(frozen=True, slots=True, kw_only=True)
class Collision:
    """Two groups of works that collide.

    Parameters
    ----------
    rule
        ``width``: in one opening whose section is too wide for the road; ``wanted``: on one
        segment by the dates wanted, joined by the plan; ``detour_wanted``: on a road and its
        detour by the dates wanted, kept apart by the plan; ``detour``: there by the plan itself,
        which only approved dates can do.
    segment, other_segment
        Where the two groups dig.
    one, other
        Positions in `Problem.works`; on one segment the first to dig, and the others.
    periods
        Periods in which they collide.
    yuan
        What the joint opening saves against everyone alone, or the traffic cost of both roads in
        those periods.
    """

    rule: str
    segment: int
    other_segment: int
    one: tuple[int, ...]
    other: tuple[int, ...]
    periods: int
    yuan: float


def _active(task: Task, start: int) -> range:
    return range(start + task.lag, start + task.lag + task.duration)


def shared(
    problem: Problem,
    found: Sequence[Opening],
    starts: Mapping[int, int],
    prices: Prices,
    fits: Fits,
) -> Iterator[Collision]:
    """Yield the works of one opening that the road cannot hold together.

    Of the openings that it can hold, yield the works that would have collided by the dates wanted.
    """
    for opening in found:
        if len(opening.works) > 1:
            wide = _too_wide(opening, fits)
            crowds = [(opening.works, opening.periods)] if wide else _crowds(problem, opening)
            for works, periods in crowds:
                yield Collision(
                    rule="width" if wide else "wanted",
                    segment=opening.segment,
                    other_segment=opening.segment,
                    one=works[:1],
                    other=works[1:],
                    periods=periods,
                    yuan=_joint_saves_yuan(problem, opening.segment, works, starts, prices),
                )


def _too_wide(opening: Opening, fits: Fits) -> bool:
    """Whether the works of an opening each fit into the road alone, but not together."""
    return not fits(opening.segment, frozenset(opening.works)) and all(
        fits(opening.segment, frozenset((work,))) for work in opening.works
    )


def _crowds(problem: Problem, opening: Opening) -> Iterator[tuple[tuple[int, ...], int]]:
    """Yield groups linked by periods in common, and the periods in which two or more dig."""
    whole = []
    for work in opening.works:
        wish = problem.works[work]
        whole.append((_active(wish.task_on(opening.segment), wish.wanted), work))
    whole.sort(key=lambda use: (use[0].start, use[1]))
    group: list[tuple[range, int]] = []
    end = 0
    for use in whole:
        if group and use[0].start >= end:
            yield from _crowd(group)
            group, end = [], 0
        group.append(use)
        end = max(end, use[0].stop)
    yield from _crowd(group)


def _crowd(group: Sequence[tuple[range, int]]) -> Iterator[tuple[tuple[int, ...], int]]:
    if len(group) > 1:
        busy = Counter(period for days, _ in group for period in days)
        yield tuple(work for _, work in group), sum(count > 1 for count in busy.values())


def _joint_saves_yuan(
    problem: Problem,
    segment: int,
    works: tuple[int, ...],
    starts: Mapping[int, int],
    prices: Prices,
) -> float:
    """Return what one opening for these works alone, on the plan's dates, saves there."""
    tasks = {work: problem.works[work].task_on(segment) for work in works}
    dug = {period for work, task in tasks.items() for period in _active(task, starts[work])}
    alone = sum(prices.alone_yuan(work, segment) for work in works)
    return alone - prices.opening_yuan(segment, len(dug), frozenset(works))


def detours(problem: Problem, starts: Mapping[int, int]) -> Iterator[Collision]:
    """Yield pairs of works that dig a road and its detour at once, by the plan or the wishes."""
    on: dict[int, list[int]] = {}
    for work in sorted(starts):
        for task in problem.works[work].tasks:
            on.setdefault(task.segment, []).append(work)
    wishes = {work: problem.works[work].wanted for work in starts}
    for road, detour in problem.conflicts:
        for one in on.get(road, ()):
            for other in on.get(detour, ()):
                if one != other:
                    yield from _at_once(problem, (road, one), (detour, other), starts, wishes)


def _at_once(
    problem: Problem,
    here: tuple[int, int],
    there: tuple[int, int],
    starts: Mapping[int, int],
    wishes: Mapping[int, int],
) -> Iterator[Collision]:
    (road, one), (detour, other) = here, there
    task, beyond = problem.works[one].task_on(road), problem.works[other].task_on(detour)
    for rule, dates in (("detour", starts), ("detour_wanted", wishes)):
        days, others = _active(task, dates[one]), _active(beyond, dates[other])
        periods = min(days.stop, others.stop) - max(days.start, others.start)
        if periods > 0:
            rate = sum(problem.segments[place].open_period_yuan for place in (road, detour))
            yield Collision(
                rule=rule,
                segment=road,
                other_segment=detour,
                one=(one,),
                other=(other,),
                periods=periods,
                yuan=periods * rate,
            )
            return
