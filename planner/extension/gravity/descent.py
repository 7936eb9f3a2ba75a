"""Routes of drains over directed arcs, one after another, over trenches that are open already.

Each route is the cheapest for one drain when its depth counts; `planner.extension.gravity.profile`
then finds its levels. Drains are no part of the joint bound.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from pyproj import CRS

from geo.terrain import Terrain
from planner.extension import kernel
from planner.extension.arrays import Bools, Floats, Ints
from planner.extension.gravity.descent_kernels import Net, Pipe, descend
from planner.extension.gravity.digging import excess_yuan_m2
from planner.extension.gravity.ground import heights_m
from planner.extension.gravity.levels import Mains
from planner.extension.gravity.limits import limits
from planner.extension.problem import Problem, Route
from planner.section.line import Line
from planner.settings import Settings

Rows = tuple[Ints, Ints, Ints]
"""A graph as `planner.extension.kernel.adjacency` returns it."""


@dataclass(frozen=True, slots=True, eq=False)
class Heights:
    """The ground at the nodes of a corridor, (n,), and inside its edges as `Net` holds it."""

    node_m: Floats
    inner_from: Ints
    inner_m: Floats


def heights(problem: Problem, terrain: Terrain, crs: CRS, *, step_m: float) -> Heights:
    """Sample the ground of a corridor.

    Parameters
    ----------
    problem
        Its corridor, drawn in `crs`.
    terrain
        The ground; NaN where it is not known.
    step_m
        Greatest distance of samples along an edge.
    """
    corridor = problem.corridor
    length_m = corridor.graph.edge_length_m
    inner = np.maximum(np.ceil(length_m / step_m).astype(np.int64) - 1, 0)
    edge = np.repeat(np.arange(len(inner)), inner)
    start = np.cumsum(inner) - inner
    share = (np.arange(len(edge)) - start[edge] + 1) / (inner[edge] + 1)
    lines = corridor.geometry(np.arange(len(inner)))
    points = shapely.line_interpolate_point(lines[edge], share, normalized=True)
    return Heights(
        heights_m(terrain, corridor.graph.node_xy, crs),
        np.append(start, len(edge)),
        heights_m(terrain, shapely.get_coordinates(points), crs),
    )


def routes(
    problem: Problem,
    order: Sequence[int],
    *,
    ground: Heights,
    known: Mains,
    left: Floats,
    opened: Bools,
    settings: Settings,
) -> tuple[Route, ...]:
    """Route drains downhill where that is cheaper.

    Parameters
    ----------
    problem
        Graph, prices and demands.
    order
        The drains among the demands, in the order in which they are laid.
    ground
        The ground of the corridor, see `heights`.
    known
        Levels of existing drains.
    left
        What the tie-ins have left before, (t,).
    opened
        Edges whose trench others have opened, (m,); there only the line is paid.
    settings
        Names ``extension.drain_*`` and ``section.*``.

    Returns
    -------
    tuple of Route
        From the tie-in to the parcel, in the order given; the cheapest way without its depth
        where the ground is not known, none where no tie-in with enough left can be reached.
    """
    graph = problem.corridor.graph
    rows = kernel.adjacency(len(graph.node_xy), graph.edge_u, graph.edge_v)
    remaining, is_open = left.copy(), opened.copy()
    used = np.zeros(problem.line_yuan.shape, dtype=bool)
    found: list[Route] = []
    mains_m: dict[Line, Floats] = {}
    for place in order:
        kind, line = problem.commodity[place], problem.demands[place].line
        if line not in mains_m:
            mains_m[line] = _mains_m(problem, line, ground.node_m, known)
        price = problem.line_yuan[kind] + np.where(is_open, 0.0, problem.trench_yuan)
        weight = np.where(used[kind], 0.0, price)
        admitted = problem.admits[place] & (remaining >= problem.quantity[place])
        target_m = np.full(len(ground.node_m), np.nan)
        target_m[problem.corridor.tie_in_node[admitted]] = mains_m[line][admitted]
        reached, edges = _downhill(problem, place, rows, weight, ground, target_m, settings)
        if reached < 0:
            reached, edges = _level(problem, place, rows, weight, admitted)
        if reached < 0:
            continue
        tie_in = int(np.flatnonzero(problem.corridor.tie_in_node == reached)[0])
        found.append(Route(place, False, tie_in, edges))
        remaining[tie_in] -= problem.quantity[place]
        is_open[edges] = True
        used[kind, edges] = True
    return tuple(found)


def _mains_m(problem: Problem, line: Line, node_m: Floats, known: Mains) -> Floats:
    """Return the level at which a line joins the main at every tie-in of drains, else NaN, (t,)."""
    corridor = problem.corridor
    nodes = corridor.tie_in_node
    found = np.full(len(nodes), np.nan)
    for tie_in in np.flatnonzero(problem.sources.utility == "drain"):
        at = shapely.Point(corridor.graph.node_xy[nodes[tie_in]])
        key, ground_m = problem.sources.tie_in_id[tie_in], float(node_m[nodes[tie_in]])
        found[tie_in] = known.level(key, at, ground_m, line).invert_m
    return found


def _downhill(
    problem: Problem,
    place: int,
    rows: Rows,
    weight: Floats,
    ground: Heights,
    target_m: Floats,
    settings: Settings,
) -> tuple[int, Ints]:
    """Return the tie-in's node and the edges from it over known ground, -1 where there is none."""
    demand, corridor = problem.demands[place], problem.corridor
    asked = limits(demand.line, settings)
    source = int(problem.node[place])
    least_m = float(ground.node_m[source] - asked.roof_m)
    if np.isnan(least_m):
        return -1, np.empty(0, dtype=np.int64)
    start_m = least_m if np.isnan(demand.outlet_m) else demand.outlet_m
    graph = corridor.graph
    net = Net(
        *rows, weight, graph.edge_length_m, graph.edge_u,
        ground.node_m, ground.inner_from, ground.inner_m, corridor.passable, target_m,
    )  # fmt: skip
    pipe = Pipe(
        asked.least_slope,
        asked.roof_m,
        asked.deepest_m,
        excess_yuan_m2(demand.line, asked, settings),
        settings.number("extension.drain_pump_yuan"),
    )
    reached, edges = descend(net, pipe, source, start_m)
    return int(reached), edges[::-1]


def _level(
    problem: Problem, place: int, rows: Rows, weight: Floats, admitted: Bools
) -> tuple[int, Ints]:
    """Return the same by price alone, for ground that is not known."""
    corridor = problem.corridor
    target = np.zeros(len(corridor.passable), dtype=bool)
    target[corridor.tie_in_node[admitted]] = True
    source = int(problem.node[place])
    reached, edges = kernel.route(*rows, weight, corridor.passable, source, target)
    return int(reached), edges
