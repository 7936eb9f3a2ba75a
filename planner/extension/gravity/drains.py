"""Routed drains as profiles: do they drain by gravity, how deep, how much is dug, what it costs.

The profile of a drain is no part of the routes' cost and of their bound: the depth beyond the
least cover is priced beside them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import geopandas as gpd
import shapely
from pyproj import CRS

from geo.errors import Fault
from geo.terrain import Terrain
from layers.county import County
from layers.tables import DRAIN_LEVELS, DRAINS
from planner.extension.demand import Demand
from planner.extension.frames import Row, frame
from planner.extension.gravity.digging import Digging, digging
from planner.extension.gravity.ground import Stations, ground, stations
from planner.extension.gravity.levels import Level, Mains, mains
from planner.extension.gravity.limits import Limits, limits
from planner.extension.gravity.profile import Profile, profile
from planner.rules.citation import Words, said
from planner.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Drains:
    """Frames of `layers.tables.DRAINS` and `DRAIN_LEVELS`, and what a reader must know of them."""

    drains: gpd.GeoDataFrame
    levels: gpd.GeoDataFrame
    notes: tuple[Fault, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Laid:
    """One drain that has a profile."""

    demand: Demand
    tie_in_id: str
    level: Level
    limits: Limits
    stations: Stations
    profile: Profile
    digging: Digging


def drains(
    county: County, demands: Iterable[Demand], connections: gpd.GeoDataFrame, settings: Settings
) -> Drains:
    """Find the profile of every routed drain.

    Parameters
    ----------
    county
        Terrain, tie-ins and existing lines.
    demands
        Demands of the routing; their ids are those of the connections.
    connections
        Frame of `layers.tables.CONNECTIONS`, lines from the tie-in to the parcel.
    settings
        Names ``extension.drain_*`` and ``section.*``.

    Returns
    -------
    Drains
        One row a drain whose ground is known, in the order of the connections; the notes name
        the others, and say which levels are assumed.
    """
    routed = connections[connections["utility"] == "drain"]
    ids = routed["application_id"].tolist()
    if county.terrain is None:
        return _tables([], _note("extension_drain", ids), county.crs)
    wanted = {demand.demand_id: demand for demand in demands}
    known = mains(county, settings)
    found = [
        _laid(
            wanted[key], tie_in_id, known, route,
            terrain=county.terrain, crs=county.crs, settings=settings,
        )
        for key, tie_in_id, route in zip(ids, routed["tie_in_id"], routed.geometry, strict=True)
    ]  # fmt: skip
    laid = [drain for drain in found if drain is not None]
    unknown = [key for key, drain in zip(ids, found, strict=True) if drain is None]
    notes = _note("extension_drain_unknown", unknown) + _notes(laid)
    return _tables(laid, notes, county.crs)


def _laid(
    demand: Demand,
    tie_in_id: str,
    known: Mains,
    route: shapely.LineString,
    *,
    terrain: Terrain,
    crs: CRS,
    settings: Settings,
) -> _Laid | None:
    asked = limits(demand.line, settings)
    found = stations(route, asked, settings)
    above = ground(found, terrain, crs)
    if above is None:
        return None
    joins = shapely.Point(found.xy[-1])
    level = known.level(tie_in_id, joins, float(above.ground_m[-1]), demand.line)
    levels = profile(above, asked, outlet_m=demand.outlet_m, tie_in_m=level.invert_m)
    return _Laid(
        demand=demand,
        tie_in_id=tie_in_id,
        level=level,
        limits=asked,
        stations=found,
        profile=levels,
        digging=digging(levels, demand.line, asked, settings),
    )


def _note(code: str, ids: Sequence[str]) -> tuple[Fault, ...]:
    if not ids:
        return ()
    facts = MappingProxyType({"count": len(ids)})
    return (Fault(code, facts, layer="applications", rows=tuple(ids[:5]), count=len(ids)),)


def _notes(laid: Sequence[_Laid]) -> tuple[Fault, ...]:
    """Name the drains whose levels are assumed, and price the depth of all."""
    assumed = [
        drain.demand.demand_id
        for drain in laid
        if drain.level.source == "cover" or math.isnan(drain.demand.outlet_m)
    ]
    if not laid:
        return ()
    facts = {
        "yuan": f"{sum(drain.digging.excess_yuan for drain in laid):,.0f}",
        "pumped": sum(drain.profile.pump >= 0 for drain in laid),
    }
    excess = Fault("extension_drain_excess", MappingProxyType(facts))
    return (*_note("extension_drain_assumed", assumed), excess)


def _tables(laid: Sequence[_Laid], notes: tuple[Fault, ...], crs: CRS) -> Drains:
    places = [[shapely.Point(*xy) for xy in d.stations.xy[d.profile.manholes]] for d in laid]
    return Drains(
        drains=frame(
            DRAINS,
            [_row(drain) for drain in laid],
            [at[drain.profile.pump] for drain, at in zip(laid, places, strict=True)],
            crs,
        ),
        levels=frame(
            DRAIN_LEVELS,
            [row for drain in laid for row in _levels(drain)],
            [point for at in places for point in at],
            crs,
        ),
        notes=notes,
    )


def _row(drain: _Laid) -> Row:
    levels, asked = drain.profile, drain.limits
    pumped = levels.pump >= 0
    words = _words(drain)
    return {
        "application_id": drain.demand.demand_id,
        "tie_in_id": drain.tie_in_id,
        "diameter_mm": asked.diameter_mm,
        "drains_by": "pumped" if pumped else "gravity",
        "least_slope": asked.least_slope,
        "slope_clause": asked.clause,
        "length_m": float(levels.along_m[-1]),
        "outlet_m": float(levels.arrives_m[0]),
        "outlet_given": not math.isnan(drain.demand.outlet_m),
        "tie_in_m": float(levels.leaves_m[-1]),
        "tie_in_level": drain.level.source,
        "spare_m": math.nan if pumped else levels.spare_m,
        "deepest_m": float(levels.depth_m.max()),
        "volume_m3": drain.digging.volume_m3,
        "excess_yuan": drain.digging.excess_yuan,
        "drops": int((levels.drop_m >= asked.drop_m).sum()),
        "largest_drop_m": float(levels.drop_m.max()),
        "pump_at_m": float(levels.along_m[levels.pump]) if pumped else math.nan,
        "lift_m": levels.lift_m,
        "pumped_m": levels.pumped_m,
        "reason": words.zh,
        "reason_en": words.en,
    }


def _words(drain: _Laid) -> Words:
    """Return the sentence about one drain."""
    levels, asked = drain.profile, drain.limits
    facts: dict[str, object] = {
        "slope_permille": asked.least_slope * 1000,
        "clause": asked.clause_en,
        "clause_zh": asked.clause,
    }
    if levels.pump < 0:
        deepest_m = float(levels.depth_m.max())
        return said("extension_drain_gravity", **facts, deepest_m=deepest_m, spare_m=levels.spare_m)
    facts |= {"most_m": asked.deepest_m, "lift_m": levels.lift_m, "pumped_m": levels.pumped_m}
    depth_m = float(levels.ground_m[0] - levels.arrives_m[0])
    if levels.pump == 0 and depth_m > asked.deepest_m:
        return said("extension_drain_out_of_depth", **facts, depth_m=depth_m)
    return said("extension_drain_pumped", **facts, pump_at_m=float(levels.along_m[levels.pump]))


def _levels(drain: _Laid) -> list[Row]:
    levels = drain.profile
    depth_m = levels.depth_m
    return [
        {
            "application_id": drain.demand.demand_id,
            "manhole": place,
            "along_m": float(levels.along_m[place]),
            "ground_m": float(levels.ground_m[place]),
            "arrives_m": float(levels.arrives_m[place]),
            "leaves_m": float(levels.leaves_m[place]),
            "depth_m": float(depth_m[place]),
            "pumped_on": bool(levels.pumped_on[place]),
        }
        for place in range(len(depth_m))
    ]
