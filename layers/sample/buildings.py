"""What stands on the plots of the sample county: their uses and their buildings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely import LineString, Polygon, STRtree

from layers.sample.land import Plot, slabs, terrace
from layers.sample.sites import Village
from layers.sample.town import WIDTHS_M, Street, Town

_USES = (
    ("old", 0.42),
    ("residential", 0.24),
    ("commercial", 0.08),
    ("public", 0.06),
    ("green", 0.07),
    ("vacant", 0.13),
)


@dataclass(frozen=True, slots=True)
class Used:
    """A plot with its use.

    `use` is ``old``, ``residential``, ``commercial``, ``public``, ``green``, ``vacant`` or
    ``industrial``.
    """

    plot: Plot
    use: str


def uses(plots: Sequence[Plot], vacant: int, rng: np.random.Generator) -> list[Used]:
    """Return the plots with their uses, at least `vacant` of them not built on (if there are).

    The older houses stand nearer the middle; what is missing in vacant land is taken at the edge.
    """
    labels = [label for label, _ in _USES]
    usual = np.array([share for _, share in _USES])
    found = []
    for plot in plots:
        if plot.industrial:
            use = "industrial" if rng.random() < 0.55 else "vacant"
        else:
            edge = np.clip(plot.from_centre_m / 900.0, 0.0, 1.5)
            lean = np.array([1.6 - edge, 0.5 + edge, 1.3 - 0.5 * edge, 1.0, 1.0, 0.4 + edge])
            share = usual * np.maximum(lean, 0.1)
            use = labels[int(rng.choice(len(labels), p=share / share.sum()))]
        found.append(Used(plot, use))
    built = [i for i, used in enumerate(found) if used.use != "vacant"]
    built.sort(key=lambda i: -found[i].plot.from_centre_m * (0.6 + 0.4 * float(rng.random())))
    missing = max(0, vacant - (len(found) - len(built)))
    for i in built[:missing]:
        found[i] = Used(found[i].plot, "vacant")
    return found


def buildings(
    land: Sequence[Used],
    towns: Sequence[Town],
    ways: Sequence[LineString],
    villages: Sequence[Village],
    kept_free: Sequence[Polygon],
    rng: np.random.Generator,
) -> list[tuple[str, Polygon]]:
    """Return houses with the town they are in: slabs and halls on plots, rows along streets.

    No two stand on one another, on a street's red line, on a plot that is vacant or green, or on
    what is `kept_free`: water, parcels.
    """
    found: list[tuple[str, Polygon]] = []
    for used in land:
        if used.use in {"residential", "commercial", "public", "industrial"}:
            hall = used.use in {"industrial", "commercial"}
            found += [(used.plot.town, p) for p in slabs(used.plot.area, rng, hall=hall)]
    blocks = shapely.union_all([u.plot.area.buffer(0.6) for u in land if u.use == "old"])
    old = shapely.get_parts(blocks)
    for town in towns:
        rows = list(_frontages(town.streets, rng))
        inside = STRtree(old).query(rows, predicate="covered_by")[0] if len(old) and rows else []
        found += [(town.name, rows[i]) for i in np.unique(inside)]
    taken = [*(used.plot.area for used in land), *kept_free]
    found += _rural(ways, villages, taken, rng)
    return _apart(found)


def _frontages(streets: Sequence[Street], rng: np.random.Generator) -> Iterator[Polygon]:
    for street in streets:
        if not street.bridge:
            setback = WIDTHS_M[street.road_class] / 2.0 + 0.3
            for side in (1.0, -1.0):
                yield from terrace(street.line, side, setback, rng)


def _rural(
    ways: Sequence[LineString],
    villages: Sequence[Village],
    taken: Sequence[Polygon],
    rng: np.random.Generator,
) -> list[tuple[str, Polygon]]:
    found = []
    tree = STRtree(ways)
    for village in villages:
        for xy, reach in ((village.xy, 190.0), *((h, 95.0) for h in village.hamlets)):
            near = tree.query(shapely.Point(xy), predicate="dwithin", distance=25.0)
            disc = shapely.Point(xy).buffer(reach)
            for i in near:
                part = max(shapely.get_parts(ways[i].intersection(disc)), key=lambda p: p.length)
                for side in (1.0, -1.0):
                    found += [
                        (village.town, p) for p in terrace(part, side, 5.0, rng, looseness=2.0)
                    ]
    roads = shapely.STRtree([way.buffer(3.0) for way in ways])
    built = STRtree(taken)
    return [
        (town, house)
        for town, house in found
        if not len(roads.query(house, predicate="intersects"))
        and not len(built.query(house, predicate="intersects"))
    ]


def _apart(houses: list[tuple[str, Polygon]]) -> list[tuple[str, Polygon]]:
    """Drop every house that stands on an earlier one."""
    shapes = [shape for _, shape in houses]
    first, second = STRtree(shapes).query(shapes, predicate="intersects")
    later = first > second
    clash: dict[int, list[int]] = {}
    for i, j in zip(first[later].tolist(), second[later].tolist(), strict=True):
        clash.setdefault(i, []).append(j)
    dropped: set[int] = set()
    for i in range(len(houses)):
        if any(j not in dropped for j in clash.get(i, ())):
            dropped.add(i)
    return [house for i, house in enumerate(houses) if i not in dropped]
