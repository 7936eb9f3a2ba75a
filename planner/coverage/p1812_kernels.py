"""Compiled pieces of ITU-R P.1812-7: diffraction over one profile, whatever its spacing.

Symbols follow the Recommendation: distances in km, heights in m above sea level, frequency in
GHz, effective Earth radius ``ap`` in km, losses in dB. The extremes of a profile come first, since
they do not depend on the frequency; the losses of each frequency follow from them.

References
----------
ITU-R P.1812-7 (2023), Annex 1, 4.2 and 4.3, Attachment 1 to Annex 1, 5.6.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

Floats = npt.NDArray[np.float64]

WAVELENGTH_M_GHZ = 0.2998
LOWEST = -1.0e30
"""Below any height or slope; stands in for minus infinity, which fast mathematics rules out."""


class Path(NamedTuple):
    """A path's ends and its extremes.

    `d` is the length; `hts`, `hrs` the antennas above sea level; `h0`, `hn` the ground below
    them; `stim`, `srim` the steepest slopes seen from transmitter and receiver (m/km, equations
    14 and 17); `clearance` the maximum of equation 16 without the factor of the wavelength;
    `hstd`, `hsrd` the smooth-Earth heights under the antennas (5.6.2, equation 89).
    """

    d: float
    hts: float
    hrs: float
    stim: float
    srim: float
    clearance: float
    hstd: float
    hsrd: float


class Ground(NamedTuple):
    """Electrical properties of the Earth's surface under a path.

    `sea_share` is omega, the share of the path over sea; `vertical` the polarisation.
    """

    sea_share: float
    vertical: bool


@njit(cache=True, nogil=True, error_model="numpy")
def knife_edge(nu: float) -> float:
    """Return the loss in dB of a single knife edge (equation 12)."""
    if nu <= -0.78:
        return 0.0
    return 6.9 + 20.0 * math.log10(math.sqrt((nu - 0.1) ** 2 + 1.0) + nu - 0.1)


@njit(cache=True, nogil=True, error_model="numpy")
def bullington(
    d: float, hts: float, hrs: float, stim: float, srim: float, clearance: float, lam: float
) -> float:
    """Return the Bullington loss in dB from a profile's extremes (equations 15 to 21)."""
    if stim < (hrs - hts) / d:
        nu = clearance * math.sqrt(0.002 * d / lam)
    elif stim + srim < 1e-9:
        nu = 0.0  # every point lies on the line between the antennas
    else:
        db = (hrs - hts + srim * d) / (stim + srim)
        above = hts + stim * db - (hts * (d - db) + hrs * db) / d
        nu = above * math.sqrt(0.002 * d / (lam * db * (d - db)))
    edge: float = knife_edge(nu)
    return edge + (1.0 - math.exp(-edge / 6.0)) * (10.0 + 0.02 * d)


@njit(cache=True, nogil=True, error_model="numpy")
def smooth_earth(
    d: float, v1: float, v2: float,
    obstruction: float, slope_t: float, slope_r: float, h0: float, hn: float,
) -> tuple[float, float]:  # fmt: skip
    """Return the effective heights of the smooth Earth under both ends (equations 83 to 89).

    `obstruction` is the greatest height above the line between the antennas, `slope_t` and
    `slope_r` the greatest height above it per distance from each end.
    """
    hst = (2.0 * v1 * d - v2) / (d * d)
    hsr = (v2 - v1 * d) / (d * d)
    if obstruction > 0.0:
        share = slope_t / (slope_t + slope_r)
        hst -= obstruction * share
        hsr -= obstruction * (1.0 - share)
    return min(hst, h0), min(hsr, hn)


@njit(cache=True, nogil=True, error_model="numpy")
def even_sums(
    n: int, t: float, total: float, moment: float, near_m: float, end_m: float
) -> tuple[float, float]:
    """Return v1 and v2 (equations 85 and 86) of a profile with n - 1 points a step apart.

    Distances count in steps and `t` is the length; the last stretch, from point n - 1 at height
    `near_m` to the end at `end_m`, may differ from a step. `total` and `moment` sum the heights of
    the n - 1 points, and the heights times their distances; the first end has height 0.
    """
    last = n - 1.0
    rest = t - last
    v1 = 2.0 * total - near_m + rest * (near_m + end_m)
    v2 = 6.0 * moment - (3.0 * last + 1.0) * near_m
    v2 += rest * (end_m * (2.0 * t + last) + near_m * (t + 2.0 * last))
    return v1, v2


@njit(cache=True, nogil=True, error_model="numpy")
def _height_gain(b: float, floor: float) -> float:
    if b > 2.0:
        gain = 17.6 * math.sqrt(b - 1.1) - 5.0 * math.log10(b - 1.1) - 8.0
    else:
        gain = 20.0 * math.log10(b + 0.1 * b**3)
    return max(gain, floor)


