"""Judge a plan of joint routing by its instance alone: nothing of the planner is used here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple


class Judged(NamedTuple):
    """What a plan costs, how long its trenches are, and which of its pieces lack capacity."""

    cost_yuan: float
    trench_m: float
    short: tuple[tuple[str, int], ...]


def judge(instance: Mapping[str, Any], edges: Mapping[str, Sequence[int]]) -> Judged:
    """Return the figures of a plan; `short` names each piece by its utility and one of its nodes.

    Parameters
    ----------
    instance
        As in the exchange format ``extension-1``.
    edges
        For each utility, the numbers of the edges that it uses.
    """
    table = instance["edges"]
    lines, short = 0.0, []
    for utility in instance["utilities"]:
        chosen = set(edges[utility["name"]])
        lines += sum(table[edge][2] for edge in chosen) * utility["line_yuan_per_m"]
        short += [(utility["name"], node) for node in _short(table, utility, chosen)]
    dug = {edge for chosen in edges.values() for edge in chosen}
    trenches = sum(table[edge][3] for edge in dug)
    return Judged(lines + trenches, sum(table[edge][2] for edge in dug), tuple(short))


def _short(
    table: Sequence[Sequence[float]], utility: Mapping[str, Any], chosen: set[int]
) -> list[int]:
    """Return a node of each piece whose sources cannot meet its demands."""
    above: dict[int, int] = {}

    def top(node: int) -> int:
        while above.setdefault(node, node) != node:
            above[node] = node = above[above[node]]
        return node

    for edge in chosen:
        above[top(int(table[edge][0]))] = top(int(table[edge][1]))
    left: dict[int, float] = {}
    for point in utility["sources"]:
        left[top(point["node"])] = left.get(top(point["node"]), 0) + point["capacity"]
    for point in utility["terminals"]:
        left[top(point["node"])] = left.get(top(point["node"]), 0) - point["demand"]
    return [node for node, rest in left.items() if rest < 0]
