"""From application rows to demands: what each needs, of which class, and which need no line.

An application row asks for one service. Only new, larger and temporary services can need a line
in the ground; the rest are answered as needing none. A missing quantity is taken from the
settings and marked as assumed; an explicit zero is answered as needing no line. A diameter that
is not given follows from the demand for water and drains.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType
from typing import Any

import pandas as pd

from geo.errors import Fault
from planner.extension import sizing
from planner.extension.quantities import CANONICAL, canonical, known_units
from planner.rules.classes import needs_line
from planner.section.layout import Line
from planner.settings import Settings

BY_OPERATOR = frozenset({"telecom", "tv"})
"""Utilities in which every operator lays its own line."""

Record = Mapping[Hashable, Any]
"""One row of a frame by column name."""

_SEPARATORS = str.maketrans(dict.fromkeys("、；;/+ ", ","))


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """One service that needs a line to one parcel.

    Parameters
    ----------
    demand_id
        The application's id; with ``/operator`` behind it where one row names several operators.
    service_class
        ``380 V``, ``10 kV`` or ``35 kV`` for power, ``low`` or ``medium`` (pressure) for gas,
        ``sewage`` or ``rain`` for drains that say so, else empty.
    quantity
        In the utility's unit of `planner.extension.quantities.CANONICAL`.
    assumed
        Whether the quantity is a default of the settings.
    sized
        Whether the diameter follows from the quantity.
    line
        The line as the trench section needs it.
    outlet_m
        Level of the invert where a drain leaves the parcel, NaN where it is not given.
    """

    demand_id: str
    application_id: str
    parcel_id: str
    utility: str
    operator: str
    service_class: str
    quantity: float
    assumed: bool
    sized: bool
    dual_source: bool
    line: Line
    outlet_m: float
    applicant_kind: str
    business: str
    nature: str
    load_kva: float
    accepted_on: date | None

    @property
    def unit(self) -> str:
        """Unit of `quantity`."""
        return CANONICAL[self.utility]

    @property
    def commodity(self) -> tuple[str, str, str]:
        """What can share one line: utility, class, and operator where each lays its own."""
        operator = self.operator if self.utility in BY_OPERATOR else ""
        return self.utility, self.service_class, operator


@dataclass(frozen=True, slots=True)
class Demands:
    """Every application row, sorted: with a line, without, or not to be understood.

    `no_line` and `refused` hold the application's id and the reason.
    """

    needed: tuple[Demand, ...]
    no_line: tuple[tuple[str, Fault], ...]
    refused: tuple[tuple[str, Fault], ...]


def text(value: str | None) -> str:
    """Return a cell of text, empty where it is missing."""
    return "" if pd.isna(value) else str(value)


def day(value: pd.Timestamp | None) -> date | None:
    """Return a cell of dates, None where it is missing."""
    return None if value is None or pd.isna(value) else value.date()


def voltage_class(load_kva: float, settings: Settings) -> tuple[str, float]:
    """Return the class of a power connection and its voltage in kV, from its load in kVA.

    References
    ----------
    肥城 2018 附件5 二(二): low voltage up to 100 kVA, 160 where conditions allow; above it 10 kV.
    """
    if load_kva <= settings.number("rules.low_voltage_kva"):
        return "380 V", 0.38
    if load_kva <= settings.number("extension.medium_voltage_kva"):
        return "10 kV", 10.0
    return "35 kV", 35.0


def gas_class(demand_m3_per_h: float, applicant_kind: str, settings: Settings) -> str:
    """Return the pressure class of a gas connection: ``low`` or ``medium``.

    References
    ----------
    GB 50028-2006, table 6.1.6 (low below 0.01 MPa, medium up to 0.4); 002 附件3 一 (中低压). From
    which demand on medium pressure is taken is an assumption.
    """
    most = settings.number("extension.gas_low_most_m3_per_h")
    return "low" if applicant_kind == "resident" or demand_m3_per_h <= most else "medium"


def _service_class(row: Record, quantity: float, kind: str, settings: Settings) -> str:
    utility, subtype = row["utility"], text(row["subtype"])
    if utility == "power":
        return voltage_class(quantity, settings)[0]
    if utility == "gas":
        return gas_class(quantity, kind, settings)
    return subtype if utility == "drain" and subtype in {"sewage", "rain"} else ""


def _operators(cell: str) -> tuple[str, ...]:
    """Return the operators that one cell names, each once; one empty where it names none."""
    names = (name for name in cell.translate(_SEPARATORS).split(",") if name)
    return tuple(dict.fromkeys(names)) or ("",)


def _quantity(row: Record, settings: Settings) -> tuple[float | None, bool]:
    """Return the row's demand in the canonical unit (None: unit not known) and whether assumed."""
    given, unit = row["demand"], text(row["demand_unit"])
    if row["utility"] == "power" and not math.isnan(row["load_kva"]):
        given, unit = row["load_kva"], "kVA"
    if math.isnan(given):
        kind = text(row["applicant_kind"]) or "large"
        name = f"extension.demand_{row['utility']}_{kind}"
        return settings.number(name), True
    return canonical(row["utility"], given, unit), False


