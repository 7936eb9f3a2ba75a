"""The cross-section of the lines of one opening: order, spacing, trenches, volume and cost.

Lines stand in the order of GB 50289-2016, 4.1.3, and are never stacked (4.1.6). At the clear
distances of that standard one shared trench can be wider than two, so the cheapest of all cuts
into trenches and of all orders that the clause leaves open is taken.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from planner.section.earthwork import Prices, prices
from planner.section.excavation import Site, profile, survey
from planner.section.figure import Figure, Measure
from planner.section.line import Body, Line, body
from planner.section.orders import Cut, cheapest, in_standard_order, narrowest, origins_m
from planner.section.spacing import Rules, distance, rules
from planner.section.trench import Trench, finish
from planner.settings import Settings

__all__ = ["Gap", "Line", "Section", "areas_m2", "cost_per_m", "lay"]

EXACT_LINES = 8
"""Up to so many lines the search over orders is exact; more stand in one order of 4.1.3."""

_ORDER = ("GB 50289-2016 4.1.3", "B")


@dataclass(frozen=True, slots=True)
class Gap:
    """The clear distance of two neighbours of a section: what is asked for and what is there."""

    needed: Figure
    clear_m: float


@dataclass(frozen=True, slots=True)
class Section:
    """The cheapest allowed cross-section of a set of lines.

    Parameters
    ----------
    trenches
        From the red line to the centre of the road.
    origins_m
        x of the first edge of each trench, the first 0.
    width_m
        From the first edge of the first trench to the last edge of the last.
    surface, area_m2_per_m
        Kind of surface broken and reinstated, and how much of it.
    volume_m3_per_m, support_m2_per_m
        Excavated earth, supported walls.
    cost_yuan_per_m
        Surface, earth and support; 假设单价 unless the user gave prices.
    gaps
        Between neighbours, from the red line to the centre.
    marks
        The unverified values (待核) that the section rests on, each once, sorted.
    raised
        Covers that the data gives below the standard's least; the standard's was laid instead.
    measures
        Departures from the order of 4.1.3, where those are allowed.
    exact
        Whether all orders were searched; False beyond `EXACT_LINES` lines, which then stand in
        the standard's order by cover, size and voltage.
    """

    trenches: tuple[Trench, ...]
    origins_m: tuple[float, ...]
    width_m: float
    surface: str
    area_m2_per_m: float
    volume_m3_per_m: float
    support_m2_per_m: float
    cost_yuan_per_m: float
    gaps: tuple[Gap, ...]
    marks: tuple[Figure, ...]
    raised: tuple[Figure, ...]
    measures: tuple[Measure, ...]
    exact: bool

    @property
    def bodies(self) -> tuple[Body, ...]:
        """All lines, from the red line to the centre."""
        return tuple(item for trench in self.trenches for item in trench.bodies)

    @property
    def faces_m(self) -> tuple[tuple[float, float], ...]:
        """Near and far face of each of `bodies`, as x."""
        return tuple(
            (origin + near, origin + far)
            for origin, trench in zip(self.origins_m, self.trenches, strict=True)
            for near, far in trench.faces_m
        )


def _distances(bodies: Sequence[Body], rule: Rules) -> Iterator[Figure]:
    for place, item in enumerate(bodies):
        yield from (distance(item, other, rule) for other in bodies[:place])


def _departures(bodies: Sequence[Body]) -> Iterator[Measure]:
    clause, confidence = _ORDER
    for place, a in enumerate(bodies):
        for b in bodies[place + 1 :]:
            if a.rank > b.rank:
                kinds = (a.utility, b.utility)
                yield Measure("order", kinds, a.rank, b.rank, clause, confidence)


def _gaps(
    bodies: Sequence[Body], faces_m: Sequence[tuple[float, float]], rule: Rules
) -> Iterator[Gap]:
    for place in range(1, len(bodies)):
        needed = distance(bodies[place - 1], bodies[place], rule)
        yield Gap(needed, faces_m[place][0] - faces_m[place - 1][1])


def _marks(trenches: Sequence[Trench], bodies: Sequence[Body], rule: Rules) -> tuple[Figure, ...]:
    figures = {figure for trench in trenches for figure in trench.figures}
    figures |= set(_distances(bodies, rule))
    unverified = (figure for figure in figures if figure.unverified)
    return tuple(sorted(unverified, key=lambda f: (f.clause, f.what, f.of, f.value_m)))


def _assemble(cut: Cut, site: Site, surface: str, *, exact: bool) -> Section:
    """Set the trenches side by side and collect what the section says of itself."""
    trenches = tuple(finish(dug, site) for dug in cut)
    origins = origins_m(cut, site)
    bodies = tuple(item for trench in trenches for item in trench.bodies)
    faces_m = [
        (origin + near, origin + far)
        for origin, trench in zip(origins, trenches, strict=True)
        for near, far in trench.faces_m
    ]
    return Section(
        trenches=trenches,
        origins_m=origins,
        width_m=origins[-1] + trenches[-1].width_m if trenches else 0.0,
        surface=surface,
        area_m2_per_m=sum(trench.surface_m for trench in trenches),
        volume_m3_per_m=sum(trench.volume_m3_per_m for trench in trenches),
        support_m2_per_m=sum(trench.support_m for trench in trenches),
        cost_yuan_per_m=sum(trench.cost_yuan_per_m for trench in trenches),
        gaps=tuple(_gaps(bodies, faces_m, site.rule)),
        marks=_marks(trenches, bodies, site.rule),
        raised=tuple(figure for trench in trenches for figure in trench.raised),
        measures=tuple(_departures(bodies)),
        exact=exact,
    )


def _freed(site: Site, ranks: Sequence[int], standard: Cut) -> Cut:
    """Return the cheapest cut over all orders, or the standard's where none is cheaper."""
    free = cheapest(site, [0] * len(ranks))
    gain = sum(p.cost_yuan_per_m for p in standard) - sum(p.cost_yuan_per_m for p in free)
    if gain <= 1e-9:
        return standard
    return tuple(profile(order, site) for order in in_standard_order(free, ranks))


