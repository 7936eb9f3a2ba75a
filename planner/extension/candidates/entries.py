"""What counts as another entry: another tie-in, another line tapped, or another place.

A place is where a lead-in, a pole line or a touch meets the red line; ends nearer to one another
than ``extension.candidate_apart_m`` are one place. Where the way runs between its two ends makes
no other entry.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from planner.extension.arrays import Ints
from planner.extension.corridor import Corridor
from planner.extension.problem import Problem, Route


@dataclass(frozen=True, slots=True)
class Entries:
    """Where the edges of a graph enter parcels.

    Parameters
    ----------
    place
        Number of the place at which an edge meets a red line, -1 for all other edges, (m,).
    """

    corridor: Corridor
    place: Ints

    def of(self, route: Route) -> tuple[int, int, int]:
        """Return what tells a route's entry from others: tie-in, line tapped (or -1), place.

        A tapped line is one entry whichever tie-in it draws on.
        """
        tapped = int(self.corridor.pipe[route.edges[0]])
        return -1 if tapped >= 0 else route.tie_in, tapped, int(self.place[route.edges[-1]])


def entries(problem: Problem, apart_m: float) -> Entries:
    """Give each place at which edges meet a red line its number.

    Parameters
    ----------
    problem
        Its corridor has the parcels as nodes.
    apart_m
        Ends at one parcel that are nearer, also through others between, are one place.
    """
    corridor = problem.corridor
    graph = corridor.graph
    parcel = np.zeros(len(graph.node_xy), dtype=bool)
    parcel[list(corridor.parcel_node.values())] = True
    place = np.full(len(graph.edge_u), -1, dtype=np.int64)
    at = np.flatnonzero(parcel[graph.edge_u] | parcel[graph.edge_v])
    if not len(at):
        return Entries(corridor, place)
    node = np.where(parcel[graph.edge_v[at]], graph.edge_v[at], graph.edge_u[at])
    xy = shapely.get_coordinates(shapely.get_point(corridor.shape[at], -1))
    pairs = cKDTree(xy).query_pairs(apart_m, output_type="ndarray")
    pairs = pairs[node[pairs[:, 0]] == node[pairs[:, 1]]]
    near = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(at), len(at)))
    place[at] = connected_components(near, directed=False)[1]
    return Entries(corridor, place)
