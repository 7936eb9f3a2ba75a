"""Calibration: what measurements add to the loss of each band, and how far that can be trusted.

The excess of the prediction over the measurement is fitted by an offset and a slope per decade of
distance for each band, with Huber's loss, so that tunnels, parked cars and wrong cells do not
pull. Whether offset and slope, the offset alone or nothing is applied is decided on sites that
took no part in the fit: a model that does not predict unseen sites better is not used.
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
import shapely

from geo.errors import Fault
from geo.terrain import Terrain
from layers.county import County
from layers.tables import CALIBRATION
from planner.coverage import bands
from planner.coverage.cells import Usable
from planner.coverage.clutter import Cover
from planner.coverage.fit import Model, Terms, chosen, correction_db, fitted, rms
from planner.coverage.frames import from_rows, typed
from planner.coverage.measured import thinned
from planner.coverage.signal import predict
from planner.settings import Settings

Floats = npt.NDArray[np.float64]

BUILT_UP = frozenset({"built_up", "town_centre", "industrial_park", "planned_construction", "park"})
"""Zones in which a receiver counts as built-up when residuals are listed by land cover."""

_UNREACHED_DBM = -400.0
WITHOUT: Mapping[str, Any] = MappingProxyType({"status": "no_measurements", "samples": 0})
"""The object ``coverage.calibration`` of result.json where nothing was measured."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Calibration:
    """Corrected cells, and what the correction rests on.

    Parameters
    ----------
    cells
        With `offset_db` and `slope_db_per_decade` of each cell's band.
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
        What stands around receivers, see `planner.coverage.clutter`: measured under trees and
        roofs, so what these take is no fault of the prediction.

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
    terms, scores = chosen(known, settings)
    model = fitted(known, terms, settings) if len(known) else {}
    after = known["excess_db"].to_numpy() - correction_db(known, model)
    figures = {
        **_summary(known, after, terms, scores),
        "samples": measured.samples, "samples_left_out": dict(measured.left_out),
        "samples_guessed": measured.guessed,
        "samples_unpredicted": int(points["samples"].sum() - known["samples"].sum()),
        "bands": _band_rows(known, after, model),
        "land_cover": _land_cover_rows(county, known, after),
    }  # fmt: skip
    return Calibration(
        cells=corrected(cells, model),
        points=_frame(county, cells, known, after),
        figures=MappingProxyType(figures),
        settings=_for_infill(settings, model),
    )


def corrected(cells: Usable, model: Model) -> Usable:
    """Return the cells with the offset and the slope of their band; 0 where it has none.

    Parameters
    ----------
    model
        Band, as `planner.coverage.bands.name_of` names it, to offset in dB at 1 km and slope in
        dB per decade of distance, both added to the loss; ``""`` serves the other bands.
    """
    other = model.get("", (0.0, 0.0))
    pairs = [model.get(bands.name_of(mhz), other) for mhz in cells.cells["frequency_mhz"]]
    offset, slope = np.array(pairs, dtype=np.float64).reshape(-1, 2).T
    return replace(cells, cells=cells.cells.assign(offset_db=offset, slope_db_per_decade=slope))


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
    """Add the serving cell's uncorrected power, its distance, its site and band."""
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
    return points.assign(
        predicted_dbm=power, excess_db=power - points["rsrp_dbm"],
        decades=np.log10(apart_m / 1000.0), site=own["site_id"].astype(str),
        band=[bands.name_of(mhz) for mhz in own["frequency_mhz"]],
    )  # fmt: skip


def _summary(
    points: pd.DataFrame, after: Floats, terms: Terms, scores: Mapping[Terms, float]
) -> dict[str, Any]:
    before = points["excess_db"].to_numpy(np.float64)
    some = bool(len(points))
    unseen = scores.get(terms)
    return {
        "status": "calibrated" if terms != "none" else "compared" if some else "no_points",
        "terms": terms,
        "pixels": len(points),
        "sites": int(points["site"].nunique()),
        "bias_before_db": round(float(np.median(before)), 3) if some else None,
        "rmse_before_db": round(rms(before), 3) if some else None,
        "rmse_after_db": round(rms(after), 3) if some else None,
        "rmse_cross_validated_db": None if unseen is None else round(unseen, 3),
        "cross_validation_db": {name: round(score, 3) for name, score in scores.items()},
    }


def _band_rows(points: pd.DataFrame, after: Floats, model: Model) -> list[dict[str, Any]]:
    other = model.get("", (0.0, 0.0))
    rows = []
    for band, own in points.assign(after=after).groupby("band"):
        offset, slope = model.get(str(band), other)
        rows.append({
            "band": band, "pixels": len(own), "sites": int(own["site"].nunique()),
            "fitted_on": _basis(str(band), model),
            "offset_db": offset, "slope_db_per_decade": slope,
            "km_from": round(float(10.0 ** own["decades"].quantile(0.05)), 3),
            "km_to": round(float(10.0 ** own["decades"].quantile(0.95)), 3),
            "rmse_before_db": round(rms(own["excess_db"].to_numpy()), 3),
            "rmse_after_db": round(rms(own["after"].to_numpy()), 3),
        })  # fmt: skip
    if model:
        rows.append({"band": "", "offset_db": other[0], "slope_db_per_decade": other[1],
                     "pixels": len(points), "sites": int(points["site"].nunique()),
                     "fitted_on": "all"})  # fmt: skip
    return rows


def _basis(band: str, model: Model) -> str:
    if not model:
        return "none"
    return "band" if band in model else "all"


def _land_cover_rows(county: County, points: pd.DataFrame, after: Floats) -> list[dict[str, Any]]:
    """Return what remains in built-up zones and outside, to show whether land cover matters."""
    zones = county["zones"]
    built = shapely.union_all(zones.geometry[zones["kind"].isin(BUILT_UP)].to_numpy())
    inside = shapely.contains_xy(built, points[["x_m", "y_m"]].to_numpy(np.float64))
    cover = np.where(inside, "built_up", "open")
    return [
        {"cover": name, "pixels": int(own.sum()),
         "bias_after_db": round(float(np.median(after[own])), 3),
         "rmse_after_db": round(rms(after[own]), 3)}
        for name in ("built_up", "open") if (own := cover == name).any()
    ]  # fmt: skip


def _frame(county: County, cells: Usable, points: pd.DataFrame, after: Floats) -> gpd.GeoDataFrame:
    row = cells.cells["row"].to_numpy()[points["cell"].to_numpy(np.int64)]
    frame = points.assign(
        cell_id=county["cells"]["cell_id"].astype(str).to_numpy()[row],
        site_id=points["site"],
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
    offset, slope = model.get(band, model.get("", (0.0, 0.0)))
    names = ("coverage.infill_offset_db", "coverage.infill_slope_db")
    return settings.with_user(dict(zip(names, (offset, slope), strict=True)), source="calibration")
