"""The calibration's fit in the independent check: offsets by band and land cover, and slopes.

By iteratively reweighted least squares, where the run uses a trust-region search. A table of
medians has the columns site, band, cover ("" where the land cover is not known), excess and
decades; see `planner.coverage.check_calibration`.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from planner.settings import Settings

Floats = npt.NDArray[np.float64]
Model = Mapping[tuple[str, str], tuple[float, float]]
"""Band and land cover to offset and slope; "" stands for all bands, and for all of a band."""

TERMS = ("none", "offset", "slope", "land_cover")
_STEPS = 400
_STILL_DB = 1e-5


def serving(model: Model, band: str, cover: str) -> tuple[float, float]:
    """Return the offset and slope of a band and land cover, or of what stands in for them."""
    of_band = {own: pair for (name, own), pair in model.items() if name == band}
    of_all = {own: pair for (name, own), pair in model.items() if not name}
    choice = of_band or of_all
    return choice.get(cover, choice.get("", (0.0, 0.0)))


def left_db(table: pd.DataFrame, model: Model) -> Floats:
    """Return what a model leaves of the excess of each median."""
    keys = zip(table["band"], table["cover"], strict=True)
    pairs = np.array([serving(model, *key) for key in keys]).reshape(-1, 2)
    excess, decades = (table[name].to_numpy(np.float64) for name in ("excess", "decades"))
    return np.asarray(excess - pairs[:, 0] - pairs[:, 1] * decades)


def unseen_db(table: pd.DataFrame, terms: str, settings: Settings) -> Floats:
    """Return what is left of each median's excess by the fit to the sites of other folds."""
    sites = sorted(set(table["site"]))
    count = max(settings.count("coverage.calibrate_folds"), 2)
    fold = np.array([sites.index(site) % count for site in table["site"]])
    left = np.empty(len(table))
    for number in sorted(set(fold.tolist())):
        held, rest = table[fold == number], table[fold != number]
        left[fold == number] = left_db(held, fit(rest, terms, settings))
    return left


def fit(table: pd.DataFrame, terms: str, settings: Settings) -> Model:
    """Return the fit of all bands together, and of each that has enough medians."""
    if terms == "none":
        return {}
    least = settings.count("coverage.calibrate_min_points")
    model: dict[tuple[str, str], tuple[float, float]] = {}
    for band in ["", *sorted(set(table["band"]))]:
        own = table[table["band"] == band] if band else table
        if band and len(own) < least:
            continue
        covers = _told_apart(own, settings) if terms == "land_cover" else []
        among = own[own["cover"].isin(covers)] if covers else own
        groups = among["cover"].to_numpy() if covers else np.full(len(among), "")
        slope, offsets = _reweighted(among, groups, settings, sloped=terms != "offset")
        if covers:
            level = own.assign(excess=own["excess"] - slope * own["decades"])
            _, whole = _reweighted(level, np.full(len(own), ""), settings, sloped=False)
            offsets |= whole
        model |= {(band, cover): (offset, slope) for cover, offset in offsets.items()}
    return model


def _told_apart(table: pd.DataFrame, settings: Settings) -> list[str]:
    """Return the land cover with an offset of its own: two at least, with medians and sites."""
    counts = table[table["cover"] != ""].groupby("cover")["site"]
    many = counts.size() >= settings.count("coverage.calibrate_min_points")
    around = counts.nunique() >= settings.count("coverage.calibrate_cover_sites")
    found = sorted(many.index[many & around])
    return [str(cover) for cover in found] if len(found) > 1 else []


def _reweighted(
    table: pd.DataFrame, groups: npt.NDArray[np.object_], settings: Settings, *, sloped: bool
) -> tuple[float, dict[str, float]]:
    """Return the slope and each group's offset by reweighted least squares, Huber's weights.

    References
    ----------
    Holland and Welsch (1977), Robust regression using iteratively reweighted least-squares.
    """
    huber = settings.number("coverage.calibrate_huber_db")
    limit = settings.number("coverage.calibrate_slope_limit_db") if sloped else 0.0
    excess, decades = table["excess"].to_numpy(), table["decades"].to_numpy()
    names, number = np.unique(groups.astype(str), return_inverse=True)
    offset = np.array([np.median(excess[number == k]) for k in range(len(names))])
    slope = 0.0
    for _ in range(_STEPS):
        left = np.abs(excess - offset[number] - slope * decades)
        weight = np.minimum(1.0, huber / np.maximum(left, 1e-9))
        total = np.bincount(number, weight)
        middle = np.bincount(number, weight * excess) / total
        centre = np.bincount(number, weight * decades) / total
        apart = decades - centre[number]
        spread = float(np.sum(weight * apart**2))
        shared = float(np.sum(weight * apart * (excess - middle[number])))
        before = slope, offset
        slope = float(np.clip(shared / spread, -limit, limit)) if spread > 0.0 else 0.0
        offset = middle - slope * centre
        if max(abs(slope - before[0]), float(np.abs(offset - before[1]).max())) < _STILL_DB:
            break
    return slope, {str(name): float(value) for name, value in zip(names, offset, strict=True)}
