"""Why a demand has no route: named, with what is missing and the nearest point reached."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
import shapely
from scipy.spatial import cKDTree

from geo.errors import Fault
from layers.county import County
from layers.tables import OPERATORS, UTILITIES
from planner.extension.arrays import Floats, Ints
from planner.extension.demand import Demand, Demands
from planner.extension.network import beside, pieces, reachable
from planner.extension.problem import Plan, Problem
from planner.extension.quantities import ENGLISH
from planner.settings import Settings


@dataclass(frozen=True, slots=True)
class Reason:
    """Why one demand has no route.

    `rule` is ``no_tie_in``, ``no_corridor``, ``blocked`` (obstacles lie between the red line and
    every road), ``off_road`` (tie-ins too far from any road),
    ``disconnected``, ``capacity``, ``second_supply`` or ``unit``; `fault` is the sentence;
    `nearest` the nearest point that was reached. Where capacity is lacking, `missing` is how much
    of it in `unit`, and `next_tie_in` the nearest tie-in with enough, `next_away_m` away in a
    straight line; empty where there is none.
    """

    demand_id: str
    application_id: str
    parcel_id: str
    utility: str
    rule: str
    fault: Fault
    nearest: shapely.Point
    missing: float = math.nan
    unit: str = ""
    next_tie_in: str = ""
    next_away_m: float = math.nan


_CLASSES = {
    "low": ("低压", "low pressure"),
    "medium": ("中压", "medium pressure"),
    "sewage": ("污水", "sewage"),
    "rain": ("雨水", "rain"),
}
"""Classes whose names differ between the languages."""


def second_id(demand: Demand) -> str:
    """Return the id under which the second supply of a dual source stands in the tables."""
    return f"{demand.demand_id}/2"


def reasons(problem: Problem, plan: Plan, left: Floats, settings: Settings) -> tuple[Reason, ...]:
    """Return a reason for every demand, and every second supply, without a route.

    Parameters
    ----------
    problem, plan
        The problem and the plan that leaves demands out.
    left
        What the tie-ins have left in that plan, (t,).
    settings
        Reach of lead-ins and stubs, for the sentences.
    """
    found: list[Reason] = []
    for place, demand in enumerate(problem.demands):
        if (place, False) not in plan.served:
            found.append(_why(problem, place, left, settings))
        elif demand.dual_source and (place, True) not in plan.served:
            found.append(_why_no_second(problem, place, plan))
    return tuple(found)


def refusals(asked: Demands, county: County) -> tuple[Reason, ...]:
    """Return a reason for every application that could not be understood."""
    rows = county["applications"].set_index("application_id")
    shapes = county["parcels"].set_index("parcel_id").geometry
    found = []
    for key, fault in asked.refused:
        parcel_id, utility = rows.loc[key, ["parcel_id", "utility"]]
        inside = shapes[parcel_id].representative_point()
        found.append(Reason(key, key, parcel_id, utility, "unit", fault, inside))
    return tuple(found)


def _why(problem: Problem, place: int, left: Floats, settings: Settings) -> Reason:
    if not problem.admits[place].any():
        return _no_tie_in(problem, place)
    within = reachable(problem, place)
    if len(within):
        return _capacity(problem, place, within, left)
    entries = _entries(problem, place)
    if len(entries):
        return _disconnected(problem, place, entries, settings)
    return _no_corridor(problem, place, settings)


def _entries(problem: Problem, place: int) -> Ints:
    """Return the places at the roads from which a demand's line can enter its parcel."""
    kind = int(problem.commodity[place])
    _, near = beside(problem, kind, problem.node[[place]])
    found: Ints = near[problem.corridor.passable[near]]
    return found


def _reason(
    problem: Problem, place: int, rule: str, facts: Mapping[str, object], xy: Floats
) -> Reason:
    demand = problem.demands[place]
    kind = _kind(demand)
    zh, en = _CLASSES.get(kind, (OPERATORS.get(kind, (kind,))[0], kind))
    shared = {
        "utility": demand.utility,
        "utility_zh": UTILITIES[demand.utility][0],
        "kind": en or "any class",
        "kind_zh": zh or "不分等级",
        "parcel": demand.parcel_id,
    }
    fault = Fault(f"extension_{rule}", MappingProxyType({**shared, **facts}))
    return Reason(
        demand.demand_id,
        demand.application_id,
        demand.parcel_id,
        demand.utility,
        rule,
        fault,
        shapely.Point(*xy),
    )


def _kind(demand: Demand) -> str:
    """Return the class or operator that a tie-in must have; empty where any will do."""
    if demand.utility == "water" and not math.isnan(demand.line.diameter_mm):
        return f"DN{demand.line.diameter_mm:.0f}"
    return demand.service_class or demand.operator


def _xy(problem: Problem, nodes: Ints) -> Floats:
    found: Floats = problem.corridor.graph.node_xy[nodes]
    return found


def _away_m(problem: Problem, place: int, nodes: Ints) -> Floats:
    found: Floats = np.hypot(*(_xy(problem, nodes) - _xy(problem, problem.node[place])).T)
    return found


