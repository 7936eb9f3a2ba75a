"""Annealings one after another go on from the best plan and stop when they are told."""

from __future__ import annotations

from collections.abc import Callable
from threading import Timer
from time import perf_counter

import numpy as np

from planner.trench.problem import Problem
from planner.trench.search.model import Modelled
from planner.trench.search.pace import pace
from planner.trench.search.primal import Primal

MakeProblem = Callable[..., Problem]
ModelFrom = Callable[[Problem], Modelled]


def primal_of(modelled: Modelled, *, seed: int = 0, seconds: float | None = None) -> Primal:
    first = modelled.model.starts[modelled.model.start_ptr[:-1]].copy()
    steps = pace(len(modelled.works), effort=0.2, seconds=seconds)
    return Primal(modelled.model, first, pace=steps, seed=seed)


def in_a_row(plain: MakeProblem) -> Problem:
    """Return three works of one crew on one road: best one after another, 1,090 yuan."""
    return plain([{"crew": "a", "duration": 3}] * 3, crews={"a": 1}, periods=30)


def test_there_is_no_plan_before_the_first_annealing_and_one_after(
    plain: MakeProblem, model_from: ModelFrom
) -> None:
    primal = primal_of(model_from(in_a_row(plain)))
    assert primal.best_yuan == np.inf
    primal.hurry()
    assert primal.best_yuan < np.inf


def test_annealing_again_never_makes_the_best_plan_dearer(
    make_problem: MakeProblem, model_from: ModelFrom
) -> None:
    problem = make_problem(4, works=14, roads=5, starts=9, periods=30, crews=3, conflicts=False)
    primal = primal_of(model_from(problem))
    primal.hurry()
    costs = [primal.best_yuan]
    for _ in range(3):
        primal.count_moves()
        costs.append(primal.best_yuan)
    assert costs == sorted(costs, reverse=True)


def test_counted_moves_can_be_repeated(make_problem: MakeProblem, model_from: ModelFrom) -> None:
    problem = make_problem(4, works=14, roads=5, starts=9, periods=30, crews=3, conflicts=False)
    modelled = model_from(problem)
    one, again = primal_of(modelled, seed=5), primal_of(modelled, seed=5)
    for primal in (one, again):
        primal.hurry()
        primal.prefer(np.arange(modelled.model.starts.size) * 100.0)
        primal.count_moves()
    assert one.best_yuan == again.best_yuan
    np.testing.assert_array_equal(one.best, again.best)
    np.testing.assert_array_equal(one.starts, again.starts)


def test_annealing_by_the_clock_ends_when_it_is_stopped(
    plain: MakeProblem, model_from: ModelFrom
) -> None:
    primal = primal_of(model_from(in_a_row(plain)), seconds=600.0)
    clock = perf_counter() + 600.0
    stop = Timer(0.2, lambda: setattr(primal, "stopped", True))
    stop.start()
    primal.until(clock)
    stop.join()
    assert perf_counter() < clock - 500
    assert primal.best_yuan == 1090.0


def test_annealing_by_the_clock_ends_with_it(plain: MakeProblem, model_from: ModelFrom) -> None:
    primal = primal_of(model_from(in_a_row(plain)), seconds=0.2)
    primal.until(perf_counter() + 0.2)
    assert primal.best_yuan == 1090.0
