"""Offset and slope of each band that bring the prediction to the measurements, by Huber's loss.

A fit works on a frame of medians with the columns site, band, excess_db (predicted less measured)
and decades (log10 of the distance in km).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import least_squares

from planner.settings import Settings

Floats = npt.NDArray[np.float64]
Terms = Literal["none", "offset", "slope"]
Model = Mapping[str, tuple[float, float]]
"""Band to offset in dB at 1 km and slope in dB per decade of distance, both added to the loss.

Bands without enough points of their own take those of ``""``.
"""

_TERMS: tuple[Terms, ...] = ("none", "offset", "slope")


def chosen(points: pd.DataFrame, settings: Settings) -> tuple[Terms, dict[Terms, float]]:
    """Return the terms that predict unseen sites best, and each choice's error on them.

    Each site in turn, or each of ``coverage.calibrate_folds`` groups of sites, is held back from
    the fit and then predicted. Of one site nothing can be held back: the offset alone is fitted.

    Parameters
    ----------
    points
        Medians, index 0..n-1.

    Returns
    -------
    tuple
        ``"none"``, ``"offset"`` or ``"slope"`` (offset and slope), and the root mean square error
        of each in dB; empty where nothing could be held back or nothing may be fitted.

    References
    ----------
    Roberts et al. (2017), Cross-validation strategies for data with temporal, spatial,
    hierarchical, or phylogenetic structure, Ecography 40: blocks, since pixels of one site err
    alike.
    """
    if not settings.flag("coverage.calibrate"):
        return "none", {}
    if len(points) < settings.count("coverage.calibrate_min_points"):
        return "none", {}
    sites = sorted(set(points["site"]))
    if len(sites) == 1:
        return "offset", {}
    fold = folds(points["site"], settings.count("coverage.calibrate_folds"))
    scores: dict[Terms, float] = {}
    for terms in _TERMS:
        left = np.empty(len(points))
        for number in range(int(fold.max()) + 1):
            held = fold == number
            model = fitted(points[~held], terms, settings)
            excess = points.loc[held, "excess_db"].to_numpy()
            left[held] = excess - correction_db(points[held], model)
        scores[terms] = rms(left)
    return min(_TERMS, key=lambda terms: scores[terms]), scores


def folds(sites: pd.Series, most: int) -> npt.NDArray[np.int64]:
    """Return the fold of each point: sites in order of their names, dealt out in turn."""
    ordered = sorted(set(sites))
    number = {site: position % max(most, 2) for position, site in enumerate(ordered)}
    return sites.map(number).to_numpy(np.int64)


def fitted(points: pd.DataFrame, terms: Terms, settings: Settings) -> Model:
    """Return offset and slope of every band with enough points, and of all together as ``""``."""
    if terms == "none":
        return {}
    least = settings.count("coverage.calibrate_min_points")
    found = {"": _robust(points, terms, settings)} if len(points) else {}
    for band, own in points.groupby("band"):
        if len(own) >= least:
            found[str(band)] = _robust(own, terms, settings)
    return found


def _robust(points: pd.DataFrame, terms: Terms, settings: Settings) -> tuple[float, float]:
    """Return the offset and slope of least Huber loss.

    References
    ----------
    Huber (1964), Robust estimation of a location parameter, Ann. Math. Statist. 35.
    """
    excess, decades = (points[name].to_numpy(np.float64) for name in ("excess_db", "decades"))
    limit = settings.number("coverage.calibrate_slope_limit_db")
    unknowns = 2 if terms == "slope" and limit > 0.0 else 1
    most = np.array([np.inf, limit])[:unknowns]
    design = np.column_stack([np.ones(len(points)), decades])[:, :unknowns]
    found = least_squares(
        lambda x: design @ x - excess, np.array([np.median(excess), 0.0])[:unknowns],
        jac=lambda _: design, bounds=(-most, most), loss="huber",
        f_scale=settings.number("coverage.calibrate_huber_db"), xtol=1e-12, ftol=1e-12, gtol=1e-12,
    )  # fmt: skip
    offset, slope = [*found.x, 0.0][:2]
    return round(float(offset), 3), round(float(slope), 3)


def correction_db(points: pd.DataFrame, model: Model) -> Floats:
    """Return what a model adds to the loss at each point, shape (n,), in dB."""
    other = model.get("", (0.0, 0.0))
    pairs = np.array([model.get(band, other) for band in points["band"]]).reshape(-1, 2)
    return np.asarray(pairs[:, 0] + pairs[:, 1] * points["decades"].to_numpy(np.float64))


def rms(values: Floats) -> float:
    """Return the root mean square."""
    return float(np.sqrt(np.mean(values**2)))
