"""Proof of a routing from its inputs alone, by geometry and arithmetic of its own.

Nothing here is shared with the routing but the units of demands: routes are followed on the
streets as drawn, classes, capacities and prices are derived anew, and every demand without a
route is looked into with a graph of its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import geopandas as gpd
import shapely
from shapely.geometry.base import BaseGeometry

from layers.county import County
from planner.checking import Checks, Failure
from planner.extension.check_reach import Reach, reach
from planner.extension.check_terms import (
    Claim,
    Tariff,
    by_key,
    capacity,
    claims,
    fits,
    tariff,
)
from planner.settings import Settings

NEAR_M = 0.05
"""Distance at which two drawn things are taken as one place."""

Test = tuple[bool, Failure]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What is to be proved: the tables and figures of a routing."""

    connections: gpd.GeoDataFrame
    trenches: gpd.GeoDataFrame
    unreachable: gpd.GeoDataFrame
    figures: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Evidence:
    """The inputs as the check reads them."""

    county: County
    segments: gpd.GeoDataFrame
    settings: Settings
    opened: Mapping[str, Sequence[tuple[float, float]]]
    claims: Mapping[str, Claim]
    tie_ins: Mapping[str, Mapping[Any, Any]]
    parcels: Mapping[str, BaseGeometry]
    reach: Reach
    tariff: Tariff


def _test(held: object, rule: str, subject: str, detail: str) -> Test:
    return bool(held), Failure("extension", rule, subject, detail)


def _same(found: float, expected: float) -> bool:
    return abs(found - expected) <= 1e-6 * max(1.0, abs(expected))


def check(
    county: County,
    segments: gpd.GeoDataFrame,
    settings: Settings,
    *,
    connections: gpd.GeoDataFrame,
    trenches: gpd.GeoDataFrame,
    unreachable: gpd.GeoDataFrame,
    figures: Mapping[str, Any],
    open_segments: Mapping[str, Sequence[tuple[float, float]]] = MappingProxyType({}),
) -> Checks:
    """Prove a routing: connectivity, class, capacity, lengths, prices, sums and reasons.

    Parameters
    ----------
    county, segments, settings, open_segments
        What the routing was made from.
    connections, trenches, unreachable, figures
        What it decided, as `planner.extension.run.ExtensionResult` or a store holds it.

    Returns
    -------
    Checks
        Rules: ``accounted``, ``tie_in``, ``class``, ``capacity``, ``ends``, ``corridor``,
        ``length``, ``trenched``, ``dual``, ``in_work``, ``price``, ``sums``, ``order``,
        ``reason``.
    """
    wanted = claims(county["applications"], settings)
    surfaces = {*segments["surface"].fillna(""), settings.text("extension.lead_in_surface")}
    evidence = _Evidence(
        county=county,
        segments=segments,
        settings=settings,
        opened=open_segments,
        claims=wanted,
        tie_ins=by_key(county["tie_ins"], "tie_in_id"),
        parcels=dict(zip(county["parcels"]["parcel_id"], county["parcels"].geometry, strict=True)),
        reach=reach(segments, county["tie_ins"], settings),
        tariff=tariff(wanted.values(), {s or "asphalt" for s in surfaces}, settings),
    )
    result = Result(
        connections=connections, trenches=trenches, unreachable=unreachable, figures=figures
    )
    parts = (_accounted, _sources, _routes, _trenched, _prices, _sums, _reasons)
    return Checks.of(test for part in parts for test in part(evidence, result))


def _claim_id(connection_id: str) -> str:
    """Return the claim that a connection serves; ``/2`` marks a second supply."""
    return connection_id.removesuffix("/2")


def _accounted(evidence: _Evidence, result: Result) -> Iterator[Test]:
    """Every claim is connected or unreachable, once; nothing else is."""
    routed = list(result.connections["application_id"])
    left = list(result.unreachable["application_id"])
    yield _test(len(set(routed + left)) == len(routed + left), "accounted", "", "an id twice")
    asked = set(evidence.claims)
    asked |= {f"{key}/2" for key, claim in evidence.claims.items() if claim.dual_source}
    for key in (*routed, *left):
        yield _test(key in asked, "accounted", key, "nobody asked for it")
    for key, claim in evidence.claims.items():
        ids = {key, f"{key}/2"} if claim.dual_source and key in routed else {key}
        for needed in ids:
            held = (needed in routed) != (needed in left)
            yield _test(held, "accounted", needed, "neither connected nor given a reason")


