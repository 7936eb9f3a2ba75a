"""Search from both sides: annealing lowers the cost, the diagrams' multipliers raise the bound."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from time import perf_counter
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
from planner.trench.search.model import MILLI, Ints, Model, Modelled, model_of
from planner.trench.search.pace import Pace, pace
from planner.trench.search.primal import Primal

MOST_NODES, LEAST_NODES = 300_000, 5_000
"""Nodes that one diagram may have; larger clusters are taken apart."""

ALL_NODES = 12_000_000
"""Nodes that all diagrams may have together where steps are counted, at full effort."""

SWEEPS, STALLED = 60, 2e-6
"""Most sweeps at a time, and the relative gain below which they end."""

VOLUME_STEPS = 150
"""Most steps of the volume algorithm between sweeps."""

ROUND_NODES = 150_000_000
"""Nodes that a round of counted steps may visit in the volume algorithm."""

ROUNDS = 4
"""Annealings of a search that counts steps."""

STEP, KEEP = 0.3, 0.1
"""First Polyak factor and weight of new solutions in the volume algorithm."""

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
    certificate
        What proves the bound.
    values_milli
        What each of its clusters adds, in thousandths of a yuan.
    """

    status: Literal["optimal", "feasible", "empty"]
    starts: Mapping[int, int]
    left_out: tuple[int, ...]
    cost_yuan: float
    bound_yuan: float
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
    kept = sorted(begin) if begin else _at_peace(problem, attempt.modelled, attempt.primal.starts)
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
        certificate=Certificate(works=(), clusters=()),
    )


class _Attempt(NamedTuple):
    modelled: Modelled
    primal: Primal
    dual: Dual
    built: tuple[Diagram, ...]
    constant: int


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
    if dual.bound() >= FAR:
        pass  # some works cannot go together, and no plan holds them all
    elif steps.until is None:
        _in_turns(primal, dual, steps)
    else:
        _side_by_side(primal, dual, steps, steps.until)
    return _Attempt(modelled, primal, dual, tuple(built), constant)


def _in_turns(primal: Primal, dual: Dual, steps: Pace) -> None:
    """Count steps: each annealing draws by the prices of the round before."""
    nodes = max(dual.diagrams.low.size, 1)
    most = int(min(VOLUME_STEPS, ROUND_NODES / nodes) * steps.effort)
    _sweep(dual, SWEEPS // 2)
    with ThreadPoolExecutor(1) as pool:
        for _ in range(ROUNDS):
            primal.prefer(dual.regrets() / MILLI)
            target = _target(primal, dual)
            walking = pool.submit(primal.count_moves)
            _volume(dual, partial(float, target), most, float("inf"))
            _sweep(dual, SWEEPS // 4)
            walking.result()
            if _closed(primal, dual):
                break


def _side_by_side(primal: Primal, dual: Dual, steps: Pace, until: float) -> None:
    """Use the clock: annealing draws by the newest prices, which aim at the newest cost.

    Where half of the time found no allowed plan, the rest is left for fewer works.
    """
    until -= END_S + END_S_PER_WORK * steps.works
    half = perf_counter() + max(steps.left() / 2, LEAST_S)
    with ThreadPoolExecutor(1) as pool:
        walking = pool.submit(primal.until, until)
        while perf_counter() < until and not _closed(primal, dual):
            _sweep(dual, SWEEPS // 4, until)
            primal.prefer(dual.regrets() / MILLI)
            _volume(dual, lambda: _target(primal, dual), VOLUME_STEPS, until)
            if perf_counter() > half and not np.isfinite(primal.best_yuan):
                break
        primal.stopped = True
        walking.result()


def _sweep(dual: Dual, most: int, until: float = float("inf")) -> None:
    """Sweep while it gains; the bound's paths are up to date afterwards."""
    last = dual.bound()
    for _ in range(most):
        dual.sweep()
        bound = dual.bound()
        if bound - last <= STALLED * abs(bound) or perf_counter() > until:
            break
        last = bound


def _volume(dual: Dual, target: Callable[[], float], most: int, until: float) -> None:
    steps = iter(range(most))
    dual.volume(
        target,
        step=STEP,
        keep=KEEP,
        stop=lambda _bound: next(steps, None) is None or perf_counter() > until,
    )


def _target(primal: Primal, dual: Dual) -> float:
    """Return the cost to aim at, in thousandths; a guess before there is a plan."""
    guess = dual.last_bound * GUESS
    return min(guess, primal.best_yuan * MILLI) if np.isfinite(primal.best_yuan) else guess


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


def _at_peace(problem: Problem, modelled: Modelled, rows: Ints) -> list[int]:
    """Return the works that stay when those in most violations leave, one after another.

    Approved works stay: the limits make room for them, so that they are never alone in trouble.
    Who left and would be no trouble any more comes back.
    """
    model, here = modelled.model, set(range(len(modelled.works)))
    left: list[int] = []
    movable = {row for row in here if not problem.works[modelled.works[row]].fixed}
    while True:
        troubles = _troubles(model, rows, here)
        worst = max(troubles.keys() & movable, key=lambda row: (troubles[row], row), default=None)
        if worst is None:
            break
        here.discard(worst)
        left.append(worst)
    for row in left:
        if not _troubles(model, rows, here | {row}):
            here.add(row)
    return [modelled.works[row] for row in sorted(here)]


def _troubles(model: Model, rows: Ints, here: Collection[int]) -> Counter[int]:
    """Count by work the periods without a crew and the detours that it breaks."""
    used = np.zeros_like(model.cap)
    for row in here:
        if model.crew[row] >= 0:
            used[model.crew[row], rows[row] : rows[row] + model.span[row]] += 1
    over = used > model.cap
    counts: Counter[int] = Counter()
    for row in here:
        if model.crew[row] >= 0:
            counts[row] += int(over[model.crew[row], rows[row] : rows[row] + model.span[row]].sum())
        for i in range(model.near_ptr[row], model.near_ptr[row + 1]):
            apart = rows[model.near[i]] - rows[row]
            inside = model.near_low[i] < apart < model.near_high[i]
            counts[row] += int(inside and int(model.near[i]) in here)
    return +counts


def _found(problem: Problem, prices: Prices, attempt: _Attempt) -> Found:
    """Return the plan with its price, and the bound with what proves it."""
    modelled, dual = attempt.modelled, attempt.dual
    starts = _starts(modelled, attempt.primal.best)
    cost_yuan = plan_yuan(problem, prices, starts)
    price, crew = proof.whole_prices(dual)
    values = proof.values_milli(dual, price)
    bound_yuan = proof.proven_milli(dual, attempt.constant, values, crew) / MILLI
    optimal = cost_yuan - bound_yuan <= LEAST_GAP * cost_yuan
    placed = set(starts)
    return Found(
        status="optimal" if optimal else "feasible",
        starts=starts,
        left_out=tuple(work for work in range(len(problem.works)) if work not in placed),
        cost_yuan=cost_yuan,
        bound_yuan=min(bound_yuan, cost_yuan),
        certificate=proof.certificate(modelled, attempt.built, dual.diagrams, price, crew),
        values_milli=values,
    )
