"""What works save or pay by lying in one trench: the price of every set that shares ground."""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from planner.trench.cost import Prices, strips
from planner.trench.problem import Problem


class Pack(NamedTuple):
    """Works that dig the same ground on a segment, by their places in the group.

    ``yuan[b]`` is what the subset with the bits of b costs in one opening, beyond the subset's
    works dug each in a trench of its own; 0 for single works. ``wide[b]`` tells that the road
    does not leave room for it.
    """

    places: tuple[int, ...]
    yuan: NDArray[np.float64]
    wide: NDArray[np.bool_]


class Shared(NamedTuple):
    """The packs of a segment, what its trenches cost one by one, and whether packs tell all."""

    packs: tuple[Pack, ...]
    apart_yuan: float
    complete: bool


def shared_on(problem: Problem, prices: Prices, segment: int, works: tuple[int, ...]) -> Shared:
    """Return what works on a segment share.

    Parameters
    ----------
    problem, prices
        What is priced.
    segment
        Position in ``problem.segments``.
    works
        All works on it, positions in ``problem.works``; places refer to this order.

    Notes
    -----
    A strip on which more lines lie than ``trench.pack_most_works`` is cut down to the first: the
    search then sees only part of the saving there. The plan's price is exact all the same, since
    it never comes from packs, and the bound does not use packs that are not complete.
    """
    most = problem.settings.count("trench.pack_most_works")
    length_m: dict[tuple[int, ...], float] = defaultdict(float)
    for strip in strips(problem, segment, works):
        laid = tuple(work for work in strip.works if problem.works[work].line is not None)
        length_m[laid] += strip.length_m
    apart_yuan = sum(prices.trench_yuan(segment, frozenset((work,))) for work in works)
    found = []
    for laid, metres in length_m.items():
        if len(laid) > 1:
            kept = laid[:most]
            places = tuple(works.index(work) for work in kept)
            yuan = metres * _beyond_alone(prices, segment, kept)
            wide = _too_wide(prices, segment, kept)
            if yuan.any() or wide.any():
                found.append(Pack(places, yuan, wide))
    return Shared(tuple(found), apart_yuan, all(len(laid) <= most for laid in length_m))


def _too_wide(prices: Prices, segment: int, works: tuple[int, ...]) -> NDArray[np.bool_]:
    wide = np.zeros(1 << len(works), dtype=np.bool_)
    if prices.fits(segment, frozenset(works)):
        return wide
    for bits in range(wide.size):
        inside = frozenset(work for place, work in enumerate(works) if bits >> place & 1)
        wide[bits] = not prices.fits(segment, inside)
    return wide


def floor_yuan(problem: Problem, prices: Prices, segment: int, works: tuple[int, ...]) -> float:
    """Return what works pay at least for their trenches on a segment, whatever openings share.

    Each strip is split among openings in the cheapest way there is; dates are not looked at.
    With more than ``trench.pack_most_works`` lines it costs at least what its dearest line does
    alone, since no section is cheaper than one of its lines (`planner.section.layout`).
    """
    most = problem.settings.count("trench.pack_most_works")
    total = 0.0
    for strip in strips(problem, segment, works):
        laid = tuple(work for work in strip.works if problem.works[work].line is not None)
        if len(laid) <= most:
            total += strip.length_m * _cheapest_split(prices, segment, laid)
        else:
            total += strip.length_m * max(prices.metre_yuan(segment, (work,)) for work in laid)
    return total


def _cheapest_split(prices: Prices, segment: int, works: tuple[int, ...]) -> float:
    """Return the least price of a metre over all ways to part works among openings."""
    least = np.zeros(1 << len(works))
    for bits in range(1, least.size):
        lowest = bits & -bits
        least[bits] = np.inf
        group = bits
        while group:
            if group & lowest:
                inside = tuple(work for place, work in enumerate(works) if group >> place & 1)
                yuan = prices.metre_yuan(segment, inside) + least[bits ^ group]
                least[bits] = min(least[bits], yuan)
            group = (group - 1) & bits
    return float(least[-1])


def _beyond_alone(prices: Prices, segment: int, works: tuple[int, ...]) -> NDArray[np.float64]:
    """Return for each subset its price per metre less those of its works one by one."""
    single = [prices.metre_yuan(segment, (work,)) for work in works]
    yuan = np.zeros(1 << len(works))
    for bits in range(1, yuan.size):
        inside = [place for place in range(len(works)) if bits >> place & 1]
        if len(inside) > 1:
            joint = prices.metre_yuan(segment, tuple(works[place] for place in inside))
            yuan[bits] = joint - sum(single[place] for place in inside)
    return yuan
