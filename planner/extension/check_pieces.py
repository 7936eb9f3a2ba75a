"""How the independent check sees a piece of a way beside the trenches of a plan."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import shapely
from shapely.geometry.base import BaseGeometry

from planner.extension.check_ground import NEAR_M, Ground
from planner.extension.check_terms import Claim, Tariff, by_key, tariff
from planner.extension.check_ways import Key, admitted, crossed_rightly, line_yuan, way_yuan
from planner.section.layout import cost_per_m
from planner.settings import Settings

Row = Mapping[Any, Any]
Said = tuple[bool, str]
_OF_ONE = ("lead_in", "stub", "tap", "touch", "shaft", "pole")
"""Ways of a single parcel, tie-in or shaft: each has its own, even where two coincide."""
_ALIKE = ("kind", "side", "segment_id")
_DEARER = ("own_line", "open_trench", "new_trench")
"""Manners of laying, from the cheapest."""


@dataclass(frozen=True, slots=True)
class Tariffs:
    """Prices of pieces: the tariff, the roads they lie on and the ground."""

    tariff: Tariff
    segments: Mapping[str, Row]
    ground: Ground

    @classmethod
    def of(
        cls,
        segments: gpd.GeoDataFrame,
        wanted: Iterable[Claim],
        settings: Settings,
        ground: Ground,
    ) -> Tariffs:
        """Derive the prices of the lines that some claims need."""
        surfaces = {*segments["surface"].fillna(""), settings.text("extension.lead_in_surface")}
        prices = tariff(wanted, {s or "asphalt" for s in surfaces}, settings)
        return cls(prices, by_key(segments, "segment_id"), ground)

    def yuan(self, row: Row, keys: set[Key]) -> float:
        """Return what a piece costs with the lines of some commodities in it."""
        segment = self.segments.get(str(row["segment_id"]))
        return way_yuan(row, keys, segment, self.tariff, self.ground)

    def line_yuan(self, row: Row, key: Key) -> float:
        """Return what one line adds to a piece that is open."""
        segment = self.segments.get(str(row["segment_id"]))
        return line_yuan(row, key, segment, self.tariff, self.ground)

    def grown_yuan_per_m(self, row: Row, beside: Collection[Key], key: Key) -> float:
        """Return what the exact section of a piece grows by if one line more lies in it."""
        settings = self.ground.settings
        segment = self.segments.get(str(row["segment_id"]))
        surface = (segment["surface"] or "asphalt") if segment else ""
        surface = surface or settings.text("extension.lead_in_surface")
        known = [self.tariff.lines[one] for one in sorted(beside)]
        full = cost_per_m((*known, self.tariff.lines[key]), surface, settings)
        return max(full - cost_per_m(known, surface, settings), 0.0)

    def road_class(self, row: Row) -> str:
        """Return the class of the road a piece lies on."""
        segment = self.segments.get(str(row["segment_id"]))
        return (segment["road_class"] or "branch") if segment else "branch"


class Laid:
    """The trenches of a plan, with who uses each.

    Parameters
    ----------
    trenches
        Frame of `layers.tables.TRENCHES`.
    wanted
        What each application asks for.
    prices
        Derived anew.
    opened
        Segment id to the stretches that planned works hold open.
    """

    def __init__(
        self,
        trenches: gpd.GeoDataFrame,
        wanted: Mapping[str, Claim],
        prices: Tariffs,
        opened: Mapping[str, Sequence[tuple[Any, ...]]],
    ) -> None:
        filled = trenches.assign(
            side=trenches["side"].fillna(""), segment_id=trenches["segment_id"].fillna("")
        )
        self.prices = prices
        self.opened = opened
        self._rows: list[Row] = filled.to_dict("records")
        self._tree = shapely.STRtree([row["geometry"] for row in self._rows])
        self._keys: list[dict[str, Key]] = []
        self._of: dict[str, list[int]] = defaultdict(list)
        for place, row in enumerate(self._rows):
            users = str(row["applications"]).split(",")
            known = {user: wanted.get(user.removesuffix("/2")) for user in users}
            self._keys.append({user: claim.key for user, claim in known.items() if claim})
            for user in users:
                self._of[user].append(place)

    def beside(self, piece: Row, without: Collection[str]) -> tuple[set[Key], float]:
        """Return whose lines lie all along a piece, and how much of it no trench of others opens.

        Returns
        -------
        tuple
            Commodities with a line along the whole piece; metres of it outside the trenches of the
            same kind, segment and side.
        """
        line = piece["geometry"]
        ground: list[BaseGeometry] = []
        lined: dict[Key, list[BaseGeometry]] = defaultdict(list)
        for place in self._tree.query(line, predicate="dwithin", distance=NEAR_M):
            row = self._rows[place]
            if any((row[name] or "") != (piece[name] or "") for name in _ALIKE):
                continue
            keys = {key for user, key in self._keys[place].items() if user not in without}
            around = row["geometry"].buffer(NEAR_M)
            ground += [around] * bool(keys)
            for key in keys:
                lined[key].append(around)
        whole = shapely.union_all(ground)
        along = {key for key, parts in lined.items() if shapely.union_all(parts).covers(line)}
        return along, float(line.difference(whole).length)

    def saved_yuan(self, user: str, key: Key) -> float:
        """Return what the plan would cost less without one connection's line."""
        total = 0.0
        for place in self._of[user]:
            row, others = self._rows[place], dict(self._keys[place])
            others.pop(user, None)
            if not others:
                total += self.prices.yuan(row, {key})
            elif key not in others.values():
                total += self.prices.line_yuan(row, key)
        return total


