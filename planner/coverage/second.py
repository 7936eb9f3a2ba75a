"""A second opinion on signal: where two propagation models disagree, nothing is certain."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.terrain import Terrain
from planner.coverage import second_kernels as kernels
from planner.coverage.clutter import OFFSETS, Cover, classes_at, deducted, hidden_in
from planner.coverage.gaps import wanted_dbm
from planner.coverage.grid import Grid
from planner.coverage.itm import CLIMATES, MEDIAN
from planner.coverage.propagation import effective_radius_km
from planner.coverage.signal import Signal, surface_of
from planner.settings import Settings

Floats = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]
Indices = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]

NEAREST_M = 1000.0
"""Path from which on the ITM is meant to be used (Hufford, Longley and Kissick 1982, 2)."""
_CHUNK = 8192


@dataclass(frozen=True, slots=True, eq=False)
class Verdict:
    """What two models say of the same points, for one operator or a summary of several.

    Parameters
    ----------
    certain
        Both models reach the threshold.
    possible
        At least one of them does.
    """

    certain: Flags
    possible: Flags

    @property
    def uncertain(self) -> Flags:
        """Points on which the models lie on different sides of the threshold."""
        return self.possible & ~self.certain


def wanted(settings: Settings) -> bool:
    """Return whether a second model is asked for."""
    return settings.text("coverage.second_model") != "none"


def judge(
    cells: pd.DataFrame, terrain: Terrain, cover: Cover | None, xy: Floats, rsrp_dbm: Singles,
    server: Indices, settings: Settings,
) -> Verdict:  # fmt: skip
    """Return what both models say of points whose first prediction is known.

    The second model is asked about the cell that serves a point by the first one, and only where
    the first signal lies within ``coverage.second_within_db`` of the threshold. Where it is not
    asked or cannot answer, the first model alone decides.

    Parameters
    ----------
    cells
        As `planner.coverage.cells.Usable.cells`.
    terrain
        As `planner.coverage.grid.ground` returns it.
    cover
        Land cover at receivers, see `planner.coverage.clutter`: offset and loss of what stands
        there, counted in both models.
    xy
        Receivers, shape (n, 2).
    rsrp_dbm, server
        First prediction, shape (n,): signal, and position of its cell in `cells`, -1 for none.
    """
    threshold_dbm = wanted_dbm(settings)
    first = np.asarray(rsrp_dbm >= threshold_dbm)
    close = np.abs(rsrp_dbm - threshold_dbm) <= settings.number("coverage.second_within_db")
    asked = np.flatnonzero(close & (server >= 0)) if wanted(settings) else np.zeros(0, np.intp)
    over_dbm = itm_dbm(cells, terrain, xy[asked], server[asked], settings, cover=cover)
    floor_dbm = settings.number("coverage.floor_dbm")
    hides = hidden_in(cover)[classes_at(cover, xy[asked])]
    answer_dbm = deducted(hides, cells, over_dbm, server[asked], floor_dbm)
    second = first.copy()
    second[asked] = np.where(np.isnan(answer_dbm), first[asked], answer_dbm >= threshold_dbm)
    return Verdict(first & second, first | second)


def together(verdicts: Mapping[str, Verdict]) -> dict[str, Verdict]:
    """Return the verdicts of operators with their summaries ``any`` and ``all``.

    ``any`` is certain where one operator is, possible where one may be; ``all`` needs each.
    """
    if not verdicts:
        return {}
    certain = [verdict.certain for verdict in verdicts.values()]
    possible = [verdict.possible for verdict in verdicts.values()]
    return {
        **verdicts,
        "any": Verdict(np.logical_or.reduce(certain), np.logical_or.reduce(possible)),
        "all": Verdict(np.logical_and.reduce(certain), np.logical_and.reduce(possible)),
    }


def on_grid(
    cells: pd.DataFrame, terrain: Terrain, cover: Cover | None, grid: Grid,
    signals: Mapping[str, Signal], settings: Settings,
) -> dict[str, Verdict]:  # fmt: skip
    """Return the verdict on every pixel, by each operator and by ``any`` and ``all``.

    Parameters
    ----------
    cells
        As `planner.coverage.cells.Usable.cells`.
    signals
        Operator to its signal on `grid`, without summaries.

    Returns
    -------
    dict
        Verdicts of the grid's shape; nothing is possible where the ground is not known.
    """
    position = np.full(int(cells["row"].max()) + 2, -1, dtype=np.int32)
    position[cells["row"].to_numpy(np.int64)] = np.arange(len(cells))  # the last one stays -1
    found = {}
    for operator, signal in signals.items():
        row, column = np.nonzero(np.isfinite(signal.rsrp_dbm))
        verdict = judge(
            cells, terrain, cover, grid.centres(row, column), signal.rsrp_dbm[row, column],
            position[signal.server[row, column]], settings,
        )  # fmt: skip
        certain, possible = np.zeros((2, *grid.shape), dtype=bool)
        certain[row, column], possible[row, column] = verdict.certain, verdict.possible
        found[operator] = Verdict(certain, possible)
    return together(found)


def itm_dbm(
    cells: pd.DataFrame, terrain: Terrain, xy: Floats, server: Indices, settings: Settings,
    *, cover: Cover | None = None,
) -> Singles:  # fmt: skip
    """Return the median power that the ITM gives a cell at points, over what stands there.

    Parameters
    ----------
    cells
        As `planner.coverage.cells.Usable.cells`.
    xy, server
        Receivers, shape (n, 2), and the position of each one's cell in `cells`, -1 for none.
    cover
        Land cover at receivers, by which calibration adds to the loss.

    Returns
    -------
    numpy.ndarray
        Shape (n,), in dBm; NaN without a cell, nearer to it than `NEAREST_M`, and across a void.

    References
    ----------
    Hufford, The ITS Irregular Terrain Model, version 1.2.2: The Algorithm.
    """
    found = np.full(len(xy), np.nan, dtype=np.float32)
    if not len(xy):
        return found
    surface, senders, rule = surface_of(terrain), _senders(cells), _rule(settings)
    classes = classes_at(cover, xy)

    def work(part: slice) -> None:
        receivers = kernels.Receivers(xy[part], server[part], classes[part])
        kernels.given_power(surface, senders, rule, receivers, found[part])

    work(slice(0, 0))  # compiles, or loads what is compiled, in one thread only
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        list(pool.map(work, _parts(len(xy))))
    return found


def _parts(count: int) -> Iterable[slice]:
    return (slice(start, start + _CHUNK) for start in range(0, count, _CHUNK))


def _senders(cells: pd.DataFrame) -> kernels.Senders:
    def column(name: str) -> Floats:
        return np.ascontiguousarray(cells[name], dtype=np.float64)

    return kernels.Senders(
        x_m=column("x_m"), y_m=column("y_m"), height_m=column("height_m"),
        frequency_mhz=column("frequency_mhz"), eirp_dbm=column("eirp_dbm"),
        azimuth_rad=np.radians(column("azimuth_deg")),
        beamwidth_rad=np.radians(column("beamwidth_deg")),
        vertical_beamwidth_rad=np.radians(column("vertical_beamwidth_deg")),
        electrical_rad=np.radians(column("electrical_tilt_deg")),
        mechanical_rad=np.radians(column("tilt_deg")),
        offset_db=np.ascontiguousarray(cells[list(OFFSETS)], dtype=np.float64),
        slope_db_per_decade=column("slope_db_per_decade"),
    )  # fmt: skip


def _rule(settings: Settings) -> kernels.Rule:
    return kernels.Rule(
        receiver_m=settings.number("coverage.receiver_height_m"),
        step_m=settings.number("coverage.resolution_m"),
        nearest_m=NEAREST_M,
        radius_km=effective_radius_km(settings.number("coverage.lapse_n_per_km")),
        front_back_db=settings.number("coverage.front_back_db"),
        side_lobe_db=settings.number("coverage.side_lobe_db"),
        sea_level_n=settings.number("coverage.itm_refractivity_n"),
        permittivity=settings.number("coverage.itm_permittivity"),
        conductivity=settings.number("coverage.itm_conductivity_s_m"),
        climate=CLIMATES[settings.text("coverage.itm_climate")],
        wanted=MEDIAN.deviates(),
    )
