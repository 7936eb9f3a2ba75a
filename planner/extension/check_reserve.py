"""Proof of the reserve ducts: who is expected, where ducts lie, and what they cost and save.

Written apart from their search: expectations, prices and sums are derived anew, and the later lines
of every parcel are followed piece by piece, without ducts and with them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import shapely

from layers.county import County
from planner.checking import Checks, Failure
from planner.extension.check_expected import Expectation, expectations, likely_claims
from planner.extension.check_ground import NEAR_M, ground, listed
from planner.extension.check_pieces import Laid, Tariffs
from planner.extension.check_terms import Claim, by_key, claims, fits
from planner.extension.check_ways import cable
from planner.settings import Settings

Test = tuple[bool, Failure]
Row = Mapping[Any, Any]
_FROM_ABOVE = ("street", "crossing", "lead_in", "stub", "tap", "shaft")
"""Ways whose trench is dug from above, so that a duct can be laid in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Evidence:
    """The inputs, the plan's trenches and what is expected, by parcel."""

    county: County
    settings: Settings
    expected: Mapping[str, Expectation]
    claims: Mapping[tuple[str, str], Claim]
    laid: Laid
    tie_ins: Mapping[str, Row]

    def number(self, name: str) -> float:
        """Return a setting of the reserves."""
        return self.settings.number(f"extension.reserve_{name}")


def _test(held: object, subject: str, detail: str) -> Test:
    return bool(held), Failure("extension", "reserve", subject, detail)


def _same(found: float, expected: float) -> bool:
    return abs(found - expected) <= 1e-6 * max(1.0, abs(expected))


def check(
    county: County,
    segments: gpd.GeoDataFrame,
    settings: Settings,
    *,
    trenches: gpd.GeoDataFrame,
    reserves: gpd.GeoDataFrame,
    ducts: gpd.GeoDataFrame,
    ways: gpd.GeoDataFrame,
    figures: Mapping[str, Any],
) -> Checks:
    """Prove the reserves of a routing.

    Parameters
    ----------
    county, segments, settings
        What the routing was made from.
    trenches
        The plan's, proved by `planner.extension.check`.
    reserves, ducts, ways
        Frames of `layers.tables.RESERVES`, `RESERVE_DUCTS` and `RESERVE_WAYS`.
    figures
        The object ``extension.reserve`` of result.json.

    Returns
    -------
    Checks
        All of the rule ``reserve``.
    """
    expected = expectations(county, settings)
    later = likely_claims(expected, settings)
    asked = claims(county["applications"], settings)
    below = ground(county, settings, tapped=())
    prices = Tariffs.of(segments, (*asked.values(), *later.values()), settings, below)
    evidence = _Evidence(
        county=county,
        settings=settings,
        expected=expected,
        claims=later,
        laid=Laid(trenches, asked, prices, {}),
        tie_ins=by_key(county["tie_ins"], "tie_in_id"),
    )
    rows = reserves.to_dict("records")
    by_reserve = {
        name: _grouped(table.fillna({"side": "", "segment_id": ""}).to_dict("records"))
        for name, table in (("ducts", ducts), ("ways", ways))
    }
    tests = [*_sums(rows, ducts, figures, len(expected))]
    for place, row in enumerate(rows):
        before = [str(earlier["reserve_id"]) for earlier in rows[:place]]
        tests += _stated(evidence, row)
        own = [p for table in by_reserve.values() for p in table[str(row["reserve_id"])]]
        strange = {(row["parcel_id"], p["utility"]) for p in own} - later.keys()
        tests.append(_test(not strange, str(row["reserve_id"]), f"not expected: {strange}"))
        if not strange:
            tests += _ducts(evidence, row, by_reserve["ducts"][str(row["reserve_id"])])
            tests += _followed(evidence, row, by_reserve, before)
    return Checks.of(tests)


