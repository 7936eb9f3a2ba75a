"""The joint schedule as one CP-SAT model, the baseline that solves the whole problem at once.

Usage: ``python -m benchmarks.cpsat --problem FILE.json [--seconds T] [--workers K]`` prints one
JSON object. It runs in a process of its own: ortools and the HiGHS bindings must not meet in one.
"""

from __future__ import annotations

import argparse
import json
import math
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ortools.sat.python import cp_model

Instance = Mapping[str, Any]
Literal = cp_model.IntVar
Ground = tuple[str, ...]
"""The works of a segment; segments with the same works are open together."""

SUBSOLVERS = ("reduced_costs", "max_lp")
"""By trial the strongest pair for two workers: the default pair never looks at the relaxation."""


class Model:
    """Start literals of works, open and opening literals of segments by period.

    Parameters
    ----------
    instance
        In the exchange format ``trench-1``.
    """

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._model = cp_model.CpModel()
        self._constant_yuan = 0
        self._works = {work["id"]: work for work in instance["works"]}
        self._starts = self._add_starts()
        self._open: dict[Ground, list[Literal]] = {}
        self._add_segments()
        self._add_crews()

    def solve(self, *, seconds: float, workers: int) -> dict[str, Any]:
        """Solve and return status, cost and bound in yuan, seconds and the start of each work.

        Cost and starts are None where no plan was found in time.
        """
        solver = cp_model.CpSolver()
        solver.parameters.max_time_in_seconds = seconds
        solver.parameters.num_workers = workers
        solver.parameters.linearization_level = 2
        solver.parameters.subsolvers.extend(SUBSOLVERS)
        status = solver.solve(self._model)
        found = status in {cp_model.OPTIMAL, cp_model.FEASIBLE}
        bound = solver.best_objective_bound
        return {
            "status": solver.status_name(status).lower(),
            "cost_yuan": round(solver.objective_value) if found else None,
            "bound_yuan": math.ceil(bound - 1e-6) if math.isfinite(bound) else None,
            "seconds": round(solver.wall_time, 1),
            "starts": self._plan(solver) if found else None,
        }

    def _plan(self, solver: cp_model.CpSolver) -> dict[str, int]:
        return {
            work: next(start for start, literal in starts.items() if solver.boolean_value(literal))
            for work, starts in self._starts.items()
        }

    def _add_starts(self) -> dict[str, dict[int, Literal]]:
        blocked = {row["id"]: set(row["blocked"]) for row in self._instance["segments"]}
        starts: dict[str, dict[int, Literal]] = {}
        for key, work in self._works.items():
            shut = set().union(*(blocked[segment] for segment in work["segments"]))
            last = min(work["latest"], self._instance["periods"] - work["duration"])
            starts[key] = {
                start: self._model.new_bool_var(f"{key} starts {start}")
                for start in range(max(work["earliest"], 0), last + 1)
                if shut.isdisjoint(range(start, start + work["duration"]))
            }
            self._model.add_exactly_one(starts[key].values())
        return starts

    def _active(self, key: str) -> dict[int, list[Literal]]:
        """Return for each period the starts by which a work is active in it."""
        active: dict[int, list[Literal]] = defaultdict(list)
        for start, literal in self._starts[key].items():
            for period in range(start, start + self._works[key]["duration"]):
                active[period].append(literal)
        return active

    def _add_segments(self) -> None:
        works_on: dict[str, list[str]] = defaultdict(list)
        for key, work in self._works.items():
            for segment in work["segments"]:
                works_on[segment].append(key)
        ground = {segment: tuple(works) for segment, works in works_on.items()}
        opening_yuan: dict[Ground, int] = defaultdict(int)
        open_period_yuan: dict[Ground, int] = defaultdict(int)
        for row in self._instance["segments"]:
            if row["id"] in ground:
                opening_yuan[ground[row["id"]]] += row["opening_yuan"]
                open_period_yuan[ground[row["id"]]] += row["open_period_yuan"]
        costs = [
            cost
            for works, yuan in opening_yuan.items()
            for cost in self._costs(works, yuan, open_period_yuan[works])
        ]
        self._model.minimize(sum(costs) + self._constant_yuan)
        for one, other in self._instance["conflicts"]:
            if one in ground and other in ground:
                self._forbid(ground[one], ground[other])

    def _costs(
        self, works: Ground, opening_yuan: int, open_period_yuan: int
    ) -> list[cp_model.LinearExpr]:
        if len(works) == 1:
            lasts = self._works[works[0]]["duration"]
            self._constant_yuan += opening_yuan + open_period_yuan * lasts
            return []
        is_open = self._open_literals(works)
        opens = [self._model.new_bool_var("") for _ in is_open]
        for period, literal in enumerate(opens):
            before = is_open[period - 1] if period else 0
            self._model.add(literal >= is_open[period] - before)
        for work in works:
            if self._starts[work]:
                self._stab(work, is_open, opens)
        weights = [opening_yuan] * len(opens) + [open_period_yuan] * len(is_open)
        return [cp_model.LinearExpr.weighted_sum([*opens, *is_open], weights)]

    def _stab(self, work: str, is_open: list[Literal], opens: list[Literal]) -> None:
        """State what follows: the work finds its segments open, or they open in its window.

        Without it the relaxation spreads the starts and hardly sees an opening.
        """
        first, last = min(self._starts[work]), max(self._starts[work])
        within = opens[first : last + 1] + (is_open[first - 1 : first] if first else [])
        self._model.add_bool_or(within)

    def _open_literals(self, works: Ground) -> list[Literal]:
        """Return for each period whether these works hold their segments open; made once."""
        if works not in self._open:
            active = [self._active(work) for work in works]
            self._open[works] = []
            for period in range(self._instance["periods"]):
                literal = self._model.new_bool_var("")
                here = [starts[period] for starts in active if period in starts]
                for starts in here:
                    self._model.add(sum(starts) <= literal)
                # an idle open trench is not allowed
                self._model.add(sum(start for starts in here for start in starts) >= literal)
                self._open[works].append(literal)
        return self._open[works]

    def _forbid(self, one: Ground, other: Ground) -> None:
        pairs = zip(self._open_literals(one), self._open_literals(other), strict=True)
        for pair in pairs:
            self._model.add_at_most_one(pair)

    def _add_crews(self) -> None:
        busy: dict[tuple[str, int], list[Literal]] = defaultdict(list)
        for key, work in self._works.items():
            for period, starts in self._active(key).items():
                busy[work["utility"], period] += starts
        limits = self._instance["crews"]
        for (utility, _), starts in busy.items():
            if utility in limits:
                self._model.add(sum(starts) <= limits[utility])


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--problem", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    instance = json.loads(options.problem.read_text(encoding="utf-8"))
    print(json.dumps(Model(instance).solve(seconds=options.seconds, workers=options.workers)))


if __name__ == "__main__":
    main()
