"""What a line may not cross, and land where it costs more."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely

from planner.extension.arrays import Bools, Floats, Ints, Objects

FORBIDDEN = ("building", "protected", "water_body")
"""Kinds of `layers.tables.ZONE_KINDS` through which no line leads off the roads."""
_INNER = 0.99
"""Share of a link that must not meet a barrier."""
TOUCH_M = 0.05
"""Length in metres that a line may have inside an area and only touch it."""


@dataclass(frozen=True, slots=True, eq=False)
class Areas:
    """Polygons with an index."""

    shapes: Objects
    tree: shapely.STRtree

    @classmethod
    def of(cls, shapes: Objects) -> Areas:
        """Index polygons; they are prepared, so that many lines are tested fast."""
        shapely.prepare(shapes)
        return cls(shapes, shapely.STRtree(shapes))

    def lengths_m(self, lines: Objects) -> Floats:
        """Return how far each line runs inside the areas, overlaps counted once, (n,)."""
        line, area = self.tree.query(lines, predicate="intersects")
        owner, first, count = np.unique(line, return_index=True, return_counts=True)
        ground = self.shapes[area[first]]
        for place in np.flatnonzero(count > 1):
            begin = first[place]
            ground[place] = shapely.union_all(self.shapes[area[begin : begin + count[place]]])
        result = np.zeros(len(lines))
        result[owner] = shapely.length(shapely.intersection(lines[owner], ground))
        return result

    def crossed(self, lines: Objects, spared: Objects | None = None) -> Bools:
        """Return which lines lead through an area, (n,).

        Parameters
        ----------
        lines
            LineStrings, (n,).
        spared
            Points, (n,): an area in which a line's point lies is no obstacle to that line (a
            tie-in in its own building).
        """
        line, area = self.tree.query(lines, predicate="intersects")
        if spared is not None and len(line):
            foreign = ~shapely.intersects(self.shapes[area], spared[line])
            line, area = line[foreign], area[foreign]
        inside_m = shapely.length(shapely.intersection(lines[line], self.shapes[area]))
        result = np.zeros(len(lines), dtype=bool)
        result[line[inside_m > TOUCH_M]] = True
        return result

    def away_m(self, lines: Objects, reach_m: float) -> Floats:
        """Return the distance of the nearest area, at most the reach, (n,)."""
        result = np.full(len(lines), reach_m)
        (line, _), distance_m = self.tree.query_nearest(
            lines, max_distance=reach_m, return_distance=True, all_matches=False
        )
        result[line] = distance_m
        return result


@dataclass(frozen=True, slots=True, kw_only=True)
class Land:
    """The zones that routing asks for.

    Parameters
    ----------
    closed
        Buildings, protected land and water together.
    solid
        Buildings and protected land: what a pole line may not cross either.
    green, water
        Land where a trench costs more, by its own surcharge each.
    park, built
        Parks, in which lines may lead across the land; land of the town, where none hangs on
        poles.
    tunnel
        Utility tunnels.
    """

    closed: Areas
    solid: Areas
    green: Areas
    water: Areas
    park: Areas
    built: Areas
    tunnel: Areas


def land(zones: gpd.GeoDataFrame) -> Land:
    """Sort the frame of `layers.tables.ZONES`."""
    kind = zones["kind"].to_numpy(dtype=object)
    shapes = zones.geometry.to_numpy(dtype=object)

    def areas(*kinds: str) -> Areas:
        return Areas.of(shapes[np.isin(kind, kinds)])

    return Land(
        closed=areas(*FORBIDDEN),
        solid=areas("building", "protected"),
        green=areas("green"),
        water=areas("water_body"),
        park=areas("park", "industrial_park"),
        built=areas("planned_construction", "town_centre"),
        tunnel=areas("utility_tunnel"),
    )


def crossing_any(lines: Objects, barriers: Objects, own: Ints) -> Bools:
    """Return which lines cross a barrier (the middle of a wide road) other than their own, (n,).

    Parameters
    ----------
    lines, barriers
        Straight lines, (n,), and LineStrings, (b,). A line may end on a barrier.
    own
        Position of the barrier at which each line begins, which it may touch; -1 for none.
    """
    ends = shapely.get_coordinates(lines).reshape(-1, 2, 2)
    middle, half = ends.mean(axis=1, keepdims=True), np.diff(ends, axis=1) * _INNER
    inner = shapely.linestrings(middle + half * np.array([-0.5, 0.5])[:, None])
    line, barrier = shapely.STRtree(barriers).query(inner, predicate="intersects")
    result = np.zeros(len(lines), dtype=bool)
    result[line[own[line] != barrier]] = True
    return result
