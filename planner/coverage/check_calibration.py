"""The independent check of the calibration: medians, predictions, fit and cross-validation.

The fit is repeated by `planner.coverage.check_fit`; predictions come from
`planner.coverage.check_model`, the land cover at receivers from `planner.coverage.check_clutter`.
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
from planner.coverage import bands, check_fit
from planner.coverage.cells import Usable
from planner.coverage.check_clutter import LAND_COVER, land_cover
from planner.coverage.check_fit import Model, left_db, serving
from planner.coverage.check_model import Hear
from planner.coverage.check_verdict import Verdict, fail
from planner.settings import Settings

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

_FIT_DB = 0.05
"""Two ways to one convex optimum differ by less than this."""
_ROUNDED_DB = 0.01
_COVERS = ("open", *LAND_COVER)
_SLOPE = "slope_db_per_decade"


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
    """Return the cells with the offsets and slope that the figures state for their band."""
    added = [_added(bands.name_of(mhz), figures) for mhz in cells.cells["frequency_mhz"]]
    columns = {name: [one[name] for one in added] for name in _added("", figures)}
    return replace(cells, cells=cells.cells.assign(**columns))


def with_infill(settings: Settings, figures: Mapping[str, Any]) -> Settings:
    """Return the settings with the stated correction of the band of infill cells."""
    if figures.get("terms", "none") == "none":
        return settings
    band = bands.name_of(settings.number("coverage.infill_frequency_mhz"))
    given = {f"coverage.infill_{name}": value for name, value in _added(band, figures).items()}
    return settings.with_user(given, source="check")


def _added(band: str, figures: Mapping[str, Any]) -> dict[str, float]:
    """Return what the figures add to the loss of a band's cells, by column of the cells."""
    stated = _stated(figures)
    offsets = {f"offset_{cover}_db": serving(stated, band, cover)[0] for cover in _COVERS}
    return {**offsets, _SLOPE: serving(stated, band, "")[1]}


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
    told = subject.points["land_cover"].fillna("").to_numpy()
    wrong = int((told != table["cover"].to_numpy()).sum())
    yield not wrong, _fail("land_cover", f"{wrong} medians elsewhere", "the zones'")
    yield from _predictions(subject, table, limit)
    yield from _errors(subject, table)
    yield from _fit(subject, table)
    yield from _unseen(subject, table)


def _fail(rule: str, found: object, expected: object, subject: str = "") -> Failure:
    return fail(f"calibration_{rule}", subject, found, expected)


