"""Packs tell what works of one opening share, and the floor lies below every way to share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.section.layout import Line
from planner.trench.cost import Prices
from planner.trench.problem import Problem, Stretch, Task
from planner.trench.search.packs import Shared, floor_yuan, shared_on

MakeProblem = Callable[..., Problem]
SEEDS = st.integers(0, 10**9)


def on_segment(problem: Problem, segment: int) -> tuple[int, ...]:
    return tuple(
        place
        for place, work in enumerate(problem.works)
        if any(task.segment == segment for task in work.tasks)
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
    for segment in range(len(problem.segments)):
        works = on_segment(problem, segment)
        shared = shared_on(problem, prices, segment, works)
        assert shared.complete
        for parted in partitions(works):
            exact = sum(prices.trench_yuan(segment, frozenset(inside)) for inside in parted)
            packed = sum(priced(shared, works, inside) for inside in parted)
            assert shared.apart_yuan + packed == pytest.approx(exact, abs=1e-6)


@settings(deadline=None, max_examples=60)
@given(seed=SEEDS)
def test_the_floor_lies_below_every_way_to_share_openings(
    make_problem: MakeProblem, seed: int
) -> None:
    problem = make_problem(seed)
    prices = Prices(problem)
    for segment in range(len(problem.segments)):
        works = on_segment(problem, segment)
        floor = floor_yuan(problem, prices, segment, works)
        costs = [
            sum(prices.trench_yuan(segment, frozenset(inside)) for inside in parted)
            for parted in partitions(works)
        ]
        assert 0 <= floor <= min(costs) + 1e-6


def all_on_one_strip(problem: Problem, *utilities: str) -> Problem:
    """Return as many works as utilities, all digging the same 50 m."""
    ground = (Stretch(0.0, 50.0, "right"),)
    works = tuple(
        replace(problem.works[0], id=f"W{n}", line=Line(utility), tasks=(Task(0, ground, 0, 2),))
        for n, utility in enumerate(utilities)
    )
    return replace(problem, works=works)


def test_on_a_single_strip_the_floor_is_the_cheapest_way(plain: MakeProblem) -> None:
    problem = all_on_one_strip(plain([{}]), "water", "gas", "power")
    prices = Prices(problem)
    costs = [
        sum(prices.trench_yuan(0, frozenset(inside)) for inside in parted)
        for parted in partitions(range(3))
    ]
    assert floor_yuan(problem, prices, 0, (0, 1, 2)) == pytest.approx(min(costs))


def test_single_works_and_the_empty_set_add_nothing(plain: MakeProblem) -> None:
    problem = all_on_one_strip(plain([{}]), "water", "gas", "power")
    (pack,) = shared_on(problem, Prices(problem), 0, (0, 1, 2)).packs
    assert pack.places == (0, 1, 2)
    np.testing.assert_array_equal(pack.yuan[[0, 1, 2, 4]], 0.0)
    assert (pack.yuan[[3, 5, 6, 7]] != 0).any()


def test_works_without_a_line_share_nothing(plain: MakeProblem) -> None:
    problem = plain([{}, {}])
    shared = shared_on(problem, Prices(problem), 0, (0, 1))
    assert shared == Shared((), 0.0, complete=True)


def test_a_road_too_narrow_for_a_set_says_so_of_it_and_of_all_that_hold_it(
    plain: MakeProblem,
) -> None:
    problem = all_on_one_strip(plain([{}]), "drain", "gas", "power")
    narrow = replace(problem.segments[0], width_m=3.0)
    problem = replace(problem, segments=(narrow,))
    (pack,) = shared_on(problem, Prices(problem), 0, (0, 1, 2)).packs
    assert pack.wide.any()
    for bits in np.flatnonzero(pack.wide).tolist():
        assert all(pack.wide[bits | 1 << place] for place in range(3))


def test_more_lines_than_are_priced_make_a_segment_incomplete_and_its_floor_one_line(
    plain: MakeProblem,
) -> None:
    problem = all_on_one_strip(plain([{}]), "gas", *["water"] * 2)
    settings_ = problem.settings.with_user({"trench.pack_most_works": 2}, source="test")
    problem = replace(problem, settings=settings_)
    prices = Prices(problem)
    shared = shared_on(problem, prices, 0, (0, 1, 2))
    assert not shared.complete
    assert [pack.places for pack in shared.packs] == [(0, 1)]
    dearest = max(prices.trench_yuan(0, frozenset((work,))) for work in range(3))
    assert floor_yuan(problem, prices, 0, (0, 1, 2)) == pytest.approx(dearest)
