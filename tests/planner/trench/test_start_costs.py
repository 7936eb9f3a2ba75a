"""What a start costs by itself counts in the plan, in every step to it, and in the baseline."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.trench.build import Built
from planner.trench.cost import Prices
from planner.trench.greedy import greedy
from planner.trench.improve import improve
from planner.trench.plan import cost_yuan, openings, plan_yuan, starts_yuan
from planner.trench.problem import Problem
from planner.trench.schedule import Schedule
from planner.trench.separate import separate

MakeCase = Callable[..., Built]
Problems = st.SearchStrategy[Problem]
BuiltOf = Callable[[Problem], Built]


def draw_priced(data: st.DataObject, problem: Problem) -> Problem:
    """Draw prices of lateness and approved dates onto the works of a problem."""
    works = []
    for work in problem.works:
        free = not work.fixed
        held = data.draw(st.none() | st.integers(work.earliest, work.latest)) if free else None
        price = st.sampled_from([0.0, 50.0, 3000.0])
        works.append(
            replace(
                work,
                late_period_yuan=data.draw(price),
                held=held,
                move_period_yuan=0.0 if held is None else data.draw(price),
            )
        )
    return replace(problem, works=tuple(works))


@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_the_price_of_every_start_is_the_difference_that_it_makes(
    problems: Problems, data: st.DataObject
) -> None:
    problem = draw_priced(data, data.draw(problems))
    prices = Prices(problem)
    schedule = Schedule(problem, prices)
    for work, domain in enumerate(schedule.domains):
        if not domain.size:
            continue
        before = plan_yuan(problem, prices, schedule.starts)
        for start, added in zip(domain, schedule.added_yuan(work, domain), strict=True):
            after = plan_yuan(problem, prices, {**schedule.starts, work: int(start)})
            assert added == pytest.approx(after - before, abs=1e-6)
        schedule.add(work, int(data.draw(st.sampled_from(domain.tolist()))))
    assert schedule.cost_yuan() == pytest.approx(plan_yuan(problem, prices, schedule.starts))


@settings(deadline=None, max_examples=40)
@given(data=st.data())
def test_improving_never_makes_a_plan_dearer(
    problems: Problems, built_of: BuiltOf, data: st.DataObject
) -> None:
    problem = built_of(draw_priced(data, data.draw(problems))).problem
    schedule, _ = greedy(problem, Prices(problem))
    before = schedule.cost_yuan()
    improve(schedule)
    assert schedule.cost_yuan() <= before + 1e-6


def test_a_plan_costs_its_openings_and_its_starts(make_case: MakeCase) -> None:
    problem = make_case(
        [{"wanted": "2026-03-01"}], settings={"trench.late_yuan_per_day": 7.0}
    ).problem
    prices = Prices(problem)
    late = {0: problem.works[0].wanted + 3}
    assert starts_yuan(problem, late) == 21.0
    assert plan_yuan(problem, prices, late) == cost_yuan(prices, openings(problem, late)) + 21.0


def test_the_baseline_pays_for_the_days_that_a_closure_keeps_it_waiting(
    make_case: MakeCase,
) -> None:
    """The road is free from 1 May; the work wants 20 April."""
    case = make_case(
        [{"wanted": "2026-04-20"}],
        roads=[{"opened_on": "2021-05-01"}],
        settings={"trench.late_yuan_per_day": 7.0},
    )
    prices = Prices(case.problem)
    alone = separate(case.problem, prices, [0])
    assert case.problem.day(alone.starts[0]).isoformat() == "2026-05-01"
    assert alone.cost_yuan == pytest.approx(prices.alone_yuan(0, 0) + 11 * 7.0)


def test_the_baseline_keeps_an_approved_date(make_case: MakeCase) -> None:
    problem = make_case([{"wanted": "2026-04-20"}]).problem
    (work,) = problem.works
    held = replace(problem, works=(replace(work, held=150, move_period_yuan=1e5),))
    assert separate(held, Prices(held), [0]).starts == {0: 150}
