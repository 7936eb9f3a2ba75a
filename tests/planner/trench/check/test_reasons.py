"""Every reason of a complete plan is proved again, and every false one is found."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pandas as pd
import pytest
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from planner.trench.build import Built
from planner.trench.check.facts import of_reopening
from planner.trench.check.joinable import Rest
from planner.trench.check.reasons import LEVELS, PROVEN, check_reasons
from planner.trench.cost import Prices
from planner.trench.frames import opening_ids, reopenings_frame
from planner.trench.greedy import greedy
from planner.trench.improve import improve
from planner.trench.plan import openings
from planner.trench.problem import Problem
from planner.trench.reasons.explain import reopenings
from planner.trench.reasons.joining import Fits, complete
from planner.trench.reasons.wording import pack, sentence, unpack
from planner.trench.schedule import Schedule

MakeCase = Callable[..., Built]
Problems = st.SearchStrategy[Problem]


class Case(NamedTuple):
    """A plan with its reasons as tables."""

    problem: Problem
    starts: dict[str, int]
    openings: pd.DataFrame
    participants: pd.DataFrame
    reopenings: pd.DataFrame

    def failures(self, reasons: pd.DataFrame | None = None, fits: Fits | None = None) -> list[str]:
        found = check_reasons(
            self.problem,
            self.starts,
            self.openings,
            self.participants,
            self.reopenings if reasons is None else reasons,
            fits,
        )
        return [failure.detail for held, failure in found if not held]

    def with_facts(self, row: int, **changed: object) -> pd.DataFrame:
        """Return the reasons with one row's facts changed, all that follows from them as well."""
        rows = self.reopenings.to_dict("records")
        facts: dict[str, Any] = {**unpack(rows[row]["facts"]), **changed}
        rule = str(facts.pop("rule", rows[row]["rule"]))
        rules = str(facts.get("rules", "")).split(",")
        rest = Rest(self.problem, self.starts)
        both = [[rest.by_id[each[0]] for each in facts[key]] for key in ("first", "second")]
        proven = PROVEN.get(rule, ("rules", "smallest", "change"))
        facts = {name: facts[name] for name in proven} | of_reopening(rest, *both, rule, rules)
        change: Any = facts.get("change") or {
            "works": [],
            "days": float("nan"),
            "yuan": float("nan"),
        }
        rows[row] |= {
            "rule": rule,
            "rules": facts.get("rules", ""),
            "reason": sentence("reopening", rule, facts),
            "change_work": ",".join(change["works"]),
            "change_days": change["days"],
            "change_yuan": change["yuan"],
            "facts": pack(facts),
        }
        return pd.DataFrame(rows)


def case_of(schedule: Schedule) -> Case:
    problem = schedule.problem
    found = openings(problem, schedule.starts)
    ids = opening_ids(problem, found)
    return Case(
        problem,
        {problem.works[work].id: start for work, start in schedule.starts.items()},
        pd.DataFrame(
            [
                (ids[each], problem.segments[each.segment].id, problem.day(each.first))
                for each in found
            ],
            columns=["opening_id", "segment_id", "starts_on"],
        ),
        pd.DataFrame(
            [(ids[each], problem.works[work].id) for each in found for work in each.works],
            columns=["opening_id", "work_id"],
        ),
        reopenings_frame(problem, found, reopenings(schedule)),
    )


def planned(problem: Problem) -> Case:
    schedule, failed = greedy(problem, Prices(problem))
    improve(schedule)
    complete(schedule, failed)
    return case_of(schedule)


@settings(deadline=None, max_examples=200)
@given(data=st.data())
def test_every_reason_of_a_complete_plan_is_proved(problems: Problems, data: st.DataObject) -> None:
    case = planned(data.draw(problems))
    assert case.failures() == []
    assert "plan" not in set(case.reopenings["rule"])
    assert set(case.reopenings["rules"].str.split(",").explode()) <= {*LEVELS, ""}
    for rules in case.reopenings["rules"]:
        event(rules)


@settings(deadline=None, max_examples=100)
@given(data=st.data())
def test_another_set_of_rules_is_always_found_out(problems: Problems, data: st.DataObject) -> None:
    case = planned(data.draw(problems))
    forbidden = [n for n, rules in enumerate(case.reopenings["rules"]) if rules]
    assume(forbidden)
    row = data.draw(st.sampled_from(forbidden))
    true = case.reopenings["rules"].tolist()[row].split(",")
    more = data.draw(st.sampled_from([rule for rule in LEVELS if rule not in true]))
    rules = [rule for rule in LEVELS if rule in {*true, more}]
    assert case.failures(case.with_facts(row, rules=",".join(rules), rule=rules[-1]))
    if len(true) > 1:
        assert case.failures(case.with_facts(row, rules="windows", rule="windows"))


