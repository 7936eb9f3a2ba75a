"""What the report reads of a finished study, and nothing more.

`planner.study.StudyResult` has this shape. The report depends on the shape only, so that it
imports no solver and a test can show it any situation.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Protocol

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from affine import Affine
from pyproj import CRS

from layers.county import County
from planner.checking import Checks
from planner.settings import Settings


class StudyLike(Protocol):
    """What the user asked for."""

    @property
    def name(self) -> str: ...
    @property
    def start(self) -> dt.date: ...
    @property
    def days(self) -> int: ...


class TrenchLike(Protocol):
    """The joint plan; frames as in `layers.tables`, figures as in result.json."""

    @property
    def status(self) -> str: ...
    @property
    def openings(self) -> gpd.GeoDataFrame: ...
    @property
    def participants(self) -> pd.DataFrame: ...
    @property
    def reopenings(self) -> pd.DataFrame: ...
    @property
    def unplaced(self) -> pd.DataFrame: ...
    @property
    def figures(self) -> Mapping[str, Any]: ...


class ExtensionLike(Protocol):
    """The routes to the red lines; frames as in `layers.tables`, figures as in result.json."""

    @property
    def status(self) -> str: ...
    @property
    def connections(self) -> gpd.GeoDataFrame: ...
    @property
    def trenches(self) -> gpd.GeoDataFrame: ...
    @property
    def unreachable(self) -> gpd.GeoDataFrame: ...
    @property
    def figures(self) -> Mapping[str, Any]: ...


class GridLike(Protocol):
    """Where the pixels of a raster lie."""

    @property
    def transform(self) -> Affine: ...
    @property
    def shape(self) -> tuple[int, int]: ...
    @property
    def crs(self) -> CRS: ...


class SignalLike(Protocol):
    """Best server of one operator."""

    @property
    def rsrp_dbm(self) -> npt.NDArray[np.floating]: ...


class CoverageLike(Protocol):
    """Coverage; frames as in `layers.tables`, figures as in result.json."""

    @property
    def grid(self) -> GridLike: ...
    @property
    def signals(self) -> Mapping[str, SignalLike]: ...
    @property
    def gaps(self) -> gpd.GeoDataFrame: ...
    @property
    def villages(self) -> gpd.GeoDataFrame: ...
    @property
    def infill(self) -> gpd.GeoDataFrame: ...
    @property
    def figures(self) -> Mapping[str, Any]: ...


class Result(Protocol):
    """A finished study."""

    @property
    def study(self) -> StudyLike: ...
    @property
    def county(self) -> County: ...
    @property
    def settings(self) -> Settings: ...
    @property
    def profile(self) -> Any: ...
    @property
    def segments(self) -> gpd.GeoDataFrame: ...
    @property
    def trench(self) -> TrenchLike: ...
    @property
    def extension(self) -> ExtensionLike: ...
    @property
    def coverage(self) -> CoverageLike | None: ...
    @property
    def checks(self) -> Checks: ...
    @property
    def seconds(self) -> float: ...