def respaced(found: Section, origins: tuple[float, ...], rule: Rules) -> Section:
    """Return a section whose trenches begin elsewhere, for example beyond an existing line."""
    if origins == found.origins_m:
        return found
    moved = replace(found, origins_m=origins, width_m=origins[-1] + found.trenches[-1].width_m)
    return replace(moved, gaps=tuple(_gaps(moved.bodies, moved.faces_m, rule)))


@lru_cache(maxsize=65536)
def section(
    bodies: tuple[Body, ...], rule: Rules, price: Prices, surface: str, *, free_order: bool
) -> Section:
    """Return the cheapest section of lines that stand in the standard's order; see `lay`."""
    site = survey(bodies, rule, price)
    exact = len(bodies) <= EXACT_LINES
    ranks = [item.rank for item in bodies] if exact else list(range(len(bodies)))
    cut = cheapest(site, ranks)
    if free_order and exact:
        cut = _freed(site, ranks, cut)
    return _assemble(cut, site, surface, exact=exact)


@lru_cache(maxsize=65536)
def narrow_section(bodies: tuple[Body, ...], rule: Rules, price: Prices, surface: str) -> Section:
    """Return the narrowest section of lines in the order given, with vertical walls."""
    site = survey(bodies, rule, price)
    return _assemble(narrowest(site, EXACT_LINES), site, surface, exact=len(bodies) <= EXACT_LINES)


def ordered(lines: Iterable[Line], settings: Settings) -> tuple[Body, ...]:
    """Fill in the lines and put them into the order of GB 50289-2016, 4.1.3."""
    bodies = (body(line, settings) for line in lines)
    return tuple(sorted(bodies, key=lambda b: (b.rank, b.cover_m, b.diameter_mm, b.voltage_kv)))


def lay(
    lines: Iterable[Line],
    settings: Settings,
    *,
    surface: str = "asphalt",
    carriageway: bool = True,
    free_order: bool | None = None,
) -> Section:
    """Lay lines side by side in the cheapest allowed cross-section.

    Parameters
    ----------
    lines
        What takes part in the opening at this place, in any order; equal lines count twice.
    settings
        Sizes, prices and choices named ``section.*``.
    surface
        Key of `layers.tables.SURFACES`.
    carriageway
        Whether the lines lie under the carriageway (deeper cover) or beside it.
    free_order
        Whether the order may depart from 4.1.3, each departure recorded in `Section.measures`;
        by default the setting ``section.free_order``.

    Returns
    -------
    Section
        Without trenches, and with zero width and cost, where there are no lines.

    References
    ----------
    GB 50289-2016, 4.1.1, 4.1.3, 4.1.6, 4.1.9; GB 50268-2008, 4.3.2, 4.3.3; CJJ/T 34-2022
    (distance of lines at different depths).
    """
    free = settings.flag("section.free_order") if free_order is None else free_order
    return _lay(tuple(lines), settings, surface, carriageway=carriageway, free_order=free)


@lru_cache(maxsize=65536)
def _lay(
    lines: tuple[Line, ...],
    settings: Settings,
    surface: str,
    *,
    carriageway: bool,
    free_order: bool,
) -> Section:
    rule, price = rules(settings, carriageway=carriageway), prices(surface, settings)
    return section(ordered(lines, settings), rule, price, surface, free_order=free_order)


def cost_per_m(
    lines: Iterable[Line], surface: str, settings: Settings, *, carriageway: bool = True
) -> float:
    """Return what one metre of the cheapest section costs, in yuan.

    Sections are remembered by their filled-in lines, rules and prices, so that asking again for
    the same set of lines costs some microseconds. A set never costs less than its dearest line
    alone. It can cost less than a subset of several lines: a shallow line between two others
    spares the ground between them, or makes room for a slope inside the trench.
    """
    return lay(lines, settings, surface=surface, carriageway=carriageway).cost_yuan_per_m


def areas_m2(parts: Iterable[tuple[Section, float]]) -> Mapping[str, float]:
    """Add up the surface to be reinstated by kind, for (section, length_m) pairs."""
    found: dict[str, float] = {}
    for part, length_m in parts:
        found[part.surface] = found.get(part.surface, 0.0) + part.area_m2_per_m * length_m
    return found
