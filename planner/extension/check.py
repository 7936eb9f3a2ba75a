"""Proof of a routing from its inputs alone, by geometry and arithmetic of its own.

Nothing here is shared with the routing but the units of demands: routes are followed on the
streets as drawn, classes, capacities and prices are derived anew, and every demand without a
route is looked into with a graph of its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import geopandas as gpd
import shapely
from shapely.geometry.base import BaseGeometry

from layers.county import County
from planner.checking import Checks
from planner.extension.check_evidence import Evidence, Result, Test, claim_id, same, verdict
from planner.extension.check_ground import NEAR_M, ground
from planner.extension.check_reach import reach
from planner.extension.check_reasons import reasons
from planner.extension.check_terms import by_key, capacity, claims, fits, tariff
from planner.extension.check_ways import admitted, crossed_rightly, hung, way_yuan
from planner.settings import Settings


def check(
    county: County,
    segments: gpd.GeoDataFrame,
    settings: Settings,
    *,
    connections: gpd.GeoDataFrame,
    trenches: gpd.GeoDataFrame,
    unreachable: gpd.GeoDataFrame,
    figures: Mapping[str, Any],
    open_segments: Mapping[str, Sequence[tuple[Any, ...]]] = MappingProxyType({}),
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
        ``obstacle``, ``length``, ``trenched``, ``way``, ``dual``, ``in_work``, ``price``,
        ``sums``, ``order``, ``reason``.
    """
    wanted = claims(county["applications"], settings)
    connections = connections.assign(tapped_pipe_id=connections["tapped_pipe_id"].fillna(""))
    trenches = trenches.assign(side=trenches["side"].fillna(""))
    by_tap = connections.loc[connections["tapped_pipe_id"] != "", "utility"]
    below = ground(county, settings, tapped=set(by_tap))
    surfaces = {*segments["surface"].fillna(""), settings.text("extension.lead_in_surface")}
    evidence = Evidence(
        county=county,
        segments=segments,
        settings=settings,
        opened=open_segments,
        claims=wanted,
        tie_ins=by_key(county["tie_ins"], "tie_in_id"),
        parcels=dict(zip(county["parcels"]["parcel_id"], county["parcels"].geometry, strict=True)),
        reach=reach(segments, county["tie_ins"], below, set(unreachable["utility"])),
        ground=below,
        tariff=tariff(wanted.values(), {s or "asphalt" for s in surfaces}, settings),
    )
    result = Result(
        connections=connections, trenches=trenches, unreachable=unreachable, figures=figures
    )
    parts = (_accounted, _sources, _routes, _trenched, _prices, _sums, reasons)
    return Checks.of(test for part in parts for test in part(evidence, result))


def _accounted(evidence: Evidence, result: Result) -> Iterator[Test]:
    """Every claim is connected or unreachable, once; nothing else is."""
    routed = list(result.connections["application_id"])
    left = list(result.unreachable["application_id"])
    yield verdict(len(set(routed + left)) == len(routed + left), "accounted", "", "an id twice")
    asked = set(evidence.claims)
    asked |= {f"{key}/2" for key, claim in evidence.claims.items() if claim.dual_source}
    for key in (*routed, *left):
        yield verdict(key in asked, "accounted", key, "nobody asked for it")
    for key, claim in evidence.claims.items():
        ids = {key, f"{key}/2"} if claim.dual_source and key in routed else {key}
        for needed in ids:
            held = (needed in routed) != (needed in left)
            yield verdict(held, "accounted", needed, "neither connected nor given a reason")


def _sources(evidence: Evidence, result: Result) -> Iterator[Test]:
    """Every tie-in exists, is of the class, and gives no more than it has."""
    drawn: dict[str, float] = defaultdict(float)
    for row in result.connections.to_dict("records"):
        key, claim = row["application_id"], evidence.claims.get(claim_id(row["application_id"]))
        tie_in = evidence.tie_ins.get(row["tie_in_id"])
        yield verdict(tie_in is not None, "tie_in", key, f"{row['tie_in_id']} is not known")
        if tie_in is None or claim is None:
            continue
        held = fits(tie_in, claim, evidence.settings)
        yield verdict(held, "class", key, f"{row['tie_in_id']} is not of {claim.key}")
        held = same(row["demand"], claim.quantity)
        yield verdict(held, "capacity", key, f"{row['demand']} instead of {claim.quantity}")
        drawn[row["tie_in_id"]] += claim.quantity
    for name, quantity in drawn.items():
        has = capacity(evidence.tie_ins[name])
        held = quantity <= has * (1 + 1e-9)
        yield verdict(held, "capacity", name, f"{quantity:g} drawn of {has:g}")


