"""Received power once more, in plain numpy and double precision, for the independent check.

Written from the Recommendation anew; it shares no code with the kernels that it judges. Of
`planner.coverage` it takes only the reading of the cells' table and the resampled terrain.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from statistics import NormalDist

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.terrain import Terrain
from planner.settings import Settings

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

_COLUMNS = (
    "x_m", "y_m", "height_m", "frequency_mhz", "eirp_dbm", "azimuth_deg", "beamwidth_deg",
    "vertical_beamwidth_deg", "electrical_tilt_deg", "tilt_deg",
    "slope_db_per_decade",
)  # fmt: skip
_LAND_PERMITTIVITY, _LAND_CONDUCTIVITY = 22.0, 0.003


_TOGETHER = 16
"""Paths to one receiver that are worked out at a time, those that promise most first."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Profiles:
    """Ground under some paths from an antenna to another, one path a row.

    Parameters
    ----------
    distance_km, ground_m
        Distance from the first antenna and height above sea level, shape (paths, points); a path
        with fewer points repeats its last one.
    tx_m, rx_m
        Antennas above sea level, shape (paths,).
    radius_km
        Effective radius of the Earth.
    """

    distance_km: Floats
    ground_m: Floats
    tx_m: Floats
    rx_m: Floats
    radius_km: float

    @property
    def length_km(self) -> Floats:
        """Length of each path."""
        return self.distance_km[:, -1]

    @property
    def between(self) -> Bools:
        """Which points lie between the two antennas."""
        return (self.distance_km > 0.0) & (self.distance_km < self.distance_km[:, -1:])

    @property
    def near_km(self) -> Floats:
        """Distance from the first antenna; of points at the ends half of the path, for no harm."""
        return np.where(self.between, self.distance_km, self.distance_km[:, -1:] / 2.0)

    def some(self, chosen: Bools) -> Profiles:
        """Return some of the paths."""
        return replace(
            self,
            distance_km=self.distance_km[chosen],
            ground_m=self.ground_m[chosen],
            tx_m=self.tx_m[chosen],
            rx_m=self.rx_m[chosen],
        )

    def greatest(self, values: Floats) -> Floats:
        """Return the greatest value between the antennas of each path."""
        return np.asarray(np.max(values, axis=1, where=self.between, initial=-np.inf))


def loss_db(paths: Profiles, frequency_ghz: Floats) -> Floats:
    """Return the median basic loss of each path: free space and delta-Bullington diffraction.

    References
    ----------
    ITU-R P.1812-7, Annex 1, 4.2 (equation 8) and 4.3 (12 to 39), land, vertical polarisation.
    """
    apart_km = np.hypot(paths.length_km, (paths.tx_m - paths.rx_m) / 1000.0)
    free = 92.4 + 20.0 * np.log10(frequency_ghz) + 20.0 * np.log10(apart_km)
    return np.asarray(free + diffraction_db(paths, frequency_ghz))


def diffraction_db(paths: Profiles, frequency_ghz: Floats) -> Floats:
    """Return the delta-Bullington loss Ld50."""
    smooth_tx, smooth_rx = _effective_heights(paths)
    flat = replace(paths, ground_m=np.zeros_like(paths.ground_m), tx_m=smooth_tx, rx_m=smooth_rx)
    excess = spherical_db(flat, frequency_ghz) - bullington_db(flat, frequency_ghz)
    return np.asarray(bullington_db(paths, frequency_ghz) + np.maximum(excess, 0.0))


