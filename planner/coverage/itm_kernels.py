"""The Irregular Terrain Model, point to point: reference attenuation below free space.

Lengths are in m, angles in rad, losses in dB, wave numbers in 1/m. The attenuation is one curve
over distance: two-ray optics fade into diffraction up to the smooth-Earth horizon, then a line of
diffraction, then one of scatter.

References
----------
Algorithm: Hufford, The ITS Irregular Terrain Model, version 1.2.2: The Algorithm.
ITS 67: Longley and Rice (1968), ESSA Technical Report ERL 79-ITS 67.
TN101: Rice, Longley, Norton and Barsis (1967), NBS Technical Note 101.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit

from planner.coverage.itm_profile_kernels import Ends, Heights

_MHZ_PER_WAVE_NUMBER = 47.7
_KM = 1000.0
_NO_SCATTER = 1000.0
"""Loss in dB from which on scatter does not matter."""


class Medium(NamedTuple):
    """Air and ground of a path at one frequency.

    `wave` is the wave number, `curvature` the reciprocal of the effective Earth radius, `bending`
    the surface refractivity Ns in N-units, `impedance` the ground's transfer impedance.
    """

    wave: float
    curvature: float
    bending: float
    impedance: complex


class Diffraction(NamedTuple):
    """The line of diffraction loss: `at_zero` in dB and `slope` in dB/m; where smooth Earth ends.

    `horizon` is the distance in m to both horizons together, `smooth` that over smooth Earth;
    `bend` the angle in rad by which both horizons lie above the chord, at distance 0.
    """

    at_zero: float
    slope: float
    horizon: float
    smooth: float
    bend: float


@njit(cache=True, nogil=True, error_model="numpy")
def medium(
    h: Heights, n: int, frequency_mhz: float, sea_level_n: float,
    permittivity: float, conductivity: float, vertical: bool,
) -> Medium:  # fmt: skip
    """Return air and ground along a profile (TN101, 4.3 and 4.4).

    The refractivity is brought from sea level to the mean height of the profile's inner 80 %.
    """
    tenth = int(0.1 * n)
    height = 0.0
    for i in range(tenth, n - tenth + 1):
        height += h[i]
    height /= n - 2 * tenth + 1
    bending = sea_level_n * math.exp(-height / 9460.0)
    curvature = 157.0e-9 * (1.0 - 0.04665 * math.exp(bending / 179.3))
    complex_permittivity = complex(permittivity, 18000.0 * conductivity / frequency_mhz)
    impedance = np.sqrt(complex_permittivity - 1.0)
    if vertical:
        impedance /= complex_permittivity
    return Medium(frequency_mhz / _MHZ_PER_WAVE_NUMBER, curvature, bending, impedance)


@njit(cache=True, nogil=True, error_model="numpy")
def roughness_within(rough: float, length: float) -> float:
    """Return the terrain irregularity Δh(d) in m that a path of this length meets (ITS 67, 3)."""
    return rough * (1.0 - 0.8 * math.exp(-length / (50.0 * _KM)))


@njit(cache=True, nogil=True, error_model="numpy")
def _deviation(rough: float) -> float:
    """Return the deviation of terrain heights in a first Fresnel zone (ITS 67, 3.6a)."""
    return 0.78 * rough * math.exp(-0.5 * rough**0.25)


@njit(cache=True, nogil=True, error_model="numpy")
def _knife(v_squared: float) -> float:
    """Return the loss of a knife edge with parameter v² (ITS 67, 3.27)."""
    if v_squared < 5.76:
        return 6.02 + 9.11 * math.sqrt(v_squared) - 1.27 * v_squared
    return 12.953 + 10.0 * math.log10(v_squared)


@njit(cache=True, nogil=True, error_model="numpy")
def _height_gain(x: float, k: float) -> float:
    """Return the height-gain function of an antenna over smooth Earth in dB (Vogler 1964)."""
    plain = 0.05751 * x - 10.0 * math.log10(x) if x > 0.0 else 0.0
    if x >= 2000.0:
        return plain
    high = 40.0 * math.log10(max(x, 1.0)) - 117.0
    if x > 200.0:
        weight = 0.0134 * x * math.exp(-0.005 * x)
        return (1.0 - weight) * plain + weight * high
    falling = -math.log(k)
    if k < 1.0e-5 or x * falling**3 > 5495.0:
        return high
    return 2.5e-5 * x * x / k + 20.0 * math.log10(k) - 15.0


@njit(cache=True, nogil=True, error_model="numpy")
def _over_smooth_earth(path: Ends, air: Medium, beyond: float, angle: float) -> float:
    """Return the loss over three smooth arcs: under each horizon and between (Algorithm, 4.20)."""
    magnitude = abs(air.impedance)
    total = height_gain = 0.0
    for horizon, he in ((path.dl1, path.he1), (path.dl2, path.he2)):
        radius = 0.5 * horizon * horizon / he
        scale = (air.wave * radius) ** (1.0 / 3.0)
        k = 1.0 / (scale * magnitude)
        x = 151.03 * (1.607 - k) * scale * horizon / radius
        total += x
        height_gain += _height_gain(x, k)
    scale = (air.wave * beyond / angle) ** (1.0 / 3.0)
    total += 151.03 * (1.607 - 1.0 / (scale * magnitude)) * scale * angle
    return float(0.05751 * total - 10.0 * math.log10(total) - height_gain - 20.0)


@njit(cache=True, nogil=True, error_model="numpy")
def _diffracted(path: Ends, air: Medium, bend: float, smooth: float, length: float) -> float:
    """Return the diffraction loss at a distance beyond both horizons (ITS 67, 3.23 and 3.38c)."""
    horizon = path.dl1 + path.dl2
    angle, beyond = bend + length * air.curvature, length - horizon
    edges = 0.0
    for near in (path.dl1, path.dl2):
        edges += _knife(
            air.wave / (4.0 * math.pi) * angle * angle * near * beyond / (beyond + near)
        )
    rounded = _over_smooth_earth(path, air, beyond, angle)
    grounded = path.hg1 * path.hg2
    sharpness = math.sqrt((path.he1 * path.he2 + 10.0) / (grounded + 10.0))
    sharpness += (bend / air.curvature + horizon) / length
    sharpness *= min(air.wave * roughness_within(path.rough, length), 2000.0 * math.pi)
    weight = 25.1 / (25.1 + math.sqrt(sharpness))
    deviation = _deviation(roughness_within(path.rough, smooth))
    clutter = 5.0 * math.log10(1.0 + 4.77e-4 * grounded * air.wave * deviation)
    return float(weight * rounded + (1.0 - weight) * edges + min(15.0, clutter))


@njit(cache=True, nogil=True, error_model="numpy")
def diffraction(path: Ends, air: Medium) -> Diffraction:
    """Return the straight line that stands for diffraction, from two distances far out."""
    horizon = path.dl1 + path.dl2
    smooth = math.sqrt(2.0 * path.he1 / air.curvature) + math.sqrt(2.0 * path.he2 / air.curvature)
    bend = max(path.theta1 + path.theta2, -horizon * air.curvature)
    scale = (air.wave * air.curvature**2) ** (-1.0 / 3.0)
    first = max(smooth, horizon + 1.3787 * scale)
    second = first + 2.7574 * scale
    loss1 = _diffracted(path, air, bend, smooth, first)
    loss2 = _diffracted(path, air, bend, smooth, second)
    slope = (loss2 - loss1) / (second - first)
    return Diffraction(loss1 - slope * first, slope, horizon, smooth, bend)


@njit(cache=True, nogil=True, error_model="numpy")
def _two_rays(path: Ends, air: Medium, line: Diffraction, length: float) -> float:
    """Return the loss in sight by two rays, less so over rough ground (Algorithm, 4.46 to 4.50)."""
    deviation = _deviation(roughness_within(path.rough, length))
    heights = path.he1 + path.he2
    grazing = heights / math.sqrt(length * length + heights * heights)
    reflected = (grazing - air.impedance) / (grazing + air.impedance)
    reflected *= math.exp(-min(10.0, air.wave * deviation * grazing))
    strength = reflected.real**2 + reflected.imag**2
    if strength < 0.25 or strength < grazing:
        reflected *= math.sqrt(grazing / strength)
    phase = 2.0 * air.wave * path.he1 * path.he2 / length
    if phase > 0.5 * math.pi:
        phase = math.pi - (0.5 * math.pi) ** 2 / phase
    field = complex(math.cos(phase), -math.sin(phase)) + reflected
    optical = -10.0 * math.log10(field.real**2 + field.imag**2)
    weight = 0.021 / (0.021 + air.wave * path.rough / max(10.0 * _KM, line.smooth))
    return weight * optical + (1.0 - weight) * (line.at_zero + line.slope * length)


@njit(cache=True, nogil=True, error_model="numpy")
def _bend_of(
    line: Diffraction, d0: float, loss0: float, d1: float, loss1: float, last: float
) -> tuple[bool, float, float]:
    """Return whether a curve k1 d + k2 ln d meets three losses, and both factors.

    `last` is the loss at the smooth-Earth horizon. A factor that would be negative is 0 (ITS 67,
    3.20 and 3.21).
    """
    log_last, log_first = math.log(line.smooth / d0), math.log(d1 / d0)
    k2 = (line.smooth - d0) * (loss1 - loss0) - (d1 - d0) * (last - loss0)
    k2 = max(0.0, k2 / ((line.smooth - d0) * log_first - (d1 - d0) * log_last))
    if line.at_zero <= 0.0 and k2 <= 0.0:
        return False, 0.0, 0.0
    k1 = (last - loss0 - k2 * log_last) / (line.smooth - d0)
    if k1 < 0.0:
        k1, k2 = 0.0, max(last - loss0, 0.0) / log_last
        if k2 == 0.0:
            k1 = line.slope
    return True, k1, k2


@njit(cache=True, nogil=True, error_model="numpy")
def _in_sight(path: Ends, air: Medium, line: Diffraction) -> float:
    """Return the loss before the smooth-Earth horizon (ITS 67, 3.16 and 3.19)."""
    last = line.at_zero + line.slope * line.smooth
    d0 = 1.908 * air.wave * path.he1 * path.he2
    if line.at_zero >= 0.0:
        d0 = min(d0, 0.5 * line.horizon)
        d1 = d0 + 0.25 * (line.horizon - d0)
    else:
        d1 = max(-line.at_zero / line.slope, 0.25 * line.horizon)
    loss1 = _two_rays(path, air, line, d1)
    meets, k1, k2 = False, 0.0, 0.0
    if d0 < d1:
        loss0 = _two_rays(path, air, line, d0)
        meets, k1, k2 = _bend_of(line, d0, loss0, d1, loss1, last)
    if not meets:
        k1 = max(last - loss1, 0.0) / (line.smooth - d1)
        if k1 == 0.0:
            k1 = line.slope
    return last - k1 * (line.smooth - path.length) - k2 * math.log(line.smooth / path.length)


@njit(cache=True, nogil=True, error_model="numpy")
def _frequency_gain(r: float, eta: float) -> float:
    """Return the frequency gain H00 of scatter in dB, between whole layers η (Algorithm, 6.13)."""
    a = (25.0, 80.0, 177.0, 395.0, 705.0)
    b = (24.0, 45.0, 68.0, 80.0, 105.0)
    layer = min(max(int(eta), 1), 5)
    between = min(max(eta, 1.0), 5.0) - layer
    x = 1.0 / (r * r)
    gain = 10.0 * math.log10((a[layer - 1] * x + b[layer - 1]) * x + 1.0)
    if between == 0.0:
        return gain
    above = 10.0 * math.log10((a[layer] * x + b[layer]) * x + 1.0)
    return (1.0 - between) * gain + between * above


@njit(cache=True, nogil=True, error_model="numpy")
def _scatter_gain(path: Ends, air: Medium, length: float) -> float:
    """Return the frequency-gain term H0 in dB, or `_NO_SCATTER` (Algorithm, 4.66 and 4.67)."""
    taller = path.dl1 - path.dl2
    ratio = path.he2 / path.he1
    if taller < 0.0:
        taller, ratio = -taller, 1.0 / ratio
    angle = path.theta1 + path.theta2 + length * air.curvature
    r1, r2 = 2.0 * air.wave * angle * path.he1, 2.0 * air.wave * angle * path.he2
    if r1 < 0.2 and r2 < 0.2:
        return _NO_SCATTER
    skew = (length - taller) / (length + taller)
    lop = min(max(0.1, ratio / skew), 10.0)
    skew = max(0.1, skew)
    crossing = (length - taller) * (length + taller) * angle * 0.25 / length
    profile = (5.67e-6 * air.bending - 2.32e-3) * air.bending + 0.031
    eta = (profile * math.exp(-(min(1.7, crossing / 8000.0) ** 6)) + 1.0) * crossing / 1755.6
    layers = max(eta, 1.0)
    gain = 0.5 * (_frequency_gain(r1, layers) + _frequency_gain(r2, layers))
    gain += min(gain, (1.38 - math.log(layers)) * math.log(skew) * math.log(lop) * 0.49)
    gain = max(gain, 0.0)
    if eta < 1.0:
        near = ((1.0 + 1.4142 / r1) * (1.0 + 1.4142 / r2)) ** 2
        near = 10.0 * math.log10(near * (r1 + r2) / (r1 + r2 + 2.8284))
        gain = eta * gain + (1.0 - eta) * near
    return float(gain)


@njit(cache=True, nogil=True, error_model="numpy")
def _scatter_by_distance(x: float) -> float:
    """Return the attenuation function F(θd) of scatter in dB, `x` in m (Algorithm, 6.9)."""
    if x <= 10.0 * _KM:
        return 133.4 + 0.332e-3 * x - 10.0 * math.log10(x)
    if x <= 70.0 * _KM:
        return 104.6 + 0.212e-3 * x - 2.5 * math.log10(x)
    return 71.8 + 0.157e-3 * x + 5.0 * math.log10(x)


@njit(cache=True, nogil=True, error_model="numpy")
def _scattered(air: Medium, bend: float, length: float, gain: float) -> float:
    """Return the loss of tropospheric scatter at a distance (Algorithm, 4.63)."""
    angle = bend + length * air.curvature
    loss = _scatter_by_distance(angle * length) + gain
    loss += 10.0 * math.log10(_MHZ_PER_WAVE_NUMBER * air.wave * angle**4)
    return float(loss - 0.1 * (air.bending - 301.0) * math.exp(-angle * length / (40.0 * _KM)))


@njit(cache=True, nogil=True, error_model="numpy")
def _beyond_sight(path: Ends, air: Medium, line: Diffraction) -> float:
    """Return the loss from the smooth-Earth horizon on: diffraction, then scatter."""
    diffracted = line.at_zero + line.slope * path.length
    far5, far6 = line.horizon + 200.0 * _KM, line.horizon + 400.0 * _KM
    gain6 = _scatter_gain(path, air, far6)
    gain5 = gain6 if gain6 > 15.0 else _scatter_gain(path, air, far5)
    if gain5 > 15.0 and gain6 >= 0.0:
        gain5 = gain6
    if gain5 >= _NO_SCATTER:
        return diffracted
    loss5 = _scattered(air, line.bend, far5, gain5)
    loss6 = _scattered(air, line.bend, far6, gain6)
    slope = (loss6 - loss5) / (far6 - far5)
    scale = (air.wave * air.curvature**2) ** (-1.0 / 3.0)
    cross = (loss5 - line.at_zero - slope * far5) / (line.slope - slope)
    least = line.horizon + 0.3 * scale * math.log(_MHZ_PER_WAVE_NUMBER * air.wave)
    cross = max(line.smooth, least, cross)
    if path.length <= cross:
        return diffracted
    return float(line.at_zero + line.slope * cross + slope * (path.length - cross))


@njit(cache=True, nogil=True, error_model="numpy")
def reference_attenuation(path: Ends, air: Medium) -> float:
    """Return the median attenuation relative to free space in dB, at least 0."""
    line = diffraction(path, air)
    if path.length < line.smooth:
        return float(max(_in_sight(path, air, line), 0.0))
    return float(max(_beyond_sight(path, air, line), 0.0))


@njit(cache=True, nogil=True, error_model="numpy")
def free_space(length: float, wave: float) -> float:
    """Return the free-space loss in dB."""
    return 20.0 * math.log10(2.0 * length * wave)
