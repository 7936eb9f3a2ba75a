"""Which sites to build: greedy, exchange and proven bound beside the linear programme and spopt.

Usage: ``python -m benchmarks.siting [--places N] [--candidates M] [--sites K] [--seed S] [--json]
[--no-peer]``. Places and candidates are drawn on a square; a candidate reaches a part of the places
around it, as in mountains. ``reached`` and ``bound`` are in people.

- Kernels are compiled, or loaded from their cache, on a tiny instance first; the peers come
  afterwards and do not count.
- The value is counted anew from the chosen sites, and the bound from its multipliers.
- spopt builds its model from a matrix and solves it with CBC; it is no dependency of the project
  and stays out where it is not installed.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import json
import time
from typing import Any

import numpy as np
import scipy.sparse
from scipy.optimize import linprog
from scipy.spatial import cKDTree

from benchmarks import process
from planner.coverage.siting import certificate
from planner.coverage.siting import problem as problems
from planner.coverage.siting.problem import Problem
from planner.coverage.siting.solve import Choice, solve

SIDE_M, REACH_M, SEEN = 60_000.0, 4_000.0, 0.6
"""Side of the square, range of a site, and the share of the places in range that it reaches."""
PEOPLE = (5, 100)
"""Least and most people of a place, the most left out."""
SWAP_STEPS, BOUND_STEPS = 2_000, 2_000
PEER_SECONDS = 90
MILLI = 1000

COLUMNS = (
    "places", "candidates", "sites", "greedy", "reached", "bound", "gap", "seconds", "peak_mib",
    "highs_bound", "highs_seconds", "spopt", "spopt_seconds",
)  # fmt: skip
WIDTH = 14

Figures = dict[str, Any]


def draw(places: int, candidates: int, sites: int, seed: int) -> Problem:
    """Return an instance; weights are thousandths of a person."""
    chance = np.random.default_rng(seed)
    homes = chance.uniform(0.0, SIDE_M, (places, 2))
    masts = chance.uniform(0.0, SIDE_M, (candidates, 2))
    people = chance.integers(*PEOPLE, places)
    near = cKDTree(masts).query_ball_point(homes, REACH_M)
    site = np.array([mast for around in near for mast in sorted(around)], dtype=np.int64)
    place = np.repeat(np.arange(places), [len(around) for around in near])
    seen = chance.random(len(site)) < SEEN
    reach = scipy.sparse.csr_array(
        (np.ones(int(seen.sum())), (site[seen], place[seen])), shape=(candidates, places)
    )
    none, ones = np.zeros(candidates, dtype=np.int64), np.ones(candidates, dtype=np.int64)
    return problems.of(reach, MILLI * people, size=ones, budget=sites, charge=none)


def measure(problem: Problem) -> tuple[Figures, Choice]:
    """Return the figures of one instance and its choice.

    Raises
    ------
    AssertionError
        If a claim does not hold: value, bound and budget are what they are said to be.
    """
    began_s = time.perf_counter()
    choice = solve(problem, swap_steps=SWAP_STEPS, bound_steps=BOUND_STEPS)
    seconds = time.perf_counter() - began_s
    assert len(set(choice.sites)) == len(choice.sites) <= problem.budget
    assert choice.greedy_value <= choice.value == problem.value(choice.sites) <= choice.bound
    assert choice.bound == certificate.bound(choice.certificate)
    return {
        "places": len(problem.weight),
        "candidates": problem.candidates,
        "sites": problem.budget,
        "greedy": choice.greedy_value / MILLI,
        "reached": choice.value / MILLI,
        "bound": choice.bound / MILLI,
        "gap": choice.gap,
        "seconds": round(seconds, 3),
        "peak_mib": round(process.peak_mib(), 1),
    }, choice


def relaxed(problem: Problem) -> Figures:
    """Return bound and seconds of the linear relaxation by HiGHS' interior point."""
    reach, places = _matrix(problem), len(problem.weight)
    rows = scipy.sparse.block_array(
        [[-reach.T, scipy.sparse.eye_array(places)], [np.ones((1, problem.candidates)), None]]
    )
    costs = np.concatenate([np.zeros(problem.candidates), -problem.weight / MILLI])
    limits = np.append(np.zeros(places), float(problem.budget))
    began_s = time.perf_counter()
    found = linprog(costs, A_ub=rows.tocsr(), b_ub=limits, bounds=(0.0, 1.0), method="highs-ipm")
    seconds = round(time.perf_counter() - began_s, 3)
    assert found.status == 0, found.message
    return {"highs_bound": float(-found.fun), "highs_seconds": seconds}


def spopt(problem: Problem) -> Figures:
    """Return what spopt reaches in `PEER_SECONDS`, with None where it is not installed."""
    if importlib.util.find_spec("spopt") is None or importlib.util.find_spec("pulp") is None:
        return {"spopt": None, "spopt_seconds": None}
    locate, pulp = importlib.import_module("spopt.locate"), importlib.import_module("pulp")
    began_s = time.perf_counter()
    apart = 1.0 - _matrix(problem).T.toarray()
    people = problem.weight / MILLI
    model = locate.MCLP.from_cost_matrix(apart, people, 0.5, int(problem.budget))
    model = model.solve(pulp.PULP_CBC_CMD(msg=False, timeLimit=PEER_SECONDS))
    seconds = round(time.perf_counter() - began_s, 3)
    chosen = [site for site, places in enumerate(model.fac2cli) if places]
    return {"spopt": problem.value(chosen) / MILLI, "spopt_seconds": seconds}


def _matrix(problem: Problem) -> scipy.sparse.csr_array:
    sight, shape = problem.sight, (problem.candidates, len(problem.weight))
    return scipy.sparse.csr_array((np.ones(len(sight.points)), sight.points, sight.row), shape)


def show(figures: Figures) -> None:
    """Print headings and one line."""
    print("".join(f"{name:>{WIDTH}}" for name in COLUMNS))
    print("".join(f"{_cell(name, figures.get(name)):>{WIDTH}}" for name in COLUMNS), flush=True)
    if figures.get("spopt", 0) is None:
        print("spopt is not installed: no figures of it")


def _cell(name: str, value: object) -> str:
    if value is None:
        return "-"
    if name == "gap":
        return f"{value:.3%}"
    return f"{value:,.3f}" if isinstance(value, float) else str(value)


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--places", type=int, default=10_000, help="points with people")
    parser.add_argument("--candidates", type=int, default=1_000, help="where a site could stand")
    parser.add_argument("--sites", type=int, default=60, help="sites to choose")
    parser.add_argument("--seed", type=int, default=1, help="of the drawing")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--no-peer", action="store_true", help="leave the peers out")
    options = parser.parse_args()
    if min(options.places, options.candidates, options.sites) < 1:
        parser.error("places, candidates and sites must be above 0")
    solve(draw(50, 9, 3, 0), swap_steps=1, bound_steps=1)
    problem = draw(options.places, options.candidates, options.sites, options.seed)
    figures, _choice = measure(problem)
    if not options.no_peer:
        figures |= relaxed(problem) | spopt(problem)
    if options.json:
        print(json.dumps(figures), flush=True)
    else:
        show(figures)


if __name__ == "__main__":
    main()
