"""Rasters as small pictures in the projection of the screen."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from affine import Affine
from PIL import Image
from pyproj import CRS
from rasterio.transform import array_bounds
from rasterio.warp import Resampling, reproject, transform_bounds

from maps import palette
from maps.offline import data_address

if TYPE_CHECKING:
    from planner.coverage.grid import Grid

MERCATOR = CRS.from_epsg(3857)
_SHADES = 12
_FINER, _ENOUGH = 3, 1200
"""Picture pixels along a side of a grid's pixel, so that edges meet outlines, and a limit."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG as ``data:`` address and its bounds [[south, west], [north, east]] in degrees."""

    address: str
    bounds: list[list[float]]


def signal(rsrp_dbm: npt.NDArray[np.floating], grid: Grid) -> Picture:
    """Return received power as a picture of five classes.

    Parameters
    ----------
    rsrp_dbm
        Received power in dBm, shape ``grid.shape``; NaN where there is no answer, drawn clear.
    grid
        Where the pixels lie.
    """
    clear = len(palette.SIGNAL)
    colours = [*map(palette.rgb, palette.SIGNAL), (255, 255, 255)]
    return _classes(palette.signal_class(rsrp_dbm), grid, colours, [255] * clear + [0])


def mask(flags: npt.NDArray[np.bool_], grid: Grid) -> Picture:
    """Return flags as a picture that is black where they hold and clear elsewhere.

    Parameters
    ----------
    flags
        Shape ``grid.shape``.
    grid
        Where the pixels lie.
    """
    classes = np.where(flags, 0, 1).astype(np.uint8)
    return _classes(classes, grid, [(0, 0, 0)] * 2, [255, 0])


def _classes(
    classes: npt.NDArray[np.uint8], grid: Grid, colours: Sequence[tuple[int, int, int]],
    alphas: Sequence[int],
) -> Picture:  # fmt: skip
    """Return classes on a grid as a picture for the screen; the last class is outside as well."""
    clear = len(alphas) - 1
    area = transform_bounds(grid.crs, MERCATOR, *array_bounds(*grid.shape, grid.transform))
    longest = max(grid.shape)
    transform, shape = _screen(area, max(longest, min(_FINER * longest, _ENOUGH)))
    target = np.full(shape, clear, np.uint8)
    reproject(
        classes, target, src_transform=grid.transform, src_crs=grid.crs, src_nodata=clear,
        dst_transform=transform, dst_crs=MERCATOR, dst_nodata=clear,
        resampling=Resampling.nearest,
    )  # fmt: skip
    return Picture(_png(target, colours, alphas), _bounds(transform, target.shape))


def relief(
    height_m: npt.NDArray[np.floating],
    transform: Affine,
    crs: CRS,
    bounds: Sequence[float],
    *,
    pixels: int = 720,
) -> Picture:
    """Return a quiet hill shading, black of few transparencies.

    Parameters
    ----------
    height_m
        Heights in metres, NaN where unknown (drawn clear).
    transform, crs
        Where the heights lie.
    bounds
        What to show: west, south, east, north in web Mercator metres.
    pixels
        Length of the picture's longer side.

    References
    ----------
    Horn, B. K. P. (1981), Hill shading and the reflectance map, Proc. IEEE 69(1).
    """
    target_transform, shape = _screen(bounds, pixels)
    heights = np.full(shape, np.nan, np.float32)
    reproject(
        height_m, heights, src_transform=transform, src_crs=crs, src_nodata=np.nan,
        dst_transform=target_transform, dst_crs=MERCATOR, dst_nodata=np.nan,
        resampling=Resampling.bilinear,
    )  # fmt: skip
    classes = _shade(heights, target_transform.a)
    alphas = [round(52 * level / (_SHADES - 1)) for level in range(_SHADES)] + [0]
    return Picture(_png(classes, [(29, 39, 48)] * len(alphas), alphas),
                   _bounds(target_transform, shape))  # fmt: skip


def _screen(bounds: Sequence[float], pixels: int) -> tuple[Affine, tuple[int, int]]:
    """Return the grid of square pixels that covers the bounds, its longer side in `pixels`."""
    west, south, east, north = bounds
    step = max(east - west, north - south) / pixels
    shape = (max(2, math.ceil((north - south) / step)), max(2, math.ceil((east - west) / step)))
    return Affine(step, 0.0, west, 0.0, -step, north), shape


def _shade(heights: npt.NDArray[np.floating], step_m: float) -> npt.NDArray[np.uint8]:
    """Return darkness classes 0 (lit) to ``_SHADES`` - 1; ``_SHADES`` where unknown."""
    north_south, west_east = np.gradient(heights, step_m)
    sun = np.array([-1.0, 1.0, 1.4]) / np.sqrt(1 + 1 + 1.96)
    light = (-west_east * sun[0] + north_south * sun[1] + sun[2]) / np.sqrt(
        1 + west_east**2 + north_south**2
    )
    dark = np.clip((sun[2] + 0.12 - light) / (sun[2] + 0.12), 0, 1) * _fade(heights.shape)
    classes: npt.NDArray[np.uint8] = np.nan_to_num(dark * (_SHADES - 1)).round().astype(np.uint8)
    classes[np.isnan(light)] = _SHADES
    return classes


def _fade(shape: tuple[int, ...], *, share: float = 0.08) -> npt.NDArray[np.floating]:
    """Return weights that fall from 1 inside to 0 at the border of the picture."""
    ramps = [np.minimum(np.arange(n), np.arange(n)[::-1]) / (share * n) for n in shape]
    return np.clip(np.minimum.outer(*ramps), 0, 1)


def _png(
    classes: npt.NDArray[np.uint8], colours: Sequence[tuple[int, int, int]], alphas: Sequence[int]
) -> str:
    rows, columns = classes.shape
    image = Image.frombytes("P", (columns, rows), np.ascontiguousarray(classes).tobytes())
    image.putpalette([channel for colour in colours for channel in colour])
    stream = io.BytesIO()
    image.save(stream, "PNG", optimize=True, transparency=bytes(alphas))
    return data_address(stream.getvalue(), "image/png")


def _bounds(transform: Affine, shape: tuple[int, int]) -> list[list[float]]:
    west, south, east, north = transform_bounds(
        MERCATOR, CRS.from_epsg(4326), *array_bounds(*shape, transform)
    )
    return [[south, west], [north, east]]
