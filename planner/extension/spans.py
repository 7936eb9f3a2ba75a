"""Spans: pole lines straight from an overhead line (架空线 T 接) to what stands in the open."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from geo.terrain import Terrain
from planner.extension.arrays import Bools, Floats, Ints, Objects
from planner.extension.graph.choices import utilities
from planner.extension.graph.obstacles import Land
from planner.extension.graph.poles import allowed
from planner.extension.graph.relief import laid
from planner.extension.prices import line_price
from planner.settings import Settings

_LOW_KV = 1.0


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Spans:
    """The cheapest span to each of some parcels, s of which have one.

    Parameters
    ----------
    point
        Position of the parcel, (s,).
    pipe
        Position of the overhead line in its frame, (s,).
    shape
        Straight lines from the overhead line to the parcel, (s,).
    laid_m
        Length over the terrain, (s,).
    line_yuan
        Poles and line, (s,).
    yuan
        The same and, off a line above 1 kV, the transformer, (s,).
    """

    point: Ints
    pipe: Ints
    shape: Objects
    laid_m: Floats
    line_yuan: Floats
    yuan: Floats


def spans(
    parcels: Objects,
    utility: str,
    pipes: gpd.GeoDataFrame,
    land: Land,
    terrain: Terrain | None,
    settings: Settings,
) -> Spans:
    """Return the cheapest span of a utility to each parcel that has any.

    Parameters
    ----------
    parcels
        Polygons in the CRS of `pipes`, (n,).
    utility
        One of ``extension.pole_utilities``; others have no span.
    pipes
        Frame of `layers.tables.PIPES`; only ``overhead`` lines of at most
        ``coverage.infill_pole_kv`` are joined.
    land, terrain
        What poles may not cross, and the heights that they climb.
    settings
        ``extension.pole_*``, prices of lines, ``coverage.site_transformer_yuan``.
    """
    joined = np.flatnonzero(overhead(pipes, utility, settings))
    reach_m = settings.number("extension.pole_reach_m")
    tree = shapely.STRtree(pipes.geometry.to_numpy(dtype=object)[joined])
    point, line = tree.query(parcels, predicate="dwithin", distance=reach_m)
    shape = shapely.reverse(shapely.shortest_line(parcels[point], tree.geometries[line]))
    kept = np.flatnonzero(allowed(shape, land, settings.number("extension.pole_span_m")))
    point, pipe, shape = point[kept], joined[line[kept]], shape[kept]
    laid_m, slope = laid(shape, terrain, CRS.from_user_input(pipes.crs))
    medium = medium_voltage(pipes, utility)[pipe]
    rates = [line_price(utility, name, settings) for name in ("380 V", "10 kV")]
    poles = 1.0 + settings.number("extension.pole_slope_factor") * slope
    poles *= settings.number("extension.pole_yuan_per_m")
    line_yuan = (poles + np.where(medium, rates[1], rates[0])) * laid_m
    yuan = line_yuan + medium * settings.number("coverage.site_transformer_yuan")
    order = np.lexsort((pipe, yuan, point))
    first = order[np.unique(point[order], return_index=True)[1]]
    return Spans(
        point=point[first], pipe=pipe[first], shape=shape[first], laid_m=laid_m[first],
        line_yuan=line_yuan[first], yuan=yuan[first],
    )  # fmt: skip


def overhead(pipes: gpd.GeoDataFrame, utility: str, settings: Settings) -> Bools:
    """Return which lines a span of a utility may join; no voltage counts as low."""
    high = pd.to_numeric(pipes["voltage_kv"]) > settings.number("coverage.infill_pole_kv")
    hung = (pipes["utility"] == utility) & (pipes["subtype"] == "overhead")
    may = utility in utilities("extension.pole_utilities", settings)
    found: Bools = (hung & ~high.fillna(value=False)).to_numpy(dtype=bool) & may
    return found


def medium_voltage(pipes: gpd.GeoDataFrame, utility: str) -> Bools:
    """Return which lines need a transformer before a site."""
    volts = pd.to_numeric(pipes["voltage_kv"]).to_numpy(dtype=float)
    found: Bools = (utility == "power") & (volts > _LOW_KV)
    return found
