"""What candidates of infill cost and have to be worth, anew from lines and settings."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from layers.county import County
from planner.coverage import check_choice
from planner.coverage.candidates import PRICES, planned
from planner.coverage.check_choice import Expected, charged, worth
from planner.coverage.check_verdict import Verdict, fail
from planner.coverage.evidence import WIFI, Evidence
from planner.settings import Settings

Floats = npt.NDArray[np.float64]

_NEAR_M = 0.01
_LINES = (("power", "power"), ("telecom", "fibre"))
"""Utilities and the names of their lines to a site."""


def expected(
    county: County, settings: Settings, found: Evidence, name: str, lines: gpd.GeoDataFrame
) -> Expected:
    """Return weights, charges, sizes and budget from the settings and the costs of candidates.

    Parameters
    ----------
    lines
        Frame of `layers.tables.SITE_LINES`, proved by `planner.extension.check_sitelines`; a line
        that it lacks is priced by the straight way.
    """
    number, count = settings.number, settings.count
    sites = len(found.site_x_m)
    ones = np.ones(sites, dtype=np.int64)
    if name == WIFI:
        least_m = number("coverage.wifi_min_m")
        weight = np.rint(check_choice.UNITS * found.way_m).astype(np.int64)
        return Expected(
            weight=weight,
            charge=ones * round(check_choice.UNITS * least_m),
            size=ones,
            budget=count("coverage.wifi_points"),
        )
    rates = number("coverage.infill_people_per_km2"), number("coverage.infill_people_per_road_km")
    budget_yuan = int(number("coverage.infill_budget_yuan"))
    cost = _yuan(county, settings, found, lines)
    least, rate = number("coverage.infill_min_people"), "coverage.infill_yuan_per_person"
    charge = charged(cost, number(rate), least)
    whole_yuan = np.array([max(ceil(yuan), 1) for yuan in cost], dtype=np.int64)
    return Expected(
        weight=worth(found.people, found.area_km2, found.way_m, rates),
        charge=charge,
        size=whole_yuan if budget_yuan > 0 else ones,
        budget=budget_yuan if budget_yuan > 0 else count("coverage.infill_sites"),
    )


def _yuan(county: County, settings: Settings, found: Evidence, lines: gpd.GeoDataFrame) -> Floats:
    """Return what each candidate costs by the lines laid to it, else the straight ways."""
    number = settings.number
    xy = np.column_stack([found.site_x_m, found.site_y_m])
    site_yuan = [number(f"coverage.site_{PRICES[str(kind)]}_yuan") for kind in found.site_kind]
    total = np.array(site_yuan, dtype=np.float64)
    for utility, line in _LINES:
        there = _has(county, found, line)
        rate = number("coverage.line_detour") * number(f"coverage.{line}_yuan_per_m")
        laid = _laid(lines, utility, "cost_yuan")
        straight = rate * _away_m(county, settings, utility, xy)
        routed = np.array([laid.get(str(key), np.nan) for key in found.candidate_id])
        yuan = np.where(np.isnan(routed), straight, routed)
        total += np.where(there | np.isnan(yuan), 0.0, yuan)
    return total


def _has(county: County, found: Evidence, line: str) -> npt.NDArray[np.bool_]:
    """Return which candidates have power or fibre: sites of the table, by their row.

    Where the table says so of no site, those that stand and on which cells hang have it.
    """
    sites = county["sites"].assign(coming=planned(county["sites"]))
    cells = set(county["cells"]["site_id"].astype(str))
    silent = not any(flag for flag in sites[f"has_{line}"] if pd.notna(flag))
    of = {}
    for row in sites.to_dict("records"):
        key = str(row["site_id"])
        flag = row[f"has_{line}"]
        of[key] = (key in cells and not row["coming"]) if silent else pd.notna(flag) and bool(flag)
    listed = {"existing": "A-", "planned": "P-"}
    return np.array(
        [
            str(kind) in listed and of.get(str(key).removeprefix(listed[str(kind)]), False)
            for kind, key in zip(found.site_kind, found.candidate_id, strict=True)
        ],
        dtype=bool,
    )


def _away_m(county: County, settings: Settings, utility: str, xy: Floats) -> Floats:
    """Return the distance of points from the nearest line or tie-in of a utility, NaN without."""
    limit = settings.number("coverage.infill_pole_kv")
    shapes = [
        row.geometry
        for layer in ("pipes", "tie_ins")
        for row in county[layer].itertuples()
        if row.utility == utility and not (pd.notna(row.voltage_kv) and row.voltage_kv > limit)
    ]
    if not shapes:
        return np.full(len(xy), np.nan)
    return np.asarray(shapely.distance(shapely.union_all(shapes), shapely.points(xy)))


def _laid(lines: gpd.GeoDataFrame, utility: str, column: str) -> dict[str, float]:
    """Return a measure of the lines of a utility, by candidate."""
    own = lines[lines["utility"] == utility]
    return dict(zip(own["candidate_id"].astype(str), own[column].astype(float), strict=True))


def costs(
    county: County, settings: Settings, rows: gpd.GeoDataFrame, lines: gpd.GeoDataFrame
) -> Iterator[Verdict]:
    """Yield whether each site's cost is the sum of its parts, and lengths are what they are.

    Parameters
    ----------
    rows
        Of one operator in `layers.tables.INFILL`, or Wi-Fi points.
    lines
        As for `expected`.
    """
    parts = rows[["site_yuan", "power_yuan", "fibre_yuan"]].fillna(0.0).sum(axis=1)
    xy = shapely.get_coordinates(rows.geometry.to_numpy()).reshape(-1, 2)
    away = {line: _away_m(county, settings, utility, xy) for utility, line in _LINES}
    laid = {line: _laid(lines, utility, "length_m") for utility, line in _LINES}
    for place, row in enumerate(rows.itertuples()):
        price = settings.number(f"coverage.site_{PRICES[row.site_kind]}_yuan")
        summed = np.isclose(row.cost_yuan, parts.iloc[place]) and np.isclose(row.site_yuan, price)
        yield bool(summed), fail("infill_cost", row.candidate_id, row.cost_yuan, parts.iloc[place])
        key = str(row.candidate_id).removesuffix(f"-{row.operator}")
        for line, straight_m in away.items():
            metres = laid[line].get(key, straight_m[place])
            stated, routed = getattr(row, f"{line}_m"), getattr(row, f"{line}_routed")
            same = np.isclose(stated, metres, rtol=1e-6, atol=_NEAR_M, equal_nan=True)
            yield bool(same), fail(f"infill_{line}_m", row.candidate_id, stated, metres)
            yield (
                bool(routed) == (key in laid[line]),
                fail(f"infill_{line}_routed", row.candidate_id, routed, key in laid[line]),
            )
