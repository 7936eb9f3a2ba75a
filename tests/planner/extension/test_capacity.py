"""Capacity is never ignored: who is left out, how much is missing, and where the next source is."""

import math
from collections.abc import Callable
from types import SimpleNamespace

import geopandas as gpd
import pytest

from layers.county import County
from planner.checking import Checks
from planner.extension.run import ExtensionResult

Routed = Callable[[County, gpd.GeoDataFrame], ExtensionResult]


def _rivals(build: SimpleNamespace, count: int, capacity: float) -> County:
    """Return parcels along a street, all of which ask one tie-in for 10 m³/h of gas."""
    return build.county(
        [build.parcel(f"P{i:02d}", 15.0 * i + 20, 8, 10.0) for i in range(count)],
        [{**build.tie_in("T", "gas", 0, 0, capacity), "name": "阀井"}],
        [build.application(f"A{i:02d}", f"P{i:02d}", "gas", demand=10.0) for i in range(count)],
    )


def test_of_24_parcels_that_compete_for_one_tie_in_as_many_are_served_as_it_has(
    build: SimpleNamespace, routed: Routed
) -> None:
    result = routed(_rivals(build, 24, 155.0), build.streets(build.MAIN))
    assert result.connections["tie_in_id"].tolist() == ["T"] * 15
    assert result.connections["demand"].sum() == 150.0
    left = result.unreachable
    assert left["rule"].tolist() == ["capacity"] * 9
    assert left["missing"].tolist() == [pytest.approx(5.0)] * 9
    assert left["missing_unit"].tolist() == ["m³/h"] * 9
    assert left["next_tie_in_id"].tolist() == [""] * 9
    assert result.figures["connected"] == 15
    assert all("缺 5.0 m³/h" in reason for reason in left["reason"])
    english = [result.reasons[key].text("en") for key in left["application_id"]]
    assert all("T 阀井, has 5.0 left: 5.0 m³/h are missing" in text for text in english)


def test_24_parcels_take_turns_by_their_acceptance(build: SimpleNamespace, routed: Routed) -> None:
    county = _rivals(build, 24, 60.0)
    dates = county["applications"]["accepted_on"]
    county["applications"]["accepted_on"] = dates + gpd.pd.to_timedelta(range(24, 0, -1), unit="D")
    result = routed(county, build.streets(build.MAIN))
    assert sorted(result.connections["application_id"]) == [f"A{i}" for i in range(18, 24)]


@pytest.mark.parametrize("count", [20, 30])
def test_rivals_of_unequal_size_never_draw_more_than_there_is(
    build: SimpleNamespace, routed: Routed, count: int
) -> None:
    sizes = [3.0 + 7.0 * ((5 * i) % 11) for i in range(count)]
    county = build.county(
        [build.parcel(f"P{i:02d}", 12.0 * i + 10, 8, 8.0) for i in range(count)],
        [
            build.tie_in("T", "gas", 0, 0, 190.0),
            build.tie_in("U", "gas", 390, 0, 160.0),
        ],
        [build.application(f"A{i:02d}", f"P{i:02d}", "gas", demand=sizes[i]) for i in range(count)],
    )
    result = routed(county, build.streets(build.MAIN))
    drawn = result.connections.groupby("tie_in_id")["demand"].sum()
    assert drawn["T"] <= 190.0
    assert drawn["U"] <= 160.0
    assert len(result.unreachable) > 0
    assert (result.unreachable["missing"] > 0).all()


def test_a_tie_in_without_any_capacity_serves_nobody(
    build: SimpleNamespace, routed: Routed
) -> None:
    result = routed(_rivals(build, 1, 0.0), build.streets(build.MAIN))
    assert len(result.connections) == 0
    (row,) = result.unreachable.to_dict("records")
    assert (row["rule"], row["missing"]) == ("capacity", 10.0)


