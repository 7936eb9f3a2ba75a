"""What the check of a routing holds it against, and how a verdict is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
from shapely.geometry.base import BaseGeometry

from layers.county import County
from planner.checking import Failure
from planner.extension.check_ground import Ground
from planner.extension.check_reach import Reach
from planner.extension.check_terms import Claim, Tariff
from planner.settings import Settings

Test = tuple[bool, Failure]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What is to be proved: the tables and figures of a routing."""

    connections: gpd.GeoDataFrame
    trenches: gpd.GeoDataFrame
    unreachable: gpd.GeoDataFrame
    figures: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The inputs as the check reads them."""

    county: County
    segments: gpd.GeoDataFrame
    settings: Settings
    opened: Mapping[str, Sequence[tuple[Any, ...]]]
    claims: Mapping[str, Claim]
    tie_ins: Mapping[str, Mapping[Any, Any]]
    parcels: Mapping[str, BaseGeometry]
    reach: Reach
    ground: Ground
    tariff: Tariff


def verdict(held: object, rule: str, subject: str, detail: str) -> Test:
    """Return a verdict on the routing."""
    return bool(held), Failure("extension", rule, subject, detail)


def same(found: float, expected: float) -> bool:
    """Return whether two figures differ by rounding only."""
    return abs(found - expected) <= 1e-6 * max(1.0, abs(expected))


def claim_id(connection_id: str) -> str:
    """Return the claim that a connection serves; ``/2`` marks a second supply."""
    return connection_id.removesuffix("/2")
