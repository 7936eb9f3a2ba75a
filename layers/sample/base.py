"""The county before any pipe: terrain, roads, parcels, places, zones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from geo.terrain import Terrain
from layers import tables
from layers.sample import names, sites, water
from layers.sample.buildings import buildings, uses
from layers.sample.frames import Record, frame
from layers.sample.land import plots
from layers.sample.parcels import parcels
from layers.sample.paths import Way, valley_ways
from layers.sample.people import places
from layers.sample.terrain import Ground, shape
from layers.sample.town import CARRIAGEWAYS_M, TREES_M, WIDTHS_M, Town
from layers.sample.zones import zones

EPSG = 4545
_RANKS = (
    ("secondary_road", 22.0, "asphalt"),
    ("rural", 9.0, "asphalt"),
    ("rural", 6.5, "concrete"),
    ("rural", 4.5, "concrete"),
)


@dataclass(frozen=True, slots=True)
class Base:
    """Terrain and the frames of roads, parcels, places and zones."""

    terrain: Terrain
    frames: Mapping[str, gpd.GeoDataFrame | pd.DataFrame]


def build(area_km2: float, rng: np.random.Generator) -> Base:
    """Return the ground on which every other layer is generated.

    Parameters
    ----------
    area_km2
        Area inside the border.
    rng
        Source of randomness.
    """
    ground = shape(area_km2, rng)
    brooks = water.streams(ground, drained_km2=1.5)
    towns = (sites.county_seat(ground, rng), *sites.townships(ground, brooks, rng))
    ground = replace(ground, height_m=sites.flatten(ground, towns[1:]))
    villages = sites.villages(ground, towns, rng)
    ways = _ways(ground, towns, villages, rng)
    lines = [way.line for way in ways]
    count = round(34 * (area_km2 / 100.0) ** 0.4)
    beds = [bed for _, bed in water.surfaces(ground, brooks)]
    wet = shapely.union_all(beds)
    land = uses([plot for town in towns for plot in plots(town, wet, rng)], count, rng)
    red_lines = parcels(land, villages, lines, ground, count, rng)
    kept_free = [*beds, *(row["geometry"] for row in red_lines)]
    houses = buildings(land, towns, lines, villages, kept_free, rng)
    records: dict[str, Sequence[Record]] = {
        "roads": _roads(towns, ways, rng),
        "places": places(towns, land, villages, rng),
        "parcels": red_lines,
        "zones": zones(ground, brooks, towns, land, villages, houses),
    }
    crs = CRS.from_epsg(EPSG)
    terrain = Terrain(
        height_m=ground.height_m.astype(np.float32), transform=ground.lattice.transform, crs=crs
    )
    frames = {name: frame(tables.BY_NAME[name], rows, crs) for name, rows in records.items()}
    return Base(terrain, frames)


def _ways(
    ground: Ground,
    towns: tuple[Town, ...],
    villages: tuple[sites.Village, ...],
    rng: np.random.Generator,
) -> tuple[Way, ...]:
    seat, *townships = towns
    inner = ground.boundary.buffer(-ground.lattice.cell_m)
    reach = shapely.get_coordinates(ground.river.intersection(inner))
    ends = tuple(reach[[i]] for i in (0, -1))
    ranks = (
        ends,
        tuple(town.junctions for town in townships),
        tuple(village.xy[None, :] for village in villages),
        tuple(xy[None, :] for village in villages for xy in village.hamlets),
    )
    return valley_ways(ground, seat.junctions, ranks, rng)


def _roads(towns: Sequence[Town], ways: Sequence[Way], rng: np.random.Generator) -> list[Record]:
    rows: list[Record] = []
    for town in towns:
        for street in town.streets:
            kind = street.road_class
            surface = "concrete" if kind in {"branch", "lane"} and rng.random() < 0.5 else "asphalt"
            rows.append(
                {
                    "name": street.name,
                    "road_class": kind,
                    "width_m": WIDTHS_M[kind],
                    "carriageway_m": CARRIAGEWAYS_M.get(kind),
                    "tree_offset_m": TREES_M.get(kind),
                    "surface": surface,
                    "geometry": street.line,
                    **_history(kind, rng),
                }
            )
    for number, way in enumerate(ways, 1):
        kind, width, surface = _RANKS[way.rank]
        label = names.TRUNK_ROAD if way.rank == 0 else f"{'XYC'[way.rank - 1]}{number:03d}"
        rows.append(
            {
                "name": label,
                "road_class": kind,
                "width_m": width,
                "surface": surface,
                "geometry": way.line,
            }
        )
    return [{"road_id": f"DL{i:04d}", **row} for i, row in enumerate(rows, 1)]


def _history(kind: str, rng: np.random.Generator) -> Record:
    """Return when a street opened or was overhauled; some still stand under the moratorium.

    Decree 198 art. 33 forbids digging for 5 years after opening and 3 after an overhaul, so in
    2026 a street opened in 2021 becomes free within the year and one of 2023 does not.
    """
    fate = rng.random()
    if fate < 0.05:
        return {"opened_on": f"2021-{rng.integers(2, 9):02d}-01"}
    if fate < 0.08:
        return {"opened_on": f"{rng.integers(2023, 2026)}-{rng.integers(3, 11):02d}-01"}
    if fate < 0.13 and kind in {"arterial", "secondary_road", "branch"}:
        return {"opened_on": "2009-09-01", "overhauled_on": f"2023-{rng.integers(3, 8):02d}-15"}
    return {"opened_on": f"{rng.integers(1996, 2019)}-{rng.integers(1, 13):02d}-01"}
