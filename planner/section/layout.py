"""The cross-section of the lines of one opening: order, spacing, trenches, volume and cost.

Lines stand in the order of GB 50289-2016, 4.1.3, and are never stacked (4.1.6). At the clear
distances of that standard one shared trench can be wider than two, so the ordered lines are cut
into consecutive trenches by dynamic programming, and the cheapest cut is taken.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from planner.section.earthwork import Prices, prices
from planner.section.figure import Figure
from planner.section.line import CABLES, Body, Line, body
from planner.section.trench import Rules, Trench, dig, distance, rules
from planner.settings import Settings

__all__ = ["Line", "Section", "cost_per_m", "lay"]


@dataclass(frozen=True, slots=True)
class Section:
    """The cheapest allowed cross-section of a set of lines.

    Parameters
    ----------
    trenches
        From the red line to the centre of the road.
    origins_m
        x of the first wall of each trench, the first 0.
    width_m
        From the first wall of the first trench to the last wall of the last.
    area_m2_per_m
        Surface broken and reinstated.
    volume_m3_per_m
        Excavated earth.
    cost_yuan_per_m
        Surface, earth and support; 假设单价 unless the user gave prices.
    marks
        The unverified values (待核) that the section rests on, each once, sorted.
    raised
        Covers that the data gives below the standard's least; the standard's was laid instead.
    """

    trenches: tuple[Trench, ...]
    origins_m: tuple[float, ...]
    width_m: float
    area_m2_per_m: float
    volume_m3_per_m: float
    cost_yuan_per_m: float
    marks: tuple[Figure, ...]
    raised: tuple[Figure, ...]


def _may_share(bodies: Sequence[Body], rule: Rules) -> bool:
    kinds = {item.utility for item in bodies}
    return rule.gas_with_cables or not ("gas" in kinds and kinds & CABLES)


def _cut(bodies: tuple[Body, ...], rule: Rules, price: Prices) -> tuple[Trench, ...]:
    """Cut ordered lines into the consecutive trenches that cost least together."""
    best: list[tuple[float, tuple[Trench, ...]]] = [(0.0, ())]
    for end in range(1, len(bodies) + 1):
        options = []
        for begin in range(end):
            group = bodies[begin:end]
            if _may_share(group, rule):
                trench = dig(group, rule, price)
                cost, before = best[begin]
                options.append((cost + trench.cost_yuan_per_m, (*before, trench)))
        best.append(min(options, key=lambda option: (option[0], len(option[1]))))
    return best[-1][1]


def _origins(trenches: Sequence[Trench], rule: Rules) -> tuple[float, ...]:
    """Return the x of every trench's first wall, each as near to the first as is allowed.

    Between neighbours a strip of ground is left; every line keeps its distance to the lines of
    all trenches before its own.
    """
    origins: list[float] = []
    for place, trench in enumerate(trenches):
        nearest_m = [0.0]
        if origins:
            nearest_m.append(origins[-1] + trenches[place - 1].width_m + rule.strip_m)
        nearest_m += [
            origin + far_m + distance(a, b, rule).value_m - near_m
            for origin, earlier in zip(origins, trenches[:place], strict=True)
            for a, (_, far_m) in zip(earlier.bodies, earlier.faces_m, strict=True)
            for b, (near_m, _) in zip(trench.bodies, trench.faces_m, strict=True)
        ]
        origins.append(max(nearest_m))
    return tuple(origins)


def _distances(trenches: Sequence[Trench], rule: Rules) -> Iterable[Figure]:
    bodies = [item for trench in trenches for item in trench.bodies]
    for place, item in enumerate(bodies):
        yield from (distance(item, other, rule) for other in bodies[:place])


@lru_cache(maxsize=65536)
def _section(bodies: tuple[Body, ...], rule: Rules, price: Prices) -> Section:
    trenches = _cut(bodies, rule, price)
    origins_m = _origins(trenches, rule)
    figures = {figure for trench in trenches for figure in trench.figures}
    figures |= set(_distances(trenches, rule))
    marks = sorted((f for f in figures if f.unverified), key=lambda f: (f.clause, f.what, f.of))
    return Section(
        trenches=trenches,
        origins_m=origins_m,
        width_m=origins_m[-1] + trenches[-1].width_m if trenches else 0.0,
        area_m2_per_m=sum(trench.surface_m for trench in trenches),
        volume_m3_per_m=sum(trench.volume_m3_per_m for trench in trenches),
        cost_yuan_per_m=sum(trench.cost_yuan_per_m for trench in trenches),
        marks=tuple(marks),
        raised=tuple(figure for trench in trenches for figure in trench.raised),
    )


def _ordered(lines: Iterable[Line], settings: Settings) -> tuple[Body, ...]:
    bodies = (body(line, settings) for line in lines)
    return tuple(sorted(bodies, key=lambda b: (b.rank, b.cover_m, b.diameter_mm, b.voltage_kv)))


def lay(
    lines: Iterable[Line],
    settings: Settings,
    *,
    surface: str = "asphalt",
    carriageway: bool = True,
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

    Returns
    -------
    Section
        Without trenches, and with zero width and cost, where there are no lines.

    References
    ----------
    GB 50289-2016, 4.1.1, 4.1.3, 4.1.6, 4.1.9; GB 50268-2008, 4.3.2; CJJ/T 34-2022 (distance of
    lines at different depths).
    """
    bodies = _ordered(lines, settings)
    return _section(bodies, rules(settings, carriageway=carriageway), prices(surface, settings))


def cost_per_m(
    lines: Iterable[Line], surface: str, settings: Settings, *, carriageway: bool = True
) -> float:
    """Return what one metre of the cheapest section costs, in yuan.

    Sections are remembered by their filled-in lines, rules and prices, so that asking again for
    the same set of lines costs some microseconds.
    """
    return lay(lines, settings, surface=surface, carriageway=carriageway).cost_yuan_per_m
