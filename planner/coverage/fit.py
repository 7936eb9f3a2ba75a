"""Offset and slope by band and land cover that bring the prediction to the measurements.

A fit works on a frame of medians with the columns site, band, cover (land cover at the receiver,
"" where it is not known), excess_db (predicted less measured) and decades (log10 of the distance
in km), index 0..n-1. It is by Huber's loss, so that tunnels, parked cars and wrong cells hardly
pull.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import least_squares

from planner.coverage.clutter import COVERS
from planner.settings import Settings

Floats = npt.NDArray[np.float64]
Terms = Literal["none", "offset", "slope", "land_cover"]
Model = Mapping[tuple[str, str], tuple[float, float]]
"""Band and land cover to offset in dB at 1 km and slope in dB per decade, both added to the loss.

Bands without enough points of their own take those of the band ``""``, all bands together; within
a band a land cover without enough points takes those of the cover ``""``, the whole band. The slope
is the same in all land cover of a band.
"""

_TERMS: tuple[Terms, ...] = ("none", "offset", "slope", "land_cover")


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """Which terms predict unseen sites best.

    Parameters
    ----------
    terms
        ``none``, ``offset``, ``slope`` (offset and slope) or ``land_cover`` (offset by land cover,
        and slope).
    scores
        Root mean square error in dB of each choice at sites held back; empty where none could be
        or nothing may be fitted.
    unseen_db
        What the chosen terms leave of each point's excess when its site is held back; None where
        there are no scores.
    """

    terms: Terms
    scores: Mapping[Terms, float] = field(default_factory=dict)
    unseen_db: Floats | None = None


def chosen(points: pd.DataFrame, settings: Settings) -> Choice:
    """Return the terms that predict unseen sites best; of equals the fewest.

    Each site in turn, or each of ``coverage.calibrate_folds`` groups of sites, is held back from
    the fit and then predicted. Of one site nothing can be held back: the offset alone is fitted.

    References
    ----------
    Roberts et al. (2017), Cross-validation strategies for data with temporal, spatial,
    hierarchical, or phylogenetic structure, Ecography 40: blocks, since pixels of one site err
    alike.
    """
    least = settings.count("coverage.calibrate_min_points")
    if not settings.flag("coverage.calibrate") or len(points) < least:
        return Choice("none")
    if len(set(points["site"])) == 1:
        return Choice("offset")
    left = {terms: _unseen_db(points, terms, settings) for terms in _TERMS}
    scores = {terms: rms(values) for terms, values in left.items()}
    best = min(_TERMS, key=lambda terms: scores[terms])
    return Choice(best, scores, left[best])


def _unseen_db(points: pd.DataFrame, terms: Terms, settings: Settings) -> Floats:
    """Return what is left of each point's excess by a fit that has not seen its site."""
    fold = folds(points["site"], settings.count("coverage.calibrate_folds"))
    left = points["excess_db"].to_numpy(np.float64, copy=True)
    for number in range(int(fold.max()) + 1):
        held = fold == number
        left[held] -= correction_db(points[held], fitted(points[~held], terms, settings))
    return left


def folds(sites: pd.Series, most: int) -> npt.NDArray[np.int64]:
    """Return the fold of each point: sites in order of their names, dealt out in turn."""
    ordered = sorted(set(sites))
    number = {site: position % max(most, 2) for position, site in enumerate(ordered)}
    return sites.map(number).to_numpy(np.int64)


def fitted(points: pd.DataFrame, terms: Terms, settings: Settings) -> Model:
    """Return the fit of every band with enough points, and of all together as ``""``."""
    if terms == "none" or not len(points):
        return {}
    least = settings.count("coverage.calibrate_min_points")
    parts = {"": points} | {str(band): own for band, own in points.groupby("band")}
    return {
        (band, cover): pair
        for band, own in parts.items()
        if not band or len(own) >= least
        for cover, pair in _of_band(own, terms, settings).items()
    }


