"""The independent check of the calibration: medians, predictions, fit and cross-validation.

The fit is repeated by iteratively reweighted least squares, where the run uses a trust-region
search; predictions come from `planner.coverage.check_model`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from layers.county import County
from planner.checking import Failure
from planner.coverage import bands
from planner.coverage.cells import Usable
from planner.coverage.check_model import Hear
from planner.coverage.check_verdict import Verdict, fail
from planner.settings import Settings

Floats = npt.NDArray[np.float64]

_STEPS = 400
_STILL_DB = 1e-5
_FIT_DB = 0.05
"""Two ways to one convex optimum differ by less than this."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Subject:
    """What is judged: the table of medians and the stated figures, with the run's inputs.

    `cells` are without correction; `hear` tells what is heard of some cells at a point.
    """

    county: County
    settings: Settings
    cells: Usable
    hear: Hear
    points: gpd.GeoDataFrame
    figures: Mapping[str, Any]


def corrected(cells: Usable, figures: Mapping[str, Any]) -> Usable:
    """Return the cells with the offset and slope that the figures state for their band."""
    stated = _stated(figures)
    pairs = [stated.get(name, stated.get("", (0.0, 0.0))) for name in _bands_of(cells)]
    table = cells.cells.assign(
        offset_db=[offset for offset, _ in pairs], slope_db_per_decade=[slope for _, slope in pairs]
    )
    return replace(cells, cells=table)


def with_infill(settings: Settings, figures: Mapping[str, Any]) -> Settings:
    """Return the settings with the stated correction of the band of infill cells."""
    stated = _stated(figures)
    if figures.get("terms", "none") == "none":
        return settings
    band = bands.name_of(settings.number("coverage.infill_frequency_mhz"))
    offset, slope = stated.get(band, stated.get("", (0.0, 0.0)))
    given = {"coverage.infill_offset_db": offset, "coverage.infill_slope_db": slope}
    return settings.with_user(given, source="check")


def verdicts(subject: Subject, *, limit: int) -> Iterator[Verdict]:
    """Yield whether the calibration is what measurements and model give.

    Parameters
    ----------
    limit
        How many predictions to compute anew, spread over the table.
    """
    measured, stated = len(subject.county["measurements"]), subject.figures["samples"]
    yield stated == measured, _fail("samples", stated, measured)
    if not measured:
        clean = subject.points.empty and subject.figures["status"] == "no_measurements"
        yield clean, _fail("no_measurements", subject.figures["status"], "nothing measured")
        return
    yield from _medians(subject)
    if subject.points.empty:
        return
    table = _table(subject)
    yield from _predictions(subject, table, limit)
    yield from _errors(subject, table)
    yield from _fit(subject, table)
    yield from _unseen(subject, table)


def _fail(rule: str, found: object, expected: object, subject: str = "") -> Failure:
    return fail(f"calibration_{rule}", subject, found, expected)


def _stated(figures: Mapping[str, Any]) -> dict[str, tuple[float, float]]:
    rows = figures.get("bands", ())
    return {row["band"]: (row["offset_db"], row["slope_db_per_decade"]) for row in rows}


def _bands_of(cells: Usable) -> list[str]:
    return [bands.name_of(mhz) for mhz in cells.cells["frequency_mhz"]]


def _medians(subject: Subject) -> Iterator[Verdict]:
    """Yield whether samples add up, and medians are right where one cell alone served a pixel."""
    figures, points = subject.figures, subject.points
    told = points["samples"].sum() + figures["samples_unpredicted"]
    told += sum(figures["samples_left_out"].values())
    yield told == figures["samples"], _fail("sum", told, figures["samples"])
    pixel_m = subject.settings.number("coverage.resolution_m")
    table = subject.county["measurements"]
    here = _keys(table, pixel_m).assign(dbm=table["rsrp_dbm"].to_numpy())
    groups = here.groupby(["operator", "x", "y"])["dbm"].agg(["median", "size"]).reset_index()
    mine = _keys(points, pixel_m).assign(
        dbm=points["measured_dbm"].to_numpy(), count=points["samples"].to_numpy()
    )
    both = mine.merge(groups, on=["operator", "x", "y"], how="left")
    most = both.groupby(["operator", "x", "y"]).agg(told=("count", "sum"), size=("size", "first"))
    many = int((~(most["told"] <= most["size"])).sum())
    yield not many, _fail("pixel_samples", f"{many} pixels with more samples", "none")
    alone = both[both["count"] == both["size"]]
    wrong = int((np.abs(alone["dbm"] - alone["median"]) > 1e-6).sum())
    yield not wrong, _fail("median", f"{wrong} wrong of {len(alone)}", "none")


