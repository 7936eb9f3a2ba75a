"""The best order within one trench, where only neighbours in it matter: an exact shortest path.

A trench whose lines stand apart by the distances of neighbours alone, and whose working zones end
before the next line's axis, costs the sum of its neighbouring pairs, each dug as a trench of two,
less the inner lines, each dug alone. The best order is then a shortest path through all lines
(Held and Karp, 1962); where it is not so, `planner.section.orders` branches and bounds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import permutations
from math import inf

from planner.section.excavation import Site, Walls, dig_as, may_slope

_EQUAL_M = 1e-9


def best_chain(
    site: Site, ranks: Sequence[int], members: tuple[int, ...]
) -> tuple[int, ...] | None:
    """Return the order of lines that costs least in one trench.

    Parameters
    ----------
    ranks
        A line never stands before one of a lower rank.

    Returns
    -------
    tuple of int or None
        None where more than neighbours matter, so that the shortest path need not be the best.
    """
    modes = _modes(site, members)
    if not all(_separable(site, members, walls) for walls in modes):
        return None
    paths = [_shortest(members, ranks, _costs(site, members, walls)) for walls in modes]
    return min(paths)[1]


def _modes(site: Site, members: Sequence[int]) -> tuple[Walls, ...]:
    deepest_m = max(site.bottoms_m[item] for item in members)
    if deepest_m <= site.rule.wall.value_m:
        return ("vertical",)
    if site.rule.slope is None or deepest_m > site.rule.slope_to_m:
        return ("supported",)
    return ("supported", "sloped")


def _separable(site: Site, members: Sequence[int], walls: Walls) -> bool:
    clear_m, b2_m = site.clear_m, site.rule.support.value_m if walls == "supported" else 0.0
    width_m = [item.width_m for item in site.bodies]
    zones_end = all(
        site.beside_m[a] + b2_m <= width_m[b] / 2 + clear_m[a][b]
        for a, b in permutations(members, 2)
    )
    return zones_end and all(
        clear_m[a][c] <= clear_m[a][b] + width_m[b] + clear_m[b][c] + _EQUAL_M
        for a, b, c in permutations(members, 3)
    )


def _costs(site: Site, members: Sequence[int], walls: Walls) -> Mapping[tuple[int, ...], float]:
    """Price every line and every ordered pair of lines as a trench with such walls."""
    orders = [*((item,) for item in members), *permutations(members, 2)]
    return {
        order: inf
        if walls == "sloped" and not may_slope(order, site)
        else dig_as(order, site, walls).cost_yuan_per_m
        for order in orders
    }


_Path = tuple[float, tuple[int, ...]]


def _shortest(
    members: tuple[int, ...], ranks: Sequence[int], costs: Mapping[tuple[int, ...], float]
) -> _Path:
    """Return the cheapest path through all lines, by the set of lines laid and the last one."""
    paths: dict[tuple[frozenset[int], int], _Path] = {}
    lowest = min(ranks[item] for item in members)
    for item in members:
        if ranks[item] == lowest:
            paths[frozenset((item,)), item] = (costs[item,], (item,))
    for _ in members[1:]:
        longer: dict[tuple[frozenset[int], int], _Path] = {}
        for (laid, last), (cost, order) in paths.items():
            rest = [item for item in members if item not in laid]
            lowest = min(ranks[item] for item in rest)
            for item in rest:
                if ranks[item] == lowest:
                    added = costs[last, item] - costs[last,]
                    found = (cost + added, (*order, item))
                    key = (laid | {item}, item)
                    longer[key] = min(found, longer.get(key, found))
        paths = longer
    return min(paths.values())
