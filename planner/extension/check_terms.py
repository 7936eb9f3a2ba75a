"""What the independent check derives anew from the inputs: demands, classes and prices.

Written apart from the routing on purpose: nothing here is imported by it, and of its modules only
the units of `planner.extension.quantities` are used here.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import geopandas as gpd
import pandas as pd

from layers.tables import ROAD_CLASSES
from planner.extension.quantities import canonical
from planner.section.layout import Line, cost_per_m
from planner.settings import Settings

_SIZES_MM = (20, 25, 32, 40, 50, 65, 80, 100, 150, 200, 250, 300, 400, 500, 600, 800, 1000, 1200)
_DRAINS_MM = (200, 300, 400, 500, 600, 800, 1000, 1200, 1400, 1600, 1800, 2000)
_WANTS_LINE = ("new", "increase", "expand", "temporary_power", "construction_water")


@dataclass(frozen=True, slots=True)
class Claim:
    """What one application asks for, read anew; `key` names what can share its line."""

    parcel_id: str
    key: tuple[str, str, str]
    quantity: float
    diameter_mm: float
    dual_source: bool

    @property
    def utility(self) -> str:
        """Utility asked for."""
        return self.key[0]


def _cell(value: str | None) -> str:
    return "" if pd.isna(value) else str(value)


def _quantity(row: Mapping[Hashable, Any], settings: Settings) -> float:
    utility = row["utility"]
    if utility == "power" and not math.isnan(row["load_kva"]):
        return float(row["load_kva"])
    if math.isnan(row["demand"]):
        kind = _cell(row["applicant_kind"]) or "large"
        return settings.number(f"extension.demand_{utility}_{kind}")
    converted = canonical(utility, row["demand"], _cell(row["demand_unit"]))
    return math.nan if converted is None else converted


def _voltage(quantity: float, settings: Settings) -> str:
    if quantity > settings.number("extension.medium_voltage_kva"):
        return "35 kV"
    return "10 kV" if quantity > settings.number("rules.low_voltage_kva") else "380 V"


def _class(row: Mapping[Hashable, Any], quantity: float, settings: Settings) -> str:
    utility, subtype = row["utility"], _cell(row["subtype"])
    if utility == "power":
        return _voltage(quantity, settings)
    if utility == "gas":
        small = quantity <= settings.number("extension.gas_low_most_m3_per_h")
        return "low" if small or _cell(row["applicant_kind"]) == "resident" else "medium"
    return subtype if utility == "drain" and subtype in {"sewage", "rain"} else ""


def _stepped(name: str, steps: tuple[int, ...], size: float, settings: Settings) -> float:
    """Return the setting of the largest step that a size reaches, else of the first."""
    reached = max((step for step in steps if step <= size), default=steps[0])
    return settings.number(f"extension.{name.format(reached)}")


def _diameter(row: Mapping[Hashable, Any], quantity: float, settings: Settings) -> float:
    """Return the diameter given, or the smallest that the demand needs."""
    if row["diameter_mm"] > 0 or row["utility"] not in {"water", "drain"}:
        return float(row["diameter_mm"])
    rain = _cell(row["subtype"]) == "rain"
    sizes: tuple[int, ...] = _SIZES_MM
    if row["utility"] == "drain":
        least = settings.number("extension.drain_least_dn_mm")
        sizes = tuple(size for size in _DRAINS_MM if size >= least) or (round(least),)
    for size in sizes:
        if _flow(row["utility"], size, settings, rain=rain) >= quantity:
            return float(size)
    return float(sizes[-1])


def _flow(utility: str, size: int, settings: Settings, *, rain: bool) -> float:
    """Return the mean flow in m³/d that a pipe carries at its peak."""
    bore = size / 1000
    if utility == "water":
        speed = _stepped("water_dn{}_m_per_s", (15, 25, 50, 80), size, settings)
        area = math.pi * bore * bore / 4
        return 86400 * speed * area / settings.number("extension.water_peak_factor")
    fill = 1.0 if rain else _stepped("drain_fill_dn{}", (150, 350, 500, 1000), size, settings)
    slopes = (150, 200, 300, 400, 500, 600, 800, 1000, 1400)
    fall = _stepped("drain_slope_dn{}", slopes, size, settings)
    half = math.acos(1 - 2 * fill)
    area = bore * bore / 4 * (half - math.sin(half) * math.cos(half))
    pace: float = (area / (bore * half)) ** (2 / 3) * fall**0.5
    pace /= settings.number("extension.drain_manning_n")
    return 86400 * area * pace / (1 if rain else settings.number("extension.drain_peak_factor"))


def claims(applications: pd.DataFrame, settings: Settings) -> dict[str, Claim]:
    """Return what must be connected, by the id that its connection bears.

    A quantity of NaN stands for a unit that is not understood.
    """
    found: dict[str, Claim] = {}
    for row in applications.to_dict("records"):
        quantity = _quantity(row, settings)
        if (_cell(row["business"]) or "new") not in _WANTS_LINE or quantity == 0:
            continue
        utility = str(row["utility"])
        service_class = "" if math.isnan(quantity) else _class(row, quantity, settings)
        listed = _cell(row["operator"]) if utility in {"telecom", "tv"} else ""
        for separator in "、；;/+ ":
            listed = listed.replace(separator, ",")
        operators = list(dict.fromkeys(filter(None, listed.split(",")))) or [""]
        if math.isnan(quantity):
            operators = operators[:1]
        for operator in operators:
            suffix = f"/{operator}" if len(operators) > 1 else ""
            found[str(row["application_id"]) + suffix] = Claim(
                str(row["parcel_id"]),
                (utility, service_class, operator),
                quantity,
                math.nan if math.isnan(quantity) else _diameter(row, quantity, settings),
                utility == "power" and bool(row["dual_source"]),
            )
    return found


def fits(tie_in: Mapping[Hashable, Any], claim: Claim, settings: Settings) -> bool:
    """Return whether a tie-in is of an application's utility, operator and class."""
    utility, service_class, operator = claim.key
    if tie_in["utility"] != utility:
        return False
    if operator and _cell(tie_in["operator"]) not in {"", operator}:
        return False
    voltage_kv = tie_in["voltage_kv"]
    if utility == "power" and not math.isnan(voltage_kv):
        bounds = {"380 V": (0, 1), "10 kV": (3, 20), "35 kV": (30, 66)}[service_class]
        return bool(bounds[0] <= voltage_kv <= bounds[1])
    if utility == "gas":
        most = settings.number("extension.gas_tie_in_mpa")
        too_low = service_class == "medium" and tie_in["pressure_mpa"] < 0.01
        return not (too_low or tie_in["pressure_mpa"] > most)
    if utility == "drain" and service_class:
        return _cell(tie_in["subtype"]) not in {"sewage", "rain"} - {service_class}
    return not (utility == "water" and tie_in["diameter_mm"] < claim.diameter_mm)


