"""Terrain: heights on a grid, with holes where nothing was measured."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
import rasterio.crs
from affine import Affine
from pyproj import CRS
from rasterio.errors import RasterioError
from rasterio.warp import Resampling, reproject

from geo.crs import transform_xy
from geo.errors import Fault, InputError, fail

Floats = npt.NDArray[np.float64]

Kind = Literal["ground", "surface", "unstated"]
STATED: tuple[Kind, ...] = ("ground", "surface")
"""What heights may be of: bare ground, or its trees and roofs as well."""

_SRTM_VOID = -32768.0
_TAG = "TERRAIN_KIND"
_MARKS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("ground", re.compile(r"fabdem|(?<![a-z])dtm(?![a-z])", re.IGNORECASE)),
    ("surface", re.compile(
        r"(?<![a-z])dsm(?![a-z])|glo[-_ ]?[39]0|copernicus|alpsmlc|aw3d", re.IGNORECASE
    )),
)  # fmt: skip
"""Names of elevation models: FABDEM is Copernicus GLO-30 without trees, so ground goes first."""
_LATTICE_TOLERANCE_PX = 0.05


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Terrain:
    """Heights above sea level on a north-up grid.

    Parameters
    ----------
    height_m
        float32 array (rows, columns), first row northmost; NaN where the source has a void.
    transform
        From (column, row) of a pixel's corner to (x, y) in `crs`.
    crs
        CRS of `transform`, geographic (degrees) or projected (metres).
    kind
        Whether heights are of the ground or of the surface with trees and roofs.
    """

    height_m: npt.NDArray[np.float32]
    transform: Affine
    crs: CRS
    kind: Kind = "unstated"

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north in `crs`."""
        rows, columns = self.height_m.shape
        grid = self.transform
        return grid.c, grid.f + rows * grid.e, grid.c + columns * grid.a, grid.f

    def at(self, xy: npt.ArrayLike) -> Floats:
        """Return the bilinear height in metres at each point.

        Parameters
        ----------
        xy
            Points in `crs`, shape (n, 2), x then y.

        Returns
        -------
        numpy.ndarray
            Shape (n,), in the order of `xy`; NaN outside the grid, and wherever one of the four
            pixels around the point is a void that has weight. In the outer half of the border's
            pixels the height is that of the nearest pixel centres.
        """
        points = np.asarray(xy, dtype=np.float64).reshape(-1, 2)
        column = (points[:, 0] - self.transform.c) / self.transform.a - 0.5
        row = (points[:, 1] - self.transform.f) / self.transform.e - 0.5
        return _bilinear(self.height_m, row, column)

    def covers(self, points: npt.ArrayLike) -> npt.NDArray[np.bool_]:
        """Return for each point (in `crs`, shape (n, 2)) whether its height is known."""
        known: npt.NDArray[np.bool_] = np.isfinite(self.at(points))
        return known

    def knows(self, points: npt.ArrayLike, crs: CRS) -> npt.NDArray[np.bool_]:
        """Return for each point in any CRS (shape (n, 2), x east) whether its height is known."""
        xy = np.asarray(points, dtype=np.float64).reshape(-1, 2)
        return self.covers(transform_xy(xy, crs, self.crs))

    def reproject(
        self, crs: CRS, bounds: tuple[float, float, float, float], resolution_m: float
    ) -> Terrain:
        """Return the terrain resampled (bilinear) onto a square grid in another CRS.

        Parameters
        ----------
        crs
            Projected CRS in metres.
        bounds
            West, south, east, north in `crs`; grown outward to multiples of `resolution_m`, so
            that neighbouring tiles share their grid.
        resolution_m
            Pixel size in metres.

        Raises
        ------
        InputError
            If the terrain has no known height inside the bounds.
        """
        west, south, east, north = bounds
        left = np.floor(west / resolution_m) * resolution_m
        top = np.ceil(north / resolution_m) * resolution_m
        columns = int(np.ceil((east - left) / resolution_m))
        rows = int(np.ceil((top - south) / resolution_m))
        transform = Affine(resolution_m, 0.0, float(left), 0.0, -resolution_m, float(top))
        height_m = np.full((rows, columns), np.nan, dtype=np.float32)
        reproject(
            source=self.height_m, destination=height_m,
            src_transform=self.transform, src_crs=_rasterio_crs(self.crs), src_nodata=np.nan,
            dst_transform=transform, dst_crs=_rasterio_crs(crs), dst_nodata=np.nan,
            resampling=Resampling.bilinear, tolerance=0.0,
        )  # fmt: skip
        if not np.isfinite(height_m).any():
            raise fail("terrain_elsewhere", layer="terrain", bounds=_printed(bounds))
        return replace(self, height_m=height_m, transform=transform, crs=crs)

    def write(self, path: Path) -> None:
        """Write a compressed GeoTIFF (float32, NaN as nodata)."""
        rows, columns = self.height_m.shape
        with rasterio.open(
            path, "w", driver="GTiff", width=columns, height=rows, count=1, dtype="float32",
            crs=_rasterio_crs(self.crs), transform=self.transform, nodata=np.nan,
            compress="deflate", predictor=3, tiled=True,
        ) as target:  # fmt: skip
            target.write(self.height_m, 1)
            target.update_tags(**{_TAG: self.kind})