def _keys(table: gpd.GeoDataFrame, pixel_m: float) -> pd.DataFrame:
    xy = np.floor(shapely.get_coordinates(table.geometry.to_numpy()) / pixel_m).astype(int)
    return pd.DataFrame({"operator": table["operator"].to_numpy(), "x": xy[:, 0], "y": xy[:, 1]})


def _table(subject: Subject) -> pd.DataFrame:
    """Return each median with its cell's position in the usable cells, excess and decades."""
    names = subject.county["cells"]["cell_id"].astype(str).to_numpy()
    own = subject.cells.cells
    place = pd.Series(own.index, index=names[own["row"].to_numpy()])
    points = subject.points
    mast = own.iloc[place[points["cell_id"]].to_numpy()].reset_index(drop=True)
    xy = shapely.get_coordinates(points.geometry.to_numpy())
    away_m = np.hypot(xy[:, 0] - mast["x_m"].to_numpy(), xy[:, 1] - mast["y_m"].to_numpy())
    away_m = np.maximum(away_m, subject.settings.number("coverage.resolution_m") / 2.0)
    return pd.DataFrame(
        {
            "cell": place[points["cell_id"]].to_numpy(), "x": xy[:, 0], "y": xy[:, 1],
            "site": mast["site_id"].astype(str), "decades": np.log10(away_m / 1000.0),
            "band": [bands.name_of(mhz) for mhz in mast["frequency_mhz"]],
            "excess": points["predicted_dbm"].to_numpy() - points["measured_dbm"].to_numpy(),
            "left": points["calibrated_dbm"].to_numpy() - points["measured_dbm"].to_numpy(),
            "predicted": points["predicted_dbm"].to_numpy(),
        }
    )  # fmt: skip


