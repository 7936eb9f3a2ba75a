"""Whether some group of parties would rather dig alone than pay its share of an opening.

A split is stable where no group of parties, short of all of them, pays more than its cheapest
openings alone: it lies in the core of the cost game (Gillies 1959).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog

from planner.trench.sharing.coalitions import Game, Yuan

FEN_YUAN = 0.01


@dataclass(frozen=True, slots=True)
class Grievance:
    """The group that a split treats worst: what it pays above its cheapest openings alone.

    Zero yuan and nobody where the split is stable.
    """

    excess_yuan: float = 0.0
    parties: tuple[str, ...] = ()


def grievance(played: Game, shares: Yuan) -> Grievance:
    """Return the group of parties that would save most by digging alone.

    All groups but the whole are looked at: the whole opening's date also serves the other
    segments of its works, and there is nobody left to complain of. Less than a fen is rounding.
    """
    groups = np.arange(1, played.values.size - 1)
    if not groups.size:
        return Grievance()
    members = groups[:, None] >> np.arange(shares.size) & 1
    excess = members @ shares - played.values[groups]
    worst = int(excess.argmax())
    if excess[worst] < FEN_YUAN:
        return Grievance()
    names = (p.name for p, here in zip(played.parties, members[worst], strict=True) if here)
    return Grievance(float(excess[worst]), tuple(names))


def least_excess_yuan(played: Game) -> float:
    """Return the least that the worst treated group can be made to overpay, by linear programming.

    Not above zero where a stable split exists: the core is not empty. For two parties and more.

    References
    ----------
    M. Maschler, B. Peleg, L. S. Shapley, Geometric properties of the kernel, nucleolus, and
    related solution concepts, 1979 (least core).
    """
    count = len(played.parties)
    groups = np.arange(1, played.values.size - 1)
    members = (groups[:, None] >> np.arange(count) & 1).astype(np.float64)
    found = linprog(
        c=np.append(np.zeros(count), 1.0),
        A_ub=np.column_stack([members, -np.ones(groups.size)]),
        b_ub=played.values[groups],
        A_eq=np.append(np.ones(count), 0.0)[None, :],
        b_eq=[played.cost_yuan],
        bounds=(None, None),
        method="highs",
    )
    if found.fun is None:
        raise AssertionError(found.message)
    return max(0.0, float(found.fun))
