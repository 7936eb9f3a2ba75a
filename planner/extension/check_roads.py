"""What the independent check holds a way against that the plan does not take: where it may go.

A way is a row with its line, its source and its pieces, whoever it is for.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import shapely
from shapely.geometry.base import BaseGeometry

from layers.county import County
from planner.extension.check_ground import NEAR_M, Ground, ground
from planner.extension.check_pieces import Laid, Tariffs, piece_tests
from planner.extension.check_reach import Reach, reach
from planner.extension.check_terms import Claim, by_key, fits
from planner.extension.check_ways import Key
from planner.settings import Settings

Row = Mapping[Any, Any]
Said = tuple[bool, str]


def same(found: float, expected: float, scale: float = 1.0) -> bool:
    """Return whether two sums of money agree."""
    return abs(found - expected) <= 1e-6 * max(1.0, abs(expected), abs(scale))


@dataclass(frozen=True, slots=True, kw_only=True)
class Roads:
    """Sources, parcels, streets, obstacles and trenches of a county, as the check reads them."""

    settings: Settings
    tie_ins: Mapping[str, Row]
    parcels: Mapping[str, BaseGeometry]
    ground: Ground
    reach: Reach
    laid: Laid

    @classmethod
    def of(
        cls,
        county: County,
        segments: gpd.GeoDataFrame,
        settings: Settings,
        *,
        wanted: Mapping[str, Claim],
        trenches: gpd.GeoDataFrame,
        tapped: Collection[str],
        opened: Mapping[str, Sequence[tuple[Any, ...]]],
    ) -> Roads:
        """Read a county.

        Parameters
        ----------
        county, segments, settings, opened
            What the ways were made from; `opened` holds the stretches of planned works.
        wanted
            What is asked for.
        trenches
            Frame of `layers.tables.TRENCHES` that are dug anyway.
        tapped
            Utilities of which a way begins at an existing line.
        """
        below = ground(county, settings, tapped=tapped)
        parcels = county["parcels"]
        return cls(
            settings=settings,
            tie_ins=by_key(county["tie_ins"], "tie_in_id"),
            parcels=dict(zip(parcels["parcel_id"], parcels.geometry, strict=True)),
            ground=below,
            reach=reach(segments, county["tie_ins"], below, ()),
            laid=Laid(
                trenches, wanted, Tariffs.of(segments, wanted.values(), settings, below), opened
            ),
        )

    def led(self, row: Row, claim: Claim, left: float) -> Iterator[Said]:
        """Yield whether a way leads from a source of the class with enough left to its parcel."""
        line, tie_in = row["geometry"], self.tie_ins.get(str(row["tie_in_id"]))
        held = tie_in is not None and fits(tie_in, claim, self.settings)
        yield held, f"{row['tie_in_id']} is not of {claim.key}"
        if tie_in is None:
            return
        yield left >= claim.quantity * (1 - 1e-9), f"{left:g} left for {claim.quantity:g}"
        first, last = shapely.get_point(line, 0), shapely.get_point(line, -1)
        if row["tapped_pipe_id"]:
            wrong = self.ground.tapped(row["tapped_pipe_id"], tie_in, first)
            yield not wrong, wrong
        else:
            yield bool(first.distance(tie_in["geometry"]) <= NEAR_M), "begins off its tie-in"
        away_m = last.distance(self.parcels[claim.parcel_id])
        yield bool(away_m <= NEAR_M), "ends off its parcel"
        yield same(row["length_m"], line.length), "the length is not that of the line"

    def made_up(
        self,
        row: Row,
        pieces: Sequence[Row],
        key: Key,
        *,
        yuan: float,
        without: Collection[str],
        own: BaseGeometry | None = None,
    ) -> Iterator[Said]:
        """Yield whether pieces make up a way, each laid and priced as the trenches say.

        Parameters
        ----------
        row, pieces
            The way and its pieces, see `planner.extension.check_pieces.piece_tests`.
        key
            Commodity of its line.
        yuan
            What the way is said to cost.
        without
            Connections whose trenches count as not there.
        own
            Ground in which nothing is an obstacle to the way, none unless given.
        """
        line = row["geometry"]
        length_m = sum(piece["length_m"] for piece in pieces)
        yield (
            bool(abs(length_m - line.length) <= NEAR_M),
            f"{length_m:.2f} m of {line.length:.2f}",
        )
        total = sum(piece["cost_yuan"] for piece in pieces)
        yield same(yuan, total), "cost is not that of the pieces"
        crossed = sum(piece["kind"] in {"crossing", "boring"} for piece in pieces)
        yield bool(row["crossings"] == crossed), f"{crossed} crossings"
        around = line.buffer(NEAR_M)
        for piece in pieces:
            yield bool(around.covers(piece["geometry"])), "a piece lies off the way"
            yield from piece_tests(self.laid, piece, key, without=without)
        yield from self._followed(row, pieces, own)

    def _followed(
        self, row: Row, pieces: Sequence[Row], own: BaseGeometry | None
    ) -> Iterator[Said]:
        """Yield whether a way keeps to streets, lead-ins, stubs, poles, and out of obstacles."""
        line = row["geometry"]
        farthest_m = self.settings.number("extension.max_lead_in_m")
        farthest_m += self.settings.number("extension.max_stub_m")
        poles = [p["geometry"].buffer(NEAR_M) for p in pieces if p["kind"] == "pole"]
        above = shapely.union_all(poles) if poles else shapely.LineString()
        along = self.reach.widths(line, NEAR_M)
        off_m = line.difference(above).difference(along).length
        yield bool(off_m <= farthest_m + NEAR_M), f"{off_m:.1f} m off the streets"
        tie_in = self.tie_ins.get(str(row["tie_in_id"]), {"geometry": shapely.Point()})
        middles = self.reach.middles(line)
        abroad = line if own is None else line.difference(own)
        through_m = self.ground.through_m(abroad, middles, along.union(above), tie_in["geometry"])
        yield bool(through_m <= 2 * NEAR_M), f"{through_m:.1f} m through obstacles"
