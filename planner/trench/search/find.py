"""Search from both sides: annealing lowers the cost, the diagrams' multipliers raise the bound."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from time import perf_counter, sleep
from typing import Literal, NamedTuple

import numpy as np

from planner.trench.certificate import Certificate
from planner.trench.cost import Prices
from planner.trench.plan import plan_yuan
from planner.trench.problem import Problem
from planner.trench.search import proof
from planner.trench.search.clusters import clusters
from planner.trench.search.diagrams import Diagram, diagrams, joined
from planner.trench.search.dual import FAR, Dual
from planner.trench.search.finish import FEN_MILLI, Finish, finish
from planner.trench.search.model import MILLI, Ints, Modelled, model_of
from planner.trench.search.pace import Pace, pace
from planner.trench.search.peace import at_peace, disturbed
from planner.trench.search.primal import Primal
from planner.trench.search.smoothing import smooth

MOST_NODES, LEAST_NODES = 300_000, 5_000
"""Nodes that one diagram may have; larger clusters are taken apart."""

ALL_NODES = 12_000_000
"""Nodes that all diagrams may have together where steps are counted, at full effort."""

SWEEPS, STALLED = 60, 2e-6
"""Most sweeps at a time, and the relative gain below which they end."""

HEAT, COOLER, COOLEST = 1.0, 1 / 3, 5
"""First heat of the smoothing, in parts of a diagram's mean share of the gap; what each round makes
of it; and how often."""

ROUNDS = 4
"""Rounds of a search that counts steps, and those before the finish is tried by the clock."""

SMOOTH_STEPS = 60
"""Most steps of a round of smoothing."""

ROUND_NODES = 200_000_000
"""Nodes that a round of counted steps may visit in the smoothing."""

TIMED_ARCS, COUNTED_ARCS = 120_000, 20_000
"""Arcs of the diagrams up to which the finish is tried: by the clock, and where steps count."""

FINISH_SHARE = 0.85
"""Part of the time left that the finish may use."""

SETTLED = 2e-6
"""Relative gain below which a last, coolest round of smoothing was one."""

LOOK_S = 0.05
"""Seconds between two looks at an annealing that goes on alone."""

GUESS = 1.02
"""Cost to aim at before there is a plan, in parts of the bound."""

END_S, END_S_PER_WORK = 0.2, 2.5e-4
"""Seconds kept to write down the certificate."""

LEAST_S = 1.0
"""Seconds of annealing before works are given up."""

LEAST_GAP = 1e-7
"""Relative gap below which a plan counts as the best possible."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a search found.

    Parameters
    ----------
    status
        ``optimal`` where the bound meets the cost, ``feasible``, or ``empty`` without works.
    starts
        Start of each placed work, by position in ``Problem.works``.
    left_out
        Works that no allowed plan was found for together with the others.
    cost_yuan, bound_yuan
        Cost of the plan, and what every plan of the placed works costs at least.
    certified_yuan
        The part of the bound that the certificate proves; what lies above it rests on the solver
        of `planner.trench.search.finish`.
    certificate
        What proves `certified_yuan`.
    values_milli
        What each of its clusters adds, in thousandths of a yuan.
    """

    status: Literal["optimal", "feasible", "empty"]
    starts: Mapping[int, int]
    left_out: tuple[int, ...]
    cost_yuan: float
    bound_yuan: float
    certified_yuan: float
    certificate: Certificate
    values_milli: tuple[int, ...] = ()

    @property
    def gap(self) -> float:
        """How much of the cost the bound leaves open, 0 to 1."""
        return max(0.0, 1.0 - self.bound_yuan / self.cost_yuan) if self.cost_yuan > 0 else 0.0


def search(
    problem: Problem,
    prices: Prices,
    *,
    begin: Mapping[int, int] | None = None,
    seed: int = 0,
    seconds: float | None = None,
    effort: float = 1.0,
) -> Found:
    """Return the best plan found, with a bound on the cost of every plan.

    Parameters
    ----------
    problem, prices
        What is to be planned; every work has an allowed start.
    begin
        An allowed plan to begin with; works that it leaves out are tried first with the others,
        and left out where that finds no plan.
    seed
        Two searches with one seed that count steps return the same.
    seconds
        Wall-clock limit; None counts steps.
    effort
        Multiple of the usual number of steps, where steps are counted.
    """
    works = range(len(problem.works))
    steps = pace(len(works), effort=effort, seconds=seconds)
    if not works:
        return _nothing(())
    attempt = _attempt(problem, prices, works, begin or {}, steps, seed)
    if np.isfinite(attempt.primal.best_yuan):
        return _found(problem, prices, attempt)
    kept = sorted(begin) if begin else at_peace(problem, attempt.modelled, attempt.primal.starts)
    if not kept:
        return _nothing(tuple(works))
    begin = begin or _starts(attempt.modelled, attempt.primal.starts, kept)
    steps = pace(len(kept), effort=effort, seconds=None if seconds is None else steps.left())
    attempt = _attempt(problem, prices, kept, begin, steps, seed)
    if not np.isfinite(attempt.primal.best_yuan):
        message = "the works that stay do not form an allowed plan"
        raise RuntimeError(message)
    return _found(problem, prices, attempt)


def _nothing(left_out: tuple[int, ...]) -> Found:
    """Return the plan without works."""
    return Found(
        status="empty",
        starts={},
        left_out=left_out,
        cost_yuan=0.0,
        bound_yuan=0.0,
        certified_yuan=0.0,
        certificate=Certificate(works=(), clusters=()),
    )


class _Attempt(NamedTuple):
    modelled: Modelled
    primal: Primal
    dual: Dual
    built: tuple[Diagram, ...]
    finished: Finish | None = None


def _attempt(
    problem: Problem,
    prices: Prices,
    works: Collection[int],
    begin: Mapping[int, int],
    steps: Pace,
    seed: int,
) -> _Attempt:
    """Search for plans that place all of some works."""
    modelled = model_of(problem, prices, works)
    model = modelled.model
    primal = Primal(model, _first(modelled, begin), pace=steps, seed=seed)
    primal.hurry()
    wanted = clusters(model)
    most_nodes = MOST_NODES
    if steps.until is None:
        fair = int(ALL_NODES * min(steps.effort, 1.0)) // max(len(wanted), 1)
        most_nodes = min(MOST_NODES, max(LEAST_NODES, fair))
    built = diagrams(model, wanted, most_nodes=most_nodes, stop=lambda: steps.left() < 0)
    constant = proof.constant_milli(problem, prices, modelled, built)
    dual = Dual(model, joined(model, built), constant=float(constant))
    finished = None
    if dual.bound() >= FAR:
        pass  # some works cannot go together, and no plan holds them all
    elif steps.until is None:
        _in_turns(primal, dual, steps)
        finished = _finish(primal, dual, most_arcs=int(COUNTED_ARCS * steps.effort), seconds=None)
    else:
        finished = _side_by_side(primal, dual, steps, steps.until)
    return _Attempt(modelled, primal, dual, tuple(built), finished)


def _in_turns(primal: Primal, dual: Dual, steps: Pace) -> None:
    """Count steps: each annealing draws by the prices of the round before."""
    nodes = max(dual.diagrams.low.size, 1)
    most = int(min(SMOOTH_STEPS, ROUND_NODES / nodes) * steps.effort)
    _sweep(dual, SWEEPS // 2)
    with ThreadPoolExecutor(1) as pool:
        for number in range(ROUNDS):
            primal.prefer(dual.regrets() / MILLI)
            heat = _heat(primal, dual, number)
            walking = pool.submit(primal.count_moves)
            _raise(dual, heat, most)
            walking.result()
            if _closed(primal, dual):
                break


def _side_by_side(primal: Primal, dual: Dual, steps: Pace, until: float) -> Finish | None:
    """Use the clock: annealing draws by the newest prices, which aim at the newest cost.

    Where half of the time found no allowed plan, the rest is left for fewer works.
    """
    until -= END_S + END_S_PER_WORK * steps.works
    half = perf_counter() + max(steps.left() / 2, LEAST_S)
    number, settled, finished = 0, False, None
    with ThreadPoolExecutor(1) as pool:
        walking = pool.submit(primal.until, until)
        _sweep(dual, SWEEPS // 2, until)
        while perf_counter() < until and not (_closed(primal, dual) or _proven(finished)):
            if settled:
                sleep(LOOK_S)
            else:
                primal.prefer(dual.regrets() / MILLI)
                before = dual.last_bound
                _raise(dual, _heat(primal, dual, number), SMOOTH_STEPS, until)
                number += 1
                gain = dual.last_bound - before
                settled = number >= ROUNDS and gain <= SETTLED * abs(before)
                if number == ROUNDS or (settled and finished is None):
                    left = (until - perf_counter()) * FINISH_SHARE
                    finished = _finish(primal, dual, most_arcs=TIMED_ARCS, seconds=left)
            if perf_counter() > half and not np.isfinite(primal.best_yuan):
                break
        primal.stopped = True
        walking.result()
    return finished


def _finish(primal: Primal, dual: Dual, *, most_arcs: int, seconds: float | None) -> Finish | None:
    """Solve what is still open, where there is a plan to start from and little is."""
    cost = primal.best_yuan * MILLI
    if not np.isfinite(cost) or _closed(primal, dual):
        return None
    dual.bound()
    return finish(dual, cost, most_arcs=most_arcs, seconds=seconds)


def _proven(finished: Finish | None) -> bool:
    return finished is not None and finished.optimal


def _heat(primal: Primal, dual: Dual, number: int) -> float:
    """Return the heat of a round of smoothing: less from round to round, and with the gap."""
    cost = primal.best_yuan * MILLI
    gap = (cost if np.isfinite(cost) else GUESS * dual.last_bound) - dual.last_bound
    diagrams = max(dual.diagrams.first_layer.size - 1, 1)
    return float(max(HEAT * COOLER ** min(number, COOLEST) * gap / diagrams, 1.0))


def _raise(dual: Dual, heat: float, steps: int, until: float = float("inf")) -> None:
    """Smooth, sweep, and keep what came of it if it proves more."""
    kept, before = (dual.price.copy(), dual.crew_price), dual.last_bound
    smooth(dual, heat, steps=steps, stop=lambda: perf_counter() > until)
    _sweep(dual, SWEEPS // 4, until)
    if dual.last_bound < before:
        dual.price, dual.crew_price = kept
        dual.bound()


def _sweep(dual: Dual, most: int, until: float = float("inf")) -> None:
    """Sweep while it gains; the bound's paths are up to date afterwards."""
    last = dual.bound()
    for _ in range(most):
        dual.sweep()
        bound = dual.bound()
        if bound - last <= STALLED * abs(bound) or perf_counter() > until:
            break
        last = bound


