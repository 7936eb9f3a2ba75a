"""Calibration: what measurements add to the loss by band and land cover, and how far to trust it.

The excess of the prediction over the measurement is fitted for each band by an offset, a slope per
decade of distance and an offset for each land cover at the receiver, see `planner.coverage.fit`.
Which of them are applied is decided on sites that took no part in the fit: a model that does not
predict unseen sites better is not used.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.errors import Fault
from geo.terrain import Terrain
from layers.county import County
from layers.tables import CALIBRATION
from planner.coverage import bands, fitfigures
from planner.coverage.cells import Usable
from planner.coverage.clutter import COVERS, OFFSETS, Cover
from planner.coverage.fit import Model, chosen, correction_db, correction_of, fitted
from planner.coverage.frames import from_rows, typed
from planner.coverage.measured import thinned
from planner.coverage.signal import predict
from planner.settings import Settings

Floats = npt.NDArray[np.float64]

_UNREACHED_DBM = -400.0
_SLOPE = "slope_db_per_decade"
WITHOUT: Mapping[str, Any] = MappingProxyType({"status": "no_measurements", "samples": 0})
"""The object ``coverage.calibration`` of result.json where nothing was measured."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Calibration:
    """Corrected cells, and what the correction rests on.

    Parameters
    ----------
    cells
        With offsets by land cover and the slope of each cell's band.
    points
        Frame of `layers.tables.CALIBRATION`: every median with its prediction before and after.
    figures
        The object ``coverage.calibration`` of result.json.
    settings
        The settings given, with the correction of infill cells.
    """

    cells: Usable
    points: gpd.GeoDataFrame
    figures: Mapping[str, Any]
    settings: Settings


def calibrate(
    county: County, cells: Usable, terrain: Terrain, settings: Settings, *, cover: Cover | None
) -> Calibration:
    """Fit the prediction to the county's measurements, where it has any.

    Parameters
    ----------
    cells
        Uncorrected cells, see `planner.coverage.cells.usable`.
    terrain
        As `planner.coverage.grid.ground` returns it.
    settings
        Values ``coverage.calibrate*``; with ``coverage.calibrate`` false the residuals are
        listed and nothing is corrected.
    cover
        Land cover at receivers, see `planner.coverage.clutter`: measured under trees and roofs, so
        what these take is no fault of the prediction. None where the zones say nothing of it; then
        one offset serves a band everywhere.

    References
    ----------
    Hata (1980), Empirical formula for propagation loss in land mobile radio services, IEEE Trans.
    Veh. Technol. 29: offset and slope over log10 d are the terms by which such models are tuned.
    """
    if county["measurements"].empty:
        empty = from_rows([], CALIBRATION, county.crs)
        return Calibration(cells=cells, points=empty, figures=WITHOUT, settings=settings)
    measured = thinned(county, cells, terrain, settings)
    points = _with_prediction(measured.points, cells, terrain, cover, settings)
    known = points[np.isfinite(points["predicted_dbm"])].reset_index(drop=True)
    choice = chosen(known, settings)
    model = fitted(known, choice.terms, settings)
    after = known["excess_db"].to_numpy() - correction_db(known, model)
    unseen_db = np.nan if choice.unseen_db is None else choice.unseen_db
    judged = known.assign(after_db=after, unseen_db=unseen_db)
    figures = {
        **fitfigures.summary(judged, choice),
        "samples": measured.samples, "samples_left_out": dict(measured.left_out),
        "samples_guessed": measured.guessed,
        "samples_unpredicted": int(points["samples"].sum() - known["samples"].sum()),
        "bands": fitfigures.rows(judged, model),
    }  # fmt: skip
    return Calibration(
        cells=corrected(cells, model),
        points=_frame(county, cells, known, after),
        figures=MappingProxyType(figures),
        settings=_for_infill(settings, model),
    )


