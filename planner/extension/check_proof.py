"""Proof of the routing's bound: its certificate is replayed on the problem, without the search."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from planner.checking import Checks, Failure
from planner.extension.joint.certificate import Certificate
from planner.extension.joint.check_bound import bound_milli, replay, structure
from planner.extension.problem import Problem
from planner.extension.statement import state

FEN = 0.01
"""Yuan by which a stated figure may differ from what is recomputed."""

Test = tuple[bool, Failure]


def check(
    problem: Problem,
    *,
    connections: pd.DataFrame,
    figures: Mapping[str, Any],
    certificate: Certificate,
) -> Checks:
    """Prove that no routing of the same demands costs less than is stated, drains aside.

    Parameters
    ----------
    problem
        Built anew from the inputs.
    connections, figures
        What was decided: who is served, and cost, bound and gap.
    certificate
        What is said to prove the bound.

    Returns
    -------
    Checks
        Rules ``certificate``, ``bound`` and ``gap``.
    """
    return Checks.of((*_proof(problem, connections, figures, certificate), *_gap(figures)))


def _served(problem: Problem, connections: pd.DataFrame) -> list[int]:
    """Return the demands served, drains aside; second supplies are not counted apart."""
    place = {d.demand_id: i for i, d in enumerate(problem.demands) if d.utility != "drain"}
    return sorted({place[key] for key in connections["application_id"] if key in place})


def _proof(
    problem: Problem, connections: pd.DataFrame, figures: Mapping[str, Any], found: Certificate
) -> Iterator[Test]:
    model = state(problem, _served(problem, connections))
    faults = list(structure(model, found))
    if not faults:
        replayed, faults = replay(model, found, set())
    if not faults:
        milli, faults = bound_milli(replayed, found)
    yield _test("certificate", "; ".join(faults[:3]), held=not faults)
    if not faults:
        stated, proven = float(figures["bound_yuan"]), milli / 1000
        detail = f"stated {stated:.2f}, proven {proven:.2f}"
        yield _test("bound", detail, held=stated <= proven + FEN)


def _gap(figures: Mapping[str, Any]) -> Iterator[Test]:
    cost, bound = float(figures["cost_bounded_yuan"]), float(figures["bound_yuan"])
    yield _test("bound", f"bound {bound:.2f} above cost {cost:.2f}", held=bound <= cost + FEN)
    gap = 1.0 - bound / cost if cost > 0 else 0.0
    detail = f"stated {figures['gap']}, expected {gap}"
    yield _test("gap", detail, held=abs(float(figures["gap"]) - gap) <= 1e-9)
    met = cost - bound <= 1e-6 * cost
    detail = f"status {figures['status']} with cost {cost:.2f} and bound {bound:.2f}"
    yield _test("gap", detail, held=(figures["status"] == "optimal") <= met)


def _test(rule: str, detail: str, *, held: bool) -> Test:
    return held, Failure("extension", rule, "bound", detail)