def _no_tie_in(problem: Problem, place: int) -> Reason:
    """Name the nearest tie-in of the utility, since none has the class."""
    sources, ties = problem.sources, problem.corridor.tie_in_node
    others = np.flatnonzero(sources.utility == problem.demands[place].utility)
    if not len(others):
        return _reason(problem, place, "no_tie_in", {}, _xy(problem, problem.node[place]))
    away_m = _away_m(problem, place, ties[others])
    nearest = others[int(np.argmin(away_m))]
    facts = {
        "others": len(others),
        "nearest": sources.called(int(nearest)),
        "away_m": round(float(away_m.min())),
    }
    reason = _reason(problem, place, "other_class", facts, _xy(problem, ties[nearest]))
    return replace(reason, rule="no_tie_in")


def _no_corridor(problem: Problem, place: int, settings: Settings) -> Reason:
    """Name the nearest road, since none is within reach of the red line or all are blocked."""
    corridor, demand = problem.corridor, problem.demands[place]
    here = _xy(problem, problem.node[place])
    streets = corridor.segment_lines
    if not len(streets):
        return replace(_reason(problem, place, "no_road", {}, here), rule="no_corridor")
    facts = {
        "reach_m": round(settings.number("extension.max_lead_in_m")),
        "away_m": round(corridor.road_m[demand.parcel_id]),
    }
    inside = shapely.Point(*here)
    street = streets[int(np.argmin(shapely.distance(streets, inside)))]
    on_road = shapely.get_coordinates(shapely.shortest_line(street, inside))[0]
    rule = "blocked" if demand.parcel_id in corridor.closed else "no_corridor"
    return _reason(problem, place, rule, facts, on_road)


def _disconnected(problem: Problem, place: int, entries: Ints, settings: Settings) -> Reason:
    """Name the gap between the parcel's streets and those that have a tie-in of the class."""
    ties = problem.corridor.tie_in_node[problem.admits[place]]
    kind = int(problem.commodity[place])
    label = pieces(problem, kind)
    _, next_to = beside(problem, kind, ties)
    ids = [problem.sources.called(int(t)) for t in np.flatnonzero(problem.admits[place])]
    away_m = _away_m(problem, place, ties)
    nearest = int(np.argmin(away_m))
    beyond = np.isin(label, label[next_to]) & problem.corridor.passable
    facts: dict[str, object] = {"nearest": ids[nearest], "away_m": round(float(away_m[nearest]))}
    if not beyond.any():
        facts["reach_m"] = round(settings.number("extension.max_stub_m"))
        return _reason(problem, place, "off_road", facts, _xy(problem, ties[nearest]))
    own = np.isin(label, label[entries])
    reached = np.flatnonzero(beyond)
    gap_m, nearest_node = cKDTree(_xy(problem, reached)).query(_xy(problem, np.flatnonzero(own)))
    closest = int(np.argmin(gap_m))
    facts["gap_m"] = round(float(gap_m[closest]))
    return _reason(
        problem, place, "disconnected", facts, _xy(problem, reached[nearest_node[closest]])
    )


def _capacity(problem: Problem, place: int, within: Ints, left: Floats) -> Reason:
    """Name what the tie-ins within reach lack, and where the next source is."""
    sources, demand = problem.sources, problem.demands[place]
    best = int(within[int(np.argmax(left[within]))])
    missing = float(demand.quantity - left[best])
    facts: dict[str, object] = {
        "need": round(demand.quantity, 1),
        "unit": demand.unit,
        "unit_en": ENGLISH.get(demand.unit, demand.unit),
        "count": len(within),
        "best": sources.called(best),
        "left": round(float(left[best]), 1),
        "missing": round(missing, 1),
    }
    following, same_class = _next_source(problem, place, within, left)
    code, next_id, away_m = "capacity", "", math.nan
    if following >= 0:
        code = "capacity_next" if same_class else "capacity_other"
        away_m = float(_away_m(problem, place, problem.corridor.tie_in_node[[following]])[0])
        next_id = str(sources.tie_in_id[following])
        facts |= {"next": sources.called(following), "next_away_m": round(away_m)}
    reason = _reason(problem, place, code, facts, _xy(problem, problem.corridor.tie_in_node[best]))
    return replace(
        reason,
        rule="capacity",
        missing=missing,
        unit=demand.unit,
        next_tie_in=next_id,
        next_away_m=away_m,
    )


def _next_source(problem: Problem, place: int, within: Ints, left: Floats) -> tuple[int, bool]:
    """Return the nearest tie-in out of reach with enough left, and whether it is of the class.

    Those of the class come before all others of the utility; -1 where none has enough.
    """
    demand = problem.demands[place]
    enough = (problem.sources.utility == demand.utility) & (left >= demand.quantity)
    enough[within] = False
    for candidates, same_class in ((enough & problem.admits[place], True), (enough, False)):
        found = np.flatnonzero(candidates)
        if len(found):
            away_m = _away_m(problem, place, problem.corridor.tie_in_node[found])
            return int(found[int(np.argmin(away_m))]), same_class
    return -1, False


def _why_no_second(problem: Problem, place: int, plan: Plan) -> Reason:
    """Name the tie-in of the one supply of a dual source that could be laid."""
    demand = problem.demands[place]
    first = next(route for route in plan.routes if route.demand == place)
    tie_in = problem.sources.called(first.tie_in)
    xy = _xy(problem, problem.corridor.tie_in_node[first.tie_in])
    reason = _reason(problem, place, "second_supply", {"first": tie_in}, xy)
    return replace(reason, demand_id=second_id(demand))
