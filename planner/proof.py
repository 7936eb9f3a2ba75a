"""The independent checks of all topics on one set of result tables.

The same proof runs at the end of `planner.study.run` and again from the files of a finished
study: problems are built anew from the inputs, and no planner takes part.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import geopandas as gpd

from layers.county import County
from planner import ground
from planner.checking import Checks, Failure
from planner.coverage import check as coverage
from planner.extension import check as extension
from planner.settings import Settings
from planner.trench import check as trench


def prove(
    county: County,
    tables: Mapping[str, gpd.GeoDataFrame],
    figures: Mapping[str, Any],
    settings: Settings,
    *,
    start: dt.date,
    days: int,
) -> Checks:
    """Check the inputs' account, the segments and every topic's tables and figures.

    Parameters
    ----------
    county
        The checked inputs.
    tables
        Result tables by name, see `layers.tables.RESULTS`; ``extension_works`` beside them.
        Without ``gaps`` there was no coverage.
    figures
        Content of ``result.json``: the objects ``trench``, ``extension`` and ``coverage``.
    settings, start, days
        As in the study.
    """
    onto = tables["segments"]
    checks = _check_inputs(county) + _check_segments(county, onto, settings)
    works = county["works"]
    checks += extension.check(
        county,
        onto,
        settings,
        connections=tables["connections"],
        trenches=tables["trenches"],
        unreachable=tables["unreachable"],
        figures=figures["extension"],
        open_segments=ground.opened_by(works, ground.place(works, onto, settings), onto),
    )
    checks += trench.check(
        ground.trench_problem(
            county, onto, tables["extension_works"], settings, start=start, days=days
        ),
        openings=tables["openings"],
        participants=tables["participants"],
        reopenings=tables["reopenings"],
        unplaced=tables["unplaced"],
        starts=tables["starts"],
        figures=figures["trench"],
    )
    if "gaps" in tables:
        checks += coverage.check(
            county,
            settings,
            gaps=tables["gaps"],
            villages=tables["villages"],
            infill=tables["infill"],
            figures=figures["coverage"],
        )
    return checks


def _check_inputs(county: County) -> Checks:
    return Checks.of(
        (
            source.rows >= source.used + source.quarantined,
            Failure("inputs", "rows", source.path, "more rows used and set aside than read"),
        )
        for source in county.inputs
    )


def _check_segments(county: County, onto: gpd.GeoDataFrame, settings: Settings) -> Checks:
    """Cut the roads again: the segments' identities must come out the same."""
    again = set(ground.segments_of(county, settings)["segment_id"])
    stored = set(onto["segment_id"])
    return Checks.of(
        [
            (
                again == stored and onto["segment_id"].is_unique,
                Failure("inputs", "segments", "", f"{len(again ^ stored)} segments differ"),
            )
        ]
    )