def capacity(tie_in: Mapping[Hashable, Any]) -> float:
    """Return what a tie-in has, in the unit of its utility; 0 where the unit is not understood."""
    unit = _cell(tie_in["capacity_unit"])
    return canonical(tie_in["utility"], tie_in["capacity_left"], unit) or 0.0


@dataclass(frozen=True, slots=True)
class Tariff:
    """Prices per metre: the trench by surface, the opening by road, each line by surface.

    `lines` holds the line of each commodity, the largest asked for.
    """

    trench_yuan: Mapping[str, float]
    own_yuan: Mapping[tuple[str, tuple[str, str, str]], float]
    opening_yuan: Mapping[str, float]
    lines: Mapping[tuple[str, str, str], Line]


def _line(key: tuple[str, str, str], diameter_mm: float, settings: Settings) -> Line:
    utility, service_class, _ = key
    voltage_kv = {"380 V": 0.38, "10 kV": 10.0, "35 kV": 35.0}.get(service_class, math.nan)
    pressure = math.nan
    if utility == "gas":
        low = "low_" if service_class == "low" else ""
        pressure = settings.number(f"extension.gas_{low}line_mpa")
    return Line(
        utility=utility,
        subtype=service_class if utility == "drain" else "",
        diameter_mm=diameter_mm,
        voltage_kv=voltage_kv,
        pressure_mpa=pressure,
    )


def tariff(wanted: Iterable[Claim], surfaces: Iterable[str], settings: Settings) -> Tariff:
    """Derive the additive prices anew from the section prices and the settings."""
    widest: dict[tuple[str, str, str], float] = {}
    for claim in wanted:
        if math.isnan(claim.quantity):
            continue
        given = 0.0 if math.isnan(claim.diameter_mm) else claim.diameter_mm
        widest[claim.key] = max(widest.get(claim.key, 0.0), given)
    lines = {key: _line(key, size or math.nan, settings) for key, size in widest.items()}
    trench: dict[str, float] = {}
    own: dict[tuple[str, tuple[str, str, str]], float] = {}
    for surface in surfaces:
        single = {key: cost_per_m((line,), surface, settings) for key, line in lines.items()}
        saving = [
            single[a] + single[b] - cost_per_m((lines[a], lines[b]), surface, settings)
            for a, b in combinations(lines, 2)
        ]
        mean = sum(saving) / len(saving) if saving else sum(single.values())
        trench[surface] = max(0.0, min([mean, *single.values()]))
        for key, yuan in single.items():
            high = "_mv" if key[1] in {"10 kV", "35 kV"} else ""
            cable = settings.number(f"extension.line_{key[0]}{high}_yuan_per_m")
            own[surface, key] = yuan - trench[surface] + cable
    per_day, over_m = (
        settings.number(name) for name in ("extension.work_m_per_day", "extension.opening_m")
    )
    opening = {
        road: settings.number(f"trench.closure_{road}_yuan_per_day") / per_day
        + settings.number("trench.setup_yuan") / over_m
        for road in ROAD_CLASSES
    }
    return Tariff(trench, own, {**opening, "": 0.0}, lines)


def by_key(frame: gpd.GeoDataFrame, key: str) -> dict[str, Mapping[Hashable, Any]]:
    """Return the rows of a frame by one column."""
    return {str(row[key]): row for row in frame.to_dict("records")}
