"""The independent check of coverage: proves a finished result from its inputs.

It computes signal anew with `planner.coverage.check_model` at sampled points, at every tested
place and for every infill site, and geometry, people and sums anew from the frames. It shares the
reading of the cells' table and the resampled terrain with the run, and no algorithm.

The grid comes from a sweep that displaces profiles a little, so single pixels may lie on the other
side of the threshold. `planner.coverage.check_sweep` proves how many do, from the swept signal that
the run states at sampled points; where one pixel decides, this check asks its neighbours too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from geo.terrain import Terrain
from layers.county import County
from planner.checking import Checks, Failure
from planner.coverage import (
    check_calibration,
    check_infill,
    check_measuredgaps,
    check_sweep,
    check_villages,
)
from planner.coverage.cells import Usable, usable
from planner.coverage.check_clutter import clutter_from, under_cover
from planner.coverage.check_model import Heard, strongest, wanted_dbm
from planner.coverage.check_second import Slack, State, state, with_second
from planner.coverage.evidence import Evidence
from planner.coverage.grid import area_of, ground
from planner.settings import Settings

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Verdict = tuple[bool, Failure]

_STATISTICAL_SIGMAS = 4.0
_STRAYS = 3
"""How many points without signal outside every gap are looked into, an operator."""
_ASKED = 5
"""How many pixels of a gap are looked into."""
_GOLDEN = (0.7548776662466927, 0.5698402909980532)
"""Steps of the R2 sequence (Roberts 2018), which spreads points evenly without a seed."""


@dataclass(frozen=True, slots=True, eq=False)
class _Case:
    """What the check works from; `heard` remembers signals by operator and point."""

    county: County
    settings: Settings
    cells: Usable
    area: BaseGeometry
    terrain: Terrain
    gaps: gpd.GeoDataFrame
    figures: Mapping[str, Any]
    heard: dict[tuple[str, float, float], Heard] = field(default_factory=dict)

    @property
    def wanted_dbm(self) -> float:
        """Return the signal from which on a point is covered."""
        return wanted_dbm(self.settings)

    @property
    def two_models(self) -> bool:
        """Return whether a second model was asked for."""
        return self.settings.text("coverage.second_model") != "none"

    @property
    def swept_tolerance_db(self) -> float:
        """Return the difference that is let pass on a pixel of the swept grid."""
        rms_db = float(self.figures["sweep_rms_db"] or 0.0)
        return self.tolerance_db + _STATISTICAL_SIGMAS * rms_db

    @property
    def tolerance_db(self) -> float:
        """Return the difference that is let pass."""
        return self.settings.number("coverage.check_tolerance_db")

    def hear(self, cells: pd.DataFrame, point: Floats) -> Heard:
        """Return the strongest of some cells at a point, under its trees and roofs."""
        found = strongest(cells, self.terrain, point, self.settings)
        return under_cover(found, cells, self.county, point, self.settings)

    def hear_twice(self, cells: pd.DataFrame, point: Floats) -> Heard:
        """Return what `hear` does, with the second model's word."""
        return with_second(self.hear(cells, point), cells, self.settings)

    def own(self, operator: str) -> pd.DataFrame:
        """Return the cells of one operator."""
        table = self.cells.cells
        return table[table["operator"] == operator]

    def own_heard(self, operator: str, xy: Floats) -> list[Heard]:
        """Return what is heard of one operator at points; a point is looked at once."""
        own = self.own(operator)
        for point in xy:
            key = operator, *point.tolist()
            if key not in self.heard:
                self.heard[key] = self.hear_twice(own, point)
        return [self.heard[operator, *point] for point in xy.tolist()]

    def own_dbm(self, operator: str, xy: Floats) -> Floats:
        """Return one operator's signal at points."""
        return np.array([heard.dbm for heard in self.own_heard(operator, xy)])

    def states(self, xy: Floats, slack: Slack | None = None) -> dict[str, list[State]]:
        """Return what both models say of points, by operator and of ``any`` and ``all``."""
        own = {
            operator: [state(heard, self.settings, slack) for heard in self.own_heard(operator, xy)]
            for operator in self.cells.operators
        }
        columns = list(zip(*own.values(), strict=True))
        return {
            **own,
            "any": [State(*map(any, zip(*states, strict=True))) for states in columns],
            "all": [State(*map(all, zip(*states, strict=True))) for states in columns],
        }

    def signals_dbm(self, xy: Floats) -> dict[str, Floats]:
        """Return the signal of every operator, and of ``any`` and ``all``, at points."""
        own = {operator: self.own_dbm(operator, xy) for operator in self.cells.operators}
        table = np.stack(list(own.values()))
        return {**own, "any": table.max(axis=0), "all": table.min(axis=0)}

    def signal_dbm(self, name: str, xy: Floats) -> Floats:
        """Return the signal of one operator, or of ``any`` or ``all``, at points."""
        return self.signals_dbm(xy)[name] if name in {"any", "all"} else self.own_dbm(name, xy)


