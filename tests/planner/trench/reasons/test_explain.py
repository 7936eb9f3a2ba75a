from collections.abc import Callable
from typing import Any, NamedTuple

import pandas as pd
import pytest

from geo.messages import message
from planner.trench.build import Built
from planner.trench.cost import Prices
from planner.trench.frames import reopenings_frame
from planner.trench.greedy import greedy
from planner.trench.improve import improve
from planner.trench.plan import Opening, openings
from planner.trench.reasons.explain import FORBIDDING, RULES, reopenings, sentence, unpack
from planner.trench.reasons.joining import complete, improve_joins
from planner.trench.reasons.unplaced import BARRING
from planner.trench.schedule import Schedule

MakeCase = Callable[..., Built]

JOINT = {"utility": "gas", "owner": "燃气公司", "diameter_mm": 110.0}
JUNE = {
    "event_id": "E1",
    "name": "汛期",
    "kind": "rain",
    "starts_on": "2026-05-20",
    "ends_on": "2026-07-20",
    "town": "",
    "road_class": "",
}


class Told(NamedTuple):
    """The openings of a plan and the table of its re-openings."""

    openings: tuple[Opening, ...]
    reopenings: pd.DataFrame


def solve(built: Built) -> Told:
    problem = built.problem
    schedule, failed = greedy(problem, Prices(problem))
    improve(schedule)
    assert complete(schedule, failed) == ()
    found = openings(problem, schedule.starts)
    return Told(found, reopenings_frame(problem, found, reopenings(schedule)))


def only_reason(built: Built) -> tuple[str, dict[str, Any]]:
    result = solve(built)
    assert len(result.openings) == 2
    (row,) = result.reopenings.to_dict("records")
    facts = unpack(row["facts"])
    assert row["reason"] == sentence("reopening", row["rule"], facts)
    assert "W0" in sentence("reopening", row["rule"], facts, "en")
    return row["rule"], facts


def test_works_whose_windows_overlap_share_one_opening(make_case: MakeCase) -> None:
    result = solve(make_case([{}, JOINT]))
    assert (len(result.openings), len(result.reopenings)) == (1, 0)


def test_windows_that_touch_are_enough_to_join(make_case: MakeCase) -> None:
    built = make_case(
        [
            {"earliest": "2026-02-01", "latest": "2026-02-10"},
            {**JOINT, "earliest": "2026-02-11", "latest": "2026-02-20"},
        ]
    )
    assert len(solve(built).openings) == 1


def test_windows_that_cannot_meet_are_the_reason_with_their_dates(make_case: MakeCase) -> None:
    built = make_case(
        [
            {"earliest": "2026-02-01", "latest": "2026-02-20"},
            {**JOINT, "earliest": "2026-02-22", "latest": "2026-05-31"},
        ]
    )
    rule, facts = only_reason(built)
    assert rule == "windows"
    assert facts["first"] == [["W0", "2026-02-01", "2026-02-20"]]
    assert facts["second"] == [["W1", "2026-02-22", "2026-05-31"]]


def test_an_approved_date_is_the_reason_where_the_request_would_have_allowed_more(
    make_case: MakeCase,
) -> None:
    built = make_case(
        [
            {"fixed": True, "wanted": "2026-02-01", "latest": "2026-08-31"},
            {**JOINT, "earliest": "2026-06-01"},
        ]
    )
    rule, facts = only_reason(built)
    assert rule == "fixed"
    assert facts["approved"] == [["W0", "2026-02-01"]]


def test_a_no_dig_period_between_two_windows_is_the_reason(make_case: MakeCase) -> None:
    built = make_case(
        [
            {"earliest": "2026-04-20", "latest": "2026-06-10"},
            {**JOINT, "earliest": "2026-06-01", "latest": "2026-08-31"},
        ],
        events=[JUNE],
    )
    rule, facts = only_reason(built)
    assert rule == "no_dig"
    assert "汛期" in facts["closures"]


