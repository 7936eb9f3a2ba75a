"""A plan as tables: connections, trenches and demands without a route."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from layers.tables import CONNECTIONS, TRENCHES, UNREACHABLE, UTILITIES, Kind, Table
from planner.extension.account import Account, line_of
from planner.extension.arrays import Bools, Floats, Ints
from planner.extension.corridor import Corridor
from planner.extension.corridor import Kind as Way
from planner.extension.demand import Demand, Demands
from planner.extension.payers import splits
from planner.extension.problem import Problem, Route
from planner.extension.reasons import Reason, second_id
from planner.extension.terms import Terms

Row = dict[str, object]
SIDES: Mapping[int, str] = {1: "left", -1: "right", 0: ""}
_DTYPES: Mapping[Kind, str] = {
    "text": "object",
    "integer": "int64",
    "number": "float64",
    "date": "datetime64[ns]",
    "flag": "bool",
}


def frame(
    table: Table, rows: Sequence[Row], shapes: Sequence[BaseGeometry], crs: CRS
) -> gpd.GeoDataFrame:
    """Return rows as a table with the column types of `layers.tables`."""
    columns = {
        column.name: pd.Series([row[column.name] for row in rows], dtype=_DTYPES[column.kind])
        for column in table
    }
    return gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries(list(shapes), crs=crs), crs=crs)


def route_id(demand: Demand, route: Route) -> str:
    """Return the id of a route in the tables: its demand's, with ``/2`` for a second supply."""
    return second_id(demand) if route.second else demand.demand_id


def outside(line: BaseGeometry, parcel: BaseGeometry) -> BaseGeometry:
    """Return the part of a route outside the red line."""
    part: BaseGeometry = line.difference(parcel)
    return part


def connections(
    problem: Problem,
    result: Account,
    terms: Sequence[Terms],
    parcels: Mapping[str, BaseGeometry],
    alone_yuan: Sequence[float],
    pipe_ids: Sequence[str],
    crs: CRS,
) -> gpd.GeoDataFrame:
    """Return the routes as `layers.tables.CONNECTIONS`, in the order of the demands.

    Parameters
    ----------
    problem, result
        What was asked, and the plan's account.
    terms
        What the rules say of each route.
    parcels
        Parcel id to polygon.
    alone_yuan
        What each route would cost alone.
    pipe_ids
        Ids of the existing lines, for those that are tapped.
    crs
        CRS of all geometries.

    Returns
    -------
    geopandas.GeoDataFrame
        Lines run from the tie-in, or from where an existing line is tapped, to the parcel; the
        second supply of a dual source has the id of its application with ``/2``, several operators
        of one row have ``/operator``.
    """
    rows: list[Row] = []
    shapes: list[BaseGeometry] = []
    corridor = problem.corridor
    length_m = corridor.graph.edge_length_m
    others = result.routes_on.sum(axis=0) > 1
    split = splits(problem, result, parcels)
    for number, route in enumerate(result.plan.routes):
        demand = problem.demands[route.demand]
        line = line_of(problem, route)
        outside_m = outside(line, parcels[demand.parcel_id]).length
        said = terms[number]
        rows.append(
            {
                "application_id": route_id(demand, route),
                "parcel_id": demand.parcel_id,
                "utility": demand.utility,
                "operator": demand.operator,
                "service_class": demand.service_class,
                "tie_in_id": problem.sources.tie_in_id[route.tie_in],
                "demand": demand.quantity,
                "demand_unit": demand.unit,
                "tapped_pipe_id": next(
                    (pipe_ids[pipe] for pipe in corridor.pipe[route.edges] if pipe >= 0), ""
                ),
                "length_m": line.length,
                "laid_m": float(corridor.laid_m[route.edges].sum()),
                "crossings": int((corridor.kind[route.edges] == Way.CROSSING).sum()),
                "outside_m": outside_m,
                "inside_m": line.length - outside_m,
                "shared_m": float(length_m[route.edges][others[route.edges]].sum()),
                "in_works_m": _length_in(corridor.in_work, length_m, route.edges),
                "cost_yuan": float(result.share_yuan[number]),
                "separate_yuan": alone_yuan[number],
                **split[number].columns(),
                "payer": said.payer.zh,
                "payer_clause": said.payer_clause,
                "payer_source": said.payer_source.zh,
                "payer_en": said.payer.en,
                "payer_source_en": said.payer_source.en,
                "permits": said.permits,
                "deadline_on": said.deadline_on,
                "deadline_source": said.deadline_source.zh,
                "deadline_source_en": said.deadline_source.en,
            }
        )
        shapes.append(line)
    return frame(CONNECTIONS, rows, shapes, crs)


def _length_in(chosen: Bools, length_m: Floats, edges: Ints) -> float:
    return float(length_m[edges][chosen[edges]].sum())


