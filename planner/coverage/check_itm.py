"""The Irregular Terrain Model once more, in plain Python, for the independent check.

Written anew from the published algorithm for the one case that coverage uses: the median over
land, vertical polarisation. It shares the constants of the radio climates with the compiled model,
and no code.

References
----------
Hufford, The ITS Irregular Terrain Model, version 1.2.2: The Algorithm.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from planner.coverage.itm import CLIMATES
from planner.settings import Settings

Floats = npt.NDArray[np.float64]
Pair = tuple[float, float]

_ROUNDING = 1e-6
"""What a whole number of steps may lack."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A path and what the model derives from its profile; lengths in m, pairs by end.

    `k` is the wave number, `gamma` the Earth's effective curvature, `ns` the refractivity.
    """

    d: float
    k: float
    gamma: float
    ns: float
    impedance: complex
    hg: Pair
    he: Pair
    dl: Pair
    theta: Pair
    dh: float

    @property
    def horizon(self) -> float:
        """Both horizon distances together."""
        return sum(self.dl)

    @property
    def smooth(self) -> float:
        """Both horizon distances over smooth Earth."""
        return sum(math.sqrt(2.0 * he / self.gamma) for he in self.he)

    @property
    def theta_e(self) -> float:
        """Angle between both horizon rays less that of a path of length 0."""
        return max(sum(self.theta), -self.horizon * self.gamma)

    def dh_at(self, s: float) -> float:
        """Terrain irregularity of a path of length s."""
        return self.dh * (1.0 - 0.8 * math.exp(-s / 50e3))

    def sigma_at(self, s: float) -> float:
        """Deviation of the ground within a Fresnel zone."""
        dh = self.dh_at(s)
        return 0.78 * dh * math.exp(-((dh / 16.0) ** 0.25))


def loss_db(
    ground_m: Floats, length_m: float, tx_height_m: float, frequency_mhz: float, settings: Settings
) -> float:
    """Return the median basic loss of a path over ground at equal steps.

    Parameters
    ----------
    ground_m
        Above sea level, from the transmitter to the receiver.
    length_m
        Between the antennas along the ground.
    tx_height_m
        Above ground; the receiver stands at ``coverage.receiver_height_m``.
    """
    heights = tx_height_m, settings.number("coverage.receiver_height_m")
    link = _link(ground_m, length_m, heights, frequency_mhz, settings)
    free = 32.45 + 20.0 * math.log10(frequency_mhz * length_m / 1000.0)
    beyond = max(_attenuation(link), 0.0) - _yearly(link, settings.text("coverage.itm_climate"))
    if beyond < 0.0:
        beyond *= (29.0 - beyond) / (29.0 - 10.0 * beyond)
    return free + beyond


def _link(h: Floats, d: float, hg: Pair, mhz: float, settings: Settings) -> Link:
    skipped = (len(h) - 1) // 10
    inner = h[skipped : len(h) - skipped]
    ns = settings.number("coverage.itm_refractivity_n") * math.exp(-float(inner.mean()) / 9460.0)
    gamma = 157e-9 * (1.0 - 0.04665 * math.exp(ns / 179.3))
    eps = complex(
        settings.number("coverage.itm_permittivity"),
        18e3 * settings.number("coverage.itm_conductivity_s_m") / mhz,
    )
    x = np.linspace(0.0, d, len(h))
    dl, theta = _horizons(x, h, hg, gamma)
    low, high = min(15.0 * hg[0], 0.1 * dl[0]), d - min(15.0 * hg[1], 0.1 * dl[1])
    dh = _irregularity(x, h, low, high)
    in_sight = sum(dl) > 1.5 * d
    if in_sight:
        planes = _line(x, h, low, high)
    else:
        planes = _line(x, h, low, 0.9 * dl[0])[0], _line(x, h, d - 0.9 * dl[1], high)[1]
    he = hg[0] + max(h[0] - planes[0], 0.0), hg[1] + max(h[-1] - planes[1], 0.0)
    if in_sight:
        he, dl, theta = _expected(he, dh, d, gamma)
    return Link(
        d=d, k=mhz / 47.7, gamma=gamma, ns=ns, impedance=cmath.sqrt(eps - 1.0) / eps,
        hg=hg, he=he, dl=dl, theta=theta, dh=dh,
    )  # fmt: skip


def _horizons(x: Floats, h: Floats, hg: Pair, gamma: float) -> tuple[Pair, Pair]:
    """Return distance and elevation of the steepest ray from each end, the other end included."""
    found = []
    for ground, own, other in ((h, *hg), (h[::-1], *hg[::-1])):
        tops = ground[1:].copy()
        tops[-1] += other
        rays = (tops - ground[0] - own) / x[1:] - gamma * x[1:] / 2.0
        # a horizon that only equals the other end's ray is no horizon
        steepest = int(np.argmax(rays)) if rays[:-1].max(initial=-np.inf) > rays[-1] else -1
        found.append((float(x[1:][steepest]), float(rays[steepest])))
    (near, low), (far, high) = found
    return (near, far), (low, high)


def _line(x: Floats, h: Floats, low: float, high: float) -> Pair:
    """Return the fitted line's heights at both ends of the profile."""
    step, n = x[1], len(x) - 1
    first = math.floor(max(low / step, 0.0) + _ROUNDING)
    last = n - math.floor(max(n - high / step, 0.0) + _ROUNDING)
    if last <= first:
        first, last = max(first - 1, 0), min(last + 1, n)
    place = np.arange(first, last + 1)
    offset = place - place.mean()
    weight = np.ones(len(place))
    weight[[0, -1]] = 0.5
    slope = np.sum(weight * offset * h[place]) / np.sum(weight * offset**2)
    mean = np.sum(weight * h[place]) / np.sum(weight)
    return float(mean - slope * place.mean()), float(mean + slope * (n - place.mean()))


