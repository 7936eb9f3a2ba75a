"""Works that look split (疑似拆分) to stay below a threshold of length or cost.

A chain of works of one owner and one utility, end to end, applied for at nearly the same time,
each below a threshold that all of them together reach. It is a question to the owner, not a
finding: nobody's reasons are known here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import Literal

import geopandas as gpd

from layers.tables import UTILITIES
from planner.rules.citation import Words
from planner.rules.profile import Profile
from planner.settings import Settings
from planner.trench.cost import Prices
from planner.trench.deciding.junctions import Corner, away_m, corners
from planner.trench.problem import Problem, Work

Measure = Literal["length", "cost"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """A limit from which on more is asked of a work.

    Parameters
    ----------
    code
        ``planning`` from the profile or the settings, ``permit`` and ``tender`` from the settings.
    measure, limit
        Metres dug (``length``) or yuan of set-up and trench without traffic (``cost``); a work
        of exactly the limit is no longer below it.
    utilities
        Keys of `layers.tables.UTILITIES` to which it applies.
    clause
        Where it stands.
    """

    code: str
    measure: Measure
    limit: float
    utilities: frozenset[str]
    clause: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitWorks:
    """Works that stay below a threshold one by one and reach it together.

    `works` are positions in `Problem.works`, in order of the dates wanted; `amounts` what each
    comes to, in the measure of the threshold.
    """

    threshold: Threshold
    works: tuple[int, ...]
    amounts: tuple[float, ...]

    @property
    def together(self) -> float:
        """Metres or yuan of all the works."""
        return sum(self.amounts)


def thresholds(profile: Profile, settings: Settings) -> tuple[Threshold, ...]:
    """Return the thresholds that a jurisdiction and the settings know.

    Parameters
    ----------
    profile
        Lengths from which its permits are needed; where it has none, the length of the settings
        stands in for it.
    settings
        ``trench.split_*``; a limit of 0 switches its threshold off.

    References
    ----------
    004 附件5 三(三)2: no planning permit for power lines below 150 m.
    建筑工程施工许可管理办法, art. 2; 必须招标的工程项目规定, art. 5; 招标投标法, art. 4.
    """
    own = [
        Threshold(
            code=rule.code,
            measure="length",
            limit=rule.min_length_m,
            utilities=rule.utilities,
            clause=Words(rule.source.text("zh"), rule.source.text("en")),
        )
        for rule in profile.permits
        if rule.min_length_m > 0.0 and rule.source is not None
    ]
    words = settings.text("trench.split_length_utilities").split(",")
    named = frozenset(word.strip() for word in words) & UTILITIES.keys()
    lengths = own or [_set(settings, "planning", "length", "trench.split_length_m", named)]
    every = frozenset(UTILITIES)
    costs = [
        _set(settings, "permit", "cost", "trench.split_permit_yuan", every),
        _set(settings, "tender", "cost", "trench.split_tender_yuan", every),
    ]
    return tuple(threshold for threshold in (*lengths, *costs) if threshold.limit > 0.0)


def _set(
    settings: Settings, code: str, measure: Measure, name: str, utilities: frozenset[str]
) -> Threshold:
    value = settings[name]
    clause = Words(value.source, value.source_en or value.source)
    return Threshold(
        code=code,
        measure=measure,
        limit=settings.number(name),
        utilities=utilities,
        clause=clause,
    )


def dug_m(work: Work) -> float:
    """Return the metres that a work digs on all its segments."""
    return sum(task.dug_m for task in work.tasks)


def contract_yuan(problem: Problem, prices: Prices, work: int) -> float:
    """Return what a work would be let for: set-up and trench of all its segments, no traffic."""
    return sum(
        problem.segments[task.segment].opening_yuan
        + prices.trench_yuan(task.segment, frozenset((work,)))
        for task in problem.works[work].tasks
    )


def split_works(
    problem: Problem,
    prices: Prices,
    segments: gpd.GeoDataFrame,
    known: Iterable[Threshold],
) -> tuple[SplitWorks, ...]:
    """Return the works that look split, threshold by threshold, those furthest above it first.

    Parameters
    ----------
    problem, prices
        The works with the dates that their owners want, and the prices.
    segments
        Columns of `layers.tables.SEGMENTS`; row i is ``problem.segments[i]``.
    known
        Thresholds, as `thresholds` returns them.

    Notes
    -----
    Two works are neighbours where they dig end to end, on one segment or around a corner, with at
    most ``trench.split_gap_m`` between them and nowhere side by side for longer than that, and
    where the dates wanted leave at most ``trench.split_days`` between them. Emergency works and
    routed connections are nobody's plan and do not count; nor do works whose owner or line is not
    known.
    """
    linked = _neighbours(problem, segments)
    found: list[SplitWorks] = []
    for threshold in known:
        amounts = _amounts(problem, prices, threshold)
        chains = _chains(linked, amounts.keys())
        made = (_split(problem, threshold, chain, amounts) for chain in chains)
        over = [split for split in made if split.together >= threshold.limit]
        found += sorted(over, key=lambda split: (-split.together, split.works))
    return tuple(found)


def _amounts(problem: Problem, prices: Prices, threshold: Threshold) -> dict[int, float]:
    """Return the works below a threshold with what each comes to."""
    found: dict[int, float] = {}
    for place, work in enumerate(problem.works):
        if work.utility in threshold.utilities:
            by_length = threshold.measure == "length"
            amount = dug_m(work) if by_length else contract_yuan(problem, prices, place)
            if 0.0 < amount < threshold.limit:
                found[place] = amount
    return found


def _split(
    problem: Problem, threshold: Threshold, chain: Iterable[int], amounts: Mapping[int, float]
) -> SplitWorks:
    works = sorted(chain, key=lambda work: (problem.works[work].wanted, problem.works[work].id))
    return SplitWorks(
        threshold=threshold,
        works=tuple(works),
        amounts=tuple(amounts[work] for work in works),
    )


def _chains(linked: Iterable[tuple[int, int]], members: Collection[int]) -> list[list[int]]:
    """Return the connected groups among `members`, each of two works or more."""
    group: dict[int, list[int]] = {}
    for one, other in linked:
        if one in members and other in members:
            mine, yours = group.setdefault(one, [one]), group.setdefault(other, [other])
            if mine is not yours:
                mine += yours
                group |= dict.fromkeys(yours, mine)
    return list({id(works): works for works in group.values()}.values())


def _neighbours(problem: Problem, segments: gpd.GeoDataFrame) -> list[tuple[int, int]]:
    """Return pairs of works of one owner and utility, end to end and close in time."""
    reach_m = problem.settings.number("trench.split_gap_m")
    on = _planned(problem)
    gaps_m: dict[tuple[int, int], float] = {}
    for segment, here in on.items():
        for pair in combinations(here, 2):
            if _alike(problem, *pair):
                gap_m = _gap_m(problem, segment, *pair)
                gaps_m[pair] = min(gap_m, gaps_m.get(pair, gap_m))
    near = {pair for pair, gap_m in gaps_m.items() if gap_m <= reach_m}
    beside = {pair for pair, gap_m in gaps_m.items() if gap_m < -reach_m}
    for corner in corners(segments, on):
        for one, other in product(on[corner.one], on[corner.other]):
            if _alike(problem, one, other) and _way_m(problem, corner, one, other) <= reach_m:
                near.add((min(one, other), max(one, other)))
    return sorted(near - beside)


def _planned(problem: Problem) -> dict[int, list[int]]:
    """Return the works that count on each segment, ascending."""
    on: dict[int, list[int]] = {}
    for place, work in enumerate(problem.works):
        if work.owner and work.origin == "work" and not work.emergency:
            for task in work.tasks:
                if task.stretches:
                    on.setdefault(task.segment, []).append(place)
    return on


def _alike(problem: Problem, one: int, other: int) -> bool:
    """Whether two works have one owner and utility, and wanted dates close to one another."""
    first, second = sorted((problem.works[one], problem.works[other]), key=lambda work: work.wanted)
    gap = max(second.wanted - (first.wanted + first.span), 0) * problem.period_days
    same = one != other and (first.owner, first.utility) == (second.owner, second.utility)
    return same and gap <= problem.settings.count("trench.split_days")


def _gap_m(problem: Problem, segment: int, one: int, other: int) -> float:
    """Return the metres between two works on a segment, less than 0 where they lie side by side."""
    here, there = (problem.works[work].task_on(segment).stretches for work in (one, other))
    return min(
        max(piece.from_m, beyond.from_m) - min(piece.to_m, beyond.to_m)
        for piece, beyond in product(here, there)
    )


def _way_m(problem: Problem, corner: Corner, one: int, other: int) -> float:
    """Return the metres between two works by way of a corner, one on either side of it."""
    here = problem.works[one].task_on(corner.one).stretches
    there = problem.works[other].task_on(corner.other).stretches
    return away_m(here, corner.one_at_m) + away_m(there, corner.other_at_m)


def segments_of(problem: Problem, works: Sequence[int]) -> tuple[str, ...]:
    """Return the ids of the segments that works dig, in the order of the works, each once."""
    used = (task.segment for work in works for task in problem.works[work].tasks)
    return tuple(dict.fromkeys(problem.segments[segment].id for segment in used))
