"""Coverage from a county's layers to gaps, village verdicts and infill sites."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from geo.errors import Fault
from geo.terrain import Terrain
from layers.county import County
from layers.tables import INFILL
from planner.coverage import (
    after,
    agreement,
    breadth,
    clutter,
    gaps,
    infill,
    lineprices,
    measuredgaps,
    second,
    signal,
    valid,
    villages,
    wifi,
)
from planner.coverage.after import After, Now
from planner.coverage.calibrate import Calibration, calibrate
from planner.coverage.cells import Usable, usable
from planner.coverage.clutter import Cover
from planner.coverage.evidence import Evidence
from planner.coverage.frames import typed
from planner.coverage.grid import Grid, area_of, ground, lay
from planner.coverage.lineprices import LinePrices
from planner.coverage.second import Verdict
from planner.coverage.signal import Signal
from planner.coverage.sweep import paint
from planner.coverage.tiles import Crew, paint_by_tiles
from planner.settings import Settings

Singles = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]
Progress = Callable[[str, float], None]


_MEASURES = (
    "area_km2", "covered_share", "uncertain_share", "gap_count", "gap_km2", "people_in_gaps",
    "covered_share_after", "uncertain_share_after", "gap_count_after", "gap_km2_after",
    "people_in_gaps_after", "villages", "villages_failing", "villages_uncertain", "seconds",
    "pixels_per_cpu_s", "sweep_bias_db", "sweep_rms_db", "sweep_agreement", "sweep_sample_dbm",
)  # fmt: skip
NOT_COMPUTED: Mapping[str, object] = MappingProxyType(
    {"status": "not_computed", "cells": 0}
    | dict.fromkeys(_MEASURES)
    | {
        "infill": dict.fromkeys(
            ("sites", "people_gained", "value", "bound", "gap", "cost_yuan", "operators")
        ),
        "wifi": None,
        "calibration": None,
        "measured": None,
    }
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
    after
        The same with the sites of `infill`, and the gaps that remain.
    gaps, villages, infill, calibration, measured_gaps
        Frames of `layers.tables.GAPS`, `VILLAGES`, `INFILL`, `CALIBRATION` and `MEASURED_GAPS` in
        the county's CRS.
    figures
        The object ``coverage`` of result.json; null where nothing was computed.
    evidence
        Of each operator's infill and of the Wi-Fi points: what proves the bounds.
    """

    grid: Grid
    signals: Mapping[str, Signal]
    uncertain: Mapping[str, Flags]
    after: After
    gaps: gpd.GeoDataFrame
    villages: gpd.GeoDataFrame
    infill: gpd.GeoDataFrame
    calibration: gpd.GeoDataFrame
    measured_gaps: gpd.GeoDataFrame
    figures: Mapping[str, Any]
    evidence: Mapping[str, Evidence]


def hindrance(county: County, settings: Settings) -> Fault | None:
    """Return why coverage cannot be computed, or None where it can."""
    if county.terrain is None:
        return Fault("coverage_without_terrain", layer="terrain")
    if usable(county, settings).cells.empty:
        return Fault("coverage_without_cells", layer="cells")
    return None


