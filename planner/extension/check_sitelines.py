"""Proof of the lines to infill sites: that each can be laid as drawn, and what it costs alone.

Written apart from their search. That no cheaper way leads there is not proved: a price that is too
high only makes a site look worse than it is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from layers.county import County
from layers.schemas import empty_frame
from layers.tables import TRENCHES
from planner.checking import Checks, Failure
from planner.extension.check_ground import NEAR_M
from planner.extension.check_roads import Roads
from planner.extension.check_terms import Claim, by_key, capacity, claims
from planner.extension.check_ways import Key
from planner.extension.sitelines import application, as_applicants
from planner.settings import Settings

Row = Mapping[Any, Any]
Test = tuple[bool, Failure]


def check(
    county: County,
    segments: gpd.GeoDataFrame,
    sites: gpd.GeoSeries,
    settings: Settings,
    *,
    lines: gpd.GeoDataFrame,
    ways: gpd.GeoDataFrame,
    open_segments: Mapping[str, Sequence[tuple[Any, ...]]] = MappingProxyType({}),
) -> Checks:
    """Prove power and fibre lines to sites.

    Parameters
    ----------
    county, segments, sites, settings, open_segments
        What they were made from, see `planner.extension.sitelines.route`.
    lines, ways
        Frames of `layers.tables.SITE_LINES` and `SITE_LINE_WAYS`.

    Returns
    -------
    Checks
        All of the rule ``site_line``: to a site that is known, once for each service, from a source
        of the class with capacity left, along streets or on poles, priced piece by piece.
    """
    asking = as_applicants(county, sites, settings)
    wanted = claims(asking["applications"], settings)
    filled = lines.assign(
        tie_in_id=lines["tie_in_id"].fillna(""), tapped_pipe_id=lines["tapped_pipe_id"].fillna("")
    )
    tapping = filled["tapped_pipe_id"].ne("") & filled["tie_in_id"].ne("")
    roads = Roads.of(
        asking, segments, settings,
        wanted=wanted, trenches=empty_frame(TRENCHES, county.crs), opened=open_segments,
        tapped=set(filled.loc[tapping, "utility"]),
    )  # fmt: skip
    has = {str(key): capacity(row) for key, row in by_key(county["tie_ins"], "tie_in_id").items()}
    cut: dict[str, list[Row]] = defaultdict(list)
    for piece in ways.fillna({"side": "", "segment_id": ""}).to_dict("records"):
        cut[application(piece["candidate_id"], piece["utility"])].append(piece)

    def tests() -> Iterator[Test]:
        known = [application(row.candidate_id, row.utility) for row in lines.itertuples()]
        strange = (cut.keys() - set(known)) | (set(known) - wanted.keys())
        yield _test(not strange, "", f"of no site: {sorted(strange)[:3]}")
        yield _test(len(set(known)) == len(known), "", "a line twice")
        for key, row in zip(known, filled.to_dict("records"), strict=True):
            if key in strange:
                continue
            claim, pieces, spanned = wanted[key], cut[key], not row["tie_in_id"]
            more_yuan, line_key = 0.0, claim.key
            if spanned:
                more_yuan, line_key = _off(county, row, claim.key, settings)
                told = _span(roads, row, claim)
            else:
                told = roads.led(row, claim, has.get(str(row["tie_in_id"]), 0.0))
            yuan = row["cost_yuan"] - more_yuan
            own = roads.parcels[claim.parcel_id]
            made = roads.made_up(row, pieces, line_key, yuan=yuan, without=(), own=own)
            for held, detail in (*told, *made):
                yield _test(held, key, detail)
            new = all(piece["laid_as"] == "new_trench" for piece in pieces)
            yield _test(new, key, "a piece is not laid alone")

    return Checks.of(tests())


def _off(county: County, row: Row, key: Key, settings: Settings) -> tuple[float, Key]:
    """Return what a transformer at the overhead line costs, and the class of the line behind it."""
    pipes = county["pipes"]
    volts = pipes.loc[pipes["pipe_id"] == row["tapped_pipe_id"], "voltage_kv"].astype(float)
    if key[0] != "power" or not (volts > 1.0).any():
        return 0.0, key
    return settings.number("coverage.site_transformer_yuan"), ("power", "10 kV", "")


def _span(roads: Roads, row: Row, claim: Claim) -> Iterator[tuple[bool, str]]:
    """Yield whether a span leads straight from an overhead line, over ground that poles may cross.

    Buildings and protected land are looked for with the pieces of every way.
    """
    ground, settings, line = roads.ground, roads.settings, row["geometry"]
    pipes = ground.county["pipes"]
    named = pipes[pipes["pipe_id"] == row["tapped_pipe_id"]]
    yield len(named) == 1, f"{row['tapped_pipe_id']} is not known"
    for pipe in named.itertuples():
        yield pipe.utility == claim.key[0], f"{pipe.pipe_id} is no {claim.key[0]}"
        yield pipe.subtype == "overhead", f"{pipe.pipe_id} hangs on no poles"
        high = not pd.isna(pipe.voltage_kv) and (
            pipe.voltage_kv > settings.number("coverage.infill_pole_kv")
        )
        yield not high, f"{pipe.pipe_id} is of {pipe.voltage_kv} kV"
        first = shapely.get_point(line, 0)
        yield bool(first.distance(pipe.geometry) <= NEAR_M), f"begins off {pipe.pipe_id}"
    yield len(line.coords) == 2, "the span is not straight"
    yield line.length <= settings.number("extension.pole_reach_m") + NEAR_M, "the span is too long"
    last = shapely.get_point(line, -1)
    yield bool(last.distance(roads.parcels[claim.parcel_id]) <= NEAR_M), "ends off its site"
    town = sum(
        line.intersection(zone).length
        for zone in ground.obstacles(line, "planned_construction", "town_centre")
    )
    yield town <= 2 * NEAR_M, f"{town:.1f} m on poles in the town"
    wet = ground.over_m(line, ground.water)
    yield wet <= settings.number("extension.pole_span_m") + NEAR_M, f"{wet:.1f} m over water"


def _test(held: object, subject: str, detail: str) -> Test:
    return bool(held), Failure("extension", "site_line", subject, detail)
