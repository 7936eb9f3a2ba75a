"""The second model's word in the independent check: is a point covered, uncertain or neither."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import pandas as pd

from planner.coverage import check_itm
from planner.coverage.check_model import Heard, wanted_dbm
from planner.settings import Settings

_NEAREST_M = 1000.0


class State(NamedTuple):
    """Whether both models reach a point, and whether at least one does."""

    certain: bool
    possible: bool


@dataclass(frozen=True, slots=True)
class Slack:
    """Differences in dB that are granted to the first and to the second model."""

    first_db: float = 0.0
    second_db: float = 0.0


def with_second(heard: Heard, cells: pd.DataFrame, settings: Settings) -> Heard:
    """Return what is heard with the second model's power, where that is asked.

    Parameters
    ----------
    heard
        The strongest cell by the first model, see `planner.coverage.check_model.strongest`.
    cells
        The cells among which it was found.
    """
    asked = (
        settings.text("coverage.second_model") == "itm"
        and heard.cell >= 0
        and heard.length_m >= _NEAREST_M
        and bool(np.isfinite(heard.ground_m).all())
        and abs(heard.dbm - wanted_dbm(settings)) <= settings.number("coverage.second_within_db")
    )
    if not asked:
        return heard
    cell = cells.iloc[heard.cell]
    loss_db = check_itm.loss_db(
        np.asarray(heard.ground_m), heard.length_m, float(cell["height_m"]),
        float(cell["frequency_mhz"]), settings,
    )  # fmt: skip
    loss_db += heard.offset_db
    loss_db += float(cell["slope_db_per_decade"]) * math.log10(heard.length_m / 1000.0)
    return replace(heard, second_dbm=float(cell["eirp_dbm"]) - heard.pattern_db - loss_db)


def state(heard: Heard, settings: Settings, slack: Slack | None = None) -> State:
    """Return what both models say where a cell is heard; `slack` is added to their powers."""
    granted = slack or Slack()
    wanted = wanted_dbm(settings)
    first = heard.dbm + granted.first_db >= wanted
    if math.isnan(heard.second_dbm):
        return State(first, first)
    second = heard.second_dbm + granted.second_db >= wanted
    return State(first and second, first or second)
