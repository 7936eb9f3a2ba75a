"""A smaller graph with the same optimum: reductions that hold for all utilities at once.

Sources and terminals are never taken away, so capacities keep their optimum. An edge goes where a
path between its two nodes has no dearer trench and no dearer line for anybody and passes through no
end: every plan that uses the edge can use the path instead, which only joins pieces.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from planner.extension.joint.model import Flags, Ints
from planner.extension.joint.network import FORBIDDEN, Net, joined
from planner.extension.joint.reduce_kernels import Lists, drop_dominated, hang, shrink

ROUNDS = 4
"""Most rounds of both kinds of reduction."""

SETTLED = 60
"""Nodes that the search for one path around an edge may settle."""


@dataclass(frozen=True, slots=True)
class Reduced:
    """A reduced network and the way back.

    Parameters
    ----------
    net
        The smaller network; its nodes are numbered anew.
    node
        Number of each of its nodes in the whole network.
    edge
        Number of each of its edges in `trace`.
    part_ptr, part
        Edges of the whole network that edge e stands for: part[part_ptr[e]:part_ptr[e + 1]].
    trace
        Every step of the reduction, see `reduce_kernels.Lists`.
    """

    net: Net
    node: Ints
    edge: Ints
    part_ptr: Ints
    part: Ints
    trace: Ints

    def whole(self, used: Flags, edges: int) -> Flags:
        """Return a plan of the reduced network on the whole one's edges.

        Parameters
        ----------
        used
            Shape (utilities, reduced edges).
        edges
            How many edges the whole network has.
        """
        plan = np.zeros((used.shape[0], edges), dtype=np.bool_)
        owner = np.repeat(np.arange(used.shape[1]), np.diff(self.part_ptr))
        for row, chosen in zip(plan, used, strict=True):
            row[self.part[chosen[owner]]] = True
        return plan


def reduced(net: Net) -> Reduced:
    """Return an equivalent smaller network."""
    lists = _lists(net)
    waiting = np.empty(net.ptr.size - 1, dtype=np.int64)
    shrink(lists, waiting, FORBIDDEN)
    for _ in range(ROUNDS):
        lines = lists.line.sum(axis=0)
        weights = np.stack([lists.trench + lines, 4 * lists.trench + lines])
        if not drop_dominated(lists, weights, SETTLED):
            break
        shrink(lists, waiting, FORBIDDEN)
    return _renumbered(net, lists)


def _lists(net: Net) -> Lists:
    nodes, edges = net.ptr.size - 1, net.u.size
    room = edges + nodes
    line = np.zeros((net.line.shape[0], room), dtype=np.int64)
    line[:, :edges] = net.line
    lists = Lists(
        end=np.concatenate([np.stack([net.u, net.v], axis=1).ravel(), np.zeros(2 * nodes, int)]),
        trench=np.concatenate([net.trench, np.zeros(nodes, dtype=np.int64)]),
        line=line,
        alive=np.zeros(room, dtype=np.bool_),
        part=np.full((room, 2), -1),
        first=np.full(nodes, -1),
        after=np.full(2 * room, -1),
        before=np.full(2 * room, -1),
        degree=np.zeros(nodes, dtype=np.int64),
        kept=(net.balance != 0).any(axis=0) | net.end,
        closed=net.end.copy(),
        edges=np.array([edges]),
        trace=np.zeros(30 * room + 30, dtype=np.int64),
        traced=np.zeros(1, dtype=np.int64),
    )
    for edge in range(edges):
        hang(lists, edge)
    return lists


def _renumbered(net: Net, lists: Lists) -> Reduced:
    """Return what is left, with edges and nodes numbered from 0."""
    left = np.flatnonzero(lists.alive)
    u, v = lists.end[2 * left], lists.end[2 * left + 1]
    node = np.unique(np.concatenate([u, v, np.flatnonzero((net.balance < 0).any(axis=0))]))
    parts = [_spelled_out(lists.part, edge) for edge in left.tolist()]
    lengths = np.array([0, *map(len, parts)], dtype=np.int64)
    return Reduced(
        net=joined(
            np.searchsorted(node, u),
            np.searchsorted(node, v),
            lists.trench[left],
            np.ascontiguousarray(lists.line[:, left]),
            np.ascontiguousarray(net.balance[:, node]),
            np.ascontiguousarray(net.grain[:, node]),
            net.end[node],
        ),
        node=node,
        edge=left,
        part_ptr=np.cumsum(lengths),
        part=np.array([edge for part in parts for edge in part], dtype=np.int64),
        trace=lists.trace[: lists.traced[0]].copy(),
    )


def _spelled_out(part: Ints, edge: int) -> list[int]:
    """Return the given edges that an edge stands for."""
    found, waiting = [], [edge]
    while waiting:
        one = waiting.pop()
        if part[one, 0] < 0:
            found.append(one)
        else:
            waiting.extend(part[one].tolist())
    return found