def test_a_moratorium_is_the_reason_where_an_emergency_comes_first(make_case: MakeCase) -> None:
    built = make_case(
        [
            {"emergency": True, "earliest": "2026-02-01", "latest": "2026-02-20"},
            {**JOINT, "earliest": "2026-02-10"},
        ],
        roads=[{"opened_on": "2021-06-01"}],
    )
    rule, facts = only_reason(built)
    assert rule == "moratorium"
    assert "opened on 2021-06-01, closed for 5 years (Decree 198 art. 33)" in facts["closures"]


def test_crews_at_work_elsewhere_are_the_reason(make_case: MakeCase) -> None:
    built = make_case(
        [
            {"earliest": "2026-02-01", "latest": "2026-02-10"},
            {**JOINT, "earliest": "2026-02-01", "latest": "2026-03-15"},
            {
                **JOINT,
                "fixed": True,
                "wanted": "2026-02-01",
                "duration_days": 15.0,
                "on": [(1, 0.0, 100.0, "left")],
            },
        ],
        segments=2,
        crews=[{"owner": "燃气公司", "crews": 1}],
    )
    result = solve(built)
    assert result.reopenings["rule"].tolist() == ["crews"]
    assert unpack(result.reopenings["facts"][0])["crews"] == [["燃气公司", 1]]


def test_a_detour_under_work_is_the_reason(make_case: MakeCase) -> None:
    built = make_case(
        [
            {"earliest": "2026-02-01", "latest": "2026-02-12"},
            {
                **JOINT,
                "earliest": "2026-02-01",
                "latest": "2026-03-31",
                "on": [(0, 0.0, 100.0, "right"), (1, 0.0, 100.0, "right")],
            },
            {
                "fixed": True,
                "wanted": "2026-02-01",
                "duration_days": 25.0,
                "on": [(2, 0.0, 100.0, "left")],
            },
        ],
        segments=3,
        roads=[{}, {"detour_group": "A"}, {"detour_group": "A"}],
    )
    result = solve(built)
    assert result.reopenings["rule"].tolist() == ["detour"]
    assert unpack(result.reopenings["facts"][0])["detours"] == ["S2"]


def test_a_joining_that_would_break_a_dearer_one_is_priced(make_case: MakeCase) -> None:
    """W1 can be with W0 on the lane, or with W2 on two arterial segments, but not with both."""
    two = [(1, 0.0, 100.0, "right"), (2, 0.0, 100.0, "right")]
    built = make_case(
        [
            {"earliest": "2026-02-01", "latest": "2026-02-10"},
            {**JOINT, "on": [(0, 0.0, 100.0, "right"), *two], "duration_days": 30.0},
            {
                "utility": "power",
                "earliest": "2026-09-01",
                "latest": "2026-09-20",
                "duration_days": 20.0,
                "on": two,
            },
        ],
        segments=3,
        roads=[{"road_class": "lane"}, {"road_class": "arterial"}, {"road_class": "arterial"}],
    )
    result = solve(built)
    (row,) = result.reopenings.to_dict("records")
    assert (row["segment_id"], row["rule"]) == ("S0", "cost")
    facts: dict[str, Any] = unpack(row["facts"])
    assert facts["yuan"] > 10_000


def test_two_rules_that_forbid_only_together_are_both_named(make_case: MakeCase) -> None:
    """W1 could follow W0 in May, were it not for its crew, or end in July, but for the rains."""
    result = solve(
        make_case(
            [
                {"earliest": "2026-05-10", "latest": "2026-05-19", "duration_days": 10.0},
                {**JOINT, "earliest": "2026-05-01", "latest": "2026-08-31"},
                {
                    **JOINT,
                    "fixed": True,
                    "wanted": "2026-04-25",
                    "duration_days": 24.0,
                    "on": [(1, 0.0, 100.0, "left")],
                },
            ],
            segments=2,
            crews=[{"owner": "燃气公司", "crews": 1}],
            events=[JUNE],
        )
    )
    (row,) = result.reopenings.to_dict("records")
    assert (row["rules"], row["rule"]) == ("windows,no_dig,crews", "crews")
    assert "共同起作用的规则：时间窗、禁挖时段、施工队" in row["reason"]
    english = sentence("reopening", "crews", unpack(row["facts"]), "en")
    assert "rules that forbid it together: date windows, no-dig periods, crews" in english


