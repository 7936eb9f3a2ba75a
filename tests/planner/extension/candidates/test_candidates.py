"""The other entries of a connection: which they are, what they cost, and how errors are found."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pytest

from layers.county import County
from planner.checking import Checks
from planner.extension.candidates.search import candidates, settled
from planner.extension.network import Laying
from planner.extension.problem import Plan, Problem, cost_yuan
from planner.extension.run import ExtensionResult

Town = Callable[[int], tuple[County, gpd.GeoDataFrame]]
Solve = Callable[..., ExtensionResult]
Posed = Callable[[County, gpd.GeoDataFrame], Problem]


def _laid(problem: Problem) -> Plan:
    laying = Laying(problem, shared=True)
    for wanted in range(len(problem.demands)):
        laying.insert(wanted)
    return laying.plan()


def test_the_farther_tie_in_costs_what_its_way_is_longer(
    build: SimpleNamespace, routed: Solve
) -> None:
    county = build.county(
        [build.parcel("P", 150, 10)],
        [build.tie_in("W", "water", 100, 0), build.tie_in("V", "water", 300, 0)],
        [build.application("A", "P", "water")],
    )
    result = routed(county, build.streets(build.MAIN))
    found = result.options["candidates"]
    assert found["rank"].tolist() == [1, 2]
    assert (found["differs"].iloc[0], found["tie_in_id"].iloc[0]) == ("red_line", "W")
    first = found.iloc[1]
    assert first["tie_in_id"] == "V"
    more = first["length_m"] / result.connections["length_m"].iloc[0]
    assert more > 1
    assert first["present_yuan"] == pytest.approx(result.figures["cost_yuan"])
    assert first["extra_yuan"] == pytest.approx(first["way_yuan"] - first["present_yuan"])
    assert first["extra_yuan"] > 0


def test_a_tie_in_without_enough_left_is_no_entry(build: SimpleNamespace, routed: Solve) -> None:
    county = build.county(
        [build.parcel("P", 150, 10)],
        [build.tie_in("W", "gas", 100, 0), build.tie_in("V", "gas", 300, 0, 5.0)],
        [build.application("A", "P", "gas", demand=80.0)],
    )
    found = routed(county, build.streets(build.MAIN)).options["candidates"]
    assert set(found["tie_in_id"]) <= {"W"}


def test_a_line_that_lies_there_already_costs_nothing(
    build: SimpleNamespace, routed: Solve
) -> None:
    county = build.county(
        [build.parcel("P", 150, 10), build.parcel("Q", 154, -40)],
        [build.tie_in("W", "water", 100, 0), build.tie_in("V", "water", 300, 0)],
        [build.application("A", "P", "water"), build.application("B", "Q", "water")],
    )
    ways = routed(county, build.streets(build.MAIN)).options["candidate_ways"]
    free = ways[ways["laid_as"] == "own_line"]
    assert len(free) > 0
    assert (free["cost_yuan"] == 0).all()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_extra_costs_are_those_of_laying_the_demand_again_without_its_entry(
    town: Town, posed: Posed, seed: int
) -> None:
    problem = posed(*town(seed))
    plan = settled(problem, _laid(problem), passes=9)
    found = candidates(problem, plan, apart_m=5.0)
    assert found
    assert all(one.extra_yuan >= -1e-6 for one in found)
    for one in found:
        routes = list(plan.routes)
        routes[one.number] = one.route
        assert cost_yuan(problem, tuple(routes)) - plan.cost_yuan == pytest.approx(
            one.extra_yuan, abs=1e-5
        )


def test_the_supplies_of_a_dual_source_stay_apart(town: Town, posed: Posed) -> None:
    problem = posed(*town(1))
    plan = _laid(problem)
    dual = {route.demand for route in plan.routes if route.second}
    assert dual
    for one in candidates(problem, plan, apart_m=5.0):
        for route in plan.routes:
            if route.demand == one.route.demand and route.second != one.route.second:
                assert route.tie_in != one.route.tie_in
                assert not np.intersect1d(route.edges, one.route.edges).size


def test_a_route_with_a_cheaper_way_takes_it(town: Town, posed: Posed) -> None:
    problem = posed(*town(4))
    plan = _laid(problem)
    worse = candidates(problem, plan, apart_m=5.0)[0]
    routes = (*plan.routes[: worse.number], worse.route, *plan.routes[worse.number + 1 :])
    spoiled = Plan(routes, cost_yuan(problem, routes))
    better = settled(problem, spoiled, passes=9)
    assert better.served == plan.served
    assert better.cost_yuan < spoiled.cost_yuan
    assert better.cost_yuan <= plan.cost_yuan * (1 + 1e-9)


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("candidates", "extra_yuan", -5.0),
        ("candidates", "way_yuan", 1.0),
        ("candidates", "present_yuan", 1.0),
        ("candidates", "tie_in_id", "T1"),
        ("candidates", "tie_in_id", "nowhere"),
        ("candidates", "rank", 2),
        ("candidates", "length_m", 1.0),
        ("candidates", "crossings", 9),
        ("candidates", "application_id", "nobody"),
        ("candidate_ways", "cost_yuan", 1e6),
        ("candidate_ways", "laid_as", "in_duct"),
        ("candidate_ways", "in_work", True),
        ("candidate_ways", "length_m", 1.0),
    ],
)
def test_a_planted_error_is_found(
    route: Solve,
    prove: Callable[..., Checks],
    town: Town,
    table: str,
    column: str,
    value: object,
) -> None:
    county, segments = town(5)
    result = route(county, segments)
    changed = result.options[table].copy()
    on_road = changed["segment_id"] != "" if table == "candidate_ways" else changed["rank"] == 1
    changed.loc[changed.index[on_road][0], column] = value
    failures = prove(county, segments, result, **{table: changed}).failures
    assert {failure.rule for failure in failures} == {"candidate"}


def test_the_plans_own_entry_is_no_other(
    route: Solve, prove: Callable[..., Checks], town: Town
) -> None:
    county, segments = town(5)
    result = route(county, segments)
    changed = result.options["candidates"].copy()
    shapes = changed.geometry.to_numpy(copy=True)
    shapes[0] = result.connections.geometry.iloc[0]
    changed = changed.set_geometry(gpd.GeoSeries(shapes, crs=changed.crs))
    changed.loc[0, "tie_in_id"] = result.connections["tie_in_id"].iloc[0]
    details = {f.detail for f in prove(county, segments, result, candidates=changed).failures}
    assert "is the entry of another way" in details
