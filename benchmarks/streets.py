"""An irregular street network, drawn for benchmarks: towns, junctions, streets of uneven length."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial import Delaunay

STREETS_PER_JUNCTION = 1.6
"""As in towns: junctions of three and four streets, some dead ends."""
IN_TOWNS = 0.75
"""Share of the junctions that lie in a town, the others anywhere."""
JUNCTIONS_PER_TOWN = 150
MEDIAN_M = 80.0
"""Median length of a street."""
WINDING = 0.8
"""Spread (of the logarithm) by which streets are longer or shorter than the crow flies."""


@dataclass(frozen=True, slots=True)
class Streets:
    """Streets between junctions.

    Parameters
    ----------
    ends
        Junctions of each street, shape (streets, 2).
    length_m
        Shape (streets,).
    around
        Streets at each junction.
    """

    ends: NDArray[np.int64]
    length_m: NDArray[np.float64]
    around: tuple[tuple[int, ...], ...]

    def other_end(self, street: int, junction: int) -> int:
        """Return the junction at the other end of a street."""
        one, other = self.ends[street]
        return int(other if one == junction else one)

    def within(self, centre: int, hops: int) -> list[int]:
        """Return the junctions that so many streets reach from a centre, ascending."""
        reached = edge = {centre}
        for _ in range(hops):
            edge = {
                self.other_end(street, junction)
                for junction in edge
                for street in self.around[junction]
            } - reached
            reached = reached | edge
        return sorted(reached)


def draw(junctions: int, rng: np.random.Generator) -> Streets:
    """Draw a connected network: the spanning tree of a triangulation and its shortest other edges.

    Parameters
    ----------
    junctions
        At least 4.
    rng
        Decides everything that is drawn.
    """
    points = _points(junctions, rng)
    ends = _triangulation(points)
    span = np.hypot(*(points[ends[:, 0]] - points[ends[:, 1]]).T)
    row, col = ends.astype(np.int32).T  # all that csgraph takes
    tree = minimum_spanning_tree(
        coo_array((span, (row, col)), shape=(junctions, junctions))
    ).tocoo()
    in_tree = np.isin(ends @ (junctions, 1), tree.row.astype(np.int64) * junctions + tree.col)
    more = max(round(STREETS_PER_JUNCTION * junctions) - int(in_tree.sum()), 0)
    usual = np.bincount(ends.ravel(), np.repeat(span, 2)) / np.bincount(ends.ravel())
    # long for its surroundings: less likely, but not impossible
    rank = span / usual[ends].mean(axis=1) * rng.uniform(0.5, 1.5, span.size)
    rank[in_tree] = 0.0
    chosen = np.sort(np.argsort(rank, kind="stable")[: int(in_tree.sum()) + more])
    length = span[chosen] * rng.lognormal(0.0, WINDING, chosen.size)
    return _streets(ends[chosen], length * (MEDIAN_M / np.median(length)), junctions)


def _points(count: int, rng: np.random.Generator) -> NDArray[np.float64]:
    towns = max(count // JUNCTIONS_PER_TOWN, 1)
    centre = rng.uniform(0.0, 1.0, (towns, 2))
    spread = 0.08 / np.sqrt(towns) * rng.lognormal(0.0, 0.6, towns)
    town = rng.integers(towns, size=count)
    inside = centre[town] + rng.normal(size=(count, 2)) * spread[town, None]
    outside = rng.uniform(0.0, 1.0, (count, 2))
    return np.where(rng.random((count, 1)) < IN_TOWNS, inside, outside)


def _triangulation(points: NDArray[np.float64]) -> NDArray[np.int64]:
    corners = Delaunay(points).simplices
    sides = np.concatenate([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [2, 0]]])
    return np.unique(np.sort(sides.astype(np.int64), axis=1), axis=0)


def _streets(ends: NDArray[np.int64], length_m: NDArray[np.float64], junctions: int) -> Streets:
    around: list[list[int]] = [[] for _ in range(junctions)]
    for street, (one, other) in enumerate(ends.tolist()):
        around[one].append(street)
        around[other].append(street)
    return Streets(ends, length_m, tuple(tuple(streets) for streets in around))
