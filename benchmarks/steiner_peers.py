"""The peers' trees on the same instance: networkx by Mehlhorn's method, and rustworkx."""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Callable
from time import perf_counter

from benchmarks.steiner_files import Instance

Figures = dict[str, float | None]


def peers(instance: Instance) -> Figures:
    """Return cost and seconds of each peer; the seconds do not hold the making of its graph."""
    return {**_mehlhorn(instance), **_rustworkx(instance)}


def _timed(build: Callable[[], float]) -> tuple[float, float]:
    began = perf_counter()
    cost = build()
    return cost, round(perf_counter() - began, 3)


def _links(instance: Instance) -> dict[tuple[int, int], float]:
    """Return the cheapest of parallel edges; loops are left out."""
    links: dict[tuple[int, int], float] = {}
    ends = zip(
        instance.edge_u.tolist(),
        instance.edge_v.tolist(),
        instance.edge_cost.tolist(),
        strict=True,
    )
    for u, v, cost in ends:
        if u != v:
            pair = (min(u, v), max(u, v))
            links[pair] = min(cost, links.get(pair, math.inf))
    return links


def _mehlhorn(instance: Instance) -> Figures:
    import networkx as nx  # noqa: PLC0415 - its second of loading must not count as ours
    from networkx.algorithms.approximation import steiner_tree  # noqa: PLC0415

    graph = nx.Graph()
    graph.add_weighted_edges_from((u, v, cost) for (u, v), cost in _links(instance).items())
    wanted = sorted(set(instance.terminals.tolist()))
    if len(wanted) < 2:
        return {"mehlhorn": 0.0, "mehlhorn_seconds": 0.0}
    cost, seconds = _timed(
        lambda: float(steiner_tree(graph, wanted, method="mehlhorn").size(weight="weight"))
    )
    return {"mehlhorn": cost, "mehlhorn_seconds": seconds}


def _rustworkx(instance: Instance) -> Figures:
    if importlib.util.find_spec("rustworkx") is None:
        return {"rustworkx": None, "rustworkx_seconds": None}
    import rustworkx as rx  # noqa: PLC0415 - neither may this one's

    graph = rx.PyGraph(multigraph=False)
    graph.add_nodes_from(range(instance.nodes))
    graph.add_edges_from([(u, v, cost) for (u, v), cost in _links(instance).items()])
    wanted = sorted(set(instance.terminals.tolist()))
    if len(wanted) < 2:
        return {"rustworkx": 0.0, "rustworkx_seconds": 0.0}
    cost, seconds = _timed(lambda: math.fsum(rx.steiner_tree(graph, wanted, float).edges()))
    return {"rustworkx": cost, "rustworkx_seconds": seconds}
