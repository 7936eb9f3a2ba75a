"""A drive test of the sample county: what phones of each operator measured along the main roads.

The power comes from the generator's own short model: free space, one edge of diffraction by
Bullington's construction and the sector's pattern. Each band loses `HIDDEN_DB` more, which is what
calibration has to find, and every sample scatters.
"""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from geo.terrain import Terrain
from layers.sample.frames import Record
from layers.sample.grid import Floats

Integers = NDArray[np.int64]

HIDDEN_DB: Mapping[str, float] = {"B3": 8.0, "B8": 4.0, "B5": 4.0}
"""Loss beyond the model by band, dB: invented, as from trees and houses that no map shows."""

NOISE_DB = 4.0
STEP_M = 60.0
MOST_POSITIONS = 400
_MAIN = ("expressway", "arterial", "secondary_road")
_NEAR_SITES = 6
_FLOOR_DBM, _TOP_DBM = -139.0, -45.0
_PROFILE_POINTS = 40
_RECEIVER_M = 1.5
_EARTH_RADIUS_KM = 8500.0
_SPEED_KMH = 40.0


def measurements(
    terrain: Terrain | None, roads: gpd.GeoDataFrame, sites: gpd.GeoDataFrame,
    cells: pd.DataFrame, rng: np.random.Generator,
) -> list[Record]:  # fmt: skip
    """Return the samples of one drive, one row a position and operator.

    Parameters
    ----------
    terrain
        Heights in the CRS of the roads; without it nothing can be measured.
    roads
        Columns of `layers.tables.ROADS`; main roads are driven first, then the longest others.
    sites, cells
        Columns of `layers.tables.SITES` and `CELLS`; indoor and NR cells are not heard.
    rng
        Source of randomness.
    """
    heard = _heard(sites, cells)
    if terrain is None or heard.empty or roads.empty:
        return []
    xy = _positions(roads)
    xy = xy[terrain.covers(xy)]
    rows: list[Record] = []
    for operator, own in heard.groupby("operator"):
        position, cell = _pairs(xy, own)
        power = _power_dbm(terrain, xy[position], own.iloc[cell])
        best = pd.Series(power).groupby(position).idxmax().to_numpy()
        level = power[best] + rng.normal(0.0, NOISE_DB, len(best))
        rows += _rows(str(operator), xy[position[best]], own.iloc[cell[best]], level)
    return rows


def _heard(sites: gpd.GeoDataFrame, cells: pd.DataFrame) -> pd.DataFrame:
    place = pd.DataFrame(
        {"x": sites.geometry.x.to_numpy(), "y": sites.geometry.y.to_numpy()},
        index=pd.Index(sites["site_id"]),
    )
    kept = cells[~cells["indoor"].astype(bool) & cells["band"].isin(list(HIDDEN_DB))]
    return kept.join(place, on="site_id").dropna(subset=["x", "azimuth_deg"])


def _positions(roads: gpd.GeoDataFrame) -> Floats:
    """Return points every `STEP_M` along the driven roads."""
    driven = roads.assign(main=roads["road_class"].isin(_MAIN), length=roads.length)
    driven = driven.sort_values(["main", "length"], ascending=False, kind="stable")
    points = [
        line.interpolate(at)
        for line in driven.geometry
        for at in np.arange(STEP_M / 2.0, line.length, STEP_M)
    ]
    xy: Floats = shapely.get_coordinates(points[:MOST_POSITIONS])
    return xy


def _pairs(xy: Floats, cells: pd.DataFrame) -> tuple[Integers, Integers]:
    """Return positions in `xy` and in `cells`: each point with all cells of its nearest sites."""
    masts, site = np.unique(cells[["x", "y"]].to_numpy(np.float64), axis=0, return_inverse=True)
    near = cKDTree(masts).query(xy, k=min(_NEAR_SITES, len(masts)))[1].reshape(len(xy), -1)
    serves = (near[:, :, np.newaxis] == site.reshape(-1)).any(axis=1)
    position, cell = np.nonzero(serves)
    return position, cell


