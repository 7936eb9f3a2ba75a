"""Late joiners: an approved plan is held, and gives way only where it must."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pandas as pd
import pytest

from planner.rules.profile import load
from planner.settings import defaults
from planner.trench import run
from planner.trench.approved import figures, hold, moved, notices
from planner.trench.build import Built
from planner.trench.run import TrenchResult

solve = partial(run.solve, profile=load("wushan-2021"))

MakeCase = Callable[..., Built]

GAS = {"utility": "gas", "owner": "燃气公司", "diameter_mm": 110.0}
CREW = [{"owner": "水务公司", "crews": 1}]
EAST = [(1, 0.0, 50.0, "left")]


def held(built: Built, dates: dict[str, str]) -> Built:
    """Return a case whose works are held at these dates."""
    rows = [{"work_id": key, "starts_on": pd.Timestamp(day)} for key, day in dates.items()]
    known = {work.id for work in built.problem.works} | {one.work_id for one in built.rejected}
    problem, notices = hold(built.problem, rows, known)
    return replace(built, problem=problem, notices=notices)


def starts(result: TrenchResult) -> dict[str, str]:
    problem = result.problem
    return {
        problem.works[work].id: problem.day(start).isoformat()
        for work, start in result.plan.starts.items()
    }


def test_an_approved_date_is_kept_though_another_would_be_cheaper(make_case: MakeCase) -> None:
    case = make_case([{"wanted": "2026-03-01"}, {**GAS, "wanted": "2026-08-01"}])
    assert len(solve(case).openings) == 1
    result = solve(held(case, {"W0": "2026-04-10"}))
    assert starts(result)["W0"] == "2026-04-10"
    assert moved(result.problem, result.plan.starts) == ()


def test_a_new_work_joins_the_approved_opening_and_does_not_move_it(make_case: MakeCase) -> None:
    result = solve(held(make_case([{}, GAS]), {"W0": "2026-06-03"}))
    assert len(result.openings) == 1
    assert starts(result) == {"W0": "2026-06-03", "W1": "2026-06-03"}


def test_a_new_emergency_that_needs_the_crew_moves_an_approved_work_as_little_as_possible(
    make_case: MakeCase,
) -> None:
    emergency = {
        "earliest": "2026-06-01", "wanted": "2026-06-01", "latest": "2026-06-10",
        "emergency": True, "on": EAST,
    }  # fmt: skip
    result = solve(held(make_case([{}, emergency], segments=2, crews=CREW), {"W0": "2026-06-03"}))
    assert starts(result) == {"W0": "2026-06-11", "W1": "2026-06-01"}
    (one,) = moved(result.problem, result.plan.starts)
    assert (one.work, one.periods) == (0, 8)
    assert figures(result.problem, result.plan.starts) == {"held": 1, "moved": 1, "moved_days": 8}
    (notice,) = notices(result.problem, result.plan.starts)
    for language in ("zh", "en"):
        text = notice.text(language)
        assert all(word in text for word in ("W0", "水务公司", "2026-06-03", "2026-06-11", "+8"))


def test_without_the_earlier_plan_the_crew_would_go_to_the_work_with_less_choice(
    make_case: MakeCase,
) -> None:
    """W1 has less choice and wants the same days; the approved W0 keeps them all the same."""
    tight = {"earliest": "2026-06-01", "wanted": "2026-06-03", "latest": "2026-07-10", "on": EAST}
    case = make_case([{"wanted": "2026-06-03"}, tight], segments=2, crews=CREW)
    assert starts(solve(case))["W1"] == "2026-06-03"
    assert starts(solve(held(case, {"W0": "2026-06-03"})))["W0"] == "2026-06-03"


@pytest.mark.parametrize(
    ("work", "road", "date", "nearest", "code"),
    [
        ({}, {}, "2026-06-03", "2026-06-03", None),
        ({"latest": "2026-03-31"}, {}, "2026-06-03", "2026-03-22", "approved_moved_window"),
        ({}, {}, "2025-11-20", "2026-02-01", "approved_moved_window"),
        ({}, {"opened_on": "2021-05-01"}, "2026-04-20", "2026-05-01", "approved_moved_closed"),
    ],
)
def test_a_date_that_is_no_longer_allowed_is_held_at_the_nearest_and_said(
    make_case: MakeCase,
    work: dict[str, Any],
    road: dict[str, Any],
    date: str,
    nearest: str,
    code: str | None,
) -> None:
    built = held(make_case([work], roads=[road]), {"W0": date})
    (one,) = built.problem.works
    assert one.held is not None
    assert built.problem.day(one.held).isoformat() == nearest
    assert [notice.code for notice in built.notices] == ([code] if code else [])
    for notice in built.notices:
        for language in ("zh", "en"):
            text = notice.text(language)
            assert all(word in text for word in ("W0", date, nearest))


def test_works_that_are_gone_are_named_and_rejected_ones_are_not_called_gone(
    make_case: MakeCase,
) -> None:
    dates = {"W0": "2026-06-03", "OLD": "2026-06-03", "W1": "2026-06-03"}
    built = held(make_case([{}, {"on": []}]), dates)
    (notice,) = built.notices
    assert (notice.code, notice.rows, notice.count) == ("approved_gone", ("OLD",), 1)


def test_a_work_fixed_in_its_own_table_stays_where_it_is(make_case: MakeCase) -> None:
    built = held(make_case([{"fixed": True, "wanted": "2026-03-02"}]), {"W0": "2026-06-03"})
    (one,) = built.problem.works
    assert one.held is None
    assert starts(solve(built)) == {"W0": "2026-03-02"}


def test_moving_costs_by_the_day_also_in_a_plan_of_weeks(make_case: MakeCase) -> None:
    case = make_case([{}], settings={"trench.period_days": 7, "trench.move_yuan_per_day": 10.0})
    (one,) = held(case, {"W0": "2026-06-03"}).problem.works
    assert one.held == 153 // 7
    assert one.start_yuan(one.held + 2) == 140.0


def test_lateness_costs_by_the_day_after_the_wanted_date_and_nothing_before(
    make_case: MakeCase,
) -> None:
    settings = {"trench.period_days": 7, "trench.late_yuan_per_day": 10.0}
    dated, undated, approved = make_case(
        [{"wanted": "2026-05-07"}, {}, {"wanted": "2026-05-07", "fixed": True}], settings=settings
    ).problem.works
    assert [dated.start_yuan(dated.wanted + late) for late in (-3, 0, 2)] == [0.0, 0.0, 140.0]
    assert undated.start_yuan(undated.latest) == 0.0
    assert approved.start_yuan(approved.wanted) == 0.0


def test_a_year_late_costs_less_than_one_set_up() -> None:
    settings = defaults()
    year = 365 * settings.number("trench.late_yuan_per_day")
    assert 0 < year < settings.number("trench.setup_yuan")


def test_of_equal_plans_the_one_nearer_to_the_wanted_date_wins(make_case: MakeCase) -> None:
    """Both works fit together from March on; the one that wants March must not wait."""
    case = make_case(
        [
            {"wanted": "2026-03-01"},
            {**GAS, "wanted": "2026-03-01", "earliest": "2026-03-01"},
        ]
    )
    assert set(starts(solve(case)).values()) == {"2026-03-01"}
