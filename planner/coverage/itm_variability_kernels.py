"""The Irregular Terrain Model's variability: how the loss spreads in time, place and situation.

References
----------
Hufford, The ITS Irregular Terrain Model, version 1.2.2: The Algorithm, chapter 5.
Rice, Longley, Norton and Barsis (1967), NBS Technical Note 101, volume 2, III.69 and III.70.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from numba import njit

from planner.coverage.itm_kernels import Medium, roughness_within
from planner.coverage.itm_profile_kernels import Ends

_KM = 1000.0
SINGLE, ACCIDENTAL, MOBILE, BROADCAST = range(4)
"""Modes of variability: which of time, place and situation vary together."""

Curve = tuple[float, float, float, float, float]
Peak = tuple[float, float, float]


class Climate(NamedTuple):
    """How the loss varies over a year in one radio climate (table 5.1).

    `median`, `below` and `above` hold c1, c2 in dB and x1, x2, x3 in m of the curves of the
    yearly median and of the deviations on both sides; `ducting` the factor and the deviate from
    which on ducts matter; `peak_below`, `peak_above` how the deviations depend on the wave number.
    """

    median: Curve
    below: Curve
    above: Curve
    ducting: tuple[float, float]
    peak_below: Peak
    peak_above: Peak


class Deviates(NamedTuple):
    """Standard normal deviates of time, place and situation, and the mode that joins them."""

    time: float
    place: float
    situation: float
    mode: int
    varies_by_place: bool
    varies_by_situation: bool


@njit(cache=True, nogil=True, error_model="numpy")
def _curve(shape: Curve, distance: float) -> float:
    c1, c2, x1, x2, x3 = shape
    near = (distance / x1) ** 2
    return (c1 + c2 / (1.0 + ((distance - x2) / x3) ** 2)) * near / (1.0 + near)


@njit(cache=True, nogil=True, error_model="numpy")
def _peak(shape: Peak, wave: float) -> float:
    floor, height, width = shape
    return floor + height / ((width * math.log(0.133 * wave)) ** 2 + 1.0)


@njit(cache=True, nogil=True, error_model="numpy")
def effective_distance(path: Ends, wave: float) -> float:
    """Return the distance in m that the statistics go by (equation 5.3)."""
    reference = math.sqrt(18.0e6 * path.he1) + math.sqrt(18.0e6 * path.he2)
    reference += (575.7e12 / wave) ** (1.0 / 3.0)
    if path.length < reference:
        return float(130.0 * _KM * path.length / reference)
    return float(130.0 * _KM + path.length - reference)


@njit(cache=True, nogil=True, error_model="numpy")
def _time_deviation(climate: Climate, wave: float, distance: float, z: float) -> float:
    """Return the standard deviation in time in dB that belongs to a deviate."""
    if z < 0.0:
        return float(_curve(climate.below, distance) * _peak(climate.peak_below, wave))
    above = _curve(climate.above, distance) * _peak(climate.peak_above, wave)
    factor, ducts_from = climate.ducting
    if z <= ducts_from:
        return float(above)
    return float(above * factor + above * (1.0 - factor) * ducts_from / z)


@njit(cache=True, nogil=True, error_model="numpy")
def _joined(want: Deviates) -> tuple[float, float, float]:
    """Return the deviates of time, place and situation as the mode joins them."""
    if want.mode == SINGLE:
        return want.situation, want.situation, want.situation
    if want.mode == ACCIDENTAL:
        return want.time, want.situation, want.situation
    if want.mode == MOBILE:
        return want.time, want.time, want.situation
    return want.time, want.place, want.situation


@njit(cache=True, nogil=True, error_model="numpy")
def quantile(reference: float, path: Ends, air: Medium, climate: Climate, want: Deviates) -> float:
    """Return the attenuation in dB, relative to free space, of wanted quantiles (5.9 to 5.11).

    `reference` is the median reference attenuation.
    """
    time, place, situation = _joined(want)
    distance = effective_distance(path, air.wave)
    in_time = _time_deviation(climate, air.wave, distance, time)
    in_place = in_situation = 0.0
    if want.varies_by_place:
        rough = roughness_within(path.rough, path.length) * air.wave
        in_place = 10.0 * rough / (rough + 13.0)
    if want.varies_by_situation:
        in_situation = 5.0 + 3.0 * math.exp(-distance / (100.0 * _KM))
    spread = in_situation**2
    spread += (in_time * time) ** 2 / (7.8 + situation**2)
    spread += (in_place * place) ** 2 / (24.0 + situation**2)
    gained = 0.0
    if want.mode == SINGLE:
        spread += in_time**2 + in_place**2
    elif want.mode == ACCIDENTAL:
        gained = in_time * time
        spread += in_place**2
    elif want.mode == MOBILE:
        gained = math.hypot(in_time, in_place) * time
    else:
        gained = in_time * time + in_place * place
    loss = reference - _curve(climate.median, distance) - gained - math.sqrt(spread) * situation
    if loss < 0.0:
        loss *= (29.0 - loss) / (29.0 - 10.0 * loss)
    return float(loss)
