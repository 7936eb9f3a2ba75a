import json
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from layers.tables import OPENINGS, PARTICIPANTS, REOPENINGS, STARTS, UNPLACED
from planner.rules.profile import load
from planner.settings import defaults
from planner.trench import run
from planner.trench.build import Built
from planner.trench.check.plan import check_starts
from planner.trench.cost import Prices
from planner.trench.greedy import greedy
from planner.trench.improve import improve
from planner.trench.problem import Closed, Problem, Segment, Task, Work

solve = partial(run.solve, profile=load("wushan-2021"))

MakeCase = Callable[..., Built]
GAS = {"utility": "gas", "owner": "燃气公司", "diameter_mm": 110.0}


def test_tables_have_the_declared_columns_also_when_nothing_is_planned(
    make_case: MakeCase,
) -> None:
    for built in (make_case([]), make_case([{}, GAS, {"on": []}])):
        result = solve(built)
        assert list(result.openings.columns) == [*OPENINGS.names, "geometry"]
        assert list(result.participants.columns) == list(PARTICIPANTS.names)
        assert list(result.reopenings.columns) == list(REOPENINGS.names)
        assert list(result.unplaced.columns) == list(UNPLACED.names)
        assert list(result.starts.columns) == list(STARTS.names)
        assert result.openings["starts_on"].dtype == "datetime64[ns]"
        assert result.openings.crs == built.segments.crs


def test_a_study_without_works_has_an_empty_plan(make_case: MakeCase) -> None:
    result = solve(make_case([]))
    assert result.status == "empty"
    assert result.figures["cost_yuan"] == result.figures["cost_separate_yuan"] == 0


def test_an_opening_shows_who_digs_where_and_when(make_case: MakeCase) -> None:
    window = {"earliest": "2026-03-01", "latest": "2026-03-10"}
    built = make_case(
        [
            {**window, "on": [(0, 10.0, 60.0, "left")]},
            {**GAS, **window, "on": [(0, 30.0, 90.0, "left")]},
        ]
    )
    result = solve(built, permits=lambda _problem, _opening: "挖掘许可")
    (row,) = result.openings.to_dict("records")
    assert row["opening_id"] == "S0-1"
    assert (row["starts_on"], row["ends_on"]) == (
        pd.Timestamp("2026-03-01"),
        pd.Timestamp("2026-03-10"),
    )
    assert (row["days"], row["utilities"], row["owners"]) == (10, "water,gas", "水务公司、燃气公司")
    assert (row["joint"], row["works"], row["dug_m"]) == (True, 2, 80.0)
    assert row["permits"] == "挖掘许可"
    assert row["cost_yuan"] < row["separate_yuan"]
    assert min(row["width_m"], row["volume_m3"], row["area_m2"]) > 0
    assert row["geometry"].bounds == (10.0, 0.0, 90.0, 0.0)
    assert result.participants["share_yuan"].sum() == pytest.approx(row["cost_yuan"])
    assert result.participants["work_id"].tolist() == ["W0", "W1"]


def test_a_joint_opening_is_as_wide_as_its_widest_section(make_case: MakeCase) -> None:
    alone = solve(make_case([{}])).openings["width_m"].item()
    both = solve(make_case([{}, GAS])).openings["width_m"].item()
    assert both > alone


def test_the_same_problem_gives_the_same_plan(make_case: MakeCase) -> None:
    works = [{}, GAS, {"utility": "heat", "earliest": "2026-05-01"}, {**GAS, "owner": "另一家"}]
    one, other = solve(make_case(works)), solve(make_case(works))
    pd.testing.assert_frame_equal(one.starts, other.starts)


def test_an_unjoined_work_keeps_its_wanted_start(make_case: MakeCase) -> None:
    result = solve(make_case([{"wanted": "2026-04-15"}]))
    assert result.openings["starts_on"].tolist() == [pd.Timestamp("2026-04-15")]


