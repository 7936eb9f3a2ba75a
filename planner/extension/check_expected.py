"""What the independent check expects of parcels that have not applied yet."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from layers.county import County
from layers.tables import APPLICATIONS
from planner.extension.check_ground import listed
from planner.extension.check_terms import Claim, claims
from planner.settings import Settings


@dataclass(frozen=True, slots=True)
class Expectation:
    """What one parcel is likely to ask for: applicant, utilities, chance."""

    applicant: str
    utilities: frozenset[str]
    chance: float


def expectations(county: County, settings: Settings) -> dict[str, Expectation]:
    """Return by parcel what is likely to be asked for, where a duct could be kept for any of it."""
    zones = county["zones"]
    building_land = [
        shape
        for shape, kind in zip(zones.geometry, zones["kind"], strict=True)
        if kind == "planned_construction"
    ]
    asked: dict[str, set[str]] = {}
    applications = county["applications"]
    for parcel_id, utility in zip(applications["parcel_id"], applications["utility"], strict=True):
        asked.setdefault(str(parcel_id), set()).add(str(utility))
    served = set(county["tie_ins"]["utility"])
    found: dict[str, Expectation] = {}
    for row in county["parcels"].to_dict("records"):
        key, inside = str(row["parcel_id"]), row["geometry"].representative_point()
        planned = bool(row["planned"]) or any(land.intersects(inside) for land in building_land)
        words = "" if pd.isna(row["land_use"]) else str(row["land_use"]).lower()
        use = _use(words, settings)
        wanted = listed(f"extension.reserve_{use}_utilities", settings) & served
        wanted -= asked.get(key, set())
        name = "planned" if planned else "applied"
        chance = settings.number(f"extension.reserve_probability_{name}")
        ducts = wanted & listed("extension.reserve_utilities", settings)
        if ducts and chance > 0 and (planned or key in asked):
            applicant = "small" if use == "other" else "large"
            found[key] = Expectation(applicant, frozenset(wanted), chance)
    return found


def _use(words: str, settings: Settings) -> str:
    """Return the use that a parcel's words name."""
    for name in ("dwelling", "industry"):
        known = listed(f"extension.reserve_{name}_words", settings)
        if any(word and word in words for word in known):
            return name
    return "other"


def likely_claims(
    expected: Mapping[str, Expectation], settings: Settings
) -> dict[tuple[str, str], Claim]:
    """Return what each parcel would claim, by parcel and utility."""
    blank = {
        column.name: math.nan if column.kind == "number" else None for column in APPLICATIONS
    } | {"dual_source": False}
    pairs = [(key, utility) for key, one in expected.items() for utility in sorted(one.utilities)]
    rows = [
        {
            **blank,
            "application_id": str(number),
            "parcel_id": key,
            "utility": utility,
            "applicant_kind": expected[key].applicant,
        }
        for number, (key, utility) in enumerate(pairs)
    ]
    found = claims(pd.DataFrame(rows, columns=list(blank)), settings)
    return {pair: found[str(number)] for number, pair in enumerate(pairs)}
