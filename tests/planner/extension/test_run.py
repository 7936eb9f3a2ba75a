import math
from collections.abc import Callable
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from layers.county import County
from planner.checking import Checks
from planner.extension.run import ExtensionResult

Town = tuple[County, gpd.GeoDataFrame]


MAIN = ((0, 0), (400, 0))


def _reasons(result: ExtensionResult) -> dict[str, str]:
    return dict(zip(result.unreachable["application_id"], result.unreachable["rule"], strict=True))


def test_utilities_of_one_parcel_share_the_trench(
    build: SimpleNamespace, route: Callable[..., ExtensionResult], prove: Callable[..., Checks]
) -> None:
    county = build.county(
        [build.parcel("P", 300, 10)],
        [build.tie_in("W", "water", 0, 0), build.tie_in("T", "telecom", 0, 0, operator="cmcc")],
        [
            build.application("A", "P", "water"),
            build.application("B", "P", "telecom", operator="cmcc"),
        ],
    )
    segments = build.streets(MAIN)
    result = route(county, segments)
    figures = result.figures
    assert figures["connected"] == 2
    assert figures["trench_m"] == pytest.approx(figures["line_m"] / 2)
    assert figures["cost_yuan"] < figures["cost_separate_yuan"]
    assert result.connections["shared_m"].tolist() == result.connections["length_m"].tolist()
    assert prove(county, segments, result).failed == 0


def test_a_parcel_without_any_corridor_is_named_with_its_distance(
    build: SimpleNamespace, route: Callable[..., ExtensionResult], prove: Callable[..., Checks]
) -> None:
    county = build.county(
        [build.parcel("P", 100, 400)],
        [build.tie_in("W", "water", 0, 0)],
        [build.application("A", "P", "water")],
    )
    segments = build.streets(MAIN)
    result = route(county, segments)
    assert _reasons(result) == {"A": "no_corridor"}
    assert "400 m" in result.reasons["A"].text("en")
    assert result.unreachable.geometry[0].distance(segments.geometry[0]) == pytest.approx(0)
    assert result.figures["connected"] == 0
    assert prove(county, segments, result).failed == 0


def test_a_disconnected_network_is_named_with_its_gap(
    build: SimpleNamespace, route: Callable[..., ExtensionResult], prove: Callable[..., Checks]
) -> None:
    county = build.county(
        [build.parcel("P", 700, 10)],
        [build.tie_in("W", "water", 0, 0)],
        [build.application("A", "P", "water")],
    )
    segments = build.streets(MAIN, [(650, 0), (800, 0)])
    result = route(county, segments)
    assert _reasons(result) == {"A": "disconnected"}
    assert "250 m" in result.reasons["A"].text("zh")
    assert result.unreachable.geometry[0].equals(shapely.Point(400, 0))
    assert prove(county, segments, result).failed == 0


def test_no_tie_in_of_the_class_names_the_nearest_of_another(
    build: SimpleNamespace, route: Callable[..., ExtensionResult], prove: Callable[..., Checks]
) -> None:
    county = build.county(
        [build.parcel("P", 100, 10)],
        [build.tie_in("V", "power", 0, 0, voltage_kv=0.4)],
        [build.application("A", "P", "power", load_kva=500.0)],
    )
    segments = build.streets(MAIN)
    result = route(county, segments)
    assert _reasons(result) == {"A": "no_tie_in"}
    sentence = result.reasons["A"].text("en")
    assert "10 kV" in sentence
    assert "V" in sentence
    assert prove(county, segments, result).failed == 0


def test_tie_ins_off_every_road_are_told_from_a_gap(
    build: SimpleNamespace, route: Callable[..., ExtensionResult], prove: Callable[..., Checks]
) -> None:
    county = build.county(
        [build.parcel("P", 100, 10)],
        [build.tie_in("W", "water", 0, 300)],
        [build.application("A", "P", "water")],
    )
    segments = build.streets(MAIN)
    result = route(county, segments)
    assert result.reasons["A"].code == "extension_off_road"
    assert prove(county, segments, result).failed == 0


def test_without_capacity_what_is_missing_and_the_next_source_are_named(
    build: SimpleNamespace, route: Callable[..., ExtensionResult], prove: Callable[..., Checks]
) -> None:
    county = build.county(
        [build.parcel("P", 100, 10)],
        [build.tie_in("N", "gas", 0, 0, 30.0), build.tie_in("F", "gas", 900, 0, 500.0)],
        [build.application("A", "P", "gas", demand=80.0)],
    )
    segments = build.streets(MAIN, [(800, 0), (1000, 0)])
    result = route(county, segments)
    assert _reasons(result) == {"A": "capacity"}
    facts = result.reasons["A"].facts
    assert (facts["best"], facts["left"], facts["missing"], facts["next"]) == ("N", 30.0, 50.0, "F")
    assert prove(county, segments, result).failed == 0


