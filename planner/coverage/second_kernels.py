"""Compiled second opinion: the power of one given cell at each receiver by the ITM."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from planner.coverage.antenna import horizontal_db, vertical_db
from planner.coverage.itm_kernels import free_space, medium, reference_attenuation
from planner.coverage.itm_profile_kernels import Heights, ends
from planner.coverage.itm_variability_kernels import Climate, Deviates, quantile
from planner.coverage.serving_kernels import DEEPEST_M, Surface
from planner.coverage.signal_kernels import sample

Floats = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]
Indices = npt.NDArray[np.int32]
Classes = npt.NDArray[np.uint8]


class Senders(NamedTuple):
    """Cells with their masts, each array by cell; beamwidth 0 means omnidirectional.

    Calibration adds `offset_db`, shape (cells, `clutter.COVERS`), and `slope_db_per_decade` times
    log10 of the distance in km to the loss, as in the first model: most of it is what the table of
    cells says wrongly of power, and what stands around receivers.
    """

    x_m: Floats
    y_m: Floats
    height_m: Floats
    frequency_mhz: Floats
    eirp_dbm: Floats
    azimuth_rad: Floats
    beamwidth_rad: Floats
    vertical_beamwidth_rad: Floats
    electrical_rad: Floats
    mechanical_rad: Floats
    offset_db: Floats
    slope_db_per_decade: Floats


class Receivers(NamedTuple):
    """Receivers: position, the cell that serves each, -1 for none, and the land cover there."""

    xy_m: Floats
    server: Indices
    cover: Classes


class Rule(NamedTuple):
    """Constants of the second prediction; `radius_km` is that of the first, for the antenna."""

    receiver_m: float
    step_m: float
    nearest_m: float
    radius_km: float
    front_back_db: float
    side_lobe_db: float
    sea_level_n: float
    permittivity: float
    conductivity: float
    climate: Climate
    wanted: Deviates


@njit(cache=True, nogil=True, error_model="numpy")
def _leaving(h: Heights, n: int, step: float, hts: float, hrs: float, radius_m: float) -> float:
    """Return the elevation in rad at which a path leaves the antenna: direct, or over the top."""
    steepest = (hrs - hts) / (n * step) - 0.5 * n * step / radius_m
    for i in range(1, n):
        near = i * step
        steepest = max(steepest, (h[i] - hts) / near - 0.5 * near / radius_m)
    return math.atan(steepest)


@njit(cache=True, nogil=True, error_model="numpy")
def _pattern(
    senders: Senders, c: int, rule: Rule, h: Heights, n: int, step: float, bearing: float
) -> float:
    """Return the antenna's attenuation in dB towards a receiver at the profile's end."""
    offset = bearing - senders.azimuth_rad[c]
    elevation = _leaving(
        h, n, step, h[0] + senders.height_m[c], h[n] + rule.receiver_m, 1000.0 * rule.radius_km
    )
    aside = horizontal_db(offset, senders.beamwidth_rad[c], rule.front_back_db)
    below = vertical_db(
        elevation, offset, senders.electrical_rad[c], senders.mechanical_rad[c],
        senders.vertical_beamwidth_rad[c], rule.side_lobe_db,
    )  # fmt: skip
    return float(min(aside + below, rule.front_back_db))


@njit(cache=True, nogil=True, error_model="numpy")
def _loss(
    senders: Senders, c: int, rule: Rule, h: Heights, n: int, step: float, cover: int
) -> float:
    air = medium(
        h, n, senders.frequency_mhz[c], rule.sea_level_n, rule.permittivity, rule.conductivity, True
    )
    path = ends(h, n, step, senders.height_m[c], rule.receiver_m, air.curvature)
    reference = reference_attenuation(path, air)
    beyond = quantile(reference, path, air, rule.climate, rule.wanted)
    added = senders.slope_db_per_decade[c] * math.log10(0.001 * n * step)
    return float(free_space(path.length, air.wave) + beyond + added + senders.offset_db[c, cover])


@njit(cache=True, nogil=True, error_model="numpy")
def given_power(
    surface: Surface, senders: Senders, rule: Rule, receivers: Receivers, dbm: Singles
) -> None:
    """Write into `dbm` what each receiver gets from its cell, over what stands around it.

    NaN stands where there is no cell, where the cell is nearer than the model reaches, and where
    the profile crosses a void of the terrain.
    """
    profile = np.empty(16, np.float32)
    for i in range(len(dbm)):
        dbm[i] = np.nan
        c = receivers.server[i]
        if c < 0:
            continue
        x, y = receivers.xy_m[i]
        east, north = x - senders.x_m[c], y - senders.y_m[c]
        apart = math.hypot(east, north)
        if apart < rule.nearest_m:
            continue
        n = max(2, int(apart / rule.step_m + 0.5))
        if profile.size <= n:
            profile = np.empty(2 * n, np.float32)
        lowest = sample(surface, senders.x_m[c], senders.y_m[c], x, y, n, float(n), profile)
        if lowest < DEEPEST_M:
            continue
        step = apart / n
        off = _pattern(senders, c, rule, profile, n, step, math.atan2(east, north))
        loss = _loss(senders, c, rule, profile, n, step, receivers.cover[i])
        dbm[i] = senders.eirp_dbm[c] - off - loss
