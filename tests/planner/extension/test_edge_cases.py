"""Awkward cases through the whole routing: each has a clear result and a sentence that says why."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import geopandas as gpd
import pytest
from shapely import LineString

from layers.county import County
from planner.extension.run import ExtensionResult

Routed = Callable[[County, gpd.GeoDataFrame], ExtensionResult]


def _told(result: ExtensionResult, key: str, *words: str) -> None:
    """Require that the sentence of an application holds some words, Chinese then English."""
    zh, en = result.reasons[key].text("zh"), result.reasons[key].text("en")
    assert words[0] in zh
    assert words[1] in en


def test_a_parcel_without_a_corridor_names_its_distance_and_the_nearest_point_of_a_road(
    build: SimpleNamespace, routed: Routed
) -> None:
    county = build.county(
        [build.parcel("P", 200, 500)],
        [build.tie_in("W", "water", 0, 0)],
        [build.application("A", "P", "water")],
    )
    result = routed(county, build.streets(build.MAIN))
    assert build.rules(result) == {"A": "no_corridor"}
    _told(result, "A", "最近道路距红线 500 m", "the nearest is 500 m off")
    nearest = result.unreachable.geometry.iloc[0]
    assert (nearest.y, 200 <= nearest.x <= 220) == (0.0, True)
    assert len(result.connections) == len(result.options["candidates"]) == 0


def test_a_disconnected_network_names_the_gap_and_the_point_reached(
    build: SimpleNamespace, routed: Routed
) -> None:
    county = build.county(
        [build.parcel("P", 700, 10)],
        [build.tie_in("W", "water", 0, 0)],
        [build.application("A", "P", "water")],
    )
    result = routed(county, build.streets(build.MAIN, [(600, 0), (900, 0)]))
    assert build.rules(result) == {"A": "disconnected"}
    _told(result, "A", "缺口 200 m", "the gap is 200 m")
    nearest = result.unreachable.geometry.iloc[0]
    assert (nearest.x, nearest.y) == (pytest.approx(400), pytest.approx(0))


def test_a_tie_in_without_capacity_says_how_much_is_missing(
    build: SimpleNamespace, routed: Routed
) -> None:
    county = build.county(
        [build.parcel("P", 100, 10)],
        [build.tie_in("W", "water", 0, 0, 0.0)],
        [build.application("A", "P", "water", demand=40.0)],
    )
    result = routed(county, build.streets(build.MAIN))
    assert build.rules(result) == {"A": "capacity"}
    assert result.unreachable["missing"].tolist() == [40.0]
    _told(result, "A", "缺 40.0 m³/d", "40.0 m³/d are missing")


def test_zero_demand_needs_no_line_and_says_so(build: SimpleNamespace, routed: Routed) -> None:
    county = build.county(
        [build.parcel("P", 100, 10)],
        [build.tie_in("W", "water", 0, 0)],
        [build.application("A", "P", "water", demand=0.0)],
    )
    result = routed(county, build.streets(build.MAIN))
    assert result.no_line["application_id"].tolist() == ["A"]
    assert (result.figures["no_line"], result.figures["cost_yuan"]) == (1, 0)
    _told(result, "A", "不需要新建管线", "no line is needed")


def test_a_parcel_that_touches_the_main_taps_it_at_the_price_of_the_tap(
    build: SimpleNamespace, routed: Routed
) -> None:
    main = {
        "pipe_id": "M",
        "utility": "water",
        "diameter_mm": 200.0,
        "geometry": LineString([(0, 4), (400, 4)]),
    }
    county = build.county(
        [build.parcel("P", 200, 4)],
        [build.tie_in("W", "water", 0, 4)],
        [build.application("A", "P", "water")],
        pipes=[main],
    )
    result = routed(county, build.streets(build.MAIN))
    row = result.connections.iloc[0]
    assert row["tapped_pipe_id"] == "M"
    assert row["length_m"] < 12
    assert result.figures["taps"] == 1


def test_a_parcel_at_the_tie_in_itself_costs_nothing_and_has_dearer_entries(
    build: SimpleNamespace, routed: Routed
) -> None:
    county = build.county(
        [build.parcel("P", 100, 5)],
        [build.tie_in("W", "water", 110, 5), build.tie_in("V", "water", 300, 0)],
        [build.application("A", "P", "water")],
    )
    result = routed(county, build.streets(build.MAIN))
    assert result.connections["length_m"].tolist() == [0.0]
    assert result.figures["cost_yuan"] == 0
    entries = result.options["candidates"]
    assert (entries["extra_yuan"] > 0).all()
    assert entries["present_yuan"].tolist() == [0.0] * len(entries)


def test_25_parcels_at_one_tie_in_take_what_it_has_and_the_rest_are_told_what_is_missing(
    build: SimpleNamespace, routed: Routed
) -> None:
    names = [f"{i:02d}" for i in range(25)]
    county = build.county(
        [build.parcel(f"P{n}", 14.0 * i + 20, 8, 10.0) for i, n in enumerate(names)],
        [build.tie_in("T", "gas", 0, 0, 105.0)],
        [build.application(f"A{n}", f"P{n}", "gas", demand=10.0) for n in names],
    )
    result = routed(county, build.streets(build.MAIN))
    assert len(result.connections) == 10
    assert set(build.rules(result).values()) == {"capacity"}
    assert len(result.unreachable) == 15
    assert set(result.options["candidates"]["tie_in_id"]) == {"T"}
    key = result.unreachable["application_id"].iloc[0]
    _told(result, key, "缺 5.0 m³/h", "5.0 m³/h are missing")
