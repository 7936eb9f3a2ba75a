"""The evaluator of benchmarks counts what the planner counts, and finds every broken rule."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import numpy as np
import pytest

from benchmarks.evaluate import alone_yuan, evaluate
from benchmarks.hotspots import plant
from planner.trench import exchange
from planner.trench.cost import Prices
from planner.trench.plan import cost_yuan, openings

WORK = {"duration": 2, "earliest": 1, "latest": 6}
INSTANCE: dict[str, Any] = {
    "periods": 9,
    "segments": [
        {"id": "a", "opening_yuan": 100, "open_period_yuan": 10, "blocked": [3]},
        {"id": "b", "opening_yuan": 1000, "open_period_yuan": 1, "blocked": []},
    ],
    "works": [
        {"id": "v", "utility": "gas", "segments": ["a"], **WORK},
        {"id": "w", "utility": "gas", "segments": ["a"], **WORK},
        {"id": "x", "utility": "heat", "segments": ["b"], **WORK},
    ],
    "crews": {"gas": 1},
    "conflicts": [["a", "b"]],
}


@pytest.mark.parametrize(
    ("starts", "cost_yuan", "count", "broken"),
    [
        ({"v": 4, "w": 6, "x": 1}, 100 + 40 + 1002, 2, {}),
        ({"v": 1, "w": 5, "x": 3}, 200 + 40 + 1002, 3, {}),
        ({"v": 4, "w": 5, "x": 1}, 100 + 30 + 1002, 2, {"crews": 1}),
        ({"v": 4, "w": 6, "x": 4}, 100 + 40 + 1002, 2, {"conflicts": 1}),
        ({"v": 2, "w": 4, "x": 6}, 100 + 40 + 1002, 2, {"blocked": 1}),
        ({"v": 4, "w": 6, "x": 0}, 100 + 40 + 1002, 2, {"window": 1}),
        ({"v": 4, "w": 6}, 100 + 40, 1, {"unplaced": 1}),
        ({"v": 4, "w": 6, "x": 1, "y": 1}, 100 + 40 + 1002, 2, {"unknown": 1}),
    ],
)
def test_cost_openings_and_broken_rules_are_counted(
    starts: dict[str, int], cost_yuan: float, count: int, broken: dict[str, int]
) -> None:
    judged = evaluate(INSTANCE, starts)
    assert (judged.cost_yuan, judged.openings, judged.broken) == (cost_yuan, count, broken)
    assert judged.violations == sum(broken.values())


def test_no_work_ends_after_the_horizon_whatever_its_window_says() -> None:
    instance = deepcopy(INSTANCE)
    instance["works"][2]["latest"] = 20
    assert evaluate(instance, {"v": 4, "w": 6, "x": 8}).broken == {"window": 1}


def test_alone_everyone_opens_every_segment() -> None:
    assert alone_yuan(INSTANCE) == 2 * (100 + 20) + 1000 + 2


@pytest.mark.parametrize("family", ["loose", "all"])
def test_the_planner_counts_the_same_cost(family: str) -> None:
    drawn = plant(60, 3, family)
    problem = exchange.problem_of(drawn.instance)
    rng = np.random.default_rng(5)
    for _ in range(20):
        starts = {
            place: int(rng.integers(work.earliest, work.latest + 1))
            for place, work in enumerate(problem.works)
        }
        judged = evaluate(drawn.instance, exchange.answer(problem, starts)["starts"])
        found = openings(problem, starts)
        assert judged.cost_yuan == cost_yuan(Prices(problem), found)
        assert judged.openings == len(found)