def _of_band(
    points: pd.DataFrame, terms: Terms, settings: Settings
) -> dict[str, tuple[float, float]]:
    """Return offset and slope of a band by land cover, and of the whole band as ``""``.

    Land cover with enough points has offsets of its own, fitted together with one slope, as clutter
    offsets are in the tuning of planning models; at that slope one more offset is fitted to the
    whole band.
    """
    covers = _own_covers(points, settings) if terms == "land_cover" else ()
    excess, decades = (points[name].to_numpy(np.float64) for name in ("excess_db", "decades"))
    everywhere = np.ones((len(points), 1))
    if not covers:
        (offset,), slope = _robust(
            excess, everywhere, decades if terms != "offset" else None, settings
        )
        return {"": (offset, slope)}
    within = points["cover"].to_numpy()[:, np.newaxis] == np.array(covers)
    own = within.any(axis=1)
    offsets, slope = _robust(excess[own], within[own].astype(np.float64), decades[own], settings)
    (offset,), _ = _robust(excess - slope * decades, everywhere, None, settings)
    pairs = {cover: (own_offset, slope) for cover, own_offset in zip(covers, offsets, strict=True)}
    return {"": (offset, slope), **pairs}


def _own_covers(points: pd.DataFrame, settings: Settings) -> tuple[str, ...]:
    """Return the land cover with enough points and sites; none where fewer than two have them."""
    least = settings.count("coverage.calibrate_min_points")
    sites = settings.count("coverage.calibrate_cover_sites")
    groups = points.groupby("cover")["site"].agg(["size", "nunique"])
    enough = groups.index[(groups["size"] >= least) & (groups["nunique"] >= sites)]
    covers = tuple(cover for cover in COVERS if cover in enough)
    return covers if len(covers) > 1 else ()


def _robust(
    excess: Floats, groups: Floats, decades: Floats | None, settings: Settings
) -> tuple[list[float], float]:
    """Return the offset of each group and the slope of all that have the least Huber loss.

    Parameters
    ----------
    groups
        Shape (n, groups): 1 where a point is of a group, else 0.
    decades
        None for a slope of 0.

    References
    ----------
    Huber (1964), Robust estimation of a location parameter, Ann. Math. Statist. 35.
    """
    limit = settings.number("coverage.calibrate_slope_limit_db")
    design = groups if decades is None or limit <= 0.0 else np.column_stack([groups, decades])
    count = groups.shape[1]
    sloped = design.shape[1] - count
    most = np.array([*[np.inf] * count, *[limit] * sloped])
    start = [float(np.median(excess[own > 0.0])) for own in groups.T]
    found = least_squares(
        lambda x: design @ x - excess, np.array([*start, *[0.0] * sloped]),
        jac=lambda _: design, bounds=(-most, most), loss="huber",
        f_scale=settings.number("coverage.calibrate_huber_db"), xtol=1e-12, ftol=1e-12, gtol=1e-12,
    )  # fmt: skip
    values = [round(float(value), 3) for value in found.x]
    return values[:count], values[count] if sloped else 0.0


def correction_of(model: Model, band: str, cover: str) -> tuple[float, float]:
    """Return the offset and slope that serve a band and land cover; 0 of an empty model.

    Parameters
    ----------
    band
        As `planner.coverage.bands.name_of` names it.
    cover
        One of `planner.coverage.clutter.COVERS`, or "" where it is not known.
    """
    held = band if (band, "") in model else ""
    return model.get((held, cover), model.get((held, ""), (0.0, 0.0)))


def correction_db(points: pd.DataFrame, model: Model) -> Floats:
    """Return what a model adds to the loss at each point, shape (n,), in dB."""
    keys = zip(points["band"], points["cover"], strict=True)
    pairs = np.array([correction_of(model, band, cover) for band, cover in keys]).reshape(-1, 2)
    return np.asarray(pairs[:, 0] + pairs[:, 1] * points["decades"].to_numpy(np.float64))


def rms(values: Floats) -> float:
    """Return the root mean square."""
    return float(np.sqrt(np.mean(values**2)))
