"""Multipliers only ever prove more, and never give a start more than it costs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Protocol

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.trench.cost import Prices
from planner.trench.domains import starts
from planner.trench.plan import plan_yuan
from planner.trench.problem import Problem
from planner.trench.search import proof
from planner.trench.search.diagrams import Diagram
from planner.trench.search.dual import FAR, Dual
from planner.trench.search.model import MILLI, Floats, Modelled
from planner.trench.search.smoothing import smooth

MakeProblem = Callable[..., Problem]
Plans = Callable[[Problem], Iterator[dict[int, int]]]
MakeBelow = Callable[..., "Below"]
SEEDS = st.integers(0, 10**9)
NODES = st.sampled_from([8, 20, 300_000])


class Below(Protocol):
    """The lower side of a search, as the fixture `below` builds it."""

    modelled: Modelled
    built: list[Diagram]
    dual: Dual
    constant: int


def given_to(dual: Dual) -> Floats:
    """Return the sum of the prices of each start over its copies."""
    label = dual.diagrams.label
    layers = np.flatnonzero(label >= 0)
    return np.bincount(label[layers], dual.price[layers], dual.model.starts.size)


def assert_starts_cost_what_they_are_given(dual: Dual) -> None:
    copied = np.diff(dual.diagrams.copy_ptr) > 0
    np.testing.assert_allclose(
        given_to(dual)[copied], dual.label_price()[copied], rtol=1e-9, atol=1e-3
    )


def free_to_plan(dual: Dual) -> bool:
    """Return whether there is a work and no cluster that cannot go together."""
    return dual.model.span.size > 0 and dual.bound() < FAR


def some_crew_price(dual: Dual, seed: int) -> Floats:
    draw = np.random.default_rng(seed)
    return draw.choice([0.0, 1e5, 3e6], dual.crew_price.size) * draw.random(dual.crew_price.size)


@settings(deadline=None, max_examples=100)
@given(seed=SEEDS, other=SEEDS, nodes=NODES)
def test_a_sweep_never_lowers_the_bound(
    make_problem: MakeProblem, below: MakeBelow, seed: int, other: int, nodes: int
) -> None:
    dual = below(make_problem(seed, works=6), most_nodes=nodes).dual
    if free_to_plan(dual):
        dual.set_crew_price(some_crew_price(dual, other))
        last = dual.bound()
        for _ in range(4):
            dual.sweep()
            assert dual.bound() >= last - 1e-6 * max(abs(last), 1.0)
            last = dual.last_bound
        assert_starts_cost_what_they_are_given(dual)


@settings(deadline=None, max_examples=60)
@given(seed=SEEDS, other=SEEDS, nodes=NODES)
def test_the_copies_of_a_start_share_what_it_costs_at_any_prices_of_crews(
    make_problem: MakeProblem, below: MakeBelow, seed: int, other: int, nodes: int
) -> None:
    dual = below(make_problem(seed, works=6), most_nodes=nodes).dual
    if dual.model.span.size:
        assert_starts_cost_what_they_are_given(dual)
        for place in range(3):
            dual.set_crew_price(some_crew_price(dual, other + place))
            assert_starts_cost_what_they_are_given(dual)


@settings(deadline=None, max_examples=50)
@given(seed=SEEDS, other=SEEDS, nodes=NODES)
def test_every_plan_costs_at_least_the_bound_and_the_regret_of_each_of_its_starts(
    make_problem: MakeProblem, below: MakeBelow, plans_of: Plans, seed: int, other: int, nodes: int
) -> None:
    problem = make_problem(seed, starts=4)
    made = below(problem, most_nodes=nodes)
    dual, prices = made.dual, Prices(problem)
    if free_to_plan(dual):
        dual.sweep()
        dual.set_crew_price(some_crew_price(dual, other))
        bound, regret = dual.bound(), dual.regrets()
        assert (regret > -1e-3).all()
        for plan in plans_of(problem):
            cost = MILLI * plan_yuan(problem, prices, plan)
            assert bound <= cost + 1e-3
            for work, start in plan.items():
                label = dual.model.start_ptr[work] + _place(problem, work, start)
                assert bound + regret[label] <= cost + 1e-3


def _place(problem: Problem, work: int, start: int) -> int:
    return int(starts(problem, problem.works[work]).searchsorted(start))


@settings(deadline=None, max_examples=50)
@given(seed=SEEDS, nodes=NODES)
def test_every_arc_of_a_plan_costs_at_most_what_the_plan_costs_beyond_the_bound(
    make_problem: MakeProblem, below: MakeBelow, plans_of: Plans, seed: int, nodes: int
) -> None:
    problem = make_problem(seed, starts=4)
    made = below(problem, most_nodes=nodes)
    dual, prices = made.dual, Prices(problem)
    if free_to_plan(dual):
        dual.sweep()
        bound = dual.bound()
        low, high = np.zeros(dual.diagrams.low.size), np.zeros(dual.diagrams.low.size)
        dual.arc_regrets(low, high)
        for plan in plans_of(problem):
            beyond = MILLI * plan_yuan(problem, prices, plan) - bound
            for node, starts_here in _way(made, plan):
                assert (high if starts_here else low)[node] <= beyond + 1e-3


def _way(made: Below, plan: Mapping[int, int]) -> Iterator[tuple[int, bool]]:
    """Yield the nodes that a plan passes in each diagram, and whether a work starts there."""
    model, first = made.modelled.model, 0
    for one in made.built:
        node = 0
        for label in one.label:
            row = int(np.searchsorted(model.start_ptr, label, side="right")) - 1
            starts_here = plan[made.modelled.works[row]] == model.starts[label]
            yield first + node, starts_here
            node = int((one.high if starts_here else one.low)[node])
        first += one.low.size


@settings(deadline=None, max_examples=60)
@given(seed=SEEDS, other=SEEDS, nodes=NODES)
def test_whole_prices_give_no_start_more_than_it_costs_and_lose_little(
    make_problem: MakeProblem, below: MakeBelow, seed: int, other: int, nodes: int
) -> None:
    made = below(make_problem(seed, works=6), most_nodes=nodes)
    dual, model = made.dual, made.dual.model
    if free_to_plan(dual):
        dual.set_crew_price(some_crew_price(dual, other))
        dual.sweep()
        bound = dual.bound()
        price, crew = proof.whole_prices(dual)
        assert (price == np.floor(price)).all()
        assert (crew >= 0).all()
        allowed = np.floor(model.start_yuan * MILLI) + dual.use_of(crew.astype(np.float64))
        layers = np.flatnonzero(dual.diagrams.label >= 0)
        given_now = np.bincount(dual.diagrams.label[layers], price[layers], allowed.size)
        copied = np.diff(dual.diagrams.copy_ptr) > 0
        np.testing.assert_array_equal(given_now[copied], allowed[copied])
        values = proof.values_milli(dual, price)
        proven = proof.proven_milli(dual, made.constant, values, crew)
        assert abs(proven - bound) <= 20 + 3 * layers.size + model.cap.sum()


def test_a_bound_without_clusters_is_the_cheapest_start_of_each_work(
    plain: MakeProblem, below: MakeBelow
) -> None:
    rows = [{"on": (n,), "wanted": 3, "earliest": 3 + n} for n in range(2)]
    rows = [{**row, "late_period_yuan": 5.0} for row in rows]
    made = below(plain(rows, segments=2))
    assert made.built == []
    assert made.dual.bound() == 1000 * (2 * 1020 + 5)


def test_crews_that_bind_are_priced(plain: MakeProblem, below: MakeBelow) -> None:
    """Two works of one crew, each 100 yuan dearer a period: one of them has to wait."""
    row = {"crew": "a", "late_period_yuan": 100.0, "latest": 9}
    made = below(plain([{**row, "on": (n,)} for n in range(2)], crews={"a": 1}, segments=2))
    dual = made.dual
    begun = dual.bound()
    assert begun == 1000 * 2 * 1020
    found = max(
        smooth(dual, 1000.0 * heat, steps=60, stop=lambda: False) for heat in (10.0, 1.0, 0.1)
    )
    assert begun + 1000 * 90 < found <= 1000 * 2240
    assert dual.crew_price.max() > 0