def test_a_full_tie_in_sends_the_later_application_to_the_next(
    build: SimpleNamespace, route: Callable[..., ExtensionResult], prove: Callable[..., Checks]
) -> None:
    county = build.county(
        [build.parcel("P", 100, 10), build.parcel("Q", 130, 10)],
        [build.tie_in("N", "gas", 0, 0, 100.0), build.tie_in("F", "gas", 400, 0, 100.0)],
        [build.application(name, name, "gas", demand=80.0) for name in ("P", "Q")],
    )
    segments = build.streets(MAIN)
    result = route(county, segments)
    assert sorted(result.connections["tie_in_id"]) == ["F", "N"]
    assert prove(county, segments, result).failed == 0


def test_an_earlier_application_makes_room_for_one_that_has_no_other_source(
    build: SimpleNamespace, route: Callable[..., ExtensionResult], prove: Callable[..., Checks]
) -> None:
    county = build.county(
        [build.parcel("P", 100, 10), build.parcel("Q", 130, 10)],
        [build.tie_in("N", "gas", 0, 0, 100.0), build.tie_in("F", "gas", 400, 0, 50.0)],
        [
            build.application("P", "P", "gas", demand=40.0),
            build.application("Q", "Q", "gas", demand=90.0),
        ],
    )
    segments = build.streets(MAIN)
    result = route(county, segments)
    assert result.connections["tie_in_id"].tolist() == ["F", "N"]
    assert prove(county, segments, result).failed == 0


def test_a_parcel_that_touches_the_main_needs_no_trench(
    build: SimpleNamespace, route: Callable[..., ExtensionResult], prove: Callable[..., Checks]
) -> None:
    county = build.county(
        [build.parcel("P", 100, 0)],
        [build.tie_in("W", "water", 110, 0)],
        [build.application("A", "P", "water")],
    )
    segments = build.streets([(0, -30), (400, -30)])
    result = route(county, segments)
    assert result.connections["length_m"].tolist() == [0.0]
    assert result.figures["cost_yuan"] == 0
    assert len(result.trenches) == len(result.works) == 0
    assert prove(county, segments, result).failed == 0


def test_a_road_through_the_parcel_is_an_entry_at_the_red_line(
    build: SimpleNamespace, route: Callable[..., ExtensionResult], prove: Callable[..., Checks]
) -> None:
    county = build.county(
        [build.parcel("P", 200, -50, 100)],
        [build.tie_in("W", "water", 0, 0)],
        [build.application("A", "P", "water")],
    )
    segments = build.streets(MAIN)
    result = route(county, segments)
    assert result.connections["outside_m"].tolist() == [pytest.approx(200.0)]
    assert result.connections["inside_m"].tolist() == [pytest.approx(0.0)]
    assert prove(county, segments, result).failed == 0


def test_a_dual_source_gets_two_routes_without_a_common_edge(
    build: SimpleNamespace, route: Callable[..., ExtensionResult], prove: Callable[..., Checks]
) -> None:
    county = build.county(
        [build.parcel("P", 190, 10)],
        [
            build.tie_in("E", "power", 0, 0, voltage_kv=10.0),
            build.tie_in("F", "power", 400, 30, voltage_kv=10.0),
        ],
        [build.application("A", "P", "power", load_kva=800.0, dual_source=True)],
    )
    segments = build.streets(MAIN, [(0, 40), (400, 40)], [(0, 0), (0, 40)], [(400, 0), (400, 40)])
    result = route(county, segments)
    assert result.connections["application_id"].tolist() == ["A", "A/2"]
    assert sorted(result.connections["tie_in_id"]) == ["E", "F"]
    first, second = result.connections.geometry
    assert first.intersection(second).length == pytest.approx(0)
    assert result.works["work_id"].tolist() == ["EX-A", "EX-A/2"]
    assert prove(county, segments, result).failed == 0


def test_a_second_supply_that_is_not_possible_is_reported(
    build: SimpleNamespace, route: Callable[..., ExtensionResult], prove: Callable[..., Checks]
) -> None:
    county = build.county(
        [build.parcel("P", 190, 10)],
        [build.tie_in("E", "power", 0, 0, voltage_kv=10.0)],
        [build.application("A", "P", "power", load_kva=800.0, dual_source=True)],
    )
    segments = build.streets(MAIN)
    result = route(county, segments)
    assert result.connections["application_id"].tolist() == ["A"]
    assert _reasons(result) == {"A/2": "second_supply"}
    assert result.figures["connected"] == 1
    assert prove(county, segments, result).failed == 0


