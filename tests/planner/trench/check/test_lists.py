from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.checking import Checks
from planner.rules.citation import Words
from planner.trench.build import Built
from planner.trench.check.lists import check_lists, check_prices
from planner.trench.cost import Prices
from planner.trench.deciding.encounters import encounters, explained_yuan
from planner.trench.deciding.lists import (
    crew_prices_frame,
    decisions_frame,
    robustness_frame,
    segment_plan_yuan,
    segment_prices_frame,
    splits_frame,
)
from planner.trench.deciding.replanning import repaired
from planner.trench.deciding.robustness import robustness
from planner.trench.deciding.splitting import Threshold, split_works
from planner.trench.frames import reopenings_frame
from planner.trench.greedy import greedy
from planner.trench.plan import Opening, openings
from planner.trench.problem import Problem
from planner.trench.reasons.explain import Reopening
from planner.trench.reasons.joining import Fits, fits_always
from planner.trench.reasons.wording import pack, unpack

MakeCase = Callable[..., Built]

EVERYTHING = frozenset({"water", "gas", "power", "heat"})
KNOWN = (
    Threshold(code="planning", measure="length", limit=60.0, utilities=EVERYTHING,
              clause=Words("某办法第一条", "a rule, art. 1")),
    Threshold(code="permit", measure="cost", limit=90000.0, utilities=EVERYTHING,
              clause=Words("某办法第二条", "a rule, art. 2")),
)  # fmt: skip


@dataclass(frozen=True)
class Lists:
    problem: Problem
    segments: gpd.GeoDataFrame
    starts: Mapping[str, int]
    tables: Mapping[str, pd.DataFrame]
    fits: Fits

    def check(self, **changes: pd.DataFrame) -> Checks:
        tables: dict[str, Any] = {**self.tables, **changes}
        return check_lists(
            self.problem, self.segments, self.starts, thresholds=KNOWN, fits=self.fits, **tables
        )


def lists_of(
    problem: Problem,
    segments: gpd.GeoDataFrame,
    starts: Mapping[int, int],
    reasons: Callable[..., tuple[Reopening, ...]] = lambda _found: (),
    *,
    fits: Fits = fits_always,
) -> Lists:
    prices, found = Prices(problem), openings(problem, starts)
    why = reasons(found)
    met = encounters(
        problem, starts, found, prices, segments, added_yuan=explained_yuan(why), fits=fits
    )
    tried = robustness(problem, starts, replan=repaired)
    tables = {
        "decisions": decisions_frame(problem, found, met),
        "splits": splits_frame(problem, split_works(problem, prices, segments, KNOWN)),
        "robustness": robustness_frame(problem, starts, found, tried),
        "reopenings": reopenings_frame(problem, found, why),
    }
    ids = {problem.works[work].id: start for work, start in starts.items()}
    return Lists(problem, segments, ids, tables, fits)


@given(data=st.data())
@settings(max_examples=80, deadline=None)
def test_the_lists_of_any_plan_are_found_right(
    data: st.DataObject,
    problems: st.SearchStrategy[Problem],
    built_of: Callable[[Problem], Built],
) -> None:
    built = built_of(data.draw(problems))
    starts = greedy(built.problem, Prices(built.problem))[0].starts
    most = data.draw(st.sampled_from([1, 2, 7]))
    lists = lists_of(
        built.problem, built.segments, starts, fits=lambda _segment, works: len(works) <= most
    )
    assert lists.check().failures == ()


@pytest.fixture(scope="module")
def lists(make_case: MakeCase) -> Lists:
    march, on = {"wanted": "2026-03-01"}, [(0, 0.0, 50.0, "right")]
    gas = {"utility": "gas", "owner": "燃气公司", "diameter_mm": 110.0}
    built = make_case(
        [
            {**march, "on": on},
            {**gas, **march, "on": [*on, (1, 0.0, 50.0, "right")]},
            {"utility": "power", "owner": "供电公司", "on": on, **march},
            {**march, "on": [(0, 55.0, 100.0, "right")]},
            {**gas, "owner": "燃气二公司", "on": [(2, 5.0, 60.0, "left")]},
            {"utility": "power", "owner": "供电公司", "on": [(1, 60.0, 100.0, "left")]},
            {"fixed": True, "wanted": "2026-08-01", "on": [(3, 50.0, 90.0, "left")]},
            {**gas, "fixed": True, "wanted": "2026-08-06", "on": [(4, 50.0, 90.0, "left")]},
        ],
        segments=5,
        roads=[{}, {}, {}, {"detour_group": "D"}, {"detour_group": "D"}],
    )
    starts = {0: 59, 1: 59, 2: 120, 3: 119, 4: 200, 5: 205, 6: 212, 7: 217}

    def reasons(found: Sequence[Opening]) -> tuple[Reopening, ...]:
        subject = {"first": "", "second": "", "works": 2, "moves": {}}
        return (Reopening(found[0], found[1], "cost", {**subject, "yuan": 1234}),)

    return lists_of(built.problem, built.segments, starts, reasons)


def test_the_case_holds_every_kind_of_row_and_the_check_agrees(lists: Lists) -> None:
    rules = set(lists.tables["decisions"]["rule"])
    assert rules >= {"wanted", "costs", "detour", "junction_overlap"}
    assert not lists.tables["splits"].empty
    assert set(lists.tables["robustness"]["mode"]) == {"kept", "replanned"}
    found = lists.check()
    assert found.failures == ()
    assert found.passed > 100


def _spoilt(value: object) -> object:
    if isinstance(value, bool):
        return not value
    if isinstance(value, pd.Timestamp):
        return value + pd.Timedelta(days=1)
    if isinstance(value, (int, float)):
        return value + 1
    return f"{value}x"


