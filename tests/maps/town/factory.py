"""A finished study made by hand: a small town in a valley, every table filled, no solver run."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from town.coverage import make_coverage, make_site_lines
from town.extension import make_extension
from town.ground import START, frame, make_county, make_parcels, make_segments
from town.trench import make_trench

from geo.errors import Fault
from layers.county import County
from planner.checking import Checks, Failure
from planner.finished import Finished
from planner.rules import profile as profiles
from planner.settings import Settings, defaults
from planner.trench.plan import Plan


@dataclass(frozen=True)
class Made:
    """What `planner.study.StudyResult` offers to the report."""

    study: Any
    county: County
    settings: Settings
    profile: profiles.Profile
    segments: gpd.GeoDataFrame
    trench: Any
    extension: Any
    coverage: Any
    site_lines: Any
    notes: tuple[Fault, ...]
    checks: Checks
    seconds: float = 12.3
    summary: dict[str, object] = field(default_factory=dict)


def result(*, seed: int = 1, blocks: int = 8, text: str = "", coverage: bool = True) -> Made:
    """Return a study of a town of `blocks` by `blocks` - 2 streets; `text` spices every name."""
    chance = np.random.default_rng(seed)
    segments = make_segments(blocks, text)
    parcels = make_parcels(segments, chance, text)
    county = make_county(segments, parcels, chance, text)
    trench = make_trench(segments, chance, text)
    return Made(
        study=SimpleNamespace(name="示例县" + text, start=START, days=365),
        county=county,
        settings=defaults(),
        profile=profiles.load("qijiang-2022"),
        segments=segments,
        trench=trench,
        extension=make_extension(segments, county, chance, text),
        coverage=make_coverage(county) if coverage else None,
        site_lines=make_site_lines(),
        notes=(
            Fault("notice_keys_made", {"example": "S-1"}, file="站址.csv", layer="sites"),
            Fault("extension_assumed", {"count": 3}),
            *(() if coverage else (Fault("coverage_without_terrain", layer="terrain"),)),
        ),
        checks=Checks(4_812, (Failure("trench", "window", "O0003", "found 3, expected 2"),)),
    )


def finished(made: Made, *, name: str = "示例县") -> Finished:
    """Return the study as its documents meet it."""
    extension, coverage = made.extension, made.coverage
    tables = {
        "segments": made.segments,
        **{name: getattr(made.trench, name) for name in _TRENCH},
        **made.trench.lists,
        **{name: getattr(extension, name) for name in _EXTENSION},
        **extension.options,
        "extension_works": frame("works", []),
    }
    figures = {"trench": made.trench.figures, "extension": extension.figures, "coverage": {}}
    if coverage is not None:
        tables |= {name: getattr(coverage, name) for name in _COVERAGE}
        figures["coverage"] = coverage.figures
    return Finished(
        name=name,
        start=made.study.start,
        days=made.study.days,
        county=made.county,
        tables=tables,
        figures=figures,
        settings=made.settings,
        profile=made.profile,
        problem=made.trench.problem,
        starts=made.trench.plan.starts,
        notes=tuple(note.text("zh") for note in made.notes),
        passed=made.checks.passed,
        failed=made.checks.failed,
    )


_TRENCH = ("openings", "participants", "reopenings", "unplaced", "starts")
_EXTENSION = ("connections", "trenches", "unreachable", "drains", "drain_levels")
_COVERAGE = ("gaps", "villages", "infill", "calibration", "measured_gaps")


def emptied(made: Made) -> Made:
    """Return the study with every result and optional layer empty."""
    frames = {name: frame.iloc[:0] for name, frame in made.county.frames.items()}
    county = replace(made.county, frames=frames, terrain=None, generated=frozenset(), credits=())
    bare = {topic: _bare(getattr(made, topic)) for topic in ("trench", "extension")}
    return replace(made, county=county, coverage=None, **bare)


def _bare(found: SimpleNamespace) -> SimpleNamespace:
    """Return a topic's result with every table empty and no work in the plan."""
    empty: dict[str, Any] = {}
    for name, value in vars(found).items():
        if isinstance(value, pd.DataFrame):
            empty[name] = value.iloc[:0]
        elif name in {"lists", "options"}:
            empty[name] = {key: table.iloc[:0] for key, table in value.items()}
        else:
            empty[name] = Plan({}) if name == "plan" else value
    return SimpleNamespace(**empty)
