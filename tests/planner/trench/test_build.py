from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from geo.errors import InputError
from planner.trench.build import Built
from planner.trench.problem import Rejected, Stretch, Work
from planner.trench.reasons.explain import sentence

MakeCase = Callable[..., Built]


def only(built: Built) -> Work:
    (work,) = built.problem.works
    return work


def rejected(built: Built) -> Rejected:
    assert not built.problem.works
    (one,) = built.rejected
    return one


def test_the_window_runs_from_the_first_day_to_a_finish_on_the_last(make_case: MakeCase) -> None:
    work = only(make_case([{"earliest": "2026-01-11", "latest": "2026-01-31"}]))
    assert (work.earliest, work.latest, work.span) == (10, 21, 10)


def test_weeks_are_counted_inwards_so_that_no_date_is_broken(make_case: MakeCase) -> None:
    built = make_case(
        [{"earliest": "2026-01-02", "latest": "2026-02-03", "duration_days": 8.0}],
        settings={"trench.period_days": 7},
    )
    work = only(built)
    assert built.problem.periods == 52
    assert (work.earliest, work.span, work.latest) == (1, 2, 2)


@pytest.mark.parametrize(("wanted", "expected"), [("2026-03-01", 59), (None, 31), (pd.NaT, 31)])
def test_the_wanted_start_is_kept_and_without_one_the_earliest_counts(
    make_case: MakeCase, wanted: object, expected: int
) -> None:
    assert only(make_case([{"wanted": wanted}])).wanted == expected


@pytest.mark.parametrize("missing", [None, float("nan"), pd.NA])
def test_a_missing_duration_comes_from_length_and_rate(
    make_case: MakeCase, missing: object
) -> None:
    settings = {"trench.rate_m_per_day": 25.0, "trench.base_days": 2.0}
    assert only(make_case([{"duration_days": missing}], settings=settings)).span == 6


def test_an_approved_work_keeps_its_date_though_its_window_says_otherwise(
    make_case: MakeCase,
) -> None:
    work = only(make_case([{"fixed": True, "wanted": "2026-01-15"}]))
    assert (work.fixed, work.wanted, work.earliest) == (True, 14, 14)


def test_a_trenchless_work_opens_only_its_pits_for_the_whole_time(make_case: MakeCase) -> None:
    on = [(0, 10.0, 100.0, "left"), (1, 0.0, 100.0, "left"), (2, 0.0, 50.0, "left")]
    work = only(make_case([{"method": "trenchless", "on": on}], segments=3))
    assert [(task.segment, task.lag, task.duration) for task in work.tasks] == [
        (0, 0, 10),
        (2, 0, 10),
    ]
    assert work.tasks[1].stretches == (Stretch(45.0, 50.0, "left"),)


def test_crews_limit_only_the_owners_that_are_listed(make_case: MakeCase) -> None:
    built = make_case([{}, {"owner": "燃气公司"}], crews=[{"owner": "水务公司", "crews": 1}])
    assert [work.crew for work in built.problem.works] == ["水务公司", ""]


def test_segments_of_one_detour_group_conflict_when_they_belong_to_different_roads(
    make_case: MakeCase,
) -> None:
    roads = [
        {"detour_group": "A", "name": "环路"},
        {"detour_group": "A", "name": "环路"},
        {"detour_group": "A", "name": "老街"},
        {"detour_group": "", "name": "新街"},
    ]
    assert make_case([], segments=4, roads=roads).problem.conflicts == ((0, 2), (1, 2))


@pytest.mark.parametrize(
    ("rule", "work", "case"),
    [
        ("no_segment", {"on": []}, {}),
        ("dates", {"earliest": "2026-03-01", "latest": "2026-03-09"}, {}),
        ("dates", {"earliest": "2026-03-09", "latest": "2026-03-01"}, {}),
        ("outside", {"earliest": "2025-03-01", "latest": "2025-04-30"}, {}),
        ("outside", {"earliest": "2026-12-28", "latest": "2027-02-28"}, {}),
        ("approved_outside", {"fixed": True, "wanted": "2025-12-30"}, {}),
        ("no_crew", {}, {"crews": [{"owner": "水务公司", "crews": 0}]}),
        ("closed", {}, {"roads": [{"opened_on": "2024-05-01"}]}),
    ],
)
def test_what_cannot_be_planned_is_rejected_with_a_sentence(
    make_case: MakeCase, rule: str, work: dict[str, Any], case: dict[str, Any]
) -> None:
    one = rejected(make_case([work], **case))
    assert one.rule == rule
    for language in ("zh", "en"):
        text = sentence("unplaced", one.rule, one.facts, language)
        assert "W0" in text
        assert "{" not in text


def test_the_rejection_of_a_closed_work_names_the_segment_and_the_cause(
    make_case: MakeCase,
) -> None:
    one = rejected(make_case([{}], roads=[{"opened_on": "2024-05-01"}]))
    assert one.facts["closures"] == (
        "2026-01-01 ~ 2026-12-31 opened on 2024-05-01, closed for 5 years (Decree 198 art. 33) [S0]"
    )
    assert one.facts["closures_zh"] == (
        "2026-01-01 ~ 2026-12-31 建成 2024-05-01，5 年内（国务院令第198号第33条） [S0]"
    )


@pytest.mark.parametrize("exempt", ["fixed", "emergency"])
def test_approved_and_emergency_works_break_a_moratorium(make_case: MakeCase, exempt: str) -> None:
    built = make_case([{exempt: True}], roads=[{"opened_on": "2024-05-01"}])
    assert len(built.problem.works) == 1


def test_every_work_is_either_planned_or_rejected(make_case: MakeCase) -> None:
    built = make_case([{}, {"on": []}, {"latest": "2026-02-03"}, {}])
    assert [work.id for work in built.problem.works] == ["W0", "W3"]
    assert [one.work_id for one in built.rejected] == ["W1", "W2"]


def test_two_works_of_one_id_are_refused(make_case: MakeCase) -> None:
    with pytest.raises(InputError, match="same id"):
        make_case([{"work_id": "A"}, {"work_id": "A"}])


def test_a_plan_shorter_than_a_period_is_refused(make_case: MakeCase) -> None:
    with pytest.raises(InputError, match="days"):
        make_case([{}], days=6, settings={"trench.period_days": 7})
