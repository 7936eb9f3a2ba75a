"""Finished plans with everything in them that tables can say, to plant errors into."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pytest

from layers.tables import OPENINGS, PARTICIPANTS, REOPENINGS, STARTS, UNPLACED
from planner.checking import Checks
from planner.rules.profile import load
from planner.trench.build import Built
from planner.trench.certificate import Certificate, Cluster
from planner.trench.check import check
from planner.trench.check.bound import bound_milli
from planner.trench.cost import Prices
from planner.trench.domains import starts as allowed
from planner.trench.plan import Opening, plan_yuan
from planner.trench.problem import Problem
from planner.trench.run import solve

MakeCase = Callable[..., Built]
TABLES = tuple(table.name for table in (OPENINGS, PARTICIPANTS, REOPENINGS, UNPLACED, STARTS))


def permits(problem: Problem, opening: Opening) -> str:
    """Name a permit for each work, as a profile would."""
    return "；".join(f"挖掘许可 {problem.works[work].id}" for work in opening.works)


@dataclass(frozen=True)
class Case:
    """A finished plan: what `check` is given."""

    built: Built
    tables: Mapping[str, pd.DataFrame]
    figures: Mapping[str, Any]
    certificate: Certificate | None

    def check(self, **changed: object) -> Checks:
        given: dict[str, Any] = {
            **self.tables, "figures": self.figures, "certificate": self.certificate,
            "permits": permits,
        }  # fmt: skip
        return check(self.built, **{**given, **changed})


def finished(built: Built) -> Case:
    """Return the plan of a case, with a bound that prices each segment by itself."""
    result = solve(built, profile=load("wushan-2021"), permits=permits)
    problem, plan = built.problem, result.plan
    users: dict[int, list[int]] = {}
    for work in sorted(plan.starts):
        for task in problem.works[work].tasks:
            users.setdefault(task.segment, []).append(work)
    clusters = tuple(
        Cluster(
            segments=(segment,),
            works=tuple(works),
            prices=tuple(
                np.zeros(len(allowed(problem, problem.works[w])), np.int64) for w in works
            ),
            priced=True,
        )
        for segment, works in users.items()
        if 1 < len(works) < 4
    )
    crews = {crew: np.zeros(problem.periods, np.int64) for crew in problem.crews}
    certificate = Certificate(
        works=tuple(sorted(plan.starts)), clusters=clusters, crew_prices=crews
    )
    bound = bound_milli(problem, certificate)
    assert bound is not None
    cost = round(plan_yuan(problem, Prices(problem), plan.starts), 2)
    figures = {
        **result.figures, "status": "feasible", "cost_yuan": cost, "bound_yuan": bound / 1000,
        "gap": (cost - bound / 1000) / cost,
    }  # fmt: skip
    return Case(built, {name: getattr(result, name) for name in TABLES}, figures, certificate)


@pytest.fixture(scope="session")
def finish() -> Callable[[Built], Case]:
    """Return the function that plans a case, with a bound that prices each segment by itself."""
    return finished


@pytest.fixture(scope="session")
def cases(make_case: MakeCase) -> tuple[Case, ...]:
    """Return plans with everything in them that tables can say, planned by weeks."""
    gas = {"utility": "gas", "owner": "燃气公司", "diameter_mm": 110.0}
    power = {"utility": "power", "owner": "供电公司"}
    weeks = {"trench.period_days": 7}
    reopened = make_case(
        [
            {"earliest": "2026-02-01", "latest": "2026-02-20"},
            {**gas, "earliest": "2026-02-01", "latest": "2026-04-30"},
            {**gas, "earliest": "2026-06-01", "latest": "2026-08-31"},
            {"on": [(1, 0.0, 80.0, "left")], "fixed": True, "wanted": "2026-02-04"},
            {"on": []},
            {"on": [], "owner": "供热公司", "utility": "heat"},
        ],
        segments=3,
        roads=[{}, {"opened_on": "2021-06-01", "detour_group": "A"}, {"detour_group": "A"}],
        crews=[{"owner": "燃气公司", "crews": 1}],
        settings=weeks,
    )
    shared = make_case(
        [
            {"on": [(0, 0.0, 60.0, "left"), (1, 20.0, 90.0, "right")], "emergency": True},
            {
                **gas, "duration_days": 20.0,
                "on": [(0, 10.0, 80.0, "left"), (0, 20.0, 50.0, "right")],
            },
            {**power, "on": [(0, 30.0, 100.0, "left")], "wanted": "2026-03-02"},
            {**power, "on": [(1, 0.0, 50.0, "right")], "latest": "2026-05-31"},
            {**gas, "on": [(2, 0.0, 45.0, "left")], "earliest": "2026-07-01"},
        ],
        segments=3,
        roads=[{"town": "河东镇"}, {"surface": "concrete", "road_class": "arterial"}, {}],
        events=[
            {
                "event_id": "E", "name": "汛期", "kind": "rain", "starts_on": "2026-01-01",
                "ends_on": "2026-12-31", "town": "河东镇", "road_class": "主干路",
            }
        ],
        crews=[{"owner": "供电公司", "crews": 1}, {"owner": "燃气公司", "crews": 2}],
        settings=weeks,
    )  # fmt: skip
    found = tuple(finished(built) for built in (reopened, shared))
    assert not [failure for case in found for failure in case.check().failures]
    return found
