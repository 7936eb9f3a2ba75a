"""What the check of coverage works from: the inputs, and signal computed anew at points."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from geo.terrain import Terrain
from layers.county import County
from planner.coverage.cells import Usable
from planner.coverage.check_clutter import land_cover, under_cover
from planner.coverage.check_model import Heard, strongest, wanted_dbm
from planner.coverage.check_second import Slack, State, state, with_second
from planner.settings import Settings

Floats = npt.NDArray[np.float64]

SIGMAS = 4.0
"""Standard deviations by which what is sampled may differ."""
_GOLDEN = (0.7548776662466927, 0.5698402909980532)
"""Steps of the R2 sequence (Roberts 2018)."""


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """What the check works from.

    `heard` remembers signals by operator and point; `added` holds cells of operators that do not
    stand yet and are heard as well.
    """

    county: County
    settings: Settings
    cells: Usable
    area: BaseGeometry
    terrain: Terrain
    gaps: gpd.GeoDataFrame
    figures: Mapping[str, Any]
    heard: dict[tuple[str, float, float], Heard] = field(default_factory=dict)
    added: Mapping[str, pd.DataFrame] = field(default_factory=dict)

    @property
    def wanted_dbm(self) -> float:
        """Return the signal from which on a point is covered."""
        return wanted_dbm(self.settings)

    @property
    def two_models(self) -> bool:
        """Return whether a second model was asked for."""
        return self.settings.text("coverage.second_model") != "none"

    @property
    def swept_tolerance_db(self) -> float:
        """Return the difference that is let pass on a pixel of the swept grid."""
        rms_db = float(self.figures["sweep_rms_db"] or 0.0)
        return self.tolerance_db + SIGMAS * rms_db

    @property
    def tolerance_db(self) -> float:
        """Return the difference that is let pass."""
        return self.settings.number("coverage.check_tolerance_db")

    def hear(self, cells: pd.DataFrame, point: Floats) -> Heard:
        """Return the strongest of some cells at a point, under its trees and roofs."""
        cover = land_cover(self.county, point, self.settings)
        found = strongest(cells, self.terrain, point, self.settings, cover)
        return under_cover(found, cells, self.county, cover, self.settings)

    def hear_twice(self, cells: pd.DataFrame, point: Floats) -> Heard:
        """Return what `hear` does, with the second model's word."""
        return with_second(self.hear(cells, point), cells, self.settings)

    def own(self, operator: str) -> pd.DataFrame:
        """Return the cells of one operator."""
        table = self.cells.cells
        return table[table["operator"] == operator]

    def own_heard(self, operator: str, xy: Floats) -> list[tuple[Heard, ...]]:
        """Return what is heard at points of an operator's cells, and of those added to them.

        Cells that stand are looked at once for a point, by all cases that share `heard`.
        """
        own = self.own(operator)
        for point in xy:
            key = operator, *point.tolist()
            if key not in self.heard:
                self.heard[key] = self.hear_twice(own, point)
        standing: list[tuple[Heard, ...]] = [
            (self.heard[operator, *point],) for point in xy.tolist()
        ]
        if operator not in self.added:
            return standing
        new = self.added[operator]
        return [
            (*was, self.hear_twice(new, point)) for was, point in zip(standing, xy, strict=True)
        ]

    def own_dbm(self, operator: str, xy: Floats) -> Floats:
        """Return one operator's signal at points."""
        return np.array([max(one.dbm for one in heard) for heard in self.own_heard(operator, xy)])

    def states(self, xy: Floats, slack: Slack | None = None) -> dict[str, list[State]]:
        """Return what both models say of points, by operator and of ``any`` and ``all``."""
        own = {
            operator: [
                _either(state(one, self.settings, slack) for one in heard)
                for heard in self.own_heard(operator, xy)
            ]
            for operator in self.cells.operators
        }
        columns = list(zip(*own.values(), strict=True))
        return {
            **own,
            "any": [_either(states) for states in columns],
            "all": [State(*map(all, zip(*states, strict=True))) for states in columns],
        }

    def signals_dbm(self, xy: Floats) -> dict[str, Floats]:
        """Return the signal of every operator, and of ``any`` and ``all``, at points."""
        own = {operator: self.own_dbm(operator, xy) for operator in self.cells.operators}
        table = np.stack(list(own.values()))
        return {**own, "any": table.max(axis=0), "all": table.min(axis=0)}

    def signal_dbm(self, name: str, xy: Floats) -> Floats:
        """Return the signal of one operator, or of ``any`` or ``all``, at points."""
        return self.signals_dbm(xy)[name] if name in {"any", "all"} else self.own_dbm(name, xy)


def _either(states: Iterable[State]) -> State:
    """Return whether one of the states is certain, and whether one is possible."""
    return State(*map(any, zip(*states, strict=True)))


def people_at(places: gpd.GeoDataFrame, settings: Settings) -> Floats:
    """Return the people who live at each place."""
    lived_in = places["kind"].isin(["settlement"]) | places["kind"].isna()
    estimated = places["households"].fillna(0.0) * settings.number("coverage.people_per_household")
    return np.asarray(places["people"].fillna(estimated) * lived_in, dtype=np.float64)


def even(count: int) -> Floats:
    """Return so many points (x, y) that cover the unit square evenly, without a seed."""
    points: Floats = np.mod(np.outer(np.arange(1, count + 1), _GOLDEN), 1.0)
    return points


def over(area: BaseGeometry, count: int, case: Case) -> Floats:
    """Return the centres of the pixels under so many evenly spread points of an area's box."""
    west, south, east, north = shapely.bounds(area)
    xy = np.array([west, south]) + even(count) * np.array([east - west, north - south])
    return centre(xy, case)


def spread(case: Case, count: int) -> Floats:
    """Return evenly spread pixel centres of the study area, at most `count`."""
    xy = over(case.area, 4 * count, case)
    return xy[shapely.contains_xy(case.area, xy)][:count]


def centre(xy: Floats, case: Case) -> Floats:
    """Return the centre of the pixel that holds each point; pixels start at whole multiples."""
    pixel_m = case.settings.number("coverage.resolution_m")
    return (np.floor(xy / pixel_m) + 0.5) * pixel_m
