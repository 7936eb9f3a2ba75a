"""Entries of a rules profile as frozen values: limits, permits, payers, flows, notices."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import Literal

from planner.rules.citation import Citation, Words

Unit = Literal["WD", "d"]
Order = Literal["first", "parallel", "after"]
When = Literal["always", "green", "carriageway", "surface"]
Level = Literal["low", "medium", "high", ""]
"""Power supply: below 1 kV, up to 10 kV, above 10 kV, or not said."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of a procedure.

    `limit` is in the unit of its deadline, None where the text sets none; `limit_dual` counts
    instead for power from two sources.
    """

    name: Words
    limit: float | None = None
    limit_dual: float | None = None
    source: Citation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineRule:
    """One limit: for whom, how long, from when, and what the text leaves out."""

    utility: str
    applicants: frozenset[str]
    levels: frozenset[str]
    businesses: frozenset[str]
    limit: int
    unit: Unit
    starts: Literal["acceptance", "payment"]
    average: bool
    stages: tuple[Stage, ...]
    stages_make_whole: bool
    source: Citation
    note: Words
    excluded: Words
    excluded_source: Citation | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PermitRule:
    """One permit: when a dig needs it, who decides, in how many working days.

    Length bounds are in metres and half open: `min_length_m` <= length < `below_length_m`.
    """

    code: str
    name: Words
    authority: Words
    when: When
    utilities: frozenset[str]
    min_length_m: float
    below_length_m: float
    working_days: int
    later_working_days: int
    order: Order
    source: Citation | None
    note: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class PayerRule:
    """Who pays outside the red line, and on what condition."""

    name: Words
    utilities: frozenset[str]
    applicants: frozenset[str]
    needs: frozenset[str]
    assumed: bool
    source: Citation
    note: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowRule:
    """A joint procedure with its bounds (kV, mm, MPa) and stages."""

    code: str
    name: Words
    utilities: frozenset[str]
    max_kv: float
    max_dn_mm: float
    max_mpa: float
    filing: bool
    stages: tuple[Stage, ...]
    source: Citation


@dataclass(frozen=True, slots=True)
class Notice:
    """Hours of notice before a planned interruption of one utility."""

    utility: str
    hours: tuple[int, ...]
    name: Words
    source: Citation


@dataclass(frozen=True, slots=True)
class Principle:
    """A rule for the report to cite; `most` is the most that it allows, where it says so."""

    code: str
    name: Words
    source: Citation
    most: float = inf
