"""Path loss over one terrain profile by the Longley-Rice Irregular Terrain Model (ITM)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from planner.coverage.itm_kernels import free_space, medium, reference_attenuation
from planner.coverage.itm_profile_kernels import ends
from planner.coverage.itm_variability_kernels import Climate, Deviates, quantile

Mode = Literal["single", "accidental", "mobile", "broadcast"]
_MODES: tuple[Mode, ...] = ("single", "accidental", "mobile", "broadcast")

CLIMATES: Mapping[str, Climate] = MappingProxyType({
    "equatorial": Climate(
        median=(-9.67, 12.7, 144.9e3, 190.3e3, 133.8e3),
        below=(2.13, 159.5, 762.2e3, 123.6e3, 94.5e3),
        above=(2.11, 102.3, 636.9e3, 134.8e3, 95.6e3),
        ducting=(1.224, 1.282), peak_below=(1.0, 0.0, 0.0), peak_above=(1.0, 0.0, 0.0),
    ),
    "continental_subtropical": Climate(
        median=(-0.62, 9.19, 228.9e3, 205.2e3, 143.6e3),
        below=(2.66, 7.67, 100.4e3, 172.5e3, 136.4e3),
        above=(6.87, 15.53, 138.7e3, 143.7e3, 98.6e3),
        ducting=(0.801, 2.161), peak_below=(1.0, 0.0, 0.0), peak_above=(0.93, 0.31, 2.00),
    ),
    "maritime_subtropical": Climate(
        median=(1.26, 15.5, 262.6e3, 185.2e3, 99.8e3),
        below=(6.11, 6.65, 138.2e3, 242.2e3, 178.6e3),
        above=(10.08, 9.60, 165.3e3, 225.7e3, 129.7e3),
        ducting=(1.380, 1.282), peak_below=(1.0, 0.0, 0.0), peak_above=(1.0, 0.0, 0.0),
    ),
    "desert": Climate(
        median=(-9.21, 9.05, 84.1e3, 101.1e3, 98.6e3),
        below=(1.98, 13.11, 139.1e3, 132.7e3, 193.5e3),
        above=(3.68, 159.3, 464.4e3, 93.1e3, 94.2e3),
        ducting=(1.000, 20.0), peak_below=(1.0, 0.0, 0.0), peak_above=(0.93, 0.19, 1.79),
    ),
    "continental_temperate": Climate(
        median=(-0.62, 9.19, 228.9e3, 205.2e3, 143.6e3),
        below=(2.68, 7.16, 93.7e3, 186.8e3, 133.5e3),
        above=(4.75, 8.12, 93.2e3, 135.9e3, 113.4e3),
        ducting=(1.224, 1.282), peak_below=(0.92, 0.25, 1.77), peak_above=(0.93, 0.31, 2.00),
    ),
    "maritime_temperate_land": Climate(
        median=(-0.39, 2.86, 141.7e3, 315.9e3, 167.4e3),
        below=(6.86, 10.38, 187.8e3, 169.6e3, 108.9e3),
        above=(8.58, 13.97, 216.0e3, 152.0e3, 122.7e3),
        ducting=(1.518, 1.282), peak_below=(1.0, 0.0, 0.0), peak_above=(1.0, 0.0, 0.0),
    ),
    "maritime_temperate_sea": Climate(
        median=(3.15, 857.9, 2222.0e3, 164.8e3, 116.3e3),
        below=(8.51, 169.8, 609.8e3, 119.9e3, 106.6e3),
        above=(8.43, 8.19, 136.2e3, 188.5e3, 122.9e3),
        ducting=(1.518, 1.282), peak_below=(1.0, 0.0, 0.0), peak_above=(1.0, 0.0, 0.0),
    ),
})  # fmt: skip
"""Constants of the seven radio climates, lengths in m."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantile:
    """Which of all losses is asked for; the median of everything unless told otherwise.

    Parameters
    ----------
    time, place, situation
        Share of time, of places and of like situations in which the loss is not exceeded, above 0
        and below 1.
    mode
        Which of them vary together: ``single`` message, ``accidental``, ``mobile`` or
        ``broadcast``, where each stands for itself.
    varies_by_place, varies_by_situation
        False leaves out the variability of places or of situations.
    """

    time: float = 0.5
    place: float = 0.5
    situation: float = 0.5
    mode: Mode = "broadcast"
    varies_by_place: bool = True
    varies_by_situation: bool = True

    def deviates(self) -> Deviates:
        """Return the shares as standard normal deviates, positive where the loss is smaller."""
        shares = np.array([self.time, self.place, self.situation])
        time, place, situation = (float(z) for z in -ndtri(shares))
        return Deviates(
            time, place, situation, _MODES.index(self.mode),
            self.varies_by_place, self.varies_by_situation,
        )  # fmt: skip


