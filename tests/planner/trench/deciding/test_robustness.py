from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.trench.build import Built
from planner.trench.check.plan import check_starts
from planner.trench.cost import Prices
from planner.trench.deciding.replanning import repaired
from planner.trench.deciding.robustness import Outcome, longer, ranked_owners, robustness, without
from planner.trench.deciding.violations import violations
from planner.trench.greedy import greedy
from planner.trench.plan import plan_yuan
from planner.trench.problem import Problem

MakeCase = Callable[..., Built]

GAS = {"utility": "gas", "owner": "燃气公司", "diameter_mm": 110.0}
POWER = {"utility": "power", "owner": "供电公司", "diameter_mm": 100.0}


def outcomes(built: Built, starts: Mapping[int, int]) -> dict[tuple[str, str], Outcome]:
    tried = robustness(built.problem, starts, replan=repaired)
    assert tried.replanned
    return {(out.owner or out.scenario, out.mode): out for out in tried.outcomes}


def test_works_last_longer_and_still_meet_where_they_met(make_case: MakeCase) -> None:
    on = [(0, 0.0, 100.0, "right"), (1, 0.0, 100.0, "right")]
    built = make_case([{"on": on, "duration_days": 7.0}], segments=2)
    (work,) = longer(built.problem).problem.works
    first, second = work.tasks
    assert (first.lag, first.duration) == (0, 5)
    assert (second.lag, second.lag + second.duration) == (3, 9)
    assert work.latest + work.span == built.problem.works[0].latest + built.problem.works[0].span


def test_an_opening_falls_apart_where_the_work_that_bridges_it_drops_out(
    make_case: MakeCase,
) -> None:
    found = outcomes(make_case([{}, GAS, POWER]), {0: 40, 1: 50, 2: 60})
    kept = found["燃气公司", "kept"]
    assert (kept.openings, kept.survive, kept.joint, kept.joint_survive) == (1, 0, 1, 0)
    assert kept.broken[0].works == (0, 1, 2)
    new = found["燃气公司", "replanned"]
    assert (new.survive, new.same_dates, new.unplaced) == (1, 0, 0)
    assert found["供电公司", "kept"].survive == 1
    assert found["供电公司", "kept"].same_dates == 1


def test_an_opening_of_which_nobody_is_left_is_not_counted(make_case: MakeCase) -> None:
    found = outcomes(make_case([{}, GAS]), {0: 40, 1: 80})
    assert found["燃气公司", "kept"].openings == 1
    assert found["燃气公司", "kept"].cost_yuan == pytest.approx(
        Prices(make_case([{}]).problem).alone_yuan(0, 0)
    )


def test_longer_works_break_window_crew_and_closure_and_say_so(make_case: MakeCase) -> None:
    june = {
        "event_id": "E1", "name": "汛期", "kind": "rain", "starts_on": "2026-05-20",
        "ends_on": "2026-07-20", "town": "", "road_class": "",
    }  # fmt: skip
    built = make_case(
        [
            {"latest": "2026-03-02"},
            {"on": [(1, 0.0, 100.0, "right")]},
            {**GAS, "on": [(2, 0.0, 100.0, "right")]},
        ],
        segments=3,
        crews=[{"owner": "水务公司", "crews": 1}],
        events=[june],
    )
    found = outcomes(built, {0: 51, 1: 61, 2: 129})
    kept = found["duration", "kept"]
    assert dict(kept.violations) == {"window": 1, "crews": 1, "no_dig": 1}
    assert (kept.survive, kept.same_dates) == (3, 0)
    new = found["duration", "replanned"]
    assert (dict(new.violations), new.unplaced, new.survive) == ({}, 0, 3)


def test_a_work_that_no_longer_fits_its_dates_is_left_out_and_counted(make_case: MakeCase) -> None:
    built = make_case([{"earliest": "2026-02-01", "latest": "2026-02-10"}])
    found = outcomes(built, {0: 31})
    assert dict(found["duration", "kept"].violations) == {"window": 1}
    new = found["duration", "replanned"]
    assert (new.unplaced, new.survive, new.cost_yuan) == (1, 0, 0.0)


