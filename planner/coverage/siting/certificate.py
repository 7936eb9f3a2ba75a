"""What proves that no choice is worth more: multipliers in whole numbers.

For any multipliers 0 <= cover <= weight and price >= 0, no choice within the budget is worth more
than

    sum(weight - cover) + price budget + sum over candidates of
        max(0, what the candidate reaches of cover - charge - price size).

A point counts once for its weight; of this, weight - cover is given away whole, and cover is paid
to every candidate that reaches the point. Candidates that exceed the budget alone count nothing.
The sum is taken in whole numbers without rounding, so it holds as it stands.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from planner.coverage.siting.problem import Ints

FINE = 2**20
"""Parts of a unit of weight by unit of size in which the budget's multiplier is counted."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Certificate:
    """An upper bound and the problem that it speaks of.

    Parameters
    ----------
    row, point
        Candidate i reaches point[row[i]:row[i + 1]].
    weight
        Of each point.
    charge, size, budget
        Of each candidate, and the budget as an array of one.
    cover
        Multiplier of each point.
    price
        Multiplier of the budget, in parts of 1 / `FINE`, as an array of one.
    """

    row: Ints
    point: Ints
    weight: Ints
    charge: Ints
    size: Ints
    budget: Ints
    cover: Ints
    price: Ints


def bound(found: Certificate) -> int:
    """Return the value that no choice exceeds, in units of weight.

    Raises
    ------
    ValueError
        If a multiplier lies out of its range, and nothing is proven.
    """
    price, budget = int(found.price[0]), int(found.budget[0])
    if price < 0 or (found.cover < 0).any() or (found.cover > found.weight).any():
        msg = "a multiplier lies out of its range"
        raise ValueError(msg)
    paid = np.concatenate([[0], np.cumsum(found.cover[found.point])])
    profit = paid[found.row[1:]] - paid[found.row[:-1]] - found.charge
    total = FINE * int((found.weight - found.cover).sum()) + price * budget
    for net, size in zip(profit.tolist(), found.size.tolist(), strict=True):
        if size <= budget:
            total += max(0, FINE * net - price * size)
    return total // FINE