def _next(build: SimpleNamespace, *ties: dict[str, object]) -> tuple[County, gpd.GeoDataFrame]:
    """Return one parcel at a spent tie-in, with other tie-ins on a street apart."""
    county = build.county(
        [build.parcel("P", 100, 10)],
        [build.tie_in("N", "gas", 0, 0, 30.0), *ties],
        [build.application("A", "P", "gas", demand=80.0)],
    )
    return county, build.streets(build.MAIN, [(800, 0), (1200, 0)])


def test_the_next_source_is_the_nearest_with_enough_by_name(
    build: SimpleNamespace, routed: Routed
) -> None:
    result = routed(
        *_next(
            build,
            {**build.tie_in("S", "gas", 850, 0, 70.0), "name": "小"},
            {**build.tie_in("F", "gas", 1100, 0, 500.0), "name": "远阀井"},
            {**build.tie_in("G", "gas", 900, 0, 80.0), "name": "近阀井"},
            build.tie_in("W", "water", 820, 0, 500.0),
        )
    )
    (row,) = result.unreachable.to_dict("records")
    assert (row["next_tie_in_id"], row["missing"]) == ("G", 50.0)
    assert row["next_away_m"] == pytest.approx(790.0, abs=11.0)
    assert "G 近阀井" in row["reason"]
    assert result.reasons["A"].code == "extension_capacity_next"
    assert "G 近阀井" in result.reasons["A"].text("en")


def test_a_source_of_another_class_is_named_only_where_the_class_has_none(
    build: SimpleNamespace, routed: Routed
) -> None:
    low = build.tie_in("L", "gas", 810, 0, 500.0, pressure_mpa=0.005)
    medium = build.tie_in("M", "gas", 1000, 0, 500.0, pressure_mpa=0.2)
    both, alone = (routed(*_next(build, *ties)) for ties in ((low, medium), (low,)))
    assert both.unreachable["next_tie_in_id"].tolist() == ["M"]
    assert both.reasons["A"].code == "extension_capacity_next"
    assert alone.unreachable["next_tie_in_id"].tolist() == ["L"]
    assert alone.reasons["A"].code == "extension_capacity_other"


def test_gas_of_medium_pressure_is_not_drawn_from_a_low_pressure_main(
    build: SimpleNamespace, routed: Routed
) -> None:
    county = build.county(
        [build.parcel("P", 100, 10), build.parcel("Q", 140, 10)],
        [
            build.tie_in("L", "gas", 90, 0, pressure_mpa=0.005),
            build.tie_in("M", "gas", 400, 0, pressure_mpa=0.2),
        ],
        [
            build.application("A", "P", "gas", demand=100.0),
            build.application("B", "Q", "gas", demand=4.0),
        ],
    )
    result = routed(county, build.streets(build.MAIN))
    assert result.connections["service_class"].tolist() == ["medium", "low"]
    assert result.connections["tie_in_id"].tolist() == ["M", "L"]


def test_a_main_too_narrow_for_the_sized_pipe_is_not_tapped(
    build: SimpleNamespace, routed: Routed
) -> None:
    county = build.county(
        [build.parcel("P", 100, 10)],
        [
            build.tie_in("N", "water", 90, 0, diameter_mm=50.0),
            build.tie_in("W", "water", 400, 0, diameter_mm=200.0),
        ],
        [build.application("A", "P", "water", demand=120.0)],
    )
    assert routed(county, build.streets(build.MAIN)).connections["tie_in_id"].tolist() == ["W"]


@pytest.mark.parametrize(
    ("column", "value"),
    [("missing", 1.0), ("missing", math.nan), ("next_tie_in_id", "F"), ("next_tie_in_id", "")],
)
def test_a_planted_lack_is_found(
    build: SimpleNamespace,
    routed: Routed,
    prove: Callable[..., Checks],
    column: str,
    value: object,
) -> None:
    county, segments = _next(
        build, build.tie_in("F", "gas", 1100, 0, 500.0), build.tie_in("G", "gas", 900, 0, 500.0)
    )
    result = routed(county, segments)
    changed = result.unreachable.copy()
    changed[column] = value
    failures = prove(county, segments, result, unreachable=changed).failures
    assert {failure.rule for failure in failures} == {"capacity"}
