"""Proof of infill and Wi-Fi points: their candidates, what these reach, cost and are worth.

Whether a candidate reaches a point is computed anew, in plain numpy, for every chosen site at every
place, and for a spread sample of the evidence's pairs; the arithmetic of the choice and its bound
is `planner.coverage.check_choice`'s. The bound speaks of the candidates of the evidence: that all
standing sites are among them is checked, that no other place in the county is better is not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from planner.coverage import check_choice, check_costs
from planner.coverage.candidates import cells_of, planned
from planner.coverage.check_case import Case, Floats, even, people_at
from planner.coverage.check_verdict import Verdict, fail
from planner.coverage.evidence import WIFI, Evidence

_NEAR_M = 0.01
_STRAYS = 0.05
"""Share of sampled pixels that may lie over the threshold although the sweep had them below."""


def verdicts(
    case: Case, infill: gpd.GeoDataFrame, lines: gpd.GeoDataFrame, evidence: Mapping[str, Evidence]
) -> Iterator[Verdict]:
    """Yield whether infill sites, Wi-Fi points, their figures and bounds hold.

    Parameters
    ----------
    case
        With the settings of infill cells as calibrated.
    infill
        Frame of `layers.tables.INFILL`.
    lines
        Frame of `layers.tables.SITE_LINES`.
    evidence
        As kept beside the result.
    """
    zones = case.county["zones"]
    scenic = zones.geometry[zones["kind"] == "scenic_area"]
    choices = {*case.cells.operators, *([WIFI] if len(scenic) else [])}
    strange = choices.symmetric_difference(evidence) | {*infill["operator"]} - choices
    yield not strange, fail("infill_evidence", sorted(strange), "missing or unknown", "evidence")
    known = choices.intersection(evidence)
    figures = case.figures
    parts = figures["infill"]["operators"]
    priced = "routed" if len(lines) else "straight"
    held = figures["infill"]["line_prices"] in {priced, "routed"}
    yield held, fail("infill_line_prices", "infill", figures["infill"]["line_prices"], priced)
    for name in sorted(known):
        own, found = infill[infill["operator"] == name], evidence[name]
        stated = figures["wifi"] if name == WIFI else parts[name]
        inputs = (case.county, case.settings)
        expected = check_costs.expected(*inputs, found, name, lines)
        yield from check_choice.verdicts(name, own, stated, found, expected)
        yield from check_costs.costs(*inputs, own, lines.iloc[:0] if name == WIFI else lines)
        if name == WIFI:
            yield from _wifi(case, found, scenic)
        else:
            yield from _sites(case, name, own, found)
    yield from _joint(case, infill, figures["infill"], evidence)
    absent = figures["wifi"] is None
    yield absent == (not len(scenic)), fail("wifi", WIFI, figures["wifi"], "null without areas")


def _reaches_dbm(case: Case, site: gpd.GeoDataFrame, xy: Floats) -> Floats:
    """Return the signal of one site's three sectors at points."""
    cells = cells_of(site, case.settings)
    return np.array([case.hear(cells, point).dbm for point in xy], dtype=np.float64)


def _sites(case: Case, operator: str, rows: gpd.GeoDataFrame, found: Evidence) -> Iterator[Verdict]:
    """Yield whether candidates, points, reach and people are what signal and layers say."""
    yield from _listed(case, operator, found)
    yield from _people(case, operator, rows)
    yield from _places(case, operator, found)
    yield from _pairs(case, operator, found)