def _irregularity(x: Floats, h: Floats, low: float, high: float) -> float:
    span = (high - low) / x[1]
    if span < 2.0:
        return 0.0
    tenth = min(max(math.floor(0.1 * (span + 8.0) + _ROUNDING), 4), 25)
    at = np.linspace(low, high, 10 * tenth - 5)
    heights = np.interp(at, x, h)
    left, right = _line(np.arange(len(at), dtype=np.float64), heights, 0.0, len(at) - 1.0)
    sorted_m = np.sort(heights - np.linspace(left, right, len(at)))
    return float(
        (sorted_m[-tenth] - sorted_m[tenth - 1]) / (1.0 - 0.8 * math.exp((low - high) / 50e3))
    )


def _expected(he: Pair, dh: float, d: float, gamma: float) -> tuple[Pair, Pair, Pair]:
    """Return effective heights, horizons and their elevations that a path in sight must have."""

    def reach(height: float) -> float:
        return math.sqrt(2.0 * height / gamma) * math.exp(-0.07 * math.sqrt(dh / max(height, 5.0)))

    short = reach(he[0]) + reach(he[1])
    if short <= d:
        he = he[0] * (d / short) ** 2, he[1] * (d / short) ** 2
    dl = reach(he[0]), reach(he[1])
    full = math.sqrt(2.0 * he[0] / gamma), math.sqrt(2.0 * he[1] / gamma)
    first, second = ((0.65 * dh * (full[i] / dl[i] - 1.0) - 2.0 * he[i]) / full[i] for i in (0, 1))
    return he, dl, (first, second)


def _attenuation(link: Link) -> float:
    """Return the reference attenuation of whatever range the path lies in."""
    unit = (link.k * link.gamma**2) ** (-1.0 / 3.0)
    d3 = max(link.smooth, link.horizon + 1.3787 * unit)
    d4 = d3 + 2.7574 * unit
    a3, a4 = _diffraction(link, d3), _diffraction(link, d4)
    slope = (a4 - a3) / (d4 - d3)
    line = np.poly1d([slope, a3 - slope * d3])
    if link.d < link.smooth:
        return _optics(link, line)
    h6 = _frequency_gain(link, link.horizon + 400e3)
    h5 = h6 if h6 is None or h6 > 15.0 else _frequency_gain(link, link.horizon + 200e3)
    if h5 is None or h6 is None:
        return float(line(link.d))
    a5 = _scatter(link, link.horizon + 200e3, min(h5, h6) if h5 > 15.0 else h5)
    a6 = _scatter(link, link.horizon + 400e3, h6)
    flat = (a6 - a5) / 200e3
    cross = (a5 - line.c[1] - flat * (link.horizon + 200e3)) / (slope - flat)
    cross = max(link.smooth, link.horizon + 0.3 * unit * math.log(47.7 * link.k), cross)
    return float(line(link.d) if link.d <= cross else line(cross) + flat * (link.d - cross))


