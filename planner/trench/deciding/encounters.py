"""Where works meet, one row each, for a person to decide.

An encounter has two parties, each one or more works in one opening of one segment:

- **conflict** (冲突): the same place at the same time, and no joint opening. In the plan what
  overlaps on one segment is one opening, but the road can be too narrow for its section
  (`width`); the applicants' own dates would have collided (`wanted`), which the plan settles; and
  a road and its detour can collide, by the dates wanted (`detour_wanted`) or, where both are
  approved, still (`detour`).
- **opportunity** (机会): the same segment at another time: `saves` or `costs`, if it were joined.
- **junction** (路口相邻): openings around a corner, at the same time (`junction_overlap`) or one
  soon after the other (`junction_follow`), which could be one site.

The same two parties have one row for conflicts on segments, detours, opportunities and junctions
each, however many segments they share: `Encounter.places` counts them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from types import MappingProxyType

import geopandas as gpd

from planner.trench.cost import Prices
from planner.trench.deciding.collisions import Collision, detours, shared
from planner.trench.deciding.junctions import neighbours
from planner.trench.plan import Opening
from planner.trench.problem import Problem
from planner.trench.reasons.explain import Reopening
from planner.trench.reasons.joining import Fits, fits_always

KIND_OF: Mapping[str, str] = MappingProxyType(
    {
        "detour": "conflict",
        "detour_wanted": "conflict",
        "width": "conflict",
        "wanted": "conflict",
        "saves": "opportunity",
        "costs": "opportunity",
        "junction_overlap": "junction",
        "junction_follow": "junction",
    }
)
"""Rule of an encounter to its kind, a key of `layers.tables.DECISION_KINDS`."""

SETTLED = frozenset({"wanted", "detour_wanted"})
"""Rules of what the plan has already settled; the person only confirms it."""

_SUMMED = frozenset({"width", "wanted", "again"})
"""Rules whose savings on several segments add up; of the others the greatest counts."""


@dataclass(frozen=True, slots=True)
class Party:
    """Works that are in one opening of one segment."""

    works: tuple[int, ...]
    opening: Opening


@dataclass(frozen=True, slots=True, kw_only=True)
class Encounter:
    """Two parties that meet.

    Parameters
    ----------
    rule
        Key of `KIND_OF`; names the sentence ``decision_<rule>`` of the catalogue.
    one, other
        The parties: in order of time, of a `wanted` conflict in order of the dates wanted; of the
        works of one opening the first, and the others.
    days_between
        Days on which neither opening is open, between the two; 0 where they overlap or touch.
    days
        Days on which the two collide (conflicts), otherwise 0.
    saving_yuan
        What joining saves, less than 0 where it costs: of `width` and `wanted` against everyone
        alone, of an opportunity one opening against two, at a junction the smaller of the two
        set-ups; of a detour the traffic cost of the days on which both roads are open.
    explained
        Whether the saving is the plan's own price of joining rather than that of the segments.
    places
        On how many segments, or corners, the same two parties meet; the opening shown is that
        with the greatest saving.
    """

    rule: str
    one: Party
    other: Party
    days_between: int = 0
    days: int = 0
    saving_yuan: float
    explained: bool = False
    places: int = 1

    @property
    def kind(self) -> str:
        """Key of `layers.tables.DECISION_KINDS`."""
        return KIND_OF[self.rule]

    @property
    def settled(self) -> bool:
        """Whether the plan has settled it."""
        return self.rule in SETTLED


def explained_yuan(reasons: Iterable[Reopening]) -> dict[tuple[Opening, Opening], float]:
    """Return what joining two openings adds to the plan's cost, where their reason has a price.

    It is the price of joining within the rules, or with the cheapest change of date.
    """
    priced = ((reason, priced_yuan(reason.facts)) for reason in reasons)
    return {(reason.first, reason.second): yuan for reason, yuan in priced if yuan is not None}


def priced_yuan(facts: Mapping[str, object]) -> float | None:
    """Return the price of joining that the facts of a re-opening name, in yuan."""
    change = facts.get("change")
    yuan = change.get("yuan") if isinstance(change, Mapping) else facts.get("yuan")
    return float(yuan) if isinstance(yuan, (int, float)) else None


def encounters(
    problem: Problem,
    starts: Mapping[int, int],
    found: Sequence[Opening],
    prices: Prices,
    segments: gpd.GeoDataFrame,
    *,
    added_yuan: Mapping[tuple[Opening, Opening], float] | None = None,
    fits: Fits = fits_always,
) -> tuple[Encounter, ...]:
    """Return where the works of a plan meet, dearest first, then nearest in time.

    Parameters
    ----------
    problem, starts
        What was asked, and the start period of each placed work.
    found
        The openings of these starts, as `planner.trench.plan.openings` returns them.
    prices
        Prices of the problem.
    segments
        Columns of `layers.tables.SEGMENTS`; row i is ``problem.segments[i]``.
    added_yuan
        What joining two neighbouring openings adds to the cost of the whole plan, where that is
        known (`explained_yuan`); elsewhere the prices of the segment alone are taken.
    fits
        Whether the road can hold the section of works, see `planner.trench.reasons.joining.Fits`.

    Notes
    -----
    Left out, so that nobody wades through rows that need no decision: parties that dig less than
    ``trench.decision_least_m``; conflicts that the plan has settled and junctions, worth less
    than ``trench.decision_least_yuan`` or among works of one owner, who needs nobody else's word;
    what costs more than ``trench.decision_most_cost_yuan`` to join, which stays a re-opening;
    parties around a corner that share an opening anywhere, since they have met there.
    """
    inside = {(work, opening.segment): opening for opening in found for work in opening.works}
    collisions = (*shared(problem, found, starts, prices, fits), *detours(problem, starts))
    every = [_conflict(collision, inside, problem) for collision in collisions]
    every += _opportunities(problem, found, prices, added_yuan or {})
    near = [_around(problem, *pair) for pair in neighbours(problem, found, segments)]
    met, around = (_merged(filter(partial(_worth, problem), some)) for some in (every, near))
    pairs = {_parties(encounter) for encounter in met}
    most_yuan = problem.settings.number("trench.decision_most_cost_yuan")
    listed = [
        *(here for here in met if here.rule != "costs" or here.saving_yuan >= -most_yuan),
        *(there for there in around if _parties(there) not in pairs),
    ]
    return tuple(sorted(listed, key=partial(_rank, problem)))


def _rank(problem: Problem, encounter: Encounter) -> tuple[float, int, str, str, str]:
    one, other = encounter.one, encounter.other
    return (
        -round(encounter.saving_yuan, 2),
        encounter.days_between,
        problem.segments[one.opening.segment].id,
        ",".join(problem.works[work].id for work in one.works),
        ",".join(problem.works[work].id for work in other.works),
    )


def _conflict(
    collision: Collision, inside: Mapping[tuple[int, int], Opening], problem: Problem
) -> Encounter:
    one = inside[collision.one[0], collision.segment]
    other = inside[collision.other[0], collision.other_segment]
    gap = max(other.first - one.end, one.first - other.end, 0)
    return Encounter(
        rule=collision.rule,
        one=Party(collision.one, one),
        other=Party(collision.other, other),
        days_between=gap * problem.period_days,
        days=collision.periods * problem.period_days,
        saving_yuan=collision.yuan,
    )


def _opportunities(
    problem: Problem,
    found: Sequence[Opening],
    prices: Prices,
    added_yuan: Mapping[tuple[Opening, Opening], float],
) -> list[Encounter]:
    """Return every two neighbouring openings of a segment; `rule` waits for the whole saving."""
    again = [pair for pair in pairwise(found) if pair[0].segment == pair[1].segment]
    return [
        Encounter(
            rule="again",
            one=Party(one.works, one),
            other=Party(other.works, other),
            days_between=(other.first - one.end) * problem.period_days,
            saving_yuan=(
                -added_yuan[one, other]
                if (one, other) in added_yuan
                else joining_saves_yuan(prices, one, other)
            ),
            explained=(one, other) in added_yuan,
        )
        for one, other in again
    ]


def joining_saves_yuan(prices: Prices, one: Opening, other: Opening) -> float:
    """Return what one opening of the works of two, as long as both together, saves there."""
    whole = frozenset((*one.works, *other.works))
    apart = sum(
        prices.opening_yuan(opening.segment, opening.periods, frozenset(opening.works))
        for opening in (one, other)
    )
    return apart - prices.opening_yuan(one.segment, one.periods + other.periods, whole)


def _around(problem: Problem, one: Opening, other: Opening) -> Encounter:
    gap = max(other.first - one.end, 0)
    overlap = other.first < one.end
    return Encounter(
        rule="junction_overlap" if overlap else "junction_follow",
        one=Party(one.works, one),
        other=Party(other.works, other),
        days_between=gap * problem.period_days,
        saving_yuan=min(problem.segments[run.segment].opening_yuan for run in (one, other)),
    )


def _worth(problem: Problem, encounter: Encounter) -> bool:
    parties = (encounter.one, encounter.other)
    if encounter.rule != "detour" and any(_slight(problem, party) for party in parties):
        return False
    if encounter.rule in {"detour", "again", "width"}:
        return True
    owners = {problem.works[work].owner for party in parties for work in party.works}
    if len(owners) == 1 and owners != {""}:
        return False
    return encounter.saving_yuan >= problem.settings.number("trench.decision_least_yuan")


def _slight(problem: Problem, party: Party) -> bool:
    tasks = [problem.works[work].task_on(party.opening.segment) for work in party.works]
    dug_m = sum(task.dug_m for task in tasks)
    known = all(task.stretches for task in tasks)
    return known and dug_m < problem.settings.number("trench.decision_least_m")


def _parties(encounter: Encounter) -> frozenset[frozenset[int]]:
    return frozenset((frozenset(encounter.one.works), frozenset(encounter.other.works)))


def _merged(every: Iterable[Encounter]) -> list[Encounter]:
    """Return one encounter for each group of rules and two parties."""
    places: dict[tuple[str, frozenset[frozenset[int]]], list[Encounter]] = {}
    for encounter in every:
        group = encounter.rule.partition("_")[0]
        places.setdefault((group, _parties(encounter)), []).append(encounter)
    return [_one_of(here) for here in places.values()]


def _one_of(here: Sequence[Encounter]) -> Encounter:
    """Return what is met at several places as one: a detour in the plan, else the dearest."""
    best = max(here, key=lambda met: (met.rule == "detour", met.saving_yuan, -met.days_between))
    summed = best.rule in _SUMMED and not any(encounter.explained for encounter in here)
    yuan = sum(encounter.saving_yuan for encounter in here) if summed else best.saving_yuan
    rule = best.rule
    if rule == "again":
        rule = "saves" if yuan > 0.0 else "costs"
    explained = any(encounter.explained for encounter in here)
    return replace(best, rule=rule, saving_yuan=yuan, explained=explained, places=len(here))
