"""Path loss over one terrain profile by ITU-R P.1812-7, median of time and of locations."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from planner.coverage.p1812_kernels import Ground, delta_bullington, free_space, profile_path

CARRIER_GHZ = (0.03, 6.0)
ANTENNA_M = (1.0, 3000.0)
PATH_KM = (0.25, 3000.0)
"""Where P.1812-7 holds (Annex 1, 1): carriers, antennas above ground, and lengths of paths.

A pixel nearer to its mast than that is computed all the same: the loss there is that of free space
or of what stands between, and far above any threshold.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class PathLoss:
    """Median loss of one path with its parts, each in dB.

    Parameters
    ----------
    free_space_db
        Basic free-space loss Lbfs.
    bullington_db
        Bullington loss Lbulla of the actual profile.
    smooth_db
        Bullington loss Lbulls of the smooth profile with effective heights.
    spherical_db
        Spherical-Earth loss Ldsph.
    diffraction_db
        Delta-Bullington loss Ld50.
    """

    free_space_db: float
    bullington_db: float
    smooth_db: float
    spherical_db: float
    diffraction_db: float

    @property
    def total_db(self) -> float:
        """Median basic loss Lbd50, that is free space and diffraction.

        Tropospheric scatter (Lbs) and ducting (Lba), which P.1812 adds in parallel, only matter
        beyond the ranges of a 4G cell and are left out: in the validated cases of half of the time
        scatter takes up to 7 dB off at 96 km and nothing at 10 km, and ducting nothing.
        """
        return self.free_space_db + self.diffraction_db


def effective_radius_km(lapse_n_per_km: float) -> float:
    """Return the median effective Earth radius in km.

    Parameters
    ----------
    lapse_n_per_km
        Average radio-refractivity lapse rate ΔN in the lowest km, N-units/km, positive.

    References
    ----------
    ITU-R P.1812-7, equations 6 and 7a.

    Examples
    --------
    >>> round(effective_radius_km(45.0), 1)
    8930.8
    """
    return 6371.0 * 157.0 / (157.0 - lapse_n_per_km)


def path_loss(
    distance_km: npt.ArrayLike,
    height_m: npt.ArrayLike,
    *,
    tx_height_m: float,
    rx_height_m: float,
    frequency_ghz: float,
    radius_km: float,
    clutter_m: npt.ArrayLike = 0.0,
    sea_share: float = 0.0,
    vertical: bool = True,
) -> PathLoss:
    """Return the median loss of one path.

    Parameters
    ----------
    distance_km, height_m
        Profile from transmitter to receiver, shape (n,), n >= 3: increasing distances from 0 and
        terrain above sea level.
    tx_height_m, rx_height_m
        Antennas above ground.
    frequency_ghz
        0.03 to 6.
    radius_km
        Effective Earth radius, see `effective_radius_km`.
    clutter_m
        Representative clutter height along the profile; not counted at the terminals.
    sea_share
        Share of the path over sea, 0 to 1.
    vertical
        Polarisation; base stations' ±45° is taken as vertical, the difference is far below 0.1 dB.

    References
    ----------
    ITU-R P.1812-7, Annex 1, 4.2 and 4.3.

    Examples
    --------
    >>> import numpy as np
    >>> loss = path_loss(np.linspace(0, 2, 41), np.zeros(41), tx_height_m=30, rx_height_m=1.5,
    ...                  frequency_ghz=1.8, radius_km=effective_radius_km(45))
    >>> round(loss.free_space_db, 1), loss.bullington_db == loss.smooth_db
    (103.5, True)
    """
    d = np.ascontiguousarray(distance_km, dtype=np.float64)
    h = np.ascontiguousarray(height_m, dtype=np.float64)
    g = h + np.asarray(clutter_m, dtype=np.float64)
    g[[0, -1]] = h[[0, -1]]
    path = profile_path(d, h, g, float(tx_height_m), float(rx_height_m), radius_km)
    actual, smooth, sphere, combined = delta_bullington(
        path, d, radius_km, float(frequency_ghz), Ground(float(sea_share), vertical)
    )
    return PathLoss(
        free_space_db=float(free_space(path.d, path.hts, path.hrs, frequency_ghz)),
        bullington_db=float(actual), smooth_db=float(smooth), spherical_db=float(sphere),
        diffraction_db=float(combined),
    )  # fmt: skip
