"""The road graph as arrays, as a sparse matrix and as networkx.

Node coordinates are x east and y north in a projected CRS in metres.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

if TYPE_CHECKING:
    import geopandas as gpd
    import networkx as nx

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class WeightedGraph:
    """A symmetric sparse matrix of weights that knows the edge behind every entry.

    Parameters
    ----------
    matrix
        Weights, shape (nodes, nodes), indices sorted, no duplicates; fit for
        `scipy.sparse.csgraph`, a stored zero is an edge of weight zero.
    edge
        Index of the edge behind each stored entry, parallel to ``matrix.data``.
    """

    matrix: csr_array
    edge: Ints

    def edges_along(self, nodes: ArrayLike) -> Ints:
        """Return the edges of a path given by its nodes, one fewer than nodes.

        Raises
        ------
        KeyError
            If two successive nodes are not neighbours.
        """
        path = np.asarray(nodes, dtype=np.int64)
        rows = np.repeat(np.arange(self.matrix.shape[0]), np.diff(self.matrix.indptr))
        stored = rows * self.matrix.shape[0] + self.matrix.indices
        sought = path[:-1] * self.matrix.shape[0] + path[1:]
        at = np.minimum(np.searchsorted(stored, sought), max(len(stored) - 1, 0))
        if len(sought) and (not len(stored) or (stored[at] != sought).any()):
            msg = "successive nodes of the path are not neighbours"
            raise KeyError(msg)
        return self.edge[at] if len(sought) else np.empty(0, np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class RoadGraph:
    """Nodes and undirected edges; parallel edges and loops are allowed.

    Parameters
    ----------
    node_xy
        Coordinates in metres, shape (n, 2).
    edge_u, edge_v
        End nodes of each edge, shape (m,).
    edge_length_m
        Length of each edge in metres, shape (m,).
    """

    node_xy: Floats
    edge_u: Ints
    edge_v: Ints
    edge_length_m: Floats

    def __post_init__(self) -> None:
        sizes = {len(self.edge_u), len(self.edge_v), len(self.edge_length_m)}
        if len(sizes) != 1 or self.node_xy.ndim != 2 or self.node_xy.shape[1] != 2:
            msg = "edge arrays must be equally long and node_xy of shape (n, 2)"
            raise ValueError(msg)
        for end in (self.edge_u, self.edge_v):
            if end.size and (end.min() < 0 or end.max() >= len(self.node_xy)):
                msg = "an edge ends at a node that does not exist"
                raise ValueError(msg)

    def csr(self, weights: ArrayLike | None = None) -> WeightedGraph:
        """Return the graph as a symmetric sparse matrix.

        Of parallel edges the cheapest stays (the first of equals); loops are left out, and so
        are edges of infinite weight, which are closed.

        Parameters
        ----------
        weights
            Weight of each edge, shape (m,), not negative; lengths in metres if not given.

        Raises
        ------
        ValueError
            If a weight is negative or not a number.
        """
        given = self.edge_length_m if weights is None else weights
        cost = np.broadcast_to(np.asarray(given, dtype=np.float64), self.edge_u.shape)
        if np.isnan(cost).any() or (cost < 0).any():
            msg = "weights must be numbers that are not negative"
            raise ValueError(msg)
        open_edge = np.flatnonzero((self.edge_u != self.edge_v) & np.isfinite(cost))
        edge = np.concatenate([open_edge, open_edge])
        row = np.concatenate([self.edge_u[open_edge], self.edge_v[open_edge]])
        col = np.concatenate([self.edge_v[open_edge], self.edge_u[open_edge]])
        order = np.lexsort([edge, cost[edge], col, row])
        row, col, edge = row[order], col[order], edge[order]
        first = (np.diff(row, prepend=-1) != 0) | (np.diff(col, prepend=-1) != 0)
        row, col, edge = row[first], col[first], edge[first]
        size = len(self.node_xy)
        indptr = np.searchsorted(row, np.arange(size + 1))
        matrix = csr_array((cost[edge], col, indptr), shape=(size, size))
        return WeightedGraph(matrix, edge)

    def components(self) -> Ints:
        """Return for each node the number of its connected component, shape (n,)."""
        if not len(self.node_xy):
            return np.empty(0, np.int64)
        _, label = connected_components(self.csr().matrix, directed=False)
        return np.asarray(label, dtype=np.int64)

    def to_networkx(self) -> nx.MultiGraph:
        """Return the graph with node attributes x, y and edge attribute length_m.

        The key of each edge is its index here.
        """
        import networkx as nx  # noqa: PLC0415 - half a second that the arrays do not need

        graph = nx.MultiGraph()
        graph.add_nodes_from(
            (node, {"x": x, "y": y}) for node, (x, y) in enumerate(self.node_xy.tolist())
        )
        ends = zip(
            self.edge_u.tolist(), self.edge_v.tolist(), self.edge_length_m.tolist(), strict=True
        )
        graph.add_edges_from((u, v, key, {"length_m": m}) for key, (u, v, m) in enumerate(ends))
        return graph


def from_networkx(graph: nx.Graph) -> RoadGraph:
    """Return the arrays of a graph whose nodes have x, y and whose edges have length_m.

    Nodes are numbered in the order of the graph; edges come in the order of their keys where
    these are integers (as `RoadGraph.to_networkx` gives them), else in the order of the graph.
    """
    number = {node: at for at, node in enumerate(graph.nodes)}
    xy = [(data["x"], data["y"]) for _, data in graph.nodes(data=True)]
    edges: list[Any] = (
        sorted(graph.edges(keys=True, data="length_m"), key=lambda edge: edge[2])
        if graph.is_multigraph()
        else [(u, v, 0, m) for u, v, m in graph.edges(data="length_m")]
    )
    return RoadGraph(
        np.array(xy, dtype=np.float64).reshape(-1, 2),
        np.array([number[edge[0]] for edge in edges], dtype=np.int64),
        np.array([number[edge[1]] for edge in edges], dtype=np.int64),
        np.array([edge[3] for edge in edges], dtype=np.float64),
    )


def end_nodes(lines: NDArray[Any]) -> tuple[Floats, Ints, Ints]:
    """Return the distinct ends of lines and each line's first and last node.

    Ends that round to the same millimetre are one node; nodes are sorted by x, then y, so that
    their numbers do not depend on the order of the lines.
    """
    first = shapely.get_coordinates(shapely.get_point(lines, 0))
    last = shapely.get_coordinates(shapely.get_point(lines, -1))
    both = np.round(np.concatenate([first, last]), 3)
    nodes, number = np.unique(both, axis=0, return_inverse=True)
    number = number.reshape(-1).astype(np.int64)
    return nodes.reshape(-1, 2), number[: len(lines)], number[len(lines) :]


def from_segments(segments: gpd.GeoDataFrame) -> RoadGraph:
    """Return the graph of segments: edge i is row i, nodes are the ends of the lines.

    For all segments of `geo.segments.make` the node numbers equal from_node and to_node.
    """
    lines = np.asarray(segments.geometry.array, dtype=object)
    xy, first, last = end_nodes(lines)
    return RoadGraph(xy, first, last, shapely.length(lines).astype(np.float64))