def _diameter_mm(row: Record, quantity: float, settings: Settings) -> float:
    """Return the diameter given, else that of the demand; NaN where neither says any."""
    given = float(row["diameter_mm"])
    if given > 0:
        return given
    if row["utility"] == "water":
        return sizing.water_dn_mm(quantity, settings)
    if row["utility"] == "drain":
        return sizing.drain_dn_mm(quantity, settings, rain=text(row["subtype"]) == "rain")
    return math.nan


def _line(row: Record, quantity: float, service_class: str, settings: Settings) -> Line:
    utility = row["utility"]
    pressure_mpa = math.nan
    if utility == "gas":
        level = "gas_low_line_mpa" if service_class == "low" else "gas_line_mpa"
        pressure_mpa = settings.number(f"extension.{level}")
    return Line(
        utility=utility,
        subtype=service_class if utility == "drain" else "",
        diameter_mm=_diameter_mm(row, quantity, settings),
        voltage_kv=voltage_class(quantity, settings)[1] if utility == "power" else math.nan,
        pressure_mpa=pressure_mpa,
    )


def _of_row(row: Record, quantity: float, *, assumed: bool, settings: Settings) -> Iterator[Demand]:
    is_power = row["utility"] == "power"
    application_id = text(row["application_id"])
    kind = text(row["applicant_kind"]) or "large"
    service_class = _service_class(row, quantity, kind, settings)
    line = _line(row, quantity, service_class, settings)
    first = Demand(
        demand_id=application_id,
        application_id=application_id,
        parcel_id=text(row["parcel_id"]),
        utility=row["utility"],
        operator="",
        service_class=service_class,
        quantity=quantity,
        assumed=assumed,
        sized=line.diameter_mm > 0 and not row["diameter_mm"] > 0,
        dual_source=is_power and bool(row["dual_source"]),
        line=line,
        outlet_m=float(row["outlet_m"]) if row["utility"] == "drain" else math.nan,
        applicant_kind=kind,
        business=text(row["business"]) or "new",
        nature=text(row["nature"]),
        load_kva=quantity if is_power else float(row["load_kva"]),
        accepted_on=day(row["accepted_on"]),
    )
    operators = _operators(text(row["operator"])) if row["utility"] in BY_OPERATOR else ("",)
    for operator in operators:
        suffix = f"/{operator}" if len(operators) > 1 else ""
        yield replace(first, operator=operator, demand_id=application_id + suffix)


def read(applications: pd.DataFrame, settings: Settings) -> Demands:
    """Turn the rows of APPLICATIONS into demands.

    Parameters
    ----------
    applications
        Checked frame of `layers.tables.APPLICATIONS`.
    settings
        ``rules.low_voltage_kva``, ``extension.medium_voltage_kva``, default demands and what
        `planner.extension.sizing` reads.

    Returns
    -------
    Demands
        In the order of the rows; several operators in one row give several demands.

    References
    ----------
    綦经信〔2022〕87号 附件1 (types of business, operators).
    """
    needed: list[Demand] = []
    no_line: list[tuple[str, Fault]] = []
    refused: list[tuple[str, Fault]] = []
    for row in applications.to_dict("records"):
        application_id, business = text(row["application_id"]), text(row["business"]) or "new"
        if not needs_line(business):
            no_line.append((application_id, Fault("extension_no_line", {"business": business})))
            continue
        quantity, assumed = _quantity(row, settings)
        if quantity is None:
            facts = {"unit": text(row["demand_unit"]), "known": known_units(row["utility"])}
            refused.append((application_id, Fault("extension_unit", facts)))
        elif quantity == 0:
            no_line.append((application_id, Fault("extension_zero_demand")))
        else:
            needed.extend(_of_row(row, quantity, assumed=assumed, settings=settings))
    return Demands(tuple(needed), tuple(no_line), tuple(refused))


def assumed_note(demands: Iterable[Demand]) -> Fault | None:
    """Return the notice that some quantities are assumptions, or None where none is."""
    return _note("extension_assumed", [d.demand_id for d in demands if d.assumed])


def sized_notes(demands: Iterable[Demand], settings: Settings) -> tuple[Fault, ...]:
    """Return the notices that diameters follow from demands, and that given ones are too small."""
    known = tuple(demands)
    short = [d.demand_id for d in known if d.quantity > _carries(d, settings)]
    found = (
        _note("extension_sized", [d.demand_id for d in known if d.sized]),
        _note("extension_diameter_small", short),
    )
    return tuple(note for note in found if note is not None)


def _carries(demand: Demand, settings: Settings) -> float:
    """Return the demand up to which the line's diameter is enough; infinite where unknown."""
    diameter_mm = demand.line.diameter_mm
    if demand.utility == "water":
        return sizing.water_most_m3_per_d(diameter_mm, settings)
    if demand.utility == "drain":
        rain = demand.line.subtype == "rain"
        return sizing.drain_most_m3_per_d(diameter_mm, settings, rain=rain)
    return math.inf


def _note(code: str, ids: Sequence[str]) -> Fault | None:
    if not ids:
        return None
    facts = MappingProxyType({"count": len(ids)})
    return Fault(code, facts, layer="applications", rows=tuple(ids[:5]), count=len(ids))
