"""Better dual ascents: the order in which cuts are raised is changed little by little.

The bound of a dual ascent depends on which terminal's cut is raised first. A number for each
terminal, added to the size of its first cut, says by how much it waits; numbers of a few terminals
are drawn anew again and again, and what does not lower the bound stays.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from geo.steiner.csr import Ints
from geo.steiner.dual import Dual, fresh, raised
from geo.steiner.levels import Level

MOST_WAIT = 30
"""A terminal waits at most as if its first cut had so many more arcs."""

MOST_CHANGED = 0.2
"""Largest share of the terminals whose numbers are drawn anew at a time."""


def climbed(
    level: Level,
    wait: Ints,
    *,
    tries: int,
    rng: np.random.Generator,
    stop: Callable[[Dual], bool],
) -> tuple[Dual, Ints]:
    """Return the best dual solution found, and the numbers that led to it.

    Parameters
    ----------
    level
        The graph.
    wait
        The numbers to begin with, one for each terminal in the order of their nodes.
    tries
        How many changes are tried.
    rng
        Source of the draws.
    stop
        Says after each ascent, given the best dual solution, whether to end.
    """
    best = raised(level, fresh(level), wait)
    for _ in range(tries):
        if best.is_closed or stop(best):
            break
        share = MOST_CHANGED * rng.random()
        changed = rng.random(len(wait)) < share
        changed[rng.integers(len(wait))] = True
        trial = np.where(changed, rng.integers(0, MOST_WAIT, len(wait)), wait)
        dual = raised(level, fresh(level), trial)
        if dual.bound >= best.bound:
            best, wait = dual, trial
    return best, wait
