"""Pole lines (杆线): ways above ground to what no road reaches."""

from __future__ import annotations

import numpy as np
import shapely

from planner.extension.arrays import Bools, Ints, Objects
from planner.extension.graph.links import Ground, Links
from planner.extension.graph.obstacles import TOUCH_M, Land
from planner.settings import Settings


def poles(shapes: Objects, remote: Ints, ground: Ground, settings: Settings) -> Links:
    """Join parcels or tie-ins that no road reaches to the nearest roads, in a straight line.

    A pole line stands outside the town's land (规划建设用地, 中心城区), crosses no building and no
    protected land, and spans water up to ``extension.pole_span_m``. Its price grows with its
    slope; who may hang on it is a setting.

    Parameters
    ----------
    shapes
        Red lines or points, (n,).
    remote
        Those without a link to a road.
    ground
        The streets and what is in the way.
    settings
        ``extension.pole_reach_m``, ``pole_links``: how far, and to how many roads, each on its
        own side of the shape or not.

    Returns
    -------
    Links
        By owner, the nearest road first.
    """
    if not len(remote):
        return Links(*(np.empty(0, np.int64),) * 2, np.empty(0), np.empty((0, 2)))
    reach_m = settings.number("extension.pole_reach_m")
    found, segment = shapely.STRtree(ground.streets).query(
        shapes[remote], predicate="dwithin", distance=reach_m
    )
    owner, segment = remote[found], segment.astype(np.int64)
    links = ground.meet(owner, segment, shapes[owner])
    lines = links.shapes(ground.lanes)
    kept = np.flatnonzero(allowed(lines, ground.land, settings.number("extension.pole_span_m")))
    length_m = shapely.length(lines)
    order = kept[np.lexsort((segment[kept], length_m[kept], owner[kept]))]
    first = np.searchsorted(owner[order], owner[order])
    few = np.arange(len(order)) - first < settings.count("extension.pole_links")
    return links.kept(order[few])


def allowed(lines: Objects, land: Land, span_m: float) -> Bools:
    """Return which straight lines poles may carry, (n,)."""
    water, area = land.water.tree.query(lines, predicate="intersects")
    over_m = np.zeros(len(lines))
    wet_m = shapely.length(shapely.intersection(lines[water], land.water.shapes[area]))
    np.maximum.at(over_m, water, wet_m)
    in_town = land.built.lengths_m(lines) > TOUCH_M
    result: Bools = ~land.solid.crossed(lines) & ~in_town & (over_m <= span_m)
    return result
