"""Make the sample county 示例县, or fill in what a real county lacks; all labelled 生成数据."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from geo import segments
from geo.errors import fail
from geo.terrain import Terrain
from layers import tables
from layers.county import County, InputFile
from layers.sample import (
    applications,
    base,
    drive,
    names,
    networks,
    radio,
    seasons,
    tie_ins,
    works,
)
from layers.sample.files import write
from layers.sample.frames import Record, frame
from layers.tables import Table

__all__ = ["COMPLETABLE", "complete", "sample", "write"]

LEAST_KM2, MOST_KM2 = 20.0, 3_000.0
_BUILT_UP = frozenset({"arterial", "secondary_road", "branch", "lane"})
_AROUND_M, _RELIEF_M = 2_000.0, 30.0
"""How far around the places, and how finely, a terrain in another CRS is looked at."""


def sample(*, area_km2: float = 100.0, seed: int = 1) -> County:
    """Return the sample county: a mountain county of Chongqing in all its layers.

    Parameters
    ----------
    area_km2
        Area inside the border, from 20 (a town) to 3,000 (a large county).
    seed
        The same seed gives the same county.

    Returns
    -------
    County
        In EPSG:4545 around 107.7°E 29.3°N; every layer stands in `County.generated`.

    Raises
    ------
    InputError
        If the area is out of range.
    """
    if not LEAST_KM2 <= area_km2 <= MOST_KM2:
        raise fail("sample_area", area=area_km2, least=LEAST_KM2, most=MOST_KM2)
    made = base.build(area_km2, np.random.default_rng([seed, 0]))
    crs = CRS.from_epsg(base.EPSG)
    frames = {table.name: frame(table, (), crs) for table in tables.INPUTS}
    bare = County(
        name=names.COUNTY,
        crs=crs,
        frames=MappingProxyType({**frames, **made.frames}),
        terrain=made.terrain,
        quarantine=pd.DataFrame(columns=list(tables.QUARANTINE.names)),
        generated=frozenset({*made.frames, "terrain"}),
    )
    full = complete(bare, tuple(_MAKERS), seed=seed)
    inputs = tuple(
        InputFile(layer=name, path="", sha256="", rows=len(rows), used=len(rows), quarantined=0)
        for name, rows in full.frames.items()
        if len(rows)
    )
    return replace(full, inputs=inputs)


def complete(county: County, wanted: Sequence[str], *, seed: int = 1) -> County:
    """Return the county with the named layers generated on what it really has.

    Lines follow its roads, services end at its buildings, applications name its parcels, sites
    stand near its places and on its terrain.

    Parameters
    ----------
    county
        Any checked county.
    wanted
        Names out of `COMPLETABLE`. What the county has in them already stays, and what is
        generated is put beside it.
    seed
        The same seed on the same county gives the same layers.

    Returns
    -------
    County
        With the names added to `County.generated`.

    Raises
    ------
    InputError
        If a layer cannot be generated.
    """
    unknown = sorted(set(wanted) - set(_MAKERS))
    if unknown:
        raise fail("sample_layer", layer=", ".join(unknown), known=", ".join(_MAKERS))
    for number, (name, make) in enumerate(_MAKERS.items(), 1):
        if name in wanted:
            records = make(county, np.random.default_rng([seed, number]))
            rows = _beside(county[name], records, tables.BY_NAME[name], county.crs)
            county = replace(
                county,
                frames=MappingProxyType({**county.frames, name: rows}),
                generated=county.generated | {name},
            )
    return county


def _beside(
    real: gpd.GeoDataFrame | pd.DataFrame, records: Sequence[Record], table: Table, crs: CRS
) -> gpd.GeoDataFrame | pd.DataFrame:
    """Return the real rows with the generated ones after them, whose keys never clash."""
    made = frame(table, records, crs)
    if real.empty or made.empty:
        return made if real.empty else real
    key = str(table.key)
    taken = made[key].isin(real[key])
    made[key] = made[key].where(~taken, "生成-" + made[key].astype(str))
    both = pd.concat([real, made], ignore_index=True)
    return gpd.GeoDataFrame(both, geometry="geometry", crs=crs) if "geometry" in both else both


Maker = Callable[[County, np.random.Generator], Sequence[Record]]


def _rows(county: County, table: str) -> list[Record]:
    rows: list[Record] = county[table].to_dict("records")
    return rows


def _houses(county: County) -> gpd.GeoSeries:
    zones = county["zones"]
    return zones[zones["kind"] == "building"].geometry


def _peopled(county: County) -> tuple[gpd.GeoSeries, gpd.GeoSeries, gpd.GeoSeries]:
    return _houses(county), county["parcels"].geometry, county["places"].geometry


def _pipes(county: County, rng: np.random.Generator) -> list[Record]:
    roads, zones = county["roads"], county["zones"]
    near = networks.near_people(roads, *_peopled(county))
    works_area = shapely.union_all(zones[zones["kind"] == "industrial_park"].geometry.array)
    lines = networks.mains(roads, near, works_area, rng)
    return [*lines, *networks.services(lines, _houses(county), rng)]


def _tie_ins(county: County, rng: np.random.Generator) -> list[Record]:
    return tie_ins.tie_ins(_rows(county, "pipes"), rng)


def _applications(county: County, rng: np.random.Generator) -> list[Record]:
    parcels = county["parcels"]
    idle = parcels[~parcels["parcel_id"].isin(county["applications"]["parcel_id"])]
    return applications.applications(idle.to_dict("records"), rng)


def _works(county: County, rng: np.random.Generator) -> list[Record]:
    roads = county["roads"]
    cut = segments.make(roads)
    built_up = cut[cut["road_class"].isin(_BUILT_UP) & cut["length_m"].between(25.0, 650.0)]
    near = networks.near_people(built_up, *_peopled(county))
    return works.works(built_up[near].reset_index(drop=True), rng)


def _crews(county: County, _: np.random.Generator) -> list[Record]:
    limited = set(county["crews"]["owner"])
    owned = county["tie_ins"].dropna(subset="owner").groupby("utility")["owner"]
    owner_of = owned.agg(lambda owners: owners.mode()[0])
    connections = county["applications"]["utility"].map(owner_of).value_counts()
    made = seasons.crews(_rows(county, "works"), connections.to_dict())
    return [row for row in made if row["owner"] not in limited]


def _sites(county: County, rng: np.random.Generator) -> list[Record]:
    places, real = county["places"], county["sites"].geometry
    return radio.sites(_relief(county), places, _houses(county), real, rng)


def _relief(county: County) -> Terrain | None:
    """Return the terrain around the places, in the CRS of the county."""
    terrain, places = county.terrain, county["places"]
    if terrain is None or terrain.crs == county.crs or places.empty:
        return terrain
    west, south, east, north = places.total_bounds
    around = (west - _AROUND_M, south - _AROUND_M, east + _AROUND_M, north + _AROUND_M)
    return terrain.reproject(county.crs, around, _RELIEF_M)


def _cells(county: County, rng: np.random.Generator) -> list[Record]:
    sites = county["sites"]
    bare = sites[~sites["site_id"].isin(county["cells"]["site_id"])]
    return radio.cells(bare.to_dict("records"), rng)


def _measurements(county: County, rng: np.random.Generator) -> list[Record]:
    """Return a drive test; real measurements are never mixed with made ones."""
    if len(county["measurements"]):
        return []
    return drive.measurements(
        county.terrain, county["roads"], county["sites"], county["cells"], rng
    )


def _events(county: County, _: np.random.Generator) -> list[Record]:
    people = county["places"].groupby("town")["people"].sum().sort_values(ascending=False)
    return seasons.events([str(town) for town in people.index])


_MAKERS: Mapping[str, Maker] = MappingProxyType(
    {
        "pipes": _pipes,
        "tie_ins": _tie_ins,
        "applications": _applications,
        "works": _works,
        "crews": _crews,
        "sites": _sites,
        "cells": _cells,
        "events": _events,
        "measurements": _measurements,
    }
)
COMPLETABLE = tuple(_MAKERS)
"""Layers that `complete` can generate, in the order in which they rest on one another."""
