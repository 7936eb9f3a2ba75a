"""The second model's word in the independent check: is a point covered, uncertain or neither."""

from __future__ import annotations

from dataclasses import dataclass
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


def state(
    heard: Heard, cells: pd.DataFrame, settings: Settings, slack: Slack | None = None
) -> State:
    """Return what both models say where a cell is heard.

    Parameters
    ----------
    heard
        The strongest cell by the first model.
    cells
        The cells among which it was found.
    slack
        Added to what each model predicts.
    """
    granted = slack or Slack()
    wanted = wanted_dbm(settings)
    dbm = heard.dbm + granted.first_db
    first = dbm >= wanted
    asked = (
        settings.text("coverage.second_model") == "itm"
        and heard.cell >= 0
        and heard.length_m >= _NEAREST_M
        and abs(dbm - wanted) <= settings.number("coverage.second_within_db")
    )
    if not asked:
        return State(first, first)
    second = second_dbm(heard, cells, settings) + granted.second_db >= wanted
    return State(first and second, first or second)


def second_dbm(heard: Heard, cells: pd.DataFrame, settings: Settings) -> float:
    """Return the power of the heard cell by the second model."""
    cell = cells.iloc[heard.cell]
    loss = check_itm.loss_db(
        np.asarray(heard.ground_m), heard.length_m, float(cell["height_m"]),
        float(cell["frequency_mhz"]), settings,
    )  # fmt: skip
    return float(cell["eirp_dbm"]) - heard.pattern_db - loss
