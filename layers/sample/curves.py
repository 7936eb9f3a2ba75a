"""Curves along which a town is laid out, and the smoothing of paths."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from scipy import ndimage
from shapely import LineString

from layers.sample.grid import Floats


@dataclass(frozen=True, slots=True)
class Bend:
    """A curved ruler: positions along a line and at right angles to it.

    `line` runs downstream or upstream alike; positive offsets lie to its left. Normals are taken
    over a long chord, so that offset streets stay smooth where the line wriggles.
    """

    line: LineString
    origin_m: float

    def xy(self, along_m: Floats, left_m: Floats) -> Floats:
        """Return points for positions along the line and to its left, shape (n, 2)."""
        station = self.origin_m + np.asarray(along_m, dtype=np.float64)
        here, behind, ahead = (
            shapely.get_coordinates(shapely.line_interpolate_point(self.line, station + shift))
            for shift in (0.0, -220.0, 220.0)
        )
        way = ahead - behind
        way /= np.hypot(way[:, 0], way[:, 1])[:, None]
        normal = np.column_stack([-way[:, 1], way[:, 0]])
        points: Floats = here + np.asarray(left_m)[:, None] * normal
        return points


def smooth(points: Floats, *, step_m: float, sigma_m: float) -> Floats:
    """Return a path resampled and smoothed, its two ends unmoved.

    Parameters
    ----------
    points
        Corners of the path, shape (n, 2), n at least 2.
    step_m
        Distance between the points returned.
    sigma_m
        Width of the Gaussian; forms shorter than this vanish.
    """
    line = LineString(points)
    count = max(2, int(np.ceil(line.length / step_m)) + 1)
    stations = np.linspace(0.0, line.length, count)
    dense = shapely.get_coordinates(shapely.line_interpolate_point(line, stations))
    sigma = sigma_m / max(line.length / (count - 1), 1e-6)
    straight = dense[:1] + (dense[-1:] - dense[:1]) * np.linspace(0, 1, count)[:, None]
    # odd reflection at the ends keeps them where they are
    away = dense - straight
    padded = np.concatenate([-away[:0:-1], away, -away[-2::-1]])
    eased = ndimage.gaussian_filter1d(padded, min(sigma, count / 2), axis=0, mode="nearest")
    middle: Floats = straight + eased[count - 1 : 2 * count - 1]
    middle[0], middle[-1] = dense[0], dense[-1]
    return middle
