"""Which tie-ins may serve which demand: utility, operator, class and unit; and what they have left.

A tie-in whose voltage, pressure, diameter, operator or kind of drain is empty is taken to fit
every class; that is said in a notice. A capacity in a unit that does not measure the utility
cannot be used.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import geopandas as gpd
import numpy as np

from geo.errors import Fault
from planner.extension.arrays import Bools, Floats, Objects
from planner.extension.demand import Demand, text
from planner.extension.quantities import canonical
from planner.settings import Settings

_VOLTAGE_KV = {"380 V": (0.0, 1.0), "10 kV": (3.0, 20.0), "35 kV": (30.0, 66.0)}
"""Nominal voltages that serve a class of power connection, both ends included."""
_MEDIUM_MPA = 0.01
"""Where medium pressure begins (GB 50028-2006, table 6.1.6); a regulator makes low of medium."""
_DRAINS = frozenset({"sewage", "rain"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """The tie-ins as arrays in the frame's order, (t,).

    `capacity` is in the unit of `planner.extension.quantities.CANONICAL`, NaN where the unit of
    the file does not measure the utility.
    """

    tie_in_id: Objects
    name: Objects
    utility: Objects
    subtype: Objects
    operator: Objects
    owner: Objects
    capacity: Floats
    voltage_kv: Floats
    pressure_mpa: Floats
    diameter_mm: Floats

    def called(self, place: int) -> str:
        """Return the id of a tie-in, with its name where it has one."""
        return f"{self.tie_in_id[place]} {self.name[place]}".strip()

    def of_class(self, demand: Demand, settings: Settings) -> Bools:
        """Return which tie-ins are of a demand's utility, operator and class, (t,)."""
        fits: Bools = (self.utility == demand.utility) & ~np.isnan(self.capacity)
        if demand.operator:
            fits &= (self.operator == demand.operator) | (self.operator == "")
        if demand.utility == "power":
            least, most = _VOLTAGE_KV[demand.service_class]
            fits &= np.isnan(self.voltage_kv) | (
                (self.voltage_kv >= least) & (self.voltage_kv <= most)
            )
        if demand.utility == "gas":
            fits &= ~(self.pressure_mpa > settings.number("extension.gas_tie_in_mpa"))
            if demand.service_class == "medium":
                fits &= ~(self.pressure_mpa < _MEDIUM_MPA)
        if demand.utility == "drain" and demand.service_class:
            fits &= ~(np.isin(self.subtype, list(_DRAINS)) & (self.subtype != demand.service_class))
        if demand.utility == "water" and not math.isnan(demand.line.diameter_mm):
            fits &= ~(self.diameter_mm < demand.line.diameter_mm)
        return fits


def read(tie_ins: gpd.GeoDataFrame) -> Sources:
    """Read the frame of `layers.tables.TIE_INS`."""
    texts = {
        name: np.array([text(cell) for cell in tie_ins[name]], dtype=object)
        for name in (
            "tie_in_id", "name", "utility", "subtype", "operator", "owner", "capacity_unit",
        )
    }  # fmt: skip
    given = zip(texts["utility"], tie_ins["capacity_left"], texts["capacity_unit"], strict=True)
    converted = [canonical(utility, left, unit) for utility, left, unit in given]
    unit_known = [math.nan if value is None else value for value in converted]
    return Sources(
        tie_in_id=texts["tie_in_id"],
        name=texts["name"],
        utility=texts["utility"],
        subtype=texts["subtype"],
        operator=texts["operator"],
        owner=texts["owner"],
        capacity=np.array(unit_known, dtype=float),
        voltage_kv=tie_ins["voltage_kv"].to_numpy(dtype=float),
        pressure_mpa=tie_ins["pressure_mpa"].to_numpy(dtype=float),
        diameter_mm=tie_ins["diameter_mm"].to_numpy(dtype=float),
    )


def unit_note(sources: Sources) -> Fault | None:
    """Return the notice that some tie-ins cannot be used for their unit, or None."""
    ids = tuple(sources.tie_in_id[np.isnan(sources.capacity)])
    if not ids:
        return None
    return Fault(
        "extension_tie_in_unit",
        layer="tie_ins",
        column="capacity_unit",
        rows=ids[:5],
        count=len(ids),
    )


def class_note(sources: Sources) -> Fault | None:
    """Return the notice that some tie-ins state no class and are taken to fit any, or None."""
    power = (sources.utility == "power") & np.isnan(sources.voltage_kv)
    gas = (sources.utility == "gas") & np.isnan(sources.pressure_mpa)
    telecom = (sources.utility == "telecom") & (sources.operator == "")
    drain = (sources.utility == "drain") & ~np.isin(sources.subtype, list(_DRAINS))
    ids = tuple(sources.tie_in_id[power | gas | telecom | drain])
    if not ids:
        return None
    return Fault("extension_tie_in_class", layer="tie_ins", rows=ids[:5], count=len(ids))
