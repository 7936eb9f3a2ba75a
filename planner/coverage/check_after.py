"""The check of coverage after infill: gaps that remain and shares, with the proposed sites on air.

The proposed sites are heard by the check's own model beside the cells that stand, and what is said
of the gaps of today is then asked of those that remain.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import geopandas as gpd

from planner.coverage import check_gaps, check_shares
from planner.coverage.candidates import cells_of
from planner.coverage.check_case import Case
from planner.coverage.check_verdict import Verdict, fail
from planner.settings import Settings

_SUFFIX = "_after"
_ROUNDING = 1e-4
"""What a stated share may differ by, of its last digit and of an area's."""


def verdicts(
    case: Case, gaps: gpd.GeoDataFrame, infill: gpd.GeoDataFrame, tuned: Settings, *, count: int
) -> Iterator[Verdict]:
    """Yield whether gaps and figures after infill follow from the sites, and nothing is worse.

    Parameters
    ----------
    case
        Of today, with the settings of the run.
    gaps, infill
        Frames of `layers.tables.GAPS_AFTER` and `INFILL`.
    tuned
        Settings with the correction of infill cells as calibrated.
    count
        How many points are sampled.
    """
    later = replace(
        case, gaps=gaps, figures=_stated(case.figures), added=_added(case, infill, tuned)
    )  # fmt: skip
    for held, failure in _of(later, count):
        yield held, replace(failure, rule=f"after_{failure.rule}")
    for name, now in {**case.figures["operators"], "headline": case.figures}.items():
        yield from _no_worse(name, now)


def _of(later: Case, count: int) -> Iterator[Verdict]:
    """Yield what is asked of gaps and shares, of the county with its proposed sites."""
    yield from check_gaps.outlines(later)
    yield from check_gaps.contents(later)
    yield from check_gaps.inside(later, count)
    yield from check_shares.gap_sums(later)
    yield from check_shares.sampled(later, count)


def _added(case: Case, infill: gpd.GeoDataFrame, tuned: Settings) -> dict[str, Any]:
    """Return the cells of the proposed sites of each operator that has any."""
    own = {name: infill[infill["operator"] == name] for name in case.cells.operators}
    return {name: cells_of(sites, tuned) for name, sites in own.items() if len(sites)}


def _stated(figures: Mapping[str, Any]) -> dict[str, Any]:
    """Return the figures with those after infill in the place of today's."""

    def later(values: Mapping[str, Any]) -> dict[str, Any]:
        found = {
            key.removesuffix(_SUFFIX): value
            for key, value in values.items()
            if key.endswith(_SUFFIX)
        }
        return {**found, "covered_share_at": {}}

    operators = {name: later(values) for name, values in figures["operators"].items()}
    return {**figures, **later(figures), "operators": operators}


def _no_worse(name: str, now: Mapping[str, Any]) -> Iterator[Verdict]:
    """Yield whether sites take away no signal, and the share leaves room for the gaps."""
    for key, sign in (("covered_share", 1), ("gap_km2", -1), ("people_in_gaps", -1)):
        later = now[f"{key}{_SUFFIX}"]
        held = sign * (later - now[key]) >= -_ROUNDING
        yield held, fail(f"after_{key}", name, later, f"no worse than {now[key]}")
    room = 1.0 - now[f"gap_km2{_SUFFIX}"] / max(now["area_km2"], _ROUNDING)
    share = now[f"covered_share{_SUFFIX}"]
    yield share <= room + _ROUNDING, fail("after_covered_share", name, share, f"at most {room:.4f}")