def test_an_approved_work_may_run_beyond_the_horizon_but_no_other(make_case: MakeCase) -> None:
    approved = {"fixed": True, "wanted": "2026-12-22", "latest": "2026-12-31"}
    built = make_case([approved, {**GAS, "latest": "2026-12-31"}])
    changed = longer(built.problem).problem
    assert (built.problem.periods, changed.periods) == (365, 367)
    assert changed.works[1].latest + changed.works[1].span == 365


def test_owners_drop_out_by_number_of_works_then_by_name_as_many_as_are_set(
    make_case: MakeCase,
) -> None:
    rows = [{"owner": name} for name in ("乙", "甲", "丙", "丙", "")]
    built = make_case(rows, settings={"trench.robust_most_owners": 2})
    starts = dict.fromkeys(range(5), 50)
    assert ranked_owners(built.problem, starts) == ["丙", *sorted(["乙", "甲"])]
    tried = robustness(built.problem, starts)
    assert [out.owner for out in tried.outcomes] == ["", "丙", min("乙", "甲")]
    assert (tried.owners, tried.tested, tried.replanned) == (3, 2, False)


def test_no_scenario_is_solved_again_once_the_time_is_up(make_case: MakeCase) -> None:
    built = make_case([{}, GAS])
    tried = robustness(built.problem, {0: 40, 1: 40}, replan=repaired, seconds=0.0)
    assert {out.mode for out in tried.outcomes} == {"kept"}
    assert not tried.replanned


def test_the_solver_gets_the_old_starts_under_their_new_positions(make_case: MakeCase) -> None:
    seen: list[tuple[tuple[str, ...], dict[int, int]]] = []

    def solver(problem: Problem, starts: Mapping[int, int]) -> Mapping[int, int]:
        seen.append((tuple(work.id for work in problem.works), dict(starts)))
        return starts

    built = make_case([{}, GAS, POWER])
    tried = robustness(built.problem, {0: 40, 1: 41, 2: 42}, replan=solver)
    assert (("W1", "W2"), {0: 41, 1: 42}) in seen
    gone = next(out for out in tried.outcomes if out.owner == "水务公司" and out.mode == "kept")
    assert gone.starts == {1: 41, 2: 42}


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_violations_are_those_that_the_checker_finds(
    data: st.DataObject,
    problems: st.SearchStrategy[Problem],
    built_of: Callable[[Problem], Built],
) -> None:
    problem = built_of(data.draw(problems)).problem
    starts = {
        place: data.draw(st.integers(0, problem.periods - work.span))
        for place, work in enumerate(problem.works)
    }
    ids = {problem.works[place].id: start for place, start in starts.items()}
    failures = sorted(failure.rule for held, failure in check_starts(problem, ids) if not held)
    assert sorted(found.rule for found in violations(problem, starts)) == failures


@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_a_repaired_plan_keeps_every_rule(
    data: st.DataObject,
    problems: st.SearchStrategy[Problem],
    built_of: Callable[[Problem], Built],
) -> None:
    problem = built_of(data.draw(problems)).problem
    starts = greedy(problem, Prices(problem))[0].starts
    for scenario in (longer(problem), without(problem, "one")):
        old = {new: starts[was] for new, was in enumerate(scenario.works) if was in starts}
        assert violations(scenario.problem, repaired(scenario.problem, old)) == ()


@given(data=st.data())
@settings(max_examples=30, deadline=None)
def test_repairing_what_is_not_broken_leaves_nobody_out_and_costs_no_more(
    data: st.DataObject,
    problems: st.SearchStrategy[Problem],
    built_of: Callable[[Problem], Built],
) -> None:
    problem = built_of(data.draw(problems)).problem
    prices = Prices(problem)
    starts = greedy(problem, prices)[0].starts
    after = repaired(problem, starts)
    assert after.keys() >= starts.keys()
    if after.keys() == starts.keys():
        cost = plan_yuan(problem, prices, after)
        assert cost <= plan_yuan(problem, prices, starts) + 1e-6
