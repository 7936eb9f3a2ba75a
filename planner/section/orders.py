"""Exact search over orders and cuts: which lines share a trench, and in what order they lie.

The cost of a section is the sum over its trenches, so sets of lines that are already laid are the
states of a dynamic programme, and the trench that is laid next its step. The best order within a
trench is a shortest path (`planner.section.chains`) or found by branch and bound. Ranks say which
orders are allowed: a line never lies before one of a lower rank, lines of equal rank may lie in
any order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby
from math import factorial, inf, prod

from planner.section.chains import best_chain
from planner.section.earthwork import Prices
from planner.section.excavation import Profile, Site, next_centre_m, profile, survey
from planner.section.line import CABLES, Body
from planner.section.spacing import Rules

_EQUAL_YUAN = 1e-9
_FEW_ORDERS = 24

Cut = tuple[Profile, ...]


def may_share(site: Site, order: Sequence[int]) -> bool:
    """Return whether these lines may lie in one trench (gas and cables: only where set)."""
    kinds = {site.bodies[item].utility for item in order}
    return site.rule.gas_with_cables or not ("gas" in kinds and kinds & CABLES)


def cheapest(site: Site, ranks: Sequence[int]) -> Cut:
    """Return the trenches that cost least together, over all allowed orders and cuts.

    Parameters
    ----------
    site
        The lines.
    ranks
        One rank for each line, not decreasing. The search is exact for any ranks; its effort
        grows with 3 to the power of the largest number of equal ranks.

    Returns
    -------
    tuple of Profile
        From left to right; of cuts that cost the same, one of the fewest trenches.
    """
    return _cheapest(site.bodies, tuple(ranks), site.rule, site.price) if ranks else ()


@lru_cache(maxsize=65536)
def _cheapest(bodies: tuple[Body, ...], ranks: tuple[int, ...], rule: Rules, price: Prices) -> Cut:
    """Return the cheapest cut of some lines, remembered for every set that contains them."""
    site = survey(bodies, rule, price)
    parts = _best_split(site, ranks)
    limit = _yuan(parts) + 3 * _EQUAL_YUAN if parts else inf
    whole = _trench(site, ranks, tuple(range(len(bodies))), limit)
    return (whole,) if whole else parts


def _yuan(cut: Cut) -> float:
    return sum(trench.cost_yuan_per_m for trench in cut)


def _members(group: int) -> tuple[int, ...]:
    return tuple(item for item in range(group.bit_length()) if group >> item & 1)


def _states(ranks: Sequence[int]) -> Iterator[int]:
    """Yield every set of lines that can have been laid first, subsets before their supersets."""
    laid = 0
    yield laid
    for _, members in groupby(range(len(ranks)), key=ranks.__getitem__):
        items = tuple(members)
        for pick in range(1, 1 << len(items)):
            yield laid | sum(1 << item for place, item in enumerate(items) if pick >> place & 1)
        laid |= sum(1 << item for item in items)


def _best_split(site: Site, ranks: tuple[int, ...]) -> Cut:
    """Return the cheapest way to lay lines in two or more trenches; empty for one line."""
    every = (1 << len(ranks)) - 1

    def cut(group: int) -> Cut:
        bodies, own = (tuple(of[item] for item in _members(group)) for of in (site.bodies, ranks))
        return _cheapest(bodies, own, site.rule, site.price)

    def effort(first: int) -> tuple[float, int]:
        both = (*cut(first), *cut(every ^ first))
        return round(_yuan(both), 9), len(both)

    firsts = sorted(state for state in _states(ranks) if state not in {0, every})
    if not firsts:
        return ()
    first = min(firsts, key=effort)
    return tuple(
        replace(dug, order=tuple(_members(group)[place] for place in dug.order))
        for group in (first, every ^ first)
        for dug in cut(group)
    )


@dataclass(frozen=True, slots=True)
class _Floor:
    """What holds for every order of a group in one trench.

    Parameters
    ----------
    shallow_m
        Depth to which every part of the trench is dug at least.
    deeper_m2
        Least excavation below that, since each line has ground of its own beside it.
    step_m
        Least width that each line adds to those before it.
    """

    shallow_m: float
    deeper_m2: float
    step_m: Mapping[int, float]


def _floor(site: Site, members: Sequence[int]) -> _Floor:
    shallow_m = min(site.bottoms_m[item] for item in members)
    nearest_m = {
        item: min((site.clear_m[item][b] for b in members if b != item), default=inf)
        for item in members
    }
    own_m = {
        item: site.bodies[item].width_m + 2 * min(site.beside_m[item], nearest_m[item] / 2)
        for item in members
    }
    return _Floor(
        shallow_m=shallow_m,
        deeper_m2=sum(own_m[item] * (site.bottoms_m[item] - shallow_m) for item in members),
        step_m={item: site.bodies[item].width_m + nearest_m[item] for item in members},
    )


_Best = tuple[float, Profile | None]


def _trench(
    site: Site, ranks: Sequence[int], members: tuple[int, ...], limit_yuan: float
) -> Profile | None:
    """Return the best order of lines in one trench; None where it costs `limit_yuan` or more."""
    if not may_share(site, members):
        return None
    floor = _floor(site, members)
    if _orders(ranks, members) > _FEW_ORDERS and _may_pay(site, floor, members, limit_yuan):
        chain = best_chain(site, ranks, members)
    else:
        chain = None
    if chain is not None:
        dug = profile(chain, site)
        return dug if dug.cost_yuan_per_m < limit_yuan - _EQUAL_YUAN else None
    return _extend(site, ranks, floor, ((), ()), members, (limit_yuan, None))[1]


def _orders(ranks: Sequence[int], members: Sequence[int]) -> int:
    """Return in how many orders these lines may lie."""
    ties = Counter(ranks[item] for item in members)
    return prod(factorial(count) for count in ties.values())


def _may_pay(site: Site, floor: _Floor, members: Sequence[int], limit_yuan: float) -> bool:
    """Return whether a trench that begins with one of the lines could cost less than the limit."""
    starts = (((item,), (0.0,), [b for b in members if b != item]) for item in members)
    return any(
        _least_yuan(site, floor, (order, centres), rest) < limit_yuan
        for order, centres, rest in starts
    )


def _extend(
    site: Site,
    ranks: Sequence[int],
    floor: _Floor,
    laid: tuple[tuple[int, ...], tuple[float, ...]],
    rest: tuple[int, ...],
    best: _Best,
) -> _Best:
    """Try every allowed next line, dropping orders whose part laid so far costs too much."""
    order, centres_m = laid
    if not rest:
        dug = profile(order, site)
        found = (dug.cost_yuan_per_m, dug)
        return found if found[0] < best[0] - _EQUAL_YUAN else best
    lowest = min(ranks[item] for item in rest)
    tried = set()
    for item in rest:
        if ranks[item] == lowest and site.bodies[item] not in tried:
            tried.add(site.bodies[item])
            centre = next_centre_m(site, order, centres_m, item)
            longer = ((*order, item), (*centres_m, centre))
            left = tuple(other for other in rest if other != item)
            if _least_yuan(site, floor, longer, left) < best[0] - _EQUAL_YUAN:
                best = _extend(site, ranks, floor, longer, left, best)
    return best


def _least_yuan(
    site: Site,
    floor: _Floor,
    laid: tuple[tuple[int, ...], tuple[float, ...]],
    rest: Sequence[int],
) -> float:
    """Return what a trench that begins with these lines costs at least.

    Lines that follow never move those before them, and each adds its step to the last of them.
    """
    reaches_m = [
        (centre, site.bodies[item].width_m / 2 + site.beside_m[item])
        for item, centre in zip(*laid, strict=True)
    ]
    face_m = laid[1][-1] + site.bodies[laid[0][-1]].width_m / 2
    beside_m = min((site.beside_m[item] for item in rest), default=0.0)
    beyond_m = face_m + sum(floor.step_m[item] for item in rest) + beside_m
    right_m = max(beyond_m, *(centre + half for centre, half in reaches_m))
    span_m = right_m - min(centre - half for centre, half in reaches_m)
    return site.price.cost_yuan_per_m(
        surface_m=span_m + 2 * site.rule.margin_m,
        volume_m2=span_m * floor.shallow_m + floor.deeper_m2,
        support_m=0.0,
    )


def in_standard_order(cut: Cut, ranks: Sequence[int]) -> tuple[tuple[int, ...], ...]:
    """Arrange trenches, each of which may be mirrored, with the fewest lines out of order.

    Returns
    -------
    tuple of tuple of int
        The order of the lines in each trench, from left to right.
    """
    orders = [
        min((p.order, p.order[::-1]), key=lambda order: _inversions(order, ranks)) for p in cut
    ]
    best: dict[int, tuple[int, tuple[int, ...]]] = {0: (0, ())}
    for state in range(1, 1 << len(orders)):
        options = []
        for last in _members(state):
            count, before = best[state ^ (1 << last)]
            laid = [item for place in before for item in orders[place]]
            added = sum(ranks[a] > ranks[b] for a in laid for b in orders[last])
            options.append((count + added, (*before, last)))
        best[state] = min(options)
    return tuple(orders[place] for place in best[(1 << len(orders)) - 1][1])


def _inversions(order: Sequence[int], ranks: Sequence[int]) -> int:
    return sum(ranks[a] > ranks[b] for place, a in enumerate(order) for b in order[place:])


def narrowest(site: Site, most: int) -> Cut:
    """Return the cut of the lines, in the order given, whose section is narrowest.

    Parameters
    ----------
    most
        Up to so many lines every cut is tried; beyond it, one trench for each run of lines that
        may share one.
    """
    count = len(site.bodies)
    starts = range(1 << max(0, count - 1)) if count <= most else [_needed_cuts(site)]
    best: tuple[float, Cut] = (inf, ())
    known: dict[tuple[int, ...], Profile | None] = {}
    for cuts in starts:
        cut = _digs(site, cuts, known)
        if cut is not None:
            width_m = origins_m(cut, site)[-1] + cut[-1].width_m if cut else 0.0
            best = min(best, (width_m, cut), key=lambda found: found[0])
    return best[1]


def _needed_cuts(site: Site) -> int:
    cuts, group = 0, [0]
    for item in range(1, len(site.bodies)):
        group.append(item)
        if not may_share(site, group):
            cuts, group = cuts | 1 << (item - 1), [item]
    return cuts


def _digs(site: Site, cuts: int, known: dict[tuple[int, ...], Profile | None]) -> Cut | None:
    """Dig the trenches that bits of `cuts` separate; None where lines may not share."""
    groups: list[list[int]] = []
    for item in range(len(site.bodies)):
        if item == 0 or cuts >> (item - 1) & 1:
            groups.append([])
        groups[-1].append(item)
    found = []
    for group in map(tuple, groups):
        if group not in known:
            known[group] = profile(group, site) if may_share(site, group) else None
        found.append(known[group])
    return None if None in found else tuple(dug for dug in found if dug is not None)


def origins_m(cut: Sequence[Profile], site: Site) -> tuple[float, ...]:
    """Return the x of every trench's left edge, each as near to the first as is allowed.

    Between neighbours a strip of ground is left; every line keeps its distance to the lines of
    all trenches before its own.
    """
    origins: list[float] = []
    laid: list[tuple[int, float]] = []
    for place, trench in enumerate(cut):
        nearest_m = [0.0]
        if origins:
            nearest_m.append(origins[-1] + cut[place - 1].width_m + site.rule.strip_m)
        pairs = list(zip(trench.order, trench.centres_m, strict=True))
        nearest_m += [
            far_m + site.clear_m[a][b] + site.bodies[b].width_m / 2 - centre
            for a, far_m in laid
            for b, centre in pairs
        ]
        origins.append(max(nearest_m))
        laid += [(b, origins[-1] + c + site.bodies[b].width_m / 2) for b, c in pairs]
    return tuple(origins)
