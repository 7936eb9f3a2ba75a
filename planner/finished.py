"""A finished study as the documents need it: what was decided, from what, and what it rests on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd

from layers.county import County
from planner.rules.profile import Profile
from planner.settings import Settings
from planner.trench.problem import Problem


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Finished:
    """One finished study, as `planner.archive.load` reads it from its folder.

    Parameters
    ----------
    name, start, days
        Name of the study, first day and length in days of its plan.
    county
        The checked inputs.
    tables
        Result tables by name, see `layers.tables.RESULTS`; those of coverage may be missing.
    figures
        Topic (``trench``, ``extension``, ``coverage``) to its object of ``result.json``.
    settings, profile
        As in the study.
    problem, starts
        The joint plan: its problem, and the start period of each placed work by position.
    notes
        What a reader must know beside the figures, in Chinese.
    passed, failed
        Checks that held, and that did not.
    """

    name: str
    start: dt.date
    days: int
    county: County
    tables: Mapping[str, gpd.GeoDataFrame]
    figures: Mapping[str, Mapping[str, Any]]
    settings: Settings
    profile: Profile
    problem: Problem
    starts: Mapping[int, int]
    notes: tuple[str, ...]
    passed: int
    failed: int

    def __getitem__(self, table: str) -> gpd.GeoDataFrame:
        """Return one result table."""
        return self.tables[table]

    @property
    def last_day(self) -> dt.date:
        """Last day of the plan."""
        return self.start + dt.timedelta(days=self.days - 1)

    @property
    def prices_assumed(self) -> bool:
        """Whether yuan rest on prices that the user did not give (假设单价)."""
        return bool(self.figures["trench"]["prices_assumed"])
