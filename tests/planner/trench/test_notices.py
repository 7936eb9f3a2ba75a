"""What a plan as a whole did not try or could not reach is said to its reader."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from planner.trench.build import Built
from planner.trench.notices import notices
from planner.trench.plan import Plan

MakeCase = Callable[..., Built]


@pytest.mark.parametrize(("most", "told"), [(1, ["robustness_not_replanned"]), (2, [])])
def test_robustness_that_only_keeps_the_dates_is_said(
    make_case: MakeCase, most: int, told: list[str]
) -> None:
    problem = make_case([{}, {}], settings={"trench.robust_most_works": most}).problem
    found = list(notices(problem, Plan({0: 40, 1: 40})))
    assert [note.code for note in found] == told
    for note in found:
        assert "2" in note.text("zh")
        assert "trench.robust_most_works" in note.text("en")


PAST = {"earliest": "2024-02-01", "latest": "2024-03-31"}
LATER = {"earliest": "2027-02-01", "latest": "2027-03-31"}


@pytest.mark.parametrize(
    ("works", "numbers"),
    [
        ([PAST, PAST, {}], ("3", "2", "2")),
        ([PAST, LATER, {}], ("3", "2", "1")),
        ([PAST, LATER, {"fixed": True, "wanted": "2025-06-01"}], ("3", "3", "2")),
        ([PAST, {}], None),
        ([{}, {}, {"on": []}], None),
    ],
)
def test_a_plan_whose_days_miss_most_works_says_so(
    make_case: MakeCase, works: list[dict[str, object]], numbers: tuple[str, str, str] | None
) -> None:
    built = make_case(works)
    plan = Plan(dict.fromkeys(range(len(built.problem.works)), 40), built.rejected)
    found = list(notices(built.problem, plan))
    if numbers is None:
        assert not found
    else:
        (note,) = found
        assert tuple(note.facts[key] for key in ("works", "missed", "past")) == numbers
        assert note.count == int(numbers[1])
        assert "2026-01-01" in note.text("zh")
        assert "2026-12-31" in note.text("en")


def test_a_moved_approved_date_is_among_the_notices(make_case: MakeCase) -> None:
    problem = make_case([{}]).problem
    held = replace(problem, works=(replace(problem.works[0], held=50),))
    assert [note.code for note in notices(held, Plan({0: 60}))] == ["approved_moved"]