def test_the_change_of_date_is_told_with_work_days_and_yuan(make_case: MakeCase) -> None:
    built = make_case(
        [
            {"earliest": "2026-02-01", "latest": "2026-02-20"},
            {**JOINT, "fixed": True, "wanted": "2026-03-03"},
        ]
    )
    (row,) = solve(built).reopenings.to_dict("records")
    change: Any = unpack(row["facts"])["change"]
    assert (row["change_work"], row["change_yuan"]) == ("W0", change["yuan"])
    assert row["change_yuan"] < 0 < row["change_days"]
    assert row["change_days"] >= 10
    saved = f"{-round(row['change_yuan']):,}"
    assert f"若 W0 能比其可开工日推迟 {row['change_days']:.0f} 天开工" in row["reason"]
    assert f"减少 {saved} 元" in row["reason"]
    english = sentence("reopening", row["rule"], unpack(row["facts"]), "en")
    assert f"{row['change_days']:.0f} days later than allowed" in english
    assert f"would fall by {saved} yuan" in english


def test_where_one_work_is_not_enough_the_whole_opening_moves(make_case: MakeCase) -> None:
    early = {"earliest": "2026-02-01", "latest": "2026-02-10"}
    late = {"earliest": "2026-09-01", "latest": "2026-09-10"}
    drain = {"utility": "drain", "owner": "排水公司", "diameter_mm": 300.0}
    built = make_case([early, {**JOINT, **early}, {**JOINT, **late}, {**drain, **late}])
    (row,) = solve(built).reopenings.to_dict("records")
    assert row["change_work"] in {"W0,W1", "W2,W3"}
    assert abs(row["change_days"]) == 202
    assert "W0、W1" in row["reason"] or "W2、W3" in row["reason"]


def test_a_section_too_wide_for_its_road_is_the_reason_and_no_date_helps(
    make_case: MakeCase,
) -> None:
    built = make_case(
        [
            {"earliest": "2026-02-01", "latest": "2026-02-10"},
            {**JOINT, "earliest": "2026-02-01", "latest": "2026-05-31"},
        ]
    )
    schedule = Schedule(built.problem, Prices(built.problem))
    schedule.add(0, built.problem.works[0].earliest)
    schedule.add(1, built.problem.works[1].latest)
    (reason,) = reopenings(schedule, fits=lambda _segment, works: len(works) < 2)
    assert (reason.rule, reason.rules) == ("width", ("windows", "width"))
    assert reason.change is None
    assert "道路宽度" in sentence("reopening", reason.rule, reason.facts)


def test_a_joining_that_the_plan_missed_is_not_passed_off_as_explained(
    make_case: MakeCase,
) -> None:
    built = make_case([{}, JOINT])
    schedule = Schedule(built.problem, Prices(built.problem))
    for work, wanted in enumerate(built.problem.works):
        schedule.add(work, wanted.earliest if work else wanted.latest)
    (reason,) = reopenings(schedule)
    assert not reason.explained
    improve_joins(schedule)
    assert reopenings(schedule) == ()


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_has_a_sentence_in_both_languages(rule: str) -> None:
    about = ["first", "second", "approved", "closures", "closures_zh", "detours", "crews"]
    facts = dict.fromkeys([*about, "yuan", "works"], "x")
    assert sentence("reopening", rule, facts, "zh") != sentence("reopening", rule, facts, "en")


@pytest.mark.parametrize("rule", dict.fromkeys((*FORBIDDING, *BARRING)))
def test_every_rule_has_a_name_in_both_languages(rule: str) -> None:
    assert message(f"rule_{rule}", "zh") != message(f"rule_{rule}", "en")
