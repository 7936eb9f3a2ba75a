"""One instance of the joint schedule: solved, judged, and compared with its baselines."""

from __future__ import annotations

import importlib.util
import json
import math
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from benchmarks import process
from benchmarks.evaluate import alone_yuan, evaluate
from benchmarks.hotspots import plant
from benchmarks.insertion import greedy
from geo import documents
from planner.trench import exchange
from planner.trench.cost import Prices
from planner.trench.problem import Problem
from planner.trench.search import search

CPSAT_MOST_WORKS = 1000
RESERVE_S, RESERVE_S_PER_WORK = 0.8, 1.5e-4
"""Kept from the search for judging and writing its plan and for leaving the process."""
LEAST_S = 0.1

Figures = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """An instance, as JSON and as problem; and the plan planted in it where it was drawn here."""

    name: str
    instance: Mapping[str, Any]
    problem: Problem
    planted: Mapping[str, int] | None = None

    @property
    def works(self) -> int:
        """How many works it has."""
        return len(self.instance["works"])


def drawn(works: int, seed: int, family: str) -> Case:
    """Return a hot-spot instance with its planted plan."""
    planted = plant(works, seed, family)
    return Case(
        name=f"{family}, seed {seed}",
        instance=planted.instance,
        problem=exchange.problem_of(planted.instance),
        planted=planted.starts,
    )


def loaded(path: Path) -> Case:
    """Return an instance from a file in the exchange format.

    Raises
    ------
    InputError
        If the instance is at fault.
    """
    instance = documents.load(path)
    problem = exchange.problem_of(instance, file=str(path))
    return Case(name=str(path), instance=cast("Mapping[str, Any]", instance), problem=problem)


def measure(case: Case, *, seconds: float, solution: Path | None = None) -> Figures:
    """Solve an instance and return its figures; `seconds` count from the start of the process.

    Raises
    ------
    AssertionError
        If a claim does not hold: a plan costs what its solver says, no bound lies above a plan's
        cost, the planted plan breaks no rule.
    """
    inserted = greedy(case.instance)
    judged = evaluate(case.instance, inserted)
    # what insertion finds no start for has none; it stays unplaced and counts as a violation
    possible = tuple(work for work in case.problem.works if work.id in inserted)
    problem = replace(case.problem, works=possible)
    spare_s = RESERVE_S + RESERVE_S_PER_WORK * case.works
    left_s = max(seconds - process.seconds() - spare_s, LEAST_S)
    begin = _positions(problem, inserted) if judged.violations == 0 else None
    found = search(problem, Prices(problem), begin=begin, seconds=left_s)
    starts = exchange.answer(problem, found.starts)["starts"]
    if solution is not None:
        exchange.write(solution, problem, found.starts)
    ours = evaluate(case.instance, starts)
    assert math.isclose(ours.cost_yuan, found.cost_yuan, abs_tol=0.01), (ours, found.cost_yuan)
    bounded = ours.violations == 0
    assert not bounded or found.bound_yuan <= ours.cost_yuan + 1e-6, (found.bound_yuan, ours)
    return {
        "works": case.works,
        "alone_yuan": alone_yuan(case.instance),
        "greedy_yuan": judged.cost_yuan,
        "best_yuan": ours.cost_yuan,
        "bound_yuan": math.floor(found.bound_yuan * 1000) / 1000,
        "gap": _gap(ours.cost_yuan, found.bound_yuan),
        "violations": ours.violations,
        "seconds": round(process.seconds(), 2),
        "peak_mib": round(process.peak_mib(), 1),
        "status": found.status,
        "greedy_violations": judged.violations,
        **_planted(case, found.bound_yuan),
    }


def compare(case: Case, *, seconds: float) -> Figures:
    """Return the figures of CP-SAT on the whole problem, or the words why there are none."""
    if case.works > CPSAT_MOST_WORKS:
        return {"cpsat_status": f"skipped: more than {CPSAT_MOST_WORKS} works"}
    if importlib.util.find_spec("ortools") is None:
        return {"cpsat_status": "skipped: install ortools by pip install -e '.[dev]'"}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "instance.json"
        path.write_text(json.dumps(case.instance), encoding="utf-8")
        command = ["benchmarks.cpsat", "--problem", str(path), "--seconds", str(seconds)]
        done = subprocess.run(
            [sys.executable, "-m", *command], check=True, capture_output=True, text=True
        )
    answer = json.loads(done.stdout)
    figures = {
        "cpsat_status": answer["status"],
        "cpsat_yuan": answer["cost_yuan"],
        "cpsat_bound_yuan": answer["bound_yuan"],
        "cpsat_seconds": answer["seconds"],
    }
    if answer["starts"] is not None:
        judged = evaluate(case.instance, answer["starts"])
        assert judged.violations == 0, judged
        assert math.isclose(judged.cost_yuan, answer["cost_yuan"], abs_tol=0.5), judged
    return figures


def _positions(problem: Problem, starts: Mapping[str, int]) -> dict[int, int]:
    return {place: starts[work.id] for place, work in enumerate(problem.works)}


def _planted(case: Case, bound_yuan: float) -> Figures:
    if case.planted is None:
        return {}
    planted = evaluate(case.instance, case.planted)
    assert planted.violations == 0, planted
    assert bound_yuan <= planted.cost_yuan + 1e-6, (bound_yuan, planted)
    return {"planted_yuan": planted.cost_yuan}


def _gap(cost_yuan: float, bound_yuan: float) -> float:
    return max(cost_yuan - bound_yuan, 0.0) / cost_yuan if cost_yuan else 0.0
