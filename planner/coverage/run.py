"""Coverage from a county's layers to gaps, village verdicts and infill sites."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from geo.errors import Fault
from geo.terrain import Terrain
from layers.county import County
from planner.coverage import agreement, gaps, infill, signal, villages
from planner.coverage.cells import Usable, usable
from planner.coverage.grid import Grid, area_of, ground, lay
from planner.coverage.signal import Signal
from planner.coverage.sweep import paint
from planner.settings import Settings

Singles = npt.NDArray[np.float32]
Progress = Callable[[str, float], None]


_MEASURES = (
    "area_km2", "covered_share", "uncertain_share", "gap_count", "gap_km2", "people_in_gaps",
    "villages", "villages_failing", "seconds", "pixels_per_cpu_s",
    "sweep_bias_db", "sweep_rms_db", "sweep_agreement", "sweep_sample_dbm",
)  # fmt: skip
NOT_COMPUTED: Mapping[str, object] = MappingProxyType(
    {"status": "not_computed", "cells": 0}
    | dict.fromkeys(_MEASURES)
    | {"infill": {"sites": None, "people_gained": None, "bound": None, "gap": None}}
)
"""The object ``coverage`` of result.json where nothing was computed: null, never 0."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class CoverageResult:
    """Everything that was found about 4G coverage.

    Parameters
    ----------
    grid
        Where the pixels of `signals` lie.
    signals
        Operators present, then the summaries ``any`` and ``all``.
    gaps, villages, infill
        Frames of `layers.tables.GAPS`, `VILLAGES` and `INFILL` in the county's CRS.
    figures
        The object ``coverage`` of result.json; null where nothing was computed.
    """

    grid: Grid
    signals: Mapping[str, Signal]
    gaps: gpd.GeoDataFrame
    villages: gpd.GeoDataFrame
    infill: gpd.GeoDataFrame
    figures: Mapping[str, Any]


def hindrance(county: County, settings: Settings) -> Fault | None:
    """Return why coverage cannot be computed, or None where it can."""
    if county.terrain is None:
        return Fault("coverage_without_terrain", layer="terrain")
    if usable(county, settings).cells.empty:
        return Fault("coverage_without_cells", layer="cells")
    return None


def solve(
    county: County, settings: Settings, *, progress: Progress | None = None
) -> CoverageResult | None:
    """Predict 4G signal, and derive gaps, village verdicts and infill sites.

    Parameters
    ----------
    county
        Needs sites, cells and a terrain; uses places, roads and zones.
    settings
        Values of ``coverage.*``.
    progress
        Called with a message and the share done, 0 to 1.

    Returns
    -------
    CoverageResult or None
        None where `hindrance` says why: no terrain, or no outdoor 4G cell on known ground.

    Raises
    ------
    InputError
        If the terrain lies elsewhere.
    """
    began = time.perf_counter()
    tell = progress or (lambda _message, _share: None)
    if hindrance(county, settings) is not None:
        return None
    stage = _stage(county, settings)
    painted = _paint(stage, settings, tell)
    signals = {**painted.own, **signal.summaries(list(painted.own.values()))}
    agreed = agreement.measure(
        stage.cells, stage.terrain, stage.area, stage.grid, painted.own, settings
    )
    tell("盲区 / gaps", 0.75)
    holes = gaps.find(county, stage.grid, signals, settings)
    tell("行政村判定 / villages", 0.8)
    heard = _at_places(county, stage, settings)
    verdicts = villages.judge(county, _offers(stage.cells, heard, settings), settings)
    tell("补点 / infill", 0.85)
    extra = infill.choose(county, stage.grid, stage.terrain, painted.own, heard, settings)
    frames = {"gaps": holes, "villages": verdicts, "infill": extra.sites}
    tell("覆盖 / coverage", 1.0)
    figures = {
        "status": "predicted",
        "cells": len(stage.cells.cells),
        "cells_left_out": dict(stage.cells.left_out),
        "cells_assumed": dict(stage.cells.assumed),
        **summary(stage.grid, signals, frames, extra.people_gained, settings),
        "seconds": round(time.perf_counter() - began, 3),
        "pixels_per_cpu_s": round(painted.paths / max(painted.cpu_seconds, 1e-9)),
        **agreed.figures(),
    }
    return CoverageResult(
        grid=stage.grid, signals=MappingProxyType(signals), gaps=holes, villages=verdicts,
        infill=extra.sites, figures=MappingProxyType(figures),
    )  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class _Stage:
    """Cells, ground and grid of one run."""

    cells: Usable
    area: BaseGeometry
    terrain: Terrain
    grid: Grid


