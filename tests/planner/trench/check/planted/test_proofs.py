"""False things said of the proof of a plan and of the whole: `PROOFS`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from layers.county import County
from planner import ground
from planner.settings import defaults
from planner.trench.build import Built, build
from planner.trench.certificate import Certificate
from planner.trench.check.bound import bound_milli

if TYPE_CHECKING:
    from conftest import Case


def _proof(case: Case) -> Certificate:
    assert case.certificate is not None
    return case.certificate


def _bound(case: Case, by_yuan: float) -> dict[str, Any]:
    """Return figures with another bound, and the gap that belongs to it."""
    bound, cost = case.figures["bound_yuan"] + by_yuan, case.figures["cost_yuan"]
    return {"figures": {**case.figures, "bound_yuan": bound, "gap": (cost - bound) / cost}}


def _multiplier(case: Case, by: int) -> Certificate:
    proof = _proof(case)
    first, *rest = proof.clusters
    prices = (first.prices[0] + by, *first.prices[1:])
    return replace(proof, clusters=(replace(first, prices=prices), *rest))


def _crew_price(case: Case, price: int) -> Certificate:
    proof = _proof(case)
    crew = min(proof.crew_prices)
    return replace(proof, crew_prices={**proof.crew_prices, crew: proof.crew_prices[crew] + price})


def _with_figure(name: str, value: object) -> Callable[[Case], dict[str, Any]]:
    def changed(case: Case) -> dict[str, Any]:
        return {"figures": {**case.figures, name: value}}

    return changed


PROOFS: Mapping[str, Callable[[Case], dict[str, Any]]] = {
    "the bound raised": lambda case: _bound(case, 1.0),
    "the bound lowered": lambda case: _bound(case, -1.0),
    "the bound above the cost": lambda case: _bound(case, 2 * case.figures["cost_yuan"]),
    "a solver's bound above the cost": lambda case: {
        "figures": {**case.figures, "solver_bound_yuan": case.figures["cost_yuan"] + 1.0}
    },
    "a solver's bound that adds nothing": lambda case: {
        "figures": {**case.figures, "solver_bound_yuan": case.figures["bound_yuan"] - 1.0}
    },
    "a multiplier raised": lambda case: {"certificate": _multiplier(case, 1)},
    "multipliers lowered": lambda case: {"certificate": _multiplier(case, -20)},
    "a crew price below nothing": lambda case: {"certificate": _crew_price(case, -1)},
    "a crew price raised": lambda case: {"certificate": _crew_price(case, 10**9)},
    "no certificate": lambda _: {"certificate": None},
    "a certificate without bound": _with_figure("bound_yuan", None),
    "a work not certified": lambda case: {
        "certificate": replace(_proof(case), works=_proof(case).works[1:])
    },
    "a cluster counted twice": lambda case: {
        "certificate": replace(_proof(case), clusters=_proof(case).clusters * 2)
    },
    "no gap": _with_figure("gap", None),
    "another gap": _with_figure("gap", -0.5),
    "said to be empty": _with_figure("status", "empty"),
    "said to be something else": _with_figure("status", "fine"),
    "dearer than the greedy plan": lambda case: {
        "figures": {**case.figures, "cost_greedy_yuan": case.figures["cost_yuan"] - 1.0}
    },
    "permits of no profile": lambda _: {"permits": None},
    "permits of another profile": lambda _: {"permits": lambda _problem, _opening: "无"},
}
"""What is said of the proof and of the whole; seconds and a dearer greedy plan prove nothing."""


@pytest.mark.parametrize("change", PROOFS)
def test_a_false_proof_is_found(cases: tuple[Case, ...], change: str) -> None:
    for case in cases:
        assert case.check(**PROOFS[change](case)).failures


@pytest.mark.parametrize(
    ("name", "key"),
    [
        *(("sharing", key) for key in (
            "joint", "unstable", "unstable_shapley", "no_stable_split", "untested",
        )),
        *(("approved", key) for key in ("held", "moved", "moved_days")),
    ],
)  # fmt: skip
def test_a_wrong_count_of_splits_or_of_approved_dates_is_found(
    cases: tuple[Case, ...], name: str, key: str
) -> None:
    for case in cases:
        counts = case.figures[name]
        lost = {other: count for other, count in counts.items() if other != key}
        for false in ({**counts, key: counts[key] + 1}, lost):
            (failure,) = case.check(figures={**case.figures, name: false}).failures
            assert (failure.rule, failure.subject) == ("figures", name)


@pytest.mark.parametrize("false", [lambda keys: keys[1:], lambda keys: [*keys, "x"], lambda _: []])
def test_a_wrong_list_of_assumed_prices_is_found(
    cases: tuple[Case, ...], false: Callable[[list[str]], list[str]]
) -> None:
    for case in cases:
        figures = {**case.figures, "prices_assumed": false(case.figures["prices_assumed"])}
        (failure,) = case.check(figures=figures).failures
        assert (failure.rule, failure.subject) == ("figures", "prices_assumed")


def test_optimal_is_said_only_where_the_bound_meets_the_cost(cases: tuple[Case, ...]) -> None:
    """Without clusters a segment counts for one opening, and the re-opened one leaves a gap."""
    case = cases[0]
    assert case.figures["gap"] < 1e-7
    assert not case.check(figures={**case.figures, "status": "optimal"}).failures
    loose = replace(_proof(case), clusters=())
    bound = bound_milli(case.built.problem, loose)
    assert bound is not None
    figures = _bound(case, bound / 1000 - case.figures["bound_yuan"])["figures"]
    assert not case.check(figures=figures, certificate=loose).failures
    optimal = {**figures, "status": "optimal"}
    found = case.check(figures=optimal, certificate=loose).failures
    assert [failure.subject for failure in found] == ["status"]


def test_a_plan_of_the_sample_county_passes_and_its_faults_are_found(
    sample_county: County, finish: Callable[[Built], Case]
) -> None:
    chosen = defaults()
    onto = ground.segments_of(sample_county, chosen)
    works = sample_county["works"]
    built = build(
        onto, works, ground.place(works, onto, chosen), sample_county["crews"],
        sample_county["events"], chosen, start=pd.Timestamp("2026-01-01").date(), days=365,
    )  # fmt: skip
    case = finish(built)
    assert not case.check().failures
    for table, column in (("openings", "width_m"), ("participants", "share_shapley_yuan")):
        frame = case.tables[table].copy()
        frame.loc[len(frame) // 2, column] += 1.0
        assert case.check(**{table: frame}).failures
