"""Instances of joint routing, drawn: streets, mains that cover a part of a town, new parcels.

Each utility has a main of its own around a centre of its own; half of the nodes that it covers can
be tapped, with little capacity left at each, so that parcels compete for them.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from benchmarks.streets import Streets, draw

LINE_YUAN_PER_M = {"water": 350, "power": 500, "gas": 250, "heat": 900, "telecom": 120}
TRENCH_YUAN_PER_M = (800, 1200, 2000)
TRENCH_ODDS = (0.5, 0.3, 0.2)
"""Verge, footway and carriageway, and how often a street has each."""
NODES_PER_JUNCTION = 3.0
"""Streets bend and have house connections: nodes between their junctions."""
COVERED = (0.08, 0.2)
"""Least and greatest share of the nodes that a main covers."""
TAPPED = 0.5
"""Share of a main's nodes that can be tapped."""
CAPACITY, DEMAND = (3, 11), (1, 9)
"""Least and greatest capacity left at a node, and demand of a parcel."""
ASKED = 0.8
"""Share of the parcels that ask for a utility."""
NEAREST_NODES = 20
"""A main's centre lies among this many nodes around the town's, or an eighth of all."""

Ends = NDArray[np.int64]
Lengths = NDArray[np.float64]


def instance(nodes: int, parcels: int, seed: int) -> Mapping[str, Any]:
    """Return an instance of the exchange format ``extension-1``.

    Parameters
    ----------
    nodes
        About how many the graph has; at least 30.
    parcels
        At most as many as nodes.
    seed
        Decides everything that is drawn.
    """
    rng = np.random.default_rng(seed)
    streets = draw(max(round(nodes / NODES_PER_JUNCTION), 4), rng)
    ends, length_m, count = _divided(streets, nodes, rng)
    table = csr_array((length_m, (ends[:, 0], ends[:, 1])), shape=(count, count))
    price = rng.choice(TRENCH_YUAN_PER_M, length_m.size, p=TRENCH_ODDS)
    middle = _nearest(table, int(rng.integers(count)))[: max(NEAREST_NODES, count // 8)]
    places = rng.choice(count, min(parcels, count), replace=False)
    return {
        "format": "extension-1",
        "nodes": [[0, 0]] * count,
        "edges": [
            [int(u), int(v), round(float(length), 1), round(float(length * per_m))]
            for (u, v), length, per_m in zip(ends, length_m, price, strict=True)
        ],
        "utilities": [
            _utility(name, per_m, _nearest(table, int(rng.choice(middle))), places, rng)
            for name, per_m in LINE_YUAN_PER_M.items()
        ],
    }


def _utility(
    name: str, per_m: int, around: Ends, places: Ends, rng: np.random.Generator
) -> Mapping[str, Any]:
    """Draw a utility's main around a centre, and which parcels ask for it."""
    covered = around[: max(10, round(rng.uniform(*COVERED) * around.size))]
    tapped = np.sort(covered[rng.random(covered.size) < TAPPED])
    asking = np.setdiff1d(places[rng.random(places.size) < ASKED], tapped)
    capacity = rng.integers(CAPACITY[0], CAPACITY[1] + 1, tapped.size)
    demand = rng.integers(DEMAND[0], DEMAND[1] + 1, asking.size)
    return {
        "name": name,
        "line_yuan_per_m": per_m,
        "sources": _points("capacity", tapped, capacity),
        "terminals": _points("demand", asking, demand),
    }


def _points(amount: str, nodes: Ends, amounts: Ends) -> list[dict[str, int]]:
    rows = zip(nodes.tolist(), amounts.tolist(), strict=True)
    return [{"node": node, amount: value} for node, value in rows]


def _nearest(table: csr_array, start: int) -> Ends:
    """Return the nodes that a node reaches, nearest first."""
    away = dijkstra(table, directed=False, indices=start)
    order = np.argsort(away, kind="stable")
    return order[np.isfinite(away[order])]


def _divided(streets: Streets, nodes: int, rng: np.random.Generator) -> tuple[Ends, Lengths, int]:
    """Put nodes on streets until there are about as many as wanted; return the pieces."""
    junctions = int(streets.ends.max()) + 1
    odds = streets.length_m / streets.length_m.sum()
    between = rng.multinomial(max(nodes - junctions, 0), odds)
    ends, lengths, count = [], [], junctions
    for (u, v), length, more in zip(streets.ends, streets.length_m, between, strict=True):
        chain = [int(u), *range(count, count + int(more)), int(v)]
        count += int(more)
        ends += pairwise(chain)
        lengths += [length / (more + 1)] * (int(more) + 1)
    return np.array(ends, dtype=np.int64), np.array(lengths), count