@njit(cache=True, nogil=True, error_model="numpy")
def _first_term_over(
    d: float, hte: float, hre: float, a: float, f: float,
    eps: float, sigma: float, vertical: bool,
) -> float:  # fmt: skip
    """Return the first-term loss over one kind of ground (equations 29 to 36)."""
    conduction = (18.0 * sigma / f) ** 2
    k = 0.036 * (a * f) ** (-1.0 / 3.0) * ((eps - 1.0) ** 2 + conduction) ** -0.25
    if vertical:
        k *= math.sqrt(eps * eps + conduction)
    k2 = k * k
    beta = (1.0 + 1.6 * k2 + 0.67 * k2 * k2) / (1.0 + 4.5 * k2 + 1.53 * k2 * k2)
    x = 21.88 * beta * (f / (a * a)) ** (1.0 / 3.0) * d
    if x >= 1.6:
        fx = 11.0 + 10.0 * math.log10(x) - 17.6 * x
    else:
        fx = -20.0 * math.log10(x) - 5.6488 * x**1.425
    per_metre = beta * 0.9575 * beta * (f * f / a) ** (1.0 / 3.0)
    floor = 2.0 + 20.0 * math.log10(k)
    loss_db: float = -fx
    for height in (hte, hre):
        loss_db -= _height_gain(per_metre * height, floor)
    return loss_db


@njit(cache=True, nogil=True, error_model="numpy")
def first_term(d: float, hte: float, hre: float, a: float, f: float, ground: Ground) -> float:
    """Return the first-term spherical-Earth loss in dB over land and sea (equation 28)."""
    omega = ground.sea_share
    total: float = 0.0
    if omega < 1.0:
        total += (1.0 - omega) * _first_term_over(d, hte, hre, a, f, 22.0, 0.003, ground.vertical)
    if omega > 0.0:
        total += omega * _first_term_over(d, hte, hre, a, f, 80.0, 5.0, ground.vertical)
    return total


@njit(cache=True, nogil=True, error_model="numpy")
def reflection_point(d: float, hte: float, hre: float, ap: float) -> float:
    """Return the distance in km at which a smooth Earth mirrors the path (equations 25, 25a to d).

    Both ends are seen from there at the same elevation, and there the Earth comes closest to the
    path in terms of the Fresnel radius.
    """
    c = (hte - hre) / (hte + hre)
    m = 250.0 * d * d / (ap * (hte + hre))
    cosine = 1.5 * c * math.sqrt(3.0 * m / (m + 1.0) ** 3)
    angle = math.acos(min(1.0, max(-1.0, cosine)))
    b = 2.0 * math.sqrt((m + 1.0) / (3.0 * m)) * math.cos(math.pi / 3.0 + angle / 3.0)
    point: float = 0.5 * d * (1.0 + b)
    return point


@njit(cache=True, nogil=True, error_model="numpy")
def spherical_earth(
    d: float, hte: float, hre: float, ap: float, f: float, lam: float, ground: Ground
) -> float:
    """Return the spherical-Earth diffraction loss in dB (4.3.2, equations 22 to 27)."""
    horizon = math.sqrt(2.0 * ap) * (math.sqrt(0.001 * hte) + math.sqrt(0.001 * hre))
    loss: float
    if d >= horizon:
        loss = first_term(d, hte, hre, ap, f, ground)
        return loss
    d1: float = reflection_point(d, hte, hre, ap)
    d2 = d - d1
    clear = ((hte - 500.0 * d1 * d1 / ap) * d2 + (hre - 500.0 * d2 * d2 / ap) * d1) / d
    wanted = 17.456 * math.sqrt(d1 * d2 * lam / d)
    if clear > wanted:
        return 0.0
    radius = 500.0 * (d / (math.sqrt(hte) + math.sqrt(hre))) ** 2
    loss = first_term(d, hte, hre, radius, f, ground)
    if loss < 0.0:
        return 0.0
    return (1.0 - clear / wanted) * loss


@njit(cache=True, nogil=True, error_model="numpy")
def scan(d: Floats, g: Floats, hts: float, hrs: float, ap: float) -> tuple[float, float, float]:
    """Return slope from the transmitter, slope from the receiver and clearance of a profile.

    `d` and `g` (ground with clutter) hold n + 1 points; the terminals themselves do not count.
    """
    n = d.size - 1
    length = d[n]
    curve = 500.0 / ap
    stim = srim = clearance = LOWEST
    for i in range(1, n):
        near, far = d[i], length - d[i]
        top = g[i] + curve * near * far
        stim = max(stim, (top - hts) / near)
        srim = max(srim, (top - hrs) / far)
        above = top - (hts * far + hrs * near) / length
        clearance = max(clearance, above / math.sqrt(near * far))
    return stim, srim, clearance


