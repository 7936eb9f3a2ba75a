"""The bound that a certificate proves lies below every plan of a tiny problem."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from planner.trench.certificate import Certificate
from planner.trench.check.bound import bound_milli, check_bound
from planner.trench.cost import Prices
from planner.trench.domains import starts
from planner.trench.plan import openings
from planner.trench.problem import Problem


def plans(problem: Problem, works: Sequence[int]) -> Iterator[dict[int, int]]:
    """Yield every choice of starts that keeps all rules."""
    domains = [starts(problem, problem.works[work]).tolist() for work in works]
    for chosen in product(*domains):
        plan = dict(zip(works, chosen, strict=True))
        if _crews_suffice(problem, plan) and not _detour_open(problem, plan):
            yield plan


def _crews_suffice(problem: Problem, plan: Mapping[int, int]) -> bool:
    for crew, limit in problem.crews.items():
        for now in range(problem.periods):
            busy = [
                problem.works[work].fixed
                for work, start in plan.items()
                if problem.works[work].crew == crew
                and start <= now < start + problem.works[work].span
            ]
            if len(busy) > max(limit, sum(busy)):
                return False
    return True


def _detour_open(problem: Problem, plan: Mapping[int, int]) -> bool:
    for one, other in problem.conflicts:
        for a, b in product(plan, plan):
            if a != b and not (problem.works[a].fixed and problem.works[b].fixed):
                for here, there in product(problem.works[a].tasks, problem.works[b].tasks):
                    if (here.segment, there.segment) == (one, other):
                        first, then = plan[a] + here.lag, plan[b] + there.lag
                        if first < then + there.duration and then < first + here.duration:
                            return True
    return False


def least_yuan(problem: Problem, works: Sequence[int]) -> float | None:
    """Return the least cost of all plans, by trying each."""
    prices = Prices(problem)
    costs = [
        sum(
            prices.opening_yuan(opening.segment, opening.periods, frozenset(opening.works))
            for opening in openings(problem, plan)
        )
        + sum(problem.works[work].start_yuan(start) for work, start in plan.items())
        for plan in plans(problem, works)
    ]
    return min(costs, default=None)


@settings(deadline=None, max_examples=200)
@given(one=st.integers(0, 10**9), other=st.integers(0, 10**9))
def test_the_bound_lies_below_every_plan(tiny: SimpleNamespace, one: int, other: int) -> None:
    problem = tiny.problem(one)
    works = tiny.placeable(problem)
    certificate = tiny.certificate(problem, works, other)
    found = check_bound(problem, certificate, placed=works, cost_yuan=np.inf, bound_yuan=-1e9)
    assert {failure.rule for held, failure in found if not held} <= {"bound"}
    least, bound = least_yuan(problem, works), bound_milli(problem, certificate)
    if least is not None:
        assert bound is not None
        assert bound <= 1000 * least + 1e-6


@settings(deadline=None, max_examples=100)
@given(seed=st.integers(0, 10**9))
@example(seed=27750)  # no work of the cluster can start at all
def test_one_cluster_over_everything_proves_the_best_plan(tiny: SimpleNamespace, seed: int) -> None:
    """Without crews nothing is relaxed: what is left is less than a thousandth for each price."""
    problem = replace(tiny.problem(seed), crews={})
    works = tiny.placeable(problem)
    segments = tuple(s for s in range(len(problem.segments)) if tiny.users(problem, works, s))
    own = tuple(
        np.array([int(1000 * item.start_yuan(start)) for start in starts(problem, item).tolist()])
        for item in (problem.works[work] for work in works)
    )
    whole = replace(tiny.outline(segments, works, priced=True), prices=own)
    pairs = tuple(tiny.apart(problem, works))
    certificate = Certificate(works=tuple(works), clusters=(whole,), detours=(pairs,))
    least, bound = least_yuan(problem, works), bound_milli(problem, certificate)
    if least is None:
        assert bound is None
    else:
        assert bound is not None
        assert 1000 * least - 30 < bound <= 1000 * least + 1e-6


def test_the_proof_of_a_bound_takes_nothing_from_the_solver() -> None:
    """Reached from check.bound are only the problem, the section and other checks."""
    package = Path(check_bound.__code__.co_filename).parents[1]
    seen, waiting = set(), ["check.bound"]
    while waiting:
        name = waiting.pop()
        seen.add(name)
        source = package.joinpath(*name.split(".")).with_suffix(".py")
        tree = ast.parse(source.read_text(encoding="utf-8"))
        named = {n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and n.module}
        found = {m.removeprefix("planner.trench.") for m in named if m.startswith("planner.trench")}
        waiting += sorted(found - seen)
    assert seen == {
        "check.bound", "check.certificate", "check.cluster", "check.ground", "check.plan",
        "certificate", "problem",
    }  # fmt: skip
