"""What is done today: each utility routes its own tree, and what coincides is shared afterwards.

Each tree is networkx' Steiner tree by Mehlhorn's method at the full price of the trench, from one
source that stands for all tie-ins; capacities are not looked at.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import networkx as nx
from networkx.algorithms.approximation import steiner_tree

MAIN = -1
"""The node that stands for all tie-ins of a utility."""


class Overlay(NamedTuple):
    """Costs of the trees, without and with the trenches that happen to coincide shared."""

    separate_yuan: float
    overlay_yuan: float


def overlay(instance: Mapping[str, Any]) -> Overlay | None:
    """Return what separate design costs; None where a terminal reaches no source at all."""
    edges = instance["edges"]
    lines, trenches, dug = 0.0, 0.0, set[int]()
    for utility in instance["utilities"]:
        chosen = _tree(edges, utility)
        if chosen is None:
            return None
        lines += sum(edges[edge][2] for edge in chosen) * utility["line_yuan_per_m"]
        trenches += sum(edges[edge][3] for edge in chosen)
        dug |= chosen
    return Overlay(lines + trenches, lines + sum(edges[edge][3] for edge in dug))


def _tree(edges: list[list[float]], utility: Mapping[str, Any]) -> set[int] | None:
    """Return the edges of one utility's tree."""
    graph = nx.Graph()
    for number, (u, v, length_m, trench_yuan) in enumerate(edges):
        price = trench_yuan + length_m * utility["line_yuan_per_m"]
        if u != v and (not graph.has_edge(u, v) or price < graph[u][v]["price"]):
            graph.add_edge(u, v, price=price, number=number)
    wanted = {point["node"] for point in utility["terminals"] if point["demand"] > 0}
    wanted -= {point["node"] for point in utility["sources"]}
    if not wanted:
        return set()
    for point in utility["sources"]:
        graph.add_edge(MAIN, point["node"], price=0.0, number=MAIN)
    if MAIN not in graph or not wanted <= nx.node_connected_component(graph, MAIN):
        return None
    tree = steiner_tree(graph, [MAIN, *sorted(wanted)], weight="price", method="mehlhorn")
    return {number for _, _, number in tree.edges(data="number") if number != MAIN}
