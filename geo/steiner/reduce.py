"""Smaller levels that still hold a best tree."""

from __future__ import annotations

import numpy as np

from geo.steiner.csr import Mask
from geo.steiner.levels import Level, shrunk
from geo.steiner.proof import Detours, Step
from geo.steiner.reduction_kernels import detours

WALK_STEPS = 100
"""Nodes that the search for a walk around one edge may visit."""

LEAST_SHARE = 0.02
"""Share of edges that a round must drop for another one to follow."""


def simplified(level: Level, alive: Mask | None = None) -> tuple[Level, list[Step]]:
    """Return a level without what walks make needless, round after round, and the reasons.

    Parameters
    ----------
    level
        The level.
    alive
        Which edges still exist; all if not given.
    """
    every = np.ones(level.edges, np.bool_)
    level, parallels = shrunk(level, every if alive is None else alive)
    steps: list[Step] = list(parallels)
    while level.edges:
        alive = np.ones(level.edges, np.bool_)
        order = np.argsort(-level.graph.cost, kind="stable").astype(np.int32)
        dropped, first, walk = detours(level.graph, level.is_terminal, order, WALK_STEPS, alive)
        if not len(dropped):
            break
        steps.append(Detours(level.name[dropped], first, level.name[walk]))
        enough = len(dropped) >= LEAST_SHARE * level.edges
        level, parallels = shrunk(level, alive)
        steps.extend(parallels)
        if not enough:
            break
    return level, steps
