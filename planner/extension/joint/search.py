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
from planner.extension.joint.network import Net
from planner.extension.joint.primal import Annealer, Plan, annealer, needs_of
from planner.extension.joint.programme import Multipliers, Programme, programme_of, tighten
from planner.extension.joint.rows import columns_of

MOST_ARCS = 60_000
"""Arcs, over all utilities, up to which there is a linear programme."""

MOVES_PER_TERMINAL, LEAST_MOVES = 300, 3_000
"""Moves of one annealing where steps are counted, at full effort."""

MANY = 1_000_000
"""Linear programmes at most where the clock ends them."""

SOLVED = 12
"""Linear programmes of a round where they are counted, at full effort."""

BRANCHED = 200
"""Nodes of one branching where they are counted, at full effort."""

BRANCHING = 0.2
"""Share of the time kept for branching."""

TELLING = 0.99
"""Part of the charges whose sets are rows from the start, the largest first."""

SMALL_ARCS = 14_000
"""Arcs, over all utilities, up to which all of them are columns from the start."""

WARM = (1.0, 0.2, 0.1)
"""First temperature of each annealing, in parts of the usual one."""

ENDS, ENDS_ALONE = (0.4, 0.7, 1.0), (0.8, 0.9, 1.0)
"""Parts of the time at which each annealing ends, beside a linear programme and without one."""


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
    programme = _programme(net, charges, pace.seed) if 2 * net.line.size <= MOST_ARCS else None
    _rounds(net, pace, walk, programme)
    known = _charged(charges)
    if programme is None or programme.best is None:
        return Found(walk.best(), min(known.bound_milli, walk.best().cost_milli), known)
    known = max(known, programme.best, key=lambda one: one.bound_milli)
    return _finished(programme, pace, walk, known)


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


def _programme(net: Net, charges: Charges, seed: int) -> Programme:
    """Return a programme that begins with the charged sets and the arcs without price."""
    at = columns_of(net)
    suggested = (charges.left.reshape(at.utilities, at.edges, 2) == 0).any(axis=2)
    if 2 * net.line.size <= SMALL_ARCS:
        suggested[:] = True
    programme = programme_of(net, suggested, seed)
    largest = sorted(charges.cuts(), key=lambda pair: -pair[1])
    sums = np.cumsum([amount for _, amount in largest])
    programme.add(cut for cut, _ in largest[: int((sums < TELLING * sums[-1]).sum()) + 1])
    return programme


def _charged(charges: Charges) -> Multipliers:
    """Return charges as multipliers; sets charged more than once are added up."""
    weights: dict[object, int] = {}
    cuts = {}
    for cut, amount in charges.cuts():
        weights[cut.key] = weights.get(cut.key, 0) + amount
        cuts[cut.key] = cut
    rows = tuple(cuts.values())
    amounts = tuple(weights[key] for key in cuts)
    return Multipliers(charges.share, rows, amounts, charges.bound_milli)


def _rounds(net: Net, pace: Pace, walk: Annealer, programme: Programme | None) -> None:
    """Anneal and tighten side by side, by the clock, or in turn, by counts."""
    if pace.until is not None:
        begin = perf_counter()
        span = (pace.until - begin) * (1.0 if programme is None else 1.0 - BRANCHING)
        with ThreadPoolExecutor(1) as pool:
            tightening = pool.submit(_tighten, programme, walk, begin + span, MANY)
            ends = ENDS_ALONE if programme is None else ENDS
            for number, (warm, end) in enumerate(zip(WARM, ends, strict=True)):
                until = begin + span * end
                walk.cool(LEAST_MOVES, warm=warm, until=until)
                _follow(net, walk, programme, pace.seed + number)
            tightening.result()
        _follow(net, walk, programme, pace.seed + len(WARM))
        return
    terminals = int((net.balance < 0).sum())
    moves = int(pace.effort * max(LEAST_MOVES, MOVES_PER_TERMINAL * terminals))
    for number, warm in enumerate(WARM):
        walk.cool(moves, warm=warm)
        _tighten(programme, walk, float("inf"), max(int(pace.effort * SOLVED), 1))
        _follow(net, walk, programme, pace.seed + number)
        if programme is not None and _met(walk, programme):
            return


def _met(walk: Annealer, programme: Programme) -> bool:
    best = programme.best
    return best is not None and best.bound_milli >= walk.best().cost_milli


def _tighten(programme: Programme | None, walk: Annealer, until: float, rounds: int) -> None:
    if programme is not None:
        tighten(programme, lambda: walk.best().cost_milli, until=until, rounds=rounds)


def _follow(net: Net, walk: Annealer, programme: Programme | None, seed: int) -> None:
    """Offer the walk a plan near the last point of the programme; it goes on from the best."""
    if programme is not None and programme.point.size:
        at, point = columns_of(net), programme.point
        arcs = np.stack([at.arcs(k, point) for k in range(at.utilities)])
        line = arcs.reshape(at.utilities, at.edges, 2).sum(axis=2)
        walk.take(following(net, walk.needs, line, point[: at.edges], seed))
    walk.go_to(walk.best())


def _finished(programme: Programme, pace: Pace, walk: Annealer, known: Multipliers) -> Found:
    """Branch, where that is promising, and return the best of everything."""
    plan = walk.best()
    done = finish(
        programme,
        cost_milli=plan.cost_milli,
        until=pace.until,
        nodes=max(int(pace.effort * BRANCHED), 1),
    )
    if done.plan is not None and done.plan.cost_milli < plan.cost_milli:
        walk.take(done.plan)
        plan = walk.best()
    bound = min(max(done.bound_milli, known.bound_milli), plan.cost_milli)
    return Found(plan, bound, known)