def test_operators_lay_their_own_lines_in_one_trench(
    build: SimpleNamespace, route: Callable[..., ExtensionResult], prove: Callable[..., Checks]
) -> None:
    county = build.county(
        [build.parcel("P", 300, 10)],
        [
            build.tie_in("M", "telecom", 0, 1, operator="cmcc"),
            build.tie_in("C", "telecom", 0, 2, operator="ctcc"),
        ],
        [build.application("A", "P", "telecom", operator="cmcc,ctcc")],
    )
    segments = build.streets(MAIN)
    result = route(county, segments)
    served = dict(
        zip(result.connections["application_id"], result.connections["tie_in_id"], strict=True)
    )
    assert served == {"A/cmcc": "M", "A/ctcc": "C"}
    assert result.figures["connected"] == result.figures["applications"] == 1
    assert result.figures["line_m"] > 1.9 * result.figures["trench_m"]
    assert prove(county, segments, result).failed == 0


def test_a_line_to_several_parcels_is_paid_once(
    build: SimpleNamespace, route: Callable[..., ExtensionResult], prove: Callable[..., Checks]
) -> None:
    county = build.county(
        [build.parcel("P", 300, 10), build.parcel("Q", 350, 10)],
        [build.tie_in("W", "water", 0, 0)],
        [build.application("A", "P", "water"), build.application("B", "Q", "water")],
    )
    segments = build.streets(MAIN)
    result = route(county, segments)
    assert result.figures["line_m"] == pytest.approx(result.figures["trench_m"])
    assert result.connections["length_m"].sum() > 1.5 * result.figures["line_m"]
    assert shapely.length(result.works.geometry).sum() == pytest.approx(result.figures["line_m"])
    assert prove(county, segments, result).failed == 0


def test_planned_works_open_the_way_that_is_taken(
    build: SimpleNamespace, route: Callable[..., ExtensionResult], prove: Callable[..., Checks]
) -> None:
    county = build.county(
        [build.parcel("P", 390, 90)],
        [build.tie_in("W", "water", 0, 0), build.tie_in("T", "tv", 0, 0)],
        [build.application("A", "P", "water"), build.application("B", "P", "tv")],
    )
    segments = build.streets(
        MAIN, [(400, 0), (400, 90)], [(0, 0), (0, 100)], [(0, 100), (380, 100)]
    )
    opened = {"S2": [(0.0, 100.0)], "S3": [(10.0, 380.0)]}
    closed_result = route(county, segments)
    result = route(county, segments, open_segments=opened)
    assert result.figures["cost_yuan"] < closed_result.figures["cost_yuan"]
    assert result.connections["in_works_m"].min() > 400
    assert result.figures["trench_m"] < 40
    assert prove(county, segments, result, open_segments=opened).failed == 0
    rules = {failure.rule for failure in prove(county, segments, result).failures}
    assert rules == {"in_work"}


def test_every_application_is_answered_once(
    build: SimpleNamespace, route: Callable[..., ExtensionResult], prove: Callable[..., Checks]
) -> None:
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
    segments = build.streets(MAIN)
    result = route(county, segments)
    assert result.connections["application_id"].tolist() == ["A"]
    assert result.no_line["application_id"].tolist() == ["B", "C"]
    assert _reasons(result) == {"D": "unit", "E": "no_tie_in"}
    figures = result.figures
    assert (figures["applications"], figures["connected"], figures["no_line"]) == (5, 1, 2)
    assert [item["application"] for item in figures["unreachable"]] == ["D", "E"]
    assert set(result.reasons) == {"B", "C", "D", "E"}
    assert prove(county, segments, result).failed == 0


def test_a_county_without_applications_is_empty_and_proven(
    build: SimpleNamespace, route: Callable[..., ExtensionResult], prove: Callable[..., Checks]
) -> None:
    county = build.county([], [], [])
    result = route(county, build.streets(MAIN))
    assert result.status == "empty"
    assert result.figures["cost_yuan"] == 0
    assert prove(county, build.streets(MAIN), result).failed == 0


def test_a_county_without_roads_answers_every_application(
    build: SimpleNamespace, route: Callable[..., ExtensionResult], prove: Callable[..., Checks]
) -> None:
    county = build.county(
        [build.parcel("P", 300, 10)],
        [build.tie_in("W", "water", 0, 0)],
        [build.application("A", "P", "water")],
    )
    result = route(county, build.streets())
    assert _reasons(result) == {"A": "no_corridor"}
    assert prove(county, build.streets(), result).failed == 0


