"""The independent check of the village test."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from layers.county import County
from planner.checking import Failure
from planner.settings import Settings

Floats = npt.NDArray[np.float64]
Heard = Callable[[str, Floats], Floats]


def verdicts(
    county: County, villages: gpd.GeoDataFrame, settings: Settings,
    *, cells: pd.DataFrame, signal: Heard, limit: int,
) -> Iterator[tuple[bool, Failure]]:  # fmt: skip
    """Yield for each village and operator whether the verdict follows from the inputs.

    Parameters
    ----------
    cells
        Columns operator, x_m and y_m of the cells that count.
    signal
        Operator and points to signal in dBm.
    limit
        How many rows to prove, spread over the frame.
    """
    places = county["places"]
    step = max(1, -(-len(villages) // max(limit, 1)))
    single = villages[villages["operator"] != "all"]
    for row in single.iloc[::step].itertuples():
        of_village = (places["village"] == row.village) & (places["town"].fillna("") == row.town)
        possible = _possible(places[of_village], str(row.operator), settings, cells, signal)
        yield (
            bool(row.covered) in possible,
            Failure("coverage", "village", f"{row.village}/{row.operator}",
                    f"found {row.covered}, expected {sorted(possible)}"),
        )  # fmt: skip
    for (town, village), rows in villages.groupby(["town", "village"]):
        own = rows[~rows["operator"].isin(["any", "all"])]["covered"].astype(bool).all()
        stated = rows[rows["operator"] == "all"]["covered"].astype(bool)
        yield (
            bool((stated == own).all()) and len(stated) == 1,
            Failure("coverage", "village_all", f"{town}{village}", f"expected {own}"),
        )


def _possible(
    places: gpd.GeoDataFrame, operator: str, settings: Settings, cells: pd.DataFrame, signal: Heard
) -> set[bool]:
    """Return the verdicts that the inputs allow; both where a point is at the very threshold."""
    own = cells if operator == "any" else cells[cells["operator"] == operator]
    committee = places[places["kind"] == "committee"]
    reach_m = 1000.0 * settings.number("coverage.village_site_km")
    sites = shapely.MultiPoint(own[["x_m", "y_m"]].to_numpy())
    if len(committee) and len(own) and committee.distance(sites).min() <= reach_m:
        return {True}
    small = places["households"] < settings.number("coverage.village_households")
    tested = places[~(small & (places["kind"] == "settlement"))]
    if not len(tested):
        return {False}
    wanted = settings.number("coverage.threshold_dbm") + settings.number("coverage.margin_db")
    slack = settings.number("coverage.check_tolerance_db")
    heard = signal(operator, shapely.get_coordinates(tested.geometry.to_numpy()))
    return {bool((heard >= wanted + sign * slack).all()) for sign in (-1.0, 1.0)}
