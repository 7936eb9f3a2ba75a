"""Which tie-in serves whom, and what is said where none can."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest
import shapely

from planner.extension.run import ExtensionResult

Routed = Callable[..., ExtensionResult]


def test_a_parcel_without_any_corridor_is_named_with_its_distance(
    build: SimpleNamespace, routed: Routed
) -> None:
    county = build.county(
        [build.parcel("P", 100, 400)],
        [build.tie_in("W", "water", 0, 0)],
        [build.application("A", "P", "water")],
    )
    segments = build.streets(build.MAIN)
    result = routed(county, segments)
    assert build.rules(result) == {"A": "no_corridor"}
    assert "400 m" in result.reasons["A"].text("en")
    assert result.unreachable.geometry[0].distance(segments.geometry[0]) == pytest.approx(0)
    assert result.figures["connected"] == 0


def test_a_disconnected_network_is_named_with_its_gap(
    build: SimpleNamespace, routed: Routed
) -> None:
    county = build.county(
        [build.parcel("P", 700, 10)],
        [build.tie_in("W", "water", 0, 0)],
        [build.application("A", "P", "water")],
    )
    segments = build.streets(build.MAIN, [(650, 0), (800, 0)])
    result = routed(county, segments)
    assert build.rules(result) == {"A": "disconnected"}
    assert "250 m" in result.reasons["A"].text("zh")
    assert result.unreachable.geometry[0].equals(shapely.Point(400, 0))


def test_no_tie_in_of_the_class_names_the_nearest_of_another(
    build: SimpleNamespace, routed: Routed
) -> None:
    county = build.county(
        [build.parcel("P", 100, 10)],
        [build.tie_in("V", "power", 0, 0, voltage_kv=0.4)],
        [build.application("A", "P", "power", load_kva=500.0)],
    )
    result = routed(county, build.streets(build.MAIN))
    assert build.rules(result) == {"A": "no_tie_in"}
    sentence = result.reasons["A"].text("en")
    assert "10 kV" in sentence
    assert "V" in sentence


def test_tie_ins_off_every_road_are_told_from_a_gap(build: SimpleNamespace, routed: Routed) -> None:
    county = build.county(
        [build.parcel("P", 100, 10)],
        [build.tie_in("W", "water", 0, 300)],
        [build.application("A", "P", "water")],
    )
    result = routed(county, build.streets(build.MAIN))
    assert result.reasons["A"].code == "extension_off_road"


def test_without_capacity_what_is_missing_and_the_next_source_are_named(
    build: SimpleNamespace, routed: Routed
) -> None:
    county = build.county(
        [build.parcel("P", 100, 10)],
        [build.tie_in("N", "gas", 0, 0, 30.0), build.tie_in("F", "gas", 900, 0, 500.0)],
        [build.application("A", "P", "gas", demand=80.0)],
    )
    segments = build.streets(build.MAIN, [(800, 0), (1000, 0)])
    result = routed(county, segments)
    assert build.rules(result) == {"A": "capacity"}
    facts = result.reasons["A"].facts
    assert (facts["best"], facts["left"], facts["missing"], facts["next"]) == ("N", 30.0, 50.0, "F")


def test_a_full_tie_in_sends_the_later_application_to_the_next(
    build: SimpleNamespace, routed: Routed
) -> None:
    county = build.county(
        [build.parcel("P", 100, 10), build.parcel("Q", 130, 10)],
        [build.tie_in("N", "gas", 0, 0, 100.0), build.tie_in("F", "gas", 400, 0, 100.0)],
        [build.application(name, name, "gas", demand=80.0) for name in ("P", "Q")],
    )
    result = routed(county, build.streets(build.MAIN))
    assert sorted(result.connections["tie_in_id"]) == ["F", "N"]


def test_an_earlier_application_makes_room_for_one_that_has_no_other_source(
    build: SimpleNamespace, routed: Routed
) -> None:
    county = build.county(
        [build.parcel("P", 100, 10), build.parcel("Q", 130, 10)],
        [build.tie_in("N", "gas", 0, 0, 100.0), build.tie_in("F", "gas", 400, 0, 50.0)],
        [
            build.application("P", "P", "gas", demand=40.0),
            build.application("Q", "Q", "gas", demand=90.0),
        ],
    )
    result = routed(county, build.streets(build.MAIN))
    assert result.connections["tie_in_id"].tolist() == ["F", "N"]


def test_a_dual_source_gets_two_routes_without_a_common_edge(
    build: SimpleNamespace, routed: Routed
) -> None:
    county = build.county(
        [build.parcel("P", 190, 10)],
        [
            build.tie_in("E", "power", 0, 0, voltage_kv=10.0),
            build.tie_in("F", "power", 400, 30, voltage_kv=10.0),
        ],
        [build.application("A", "P", "power", load_kva=800.0, dual_source=True)],
    )
    segments = build.streets(
        build.MAIN, [(0, 40), (400, 40)], [(0, 0), (0, 40)], [(400, 0), (400, 40)]
    )
    result = routed(county, segments)
    assert result.connections["application_id"].tolist() == ["A", "A/2"]
    assert sorted(result.connections["tie_in_id"]) == ["E", "F"]
    first, second = result.connections.geometry
    assert first.intersection(second).length == pytest.approx(0)
    assert result.works["work_id"].tolist() == ["EX-A", "EX-A/2"]


def test_a_second_supply_that_is_not_possible_is_reported(
    build: SimpleNamespace, routed: Routed
) -> None:
    county = build.county(
        [build.parcel("P", 190, 10)],
        [build.tie_in("E", "power", 0, 0, voltage_kv=10.0)],
        [build.application("A", "P", "power", load_kva=800.0, dual_source=True)],
    )
    result = routed(county, build.streets(build.MAIN))
    assert result.connections["application_id"].tolist() == ["A"]
    assert build.rules(result) == {"A/2": "second_supply"}
    assert result.figures["connected"] == 1
