"""A line as the section sees it: what lies in the ground, before and after defaults are filled."""

from __future__ import annotations

import math
from dataclasses import dataclass
from math import nan

from planner.settings import Settings

UTILITY_ORDER = (
    "power",
    "telecom",
    "tv",
    "water",
    "gas",
    "heat",
    "gas_transmission",
    "water_transmission",
    "sewage",
    "rain",
)
"""From the road's red line to its centre (GB 50289-2016, 4.1.3); TV counts as telecom.

Reclaimed water, ninth in the clause, is no utility of the source documents.
"""

CABLES = frozenset({"power", "telecom", "tv"})


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """One line that is to be laid, with ``nan`` where the data does not say.

    Parameters
    ----------
    utility
        Key of `layers.tables.UTILITIES`.
    subtype
        Key of `layers.tables.SUBTYPES`, or empty.
    diameter_mm
        Nominal diameter, or the outer size of a duct bank.
    depth_m
        Cover above the top of the line.
    voltage_kv, pressure_mpa
        Nominal voltage of a cable, design pressure of a gas line.
    """

    utility: str
    subtype: str = ""
    diameter_mm: float = nan
    depth_m: float = nan
    voltage_kv: float = nan
    pressure_mpa: float = nan

    @property
    def key(self) -> tuple[str, str, float | None, float | None, float | None, float | None]:
        """The line as a tuple that compares equal where both sides are unknown."""
        numbers = (self.diameter_mm, self.depth_m, self.voltage_kv, self.pressure_mpa)
        diameter, depth, voltage, pressure = (None if math.isnan(n) else n for n in numbers)
        return self.utility, self.subtype, diameter, depth, voltage, pressure

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Line) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)


@dataclass(frozen=True, slots=True)
class Body:
    """A line with every default filled in, as the tables of the standards want it.

    Parameters
    ----------
    rank
        Place in `UTILITY_ORDER`, 0 nearest to the red line.
    horizontal_kind, cover_kind
        Keys of the tables of GB 50289-2016, 4.1.9 and 4.1.1.
    diameter_mm
        Nominal diameter.
    width_m, height_m
        Outer size across the trench and upwards.
    cover_m
        Cover that the data asks for, or 0 where it says nothing.
    voltage_kv
        Nominal voltage; 0 where it is no cable.
    existing
        Whether it lies there already, and so at the cover that the data gives, however small.
    """

    rank: int
    utility: str
    horizontal_kind: str
    cover_kind: str
    diameter_mm: float
    width_m: float
    height_m: float
    cover_m: float
    voltage_kv: float
    existing: bool = False


def _known(value: float, otherwise: float) -> float:
    return otherwise if math.isnan(value) else value


def _gas_kind(pressure_mpa: float) -> str:
    """Return the pressure class of GB 50289-2016, table 4.1.9; above 1.6 MPa the strictest."""
    limits = (("gas_low", 0.01), ("gas_midB", 0.2), ("gas_midA", 0.4), ("gas_subB", 0.8))
    if pressure_mpa < limits[0][1]:
        return limits[0][0]
    return next((kind for kind, most in limits[1:] if pressure_mpa <= most), "gas_subA")


def _rank(line: Line) -> int:
    if line.subtype == "transmission" and line.utility in {"gas", "water"}:
        return UTILITY_ORDER.index(f"{line.utility}_transmission")
    if line.utility == "drain":
        return UTILITY_ORDER.index("rain" if line.subtype == "rain" else "sewage")
    return UTILITY_ORDER.index(line.utility)


def _cable_kinds(line: Line, settings: Settings) -> tuple[str, str]:
    laying = line.subtype if line.subtype in {"duct", "direct"} else ""
    laying = laying or settings.text("section.cable_laying")
    family = "power" if line.utility == "power" else "telecom"
    cover = "power_duct" if (family, laying) == ("power", "duct") else f"{family}_direct"
    return f"{family}_{laying}", cover


def _kinds(line: Line, diameter_mm: float, settings: Settings) -> tuple[str, str]:
    if line.utility in CABLES:
        return _cable_kinds(line, settings)
    if line.utility == "water":
        return ("water_le200" if diameter_mm <= 200 else "water_gt200"), "water"
    if line.utility == "gas":
        pressure = _known(line.pressure_mpa, settings.number("section.gas_pressure_mpa"))
        return _gas_kind(pressure), "gas"
    return ("heat_direct", "heat_direct") if line.utility == "heat" else ("drain", "drain")


def body(line: Line, settings: Settings, *, existing: bool = False) -> Body:
    """Fill a line's gaps from the settings and name its rows in the standards' tables.

    Heat is a pair of insulated pipes (supply and return), every other line one body. An existing
    line keeps its cover where that is known.

    Raises
    ------
    KeyError
        If the utility is none of `layers.tables.UTILITIES`.

    References
    ----------
    GB 50289-2016, 4.1.3 (order), tables 4.1.1 (cover) and 4.1.9 (horizontal clearance).
    """
    diameter_mm = _known(line.diameter_mm, settings.number(f"section.diameter_{line.utility}_mm"))
    horizontal, cover = _kinds(line, diameter_mm, settings)
    outer_m = diameter_mm / 1000 * settings.number("section.outer_factor")
    width_m = outer_m
    if line.utility == "heat":
        outer_m = diameter_mm / 1000 * settings.number("section.heat_casing_factor")
        width_m = 2 * outer_m + settings.number("section.heat_pipe_gap_m")
    is_power = line.utility == "power"
    voltage_kv = _known(line.voltage_kv, settings.number("section.voltage_kv")) if is_power else 0.0
    return Body(
        rank=_rank(line),
        utility=line.utility,
        horizontal_kind=horizontal,
        cover_kind=cover,
        diameter_mm=diameter_mm,
        width_m=width_m,
        height_m=outer_m,
        cover_m=_known(line.depth_m, 0.0),
        voltage_kv=voltage_kv,
        existing=existing,
    )
