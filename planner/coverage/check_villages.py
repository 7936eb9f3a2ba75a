"""The independent check of the village test."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from layers.county import County
from planner.checking import Failure
from planner.coverage.check_model import wanted_dbm
from planner.coverage.check_second import Slack, State
from planner.settings import Settings

Floats = npt.NDArray[np.float64]
Heard = Callable[[str, Floats], Floats]
States = Callable[[Floats, Slack], Mapping[str, Sequence[State]]]


def verdicts(
    county: County, villages: gpd.GeoDataFrame, settings: Settings,
    *, cells: pd.DataFrame, signal: Heard, states: States, limit: int,
) -> Iterator[tuple[bool, Failure]]:  # fmt: skip
    """Yield for each village and operator whether the verdict follows from the inputs.

    Parameters
    ----------
    cells
        Columns operator, x_m and y_m of the cells that count.
    signal
        Operator and points to signal in dBm.
    states
        Points and the slack granted to both models to what they say, by operator.
    limit
        How many rows to prove, spread over the frame.
    """
    places = county["places"]
    step = max(1, -(-len(villages) // max(limit, 1)))
    single = villages[villages["operator"] != "all"]
    for row in single.iloc[::step].itertuples():
        of_village = (places["village"] == row.village) & (places["town"].fillna("") == row.town)
        own, operator = places[of_village], str(row.operator)
        possible = _possible(own, operator, settings, cells, signal)
        yield (
            bool(row.covered) in possible,
            Failure("coverage", "village", f"{row.village}/{row.operator}",
                    f"found {row.covered}, expected {sorted(possible)}"),
        )  # fmt: skip
        doubts = _doubts(own, operator, settings, cells, states)
        yield (
            bool(row.uncertain) in doubts,
            Failure("coverage", "village_uncertain", f"{row.village}/{row.operator}",
                    f"found {row.uncertain}, expected {sorted(doubts)}"),
        )  # fmt: skip
    for (town, village), rows in villages.groupby(["town", "village"]):
        own = rows[~rows["operator"].isin(["any", "all"])]["covered"].astype(bool).all()
        stated = rows[rows["operator"] == "all"]["covered"].astype(bool)
        yield (
            bool((stated == own).all()) and len(stated) == 1,
            Failure("coverage", "village_all", f"{town}{village}", f"expected {own}"),
        )
        yield from _all_uncertain(f"{town}{village}", rows)


def _all_uncertain(name: str, rows: gpd.GeoDataFrame) -> Iterator[tuple[bool, Failure]]:
    """Yield whether ``all`` is uncertain exactly where its operators leave it open."""
    own = rows[~rows["operator"].isin(["any", "all"])]
    passed, doubted = own["covered"].astype(bool), own["uncertain"].astype(bool)
    open_ = bool((passed | doubted).all()) and not bool((passed & ~doubted).all())
    stated = rows[rows["operator"] == "all"]["uncertain"].astype(bool)
    failure = Failure("coverage", "village_all_uncertain", name, f"expected {open_}")
    yield bool((stated == open_).all()), failure


def _possible(
    places: gpd.GeoDataFrame, operator: str, settings: Settings, cells: pd.DataFrame, signal: Heard
) -> set[bool]:
    """Return the verdicts that the inputs allow; both where a point is at the very threshold."""
    if _site_near(places, operator, settings, cells):
        return {True}
    tested = _tested(places, settings)
    if not len(tested):
        return {False}
    wanted = wanted_dbm(settings)
    slack = settings.number("coverage.check_tolerance_db")
    heard = signal(operator, shapely.get_coordinates(tested.geometry.to_numpy()))
    return {bool((heard >= wanted + sign * slack).all()) for sign in (-1.0, 1.0)}


def _doubts(
    places: gpd.GeoDataFrame, operator: str, settings: Settings, cells: pd.DataFrame, states: States
) -> set[bool]:
    """Return whether the verdict hangs on places where the models disagree; both at the verge."""
    xy = shapely.get_coordinates(_tested(places, settings).geometry.to_numpy())
    if not len(xy) or _site_near(places, operator, settings, cells):
        return {False}
    found = set()
    slack_db = settings.number("coverage.check_tolerance_db")
    for first, second in itertools.product((-slack_db, slack_db), repeat=2):
        of_places = states(xy, Slack(first, second))[operator]
        certain = all(state.certain for state in of_places)
        found.add(certain != all(state.possible for state in of_places))
    return found


def _site_near(
    places: gpd.GeoDataFrame, operator: str, settings: Settings, cells: pd.DataFrame
) -> bool:
    own = cells if operator == "any" else cells[cells["operator"] == operator]
    committee = places[places["kind"] == "committee"]
    reach_m = 1000.0 * settings.number("coverage.village_site_km")
    sites = shapely.MultiPoint(own[["x_m", "y_m"]].to_numpy())
    return bool(len(committee) and len(own) and committee.distance(sites).min() <= reach_m)


def _tested(places: gpd.GeoDataFrame, settings: Settings) -> gpd.GeoDataFrame:
    small = places["households"] < settings.number("coverage.village_households")
    return places[~(small & (places["kind"] == "settlement"))]
