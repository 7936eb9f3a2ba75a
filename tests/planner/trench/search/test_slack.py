"""The bound is shared out among segments, and no yuan of it is lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.trench.certificate import Certificate
from planner.trench.cost import Prices
from planner.trench.plan import openings, plan_yuan
from planner.trench.problem import Problem
from planner.trench.search import find, pace, proof, search
from planner.trench.search.diagrams import Diagram
from planner.trench.search.dual import FAR, Dual
from planner.trench.search.model import Modelled
from planner.trench.search.slack import segment_bounds

MakeProblem = Callable[..., Problem]
MakeBelow = Callable[..., "Below"]
SEEDS = st.integers(0, 10**9)
NODES = st.sampled_from([6, 20, 300_000])


class Below(Protocol):
    """The lower side of a search, as the fixture `below` builds it."""

    modelled: Modelled
    built: list[Diagram]
    dual: Dual
    constant: int


@settings(deadline=None, max_examples=80)
@given(seed=SEEDS, nodes=NODES)
def test_without_crews_the_parts_and_the_prices_of_starts_add_up_to_the_bound_or_more(
    make_problem: MakeProblem, below: MakeBelow, seed: int, nodes: int
) -> None:
    """At any starts: works in no cluster pay for theirs, the others no less than their prices."""
    problem = make_problem(seed, conflicts=False)
    made = below(problem, most_nodes=nodes)
    dual = made.dual
    if dual.bound() < FAR and problem.works:
        dual.sweep()
        price, crew = proof.whole_prices(dual)
        values = proof.values_milli(dual, price)
        written = proof.certificate(made.modelled, made.built, dual.diagrams, price, crew)
        bound = proof.proven_milli(dual, made.constant, values, crew) / 1000
        first = dual.model.starts[dual.model.start_ptr[:-1]]
        plan = dict(enumerate(first.tolist()))
        prices = Prices(problem)
        parts = segment_bounds(problem, prices, written, values, plan)
        paid = sum(problem.works[work].start_yuan(start) for work, start in plan.items())
        assert set(parts) == {task.segment for work in problem.works for task in work.tasks}
        assert sum(parts.values()) + paid >= bound - 0.01 * (1 + len(parts) + len(plan))
        assert sum(parts.values()) + paid <= plan_yuan(problem, prices, plan) + 0.1


@pytest.mark.parametrize("nodes", [6, 300_000])
def test_every_segment_that_a_plan_opens_has_its_part(
    make_problem: MakeProblem, monkeypatch: pytest.MonkeyPatch, nodes: int
) -> None:
    monkeypatch.setattr(find, "MOST_NODES", nodes)
    monkeypatch.setattr(pace, "LEAST_MOVES", 5_000)
    monkeypatch.setattr(pace, "MOVES_PER_WORK", 1_000)
    for seed in range(20):
        problem = make_problem(seed)
        prices = Prices(problem)
        found = search(problem, prices)
        parts = segment_bounds(problem, prices, found.certificate, found.values_milli, found.starts)
        assert set(parts) == {one.segment for one in openings(problem, found.starts)}


def test_a_proven_optimum_leaves_no_segment_a_gap(plain: MakeProblem) -> None:
    problem = plain([{"on": (0, 1)}, {"on": (0, 1)}, {"on": (0,)}, {"on": (2,)}], segments=3)
    prices = Prices(problem)
    found = search(problem, prices)
    assert found.status == "optimal"
    parts = segment_bounds(problem, prices, found.certificate, found.values_milli, found.starts)
    assert parts == pytest.approx({0: 1020.0, 1: 1020.0, 2: 1020.0}, abs=0.01)


def test_a_segment_in_no_cluster_counts_one_opening_of_its_longest_task(
    plain: MakeProblem,
) -> None:
    problem = plain([{"duration": 2}, {"duration": 5}])
    none = Certificate(works=(0, 1), clusters=())
    parts = segment_bounds(problem, Prices(problem), none, (), {0: 0, 1: 6})
    assert parts == {0: 1000 + 5 * 10}


def test_a_plan_of_nothing_has_no_parts(plain: MakeProblem) -> None:
    problem = plain([])
    none = Certificate(works=(), clusters=())
    assert segment_bounds(problem, Prices(problem), none, (), {}) == {}
