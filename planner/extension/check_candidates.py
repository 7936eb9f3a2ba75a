"""Proof of the other entries: that each can be laid as drawn, and what it costs over the plan.

Written apart from their search. A piece is laid in a trench, or found to have its line, by the
table of trenches; what the depth of a drain costs at another entry is taken as said.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import geopandas as gpd
import shapely

from layers.county import County
from planner.checking import Checks, Failure
from planner.extension.check_ground import NEAR_M
from planner.extension.check_roads import Roads, same
from planner.extension.check_terms import Claim, by_key, capacity, claims
from planner.settings import Settings

Test = tuple[bool, Failure]
Row = Mapping[Any, Any]
MOST = 2
"""Other entries of a connection at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Evidence:
    """The inputs and the plan as the check reads them; routes and entries by connection."""

    claims: Mapping[str, Claim]
    connections: Mapping[str, Row]
    left: Mapping[str, float]
    roads: Roads


def _test(held: object, subject: str, detail: str) -> Test:
    return bool(held), Failure("extension", "candidate", subject, detail)


def check(
    county: County,
    segments: gpd.GeoDataFrame,
    settings: Settings,
    *,
    connections: gpd.GeoDataFrame,
    trenches: gpd.GeoDataFrame,
    candidates: gpd.GeoDataFrame,
    ways: gpd.GeoDataFrame,
    open_segments: Mapping[str, Sequence[tuple[Any, ...]]] = MappingProxyType({}),
) -> Checks:
    """Prove the other entries of a routing.

    Parameters
    ----------
    county, segments, settings, open_segments
        What the routing was made from.
    connections, trenches
        The plan, proved by `planner.extension.check`.
    candidates, ways
        Frames of `layers.tables.CANDIDATES` and `CANDIDATE_WAYS`.

    Returns
    -------
    Checks
        All of the rule ``candidate``: known, of the class and with capacity left, from its tie-in
        or tapped line to its parcel along streets, another entry than the plan's, ranked by its
        extra cost, never cheaper than the plan but for drains, priced piece by piece.
    """
    wanted = claims(county["applications"], settings)
    filled = candidates.assign(tapped_pipe_id=candidates["tapped_pipe_id"].fillna(""))
    planned = connections.assign(tapped_pipe_id=connections["tapped_pipe_id"].fillna(""))
    tapped = set(filled.loc[filled["tapped_pipe_id"] != "", "utility"])
    rows = by_key(planned, "application_id")
    left = {str(key): capacity(row) for key, row in by_key(county["tie_ins"], "tie_in_id").items()}
    for row in rows.values():
        left[row["tie_in_id"]] = left.get(row["tie_in_id"], 0.0) - row["demand"]
    evidence = _Evidence(
        claims=wanted,
        connections=rows,
        left=left,
        roads=Roads.of(
            county,
            segments,
            settings,
            wanted=wanted,
            trenches=trenches,
            tapped=tapped,
            opened=open_segments,
        ),
    )
    cut: dict[tuple[str, int], list[Row]] = defaultdict(list)
    for piece in ways.to_dict("records"):
        cut[str(piece["application_id"]), int(piece["rank"])].append(piece)
    return Checks.of(_tests(evidence, filled.to_dict("records"), cut))


def _tests(
    evidence: _Evidence, rows: Sequence[Row], cut: Mapping[tuple[str, int], Sequence[Row]]
) -> Iterator[Test]:
    listed: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        listed[str(row["application_id"])].append(row)
    strange = cut.keys() - {(str(row["application_id"]), int(row["rank"])) for row in rows}
    yield _test(not strange, "", f"pieces of no entry: {sorted(strange)[:3]}")
    for key, group in listed.items():
        present = evidence.connections.get(key)
        yield _test(present is not None, key, "is not connected")
        if present is None:
            continue
        yield from _ranked(key, group)
        for place, row in enumerate(group):
            yield from _routed(evidence, present, row)
            for other in (present, *group[:place]):
                yield _test(_apart(evidence, row, other), key, "is the entry of another way")
            pieces = cut.get((key, int(row["rank"])), ())
            yield from _priced(evidence, present, row, pieces)


def _ranked(key: str, group: Sequence[Row]) -> Iterator[Test]:
    """Entries are ranked by their extra cost, which is below zero for drains alone."""
    ranks = [row["rank"] for row in group]
    yield _test(ranks == list(range(1, len(group) + 1)) and len(group) <= MOST, key, "ranks")
    extra = [row["extra_yuan"] for row in group]
    yield _test(extra == sorted(extra), key, "not in the order of their extra cost")
    for row in group:
        free = -1e-6 * max(1.0, row["present_yuan"])
        held = row["utility"] == "drain" or row["extra_yuan"] >= free
        yield _test(held, key, f"{row['extra_yuan']:.2f} cheaper than the plan")
        total = row["way_yuan"] - row["present_yuan"] + row["depth_yuan"]
        yield _test(same(row["extra_yuan"], total), key, "extra cost is not the difference")
        level = row["utility"] == "drain" or row["depth_yuan"] == 0
        yield _test(level, key, "depth of what is no drain")


def _routed(evidence: _Evidence, present: Row, row: Row) -> Iterator[Test]:
    """Test that a way leads from a source of the class with enough left to the parcel."""
    key = str(row["application_id"])
    claim = evidence.claims[key.removesuffix("/2")]
    left = evidence.left.get(row["tie_in_id"], 0.0)
    left += claim.quantity * (row["tie_in_id"] == present["tie_in_id"])
    for held, detail in evidence.roads.led(row, claim, left):
        yield _test(held, key, detail)
    twin = key.removesuffix("/2") if key.endswith("/2") else f"{key}/2"
    other = evidence.connections.get(twin)
    apart = other is None or other["tie_in_id"] != row["tie_in_id"]
    yield _test(apart, key, "both supplies from one tie-in")


def _apart(evidence: _Evidence, row: Row, other: Row) -> bool:
    """Return whether two ways begin at different sources or enter at different places."""
    tapped = row["tapped_pipe_id"], other["tapped_pipe_id"]
    if tapped[0] != tapped[1]:
        return True
    if not tapped[0] and row["tie_in_id"] != other["tie_in_id"]:
        return True
    ends = [shapely.get_point(one["geometry"], -1) for one in (row, other)]
    apart_m: float = ends[0].distance(ends[1])
    return apart_m > evidence.roads.settings.number("extension.candidate_apart_m") - NEAR_M


def _priced(evidence: _Evidence, present: Row, row: Row, pieces: Sequence[Row]) -> Iterator[Test]:
    """Test that the pieces make up the way, each laid and priced as the trenches beside it say."""
    key = str(row["application_id"])
    own = evidence.claims[key.removesuffix("/2")].key
    tests = evidence.roads.made_up(row, pieces, own, yuan=row["way_yuan"], without={key})
    for held, detail in tests:
        yield _test(held, key, detail)
    saved = evidence.roads.laid.saved_yuan(key, own)
    yield _test(
        same(row["present_yuan"], saved, present["separate_yuan"]),
        key,
        f"the plan's way is said to cost {row['present_yuan']:.2f}, found {saved:.2f}",
    )