def _routes(evidence: Evidence, result: Result) -> Iterator[Test]:
    """Every route is one line from its tie-in along streets to its red line, as long as said."""
    farthest_m = evidence.settings.number("extension.max_lead_in_m")
    farthest_m += evidence.settings.number("extension.max_stub_m")
    poles = hung(result.trenches)
    for row in result.connections.to_dict("records"):
        key, line = row["application_id"], row["geometry"]
        tie_in, parcel = evidence.tie_ins.get(row["tie_in_id"]), evidence.parcels[row["parcel_id"]]
        whole = line.geom_type == "LineString" and not line.is_empty
        yield verdict(whole, "ends", key, "the route is not one line")
        if not whole or tie_in is None:
            continue
        first, last = shapely.get_point(line, 0), shapely.get_point(line, -1)
        yield _begins(evidence, row, first, tie_in)
        away_m = last.distance(parcel)
        yield verdict(away_m <= NEAR_M, "ends", key, f"ends {away_m:.2f} m off its parcel")
        above = poles.get(key, shapely.LineString())
        along = evidence.reach.widths(line, NEAR_M)
        off_m = line.difference(above).difference(along).length
        held = off_m <= farthest_m + NEAR_M
        yield verdict(held, "corridor", key, f"{off_m:.1f} m off the streets")
        middles = evidence.reach.middles(line)
        over = along.union(above)
        through_m = evidence.ground.through_m(line, middles, over, tie_in["geometry"])
        held = through_m <= 2 * NEAR_M
        yield verdict(held, "obstacle", key, f"{through_m:.1f} m through obstacles")
        outside_m = line.difference(parcel).length
        for name, expected in (
            ("length_m", line.length),
            ("outside_m", outside_m),
            ("inside_m", line.length - outside_m),
        ):
            held = abs(row[name] - expected) <= NEAR_M
            yield verdict(held, "length", key, f"{name} {row[name]:.2f}, drawn {expected:.2f}")


def _begins(
    evidence: Evidence, row: Mapping[Any, Any], first: BaseGeometry, tie_in: Mapping[Any, Any]
) -> Test:
    """Tell whether a route begins at its tie-in, or at a line tapped that the tie-in feeds."""
    key, pipe_id = row["application_id"], row["tapped_pipe_id"]
    if pipe_id:
        wrong = evidence.ground.tapped(pipe_id, tie_in, first)
        return verdict(not wrong, "ends", key, wrong)
    away_m = first.distance(tie_in["geometry"])
    return verdict(away_m <= NEAR_M, "ends", key, f"begins {away_m:.2f} m off its tie-in")


def _users(row: Mapping[Any, Any]) -> list[str]:
    return str(row["applications"]).split(",")


def _trenched(evidence: Evidence, result: Result) -> Iterator[Test]:
    """Every route lies in the trenches that name it, and in nothing else; dual routes part."""
    lines = dict(
        zip(result.connections["application_id"], result.connections.geometry, strict=True)
    )
    around = {key: line.buffer(NEAR_M) for key, line in lines.items()}
    dug_m: dict[str, float] = defaultdict(float)
    for row in result.trenches.to_dict("records"):
        users = _users(row)
        held = same(row["length_m"], row["geometry"].length)
        yield verdict(held, "length", row["trench_id"], "the length is not that of the line")
        laid_m = evidence.ground.laid(row["geometry"])[0]
        detail = f"{row['laid_m']:.2f} m laid, {laid_m:.2f} m over the terrain"
        yield verdict(same(row["laid_m"], laid_m), "length", row["trench_id"], detail)
        yield from _opened(evidence, row)
        for key in users:
            dug_m[key] += row["length_m"]
            held = key in around and around[key].covers(row["geometry"])
            yield verdict(held, "trenched", row["trench_id"], f"does not lie on the route of {key}")
            apart = not key.endswith("/2") or claim_id(key) not in users
            yield verdict(apart, "dual", key, f"both supplies lie in {row['trench_id']}")
    for key, line in lines.items():
        held = abs(dug_m[key] - line.length) <= NEAR_M
        yield verdict(held, "trenched", key, f"{dug_m[key]:.2f} m of {line.length:.2f} m are dug")
    tie_in = dict(
        zip(result.connections["application_id"], result.connections["tie_in_id"], strict=True)
    )
    for key in (key for key in tie_in if key.endswith("/2")):
        held = tie_in[key] != tie_in.get(claim_id(key))
        yield verdict(held, "dual", key, "both supplies come from one tie-in")