def read(paths: Iterable[Path | str], *, kind: Kind | None = None) -> Terrain:
    """Read one or more terrain tiles of one CRS and merge them.

    Parameters
    ----------
    paths
        SRTM tiles (.hgt, .hgt.zip) or GeoTIFF. The declared nodata value and SRTM's -32768 become
        holes; a height of 0 stays a height. Where tiles overlap the first known height counts.
    kind
        What the heights are of; None to go by each file's tags and name, see `kind_of`.

    Raises
    ------
    InputError
        If a file is missing or unreadable, has no CRS, is rotated, or if the tiles differ in CRS,
        lattice or, where `kind` is None, in kind.

    References
    ----------
    SRTM Topography, NASA/USGS: void value -32768, tile named by its south-west corner.
    """
    files = [Path(path) for path in paths]
    if not files:
        raise fail("terrain_no_tiles", layer="terrain")
    tiles = [_tile(path, kind) for path in files]
    faults = [
        fault
        for path, tile in zip(files, tiles, strict=True)
        if (fault := _unlike(tile, tiles[0], path)) is not None
    ]
    if faults:
        raise InputError(faults)
    return tiles[0] if len(tiles) == 1 else _merged(tiles)


def kind_of(name: str, tags: Mapping[str, str]) -> Kind:
    """Return what a file's heights are of, by the tag of `Terrain.write` or by known names.

    Copernicus GLO-30 and GLO-90 and ALOS AW3D30 are surface models, FABDEM is bare ground.

    Parameters
    ----------
    name
        The file's name.
    tags
        The file's metadata.

    Returns
    -------
    str
        ``unstated`` where neither says anything known, for example of SRTM, whose radar saw
        partly through the trees.

    Examples
    --------
    >>> kind_of("Copernicus_DSM_COG_10_N29_00_E107_00_DEM.tif", {}), kind_of("N29E107.hgt", {})
    ('surface', 'unstated')
    """
    known: tuple[Kind, ...] = (*STATED, "unstated")
    for kind in known:
        if tags.get(_TAG) == kind:
            return kind
    texts = " ".join([name, *tags.values()])
    return next((kind for kind, mark in _MARKS if mark.search(texts)), "unstated")


def _tile(path: Path, kind: Kind | None) -> Terrain:
    if not path.is_file():
        raise fail("file_missing", file=str(path), layer="terrain")
    try:
        with rasterio.open(_dataset_name(path)) as source:
            height_m, nodata = source.read(1).astype(np.float32), source.nodata
            grid, crs = source.transform, source.crs
            kind = kind or kind_of(path.name, source.tags())
    except (RasterioError, zipfile.BadZipFile, OSError) as error:
        # rasterio says "see previous exception"; a message names neither that nor the folder
        detail = str(error.__cause__ or error).replace(str(path), path.name)
        raise fail("file_unreadable", file=path.name, layer="terrain", detail=detail) from error
    if crs is None:
        raise fail("terrain_without_crs", file=path.name, layer="terrain")
    if grid.b or grid.d or grid.a <= 0 or grid.e >= 0:
        raise fail("terrain_rotated", file=path.name, layer="terrain")
    for void in (_SRTM_VOID, nodata):
        if void is not None:
            height_m[height_m == np.float32(void)] = np.nan
    return Terrain(height_m=height_m, transform=grid, crs=CRS.from_wkt(crs.to_wkt()), kind=kind)


