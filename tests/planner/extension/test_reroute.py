"""Annealing over routes: legal plans, never dearer, out of dead ends that insertion runs into."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pytest

from layers.county import County
from planner.extension import baselines
from planner.extension.problem import Problem, cost_yuan
from planner.extension.reroute import reroute
from planner.extension.run import ExtensionResult

Town = Callable[[int], tuple[County, gpd.GeoDataFrame]]
Posed = Callable[[County, gpd.GeoDataFrame], Problem]


@pytest.mark.parametrize("seed", range(6))
def test_plans_stay_legal_and_are_never_dearer(town: Town, posed: Posed, seed: int) -> None:
    problem = posed(*town(seed))
    overlay = baselines.overlay(problem, baselines.separate(problem).plan)
    plan = reroute(problem, overlay, effort=0.2, seed=seed)
    assert plan.served == overlay.served
    assert plan.cost_yuan <= overlay.cost_yuan
    assert plan.cost_yuan == pytest.approx(cost_yuan(problem, plan.routes))
    assert baselines.within_capacity(problem, plan)
    graph, ties = problem.corridor.graph, problem.corridor.tie_in_node
    first = {}
    for route in plan.routes:
        assert problem.admits[route.demand, route.tie_in]
        here = ties[route.tie_in]
        for edge in route.edges:
            ends = {int(graph.edge_u[edge]), int(graph.edge_v[edge])}
            assert here in ends
            (here,) = ends - {here}
        assert here == problem.node[route.demand]
        if route.second:
            assert not np.isin(route.edges, first[route.demand].edges).any()
            assert route.tie_in != first[route.demand].tie_in
        else:
            first[route.demand] = route


def test_two_runs_give_the_same_plan(town: Town, posed: Posed) -> None:
    problem = posed(*town(2))
    overlay = baselines.overlay(problem, baselines.separate(problem).plan)
    one, other = (reroute(problem, overlay, effort=0.1) for _ in range(2))
    assert one.cost_yuan == other.cost_yuan
    assert [route.edges.tolist() for route in one.routes] == [
        route.edges.tolist() for route in other.routes
    ]


def test_a_tie_in_is_left_to_who_needs_it_more(
    build: SimpleNamespace, route: Callable[..., ExtensionResult]
) -> None:
    """The first applicant takes the nearest tie-in; together it is cheaper to send it away."""
    county = build.county(
        [build.parcel("P", 190, 10), build.parcel("Q", 40, 10)],
        [build.tie_in("A", "water", 0, 0, 5.0), build.tie_in("B", "water", 400, 0, 9.0)],
        [
            build.application("P1", "P", "water", demand=5.0, accepted_on="2026-01-02"),
            build.application("Q1", "Q", "water", demand=5.0, accepted_on="2026-01-09"),
        ],
    )
    result = route(county, build.streets(build.MAIN))
    served = result.connections.set_index("application_id")["tie_in_id"].to_dict()
    assert served == {"P1": "B", "Q1": "A"}
    assert result.figures["cost_yuan"] < result.figures["cost_overlay_yuan"]
