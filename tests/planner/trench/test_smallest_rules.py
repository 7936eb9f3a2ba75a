"""Reasons for re-openings against trying every choice of starts of tiny problems."""

from collections.abc import Iterator, Mapping
from itertools import chain, combinations, pairwise, product

from hypothesis import event, given, settings
from hypothesis import strategies as st

from planner.trench.cost import Prices
from planner.trench.greedy import greedy
from planner.trench.improve import improve
from planner.trench.plan import Opening, cost_yuan, openings
from planner.trench.problem import Problem, Task, Work
from planner.trench.reasons.board import Board
from planner.trench.reasons.change import cheapest_change
from planner.trench.reasons.explain import FORBIDDING, forbidding
from planner.trench.reasons.meeting import Meeting
from planner.trench.schedule import Schedule

MOST_CHOICES = 6_000

Problems = st.SearchStrategy[Problem]
Schedules = st.SearchStrategy[Schedule]
Starts = Mapping[int, int]


def days(task: Task, start: int) -> set[int]:
    return set(range(start + task.lag, start + task.lag + task.duration))


def window(problem: Problem, work: Work) -> list[int]:
    last = min(work.latest, problem.periods - work.span)
    inside = set(range(max(work.earliest, 0), last + 1))
    return sorted(inside | {work.wanted} if work.fixed else inside)


def closed_by(problem: Problem, work: Work, start: int) -> set[str]:
    return {
        closed.rule
        for task in work.tasks
        for closed in problem.segments[task.segment].closed
        if not work.emergency and days(task, start) & set(range(closed.first, closed.last + 1))
    }


def limits_broken(problem: Problem, starts: Starts, movers: tuple[int, ...]) -> set[str]:
    broken = set()
    works = problem.works
    for mover in movers:
        work, start = works[mover], starts[mover]
        if work.fixed and start == work.wanted:
            continue
        for period in range(start, start + work.span):
            busy = [
                other
                for other, at in starts.items()
                if works[other].crew == work.crew and at <= period < at + works[other].span
            ]
            if work.crew and len(busy) > problem.crews[work.crew]:
                broken.add("crews")
        for other, at in starts.items():
            for mine, its in product(work.tasks, works[other].tasks):
                pair = tuple(sorted((mine.segment, its.segment)))
                both = days(mine, start) & days(its, at)
                if other != mover and pair in problem.conflicts and both:
                    broken.add("detour")
    return broken


def broken_by(problem: Problem, starts: Starts, movers: tuple[int, ...]) -> set[str]:
    broken = limits_broken(problem, starts, movers)
    for mover in movers:
        work, start = problem.works[mover], starts[mover]
        if not (work.fixed and start == work.wanted):
            broken |= closed_by(problem, work, start)
            broken |= {"fixed"} if work.fixed else set()
    return broken


def joined(problem: Problem, starts: Starts, segment: int, works: tuple[int, ...]) -> bool:
    here = [run for run in openings(problem, starts) if run.segment == segment]
    return any(set(works) <= set(run.works) for run in here)


def pairs_of(schedule: Schedule) -> Iterator[tuple[Opening, Opening]]:
    for segment in range(len(schedule.problem.segments)):
        yield from pairwise(schedule.openings(segment))


def size(problem: Problem, works: tuple[int, ...]) -> int:
    total = 1
    for work in works:
        total *= len(window(problem, problem.works[work]))
    return total


def choices(
    schedule: Schedule, works: tuple[int, ...], domains: Mapping[int, list[int]]
) -> Iterator[Starts]:
    for picked in product(*(domains[work] for work in works)):
        yield {**schedule.starts, **dict(zip(works, picked, strict=True))}


