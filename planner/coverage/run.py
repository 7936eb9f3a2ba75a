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
from planner.coverage import clutter, gaps, infill, second, signal, valid, villages
from planner.coverage.cells import Usable, usable
from planner.coverage.clutter import Cover
from planner.coverage.grid import Grid, area_of, ground, lay
from planner.coverage.second import Verdict
from planner.coverage.signal import Signal
from planner.settings import Settings

Singles = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]
Progress = Callable[[str, float], None]


_MEASURES = (
    "area_km2", "covered_share", "uncertain_share", "gap_count", "gap_km2", "people_in_gaps",
    "villages", "villages_failing", "seconds", "pixels_per_cpu_s",
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
    uncertain
        Like `signals`: pixels on which two propagation models lie on different sides of the
        threshold; none where ``coverage.second_model`` is ``none``.
    gaps, villages, infill
        Frames of `layers.tables.GAPS`, `VILLAGES` and `INFILL` in the county's CRS.
    figures
        The object ``coverage`` of result.json; null where nothing was computed.
    """

    grid: Grid
    signals: Mapping[str, Signal]
    uncertain: Mapping[str, Flags]
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


def remark(county: County) -> Fault | None:
    """Return what a reader must know of the terrain: that it holds the clutter, or may hold it."""
    if county.terrain is None:
        return None
    held = clutter.source(county)
    if held == "terrain":
        return Fault("coverage_terrain_surface", layer="terrain")
    if held == "zones" and county.terrain.kind == "unstated":
        return Fault("coverage_terrain_unstated", layer="terrain")
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
        If the terrain lies elsewhere, or `planner.coverage.valid.require` refuses a setting.
    """
    began = time.perf_counter()
    valid.require(settings)
    tell = progress or (lambda _message, _share: None)
    if hindrance(county, settings) is not None:
        return None
    stage = _stage(county, settings)
    painted = _paint(stage, settings, tell)
    signals = {**painted.own, **signal.summaries(list(painted.own.values()))}
    tell("第二模型 / second model", 0.7)
    opinions = second.on_grid(
        stage.cells.cells, stage.terrain, stage.cover, stage.grid, painted.own, settings
    )  # fmt: skip
    tell("盲区 / gaps", 0.75)
    holes = gaps.find(county, stage.grid, signals, settings)
    tell("行政村判定 / villages", 0.8)
    heard = _at_places(county, stage, settings)
    verdicts = villages.judge(county, _offers(stage.cells, heard), settings)
    tell("补点 / infill", 0.85)
    extra = infill.choose(
        county, stage.grid, stage.terrain, painted.own, heard.dbm, settings, cover=stage.cover
    )
    frames = {"gaps": holes, "villages": verdicts, "infill": extra.sites}
    tell("覆盖 / coverage", 1.0)
    figures = {
        "status": "predicted",
        "cells": len(stage.cells.cells),
        "cells_left_out": dict(stage.cells.left_out),
        "cells_assumed": dict(stage.cells.assumed),
        "terrain_kind": stage.terrain.kind,
        "clutter": clutter.source(county),
        **summary(stage.grid, signals, opinions, frames, extra.people_gained, settings),
        "seconds": round(time.perf_counter() - began, 3),
        "pixels_per_cpu_s": round(painted.paths / max(painted.cpu_seconds, 1e-9)),
    }
    return CoverageResult(
        grid=stage.grid, signals=MappingProxyType(signals),
        uncertain=MappingProxyType({name: one.uncertain for name, one in opinions.items()}),
        gaps=holes, villages=verdicts, infill=extra.sites, figures=MappingProxyType(figures),
    )  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class _Stage:
    """Cells, ground, what stands on it, and grid of one run."""

    cells: Usable
    area: BaseGeometry
    terrain: Terrain
    cover: Cover | None
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
    cover = clutter.lay(county, terrain, settings)
    return _Stage(cells, area, terrain, cover, lay(area, terrain))


def _paint(stage: _Stage, settings: Settings, tell: Progress) -> _Painted:
    row, column = np.nonzero(stage.grid.mask(stage.area))
    xy = stage.grid.centres(row, column)
    found = signal.predict(
        stage.cells.cells, stage.cells.groups, stage.terrain, xy, settings,
        progress=lambda message, share: tell(message, 0.7 * share),
    )  # fmt: skip
    # position in the frame of usable cells -> row of the county's table; the last stands for none
    rows = np.append(stage.cells.cells["row"].to_numpy(np.int32), np.int32(-1))
    own = {}
    for number, operator in enumerate(stage.cells.operators):
        power = np.full(stage.grid.shape, np.nan, dtype=np.float32)
        server = np.full(stage.grid.shape, -1, dtype=np.int32)
        power[row, column] = clutter.deducted(
            stage.cover, stage.cells.cells, xy, found.rsrp_dbm[:, number],
            found.server[:, number], settings,
        )  # fmt: skip
        server[row, column] = rows[found.server[:, number]]
        own[operator] = Signal(power, server)
    return _Painted(own, found.paths, found.cpu_seconds)


@dataclass(frozen=True, slots=True, eq=False)
class _Heard:
    """Each operator's signal at the county's places, and what both models say of it."""

    dbm: Mapping[str, Singles]
    reached: Mapping[str, Flags]
    opinions: Mapping[str, Verdict]


def _at_places(county: County, stage: _Stage, settings: Settings) -> _Heard:
    xy = shapely.get_coordinates(county["places"].geometry.to_numpy()).reshape(-1, 2)
    cells, wanted = stage.cells.cells, gaps.wanted_dbm(settings)
    found = signal.predict(cells, stage.cells.groups, stage.terrain, xy, settings)
    server = dict(zip(stage.cells.operators, found.server.T, strict=True))
    dbm = {
        operator: clutter.deducted(stage.cover, cells, xy, own, server[operator], settings)
        for operator, own in zip(stage.cells.operators, found.rsrp_dbm.T, strict=True)
    }
    opinions = {
        operator: second.judge(
            cells, stage.terrain, stage.cover, xy, own, server[operator], settings
        )
        for operator, own in dbm.items()
    }
    return _Heard(
        dbm, {operator: np.asarray(own >= wanted) for operator, own in dbm.items()}, opinions
    )


def _offers(cells: Usable, heard: _Heard) -> dict[str, villages.Reception]:
    table = cells.cells
    return {
        operator: villages.Reception(
            sites=table.loc[table["operator"] == operator, ["x_m", "y_m"]].to_numpy(np.float64),
            reached=heard.reached[operator],
            uncertain=opinion.uncertain,
        )
        for operator, opinion in heard.opinions.items()
    }


def summary(
    grid: Grid, signals: Mapping[str, Signal], opinions: Mapping[str, Verdict],
    frames: Mapping[str, gpd.GeoDataFrame], people_gained: int, settings: Settings,
) -> dict[str, object]:  # fmt: skip
    """Return the figures of result.json that follow from signals and frames.

    The headline is of ``any``: where no operator at all is received. ``operators`` holds the same
    figures by operator, since a phone uses its own operator's cells, and for ``all``. Covered is
    what both models reach, uncertain what only one does; without a second model nothing is.
    """
    each = {name: _share(grid, one, opinions[name], frames, name) for name, one in signals.items()}
    if not second.wanted(settings):
        each = {name: {**figures, "uncertain_share": None} for name, figures in each.items()}
    return {
        "threshold_dbm": gaps.wanted_dbm(settings),
        "second_model": settings.text("coverage.second_model"),
        **each["any"],
        "infill": {
            "sites": len(frames["infill"]), "people_gained": people_gained,
            "bound": None, "gap": None,
        },
        "operators": each,
    }  # fmt: skip


def _share(
    grid: Grid, one: Signal, opinion: Verdict, frames: Mapping[str, gpd.GeoDataFrame], name: str
) -> dict[str, object]:
    known = int(np.isfinite(one.rsrp_dbm).sum())
    holes = frames["gaps"][frames["gaps"]["operator"] == name]
    verdicts = frames["villages"][frames["villages"]["operator"] == name]
    return {
        "area_km2": round(known * grid.pixel_km2, 4),
        "covered_share": round(float(opinion.certain.sum()) / max(known, 1), 6),
        "uncertain_share": round(float(opinion.uncertain.sum()) / max(known, 1), 6),
        "gap_count": len(holes),
        "gap_km2": round(float(holes["area_km2"].sum()), 4),
        "people_in_gaps": int(holes["people"].sum()),
        "villages": len(verdicts),
        "villages_failing": int((~verdicts["covered"].astype(bool)).sum()),
    }
