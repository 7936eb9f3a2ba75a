"""The other entries as tables, those of drains with what their depth costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np

from layers.county import County
from layers.tables import CANDIDATE_WAYS, CANDIDATES
from planner.extension.account import line_of
from planner.extension.candidates.entries import Entries, entries
from planner.extension.candidates.search import Candidate, candidates
from planner.extension.corridor import Kind
from planner.extension.frames import Row, frame, route_id
from planner.extension.gravity.drains import drains
from planner.extension.pieces import Priced, pieces
from planner.extension.problem import Plan, Problem
from planner.settings import Settings


@dataclass(frozen=True, slots=True)
class Tables:
    """Frames of `layers.tables.CANDIDATES` and `CANDIDATE_WAYS`."""

    candidates: gpd.GeoDataFrame
    ways: gpd.GeoDataFrame


@dataclass(frozen=True, slots=True)
class _Depth:
    """What the depth of one drain costs, its pump included, and how it drains."""

    yuan: float = 0.0
    drains_by: str = ""


def tables(
    problem: Problem,
    plan: Plan,
    county: County,
    settings: Settings,
    *,
    present: gpd.GeoDataFrame,
    segment_ids: Sequence[str],
) -> Tables:
    """Return the two next-best entries of every connection.

    Parameters
    ----------
    problem, plan
        What was asked and what was decided.
    county, settings
        Terrain and levels for the depth of drains; ``extension.candidate_apart_m``.
    present
        Frame of `layers.tables.DRAINS` of the plan.
    segment_ids
        Ids of the segments, by their position.

    Returns
    -------
    Tables
        In the order of the connections. Drains are searched for by the price of the trench and
        ranked with their depth, so that an entry of theirs may cost less than the plan's.
    """
    apart_m = settings.number("extension.candidate_apart_m")
    found = candidates(problem, plan, apart_m=apart_m)
    deep = _depths(problem, found, county, settings)
    own = _by_id(present, settings)
    known = entries(problem, apart_m)
    pipe_ids = county["pipes"]["pipe_id"].tolist()
    rows = [
        _row(problem, plan, one, known, pipe_ids) | _depth(problem, one, deep.get(place), own)
        for place, one in enumerate(found)
    ]
    ranked = _ranked(rows)
    lines = [line_of(problem, one.route) for one in found]
    cut = [
        ({"application_id": row["application_id"], "rank": row["rank"], **piece}, shape)
        for row, one in zip(rows, found, strict=True)
        for piece, shape in pieces(problem.corridor, _priced(problem, one), segment_ids)
    ]
    return Tables(
        frame(CANDIDATES, [rows[n] for n in ranked], [lines[n] for n in ranked], county.crs),
        frame(CANDIDATE_WAYS, [row for row, _ in cut], [shape for _, shape in cut], county.crs),
    )


def _ranked(rows: Sequence[Row]) -> list[int]:
    """Rank the rows of every connection anew by what they cost with depth; return the order."""
    order: list[int] = []
    start = 0
    while start < len(rows):
        key = rows[start]["application_id"]
        stop = start
        while stop < len(rows) and rows[stop]["application_id"] == key:
            stop += 1
        group = sorted(range(start, stop), key=lambda n: (float(str(rows[n]["extra_yuan"])), n))
        for rank, number in enumerate(group, 1):
            rows[number]["rank"] = rank
        order += group
        start = stop
    return order


def _row(
    problem: Problem, plan: Plan, one: Candidate, known: Entries, pipe_ids: Sequence[str]
) -> Row:
    corridor, route = problem.corridor, one.route
    demand = problem.demands[route.demand]
    tapped = int(corridor.pipe[route.edges[0]])
    (*begins, place), (*others, other) = known.of(plan.routes[one.number]), known.of(route)
    begun = "tapped_line" if tapped >= 0 else "tie_in"
    pairs = ((begun, begins != others), ("red_line", place != other))
    return {
        "application_id": route_id(demand, route),
        "rank": one.rank,
        "utility": demand.utility,
        "tie_in_id": problem.sources.tie_in_id[route.tie_in],
        "tapped_pipe_id": pipe_ids[tapped] if tapped >= 0 else "",
        "differs": ",".join(name for name, different in pairs if different),
        "length_m": line_of(problem, route).length,
        "laid_m": float(corridor.laid_m[route.edges].sum()),
        "crossings": int((corridor.kind[route.edges] == Kind.CROSSING).sum()),
        "way_yuan": one.yuan,
        "present_yuan": one.present_yuan,
    }


def _depth(problem: Problem, one: Candidate, deep: _Depth | None, own: Mapping[str, _Depth]) -> Row:
    """Return the columns that depth decides on; without profiles, depth counts as equal."""
    mine = own.get(problem.demands[one.route.demand].demand_id)
    more = deep.yuan - mine.yuan if deep and mine else 0.0
    return {
        "depth_yuan": more,
        "extra_yuan": one.extra_yuan + more,
        "drains_by": deep.drains_by if deep else "",
    }


def _depths(
    problem: Problem, found: Sequence[Candidate], county: County, settings: Settings
) -> dict[int, _Depth]:
    """Return what depth costs at each candidate of a drain that has a profile, by position."""
    result: dict[int, _Depth] = {}
    for rank in {one.rank for one in found}:
        places = {
            problem.demands[one.route.demand].demand_id: place
            for place, one in enumerate(found)
            if one.rank == rank and problem.demands[one.route.demand].utility == "drain"
        }
        routes = [found[place].route for place in places.values()]
        as_laid = gpd.GeoDataFrame(
            {
                "application_id": list(places),
                "utility": ["drain"] * len(places),
                "tie_in_id": [problem.sources.tie_in_id[route.tie_in] for route in routes],
            },
            geometry=gpd.GeoSeries([line_of(problem, route) for route in routes], crs=county.crs),
        )
        profiles = drains(county, problem.demands, as_laid, settings).drains
        result |= {places[key]: deep for key, deep in _by_id(profiles, settings).items()}
    return result


def _by_id(profiles: gpd.GeoDataFrame, settings: Settings) -> dict[str, _Depth]:
    pump_yuan = settings.number("extension.drain_pump_yuan")
    return {
        key: _Depth(excess + pump_yuan * (by == "pumped"), by)
        for key, excess, by in zip(
            profiles["application_id"],
            profiles["excess_yuan"],
            profiles["drains_by"],
            strict=True,
        )
    }


def _priced(problem: Problem, one: Candidate) -> Priced:
    edges = one.route.edges
    kind = int(problem.commodity[one.route.demand])
    laid_as = np.where(one.line, "own_line", np.where(one.trench, "open_trench", "new_trench"))
    trench = np.where(one.trench, 0.0, problem.trench_yuan[edges])
    yuan = np.where(one.line, 0.0, problem.line_yuan[kind, edges] + trench)
    return Priced(edges, laid_as.astype(object), yuan)