def bullington_db(paths: Profiles, frequency_ghz: Floats) -> Floats:
    """Return the Bullington loss of each path (equations 13 to 21)."""
    d, tx, rx = paths.length_km, paths.tx_m, paths.rx_m
    long, above, below = d[:, np.newaxis], tx[:, np.newaxis], rx[:, np.newaxis]
    near, wavelength_m = paths.near_km, 0.2998 / frequency_ghz
    far = long - near
    bulge = paths.ground_m + 500.0 * near * far / paths.radius_km
    from_tx, from_rx = paths.greatest((bulge - above) / near), paths.greatest((bulge - below) / far)
    over = bulge - (above * far + below * near) / long
    nu = paths.greatest(over * np.sqrt(0.002 * long / (wavelength_m[:, np.newaxis] * near * far)))
    hidden = from_tx >= (rx - tx) / d
    edge = np.divide(rx - tx + from_rx * d, from_tx + from_rx, out=d / 2.0, where=hidden)
    over_edge = tx + from_tx * edge - (tx * (d - edge) + rx * edge) / d
    nu_edge = over_edge * np.sqrt(0.002 * d / (wavelength_m * edge * (d - edge)))
    nu = np.maximum(np.where(hidden, nu_edge, nu), -0.78)
    knife = 6.9 + 20.0 * np.log10(np.sqrt((nu - 0.1) ** 2 + 1.0) + nu - 0.1)
    knife = np.where(nu > -0.78, knife, 0.0)
    return np.asarray(knife + (1.0 - np.exp(-knife / 6.0)) * (10.0 + 0.02 * d))


def spherical_db(flat: Profiles, frequency_ghz: Floats) -> Floats:
    """Return the spherical-Earth loss for effective antenna heights (equations 22 to 27)."""
    d, ap, tx, rx = flat.length_km, flat.radius_km, flat.tx_m, flat.rx_m
    in_sight = d < np.sqrt(2.0 * ap) * (np.sqrt(tx / 1000.0) + np.sqrt(rx / 1000.0))
    c = (tx - rx) / (tx + rx)
    m = 250.0 * d**2 / (ap * (tx + rx))
    phase = np.arccos(np.clip(1.5 * c * np.sqrt(3.0 * m / (m + 1.0) ** 3), -1.0, 1.0))
    b = 2.0 * np.sqrt((m + 1.0) / (3.0 * m)) * np.cos((np.pi + phase) / 3.0)
    near = np.where(in_sight, d * (1.0 + b) / 2.0, d / 2.0)
    far = d - near
    clear = ((tx - 500.0 * near**2 / ap) * far + (rx - 500.0 * far**2 / ap) * near) / d
    needed = 17.456 * np.sqrt(near * far * 0.2998 / frequency_ghz / d)
    reduced = 500.0 * (d / (np.sqrt(tx) + np.sqrt(rx))) ** 2
    first = _first_term_db(d, tx, rx, np.where(in_sight, reduced, ap), frequency_ghz)
    part = np.maximum(1.0 - clear / needed, 0.0)
    return np.where(in_sight, np.maximum(part * first, 0.0), first)


def _first_term_db(d: Floats, tx: Floats, rx: Floats, radius_km: Floats, f: Floats) -> Floats:
    """Return the first-term loss over land, vertical polarisation (equations 29 to 36)."""
    conductive = (18.0 * _LAND_CONDUCTIVITY / f) ** 2
    k = 0.036 / np.cbrt(radius_km * f) / ((_LAND_PERMITTIVITY - 1.0) ** 2 + conductive) ** 0.25
    k *= np.sqrt(_LAND_PERMITTIVITY**2 + conductive)
    beta = (1.0 + 1.6 * k**2 + 0.67 * k**4) / (1.0 + 4.5 * k**2 + 1.53 * k**4)
    x = 21.88 * beta * np.cbrt(f / radius_km**2) * d
    distance = np.where(
        x >= 1.6, 11.0 + 10.0 * np.log10(x) - 17.6 * x, -20.0 * np.log10(x) - 5.6488 * x**1.425
    )
    b = beta * 0.9575 * beta * np.cbrt(f**2 / radius_km) * np.stack([tx, rx])
    high = 17.6 * np.sqrt(np.maximum(b - 1.1, 0.0)) - 5.0 * np.log10(np.maximum(b - 1.1, 0.1)) - 8.0
    gain = np.where(b > 2.0, high, 20.0 * np.log10(b + 0.1 * b**3))
    return np.asarray(-distance - np.maximum(gain, 2.0 + 20.0 * np.log10(k)).sum(axis=0))