def _grouped(rows: Sequence[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[str(row["reserve_id"])].append(row)
    return found


def _sums(
    rows: Sequence[Row], ducts: gpd.GeoDataFrame, figures: Mapping[str, Any], expected: int
) -> Iterator[Test]:
    """Test that the figures are the sums of the tables."""
    sums = {name: sum(row[name] for row in rows) for name in ("extra_yuan", "saving_yuan",
                                                              "expected_yuan")}  # fmt: skip
    sums |= {"count": len(rows), "metres": ducts["length_m"].sum(), "parcels_expected": expected}
    for name, value in sums.items():
        held = _same(figures[name], value)
        yield _test(held, name, f"{figures[name]:.2f}, tables give {value:.2f}")
    known = {row["reserve_id"] for row in rows}
    yield _test(set(ducts["reserve_id"]) == known, "", "ducts of no reserve, or none of one")


def _stated(evidence: _Evidence, row: Row) -> Iterator[Test]:
    """Test what is expected of the parcel, and that the expected saving is as said."""
    key, expected = str(row["reserve_id"]), evidence.expected.get(str(row["parcel_id"]))
    yield _test(expected is not None, key, f"nothing is expected of {row['parcel_id']}")
    if expected is None:
        return
    named = set(str(row["utilities"]).split(","))
    yield _test(named == expected.utilities, key, f"{row['utilities']} are not what is expected")
    yield _test(_same(row["probability"], expected.chance), key, "the chance is another")
    discount = (1 + evidence.number("discount")) ** -evidence.number("years")
    yield _test(_same(row["discount"], discount), key, "the discount is another")
    saving = row["alone_yuan"] - row["later_yuan"]
    yield _test(_same(row["saving_yuan"], saving), key, "the saving is not the difference")
    present = expected.chance * discount * saving - row["extra_yuan"]
    yield _test(_same(row["expected_yuan"], present), key, f"{present:.2f} is to be expected")
    yield _test(present > evidence.number("least_yuan"), key, "does not pay")


def _ducts(evidence: _Evidence, row: Row, ducts: Sequence[Row]) -> Iterator[Test]:
    """Test that ducts lie in the plan's open trenches and cost what the width and the duct do."""
    key, settings, prices = str(row["reserve_id"]), evidence.settings, evidence.laid.prices
    for duct in ducts:
        utility = str(duct["utility"])
        yield _test(utility in listed("extension.reserve_utilities", settings), key, utility)
        beside, off_m = evidence.laid.beside(duct, ())
        held = off_m <= NEAR_M and duct["kind"] in _FROM_ABOVE
        yield _test(held, key, f"{off_m:.1f} m of a duct lie in no trench")
        claim = evidence.claims[str(row["parcel_id"]), utility]
        laid_m = prices.ground.laid(duct["geometry"])[0]
        per_m = prices.grown_yuan_per_m(duct, beside, claim.key)
        yuan = (per_m + evidence.number(f"duct_{utility}_yuan_per_m")) * laid_m
        detail = f"a duct costs {duct['extra_yuan']:.2f}, expected {yuan:.2f}"
        yield _test(_same(duct["extra_yuan"], yuan), key, detail)
    for name, column in (("extra_yuan", "extra_yuan"), ("duct_m", "length_m")):
        total = sum(duct[column] for duct in ducts)
        yield _test(_same(row[name], total), key, f"{name} is not the sum of the ducts")
    reserved = {str(duct["utility"]) for duct in ducts}
    yield _test(set(str(row["reserved"]).split(",")) == reserved, key, "reserved utilities differ")


def _followed(
    evidence: _Evidence,
    row: Row,
    tables: Mapping[str, Mapping[str, Sequence[Row]]],
    before: Sequence[str],
) -> Iterator[Test]:
    """Test the later lines without ducts and with them, and that the former are not too dear."""
    key = str(row["reserve_id"])
    most = 0.0
    for later_with, column in (("nothing", "alone_yuan"), ("reserve", "later_yuan")):
        pieces = [p for p in tables["ways"].get(key, ()) if p["later_with"] == later_with]
        total = sum(piece["cost_yuan"] for piece in pieces)
        yield _test(_same(row[column], total), key, f"{column} is not the sum of the pieces")
        earlier = [
            piece
            for name in before
            for piece in tables["ways"].get(name, ())
            if piece["later_with"] == later_with
        ]
        ducts = [d for name in (*before, key) for d in tables["ducts"].get(name, ())]
        for piece in pieces:
            known = _Known(pieces, earlier, ducts if later_with == "reserve" else [])
            yield from _piece(evidence, row, piece, known)
            most += _without_ducts(evidence, row, piece) * (later_with == "reserve")
        yield from _joined(evidence, row, pieces)
    held = before or row["alone_yuan"] <= most * (1 + 1e-6)
    yield _test(held, key, f"{row['alone_yuan']:.2f} without ducts, {most:.2f} would do")


@dataclass(frozen=True, slots=True)
class _Known:
    """What a piece can lie in: its parcel's own pieces, those of earlier parcels, ducts."""

    own: Sequence[Row]
    earlier: Sequence[Row]
    ducts: Sequence[Row]


def _covered(piece: Row, rows: Sequence[Row]) -> bool:
    """Return whether a piece lies in some others of its kind, segment and side."""
    alike = [
        row["geometry"].buffer(NEAR_M)
        for row in rows
        if all(row[name] == piece[name] for name in ("kind", "segment_id", "side"))
    ]
    return bool(alike) and bool(shapely.union_all(alike).covers(piece["geometry"]))


def _piece(evidence: _Evidence, row: Row, piece: Row, known: _Known) -> Iterator[Test]:
    """Test how a piece of a later line is laid, and its price."""
    key, utility, manner = str(row["reserve_id"]), str(piece["utility"]), piece["laid_as"]
    claim, prices = evidence.claims[str(row["parcel_id"]), utility], evidence.laid.prices
    laid_m = prices.ground.laid(piece["geometry"])[0]
    mine = [one for one in known.earlier if one["utility"] == utility]
    others = [
        one for one in known.own if one["utility"] != utility and one["laid_as"] == "new_trench"
    ]
    kept = [duct for duct in known.ducts if duct["utility"] == utility]
    yuan, held = {
        "new_trench": (prices.yuan(piece, {claim.key}), True),
        "open_trench": (prices.line_yuan(piece, claim.key), _covered(piece, others)),
        "in_duct": (cable(claim.key, evidence.settings) * laid_m, _covered(piece, kept)),
        "own_line": (
            0.0,
            claim.key in evidence.laid.beside(piece, ())[0] or _covered(piece, mine),
        ),
    }[manner]
    yield _test(held, key, f"{utility} cannot be laid as {manner} there")
    detail = f"{manner} costs {piece['cost_yuan']:.2f}, expected {yuan:.2f}"
    yield _test(_same(piece["cost_yuan"], yuan), key, detail)


def _without_ducts(evidence: _Evidence, row: Row, piece: Row) -> float:
    """Return what a piece would cost at most if no duct were kept."""
    if piece["laid_as"] != "in_duct":
        return float(piece["cost_yuan"])
    claim = evidence.claims[str(row["parcel_id"]), str(piece["utility"])]
    return evidence.laid.prices.yuan(piece, {claim.key})


def _joined(evidence: _Evidence, row: Row, pieces: Sequence[Row]) -> Iterator[Test]:
    """Test that the pieces of each utility lead from a tie-in of the class to the parcel."""
    key, shapes = str(row["reserve_id"]), evidence.county["parcels"].set_index("parcel_id").geometry
    for utility in {str(piece["utility"]) for piece in pieces}:
        mine = [piece for piece in pieces if piece["utility"] == utility]
        whole = shapely.union_all([piece["geometry"].buffer(NEAR_M) for piece in mine])
        tie_in = evidence.tie_ins.get(str(mine[0]["tie_in_id"]))
        claim = evidence.claims[str(row["parcel_id"]), utility]
        held = tie_in is not None and fits(tie_in, claim, evidence.settings)
        yield _test(held, key, f"{mine[0]['tie_in_id']} is not of {claim.key}")
        begins = any(piece["kind"] == "tap" for piece in mine) or (
            tie_in is not None and whole.distance(tie_in["geometry"]) <= NEAR_M
        )
        ends = whole.distance(shapes[row["parcel_id"]]) <= NEAR_M
        one = whole.geom_type == "Polygon"
        yield _test(begins and ends and one, key, f"{utility} is not led to the parcel")
