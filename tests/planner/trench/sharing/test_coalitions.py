"""The value of a group of parties, against every plan that the group could make."""

from collections.abc import Callable
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.trench.build import Built
from planner.trench.cost import Prices
from planner.trench.domains import starts
from planner.trench.plan import Opening, cost_yuan, openings, runs
from planner.trench.problem import Problem
from planner.trench.sharing.coalitions import game, group_values, parties, shortest_runs

MakeCase = Callable[..., Built]
Problems = st.SearchStrategy[Problem]

GAS = {"utility": "gas", "diameter_mm": 110.0, "owner": "燃气公司"}


def cheapest_by_trying_all(
    problem: Problem, prices: Prices, segment: int, works: list[int]
) -> float:
    tasks = [problem.works[work].task_on(segment) for work in works]
    domains = [
        (starts(problem, problem.works[work]) + task.lag).tolist()
        for work, task in zip(works, tasks, strict=True)
    ]
    return min(
        cost_yuan(
            prices,
            runs(
                segment,
                [
                    (first, first + task.duration, work)
                    for first, task, work in zip(chosen, tasks, works, strict=True)
                ],
            ),
        )
        for chosen in product(*domains)
    )


def on_segment(problem: Problem, segment: int) -> list[int]:
    return [
        place
        for place, work in enumerate(problem.works)
        if any(task.segment == segment for task in work.tasks) and starts(problem, work).size
    ][:3]


@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_no_plan_of_a_group_alone_is_cheaper_and_one_costs_as_much(
    problems: Problems, data: st.DataObject
) -> None:
    problem = data.draw(problems)
    prices = Prices(problem)
    for segment in range(len(problem.segments)):
        works = on_segment(problem, segment)
        if not works:
            continue
        values = group_values(problem, prices, segment, works)
        assert values[0] == 0.0
        for group in range(1, values.size):
            chosen = [work for i, work in enumerate(works) if group >> i & 1]
            best = cheapest_by_trying_all(problem, prices, segment, chosen)
            assert values[group] == pytest.approx(best)


@settings(deadline=None, max_examples=100)
@given(
    intervals=st.lists(
        st.tuples(st.lists(st.integers(0, 9), min_size=1, max_size=4), st.integers(1, 3)),
        min_size=1,
        max_size=4,
    )
)
def test_the_shortest_runs_are_those_of_every_choice_of_starts(
    intervals: list[tuple[list[int], int]],
) -> None:
    domains = [np.unique(np.array(starts)) for starts, _ in intervals]
    durations = [duration for _, duration in intervals]
    found = shortest_runs(domains, durations)
    for group in range(1, len(found)):
        items = [i for i in range(len(domains)) if group >> i & 1]
        made = set()
        for chosen in product(*(domains[i].tolist() for i in items)):
            made_by = runs(
                0, [(s, s + durations[i], i) for s, i in zip(chosen, items, strict=True)]
            )
            if len(made_by) == 1:
                made.add((made_by[0].first, made_by[0].end))
        kept = {
            (a, e)
            for a, e in made
            if not any((b, f) != (a, e) and a <= b and f <= e for b, f in made)
        }
        first, end = found[group]
        assert set(zip(first.tolist(), end.tolist(), strict=True)) == kept


def test_an_owner_with_two_works_is_one_party_and_a_work_without_owner_its_own(
    make_case: MakeCase,
) -> None:
    built = make_case([GAS, {"owner": ""}, GAS, {"owner": "W1"}])
    found = parties(built.problem, Opening(0, 40, 60, (0, 1, 2, 3)))
    assert [(party.name, party.works) for party in found] == [
        ("燃气公司", (0, 2)),
        ("W1", (1,)),
        ("W1", (3,)),
    ]


def test_an_owner_alone_joins_its_own_works(make_case: MakeCase) -> None:
    built = make_case([GAS, {**GAS, "on": [(0, 0.0, 100.0, "left")]}, {}])
    prices = Prices(built.problem)
    (opening,) = openings(built.problem, {0: 40, 1: 40, 2: 40})
    played = game(built.problem, prices, opening)
    assert played is not None
    assert played.values[1] == pytest.approx(prices.opening_yuan(0, 10, frozenset((0, 1))))
    assert played.cost_yuan == pytest.approx(prices.opening_yuan(0, 10, frozenset((0, 1, 2))))


def test_a_group_digs_in_two_openings_where_its_dates_cannot_meet(make_case: MakeCase) -> None:
    spring = {"earliest": "2026-02-01", "latest": "2026-02-28"}
    autumn = {**GAS, "earliest": "2026-09-01", "latest": "2026-09-30"}
    prices = Prices(problem := make_case([spring, autumn]).problem)
    alone = [prices.alone_yuan(work, 0) for work in (0, 1)]
    assert group_values(problem, prices, 0, (0, 1))[3] == pytest.approx(sum(alone))


def test_a_bridge_lets_works_share_an_opening_that_could_not_without_it(
    make_case: MakeCase,
) -> None:
    """Ten days at the start of February and ten at its end touch only through a third work."""
    early = {"earliest": "2026-02-01", "latest": "2026-02-10"}
    late = {**GAS, "earliest": "2026-02-19", "latest": "2026-02-28"}
    bridge = {"utility": "heat", "earliest": "2026-02-11", "latest": "2026-02-18"}
    bridge |= {"duration_days": 8.0, "owner": "热力公司"}
    prices = Prices(problem := make_case([early, late, bridge]).problem)
    values = group_values(problem, prices, 0, (0, 1, 2))
    assert values[7] == pytest.approx(prices.opening_yuan(0, 28, frozenset((0, 1, 2))))
    assert values[3] == pytest.approx(values[1] + values[2])


@pytest.mark.parametrize("limit", ["trench.sharing_most_parties", "trench.sharing_most_works"])
def test_an_opening_above_the_limits_is_not_played(make_case: MakeCase, limit: str) -> None:
    built = make_case([{}, GAS, {"owner": "热力公司"}])
    opening = Opening(0, 40, 50, (0, 1, 2))
    assert game(built.problem, Prices(built.problem), opening) is not None
    changed = replace(
        built.problem, settings=built.problem.settings.with_user({limit: 2}, source="test")
    )
    assert game(changed, Prices(changed), opening) is None