def _opened(evidence: Evidence, row: Mapping[Any, Any]) -> Iterator[Test]:
    """Tell whether a trench that claims to lie in a planned work does."""
    if not row["in_work"]:
        return
    stretches = evidence.opened.get(row["segment_id"], ())
    street = evidence.reach.street(row["segment_id"])
    margin_m = evidence.settings.number("extension.snap_m")
    middle = row["geometry"].interpolate(0.5, normalized=True)
    at_m = street.project(middle)
    held = any(
        opened[0] - margin_m <= at_m <= opened[1] + margin_m
        and (len(opened) == 2 or row["side"] in {"", opened[2]})
        for opened in stretches
    )
    yield verdict(held, "in_work", row["trench_id"], "no planned work opens the segment there")


def _prices(evidence: Evidence, result: Result) -> Iterator[Test]:
    """Every trench costs what the section prices and the lines in it say."""
    segments = by_key(evidence.segments, "segment_id")
    for row in result.trenches.to_dict("records"):
        keys = {claim_id(key) for key in _users(row)}
        if not keys <= evidence.claims.keys():
            continue
        segment = segments.get(row["segment_id"])
        lines = {evidence.claims[key].key for key in keys}
        yuan = way_yuan(row, lines, segment, evidence.tariff, evidence.ground)
        detail = f"{row['cost_yuan']:.2f}, expected {yuan:.2f}"
        yield verdict(same(row["cost_yuan"], yuan), "price", row["trench_id"], detail)
        held = admitted(row, lines, evidence.settings)
        yield verdict(held, "way", row["trench_id"], f"not all lines may go by {row['kind']}")
        road = (segment["road_class"] or "branch") if segment else "branch"
        held = segment is None or crossed_rightly(row, road, evidence.settings)
        yield verdict(held, "way", row["trench_id"], f"{row['kind']} across a road of class {road}")


def _without_drains_yuan(evidence: Evidence, trenches: gpd.GeoDataFrame) -> float:
    """Return what the trenches would cost without the drains in them."""
    segments = by_key(evidence.segments, "segment_id")
    total = 0.0
    for row in trenches.to_dict("records"):
        lines = {evidence.claims[key].key for key in map(claim_id, _users(row))}
        others = {key for key in lines if key[0] != "drain"}
        if others == lines:
            total += row["cost_yuan"]
        elif others:
            segment = segments.get(row["segment_id"])
            total += way_yuan(row, others, segment, evidence.tariff, evidence.ground)
    return total


def _sums(evidence: Evidence, result: Result) -> Iterator[Test]:
    """Figures are the sums of the tables, and sharing never costs more than not sharing."""
    figures, connections, trenches = result.figures, result.connections, result.trenches
    known = evidence.claims
    commodity_m = 0.0
    for row in trenches.to_dict("records"):
        keys = {known[key].key for user in _users(row) if (key := claim_id(user)) in known}
        commodity_m += row["length_m"] * len(keys)
    above = trenches["kind"].isin(["pole", "tunnel"])
    dug = trenches.loc[~trenches["in_work"] & ~above, "length_m"]
    for name, expected in (
        ("cost_yuan", trenches["cost_yuan"].sum()),
        ("cost_yuan", connections["cost_yuan"].sum()),
        ("cost_separate_yuan", connections["separate_yuan"].sum()),
        ("trench_m", dug.sum()),
        ("crossings", trenches["kind"].isin(["crossing", "boring"]).sum()),
        ("bored", (trenches["kind"] == "boring").sum()),
        ("taps", (trenches["kind"] == "tap").sum()),
        ("pole_m", trenches.loc[trenches["kind"] == "pole", "length_m"].sum()),
        ("tunnel_m", trenches.loc[trenches["kind"] == "tunnel", "length_m"].sum()),
        ("line_m", commodity_m),
        ("cost_bounded_yuan", _without_drains_yuan(evidence, trenches)),
    ):
        held = same(figures[name], expected)
        yield verdict(held, "sums", name, f"{figures[name]:.2f}, tables give {expected:.2f}")
    listed = [item["application"] for item in figures["unreachable"]]
    held = listed == list(result.unreachable["application_id"])
    yield verdict(held, "sums", "unreachable", "the list differs from the table")
    cost, overlay, separate = (
        figures[name] for name in ("cost_yuan", "cost_overlay_yuan", "cost_separate_yuan")
    )
    yield verdict(cost <= overlay * (1 + 1e-9), "order", "overlay", f"{cost:.2f} > {overlay:.2f}")
    held = overlay <= separate * (1 + 1e-9)
    yield verdict(held, "order", "separate", f"{overlay:.2f} > {separate:.2f}")