def _stretches(result: Account, problem: Problem) -> Iterable[tuple[list[int], tuple[int, ...]]]:
    """Yield runs of edges with the same routes on one segment, with those routes."""
    on: dict[int, list[int]] = {}
    for number, route in enumerate(result.plan.routes):
        for edge in route.edges.tolist():
            on.setdefault(edge, []).append(number)
    run: list[int] = []
    for edge in sorted(on):
        if run and not _continues(problem, run[-1], edge, same=on[edge] == on[run[-1]]):
            yield run, tuple(on[run[0]])
            run = []
        run.append(edge)
    if run:
        yield run, tuple(on[run[0]])


def _continues(problem: Problem, last: int, edge: int, *, same: bool) -> bool:
    corridor = problem.corridor
    along = corridor.kind[edge] in {Way.STREET, Way.TUNNEL}
    one_segment = corridor.segment[edge] == corridor.segment[last]
    one_trench = corridor.in_work[edge] == corridor.in_work[last]
    meet = corridor.graph.edge_v[last] == corridor.graph.edge_u[edge]
    return bool(same and along and edge == last + 1 and one_segment and one_trench and meet)


def _run_line(corridor: Corridor, run: Sequence[int]) -> BaseGeometry:
    """Return the line of a run of edges that follow one another, or of a single edge."""
    parts = [shapely.get_coordinates(shape) for shape in corridor.geometry(np.array(run))]
    return shapely.LineString(np.concatenate([parts[0], *(xy[1:] for xy in parts[1:])]))


def way(corridor: Corridor, edge: int) -> str:
    """Return the key of `layers.tables.vocabulary.TRENCH_KINDS` of an edge."""
    kind = Way(corridor.kind[edge])
    bored = kind is Way.CROSSING and corridor.surface[edge] == ""
    return "boring" if bored else kind.name.lower()


def trenches(
    problem: Problem, result: Account, segment_ids: Sequence[str], crs: CRS
) -> gpd.GeoDataFrame:
    """Return what is dug as `layers.tables.TRENCHES`, along the segments.

    ``utilities`` holds canonical keys and ``applications`` the ids of the connections, separated
    by commas; ``cost_yuan`` is the trench with all lines in it.
    """
    corridor = problem.corridor
    order = list(UTILITIES)
    rows: list[Row] = []
    shapes: list[BaseGeometry] = []
    for run, numbers in _stretches(result, problem):
        edges = np.array(run)
        length_m = float(corridor.graph.edge_length_m[edges].sum())
        lines_yuan = problem.line_yuan[:, edges][result.used[:, edges]].sum()
        cost_yuan = float(problem.trench_yuan[edges].sum() + lines_yuan)
        if length_m == 0 == cost_yuan:
            continue
        routes = [result.plan.routes[number] for number in numbers]
        named = [problem.demands[route.demand] for route in routes]
        segment = int(corridor.segment[run[0]])
        rows.append(
            {
                "trench_id": f"G{len(rows) + 1:05d}",
                "segment_id": segment_ids[segment] if segment >= 0 else "",
                "utilities": ",".join(sorted({d.utility for d in named}, key=order.index)),
                "applications": ",".join(
                    route_id(d, route) for d, route in zip(named, routes, strict=True)
                ),
                "kind": way(corridor, run[0]),
                "side": SIDES[int(corridor.side[run[0]])],
                "length_m": length_m,
                "laid_m": float(corridor.laid_m[edges].sum()),
                "cost_yuan": cost_yuan,
                "in_work": bool(corridor.in_work[run[0]]),
            }
        )
        shapes.append(_run_line(corridor, run))
    return frame(TRENCHES, rows, shapes, crs)


def unreachable(reasons: Sequence[Reason], crs: CRS) -> gpd.GeoDataFrame:
    """Return demands without a route as `layers.tables.UNREACHABLE`, in the order found."""
    rows: list[Row] = [
        {
            "application_id": reason.demand_id,
            "parcel_id": reason.parcel_id,
            "utility": reason.utility,
            "rule": reason.rule,
            "reason": reason.fault.text("zh"),
            "missing": reason.missing,
            "missing_unit": reason.unit,
            "next_tie_in_id": reason.next_tie_in,
            "next_away_m": reason.next_away_m,
        }
        for reason in reasons
    ]
    return frame(UNREACHABLE, rows, [reason.nearest for reason in reasons], crs)


def no_line(asked: Demands) -> pd.DataFrame:
    """Return the applications that need no new line: ``application_id`` and ``reason``."""
    rows = [(key, fault.text("zh")) for key, fault in asked.no_line]
    return pd.DataFrame(rows, columns=["application_id", "reason"], dtype=object)
