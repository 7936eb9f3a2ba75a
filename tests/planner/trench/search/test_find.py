"""The search finds the best plan of small problems and proves how good its plans are."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.trench import exchange
from planner.trench.certificate import load, save
from planner.trench.check.bound import check_bound
from planner.trench.cost import Prices
from planner.trench.deciding.violations import violations
from planner.trench.plan import plan_yuan
from planner.trench.problem import Problem, Task
from planner.trench.search import Found, find, pace, search

MakeProblem = Callable[..., Problem]
Least = Callable[[Problem], float | None]
SEEDS = st.integers(0, 10**9)


def found_in(
    problem: Problem,
    *,
    begin: Mapping[int, int] | None = None,
    seed: int = 0,
    seconds: float | None = None,
    effort: float = 1.0,
) -> Found:
    prices = Prices(problem)
    return search(problem, prices, begin=begin, seed=seed, seconds=seconds, effort=effort)


def faults(problem: Problem, found: Found) -> list[str]:
    """Return everything that is wrong with a plan, its price, its bound and its proof."""
    wrong = [one.rule for one in violations(problem, found.starts)]
    if found.cost_yuan != pytest.approx(plan_yuan(problem, Prices(problem), found.starts)):
        wrong.append("cost")
    if sorted([*found.starts, *found.left_out]) != list(range(len(problem.works))):
        wrong.append("account")
    checked = check_bound(
        problem,
        found.certificate,
        placed=tuple(found.starts),
        cost_yuan=found.cost_yuan,
        bound_yuan=found.certified_yuan,
    )
    if not found.certified_yuan <= found.bound_yuan <= found.cost_yuan:
        wrong.append("bound")
    return [
        *wrong,
        *(f"{one.rule} {one.subject}: {one.detail}" for held, one in checked if not held),
    ]


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let searches that count steps take few of them."""
    monkeypatch.setattr(pace, "LEAST_MOVES", 5_000)
    monkeypatch.setattr(pace, "MOVES_PER_WORK", 1_000)


@pytest.mark.parametrize("block", range(5))
def test_the_best_of_all_plans_is_found_and_no_bound_lies_above_it(
    hasty: None, make_problem: MakeProblem, least_yuan: Least, block: int
) -> None:
    for seed in range(block * 12, block * 12 + 12):
        problem = make_problem(seed)
        best, found = least_yuan(problem), found_in(problem)
        assert faults(problem, found) == []
        if best is None:
            assert found.left_out
        else:
            assert found.left_out == ()
            assert found.cost_yuan == pytest.approx(best)
            assert found.bound_yuan <= best + 0.01


@pytest.mark.parametrize("nodes", [6, 15, 40])
def test_plans_stay_best_and_proofs_true_where_clusters_are_taken_apart(
    hasty: None,
    make_problem: MakeProblem,
    least_yuan: Least,
    monkeypatch: pytest.MonkeyPatch,
    nodes: int,
) -> None:
    monkeypatch.setattr(find, "MOST_NODES", nodes)
    for seed in range(100, 125):
        problem = make_problem(seed)
        best, found = least_yuan(problem), found_in(problem)
        assert faults(problem, found) == []
        if best is not None:
            assert found.left_out == ()
            assert found.cost_yuan == pytest.approx(best)


def test_real_tiny_instances_are_solved_to_their_known_optimum(shared_data: Path) -> None:
    files = sorted((shared_data / "trench" / "tiny").glob("*.json"))
    if not files:
        pytest.skip("no tiny instances in shared/data/trench/tiny")
    for file in files:
        problem = exchange.read(file)
        best = json.loads(file.read_text(encoding="utf-8"))["optimum_yuan"]
        found = found_in(problem)
        assert found.cost_yuan == best, file.name
        assert found.bound_yuan <= best
        assert faults(problem, found) == []


def test_real_tiny_instances_are_solved_by_the_clock_too(shared_data: Path) -> None:
    files = sorted((shared_data / "trench" / "tiny").glob("*.json"))[:4]
    if not files:
        pytest.skip("no tiny instances in shared/data/trench/tiny")
    for file in files:
        problem = exchange.read(file)
        found = found_in(problem, seconds=1.0)
        assert found.cost_yuan == json.loads(file.read_text(encoding="utf-8"))["optimum_yuan"]
        assert faults(problem, found) == []


