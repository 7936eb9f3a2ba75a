"""Every plan passes, and every error planted into one is found."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from planner.checking import Checks
from planner.rules.profile import load
from planner.trench.build import Built
from planner.trench.check import check
from planner.trench.problem import Problem
from planner.trench.run import TrenchResult, solve

Problems = st.SearchStrategy[Problem]
BuiltOf = Callable[[Problem], Built]
Plans = st.SearchStrategy[tuple[Built, TrenchResult]]
MakeCase = Callable[..., Built]

TABLES = ("openings", "participants", "reopenings", "unplaced", "starts")


def verify(built: Built, result: TrenchResult, **changed: object) -> Checks:
    written = {name: getattr(result, name) for name in TABLES}
    given = {**written, "figures": result.figures, "certificate": result.certificate}
    return check(built, **{**given, **changed})


def planned(built: Built) -> TrenchResult:
    """Plan with little search: what is planned is not the matter here."""
    quick = built.problem.settings.with_user({"trench.search_effort": 0.02}, source="test")
    problem = replace(built.problem, settings=quick)
    return solve(replace(built, problem=problem), profile=load("wushan-2021"))


def rules(checks: Checks) -> set[str]:
    return {failure.rule for failure in checks.failures}


@pytest.fixture(scope="session")
def plans(problems: Problems, built_of: BuiltOf) -> Plans:
    """Return a strategy of small problems with their plan."""
    return problems.map(built_of).map(lambda built: (built, planned(built)))


@settings(deadline=None, max_examples=15)
@given(data=st.data())
def test_every_plan_passes(plans: Plans, data: st.DataObject) -> None:
    built, result = data.draw(plans)
    checks = verify(built, result)
    assert not checks.failures
    assert checks.passed > len(built.problem.works)


@settings(deadline=None, max_examples=8)
@given(data=st.data())
def test_a_start_moved_by_itself_is_always_found(plans: Plans, data: st.DataObject) -> None:
    built, result = data.draw(plans)
    assume(len(result.starts))
    row = data.draw(st.integers(0, len(result.starts) - 1))
    starts = result.starts.copy()
    shift = data.draw(st.integers(-5, 5).filter(bool))
    starts.loc[row, "period"] += shift
    assert verify(built, result, starts=starts).failures


@settings(deadline=None, max_examples=8)
@given(data=st.data())
def test_a_number_changed_in_a_table_is_always_found(plans: Plans, data: st.DataObject) -> None:
    built, result = data.draw(plans)
    assume(len(result.openings))
    table, column = data.draw(
        st.sampled_from(
            [
                ("openings", "cost_yuan"),
                ("openings", "separate_yuan"),
                ("openings", "dug_m"),
                ("openings", "days"),
                ("openings", "works"),
                ("participants", "from_m"),
                ("participants", "share_yuan"),
            ]
        )
    )
    frame = getattr(result, table).copy()
    frame.loc[data.draw(st.integers(0, len(frame) - 1)), column] += 1
    assert verify(built, result, **{table: frame}).failures


@settings(deadline=None, max_examples=8)
@given(data=st.data())
def test_a_row_left_out_or_doubled_is_always_found(plans: Plans, data: st.DataObject) -> None:
    built, result = data.draw(plans)
    filled = [name for name in TABLES if len(getattr(result, name))]
    assume(filled)
    table = data.draw(st.sampled_from(filled))
    frame = getattr(result, table)
    row = data.draw(st.integers(0, len(frame) - 1))
    without = frame.drop(index=row).reset_index(drop=True)
    doubled = pd.concat([frame, frame.iloc[[row]]], ignore_index=True)
    assert verify(built, result, **{table: without}).failures
    assert verify(built, result, **{table: doubled}).failures


@pytest.fixture(scope="module")
def case(make_case: MakeCase) -> Built:
    gas = {"utility": "gas", "owner": "燃气公司", "diameter_mm": 110.0}
    return make_case(
        [
            {"earliest": "2026-02-01", "latest": "2026-02-20"},
            {**gas, "earliest": "2026-02-01", "latest": "2026-04-30"},
            {**gas, "earliest": "2026-06-01", "latest": "2026-08-31"},
            {"on": [(1, 0.0, 80.0, "left")], "fixed": True, "wanted": "2026-02-03"},
            {"on": []},
        ],
        segments=3,
        roads=[{}, {"opened_on": "2021-06-01", "detour_group": "A"}, {"detour_group": "A"}],
        crews=[{"owner": "燃气公司", "crews": 1}],
    )


@pytest.fixture(scope="module")
def result(case: Built) -> TrenchResult:
    return planned(case)


def test_the_figures_compare_the_plan_with_digging_separately(
    case: Built, result: TrenchResult
) -> None:
    figures = result.figures
    assert (figures["status"], figures["works"], figures["unplaced"]) == ("optimal", 5, 1)
    assert (figures["openings"], figures["openings_separate"]) == (3, 4)
    assert (figures["reopenings"], figures["reopenings_explained"]) == (1, 1)
    assert (figures["dug_m"], figures["dug_separate_m"]) == (280.0, 380.0)
    assert (figures["closure_days"], figures["closure_separate_days"]) == (30, 40)
    assert figures["cost_yuan"] < figures["cost_separate_yuan"]
    assert figures["bound_yuan"] == pytest.approx(figures["cost_yuan"], abs=0.02)
    assert not verify(case, result).failures


@pytest.mark.parametrize(
    ("work", "period", "rule"),
    [
        ("W0", 30, "window"),
        ("W0", 42, "window"),
        ("W0", -1, "window"),
        ("W3", 200, "fixed"),
    ],
)
def test_a_start_outside_its_dates_is_found(
    case: Built, result: TrenchResult, work: str, period: int, rule: str
) -> None:
    starts = result.starts.copy()
    starts.loc[starts["work_id"] == work, "period"] = period
    assert rule in rules(verify(case, result, starts=starts))


def test_two_works_of_one_crew_at_once_are_found(make_case: MakeCase) -> None:
    plain = {"earliest": "2026-02-01", "latest": "2026-03-31"}
    built = make_case(
        [plain, {**plain, "on": [(1, 0.0, 50.0, "left")]}],
        segments=2,
        crews=[{"owner": "水务公司", "crews": 1}],
    )
    result = planned(built)
    starts = result.starts.assign(period=40)
    assert "crews" in rules(verify(built, result, starts=starts))


def test_a_road_and_its_detour_open_at_once_are_found(make_case: MakeCase) -> None:
    plain = {"earliest": "2026-02-01", "latest": "2026-03-31"}
    built = make_case(
        [plain, {**plain, "on": [(1, 0.0, 50.0, "left")]}],
        segments=2,
        roads=[{"detour_group": "A"}, {"detour_group": "A"}],
    )
    result = planned(built)
    assert "detour" in rules(verify(built, result, starts=result.starts.assign(period=40)))


@pytest.mark.parametrize("rule", ["moratorium", "no_dig"])
def test_digging_in_a_closed_period_is_found(make_case: MakeCase, rule: str) -> None:
    event = {
        "event_id": "E", "name": "汛期", "kind": "rain", "starts_on": "2026-01-01",
        "ends_on": "2026-05-31", "town": "", "road_class": "",
    }  # fmt: skip
    built = make_case(
        [{}],
        roads=[{"opened_on": "2021-06-01"}] if rule == "moratorium" else [],
        events=[event] if rule == "no_dig" else [],
    )
    result = planned(built)
    starts = result.starts.assign(period=100)
    assert rule in rules(verify(built, result, starts=starts))


BAN = {
    "event_id": "E", "name": "汛期", "kind": "rain", "starts_on": "2026-01-01",
    "ends_on": "2026-12-31", "town": "城关镇", "road_class": "支路",
}  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "work", "case"),
    [
        ("moratorium", {}, {"roads": [{"overhauled_on": "2024-06-01"}]}),
        ("no_dig", {}, {"events": [BAN]}),
        ("crews", {}, {"crews": [{"owner": "水务公司", "crews": 0}]}),
        ("window", {"latest": "2026-02-05"}, {}),
        ("window", {"earliest": "2026-11-01"}, {}),
    ],
)
def test_what_the_problem_overlooked_is_found_in_the_inputs(
    make_case: MakeCase, rule: str, work: dict[str, str], case: dict[str, Any]
) -> None:
    """A plan of a laxer problem is held against the tables of the true one."""
    lax, true = make_case([{}]), make_case([work], **case)
    checks = verify(replace(lax, inputs=true.inputs, segments=true.segments), planned(lax))
    assert rules(checks) == {rule}


@pytest.mark.parametrize("exempt", ["fixed", "emergency"])
def test_the_inputs_let_approved_and_emergency_works_break_closures(
    make_case: MakeCase, exempt: str
) -> None:
    built = make_case([{exempt: True}], roads=[{"opened_on": "2024-06-01"}], events=[BAN])
    assert not verify(built, planned(built)).failures


def test_a_false_reason_is_found(case: Built, result: TrenchResult) -> None:
    (row,) = result.reopenings.index
    assert result.reopenings.loc[row, "rule"] == "windows"
    words = result.reopenings.copy()
    words.loc[row, "reason"] = "时间窗不能相接"
    assert "reason" in rules(verify(case, result, reopenings=words))
    other = result.reopenings.copy()
    other.loc[row, "rule"] = "weather"
    assert "reason" in rules(verify(case, result, reopenings=other))


def test_a_reason_that_does_not_hold_is_found(make_case: MakeCase) -> None:
    """Two works that could meet, planned apart by hand, with windows given as the reason."""
    apart = [
        {"earliest": "2026-02-01", "latest": "2026-02-20"},
        {"earliest": "2026-06-01", "latest": "2026-08-31"},
    ]
    wide = [{"earliest": "2026-02-01", "latest": "2026-08-31"}] * 2
    result = planned(make_case(apart))
    built = make_case(wide)
    assert rules(verify(built, result)) == {"certificate", "reason"}


@pytest.mark.parametrize(
    "name",
    [
        "works", "unplaced", "segments", "openings", "openings_separate", "reopenings",
        "reopenings_explained", "cost_yuan", "cost_separate_yuan", "dug_m", "dug_separate_m",
        "closure_days", "closure_separate_days",
    ],
)  # fmt: skip
def test_a_wrong_figure_is_found(case: Built, result: TrenchResult, name: str) -> None:
    figures = {**result.figures, name: float(str(result.figures[name])) + 1}
    assert "figures" in rules(verify(case, result, figures=figures))
    missing = {key: value for key, value in result.figures.items() if key != name}
    assert "figures" in rules(verify(case, result, figures=missing))


def test_a_bound_above_the_cost_is_found(case: Built, result: TrenchResult) -> None:
    figures = {**result.figures, "bound_yuan": float(str(result.figures["cost_yuan"])) + 1}
    assert "bound" in rules(verify(case, result, figures=figures))


def test_a_rejected_work_that_is_planned_or_forgotten_is_found(
    case: Built, result: TrenchResult
) -> None:
    extra = pd.DataFrame({"work_id": ["W4"], "period": [50]})
    starts = pd.concat([result.starts, extra], ignore_index=True)
    assert "account" in rules(verify(case, result, starts=starts))
    assert "account" in rules(verify(case, result, unplaced=result.unplaced.iloc[:0]))


def test_a_plan_read_back_with_other_date_units_still_passes(
    case: Built, result: TrenchResult
) -> None:
    dates = {"starts_on": "datetime64[ms]", "ends_on": "datetime64[ms]"}
    read = {name: getattr(result, name).astype(dates) for name in ("openings", "participants")}
    assert not verify(case, result, **read).failures
