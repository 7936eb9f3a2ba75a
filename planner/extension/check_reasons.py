"""Proof of why demands have no route: each reason looked into with a graph of the check's own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import shapely

from planner.extension.check_evidence import Evidence, Result, Test, claim_id, same, verdict
from planner.extension.check_ground import NEAR_M, listed
from planner.extension.check_terms import Claim, capacity, fits


def reasons(evidence: Evidence, result: Result) -> Iterator[Test]:
    """Yield whether every reason holds."""
    left = {name: capacity(tie_in) for name, tie_in in evidence.tie_ins.items()}
    for row in result.connections.to_dict("records"):
        if row["tie_in_id"] in left:
            left[row["tie_in_id"]] -= row["demand"]
    for row in result.unreachable.to_dict("records"):
        claim = evidence.claims.get(claim_id(row["application_id"]))
        if claim is None:
            continue
        held = _reason_holds(evidence, row["rule"], claim, left)
        yield verdict(held, "reason", row["application_id"], f"{row['rule']} does not hold")
        yield from _lacking(evidence, row, claim, left)


def _lacking(
    evidence: Evidence, row: Mapping[Any, Any], claim: Claim, left: Mapping[str, float]
) -> Iterator[Test]:
    """Test what a demand is told to lack, and that the next tie-in is the nearest that has it."""
    key, named = row["application_id"], row["next_tie_in_id"]
    if row["rule"] != "capacity":
        yield verdict(not named and row["missing"] != row["missing"], "capacity", key, "no lack")
        return
    parcel = evidence.parcels[claim.parcel_id]
    within = {
        name
        for name in evidence.reach.tie_ins(parcel)
        if fits(evidence.tie_ins[name], claim, evidence.settings)
    }
    best = max((left[name] for name in within), default=0.0)
    others = {
        left[name]
        for name in evidence.reach.possible(parcel, claim.utility)
        if fits(evidence.tie_ins[name], claim, evidence.settings) and left[name] >= best
    }
    held = any(same(row["missing"], claim.quantity - has) for has in {best, *others})
    yield verdict(held, "capacity", key, f"{row['missing']:g} missing of {claim.quantity - best:g}")
    enough = {
        name: fits(tie_in, claim, evidence.settings)
        for name, tie_in in evidence.tie_ins.items()
        if tie_in["utility"] == claim.utility and left[name] >= claim.quantity
    }
    away_m = {
        name: float(evidence.tie_ins[name]["geometry"].distance(parcel))
        for name, of_class in enough.items()
        if name not in within and (of_class or not any(enough[n] for n in enough.keys() - within))
    }
    held = (named in away_m) if away_m else not named
    yield verdict(held, "capacity", key, f"{named or 'nothing'} is not the next tie-in with enough")
    if held and away_m:
        size_m = shapely.minimum_bounding_radius(parcel) * 2
        nearest_m = min(away_m.values())
        near = away_m[named] <= nearest_m + size_m and row["next_away_m"] >= nearest_m - NEAR_M
        yield verdict(near, "capacity", key, f"{named} is farther than others with enough")


def _reason_holds(evidence: Evidence, rule: str, claim: Claim, left: Mapping[str, float]) -> bool:
    if rule == "unit":
        return claim.quantity != claim.quantity
    if rule == "second_supply":
        return claim.dual_source
    parcel = evidence.parcels[claim.parcel_id]
    of_class = {
        name for name, row in evidence.tie_ins.items() if fits(row, claim, evidence.settings)
    }
    reach = evidence.reach
    within = of_class & reach.tie_ins(parcel)
    possible = of_class & reach.possible(parcel, claim.utility)
    roads, entries = reach.roads(parcel), reach.entries(parcel)
    may_hang = claim.utility in listed("extension.pole_utilities", evidence.settings)
    verdicts = {
        "no_tie_in": not of_class,
        "no_corridor": bool(of_class) and not within and not roads,
        "blocked": bool(of_class) and not within and bool(roads) and not entries,
        "off_road": bool(of_class) and not within,
        "disconnected": bool(of_class) and not within and bool(entries or may_hang),
        "capacity": bool(possible) and all(left[name] < claim.quantity for name in within),
    }
    return verdicts.get(rule, False)