def test_rules_follow_the_route(
    build: SimpleNamespace, route: Callable[..., ExtensionResult]
) -> None:
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
    far, near = route(county, build.streets(MAIN)).connections.to_dict("records")
    assert "绿地" in far["permits"]
    assert "绿地" not in near["permits"]
    assert "免办规划许可" not in far["permits"]
    assert "免办规划许可" in near["permits"]
    assert far["payer"] != near["payer"]
    assert "附件5" in far["deadline_source"]


def test_utilities_meet_in_one_street_where_each_alone_takes_another(
    build: SimpleNamespace,
    route: Callable[..., ExtensionResult],
    prove: Callable[..., Checks],
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
    result = route(county, segments)
    figures = result.figures
    assert figures["cost_yuan"] < 0.95 * figures["cost_overlay_yuan"]
    assert figures["trench_m"] < 800
    assert prove(county, segments, result).failed == 0


@pytest.mark.parametrize("seed", range(4))
def test_nobody_pays_more_than_alone(
    route: Callable[..., ExtensionResult], town: Callable[[int], Town], seed: int
) -> None:
    county, segments = town(seed)
    connections = route(county, segments).connections
    assert (connections["cost_yuan"] <= connections["separate_yuan"] * (1 + 1e-9)).all()


@pytest.mark.parametrize("seed", range(8))
def test_sharing_never_costs_more_than_overlaying_and_that_never_more_than_digging_alone(
    route: Callable[..., ExtensionResult],
    prove: Callable[..., Checks],
    town: Callable[[int], Town],
    seed: int,
) -> None:
    county, segments = town(seed)
    result = route(county, segments)
    figures = result.figures
    assert figures["cost_yuan"] <= figures["cost_overlay_yuan"] <= figures["cost_separate_yuan"]
    assert figures["cost_yuan"] < 0.9 * figures["cost_separate_yuan"]
    assert figures["bound_yuan"] is None
    assert figures["gap"] is None
    checks = prove(county, segments, result)
    assert checks.failures == ()
    assert checks.passed > 100


def test_two_runs_give_the_same_plan(
    route: Callable[..., ExtensionResult], town: Callable[[int], Town]
) -> None:
    county, segments = town(2)
    first, second = route(county, segments), route(county, segments)
    assert first.connections.drop(columns="geometry").equals(
        second.connections.drop(columns="geometry")
    )
    assert first.trenches.geometry.geom_equals(second.trenches.geometry).all()


def test_works_cover_all_that_is_dug_and_keep_their_order(
    route: Callable[..., ExtensionResult], town: Callable[[int], Town]
) -> None:
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


def test_the_notes_say_what_the_exact_sections_cost(
    route: Callable[..., ExtensionResult], town: Callable[[int], Town]
) -> None:
    county, segments = town(4)
    note = next(n for n in route(county, segments).notes if n.code == "extension_section")
    assert math.isfinite(float(str(note.facts["percent"])))
    assert np.isclose(
        float(str(note.facts["cost_yuan"]).replace(",", "")),
        route(county, segments).figures["cost_yuan"],
        atol=1,
    )


def test_permits_beyond_the_published_calendar_are_estimated_and_said_so(
    build: SimpleNamespace, route: Callable[..., ExtensionResult]
) -> None:
    late = pd.Timestamp(2026, 12, 24)
    county = build.county(
        [build.parcel("P", 300, 10)],
        [build.tie_in("E", "power", 0, 0, voltage_kv=10.0)],
        [build.application("A", "P", "power", load_kva=500.0, accepted_on=late)],
    )
    result = route(county, build.streets(MAIN))
    assert result.connections["deadline_on"].isna().all()
    assert "extension_calendar" in {note.code for note in result.notes}
    assert (result.works["earliest"] > late).all()


def test_a_deadline_that_cannot_be_kept_is_said_and_the_time_needed_is_planned(
    build: SimpleNamespace, route: Callable[..., ExtensionResult]
) -> None:
    county = build.county(
        [build.parcel("P", 300, 10)],
        [build.tie_in("W", "water", 0, 0)],
        [build.application("A", "P", "water")],
    )
    result = route(county, build.streets(MAIN))
    note = next(note for note in result.notes if note.code == "extension_deadline_short")
    assert note.rows == ("A",)
    assert (result.works["latest"] > result.connections["deadline_on"]).all()


def test_every_sentence_of_a_result_can_be_read_in_both_languages(
    route: Callable[..., ExtensionResult], town: Callable[[int], Town]
) -> None:
    county, segments = town(5)
    result = route(county, segments)
    assert result.notes
    for fault in (*result.reasons.values(), *result.notes):
        assert "{" not in fault.text("zh") + fault.text("en")
        assert fault.text("zh") != fault.text("en")
