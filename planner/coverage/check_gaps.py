"""The check of gaps: outlines, what lies in them, their signal, and that none is missing.

The grid comes from a sweep that displaces profiles a little, so single pixels may lie on the other
side of the threshold: where one pixel decides, its neighbours are asked too.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from planner.coverage.check_case import Case, Floats, centre, over, people_at
from planner.coverage.check_verdict import Verdict, fail

_STRAYS = 3
"""How many points without signal outside every gap are looked into, an operator."""
_ASKED = 5
"""How many pixels of a gap are looked into."""


def outlines(case: Case) -> Iterator[Verdict]:
    """Yield whether gaps have their stated area, are large enough and do not overlap."""
    least = case.settings.number("coverage.gap_min_km2")
    for gap in case.gaps.itertuples():
        area = gap.geometry.area / 1e6
        fits = gap.geometry.is_valid and np.isclose(gap.area_km2, area, rtol=1e-6)
        yield fits, fail("gap_area", gap.gap_id, gap.area_km2, area)
        large = gap.area_km2 >= least * (1.0 - 1e-9)
        yield large, fail("gap_least_area", gap.gap_id, gap.area_km2, least)
    for operator, own in case.gaps.groupby("operator"):
        total, merged = own.area.sum(), shapely.union_all(own.geometry.to_numpy()).area
        yield bool(np.isclose(total, merged)), fail("gap_overlap", operator, total, merged)
        ranks = sorted(own["rank"].astype(int))
        even = ranks == list(range(1, len(own) + 1))
        yield even, fail("gap_rank", operator, ranks[:5], "1, 2, 3 ...")


def contents(case: Case) -> Iterator[Verdict]:
    """Yield whether the people in each gap, and the roads in some, are what the layers say."""
    places = case.county["places"]
    homes = people_at(places, case.settings)
    tree = shapely.STRtree(places.geometry.to_numpy())
    roads = case.county["roads"].geometry.to_numpy()
    road_tree = shapely.STRtree(roads)
    for gap in case.gaps.itertuples():
        inside = tree.query(gap.geometry, predicate="intersects")
        people = homes[inside].sum()
        yield abs(gap.people - people) <= 1.0, fail("gap_people", gap.gap_id, gap.people, people)
    for gap in case.gaps.sort_values("area_km2").groupby("operator").head(5).itertuples():
        near = roads[road_tree.query(gap.geometry)]
        road_km = shapely.length(shapely.intersection(near, gap.geometry)).sum() / 1000.0
        close = abs(gap.road_km - road_km) <= 0.05 + 0.02 * road_km
        yield bool(close), fail("gap_road", gap.gap_id, gap.road_km, road_km)
        for name, utility in (("power_m", "power"), ("fibre_m", "telecom")):
            stated, expected = float(getattr(gap, name)), _away_m(case, gap.geometry, utility)
            same = bool(np.isclose(stated, expected, atol=0.01, equal_nan=True))
            yield same, fail(f"gap_{name}", gap.gap_id, stated, expected)


def _away_m(case: Case, gap: BaseGeometry, utility: str) -> float:
    """Return how far the nearest line of a utility lies from a gap; NaN where there is none."""
    pipes = case.county["pipes"]
    apart = pipes.geometry[pipes["utility"] == utility].distance(gap)
    return float(apart.min()) if len(apart) else np.nan


def inside(case: Case, count: int) -> Iterator[Verdict]:
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
        yield low, fail("gap_signal", gap.gap_id, f"{found:.1f} dBm", "below the threshold")


def _some_pixels(case: Case, gap: BaseGeometry) -> Floats:
    """Return a few centres of pixels in a gap, an odd number of them."""
    xy = over(gap, 16 * _ASKED - 1, case)
    inside_it = xy[shapely.contains_xy(gap, xy)][: _ASKED - 1]
    middle = centre(shapely.get_coordinates(gap.representative_point()), case)
    return np.concatenate([middle, inside_it[: len(inside_it) // 2 * 2]])


def missing(case: Case, operator: str, xy: Floats, power: Floats) -> Iterator[Verdict]:
    """Yield whether points without signal outside every gap lie in holes too small to be one.

    Parameters
    ----------
    xy, power
        Points of known ground, and the operator's signal there in dBm.
    """
    holes = shapely.union_all(case.gaps.geometry[case.gaps["operator"] == operator].to_numpy())
    low = xy[power < case.wanted_dbm - case.swept_tolerance_db]
    stray = low[~shapely.contains_xy(holes, low)]
    for point in stray[:_STRAYS]:
        km2 = _hole_km2(case, operator, point, holes)
        held = km2 < case.settings.number("coverage.gap_min_km2")
        yield held, fail("gap_missing", operator, "no gap", f"one at {point.tolist()}")


def _hole_km2(case: Case, operator: str, start: Floats, holes: BaseGeometry) -> float:
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
