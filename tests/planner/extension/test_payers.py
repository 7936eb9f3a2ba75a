"""Who pays what: parts of a connection's cost, crossings by their price, sums for each payer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from types import SimpleNamespace

import geopandas as gpd
import pytest
import shapely

from layers.county import County
from planner.checking import Checks
from planner.extension.run import ExtensionResult, solve
from planner.rules.profile import load
from planner.settings import Settings

Solve = Callable[..., ExtensionResult]
Town = Callable[[int], tuple[County, gpd.GeoDataFrame]]


def test_the_applicant_pays_inside_the_red_line_and_the_parts_make_up_the_cost(
    build: SimpleNamespace, routed: Solve
) -> None:
    """A road leads through the parcel of a neighbour's route, and on inside the parcel itself."""
    county = build.county(
        [build.parcel("P", 100, 10), build.parcel("Q", 0, -5, 60)],
        [build.tie_in("W", "water", 30, 0)],
        [build.application("A", "P", "water"), build.application("B", "Q", "water")],
    )
    rows = routed(county, build.streets(build.MAIN)).connections
    parts = rows["inside_yuan"] + rows["outside_yuan"]
    assert parts.tolist() == pytest.approx(rows["cost_yuan"].tolist())


def test_each_payer_gets_its_sum_and_silence_is_said(
    build: SimpleNamespace, settings: Settings
) -> None:
    zone = {"zone_id": "Z", "kind": "planned_construction", "geometry": shapely.box(0, 0, 200, 60)}
    county = build.county(
        [build.parcel("P", 100, 10), build.parcel("Q", 300, 10)],
        [build.tie_in("W", "water", 0, 0), build.tie_in("T", "telecom", 0, 0)],
        [
            build.application("A", "P", "water"),
            build.application("B", "Q", "water"),
            build.application("C", "P", "telecom"),
        ],
        [zone],
    )
    result = solve(
        county, build.streets(build.MAIN), settings, load("wushan-2021"), start=dt.date(2026, 1, 1)
    )
    payers = result.figures["payers"]
    clause = "巫山府办发〔2021〕66号 7"
    assert set(payers) == {"applicant", clause, "unset"}
    rows = result.connections.set_index("application_id")
    assert rows["payer_clause"].to_dict() == {"A": clause, "B": "", "C": ""}
    assert payers[clause]["outside_yuan"] == pytest.approx(rows.loc["A", "outside_yuan"])
    assert payers["unset"]["outside_yuan"] == pytest.approx(
        rows.loc[["B", "C"], "outside_yuan"].sum()
    )
    total = sum(one["inside_yuan"] + one["outside_yuan"] for one in payers.values())
    assert total == pytest.approx(result.figures["cost_yuan"])


@pytest.mark.parametrize(("method", "bored"), [("trenchless", 1), ("open_cut", 0)])
def test_a_crossing_shows_its_method_and_its_price(
    build: SimpleNamespace, route: Solve, settings: Settings, method: str, bored: int
) -> None:
    county = build.county(
        [build.parcel("P", 100, 20)],
        [build.tie_in("W", "water", 100, -15)],
        [build.application("A", "P", "water")],
    )
    chosen = settings.with_user({"extension.crossing_branch": method}, source="test")
    result = route(county, build.streets(build.MAIN, width_m=24.0), settings=chosen)
    row = result.connections.iloc[0]
    crossing = result.trenches[result.trenches["kind"].isin(["crossing", "boring"])]
    assert (row["crossings"], row["bored"], len(crossing)) == (1, bored, 1)
    assert row["crossings_yuan"] == pytest.approx(crossing["cost_yuan"].iloc[0])
    assert result.figures["bored"] == bored


@pytest.mark.parametrize(
    ("column", "value"),
    [("inside_yuan", 5e4), ("outside_yuan", 0.0), ("crossings_yuan", 9e9), ("bored", 7)],
)
def test_a_planted_part_is_found(
    route: Solve, prove: Callable[..., Checks], town: Town, column: str, value: float
) -> None:
    county, segments = town(5)
    result = route(county, segments)
    changed = result.connections.copy()
    changed.loc[0, column] = value
    failures = prove(county, segments, result, connections=changed).failures
    assert {failure.rule for failure in failures} == {"payer"}


def test_a_planted_sum_is_found(route: Solve, prove: Callable[..., Checks], town: Town) -> None:
    county, segments = town(5)
    result = route(county, segments)
    planted = {**result.figures["payers"], "unset": {"inside_yuan": 0.0, "outside_yuan": 1.0}}
    failures = prove(county, segments, result, payers=planted).failures
    assert {failure.rule for failure in failures} == {"payer"}