def check(
    county: County,
    settings: Settings,
    gaps: gpd.GeoDataFrame,
    villages: gpd.GeoDataFrame,
    infill: gpd.GeoDataFrame,
    figures: Mapping[str, Any],
    *,
    evidence: Mapping[str, Evidence],
    calibration: gpd.GeoDataFrame,
    measured_gaps: gpd.GeoDataFrame,
) -> Checks:
    """Return what holds of a coverage result, and each thing that does not.

    Parameters
    ----------
    county
        The inputs of the run.
    settings
        The settings of the run.
    gaps, villages, infill
        Frames of `layers.tables.GAPS`, `VILLAGES` and `INFILL`, as found or as stored.
    figures
        The object ``coverage`` of result.json.
    evidence
        Of each operator's infill and of the Wi-Fi points, see `planner.coverage.evidence`.
    calibration, measured_gaps
        Frames of `layers.tables.CALIBRATION` and `MEASURED_GAPS`.
    """
    plain, stated = usable(county, settings), figures["calibration"]
    cells = check_calibration.corrected(plain, stated)
    area = area_of(county, settings)
    sites = cells.cells[["x_m", "y_m"]].to_numpy(np.float64)
    terrain = ground(county, area, sites, settings)
    case = _Case(county, settings, cells, area, terrain, gaps, figures)
    count = settings.count("coverage.check_points")
    verdicts = [*_outlines(case), *_contents(case), *_sums(case, villages)]
    verdicts += [*_sampled(case, count), *_inside_gaps(case, count), *_depth(case)]
    points = _spread(case, count)
    verdicts += check_sweep.verdicts(
        figures, gaps, settings, points=points, known=terrain.covers(points),
        exact={operator: case.own_dbm(operator, points) for operator in cells.operators},
    )  # fmt: skip
    verdicts += check_villages.verdicts(
        county,
        villages,
        settings,
        cells=cells.cells,
        signal=case.signal_dbm,
        states=case.states,
        limit=count,
    )
    site_ground = check_infill.Ground(
        county=county,
        terrain=terrain,
        settings=check_calibration.with_infill(settings, stated),
        signal=case.own_dbm,
        swept_db=case.swept_tolerance_db,
        hear=case.hear,
        people=_people(county["places"], settings),
        operators=cells.operators,
    )
    verdicts += check_infill.verdicts(site_ground, infill, gaps, figures, evidence)
    verdicts += check_calibration.verdicts(
        check_calibration.Subject(
            county=county, settings=settings, cells=plain, hear=case.hear,
            points=calibration, figures=stated,
        ),
        limit=count,
    )  # fmt: skip
    verdicts += check_measuredgaps.verdicts(
        check_measuredgaps.Subject(
            county=county, settings=settings, area=area, terrain=terrain, gaps=measured_gaps,
            figures=figures["measured"], heard=case.own_dbm, wanted_dbm=case.wanted_dbm,
            slack_db=case.swept_tolerance_db,
        ),
        limit=count,
    )  # fmt: skip
    return Checks.of(verdicts)


def _fail(rule: str, subject: object, found: object, expected: object) -> Failure:
    return Failure("coverage", rule, str(subject), f"found {found}, expected {expected}")


def _outlines(case: _Case) -> Iterator[Verdict]:
    """Yield whether gaps have their stated area, are large enough and do not overlap."""
    least = case.settings.number("coverage.gap_min_km2")
    for gap in case.gaps.itertuples():
        area = gap.geometry.area / 1e6
        fits = gap.geometry.is_valid and np.isclose(gap.area_km2, area, rtol=1e-6)
        yield fits, _fail("gap_area", gap.gap_id, gap.area_km2, area)
        large = gap.area_km2 >= least * (1.0 - 1e-9)
        yield large, _fail("gap_least_area", gap.gap_id, gap.area_km2, least)
    for operator, own in case.gaps.groupby("operator"):
        total, merged = own.area.sum(), shapely.union_all(own.geometry.to_numpy()).area
        yield bool(np.isclose(total, merged)), _fail("gap_overlap", operator, total, merged)
        ranks = sorted(own["rank"].astype(int))
        even = ranks == list(range(1, len(own) + 1))
        yield even, _fail("gap_rank", operator, ranks[:5], "1, 2, 3 ...")


