"""Random fields with a chosen spectrum, the raw matter of the sample's mountains."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Grid = NDArray[np.float64]


def field(
    shape: tuple[int, int],
    cell_m: float,
    rng: np.random.Generator,
    *,
    wavelength_m: float,
    roughness: float = 2.0,
    stretch: float = 1.0,
    bearing_deg: float = 0.0,
) -> Grid:
    """Return a random field of mean 0 and standard deviation 1.

    The power spectrum is flat above the wavelength given and falls with wavenumber to the power
    of ``-2 * roughness`` below it, the self-affine form found for topography (Turcotte, 1997,
    Fractals and Chaos in Geology and Geophysics).

    Parameters
    ----------
    shape
        Rows, columns.
    cell_m
        Side of a cell in metre.
    rng
        Source of randomness.
    wavelength_m
        Length of the largest forms, across the grain.
    roughness
        Exponent of the amplitude's fall; larger is smoother.
    stretch
        How many times longer the forms are along the grain than across it.
    bearing_deg
        Bearing of the grain, clockwise from north.

    Returns
    -------
    Grid
        Shape as asked; periodic at its edges.
    """
    north = np.fft.fftfreq(shape[0], cell_m)[:, None] * -1.0
    east = np.fft.rfftfreq(shape[1], cell_m)[None, :]
    angle = np.radians(bearing_deg)
    along = north * np.cos(angle) + east * np.sin(angle)
    across = -north * np.sin(angle) + east * np.cos(angle)
    wavenumber = np.hypot(along * stretch, across) * wavelength_m
    amplitude = (1.0 + wavenumber**2) ** (-roughness / 2.0 - 0.25)
    spectrum = np.fft.rfft2(rng.standard_normal(shape)) * amplitude
    spectrum[0, 0] = 0.0
    values: Grid = np.fft.irfft2(spectrum, s=shape)
    return values / float(values.std())