def _diffraction(link: Link, s: float) -> float:
    """Return knife edges and rounded Earth, weighted, with the clutter's term."""
    beyond, angle = s - link.horizon, link.theta_e + s * link.gamma
    edges = 0.0
    for dl in link.dl:
        nu2 = link.k / (4.0 * math.pi) * angle**2 * dl * beyond / (dl + beyond)
        near = 6.02 + 9.11 * math.sqrt(nu2) - 1.27 * nu2
        edges += near if nu2 < 5.76 else 12.953 + 10.0 * math.log10(nu2)
    arcs = [(dl**2 / (2.0 * he), dl) for dl, he in zip(link.dl, link.he, strict=True)]
    arcs.append((beyond / angle, beyond))
    z = abs(link.impedance)
    curved = [(radius * link.k) ** (1.0 / 3.0) for radius, _ in arcs]
    k = [1.0 / (c * z) for c in curved]
    x = [151.03 * (1.607 - k[i]) * curved[i] * arcs[i][1] / arcs[i][0] for i in range(3)]
    rounded = 0.05751 * sum(x) - 10.0 * math.log10(sum(x)) - 20.0
    rounded -= _over_ground(x[0], k[0]) + _over_ground(x[1], k[1])
    ratio = (link.he[0] * link.he[1] + 10.0) / (link.hg[0] * link.hg[1] + 10.0)
    q = math.sqrt(ratio) + (link.horizon + link.theta_e / link.gamma) / s
    q *= min(link.k * link.dh_at(s) / (2.0 * math.pi), 1000.0) * 2.0 * math.pi
    share = 1.0 / (1.0 + math.sqrt(q) / 25.1)
    fuzz = 4.77e-4 * link.hg[0] * link.hg[1] * link.k * link.sigma_at(link.smooth)
    fuzz = min(15.0, 5.0 * math.log10(1.0 + fuzz))
    return float(share * rounded + (1.0 - share) * edges + fuzz)


def _over_ground(x: float, k: float) -> float:
    high = 40.0 * math.log10(max(x, 1.0)) - 117.0
    if x <= 200.0:
        low = 20.0 * math.log10(k) - 15.0 + 2.5e-5 * x**2 / k
        return high if k < 1e-5 or x * math.log(1.0 / k) ** 3 > 5495.0 else low
    part = 0.0134 * x * math.exp(-x / 200.0) if x < 2000.0 else 0.0
    return part * high + (1.0 - part) * (0.05751 * x - 10.0 * math.log10(x))


def _optics(link: Link, line: Callable[[float], float]) -> float:
    """Return the curve through up to three losses in sight, at the path's length."""
    end, zero = link.smooth, float(line(0.0))
    slope = (float(line(end)) - zero) / end
    d0 = 1.908 * link.k * link.he[0] * link.he[1]
    if zero >= 0.0:
        d0 = min(d0, link.horizon / 2.0)
        d1 = 0.75 * d0 + 0.25 * link.horizon
    else:
        d1 = max(-zero / slope, link.horizon / 4.0)
    a1, a2 = _two_rays(link, line, d1), float(line(end))
    k1 = k2 = 0.0
    bent = False
    if d0 < d1:
        a0 = _two_rays(link, line, d0)
        span, ln2 = end - d0, math.log(end / d0)
        k2 = (span * (a1 - a0) - (d1 - d0) * (a2 - a0)) / (
            span * math.log(d1 / d0) - (d1 - d0) * ln2
        )
        k2 = max(k2, 0.0)
        bent = zero > 0.0 or k2 > 0.0
        k1 = (a2 - a0 - k2 * ln2) / span
        if bent and k1 < 0.0:
            k2 = max(a2 - a0, 0.0) / ln2
            k1 = 0.0 if k2 > 0.0 else slope
    if not bent:
        k2, k1 = 0.0, max(a2 - a1, 0.0) / (end - d1) or slope
    return a2 + k1 * (link.d - end) + k2 * math.log(link.d / end)


