"""Which works are in trouble with one another, and who stays when some have to leave."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

import numpy as np

from planner.trench.problem import Problem
from planner.trench.search.model import Ints, Model, Modelled


def at_peace(problem: Problem, modelled: Modelled, rows: Ints) -> list[int]:
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


def disturbed(model: Model, rows: Ints) -> bool:
    """Return whether starts break a limit of crews or a detour."""
    return bool(_troubles(model, rows, range(rows.size)))