def _listed(case: Case, operator: str, found: Evidence) -> Iterator[Verdict]:
    """Yield whether every site of the table on known ground is a candidate, unless it is own."""
    sites, cells = case.county["sites"], case.county["cells"]
    own = set(cells.loc[cells["operator"] == operator, "site_id"].astype(str))
    names = sites["site_id"].astype(str)
    coming = planned(sites)
    xy = shapely.get_coordinates(sites.geometry.to_numpy()).reshape(-1, 2)
    known = case.terrain.covers(xy) if len(xy) else np.zeros(0, dtype=bool)
    wanted = {
        f"{'P' if later else 'A'}-{name}"
        for name, later, seen in zip(names, coming, known, strict=True)
        if seen and (later or name not in own)
    }
    listed = set(found.candidate_id[np.isin(found.site_kind, ["existing", "planned"])].tolist())
    strange = sorted(wanted.symmetric_difference(listed))
    yield not strange, fail("infill_candidates", operator, strange[:5], "all standing sites")


def _people(case: Case, operator: str, rows: gpd.GeoDataFrame) -> Iterator[Verdict]:
    """Yield whether each site gains the people that it states, in the order of its rank."""
    homes = people_at(case.county["places"], case.settings)
    xy = shapely.get_coordinates(case.county["places"].geometry.to_numpy()).reshape(-1, 2)
    now = case.own_dbm(operator, xy)
    ordered = rows.sort_values("rank", kind="stable")
    for position in range(len(ordered)):
        row = ordered.iloc[[position]].reset_index(drop=True)
        then = _reaches_dbm(case, row, xy)
        low, high = (
            homes[(now < case.wanted_dbm - slack) & (then >= case.wanted_dbm + slack)].sum()
            for slack in (case.tolerance_db, -case.tolerance_db)
        )
        stated = row["people_gained"].iloc[0]
        held = low - 0.5 <= stated <= high + 0.5
        yield bool(held), fail("infill_people", row["candidate_id"].iloc[0], stated, low)
        now = np.maximum(now, then)


def _places(case: Case, operator: str, found: Evidence) -> Iterator[Verdict]:
    """Yield whether the people among the points are those who lack the signal."""
    homes = people_at(case.county["places"], case.settings)
    xy = shapely.get_coordinates(case.county["places"].geometry.to_numpy()).reshape(-1, 2)
    now = case.own_dbm(operator, xy)
    low, high = (
        homes[now < case.wanted_dbm - slack].sum()
        for slack in (case.tolerance_db, -case.tolerance_db)
    )
    stated = float(found.people.sum())
    held = low - 0.5 <= stated <= high + 0.5
    yield bool(held), fail("infill_lacking", operator, stated, low)
    lived_in = np.flatnonzero(found.people > 0)
    points = {(round(float(found.point_x_m[k]), 2), round(float(found.point_y_m[k]), 2))
              for k in lived_in}  # fmt: skip
    places = {(round(float(x), 2), round(float(y), 2)) for x, y in xy}
    yield points <= places, fail("infill_lacking", operator, "people elsewhere", "at places")


def _pairs(case: Case, operator: str, found: Evidence) -> Iterator[Verdict]:
    """Yield whether a spread sample of pairs is reached or not as the evidence says."""
    proof = found.certificate
    points = np.column_stack([found.point_x_m, found.point_y_m])
    sites = gpd.GeoDataFrame(
        {"height_m": found.height_m}, geometry=shapely.points(found.site_x_m, found.site_y_m)
    )
    count = case.settings.count("coverage.check_pairs")
    for site, point in _sampled(found, count):
        reached = bool(np.isin(point, proof.point[proof.row[site] : proof.row[site + 1]]))
        power = _reaches_dbm(case, sites.iloc[[site]].reset_index(drop=True), points[[point]])[0]
        over = power - case.wanted_dbm
        held = reached == (over >= 0.0) or abs(over) <= case.tolerance_db
        yield bool(held), fail("infill_reach", f"{operator} {site} {point}", reached, power)
    spread = np.unique(np.linspace(0, len(points) - 1, min(count, len(points))).astype(int))
    if not len(points):
        return
    over_db = case.own_dbm(operator, points[spread]) - case.wanted_dbm
    swept = found.people[spread] <= 0
    for point, over in zip(spread[~swept], over_db[~swept], strict=True):
        held = over < case.tolerance_db
        yield bool(held), fail("infill_lacking", f"{operator} {point}", over, "below")
    strays = int((over_db[swept] >= case.swept_tolerance_db).sum())
    few = strays <= 1 + _STRAYS * int(swept.sum())
    yield few, fail("infill_lacking", f"{operator} pixels", strays, "about none with signal")


