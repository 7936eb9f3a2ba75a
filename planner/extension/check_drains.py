"""Proof of the profiles of drains from the inputs: levels, slopes, cover, depth, need of a pump.

Apart from the routing's own modules: levels and limits are derived anew, and where a pump is
claimed a linear programme must find that no levels drain by gravity, manholes everywhere.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from scipy.optimize import linprog
from scipy.sparse import block_array, eye_array

from geo.crs import transform_xy
from geo.terrain import Terrain
from layers.county import County
from planner.checking import Checks, Failure
from planner.extension.arrays import Floats
from planner.extension.check_terms import Claim, claims
from planner.section.clearances import cover
from planner.section.layout import lay
from planner.section.line import Line
from planner.settings import Settings

NEAR_M = 1e-6
"""Difference of levels that passes, in metres."""
_SLOPES_MM = (150, 200, 300, 400, 500, 600, 800, 1000, 1400)

Test = tuple[bool, Failure]
Row = Mapping[Hashable, Any]


def _test(held: object, rule: str, subject: str, detail: str) -> Test:
    return bool(held), Failure("extension", rule, subject, detail)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Drain:
    """One drain as the check sees it, from the red line to the tie-in.

    `along_m` and `ground_m` are samples, (n,); `levels` the table's rows at the manholes.
    """

    row: Row
    line: Line
    route: shapely.LineString
    along_m: Floats
    ground_m: Floats
    levels: tuple[Row, ...]
    outlet_m: float
    tie_in_m: float
    roof_m: float
    slopes: tuple[float, float]
    deepest_m: float


def check(
    county: County,
    settings: Settings,
    *,
    connections: gpd.GeoDataFrame,
    drains: gpd.GeoDataFrame,
    levels: gpd.GeoDataFrame,
) -> Checks:
    """Prove the profiles of a routing's drains.

    Parameters
    ----------
    county, settings
        What the routing was made from.
    connections, drains, levels
        Frames of `layers.tables.CONNECTIONS`, `DRAINS` and `DRAIN_LEVELS`.

    Returns
    -------
    Checks
        Rules: ``drained``, ``drain_ground``, ``drain_slope``, ``drain_cover``, ``drain_depth``,
        ``drain_ends``, ``drain_drop``, ``drain_pump``, ``drain_sums``.
    """
    return Checks.of(_tests(county, settings, connections, drains, levels))


def _tests(
    county: County,
    settings: Settings,
    connections: gpd.GeoDataFrame,
    drains: gpd.GeoDataFrame,
    levels: gpd.GeoDataFrame,
) -> Iterator[Test]:
    routed = connections[connections["utility"] == "drain"].to_dict("records")
    found = {str(row["application_id"]): row for row in drains.to_dict("records")}
    yield _test(len(found) == len(drains), "drained", "", "a drain twice")
    known = {str(row["application_id"]) for row in routed}
    for key in found:
        yield _test(key in known, "drained", key, "is no routed drain")
    if county.terrain is None:
        yield _test(not found, "drained", "", "profiles without terrain")
        return
    wanted = claims(county["applications"], settings)
    for connection in routed:
        key = str(connection["application_id"])
        along_m, ground_m = _sampled(county, county.terrain, connection["geometry"], settings)
        if key not in found:
            held = not np.isfinite(ground_m).all()
            yield _test(held, "drained", key, "has no profile although its ground is known")
            continue
        at = levels[levels["application_id"] == key].sort_values("manhole").to_dict("records")
        drain = _drain(
            county, settings, connection, wanted[key], found[key], tuple(at), (along_m, ground_m)
        )
        yield from _of(drain, county, settings)


def _sampled(
    county: County, terrain: Terrain, route: shapely.LineString, settings: Settings
) -> tuple[Floats, Floats]:
    step_m = settings.number("extension.drain_step_m")
    along_m = np.append(np.arange(0.0, route.length, step_m), route.length)
    return along_m, _ground_m(county, terrain, route, along_m)


def _ground_m(
    county: County, terrain: Terrain, route: shapely.LineString, along_m: Floats
) -> Floats:
    """Return the ground along a route, distances counted from its end at the red line."""
    from_tie_in_m = np.maximum(route.length - along_m, 0.0)  # below 0 counts from the other end
    points = shapely.line_interpolate_point(route, from_tie_in_m)
    xy = shapely.get_coordinates(points)
    return terrain.at(transform_xy(xy, county.crs, terrain.crs))


def _stepped(name: str, steps: tuple[int, ...], size: float, settings: Settings) -> float:
    reached = max((step for step in steps if step <= size), default=steps[0])
    return settings.number(f"extension.{name.format(reached)}")


def _drain(
    county: County,
    settings: Settings,
    connection: Row,
    claim: Claim,
    row: Row,
    levels: tuple[Row, ...],
    sampled: tuple[Floats, Floats],
) -> _Drain:
    """Derive anew what a drain must keep."""
    size = claim.diameter_mm
    height_m = size / 1000 * settings.number("section.outer_factor")
    application = next(
        a
        for a in county["applications"].to_dict("records")
        if str(a["application_id"]) == str(row["application_id"])
    )
    fast = settings.number("extension.drain_most_m_per_s")
    steepest = fast * settings.number("extension.drain_manning_n") / (size / 4000) ** (2 / 3)
    roof_m = cover("drain", carriageway=True).value_m + height_m
    outlet_m = float(application["outlet_m"])
    return _Drain(
        row=row,
        line=Line(utility="drain", subtype=claim.key[1], diameter_mm=size),
        route=connection["geometry"],
        along_m=sampled[0],
        ground_m=sampled[1],
        levels=levels,
        outlet_m=float(sampled[1][0]) - roof_m if math.isnan(outlet_m) else outlet_m,
        tie_in_m=_tie_in_m(county, settings, connection, size, float(sampled[1][-1])),
        roof_m=roof_m,
        slopes=(_stepped("drain_slope_dn{}", _SLOPES_MM, size, settings), steepest**2),
        deepest_m=settings.number("extension.drain_deepest_m"),
    )


def _tie_in_m(
    county: County, settings: Settings, connection: Row, size: float, ground_m: float
) -> float:
    """Return the main's invert: given, else below the nearest drain's depth, else by cover."""
    ties = county["tie_ins"]
    tie_in = ties[ties["tie_in_id"] == connection["tie_in_id"]].iloc[0]
    joins = shapely.get_point(connection["geometry"], 0)
    if not math.isnan(tie_in["invert_m"]) and joins.distance(tie_in.geometry) <= 1.0:
        return float(tie_in["invert_m"])
    pipes = county["pipes"]
    mains = pipes[(pipes["utility"] == "drain") & pipes["depth_m"].notna()]
    away_m = mains.distance(joins)
    if len(away_m) and away_m.min() <= settings.number("extension.drain_main_m"):
        main = mains.loc[away_m.idxmin()]
        bore_mm = main["diameter_mm"]
        if math.isnan(bore_mm):
            bore_mm = settings.number("section.diameter_drain_mm")
        return float(ground_m - main["depth_m"] - bore_mm / 1000)
    own_mm = size if math.isnan(tie_in["diameter_mm"]) else tie_in["diameter_mm"]
    height_m = own_mm / 1000 * settings.number("section.outer_factor")
    return float(ground_m - settings.number("extension.drain_main_cover_m") - height_m)


def _of(drain: _Drain, county: County, settings: Settings) -> Iterator[Test]:
    key = str(drain.row["application_id"])
    along_m = np.array([row["along_m"] for row in drain.levels])
    whole = len(along_m) > 0 and bool((np.diff(along_m) > 0).all())
    whole = whole and along_m[0] == 0 and abs(along_m[-1] - drain.route.length) <= 1e-3
    yield _test(whole, "drain_ground", key, "manholes do not lead from the red line to the tie-in")
    if not whole or county.terrain is None:
        return
    ground_m = _ground_m(county, county.terrain, drain.route, along_m)
    told_m = np.array([row["ground_m"] for row in drain.levels])
    held = np.abs(ground_m - told_m).max() <= 1e-3
    yield _test(held, "drain_ground", key, "the ground is not that of the terrain")
    for upper, lower in pairwise(drain.levels):
        if not upper["pumped_on"]:
            yield from _pipe(drain, key, upper, lower)
    yield from _ends(drain, key)
    yield from _sums(drain, key, settings)


def _pipe(drain: _Drain, key: str, upper: Row, lower: Row) -> Iterator[Test]:
    """Test slope, cover and depth of one pipe by gravity."""
    at = f"{upper['along_m']:.0f} m"
    length_m = lower["along_m"] - upper["along_m"]
    fall_m = upper["leaves_m"] - lower["arrives_m"]
    least_m, most_m = (slope * length_m for slope in drain.slopes)
    held = least_m - NEAR_M <= fall_m <= most_m + NEAR_M
    yield _test(held, "drain_slope", key, f"falls {fall_m:.3f} m in {length_m:.1f} m at {at}")
    over = (drain.along_m > upper["along_m"]) & (drain.along_m < lower["along_m"])
    share = (drain.along_m[over] - upper["along_m"]) / length_m
    invert_m = np.concatenate(
        [[upper["leaves_m"], lower["arrives_m"]], upper["leaves_m"] - share * fall_m]
    )
    depth_m = np.concatenate([[upper["ground_m"], lower["ground_m"]], drain.ground_m[over]])
    depth_m = depth_m - invert_m
    held = depth_m.min() >= drain.roof_m - NEAR_M
    yield _test(held, "drain_cover", key, f"{depth_m.min():.2f} m of ground at {at}")
    held = depth_m.max() <= drain.deepest_m + NEAR_M
    yield _test(held, "drain_depth", key, f"{depth_m.max():.2f} m deep at {at}")


def _ends(drain: _Drain, key: str) -> Iterator[Test]:
    """Test outlet, tie-in, drops, and that a pump stands only where it must."""
    first, last, row = drain.levels[0], drain.levels[-1], drain.row
    held = abs(first["arrives_m"] - drain.outlet_m) <= NEAR_M
    yield _test(held, "drain_ends", key, f"begins at {first['arrives_m']:.2f} m")
    held = abs(last["leaves_m"] - drain.tie_in_m) <= NEAR_M
    yield _test(held, "drain_ends", key, f"ends at {last['leaves_m']:.2f} m")
    pumped = row["drains_by"] == "pumped"
    lifted = [at for at in drain.levels if at["leaves_m"] > at["arrives_m"] + NEAR_M]
    places = {at["along_m"] for at in lifted} - ({row["pump_at_m"]} if pumped else set())
    yield _test(not places, "drain_drop", key, f"rises without a pump at {sorted(places)}")
    yield _test(pumped == _needs_pump(drain), "drain_pump", key, f"{row['drains_by']} is wrong")
    if pumped:
        sump = next((at for at in drain.levels if at["along_m"] == row["pump_at_m"]), None)
        yield _test(sump is not None, "drain_pump", key, "the pump stands at no manhole")
        if sump is not None:
            lift_m = _top_m(drain, sump) - sump["arrives_m"]
            held = abs(lift_m - row["lift_m"]) <= NEAR_M
            yield _test(held, "drain_pump", key, f"lifts {row['lift_m']:.2f}, not {lift_m:.2f} m")


def _top_m(drain: _Drain, sump: Row) -> float:
    """Return the highest level from the pump on, as far as the pipe is under pressure."""
    top_m = float(sump["leaves_m"])
    for upper, lower in pairwise(drain.levels):
        if upper["pumped_on"]:
            top_m = max(top_m, float(lower["arrives_m"]))
    return top_m


def _needs_pump(drain: _Drain) -> bool:
    """Tell whether no levels drain by gravity, by linear programming with manholes everywhere.

    Variables are the levels at which the pipes leave every sample but the last, then those at
    which they arrive at every sample but the first.
    """
    manholes_m = np.array([at["along_m"] for at in drain.levels])
    along_m = np.concatenate([manholes_m, drain.along_m])
    _, first = np.unique(np.round(along_m, 3), return_index=True)
    along_m = along_m[first]
    told_m = [at["ground_m"] for at in drain.levels]
    ground_m = np.concatenate([told_m, drain.ground_m])[first]
    length_m = np.diff(along_m)
    if not len(length_m):
        return drain.outlet_m < drain.tie_in_m - NEAR_M
    one = eye_array(len(length_m), format="csr")
    rules = block_array([[-one, one], [one, -one], [one[1:], -one[:-1]]])
    least, most = drain.slopes
    bounds_m = np.concatenate([-least * length_m, most * length_m, np.zeros(len(length_m) - 1)])
    ends_m = np.concatenate([ground_m[:-1], ground_m[1:]])
    upper_m = ends_m - drain.roof_m
    upper_m[0] = min(upper_m[0], drain.outlet_m)
    lower_m = ends_m - drain.deepest_m
    if lower_m[0] > upper_m[0]:
        return True
    goal = np.zeros(len(ends_m))
    goal[-1] = -1.0
    levels = np.column_stack([lower_m, upper_m])
    found = linprog(goal, rules, bounds_m, bounds=levels, method="highs")
    return not found.success or -float(found.fun) < drain.tie_in_m - NEAR_M


def _sums(drain: _Drain, key: str, settings: Settings) -> Iterator[Test]:
    """Test the figures of the table against the levels."""
    row, levels = drain.row, drain.levels
    least = lay((drain.line,), settings).cost_yuan_per_m
    volume = excess = 0.0
    for upper, lower in pairwise(levels):
        length_m = lower["along_m"] - upper["along_m"]
        depth_m = (
            upper["ground_m"] - upper["leaves_m"] + lower["ground_m"] - lower["arrives_m"]
        ) / 2
        steps = max(round((depth_m - drain.roof_m) * 10), 0)
        own_m = cover("drain", carriageway=True).value_m
        line = Line(
            utility="drain",
            subtype=drain.line.subtype,
            diameter_mm=drain.line.diameter_mm,
            depth_m=round(own_m + steps / 10, 3),
        )
        section = lay((line,), settings)
        volume += length_m * section.volume_m3_per_m
        excess += length_m * (section.cost_yuan_per_m - least)
    lower_m = [at["ground_m"] - min(at["arrives_m"], at["leaves_m"]) for at in levels[:-1]]
    lower_m.append(levels[-1]["ground_m"] - levels[-1]["arrives_m"])
    pressed = [b["along_m"] - a["along_m"] for a, b in pairwise(levels) if a["pumped_on"]]
    for name, expected in (
        ("length_m", drain.route.length),
        ("deepest_m", max(lower_m)),
        ("volume_m3", volume),
        ("excess_yuan", max(excess, 0.0)),
        ("pumped_m", sum(pressed)),
        ("least_slope", drain.slopes[0]),
    ):
        held = abs(row[name] - expected) <= 1e-6 * max(1.0, abs(expected))
        yield _test(held, "drain_sums", key, f"{name} {row[name]:.3f}, not {expected:.3f}")
