"""Mountains for the coverage benchmark: a tile of 1 arc-second, and cells on it."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from affine import Affine
from pyproj import CRS
from scipy import ndimage

from geo import terrain
from geo.crs import transform_xy
from geo.terrain import Terrain
from layers.sample import make
from planner.coverage.candidates import SECTORS_DEG
from planner.coverage.clutter import OFFSETS
from planner.coverage.grid import Grid

Floats = npt.NDArray[np.float64]

SIDE = 3601
"""Rows and columns of a tile of 1 arc-second, whose outer pixels' centres lie on whole degrees."""

MAST_M, MHZ, EIRP_DBM = 35.0, 1842.5, 29.2
_SPARE_M = 500.0
_WGS84 = CRS.from_epsg(4326)
_ANDORRA = (42.55, 1.55)
_SAMPLE_KM2 = 100.0


def mountains() -> tuple[Terrain, str, tuple[float, float]]:
    """Return heights on a tile of 1 arc-second, the tile's name and the mast's latitude, longitude.

    Andorra's, resampled from 3 arc-seconds, where the data folder holds them, else the sample
    county's; flat where nothing is known.
    """
    root = Path(os.environ.get("TONGGOU_DATA", Path(__file__).parents[2] / "shared" / "data"))
    file = root / "andorra" / "N42E001.hgt.zip"
    if file.is_file():
        return _tile(terrain.read([file]), _ANDORRA), "N42E001", _ANDORRA
    county = make.sample(area_km2=_SAMPLE_KM2, seed=1)
    assert county.terrain is not None
    west, south, east, north = county.terrain.bounds
    middle = np.array([[(west + east) / 2.0, (south + north) / 2.0]])
    longitude, latitude = transform_xy(middle, county.terrain.crs, _WGS84)[0].tolist()
    name = f"N{int(latitude):02d}E{int(longitude):03d}"
    return _tile(county.terrain, (latitude, longitude)), name, (latitude, longitude)


def _tile(source: Terrain, place: tuple[float, float]) -> Terrain:
    """Return bilinear heights of the tile that holds a place, whole metres as in an .hgt file."""
    south, west = int(place[0]), int(place[1])
    step = 1.0 / (SIDE - 1)
    latitude = south + 1.0 - np.arange(SIDE) * step
    longitude = west + np.arange(SIDE) * step
    known = np.where(np.isnan(source.height_m), np.nanmedian(source.height_m), source.height_m)
    height_m = np.empty((SIDE, SIDE), dtype=np.float32)
    for i in range(SIDE):
        lonlat = np.column_stack([longitude, np.full(SIDE, latitude[i])])
        xy = transform_xy(lonlat, _WGS84, source.crs) if source.crs != _WGS84 else lonlat
        column = (xy[:, 0] - source.transform.c) / source.transform.a - 0.5
        row = (xy[:, 1] - source.transform.f) / source.transform.e - 0.5
        height_m[i] = ndimage.map_coordinates(known, [row, column], order=1, mode="nearest")
    lattice = Affine(step, 0.0, west - step / 2.0, 0.0, -step, south + 1.0 + step / 2.0)
    return Terrain(height_m=np.rint(height_m), transform=lattice, crs=_WGS84)


def write_hgt(tile: Terrain, path: Path) -> None:
    """Write a tile as SRTM does: big-endian whole metres, northmost row first."""
    path.write_bytes(tile.height_m.astype(">i2").tobytes())


def around(tile: Terrain, place: tuple[float, float], radius_km: float) -> tuple[Terrain, Floats]:
    """Return the tile's ground around a place on square pixels in metres, and the place there.

    The pixels have the area of the tile's, so that a disc holds as many.
    """
    latitude, longitude = place
    crs = CRS.from_epsg(32601 + int((longitude + 180.0) // 6.0))
    lonlat = np.array([[longitude, latitude]])
    x, y = transform_xy(lonlat, _WGS84, crs)[0].tolist()
    far = 1000.0 * radius_km + _SPARE_M
    ground = tile.reproject(crs, (x - far, y - far, x + far, y + far), pixel_m(latitude))
    return replace(ground, height_m=np.nan_to_num(ground.height_m)), np.array([[x, y]])


def pixel_m(latitude: float) -> float:
    """Return the side of a square with the area of a pixel of 1 arc-second (sphere of 6371 km)."""
    arc_m = np.radians(1.0 / 3600.0) * 6_371_000.0
    return float(arc_m * np.sqrt(np.cos(np.radians(latitude))))


def grid_of(ground: Terrain) -> Grid:
    """Return the pixels of a ground as the grid of its signal."""
    rows, columns = ground.height_m.shape
    return Grid(ground.transform, (rows, columns), ground.crs)


def omni(xy: Floats) -> pd.DataFrame:
    """Return an omnidirectional cell at each place, see `planner.coverage.cells.Usable.cells`."""
    return _cells(xy, np.zeros(1), beamwidth_deg=0.0)


def sectors(xy: Floats) -> pd.DataFrame:
    """Return three cells at each place."""
    return _cells(xy, np.array(SECTORS_DEG), beamwidth_deg=65.0)


def _cells(xy: Floats, azimuth_deg: Floats, *, beamwidth_deg: float) -> pd.DataFrame:
    sited = np.repeat(xy[np.lexsort((xy[:, 1], xy[:, 0]))], len(azimuth_deg), axis=0)
    return pd.DataFrame(
        {
            "row": np.arange(len(sited)), "x_m": sited[:, 0], "y_m": sited[:, 1],
            "height_m": MAST_M, "frequency_mhz": MHZ, "eirp_dbm": EIRP_DBM,
            "azimuth_deg": np.tile(azimuth_deg, len(xy)), "beamwidth_deg": beamwidth_deg,
            "vertical_beamwidth_deg": 10.0, "electrical_tilt_deg": 0.0,
            "tilt_deg": 3.0 if beamwidth_deg else 0.0, **dict.fromkeys(OFFSETS, 0.0),
            "slope_db_per_decade": 0.0,
        }
    )  # fmt: skip
