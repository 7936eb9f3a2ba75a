"""The best tree so far, and the annealing that makes it better."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from typing import Self

import numpy as np

from geo.steiner.levels import Level
from geo.steiner.pace import Pace
from geo.steiner.problem import Problem
from geo.steiner.trees import Grown, annealed, carried, shortest

VISITS_PER_EDGE, LEAST_VISITS, MOST_VISITS = 5_000, 200_000, 4_000_000
"""Nodes visited in one annealing: for each edge of the tree, at least and at most."""

DOUBLINGS = 3
"""How many times annealing by the clock doubles its visits, from one to the next."""

TURNS = 6
"""Annealings of a search that counts."""

HEATS = (0.1, 0.3, 0.03)
"""First temperatures of one annealing after another, in parts of the mean cost of an edge."""

COLD = 0.01
"""Last temperature in parts of the first."""


class Incumbent:
    """The best tree that was found, as given edges.

    Where the clock decides, annealing goes on in a thread of its own.

    Parameters
    ----------
    problem
        What is solved.
    pace
        How long the search goes on.
    seed
        Seed of the annealing.
    """

    def __init__(self, problem: Problem, pace: Pace, seed: int) -> None:
        self.edges = np.empty(0, np.int64)
        self.units = int(problem.graph.cost.sum()) + problem.step
        self._problem = problem
        self._pace = pace
        self._seed = seed
        self._turns = 0
        self._thread = ThreadPoolExecutor(1) if pace.is_timed else None
        self._running: tuple[Level, Future[Grown]] | None = None
        self._halt = np.zeros(1, np.int64)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._halt[0] = 1
        if self._thread is not None:
            self._thread.shutdown()
        self._collect()

    @property
    def limit(self) -> int:
        """Cost in units up to which a tree would be better."""
        return self.units - self._problem.step

    def offer(self, level: Level, tree: Grown | None) -> None:
        """Keep a tree if it is better."""
        if tree is not None and tree.cost < self.units:
            self.units = tree.cost
            self.edges = np.sort(level.given_edges(tree.chosen)).astype(np.int64)

    def count_turn(self, level: Level) -> bool:
        """Anneal once where steps are counted; return whether a turn was left."""
        if self._thread is not None or self._turns >= self._pace.counted(TURNS):
            return False
        if (begin := self._begin(level)) is not None:
            self.offer(level, self._annealed(level, begin))
        return True

    def keep_busy(self, level: Level, other: Grown | None) -> None:
        """Take what the thread has found, and let it go on with a level.

        In turns it begins with the best tree and with another one.
        """
        if self._thread is None or self._pace.left() <= 0 or not self._collect():
            return
        best = self._begin(level)
        if (begin := other if other is not None and self._turns % 2 else best) is not None:
            self._running = level, self._thread.submit(self._annealed, level, begin)

    def _collect(self) -> bool:
        """Take what the thread has found; return whether it is idle."""
        if self._running is not None and self._running[1].done():
            level, found = self._running
            self._running = None
            self.offer(level, found.result())
        return self._running is None

    def _begin(self, level: Level) -> Grown | None:
        """Return the tree to begin with: the best one, if the level still holds it."""
        self._turns += 1
        return carried(level, self.edges, len(self._problem.cost)) or shortest(level)

    def _annealed(self, level: Level, begin: Grown) -> Grown:
        visits = min(max(LEAST_VISITS, VISITS_PER_EDGE * int(begin.chosen.sum())), MOST_VISITS)
        if self._pace.is_timed:
            visits <<= min(self._turns - 1, DOUBLINGS)
        heat = HEATS[self._turns % len(HEATS)]
        return annealed(
            level,
            begin,
            visits=visits,
            hot=heat,
            cold=heat * COLD,
            seed=self._seed + self._turns,
            halt=self._halt,
        )
