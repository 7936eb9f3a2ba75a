"""Every application is answered once, with its dates, its rules and its works."""

from __future__ import annotations

import math
from collections.abc import Callable
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from layers.county import County
from planner.extension.run import ExtensionResult

Route = Callable[..., ExtensionResult]
Routed = Callable[..., ExtensionResult]
Town = Callable[[int], tuple[County, gpd.GeoDataFrame]]


def test_a_parcel_that_touches_the_main_needs_no_trench(
    build: SimpleNamespace, routed: Routed
) -> None:
    county = build.county(
        [build.parcel("P", 100, 0)],
        [build.tie_in("W", "water", 110, 0)],
        [build.application("A", "P", "water")],
    )
    segments = build.streets([(0, -30), (400, -30)])
    result = routed(county, segments)
    assert result.connections["length_m"].tolist() == [0.0]
    assert result.figures["cost_yuan"] == 0
    assert len(result.trenches) == len(result.works) == 0


def test_a_road_through_the_parcel_is_an_entry_at_the_red_line(
    build: SimpleNamespace, routed: Routed
) -> None:
    county = build.county(
        [build.parcel("P", 200, -50, 100)],
        [build.tie_in("W", "water", 0, 0)],
        [build.application("A", "P", "water")],
    )
    result = routed(county, build.streets(build.MAIN))
    assert result.connections["outside_m"].tolist() == [pytest.approx(200.0)]
    assert result.connections["inside_m"].tolist() == [pytest.approx(0.0)]


def test_every_application_is_answered_once(build: SimpleNamespace, routed: Routed) -> None:
    county = build.county(
        [build.parcel("P", 300, 10)],
        [build.tie_in("W", "water", 0, 0)],
        [
            build.application("A", "P", "water"),
            build.application("B", "P", "water", business="transfer"),
            build.application("C", "P", "water", demand=0.0),
            build.application("D", "P", "water", demand=1.0, demand_unit="kW"),
            build.application("E", "P", "heat"),
        ],
    )
    result = routed(county, build.streets(build.MAIN))
    assert result.connections["application_id"].tolist() == ["A"]
    assert result.no_line["application_id"].tolist() == ["B", "C"]
    assert build.rules(result) == {"D": "unit", "E": "no_tie_in"}
    figures = result.figures
    assert (figures["applications"], figures["connected"], figures["no_line"]) == (5, 1, 2)
    assert [item["application"] for item in figures["unreachable"]] == ["D", "E"]
    assert set(result.reasons) == {"B", "C", "D", "E"}


def test_a_county_without_applications_is_empty_and_proven(
    build: SimpleNamespace, routed: Routed
) -> None:
    county = build.county([], [], [])
    result = routed(county, build.streets(build.MAIN))
    assert result.status == "empty"
    assert result.figures["cost_yuan"] == 0


def test_a_county_without_roads_answers_every_application(
    build: SimpleNamespace, routed: Routed
) -> None:
    county = build.county(
        [build.parcel("P", 300, 10)],
        [build.tie_in("W", "water", 0, 0)],
        [build.application("A", "P", "water")],
    )
    result = routed(county, build.streets())
    assert build.rules(result) == {"A": "no_corridor"}


def test_rules_follow_the_route(build: SimpleNamespace, route: Route) -> None:
    zones = [
        {"zone_id": "G", "kind": "green", "geometry": shapely.box(100, -5, 120, 5)},
        {"zone_id": "K", "kind": "park", "geometry": shapely.box(250, 0, 400, 60)},
    ]
    county = build.county(
        [build.parcel("P", 300, 10), build.parcel("Q", 40, 10)],
        [build.tie_in("E", "power", 0, 0, voltage_kv=10.0)],
        [build.application(name, name, "power", load_kva=500.0) for name in ("P", "Q")],
        zones,
    )
    far, near = route(county, build.streets(build.MAIN)).connections.to_dict("records")
    assert "绿地" in far["permits"]
    assert "绿地" not in near["permits"]
    assert "免办规划许可" not in far["permits"]
    assert "免办规划许可" in near["permits"]
    assert far["payer"] != near["payer"]
    assert "附件5" in far["deadline_source"]


def test_two_runs_give_the_same_plan(route: Route, town: Town) -> None:
    county, segments = town(2)
    first, second = route(county, segments), route(county, segments)
    assert first.connections.drop(columns="geometry").equals(
        second.connections.drop(columns="geometry")
    )
    assert first.trenches.geometry.geom_equals(second.trenches.geometry).all()


def test_works_cover_all_that_is_dug_and_keep_their_order(route: Route, town: Town) -> None:
    county, segments = town(3)
    result = route(county, segments)
    works = result.works
    assert (works["earliest"] <= works["latest"]).all()
    days = (works["latest"] - works["earliest"]).dt.days + 1
    assert (days >= works["duration_days"]).all()
    assert (works["owner"] != "").all()
    dug = shapely.union_all(result.trenches.geometry.to_numpy())
    laid = shapely.union_all(works.geometry.to_numpy())
    assert laid.length == pytest.approx(dug.length)
    assert shapely.length(works.geometry).sum() == pytest.approx(result.figures["line_m"])


def test_the_notes_say_what_the_exact_sections_cost(route: Route, town: Town) -> None:
    county, segments = town(4)
    note = next(n for n in route(county, segments).notes if n.code == "extension_section")
    assert math.isfinite(float(str(note.facts["percent"])))
    assert np.isclose(
        float(str(note.facts["cost_yuan"]).replace(",", "")),
        route(county, segments).figures["cost_yuan"],
        atol=1,
    )


def test_permits_beyond_the_published_calendar_are_estimated_and_said_so(
    build: SimpleNamespace, route: Route
) -> None:
    late = pd.Timestamp(2026, 12, 24)
    county = build.county(
        [build.parcel("P", 300, 10)],
        [build.tie_in("E", "power", 0, 0, voltage_kv=10.0)],
        [build.application("A", "P", "power", load_kva=500.0, accepted_on=late)],
    )
    result = route(county, build.streets(build.MAIN))
    assert result.connections["deadline_on"].isna().all()
    assert "extension_calendar" in {note.code for note in result.notes}
    assert (result.works["earliest"] > late).all()


def test_a_deadline_that_cannot_be_kept_is_said_and_the_time_needed_is_planned(
    build: SimpleNamespace, route: Route
) -> None:
    county = build.county(
        [build.parcel("P", 300, 10)],
        [build.tie_in("W", "water", 0, 0)],
        [build.application("A", "P", "water")],
    )
    result = route(county, build.streets(build.MAIN))
    note = next(note for note in result.notes if note.code == "extension_deadline_short")
    assert note.rows == ("A",)
    assert (result.works["latest"] > result.connections["deadline_on"]).all()


def test_every_sentence_of_a_result_can_be_read_in_both_languages(route: Route, town: Town) -> None:
    county, segments = town(5)
    result = route(county, segments)
    assert result.notes
    for fault in (*result.reasons.values(), *result.notes):
        assert "{" not in fault.text("zh") + fault.text("en")
        assert fault.text("zh") != fault.text("en")
