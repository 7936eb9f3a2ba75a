from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.trench.build import Built
from planner.trench.cost import Prices
from planner.trench.plan import cost_yuan, openings
from planner.trench.problem import Problem
from planner.trench.schedule import Schedule

MakeCase = Callable[..., Built]
Problems = st.SearchStrategy[Problem]


@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_the_price_of_every_start_is_the_difference_that_it_makes(
    problems: Problems, data: st.DataObject
) -> None:
    problem = data.draw(problems)
    prices = Prices(problem)
    schedule = Schedule(problem, prices)
    for work, domain in enumerate(schedule.domains):
        if not domain.size:
            continue
        before = cost_yuan(prices, openings(problem, schedule.starts))
        for start, added in zip(domain, schedule.added_yuan(work, domain), strict=True):
            after = cost_yuan(prices, openings(problem, {**schedule.starts, work: int(start)}))
            assert added == pytest.approx(after - before, abs=1e-6)
        schedule.add(work, int(data.draw(st.sampled_from(domain.tolist()))))
    assert schedule.cost_yuan() == pytest.approx(
        cost_yuan(prices, openings(problem, schedule.starts))
    )


@settings(deadline=None, max_examples=30)
@given(data=st.data())
def test_a_trial_leaves_the_schedule_as_it_was(problems: Problems, data: st.DataObject) -> None:
    problem = data.draw(problems)
    schedule = Schedule(problem, Prices(problem))
    for work, domain in enumerate(schedule.domains):
        if domain.size:
            schedule.add(work, int(domain[0]))
    before, cost = schedule.starts, schedule.cost_yuan()
    allowed = {work: schedule.domains[work] for work in before}
    with schedule.trial(tuple(before)):
        assert schedule.cost_yuan() == 0
        for work in list(before)[:2]:
            schedule.add(work, int(allowed[work][-1]))
    assert schedule.starts == before
    assert schedule.cost_yuan() == pytest.approx(cost)


def test_a_crew_at_work_blocks_its_owners_other_works(make_case: MakeCase) -> None:
    case = {"earliest": "2026-01-01", "latest": "2026-01-31", "duration_days": 10.0}
    built = make_case(
        [case, {**case, "on": [(1, 0.0, 50.0, "left")]}],
        segments=2,
        crews=[{"owner": "水务公司", "crews": 1}],
    )
    schedule = Schedule(built.problem, Prices(built.problem))
    schedule.add(0, 5)
    np.testing.assert_array_equal(schedule.allowed(1), [15, 16, 17, 18, 19, 20, 21])
    np.testing.assert_array_equal(schedule.allowed(1, crews=False), np.arange(22))


def test_a_road_under_work_blocks_its_detour(make_case: MakeCase) -> None:
    case = {"earliest": "2026-01-01", "latest": "2026-01-31", "duration_days": 10.0}
    built = make_case(
        [case, {**case, "on": [(1, 0.0, 50.0, "left")]}],
        segments=2,
        roads=[{"detour_group": "A"}, {"detour_group": "A"}],
    )
    schedule = Schedule(built.problem, Prices(built.problem))
    schedule.add(0, 12)
    np.testing.assert_array_equal(schedule.allowed(1), [0, 1, 2])
