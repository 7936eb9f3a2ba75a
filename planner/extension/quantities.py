"""Units in which demands and capacities are compared, one for each utility."""

from __future__ import annotations

from collections.abc import Mapping

CANONICAL: Mapping[str, str] = {
    "water": "m³/d",
    "drain": "m³/d",
    "gas": "m³/h",
    "heat": "kW",
    "power": "kVA",
    "telecom": "芯",
    "tv": "芯",
}

ENGLISH: Mapping[str, str] = {"芯": "cores"}
"""Units of `CANONICAL` that English sentences spell otherwise."""

_FLOW_M3_PER_D = {"m³/d": 1.0, "m³/h": 24.0, "l/s": 86.4, "t/d": 1.0, "吨/d": 1.0}
_CORES = {"芯": 1.0, "core": 1.0, "cores": 1.0, "fibre": 1.0, "端口": 1.0, "户": 1.0}
_FACTORS: Mapping[str, Mapping[str, float]] = {
    "water": _FLOW_M3_PER_D,
    "drain": _FLOW_M3_PER_D,
    "gas": {"m³/h": 1.0, "nm³/h": 1.0, "m³/d": 1.0 / 24.0},
    "heat": {"kw": 1.0, "mw": 1000.0, "gj/h": 1000.0 / 3.6},
    "power": {"kva": 1.0, "mva": 1000.0},
    "telecom": _CORES,
    "tv": _CORES,
}


def canonical(utility: str, quantity: float, unit: str) -> float | None:
    """Convert a quantity to the utility's unit of comparison.

    Parameters
    ----------
    utility
        Key of `layers.tables.UTILITIES`.
    quantity
        In `unit`.
    unit
        As the file writes it; empty means the unit of `CANONICAL`.

    Returns
    -------
    float or None
        In the unit of `CANONICAL`; None where the unit does not measure this utility.

    Examples
    --------
    >>> canonical("water", 2.0, "L/s"), canonical("power", 1.0, "MVA"), canonical("gas", 1.0, "kW")
    (172.8, 1000.0, None)
    """
    spelled = unit.strip().lower().replace("m3", "m³").replace("立方米", "m³").replace("/天", "/d")
    if not spelled:
        return quantity
    factor = _FACTORS[utility].get(spelled)
    return None if factor is None else quantity * factor


def known_units(utility: str) -> str:
    """Return the spellings accepted for a utility, for a message's remedy."""
    return ", ".join(_FACTORS[utility])
