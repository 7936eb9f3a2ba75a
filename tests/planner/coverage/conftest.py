"""A county small enough to reason about: a valley, a ridge and what lies on both sides."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType, SimpleNamespace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from affine import Affine
from pyproj import CRS
from scipy import ndimage

from geo.terrain import Terrain
from layers.county import County
from layers.schemas import empty_frame
from layers.tables import BY_NAME, INPUTS, SITE_LINES
from planner.checking import Checks
from planner.coverage import clutter, grid, signal
from planner.coverage.cells import usable
from planner.coverage.check import check
from planner.coverage.run import CoverageResult
from planner.settings import Settings, defaults

GAUSS = CRS.from_epsg(4545)
WEST, SOUTH, EAST, NORTH = 470_000.0, 3_240_000.0, 475_400.0, 3_243_600.0
RIDGE_X = 472_700.0
AREA = shapely.box(WEST, SOUTH, EAST, NORTH)
SCENIC = shapely.box(474_000, 3_240_200, 475_000, 3_240_900)
ROAD = [(470_100, 3_241_700), (475_300, 3_241_700)]


def frame(table: str, rows: Sequence[Mapping[str, Any]]) -> gpd.GeoDataFrame:
    """Return a table's frame with the rows' cells and nothing elsewhere."""
    empty = empty_frame(BY_NAME[table], GAUSS)
    if not rows:
        return empty
    columns = {
        name: pd.Series([row.get(name) for row in rows]).astype(empty[name].dtype)
        for name in BY_NAME[table].names
    }
    if "geometry" not in empty:
        return gpd.GeoDataFrame(columns)
    return gpd.GeoDataFrame(columns, geometry=[row["geometry"] for row in rows], crs=GAUSS)


def ridge_terrain(*, ridge_m: float = 400.0) -> Terrain:
    """Return a plain at 500 m that a north-south ridge divides, with 1.2 km to spare around."""
    pixel, spare = 30.0, 1200.0
    columns = int((EAST - WEST + 2 * spare) / pixel)
    rows = int((NORTH - SOUTH + 2 * spare) / pixel)
    x = WEST - spare + (np.arange(columns) + 0.5) * pixel
    height = 500.0 + ridge_m * np.exp(-(((x - RIDGE_X) / 250.0) ** 2))
    grid = Affine(pixel, 0.0, WEST - spare, 0.0, -pixel, NORTH + spare)
    return Terrain(
        height_m=np.tile(height, (rows, 1)).astype(np.float32), transform=grid, crs=GAUSS
    )


def hilly_terrain() -> Terrain:
    """Return hills of 60 m standard deviation, about 500 m apart, on the ridge's grid."""
    flat = ridge_terrain()
    noise = np.random.default_rng(3).normal(size=flat.height_m.shape)
    smooth = ndimage.gaussian_filter(noise, 8.0)
    height = 600.0 + 60.0 * smooth / smooth.std()
    return replace(flat, height_m=height.astype(np.float32))


def cell(cell_id: str, site_id: str, operator: str, **values: object) -> dict[str, Any]:
    return {
        "cell_id": cell_id, "site_id": site_id, "operator": operator, "azimuth_deg": 90.0,
        "height_m": 30.0, "band": "B3", "rs_power_dbm": 15.2, "gain_dbi": 17.0,
        "indoor": False, "state": "", **values,
    }  # fmt: skip


def site(site_id: str, x: float, y: float) -> dict[str, Any]:
    return {"site_id": site_id, "structure_height_m": 40.0, "geometry": shapely.Point(x, y)}


def place(place_id: str, x: float, y: float, **values: object) -> dict[str, Any]:
    return {
        "place_id": place_id, "kind": "settlement", "village": "东村", "town": "某镇",
        "geometry": shapely.Point(x, y), **values,
    }  # fmt: skip


def build(**tables: Sequence[Mapping[str, Any]]) -> dict[str, gpd.GeoDataFrame]:
    rows: dict[str, Sequence[Mapping[str, Any]]] = {
        "sites": [
            site("W", 471_000, 3_241_800),
            site("T", 474_000, 3_242_900),
        ],
        "cells": [
            cell("1", "W", "cmcc", azimuth_deg=None),
            cell("2", "W", "ctcc"),
            cell("3", "T", "ctcc", azimuth_deg=180.0),
        ],
        "places": [
            place("p1", 470_700, 3_241_800, village="西村", kind="committee"),
            place("p2", 470_500, 3_242_000, village="西村", people=300, households=100),
            place("p3", 474_100, 3_241_500, people=200, households=70),
            place("p4", 474_300, 3_241_200, households=30),
            place("p5", 474_600, 3_241_000, kind="committee"),
        ],
        "roads": [
            {"road_id": "r1", "geometry": shapely.LineString(ROAD)},
        ],
        "zones": [
            {"zone_id": "z0", "kind": "boundary", "geometry": AREA},
            {"zone_id": "z1", "kind": "scenic_area", "geometry": SCENIC},
        ],
    }  # fmt: skip
    rows.update(tables)
    return {table.name: frame(table.name, rows.get(table.name, ())) for table in INPUTS}


def make_county(
    *, terrain: Terrain | None = None, without_terrain: bool = False,
    **tables: Sequence[Mapping[str, Any]],
) -> County:  # fmt: skip
    chosen = None if without_terrain else terrain or ridge_terrain()
    return County(
        name="试验县", crs=GAUSS, frames=MappingProxyType(build(**tables)), terrain=chosen
    )


