"""Packs tell what works of one opening share, and the floor lies below every way to share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.trench.cost import Prices
from planner.trench.problem import Problem
from planner.trench.search.packs import Shared, floor_yuan, shared_on

MakeProblem = Callable[..., Problem]
SEEDS = st.integers(0, 10**9)


def digging(problem: Problem) -> Iterator[tuple[int, tuple[int, ...]]]:
    """Yield each segment with the works that dig it."""
    for segment in range(len(problem.segments)):
        yield (
            segment,
            tuple(
                place
                for place, work in enumerate(problem.works)
                if any(task.segment == segment for task in work.tasks)
            ),
        )


def partitions(items: Sequence[int]) -> Iterator[list[list[int]]]:
    """Yield every way to part items into sets."""
    if not items:
        yield []
        return
    first, *rest = items
    for parted in partitions(rest):
        yield [[first], *parted]
        for place in range(len(parted)):
            yield [*parted[:place], [first, *parted[place]], *parted[place + 1 :]]


def parted_yuan(prices: Prices, segment: int, parted: Sequence[Sequence[int]]) -> float:
    """Return what trenches cost where each set of works has its own."""
    return sum(prices.trench_yuan(segment, frozenset(inside)) for inside in parted)


def priced(shared: Shared, works: Sequence[int], inside: Sequence[int]) -> float:
    """Return what packs add where these of a segment's works share an opening."""
    total = 0.0
    for pack in shared.packs:
        members = [works[place] for place in pack.places]
        bits = sum(1 << n for n, work in enumerate(members) if work in inside)
        total += float(pack.yuan[bits])
    return total


@settings(deadline=None, max_examples=60)
@given(seed=SEEDS)
def test_every_way_to_share_openings_is_priced_exactly(
    make_problem: MakeProblem, seed: int
) -> None:
    problem = make_problem(seed)
    prices = Prices(problem)
    for segment, works in digging(problem):
        shared = shared_on(problem, prices, segment, works)
        assert shared.complete
        for parted in partitions(works):
            exact = parted_yuan(prices, segment, parted)
            packed = sum(priced(shared, works, inside) for inside in parted)
            assert shared.apart_yuan + packed == pytest.approx(exact, abs=1e-6)


@settings(deadline=None, max_examples=60)
@given(seed=SEEDS)
def test_the_floor_lies_below_every_way_to_share_openings(
    make_problem: MakeProblem, seed: int
) -> None:
    problem = make_problem(seed)
    prices = Prices(problem)
    for segment, works in digging(problem):
        floor = floor_yuan(problem, prices, segment, works)
        costs = [parted_yuan(prices, segment, parted) for parted in partitions(works)]
        assert 0 <= floor <= min(costs) + 1e-6


def test_on_a_single_strip_the_floor_is_the_cheapest_way(one_strip: MakeProblem) -> None:
    problem = one_strip("water", "gas", "power")
    prices = Prices(problem)
    costs = [parted_yuan(prices, 0, parted) for parted in partitions(range(3))]
    assert floor_yuan(problem, prices, 0, (0, 1, 2)) == pytest.approx(min(costs))


def test_single_works_and_the_empty_set_add_nothing(one_strip: MakeProblem) -> None:
    problem = one_strip("water", "gas", "power")
    (pack,) = shared_on(problem, Prices(problem), 0, (0, 1, 2)).packs
    assert pack.places == (0, 1, 2)
    np.testing.assert_array_equal(pack.yuan[[0, 1, 2, 4]], 0.0)
    assert (pack.yuan[[3, 5, 6, 7]] != 0).any()


def test_works_without_a_line_share_nothing(plain: MakeProblem) -> None:
    problem = plain([{}, {}])
    shared = shared_on(problem, Prices(problem), 0, (0, 1))
    assert shared == Shared((), 0.0, complete=True)


def test_a_road_too_narrow_for_a_set_says_so_of_it_and_of_all_that_hold_it(
    one_strip: MakeProblem,
) -> None:
    problem = one_strip("drain", "gas", "power", width_m=3.0)
    (pack,) = shared_on(problem, Prices(problem), 0, (0, 1, 2)).packs
    assert pack.wide.any()
    for bits in np.flatnonzero(pack.wide).tolist():
        assert all(pack.wide[bits | 1 << place] for place in range(3))


def test_more_lines_than_are_priced_make_a_segment_incomplete_and_its_floor_one_line(
    one_strip: MakeProblem,
) -> None:
    problem = one_strip("gas", *["water"] * 2)
    settings_ = problem.settings.with_user({"trench.pack_most_works": 2}, source="test")
    problem = replace(problem, settings=settings_)
    prices = Prices(problem)
    shared = shared_on(problem, prices, 0, (0, 1, 2))
    assert not shared.complete
    assert [pack.places for pack in shared.packs] == [(0, 1)]
    dearest = max(prices.trench_yuan(0, frozenset((work,))) for work in range(3))
    assert floor_yuan(problem, prices, 0, (0, 1, 2)) == pytest.approx(dearest)
