from collections.abc import Callable
from typing import Any

import pytest

from planner.trench.build import Built
from planner.trench.explain import RULES, sentence, unpack
from planner.trench.run import solve

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
    assert facts["first"] == "W0 (2026-02-01 ~ 2026-02-20)"
    assert facts["second"] == "W1 (2026-02-22 ~ 2026-05-31)"


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
    assert facts["approved"] == "W0 (2026-02-01)"


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
    assert "opened_on 2021-06-01" in facts["closures"]


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
    assert unpack(result.reopenings["facts"][0])["crews"] == "燃气公司 (1)"


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
    assert unpack(result.reopenings["facts"][0])["detours"] == "S2"


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
    assert unpack(row["facts"])["yuan"] > 10_000


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_has_a_sentence_in_both_languages(rule: str) -> None:
    facts = dict.fromkeys(
        ["first", "second", "approved", "closures", "closures_zh", "detours", "crews", "yuan"], "x"
    )
    assert sentence("reopening", rule, facts, "zh") != sentence("reopening", rule, facts, "en")
