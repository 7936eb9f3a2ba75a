"""The smoothed bound has the slope it says, lies below the bound, and leads to a higher one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.trench.problem import Problem
from planner.trench.search.dual import FAR, Dual
from planner.trench.search.model import MILLI, Floats, Modelled
from planner.trench.search.smoothing import smooth

MakeProblem = Callable[..., Problem]
MakeBelow = Callable[..., "Below"]
SEEDS = st.integers(0, 10**9)
NODES = st.sampled_from([8, 20, 300_000])
HEATS = st.sampled_from([100.0, 3_000.0, 200_000.0])


class Below(Protocol):
    """The lower side of a search, as the fixture `below` builds it."""

    modelled: Modelled
    dual: Dual


def free_to_plan(dual: Dual) -> bool:
    return dual.model.span.size > 0 and dual.bound() < FAR


def given_to(dual: Dual) -> Floats:
    """Return the sum of the prices of each start over its copies."""
    label = dual.diagrams.label[dual.layers]
    return np.bincount(label, dual.price[dual.layers], dual.model.starts.size)


@settings(deadline=None, max_examples=60)
@given(seed=SEEDS, nodes=NODES, heat=HEATS)
def test_the_softened_bound_never_lies_above_the_bound_and_comes_near_it_when_cool(
    make_problem: MakeProblem, below: MakeBelow, seed: int, nodes: int, heat: float
) -> None:
    dual = below(make_problem(seed, works=6, crews=1), most_nodes=nodes).dual
    if free_to_plan(dual):
        bound = dual.last_bound
        soft, _, _ = dual.softened(heat)
        works = dual.model.span.size  # in no diagram, their starts are rounded down in the bound
        assert soft <= bound + 1e-9 * abs(bound) + works
        cool, _, _ = dual.softened(1e-3)
        assert cool == pytest.approx(bound, rel=1e-9, abs=works + 0.1)


@settings(deadline=None, max_examples=60)
@given(seed=SEEDS, other=SEEDS, nodes=NODES, heat=HEATS)
def test_the_slope_is_that_of_the_softened_bound(
    make_problem: MakeProblem, below: MakeBelow, seed: int, other: int, nodes: int, heat: float
) -> None:
    dual = below(make_problem(seed, works=6, crews=1), most_nodes=nodes).dual
    if free_to_plan(dual):
        draw = np.random.default_rng(other)
        price, crew = dual.price.copy(), np.full(dual.crew_price.size, 2 * heat)
        by_layer = draw.standard_normal(dual.layers.size)
        by_crew = draw.standard_normal(crew.size)
        values = []
        for step in (-1e-3 * heat, 1e-3 * heat, 0.0):
            dual.price, dual.crew_price = price.copy(), np.zeros(crew.size)
            dual.shift(step * by_layer, crew + step * by_crew)
            values.append(dual.softened(heat))
        (less, _, _), (more, _, _), (_, layer_slope, crew_slope) = values
        slope = float(layer_slope @ by_layer + crew_slope @ by_crew)
        size = float(np.abs(layer_slope) @ np.abs(by_layer) + np.abs(crew_slope) @ np.abs(by_crew))
        assert (more - less) / (2e-3 * heat) == pytest.approx(slope, abs=1e-3 * size + 1e-3)


@settings(deadline=None, max_examples=60)
@given(seed=SEEDS, nodes=NODES, heat=HEATS)
def test_smoothing_keeps_what_a_start_costs_and_no_price_of_a_crew_below_nothing(
    make_problem: MakeProblem, below: MakeBelow, seed: int, nodes: int, heat: float
) -> None:
    dual = below(make_problem(seed, works=6, crews=1), most_nodes=nodes).dual
    if free_to_plan(dual):
        smooth(dual, heat, steps=15, stop=lambda: False)
        assert (dual.crew_price >= 0).all()
        copied = np.diff(dual.diagrams.copy_ptr) > 0
        np.testing.assert_allclose(
            given_to(dual)[copied], dual.label_price()[copied], rtol=1e-9, atol=1.0
        )


@pytest.mark.parametrize("seed", range(6))
def test_where_sweeps_stall_cooler_and_cooler_smoothing_proves_more(
    make_problem: MakeProblem, below: MakeBelow, seed: int
) -> None:
    problem = make_problem(seed, works=12, roads=8, starts=8, periods=30, crews=2)
    dual = below(problem, most_nodes=40).dual
    for _ in range(200):
        dual.sweep()
    swept = dual.bound()
    for heat_yuan in (50.0, 15.0, 5.0, 1.5, 0.5):
        smooth(dual, MILLI * heat_yuan, steps=80, stop=lambda: False)
    assert dual.last_bound >= swept - 1e-3 * abs(swept)
    for _ in range(20):
        dual.sweep()
    assert dual.bound() >= swept - 1e-6 * abs(swept)


def test_smoothing_ends_when_it_is_told_to(make_problem: MakeProblem, below: MakeBelow) -> None:
    def steps_until_told(seed: int) -> int:
        asked = iter(range(1000))
        problem = make_problem(seed, works=8, roads=6, starts=8, periods=30, crews=2)
        dual = below(problem, most_nodes=40).dual
        smooth(dual, 5000.0, steps=1000, stop=lambda: next(asked) >= 1)
        return next(asked)

    assert max(steps_until_told(seed) for seed in range(12)) == 2
