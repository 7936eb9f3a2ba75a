from collections.abc import Sequence
from itertools import pairwise, product

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.trench.check_reasons import meets
from planner.trench.cost import Prices
from planner.trench.greedy import greedy
from planner.trench.improve import improve
from planner.trench.joining import chain, join
from planner.trench.plan import runs
from planner.trench.problem import Problem

PERIODS = 14
DOMAINS = st.lists(
    st.tuples(st.sets(st.integers(0, PERIODS - 4), max_size=4), st.integers(1, 4)),
    min_size=1,
    max_size=4,
)

Problems = st.SearchStrategy[Problem]
Cases = list[tuple[set[int], int]]


def one_run(starts: Sequence[int], durations: Sequence[int]) -> bool:
    spans = [
        (start, start + d, n) for n, (start, d) in enumerate(zip(starts, durations, strict=True))
    ]
    return len(runs(0, spans)) == 1


@settings(deadline=None, max_examples=300)
@given(cases=DOMAINS)
def test_chain_and_the_checkers_own_method_agree_with_trying_everything(cases: Cases) -> None:
    durations = [duration for _, duration in cases]
    possible = any(one_run(pick, durations) for pick in product(*(starts for starts, _ in cases)))
    found = chain(
        [np.array(sorted(starts), dtype=np.int64) for starts, _ in cases], durations, PERIODS
    )
    assert (found is not None) == possible
    assert meets([frozenset(starts) for starts, _ in cases], durations, PERIODS) == possible


@settings(deadline=None, max_examples=300)
@given(cases=DOMAINS)
def test_a_chain_uses_allowed_starts_and_has_no_hole(cases: Cases) -> None:
    durations = [duration for _, duration in cases]
    found = chain(
        [np.array(sorted(starts), dtype=np.int64) for starts, _ in cases], durations, PERIODS
    )
    if found is not None:
        assert all(start in starts for start, (starts, _) in zip(found, cases, strict=True))
        assert one_run(found, durations)


@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_joining_prices_truly_and_leaves_the_schedule_as_it_was(
    problems: Problems, data: st.DataObject
) -> None:
    problem = data.draw(problems)
    schedule, _ = greedy(problem, Prices(problem))
    for segment in range(len(problem.segments)):
        found = schedule.openings(segment)
        for one, other in pairwise(found):
            before, cost = schedule.starts, schedule.cost_yuan()
            way = join(schedule, one, other)
            assert schedule.starts == before
            if way is None:
                continue
            with schedule.trial(tuple(way.starts)):
                for work, start in way.starts.items():
                    assert start in schedule.allowed(work)
                    schedule.add(work, start)
                assert abs(schedule.cost_yuan() - cost - way.added_yuan) < 1e-4
                works = {*one.works, *other.works}
                assert any(works <= set(run.works) for run in schedule.openings(segment))


@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_improving_never_costs_more_and_keeps_every_work(
    problems: Problems, data: st.DataObject
) -> None:
    problem = data.draw(problems)
    schedule, _ = greedy(problem, Prices(problem))
    before, cost = schedule.starts, schedule.cost_yuan()
    improve(schedule)
    assert schedule.starts.keys() == before.keys()
    assert schedule.cost_yuan() <= cost + 1e-6