def _power_dbm(terrain: Terrain, xy: Floats, cells: pd.DataFrame) -> Floats:
    """Return the power of one cell at each point, without scatter."""
    mast = cells[["x", "y"]].to_numpy(np.float64)
    away_m = np.maximum(np.hypot(*(xy - mast).T), STEP_M / 2.0)
    share = np.linspace(0.0, 1.0, _PROFILE_POINTS)
    ground = terrain.at(
        (mast[:, np.newaxis] + share[:, np.newaxis] * (xy - mast)[:, np.newaxis]).reshape(-1, 2)
    )
    ground = np.nan_to_num(ground.reshape(len(xy), -1), nan=0.0)
    top = ground[:, 0] + cells["height_m"].to_numpy(np.float64)
    phone = ground[:, -1] + _RECEIVER_M
    mhz = cells["frequency_mhz"].to_numpy(np.float64)
    free = 32.4 + 20.0 * np.log10(mhz) + 20.0 * np.log10(away_m / 1000.0)
    lost = free + _edge_db(away_m / 1000.0, share, ground, top, phone, mhz)
    down = np.degrees(np.arctan2(top - phone, away_m))
    eirp = cells["rs_power_dbm"] + cells["gain_dbi"] - cells["feeder_loss_db"]
    hidden = cells["band"].map(HIDDEN_DB)
    power = eirp - hidden - _pattern_db(xy - mast, down, cells) - lost
    found: Floats = power.to_numpy(np.float64)
    return found


def _edge_db(
    d_km: Floats, share: Floats, ground: Floats, top: Floats, phone: Floats, mhz: Floats
) -> Floats:
    """Return the diffraction loss of one equivalent edge.

    References
    ----------
    Bullington (1947), Radio propagation at frequencies above 30 megacycles; ITU-R P.526, 4.5.1.
    """
    near = d_km[:, np.newaxis] * share[1:-1]
    far = d_km[:, np.newaxis] - near
    wave_m = 299.8 / mhz
    raised = ground[:, 1:-1] + 500.0 * near * far / _EARTH_RADIUS_KM
    from_top = ((raised - top[:, np.newaxis]) / near).max(axis=1)
    from_phone = ((raised - phone[:, np.newaxis]) / far).max(axis=1)
    line = (top[:, np.newaxis] * far + phone[:, np.newaxis] * near) / d_km[:, np.newaxis]
    scale = np.sqrt(0.002 * d_km[:, np.newaxis] / (wave_m[:, np.newaxis] * near * far))
    clear = ((raised - line) * scale).max(axis=1)
    hidden = from_top >= (phone - top) / d_km
    edge = np.divide(
        phone - top + from_phone * d_km, from_top + from_phone, out=d_km / 2.0, where=hidden
    )
    over = top + from_top * edge - (top * (d_km - edge) + phone * edge) / d_km
    nu = np.where(hidden, over * np.sqrt(0.002 * d_km / (wave_m * edge * (d_km - edge))), clear)
    nu = np.maximum(nu, -0.78)
    knife = 6.9 + 20.0 * np.log10(np.sqrt((nu - 0.1) ** 2 + 1.0) + nu - 0.1)
    knife = np.maximum(knife, 0.0)
    loss: Floats = knife + (1.0 - np.exp(-knife / 6.0)) * (10.0 + 0.02 * d_km)
    return loss


def _pattern_db(offset: Floats, down_deg: Floats, cells: pd.DataFrame) -> Floats:
    """Return the sector's attenuation, at most 20 dB (3GPP TR 36.942 and TR 36.814)."""
    bearing = np.degrees(np.arctan2(offset[:, 0], offset[:, 1]))
    aside = (bearing - cells["azimuth_deg"].to_numpy(np.float64) + 180.0) % 360.0 - 180.0
    tilt = cells["electrical_tilt_deg"] + cells["tilt_deg"] * np.cos(np.radians(aside))
    across = 12.0 * (aside / cells["beamwidth_deg"].to_numpy(np.float64)) ** 2
    upright = 12.0 * ((down_deg - tilt) / cells["vertical_beamwidth_deg"]).to_numpy() ** 2
    total: Floats = np.minimum(np.minimum(across, 20.0) + np.minimum(upright, 20.0), 20.0)
    return total


def _rows(operator: str, xy: Floats, cells: pd.DataFrame, level: Floats) -> list[Record]:
    seconds = np.rint(np.arange(len(xy)) * STEP_M / (_SPEED_KMH / 3.6)).astype(int)
    start = pd.Timestamp("2025-11-04 09:00:00")
    return [
        {
            "operator": operator,
            "rsrp_dbm": float(np.clip(np.round(dbm, 1), _FLOOR_DBM, _TOP_DBM)),
            "cell_id": str(cell),
            "earfcn": float(earfcn),
            "measured_at": str(start + pd.Timedelta(seconds=int(second))),
            "speed_kmh": _SPEED_KMH,
            "geometry": shapely.Point(np.round(point, 2)),
        }
        for point, cell, earfcn, dbm, second in zip(
            xy, cells["cell_id"], cells["earfcn"], level, seconds, strict=True
        )
    ]