def _sampled(found: Evidence, count: int) -> list[tuple[int, int]]:
    """Return spread pairs of candidate and point, half of them such as are said to be reached."""
    proof = found.certificate
    sites, points = len(proof.size), len(proof.weight)
    if not sites or not points:
        return []
    entries = np.unique(np.linspace(0, len(proof.point) - 1, count // 2).astype(int))
    entries = entries if len(proof.point) else entries[:0]
    site = np.searchsorted(proof.row, entries, side="right") - 1
    seen = list(zip(site.tolist(), proof.point[entries].tolist(), strict=True))
    anywhere = (even(count // 2) * (sites, points)).astype(int).tolist()
    return seen + [(int(one), int(other)) for one, other in anywhere]


def _wifi(case: Case, found: Evidence, scenic: gpd.GeoSeries) -> Iterator[Verdict]:
    """Yield whether every pair is in range exactly where it is said, and all lies in the gaps."""
    holes = shapely.union_all(case.gaps.geometry[case.gaps["operator"] == "all"].to_numpy())
    hole = shapely.buffer(
        shapely.intersection(holes, shapely.union_all(scenic.to_numpy())), _NEAR_M
    )
    proof = found.certificate
    points = shapely.points(found.point_x_m, found.point_y_m)
    outside = int((~shapely.intersects(hole, points)).sum())
    yield not outside, fail("wifi_points", WIFI, f"{outside} points outside", "gaps of the areas")
    reach_m = case.settings.number("coverage.wifi_range_m")
    for site in range(len(proof.size)):
        said = np.zeros(len(proof.weight), dtype=bool)
        said[proof.point[proof.row[site] : proof.row[site + 1]]] = True
        apart = np.hypot(
            found.point_x_m - found.site_x_m[site], found.point_y_m - found.site_y_m[site]
        )
        wrong = (said != (apart <= reach_m)) & (np.abs(apart - reach_m) > _NEAR_M)
        yield not wrong.any(), fail("wifi_reach", site, int(wrong.sum()), "pairs in range")


def _joint(
    case: Case, infill: gpd.GeoDataFrame, figures: Mapping[str, Any],
    evidence: Mapping[str, Evidence],
) -> Iterator[Verdict]:  # fmt: skip
    """Yield whether the figures of all operators are the sums of theirs, people counted once."""
    parts = figures["operators"].values()
    for key in ("sites", "value", "bound", "cost_yuan"):
        total = sum(float(part[key]) for part in parts)
        same = bool(np.isclose(float(figures[key]), total, rtol=1e-9, atol=0.01))
        yield same, fail(f"infill_{key}", "infill", figures[key], total)
    chosen = int(infill["operator"].isin(case.cells.operators).sum())
    yield figures["sites"] == chosen, fail("infill_sites", "infill", figures["sites"], chosen)
    served: dict[tuple[float, float], float] = {}
    for operator in set(case.cells.operators).intersection(evidence):
        found = evidence[operator]
        own = infill[infill["operator"] == operator]["candidate_id"]
        reached = check_choice.covered(found, operator, own) & (found.people > 0)
        xy = zip(found.point_x_m[reached], found.point_y_m[reached], strict=True)
        served |= dict(zip(xy, found.people[reached], strict=True))
    people = sum(served.values())
    same = abs(float(figures["people_gained"]) - people) <= 1.0
    yield same, fail("infill_people_gained", "infill", figures["people_gained"], people)
    yield from check_choice.gap("infill", figures)
