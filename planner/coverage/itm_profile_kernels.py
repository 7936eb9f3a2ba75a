"""What the Irregular Terrain Model reads from a profile: horizons, roughness, effective heights.

Heights ``h`` are above sea level in m, n + 1 of them at equal steps in m; curvature is the
reciprocal of the effective Earth radius in m.

References
----------
Hufford, The ITS Irregular Terrain Model, version 1.2.2: The Algorithm.
Hufford, Longley and Kissick (1982), NTIA Report 82-100: where a profile is looked at (page 25).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

Heights = npt.NDArray[np.floating]
Floats = npt.NDArray[np.float64]

_KM = 1000.0


class Ends(NamedTuple):
    """Geometry of a path seen from both of its ends.

    `length` is the path in m; `hg1`, `hg2` are the antennas above ground, `he1`, `he2` above the
    effective reflecting plane in m; `dl1`, `dl2` the distances to the horizons in m, `theta1`,
    `theta2` their elevations in rad; `rough` is the terrain irregularity Δh in m.
    """

    length: float
    hg1: float
    hg2: float
    he1: float
    he2: float
    dl1: float
    dl2: float
    theta1: float
    theta2: float
    rough: float


@njit(cache=True, nogil=True, error_model="numpy")
def horizons(
    h: Heights, n: int, step: float, hts: float, hrs: float, curvature: float
) -> tuple[float, float, float, float]:
    """Return elevations in rad and distances in m of both horizons.

    `hts` and `hrs` are the antennas above sea level. On a path in sight each end has the other
    one as its horizon.
    """
    length = n * step
    rise = (hrs - hts) / length
    theta1 = rise - 0.5 * length * curvature
    theta2 = -rise - 0.5 * length * curvature
    dl1 = dl2 = length
    for i in range(1, n):
        near = i * step
        far = length - near
        seen1 = (h[i] - hts) / near - 0.5 * near * curvature
        seen2 = (h[i] - hrs) / far - 0.5 * far * curvature
        if seen1 > theta1:
            theta1, dl1 = seen1, near
        if seen2 > theta2:
            theta2, dl2 = seen2, far
    return theta1, theta2, dl1, dl2


@njit(cache=True, nogil=True, error_model="numpy")
def _whole(steps: float) -> int:
    """Return how many whole steps fit, 0 where none does; rounding must not cost the last one."""
    return max(int(steps + 1.0e-6), 0)


@njit(cache=True, nogil=True, error_model="numpy")
def straight_line(h: Heights, n: int, step: float, start: float, end: float) -> tuple[float, float]:
    """Return where a line fitted between two distances in m meets both ends of the profile.

    Least squares over whole steps, the first and last height at half weight.
    """
    first = _whole(start / step)
    last = n - _whole(n - end / step)
    if last <= first:
        first, last = max(first - 1, 0), min(last + 1, n)
    width = last - first
    middle = 0.5 * (first + last)
    total = 0.5 * (h[first] + h[last])
    moment = 0.25 * width * (h[last] - h[first])
    for i in range(first + 1, last):
        total += h[i]
        moment += h[i] * (i - middle)
    mean = total / width
    slope = 12.0 * moment / ((width * width + 2.0) * width)
    return mean - slope * middle, mean + slope * (n - middle)


@njit(cache=True, nogil=True, error_model="numpy")
def _ranked(values: Floats, rank: int) -> float:
    """Return the value that `rank` others do not exceed; change the order of `values`.

    Hoare (1961), Algorithm 65: a third of the time that sorting all of them takes.
    """
    low, high = 0, values.size - 1
    while low < high:
        pivot = values[(low + high) // 2]
        i, j = low, high
        while i <= j:
            while values[i] < pivot:
                i += 1
            while values[j] > pivot:
                j -= 1
            if i <= j:
                values[i], values[j] = values[j], values[i]
                i, j = i + 1, j - 1
        if j < rank < i:
            break
        if rank <= j:
            high = j
        else:
            low = i
    return float(values[rank])


@njit(cache=True, nogil=True, error_model="numpy")
def irregularity(h: Heights, n: int, step: float, start: float, end: float) -> float:
    """Return Δh in m: the interdecile range about the straight line, freed of the path's length.

    Only heights between the distances `start` and `end` count.
    """
    first, last = start / step, end / step
    if last - first < 2.0:
        return 0.0
    tenth = min(max(_whole(0.1 * (last - first + 8.0)), 4), 25)
    count = 10 * tenth - 5
    apart = (last - first) / (count - 1)
    sampled = np.empty(count)
    for j in range(count):
        x = first + j * apart
        i = min(int(x), n - 1)
        sampled[j] = h[i] + (x - i) * (h[i + 1] - h[i])
    left, right = straight_line(sampled, count - 1, 1.0, 0.0, count - 1.0)
    fall = (right - left) / (count - 1)
    for j in range(count):
        sampled[j] -= left + fall * j
    range_m = _ranked(sampled, count - tenth) - _ranked(sampled, tenth - 1)
    return float(range_m / (1.0 - 0.8 * math.exp(-(end - start) / (50.0 * _KM))))


@njit(cache=True, nogil=True, error_model="numpy")
def _smooth_horizon(he: float, rough: float, curvature: float) -> float:
    """Return how far the horizon of irregular ground is expected, in m."""
    return math.sqrt(2.0 * he / curvature) * math.exp(-0.07 * math.sqrt(rough / max(he, 5.0)))


@njit(cache=True, nogil=True, error_model="numpy")
def _expected_elevation(he: float, dl: float, rough: float, curvature: float) -> float:
    """Return the elevation in rad at which that horizon is expected."""
    smooth = math.sqrt(2.0 * he / curvature)
    return (0.65 * rough * (smooth / dl - 1.0) - 2.0 * he) / smooth


@njit(cache=True, nogil=True, error_model="numpy")
def ends(h: Heights, n: int, step: float, hg1: float, hg2: float, curvature: float) -> Ends:
    """Return the geometry of a path from its profile.

    Beyond the horizon, a plane for each antenna is fitted to the ground before its horizon. In
    sight, one plane is fitted to the whole, and horizons are those expected over ground as
    irregular as this.
    """
    length = n * step
    theta1, theta2, dl1, dl2 = horizons(h, n, step, h[0] + hg1, h[n] + hg2, curvature)
    start = min(15.0 * hg1, 0.1 * dl1)
    end = length - min(15.0 * hg2, 0.1 * dl2)
    rough = irregularity(h, n, step, start, end)
    if dl1 + dl2 <= 1.5 * length:
        plane1, _ = straight_line(h, n, step, start, 0.9 * dl1)
        _, plane2 = straight_line(h, n, step, length - 0.9 * dl2, end)
        he1, he2 = hg1 + max(h[0] - plane1, 0.0), hg2 + max(h[n] - plane2, 0.0)
        return Ends(length, hg1, hg2, he1, he2, dl1, dl2, theta1, theta2, rough)
    plane1, plane2 = straight_line(h, n, step, start, end)
    he1, he2 = hg1 + max(h[0] - plane1, 0.0), hg2 + max(h[n] - plane2, 0.0)
    dl1 = _smooth_horizon(he1, rough, curvature)
    dl2 = _smooth_horizon(he2, rough, curvature)
    if dl1 + dl2 <= length:
        raised = (length / (dl1 + dl2)) ** 2
        he1, he2 = he1 * raised, he2 * raised
        dl1 = _smooth_horizon(he1, rough, curvature)
        dl2 = _smooth_horizon(he2, rough, curvature)
    theta1 = _expected_elevation(he1, dl1, rough, curvature)
    theta2 = _expected_elevation(he2, dl2, rough, curvature)
    return Ends(length, hg1, hg2, he1, he2, dl1, dl2, theta1, theta2, rough)