MEDIAN = Quantile()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Air and ground under a path.

    Parameters
    ----------
    refractivity_n
        Surface refractivity reduced to sea level in N-units, 250 to 400.
    permittivity
        Relative permittivity of the ground, above 1.
    conductivity_s_m
        Conductivity of the ground in S/m, above 0.
    climate
        Key of `CLIMATES`.
    """

    refractivity_n: float = 301.0
    permittivity: float = 15.0
    conductivity_s_m: float = 0.005
    climate: str = "continental_temperate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """Basic transmission loss of one path with its parts.

    Parameters
    ----------
    free_space_db
        Loss in free space.
    reference_db
        Median attenuation beyond it before statistics, at least 0.
    attenuation_db
        Attenuation beyond free space of the quantile asked for.
    roughness_m
        Terrain irregularity Δh.
    """

    free_space_db: float
    reference_db: float
    attenuation_db: float
    roughness_m: float

    @property
    def total_db(self) -> float:
        """Basic transmission loss."""
        return self.free_space_db + self.attenuation_db


def path_loss(
    height_m: npt.ArrayLike,
    *,
    step_m: float,
    tx_height_m: float,
    rx_height_m: float,
    frequency_mhz: float,
    ground: Ground,
    vertical: bool = True,
    wanted: Quantile = MEDIAN,
) -> Loss:
    """Return the loss of one path in point-to-point mode.

    Parameters
    ----------
    height_m
        Terrain above sea level from transmitter to receiver at equal steps, shape (n,), n >= 3.
    step_m
        Distance between two heights.
    tx_height_m, rx_height_m
        Antennas above ground, 0.5 to 3000 m.
    frequency_mhz
        20 to 20,000.
    ground
        Air and ground.
    vertical
        Polarisation.
    wanted
        Which quantile of the loss.

    Notes
    -----
    The model is meant for paths of 1 to 2000 km; below 1 km it is an extrapolation.

    References
    ----------
    Hufford, The ITS Irregular Terrain Model, version 1.2.2: The Algorithm.
    Hufford, Longley and Kissick (1982), NTIA Report 82-100.

    Examples
    --------
    >>> import numpy as np
    >>> flat = path_loss(np.zeros(101), step_m=100, tx_height_m=30, rx_height_m=1.5,
    ...                  frequency_mhz=1842.5, ground=Ground())
    >>> round(flat.free_space_db, 1), round(flat.attenuation_db, 1)
    (117.8, 10.1)
    """
    h = np.ascontiguousarray(height_m, dtype=np.float64)
    n = h.size - 1
    air = medium(
        h, n, float(frequency_mhz), float(ground.refractivity_n), float(ground.permittivity),
        float(ground.conductivity_s_m), vertical,
    )  # fmt: skip
    path = ends(h, n, float(step_m), float(tx_height_m), float(rx_height_m), air.curvature)
    reference = reference_attenuation(path, air)
    attenuation = quantile(reference, path, air, CLIMATES[ground.climate], wanted.deviates())
    return Loss(
        free_space_db=float(free_space(path.length, air.wave)), reference_db=float(reference),
        attenuation_db=float(attenuation), roughness_m=float(path.rough),
    )  # fmt: skip
