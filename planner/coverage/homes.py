"""How many people and households a place stands for."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from planner.settings import Settings

Floats = npt.NDArray[np.float64]


def people(places: pd.DataFrame, settings: Settings) -> Floats:
    """Return the people who live at each place.

    People live in settlements; committees, schools and clinics are points to test, and whoever a
    table counts there lives in a settlement too. A settlement that states no people is given its
    households times ``coverage.people_per_household``, and 0 where it states neither.

    Parameters
    ----------
    places
        Frame of `layers.tables.PLACES`.

    Returns
    -------
    numpy.ndarray
        Shape (n,), in row order.
    """
    stated = pd.to_numeric(places["people"]).to_numpy(np.float64, na_value=np.nan)
    estimated = households(places) * settings.number("coverage.people_per_household")
    return np.where(_homes(places), np.where(np.isfinite(stated), stated, estimated), 0.0)


def households(places: pd.DataFrame) -> Floats:
    """Return the households of each place, 0 where it is no settlement or states none."""
    stated = pd.to_numeric(places["households"]).to_numpy(np.float64, na_value=np.nan)
    return np.where(_homes(places), np.nan_to_num(stated), 0.0)


def _homes(places: pd.DataFrame) -> npt.NDArray[np.bool_]:
    kind: npt.NDArray[np.bool_] = places["kind"].fillna("settlement").eq("settlement").to_numpy()
    return kind
