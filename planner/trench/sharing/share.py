"""Split what an opening costs among those who take part.

Two splits stand side by side. **Proportional**: each party pays in proportion to its cheapest
openings alone. **Shapley**: each party pays what it adds to the cost, averaged over every order in
which the parties could have come. Within a party both follow what each work would pay alone.

Whether a group of parties would be better off alone is tested in
`planner.trench.sharing.stability`.

References
----------
L. S. Shapley, A value for n-person games, 1953; H. P. Young (ed.), Cost Allocation: Methods,
Principles, Applications, 1985.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import factorial

import numpy as np

from planner.trench.cost import Prices
from planner.trench.plan import Opening
from planner.trench.problem import Problem
from planner.trench.sharing.coalitions import Game, Party, Yuan, game, group_values, parties
from planner.trench.sharing.stability import FEN_YUAN, Grievance, grievance, least_excess_yuan


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """What everybody pays for one opening.

    Parameters
    ----------
    parties
        Who shares: the owners, and the works without one.
    proportional, shapley
        Position of the work to its share in yuan; each adds up to the opening's cost.
    alone
        What the work's party would pay alone for its cheapest openings on this segment, divided
        among its works.
    grievance, grievance_shapley
        Who would be better off alone; None where the opening has too many parties or works to
        be sure. Then `shapley` is the proportional split as well.
    least_excess_yuan
        The most that some group overpays under the split that keeps it least (the least core);
        above zero nobody can divide this opening so that all groups want to stay. Zero where one
        of the two splits is stable, None where that is unknown.
    """

    parties: tuple[str, ...]
    proportional: Mapping[int, float]
    shapley: Mapping[int, float]
    alone: Mapping[int, float]
    grievance: Grievance | None
    grievance_shapley: Grievance | None
    least_excess_yuan: float | None


def splits(problem: Problem, prices: Prices, found: Iterable[Opening]) -> dict[Opening, Split]:
    """Return the split of each opening's cost."""
    return {opening: split(problem, prices, opening) for opening in found}


def split(problem: Problem, prices: Prices, opening: Opening) -> Split:
    """Split an opening's cost in proportion and by the Shapley value.

    Exact up to ``trench.sharing_most_parties`` parties and ``trench.sharing_most_works`` works.
    """
    played = game(problem, prices, opening)
    if played is None:
        return _large(problem, prices, opening)
    alone = played.values[1 << np.arange(len(played.parties))]
    by_cost, by_order = proportional(alone, played.cost_yuan), shapley(played)
    worst, worst_by_order = grievance(played, by_cost), grievance(played, by_order)
    stable = not (worst.parties and worst_by_order.parties)
    return Split(
        parties=tuple(party.name for party in played.parties),
        proportional=_by_work(prices, opening, played.parties, by_cost),
        shapley=_by_work(prices, opening, played.parties, by_order),
        alone=_by_work(prices, opening, played.parties, alone),
        grievance=worst,
        grievance_shapley=worst_by_order,
        least_excess_yuan=0.0 if stable else least_excess_yuan(played),
    )


def _large(problem: Problem, prices: Prices, opening: Opening) -> Split:
    """Split in proportion where there are too many groups to look at each."""
    found = parties(problem, opening)
    alone = np.array([_alone_yuan(problem, prices, opening.segment, party) for party in found])
    cost_yuan = prices.opening_yuan(opening.segment, opening.periods, frozenset(opening.works))
    shares = _by_work(prices, opening, found, proportional(alone, cost_yuan))
    return Split(
        parties=tuple(party.name for party in found),
        proportional=shares,
        shapley=shares,
        alone=_by_work(prices, opening, found, alone),
        grievance=None,
        grievance_shapley=None,
        least_excess_yuan=None,
    )


def _alone_yuan(problem: Problem, prices: Prices, segment: int, party: Party) -> float:
    """Return what a party pays alone; each work for itself where it has too many works."""
    if len(party.works) <= problem.settings.count("trench.sharing_most_works"):
        return float(group_values(problem, prices, segment, party.works)[-1])
    return sum(prices.alone_yuan(work, segment) for work in party.works)


def proportional(alone_yuan: Yuan, cost_yuan: float) -> Yuan:
    """Divide a cost in proportion to what each would pay alone; evenly where that is nothing.

    Examples
    --------
    >>> import numpy as np
    >>> proportional(np.array([30.0, 10.0]), 20.0)
    array([15.,  5.])
    """
    total = float(alone_yuan.sum())
    if total == 0.0:
        return np.full(alone_yuan.size, cost_yuan / alone_yuan.size)
    return alone_yuan * (cost_yuan / total)


def shapley(played: Game) -> Yuan:
    """Return the Shapley value of each party, exact, by the formula over groups.

    What all parties pay together is the cost of the plan's opening, so that the shares add up to
    it. A party that lets others join who could not otherwise may be owed money: a negative share.

    Notes
    -----
    For party i: the sum over groups S without i of |S|! (n - |S| - 1)! / n! times the cost that i
    adds to S.
    """
    count = len(played.parties)
    values = played.values.copy()
    values[-1] = played.cost_yuan
    groups = np.arange(values.size)
    size = np.bitwise_count(groups)
    orders = [factorial(s) * factorial(count - s - 1) / factorial(count) for s in range(count)]
    shares = np.empty(count)
    for party in range(count):
        without = groups[groups >> party & 1 == 0]
        added = values[without | 1 << party] - values[without]
        shares[party] = np.array(orders)[size[without]] @ added
    return shares


def _by_work(
    prices: Prices, opening: Opening, found: Iterable[Party], shares: Yuan
) -> dict[int, float]:
    """Divide each party's share among its works, in proportion to each work's cost alone."""
    paid: dict[int, float] = {}
    for party, share in zip(found, shares.tolist(), strict=True):
        alone = np.array([prices.alone_yuan(work, opening.segment) for work in party.works])
        paid |= dict(zip(party.works, proportional(alone, share).tolist(), strict=True))
    return {work: paid[work] for work in opening.works}


def figures(found: Mapping[Opening, Split]) -> dict[str, int]:
    """Count joint openings by what became of their split.

    Returns
    -------
    dict
        ``joint`` openings of several parties; of them ``unstable`` in proportion,
        ``unstable_shapley``, ``no_stable_split`` (a group overpays by a fen whatever the split),
        and ``untested`` ones, which have too many parties or works.
    """
    joint = [one for one in found.values() if len(one.parties) > 1]
    tested = [one for one in joint if one.grievance is not None]
    return {
        "joint": len(joint),
        "unstable": sum(bool(one.grievance and one.grievance.parties) for one in tested),
        "unstable_shapley": sum(
            bool(one.grievance_shapley and one.grievance_shapley.parties) for one in tested
        ),
        "no_stable_split": sum((one.least_excess_yuan or 0.0) >= FEN_YUAN for one in tested),
        "untested": len(joint) - len(tested),
    }


def to_fen(amounts: Yuan) -> Yuan:
    """Round amounts to the fen so that they add up to their rounded sum.

    Those that lose most by rounding down get the fen that are left over.

    Examples
    --------
    >>> import numpy as np
    >>> to_fen(np.array([10.0, 10.0, 10.0]) / 3)
    array([3.34, 3.33, 3.33])
    """
    fen = amounts * 100.0
    down = np.floor(fen).astype(np.int64)
    left = round(float(fen.sum())) - int(down.sum())
    down[np.argsort(down - fen, kind="stable")[:left]] += 1
    return down / 100.0
