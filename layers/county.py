"""The checked bundle of a county's layers, as the planner receives it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import geopandas as gpd
import pandas as pd
from pyproj import CRS

from geo.errors import Fault
from geo.terrain import Terrain


@dataclass(frozen=True, slots=True)
class InputFile:
    """One source of a layer and what became of its rows.

    `rows` counts the records read, `used` those in the county, `quarantined` those set aside.
    `path` is as the study file names it; `sha256` is of the file's bytes (empty for generated).
    """

    layer: str
    path: str
    sha256: str
    rows: int
    used: int
    quarantined: int


@dataclass(frozen=True, slots=True, kw_only=True)
class County:
    """Every layer of one study, checked, in one projected CRS with metres as its unit.

    Parameters
    ----------
    name
        Name shown to people.
    crs
        Projected CRS of every geometry, axes east, north.
    frames
        Table name (see `layers.tables`) to its checked frame; every input table is present,
        empty where the study has none. Row index is 0..n-1; keys are unique text.
    terrain
        Heights, or None where the study has no terrain.
    inputs
        Sources, in the order read.
    quarantine
        Rows not used, with the columns of `layers.tables.QUARANTINE`.
    generated
        Names of the layers that come wholly or partly from the generator (生成数据).
    credits
        Lines that must be shown wherever the data is, for example of OpenStreetMap.
    notices
        What was done to files that their owners should know, for example keys that were made.
    """

    name: str
    crs: CRS
    frames: Mapping[str, gpd.GeoDataFrame | pd.DataFrame]
    terrain: Terrain | None = None
    inputs: tuple[InputFile, ...] = ()
    quarantine: pd.DataFrame = field(default_factory=pd.DataFrame)
    generated: frozenset[str] = frozenset()
    credits: tuple[str, ...] = ()
    notices: tuple[Fault, ...] = ()

    def __getitem__(self, table: str) -> gpd.GeoDataFrame:
        """Return the frame of one input table."""
        return self.frames[table]
