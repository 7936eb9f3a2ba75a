"""The independent check of the swept grid: its stated agreement with exact paths, proven anew."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from planner.checking import Failure
from planner.coverage import check_model
from planner.coverage.check_verdict import Verdict, fail
from planner.settings import Settings

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

_SIGMAS = 4.0
_ROUNDING_DB = 0.01


def verdicts(
    figures: Mapping[str, Any], gaps: gpd.GeoDataFrame, settings: Settings,
    *, points: Floats, known: Bools, exact: Mapping[str, Floats],
) -> Iterator[Verdict]:  # fmt: skip
    """Yield whether the sweep agrees with exact paths as stated, and well enough.

    Parameters
    ----------
    figures
        The object ``coverage`` of result.json; its ``sweep_sample_dbm`` holds the swept signal at
        the sampled points, which must be theirs where the gaps are.
    points
        Sampled pixels, shape (n, 2), as the check draws them.
    known
        Which of them have a terrain.
    exact
        Operator to signal at the points by the check's own model.
    """
    stated = figures["sweep_sample_dbm"]
    complete = set(stated) == set(exact) and all(
        len(values) == len(points) for values in stated.values()
    )
    yield complete, _fail("sweep_sample", sorted(stated), sorted(exact))
    if not complete or not known.any():
        return
    swept = {
        operator: np.array([np.nan if dbm is None else dbm for dbm in stated[operator]])
        for operator in exact
    }
    table = np.stack([swept[operator] for operator in exact])
    paired = bool((np.isfinite(table) == known).all())
    yield paired, _fail("sweep_sample", "voids elsewhere", int((~known).sum()))
    if paired:
        truth = np.stack(list(exact.values()))[:, known]
        yield from _agreement(figures, table[:, known], truth, settings)
        yield from _gaps(gaps, swept, points, known, settings)


def _agreement(
    figures: Mapping[str, Any], swept: Floats, exact: Floats, settings: Settings
) -> Iterator[Verdict]:
    """Yield whether bias, rms and shared class are as stated and within their limits."""
    slack_db = settings.number("coverage.check_tolerance_db")
    floor_dbm, wanted_dbm = settings.number("coverage.floor_dbm"), check_model.wanted_dbm(settings)
    both = (swept > floor_dbm + slack_db) & (exact > floor_dbm + slack_db)
    if both.any() and figures["sweep_rms_db"] is not None:
        error = (swept - exact)[both]
        bias_db, rms_db = float(error.mean()), float(np.sqrt(np.mean(error**2)))
        for key, found in (("sweep_bias_db", bias_db), ("sweep_rms_db", rms_db)):
            held = abs(figures[key] - found) <= slack_db
            yield held, _fail(key, figures[key], round(found, 4))
        limit_db = settings.number("coverage.check_sweep_rms_db")
        yield rms_db <= limit_db, _fail("sweep_rms_db", round(rms_db, 4), f"at most {limit_db}")
    same = (swept >= wanted_dbm) == (exact >= wanted_dbm)
    doubtful = float((np.abs(exact - wanted_dbm) <= slack_db).mean())
    share = float(same.mean())
    held = abs(figures["sweep_agreement"] - share) <= doubtful + 1e-6
    yield held, _fail("sweep_agreement", figures["sweep_agreement"], round(share, 4))
    least = settings.number("coverage.check_sweep_agreement")
    error_of_sample = _SIGMAS * np.sqrt(least * (1.0 - least) / same.size)
    held = share >= least - error_of_sample - 1.0 / same.size
    yield bool(held), _fail("sweep_agreement", round(share, 4), f"at least {least}")


def _gaps(
    gaps: gpd.GeoDataFrame, swept: Mapping[str, Floats], points: Floats, known: Bools,
    settings: Settings,
) -> Iterator[Verdict]:  # fmt: skip
    """Yield whether no sampled point lies in a gap though its stated signal reaches the threshold.

    The gaps are cut from the swept grid, so this ties the stated sample to what is shown.
    """
    table = np.stack(list(swept.values()))
    signals = {**swept, "any": table.max(axis=0), "all": table.min(axis=0)}
    reached_dbm = check_model.wanted_dbm(settings) + _ROUNDING_DB
    for operator, dbm in signals.items():
        own = gaps.geometry[gaps["operator"] == operator].to_numpy()
        covered = points[known & (dbm >= reached_dbm)]
        wrong = int(shapely.contains_xy(shapely.union_all(own), covered).sum()) if len(own) else 0
        yield wrong == 0, _fail("sweep_gap", f"{operator}: {wrong} points with signal in gaps", 0)


def _fail(rule: str, found: object, expected: object) -> Failure:
    return fail(rule, "sweep", found, expected)
