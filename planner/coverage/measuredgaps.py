"""Measured gaps: where the drive test lacks signal although the prediction has it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
        pixels = _pixels(county["measurements"], operator, grid)
        pixels = pixels.assign(predicted=signal.rsrp_dbm[pixels["row"], pixels["column"]])
        pixels = pixels[np.isfinite(pixels["predicted"])]
        if not len(pixels):
            continue
        counts[operator] = _agreement(pixels, wanted)
        wrong = pixels[(pixels["measured"] < wanted) & (pixels["predicted"] >= wanted)]
        least = settings.count("coverage.measured_gap_pixels")
        found = sorted(_gaps(county, wrong, signal, grid, least), key=lambda gap: -gap["pixels"])
        rows += [
            {**gap, "operator": operator, "rank": rank, "gap_id": f"M-{operator}-{rank:03d}"}
            for rank, gap in enumerate(found, start=1)
        ]
    return from_rows(rows, MEASURED_GAPS, county.crs), counts


def _pixels(table: gpd.GeoDataFrame, operator: str, grid: Grid) -> pd.DataFrame:
    """Return the medians of one operator's samples: row, column, measured, samples."""
    own = table[table["operator"] == operator]
    xy = own.geometry.get_coordinates().to_numpy(np.float64)
    row, column, inside = grid.locate(xy)
    frame = pd.DataFrame({"row": row, "column": column, "dbm": own["rsrp_dbm"].to_numpy()})
    groups = frame[inside].groupby(["row", "column"], sort=True)["dbm"]
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
    county: County, wrong: pd.DataFrame, signal: Signal, grid: Grid, least: int
) -> Iterator[dict[str, Any]]:
    flags = np.zeros(grid.shape, dtype=bool)
    flags[wrong["row"], wrong["column"]] = True
    labels, _ = ndimage.label(flags, structure=_TOUCHING)
    label = labels[wrong["row"], wrong["column"]]
    kept = {number: own for number, own in wrong.groupby(label) if len(own) >= least}
    shown = np.where(np.isin(labels, list(kept)), labels, 0).astype(np.int32)
    outlines = grid.polygons(shown)
    names = county["cells"]["cell_id"].astype(str).to_numpy()
    for number, own in kept.items():
        server = signal.server[own["row"], own["column"]]
        served = np.bincount(server[server >= 0], own["samples"].to_numpy()[server >= 0])
        yield {
            "pixels": len(own), "samples": int(own["samples"].sum()),
            "area_km2": len(own) * grid.pixel_km2,
            "measured_dbm": round(float(own["measured"].median()), 2),
            "predicted_dbm": round(float(own["predicted"].median()), 2),
            "cell_id": names[served.argmax()] if len(served) else "",
            "geometry": outlines[int(number)],
        }  # fmt: skip
