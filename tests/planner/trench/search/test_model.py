"""The flat model prices and forbids what the problem does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.trench.cost import Prices
from planner.trench.deciding.violations import violations
from planner.trench.domains import starts
from planner.trench.plan import openings, plan_yuan
from planner.trench.problem import Problem, Task, Work
from planner.trench.search import anneal, anneal_kernels
from planner.trench.search.model import MILLI, TOO_WIDE_YUAN, Floats, Ints, Model, Modelled, milli
from planner.trench.search.opening_kernels import group_yuan

if TYPE_CHECKING:
    from conftest import Drawn

MakeProblem = Callable[..., Problem]
ModelFrom = Callable[[Problem], Modelled]
MakeDrawn = Callable[..., "Drawn"]
SEEDS = st.integers(0, 10**9)


def groups_yuan(model: Model, x: Ints) -> Floats:
    """Return what each group costs by the kernel."""
    room = np.zeros((2, x.size + 1), dtype=np.int64)
    groups = range(model.setup_yuan.size)
    return np.array([group_yuan(model, group, x, *room) for group in groups])


def start_costs(model: Model, x: Ints) -> float:
    """Return what starts cost by themselves."""
    rows = enumerate(x.tolist())
    labels = [
        model.start_ptr[row] + np.searchsorted(domain_of(model, row), at).item() for row, at in rows
    ]
    return float(model.start_yuan[labels].sum())


def domain_of(model: Model, row: int) -> Ints:
    return model.starts[model.start_ptr[row] : model.start_ptr[row + 1]]


def counted_violations(model: Model, x: Ints) -> int:
    """Count crews above their limit and broken detours one by one: the twin of the kernel."""
    used = np.zeros_like(model.cap)
    for row, at in enumerate(x.tolist()):
        if model.crew[row] >= 0:
            used[model.crew[row], at : at + model.span[row]] += 1
    found = int(np.maximum(used - model.cap, 0).sum())
    for row in range(x.size):
        for i in range(model.near_ptr[row], model.near_ptr[row + 1]):
            apart = x[model.near[i]] - x[row]
            broken = model.near_low[i] < apart < model.near_high[i]
            found += int(broken and row < model.near[i])
    return found


@pytest.mark.parametrize("lines", [True, False])
@pytest.mark.parametrize("periods", [14, 80])
@settings(deadline=None, max_examples=60)
@given(seed=SEEDS, other=SEEDS)
def test_constant_groups_and_starts_add_up_to_the_price_of_the_plan(
    drawn: MakeDrawn,
    periods: int,
    lines: bool,
    seed: int,
    other: int,
) -> None:
    """Whether periods fit one machine word or not, with trenches to share and without."""
    it = drawn(seed, other, periods=periods, lines=lines)
    model, x = it.modelled.model, it.starts
    found = model.base_yuan + groups_yuan(model, x).sum() + start_costs(model, x)
    assert found == pytest.approx(plan_yuan(it.problem, Prices(it.problem), it.plan))


@settings(deadline=None, max_examples=100)
@given(seed=SEEDS, other=SEEDS)
def test_both_ways_to_price_a_group_without_trenches_agree(
    drawn: MakeDrawn,
    seed: int,
    other: int,
) -> None:
    it = drawn(seed, other, lines=False, works=7)
    in_a_word = groups_yuan(it.modelled.model, it.starts)
    in_general = groups_yuan(it.modelled.model._replace(periods=64), it.starts)
    np.testing.assert_allclose(in_a_word, in_general)


@settings(deadline=None, max_examples=60)
@given(seed=SEEDS, other=SEEDS)
def test_a_group_costs_what_its_segments_do_beyond_their_trenches_one_by_one(
    drawn: MakeDrawn,
    seed: int,
    other: int,
) -> None:
    it = drawn(seed, other)
    prices = Prices(it.problem)
    opened = openings(it.problem, it.plan)
    for group, yuan in enumerate(groups_yuan(it.modelled.model, it.starts)):
        segments = it.modelled.segments[group]
        whole = sum(
            prices.opening_yuan(one.segment, one.periods, frozenset(one.works))
            for one in opened
            if one.segment in segments
        )
        apart = sum(it.modelled.apart_yuan[segment] for segment in segments)
        assert yuan == pytest.approx(whole - apart, abs=1e-6)


@settings(deadline=None, max_examples=100)
@given(seed=SEEDS, other=SEEDS)
def test_a_walk_begins_with_the_violations_that_the_rules_see(
    drawn: MakeDrawn,
    seed: int,
    other: int,
) -> None:
    it = drawn(seed, other, crews=1)
    cost, found = begun(it.modelled.model, it.starts)
    assert found == counted_violations(it.modelled.model, it.starts)
    assert (found == 0) == (not violations(it.problem, it.plan))
    assert cost == pytest.approx(plan_yuan(it.problem, Prices(it.problem), it.plan))


def begun(model: Model, x: Ints) -> tuple[float, int]:
    """Return cost and violations with which a walk begins."""
    if not x.size:
        return model.base_yuan, 0
    return anneal_kernels.begin(model, anneal._walk(model, x))


@settings(deadline=None, max_examples=60)
@given(seed=SEEDS)
def test_every_row_keeps_its_starts_its_span_and_its_segments(
    make_problem: MakeProblem, model_from: ModelFrom, seed: int
) -> None:
    problem = make_problem(seed)
    modelled = model_from(problem)
    model = modelled.model
    for row, work in enumerate(modelled.works):
        item = problem.works[work]
        domain = starts(problem, item)
        np.testing.assert_array_equal(domain_of(model, row), domain)
        costs = model.start_yuan[model.start_ptr[row] : model.start_ptr[row + 1]]
        assert costs.tolist() == [item.start_yuan(start) for start in domain.tolist()]
        assert model.span[row] == item.span
        groups = model.use[model.use_ptr[row] : model.use_ptr[row + 1]].tolist()
        used = {segment for group in groups for segment in modelled.segments[group]}
        alone = {segment for segment, other in modelled.single.items() if other == work}
        assert used | alone == {task.segment for task in item.tasks}


def test_segments_that_the_same_works_reach_one_after_another_merge(
    plain: MakeProblem, model_from: ModelFrom
) -> None:
    problem = plain([{"on": (0, 1)}, {"on": (0, 1)}], segments=2, periods=20)
    works = tuple(later_on_the_second(work) for work in problem.works)
    modelled = model_from(replace(problem, works=works))
    assert modelled.segments == ((0, 1),)
    assert modelled.model.setup_yuan.tolist() == [2000.0]


def test_segments_that_one_work_reaches_later_than_the_other_stay_apart(
    plain: MakeProblem, model_from: ModelFrom
) -> None:
    problem = plain([{"on": (0, 1)}, {"on": (0, 1)}], segments=2, periods=20)
    works = (later_on_the_second(problem.works[0]), problem.works[1])
    assert len(model_from(replace(problem, works=works)).segments) == 2


def later_on_the_second(work: Work) -> Work:
    first, second = work.tasks
    return replace(work, tasks=(first, replace(second, lag=3)))


def test_approved_works_lift_the_limit_of_their_crew_where_they_are_more(
    plain: MakeProblem, model_from: ModelFrom
) -> None:
    approved = {"crew": "a", "fixed": True, "wanted": 1}
    problem = plain([approved, approved, {"crew": "a"}], crews={"a": 1}, periods=5)
    assert model_from(problem).model.cap.tolist() == [[1, 2, 2, 1, 1]]


@pytest.mark.parametrize("apart", range(-4, 10))
def test_between_two_detours_of_a_pair_there_may_be_room(
    plain: MakeProblem, model_from: ModelFrom, apart: int
) -> None:
    """The other may start 2 or 3 periods later: after the first detour, before the second."""
    problem = plain([{}, {}], segments=4, periods=30, conflicts=((0, 1), (2, 3)))
    tasks = (Task(0, (), 0, 2), Task(2, (), 5, 2)), (Task(1, (), 0, 2), Task(3, (), 0, 2))
    works = tuple(
        replace(work, tasks=own, latest=20) for work, own in zip(problem.works, tasks, strict=True)
    )
    problem = replace(problem, works=works)
    plan = {0: 5, 1: 5 + apart}
    _, found = begun(model_from(problem).model, np.array([5, 5 + apart]))
    assert (
        (found == 0) == (violations(problem, plan) == ()) == (apart in {-4, -3, -2, 2, 3, 7, 8, 9})
    )


def test_lines_that_a_road_is_too_narrow_for_are_priced_apart_but_not_in_the_bound(
    one_strip: MakeProblem, model_from: ModelFrom
) -> None:
    narrow = one_strip("drain", "gas", "power", width_m=3.0)
    assert not Prices(narrow).fits(0, frozenset(range(3)))
    model, wide = (
        model_from(problem).model for problem in (narrow, one_strip("drain", "gas", "power"))
    )
    together = np.zeros(3, dtype=np.int64)
    more = groups_yuan(model, together) - groups_yuan(wide, together)
    assert more == pytest.approx([TOO_WIDE_YUAN])
    np.testing.assert_array_equal(model.price_milli, wide.price_milli)


@given(yuan=st.floats(-1e9, 1e9))
def test_thousandths_are_rounded_down(yuan: float) -> None:
    assert milli(yuan) <= yuan * MILLI < milli(yuan) + 1
