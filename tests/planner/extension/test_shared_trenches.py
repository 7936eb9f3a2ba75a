"""Who digs together, and that nobody loses by it."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import geopandas as gpd
import pytest
import shapely

from layers.county import County
from planner.checking import Checks
from planner.extension.run import ExtensionResult

Route = Callable[..., ExtensionResult]
Routed = Callable[..., ExtensionResult]
Prove = Callable[..., Checks]
Town = Callable[[int], tuple[County, gpd.GeoDataFrame]]


def test_utilities_of_one_parcel_share_the_trench(build: SimpleNamespace, routed: Routed) -> None:
    county = build.county(
        [build.parcel("P", 300, 10)],
        [build.tie_in("W", "water", 0, 0), build.tie_in("T", "telecom", 0, 0, operator="cmcc")],
        [
            build.application("A", "P", "water"),
            build.application("B", "P", "telecom", operator="cmcc"),
        ],
    )
    result = routed(county, build.streets(build.MAIN))
    figures = result.figures
    assert figures["connected"] == 2
    assert figures["trench_m"] == pytest.approx(figures["line_m"] / 2)
    assert figures["cost_yuan"] < figures["cost_separate_yuan"]
    assert result.connections["shared_m"].tolist() == result.connections["length_m"].tolist()


def test_operators_lay_their_own_lines_in_one_trench(
    build: SimpleNamespace, routed: Routed
) -> None:
    county = build.county(
        [build.parcel("P", 300, 10)],
        [
            build.tie_in("M", "telecom", 0, 1, operator="cmcc"),
            build.tie_in("C", "telecom", 0, 2, operator="ctcc"),
        ],
        [build.application("A", "P", "telecom", operator="cmcc,ctcc")],
    )
    result = routed(county, build.streets(build.MAIN))
    served = dict(
        zip(result.connections["application_id"], result.connections["tie_in_id"], strict=True)
    )
    assert served == {"A/cmcc": "M", "A/ctcc": "C"}
    assert result.figures["connected"] == result.figures["applications"] == 1
    assert result.figures["line_m"] > 1.9 * result.figures["trench_m"]


def test_a_line_to_several_parcels_is_paid_once(build: SimpleNamespace, routed: Routed) -> None:
    county = build.county(
        [build.parcel("P", 300, 10), build.parcel("Q", 350, 10)],
        [build.tie_in("W", "water", 0, 0)],
        [build.application("A", "P", "water"), build.application("B", "Q", "water")],
    )
    result = routed(county, build.streets(build.MAIN))
    assert result.figures["line_m"] == pytest.approx(result.figures["trench_m"])
    assert result.connections["length_m"].sum() > 1.5 * result.figures["line_m"]
    assert shapely.length(result.works.geometry).sum() == pytest.approx(result.figures["line_m"])


def test_planned_works_open_the_way_that_is_taken(
    build: SimpleNamespace, route: Route, prove: Prove
) -> None:
    county = build.county(
        [build.parcel("P", 390, 90)],
        [build.tie_in("W", "water", 0, 0), build.tie_in("T", "tv", 0, 0)],
        [build.application("A", "P", "water"), build.application("B", "P", "tv")],
    )
    segments = build.streets(
        build.MAIN, [(400, 0), (400, 90)], [(0, 0), (0, 100)], [(0, 100), (380, 100)]
    )
    opened = {"S2": [(0.0, 100.0)], "S3": [(10.0, 380.0)]}
    closed_result = route(county, segments)
    result = route(county, segments, open_segments=opened)
    assert result.figures["cost_yuan"] < closed_result.figures["cost_yuan"]
    assert result.connections["in_works_m"].min() > 400
    assert result.figures["trench_m"] < 40
    assert prove(county, segments, result, open_segments=opened).failed == 0
    rules = {failure.rule for failure in prove(county, segments, result).failures}
    assert rules == {"in_work", "certificate"}


def test_utilities_meet_in_one_street_where_each_alone_takes_another(
    build: SimpleNamespace, routed: Routed
) -> None:
    county = build.county(
        [build.parcel("P", 600, 20)],
        [
            build.tie_in("W", "water", 0, 0),
            build.tie_in("E", "power", 0, 60, voltage_kv=10.0),
            build.tie_in("T", "telecom", 0, 60),
        ],
        [
            build.application("A", "P", "water"),
            build.application("B", "P", "power", load_kva=500.0),
            build.application("C", "P", "telecom"),
        ],
    )
    segments = build.streets(
        [(0, 0), (600, 0)], [(0, 60), (600, 60)], [(0, 0), (0, 60)], [(600, 0), (600, 60)]
    )
    result = routed(county, segments)
    figures = result.figures
    assert figures["cost_yuan"] < 0.95 * figures["cost_overlay_yuan"]
    assert figures["trench_m"] < 800


@pytest.mark.parametrize("seed", range(4))
def test_nobody_pays_more_than_alone(route: Route, town: Town, seed: int) -> None:
    county, segments = town(seed)
    connections = route(county, segments).connections
    assert (connections["cost_yuan"] <= connections["separate_yuan"] * (1 + 1e-9)).all()


@pytest.mark.parametrize("seed", range(8))
def test_sharing_never_costs_more_than_overlaying_and_that_never_more_than_digging_alone(
    route: Route, prove: Prove, town: Town, seed: int
) -> None:
    county, segments = town(seed)
    result = route(county, segments)
    figures = result.figures
    assert figures["cost_yuan"] <= figures["cost_overlay_yuan"] <= figures["cost_separate_yuan"]
    assert figures["cost_yuan"] < 0.9 * figures["cost_separate_yuan"]
    assert 0 < figures["bound_yuan"] <= figures["cost_bounded_yuan"] <= figures["cost_yuan"] + 0.01
    assert figures["gap"] == 1 - figures["bound_yuan"] / figures["cost_bounded_yuan"]
    checks = prove(county, segments, result)
    assert checks.failures == ()
    assert checks.passed > 100