def false_facts(facts: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the facts of a reason, each time another one of those that its sentence names false."""
    for key in facts.keys() - {"rules", "change", "smallest", "moves"}:
        value = facts[key]
        other = [*value, "x"] if isinstance(value, list) else f"{value}x"
        yield key, {**facts, key: value + 2 if isinstance(value, int) else other}


@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_a_false_fact_that_the_sentence_repeats_is_always_found_out(
    problems: Problems, data: st.DataObject
) -> None:
    case = planned(data.draw(problems))
    for row, told in enumerate(case.reopenings.to_dict("records")):
        for key, facts in false_facts(unpack(told["facts"])):
            event(f"{told['rule']}: {key}")
            wrong = case.reopenings.copy()
            wrong.loc[row, "facts"] = pack(facts)
            wrong.loc[row, "reason"] = sentence("reopening", told["rule"], facts)
            assert case.failures(wrong), key


@settings(deadline=None, max_examples=100)
@given(data=st.data())
def test_a_change_with_other_days_yuan_or_starts_is_always_found_out(
    problems: Problems, data: st.DataObject
) -> None:
    case = planned(data.draw(problems))
    facts = [unpack(text) for text in case.reopenings["facts"]]
    changed = [n for n, each in enumerate(facts) if each.get("change")]
    assume(changed)
    row = data.draw(st.sampled_from(changed))
    change: Any = facts[row]["change"]
    work = change["works"][0]
    shift = data.draw(st.integers(1, 3))
    moves = {**change["moves"], work: change["moves"][work] + shift * case.problem.periods}
    flaws = [
        {"days": change["days"] + shift},
        {"days": -change["days"]},
        {"yuan": change["yuan"] + shift},
        {"works": [*change["works"], "W99"]},
        {"works": []},
        {"moves": {}},
        {"moves": moves},
    ]
    for flaw in flaws:
        assert case.failures(case.with_facts(row, change={**change, **flaw}))


def crossing(make_case: MakeCase) -> Case:
    built = make_case(
        [
            {"earliest": "2026-02-01", "latest": "2026-02-20"},
            {"utility": "gas", "owner": "燃气公司", "fixed": True, "wanted": "2026-03-03"},
        ]
    )
    return planned(built.problem)


def test_a_change_that_is_kept_quiet_is_found_out(make_case: MakeCase) -> None:
    case = crossing(make_case)
    assert case.failures() == []
    assert any(
        "alone would join" in each for each in case.failures(case.with_facts(0, change=None))
    )


def test_a_sentence_that_says_something_else_is_found_out(make_case: MakeCase) -> None:
    case = crossing(make_case)
    for column, value in (
        ("reason", "无"),
        ("rules", "windows,crews"),
        ("change_work", "W1"),
        ("change_days", 1.0),
        ("change_yuan", 1.0),
    ):
        wrong = case.reopenings.copy()
        wrong.loc[0, column] = value
        assert case.failures(wrong) == ["sentence and facts disagree"]


def test_a_width_is_believed_only_where_the_road_says_so(make_case: MakeCase) -> None:
    case = crossing(make_case)
    wide = case.with_facts(0, rules="windows,width", rule="width", change=None)
    assert case.failures(wide)
    assert case.failures(wide, fits=lambda _segment, _works: True)


@pytest.mark.parametrize("yuan", [-5, 10**9])
def test_a_joining_with_another_price_is_found_out(make_case: MakeCase, yuan: int) -> None:
    two = [(1, 0.0, 100.0, "right"), (2, 0.0, 100.0, "right")]
    gas = {"utility": "gas", "owner": "燃气公司", "diameter_mm": 110.0}
    late = {"earliest": "2026-09-01", "latest": "2026-09-20", "duration_days": 20.0, "on": two}
    built = make_case(
        [
            {"earliest": "2026-02-01", "latest": "2026-02-10"},
            {**gas, "on": [(0, 0.0, 100.0, "right"), *two], "duration_days": 30.0},
            {"utility": "power", **late},
        ],
        segments=3,
        roads=[{"road_class": "lane"}, {"road_class": "arterial"}, {"road_class": "arterial"}],
    )
    case = planned(built.problem)
    assert case.reopenings["rule"].tolist() == ["cost"]
    assert case.failures() == []
    assert case.failures(case.with_facts(0, yuan=yuan))
    assert case.failures(case.with_facts(0, moves={}))
    assert case.failures(case.with_facts(0, moves={"W1": 99}))