def corrected(cells: Usable, model: Model) -> Usable:
    """Return the cells with the offsets by land cover and the slope of their band."""
    found = [_columns(bands.name_of(mhz), model) for mhz in cells.cells["frequency_mhz"]]
    added = {name: [one[name] for one in found] for name in (*OFFSETS, _SLOPE)}
    return replace(cells, cells=cells.cells.assign(**added))


def _columns(band: str, model: Model) -> dict[str, float]:
    """Return what a model adds to cells of a band: offsets by land cover, and the slope."""
    offsets = {
        name: correction_of(model, band, cover)[0]
        for name, cover in zip(OFFSETS, COVERS, strict=True)
    }
    return {**offsets, _SLOPE: correction_of(model, band, "")[1]}


def notices(figures: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield what a reader must know of the measurements and of what was made of them.

    Parameters
    ----------
    figures
        The object ``coverage.calibration`` of result.json.
    """
    if not figures["samples"]:
        return
    left_out = sum(figures["samples_left_out"].values())
    if left_out:
        facts = {"count": left_out, "samples": figures["samples"]}
        yield Fault("calibration_left_out", facts, layer="measurements", column="cell_id")
    if figures["terms"] == "none":
        yield Fault("calibration_not_used", {"pixels": figures["pixels"]}, layer="measurements")
    elif figures["sites"] == 1:
        yield Fault("calibration_one_site", layer="measurements")


def _with_prediction(
    points: pd.DataFrame, cells: Usable, terrain: Terrain, cover: Cover | None, settings: Settings
) -> pd.DataFrame:
    """Add the serving cell's uncorrected power, distance, site and band, and the land cover."""
    own = cells.cells.iloc[points["cell"].to_numpy()].reset_index(drop=True)
    apart_m = np.hypot(points["x_m"] - own["x_m"], points["y_m"] - own["y_m"])
    apart_m = np.maximum(apart_m, settings.number("coverage.resolution_m") / 2.0)
    power = np.full(len(points), np.nan)
    serving = points["cell"].to_numpy(np.int64)
    for cell in np.unique(serving):
        rows = np.flatnonzero(serving == cell)
        xy = points[["x_m", "y_m"]].to_numpy(np.float64)[rows]
        alone = cells.cells.iloc[[int(cell)]].reset_index(drop=True)
        found = predict(
            alone, np.zeros(1, dtype=np.int64), terrain, xy, settings,
            floor_dbm=_UNREACHED_DBM, cover=cover,
        )  # fmt: skip
        power[rows] = np.where(found.server[:, 0] >= 0, found.rsrp_dbm[:, 0], np.nan)
    xy = points[["x_m", "y_m"]].to_numpy(np.float64)
    return points.assign(
        cover="" if cover is None else np.array(COVERS)[cover.at(xy)],
        predicted_dbm=power, excess_db=power - points["rsrp_dbm"],
        decades=np.log10(apart_m / 1000.0), site=own["site_id"].astype(str),
        band=[bands.name_of(mhz) for mhz in own["frequency_mhz"]],
    )  # fmt: skip


def _frame(county: County, cells: Usable, points: pd.DataFrame, after: Floats) -> gpd.GeoDataFrame:
    row = cells.cells["row"].to_numpy()[points["cell"].to_numpy(np.int64)]
    frame = points.assign(
        cell_id=county["cells"]["cell_id"].astype(str).to_numpy()[row],
        site_id=points["site"],
        land_cover=points["cover"],
        measured_dbm=points["rsrp_dbm"],
        calibrated_dbm=points["rsrp_dbm"] + after,
        distance_km=10.0 ** points["decades"],
    )
    frame["geometry"] = gpd.points_from_xy(points["x_m"], points["y_m"])
    return typed(frame, CALIBRATION, county.crs)


def _for_infill(settings: Settings, model: Model) -> Settings:
    """Return the settings with the correction of the band in which infill cells send."""
    if not model:
        return settings
    band = bands.name_of(settings.number("coverage.infill_frequency_mhz"))
    added = {f"coverage.infill_{name}": value for name, value in _columns(band, model).items()}
    return settings.with_user(added, source="calibration")
