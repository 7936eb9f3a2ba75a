"""The problem as flat arrays: starts of works, groups of segments, crews, detours.

Segments on which the same works are active for the same times merge into one **group**, whose
prices are the sums of theirs. Where a single work is alone on a segment the price is constant.
What the trench of an opening costs beyond its lines dug one by one is kept by **packs**: works
that dig the same ground, with the price of every subset of them.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from planner.trench.cost import Prices
from planner.trench.domains import Periods, starts
from planner.trench.problem import Problem
from planner.trench.search.packs import Pack, shared_on

MILLI = 1000
"""Thousandths of a yuan, in which bounds are counted."""

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Member = tuple[int, int, int]
"""Row of a work in the model, lag and duration of its task."""


TOO_WIDE_YUAN = 1e7
"""What keeps works out of one opening that the road is too narrow for."""


class Model(NamedTuple):
    """The problem of some works as arrays; works are rows 0..n-1 here.

    Parameters
    ----------
    start_ptr, starts, start_yuan
        Allowed starts of work w: ``starts[start_ptr[w]:start_ptr[w + 1]]``, ascending, with what
        each costs by itself.
    span, crew
        Periods from start to end; row of `cap`, or -1 where crews are not limited.
    cap
        Crews that may be active, shape (crews, periods); never below what approved works use.
    group_ptr, member, lag, duration
        Group g has the entries ``group_ptr[g]:group_ptr[g + 1]``: work, and its task's times.
    setup_yuan, period_yuan
        Price of each opening and of each open period of a group.
    segment_ptr, segment_setup_milli, segment_period_milli
        The same for each of a group's segments, in thousandths rounded down.
    use_ptr, use
        Groups of work w.
    complete
        Whether the packs of a group tell the whole price of every set.
    pack_ptr, entry_ptr, entry, price_ptr, price_yuan
        Packs of group g are ``pack_ptr[g]:pack_ptr[g + 1]``; pack p holds the members at places
        ``entry[entry_ptr[p]:entry_ptr[p + 1]]`` of its group, and the subset with bits b costs
        ``price_yuan[price_ptr[p] + b]``; sets that the road is too narrow for cost `TOO_WIDE_YUAN`
        more there, but not in ``price_milli``, the same in thousandths for the bound.
    near_ptr, near, near_low, near_high
        Work w and ``v = near[i]`` break a detour if ``near_low[i] < x[v] - x[w] < near_high[i]``.
    periods
        Horizon.
    base_yuan
        What every plan of these works costs.
    """

    start_ptr: Ints
    starts: Ints
    start_yuan: Floats
    span: Ints
    crew: Ints
    cap: Ints
    group_ptr: Ints
    member: Ints
    lag: Ints
    duration: Ints
    setup_yuan: Floats
    period_yuan: Floats
    segment_ptr: Ints
    segment_setup_milli: Ints
    segment_period_milli: Ints
    use_ptr: Ints
    use: Ints
    complete: NDArray[np.bool_]
    pack_ptr: Ints
    entry_ptr: Ints
    entry: Ints
    price_ptr: Ints
    price_yuan: Floats
    price_milli: Ints
    near_ptr: Ints
    near: Ints
    near_low: Ints
    near_high: Ints
    periods: int
    base_yuan: float


class Modelled(NamedTuple):
    """A model, and what its rows stand for.

    `works` are positions in ``Problem.works``, `crews` keys of ``Problem.crews``, `segments` the
    positions in ``Problem.segments`` that make up each group. `apart_yuan` is what the trenches on
    a group's segment cost one by one, `single` the work that is alone on a segment.
    """

    model: Model
    works: tuple[int, ...]
    crews: tuple[str, ...]
    segments: tuple[tuple[int, ...], ...]
    apart_yuan: Mapping[int, float]
    single: Mapping[int, int]


class _Group(NamedTuple):
    members: tuple[Member, ...]
    segments: tuple[int, ...]
    setup_yuan: float
    period_yuan: float
    packs: tuple[Pack, ...]
    complete: bool


def model_of(problem: Problem, prices: Prices, works: Iterable[int]) -> Modelled:
    """Return the model of some works of a problem.

    Parameters
    ----------
    problem, prices
        What is to be planned, and at what prices.
    works
        Positions in ``problem.works``; each has at least one allowed start.
    """
    chosen = tuple(works)
    row = {work: place for place, work in enumerate(chosen)}
    domains = [starts(problem, problem.works[work]) for work in chosen]
    groups, apart_yuan, single = _groups(problem, prices, row)
    alone = (prices.alone_yuan(work, segment) for segment, work in single.items())
    crews = tuple(problem.crews)
    crew_row = {crew: place for place, crew in enumerate(crews)}
    crew_of = [crew_row.get(problem.works[work].crew, -1) for work in chosen]
    all_packs = [pack for group in groups for pack in group.packs]
    near = _near(problem, chosen, row)
    uses = _uses(len(chosen), groups)
    places = [[problem.segments[segment] for segment in group.segments] for group in groups]
    model = Model(
        start_ptr=_ptr(domains),
        starts=_joined(domains),
        start_yuan=_start_yuan(problem, chosen, domains),
        span=_ints(problem.works[work].span for work in chosen),
        crew=_ints(crew_of),
        cap=_caps(problem, crews, chosen),
        group_ptr=_ptr([group.members for group in groups]),
        member=_ints(member[0] for group in groups for member in group.members),
        lag=_ints(member[1] for group in groups for member in group.members),
        duration=_ints(member[2] for group in groups for member in group.members),
        setup_yuan=np.array([group.setup_yuan for group in groups], dtype=np.float64),
        period_yuan=np.array([group.period_yuan for group in groups], dtype=np.float64),
        segment_ptr=_ptr(places),
        segment_setup_milli=_ints(milli(each.opening_yuan) for some in places for each in some),
        segment_period_milli=_ints(
            milli(each.open_period_yuan) for some in places for each in some
        ),
        use_ptr=_ptr(uses),
        use=_ints(group for used in uses for group in used),
        complete=np.array([group.complete for group in groups], dtype=np.bool_),
        pack_ptr=_ptr([group.packs for group in groups]),
        entry_ptr=_ptr([pack.places for pack in all_packs]),
        entry=_ints(place for pack in all_packs for place in pack.places),
        price_ptr=_ptr([pack.yuan for pack in all_packs]),
        price_yuan=np.concatenate([np.zeros(0), *(_felt_yuan(pack) for pack in all_packs)]),
        price_milli=np.concatenate([np.zeros(0, dtype=np.int64), *map(_milli, all_packs)]),
        near_ptr=_ptr(near),
        near=_ints(pair[0] for pairs in near for pair in pairs),
        near_low=_ints(pair[1] for pairs in near for pair in pairs),
        near_high=_ints(pair[2] for pairs in near for pair in pairs),
        periods=problem.periods,
        base_yuan=float(sum(apart_yuan.values()) + sum(alone)),
    )
    segments = tuple(group.segments for group in groups)
    return Modelled(model, chosen, crews, segments, apart_yuan, single)


def _groups(
    problem: Problem, prices: Prices, row: Mapping[int, int]
) -> tuple[list[_Group], dict[int, float], dict[int, int]]:
    """Merge segments that are used alike; return the groups and the constant parts.

    The key of a group is its tasks relative to the first work's, so that segments which the same
    works reach one after another merge too.
    """
    on: dict[int, list[Member]] = defaultdict(list)
    for work, place in row.items():
        for task in problem.works[work].tasks:
            on[task.segment].append((place, task.lag, task.duration))
    apart_yuan: dict[int, float] = {}
    single: dict[int, int] = {}
    merged: dict[tuple[Member, ...], list[int]] = defaultdict(list)
    back = {place: work for work, place in row.items()}
    for segment, members in sorted(on.items()):
        if len(members) == 1:
            single[segment] = back[members[0][0]]
        else:
            first_lag = members[0][1]
            key = tuple((place, lag - first_lag, time) for place, lag, time in sorted(members))
            merged[key].append(segment)
    groups = []
    for segments in merged.values():
        tasks = tuple(sorted(on[segments[0]]))
        works = tuple(back[task[0]] for task in tasks)
        shared: tuple[Pack, ...] = ()
        complete = True
        for segment in segments:
            on_it = shared_on(problem, prices, segment, works)
            apart_yuan[segment] = on_it.apart_yuan
            shared = (*shared, *on_it.packs)
            complete &= on_it.complete
        places = [problem.segments[segment] for segment in segments]
        groups.append(
            _Group(
                tasks,
                tuple(segments),
                sum(place.opening_yuan for place in places),
                sum(place.open_period_yuan for place in places),
                shared,
                complete,
            )
        )
    return groups, apart_yuan, single


def milli(yuan: float) -> int:
    """Return whole thousandths of a yuan, rounded down."""
    return math.floor(yuan * MILLI)


def _felt_yuan(pack: Pack) -> Floats:
    return np.asarray(pack.yuan + TOO_WIDE_YUAN * pack.wide)


def _milli(pack: Pack) -> Ints:
    return np.floor(pack.yuan * MILLI).astype(np.int64)


def _uses(works: int, groups: Sequence[_Group]) -> list[list[int]]:
    uses: list[list[int]] = [[] for _ in range(works)]
    for place, group in enumerate(groups):
        for member in group.members:
            uses[member[0]].append(place)
    return uses


def _start_yuan(problem: Problem, works: Sequence[int], domains: Sequence[Periods]) -> Floats:
    yuan = [
        problem.works[work].start_yuan(start)
        for work, domain in zip(works, domains, strict=True)
        for start in domain.tolist()
    ]
    return np.array(yuan, dtype=np.float64)


def _caps(problem: Problem, crews: Sequence[str], works: Sequence[int]) -> Ints:
    """Return crew limits by period; approved works keep their dates even above the limit."""
    row = {crew: place for place, crew in enumerate(crews)}
    used = np.zeros((len(crews), problem.periods), dtype=np.int64)
    for work in (problem.works[place] for place in works):
        if work.fixed and work.crew:
            used[row[work.crew], work.wanted : work.wanted + work.span] += 1
    limits = _ints(problem.crews[crew] for crew in crews)
    return np.asarray(np.maximum(used, limits[:, None]), dtype=np.int64)


def _near(
    problem: Problem, works: Sequence[int], row: Mapping[int, int]
) -> list[list[tuple[int, int, int]]]:
    """Return for each work the others that a detour keeps apart from it, with the open interval.

    Two approved works keep their dates whatever the detour says.
    """
    on: dict[int, list[int]] = defaultdict(list)
    for work in works:
        for task in problem.works[work].tasks:
            on[task.segment].append(work)
    near: list[list[tuple[int, int, int]]] = [[] for _ in works]
    for one, other in problem.conflicts:
        for a in on.get(one, ()):
            for b in on.get(other, ()):
                if a == b or (problem.works[a].fixed and problem.works[b].fixed):
                    continue
                mine, its = problem.works[a].task_on(one), problem.works[b].task_on(other)
                low = mine.lag - its.lag - its.duration
                high = mine.lag + mine.duration - its.lag
                near[row[a]].append((row[b], low, high))
                near[row[b]].append((row[a], -high, -low))
    return [_merged(pairs) for pairs in near]


def _merged(pairs: Iterable[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """Unite open intervals of one work that overlap."""
    found: list[tuple[int, int, int]] = []
    for other, low, high in sorted(set(pairs)):
        if found and found[-1][0] == other and low < found[-1][2]:
            found[-1] = (other, found[-1][1], max(high, found[-1][2]))
        else:
            found.append((other, low, high))
    return found


def _ptr(parts: Sequence[Any]) -> Ints:
    return np.concatenate(([0], np.cumsum([len(part) for part in parts]))).astype(np.int64)


def _joined(parts: Sequence[Periods]) -> Ints:
    return np.concatenate([np.zeros(0, dtype=np.int64), *parts])


def _ints(values: Iterable[int]) -> Ints:
    return np.fromiter(values, dtype=np.int64)
