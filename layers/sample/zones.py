"""Zones of the sample county: border, water, green, buildings, parks and key areas."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import shapely
from shapely import MultiPoint, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.ops import substring

from layers.sample import names
from layers.sample.buildings import Used
from layers.sample.frames import Record
from layers.sample.sites import Village
from layers.sample.terrain import Ground
from layers.sample.town import WIDTHS_M, Town
from layers.sample.water import Stream, river_width_m, surfaces


def zones(
    ground: Ground,
    brooks: tuple[Stream, ...],
    towns: Sequence[Town],
    land: Sequence[Used],
    villages: Sequence[Village],
    houses: Sequence[tuple[str, Polygon]],
) -> list[Record]:
    """Return every zone; kinds as in `layers.tables.ZONE_KINDS`."""
    seat = towns[0]
    rows = [
        _zone(names.COUNTY, "boundary", None, ground.boundary),
        *_water(ground, brooks),
        *_seat(seat, land),
        *(_zone(f"{t.name}规划区", "planned_construction", t.name, _built(t, 70)) for t in towns),
        *_green(ground, seat, land),
        *_scenery(ground, villages),
        *(_zone(None, "building", town, house) for town, house in houses),
    ]
    whole = [{**row, "geometry": part} for row in rows for part in _parts(row["geometry"])]
    return [{"zone_id": f"FQ{i:05d}", **row} for i, row in enumerate(whole, 1)]


def _parts(area: BaseGeometry) -> list[BaseGeometry]:
    rounded = shapely.get_parts(shapely.make_valid(shapely.set_precision(area, 0.01)))
    return [part for part in rounded if part.geom_type == "Polygon" and part.area > 1.0]


def _zone(name: str | None, kind: str, town: str | None, area: BaseGeometry) -> dict[str, Any]:
    return {"name": name, "kind": kind, "town": town, "geometry": area}


def _built(town: Town, margin_m: float) -> Polygon:
    hull: Polygon = shapely.concave_hull(MultiPoint(town.junctions), ratio=0.25).buffer(margin_m)
    return hull


def _water(ground: Ground, brooks: tuple[Stream, ...]) -> Iterator[dict[str, Any]]:
    for kind, area in surfaces(ground, brooks):
        yield _zone(names.RIVER if kind == "river" else "溪沟", "water_body", None, area)


def _seat(seat: Town, land: Sequence[Used]) -> Iterator[dict[str, Any]]:
    middle = seat.junctions[np.argsort(np.hypot(*(seat.junctions - seat.junctions.mean(0)).T))]
    core = MultiPoint(middle[: max(6, len(middle) // 2)]).convex_hull.buffer(30.0)
    yield _zone("中心城区", "town_centre", seat.name, core)
    works = [used.plot.area for used in land if used.plot.industrial]
    if works:
        park = shapely.union_all(works).convex_hull.buffer(25.0)
        yield _zone("清溪工业园区", "industrial_park", seat.name, park)
        yield _zone("清溪工业园区", "park", seat.name, park)
    main = max((s for s in seat.streets if s.road_class == "arterial"), key=lambda s: s.line.length)
    part = substring(main.line, 0.25 * main.line.length, 0.75 * main.line.length)
    tunnel = part.buffer(5.0, cap_style="flat")
    yield _zone(f"{main.name}综合管廊", "utility_tunnel", seat.name, tunnel)


def _green(ground: Ground, seat: Town, land: Sequence[Used]) -> Iterator[dict[str, Any]]:
    for used in land:
        if used.use == "green":
            yield _zone("街头绿地", "green", used.plot.town, used.plot.area)
    middle = seat.bend.origin_m
    reach = substring(ground.river, middle - seat.half_m, middle + seat.half_m)
    half = river_width_m(ground) / 2.0
    roads = shapely.union_all(
        [s.line.buffer(WIDTHS_M[s.road_class] / 2.0 + 1.0) for s in seat.streets]
    )
    belt = reach.buffer(half + 17.0, cap_style="flat")
    banks = belt.difference(reach.buffer(half + 2.0, cap_style="flat")).difference(roads)
    for part in shapely.get_parts(banks):
        if part.area > 400.0:
            yield _zone("滨江绿带", "green", seat.name, part)


def _scenery(ground: Ground, villages: Sequence[Village]) -> Iterator[dict[str, Any]]:
    """Yield a scenic area on high ground, tourism villages, and protected steep forest."""
    inner = ground.boundary.buffer(-300.0)
    shapely.prepare(inner)
    cells = np.arange(0, ground.lattice.cells, 7)
    xy = ground.lattice.xy(cells)
    inside = shapely.contains_xy(inner, xy)
    height = np.where(inside, ground.height_m.ravel()[cells], -np.inf)
    steep = np.where(inside, ground.slope().ravel()[cells], -np.inf)
    size = float(np.clip(np.sqrt(ground.boundary.area) * 0.06, 260.0, 1_600.0))
    summit = shapely.Point(xy[np.argmax(height)])
    yield _zone(
        "云顶山景区", "scenic_area", None, _blob(summit, size).intersection(ground.boundary)
    )
    cliff = shapely.Point(xy[np.argmax(steep)])
    forest = _blob(cliff, 1.3 * size).intersection(ground.boundary)
    yield _zone("生态保护红线", "protected", None, forest)
    for village in villages[:: max(2, len(villages) // 6)]:
        area = _blob(shapely.Point(village.xy), 350.0).intersection(ground.boundary)
        yield _zone(f"{village.name}乡村旅游示范点", "rural_tourism", village.town, area)


def _blob(centre: shapely.Point, radius_m: float) -> Polygon:
    angle = np.linspace(0.0, 2 * np.pi, 73)[:-1]
    radius = radius_m * (1.0 + 0.18 * np.cos(2 * angle + centre.x) + 0.1 * np.cos(3 * angle))
    ring = np.column_stack([centre.x + radius * np.cos(angle), centre.y + radius * np.sin(angle)])
    return Polygon(np.round(ring, 2))
