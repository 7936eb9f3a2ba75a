"""What the independent check holds a trench's price against, for every kind of way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import shapely
from shapely.geometry.base import BaseGeometry

from planner.extension.check_ground import NEAR_M, Ground, listed
from planner.extension.check_terms import Tariff
from planner.settings import Settings

Key = tuple[str, str, str]


def cable(key: Key, settings: Settings) -> float:
    """Return the price of a laid line by itself, in yuan per metre."""
    high = "_mv" if key[1] in {"10 kV", "35 kV"} else ""
    return settings.number(f"extension.line_{key[0]}{high}_yuan_per_m")


def way_yuan(
    row: Mapping[Any, Any],
    keys: set[Key],
    segment: Mapping[Any, Any] | None,
    tariff: Tariff,
    ground: Ground,
) -> float:
    """Return what one row of `layers.tables.TRENCHES` must cost.

    Parameters
    ----------
    row
        The trench.
    keys
        Commodities that lie in it.
    segment
        Its road, None for a trench on none.
    tariff, ground
        Prices derived anew, and the county.
    """
    settings, kind = ground.settings, row["kind"]
    laid_m, climb_m = ground.laid(row["geometry"])
    if kind in {"boring", "pole", "tunnel"}:
        once, more = _special(kind, row["geometry"].length, laid_m, climb_m, settings)
        return once + sum((cable(key, settings) + more) * laid_m for key in keys)
    road, surface = "", settings.text("extension.lead_in_surface")
    if segment is not None:
        road, surface = segment["road_class"] or "branch", segment["surface"] or "asphalt"
    lines = sum(tariff.own_yuan[surface, key] for key in keys) * laid_m
    if row["in_work"]:
        return lines
    once = tariff.trench_yuan[surface] * laid_m
    if kind == "street":
        once += tariff.opening_yuan[road] * laid_m
    if kind == "crossing":
        per_day = settings.number(f"trench.closure_{road}_yuan_per_day")
        once += per_day / settings.number("extension.crossing_m_per_day") * laid_m
    if kind == "shaft":
        once += settings.number("extension.shaft_yuan")
    for land, price in ((ground.green, "green"), (ground.water, "bridge")):
        over_m = ground.over_m(row["geometry"], land)
        once += settings.number(f"extension.{price}_yuan_per_m") * over_m
    return once + lines


def line_yuan(
    row: Mapping[Any, Any],
    key: Key,
    segment: Mapping[Any, Any] | None,
    tariff: Tariff,
    ground: Ground,
) -> float:
    """Return what one line adds to a way that is open; parameters as of `way_yuan`."""
    settings, kind = ground.settings, row["kind"]
    laid_m, climb_m = ground.laid(row["geometry"])
    if kind in {"boring", "pole", "tunnel"}:
        more = _special(kind, row["geometry"].length, laid_m, climb_m, settings)[1]
        return (cable(key, settings) + more) * laid_m
    surface = settings.text("extension.lead_in_surface")
    if segment is not None:
        surface = segment["surface"] or "asphalt"
    return tariff.own_yuan[surface, key] * laid_m


def _special(
    kind: str, plan_m: float, laid_m: float, climb_m: float, settings: Settings
) -> tuple[float, float]:
    """Return what is paid once, and for each line and metre, where nothing is dug from above."""
    if kind == "boring":
        pits = settings.number("extension.boring_pits_yuan")
        return pits, settings.number("extension.boring_yuan_per_m")
    if kind == "tunnel":
        return 0.0, settings.number("extension.tunnel_yuan_per_m")
    steep = 1 + settings.number("extension.pole_slope_factor") * climb_m / plan_m
    return settings.number("extension.pole_yuan_per_m") * steep * laid_m, 0.0


def admitted(row: Mapping[Any, Any], keys: set[Key], settings: Settings) -> bool:
    """Return whether every line in a trench may go that way."""
    named = {"pole": "extension.pole_utilities", "tunnel": "section.tunnel_utilities"}
    if row["kind"] not in named:
        return True
    return {key[0] for key in keys} <= listed(named[row["kind"]], settings)


def crossed_rightly(row: Mapping[Any, Any], road_class: str, settings: Settings) -> bool:
    """Return whether a crossing is made as the settings say for its class of road."""
    if row["kind"] not in {"crossing", "boring"}:
        return True
    bored = settings.text(f"extension.crossing_{road_class}") == "trenchless"
    return bored == bool(row["kind"] == "boring")


def hung(trenches: gpd.GeoDataFrame) -> dict[str, BaseGeometry]:
    """Return the ground under the pole lines of each connection."""
    found: dict[str, list[BaseGeometry]] = defaultdict(list)
    for row in trenches[trenches["kind"] == "pole"].to_dict("records"):
        for key in str(row["applications"]).split(","):
            found[key].append(row["geometry"].buffer(NEAR_M))
    return {key: shapely.union_all(lines) for key, lines in found.items()}
