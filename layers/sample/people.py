"""People of the sample county: communities, villages, and what serves them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import shapely
from shapely import affinity

from layers.sample import names
from layers.sample.buildings import Used
from layers.sample.frames import Record
from layers.sample.sites import Village
from layers.sample.town import Town

PEOPLE_PER_HOUSEHOLD = 2.6
"""People in an average household: the sample's own assumption, near the census of 2020."""


_MOST_COMMUNITIES = 400


def places(
    towns: Sequence[Town],
    land: Sequence[Used],
    villages: Sequence[Village],
    rng: np.random.Generator,
) -> list[Record]:
    """Return places: communities of the towns, villages with committee, school, clinic, hamlets."""
    stems = iter(names.villages(_MOST_COMMUNITIES, rng))
    rows = [row for town in towns for row in _communities(town, land, stems)]
    for village in villages:
        rows += list(_village(village, rng))
    return [{"place_id": f"DD{i:04d}", **row} for i, row in enumerate(rows, 1)]


def _communities(town: Town, land: Sequence[Used], stems: Iterator[str]) -> Iterator[Record]:
    homes = [u.plot for u in land if u.plot.town == town.name and u.use in {"old", "residential"}]
    if not homes:
        return
    xy = np.array([home.area.centroid.coords[0] for home in homes])
    order = np.argsort(xy @ np.array([1.0, 0.25]))
    groups = np.array_split(order, max(1, len(homes) // 28))
    for group in groups:
        households = int(sum(homes[i].area.area for i in group) / 95.0)
        middle = shapely.Point(xy[group[len(group) // 2]])
        label = next(stems).replace("村", "社区")
        yield _place(label, "settlement", label, town.name, middle, households)
        yield _place(f"{label}居委会", "committee", label, town.name, _beside(middle, 40.0))
    centre = shapely.Point(xy[order[len(order) // 2]])
    stem = town.name.rstrip("镇乡街道")
    yield _place(f"{stem}中心小学", "school", label, town.name, _beside(centre, 90.0))
    yield _place(f"{stem}卫生院", "clinic", label, town.name, _beside(centre, -70.0))


def _village(village: Village, rng: np.random.Generator) -> Iterator[Record]:
    core = shapely.Point(village.xy)
    name, town = village.name, village.town
    yield _place(f"{name}村委会", "committee", name, town, core)
    households = int(rng.integers(40, 140))
    yield _place(f"{name}集中居民点", "settlement", name, town, _beside(core, 30.0), households)
    if rng.random() < 0.7:
        yield _place(f"{name}卫生室", "clinic", name, town, _beside(core, 55.0))
    if rng.random() < 0.4:
        yield _place(f"{name.rstrip('村')}村小", "school", name, town, _beside(core, -60.0))
    for xy, label in zip(village.hamlets, village.hamlet_names, strict=True):
        households = int(rng.integers(8, 60))
        yield _place(label, "settlement", name, town, shapely.Point(xy), households)


def _place(
    name: str, kind: str, village: str, town: str, point: shapely.Point, households: int = 0
) -> Record:
    return {
        "name": name,
        "kind": kind,
        "village": village,
        "town": town,
        "households": households,
        "people": round(households * PEOPLE_PER_HOUSEHOLD),
        "geometry": shapely.set_precision(point, 0.01),
    }


def _beside(point: shapely.Point, metres: float) -> shapely.Point:
    return affinity.translate(point, metres, 0.4 * metres)