def _two_rays(link: Link, line: Callable[[float], float], s: float) -> float:
    sine = sum(link.he) / math.hypot(s, sum(link.he))
    r = (sine - link.impedance) / (sine + link.impedance)
    r *= math.exp(-min(10.0, link.k * link.sigma_at(s) * sine))
    if abs(r) ** 2 < max(0.25, sine):
        r *= math.sqrt(sine) / abs(r)
    delta = 2.0 * link.k * link.he[0] * link.he[1] / s
    if delta > math.pi / 2.0:
        delta = math.pi - math.pi**2 / (4.0 * delta)
    rays = -20.0 * math.log10(abs(cmath.exp(-1j * delta) + r))
    share = 1.0 / (1.0 + link.k * link.dh / (0.021 * max(10e3, link.smooth)))
    return float(share * rays + (1.0 - share) * float(line(s)))


def _frequency_gain(link: Link, s: float) -> float | None:
    """Return H0 of tropospheric scatter, None where the antennas see too little of it."""
    theta = sum(link.theta) + s * link.gamma
    r = [2.0 * link.k * theta * he for he in link.he]
    if max(r) < 0.2:
        return None
    ad = abs(link.dl[0] - link.dl[1])
    tall = link.he[1] / link.he[0] if link.dl[0] >= link.dl[1] else link.he[0] / link.he[1]
    ss = (s - ad) / (s + ad)
    q, ss = float(np.clip(tall / ss, 0.1, 10.0)), max(0.1, ss)
    z0 = (s**2 - ad**2) * theta / (4.0 * s)
    stable = 0.031 - 2.32e-3 * link.ns + 5.67e-6 * link.ns**2
    eta = (1.0 + stable * math.exp(-(min(1.7, z0 / 8e3) ** 6))) * z0 / 1755.6
    gain = sum(_layered(each, max(eta, 1.0)) for each in r) / 2.0
    gain += min(gain, 0.49 * (1.38 - math.log(max(eta, 1.0))) * math.log(ss) * math.log(q))
    gain = max(gain, 0.0)
    if eta >= 1.0:
        return gain
    product = math.prod(1.0 + math.sqrt(2.0) / each for each in r) ** 2
    near = 10.0 * math.log10(product * sum(r) / (sum(r) + 2.0 * math.sqrt(2.0)))
    return eta * gain + (1.0 - eta) * near


def _layered(r: float, eta: float) -> float:
    a, b = np.array([25.0, 80, 177, 395, 705]), np.array([24.0, 45, 68, 80, 105])
    values = 10.0 * np.log10(1.0 + b / r**2 + a / r**4)
    return float(np.interp(eta, np.arange(1.0, 6.0), values))


def _scatter(link: Link, s: float, gain: float) -> float:
    theta = link.theta_e + s * link.gamma
    path = theta * s
    rows = ((10e3, 133.4, 0.332e-3, -10.0), (70e3, 104.6, 0.212e-3, -2.5), (0, 71.8, 0.157e-3, 5.0))
    a, b, c = next(row[1:] for row in rows if path <= row[0] or not row[0])
    function = a + b * path + c * math.log10(path)
    fixed = 10.0 * math.log10(47.7 * link.k * theta**4)
    return function + fixed - 0.1 * (link.ns - 301.0) * math.exp(-path / 40e3) + gain


def _yearly(link: Link, climate: str) -> float:
    """Return by how much the year's median lies below the reference."""
    c1, c2, x1, x2, x3 = CLIMATES[climate].median
    known = sum(math.sqrt(18e6 * he) for he in link.he) + (575.7e12 / link.k) ** (1.0 / 3.0)
    de = 130e3 * link.d / known if link.d < known else 130e3 + link.d - known
    return float((c1 + c2 / (1.0 + ((de - x2) / x3) ** 2)) / (1.0 + (x1 / de) ** 2))
