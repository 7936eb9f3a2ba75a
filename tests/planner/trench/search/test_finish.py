"""The finish finds the best plan among those that the bound leaves open, and says so only then."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
import pytest

from planner.trench.cost import Prices
from planner.trench.deciding.violations import violations
from planner.trench.plan import plan_yuan
from planner.trench.problem import Problem
from planner.trench.search import find
from planner.trench.search.diagrams import Diagram
from planner.trench.search.dual import FAR, Dual
from planner.trench.search.find import search
from planner.trench.search.finish import arcs_left, finish
from planner.trench.search.model import MILLI, Ints, Modelled

MakeProblem = Callable[..., Problem]
MakeBelow = Callable[..., "Below"]
Least = Callable[[Problem], float | None]
PLENTY = 10**9


class Below(Protocol):
    """The lower side of a search, as the fixture `below` builds it."""

    modelled: Modelled
    built: list[Diagram]
    dual: Dual


def planned(made: Below, rows: Ints) -> dict[int, int]:
    return dict(zip(made.modelled.works, rows.tolist(), strict=True))


@pytest.mark.parametrize("nodes", [8, 300_000])
@pytest.mark.parametrize("block", range(4))
def test_the_best_of_all_plans_is_found_and_proven_from_any_dearer_plan(
    make_problem: MakeProblem, below: MakeBelow, least_yuan: Least, nodes: int, block: int
) -> None:
    tried = 0
    for seed in range(block * 10, block * 10 + 10):
        problem = make_problem(seed, lines=False)
        best = least_yuan(problem)
        made = below(problem, most_nodes=nodes)
        if best is None or made.dual.bound() >= FAR or _loose(made):
            continue
        tried += 1
        found = finish(made.dual, 1.3 * best * MILLI, most_arcs=PLENTY, seconds=None)
        assert found is not None
        assert found.optimal
        assert found.starts is not None
        plan = planned(made, found.starts)
        assert violations(problem, plan) == ()
        assert plan_yuan(problem, Prices(problem), plan) == pytest.approx(best)
        assert MILLI * best - 20 <= found.bound_milli <= MILLI * best
    assert tried > 0


def _loose(made: Below) -> bool:
    """Return whether some segment's price is only bounded, so that the diagrams are not exact."""
    return any(part.filled for one in made.built for part in one.cluster.parts)


def test_nothing_is_done_where_too_much_is_open(
    make_problem: MakeProblem, below: MakeBelow
) -> None:
    dual = below(make_problem(2, works=6)).dual
    cost = 1.5 * dual.bound()
    assert arcs_left(dual, cost, most=3) is None
    assert finish(dual, cost, most_arcs=3, seconds=None) is None


def test_fewer_arcs_are_left_the_nearer_the_bound_is(
    make_problem: MakeProblem, below: MakeBelow
) -> None:
    dual = below(make_problem(2, works=6)).dual
    bound = dual.bound()
    left = [arcs_left(dual, share * bound, most=PLENTY) for share in (1.01, 1.2, 2.0)]
    sizes = [arcs.tail.size for arcs in left if arcs is not None]
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[-1]


def test_without_time_it_claims_no_more_than_is_true(
    make_problem: MakeProblem, below: MakeBelow, least_yuan: Least
) -> None:
    for seed in range(12):
        problem = make_problem(seed, lines=False)
        best, dual = least_yuan(problem), below(problem).dual
        if best is not None and dual.bound() < FAR:
            found = finish(dual, 1.3 * best * MILLI, most_arcs=PLENTY, seconds=0.0)
            assert found is not None
            assert found.bound_milli <= MILLI * best


def test_a_search_says_what_rests_on_the_solver_and_what_on_the_certificate(
    make_problem: MakeProblem, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(find, "ROUNDS", 1)
    monkeypatch.setattr(find, "SMOOTH_STEPS", 1)
    gaps = []
    for seed in range(8):
        problem = make_problem(seed, works=10, roads=8, starts=8, periods=30, crews=2, lines=False)
        found = search(problem, Prices(problem))
        gaps.append(found.bound_yuan - found.certified_yuan)
        assert found.certified_yuan <= found.bound_yuan <= found.cost_yuan
    assert max(gaps) > 0
    assert np.isfinite(gaps).all()
