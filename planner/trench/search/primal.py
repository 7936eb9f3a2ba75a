"""The upper side of a search: annealings one after another, each from the best plan so far."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from time import perf_counter

import numpy as np

from planner.trench.search.anneal import Annealing
from planner.trench.search.model import Floats, Ints, Model
from planner.trench.search.pace import Pace

HOT, COLD = 0.6, 0.012
"""First and last temperature, in parts of the mean set-up of a group."""

REHEAT = 0.25
"""First temperature of an annealing that goes on from the best plan, likewise."""

REGRET = 0.2
"""Regret at which a start is drawn e times less often than the best one, likewise."""

VIOLATION = 2.0
"""First price of a violation, likewise."""

PIECES = 50
"""Steps of the temperature of an annealing that counts its moves."""

HURRY_MOVES = 500_000
"""Most moves of the first annealing."""

PIECE_MOVES = 20_000
"""Moves between two looks at the clock."""


class Primal:
    """A search for cheap plans of one model.

    Parameters
    ----------
    model
        The problem.
    starts
        Where it begins: an allowed start for each work.
    pace
        How long.
    seed
        Of the walk.
    """

    def __init__(self, model: Model, starts: Ints, *, pace: Pace, seed: int) -> None:
        setups = model.setup_yuan + model.period_yuan
        self._scale_yuan = max(float(setups.mean()) if setups.size else 0.0, 1.0)
        self._annealing = Annealing(model, starts, violation_yuan=VIOLATION * self._scale_yuan)
        self._pace = pace
        self._seed = seed * 1_000_003
        self.stopped = False

    @property
    def best_yuan(self) -> float:
        """Cost of the best allowed plan; infinite before any."""
        return self._annealing.best_yuan

    @property
    def best(self) -> Ints:
        """Starts of the best allowed plan."""
        return self._annealing.best

    @property
    def starts(self) -> Ints:
        """Where the walk stands, allowed or not."""
        return self._annealing.starts

    def prefer(self, regret_yuan: Floats) -> None:
        """Draw starts with little regret more often from now on, see `Dual.regrets`."""
        self._annealing.prefer(regret_yuan, scale_yuan=REGRET * self._scale_yuan)

    def hurry(self) -> None:
        """Anneal once, shortly, whatever the clock says: for a first plan."""
        moves = min(HURRY_MOVES, self._pace.moves)
        self._anneal((step / PIECES for step in range(PIECES + 1)), moves // PIECES)

    def count_moves(self) -> None:
        """Anneal once with the pace's number of moves."""
        self._anneal((step / PIECES for step in range(PIECES + 1)), self._pace.moves // PIECES)

    def until(self, clock: float) -> None:
        """Anneal until a time of `perf_counter`, or until `stopped` is set.

        Small problems are annealed many times, each time for the pace's number of moves.
        """
        while not self.stopped and perf_counter() < clock:
            began = perf_counter()
            self._piece(COLD, PIECE_MOVES)
            usual = (perf_counter() - began) * self._pace.moves / PIECE_MOVES
            left = clock - perf_counter()
            self._anneal(self._shares(left if usual > left / 2 else usual), PIECE_MOVES)

    def _shares(self, seconds: float) -> Iterator[float]:
        began = perf_counter()
        while (share := (perf_counter() - began) / max(seconds, 1e-3)) < 1.0 and not self.stopped:
            yield share

    def _anneal(self, shares: Iterable[float], moves: int) -> None:
        """Walk a piece at the temperature of each share of the way from hot to cold."""
        hot = HOT
        if np.isfinite(self.best_yuan):
            self._annealing.restart(self.best)
            hot = REHEAT
        for share in shares:
            self._piece(hot * (COLD / hot) ** share, moves)

    def _piece(self, heat: float, moves: int) -> None:
        self._seed += 1
        yuan = heat * self._scale_yuan
        self._annealing.walk(moves, hot_yuan=yuan, cold_yuan=yuan, seed=self._seed)