@dataclass(frozen=True, slots=True, eq=False)
class _Painted:
    """Each operator's signal, and what it took to compute."""

    own: Mapping[str, Signal]
    paths: int
    cpu_seconds: float


def _stage(county: County, settings: Settings) -> _Stage:
    cells = usable(county, settings)
    area = area_of(county, settings)
    terrain = ground(county, area, cells.cells[["x_m", "y_m"]].to_numpy(np.float64), settings)
    return _Stage(cells, area, terrain, lay(area, terrain))


def _paint(stage: _Stage, settings: Settings, tell: Progress) -> _Painted:
    found = paint(
        stage.cells.cells, stage.cells.groups, stage.terrain,
        stage.grid, stage.grid.mask(stage.area), settings,
        progress=lambda message, share: tell(message, 0.7 * share),
    )  # fmt: skip
    # position in the frame of usable cells -> row of the county's table; the last stands for none
    rows = np.append(stage.cells.cells["row"].to_numpy(np.int32), np.int32(-1))
    own = {
        operator: Signal(
            np.ascontiguousarray(found.rsrp_dbm[:, :, number]), rows[found.server[:, :, number]]
        )
        for number, operator in enumerate(stage.cells.operators)
    }
    return _Painted(own, found.paths, found.cpu_seconds)


def _at_places(county: County, stage: _Stage, settings: Settings) -> dict[str, Singles]:
    """Return each operator's signal at the county's places."""
    xy = shapely.get_coordinates(county["places"].geometry.to_numpy()).reshape(-1, 2)
    found = signal.predict(stage.cells.cells, stage.cells.groups, stage.terrain, xy, settings)
    return dict(zip(stage.cells.operators, found.rsrp_dbm.T, strict=True))


def _offers(
    cells: Usable, heard: Mapping[str, Singles], settings: Settings
) -> dict[str, villages.Reception]:
    wanted = gaps.wanted_dbm(settings)
    table = cells.cells
    return {
        operator: villages.Reception(
            sites=table.loc[table["operator"] == operator, ["x_m", "y_m"]].to_numpy(np.float64),
            reached=np.asarray(dbm >= wanted),
        )
        for operator, dbm in heard.items()
    }


def summary(
    grid: Grid, signals: Mapping[str, Signal], frames: Mapping[str, gpd.GeoDataFrame],
    people_gained: int, settings: Settings,
) -> dict[str, object]:  # fmt: skip
    """Return the figures of result.json that follow from signals and frames.

    The headline is of ``any``: where no operator at all is received. ``operators`` holds the same
    figures by operator, since a phone uses its own operator's cells, and for ``all``.
    """
    wanted = gaps.wanted_dbm(settings)
    each = {name: _share(grid, one, frames, name, wanted) for name, one in signals.items()}
    return {
        "threshold_dbm": wanted,
        **each["any"],
        "uncertain_share": None,
        "infill": {
            "sites": len(frames["infill"]), "people_gained": people_gained,
            "bound": None, "gap": None,
        },
        "operators": each,
    }  # fmt: skip


def _share(
    grid: Grid, one: Signal, frames: Mapping[str, gpd.GeoDataFrame], name: str, wanted: float
) -> dict[str, object]:
    known = int(np.isfinite(one.rsrp_dbm).sum())
    holes = frames["gaps"][frames["gaps"]["operator"] == name]
    verdicts = frames["villages"][frames["villages"]["operator"] == name]
    return {
        "area_km2": round(known * grid.pixel_km2, 4),
        "covered_share": round(float((one.rsrp_dbm >= wanted).sum()) / max(known, 1), 6),
        "gap_count": len(holes),
        "gap_km2": round(float(holes["area_km2"].sum()), 4),
        "people_in_gaps": int(holes["people"].sum()),
        "villages": len(verdicts),
        "villages_failing": int((~verdicts["covered"].astype(bool)).sum()),
    }
