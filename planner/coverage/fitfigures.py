"""Figures of the calibration: what was added in each band and land cover, and the errors there."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from planner.coverage.clutter import COVERS
from planner.coverage.fit import Choice, Model, correction_of, rms

_LEFT = {"before": "excess_db", "after": "after_db", "cross_validated": "unseen_db"}
_ERRORS = ("km_from", "km_to", *(f"rmse_{name}_db" for name in _LEFT))


def summary(points: pd.DataFrame, choice: Choice) -> dict[str, Any]:
    """Return the figures of all points together; errors are null where there are none.

    Parameters
    ----------
    points
        As `planner.coverage.fit` has them, with samples and with after_db and unseen_db: what is
        left of the excess by the fit, and by one that has not seen the point's site.
    """
    before = points["excess_db"].to_numpy(np.float64)
    some = bool(len(points))
    unseen = choice.scores.get(choice.terms)
    return {
        "status": "calibrated" if choice.terms != "none" else "compared" if some else "no_points",
        "terms": choice.terms,
        "pixels": len(points),
        "sites": int(points["site"].nunique()),
        "bias_before_db": round(float(np.median(before)), 3) if some else None,
        "rmse_before_db": round(rms(before), 3) if some else None,
        "rmse_after_db": round(rms(points["after_db"].to_numpy(np.float64)), 3) if some else None,
        "rmse_cross_validated_db": None if unseen is None else round(unseen, 3),
        "cross_validation_db": {name: round(score, 3) for name, score in choice.scores.items()},
    }


def rows(points: pd.DataFrame, model: Model) -> list[dict[str, Any]]:
    """Return a row for each measured band and land cover, then those that serve other bands.

    A row whose ``land_cover`` is "" is of the whole band, and serves receivers whose land cover is
    not known; there are no others where the county's is not. Rows whose ``band`` is "" are of all
    bands together; there are none where nothing is corrected.

    Parameters
    ----------
    points
        As for `summary`.
    """
    known = points["cover"].ne("").any()
    covers = ("", *COVERS) if known else ("",)
    parts = [(str(band), own) for band, own in points.groupby("band")]
    measured = [
        {**_added(band, cover, model), **_errors(_of(own, cover))}
        for band, own in parts
        for cover in covers
    ]
    others = [
        {**_added("", cover, model), **_size(_of(points, cover))} for cover in covers if model
    ]
    return measured + others


def _of(points: pd.DataFrame, cover: str) -> pd.DataFrame:
    return points[points["cover"] == cover] if cover else points


def _added(band: str, cover: str, model: Model) -> dict[str, Any]:
    offset, slope = correction_of(model, band, cover)
    return {
        "band": band, "land_cover": cover, "fitted_on": _basis(band, cover, model),
        "offset_db": offset, "slope_db_per_decade": slope,
    }  # fmt: skip


def _basis(band: str, cover: str, model: Model) -> str:
    """Return what a row's offset was fitted to."""
    if not model:
        return "none"
    if cover and (band, cover) in model:
        return "land_cover"
    return "band" if band and (band, "") in model else "all"


def _size(points: pd.DataFrame) -> dict[str, int]:
    return {
        "samples": int(points["samples"].sum()), "pixels": len(points),
        "sites": int(points["site"].nunique()),
    }  # fmt: skip


def _errors(points: pd.DataFrame) -> dict[str, float | None]:
    """Return counts, distances and errors of some points; null where there are none."""
    if points.empty:
        return {**_size(points), **dict.fromkeys(_ERRORS)}
    near, far = 10.0 ** points["decades"].quantile([0.05, 0.95]).to_numpy(np.float64)
    left = [rms(points[column].to_numpy(np.float64)) for column in _LEFT.values()]
    values = zip(_ERRORS, (near, far, *left), strict=True)
    found = {name: None if np.isnan(value) else round(float(value), 3) for name, value in values}
    return {**_size(points), **found}
