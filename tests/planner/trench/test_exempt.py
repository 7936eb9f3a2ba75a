"""Works that dig while closed are named with their right; the others never are."""

from collections.abc import Callable
from functools import partial

import pytest

from planner.rules.profile import load
from planner.trench import run
from planner.trench.build import Built
from planner.trench.exempt import exempt_text
from planner.trench.plan import openings

solve = partial(run.solve, profile=load("wushan-2021"))

MakeCase = Callable[..., Built]

GAS = {"utility": "gas", "owner": "燃气公司", "diameter_mm": 110.0}
NEW = {"opened_on": "2021-05-01"}


@pytest.mark.parametrize(
    ("right", "zh", "en"),
    [
        ("emergency", "W0（应急抢修", "W0 (emergency, Decree 198 art. 34)"),
        ("fixed", "W0（已批准", "W0 (approved"),
    ],
)
def test_the_work_its_right_and_the_moratorium_are_named(
    make_case: MakeCase, right: str, zh: str, en: str
) -> None:
    problem = make_case([{right: True, "wanted": "2026-04-28"}], roads=[NEW]).problem
    (opening,) = openings(problem, {0: 117})
    said = exempt_text(problem, opening, {0: 117})
    assert said.startswith(zh)
    assert "2026-01-01 ~ 2026-04-30 建成 2021-05-01" in said
    assert exempt_text(problem, opening, {0: 117}, "en").startswith(en)


def test_a_work_that_joins_after_the_moratorium_is_not_named(make_case: MakeCase) -> None:
    problem = make_case([{"emergency": True}, GAS], roads=[NEW]).problem
    (opening,) = openings(problem, {0: 117, 1: 120})
    said = exempt_text(problem, opening, {0: 117, 1: 120})
    assert "W0" in said
    assert "W1" not in said


def test_a_no_dig_period_that_ends_the_day_before_is_not_broken(make_case: MakeCase) -> None:
    exam = {
        "event_id": "E1", "name": "高考", "kind": "exam", "starts_on": "2026-06-06",
        "ends_on": "2026-06-09", "town": "", "road_class": "",
    }  # fmt: skip
    problem = make_case([{"emergency": True}], events=[exam]).problem
    first = 160
    assert problem.day(first).isoformat() == "2026-06-10"
    for start, broken in ((first - 1, True), (first, False), (first - 14, False)):
        (opening,) = openings(problem, {0: start})
        assert ("高考" in exempt_text(problem, opening, {0: start})) is broken


def test_the_table_of_openings_names_what_breaks_a_closure(make_case: MakeCase) -> None:
    case = make_case(
        [{"emergency": True, "latest": "2026-02-20"}, {**GAS, "on": [(1, 0.0, 50.0, "left")]}],
        segments=2,
        roads=[NEW],
    )
    said = dict(
        zip(*(solve(case).openings[name] for name in ("segment_id", "exempt")), strict=True)
    )
    assert "W0" in said["S0"]
    assert said["S1"] == ""
