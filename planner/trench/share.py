"""Split what an opening costs among those who take part."""

from __future__ import annotations

from collections.abc import Mapping

from planner.trench.cost import Prices
from planner.trench.plan import Opening


def proportional(prices: Prices, opening: Opening) -> Mapping[int, float]:
    """Split an opening's cost in proportion to what each work would pay alone.

    Nobody pays more than alone as long as the opening costs no more than its works separately.
    Where all of them would pay nothing alone, the cost is split evenly.

    Returns
    -------
    Mapping of int to float
        Position of the work to its share in yuan; the shares add up to the opening's cost.
    """
    whole = prices.opening_yuan(opening.segment, opening.periods, frozenset(opening.works))
    alone = {work: prices.alone_yuan(work, opening.segment) for work in opening.works}
    total = sum(alone.values())
    if total == 0.0:
        return dict.fromkeys(alone, whole / len(alone))
    return {work: whole * yuan / total for work, yuan in alone.items()}
