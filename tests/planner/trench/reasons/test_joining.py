from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from planner.trench.build import Built
from planner.trench.cost import Prices
from planner.trench.greedy import greedy
from planner.trench.improve import improve
from planner.trench.problem import Problem
from planner.trench.reasons.board import Board
from planner.trench.reasons.joining import added_yuan, best_join, complete, improve_joins, join
from planner.trench.schedule import Schedule

MakeCase = Callable[..., Built]
Problems = st.SearchStrategy[Problem]
Schedules = st.SearchStrategy[Schedule]


def cost(schedule: Schedule) -> float:
    itself = (schedule.problem.works[w].start_yuan(t) for w, t in schedule.starts.items())
    digging = (
        schedule.prices.opening_yuan(run.segment, run.periods, frozenset(run.works))
        for segment in range(len(schedule.problem.segments))
        for run in schedule.openings(segment)
    )
    return sum(digging) + sum(itself)


@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_joining_prices_truly_and_leaves_the_schedule_as_it_was(
    schedules: Schedules, data: st.DataObject
) -> None:
    schedule = data.draw(schedules)
    problem = schedule.problem
    board = Board(problem, schedule.starts)
    for segment in range(len(problem.segments)):
        for one, other in pairwise(schedule.openings(segment)):
            before, yuan = schedule.starts, cost(schedule)
            for way in (join(schedule, one, other), best_join(schedule, board, one, other)):
                assert schedule.starts == before
                if way is None:
                    continue
                with schedule.trial(tuple(way.starts)):
                    for work, start in way.starts.items():
                        assert start in schedule.allowed(work)
                        schedule.add(work, start)
                    assert abs(cost(schedule) - yuan - way.added_yuan) < 1e-4
                    works = {*one.works, *other.works}
                    assert any(works <= set(run.works) for run in schedule.openings(segment))


@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_moving_any_work_changes_the_cost_by_what_is_said(
    schedules: Schedules, data: st.DataObject
) -> None:
    schedule = data.draw(schedules)
    for work in schedule.starts:
        before, yuan = schedule.starts, cost(schedule)
        start = int(data.draw(st.sampled_from(schedule.domains[work].tolist())))
        said = added_yuan(schedule, {work: start})
        assert schedule.starts == before
        schedule.remove(work)
        schedule.add(work, start)
        assert abs(cost(schedule) - yuan - said) < 1e-4


@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_improving_never_costs_more_and_keeps_every_work(
    schedules: Schedules, data: st.DataObject
) -> None:
    schedule = data.draw(schedules)
    before, yuan = schedule.starts, cost(schedule)
    improve(schedule)
    after = cost(schedule)
    improve_joins(schedule)
    assert schedule.starts.keys() == before.keys()
    assert cost(schedule) <= after + 1e-6 <= yuan + 2e-6


@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_a_complete_plan_has_no_joining_that_saves_and_no_room_for_what_is_out(
    problems: Problems, data: st.DataObject
) -> None:
    problem = data.draw(problems)
    schedule, failed = greedy(problem, Prices(problem))
    out = complete(schedule, failed)
    assert set(out) | set(schedule.starts) == set(range(len(problem.works)))
    assert not any(schedule.allowed(work).size for work in out)
    board = Board(problem, schedule.starts)
    for segment in range(len(problem.segments)):
        for one, other in pairwise(schedule.openings(segment)):
            way = best_join(schedule, board, one, other)
            assert way is None or way.added_yuan > -1e-6


def test_a_section_too_wide_for_the_road_is_never_joined(make_case: MakeCase) -> None:
    apart = [
        {"fixed": True, "wanted": "2026-03-01"},
        {"utility": "gas", "diameter_mm": 110.0, "earliest": "2026-05-01"},
    ]
    problem = make_case(apart).problem
    schedule = Schedule(problem, Prices(problem))
    schedule.add(0, problem.works[0].wanted)
    schedule.add(1, problem.works[1].latest)
    free = replace(problem.works[1], earliest=0)
    wider = Schedule(replace(problem, works=(problem.works[0], free)), schedule.prices)
    for work, start in schedule.starts.items():
        wider.add(work, start)
    one, other = wider.openings(0)
    assert join(wider, one, other) is not None
    assert join(wider, one, other, fits=lambda _segment, works: len(works) < 2) is None
    assert improve_joins(wider, fits=lambda _segment, works: len(works) < 2) == 0
    assert improve_joins(wider) == 1
    assert len(wider.openings(0)) == 1