def piece_tests(laid: Laid, piece: Row, key: Key, *, without: Collection[str]) -> Iterator[Said]:
    """Test how a piece is laid, by which way, and its price.

    Parameters
    ----------
    laid
        The plan's trenches.
    piece
        Row with the columns of a piece, see `layers.tables.extension`.
    key
        Commodity of its line.
    without
        Connections that count as not there.

    Yields
    ------
    tuple
        Whether a test holds, and what was found.
    """
    prices = laid.prices
    along, off_m = laid.beside(piece, without)
    manner, length_m = piece["laid_as"], piece["geometry"].length
    expected = "own_line" if key in along else "open_trench"
    if off_m > NEAR_M:
        expected = "new_trench"
    ranks = _DEARER.index(manner) - _DEARER.index(expected) if manner in _DEARER else -1
    held = ranks == 0 or (ranks > 0 and (piece["kind"] in _OF_ONE or length_m <= NEAR_M))
    yield held, f"a piece of {length_m:.1f} m is laid as {manner}, not {expected}"
    yuan = 0.0
    if manner == "new_trench":
        yuan = prices.yuan(piece, {key})
    if manner == "open_trench":
        yuan = prices.line_yuan(piece, key)
    held = abs(piece["cost_yuan"] - yuan) <= 1e-6 * max(1.0, yuan)
    yield held, f"a piece costs {piece['cost_yuan']:.2f}, expected {yuan:.2f}"
    settings = prices.ground.settings
    yield admitted(piece, {key}, settings), f"{key[0]} may not go by {piece['kind']}"
    held = crossed_rightly(piece, prices.road_class(piece), settings)
    yield held, f"{piece['kind']} across a road of class {prices.road_class(piece)}"
    if piece["in_work"]:
        yield _opened(laid, piece), "no planned work opens the segment there"


def _opened(laid: Laid, piece: Row) -> bool:
    """Return whether a planned work opens the segment at the middle of a piece."""
    street = laid.prices.segments[str(piece["segment_id"])]["geometry"]
    margin_m = laid.prices.ground.settings.number("extension.snap_m")
    at_m = street.project(piece["geometry"].interpolate(0.5, normalized=True))
    return any(
        opened[0] - margin_m <= at_m <= opened[1] + margin_m
        and (len(opened) == 2 or (piece["side"] or "") in {"", opened[2]})
        for opened in laid.opened.get(str(piece["segment_id"]), ())
    )