def _dataset_name(path: Path) -> str:
    """Return what GDAL must open: the .hgt inside a zip, or the file itself."""
    if path.suffix.lower() != ".zip":
        return str(path)
    with zipfile.ZipFile(path) as archive:
        inside = [name for name in archive.namelist() if name.lower().endswith(".hgt")]
    if len(inside) != 1:
        raise fail("terrain_zip", file=path.name, layer="terrain", count=len(inside))
    return f"/vsizip/{path}/{inside[0]}"


def _unlike(tile: Terrain, first: Terrain, path: Path) -> Fault | None:
    if tile.crs != first.crs:
        facts = {"found": tile.crs.name, "expected": first.crs.name}
        return Fault("terrain_mixed_crs", facts, file=path.name, layer="terrain")
    if tile.kind != first.kind:
        facts = {"found": tile.kind, "expected": first.kind}
        return Fault("terrain_mixed_kind", facts, file=path.name, layer="terrain")
    grid, lattice = tile.transform, first.transform
    shift = np.array([(grid.c - lattice.c) / lattice.a, (grid.f - lattice.f) / lattice.e])
    same_size = np.allclose([grid.a, grid.e], [lattice.a, lattice.e], rtol=1e-6, atol=0.0)
    if not same_size or np.abs(shift - np.round(shift)).max() > _LATTICE_TOLERANCE_PX:
        return Fault("terrain_mixed_grid", file=path.name, layer="terrain")
    return None


def _merged(tiles: Sequence[Terrain]) -> Terrain:
    """Paste tiles of one pixel size onto the first tile's lattice; the first known height wins."""
    dx, dy = tiles[0].transform.a, tiles[0].transform.e
    west = min(tile.transform.c for tile in tiles)
    north = max(tile.transform.f for tile in tiles)
    corners = [
        (round((tile.transform.f - north) / dy), round((tile.transform.c - west) / dx))
        for tile in tiles
    ]
    shape = [
        max(corner[axis] + tile.height_m.shape[axis]
            for corner, tile in zip(corners, tiles, strict=True))
        for axis in (0, 1)
    ]  # fmt: skip
    height_m = np.full(shape, np.nan, dtype=np.float32)
    for (row, column), tile in zip(corners, tiles, strict=True):
        rows, columns = tile.height_m.shape
        window = height_m[row : row + rows, column : column + columns]
        np.copyto(window, tile.height_m, where=np.isnan(window))
    return replace(tiles[0], height_m=height_m, transform=Affine(dx, 0.0, west, 0.0, dy, north))


def _bilinear(height_m: npt.NDArray[np.float32], row: Floats, column: Floats) -> Floats:
    rows, columns = height_m.shape
    inside = (np.abs(row - (rows - 1) / 2) <= rows / 2) & (
        np.abs(column - (columns - 1) / 2) <= columns / 2
    )
    row = np.clip(np.where(inside, row, 0.0), 0.0, rows - 1)
    column = np.clip(np.where(inside, column, 0.0), 0.0, columns - 1)
    top, left = np.floor(row).astype(np.intp), np.floor(column).astype(np.intp)
    below, right = np.minimum(top + 1, rows - 1), np.minimum(left + 1, columns - 1)
    down, across = row - top, column - left
    total = np.zeros(row.shape)
    for i, j, weight in (
        (top, left, (1 - down) * (1 - across)), (top, right, (1 - down) * across),
        (below, left, down * (1 - across)), (below, right, down * across),
    ):  # fmt: skip
        # a void without weight must not spoil a point that lies exactly on a known pixel
        total += np.where(weight > 0, height_m[i, j] * weight, 0.0)
    return np.where(inside, total, np.nan)


def _rasterio_crs(crs: CRS) -> rasterio.crs.CRS:
    return rasterio.crs.CRS.from_wkt(crs.to_wkt())


def _printed(bounds: tuple[float, float, float, float]) -> str:
    return ", ".join(f"{value:.0f}" for value in bounds)
