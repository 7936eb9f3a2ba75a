"""Which applications need a line, at which level power is supplied, and which flow they go."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from math import nan

from planner.rules.citation import NOTHING, Citation, Words, said
from planner.rules.entries import FlowRule, Level, Stage
from planner.rules.profile import Profile
from planner.settings import defaults

NEEDS_LINE = frozenset({"new", "increase", "expand", "temporary_power", "construction_water"})
"""Business types that can need new lines in the ground (our reading of 002 附件1)."""

_VOLTAGE = re.compile(r"(\d+(?:\.\d+)?)\s*(kv|v)\b", re.IGNORECASE)


def needs_line(business: str) -> bool:
    """Tell whether a business type can need a new line in the ground."""
    return business in NEEDS_LINE


def voltage_kv(service_class: str) -> float:
    """Return the voltage that a service class names, in kV; ``nan`` where it names none.

    Of several voltages the highest counts.

    Examples
    --------
    >>> voltage_kv("10 kV"), voltage_kv("220/380 V")
    (10.0, 0.38)
    """
    found = _VOLTAGE.findall(service_class)
    if not found:
        return nan
    return max(float(n) / (1 if unit.lower() == "kv" else 1000) for n, unit in found)


def _level(voltage_kv: float) -> Level:
    if voltage_kv < 1:
        return "low"
    return "medium" if voltage_kv <= 10 else "high"


def supply_level(
    *,
    service_class: str = "",
    nature: str = "",
    load_kva: float = nan,
    low_voltage_kva: float | None = None,
) -> Level:
    """Return the level at which power is supplied, from the best evidence there is.

    The service class decides; without one the form's nature of use (低压…, 高压 read as 10 kV);
    without that the load against `low_voltage_kva` (None: setting ``rules.low_voltage_kva``).
    Without any: ``""``.

    References
    ----------
    004 附件5 二(二): low voltage up to 100 kVA; above it 10 kV is our reading.
    """
    voltage = voltage_kv(service_class)
    if not math.isnan(voltage):
        return _level(voltage)
    if "高压" in nature:
        return "medium"
    if "低压" in nature or "居民" in nature:
        return "low"
    if math.isnan(load_kva):
        return ""
    bound = low_voltage_kva
    if bound is None:
        bound = defaults().number("rules.low_voltage_kva")
    return "low" if load_kva <= bound else "medium"


@dataclass(frozen=True, slots=True)
class Flow:
    """The procedure that an application takes.

    Parameters
    ----------
    code
        ``small``, ``large``, ``outside`` (beyond the bounds or named by no flow) or ``none``
        (the profile's documents set up no joint flow).
    name
        Name for people.
    stages
        Steps in order, without limits of their own.
    filing
        Whether a filing (备案) replaces the permits.
    source
        What the class rests on; None where there is no flow.
    reason
        Why it is outside or there is none; empty otherwise.
    """

    code: str
    name: Words
    stages: tuple[Stage, ...] = ()
    filing: bool = False
    source: Citation | None = None
    reason: Words = NOTHING


def _beyond(rule: FlowRule, *, voltage_kv: float, diameter_mm: float, pressure_mpa: float) -> str:
    """Name the bound that is broken; an unknown value breaks none."""
    if voltage_kv > rule.max_kv:
        return f"{voltage_kv:g} kV > {rule.max_kv:g} kV"
    if diameter_mm > rule.max_dn_mm:
        return f"DN{diameter_mm:g} > DN{rule.max_dn_mm:g}"
    if pressure_mpa > rule.max_mpa:
        return f"{pressure_mpa:g} MPa > {rule.max_mpa:g} MPa"
    return ""


def flow(
    profile: Profile,
    *,
    utility: str,
    applicant_kind: str,
    voltage_kv: float = nan,
    diameter_mm: float = nan,
    pressure_mpa: float = nan,
) -> Flow:
    """Return the joint flow of an application: the applicant decides, the bounds limit it.

    Parameters
    ----------
    profile
        Jurisdiction; only qijiang-2022 sets up flows.
    utility, applicant_kind
        Keys of `layers.tables.UTILITIES` and `layers.tables.APPLICANTS`.
    voltage_kv, diameter_mm, pressure_mpa
        Of the line asked for, where known; each is compared for its own utility only.

    References
    ----------
    002 三(三), 附件2 一, 附件3 一; that what lies beyond the bounds is outside the joint flow is
    our reading.
    """
    none = said("flow_none_name")
    if not profile.flows:
        return Flow("none", none, reason=said("flow_none", profile=profile.name))
    fitting = [rule for rule in profile.flows if rule.code == applicant_kind]
    rule = next((rule for rule in fitting if utility in rule.utilities), None)
    outside = said("flow_outside_name")
    if rule is None:
        reason = said("flow_unnamed", utility=utility, kind=applicant_kind)
        return Flow("outside", outside, reason=reason)
    broken = _beyond(
        rule,
        voltage_kv=voltage_kv if utility == "power" else nan,
        diameter_mm=diameter_mm if utility == "water" else nan,
        pressure_mpa=pressure_mpa if utility == "gas" else nan,
    )
    if broken:
        reason = said("flow_beyond", bound=broken)
        return Flow("outside", outside, source=rule.source, reason=reason)
    return Flow(rule.code, rule.name, rule.stages, rule.filing, rule.source)
