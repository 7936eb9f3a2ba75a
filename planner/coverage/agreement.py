"""How far the swept grid agrees with exact profiles: measured at sampled pixels of every run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from geo.terrain import Terrain
from planner.coverage.cells import Usable
from planner.coverage.clutter import Cover
from planner.coverage.gaps import wanted_dbm
from planner.coverage.grid import Grid
from planner.coverage.signal import Signal, predict
from planner.settings import Settings

Floats = npt.NDArray[np.float64]

_PLASTIC = 1.3247179572447460
"""Root of x**3 = x + 1; steps of its inverse powers spread points evenly (Roberts 2018, R2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """The sweep against exact profiles.

    Parameters
    ----------
    bias_db, rms_db
        Mean and root of the mean square of swept less exact signal, where both exceed the floor;
        None where no pixel has both.
    agreement
        Share of pixels that both put on the same side of the threshold; None without any pixel.
    sample_dbm
        Operator to its swept signal at the sampled pixels, rounded to 0.01 dB, None for unknown.
    """

    bias_db: float | None
    rms_db: float | None
    agreement: float | None
    sample_dbm: Mapping[str, list[float | None]]

    def figures(self) -> dict[str, object]:
        """Return the keys of result.json."""
        return {
            "sweep_bias_db": self.bias_db,
            "sweep_rms_db": self.rms_db,
            "sweep_agreement": self.agreement,
            "sweep_sample_dbm": dict(self.sample_dbm),
        }


def compare(
    swept: Floats, exact: Floats, *, floor_dbm: float, threshold_dbm: float
) -> tuple[float | None, float | None, float | None]:
    """Return bias, rms and agreement of two signals of one shape, see `Agreement`.

    Examples
    --------
    >>> import numpy as np
    >>> compare(np.array([-80.0, -104.0]), np.array([-81.0, -106.0]),
    ...         floor_dbm=-140.0, threshold_dbm=-105.0)
    (1.5, 1.5811, 0.5)
    """
    known = np.isfinite(swept) & np.isfinite(exact)
    if not known.any():
        return None, None, None
    same = (swept[known] >= threshold_dbm) == (exact[known] >= threshold_dbm)
    agreement = round(float(same.mean()), 6)
    both = known & (swept > floor_dbm) & (exact > floor_dbm)
    if not both.any():
        return None, None, agreement
    error = swept[both] - exact[both]
    rms = float(np.sqrt(np.mean(error**2)))
    return round(float(error.mean()), 4), round(rms, 4), agreement


def measure(
    cells: Usable, terrain: Terrain, cover: Cover | None, area: BaseGeometry,
    grid: Grid, own: Mapping[str, Signal], settings: Settings,
) -> Agreement:  # fmt: skip
    """Return how the swept signal of every operator agrees with profiles of its own per pixel.

    Parameters
    ----------
    cover
        What stands around receivers, as the sweep had it.
    own
        Operator to its swept signal on `grid`.
    settings
        ``coverage.check_points`` says how many pixels are sampled.
    """
    xy = spread(area, grid, settings.count("coverage.check_points"))
    row, column, _ = grid.locate(xy)
    swept = np.array([signal.rsrp_dbm[row, column] for signal in own.values()], dtype=np.float64)
    exact = predict(
        cells.cells, cells.groups, terrain, xy, settings, cover=cover
    ).rsrp_dbm.T  # fmt: skip
    bias_db, rms_db, agreement = compare(
        swept, exact.astype(np.float64),
        floor_dbm=settings.number("coverage.floor_dbm"),
        threshold_dbm=wanted_dbm(settings),
    )  # fmt: skip
    sample = {
        operator: [round(dbm, 2) if np.isfinite(dbm) else None for dbm in values.tolist()]
        for operator, values in zip(own, swept, strict=True)
    }
    return Agreement(bias_db=bias_db, rms_db=rms_db, agreement=agreement, sample_dbm=sample)


def spread(area: BaseGeometry, grid: Grid, count: int) -> Floats:
    """Return centres of pixels in the area, at most `count`, spread evenly over it.

    Of four times as many pixels of the surrounding rectangle the first ones inside are taken.
    """
    west, south, east, north = shapely.bounds(area)
    step = np.array([1.0 / _PLASTIC, 1.0 / _PLASTIC**2])
    unit = np.mod(np.arange(1, 4 * count + 1)[:, np.newaxis] * step, 1.0)
    xy = [west, south] + unit * [east - west, north - south]
    centre = (np.floor(xy / grid.pixel_m) + 0.5) * grid.pixel_m
    inside = shapely.contains_xy(area, centre) & grid.locate(centre)[2]
    return np.asarray(centre[inside][:count])
