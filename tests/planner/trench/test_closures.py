from collections.abc import Callable

import pytest

from planner.trench.build import Built

MakeCase = Callable[..., Built]

BAN = {
    "event_id": "E1",
    "name": "高考",
    "kind": "exam",
    "starts_on": "2026-06-05",
    "ends_on": "2026-06-10",
    "town": "",
    "road_class": "",
}


def closed(built: Built, segment: int = 0) -> list[tuple[int, int, str]]:
    return [(one.first, one.last, one.rule) for one in built.problem.segments[segment].closed]


def test_a_new_road_is_closed_until_its_fifth_anniversary(make_case: MakeCase) -> None:
    built = make_case([], roads=[{"opened_on": "2021-03-01"}])
    assert closed(built) == [(0, 58, "moratorium")]
    assert built.problem.day(58).isoformat() == "2026-02-28"


def test_an_overhauled_road_is_closed_for_three_years(make_case: MakeCase) -> None:
    assert closed(make_case([], roads=[{"overhauled_on": "2022-12-31"}])) == []
    assert closed(make_case([], roads=[{"overhauled_on": "2023-01-02"}])) == [(0, 0, "moratorium")]


def test_a_road_that_opens_within_the_plan_may_be_dug_before_it_opens(make_case: MakeCase) -> None:
    assert closed(make_case([], roads=[{"opened_on": "2026-07-01"}])) == [(181, 364, "moratorium")]


@pytest.mark.parametrize(("applies", "expected"), [(False, []), (True, [(0, 364, "moratorium")])])
def test_rural_roads_know_no_moratorium_unless_set(
    make_case: MakeCase, applies: bool, expected: list[tuple[int, int, str]]
) -> None:
    built = make_case(
        [],
        roads=[{"opened_on": "2024-03-01", "road_class": "rural"}],
        settings={"trench.moratorium_on_rural_roads": applies},
    )
    assert closed(built) == expected


def test_an_event_closes_every_segment_when_it_names_no_place(make_case: MakeCase) -> None:
    built = make_case([], segments=2, events=[BAN])
    assert closed(built, 0) == closed(built, 1) == [(155, 160, "no_dig")]


def test_an_event_closes_only_the_town_and_road_classes_that_it_names(make_case: MakeCase) -> None:
    roads = [{}, {"town": "江口镇"}, {"road_class": "arterial"}, {"road_class": "lane"}]
    event = {**BAN, "town": "城关镇", "road_class": "主干路、lane"}
    built = make_case([], segments=4, roads=roads, events=[event])
    assert [bool(closed(built, n)) for n in range(4)] == [False, False, True, True]


def test_an_event_of_a_town_without_segments_closes_nothing_and_is_named(
    make_case: MakeCase,
) -> None:
    built = make_case([], events=[{**BAN, "town": "无此镇"}])
    assert closed(built) == []
    assert built.unknown_towns == ("无此镇",)


def test_a_period_is_closed_when_one_of_its_days_is(make_case: MakeCase) -> None:
    built = make_case([], events=[BAN], settings={"trench.period_days": 7})
    assert closed(built) == [(22, 22, "no_dig")]


def test_events_outside_the_plan_close_nothing(make_case: MakeCase) -> None:
    event = {**BAN, "starts_on": "2027-06-05", "ends_on": "2027-06-10"}
    assert closed(make_case([], events=[event])) == []