def test_a_work_that_finds_no_crew_is_named_and_not_dropped(make_case: MakeCase) -> None:
    tight = {"earliest": "2026-02-01", "latest": "2026-02-15"}
    built = make_case(
        [tight, {**tight, "on": [(1, 0.0, 50.0, "left")]}],
        segments=2,
        crews=[{"owner": "水务公司", "crews": 1}],
    )
    result = solve(built)
    (row,) = result.unplaced.to_dict("records")
    assert (len(result.starts), row["rule"]) == (1, "crews")
    assert "水务公司（1）" in row["reason"]


@pytest.mark.parametrize(("retries", "unplaced"), [(0, 1), (4, 0)])
def test_works_that_found_no_place_are_tried_first_the_next_time(
    make_case: MakeCase, retries: int, unplaced: int
) -> None:
    """W0 has less choice, comes first, and on its wanted date leaves no crew for W1."""
    built = make_case(
        [
            {"earliest": "2026-02-01", "latest": "2026-02-14", "wanted": "2026-02-05"},
            {
                "earliest": "2026-02-04",
                "latest": "2026-03-24",
                "wanted": "2026-02-13",
                "duration_days": 40.0,
                "on": [(1, 0.0, 50.0, "left")],
            },
        ],
        segments=2,
        crews=[{"owner": "水务公司", "crews": 1}],
        settings={"trench.insertion_retries": retries},
    )
    _, failed = greedy(built.problem, Prices(built.problem))
    assert len(failed) == unplaced
    assert solve(built).figures["unplaced"] == 0


def test_progress_runs_from_nothing_to_all(make_case: MakeCase) -> None:
    told: list[float] = []
    solve(make_case([{}]), progress=lambda _topic, share: told.append(share))
    assert told == sorted(told)
    assert (told[0], told[-1]) == (0.0, 1.0)


def _exchange(case: dict[str, Any]) -> Problem:
    place = {segment["id"]: n for n, segment in enumerate(case["segments"])}
    segments = tuple(
        Segment(
            id=segment["id"],
            length_m=0.0,
            opening_yuan=segment["opening_yuan"],
            open_period_yuan=segment["open_period_yuan"],
            closed=tuple(Closed(t, t, "no_dig", "blocked") for t in segment["blocked"]),
        )
        for segment in case["segments"]
    )
    works = tuple(
        Work(
            id=work["id"],
            utility=work["utility"],
            owner=work["utility"],
            line=None,
            tasks=tuple(Task(place[key], (), 0, work["duration"]) for key in work["segments"]),
            earliest=work["earliest"],
            wanted=work["earliest"],
            latest=work["latest"],
            crew=work["utility"],
        )
        for work in case["works"]
    )
    return Problem(
        start=date(2026, 1, 1),
        period_days=7,
        periods=case["periods"],
        segments=segments,
        works=works,
        crews=case["crews"],
        conflicts=tuple((place[one], place[other]) for one, other in case["conflicts"]),
        settings=defaults(),
    )


def _plan(path: Path) -> tuple[Problem, dict[str, int], float, list[int]]:
    problem = _exchange(json.loads(path.read_text(encoding="utf-8")))
    schedule, failed = greedy(problem, Prices(problem))
    improve(schedule)
    starts = {problem.works[work].id: start for work, start in schedule.starts.items()}
    return problem, starts, schedule.cost_yuan(), failed


def test_no_plan_is_cheaper_than_the_proven_optimum_of_the_exchange_format(
    shared_data: Path,
) -> None:
    paths = sorted((shared_data / "trench" / "tiny").glob("*.json"))
    assert paths
    for path in paths:
        problem, starts, cost, failed = _plan(path)
        assert all(held for held, _ in check_starts(problem, starts))
        if not failed:
            optimum = json.loads(path.read_text(encoding="utf-8"))["optimum_yuan"]
            assert optimum <= cost <= 1.5 * optimum


def test_a_hundred_loose_works_cost_no_more_than_by_the_published_insertion(
    shared_data: Path,
) -> None:
    problem, starts, cost, failed = _plan(shared_data / "trench" / "works-100-1.json")
    assert not failed
    assert all(held for held, _ in check_starts(problem, starts))
    assert cost < 1_934_623