@njit(cache=True, nogil=True, error_model="numpy")
def smooth_bullington(d: Floats, n: int, hte: float, hre: float, ap: float, lam: float) -> float:
    """Return the Bullington loss in dB of a profile of height zero over its first n + 1 points."""
    length = d[n]
    curve = 500.0 / ap
    stim = srim = clearance = LOWEST
    for i in range(1, n):
        near, far = d[i], length - d[i]
        top = curve * near * far
        stim = max(stim, (top - hte) / near)
        srim = max(srim, (top - hre) / far)
        above = top - (hte * far + hre * near) / length
        clearance = max(clearance, above / math.sqrt(near * far))
    loss: float = bullington(length, hte, hre, stim, srim, clearance, lam)
    return loss


@njit(cache=True, nogil=True, error_model="numpy")
def even_smooth_bullington(
    d: float, n: int, step: float, hte: float, hre: float, ap: float, lam: float
) -> float:
    """Return `smooth_bullington` of n - 1 points, at 1, 2, ... `step` km, in constant time.

    Each extreme has one top along the path, so that the two points beside it hold the greatest
    value: the slope from an antenna h above the Earth of curvature c = 500 / ap is steepest to its
    horizon, at sqrt(h / c); and between antennas in sight of each other nu is greatest at the
    reflection point. The derivative of equation 16 there is zero where
    hte / x - c x = hre / (d - x) - c (d - x), the condition of equal elevations; its left side
    falls and its right side rises with x, so there is one such point.
    """
    curve = 500.0 / ap
    stim = srim = clearance = LOWEST
    first = int(min(math.sqrt(hte / curve) / step, n - 2.0))
    for j in range(max(first, 1), min(first + 2, n)):
        near = step * j
        stim = max(stim, curve * (d - near) - hte / near)
    first = int(min(max((d - math.sqrt(hre / curve)) / step, 0.0), n - 2.0))
    for j in range(max(first, 1), min(first + 2, n)):
        near, far = step * j, d - step * j
        srim = max(srim, curve * near - hre / far)
    if stim < (hre - hte) / d:
        first = int(min(reflection_point(d, hte, hre, ap) / step, n - 2.0))
        for j in range(max(first, 1), min(first + 2, n)):
            near, far = step * j, d - step * j
            above = curve * near * far - (hte * far + hre * near) / d
            clearance = max(clearance, above / math.sqrt(near * far))
    loss: float = bullington(d, hte, hre, stim, srim, clearance, lam)
    return loss


@njit(cache=True, nogil=True, error_model="numpy")
def delta_bullington(
    path: Path, d: Floats, ap: float, f: float, ground: Ground
) -> tuple[float, float, float, float]:
    """Return actual, smooth, spherical-Earth and combined loss in dB (4.3.4, equations 37 to 39).

    `d` holds the distances of the profile's points.
    """
    lam = WAVELENGTH_M_GHZ / f
    actual = bullington(path.d, path.hts, path.hrs, path.stim, path.srim, path.clearance, lam)
    hte, hre = path.hts - path.hstd, path.hrs - path.hsrd
    sphere = spherical_earth(path.d, hte, hre, ap, f, lam, ground)
    smooth = smooth_bullington(d, d.size - 1, hte, hre, ap, lam)
    return actual, smooth, sphere, actual + max(sphere - smooth, 0.0)


@njit(cache=True, nogil=True, error_model="numpy")
def free_space(d: float, hts: float, hrs: float, f: float) -> float:
    """Return the basic free-space loss in dB between the antennas (equation 8)."""
    slant = math.sqrt(d * d + (0.001 * (hts - hrs)) ** 2)
    return 92.4 + 20.0 * math.log10(f * slant)


@njit(cache=True, nogil=True, error_model="numpy")
def profile_path(
    d: Floats, h: Floats, g: Floats, htg: float, hrg: float, ap: float
) -> Path:  # fmt: skip
    """Return the extremes of a profile with points at any spacing.

    `h` is the terrain, `g` terrain and clutter (equal at the ends), both with n + 1 points.
    """
    n = d.size - 1
    length = d[n]
    hts, hrs = h[0] + htg, h[n] + hrg
    stim, srim, clearance = scan(d, g, hts, hrs, ap)
    v1 = v2 = 0.0
    obstruction = slope_t = slope_r = LOWEST
    for i in range(1, n + 1):
        a, b = d[i - 1], d[i]
        v1 += (b - a) * (h[i] + h[i - 1])
        v2 += (b - a) * (h[i] * (2.0 * b + a) + h[i - 1] * (b + 2.0 * a))
        if i < n:
            above = h[i] - (hts * (length - b) + hrs * b) / length
            obstruction = max(obstruction, above)
            slope_t = max(slope_t, above / b)
            slope_r = max(slope_r, above / (length - b))
    hstd, hsrd = smooth_earth(length, v1, v2, obstruction, slope_t, slope_r, h[0], h[n])
    return Path(length, hts, hrs, stim, srim, clearance, hstd, hsrd)