def _contents(case: _Case) -> Iterator[Verdict]:
    """Yield whether the people in each gap, and the roads in some, are what the layers say."""
    places = case.county["places"]
    homes = _people(places, case.settings)
    tree = shapely.STRtree(places.geometry.to_numpy())
    roads = case.county["roads"].geometry.to_numpy()
    road_tree = shapely.STRtree(roads)
    for gap in case.gaps.itertuples():
        inside = tree.query(gap.geometry, predicate="intersects")
        people = homes[inside].sum()
        yield abs(gap.people - people) <= 1.0, _fail("gap_people", gap.gap_id, gap.people, people)
    for gap in case.gaps.sort_values("area_km2").groupby("operator").head(5).itertuples():
        near = roads[road_tree.query(gap.geometry)]
        road_km = shapely.length(shapely.intersection(near, gap.geometry)).sum() / 1000.0
        close = abs(gap.road_km - road_km) <= 0.05 + 0.02 * road_km
        yield bool(close), _fail("gap_road", gap.gap_id, gap.road_km, road_km)
        for name, utility in (("power_m", "power"), ("fibre_m", "telecom")):
            yield _near_line(case, gap, name, utility)


def _near_line(case: _Case, gap: Any, name: str, utility: str) -> Verdict:  # noqa: ANN401 - a row
    """Return whether a gap's distance to the lines of a utility is that of the nearest one."""
    pipes = case.county["pipes"]
    apart = pipes.geometry[pipes["utility"] == utility].distance(gap.geometry)
    stated, expected = float(getattr(gap, name)), float(apart.min()) if len(apart) else np.nan
    close = bool(np.isclose(stated, expected, atol=0.01, equal_nan=True))
    return close, _fail(f"gap_{name}", gap.gap_id, stated, expected)


def _people(places: gpd.GeoDataFrame, settings: Settings) -> Floats:
    lived_in = places["kind"].isin(["settlement"]) | places["kind"].isna()
    estimated = places["households"].fillna(0.0) * settings.number("coverage.people_per_household")
    return np.asarray(places["people"].fillna(estimated) * lived_in, dtype=np.float64)


def _sums(case: _Case, villages: gpd.GeoDataFrame) -> Iterator[Verdict]:
    """Yield whether the figures are the sums of the frames, by operator and in the headline."""
    figures = case.figures
    for operator, stated in {**figures["operators"], "headline": figures}.items():
        name = "any" if operator == "headline" else operator
        own = case.gaps[case.gaps["operator"] == name]
        tested = villages[villages["operator"] == name]
        expected = {
            "gap_count": len(own),
            "gap_km2": own["area_km2"].sum(),
            "people_in_gaps": own["people"].sum(),
            "villages": len(tested),
            "villages_failing": int((~tested["covered"].astype(bool)).sum()),
        }
        for key, value in expected.items():
            same = bool(np.isclose(float(stated[key]), float(value), rtol=1e-6, atol=1e-3))
            yield same, _fail(key, operator, stated[key], value)
    cells = len(case.cells.cells)
    yield figures["cells"] == cells, _fail("cells", "cells", figures["cells"], cells)
    around = clutter_from(case.county)
    stated_clutter = figures["clutter"]
    yield stated_clutter == around, _fail("clutter", "clutter", stated_clutter, around)


def _sampled(case: _Case, count: int) -> Iterator[Verdict]:
    """Yield whether covered and uncertain share and gaps agree with a sample of points.

    The shares must agree within their statistical error; a point without signal outside every gap
    must lie in a hole that is too small to be one.
    """
    xy = _spread(case, count)
    known = xy[case.terrain.covers(xy)]
    if not len(known):
        return
    states = case.states(known)
    for operator, power in case.signals_dbm(known).items():
        yield from _shares(case, operator, states[operator])
        yield from _shares_at(case, operator, power)
        holes = shapely.union_all(case.gaps.geometry[case.gaps["operator"] == operator].to_numpy())
        low = known[power < case.wanted_dbm - case.swept_tolerance_db]
        stray = low[~shapely.contains_xy(holes, low)]
        for point in stray[:_STRAYS]:
            km2 = _hole_km2(case, operator, point, holes)
            held = km2 < case.settings.number("coverage.gap_min_km2")
            yield held, _fail("gap_missing", operator, "no gap", f"one at {point.tolist()}")


def _shares(case: _Case, operator: str, states: list[State]) -> Iterator[Verdict]:
    """Yield whether an operator's covered and uncertain share are those of a sample."""
    figures = case.figures["operators"][operator]
    certain, possible = np.array(states).T
    for name, sample in (("covered_share", certain), ("uncertain_share", possible & ~certain)):
        if name == "uncertain_share" and not case.two_models:
            none = figures[name] is None
            yield none, _fail(name, operator, figures[name], "none without a second model")
            continue
        yield _sampled_share(name, operator, figures[name], sample)