def _sources(evidence: _Evidence, result: Result) -> Iterator[Test]:
    """Every tie-in exists, is of the class, and gives no more than it has."""
    drawn: dict[str, float] = defaultdict(float)
    for row in result.connections.to_dict("records"):
        key, claim = row["application_id"], evidence.claims.get(_claim_id(row["application_id"]))
        tie_in = evidence.tie_ins.get(row["tie_in_id"])
        yield _test(tie_in is not None, "tie_in", key, f"{row['tie_in_id']} is not known")
        if tie_in is None or claim is None:
            continue
        held = fits(tie_in, claim, evidence.settings)
        yield _test(held, "class", key, f"{row['tie_in_id']} is not of {claim.key}")
        held = _same(row["demand"], claim.quantity)
        yield _test(held, "capacity", key, f"{row['demand']} instead of {claim.quantity}")
        drawn[row["tie_in_id"]] += claim.quantity
    for name, quantity in drawn.items():
        has = capacity(evidence.tie_ins[name])
        held = quantity <= has * (1 + 1e-9)
        yield _test(held, "capacity", name, f"{quantity:g} drawn of {has:g}")


def _routes(evidence: _Evidence, result: Result) -> Iterator[Test]:
    """Every route is one line from its tie-in along streets to its red line, as long as said."""
    farthest_m = evidence.settings.number("extension.max_lead_in_m")
    farthest_m += evidence.settings.number("extension.max_stub_m")
    for row in result.connections.to_dict("records"):
        key, line = row["application_id"], row["geometry"]
        tie_in, parcel = evidence.tie_ins.get(row["tie_in_id"]), evidence.parcels[row["parcel_id"]]
        whole = line.geom_type == "LineString" and not line.is_empty
        yield _test(whole, "ends", key, "the route is not one line")
        if not whole or tie_in is None:
            continue
        first, last = shapely.get_point(line, 0), shapely.get_point(line, -1)
        away_m = first.distance(tie_in["geometry"])
        yield _test(away_m <= NEAR_M, "ends", key, f"begins {away_m:.2f} m off its tie-in")
        away_m = last.distance(parcel)
        yield _test(away_m <= NEAR_M, "ends", key, f"ends {away_m:.2f} m off its parcel")
        off_m = evidence.reach.off_street_m(line, NEAR_M)
        held = off_m <= farthest_m + NEAR_M
        yield _test(held, "corridor", key, f"{off_m:.1f} m off the streets")
        outside_m = line.difference(parcel).length
        for name, expected in (
            ("length_m", line.length),
            ("outside_m", outside_m),
            ("inside_m", line.length - outside_m),
        ):
            held = abs(row[name] - expected) <= NEAR_M
            yield _test(held, "length", key, f"{name} {row[name]:.2f}, drawn {expected:.2f}")


def _users(row: Mapping[Any, Any]) -> list[str]:
    return str(row["applications"]).split(",")


def _trenched(evidence: _Evidence, result: Result) -> Iterator[Test]:
    """Every route lies in the trenches that name it, and in nothing else; dual routes part."""
    lines = dict(
        zip(result.connections["application_id"], result.connections.geometry, strict=True)
    )
    around = {key: line.buffer(NEAR_M) for key, line in lines.items()}
    dug_m: dict[str, float] = defaultdict(float)
    for row in result.trenches.to_dict("records"):
        users = _users(row)
        held = _same(row["length_m"], row["geometry"].length)
        yield _test(held, "length", row["trench_id"], "the length is not that of the line")
        yield from _opened(evidence, row)
        for key in users:
            dug_m[key] += row["length_m"]
            held = key in around and around[key].covers(row["geometry"])
            yield _test(held, "trenched", row["trench_id"], f"does not lie on the route of {key}")
            apart = not key.endswith("/2") or _claim_id(key) not in users
            yield _test(apart, "dual", key, f"both supplies lie in {row['trench_id']}")
    for key, line in lines.items():
        held = abs(dug_m[key] - line.length) <= NEAR_M
        yield _test(held, "trenched", key, f"{dug_m[key]:.2f} m of {line.length:.2f} m are dug")
    tie_in = dict(
        zip(result.connections["application_id"], result.connections["tie_in_id"], strict=True)
    )
    for key in (key for key in tie_in if key.endswith("/2")):
        held = tie_in[key] != tie_in.get(_claim_id(key))
        yield _test(held, "dual", key, "both supplies come from one tie-in")


