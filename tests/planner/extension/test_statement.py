"""What the bound is asked is no more than what plans keep, and its proof is checked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pytest

from layers.county import County
from planner.checking import Checks
from planner.extension import baselines
from planner.extension.joint.model import cost_yuan
from planner.extension.joint.pieces import pieces
from planner.extension.problem import Plan, Problem, uses
from planner.extension.reroute import reroute
from planner.extension.run import ExtensionResult
from planner.extension.statement import _fullest, bounded, bounded_yuan, state

Town = Callable[[int], tuple[County, gpd.GeoDataFrame]]
Route = Callable[..., ExtensionResult]
Prove = Callable[..., Checks]


def firsts(problem: Problem, plan: Plan) -> np.ndarray:
    """Return which commodity uses which edge, second supplies aside."""
    routes = tuple(route for route in plan.routes if not route.second)
    used = uses(problem, routes)
    return used[np.unique(problem.commodity[bounded(problem, plan)])]


@pytest.mark.parametrize("seed", range(6))
def test_every_plan_keeps_what_is_stated_and_costs_no_less(
    town: Town, posed: Callable[..., Problem], seed: int
) -> None:
    problem = posed(*town(seed))
    alone = baselines.separate(problem).plan
    overlay = baselines.overlay(problem, alone)
    for plan in (alone, overlay, reroute(problem, overlay, effort=0.05, seed=seed)):
        model = state(problem, bounded(problem, plan))
        used = firsts(problem, plan)
        assert np.isfinite(model.line_yuan[used]).all()
        assert all(piece.demand <= piece.capacity for piece in pieces(model, used))
        wanted = {(k, node) for k, points in enumerate(model.terminals) for node in points.node}
        served = {(p.utility, node) for p in pieces(model, used) for node in p.terminals}
        assert served == wanted
        for row in used:
            ends = np.bincount(np.concatenate([model.u[row], model.v[row]]), minlength=model.nodes)
            assert (ends[model.ends] <= 1).all()
        assert cost_yuan(model, used) <= bounded_yuan(problem, plan) + 0.01


@pytest.mark.parametrize(
    ("needed", "capacity", "fullest"),
    [
        ([80.0, 25.0, 25.0], 72.0, 50.0),
        ([80.0], 72.0, 0.0),
        ([10.0, 10.0], 1e6, 20.0),
        ([0.25, 0.5], 0.7, 0.5),
        ([0.001], 0.0005, 0.001),
    ],
)
def test_a_tie_in_counts_with_what_whole_demands_can_draw(
    needed: list[float], capacity: float, fullest: float
) -> None:
    assert _fullest(np.array(needed), capacity) == pytest.approx(fullest)


def test_a_parcel_with_two_demands_of_one_kind_may_be_entered_twice(
    build: SimpleNamespace, posed: Callable[..., Problem]
) -> None:
    county = build.county(
        [build.parcel("P", 190, 10), build.parcel("Q", 300, 10)],
        [build.tie_in("W", "water", 0, 0, 10.0), build.tie_in("X", "water", 400, 0, 10.0)],
        [build.application(name, name[0], "water", demand=6.0) for name in ("P1", "P2", "Q1")],
    )
    problem = posed(county, build.streets(build.MAIN))
    model = state(problem, range(3))
    assert model.ends.tolist() == [problem.corridor.parcel_node["Q"]]


def test_planted_errors_in_the_bound_are_found(route: Route, prove: Prove, town: Town) -> None:
    county, segments = town(3)
    result = route(county, segments)
    figures, found = result.figures, result.certificate
    assert prove(county, segments, result).failed == 0
    raised = figures["bound_yuan"] + 1.0
    cost = figures["cost_bounded_yuan"]
    wrong = [
        ({"figures": {**figures, "bound_yuan": raised, "gap": 1 - raised / cost}}, "bound"),
        ({"figures": {**figures, "gap": figures["gap"] / 2}}, "gap"),
        ({"figures": {**figures, "status": "optimal"}}, "gap"),
        ({"figures": {**figures, "cost_bounded_yuan": cost - 100.0}}, "sums"),
        ({"certificate": replace(found, weight=found.weight * 2)}, "bound"),
        ({"certificate": replace(found, trace=found.trace[:-3])}, "certificate"),
    ]
    for planted, rule in wrong:
        rules = {failure.rule for failure in prove(county, segments, result, **planted).failures}
        assert rule in rules, planted
