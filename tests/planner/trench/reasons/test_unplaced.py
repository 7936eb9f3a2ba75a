"""Works without a place: the smallest set of rules and the cheapest date, against trying all."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import chain, combinations, product
from typing import Any

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from planner.trench.build import Built
from planner.trench.check.places import check_places
from planner.trench.cost import Prices
from planner.trench.frames import unplaced_frame
from planner.trench.greedy import greedy
from planner.trench.plan import plan_yuan
from planner.trench.problem import Problem, Rejected, Task, Work
from planner.trench.reasons.board import Board
from planner.trench.reasons.joining import complete
from planner.trench.reasons.unplaced import BARRING, barring, cheapest_date, left_out, unplaced
from planner.trench.reasons.wording import sentence
from planner.trench.schedule import Schedule

MakeCase = Callable[..., Built]
Problems = st.SearchStrategy[Problem]
Starts = Mapping[int, int]


def days(task: Task, start: int) -> set[int]:
    return set(range(start + task.lag, start + task.lag + task.duration))


def broken(problem: Problem, starts: Starts, work: Work, start: int) -> set[str]:
    """Return the rules, beside the dates, that a start of a work that is out breaks."""
    late = {"horizon"} if start > problem.periods - work.span else set()
    if work.fixed and start == work.wanted:
        return late
    found = {"fixed"} if work.fixed else set()
    if late:
        return found | late
    for task in () if work.emergency else work.tasks:
        for closed in problem.segments[task.segment].closed:
            shut = set(range(closed.first, closed.last + 1))
            found |= {closed.rule} if days(task, start) & shut else set()
    for period in range(start, start + work.span):
        others = [(problem.works[other], at) for other, at in starts.items()]
        busy = [o for o, at in others if o.crew == work.crew and at <= period < at + o.span]
        found |= {"crews"} if work.crew and len(busy) >= problem.crews[work.crew] else set()
    for other, at in starts.items():
        for mine, its in product(work.tasks, problem.works[other].tasks):
            pair = tuple(sorted((mine.segment, its.segment)))
            if pair in problem.conflicts and days(mine, start) & days(its, at):
                found.add("detour")
    return found


def crowded(data: st.DataObject, problem: Problem) -> Problem:
    """Draw narrower dates, also ones beyond the horizon or too short, and fewer crews."""
    works = []
    for work in problem.works:
        earliest = data.draw(st.integers(0, problem.periods))
        latest = earliest + data.draw(st.integers(-2, 3))
        wanted = data.draw(st.integers(min(earliest, latest), max(earliest, latest)))
        if work.fixed:
            earliest, wanted, latest = work.earliest, work.wanted, work.latest
        works.append(replace(work, earliest=earliest, wanted=wanted, latest=latest))
    crews = {"one": data.draw(st.integers(0, 1)), "two": data.draw(st.integers(0, 2))}
    return replace(problem, works=tuple(works), crews=crews)


@settings(deadline=None, max_examples=200)
@given(data=st.data())
def test_the_set_is_the_smallest_and_the_date_the_cheapest(
    problems: Problems, data: st.DataObject
) -> None:
    problem = crowded(data, data.draw(problems))
    prices = Prices(problem)
    schedule, failed = greedy(problem, prices)
    for work in complete(schedule, failed):
        starts, wanted = schedule.starts, problem.works[work]
        board = Board(problem, starts)
        dates = {*range(max(wanted.earliest, 0), wanted.latest + 1)}
        ways = [broken(problem, starts, wanted, start) for start in sorted(dates)]
        sets = chain.from_iterable(combinations(BARRING[1:], n) for n in range(7))
        smallest = next(rules for rules in sets if all(way & set(rules) for way in ways))
        assert barring(board, work) == ("windows", *smallest)
        event(str(smallest))
        before = plan_yuan(problem, prices, starts)
        free = {
            start: plan_yuan(problem, prices, {**starts, work: start}) - before
            for start in range(problem.periods - wanted.span + 1)
            if not broken(problem, starts, wanted, start) - {"fixed"}
            and not wanted.earliest <= start <= wanted.latest
            and not wanted.latest < start < wanted.earliest
        }
        change = cheapest_date(schedule, board, work)
        assert (change is None) == (not free)
        if change is not None:
            (start,) = change.starts.values()
            assert abs(change.added_yuan - free[start]) < 1e-4
            assert change.added_yuan < min(free.values()) + 1e-4


@settings(deadline=None, max_examples=100)
@given(data=st.data())
def test_the_checker_proves_every_work_left_out(problems: Problems, data: st.DataObject) -> None:
    problem = crowded(data, data.draw(problems))
    schedule, failed = greedy(problem, Prices(problem))
    out = complete(schedule, failed)
    frame = unplaced_frame(unplaced(schedule, (), out))
    starts = {problem.works[work].id: start for work, start in schedule.starts.items()}
    found = list(check_places(problem, starts, (), frame))
    assert [failure for held, failure in found if not held] == []
    assert len(found) == 2 * len(out)
    for place in range(len(frame)):
        worse = frame.copy()
        worse.loc[place, "change_days"] = 1000.0
        worse.loc[place, "rules"] = "windows,detour,crews,fixed"
        assert not all(held for held, _ in check_places(problem, starts, (), worse))


CROSSING = {"earliest": "2026-02-01", "latest": "2026-02-12"}


def test_a_work_without_a_crew_is_told_the_date_at_which_one_is_free(make_case: MakeCase) -> None:
    built = make_case(
        [
            {**CROSSING, "fixed": True, "wanted": "2026-02-01"},
            {**CROSSING, "on": [(1, 0.0, 100.0, "left")]},
        ],
        segments=2,
        crews=[{"owner": "水务公司", "crews": 1}],
    )
    schedule, failed = greedy(built.problem, Prices(built.problem))
    (row,) = unplaced_frame(left_out(schedule, work) for work in failed).to_dict("records")
    assert (row["rule"], row["rules"]) == ("crews", "windows,crews")
    assert (row["change_work"], row["change_days"]) in {("W1", 8.0), ("W1", -10.0)}
    assert row["change_yuan"] > 0
    assert "W1" in row["reason"]
    assert f"{abs(row['change_days']):.0f} 天开工，即可排入，总费用增加" in row["reason"]


def without(built: Built) -> tuple[Schedule, Work]:
    """Return the plan without its last work, and that work."""
    *kept, last = built.problem.works
    problem = replace(built.problem, works=tuple(kept))
    schedule, failed = greedy(problem, Prices(problem))
    assert not failed
    return schedule, last


@pytest.mark.parametrize(
    ("dates", "rule", "rules", "days"),
    [
        ({"earliest": 40, "latest": 30, "wanted": 40}, "dates", "windows", {-10, 10}),
        ({"earliest": 400, "latest": 500, "wanted": 400}, "outside", "windows,horizon", {-45}),
        ({"earliest": -60, "latest": -50, "wanted": -50}, "outside", "windows", {50}),
    ],
)
def test_a_rejected_work_is_looked_into_where_it_is_handed_over(
    make_case: MakeCase, dates: dict[str, Any], rule: str, rules: str, days: set[int]
) -> None:
    schedule, last = without(make_case([{}, {"utility": "gas", "diameter_mm": 110.0}]))
    work = replace(last, **dates)
    facts = {
        "work": work.id, "owner": work.owner, "earliest": "x", "latest": "x", "days": 10,
        "first_day": "x", "last_day": "x",
    }  # fmt: skip
    shut = Rejected(
        work_id=work.id, utility="gas", owner=work.owner, rule=rule, facts=facts, work=work
    )
    (found,) = unplaced(schedule, (shut,), ())
    assert found.facts["rules"] == rules
    change = found.facts["change"]
    assert isinstance(change, dict)
    assert change["days"] <= max(days) if max(days) < 0 else abs(change["days"]) >= min(days)
    assert "即可排入" in sentence("unplaced", rule, found.facts)
    frame = unplaced_frame((found,))
    starts = {schedule.problem.works[key].id: start for key, start in schedule.starts.items()}
    checks = list(check_places(schedule.problem, starts, (shut,), frame))
    assert len(checks) == 2
    assert all(held for held, _ in checks)


def test_a_rejected_work_without_its_dates_keeps_its_sentence(make_case: MakeCase) -> None:
    built = make_case([{}])
    schedule, _ = greedy(built.problem, Prices(built.problem))
    facts = {"work": "W9", "owner": "某公司"}
    nowhere = Rejected(work_id="W9", utility="gas", owner="某公司", rule="no_segment", facts=facts)
    (row,) = unplaced_frame(unplaced(schedule, (nowhere,), ())).to_dict("records")
    assert (row["rules"], row["change_work"]) == ("", "")
    assert row["reason"] == sentence("unplaced", "no_segment", facts)