def _opened(evidence: _Evidence, row: Mapping[Any, Any]) -> Iterator[Test]:
    """Tell whether a trench that claims to lie in a planned work does."""
    if not row["in_work"]:
        return
    stretches = evidence.opened.get(row["segment_id"], ())
    street = evidence.reach.street(row["segment_id"])
    margin_m = evidence.settings.number("extension.snap_m")
    middle = row["geometry"].interpolate(0.5, normalized=True)
    at_m = street.project(middle)
    held = any(a - margin_m <= at_m <= b + margin_m for a, b in stretches)
    yield _test(held, "in_work", row["trench_id"], "no planned work opens the segment there")


def _prices(evidence: _Evidence, result: Result) -> Iterator[Test]:
    """Every trench costs what the section prices and the lines in it say."""
    segments = by_key(evidence.segments, "segment_id")
    for row in result.trenches.to_dict("records"):
        keys = {_claim_id(key) for key in _users(row)}
        if not keys <= evidence.claims.keys():
            continue
        surface, road = evidence.settings.text("extension.lead_in_surface"), ""
        if row["segment_id"]:
            segment = segments[row["segment_id"]]
            surface = segment["surface"] or "asphalt"
            road = segment["road_class"] or "branch"
        per_m = evidence.tariff.price(
            surface, road, (evidence.claims[key].key for key in keys), opened=row["in_work"]
        )
        held = _same(row["cost_yuan"], per_m * row["length_m"])
        detail = f"{row['cost_yuan']:.2f}, expected {per_m * row['length_m']:.2f}"
        yield _test(held, "price", row["trench_id"], detail)


def _sums(evidence: _Evidence, result: Result) -> Iterator[Test]:
    """Figures are the sums of the tables, and sharing never costs more than not sharing."""
    figures, connections, trenches = result.figures, result.connections, result.trenches
    known = evidence.claims
    commodity_m = 0.0
    for row in trenches.to_dict("records"):
        keys = {known[key].key for user in _users(row) if (key := _claim_id(user)) in known}
        commodity_m += row["length_m"] * len(keys)
    dug = trenches.loc[~trenches["in_work"], "length_m"]
    for name, expected in (
        ("cost_yuan", trenches["cost_yuan"].sum()),
        ("cost_yuan", connections["cost_yuan"].sum()),
        ("cost_separate_yuan", connections["separate_yuan"].sum()),
        ("trench_m", dug.sum()),
        ("line_m", commodity_m),
    ):
        held = _same(figures[name], expected)
        yield _test(held, "sums", name, f"{figures[name]:.2f}, tables give {expected:.2f}")
    listed = [item["application"] for item in figures["unreachable"]]
    held = listed == list(result.unreachable["application_id"])
    yield _test(held, "sums", "unreachable", "the list differs from the table")
    cost, overlay, separate = (
        figures[name] for name in ("cost_yuan", "cost_overlay_yuan", "cost_separate_yuan")
    )
    yield _test(cost <= overlay * (1 + 1e-9), "order", "overlay", f"{cost:.2f} > {overlay:.2f}")
    held = overlay <= separate * (1 + 1e-9)
    yield _test(held, "order", "separate", f"{overlay:.2f} > {separate:.2f}")


def _reasons(evidence: _Evidence, result: Result) -> Iterator[Test]:
    """Every reason holds."""
    left = {name: capacity(tie_in) for name, tie_in in evidence.tie_ins.items()}
    for row in result.connections.to_dict("records"):
        if row["tie_in_id"] in left:
            left[row["tie_in_id"]] -= row["demand"]
    for row in result.unreachable.to_dict("records"):
        claim = evidence.claims.get(_claim_id(row["application_id"]))
        if claim is None:
            continue
        held = _reason_holds(evidence, row["rule"], claim, left)
        yield _test(held, "reason", row["application_id"], f"{row['rule']} does not hold")


def _reason_holds(evidence: _Evidence, rule: str, claim: Claim, left: Mapping[str, float]) -> bool:
    if rule == "unit":
        return claim.quantity != claim.quantity
    if rule == "second_supply":
        return claim.dual_source
    parcel = evidence.parcels[claim.parcel_id]
    of_class = {
        name for name, row in evidence.tie_ins.items() if fits(row, claim, evidence.settings)
    }
    within = of_class & evidence.reach.tie_ins(parcel)
    verdicts = {
        "no_tie_in": not of_class,
        "no_corridor": bool(of_class) and not within and not evidence.reach.entries(parcel),
        "off_road": bool(of_class) and not within,
        "disconnected": bool(of_class) and not within and bool(evidence.reach.entries(parcel)),
        "capacity": bool(within) and all(left[name] < claim.quantity for name in within),
    }
    return verdicts.get(rule, False)