def _shares_at(case: _Case, operator: str, power: Floats) -> Iterator[Verdict]:
    """Yield whether an operator's share at each listed threshold is that of a sample."""
    margin_db = case.wanted_dbm - case.settings.number("coverage.threshold_dbm")
    for threshold, stated in case.figures["operators"][operator]["covered_share_at"].items():
        reached = power >= float(threshold) + margin_db
        yield _sampled_share("covered_share_at", operator, stated, reached)


def _sampled_share(name: str, operator: str, stated: float, sample: Bools) -> Verdict:
    """Return whether a share lies within the statistical error of a sample's."""
    expected = float(np.mean(sample))
    spread = np.sqrt(max(stated * (1.0 - stated), 0.01) / len(sample))
    close = abs(stated - expected) <= _STATISTICAL_SIGMAS * spread
    return bool(close), _fail(name, operator, stated, f"about {expected:.3f}")


def _depth(case: _Case) -> Iterator[Verdict]:
    """Yield whether the shares of people outdoors and indoors follow from the signal at places."""
    places = case.county["places"]
    if places.empty:
        return
    homes = _people(places, case.settings)
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
            yield held, _fail(f"people_{key}", operator, found, (least, most))


def _hole_km2(case: _Case, operator: str, start: Floats, holes: BaseGeometry) -> float:
    """Return how much ground without signal, outside every gap, joins a pixel, up to a gap's."""
    pixel_m = case.settings.number("coverage.resolution_m")
    least = case.settings.number("coverage.gap_min_km2") / (pixel_m**2 / 1e6)
    ahead, seen, found = [tuple(start)], {tuple(start)}, 0
    while ahead and found < least:
        x, y = ahead.pop(0)
        if not shapely.contains_xy(case.area, x, y) or shapely.contains_xy(holes, x, y):
            continue
        if not case.terrain.covers([x, y])[0]:
            continue
        power = case.signal_dbm(operator, np.array([[x, y]]))[0]
        if power >= case.wanted_dbm - case.swept_tolerance_db:
            continue
        found += 1
        around = [(x + pixel_m, y), (x - pixel_m, y), (x, y + pixel_m), (x, y - pixel_m)]
        ahead += [pixel for pixel in around if pixel not in seen]
        seen.update(around)
    return found * pixel_m**2 / 1e6


def _spread(case: _Case, count: int) -> Floats:
    """Return evenly spread pixel centres of the study area, at most `count`."""
    west, south, east, north = shapely.bounds(case.area)
    unit = np.mod(np.outer(np.arange(1, 4 * count + 1), _GOLDEN), 1.0)
    xy = _centre(np.array([west, south]) + unit * np.array([east - west, north - south]), case)
    return xy[shapely.contains_xy(case.area, xy)][:count]


def _centre(xy: Floats, case: _Case) -> Floats:
    """Return the centre of the pixel that holds each point; pixels start at whole multiples."""
    pixel_m = case.settings.number("coverage.resolution_m")
    return (np.floor(xy / pixel_m) + 0.5) * pixel_m


def _inside_gaps(case: _Case, count: int) -> Iterator[Verdict]:
    """Yield whether gaps, first ranks first, really lie below the threshold.

    One pixel may differ from the sweep: where it does, the middle of some pixels counts.
    """
    limit_dbm = case.wanted_dbm + case.tolerance_db
    first = case.gaps.sort_values("rank", kind="stable").head(count)
    for gap in first.itertuples():
        xy = _some_pixels(case, gap.geometry)
        found = float(case.signal_dbm(gap.operator, xy[:1])[0])
        if found >= limit_dbm:
            found = float(np.median(case.signal_dbm(gap.operator, xy)))
        low = found < limit_dbm
        yield low, _fail("gap_signal", gap.gap_id, f"{found:.1f} dBm", "below the threshold")


def _some_pixels(case: _Case, gap: BaseGeometry) -> Floats:
    """Return a few centres of pixels in a gap, an odd number of them."""
    west, south, east, north = shapely.bounds(gap)
    unit = np.mod(np.outer(np.arange(1, 16 * _ASKED), _GOLDEN), 1.0)
    xy = _centre(np.array([west, south]) + unit * np.array([east - west, north - south]), case)
    inside = xy[shapely.contains_xy(gap, xy)][: _ASKED - 1]
    middle = _centre(shapely.get_coordinates(gap.representative_point()), case)
    return np.concatenate([middle, inside[: len(inside) // 2 * 2]])
