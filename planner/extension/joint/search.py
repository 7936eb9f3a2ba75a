"""Search from both sides: annealing lowers the cost, cuts raise the bound, branching ends it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from time import perf_counter
from typing import NamedTuple

import numpy as np

from planner.extension.joint.dual import Charges, charge_all
from planner.extension.joint.finish import finish
from planner.extension.joint.guide import following, hint_of_charges
from planner.extension.joint.model import Floats
from planner.extension.joint.multipliers import Multipliers
from planner.extension.joint.network import Net
from planner.extension.joint.primal import Annealer, Plan, annealer, needs_of
from planner.extension.joint.programme import Programme
from planner.extension.joint.raising import Raising, raising_of
from planner.extension.joint.rows import columns_of

MOVES_PER_TERMINAL, LEAST_MOVES = 300, 3_000
"""Moves of one annealing where steps are counted, at full effort."""

MANY = 1_000_000
"""Linear programmes at most where the clock ends them."""

SOLVED = 600
"""Linear programmes of a round where they are counted, at full effort, times terminals."""

BRANCHED = 200
"""Nodes of one branching where they are counted, at full effort."""

BRANCHING = 0.2
"""Share of the time kept for branching."""

WARM = (1.0, 0.2, 0.1)
"""First temperature of each annealing, in parts of the usual one."""

ENDS = (0.4, 0.7, 1.0)
"""Parts of the time at which each annealing ends."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found on its network.

    Parameters
    ----------
    plan
        The cheapest.
    bound_milli
        The best bound, branching included.
    multipliers
        What proves the best bound without branching.
    """

    plan: Plan
    bound_milli: int
    multipliers: Multipliers


class Pace(NamedTuple):
    """Clock time at which to end (None counts steps), multiple of the usual steps, seed."""

    until: float | None
    effort: float
    seed: int


def search(net: Net, pace: Pace, hint: tuple[Floats, Floats] | None = None) -> Found:
    """Search for a cheap plan and a good bound.

    Parameters
    ----------
    net
        Everybody on it can be served.
    hint
        Lines and trenches of a plan to begin with, from 0 to 1.
    """
    utilities, edges = net.line.shape
    if not (net.balance < 0).any():
        nobody = Plan(np.zeros((utilities, edges), dtype=np.bool_), 0)
        return Found(nobody, 0, Multipliers(np.zeros((utilities, edges), np.int64), (), (), 0))
    charges = charge_all(net)
    walk = _started(net, pace, charges, hint)
    raising = raising_of(net, charges, pace.seed)
    _rounds(net, pace, walk, raising)
    return _finished(pace, walk, raising)


def _started(
    net: Net, pace: Pace, charges: Charges, hint: tuple[Floats, Floats] | None
) -> Annealer:
    """Return a walk that begins with the cheapest of several plans."""
    needs = needs_of(net)
    walk = annealer(net, needs, pace.seed)
    hints = [hint_of_charges(net, charges), *([hint] if hint else [])]
    for number, (line, trench) in enumerate(hints):
        walk.take(following(net, needs, line, trench, pace.seed + number))
    walk.go_to(walk.best())
    return walk


def _rounds(net: Net, pace: Pace, walk: Annealer, raising: Raising) -> None:
    """Anneal and raise the bound side by side, by the clock, or in turn, by counts."""
    if pace.until is not None:
        begin = perf_counter()
        branching = BRANCHING if isinstance(raising.below, Programme) else 0.0
        span = (pace.until - begin) * (1.0 - branching)
        with ThreadPoolExecutor(1) as pool:
            risen = pool.submit(_raise, raising, walk, begin + span, MANY)
            for number, (warm, end) in enumerate(zip(WARM, ENDS, strict=True)):
                until = begin + span * end
                walk.cool(LEAST_MOVES, warm=warm, until=until)
                _follow(net, walk, raising, pace.seed + number)
            risen.result()
        _follow(net, walk, raising, pace.seed + len(WARM))
        return
    terminals = int((net.balance < 0).sum())
    moves = int(pace.effort * max(LEAST_MOVES, MOVES_PER_TERMINAL * terminals))
    solved = 1 + int(pace.effort * SOLVED / terminals)
    for number, warm in enumerate(WARM):
        walk.cool(moves, warm=warm)
        _raise(raising, walk, float("inf"), solved)
        _follow(net, walk, raising, pace.seed + number)
        if raising.bound_milli() >= walk.best().cost_milli:
            return


def _raise(raising: Raising, walk: Annealer, until: float, rounds: int) -> None:
    raising.go_on(lambda: walk.best().cost_milli, until=until, rounds=rounds)


def _follow(net: Net, walk: Annealer, raising: Raising, seed: int) -> None:
    """Offer the walk a plan near the last fractional one; it goes on from the best."""
    point = raising.point()
    if point.size:
        at = columns_of(net)
        arcs = np.stack([at.arcs(k, point) for k in range(at.utilities)])
        line = arcs.reshape(at.utilities, at.edges, 2).sum(axis=2)
        walk.take(following(net, walk.needs, line, point[: at.edges], seed))
    walk.go_to(walk.best())


def _finished(pace: Pace, walk: Annealer, raising: Raising) -> Found:
    """Branch, where there is a programme of the whole, and return the best of everything."""
    plan, known = walk.best(), raising.best()
    if not isinstance(raising.below, Programme):
        return Found(plan, min(known.bound_milli, plan.cost_milli), known)
    done = finish(
        raising.below,
        cost_milli=plan.cost_milli,
        until=pace.until,
        nodes=max(int(pace.effort * BRANCHED), 1),
    )
    if done.plan is not None and done.plan.cost_milli < plan.cost_milli:
        walk.take(done.plan)
        plan = walk.best()
    bound = min(max(done.bound_milli, known.bound_milli), plan.cost_milli)
    return Found(plan, bound, known)
