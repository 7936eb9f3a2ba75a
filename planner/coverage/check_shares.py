"""The check of coverage's figures: sums of the frames, and shares by a sample of points."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from planner.coverage import check_gaps
from planner.coverage.check_case import SIGMAS, Case, Floats, people_at, spread
from planner.coverage.check_clutter import clutter_from
from planner.coverage.check_second import State
from planner.coverage.check_verdict import Verdict, fail

Bools = npt.NDArray[np.bool_]


def sums(case: Case, villages: gpd.GeoDataFrame) -> Iterator[Verdict]:
    """Yield whether the figures are the sums of the frames, by operator and in the headline."""
    figures = case.figures
    yield from gap_sums(case)
    for operator, name, stated in _named(figures):
        tested = villages[villages["operator"] == name]
        expected = {
            "villages": len(tested),
            "villages_failing": int((~tested["covered"].astype(bool)).sum()),
            "villages_uncertain": int(tested["uncertain"].astype(bool).sum()),
        }
        yield from _same(operator, stated, expected)
    cells = len(case.cells.cells)
    yield figures["cells"] == cells, fail("cells", "cells", figures["cells"], cells)
    around = clutter_from(case.county)
    stated_clutter = figures["clutter"]
    yield stated_clutter == around, fail("clutter", "clutter", stated_clutter, around)


def gap_sums(case: Case) -> Iterator[Verdict]:
    """Yield whether number, area and people of gaps are those of the case's gaps."""
    for operator, name, stated in _named(case.figures):
        own = case.gaps[case.gaps["operator"] == name]
        expected = {
            "gap_count": len(own),
            "gap_km2": own["area_km2"].sum(),
            "people_in_gaps": own["people"].sum(),
        }
        yield from _same(operator, stated, expected)


def _named(figures: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Yield each operator, and the headline, with whose signal it is of and what is stated."""
    for operator, stated in figures["operators"].items():
        yield operator, operator, stated
    yield "headline", "any", figures


def _same(
    operator: str, stated: Mapping[str, Any], expected: Mapping[str, float]
) -> Iterator[Verdict]:
    for key, value in expected.items():
        same = bool(np.isclose(float(stated[key]), float(value), rtol=1e-6, atol=1e-3))
        yield same, fail(key, operator, stated[key], value)


def sampled(case: Case, count: int) -> Iterator[Verdict]:
    """Yield whether covered and uncertain share and gaps agree with a sample of points.

    The shares must agree within their statistical error; a point without signal outside every gap
    must lie in a hole that is too small to be one.
    """
    xy = spread(case, count)
    known = xy[case.terrain.covers(xy)]
    if not len(known):
        return
    states = case.states(known)
    for operator, power in case.signals_dbm(known).items():
        yield from _shares(case, operator, states[operator])
        yield from _shares_at(case, operator, power)
        yield from check_gaps.missing(case, operator, known, power)


def _shares(case: Case, operator: str, states: list[State]) -> Iterator[Verdict]:
    """Yield whether an operator's covered and uncertain share are those of a sample."""
    figures = case.figures["operators"][operator]
    certain, possible = np.array(states).T
    for name, sample in (("covered_share", certain), ("uncertain_share", possible & ~certain)):
        if name == "uncertain_share" and not case.two_models:
            none = figures[name] is None
            yield none, fail(name, operator, figures[name], "none without a second model")
            continue
        yield _sampled_share(name, operator, figures[name], sample)


def _shares_at(case: Case, operator: str, power: Floats) -> Iterator[Verdict]:
    """Yield whether an operator's share at each listed threshold is that of a sample."""
    margin_db = case.wanted_dbm - case.settings.number("coverage.threshold_dbm")
    for threshold, stated in case.figures["operators"][operator]["covered_share_at"].items():
        reached = power >= float(threshold) + margin_db
        yield _sampled_share("covered_share_at", operator, stated, reached)


def _sampled_share(name: str, operator: str, stated: float | None, sample: Bools) -> Verdict:
    """Return whether a share lies within the statistical error of a sample's."""
    expected = float(np.mean(sample))
    if stated is None:
        return False, fail(name, operator, stated, f"about {expected:.3f}")
    spread = np.sqrt(max(stated * (1.0 - stated), 0.01) / len(sample))
    close = abs(stated - expected) <= SIGMAS * spread
    return bool(close), fail(name, operator, stated, f"about {expected:.3f}")


def depth(case: Case) -> Iterator[Verdict]:
    """Yield whether the shares of people outdoors and indoors follow from the signal at places."""
    places = case.county["places"]
    if places.empty:
        return
    homes = people_at(places, case.settings)
    extra_db = case.settings.number("coverage.indoor_loss_db")
    heard = case.signals_dbm(shapely.get_coordinates(places.geometry.to_numpy()))
    for operator, power in heard.items():
        for key, wanted in (("outdoor", 0.0), ("indoor", extra_db)):
            stated = case.figures["operators"][operator][f"people_{key}_share"]
            least, most = (
                homes[power >= case.wanted_dbm + wanted + sign * case.tolerance_db].sum()
                for sign in (1.0, -1.0)
            )
            found = 0.0 if stated is None else stated * homes.sum()
            held = bool(least - 0.5 <= found <= most + 0.5)
            yield held, fail(f"people_{key}", operator, found, (least, most))
