"""How long a search goes on: by counts, so that it can be repeated, or by the clock."""

from __future__ import annotations

from time import perf_counter
from typing import NamedTuple

MOVES_PER_WORK, LEAST_MOVES, MOST_MOVES = 10_000, 50_000, 6_000_000
"""Moves of one annealing: for each work, at least and at most, where steps are counted."""

TIMED_MOVES_PER_WORK = 25_000
"""Moves of one annealing by the clock, if there is time for more than one."""


class Pace(NamedTuple):
    """The effort of one search.

    Parameters
    ----------
    works
        Works that are planned.
    effort
        Multiple of the usual number of steps; what counts where `seconds` is None.
    until
        Clock time at which the search ends, None to count steps.
    """

    works: int
    effort: float
    until: float | None

    @property
    def moves(self) -> int:
        """Moves of one annealing."""
        if self.until is not None:
            return max(LEAST_MOVES, TIMED_MOVES_PER_WORK * self.works)
        usual = min(max(LEAST_MOVES, MOVES_PER_WORK * self.works), MOST_MOVES)
        return int(usual * self.effort)

    def left(self) -> float:
        """Return the seconds left; infinite where steps are counted."""
        return float("inf") if self.until is None else self.until - perf_counter()


def pace(works: int, *, effort: float, seconds: float | None) -> Pace:
    """Return the pace of a search that begins now."""
    return Pace(works, effort, None if seconds is None else perf_counter() + seconds)