SITES = {
    "A": (470_700, 3_241_000), "B": (471_700, 3_242_900), "C": (473_600, 3_240_700),
    "D": (474_600, 3_241_900), "E": (473_500, 3_243_000), "F": (470_800, 3_242_900),
}  # fmt: skip
HIDDEN: Mapping[str, tuple[float, float]] = {"B3": (6.0, 5.0), "B8": (-4.0, 0.0)}
BAND_OF = {"A": "B3", "B": "B8", "C": "B3", "D": "B8", "E": "B3", "F": "B8"}
Change = Callable[[pd.DataFrame], pd.DataFrame]
Zone = Mapping[str, Any]
BOUNDARY: Zone = {"zone_id": "z0", "kind": "boundary", "geometry": AREA}


def as_is(frame: pd.DataFrame) -> pd.DataFrame:
    return frame


def around(
    sites: str = "ABCDEF", measurements: Sequence[Mapping[str, Any]] = (),
    zones: Sequence[Mapping[str, Any]] = (),
) -> County:  # fmt: skip
    """Return a county with one omnidirectional cell on each of some sites."""
    cells = [cell(f"c{name}", name, "cmcc", azimuth_deg=None, band=BAND_OF[name]) for name in sites]
    places = [site(name, *SITES[name]) for name in sites]
    every = {"zones": [BOUNDARY, *zones]} if zones else {}
    return make_county(sites=places, cells=cells, measurements=measurements, **every)


def striped(kinds: Sequence[str] = ("forest", "built_up"), width_m: float = 360.0) -> list[Zone]:
    """Return zones in stripes from west to east, as wide as the open land between two rounds."""
    west = np.arange(WEST + width_m, EAST, width_m)
    names = [*kinds, "open"]
    return [
        {"zone_id": f"s{k}", "kind": kind, "geometry": shapely.box(x, SOUTH, x + width_m, NORTH)}
        for k, x in enumerate(west.tolist())
        if (kind := names[k % len(names)]) != "open"
    ]


def drive(
    settings: Settings, *, sites: str = "ABCDEF", noise_db: float = 3.0,
    hidden: Mapping[str, tuple[float, float]] = HIDDEN, change: Change = as_is, count: int = 70,
    zones: Sequence[Zone] = (), planted: Mapping[tuple[str, str], float] = MappingProxyType({}),
) -> County:  # fmt: skip
    """Return a county in which each site was measured at `count` pixels of its surroundings.

    `planted` is lost in dB beside what is `hidden`, by band and land cover.
    """
    county, chance = around(sites, zones=zones), np.random.default_rng(4)
    cells = usable(county, settings)
    area = grid.area_of(county, settings)
    terrain = grid.ground(county, area, cells.cells[["x_m", "y_m"]].to_numpy(), settings)
    cover = clutter.lay(county, terrain, settings)
    rows = []
    for position, name in enumerate(cells.cells["site_id"]):
        xy = np.array(SITES[name]) + chance.uniform(-700.0, 700.0, (count, 2))
        xy = (np.floor(xy / 60.0) + 0.5) * 60.0
        alone = cells.cells.iloc[[position]].reset_index(drop=True)
        found = signal.predict(
            alone, np.zeros(1, dtype=np.int64), terrain, xy, settings, cover=cover
        )
        away_km = np.maximum(np.hypot(*(xy - SITES[name]).T), 30.0) / 1000.0
        offset, slope = hidden.get(BAND_OF[name], (0.0, 0.0))
        level = found.rsrp_dbm[:, 0] - offset - slope * np.log10(away_km)
        level = level + chance.normal(0.0, noise_db, count)
        here = [clutter.COVERS[one] for one in clutter.classes_at(cover, xy)]
        level = level - [planted.get((BAND_OF[name], one), 0.0) for one in here]
        inside = shapely.contains_xy(area, xy)
        rows += [
            {"operator": "cmcc", "rsrp_dbm": dbm, "cell_id": f"c{name}",
             "geometry": shapely.Point(point)}
            for point, dbm in zip(xy[inside], level[inside], strict=True)
        ]  # fmt: skip
    table = change(pd.DataFrame(rows)).to_dict("records")
    return around(sites, table, zones)


def checked(
    county: County, settings: Settings, result: CoverageResult, **changed: object
) -> Checks:
    """Return what the independent check says of a result of which some parts are changed."""
    names = (
        "gaps", "villages", "infill", "figures", "evidence", "calibration", "measured_gaps"
    )  # fmt: skip
    parts: dict[str, Any] = {name: getattr(result, name) for name in names}
    parts["site_lines"] = empty_frame(SITE_LINES, county.crs)
    parts["gaps_after"] = result.after.gaps
    return check(county, settings, **{**parts, **changed})


@pytest.fixture
def county() -> County:
    return make_county()


@pytest.fixture
def settings() -> Settings:
    return defaults().with_user(
        {"coverage.village_site_km": 1.0, "coverage.check_points": 60}, source="test"
    )


@pytest.fixture(scope="session")
def made() -> SimpleNamespace:
    """Functions that make rows, counties, terrain and drive tests, and check results."""
    return SimpleNamespace(
        cell=cell, site=site, place=place, county=make_county, terrain=ridge_terrain,
        hills=hilly_terrain, around=around, drive=drive, striped=striped, checked=checked,
        SITES=SITES, HIDDEN=HIDDEN,
    )  # fmt: skip