def _stated(figures: Mapping[str, Any]) -> Model:
    rows = figures.get("bands", ())
    return {(row["band"], row["land_cover"]): (row["offset_db"], row[_SLOPE]) for row in rows}


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
    """Return each median with its cell's position in the usable cells and what a fit works on."""
    names = subject.county["cells"]["cell_id"].astype(str).to_numpy()
    own = subject.cells.cells
    place = pd.Series(own.index, index=names[own["row"].to_numpy()])
    points = subject.points
    mast = own.iloc[place[points["cell_id"]].to_numpy()].reset_index(drop=True)
    xy = shapely.get_coordinates(points.geometry.to_numpy())
    away_m = np.hypot(xy[:, 0] - mast["x_m"].to_numpy(), xy[:, 1] - mast["y_m"].to_numpy())
    away_m = np.maximum(away_m, subject.settings.number("coverage.resolution_m") / 2.0)
    told = bool(set(LAND_COVER) & set(subject.county["zones"]["kind"]))
    cover = [land_cover(subject.county, one, subject.settings) if told else "" for one in xy]
    return pd.DataFrame(
        {
            "cell": place[points["cell_id"]].to_numpy(), "x": xy[:, 0], "y": xy[:, 1],
            "cover": cover, "samples": points["samples"].to_numpy(),
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
    """Yield whether stated errors follow from the table, and the correction from the rows."""
    figures = subject.figures
    left = left_db(table, _stated(figures))
    gap = float(np.abs(left - table["left"]).max())
    yield gap < 0.01, _fail("correction", f"{gap:.3f} dB off", "that of its band and land cover")
    expected = {
        "pixels": len(table), "sites": table["site"].nunique(),
        "bias_before_db": table["excess"].median(),
        "rmse_before_db": _rms(table["excess"]), "rmse_after_db": _rms(left),
    }  # fmt: skip
    yield from _close(figures, expected, "", _ROUNDED_DB)
    for row in figures["bands"]:
        own = table[_of(row, table)]
        whole = {
            "pixels": len(own),
            "sites": own["site"].nunique(),
            "samples": own["samples"].sum(),
        }
        yield from _close(row, whole, _name(row), _ROUNDED_DB)
        if row["band"] and len(own):
            rms_db = {"rmse_before_db": _rms(own["excess"]), "rmse_after_db": _rms(own["left"])}
            yield from _close(row, rms_db, _name(row), _ROUNDED_DB)


def _close(
    stated: Mapping[str, Any], expected: Mapping[str, float], subject: str, slack: float
) -> Iterator[Verdict]:
    for key, value in expected.items():
        close = stated[key] is not None and abs(float(stated[key]) - float(value)) <= slack
        yield close, _fail(key, stated[key], value, subject)


def _of(row: Mapping[str, Any], table: pd.DataFrame) -> Flags:
    """Return which medians a row of the figures speaks of."""
    of_band = table["band"].to_numpy() == row["band"]
    of_cover = table["cover"].to_numpy() == row["land_cover"]
    return np.asarray((of_band | (row["band"] == "")) & (of_cover | (row["land_cover"] == "")))


def _name(row: Mapping[str, Any]) -> str:
    return f"{row['band'] or 'all bands'} {row['land_cover'] or 'all land cover'}"


def _rms(values: npt.ArrayLike) -> float:
    return float(np.sqrt(np.mean(np.square(values))))


def _fit(subject: Subject, table: pd.DataFrame) -> Iterator[Verdict]:
    """Yield whether each row's offset and slope are those of least Huber loss, and none lacks."""
    figures = subject.figures
    model = check_fit.fit(table, figures["terms"], subject.settings)
    for row in figures["bands"]:
        wanted = serving(model, row["band"], row["land_cover"])
        told = row["offset_db"], row[_SLOPE]
        yield np.allclose(told, wanted, atol=_FIT_DB), _fail("fit", told, wanted, _name(row))
    missing = sorted(set(model) - set(_stated(figures)))
    yield not missing, _fail("fit", missing[:3], "a row for each fit")


def _unseen(subject: Subject, table: pd.DataFrame) -> Iterator[Verdict]:
    """Yield whether the errors on sites held back are as stated, and the best terms were taken."""
    figures, settings = subject.figures, subject.settings
    enough = len(table) >= settings.count("coverage.calibrate_min_points")
    if not (settings.flag("coverage.calibrate") and enough):
        yield figures["terms"] == "none", _fail("terms", figures["terms"], "none")
        return
    if len(set(table["site"])) == 1:
        yield figures["terms"] == "offset", _fail("terms", figures["terms"], "offset")
        return
    unseen = {terms: check_fit.unseen_db(table, terms, settings) for terms in check_fit.TERMS}
    scores = {terms: _rms(left) for terms, left in unseen.items()}
    for terms, score in scores.items():
        told = figures["cross_validation_db"].get(terms, np.nan)
        yield abs(told - score) <= _FIT_DB, _fail("cross_validation", told, score, terms)
    chosen, best = figures["terms"], min(scores.values())
    held = scores[chosen] <= best + _FIT_DB
    yield held, _fail("terms", chosen, f"error of {best:.2f} dB")
    told = {"rmse_cross_validated_db": scores[chosen]}
    yield from _close(figures, told, "", _FIT_DB)
    for row in figures["bands"]:
        own = unseen[chosen][_of(row, table)]
        if row["band"] and len(own):
            told = {"rmse_cross_validated_db": _rms(own)}
            yield from _close(row, told, _name(row), _FIT_DB)
