"""Whatever is said of a work without a place is what its dates, its crew and its road say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from planner.trench.build import Built
from planner.trench.check.why import check_left_out
from planner.trench.cost import Prices
from planner.trench.frames import unplaced_frame
from planner.trench.greedy import greedy
from planner.trench.reasons.unplaced import unplaced
from planner.trench.reasons.wording import pack, sentence, unpack

MakeCase = Callable[..., Built]
BAN = {
    "event_id": "E", "name": "汛期", "kind": "rain", "starts_on": "2026-01-01",
    "ends_on": "2026-12-31", "town": "", "road_class": "",
}  # fmt: skip
TIGHT = {"earliest": "2026-02-01", "latest": "2026-02-12"}
TWO = {"segments": 2, "roads": [{"detour_group": "A"}, {"detour_group": "A"}]}
ELSEWHERE = {**TIGHT, "on": [(1, 0.0, 50.0, "left")]}
CASES: dict[str, tuple[list[dict[str, Any]], dict[str, Any]]] = {
    "no_segment": ([{"on": []}], {}),
    "dates": ([{"latest": "2026-02-05"}], {}),
    "outside": ([{"earliest": "2026-12-28", "latest": "2027-02-28"}], {}),
    "approved_outside": ([{"fixed": True, "wanted": "2025-12-30"}], {}),
    "no_crew": ([{}], {"crews": [{"owner": "水务公司", "crews": 0}]}),
    "closed": ([{}], {"events": [BAN], "roads": [{"opened_on": "2024-05-01"}]}),
    "crews": ([TIGHT, ELSEWHERE], {"segments": 2, "crews": [{"owner": "水务公司", "crews": 1}]}),
    "detour": ([TIGHT, ELSEWHERE], TWO),
}
"""By the rule that leaves the last work no place: works, and what differs from the ordinary."""


def told(built: Built) -> pd.DataFrame:
    """Return the works without a place after greedy planning, with their reasons."""
    schedule, left = greedy(built.problem, Prices(built.problem))
    return unplaced_frame(unplaced(schedule, built.rejected, left))


def failures(built: Built, frame: pd.DataFrame) -> list[str]:
    return [failure.detail for held, failure in check_left_out(built, frame) if not held]


@pytest.mark.parametrize("rule", CASES)
def test_a_true_reason_passes_and_every_false_fact_is_found(make_case: MakeCase, rule: str) -> None:
    works, changes = CASES[rule]
    built = make_case(works, **changes)
    frame = told(built)
    assert frame["rule"].tolist() == [rule]
    assert failures(built, frame) == []
    facts: dict[str, Any] = unpack(frame["facts"][0])
    for key in facts.keys() - {"rules", "change"}:
        value = facts[key]
        other = [*value, "x"] if isinstance(value, list) else f"{value}x"
        false = {**facts, key: value + 1 if isinstance(value, int) else other}
        wrong = frame.assign(facts=pack(false), reason=sentence("unplaced", rule, false))
        assert failures(built, wrong), key
    assert failures(built, frame.assign(facts=pack({**facts, "hearsay": 1})))


@pytest.mark.parametrize("rule", ["crews", "detour"])
def test_the_sentence_of_another_rule_is_found(make_case: MakeCase, rule: str) -> None:
    works, changes = CASES[rule]
    built = make_case(works, **changes)
    frame = told(built)
    for other in {"crews", "detour", "closed", "outside"} - {rule}:
        assert failures(built, frame.assign(rule=other)), other
