"""What a group of works would pay alone on a segment is the least of all its plans."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.trench.check.groups import group_values, runs
from planner.trench.check.plan import allowed_starts
from planner.trench.cost import Prices
from planner.trench.plan import runs as openings_of
from planner.trench.problem import Problem, Task

Problems = st.SearchStrategy[Problem]


def least_yuan(problem: Problem, segment: int, works: Sequence[int]) -> float:
    """Return the least cost of the works' openings of a segment, by trying every start."""
    prices = Prices(problem)
    tasks: list[Task] = [problem.works[work].task_on(segment) for work in works]
    domains = [allowed_starts(problem, problem.works[work]) for work in works]
    costs = []
    for chosen in product(*domains):
        intervals = [
            (start + task.lag, start + task.lag + task.duration, work)
            for work, task, start in zip(works, tasks, chosen, strict=True)
        ]
        found = openings_of(segment, intervals)
        costs.append(
            sum(prices.opening_yuan(segment, o.periods, frozenset(o.works)) for o in found)
        )
    return min(costs)


@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_each_group_pays_the_least_of_all_its_plans(
    problems: Problems, data: st.DataObject
) -> None:
    problem = data.draw(problems)
    near = tuple(
        replace(work, latest=min(work.latest, work.earliest + 5)) for work in problem.works
    )
    problem = replace(problem, works=near)
    segment = data.draw(st.integers(0, 2))
    works = [
        place
        for place, work in enumerate(near)
        if any(task.segment == segment for task in work.tasks) and allowed_starts(problem, work)
    ][:3]
    uses = [(near[work], near[work].task_on(segment)) for work in works]
    if not uses:
        return
    values = group_values(problem, segment, uses)
    assert values[0] == 0.0
    for group in range(1, len(values)):
        inside = [work for n, work in enumerate(works) if group >> n & 1]
        assert values[group] == pytest.approx(least_yuan(problem, segment, inside), abs=1e-6)


def test_a_run_may_need_a_third_interval_as_a_bridge() -> None:
    """Two of one period, 3 periods apart, meet only over one that spans the gap."""
    found = runs([0b1, 0b10000, 0b10], [1, 1, 3])
    assert found[0b011] == {}
    assert found[0b111] == {5: 0b1}