def notes(county: County, settings: Settings) -> Iterator[Fault]:
    """Yield what a reader must know: why nothing is computed, or of the terrain and of costs."""
    missing = hindrance(county, settings)
    if missing is not None:
        yield missing
        return
    yield from filter(None, (remark(county), lineprices.unknown(county, settings)))


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
    county: County,
    settings: Settings,
    *,
    prices: LinePrices | None = None,
    crew: Crew | None = None,
    progress: Progress | None = None,
) -> CoverageResult | None:
    """Predict 4G signal, calibrated where measured; find gaps, village verdicts, infill sites.

    Parameters
    ----------
    county
        Needs sites, cells and a terrain; uses places, roads, zones, lines and measurements.
    settings
        Values of ``coverage.*``.
    prices
        What power and fibre to an infill site cost; the straight way to the nearest line unless
        given, and always to a Wi-Fi point.
    crew
        Works off the grid in tiles; it is swept at once in this process unless given.
    progress
        Called with a message and the share done, 0 to 1.

    Returns
    -------
    CoverageResult or None
        None where `hindrance` says why: no terrain, or no outdoor 4G cell on known ground.

    Raises
    ------
    InputError
        If the terrain lies elsewhere, ``coverage.thresholds_dbm`` is no list of numbers, or
        `planner.coverage.valid.require` refuses a setting.
    """
    began = time.perf_counter()
    valid.require(settings)
    tell = progress or (lambda _message, _share: None)
    if hindrance(county, settings) is not None:
        return None
    breadth.thresholds_dbm(settings)
    stage = _stage(county, settings)
    painted = _paint(stage, settings, crew, tell)
    signals = {**painted.own, **signal.summaries(list(painted.own.values()))}
    agreed = agreement.measure(
        stage.cells, stage.terrain, stage.cover, stage.area, stage.grid, painted.own, settings
    )  # fmt: skip
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
    ways = prices or lineprices.straight(county, settings)
    extra = infill.choose(
        county, stage.grid, stage.terrain, painted.own, heard.dbm, ways,
        stage.calibration.settings, cover=stage.cover,
    )  # fmt: skip
    points = wifi.choose(county, holes, lineprices.straight(county, settings), settings)
    sites = typed(pd.concat([extra.sites, points.sites]), INFILL, county.crs)
    now = Now(
        terrain=stage.terrain, cover=stage.cover, grid=stage.grid, signals=painted.own,
        opinions={operator: opinions[operator] for operator in painted.own},
    )  # fmt: skip
    later = after.find(county, now, sites, stage.calibration.settings)
    missed, measured = measuredgaps.find(county, stage.grid, painted.own, settings)
    frames = {"gaps": holes, "villages": verdicts}
    shown = summary(stage.grid, signals, opinions, frames, settings)
    shown = later.beside(shown, settings)
    tell("覆盖 / coverage", 1.0)
    figures = {
        "status": "predicted",
        "cells": len(stage.cells.cells),
        "cells_left_out": dict(stage.cells.left_out),
        "cells_assumed": dict(stage.cells.assumed),
        "terrain_kind": stage.terrain.kind,
        "clutter": clutter.source(county),
        **_with_depth(shown, county, signals, heard.dbm, settings),
        "infill": {**extra.figures, "line_prices": "straight" if prices is None else "routed"},
        "wifi": points.figures,
        "calibration": dict(stage.calibration.figures),
        "measured": {"gaps": len(missed), "pixels": measured},
        "seconds": round(time.perf_counter() - began, 3),
        "pixels_per_cpu_s": round(painted.paths / max(painted.cpu_seconds, 1e-9)),
        **agreed.figures(),
    }
    return CoverageResult(
        grid=stage.grid, signals=MappingProxyType(signals),
        uncertain=MappingProxyType({name: one.uncertain for name, one in opinions.items()}),
        after=later, gaps=holes, villages=verdicts, infill=sites,
        calibration=stage.calibration.points, measured_gaps=missed,
        figures=MappingProxyType(figures),
        evidence=MappingProxyType({**extra.evidence, **points.evidence}),
    )  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class _Stage:
    """Cells, as calibrated, ground, what stands on it, and grid of one run."""

    calibration: Calibration
    area: BaseGeometry
    terrain: Terrain
    cover: Cover | None
    grid: Grid

    @property
    def cells(self) -> Usable:
        """Return the cells with what calibration adds to their loss."""
        return self.calibration.cells


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
    calibration = calibrate(county, cells, terrain, settings, cover=cover)
    return _Stage(calibration, area, terrain, cover, lay(area, terrain))


def _paint(stage: _Stage, settings: Settings, crew: Crew | None, tell: Progress) -> _Painted:
    sweep = paint if crew is None else partial(paint_by_tiles, crew=crew)
    found = sweep(
        stage.cells.cells, stage.cells.groups, stage.terrain, stage.grid,
        stage.grid.mask(stage.area), settings,
        cover=stage.cover, counted_dbm=gaps.wanted_dbm(settings),
        progress=lambda message, share: tell(message, 0.7 * share),
    )  # fmt: skip
    # position in the frame of usable cells -> row of the county's table; the last stands for none
    rows = np.append(stage.cells.cells["row"].to_numpy(np.int32), np.int32(-1))
    own = {
        operator: Signal(
            np.ascontiguousarray(found.rsrp_dbm[:, :, number]),
            rows[found.server[:, :, number]],
            np.ascontiguousarray(found.servers[:, :, number]),
        )
        for number, operator in enumerate(stage.cells.operators)
    }
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
    found = signal.predict(
        cells, stage.cells.groups, stage.terrain, xy, settings, cover=stage.cover
    )  # fmt: skip
    server = dict(zip(stage.cells.operators, found.server.T, strict=True))
    dbm = dict(zip(stage.cells.operators, found.rsrp_dbm.T, strict=True))
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


def _with_depth(
    figures: dict[str, Any], county: County, signals: Mapping[str, Signal],
    heard: Mapping[str, Singles], settings: Settings,
) -> dict[str, Any]:  # fmt: skip
    """Add to the figures of each operator, and to the headline, breadth and depth."""
    places = county["places"]
    more = {
        name: {
            "covered_share_at": breadth.of_area(signals[name], settings),
            **breadth.of_people(places, dbm, settings),
        }
        for name, dbm in breadth.with_summaries(heard).items()
    }
    operators = {name: {**own, **more[name]} for name, own in figures["operators"].items()}
    return {**figures, **more["any"], "operators": operators}


def summary(
    grid: Grid, signals: Mapping[str, Signal], opinions: Mapping[str, Verdict],
    frames: Mapping[str, gpd.GeoDataFrame], settings: Settings,
) -> dict[str, Any]:  # fmt: skip
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
        "villages_uncertain": int(verdicts["uncertain"].astype(bool).sum()),
    }
