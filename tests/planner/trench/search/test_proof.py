"""What a search proves is proven again without it, and lies below every plan."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Protocol

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.section.layout import Line
from planner.trench.certificate import Certificate
from planner.trench.check.bound import bound_milli, check_bound
from planner.trench.cost import Prices
from planner.trench.problem import Problem, Stretch, Task, Work
from planner.trench.search import proof
from planner.trench.search.diagrams import Diagram
from planner.trench.search.dual import FAR, Dual
from planner.trench.search.model import Modelled
from planner.trench.search.smoothing import smooth

MakeProblem = Callable[..., Problem]
MakeBelow = Callable[..., "Below"]
Least = Callable[[Problem], float | None]
SEEDS = st.integers(0, 10**9)
NODES = st.sampled_from([6, 12, 25, 60, 300_000])


class Below(Protocol):
    """The lower side of a search, as the fixture `below` builds it."""

    modelled: Modelled
    built: list[Diagram]
    dual: Dual
    constant: int


def proven(made: Below) -> tuple[Certificate, float]:
    """Return the certificate of the multipliers as they stand, and its bound in yuan."""
    price, crew = proof.whole_prices(made.dual)
    values = proof.values_milli(made.dual, price)
    written = proof.certificate(made.modelled, made.built, made.dual.diagrams, price, crew)
    return written, proof.proven_milli(made.dual, made.constant, values, crew) / 1000


def raised(made: Below, steps: int) -> None:
    """Raise the bound by sweeps and along its smoothing."""
    made.dual.sweep()
    smooth(made.dual, 5000.0, steps=steps, stop=lambda: False)
    made.dual.sweep()


def faults(problem: Problem, certificate: Certificate, bound: float, cost: float) -> list[str]:
    found = check_bound(
        problem,
        certificate,
        placed=range(len(problem.works)),
        cost_yuan=cost,
        bound_yuan=bound,
    )
    return [f"{one.rule} {one.subject}: {one.detail}" for held, one in found if not held]


@pytest.mark.parametrize("lines", [True, False])
@settings(deadline=None, max_examples=120)
@given(seed=SEEDS, nodes=NODES)
def test_the_certificate_proves_the_bound_again_and_no_plan_costs_less(
    make_problem: MakeProblem,
    below: MakeBelow,
    least_yuan: Least,
    lines: bool,
    seed: int,
    nodes: int,
) -> None:
    """With sections, lags, merged segments, crews, detours, and clusters that were taken apart."""
    problem = make_problem(seed, lines=lines, crews=1)
    made = below(problem, most_nodes=nodes)
    best = least_yuan(problem)
    if made.dual.bound() >= FAR:
        assert best is None
    else:
        raised(made, 25)
        certificate, bound = proven(made)
        assert faults(problem, certificate, bound, np.inf if best is None else best) == []


@settings(deadline=None, max_examples=60)
@given(seed=SEEDS, nodes=NODES)
def test_the_bound_is_sound_before_any_step_too(
    make_problem: MakeProblem, below: MakeBelow, least_yuan: Least, seed: int, nodes: int
) -> None:
    problem = make_problem(seed)
    made, best = below(problem, most_nodes=nodes), least_yuan(problem)
    if best is not None:
        certificate, bound = proven(made)
        assert faults(problem, certificate, bound, best) == []


@settings(deadline=None, max_examples=40)
@given(seed=SEEDS)
def test_one_cluster_for_all_proves_the_best_plan(
    make_problem: MakeProblem, below: MakeBelow, least_yuan: Least, seed: int
) -> None:
    """On a single road without crews nothing is relaxed."""
    problem = make_problem(seed, roads=1, twins=False, conflicts=False, whole_yuan=True)
    problem = replace(problem, crews={}, works=tuple(_unbound(problem)))
    best = least_yuan(problem)
    certificate, bound = proven(below(problem))
    if problem.works:
        assert bound == pytest.approx(best, abs=0.03)
        assert len(certificate.clusters) <= 1


def _unbound(problem: Problem) -> Iterator[Work]:
    return (replace(work, crew="") for work in problem.works)


def test_a_pair_kept_apart_by_two_detours_far_apart_in_time_is_bounded_from_below(
    plain: MakeProblem, below: MakeBelow
) -> None:
    """The forbidden differences of time lie in two clusters: the certificate proves more."""
    problem = plain([{}, {}], segments=4, periods=40, conflicts=((0, 1), (2, 3)))
    first, second = problem.works
    first = replace(first, tasks=(Task(0, (), 0, 2), Task(2, (), 9, 2)), latest=12)
    second = replace(second, tasks=(Task(1, (), 0, 2), Task(3, (), 0, 2)), latest=12)
    late = [replace(work, late_period_yuan=100.0) for work in (first, second)]
    problem = replace(problem, works=tuple(late))
    certificate, bound = proven(below(problem))
    again = bound_milli(problem, certificate)
    assert again is not None
    assert 4080 <= bound <= again / 1000


@pytest.mark.parametrize("wait", [0, 1])
@pytest.mark.parametrize("roads", [8, 40])
def test_rounding_on_many_alike_segments_states_no_more_than_is_proven(
    plain: MakeProblem, below: MakeBelow, roads: int, wait: int
) -> None:
    """One group with a trench on every road, dug in one opening or in three."""
    problem = plain([{"on": tuple(range(roads))}] * 3, segments=roads, periods=12)
    works = tuple(
        replace(
            work,
            line=Line(utility),
            tasks=tuple(_dug(task, 33.33 + task.segment / 7) for task in work.tasks),
            earliest=(2 + wait) * place,
            latest=(2 + wait) * place,
            wanted=(2 + wait) * place,
        )
        for place, (work, utility) in enumerate(
            zip(problem.works, ("gas", "water", "power"), strict=True)
        )
    )
    odd = tuple(replace(one, opening_yuan=999.9996) for one in problem.segments)
    problem = replace(problem, works=works, segments=odd)
    certificate, bound = proven(below(problem))
    again = bound_milli(problem, certificate)
    assert again is not None
    assert again / 1000 - 0.01 * roads <= bound <= again / 1000


def _dug(task: Task, to_m: float) -> Task:
    return replace(task, stretches=(Stretch(0.0, to_m, "right"),))


def test_approved_works_above_the_limit_of_their_crew_are_proven_again(
    plain: MakeProblem, below: MakeBelow
) -> None:
    approved = {"crew": "a", "fixed": True, "duration": 3}
    problem = plain([approved] * 3 + [{"crew": "a"}], crews={"a": 1})
    made = below(problem)
    made.dual.set_crew_price(np.full(12, 1500.4))
    certificate, bound = proven(made)
    assert faults(problem, certificate, bound, 1e9) == []


def test_certified_prices_are_whole_thousandths(
    make_problem: MakeProblem, below: MakeBelow
) -> None:
    made = below(make_problem(12, works=6, crews=1), most_nodes=20)
    raised(made, 30)
    certificate, _ = proven(made)
    rows = [price for cluster in certificate.clusters for price in cluster.prices]
    assert rows
    assert {row.dtype for row in rows} == {np.dtype(np.int64)}
    assert all(price.dtype == np.int64 for price in certificate.crew_prices.values())


@settings(deadline=None, max_examples=60)
@given(seed=SEEDS, nodes=NODES)
def test_what_is_stated_is_what_is_proven_but_for_rounding(
    make_problem: MakeProblem, below: MakeBelow, seed: int, nodes: int
) -> None:
    """Of tiny problems: less than a thousandth for each price that is rounded."""
    problem = make_problem(seed)
    made = below(problem, most_nodes=nodes)
    if made.dual.bound() < FAR and problem.works:
        certificate, bound = proven(made)
        again = bound_milli(problem, certificate)
        assert again is not None
        assert abs(again / 1000 - bound) <= 0.05


def test_the_constant_of_a_problem_without_clusters_is_what_works_pay_alone(
    plain: MakeProblem, below: MakeBelow
) -> None:
    problem = plain([{"on": (0,)}, {"on": (1,), "duration": 4}], segments=2)
    prices = Prices(problem)
    alone = prices.alone_yuan(0, 0) + prices.alone_yuan(1, 1)
    assert below(problem).constant == 1000 * alone
