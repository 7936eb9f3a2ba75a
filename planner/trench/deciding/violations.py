"""Which rules starts break, and which works are concerned, where a plan is put to the test."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from planner.trench.problem import Problem, Work


@dataclass(frozen=True, slots=True)
class Violation:
    """One rule that is broken.

    `rule` is ``fixed``, ``window``, ``moratorium``, ``no_dig``, ``crews`` or ``detour``; a date
    counts once for each work, a closure once for each task, crews once for each crew, a detour
    once for each pair of segments, however long it lasts. `works` are positions in
    `Problem.works`.
    """

    rule: str
    works: tuple[int, ...]


def violations(problem: Problem, starts: Mapping[int, int]) -> tuple[Violation, ...]:
    """Return what a plan breaks: dates, closures, crews, detours, in this order.

    Approved works keep their date whatever closures and crews say, emergencies break closures.
    """
    free = [work for work in sorted(starts) if not problem.works[work].fixed]
    approved = [work for work in sorted(starts) if problem.works[work].fixed]
    wrong = [work for work in approved if starts[work] != problem.works[work].wanted]
    broken = [Violation("fixed", (work,)) for work in wrong]
    broken += [Violation("window", (work,)) for work in free if _late(problem, work, starts[work])]
    broken += [found for work in free for found in _closures(problem, work, starts[work])]
    return (*broken, *_crews(problem, starts), *_detours(problem, starts))


def _late(problem: Problem, place: int, start: int) -> bool:
    work = problem.works[place]
    inside = max(work.earliest, 0) <= start <= work.latest
    return not inside or start + work.span > problem.periods


def _closures(problem: Problem, place: int, start: int) -> Iterator[Violation]:
    work = problem.works[place]
    if work.emergency:
        return
    for task in work.tasks:
        first = start + task.lag
        for closed in problem.segments[task.segment].closed:
            if first <= closed.last and closed.first < first + task.duration:
                yield Violation(closed.rule, (place,))


def _crews(problem: Problem, starts: Mapping[int, int]) -> Iterator[Violation]:
    gangs: dict[str, list[int]] = {}
    for place in sorted(starts):
        gangs.setdefault(problem.works[place].crew, []).append(place)
    for crew, limit in problem.crews.items():
        works = [(place, problem.works[place]) for place in gangs.get(crew, ())]
        length = max([problem.periods, *(starts[place] + work.span for place, work in works)])
        used = np.zeros((2, length), dtype=np.int64)
        for place, work in works:
            used[: 1 + work.fixed, starts[place] : starts[place] + work.span] += 1
        over = used[0] > np.maximum(limit, used[1])
        if over.any():
            yield Violation(
                "crews",
                tuple(p for p, work in works if not work.fixed and _busy(over, work, starts[p])),
            )


def _busy(over: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], work: Work, start: int) -> bool:
    return bool(over[start : start + work.span].any())


def _detours(problem: Problem, starts: Mapping[int, int]) -> Iterator[Violation]:
    on: dict[int, list[tuple[int, int, int]]] = {}
    for place in sorted(starts):
        for task in problem.works[place].tasks:
            first = starts[place] + task.lag
            on.setdefault(task.segment, []).append((first, first + task.duration, place))
    for road, detour in problem.conflicts:
        clash: Counter[int] = Counter()
        for first, end, one in on.get(road, ()):
            for begin, stop, other in on.get(detour, ()):
                approved = problem.works[one].fixed and problem.works[other].fixed
                if one != other and not approved and first < stop and begin < end:
                    clash.update((one, other))
        if clash:
            yield Violation("detour", tuple(sorted(clash)))
