"""Streets of a town on a valley floor: rows along the river, cross streets, bridges."""

from __future__ import annotations

from dataclasses import dataclass

import networkx as nx
import numpy as np
from shapely import LineString

from layers.sample.curves import Bend
from layers.sample.grid import Floats

Node = tuple[int, int]

WIDTHS_M = {
    "arterial": 36.0,
    "secondary_road": 26.0,
    "branch": 16.0,
    "lane": 10.0,
    "rural": 6.5,
}
"""Width between the red lines, metre; within the ranges customary for county towns."""
CARRIAGEWAYS_M = {"arterial": 24.0, "secondary_road": 16.0, "branch": 9.0}
"""Width of a street's carriageway between its kerbs, metre: the sample's own; lanes have none."""
TREES_M = {"arterial": 12.75, "secondary_road": 8.75, "branch": 5.25}
"""Distance of the rows of trees from a street's centre, metre: 0.75 m behind the kerb."""


@dataclass(frozen=True, slots=True)
class Street:
    """One street from junction to junction or through several, with its class."""

    name: str
    road_class: str
    line: LineString
    bridge: bool = False


@dataclass(frozen=True, slots=True)
class Town:
    """Streets and junctions of one town, and where it lies on its ruler."""

    name: str
    streets: tuple[Street, ...]
    junctions: Floats
    bend: Bend
    half_m: float
    left_m: float
    right_m: float


def lay_out(
    name: str,
    bend: Bend,
    *,
    half_m: float,
    left_m: float,
    right_m: float,
    bank_m: float,
    names: tuple[tuple[str, ...], tuple[str, ...]],
    rng: np.random.Generator,
) -> Town:
    """Return a town along a river or stream.

    Parameters
    ----------
    name
        Name of the town.
    bend
        Ruler along the water.
    half_m, left_m, right_m
        Half the town's length along the water and its depth on either bank; a depth of 0
        leaves that bank empty.
    bank_m
        Distance from the centre of the water to the first street.
    names
        Names of streets along and across; used in turn.
    rng
        Source of randomness.
    """
    across = _stations(half_m, rng)
    rows = {0: _rows(left_m, bank_m, 1.0, rng), 1: _rows(right_m, bank_m, -1.0, rng)}
    graph = nx.Graph()
    for bank, offsets in rows.items():
        depth = (left_m, right_m)[bank]
        _bank(graph, across, offsets, depth, half_m, bank * 100)
    _bridges(graph, across, rng)
    _thin(graph, rng)
    _classes(graph)
    where = _positions(graph, bend, across, rows, rng)
    streets = _streets(graph, where, names)
    return Town(name, streets, np.array(list(where.values())), bend, half_m, left_m, right_m)


def _stations(half_m: float, rng: np.random.Generator) -> Floats:
    """Return positions of cross streets; the last fifth has the long blocks of industry."""
    stations = [-half_m + 60.0]
    while stations[-1] < half_m - 110.0:
        wide = stations[-1] > 0.55 * half_m and half_m > 700.0
        stations.append(
            stations[-1] + float(rng.uniform(190, 240) if wide else rng.uniform(95, 165))
        )
    return np.array(stations)


def _rows(depth_m: float, bank_m: float, sign: float, rng: np.random.Generator) -> Floats:
    rows = []
    offset = bank_m
    while offset < depth_m + 20.0:
        rows.append(sign * offset)
        offset += float(rng.uniform(82, 125))
    return np.array(rows)


def _bank(
    graph: nx.Graph, across: Floats, rows: Floats, depth: float, half: float, first: int
) -> None:
    limit = depth * (0.35 + 0.65 * np.sqrt(np.clip(1 - (across / half) ** 2, 0, 1))) + 25.0
    present = {
        (j, first + k)
        for j in range(len(across))
        for k in range(len(rows))
        if abs(rows[k]) <= limit[j] or (k == 0 and depth > 0)
    }
    for j, k in sorted(present):
        if (j + 1, k) in present:
            graph.add_edge((j, k), (j + 1, k), along=True, bridge=False)
        if (j, k + 1) in present:
            graph.add_edge((j, k), (j, k + 1), along=False, bridge=False)