def _effective_heights(paths: Profiles) -> tuple[Floats, Floats]:
    """Return both antennas above the smooth Earth (Attachment 1, equations 83 to 92)."""
    x, h, d = paths.distance_km, paths.ground_m, paths.length_km
    step = np.diff(x)
    v1 = np.sum(step * (h[:, 1:] + h[:, :-1]), axis=1)
    moments = h[:, 1:] * (2 * x[:, 1:] + x[:, :-1]) + h[:, :-1] * (x[:, 1:] + 2 * x[:, :-1])
    v2 = np.sum(step * moments, axis=1)
    smooth_tx, smooth_rx = (2.0 * v1 * d - v2) / d**2, (v2 - v1 * d) / d**2
    near, long = paths.near_km, d[:, np.newaxis]
    far = long - near
    over = h - (paths.tx_m[:, np.newaxis] * far + paths.rx_m[:, np.newaxis] * near) / long
    top = np.maximum(paths.greatest(over), 0.0)
    steep_tx, steep_rx = paths.greatest(over / near), paths.greatest(over / far)
    lowered = np.divide(top, steep_tx + steep_rx, out=np.zeros_like(top), where=top > 0.0)
    return (
        paths.tx_m - np.minimum(smooth_tx - lowered * steep_tx, h[:, 0]),
        paths.rx_m - np.minimum(smooth_rx - lowered * steep_rx, h[:, -1]),
    )


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Heard:
    """The strongest of some cells at a point.

    Parameters
    ----------
    dbm
        Received power, at least the floor.
    cell
        Position of the cell, -1 where none exceeds the floor.
    pattern_db
        What the second model loses in the cell's antenna towards the point, and in what stands
        around the point.
    offset_db
        What calibration adds to the cell's loss at 1 km in the land cover of the point.
    ground_m, length_m
        Height above sea level at equal steps from the cell to the point, and the distance.
    second_dbm
        Received power by the second model, NaN where it is not asked.
    """

    dbm: float
    cell: int = -1
    pattern_db: float = 0.0
    offset_db: float = 0.0
    ground_m: Floats = field(default_factory=lambda: np.zeros(0))
    length_m: float = 0.0
    second_dbm: float = math.nan


Hear = Callable[[pd.DataFrame, Floats], Heard]
"""From some cells and a point to the strongest of them there."""


def wanted_dbm(settings: Settings) -> float:
    """Return the median from which on enough places of a pixel reach the threshold.

    References
    ----------
    ITU-R P.1812-7, Annex 1, 4.8 and 4.9.
    """
    ghz = settings.number("coverage.frequency_mhz") / 1000.0
    spread_db = (0.52 + 0.024 * ghz) * settings.number("coverage.resolution_m") ** 0.28
    places = NormalDist(settings.number("coverage.threshold_dbm"), spread_db)
    return places.inv_cdf(settings.number("coverage.location_share"))


def strongest_dbm(
    cells: pd.DataFrame, terrain: Terrain, point: Floats, settings: Settings
) -> float:
    """Return the power in dBm of the strongest of some cells at a point, see `strongest`."""
    return strongest(cells, terrain, point, settings).dbm