def _closed(primal: Primal, dual: Dual) -> bool:
    """Return whether the bound meets the cost, but for rounding."""
    cost = primal.best_yuan * MILLI
    return bool(np.isfinite(cost) and cost - dual.last_bound <= LEAST_GAP * abs(cost))


def _first(modelled: Modelled, begin: Mapping[int, int]) -> Ints:
    """Return the starts to begin with; the earliest where none are given."""
    first = modelled.model.starts[modelled.model.start_ptr[:-1]].copy()
    for row, work in enumerate(modelled.works):
        first[row] = begin.get(work, first[row])
    return first


def _starts(modelled: Modelled, rows: Ints, works: Collection[int] | None = None) -> dict[int, int]:
    found = dict(zip(modelled.works, rows.tolist(), strict=True))
    return found if works is None else {work: found[work] for work in works}


def _found(problem: Problem, prices: Prices, attempt: _Attempt) -> Found:
    """Return the plan with its price, and the bound with what proves it."""
    modelled, dual = attempt.modelled, attempt.dual
    starts, cost_yuan, solved_yuan = _cheapest(problem, prices, attempt)
    price, crew = proof.whole_prices(dual)
    values = proof.values_milli(dual, price)
    proven_milli = proof.proven_milli(dual, int(dual.constant), values, crew)
    certified_yuan = min(proven_milli / MILLI, cost_yuan)
    bound_yuan = min(max(certified_yuan, solved_yuan), cost_yuan)
    placed = set(starts)
    return Found(
        status="optimal" if cost_yuan - bound_yuan <= LEAST_GAP * cost_yuan else "feasible",
        starts=starts,
        left_out=tuple(work for work in range(len(problem.works)) if work not in placed),
        cost_yuan=cost_yuan,
        bound_yuan=bound_yuan,
        certified_yuan=certified_yuan,
        certificate=proof.certificate(modelled, attempt.built, dual.diagrams, price, crew),
        values_milli=values,
    )


def _cheapest(
    problem: Problem, prices: Prices, attempt: _Attempt
) -> tuple[Mapping[int, int], float, float]:
    """Return the plan of the walk or of the finish, its cost, and the bound of the finish."""
    modelled, finished = attempt.modelled, attempt.finished
    starts = _starts(modelled, attempt.primal.best)
    cost_yuan = plan_yuan(problem, prices, starts)
    if finished is None:
        return starts, cost_yuan, -np.inf
    if finished.starts is not None and not disturbed(modelled.model, finished.starts):
        found = _starts(modelled, finished.starts)
        found_yuan = plan_yuan(problem, prices, found)
        if found_yuan < cost_yuan:
            starts, cost_yuan = found, found_yuan
    solved_yuan = finished.bound_milli / MILLI
    met = cost_yuan - solved_yuan <= 2 * FEN_MILLI / MILLI
    return starts, cost_yuan, cost_yuan if met else solved_yuan
