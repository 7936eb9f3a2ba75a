"""Proof of who pays what: each connection's parts derived anew from the trenches it lies in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import geopandas as gpd
from shapely.geometry.base import BaseGeometry

from layers.county import County
from planner.checking import Checks, Failure
from planner.extension.check_ground import ground
from planner.extension.check_pieces import Tariffs
from planner.extension.check_terms import claims
from planner.settings import Settings

Test = tuple[bool, Failure]
Row = Mapping[Any, Any]
_CUT = 0.02
"""Most that a part may differ by where the red line cuts a trench, as a share of the cost.

The edges of a trench may differ in price, so a cut tells what lies inside by its length alone.
"""
_WHOLE = 1e-6
"""Share of a trench that counts as none of it."""


def _test(held: object, subject: str, detail: str) -> Test:
    return bool(held), Failure("extension", "payer", subject, detail)


def _same(found: float, expected: float, share: float, cost_yuan: float) -> bool:
    return abs(found - expected) <= share * max(1.0, cost_yuan)


def check(
    county: County,
    segments: gpd.GeoDataFrame,
    settings: Settings,
    *,
    connections: gpd.GeoDataFrame,
    trenches: gpd.GeoDataFrame,
    payers: Mapping[str, Mapping[str, Any]],
) -> Checks:
    """Prove the parts of every connection's cost, and the sums of each payer.

    Parameters
    ----------
    county, segments, settings
        What the routing was made from.
    connections, trenches
        The plan, proved by `planner.extension.check`.
    payers
        The object ``extension.payers`` of result.json.

    Returns
    -------
    Checks
        All of the rule ``payer``.
    """
    wanted = claims(county["applications"], settings)
    below = ground(county, settings, tapped=())
    prices = Tariffs.of(segments, wanted.values(), settings, below)
    shapes = dict(zip(county["parcels"]["parcel_id"], county["parcels"].geometry, strict=True))
    lies_in: dict[str, list[Row]] = {str(key): [] for key in connections["application_id"]}
    for row in trenches.to_dict("records"):
        for user in str(row["applications"]).split(","):
            lies_in.setdefault(user, []).append(row)
    tests: list[Test] = []
    for row in connections.to_dict("records"):
        key = str(row["application_id"])
        claim = wanted.get(key.removesuffix("/2"))
        if claim is not None:
            parcel = shapes[row["parcel_id"]]
            alone = [prices.yuan(trench, {claim.key}) for trench in lies_in[key]]
            tests.extend(_parts(row, lies_in[key], alone, parcel))
    return Checks.of([*tests, *_sums(connections, payers)])


def _parts(
    row: Row, trenches: list[Row], alone: list[float], parcel: BaseGeometry
) -> Iterator[Test]:
    """Test the parts of one connection's cost against what its trenches cost alone."""
    key, cost, total = str(row["application_id"]), row["cost_yuan"], sum(alone)
    inside = crossed = cut = 0.0
    for trench, yuan in zip(trenches, alone, strict=True):
        line = trench["geometry"]
        within = line.intersection(parcel).length / line.length if line.length else 0.0
        share = within * yuan / total if total else 0.0
        inside += share
        cut += share if _WHOLE < within < 1.0 - _WHOLE else 0.0
        crossing = trench["kind"] in {"crossing", "boring"}
        crossed += yuan / total if crossing and total else 0.0
    held = _same(row["inside_yuan"] + row["outside_yuan"], cost, 1e-6, cost)
    yield _test(held, key, "inside and outside do not make up the cost")
    held = _same(row["inside_yuan"], inside * cost, max(min(cut, _CUT), 1e-6), cost)
    yield _test(held, key, f"{row['inside_yuan']:.2f} inside, expected {inside * cost:.2f}")
    held = _same(row["crossings_yuan"], crossed * cost, 1e-6, cost)
    yield _test(held, key, f"{row['crossings_yuan']:.2f} crossing, expected {crossed * cost:.2f}")
    bored = sum(trench["kind"] == "boring" for trench in trenches)
    yield _test(row["bored"] == bored, key, f"{row['bored']} bored crossings, found {bored}")


def _sums(connections: gpd.GeoDataFrame, payers: Mapping[str, Mapping[str, Any]]) -> Iterator[Test]:
    """Test that each payer's yuan are the sums of the connections it pays for."""
    clause = connections["payer_clause"].fillna("").replace("", "unset")
    expected = {"applicant": (connections["inside_yuan"].sum(), 0.0)}
    for name, rows in connections.groupby(clause):
        expected[str(name)] = 0.0, rows["outside_yuan"].sum()
    yield _test(payers.keys() == expected.keys(), "", f"payers {sorted(payers)}")
    for name, (inside, outside) in expected.items():
        said = payers.get(name, {"inside_yuan": -1.0, "outside_yuan": -1.0})
        for found, yuan in ((said["inside_yuan"], inside), (said["outside_yuan"], outside)):
            yield _test(_same(found, yuan, 1e-6, yuan), name, f"{found:.2f}, sums give {yuan:.2f}")
