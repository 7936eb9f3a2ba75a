"""Permits: 004 for power in 肥城, Decree 198 with labelled days elsewhere, one filing in 綦江."""

from __future__ import annotations

from itertools import product
from math import nan

import pytest

from planner.rules.permits import Permit, needed, total_working_days
from planner.rules.profile import load, names


def _needed(profile: str, utility: str, **options: object) -> tuple[Permit, ...]:
    given = {
        "voltage_kv": nan,
        "length_m": 300.0,
        "opens_surface": True,
        "in_carriageway": True,
        "in_green": True,
        "small_flow": False,
        **options,
    }
    return needed(load(profile), utility=utility, **given)


def _codes(permits: tuple[Permit, ...]) -> list[str]:
    return [permit.code for permit in permits]


def test_a_power_line_in_feicheng_needs_planning_first_and_the_rest_in_parallel() -> None:
    permits = _needed("feicheng-2018", "power", voltage_kv=10.0)
    assert _codes(permits) == ["planning", "green", "occupation", "excavation"]
    assert [permit.order for permit in permits] == ["first", "parallel", "parallel", "parallel"]
    assert [permit.working_days for permit in permits] == [5, 7, 7, 7]
    assert not any(permit.assumption for permit in permits)
    assert {permit.source.place for permit in permits} == {
        "附件5 三(三)2",
        "附件5 三(三)3",
        "附件5 三(三)4",
        "附件5 三(三)5",
    }


def test_all_permits_of_feicheng_take_the_twelve_days_of_the_text() -> None:
    assert total_working_days(_needed("feicheng-2018", "power")) == 12


@pytest.mark.parametrize(
    ("length_m", "first"),
    [(149.9, "as_built_survey"), (150.0, "planning"), (20.0, "as_built_survey")],
)
def test_below_150_m_the_as_built_survey_replaces_the_planning_permit(
    length_m: float, first: str
) -> None:
    permits = _needed("feicheng-2018", "power", length_m=length_m, in_green=False)
    assert permits[0].code == first
    assert total_working_days(permits) == (12 if first == "planning" else 7)


@pytest.mark.parametrize(
    ("place", "code"),
    [("in_green", "green"), ("in_carriageway", "occupation"), ("opens_surface", "excavation")],
)
def test_a_permit_is_asked_for_only_where_its_ground_is_touched(place: str, code: str) -> None:
    touched = {"in_green": False, "in_carriageway": False, "opens_surface": False, place: True}
    assert _codes(_needed("feicheng-2018", "power", **touched)) == ["planning", code]
    everywhere_else = {key: not value for key, value in touched.items()}
    assert code not in _codes(_needed("feicheng-2018", "power", **everywhere_else))


def test_relocation_of_plants_follows_without_holding_up_the_decision() -> None:
    green = next(p for p in _needed("feicheng-2018", "power") if p.code == "green")
    assert (green.working_days, green.later_working_days) == (7, 7)


def test_above_ten_kilovolts_the_permits_of_004_are_an_assumption() -> None:
    assert all(permit.assumption for permit in _needed("feicheng-2018", "power", voltage_kv=35.0))


@pytest.mark.parametrize(
    ("profile", "utility"),
    [
        ("feicheng-2018", "water"),
        ("wushan-2021", "power"),
        ("wulong-2018", "gas"),
        ("qijiang-2022", "telecom"),
    ],
)
def test_elsewhere_the_permits_rest_on_decree_198_and_are_labelled(
    profile: str, utility: str
) -> None:
    permits = _needed(profile, utility, length_m=50.0)
    assert _codes(permits) == ["planning", "green", "occupation", "excavation"]
    assert all(permit.assumption for permit in permits)
    assert all("假设" in permit.note.zh for permit in permits)
    places = {permit.code: permit.source and permit.source.place for permit in permits}
    assert places == {
        "planning": "第33条",
        "green": None,
        "occupation": "第31条",
        "excavation": "第33条",
    }


def test_small_users_of_qijiang_file_once_for_all() -> None:
    permits = _needed("qijiang-2022", "water", small_flow=True)
    assert _codes(permits) == ["filing"]
    assert total_working_days(permits) == 0
    assert not permits[0].assumption
    assert "备案" in permits[0].source.quote


def test_without_opening_the_surface_small_users_of_qijiang_file_nothing() -> None:
    assert _needed("qijiang-2022", "water", small_flow=True, opens_surface=False) == ()


def test_the_small_flow_changes_nothing_where_no_filing_exists() -> None:
    assert _needed("wushan-2021", "water", small_flow=True) == _needed("wushan-2021", "water")


@pytest.mark.parametrize("profile", names())
def test_work_that_touches_nothing_needs_nothing(profile: str) -> None:
    for utility, small in product(("power", "water"), (False, True)):
        untouched = _needed(
            profile,
            utility,
            small_flow=small,
            opens_surface=False,
            in_carriageway=False,
            in_green=False,
        )
        assert untouched == ()


def test_no_permits_take_no_time() -> None:
    assert total_working_days(()) == 0