def _bridges(graph: nx.Graph, across: Floats, rng: np.random.Generator) -> None:
    spots = [j for j in range(len(across)) if (j, 0) in graph and (j, 100) in graph]
    if not spots:
        return
    wanted = max(1, len(spots) // 7)
    for share in (np.arange(wanted) + 0.5) / wanted:
        j = spots[int(np.clip(share * len(spots) + rng.integers(-1, 2), 0, len(spots) - 1))]
        graph.add_edge((j, 0), (j, 100), along=False, bridge=True)


def _thin(graph: nx.Graph, rng: np.random.Generator) -> None:
    """Take out some minor links, so that blocks differ, without cutting anything off."""
    links = [(u, v) for u, v, bridge in graph.edges(data="bridge") if not bridge]
    minor = [(u, v) for u, v in links if u[1] % 100 > 0 and v[1] % 100 > 0]
    for i in rng.permutation(len(minor))[: int(0.13 * len(minor))]:
        u, v = minor[i]
        held = graph.edges[u, v]
        graph.remove_edge(u, v)
        if min(graph.degree(u), graph.degree(v)) < 2 or not nx.has_path(graph, u, v):
            graph.add_edge(u, v, **held)


_ROWS = {0: "secondary_road", 1: "arterial", 100: "secondary_road"}
"""Class of a street along the water by its row; rows of the right bank count from 100."""


def _classes(graph: nx.Graph) -> None:
    deepest = max(k % 100 for _, k in graph)
    bridge_columns = {u[0] for u, _, bridge in graph.edges(data="bridge") if bridge}
    for u, v, data in graph.edges(data=True):
        row = max(u[1] % 100, v[1] % 100)
        if data["bridge"]:
            kind = "arterial"
        elif data["along"]:
            kind = _ROWS.get(v[1], "lane" if row == deepest > 2 else "branch")
        elif u[0] in bridge_columns:
            kind = "secondary_road"
        else:
            kind = ("branch", "lane", "branch")[u[0] % 3]
        data["kind"] = kind if deepest > 1 else {"arterial": "secondary_road"}.get(kind, "branch")


def _positions(
    graph: nx.Graph, bend: Bend, across: Floats, rows: dict[int, Floats], rng: np.random.Generator
) -> dict[Node, Floats]:
    nodes = sorted(graph)
    along = across[[j for j, _ in nodes]] + rng.normal(0, 5.0, len(nodes))
    left = np.array([rows[k // 100][k % 100] for _, k in nodes]) + rng.normal(0, 4.0, len(nodes))
    points = np.round(bend.xy(along, left), 2)
    return dict(zip(nodes, points, strict=True))


def _streets(
    graph: nx.Graph, where: dict[Node, Floats], names: tuple[tuple[str, ...], tuple[str, ...]]
) -> tuple[Street, ...]:
    """Join the edges of one row or column and one class into streets that run on."""
    groups: dict[tuple[bool, int, str, bool], list[tuple[Node, Node]]] = {}
    for u, v, data in graph.edges(data=True):
        low, high = sorted((u, v))
        line = low[1] if data["along"] else low[0]
        key = (data["along"], line, data["kind"], data["bridge"])
        groups.setdefault(key, []).append((low, high))
    streets = []
    for (along, line, kind, bridge), edges in sorted(groups.items()):
        pool = names[0] if along else names[1]
        label = pool[(line % 100 + (3 if line >= 100 else 0)) % len(pool)]
        label = f"{label}大桥" if bridge else label
        streets += [
            Street(label, kind, LineString([where[node] for node in run]), bridge)
            for run in _runs(sorted(edges))
        ]
    return tuple(streets)


def _runs(edges: list[tuple[Node, Node]]) -> list[list[Node]]:
    runs: list[list[Node]] = []
    for low, high in edges:
        if runs and runs[-1][-1] == low:
            runs[-1].append(high)
        else:
            runs.append([low, high])
    return runs
