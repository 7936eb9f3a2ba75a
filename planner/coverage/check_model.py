"""Received power once more, in plain numpy and double precision, for the independent check.

Written from the Recommendation anew; it shares no code with the kernels that it judges. Of
`planner.coverage` it takes only the reading of the cells' table and the resampled terrain.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.terrain import Terrain
from planner.settings import Settings

Floats = npt.NDArray[np.float64]

_COLUMNS = (
    "x_m", "y_m", "height_m", "frequency_mhz", "eirp_dbm", "azimuth_deg", "beamwidth_deg",
    "vertical_beamwidth_deg", "electrical_tilt_deg", "tilt_deg",
)  # fmt: skip
_LAND_PERMITTIVITY, _LAND_CONDUCTIVITY = 22.0, 0.003


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Profile:
    """Ground between two antennas: distances in km, heights and antennas in m above sea level."""

    distance_km: Floats
    ground_m: Floats
    tx_m: float
    rx_m: float
    radius_km: float

    @property
    def length_km(self) -> float:
        """Length of the path."""
        return float(self.distance_km[-1])


def loss_db(profile: Profile, frequency_ghz: float) -> float:
    """Return the median basic loss: free space and delta-Bullington diffraction.

    References
    ----------
    ITU-R P.1812-7, Annex 1, 4.2 (equation 8) and 4.3 (12 to 39), land, vertical polarisation.
    """
    apart_km = np.hypot(profile.length_km, (profile.tx_m - profile.rx_m) / 1000.0)
    free = 92.4 + 20.0 * np.log10(frequency_ghz) + 20.0 * np.log10(apart_km)
    return float(free + diffraction_db(profile, frequency_ghz))


def diffraction_db(profile: Profile, frequency_ghz: float) -> float:
    """Return the delta-Bullington loss Ld50."""
    smooth_tx, smooth_rx = _effective_heights(profile)
    flat = Profile(
        distance_km=profile.distance_km, ground_m=np.zeros_like(profile.ground_m),
        tx_m=smooth_tx, rx_m=smooth_rx, radius_km=profile.radius_km,
    )  # fmt: skip
    excess = spherical_db(flat, frequency_ghz) - bullington_db(flat, frequency_ghz)
    return bullington_db(profile, frequency_ghz) + max(excess, 0.0)


def bullington_db(profile: Profile, frequency_ghz: float) -> float:
    """Return the Bullington loss of a profile (equations 13 to 21)."""
    d, tx, rx = profile.length_km, profile.tx_m, profile.rx_m
    near, ground = profile.distance_km[1:-1], profile.ground_m[1:-1]
    far, wavelength_m = d - near, 0.2998 / frequency_ghz
    bulge = ground + 500.0 * near * far / profile.radius_km
    from_tx, direct = np.max((bulge - tx) / near), (rx - tx) / d
    if from_tx < direct:
        over = bulge - (tx * far + rx * near) / d
        nu = np.max(over * np.sqrt(0.002 * d / (wavelength_m * near * far)))
    else:
        from_rx = np.max((bulge - rx) / far)
        edge = (rx - tx + from_rx * d) / (from_tx + from_rx)
        over_edge = tx + from_tx * edge - (tx * (d - edge) + rx * edge) / d
        nu = over_edge * np.sqrt(0.002 * d / (wavelength_m * edge * (d - edge)))
    knife = 0.0
    if nu > -0.78:
        knife = 6.9 + 20.0 * np.log10(np.sqrt((nu - 0.1) ** 2 + 1.0) + nu - 0.1)
    return float(knife + (1.0 - np.exp(-knife / 6.0)) * (10.0 + 0.02 * d))


def spherical_db(flat: Profile, frequency_ghz: float) -> float:
    """Return the spherical-Earth loss for effective antenna heights (equations 22 to 27)."""
    d, ap, tx, rx = flat.length_km, flat.radius_km, flat.tx_m, flat.rx_m
    horizon_km = np.sqrt(2.0 * ap) * (np.sqrt(tx / 1000.0) + np.sqrt(rx / 1000.0))
    if d >= horizon_km:
        return _first_term_db(d, tx, rx, ap, frequency_ghz)
    c = (tx - rx) / (tx + rx)
    m = 250.0 * d**2 / (ap * (tx + rx))
    phase = np.arccos(np.clip(1.5 * c * np.sqrt(3.0 * m / (m + 1.0) ** 3), -1.0, 1.0))
    b = 2.0 * np.sqrt((m + 1.0) / (3.0 * m)) * np.cos((np.pi + phase) / 3.0)
    near = d * (1.0 + b) / 2.0
    far = d - near
    clear = ((tx - 500.0 * near**2 / ap) * far + (rx - 500.0 * far**2 / ap) * near) / d
    needed = 17.456 * np.sqrt(near * far * 0.2998 / frequency_ghz / d)
    if clear > needed:
        return 0.0
    reduced = 500.0 * (d / (np.sqrt(tx) + np.sqrt(rx))) ** 2
    first = _first_term_db(d, tx, rx, reduced, frequency_ghz)
    return max(float((1.0 - clear / needed) * first), 0.0)


def _first_term_db(d: float, tx: float, rx: float, radius_km: float, f: float) -> float:
    """Return the first-term loss over land, vertical polarisation (equations 29 to 36)."""
    conductive = (18.0 * _LAND_CONDUCTIVITY / f) ** 2
    k = 0.036 / np.cbrt(radius_km * f) / ((_LAND_PERMITTIVITY - 1.0) ** 2 + conductive) ** 0.25
    k *= np.sqrt(_LAND_PERMITTIVITY**2 + conductive)
    beta = (1.0 + 1.6 * k**2 + 0.67 * k**4) / (1.0 + 4.5 * k**2 + 1.53 * k**4)
    x = 21.88 * beta * np.cbrt(f / radius_km**2) * d
    distance = (
        11.0 + 10.0 * np.log10(x) - 17.6 * x if x >= 1.6
        else -20.0 * np.log10(x) - 5.6488 * x**1.425
    )  # fmt: skip
    b = beta * 0.9575 * beta * np.cbrt(f**2 / radius_km) * np.array([tx, rx])
    high = 17.6 * np.sqrt(np.maximum(b - 1.1, 0.0)) - 5.0 * np.log10(np.maximum(b - 1.1, 0.1)) - 8.0
    gain = np.where(b > 2.0, high, 20.0 * np.log10(b + 0.1 * b**3))
    return float(-distance - np.maximum(gain, 2.0 + 20.0 * np.log10(k)).sum())


def _effective_heights(profile: Profile) -> tuple[float, float]:
    """Return both antennas above the smooth Earth (Attachment 1, equations 83 to 92)."""
    x, h, d = profile.distance_km, profile.ground_m, profile.length_km
    step = np.diff(x)
    v1 = np.sum(step * (h[1:] + h[:-1]))
    v2 = np.sum(step * (h[1:] * (2 * x[1:] + x[:-1]) + h[:-1] * (x[1:] + 2 * x[:-1])))
    smooth_tx, smooth_rx = (2.0 * v1 * d - v2) / d**2, (v2 - v1 * d) / d**2
    near, far = x[1:-1], d - x[1:-1]
    over = h[1:-1] - (profile.tx_m * far + profile.rx_m * near) / d
    if over.max() > 0.0:
        steep_tx, steep_rx = np.max(over / near), np.max(over / far)
        smooth_tx -= over.max() * steep_tx / (steep_tx + steep_rx)
        smooth_rx -= over.max() * steep_rx / (steep_tx + steep_rx)
    return (
        float(profile.tx_m - min(smooth_tx, h[0])),
        float(profile.rx_m - min(smooth_rx, h[-1])),
    )


def strongest_dbm(
    cells: pd.DataFrame, terrain: Terrain, point: Floats, settings: Settings
) -> float:
    """Return the power in dBm of the strongest of some cells at a point, at least the floor.

    Parameters
    ----------
    cells
        Columns of `planner.coverage.cells.Usable.cells`.
    terrain
        As `planner.coverage.grid.ground` returns it.
    point
        (x, y) of the receiver.
    """
    cell = {name: cells[name].to_numpy(np.float64) for name in _COLUMNS}
    offset = point - np.column_stack([cell["x_m"], cell["y_m"]])
    away_m = np.hypot(offset[:, 0], offset[:, 1])
    away_m = np.maximum(away_m, settings.number("coverage.resolution_m") / 2.0)
    bearing = np.degrees(np.arctan2(offset[:, 0], offset[:, 1]))
    aside = (bearing - cell["azimuth_deg"] + 180.0) % 360.0 - 180.0
    front_back = settings.number("coverage.front_back_db")
    sector = cell["beamwidth_deg"] > 0.0
    across = 12.0 * (aside / np.where(sector, cell["beamwidth_deg"], np.inf)) ** 2
    across = np.minimum(across, front_back)
    ghz = cell["frequency_mhz"] / 1000.0
    bound = cell["eirp_dbm"] - across - 92.4 - 20.0 * np.log10(ghz * away_m / 1000.0)
    bound[away_m > 1000.0 * settings.number("coverage.reach_km")] = -np.inf
    best = settings.number("coverage.floor_dbm")
    for i in np.argsort(-bound, kind="stable"):
        if bound[i] <= best:
            break
        profile = _profile(
            terrain, (cell["x_m"][i], cell["y_m"][i]), point, float(away_m[i]),
            cell["height_m"][i], settings,
        )  # fmt: skip
        if np.isnan(profile.ground_m).any():
            continue
        down = cell["electrical_tilt_deg"][i] + cell["tilt_deg"][i] * np.cos(np.radians(aside[i]))
        off = _leaving_deg(profile) + down
        upright = 12.0 * (off / cell["vertical_beamwidth_deg"][i]) ** 2
        pattern = across[i] + min(upright, settings.number("coverage.side_lobe_db"))
        power = cell["eirp_dbm"][i] - min(pattern, front_back) - loss_db(profile, float(ghz[i]))
        best = max(best, float(power))
    return best


def _profile(
    terrain: Terrain, mast: tuple[float, float], point: Floats, away_m: float, height_m: float,
    settings: Settings,
) -> Profile:  # fmt: skip
    start = np.array(mast, dtype=np.float64)
    count = max(2, int(away_m / settings.number("coverage.resolution_m") + 0.5))
    share = np.linspace(0.0, 1.0, count + 1)
    ground_m = terrain.at(start + share[:, np.newaxis] * (point - start))
    return Profile(
        distance_km=share * away_m / 1000.0,
        ground_m=ground_m,
        tx_m=float(ground_m[0] + height_m),
        rx_m=float(ground_m[-1] + settings.number("coverage.receiver_height_m")),
        radius_km=6371.0 * 157.0 / (157.0 - settings.number("coverage.lapse_n_per_km")),
    )


def _leaving_deg(profile: Profile) -> float:
    """Return the elevation at which a path leaves the antenna: direct, or over the horizon."""
    near = profile.distance_km[1:]
    target = np.append(profile.ground_m[1:-1], profile.rx_m)
    rise_mrad = (target - profile.tx_m) / near - 500.0 * near / profile.radius_km
    return float(np.degrees(np.arctan(rise_mrad.max() / 1000.0)))
