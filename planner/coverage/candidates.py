"""Where an infill site could stand: on towers that are there, then on tops near roads."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import rasterio.features
import shapely
from scipy import ndimage

from geo.terrain import Terrain
from layers.county import County
from planner.coverage.grid import Grid
from planner.settings import Settings

Floats = npt.NDArray[np.float64]

SECTORS_DEG = (0.0, 120.0, 240.0)
ADD_ON = "existing"
NEW = "new"


def gather(
    county: County, grid: Grid, terrain: Terrain, wanting: npt.NDArray[np.bool_],
    settings: Settings,
) -> gpd.GeoDataFrame:  # fmt: skip
    """Return the candidates for infill sites.

    Parameters
    ----------
    terrain
        As `planner.coverage.grid.ground` returns it.
    wanting
        Pixels of `grid` that some operator does not reach; a new site must stand within 5 km of
        one and the tops with most of them around come first.
    settings
        Heights, spacing and distances ``coverage.infill_*``.

    Returns
    -------
    geopandas.GeoDataFrame
        Columns candidate_id, site_kind (``existing`` for adding an operator to a site, 加挂, or
        ``new``), height_m, site_id ("" for new); points in the grid's CRS; existing sites first.
    """
    sites = _standing(county, terrain, settings)
    tops = _tops(county, grid, terrain, wanting, settings)
    both = pd.concat([frame for frame in (sites, tops) if len(frame)] or [sites])
    return gpd.GeoDataFrame(both, geometry="geometry", crs=grid.crs).reset_index(drop=True)


def cells_of(candidates: gpd.GeoDataFrame, settings: Settings) -> pd.DataFrame:
    """Return three default sectors for each candidate, as `Usable.cells`, sorted by candidate.

    The frame's column ``row`` is the candidate's position.
    """
    count, sectors = len(candidates), len(SECTORS_DEG)
    xy = shapely.get_coordinates(candidates.geometry.to_numpy()).reshape(count, 2)
    repeated = np.repeat(np.arange(count), sectors)
    eirp_dbm = (
        settings.number("coverage.rs_power_dbm")
        + settings.number("coverage.gain_dbi")
        - settings.number("coverage.feeder_loss_db")
    )
    return pd.DataFrame(
        {
            "row": repeated,
            "x_m": xy[repeated, 0], "y_m": xy[repeated, 1],
            "height_m": candidates["height_m"].to_numpy(np.float64)[repeated],
            "frequency_mhz": settings.number("coverage.infill_frequency_mhz"),
            "eirp_dbm": eirp_dbm,
            "azimuth_deg": np.tile(SECTORS_DEG, count),
            "beamwidth_deg": settings.number("coverage.beamwidth_deg"),
            "vertical_beamwidth_deg": settings.number("coverage.vertical_beamwidth_deg"),
            "electrical_tilt_deg": settings.number("coverage.electrical_tilt_deg"),
            "tilt_deg": settings.number("coverage.tilt_deg"),
            "offset_db": settings.number("coverage.infill_offset_db"),
            "slope_db_per_decade": settings.number("coverage.infill_slope_db"),
        }
    )  # fmt: skip


def _standing(county: County, terrain: Terrain, settings: Settings) -> gpd.GeoDataFrame:
    sites = county["sites"]
    hung = pd.DataFrame(county["cells"]).groupby("site_id")["height_m"].max()
    height = pd.to_numeric(sites["structure_height_m"]).astype(float)
    height = height.where(height > 0, sites["site_id"].map(hung).astype(float))
    xy = shapely.get_coordinates(sites.geometry.to_numpy())
    known = terrain.covers(xy) if len(xy) else np.zeros(0, dtype=bool)
    frame = gpd.GeoDataFrame(
        {
            "candidate_id": "A-" + sites["site_id"].astype(str),
            "site_kind": ADD_ON,
            "height_m": height.fillna(settings.number("coverage.infill_height_m")),
            "site_id": sites["site_id"].astype(str),
        },
        geometry=sites.geometry.to_numpy(),
        crs=sites.crs,
    )
    return frame[known]


def _tops(
    county: County, grid: Grid, terrain: Terrain, wanting: npt.NDArray[np.bool_],
    settings: Settings,
) -> gpd.GeoDataFrame:  # fmt: skip
    """Return the highest ground near roads, one a square of the spacing's size."""
    row, column = np.nonzero(_is_top(grid, terrain, settings) & _near_roads(county, grid, settings))
    xy = grid.centres(row, column)
    density = ndimage.uniform_filter(wanting.astype(np.float32), size=_window(grid, 10_000.0))
    around = density[row, column]
    order = np.lexsort((column, row, -around))
    order = order[around[order] > 0.0][: settings.count("coverage.infill_hilltops")]
    return gpd.GeoDataFrame(
        {
            "candidate_id": [f"N-{x:.0f}-{y:.0f}" for x, y in xy[order]],
            "site_kind": NEW,
            "height_m": settings.number("coverage.infill_height_m"),
            "site_id": "",
        },
        geometry=shapely.points(xy[order]),
        crs=grid.crs,
    )


def _is_top(grid: Grid, terrain: Terrain, settings: Settings) -> npt.NDArray[np.bool_]:
    rows, columns = grid.shape
    row, column = np.divmod(np.arange(rows * columns), columns)
    height = terrain.at(grid.centres(row, column)).reshape(grid.shape)
    filled = np.where(np.isnan(height), -np.inf, height)
    window = _window(grid, settings.number("coverage.infill_spacing_m"))
    return np.asarray((filled == ndimage.maximum_filter(filled, size=window)) & np.isfinite(height))


def _near_roads(county: County, grid: Grid, settings: Settings) -> npt.NDArray[np.bool_]:
    """Return the pixels whose centre lies near a pixel that a road crosses."""
    roads = county["roads"].geometry.to_numpy()
    if not len(roads):
        return np.zeros(grid.shape, dtype=bool)
    crossed = rasterio.features.rasterize(
        [(road, 1) for road in roads],
        out_shape=grid.shape, transform=grid.transform, all_touched=True, dtype=np.uint8,
    )  # fmt: skip
    apart_px = ndimage.distance_transform_edt(crossed == 0)
    return np.asarray(apart_px * grid.pixel_m <= settings.number("coverage.infill_road_m"))


def _window(grid: Grid, size_m: float) -> int:
    return 2 * int(0.5 * size_m / grid.pixel_m) + 1