def _predictions(subject: Subject, table: pd.DataFrame, limit: int) -> Iterator[Verdict]:
    floor = subject.settings.number("coverage.floor_dbm")
    slack = subject.settings.number("coverage.check_tolerance_db")
    for row in table.iloc[:: max(1, -(-len(table) // max(limit, 1)))].itertuples():
        cell = subject.cells.cells.iloc[[int(str(row.cell))]]
        point = np.array([row.x, row.y], dtype=np.float64)
        found = subject.hear(cell, point).dbm
        stated = max(float(str(row.predicted)), floor)
        close = abs(found - stated) <= slack
        yield close, _fail("prediction", stated, found, f"{point.tolist()}")


def _errors(subject: Subject, table: pd.DataFrame) -> Iterator[Verdict]:
    """Yield whether stated errors follow from the table, and the correction from the bands."""
    figures, stated = subject.figures, _stated(subject.figures)
    pairs = np.array([stated.get(band, stated.get("", (0.0, 0.0))) for band in table["band"]])
    left = table["excess"] - pairs[:, 0] - pairs[:, 1] * table["decades"]
    gap = float(np.abs(left - table["left"]).max())
    yield gap < 0.01, _fail("correction", f"{gap:.3f} dB off", "offset and slope of its band")
    expected = {
        "pixels": len(table), "sites": table["site"].nunique(),
        "bias_before_db": table["excess"].median(),
        "rmse_before_db": _rms(table["excess"]), "rmse_after_db": _rms(left),
    }  # fmt: skip
    for key, value in expected.items():
        close = abs(float(figures[key]) - float(value)) <= 0.01
        yield close, _fail(key, figures[key], value)


def _rms(values: pd.Series) -> float:
    return float(np.sqrt(np.mean(np.square(values))))


def _fit(subject: Subject, table: pd.DataFrame) -> Iterator[Verdict]:
    """Yield whether each band's offset and slope are those of least Huber loss."""
    terms, stated = subject.figures["terms"], _stated(subject.figures)
    model = _model(table, terms, subject.settings)
    for band, (offset, slope) in stated.items():
        wanted = model.get(band, model.get("", (0.0, 0.0)))
        close = np.allclose((offset, slope), wanted, atol=_FIT_DB)
        yield close, _fail("fit", (offset, slope), wanted, band)


def _unseen(subject: Subject, table: pd.DataFrame) -> Iterator[Verdict]:
    """Yield whether the errors on sites held back are as stated, and the best terms were taken."""
    figures, settings = subject.figures, subject.settings
    sites = sorted(set(table["site"]))
    enough = len(table) >= settings.count("coverage.calibrate_min_points")
    if not (settings.flag("coverage.calibrate") and enough):
        yield figures["terms"] == "none", _fail("terms", figures["terms"], "none")
        return
    if len(sites) == 1:
        yield figures["terms"] == "offset", _fail("terms", figures["terms"], "offset")
        return
    count = max(settings.count("coverage.calibrate_folds"), 2)
    fold = table["site"].map(sites.index) % count
    scores = {terms: _score(table, fold, terms, settings) for terms in ("none", "offset", "slope")}
    for terms, score in scores.items():
        told = figures["cross_validation_db"][terms]
        yield abs(told - score) <= _FIT_DB, _fail("cross_validation", told, score, terms)
    best = min(scores.values())
    held = scores[figures["terms"]] <= best + _FIT_DB
    yield held, _fail("terms", figures["terms"], f"error of {best:.2f} dB")


def _score(table: pd.DataFrame, fold: pd.Series, terms: str, settings: Settings) -> float:
    left = []
    for number in sorted(set(fold)):
        held, rest = table[fold == number], table[fold != number]
        model = _model(rest, terms, settings)
        pairs = np.array([model.get(band, model.get("", (0.0, 0.0))) for band in held["band"]])
        left.append(held["excess"] - pairs[:, 0] - pairs[:, 1] * held["decades"])
    return _rms(pd.concat(left))


def _model(table: pd.DataFrame, terms: str, settings: Settings) -> dict[str, tuple[float, float]]:
    if terms == "none":
        return {}
    least = settings.count("coverage.calibrate_min_points")
    parts = {"": table} | {str(band): own for band, own in table.groupby("band")}
    return {
        band: _reweighted(own, settings, slope=terms == "slope")
        for band, own in parts.items()
        if not band or len(own) >= least
    }


def _reweighted(table: pd.DataFrame, settings: Settings, *, slope: bool) -> tuple[float, float]:
    """Return offset and slope by iteratively reweighted least squares with Huber's weights.

    References
    ----------
    Holland and Welsch (1977), Robust regression using iteratively reweighted least-squares.
    """
    huber = settings.number("coverage.calibrate_huber_db")
    limit = settings.number("coverage.calibrate_slope_limit_db") if slope else 0.0
    excess, decades = table["excess"].to_numpy(), table["decades"].to_numpy()
    offset, tilt = float(np.median(excess)), 0.0
    for _ in range(_STEPS):
        left = np.abs(excess - offset - tilt * decades)
        weight = np.minimum(1.0, huber / np.maximum(left, 1e-9))
        middle, centre = np.average(excess, weights=weight), np.average(decades, weights=weight)
        spread = float(np.sum(weight * (decades - centre) ** 2))
        shared = float(np.sum(weight * (decades - centre) * (excess - middle)))
        before = offset, tilt
        tilt = float(np.clip(shared / spread, -limit, limit)) if spread > 0.0 else 0.0
        offset = float(middle - tilt * centre)
        if max(abs(offset - before[0]), abs(tilt - before[1])) < _STILL_DB:
            break
    return offset, tilt