def in_a_row(plain: MakeProblem) -> Problem:
    """Return four works of one crew that share a road; best is one after another, in touch."""
    return plain([{"crew": "a", "duration": 3}] * 4, crews={"a": 1}, periods=16)


def test_works_of_one_crew_follow_one_another_in_one_opening(plain: MakeProblem) -> None:
    found = found_in(in_a_row(plain))
    assert found.cost_yuan == 1000 + 12 * 10
    assert faults(in_a_row(plain), found) == []


def test_by_the_clock_a_plan_and_its_proof_are_there_after_a_second(plain: MakeProblem) -> None:
    found = found_in(in_a_row(plain), seconds=1.0)
    assert found.cost_yuan == 1120
    assert found.certificate.works == (0, 1, 2, 3)
    assert faults(in_a_row(plain), found) == []


def test_a_second_is_enough_for_something_to_show_of_a_larger_problem(
    make_problem: MakeProblem,
) -> None:
    problem = make_problem(5, works=30, roads=8, starts=12, periods=40, crews=9, conflicts=False)
    found = found_in(problem, seconds=1.0)
    assert faults(problem, found) == []
    assert 0 < found.bound_yuan <= found.cost_yuan


def test_without_works_there_is_nothing_to_plan(plain: MakeProblem) -> None:
    found = found_in(plain([]))
    assert (found.status, found.starts, found.left_out) == ("empty", {}, ())
    assert (found.cost_yuan, found.bound_yuan, found.gap) == (0.0, 0.0, 0.0)
    assert found.certificate.works == ()


def test_a_single_work_starts_as_wanted_and_that_is_proven(plain: MakeProblem) -> None:
    found = found_in(plain([{"wanted": 4, "late_period_yuan": 5.0, "earliest": 2}]))
    assert found.starts[0] in (2, 3, 4)
    assert (found.status, found.cost_yuan, found.gap) == ("optimal", 1020.0, 0.0)


def test_approved_works_keep_their_dates_above_the_limit_of_their_crew(plain: MakeProblem) -> None:
    approved = {"crew": "a", "fixed": True, "duration": 3}
    problem = plain([approved] * 3 + [{"crew": "a"}], crews={"a": 1})
    found = found_in(problem)
    assert found.starts == {0: 0, 1: 0, 2: 0, 3: 3}
    assert (found.status, found.cost_yuan) == ("optimal", 1050.0)
    assert faults(problem, found) == []


@pytest.mark.parametrize("seconds", [None, 1.0])
def test_where_crews_are_too_few_some_works_are_left_out_and_named(
    plain: MakeProblem, seconds: float | None
) -> None:
    problem = plain([{"crew": "a", "duration": 6}] * 4, crews={"a": 1})
    found = found_in(problem, seconds=seconds)
    assert (len(found.starts), len(found.left_out)) == (2, 2)
    assert set(found.certificate.works) == set(found.starts)
    assert faults(problem, found) == []


def test_of_works_without_a_choice_too_many_for_their_crew_some_are_left_out(
    plain: MakeProblem,
) -> None:
    problem = plain([{"crew": "a", "latest": 0}] * 4, crews={"a": 2})
    found = found_in(problem)
    assert len(found.left_out) == 2
    assert faults(problem, found) == []


def test_of_two_works_that_must_dig_a_road_and_its_detour_together_one_is_left_out(
    plain: MakeProblem,
) -> None:
    rows = [{"latest": 0}, {"latest": 0, "on": (1,)}, {"on": (1,)}]
    problem = plain(rows, segments=2, conflicts=((0, 1),))
    found = found_in(problem)
    assert len(found.left_out) == 1
    assert 2 in found.starts
    assert faults(problem, found) == []


def test_an_approved_work_stays_and_the_other_is_left_out(plain: MakeProblem) -> None:
    rows = [{"latest": 0, "crew": "a"}, {"fixed": True, "crew": "a"}]
    problem = plain(rows, crews={"a": 1})
    found = found_in(problem)
    assert (found.starts, found.left_out) == ({1: 0}, (0,))


def test_where_there_is_no_crew_all_its_works_are_left_out(plain: MakeProblem) -> None:
    problem = plain([{"crew": "a"}, {"crew": "a"}], crews={"a": 0})
    found = found_in(problem)
    assert (found.starts, found.left_out) == ({}, (0, 1))
    assert (found.cost_yuan, found.bound_yuan) == (0.0, 0.0)


