"""How long a search goes on: by counts, so that it can be repeated, or by the clock."""

from __future__ import annotations

import math
from time import perf_counter
from typing import NamedTuple

RESERVE = 0.05
"""Share of the seconds that is kept for what cannot be interrupted."""


class Pace(NamedTuple):
    """The effort of one search.

    Parameters
    ----------
    effort
        Multiple of the usual counts; what counts where `until` is None.
    until
        Clock time at which the search ends, None to count.
    begun
        Clock time at which it began.
    """

    effort: float
    until: float | None
    begun: float

    @property
    def is_timed(self) -> bool:
        """Whether the clock decides."""
        return self.until is not None

    def left(self) -> float:
        """Return the seconds left; infinite where steps are counted."""
        return math.inf if self.until is None else self.until - perf_counter()

    def is_past(self, share: float) -> bool:
        """Whether more than a share of the time is gone; never where steps are counted."""
        return self.until is not None and self.gone() > share * (self.until - self.begun)

    def gone(self) -> float:
        """Return the seconds since the search began."""
        return perf_counter() - self.begun

    def counted(self, usual: int) -> int:
        """Return how many of the usual steps are made: all of them by the clock."""
        return usual if self.is_timed else max(int(usual * self.effort), 1)


def pace(*, effort: float, seconds: float | None) -> Pace:
    """Return the pace of a search that begins now."""
    now = perf_counter()
    until = None if seconds is None else now + seconds * (1.0 - RESERVE)
    return Pace(effort, until, now)
