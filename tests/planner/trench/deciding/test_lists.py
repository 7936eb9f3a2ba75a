from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from layers.tables import CREW_PRICES, DECISIONS, ROBUSTNESS, SEGMENT_PRICES, SPLITS
from planner.rules.profile import load
from planner.trench.build import Built
from planner.trench.cost import Prices
from planner.trench.deciding.encounters import KIND_OF, encounters
from planner.trench.deciding.lists import (
    crew_prices_frame,
    decisions_frame,
    robustness_frame,
    segment_plan_yuan,
    segment_prices_frame,
    splits_frame,
)
from planner.trench.deciding.replanning import repaired
from planner.trench.deciding.robustness import Robustness, robustness
from planner.trench.deciding.splitting import split_works, thresholds
from planner.trench.plan import openings
from planner.trench.reasons.wording import sentence, unpack

MakeCase = Callable[..., Built]

GAS = {"utility": "gas", "owner": "燃气公司", "diameter_mm": 110.0}


def test_tables_have_the_declared_columns_also_when_there_is_nothing_to_list(
    make_case: MakeCase,
) -> None:
    problem = make_case([]).problem
    none = Robustness(outcomes=(), owners=0, tested=0, replanned=False)
    for table, frame in (
        (DECISIONS, decisions_frame(problem, (), ())),
        (SPLITS, splits_frame(problem, ())),
        (ROBUSTNESS, robustness_frame(problem, {}, (), none)),
        (CREW_PRICES, crew_prices_frame(problem, {})),
        (SEGMENT_PRICES, segment_prices_frame(problem, {}, {})),
    ):
        assert list(frame.columns) == list(table.names)
        assert frame.empty


def test_a_decision_names_both_parties_their_openings_and_the_money(make_case: MakeCase) -> None:
    built = make_case([{}, GAS])
    problem, starts = built.problem, {0: 59, 1: 100}
    found = openings(problem, starts)
    met = encounters(problem, starts, found, Prices(problem), built.segments)
    (row,) = decisions_frame(problem, found, met).to_dict("records")
    assert (row["decision_id"], row["kind"], row["rule"]) == ("D1", "opportunity", "saves")
    assert (row["work_id"], row["other_work_id"]) == ("W0", "W1")
    assert (row["owner"], row["other_owner"]) == ("水务公司", "燃气公司")
    assert (row["opening_id"], row["other_opening_id"]) == ("S0-1", "S0-2")
    assert row["starts_on"] == pd.Timestamp("2026-03-01")
    assert row["other_starts_on"] == pd.Timestamp("2026-04-11")
    assert (row["days_between"], row["settled"]) == (31, False)
    assert f"{round(row['saving_yuan']):,} 元（假设单价）" in row["advice"]
    english = sentence("decision", row["rule"], unpack(row["facts"]), "en")
    assert "31 days apart" in english
    assert "W1" in english


@pytest.mark.parametrize("rule", KIND_OF)
def test_every_rule_of_a_decision_has_a_sentence_in_both_languages(
    make_case: MakeCase, rule: str
) -> None:
    built = make_case([{}, GAS])
    problem, starts = built.problem, {0: 59, 1: 100}
    found = openings(problem, starts)
    met = encounters(problem, starts, found, Prices(problem), built.segments)
    changed = [replace(encounter, rule=rule) for encounter in met]
    (row,) = decisions_frame(problem, found, changed).to_dict("records")
    assert row["kind"] == KIND_OF[rule]
    for language in ("zh", "en"):
        assert "W0" in sentence("decision", rule, unpack(row["facts"]), language)