def test_works_that_a_plan_leaves_out_are_placed_if_they_can_be(plain: MakeProblem) -> None:
    problem = in_a_row(plain)
    found = found_in(problem, begin={1: 0, 3: 9})
    assert found.left_out == ()
    assert found.cost_yuan == 1120
    assert faults(problem, found) == []


def test_works_that_a_plan_leaves_out_stay_out_if_there_is_no_room(plain: MakeProblem) -> None:
    problem = plain([{"crew": "a", "duration": 6}] * 4, crews={"a": 1})
    found = found_in(problem, begin={2: 0, 3: 6})
    assert (sorted(found.starts), found.left_out) == ([2, 3], (0, 1))
    assert faults(problem, found) == []


def test_a_plan_to_begin_with_never_gets_dearer(hasty: None, make_problem: MakeProblem) -> None:
    for seed in range(10):
        problem = make_problem(seed)
        first = found_in(problem)
        again = found_in(problem, begin=first.starts, effort=0.05)
        assert len(again.left_out) <= len(first.left_out)
        assert again.left_out or again.cost_yuan <= first.cost_yuan + 1e-6


@pytest.mark.parametrize("seed", [0, 1, 7])
def test_a_search_that_counts_steps_can_be_repeated(
    hasty: None, make_problem: MakeProblem, seed: int, tmp_path: Path
) -> None:
    problem = make_problem(3, works=12, roads=5, starts=8, periods=24, crews=2, conflicts=False)
    one, again = (found_in(problem, seed=seed) for _ in range(2))
    assert one.starts == again.starts
    assert (one.cost_yuan, one.bound_yuan, one.values_milli) == (
        again.cost_yuan, again.bound_yuan, again.values_milli,
    )  # fmt: skip
    for name, found in (("one", one), ("again", again)):
        save(found.certificate, tmp_path / f"{name}.npz")
    read = [load(tmp_path / f"{name}.npz") for name in ("one", "again")]
    assert repr(read[0]) == repr(read[1])


def test_tasks_longer_than_a_diagram_can_count_are_planned_and_proven(plain: MakeProblem) -> None:
    rows = [
        {"duration": 300, "latest": 20},
        {"duration": 260, "latest": 60},
        {"duration": 5, "latest": 300},
        {"duration": 2, "latest": 360, "earliest": 330},
    ]
    problem = plain(rows, periods=365)
    found = found_in(problem)
    assert faults(problem, found) == []
    assert found.cost_yuan >= found.bound_yuan > 0


def test_a_long_task_and_a_detour_are_planned_and_proven(plain: MakeProblem) -> None:
    rows = [{"duration": 300, "latest": 3}, {"duration": 10, "on": (1,)}]
    problem = plain(rows, periods=365, segments=2, conflicts=((0, 1),))
    found = found_in(problem)
    assert found.left_out == ()
    assert faults(problem, found) == []


def test_a_work_waits_for_its_detour_whatever_the_lateness_costs(plain: MakeProblem) -> None:
    """No segment is shared, so that nothing but starts has a price that changes."""
    problem = plain([{}, {}], segments=4, periods=40, conflicts=((0, 1), (2, 3)))
    tasks = (Task(0, (), 0, 2), Task(2, (), 5, 2)), (Task(1, (), 0, 2), Task(3, (), 0, 2))
    works = tuple(
        replace(work, tasks=own, late_period_yuan=100.0, latest=12, wanted=n, earliest=n)
        for n, (work, own) in enumerate(zip(problem.works, tasks, strict=True))
    )
    problem = replace(problem, works=works)
    found = found_in(problem)
    assert found.left_out == ()
    assert found.cost_yuan == 4080 + 100
    assert faults(problem, found) == []


def test_the_gap_is_what_the_bound_leaves_open(plain: MakeProblem) -> None:
    found = found_in(plain([{}]))
    assert replace(found, cost_yuan=200.0, bound_yuan=150.0).gap == 0.25
    assert replace(found, cost_yuan=200.0, bound_yuan=200.0).gap == 0.0
    assert replace(found, cost_yuan=0.0, bound_yuan=0.0).gap == 0.0


@settings(deadline=None, max_examples=10)
@given(seed=SEEDS)
def test_a_proven_optimum_is_the_least_of_all_plans(
    make_problem: MakeProblem, least_yuan: Least, seed: int
) -> None:
    problem = make_problem(seed, works=3)
    found = found_in(problem, effort=0.1)
    if found.status == "optimal" and not found.left_out:
        assert found.cost_yuan == pytest.approx(least_yuan(problem))
