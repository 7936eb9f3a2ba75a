"""A search is as long as its effort or its clock says."""

from __future__ import annotations

from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.trench.search.pace import LEAST_MOVES, MOST_MOVES, pace


@given(works=st.integers(0, 10**6))
def test_counted_moves_rise_with_the_works_between_their_limits(works: int) -> None:
    moves = pace(works, effort=1.0, seconds=None).moves
    assert LEAST_MOVES <= moves <= MOST_MOVES
    assert moves <= pace(works + 1, effort=1.0, seconds=None).moves


@given(works=st.integers(0, 10**6), effort=st.floats(0.01, 100))
def test_effort_multiplies_the_moves(works: int, effort: float) -> None:
    usual = pace(works, effort=1.0, seconds=None).moves
    assert pace(works, effort=effort, seconds=None).moves == int(usual * effort)


def test_counted_steps_never_run_out_of_time() -> None:
    steps = pace(10, effort=1.0, seconds=None)
    assert steps.until is None
    assert steps.left() == float("inf")


def test_the_clock_runs_from_the_call() -> None:
    steps = pace(10, effort=1.0, seconds=60.0)
    first = steps.left()
    assert steps.left() <= first <= 60.0
    assert steps.until == pytest.approx(perf_counter() + 60.0, abs=5.0)
    assert pace(10, effort=1.0, seconds=0.0).left() <= 0.0