def test_a_split_names_its_works_and_the_clause(make_case: MakeCase) -> None:
    row = {"utility": "power", "owner": "供电公司", "voltage_kv": 10.0, "wanted": "2026-03-01"}
    built = make_case(
        [{**row, "on": [(0, 0.0, 100.0, "right")]}, {**row, "on": [(1, 0.0, 80.0, "right")]}],
        segments=2,
    )
    problem = built.problem
    known = thresholds(load("feicheng-2018"), problem.settings)[:1]
    found = split_works(problem, Prices(problem), built.segments, known)
    (listed,) = splits_frame(problem, found).to_dict("records")
    assert (listed["split_id"], listed["works"], listed["segments"]) == ("P1", "W0,W1", "S0,S1")
    assert (listed["measure"], listed["threshold"], listed["together"]) == ("length", 150.0, 180.0)
    assert (listed["largest"], listed["together_m"]) == (100.0, 180.0)
    assert "附件5 三(三)2" in listed["reason"]
    assert "150 m" in sentence("split", "length", unpack(listed["facts"]), "en")


def test_an_outcome_says_what_stands_and_which_works_moved(make_case: MakeCase) -> None:
    power = {"utility": "power", "owner": "供电公司", "diameter_mm": 100.0}
    problem = make_case([{}, GAS, power]).problem
    starts = {0: 40, 1: 50, 2: 60}
    tried = robustness(problem, starts, replan=repaired)
    frame = robustness_frame(problem, starts, openings(problem, starts), tried)
    assert len(frame) == 8
    gone = frame[frame["owner"] == "燃气公司"].set_index("mode")
    assert gone.loc["kept", "survive"] == 0
    assert "S0-1" in gone.loc["kept", "reason"]
    assert unpack(gone.loc["kept", "facts"])["moved"] == {}
    assert set(unpack(gone.loc["replanned", "facts"])["moved"]) <= {"W0", "W2"}
    assert unpack(gone.loc["replanned", "facts"])["moved"]
    for row in frame.to_dict("records"):
        assert (
            "yuan" in sentence("robustness", row["rule"], unpack(row["facts"]), "en")
            or row["mode"] == "kept"
        )


def test_crew_prices_are_summed_by_calendar_week_and_zeros_left_out(make_case: MakeCase) -> None:
    problem = make_case([], days=20).problem
    milli = np.zeros(20, dtype=np.int64)
    milli[[0, 1, 3, 4, 12]] = 500, 1000, 2500, 250, 0
    frame = crew_prices_frame(problem, {"水务公司": milli, "燃气公司": np.zeros(20, np.int64)})
    assert problem.start == date(2026, 1, 1)
    assert frame.to_dict("list") == {
        "crew": ["水务公司", "水务公司"],
        "starts_on": [pd.Timestamp("2026-01-01"), pd.Timestamp("2026-01-05")],
        "ends_on": [pd.Timestamp("2026-01-04"), pd.Timestamp("2026-01-11")],
        "yuan": [4.0, 0.25],
    }


def test_a_period_of_ten_days_counts_in_the_week_of_its_first_day(make_case: MakeCase) -> None:
    problem = replace(make_case([]).problem, period_days=10, periods=3)
    frame = crew_prices_frame(problem, {"A": np.array([1000, 0, 3000], dtype=np.int64)})
    assert [str(day.date()) for day in frame["starts_on"]] == ["2026-01-01", "2026-01-21"]
    assert [str(day.date()) for day in frame["ends_on"]] == ["2026-01-10", "2026-01-30"]


def test_segments_show_where_the_gap_lies_widest_first(make_case: MakeCase) -> None:
    built = make_case([{}, {"on": [(1, 0.0, 100.0, "right")]}], segments=3)
    problem = built.problem
    prices = Prices(problem)
    plan_yuan = segment_plan_yuan(prices, openings(problem, {0: 40, 1: 40}))
    assert plan_yuan == {0: prices.alone_yuan(0, 0), 1: prices.alone_yuan(1, 1)}
    frame = segment_prices_frame(problem, plan_yuan, {0: plan_yuan[0], 1: 1000.0, 2: 10.0})
    assert list(frame["segment_id"]) == ["S1", "S0", "S2"]
    assert list(frame["gap_yuan"]) == [plan_yuan[1] - 1000.0, 0.0, -10.0]
