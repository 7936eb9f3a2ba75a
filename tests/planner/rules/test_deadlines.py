"""Deadlines: every row of the documents' limits, counted to the day."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest

from layers.workdays import published
from planner.rules.deadlines import Deadline, deadline
from planner.rules.profile import load

WORKDAYS = published()
MONDAY = date(2026, 3, 2)


def _deadline(profile: str, utility: str, kind: str, **options: object) -> Deadline:
    given = {"accepted_on": MONDAY, "workdays": WORKDAYS, **options}
    return deadline(load(profile), utility=utility, applicant_kind=kind, **given)


@pytest.mark.parametrize(
    ("profile", "utility", "kind", "options", "limit", "unit", "place"),
    [
        ("wulong-2018", "water", "small", {}, 30, "WD", "二(一)1"),
        ("wulong-2018", "water", "large", {}, 30, "WD", "二(一)1"),
        ("wulong-2018", "water", "large", {"business": "construction_water"}, 15, "WD", "二(一)1"),
        ("wulong-2018", "power", "large", {"service_class": "10 kV"}, 70, "d", "二(二)2"),
        ("wulong-2018", "power", "large", {"service_class": "35 kV"}, 70, "d", "二(二)2"),
        ("wulong-2018", "power", "small", {"service_class": "380 V"}, 30, "d", "二(二)2"),
        ("wulong-2018", "power", "resident", {"service_class": "220 V"}, 2, "d", "二(二)2"),
        ("wulong-2018", "gas", "large", {}, 60, "WD", "二(三)1"),
        ("wushan-2021", "water", "large", {}, 9, "WD", "6"),
        ("wushan-2021", "power", "small", {"service_class": "380 V"}, 8, "WD", "6"),
        ("wushan-2021", "power", "large", {"service_class": "10 kV"}, 30, "WD", "6"),
        ("wushan-2021", "gas", "resident", {}, 13, "WD", "6"),
        ("feicheng-2018", "water", "small", {}, 11, "WD", "附件4 二(二)1"),
        ("feicheng-2018", "gas", "resident", {}, 15, "WD", "附件4 二(二)2"),
        ("feicheng-2018", "gas", "small", {}, 10, "WD", "附件4 二(二)2"),
        ("feicheng-2018", "gas", "large", {}, 10, "WD", "附件4 二(二)2"),
        ("feicheng-2018", "heat", "large", {}, 24, "WD", "附件4 二(二)3"),
        ("feicheng-2018", "power", "large", {"service_class": "10 kV"}, 45, "WD", "附件5 一"),
        ("feicheng-2018", "power", "small", {"service_class": "380 V"}, 20, "WD", "附件5 一"),
    ],
)
def test_a_limit_is_the_one_of_the_documents(
    profile: str,
    utility: str,
    kind: str,
    options: dict[str, object],
    limit: int,
    unit: str,
    place: str,
) -> None:
    found = _deadline(profile, utility, kind, **options)
    assert (found.limit, found.unit) == (limit, unit)
    assert found.source is not None
    assert found.source.place == place
    if unit == "WD":
        assert WORKDAYS.between(MONDAY, found.due_on) == limit
        assert WORKDAYS.is_workday(found.due_on)
    else:
        assert found.due_on == MONDAY + timedelta(days=limit)


@pytest.mark.parametrize(
    ("profile", "utility", "kind", "options"),
    [
        ("qijiang-2022", "water", "small", {}),
        ("qijiang-2022", "power", "large", {"service_class": "10 kV"}),
        ("wulong-2018", "telecom", "large", {}),
        ("wulong-2018", "gas", "small", {}),
        ("wulong-2018", "water", "resident", {}),
        ("wushan-2021", "heat", "large", {}),
        ("wushan-2021", "power", "large", {"service_class": "380 V"}),
        ("wushan-2021", "power", "large", {"service_class": "35 kV"}),
        ("feicheng-2018", "telecom", "small", {}),
        ("feicheng-2018", "power", "large", {"service_class": "35 kV"}),
        ("feicheng-2018", "power", "large", {}),
    ],
)
def test_where_the_documents_set_no_limit_none_is_made_up(
    profile: str, utility: str, kind: str, options: dict[str, object]
) -> None:
    found = _deadline(profile, utility, kind, **options)
    assert (found.due_on, found.limit, found.unit, found.source) == (None, None, None, None)
    assert profile in found.note.zh
    assert "set no limit" in found.note.en


def test_nine_working_days_skip_spring_festival_and_count_the_make_up_saturday() -> None:
    found = _deadline("wushan-2021", "water", "small", accepted_on=date(2026, 2, 12))
    # 13, 14 (made up), 24, 25, 26, 27, 28 (made up) February, 2 and 3 March
    assert found.due_on == date(2026, 3, 3)


def test_days_that_the_text_calls_tian_are_calendar_days_even_over_a_holiday() -> None:
    found = _deadline(
        "wulong-2018", "power", "resident", service_class="220 V", accepted_on=date(2026, 2, 14)
    )
    assert found.due_on == date(2026, 2, 16)


@pytest.mark.parametrize(
    ("utility", "kind", "stages"),
    [
        ("water", "small", [1, 1, 1, 6, 1, 1]),
        ("gas", "resident", [0.5, 2, 0.5, 10, 2]),
        ("gas", "small", [0.5, 8, 0.5, 1]),
        ("heat", "large", [1, 5, 1, 15, 2]),
    ],
)
def test_the_stages_of_feicheng_add_up_to_the_whole(
    utility: str, kind: str, stages: list[float]
) -> None:
    found = _deadline("feicheng-2018", utility, kind)
    assert [stage.limit for stage in found.stages] == stages
    assert found.stages_make_whole
    assert sum(stages) == found.limit
    assert all(f"{stage.limit:g}个工作日" in stage.source.quote for stage in found.stages)
    assert "不包括施工" in found.excluded.zh
    assert "不包括施工" in found.excluded_source.quote


def test_power_stages_of_feicheng_have_their_own_limits_and_claim_no_sum() -> None:
    high = _deadline("feicheng-2018", "power", "large", service_class="10 kV")
    low = _deadline("feicheng-2018", "power", "small", service_class="380 V")
    assert [stage.limit for stage in high.stages] == [1, 5, 12, 30, 5]
    assert [stage.limit for stage in low.stages] == [1, 2, 12, 5, 2]
    assert high.average
    assert low.average
    assert not high.stages_make_whole


def test_dual_source_takes_seven_days_for_the_supply_scheme() -> None:
    found = _deadline("feicheng-2018", "power", "large", service_class="10 kV", dual_source=True)
    assert [stage.limit for stage in found.stages] == [1, 7, 12, 30, 5]
    assert found.limit == 45


def test_gas_in_wulong_runs_from_payment() -> None:
    paid = _deadline("wulong-2018", "gas", "large", paid_on=date(2026, 4, 7))
    assert paid.due_on == WORKDAYS.add(date(2026, 4, 7), 60)
    assert not paid.assumed


def test_without_a_payment_date_the_count_from_acceptance_is_labelled_an_assumption() -> None:
    found = _deadline("wulong-2018", "gas", "large")
    assert found.due_on == WORKDAYS.add(MONDAY, 60)
    assert found.assumed
    assert "假设" in found.note.zh


def test_averages_are_called_averages() -> None:
    found = _deadline("wushan-2021", "power", "large", service_class="10 kV")
    assert found.average
    assert "平均" in found.note.zh


@pytest.mark.parametrize("business", ["transfer", "suspend", "change_use", "close"])
def test_a_business_that_needs_no_line_has_no_limit(business: str) -> None:
    found = _deadline("wushan-2021", "water", "small", business=business)
    assert found.limit is None
    assert "needs no new line" in found.note.en


def test_an_application_without_a_date_keeps_its_limit_but_has_no_day() -> None:
    found = _deadline("wushan-2021", "gas", "small", accepted_on=None)
    assert (found.limit, found.due_on) == (13, None)
    assert "受理日期" in found.note.zh


def test_a_limit_into_a_year_without_published_holidays_says_so_and_guesses_nothing() -> None:
    found = _deadline("wushan-2021", "gas", "small", accepted_on=date(2026, 12, 25))
    assert (found.limit, found.due_on) == (13, None)
    assert "2027" in found.note.zh


def test_a_moment_counts_as_its_day() -> None:
    at_noon = datetime.combine(MONDAY, time(12))
    found = _deadline("wushan-2021", "gas", "small", accepted_on=at_noon)
    assert found.due_on == _deadline("wushan-2021", "gas", "small").due_on


def test_the_load_decides_where_no_class_is_given() -> None:
    small = _deadline("feicheng-2018", "power", "large", load_kva=100)
    large = _deadline("feicheng-2018", "power", "large", load_kva=101)
    allowed = _deadline("feicheng-2018", "power", "large", load_kva=160, low_voltage_kva=160)
    assert (small.limit, large.limit, allowed.limit) == (20, 45, 20)