def strongest(
    cells: pd.DataFrame, terrain: Terrain, point: Floats, settings: Settings, cover: str = "open"
) -> Heard:
    """Return the strongest of some cells at a point, over what stands there.

    Parameters
    ----------
    cells
        Columns of `planner.coverage.cells.Usable.cells`.
    terrain
        As `planner.coverage.grid.ground` returns it.
    point
        (x, y) of the receiver.
    cover
        Its land cover, see `planner.coverage.check_clutter.land_cover`.
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
    offset_db = cells[f"offset_{cover}_db"].to_numpy(np.float64)
    eirp_dbm = (
        cell["eirp_dbm"] - offset_db - cell["slope_db_per_decade"] * np.log10(away_m / 1000.0)
    )
    bound = eirp_dbm - across - 92.4 - 20.0 * np.log10(ghz * away_m / 1000.0)
    bound[away_m > 1000.0 * settings.number("coverage.reach_km")] = -np.inf
    down = cell["electrical_tilt_deg"] + cell["tilt_deg"] * np.cos(np.radians(aside))
    masts = np.column_stack([cell["x_m"], cell["y_m"]])
    ranked = np.argsort(-bound, kind="stable")

    def pattern_db(i: Integers, paths: Profiles) -> Floats:
        upright = 12.0 * ((_leaving_deg(paths) + down[i]) / cell["vertical_beamwidth_deg"][i]) ** 2
        upright = np.minimum(upright, settings.number("coverage.side_lobe_db"))
        return np.asarray(np.minimum(across[i] + upright, front_back))

    best, best_dbm = -1, settings.number("coverage.floor_dbm")
    for part in np.split(ranked, range(_TOGETHER, ranked.size, _TOGETHER)):
        i = part[bound[part] > best_dbm]
        if not i.size:
            break
        paths = _profiles(terrain, masts[i], point, away_m[i], cell["height_m"][i], settings)
        known = np.asarray(np.isfinite(paths.ground_m).all(axis=1), dtype=np.bool_)
        if known.any():
            i, paths = i[known], paths.some(known)
            power = eirp_dbm[i] - pattern_db(i, paths) - loss_db(paths, ghz[i])
            first = int(np.argmax(power))
            if power[first] > best_dbm:
                best, best_dbm = int(i[first]), float(power[first])
    if best < 0:
        return Heard(dbm=best_dbm)
    one = np.array([best])
    even = _even_profiles(
        terrain, masts[one], point, away_m[one], cell["height_m"][one], settings
    )  # fmt: skip
    return Heard(
        dbm=best_dbm, cell=best, pattern_db=float(pattern_db(one, even)[0]),
        offset_db=float(offset_db[best]), ground_m=even.ground_m[0], length_m=float(away_m[best]),
    )  # fmt: skip


def _profiles(
    terrain: Terrain, masts: Floats, point: Floats, away_m: Floats, height_m: Floats,
    settings: Settings,
) -> Profiles:  # fmt: skip
    """Return profiles with a point at each whole step, the last half a step before the end."""
    long = np.maximum(away_m / settings.number("coverage.resolution_m"), 1.5)[:, np.newaxis]
    place = np.arange(int(long.max(initial=0.0) + 0.5) + 1)
    share = np.where(place <= long - 0.5, place / long, 1.0)
    return _sampled(terrain, masts, point, away_m, height_m, share, settings)


def _even_profiles(
    terrain: Terrain, masts: Floats, point: Floats, away_m: Floats, height_m: Floats,
    settings: Settings,
) -> Profiles:  # fmt: skip
    """Return profiles with as many equal steps as the first path has pixels, as the ITM wants."""
    count = max(2, int(away_m[0] / settings.number("coverage.resolution_m") + 0.5))
    share = np.tile(np.linspace(0.0, 1.0, count + 1), (len(away_m), 1))
    return _sampled(terrain, masts, point, away_m, height_m, share, settings)


def _sampled(
    terrain: Terrain, masts: Floats, point: Floats, away_m: Floats, height_m: Floats,
    share: Floats, settings: Settings,
) -> Profiles:  # fmt: skip
    starts = masts[:, np.newaxis]
    ground_m = terrain.at(starts + share[:, :, np.newaxis] * (point - starts)).reshape(share.shape)
    return Profiles(
        distance_km=share * away_m[:, np.newaxis] / 1000.0,
        ground_m=ground_m,
        tx_m=ground_m[:, 0] + height_m,
        rx_m=ground_m[:, -1] + settings.number("coverage.receiver_height_m"),
        radius_km=6371.0 * 157.0 / (157.0 - settings.number("coverage.lapse_n_per_km")),
    )


def _leaving_deg(paths: Profiles) -> Floats:
    """Return the elevation at which each path leaves the antenna: direct, or over the horizon."""
    near = paths.distance_km[:, 1:]
    target = np.where(near < paths.distance_km[:, -1:], paths.ground_m[:, 1:], paths.rx_m[:, None])
    rise_mrad = (target - paths.tx_m[:, None]) / near - 500.0 * near / paths.radius_km
    return np.asarray(np.degrees(np.arctan(rise_mrad.max(axis=1) / 1000.0)))
