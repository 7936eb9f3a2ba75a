"""The routing problem and its plan, as values that know no solver."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np

from geo.terrain import Terrain
from planner.extension import sources as sources_of
from planner.extension.arrays import Bools, Floats, Ints
from planner.extension.corridor import Corridor
from planner.extension.demand import Demand, Demands
from planner.extension.edgeprices import edge_prices
from planner.extension.graph import choices
from planner.extension.graph.build import build as build_corridor
from planner.extension.graph.cutting import Stretches
from planner.extension.prices import Commodity, commodities, surface_prices
from planner.extension.sources import Sources
from planner.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """d demands of k commodities from t tie-ins over m edges.

    The plan pays `trench_yuan` of an edge once if anyone uses it and `line_yuan` once for every
    commodity that does. Demands of one commodity share its line.

    Parameters
    ----------
    commodity
        Of each demand, (d,).
    quantity
        Of each demand in its utility's unit, (d,).
    node
        Parcel of each demand, (d,).
    admits
        Whether a tie-in is of a demand's class, (d, t).
    opening_yuan
        What is paid once for each edge beside its section, part of `dug_yuan`, (m,).
    dug_yuan
        Price of each edge's trench where nothing is open, (m,).
    trench_yuan
        The same, but 0 where a planned work holds the edge open, (m,).
    line_yuan
        Width added and line of each commodity on each edge; infinite where it may not go, (k, m).
    """

    corridor: Corridor
    demands: tuple[Demand, ...]
    sources: Sources
    commodities: tuple[Commodity, ...]
    commodity: Ints
    quantity: Floats
    node: Ints
    admits: Bools
    opening_yuan: Floats
    dug_yuan: Floats
    trench_yuan: Floats
    line_yuan: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Route:
    """One line's way: the edges from its tie-in to its parcel.

    `second` marks the second supply of a dual source.
    """

    demand: int
    second: bool
    tie_in: int
    edges: Ints


@dataclass(frozen=True, slots=True)
class Plan:
    """Routes in the order of the demands, and what they cost together."""

    routes: tuple[Route, ...]
    cost_yuan: float

    @property
    def served(self) -> frozenset[tuple[int, bool]]:
        """Demands with a route, and whether it is the second supply."""
        return frozenset((route.demand, route.second) for route in self.routes)


def cost_yuan(problem: Problem, routes: tuple[Route, ...]) -> float:
    """Return what a set of routes costs when every trench and every line is paid once."""
    used = uses(problem, routes)
    trench = problem.trench_yuan[used.any(axis=0)].sum()
    return float(trench + problem.line_yuan[used].sum())


def left_over(problem: Problem, plan: Plan) -> Floats:
    """Return what every tie-in has left after a plan, (t,)."""
    left = problem.sources.capacity.copy()
    for route in plan.routes:
        left[route.tie_in] -= problem.quantity[route.demand]
    return left


def uses(problem: Problem, routes: tuple[Route, ...]) -> Bools:
    """Return which commodity uses which edge, (k, m)."""
    used = np.zeros(problem.line_yuan.shape, dtype=bool)
    for route in routes:
        used[problem.commodity[route.demand], route.edges] = True
    return used


def build(
    demands: Demands,
    frames: Mapping[str, gpd.GeoDataFrame],
    segments: gpd.GeoDataFrame,
    settings: Settings,
    *,
    open_segments: Stretches,
    terrain: Terrain | None = None,
) -> Problem:
    """Build the problem of one county.

    Parameters
    ----------
    demands
        As `planner.extension.demand.read` returns them.
    frames
        The county's ``parcels``, ``tie_ins``, ``zones`` and ``pipes``.
    segments
        Frame of `layers.tables.SEGMENTS`.
    settings
        Names ``extension.*`` and ``section.*``.
    open_segments
        Stretches that planned works hold open, where only added width is paid.
    terrain
        Heights; without them the ground counts as level.

    Raises
    ------
    InputError
        If a setting names what is not known, see `planner.extension.graph.choices.require`.
    """
    choices.require(settings)
    wanted = demands.needed
    parcels, tie_ins = frames["parcels"], frames["tie_ins"]
    named = {demand.parcel_id for demand in wanted}
    corridor = build_corridor(
        segments,
        parcels[parcels["parcel_id"].isin(named)],
        frames,
        settings,
        open_segments=open_segments,
        utilities={demand.utility for demand in wanted},
        terrain=terrain,
    )
    sources = sources_of.read(tie_ins)
    kinds = commodities(wanted, settings)
    place = {(kind.utility, kind.service_class, kind.operator): i for i, kind in enumerate(kinds)}
    surfaces = sorted(set(corridor.surface) - {""}) or ["asphalt"]
    price = surface_prices(kinds, surfaces, settings)
    priced = edge_prices(corridor, segments, frames["pipes"], kinds, price, settings)
    return Problem(
        corridor=corridor,
        demands=wanted,
        sources=sources,
        commodities=kinds,
        commodity=np.array([place[demand.commodity] for demand in wanted], dtype=np.int64),
        quantity=np.array([demand.quantity for demand in wanted], dtype=float),
        node=np.array([corridor.parcel_node[d.parcel_id] for d in wanted], dtype=np.int64),
        admits=np.array(
            [sources.of_class(demand, settings) for demand in wanted], dtype=bool
        ).reshape(len(wanted), len(tie_ins)),
        opening_yuan=priced.beside_yuan,
        dug_yuan=priced.once_yuan,
        trench_yuan=np.where(corridor.in_work, 0.0, priced.once_yuan),
        line_yuan=priced.line_yuan,
    )
