"""Blocks between the streets of a town, plots in the blocks, houses on the plots."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from shapely import LineString, Polygon, affinity

from layers.sample.grid import Floats
from layers.sample.measured import SERVICE_LENGTH_M, SERVICE_SPACING_M, draw
from layers.sample.town import WIDTHS_M, Town


@dataclass(frozen=True, slots=True)
class Plot:
    """A rectangular piece of a block and the town it is in; `frontage` is its longest edge."""

    area: Polygon
    town: str
    from_centre_m: float
    industrial: bool


def plots(town: Town, wet: shapely.Geometry, rng: np.random.Generator) -> list[Plot]:
    """Return the plots of a town, cut from its blocks at right angles to their long side.

    No plot lies on water (`wet`) or between the river and its first street.
    """
    lines = [street.line for street in town.streets]
    land = shapely.union_all(
        [
            s.line.buffer(WIDTHS_M[s.road_class] / 2.0, cap_style="flat", join_style="mitre")
            for s in town.streets
        ]
    )
    middle = town.junctions.mean(axis=0)
    found = []
    for block in shapely.polygonize([shapely.node(shapely.MultiLineString(lines))]).geoms:
        if block.intersects(town.bend.line):
            continue
        station = float(town.bend.line.project(block.centroid)) - town.bend.origin_m
        industrial = town.half_m > 700.0 and station > 0.55 * town.half_m
        for part in shapely.get_parts(block.difference(land)):
            if part.geom_type != "Polygon" or part.area < 600.0:
                continue
            pieces = _cut(part, 120.0 if industrial else 62.0, rng)
            for piece in (p for p in pieces if not p.intersects(wet)):
                far = float(np.hypot(*(np.array(piece.centroid.coords[0]) - middle)))
                found.append(Plot(piece, town.name, far, industrial))
    return found


def _cut(block: Polygon, length_m: float, rng: np.random.Generator) -> list[Polygon]:
    """Cut a block across its long side, and along its middle where it is deep."""
    frame = np.asarray(shapely.get_coordinates(shapely.oriented_envelope(block)))[:4]
    sides = np.roll(frame, -1, axis=0) - frame
    lengths = np.hypot(sides[:, 0], sides[:, 1])
    start = int(np.argmax(lengths))
    corner, along, across = frame[start], sides[start], -sides[start - 1]
    across_cuts = 2 if lengths[start - 1] > 1.35 * length_m else 1
    count = max(1, round(float(lengths[start]) / (length_m * float(rng.uniform(0.85, 1.25)))))
    cuts = np.linspace(0.0, 1.0, count + 1)
    cuts[1:-1] += rng.uniform(-0.12, 0.12, count - 1) / count
    pieces = []
    for u0, u1 in pairwise(cuts):
        for v0, v1 in pairwise(np.linspace(0.0, 1.0, across_cuts + 1)):
            corners = ((u0, v0), (u1, v0), (u1, v1), (u0, v1))
            ring = [corner + u * along + v * across for u, v in corners]
            piece = shapely.set_precision(Polygon(ring).intersection(block), 0.01)
            if isinstance(piece, Polygon) and piece.area > 350.0:
                pieces.append(piece)
    return pieces


def slabs(plot: Polygon, rng: np.random.Generator, *, hall: bool = False) -> list[Polygon]:
    """Return rows of housing slabs along a plot's long side, or one factory hall."""
    yard = plot.buffer(-4.0, join_style="mitre")
    if yard.is_empty or yard.geom_type != "Polygon":
        return []
    frame, angle = _upright(yard)
    west, south, east, north = frame.bounds
    if hall:
        box = shapely.box(west, south, west + 0.75 * (east - west), south + 0.7 * (north - south))
        boxes = [box]
    else:
        depth, gap = 13.0, float(rng.uniform(11.0, 16.0))
        rows = np.arange(south, north - depth + 0.1, depth + gap)
        parts = max(1, round((east - west) / 48.0))
        edges = np.linspace(west, east, parts + 1)
        boxes = [
            shapely.box(a + 3.0, y, b - 3.0, y + depth) for y in rows for a, b in pairwise(edges)
        ]
    turned = [affinity.rotate(box, angle, origin=(0.0, 0.0)) for box in boxes]
    return [house for house in turned if house.area > 90.0 and yard.contains(house.buffer(-0.3))]


def _upright(shape: Polygon) -> tuple[Polygon, float]:
    frame = np.asarray(shapely.get_coordinates(shapely.oriented_envelope(shape)))[:3]
    sides = np.diff(frame, axis=0)
    long = sides[int(np.argmax(np.hypot(sides[:, 0], sides[:, 1])))]
    angle = float(np.degrees(np.arctan2(long[1], long[0])))
    return affinity.rotate(shape, -angle, origin=(0.0, 0.0)), angle


def terrace(
    street: LineString,
    side: float,
    setback_m: float,
    rng: np.random.Generator,
    *,
    looseness: float = 1.0,
) -> list[Polygon]:
    """Return houses in a row along one side of a street.

    Parameters
    ----------
    street
        Centre line.
    side
        1.0 for the left of the line, -1.0 for its right.
    setback_m
        Least distance of a front from the centre line.
    rng
        Source of randomness. The fronts stand as far from the centre line as a house connection
        is long.
    looseness
        Spacing on this side in parts of the one measured on both sides together: 2 is as
        measured, 1 an old town in Chongqing, twice as dense.
    """
    houses = []
    station = 12.0
    while station < street.length - 10.0:
        spacing = max(9.0, looseness * draw(SERVICE_SPACING_M, rng))
        width = min(spacing - 1.0, float(rng.uniform(9.0, 16.0)))
        front = max(setback_m + 0.5, draw(SERVICE_LENGTH_M, rng))
        houses.append(_house(street, station, width, side, front, float(rng.uniform(8.0, 12.0))))
        station += spacing
    return houses


def _house(
    street: LineString, station: float, width: float, side: float, front: float, depth: float
) -> Polygon:
    ends = shapely.get_coordinates(
        shapely.line_interpolate_point(street, [station - width / 2, station + width / 2])
    )
    way = ends[1] - ends[0]
    way /= max(float(np.hypot(*way)), 1e-6)
    normal = side * np.array([-way[1], way[0]])
    middle = ends.mean(axis=0)
    corners: list[Floats] = [
        middle - way * width / 2 + normal * front,
        middle + way * width / 2 + normal * front,
        middle + way * width / 2 + normal * (front + depth),
        middle - way * width / 2 + normal * (front + depth),
    ]
    return Polygon(np.round(corners, 2))