@settings(deadline=None, max_examples=150)
@given(data=st.data())
def test_the_set_of_rules_is_the_smallest_that_forbids(
    schedules: Schedules, data: st.DataObject
) -> None:
    schedule = data.draw(schedules)
    problem = schedule.problem
    board = Board(problem, schedule.starts)
    for one, other in pairs_of(schedule):
        works = (*one.works, *other.works)
        if size(problem, works) > MOST_CHOICES:
            continue
        domains = {work: window(problem, problem.works[work]) for work in works}
        ways = [
            broken_by(problem, starts, works)
            for starts in choices(schedule, works, domains)
            if joined(problem, starts, one.segment, works)
        ]
        sets = chain.from_iterable(combinations(FORBIDDING[1:], n) for n in range(6))
        forbid = (rules for rules in sets if all(way & set(rules) for way in ways))
        smallest = next((("windows", *rules) for rules in forbid), None)
        meeting = Meeting(board, one.segment, works, most_steps=100_000)
        found = forbidding(meeting)
        assert (found and found.rules) == smallest
        assert found is None or found.smallest
        event(str(smallest))


def dated(problem: Problem, work: Work) -> list[int]:
    if work.fixed:
        return [work.wanted]
    return [t for t in window(problem, work) if not closed_by(problem, work, t)]


def cost(problem: Problem, prices: Prices, starts: Starts) -> float:
    found = cost_yuan(prices, openings(problem, starts))
    return found + sum(problem.works[work].start_yuan(start) for work, start in starts.items())


def anywhere(problem: Problem, work: Work) -> list[int]:
    inside = set(range(problem.periods - work.span + 1))
    return sorted(inside - set(dated(problem, work)))


def away(problem: Problem, work: Work, start: int) -> int:
    near = min(dated(problem, work), key=lambda other: (abs(other - start), other))
    return (start - near) * problem.period_days


def allowed_ways(
    schedule: Schedule, segment: int, works: tuple[int, ...], domains: Mapping[int, list[int]]
) -> Iterator[Starts]:
    for starts in choices(schedule, works, domains):
        if joined(schedule.problem, starts, segment, works) and not limits_broken(
            schedule.problem, starts, works
        ):
            yield starts


@settings(deadline=None, max_examples=150)
@given(data=st.data())
def test_the_change_of_one_work_is_the_cheapest_and_none_is_missed(
    problems: Problems, data: st.DataObject
) -> None:
    problem = data.draw(problems)
    prices = Prices(problem)
    schedule, _ = greedy(problem, prices)
    improve(schedule)
    board = Board(problem, schedule.starts)
    for one, other in pairs_of(schedule):
        works = (*one.works, *other.works)
        if size(problem, works) * problem.periods > MOST_CHOICES:
            continue
        if forbidding(Meeting(board, one.segment, works, most_steps=100_000)) is None:
            continue
        before = cost(problem, prices, schedule.starts)
        found = cheapest_change(schedule, board, one, other)
        lone = [
            (cost(problem, prices, starts) - before, abs(days))
            for work in works
            for start in anywhere(problem, problem.works[work])
            for starts in ({**schedule.starts, work: start},)
            for days in (away(problem, problem.works[work], start),)
            if joined(problem, starts, one.segment, works)
            and not limits_broken(problem, starts, (work,))
        ]
        event("alone" if lone else "along or together")
        if lone:
            assert found is not None
            assert len(found.works) == 1
            least = min(yuan for yuan, _ in lone)
            assert abs(found.added_yuan - least) < 1e-3
            assert abs(found.days) == min(near for yuan, near in lone if yuan < least + 1e-3)
            continue
        domains = {work: dated(problem, problem.works[work]) for work in works}
        ways = {
            work: [
                (abs(days), days > 0)
                for starts in allowed_ways(
                    schedule,
                    one.segment,
                    works,
                    {**domains, work: anywhere(problem, problem.works[work])},
                )
                for days in (away(problem, problem.works[work], starts[work]),)
            ]
            for work in works
        }
        assert (found is not None and len(found.works) == 1) == any(ways.values())
        if found is not None:
            if len(found.works) == 1:
                near = (n for n, late in ways[found.works[0]] if late == (found.days > 0))
                assert abs(found.days) == min(near)
            starts = {**schedule.starts, **found.starts}
            assert joined(problem, starts, one.segment, works)
            assert abs(cost(problem, prices, starts) - before - found.added_yuan) < 1e-4
