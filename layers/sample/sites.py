"""Where people settle in the sample county: township seats, villages, hamlets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from scipy.spatial import cKDTree
from shapely import LineString
from shapely.ops import substring

from layers.sample import names
from layers.sample.curves import Bend, smooth
from layers.sample.grid import Floats
from layers.sample.terrain import CENTRE, Ground
from layers.sample.town import Town, lay_out
from layers.sample.water import Stream, river_width_m

TOWNSHIP_KM2 = 95.0
"""Area per township; a little denser than Wulong (26 on 2,900 km², the seat included)."""

VILLAGE_KM2 = 11.0
"""Area per administrative village; denser than Wulong (184 on 2,900 km²), so that a small county
has some."""

HAMLETS_PER_VILLAGE = 3


@dataclass(frozen=True, slots=True)
class Village:
    """An administrative village: its committee, and its hamlets with their names."""

    name: str
    town: str
    xy: Floats
    hamlets: Floats
    hamlet_names: tuple[str, ...]


def county_seat(ground: Ground, rng: np.random.Generator) -> Town:
    """Return the county seat on both banks of the river at the county's centre."""
    origin = float(ground.river.project(shapely.Point(CENTRE)))
    half, left, right = ground.seat
    return lay_out(
        names.SEAT,
        Bend(ground.river, origin),
        half_m=half,
        left_m=left,
        right_m=right,
        bank_m=river_width_m(ground) / 2.0 + 32.0,
        names=(names.ALONG, names.ACROSS),
        rng=rng,
    )


def townships(
    ground: Ground, brooks: tuple[Stream, ...], rng: np.random.Generator
) -> tuple[Town, ...]:
    """Return township seats beside streams, far from one another and from the county seat."""
    count = int(ground.boundary.area / 1e6 / TOWNSHIP_KM2)
    labels = names.towns(count, rng)
    apart = 0.62 * np.sqrt(ground.boundary.area / (count + 1))
    inner = ground.boundary.buffer(-900.0)
    taken = [np.asarray(CENTRE)]
    found: list[Town] = []
    for stream in sorted(brooks, key=lambda s: -s.drained_km2):
        for station in np.arange(600.0, stream.line.length - 500.0, 300.0):
            point = stream.line.interpolate(station)
            xy = np.array(point.coords[0])
            clear = min(np.hypot(*(xy - other)) for other in taken) > apart
            if len(found) < count and clear and inner.contains(point):
                taken.append(xy)
                found.append(_township(labels[len(found)], stream.line, float(station), rng))
    return tuple(found)


def _township(name: str, line: LineString, station: float, rng: np.random.Generator) -> Town:
    part = substring(line, max(0.0, station - 900.0), min(line.length, station + 900.0))
    eased = LineString(smooth(np.asarray(part.coords), step_m=20.0, sigma_m=160.0))
    origin = float(eased.project(line.interpolate(station)))
    half = min(float(rng.uniform(260, 420)), origin - 20.0, eased.length - origin - 20.0)
    return lay_out(
        name,
        Bend(eased, origin),
        half_m=half,
        left_m=float(rng.uniform(120, 240)),
        right_m=0.0,
        bank_m=38.0,
        names=(names.ALONG, names.ACROSS),
        rng=rng,
    )


def flatten(ground: Ground, towns: tuple[Town, ...]) -> Floats:
    """Return the heights with a terrace levelled under each township seat, in metre."""
    height = ground.height_m.copy()
    east, north = ground.lattice.centres()
    for town in towns:
        middle = town.junctions.mean(axis=0)
        reach = town.half_m + 700.0
        near = np.nonzero(np.hypot(east - middle[0], north - middle[1]) < reach)
        points = shapely.points(east[near], north[near])
        built = shapely.MultiPoint(town.junctions).convex_hull.buffer(60.0)
        far = shapely.distance(built, points)
        beside = shapely.distance(town.bend.line, points)
        station = shapely.line_locate_point(town.bend.line, points)
        water = ground.at(
            shapely.get_coordinates(shapely.line_interpolate_point(town.bend.line, station))
        )
        terrace = water + 3.0 + 0.035 * beside
        share = np.clip(1.0 - far / 350.0, 0.0, 1.0)
        weight = share**2 * (3.0 - 2.0 * share)
        height[near] = (1.0 - weight) * height[near] + weight * terrace
    return height


def villages(
    ground: Ground, towns: tuple[Town, ...], rng: np.random.Generator
) -> tuple[Village, ...]:
    """Return villages spread over habitable land, each with hamlets about it."""
    area_m2 = ground.boundary.area
    count = max(2, round(area_m2 / 1e6 / VILLAGE_KM2))
    good, weight = _habitable(ground, towns)
    apart = 0.6 * np.sqrt(area_m2 / count)
    chosen = _spaced(good, weight, count, apart, rng)
    tree = cKDTree(good)
    centres = np.array([town.junctions.mean(axis=0) for town in towns])
    found = []
    for name, xy in zip(names.villages(len(chosen), rng), chosen, strict=True):
        town = towns[int(np.argmin(np.hypot(*(centres - xy).T)))].name
        about = tree.query_ball_point(xy, 0.9 * apart)
        ring = good[about][np.hypot(*(good[about] - xy).T) > 380.0]
        hamlets = _spaced(ring, np.ones(len(ring)), HAMLETS_PER_VILLAGE, 420.0, rng)
        labels = tuple(names.hamlet(rng) for _ in hamlets)
        found.append(Village(name, town, np.round(xy, 2), np.round(hamlets, 2), labels))
    return tuple(found)


def _habitable(ground: Ground, towns: tuple[Town, ...]) -> tuple[Floats, Floats]:
    """Return cells that are gentle, dry and outside the towns, with how good each is."""
    xy = ground.lattice.xy(np.arange(ground.lattice.cells))
    slope = ground.slope().ravel()
    inner = ground.boundary.buffer(-250.0)
    shapely.prepare(inner)
    keep = (slope < 0.30) & shapely.contains_xy(inner, xy)
    for town in towns:
        middle = town.junctions.mean(axis=0)
        keep &= np.hypot(*(xy - middle).T) > town.half_m + 450.0
    shapely.prepare(ground.river)
    reach = river_width_m(ground) / 2.0 + 70.0
    dry = ~shapely.dwithin(ground.river, shapely.points(xy[keep]), reach)
    streams = np.sqrt(ground.drained_km2.ravel()[keep][dry])
    return xy[keep][dry], (0.33 - slope[keep][dry]) * (1.0 + np.minimum(streams, 3.0))


def _spaced(
    points: Floats, weight: Floats, count: int, apart: float, rng: np.random.Generator
) -> Floats:
    """Return up to `count` points no nearer than `apart`, good ones preferred."""
    if not len(points):
        return np.empty((0, 2))
    order = np.argsort(-weight * rng.random(len(points)), kind="stable")
    free = np.ones(len(points), dtype=np.bool_)
    chosen: list[int] = []
    while len(chosen) < count and free[order].any():
        following = int(order[np.argmax(free[order])])
        chosen.append(following)
        free &= np.hypot(*(points - points[following]).T) > apart
    return points[chosen]
