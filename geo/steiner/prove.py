"""Raise the bound on a level until it meets the best tree: ascent, linear programs, two cases."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from geo.steiner.climb import climbed
from geo.steiner.csr import Ints, Small
from geo.steiner.cut_lp import Relaxed, entries, merged, moved, relaxed, separated
from geo.steiner.dual import Cuts, Dual, both, laid, no_cuts, raised, tightened
from geo.steiner.incumbent import Incumbent
from geo.steiner.levels import Level
from geo.steiner.pace import Pace
from geo.steiner.problem import Problem
from geo.steiner.proof import Raised, Split, Step
from geo.steiner.reduce import simplified
from geo.steiner.trees import along, spanning

TRIES = 30
"""Dual ascents between two looks at what they shut."""

LEAST_SHUT = 0.02
"""Share of the open arcs that must be shut for a level to shrink."""

PROGRAMS, PROGRAM_ENTRIES = 150, 2_000_000
"""Linear programs of a search that counts, and arcs of the cuts in all of them together."""

MOST_ENTRIES = 300_000
"""Arcs of all cuts together up to which a linear program is tried."""

GROWTH = 1.5
"""Power of the number of entries by which the time of a linear program grows."""

OLD = 3
"""Programs that a cut outlives in the pool while it is not tight."""

STALLED_ROUNDS, STALLED_SHARE = 8, 0.02
"""A case whose gap closes by less than this share in so many programs is split."""

MOST_DEPTH = 100
"""Nodes that are decided before a case is left open."""

LEAST_VALUE = 1e-6
"""Value of a raised cut, in units of cost, from which it enters the pool."""

LEAST_GAP = 1e-9
"""Relative gap that counts as none where costs are not whole."""


@dataclass(slots=True)
class _Case:
    """What is known of one case.

    Parameters
    ----------
    level
        The graph, as far as it has shrunk.
    pool, age
        Cuts for linear programs with their last prices, and for how many programs each was slack.
    depth
        How many times it was split off.
    bound, best
        The best bound, and the dual solution behind it, if no step holds it yet.
    steps
        What proves the bound.
    flow
        By slot: the last solution of the linear program.
    """

    level: Level
    pool: Cuts
    age: Ints
    depth: int = 0
    bound: int = 0
    best: Raised | None = None
    steps: list[Step] = field(default_factory=list)
    flow: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))


class Prover:
    """Raises bounds; holds what all cases share.

    Parameters
    ----------
    problem
        What is solved.
    pace
        How long the search goes on.
    incumbent
        The best tree so far; found trees are offered to it.
    seed
        Seed of orders.
    """

    def __init__(self, problem: Problem, pace: Pace, incumbent: Incumbent, seed: int) -> None:
        self._problem = problem
        self._pace = pace
        self._incumbent = incumbent
        self._rng = np.random.default_rng(seed)
        self._keys = self._rng.integers(-(2**62), 2**62, len(problem.graph.first))
        self._programs = self._entries = 0
        self._program_s = 0.0
        self._program_size = 1

    def is_closed(self, bound: int) -> bool:
        """Whether a bound meets the best tree."""
        units = self._incumbent.units
        nearly = self._problem.step == 1 and units - bound <= LEAST_GAP * units
        return bound > self._incumbent.limit or nearly

    def prove(self, level: Level) -> tuple[int, tuple[Step, ...]]:
        """Return a bound on the trees of a level, and the steps that prove it."""
        case = _Case(level, no_cuts(), np.empty(0, np.int64))
        wait = self._ascend(case, np.zeros(int(level.is_terminal.sum()), np.int64))
        while not self._is_done(case) and self._relax(case, anneal=True):
            if not self._incumbent.count_turn(case.level) and not self._pace.is_timed:
                break
            wait = self._ascend(case, wait)
        return self._finished(case)

    def _fits(self, arcs: tuple[Small, Ints]) -> bool:
        """Whether a linear program is small enough for the time that is left."""
        size = len(arcs[0])
        if not self._pace.is_timed or not self._program_s:
            return size <= MOST_ENTRIES
        expected_s = self._program_s * (size / self._program_size) ** GROWTH
        return bool(expected_s < self._pace.left() / 2)

    def _is_done(self, case: _Case) -> bool:
        over = (
            self._pace.left() <= 0
            if self._pace.is_timed
            else self._programs >= self._pace.counted(PROGRAMS)
            or self._entries >= self._pace.counted(PROGRAM_ENTRIES)
        )
        return over or self.is_closed(case.bound)

    def _finished(self, case: _Case) -> tuple[int, tuple[Step, ...]]:
        if case.best is not None:
            case.steps.append(case.best)
        return case.bound, tuple(case.steps)

    def _ascend(self, case: _Case, wait: Ints) -> Ints:
        """Raise cuts in ever better orders, again on the smaller level when that shrinks it."""
        while True:
            dual, wait = climbed(case.level, wait, tries=TRIES, rng=self._rng, stop=self._is_enough)
            if not self._note(case, dual):
                case.pool = dual.cuts
                case.age = np.zeros(len(dual.cuts.value), np.int64)
                return wait
            if self._is_done(case):
                return wait

    def _is_enough(self, dual: Dual) -> bool:
        return self._pace.left() <= 0 or self.is_closed(dual.bound)

    def _note(self, case: _Case, dual: Dual) -> bool:
        """Use a dual solution; return whether the level has changed."""
        level = case.level
        tree = None if dual.is_closed else along(level, dual.reduced)
        self._incumbent.offer(level, tree)
        self._incumbent.keep_busy(level, tree)
        tight, step = tightened(level, dual, self._incumbent.limit)
        if not isinstance(step, Raised):
            case.bound, case.best = self._incumbent.limit + 1, None
            case.steps.append(step)
            return True
        if step.bound > case.bound:
            case.bound, case.best = step.bound, replace(step, shut=step.shut[:0])
        enough = len(step.shut) >= LEAST_SHUT * int((~level.shut).sum())
        if not enough or self.is_closed(case.bound):
            return False
        if case.best is not None and step.bound == case.bound:
            case.best = None
        case.steps.append(step)
        smaller, why = simplified(tight)
        case.steps.extend(why)
        case.pool = moved(case.pool, level, smaller)
        case.level = smaller
        return True

    def _relax(self, case: _Case, *, anneal: bool = False) -> bool:
        """Solve linear programs until the case is closed, or split it.

        Return whether the next program is too large for the time that is left.
        """
        history = [case.bound]
        while not self._is_done(case) and len(case.pool.value):
            arcs = entries(case.level, case.pool)
            if not self._fits(arcs):
                return True
            if anneal:
                self._incumbent.count_turn(case.level)
            more = self._program(case, arcs)
            if not more or self._is_stalled(history, case.bound):
                if not self._is_done(case) and case.depth < MOST_DEPTH:
                    self._split(case)
                break
            history.append(case.bound)
        return False

    def _is_stalled(self, history: list[int], bound: int) -> bool:
        """Whether the last programs hardly closed the gap."""
        if len(history) < STALLED_ROUNDS:
            return False
        before = history[-STALLED_ROUNDS]
        return bound - before < STALLED_SHARE * (self._incumbent.units - before)

    def _program(self, case: _Case, arcs: tuple[Small, Ints]) -> bool:
        """Solve one linear program and add cuts; return whether another one may do more."""
        self._programs += 1
        self._entries += len(arcs[0])
        level = case.level
        began = perf_counter()
        left = self._pace.left() if self._pace.is_timed else None
        found = relaxed(level, arcs, scale=self._problem.scale, seconds=left)
        if found is None:
            return False
        self._program_s, self._program_size = perf_counter() - began, max(len(arcs[0]), 1)
        case.flow = found.flow
        terminals = np.flatnonzero(level.is_terminal).astype(np.int32)
        cuts = separated(level, found.flow, self._rng.permutation(terminals))
        if not len(cuts.value) and found.is_whole:
            self._incumbent.offer(level, spanning(level, found.flow))
        case.pool = replace(case.pool, value=found.price)
        start = laid(level, case.pool)
        dual = raised(level, start)
        least = LEAST_VALUE * self._problem.scale
        new = dual.cuts.chosen(np.arange(len(dual.cuts.value)) >= len(start.cuts.value))
        self._gather(case, found, new.chosen(new.value > least), cuts)
        self._note(case, dual)
        return len(cuts.value) > 0

    def _gather(self, case: _Case, found: Relaxed, new: Cuts, cuts: Cuts) -> None:
        """Let slack cuts go and new ones in; equal ones become one."""
        case.age = np.where(found.is_tight, 0, case.age + 1)
        kept = case.age <= OLD
        together = both(both(case.pool.chosen(kept), new), cuts)
        chosen = merged(together, self._keys[case.level.node])
        ages = np.zeros(len(together.value), np.int64)
        ages[: kept.sum()] = case.age[kept]
        case.pool, case.age = together.chosen(chosen), ages[chosen]

    def _split(self, case: _Case) -> None:
        """Prove a bound for trees with a node and for trees without it."""
        level = case.level
        node = _undecided(level, case.flow)
        if node < 0:
            return
        used = level.is_terminal.copy()
        used[node] = True
        alive = (level.graph.u != node) & (level.graph.v != node)
        without, why = simplified(level, alive)
        bounds, proofs = [], []
        for smaller, begun in ((replace(level, is_terminal=used), []), (without, why)):
            pool = moved(case.pool, level, smaller)
            one = _Case(smaller, pool, case.age, depth=case.depth + 1, steps=begun)
            self._begin(one)
            self._relax(one)
            bound, steps = self._finished(one)
            bounds.append(bound)
            proofs.append(steps)
            if not self.is_closed(bound):
                break
        if len(bounds) == 2 and min(bounds) > case.bound:
            case.bound, case.best = min(bounds), None
            case.steps.append(Split(int(level.node[node]), *proofs))

    def _begin(self, case: _Case) -> None:
        """Raise the prices of the case before on this one's level."""
        dual = raised(case.level, laid(case.level, case.pool))
        self._note(case, dual)


def _undecided(level: Level, flow: NDArray[np.float64]) -> int:
    """Return the node that the solution uses by half, with most links; -1 for none."""
    if len(flow) != len(level.shut):
        flow = np.zeros(len(level.shut))
    head = np.repeat(np.arange(level.nodes), np.diff(level.graph.first))
    inward = np.bincount(head, flow, minlength=level.nodes)
    half = np.minimum(inward, 1.0 - inward) + 1e-3 * np.diff(level.graph.first)
    half[level.is_terminal] = -np.inf
    node = int(np.argmax(half)) if level.nodes else -1
    return node if node >= 0 and not level.is_terminal[node] else -1
