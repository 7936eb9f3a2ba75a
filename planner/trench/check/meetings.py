"""Where the works of a plan meet, found anew for the check: day by day, set against set."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, pairwise

import geopandas as gpd
import pandas as pd

from planner.trench.check.ground import dig
from planner.trench.check.plan import active
from planner.trench.problem import Problem, Task
from planner.trench.reasons.joining import Fits
from planner.trench.records import records

Parties = frozenset[frozenset[str]]
Group = tuple[str, Parties]


@dataclass(frozen=True, slots=True)
class Site:
    """An opening counted anew: id, position of the segment, periods, ids of its works."""

    id: str
    segment: int
    days: range
    works: frozenset[str]


@dataclass(frozen=True, slots=True)
class Place:
    """One place where two parties meet, and what is at stake there.

    `first` and `second` are the openings of the party named first and of the other; `periods`
    those in which they collide.
    """

    rule: str
    first: Site
    second: Site
    yuan: float
    periods: int = 0

    @property
    def gap(self) -> int:
        """Periods between the two openings."""
        one, other = self.first.days, self.second.days
        return max(other.start - one.stop, one.start - other.stop, 0)


class Meetings:
    """Everything that a list for deciding must contain, by group of rules and parties.

    Parameters
    ----------
    problem
        What was asked.
    starts
        Id of each placed work to its start period.
    segments
        Columns of `layers.tables.SEGMENTS`; row i is ``problem.segments[i]``. Without them there
        are no junctions.
    fits
        Whether the road can hold the section of works (by position), None where it always does.
    known
        Prices of trenches by segment and works, filled as they are asked for: problems that
        differ only in dates and durations may share them.
    """

    def __init__(
        self,
        problem: Problem,
        starts: Mapping[str, int],
        segments: gpd.GeoDataFrame | None = None,
        *,
        fits: Fits | None = None,
        known: dict[tuple[int, frozenset[str]], float] | None = None,
    ) -> None:
        self.fits = fits
        self.problem = problem
        self.known = {} if known is None else known
        self.works = {work.id: work for work in problem.works if work.id in starts}
        self.order = {work.id: place for place, work in enumerate(problem.works)}
        self.starts = {key: starts[key] for key in self.works}
        self.tasks = {(key, t.segment): t for key, work in self.works.items() for t in work.tasks}
        self.sites = self._sites()
        self.nodes = self._nodes(segments)

    def expected(self) -> dict[Group, list[Place]]:
        """Return the places of every encounter that is worth a row."""
        found: dict[Group, list[Place]] = {}
        every = (*self._wanted(), *self._detours(), *self._again(), *self._junctions())
        for parties, place in every:
            if self._counts(parties, place):
                group = place.rule.partition("_")[0]
                found.setdefault((group, frozenset(parties)), []).append(place)
        stronger = {parties for group, parties in found if group != "junction"}
        return {
            (group, parties): places
            for (group, parties), places in found.items()
            if group != "junction" or parties not in stronger
        }

    def cost_yuan(self, segment: int, keys: Iterable[str], periods: int) -> float:
        """Return what one opening costs, added up from the price of a metre."""
        place, members = self.problem.segments[segment], frozenset(keys)
        if (segment, members) not in self.known:
            ordered = sorted(members, key=self.order.__getitem__)
            uses = [(self.works[key], self.tasks[key, segment]) for key in ordered]
            self.known[segment, members] = dig(self.problem, segment, uses).trench_yuan
        dug_yuan = self.known[segment, members]
        return place.opening_yuan + place.open_period_yuan * periods + dug_yuan

    def plan_yuan(self) -> float:
        """Return what all openings cost."""
        return sum(
            self.cost_yuan(segment, site.works, len(site.days))
            for segment, sites in self.sites.items()
            for site in sites
        )

    def _sites(self) -> dict[int, list[Site]]:
        days: dict[int, dict[str, range]] = {}
        for (key, segment), task in self.tasks.items():
            days.setdefault(segment, {})[key] = active(task, self.starts[key])
        return {segment: self._cut(segment, used) for segment, used in days.items()}

    def _cut(self, segment: int, used: Mapping[str, range]) -> list[Site]:
        busy = sorted({day for days in used.values() for day in days})
        begins = [day for day in busy if day - 1 not in set(busy)]
        sites = []
        for number, first in enumerate(begins, start=1):
            last = min(day for day in busy if day >= first and day + 1 not in set(busy))
            here = frozenset(key for key, days in used.items() if first <= days.start <= last)
            name = f"{self.problem.segments[segment].id}-{number}"
            sites.append(Site(name, segment, range(first, last + 1), here))
        return sites

    def _nodes(self, segments: gpd.GeoDataFrame | None) -> dict[int, list[tuple[int, float]]]:
        nodes: dict[int, list[tuple[int, float]]] = {}
        for segment, row in enumerate(records(segments)):
            for column, at_m in (("from_node", 0.0), ("to_node", float(row["length_m"]))):
                if segment in self.sites and bool(pd.notna(row[column])):
                    nodes.setdefault(int(row[column]), []).append((segment, at_m))
        return nodes

    def _wish(self, key: str, segment: int) -> range:
        return active(self.tasks[key, segment], self.works[key].wanted)

    def _wanted(self) -> Iterator[tuple[tuple[frozenset[str], ...], Place]]:
        for sites in self.sites.values():
            for site in sites:
                if self._wide(site):
                    first = min(site.works, key=lambda key: self._begin(key, site.segment))
                    parties = (frozenset((first,)), site.works - {first})
                    yuan = self._saved_yuan(site.segment, site.works)
                    yield parties, Place("width", site, site, yuan, len(site.days))
                else:
                    yield from (self._crowd(site, crowd) for crowd in self._crowds(site))

    def _wide(self, site: Site) -> bool:
        sets = [site.works, *(frozenset((key,)) for key in sorted(site.works))]
        if self.fits is None or len(site.works) == 1:
            return False
        places = [frozenset(self.order[key] for key in keys) for keys in sets]
        whole, *single = [self.fits(site.segment, some) for some in places]
        return not whole and all(single)

    def _begin(self, key: str, segment: int) -> tuple[int, int, int]:
        days = active(self.tasks[key, segment], self.starts[key])
        return days.start, days.stop, self.order[key]

    def _saved_yuan(self, segment: int, keys: Iterable[str]) -> float:
        """Return what one opening on the plan's dates saves against everyone alone."""
        crowd = frozenset(keys)
        plan = {d for key in crowd for d in active(self.tasks[key, segment], self.starts[key])}
        alone = sum(
            self.cost_yuan(segment, [key], self.tasks[key, segment].duration) for key in crowd
        )
        return alone - self.cost_yuan(segment, crowd, len(plan))

    def _crowds(self, site: Site) -> list[set[str]]:
        """Return the groups that are linked by wanted periods in common, two works or more."""
        wish = {key: set(self._wish(key, site.segment)) for key in site.works}
        left, found = set(site.works), []
        while left:
            crowd = {left.pop()}
            while more := {key for key in left if any(wish[key] & wish[one] for one in crowd)}:
                crowd |= more
                left -= more
            found.append(crowd)
        return [crowd for crowd in found if len(crowd) > 1]

    def _crowd(self, site: Site, crowd: set[str]) -> tuple[tuple[frozenset[str], ...], Place]:
        segment = site.segment
        first = min(crowd, key=lambda key: (self._wish(key, segment).start, self.order[key]))
        days = [day for key in crowd for day in self._wish(key, segment)]
        crowded = sum(days.count(day) > 1 for day in set(days))
        yuan = self._saved_yuan(segment, crowd)
        parties = (frozenset((first,)), frozenset(crowd - {first}))
        return parties, Place("wanted", site, site, yuan, crowded)

    def _detours(self) -> Iterator[tuple[tuple[frozenset[str], ...], Place]]:
        for road, detour in self.problem.conflicts:
            rate = sum(self.problem.segments[place].open_period_yuan for place in (road, detour))
            for one, here in self._digs(road):
                for other, there in self._digs(detour):
                    if one == other:
                        continue
                    for rule in ("detour", "detour_wanted"):
                        both = self._days(rule, one, here) & self._days(rule, other, there)
                        if both:
                            sites = self._site(road, one), self._site(detour, other)
                            place = Place(rule, *sites, rate * len(both), len(both))
                            yield (frozenset((one,)), frozenset((other,))), place
                            break

    def _digs(self, segment: int) -> list[tuple[str, Task]]:
        return [(key, task) for (key, place), task in self.tasks.items() if place == segment]

    def _days(self, rule: str, key: str, task: Task) -> set[int]:
        return set(active(task, self.starts[key] if rule == "detour" else self.works[key].wanted))

    def _site(self, segment: int, key: str) -> Site:
        return next(site for site in self.sites[segment] if key in site.works)

    def _again(self) -> Iterator[tuple[tuple[frozenset[str], ...], Place]]:
        for segment, sites in self.sites.items():
            for one, other in pairwise(sites):
                apart = sum(
                    self.cost_yuan(segment, site.works, len(site.days)) for site in (one, other)
                )
                length = len(one.days) + len(other.days)
                yuan = apart - self.cost_yuan(segment, one.works | other.works, length)
                yield (one.works, other.works), Place("again", one, other, yuan)

    def _junctions(self) -> Iterator[tuple[tuple[frozenset[str], ...], Place]]:
        together = {
            frozenset(pair)
            for sites in self.sites.values()
            for site in sites
            for pair in combinations(site.works, 2)
        }
        for meeting in self.nodes.values():
            for (here, at_m), (there, beyond_m) in combinations(meeting, 2):
                if here == there:
                    continue
                for one in self.sites[here]:
                    for other in self.sites[there]:
                        pairs = {frozenset((a, b)) for a in one.works for b in other.works}
                        known = one.works & other.works or pairs & together
                        way_m = self._away_m(one, at_m) + self._away_m(other, beyond_m)
                        if not known and self._close(one, other, way_m):
                            place = self._junction(one, other)
                            yield (place.first.works, place.second.works), place

    def _close(self, one: Site, other: Site, way_m: float) -> bool:
        settings, day = self.problem.settings, self.problem.period_days
        gap = Place("", one, other, 0.0).gap * day
        near = way_m <= settings.number("trench.junction_m")
        return near and gap <= settings.count("trench.junction_days")

    def _junction(self, one: Site, other: Site) -> Place:
        first, second = sorted((one, other), key=lambda site: site.days.start)
        overlap = set(first.days) & set(second.days)
        rule = "junction_overlap" if overlap else "junction_follow"
        setups = [self.problem.segments[site.segment].opening_yuan for site in (one, other)]
        return Place(rule, first, second, min(setups))

    def _away_m(self, site: Site, at_m: float) -> float:
        pieces = [piece for key in site.works for piece in self.tasks[key, site.segment].stretches]
        away = [
            0.0 if piece.from_m <= at_m <= piece.to_m
            else min(abs(piece.from_m - at_m), abs(piece.to_m - at_m))
            for piece in pieces
        ]  # fmt: skip
        return min(away, default=0.0)

    def _counts(self, parties: tuple[frozenset[str], ...], place: Place) -> bool:
        if place.rule == "detour":
            return True
        sites = (place.first, place.second)
        if any(self._slight(keys, site) for keys, site in zip(parties, sites, strict=True)):
            return False
        if place.rule in {"again", "width"}:
            return True
        owners = {self.works[key].owner for keys in parties for key in keys}
        alien = len(owners) > 1 or owners == {""}
        return alien and place.yuan >= self.problem.settings.number("trench.decision_least_yuan")

    def _slight(self, keys: frozenset[str], site: Site) -> bool:
        pieces = [self.tasks[key, site.segment].stretches for key in keys]
        dug_m = sum(piece.to_m - piece.from_m for stretches in pieces for piece in stretches)
        return all(pieces) and dug_m < self.problem.settings.number("trench.decision_least_m")
