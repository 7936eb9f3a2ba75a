"""Measured gaps: where the drive test lacks signal although the prediction has it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import ndimage

from layers.county import County
from layers.tables import MEASURED_GAPS
from planner.coverage.frames import from_rows
from planner.coverage.gaps import wanted_dbm
from planner.coverage.grid import Grid
from planner.coverage.signal import Signal
from planner.settings import Settings

Integers = npt.NDArray[np.int64]

_TOUCHING = np.ones((3, 3), dtype=bool)
"""A road runs across pixels aslant, so corners join."""


def find(
    county: County, grid: Grid, signals: Mapping[str, Signal], settings: Settings
) -> tuple[gpd.GeoDataFrame, dict[str, dict[str, int]]]:
    """Return the measured gaps of every operator, and how prediction and measurement agree.

    The samples of an operator in a pixel are one median, whichever cell served; a pixel is wrong
    where it is below the threshold and the (calibrated) prediction is not. Wrong pixels that touch
    are one gap, from ``coverage.measured_gap_pixels`` on.

    Parameters
    ----------
    signals
        Operator to its signal on `grid`.

    Returns
    -------
    tuple
        Columns of `layers.tables.MEASURED_GAPS`, by operator, then number of pixels; and by
        operator the pixels measured with a prediction: ``both`` have signal, ``neither``,
        ``predicted_only`` and ``measured_only``.
    """
    wanted = wanted_dbm(settings)
    rows: list[dict[str, object]] = []
    counts: dict[str, dict[str, int]] = {}
    for operator, signal in signals.items():
        samples = _samples(county["measurements"], operator, grid)
        pixels = _pixels(samples)
        pixels = pixels.assign(predicted=signal.rsrp_dbm[pixels["row"], pixels["column"]])
        pixels = pixels[np.isfinite(pixels["predicted"])]
        if not len(pixels):
            continue
        counts[operator] = _agreement(pixels, wanted)
        wrong = pixels[(pixels["measured"] < wanted) & (pixels["predicted"] >= wanted)]
        least = settings.count("coverage.measured_gap_pixels")
        made = _gaps(wrong, samples, _Predicted(signal, _names(county)), grid, least)
        found = sorted(made, key=lambda gap: -gap["pixels"])
        rows += [
            {**gap, "operator": operator, "rank": rank, "gap_id": f"M-{operator}-{rank:03d}"}
            for rank, gap in enumerate(found, start=1)
        ]
    return from_rows(rows, MEASURED_GAPS, county.crs), counts


@dataclass(frozen=True, slots=True, eq=False)
class _Predicted:
    """An operator's signal, and the cells' names by their row."""

    signal: Signal
    names: npt.NDArray[np.object_]


def _names(county: County) -> npt.NDArray[np.object_]:
    return np.asarray(county["cells"]["cell_id"].astype(str), dtype=object)


def _samples(table: gpd.GeoDataFrame, operator: str, grid: Grid) -> pd.DataFrame:
    """Return one operator's samples on the grid: row, column, dbm, cell_id."""
    own = table[table["operator"] == operator]
    xy = own.geometry.get_coordinates().to_numpy(np.float64)
    row, column, inside = grid.locate(xy)
    columns = {"dbm": own["rsrp_dbm"].to_numpy(), "cell_id": own["cell_id"].to_numpy()}
    return pd.DataFrame({"row": row, "column": column, **columns})[inside]


def _pixels(samples: pd.DataFrame) -> pd.DataFrame:
    """Return the medians of samples: row, column, measured, samples."""
    groups = samples.groupby(["row", "column"], sort=True)["dbm"]
    return groups.agg(measured="median", samples="size").reset_index()


def _agreement(pixels: pd.DataFrame, wanted: float) -> dict[str, int]:
    measured, predicted = pixels["measured"] >= wanted, pixels["predicted"] >= wanted
    return {
        "both": int((measured & predicted).sum()),
        "neither": int((~measured & ~predicted).sum()),
        "predicted_only": int((~measured & predicted).sum()),
        "measured_only": int((measured & ~predicted).sum()),
    }


def _gaps(
    wrong: pd.DataFrame, samples: pd.DataFrame, predicted: _Predicted, grid: Grid, least: int
) -> Iterator[dict[str, Any]]:
    flags = np.zeros(grid.shape, dtype=bool)
    flags[wrong["row"], wrong["column"]] = True
    labels, _ = ndimage.label(flags, structure=_TOUCHING)
    label = labels[wrong["row"], wrong["column"]]
    kept = {number: own for number, own in wrong.groupby(label) if len(own) >= least}
    shown = np.where(np.isin(labels, list(kept)), labels, 0).astype(np.int32)
    outlines = grid.polygons(shown)
    sampled = labels[samples["row"], samples["column"]]
    for number, own in kept.items():
        server = predicted.signal.server[own["row"], own["column"]]
        yield {
            "pixels": len(own), "samples": int(own["samples"].sum()),
            "area_km2": len(own) * grid.pixel_km2,
            "measured_dbm": round(float(own["measured"].median()), 2),
            "predicted_dbm": round(float(own["predicted"].median()), 2),
            "cell_id": _commonest(samples["cell_id"][sampled == number].dropna()),
            "predicted_cell_id": _commonest(pd.Series(predicted.names[server[server >= 0]])),
            "geometry": outlines[int(number)],
        }  # fmt: skip


def _commonest(names: pd.Series) -> str:
    """Return the name met most often, of equals the first by name; "" where there is none."""
    counts = names.groupby(names).size()
    return str(counts.idxmax()) if len(counts) else ""
