"""Where an infill site could stand: on towers, poles, roofs that are there, and new ground."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geo.terrain import Terrain
from layers.county import County
from planner.coverage import newsites
from planner.coverage.clutter import OFFSETS
from planner.coverage.grid import Grid
from planner.coverage.lineprices import LinePrices
from planner.coverage.newsites import Scene
from planner.settings import Settings

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

SECTORS_DEG = (0.0, 120.0, 240.0)
ADD_ON = "existing"
PRICES = {
    "existing": "existing", "planned": "planned", "pole": "pole", "roof": "roof", "top": "tower",
    "ridge": "tower", "ground": "tower", "wifi": "wifi",
}  # fmt: skip
"""Kind of a site to its price ``coverage.site_<price>_yuan``."""

_PLANNED = ("规划", "拟建", "planned")


def gather(
    county: County, grid: Grid, terrain: Terrain, wanting: Flags, settings: Settings
) -> gpd.GeoDataFrame:
    """Return the candidates for infill sites.

    Parameters
    ----------
    terrain
        As `planner.coverage.grid.ground` returns it.
    wanting
        Pixels of `grid` that some operator does not reach. A candidate other than a site of the
        table must stand within 5 km of one; those with most of them around come first where there
        are more than ``coverage.infill_hilltops``, ``infill_roofs`` or ``infill_poles``.
    settings
        Heights, spacing and distances ``coverage.infill_*``.

    Returns
    -------
    geopandas.GeoDataFrame
        Columns candidate_id, site_kind, height_m, site_id ("" where it is no site of the table),
        has_power and has_fibre; points in the grid's CRS, in this order:

        - ``existing``: adding an operator to a standing site (加挂), see `has_line`;
        - ``planned``: sites of the table whose state says 规划, given by the user;
        - ``pole``: vertices of overhead lines (subtype 架空) of power up to
          ``coverage.infill_pole_kv``, telecom and TV;
        - ``roof``: buildings from ``coverage.infill_roof_m2`` on;
        - ``top``, ``ridge``, ``ground``: the best ground near roads, see `planner.coverage.ridges`.
    """
    scene = Scene(grid, terrain, wanting, settings)
    frames = [
        _standing(county, settings),
        newsites.poles(county["pipes"], scene),
        newsites.roofs(county["zones"], scene),
        newsites.tops(county["roads"], scene),
    ]
    filled = [frame for frame in frames if len(frame)] or frames[:1]
    both = gpd.GeoDataFrame(pd.concat(filled), geometry="geometry", crs=grid.crs)
    known = terrain.covers(_xy(both)) if len(both) else np.zeros(0, dtype=bool)
    return both[known].reset_index(drop=True)


def priced(
    candidates: gpd.GeoDataFrame, prices: LinePrices, settings: Settings
) -> gpd.GeoDataFrame:
    """Return the candidates with what they cost, in the columns of `layers.tables.INFILL`.

    A line that is there already costs nothing; where the county's lines are not known, its part is
    empty and counts nothing in the sum.
    """
    ways = prices(candidates.set_index("candidate_id").geometry)
    site_yuan = [
        settings.number(f"coverage.site_{PRICES[kind]}_yuan") for kind in candidates["site_kind"]
    ]
    parts = {"site_yuan": np.array(site_yuan, dtype=np.float64)}
    for name, way in (("power", ways.power), ("fibre", ways.fibre)):
        there = candidates[f"has_{name}"].to_numpy(bool)
        parts |= {f"{name}_yuan": np.where(there, 0.0, way.yuan)}
    lengths = {
        "power_m": ways.power.length_m, "power_line_id": ways.power.line_id,
        "power_routed": ways.power.routed,
        "fibre_m": ways.fibre.length_m, "fibre_line_id": ways.fibre.line_id,
        "fibre_routed": ways.fibre.routed,
    }  # fmt: skip
    cost = np.nansum(np.stack(list(parts.values())), axis=0) if len(candidates) else site_yuan
    return candidates.assign(**parts, **lengths, cost_yuan=cost)


def cells_of(candidates: gpd.GeoDataFrame, settings: Settings) -> pd.DataFrame:
    """Return three default sectors for each candidate, as `Usable.cells`, sorted by candidate.

    The frame's column ``row`` is the candidate's position.
    """
    count, sectors = len(candidates), len(SECTORS_DEG)
    xy = _xy(candidates)
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
            **{name: settings.number(f"coverage.infill_{name}") for name in OFFSETS},
            "slope_db_per_decade": settings.number("coverage.infill_slope_db_per_decade"),
        }
    )  # fmt: skip


def has_line(county: County, line: str) -> Flags:
    """Return which rows of ``sites`` have ``power`` or ``fibre``.

    A column that says so of no site is silent; then every site on which cells hang has both.
    """
    sites = county["sites"]
    told = sites[f"has_{line}"].fillna(value=False).to_numpy(bool)
    if told.any():
        return np.asarray(told)
    hung = sites["site_id"].astype(str).isin(set(county["cells"]["site_id"].astype(str)))
    return np.asarray(hung.to_numpy(bool) & ~planned(sites))


def planned(sites: pd.DataFrame) -> Flags:
    """Return which rows of `layers.tables.SITES` are only planned."""
    state = sites["state"].fillna("").astype(str).str.casefold()
    flags = [state.str.contains(word, regex=False).to_numpy(bool) for word in _PLANNED]
    return np.asarray(np.logical_or.reduce(flags))


def _standing(county: County, settings: Settings) -> gpd.GeoDataFrame:
    """Return the sites of the table, those that stand and then those that are planned."""
    sites = county["sites"]
    hung = pd.DataFrame(county["cells"]).groupby("site_id")["height_m"].max()
    height = pd.to_numeric(sites["structure_height_m"]).astype(float)
    height = height.where(height > 0, sites["site_id"].map(hung).astype(float))
    coming = planned(sites)
    names = sites["site_id"].astype(str)
    frame = gpd.GeoDataFrame(
        {
            "candidate_id": np.where(coming, "P-", "A-") + names,
            "site_kind": np.where(coming, "planned", ADD_ON),
            "height_m": height.fillna(settings.number("coverage.infill_height_m")),
            "site_id": names,
            **{f"has_{line}": has_line(county, line) for line in ("power", "fibre")},
        },
        geometry=sites.geometry.to_numpy(),
        crs=sites.crs,
    )
    return frame.iloc[np.argsort(coming, kind="stable")]


def _xy(candidates: gpd.GeoDataFrame) -> Floats:
    return shapely.get_coordinates(candidates.geometry.to_numpy()).reshape(-1, 2)
