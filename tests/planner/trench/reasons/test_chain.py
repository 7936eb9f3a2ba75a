"""Two methods that share no code, and trying everything, agree on whether intervals can meet."""

from collections.abc import Sequence
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.trench.check.joinable import meets
from planner.trench.plan import runs
from planner.trench.reasons import masks
from planner.trench.reasons.chain import SearchLimitError, chain

PERIODS = 14
CASES = st.lists(
    st.tuples(st.sets(st.integers(0, PERIODS - 4), max_size=4), st.integers(1, 4)),
    min_size=1,
    max_size=4,
)
STANDING = st.lists(st.tuples(st.integers(0, 12), st.integers(1, 3)), max_size=2)

Cases = list[tuple[set[int], int]]
Runs = list[tuple[int, int]]


def apart(drawn: Sequence[tuple[int, int]]) -> Runs:
    merged = runs(0, [(first, first + length, n) for n, (first, length) in enumerate(drawn)])
    return [(run.first, run.end) for run in merged]


def one_run(starts: Sequence[int], durations: Sequence[int], standing: Runs) -> bool:
    spans = [(s, s + d, n) for n, (s, d) in enumerate(zip(starts, durations, strict=True))]
    others = [(first, end, -1 - n) for n, (first, end) in enumerate(standing)]
    found = runs(0, [*spans, *others])
    return any(set(range(len(starts))) <= set(run.works) for run in found)


def mask_of(starts: set[int]) -> int:
    return sum(1 << start for start in starts)


@settings(deadline=None, max_examples=400)
@given(cases=CASES, drawn=STANDING)
def test_chain_and_the_checkers_own_method_agree_with_trying_everything(
    cases: Cases, drawn: Runs
) -> None:
    standing, durations = apart(drawn), [duration for _, duration in cases]
    choices = product(*(starts for starts, _ in cases))
    possible = any(one_run(pick, durations, standing) for pick in choices)
    domains = [mask_of(starts) for starts, _ in cases]
    found = chain(domains, durations, standing, most_steps=10_000)
    assert (found is not None) == possible
    assert meets([starts for starts, _ in cases], durations, standing) == possible
    if found is not None:
        assert all(start in starts for start, (starts, _) in zip(found, cases, strict=True))
        assert one_run(found, durations, standing)


def test_seventy_works_whose_windows_overlap_meet_at_once() -> None:
    domains = [masks.span(n, n + 40) for n in range(70)]
    found = chain(domains, [3] * 70, most_steps=1_000)
    assert found is not None
    assert one_run(found, [3] * 70, [])


def test_seventy_works_with_a_gap_that_none_can_bridge_do_not_meet() -> None:
    domains = [masks.span(0, 30)] * 35 + [masks.span(45, 80)] * 35
    assert chain(domains, [10] * 70, most_steps=1_000) is None
    assert chain(domains, [16] * 70, most_steps=1_000) is not None


def test_a_question_beyond_the_steps_is_undecided_and_says_so() -> None:
    with pytest.raises(SearchLimitError):
        chain([0b1, 0b110000], [5, 2], most_steps=0)


@given(blocked=st.sets(st.integers(0, 30)), duration=st.integers(1, 9), lag=st.integers(0, 4))
def test_meeting_names_the_starts_that_touch_a_blocked_period(
    blocked: set[int], duration: int, lag: int
) -> None:
    found = masks.meeting(mask_of(blocked), duration, lag)
    expected = [
        start for start in range(31) if blocked & set(range(start + lag, start + lag + duration))
    ]
    assert masks.periods(found) == expected


@given(members=st.sets(st.integers(0, 30), min_size=1), period=st.integers(0, 30))
def test_nearest_is_the_nearest_member_and_the_earlier_of_two(
    members: set[int], period: int
) -> None:
    expected = min(members, key=lambda other: (abs(other - period), other))
    assert masks.nearest(mask_of(members), period) == expected
