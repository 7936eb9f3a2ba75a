"""Check the starts of a plan against the problem, period by period."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from planner.checking import Failure
from planner.trench.problem import Problem, Task, Work

Verdicts = Iterator[tuple[bool, Failure]]


def verdict(rule: str, subject: str, detail: str, *, held: bool) -> tuple[bool, Failure]:
    """Return one test of the topic ``trench`` with the failure that it would be."""
    return held, Failure("trench", rule, subject, detail)


def active(task: Task, start: int) -> range:
    """Return the periods in which a task is active when its work starts in `start`."""
    return range(start + task.lag, start + task.lag + task.duration)


def allowed_starts(problem: Problem, work: Work) -> tuple[int, ...]:
    """Return the periods in which a work may start by its own dates and closures, ascending."""
    if work.fixed:
        return (work.wanted,)
    first = max(work.earliest, 0)
    last = min(work.latest, problem.periods - max(active(task, 0).stop for task in work.tasks))
    if work.emergency:
        return tuple(range(first, last + 1))
    shut: set[int] = set()
    for task in work.tasks:
        for closed in problem.segments[task.segment].closed:
            before = closed.first - active(task, 0).stop
            shut.update(range(max(first, before + 1), min(last, closed.last - task.lag) + 1))
    return tuple(start for start in range(first, last + 1) if start not in shut)


def check_starts(problem: Problem, starts: Mapping[str, int]) -> Verdicts:
    """Yield a test for each rule that starts must keep.

    Parameters
    ----------
    problem
        What was asked.
    starts
        Id of each placed work to its start period; ids that the problem lacks are skipped, since
        the account of works names them.
    """
    placed = [(work, starts[work.id]) for work in problem.works if work.id in starts]
    for work, start in placed:
        yield _window(problem, work, start)
        yield from _closures(problem, work, start)
    yield from _crews(problem, placed)
    yield from _detours(problem, placed)


def _window(problem: Problem, work: Work, start: int) -> tuple[bool, Failure]:
    if work.fixed:
        detail = f"starts in {start}, approved for {work.wanted}"
        return verdict("fixed", work.id, detail, held=start == work.wanted)
    ends = max(active(task, start).stop for task in work.tasks)
    detail = f"starts in {start}, allowed {work.earliest} to {work.latest}, ends before {ends}"
    inside = work.earliest <= start <= work.latest and start >= 0 and ends <= problem.periods
    return verdict("window", work.id, detail, held=inside)


def _closures(problem: Problem, work: Work, start: int) -> Verdicts:
    if work.fixed or work.emergency:
        return
    for task in work.tasks:
        segment = problem.segments[task.segment]
        for closed in segment.closed:
            both = set(active(task, start)) & set(range(closed.first, closed.last + 1))
            detail = f"{closed.rule} ({closed.detail}) on {segment.id}, periods {sorted(both)[:3]}"
            yield verdict(closed.rule, work.id, detail, held=not both)


def _crews(problem: Problem, placed: list[tuple[Work, int]]) -> Verdicts:
    busy: Counter[tuple[str, int]] = Counter()
    approved: Counter[tuple[str, int]] = Counter()
    for work, start in placed:
        if work.crew:
            end = max(active(task, start).stop for task in work.tasks)
            used = [(work.crew, period) for period in range(start, end)]
            busy.update(used)
            approved.update(used if work.fixed else ())
    for crew, limit in problem.crews.items():
        most = max((busy[key] - max(limit, approved[key]), key[1]) for key in _keys(busy, crew))
        detail = f"{most[0]} work(s) above {limit} in period {most[1]}"
        yield verdict("crews", crew, detail, held=most[0] <= 0)


def _keys(busy: Counter[tuple[str, int]], crew: str) -> list[tuple[str, int]]:
    return [key for key in busy if key[0] == crew] or [(crew, 0)]


def _detours(problem: Problem, placed: list[tuple[Work, int]]) -> Verdicts:
    used: dict[int, list[tuple[Work, range]]] = {}
    for work, start in placed:
        for task in work.tasks:
            used.setdefault(task.segment, []).append((work, active(task, start)))
    for one, other in problem.conflicts:
        clash = [
            f"{a.id} and {b.id}"
            for a, here in used.get(one, ())
            for b, there in used.get(other, ())
            if a is not b and not (a.fixed and b.fixed) and set(here) & set(there)
        ]
        ids = f"{problem.segments[one].id} / {problem.segments[other].id}"
        yield verdict("detour", ids, "; ".join(clash[:3]), held=not clash)