IDS = {"decision_id", "split_id"}
"""Numbers of rows: they claim nothing."""


@pytest.mark.parametrize("table", ["decisions", "splits", "robustness"])
def test_every_cell_that_is_changed_is_found(lists: Lists, table: str) -> None:
    frame = lists.tables[table]
    for column in frame.columns.difference([*IDS, "facts"]):
        for row in range(len(frame)):
            values = frame[column].tolist()
            values[row] = _spoilt(values[row])
            spoilt = frame.assign(**{column: pd.Series(values, dtype=frame[column].dtype)})
            assert lists.check(**{table: spoilt}).failures, f"{table}.{column} of row {row}"


@pytest.mark.parametrize("table", ["decisions", "splits", "robustness"])
def test_a_row_that_is_missing_or_there_twice_is_found(lists: Lists, table: str) -> None:
    frame = lists.tables[table]
    kept = frame if table != "robustness" else frame[frame["mode"] == "kept"]
    for row in kept.index:
        assert lists.check(**{table: frame.drop(index=row)}).failures
    for row in frame.index:
        twice = pd.concat([frame, frame.loc[[row]]], ignore_index=True)
        assert lists.check(**{table: twice}).failures


@pytest.mark.parametrize(
    ("table", "fact"),
    [
        *(("decisions", name) for name in (
            "segment", "works", "owner", "opening", "starts", "ends", "other_segment", "others",
            "other_owner", "other_starts", "other_ends", "days_between", "days",
            "places", "yuan", "cost", "explained",
        )),
        *(("splits", name) for name in (
            "owner", "works", "segments", "threshold", "together", "clause_zh", "clause",
        )),
        *(("robustness", name) for name in (
            "openings", "survive", "same_dates", "violations", "unplaced", "owner", "owners",
            "tested", "yuan", "percent", "faults", "broken", "moved", "left_out",
        )),
    ],
)  # fmt: skip
def test_every_fact_that_is_changed_is_found(lists: Lists, table: str, fact: str) -> None:
    frame = lists.tables[table]
    told = [(row, unpack(text)) for row, text in enumerate(frame["facts"])]
    named = [(row, facts) for row, facts in told if fact in facts]
    assert named
    for row, facts in named:
        cells = frame["facts"].tolist()
        cells[row] = pack({**facts, fact: _spoilt(facts[fact])})
        assert lists.check(**{table: frame.assign(facts=cells)}).failures, f"row {row}"


@pytest.mark.parametrize("table", ["decisions", "splits", "robustness"])
def test_a_fact_that_nobody_asked_for_or_that_is_lost_is_found(lists: Lists, table: str) -> None:
    frame = lists.tables[table]
    for row in range(len(frame)):
        facts = unpack(frame["facts"].iloc[row])
        lost = next(iter(facts))
        for changed in ({**facts, "hearsay": 1}, {k: v for k, v in facts.items() if k != lost}):
            cells = frame["facts"].tolist()
            cells[row] = pack(changed)
            assert lists.check(**{table: frame.assign(facts=cells)}).failures, f"row {row}"


def test_rows_out_of_order_are_found(lists: Lists) -> None:
    frame = lists.tables["decisions"]
    assert frame["saving_yuan"].iloc[0] > frame["saving_yuan"].iloc[-1]
    assert lists.check(decisions=frame.iloc[::-1].reset_index(drop=True)).failures


def test_a_price_said_to_come_from_a_reason_must_stand_there(lists: Lists) -> None:
    empty = lists.tables["reopenings"].iloc[:0]
    assert any(failure.rule == "decisions" for failure in lists.check(reopenings=empty).failures)


def test_a_work_that_is_said_to_stay_but_moved_is_found(lists: Lists) -> None:
    frame = lists.tables["robustness"]
    for row in range(len(frame)):
        facts = unpack(frame["facts"].iloc[row])
        moved = facts["moved"]
        assert isinstance(moved, dict)
        owner = frame["owner"].iloc[row]
        key = "W4" if owner != "燃气二公司" else "W5"
        cells = frame["facts"].tolist()
        cells[row] = pack({**facts, "moved": {**moved, key: 0}})
        assert lists.check(robustness=frame.assign(facts=cells)).failures, f"row {row}"


@pytest.fixture
def priced(make_case: MakeCase) -> tuple[Problem, dict[str, int], dict[str, Any]]:
    problem = replace(
        make_case([{}, {"on": [(1, 0.0, 100.0, "right")]}], segments=2).problem, periods=30
    )
    starts = {0: 5, 1: 10}
    milli = {"水务公司": np.arange(30, dtype=np.int64) * 100}
    plan_yuan = segment_plan_yuan(Prices(problem), openings(problem, starts))
    tables = {
        "crew_prices": crew_prices_frame(problem, milli),
        "segment_prices": segment_prices_frame(problem, plan_yuan, {0: 50.0}),
        "milli_yuan": milli,
    }
    return problem, {"W0": 5, "W1": 10}, tables


def test_shadow_prices_are_found_right_and_every_changed_cell_wrong(
    priced: tuple[Problem, dict[str, int], dict[str, Any]],
) -> None:
    problem, starts, tables = priced
    assert check_prices(problem, starts, **tables).failures == ()
    for table in ("crew_prices", "segment_prices"):
        frame = tables[table]
        for column in frame.columns:
            for row in range(len(frame)):
                values = frame[column].tolist()
                values[row] = _spoilt(values[row])
                spoilt = frame.assign(**{column: values})
                found = check_prices(problem, starts, **{**tables, table: spoilt})
                assert found.failures, f"{table}.{column} of row {row}"
        for row in frame.index:
            found = check_prices(problem, starts, **{**tables, table: frame.drop(index=row)})
            assert found.failures
