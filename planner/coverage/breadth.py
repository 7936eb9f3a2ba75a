"""Breadth and depth 广度、深度: shares of area by threshold, of people outdoors and indoors."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.errors import fail
from planner.coverage.gaps import wanted_dbm
from planner.coverage.homes import households, people
from planner.coverage.margin import margin_db
from planner.coverage.signal import Signal
from planner.settings import Settings

Floats = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]

_THRESHOLDS = "coverage.thresholds_dbm"


def thresholds_dbm(settings: Settings) -> tuple[float, ...]:
    """Return the thresholds at which the covered share is listed, as the setting orders them.

    Raises
    ------
    InputError
        If ``coverage.thresholds_dbm`` is not a list of numbers with commas.
    """
    text = settings.text(_THRESHOLDS)
    try:
        return tuple(float(part) for part in text.replace("，", ",").split(","))
    except ValueError as error:
        raise fail("setting_numbers", name=_THRESHOLDS, value=text) from error


def of_area(signal: Signal, settings: Settings) -> dict[str, float | None]:
    """Return the share of known pixels at or above each threshold plus the margin.

    Returns
    -------
    dict
        Threshold in dBm as text to share, 0 to 1; None where no pixel is known.
    """
    known = signal.rsrp_dbm[np.isfinite(signal.rsrp_dbm)]
    over_db = margin_db(settings)
    return {
        f"{threshold:g}": _share(float((known >= threshold + over_db).sum()), float(known.size))
        for threshold in thresholds_dbm(settings)
    }


def with_summaries(heard: Mapping[str, Singles]) -> dict[str, Singles]:
    """Return the operators' signals at places with ``any``, the best, and ``all``, the worst."""
    table = np.stack(list(heard.values()))
    return {**heard, "any": table.max(axis=0), "all": table.min(axis=0)}


def of_people(
    places: pd.DataFrame, heard_dbm: Singles, settings: Settings
) -> dict[str, float | None]:
    """Return the shares of people and households with signal outdoors and indoors.

    Outdoors (breadth) the settlement's point must reach the threshold, indoors (depth) also what
    a wall takes, ``coverage.indoor_loss_db``. A settlement on unknown ground has no signal.

    Parameters
    ----------
    places
        Frame of `layers.tables.PLACES`.
    heard_dbm
        Signal at each place, shape (n,).
    """
    wanted = wanted_dbm(settings)
    indoors = wanted + settings.number("coverage.indoor_loss_db")
    counted = {"people": people(places, settings), "households": households(places)}
    shares: dict[str, float | None] = {}
    for name, number in counted.items():
        total = float(number.sum())
        shares[name] = round(total)
        shares[f"{name}_outdoor_share"] = _share(float(number[heard_dbm >= wanted].sum()), total)
        shares[f"{name}_indoor_share"] = _share(float(number[heard_dbm >= indoors].sum()), total)
    return shares


def _share(part: float, whole: float) -> float | None:
    return round(part / whole, 6) if whole else None
