"""Recompute a bound from its certificate: replay the reduction, then weigh the rows.

Why a step of the reduction keeps the optimum: a dropped edge has a path that no utility pays more
for and that leads through no end, and joining pieces lacks no capacity; a node of degree 2 that is
nobody's source or terminal and no end is passed through or not at all; nothing is behind a pruned
edge. Who has no terminal at an end has no edge there, and what reaches an end never leaves it.

Why a row holds: what a set lacks has to enter it or to come from its sources U, and a sum of whole
numbers stays large enough if its factors are rounded up; what a source gives has to reach a
terminal; a node that is no terminal keeps nothing of what flows through it.

If each terminal draws from one source, those that ask for some amount are served by sources that
have it: what the others ask for and give may be left out of a row. It then says nothing of the
direction, which is that of all that flows, but nothing ever comes from an end.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from planner.extension.joint.certificate import ENTER, LEAVE, PASS_IN, PASS_OUT, Certificate
from planner.extension.joint.model import Flags, Floats, Ints, Model

_FORBIDDEN = 1 << 52
_DROPPED, _MERGED, _PRUNED = 0, 1, 2


@dataclass(slots=True)
class _Graph:
    """The graph while the reduction is replayed."""

    u: list[int]
    v: list[int]
    trench: list[int]
    line: list[tuple[int, ...]]
    alive: list[bool]
    kept: Flags
    end: Flags
    around: list[set[int]] = field(default_factory=list)

    def other(self, edge: int, node: int) -> int:
        return self.v[edge] if self.u[edge] == node else self.u[edge]

    def remove(self, edge: int) -> None:
        self.alive[edge] = False
        self.around[self.u[edge]].discard(edge)
        self.around[self.v[edge]].discard(edge)


@dataclass(frozen=True, slots=True)
class Replayed:
    """The reduced network as the checker found it, with the problem's nodes.

    Parameters
    ----------
    u, v, trench, line
        Of the edges in the certificate's order.
    balance
        Shape (utilities, nodes).
    grain
        Largest source or smallest demand of a node, where terminals draw from one source each.
    end
        Nodes through which nothing passes, shape (nodes,).
    """

    u: Ints
    v: Ints
    trench: Ints
    line: Ints
    balance: Ints
    grain: Ints
    end: Flags


def structure(model: Model, certificate: Certificate) -> Iterator[str]:
    """Yield what makes a certificate unreadable."""
    rows, utilities = certificate.kind.size, len(model.names)
    if certificate.share.shape != (utilities, certificate.edges.size):
        yield "share does not fit utilities and edges"
    if certificate.utility.size != rows or certificate.weight.size != rows:
        yield "rows of different counts"
    for name in ("set", "source"):
        ptr, nodes = getattr(certificate, f"{name}_ptr"), getattr(certificate, f"{name}_nodes")
        steps = np.diff(ptr)
        if ptr.size != rows + 1 or ptr[0] != 0 or ptr[-1] != nodes.size or (steps < 0).any():
            yield f"{name}_ptr does not fit {name}_nodes"
    if (certificate.share < 0).any() or (certificate.weight < 0).any():
        yield "multipliers below 0"
    if certificate.step.size != rows or (certificate.step < 0).any():
        yield "steps that do not fit the rows"
    if not ((certificate.utility >= 0) & (certificate.utility < utilities)).all():
        yield "utilities that do not exist"
    else:
        yield from _least_faults(model, certificate)
    if not np.isin(certificate.kind, (ENTER, LEAVE, PASS_OUT, PASS_IN)).all():
        yield "kinds of rows that do not exist"


def _least_faults(model: Model, certificate: Certificate) -> Iterator[str]:
    least, rows = certificate.least, certificate.kind.size
    if least.size != rows or certificate.utility.size != rows or (least < 0).any():
        yield "least amounts that do not fit the rows"
    elif not np.isin(certificate.utility[least > 0], np.flatnonzero(model.unsplit)).all():
        yield "least amounts of utilities that may split"


def replay(
    model: Model, certificate: Certificate, left_out: set[tuple[str, int]]
) -> tuple[Replayed, list[str]]:
    """Verify every step of the reduction; return what is left, and what is wrong."""
    balance = _balances(model, left_out)
    graph = _graph(model, balance)
    faults: list[str] = []
    at, trace = 0, certificate.trace.tolist()
    while at + 3 <= len(trace) and not faults:
        kind, edge, count = trace[at : at + 3]
        listed = trace[at + 3 : at + 3 + count] if count >= 0 else []
        fault = _step(graph, kind, edge, listed)
        if fault or count < 0 or len(listed) != count:
            faults.append(f"step at {at}: {fault or 'cut short'}")
        at += 3 + max(count, 0)
    left = certificate.edges.tolist()
    if not faults and left != [edge for edge, alive in enumerate(graph.alive) if alive]:
        faults.append("the edges named are not those that are left")
    if faults:
        left = []
    ends = np.array([(graph.u[edge], graph.v[edge]) for edge in left], dtype=np.int64)
    ends = ends.reshape(-1, 2)
    line = np.array([graph.line[edge] for edge in left], dtype=np.int64)
    trench = np.array([graph.trench[edge] for edge in left], dtype=np.int64)
    lines = line.reshape(len(left), len(model.names)).T
    grain = _grains(model)
    return Replayed(ends[:, 0], ends[:, 1], trench, lines, balance, grain, graph.end), faults


def bound_milli(net: Replayed, certificate: Certificate) -> tuple[int, list[str]]:
    """Add up the bound in thousandths of a yuan; return it, and which rows do not hold."""
    share = certificate.share
    trench = net.trench - share.sum(axis=0)
    leaving = np.stack([net.end[net.u], net.end[net.v]], axis=1)
    arcs = np.where(leaving, _FORBIDDEN, (net.line + share)[:, :, None])
    sources = np.zeros(net.balance.shape, dtype=np.int64)
    bound, wrong = 0, []
    inside = np.zeros(net.balance.shape[1], dtype=np.bool_)
    at_node = _edges_by_node(net)
    for row in range(certificate.kind.size):
        kind, k = int(certificate.kind[row]), int(certificate.utility[row])
        weight = int(certificate.weight[row])
        nodes = _part(certificate.set_ptr, certificate.set_nodes, row)
        own = _part(certificate.source_ptr, certificate.source_nodes, row)
        if kind in (PASS_OUT, PASS_IN):
            held = _pass(net, k, weight, nodes, arcs, sources, out=kind == PASS_OUT)
        elif not _are_nodes(nodes, inside.size) or not np.isin(own, nodes).all():
            held = False
        else:
            inside[nodes] = True
            entering, counts = kind == ENTER, int(certificate.least[row])
            balance = np.where(net.grain[k] >= counts, net.balance[k], 0)
            held = _holds(balance, nodes, own, entering=entering) and (entering or not counts)
            near = _edges_at(at_node, nodes)
            least, giving = 1, np.array([-1])
            if entering and held:
                least, giving = _rounded(balance, nodes, own, int(certificate.step[row]))
            bound += weight * least if entering else 0
            crossed = _crossed(net, inside, near, entering=entering, either=counts > 0)
            arcs[k, near] -= weight * least * crossed
            sources[k, own] -= weight * giving
            inside[nodes] = False
        if not held:
            wrong.append(f"row {row} does not hold")
    for left in (trench, arcs, sources):
        bound += int(np.minimum(left, 0).sum())
    return bound, wrong


def _crossed(net: Replayed, inside: Flags, near: Ints, *, entering: bool, either: bool) -> Flags:
    """Return which arcs of some edges enter a set, or leave it, or do either but not from an end.

    Returns
    -------
    Flags
        Shape (edges, 2).
    """
    at_u, at_v = inside[net.u[near]], inside[net.v[near]]
    if either:
        outer = np.where(at_u, net.v[near], net.u[near])
        crossing = (at_u != at_v) & ~net.end[outer]
        return np.stack([crossing, crossing], axis=1)
    forward, back = at_v & ~at_u, at_u & ~at_v
    return np.stack([forward, back] if entering else [back, forward], axis=1)


def _edges_by_node(net: Replayed) -> list[Ints]:
    """Return the edges at each node."""
    ends = np.concatenate([net.u, net.v])
    order = np.argsort(ends, kind="stable")
    cuts = np.searchsorted(ends[order], np.arange(1, net.balance.shape[1]))
    return np.split(order % max(net.u.size, 1), cuts)


def _edges_at(at_node: list[Ints], nodes: Ints) -> Ints:
    """Return the edges at any of some nodes, each once."""
    return np.unique(np.concatenate([at_node[node] for node in nodes.tolist()]))


def _part(ptr: Ints, values: Ints, row: int) -> Ints:
    return values[ptr[row] : ptr[row + 1]]


def _are_nodes(nodes: Ints, count: int) -> bool:
    known = nodes.size > 0 and bool(((nodes >= 0) & (nodes < count)).all())
    return known and np.unique(nodes).size == nodes.size


def _holds(balance: Ints, nodes: Ints, own: Ints, *, entering: bool) -> bool:
    """Return whether every plan has to enter a set, or to leave it if its source gives."""
    if np.unique(own).size != own.size or not (balance[own] > 0).all():
        return False
    if entering:
        return int(balance[nodes].sum() - balance[own].sum()) < 0
    return own.size == 1 and not (balance[nodes] < 0).any()


def _rounded(balance: Ints, nodes: Ints, own: Ints, step: int) -> tuple[int, Ints]:
    """Return what a set asks for and what its sources give, in steps, rounded up."""
    lacking = int(balance[own].sum() - balance[nodes].sum())
    size = step or lacking
    return -(-lacking // size), -(-np.minimum(balance[own], lacking) // size)


def _pass(
    net: Replayed, k: int, weight: int, place: Ints, arcs: Ints, sources: Ints, *, out: bool
) -> bool:
    """Weigh what passes through a node; return whether the row holds."""
    if place.size != 2 or not (0 <= place[0] < net.u.size and place[1] in (0, 1)):
        return False
    edge, back = int(place[0]), int(place[1])
    node = (net.v if (back == 0) != out else net.u)[edge]
    at_u, at_v = net.u == node, net.v == node
    at_u[edge] = at_v[edge] = False
    arcs[k, :, 1] -= weight * (at_u if out else at_v)
    arcs[k, :, 0] -= weight * (at_v if out else at_u)
    arcs[k, edge, back] += weight
    if out and net.balance[k, node] > 0:
        sources[k, node] -= weight
    return bool(net.balance[k, node] >= 0)


def _step(graph: _Graph, kind: int, edge: int, listed: list[int]) -> str:
    """Verify one step and make it; return what is wrong with it."""
    if kind == _MERGED:
        return _merge(graph, edge, listed)
    if not (0 <= edge < len(graph.alive) and graph.alive[edge]):
        return f"edge {edge} is not there"
    if kind == _DROPPED:
        fault = _dear_path(graph, edge, listed)
    elif kind == _PRUNED:
        fault = "" if _is_dead_end(graph, edge) else f"edge {edge} is no dead end"
    else:
        fault = f"kind {kind}"
    if not fault:
        graph.remove(edge)
    return fault


def _dear_path(graph: _Graph, edge: int, path: list[int]) -> str:
    """Return why a path does not make an edge needless."""
    node = graph.v[edge]
    for step, one in enumerate(path):
        there = 0 <= one < len(graph.alive) and graph.alive[one] and one != edge
        if not there or node not in (graph.u[one], graph.v[one]):
            return f"edge {edge}: no path"
        if step and graph.end[node]:
            return f"edge {edge}: the path leads through the end {node}"
        node = graph.other(one, node)
    if node != graph.u[edge]:
        return f"edge {edge}: the path ends elsewhere"
    lines = [sum(prices) for prices in zip(*(graph.line[one] for one in path), strict=True)]
    dearer = any(one > other for one, other in zip(lines, graph.line[edge], strict=False))
    trench = sum(graph.trench[one] for one in path)
    return f"edge {edge}: the path is dearer" if dearer or trench > graph.trench[edge] else ""


def _is_dead_end(graph: _Graph, edge: int) -> bool:
    """Return whether all edges at an end that is nobody's lead to the same node."""
    return any(
        not graph.kept[node] and len({graph.other(one, node) for one in graph.around[node]}) == 1
        for node in (graph.u[edge], graph.v[edge])
    )


def _merge(graph: _Graph, edge: int, listed: list[int]) -> str:
    """Replace two edges by one."""
    count = len(graph.alive)
    if edge != count or len(listed) != 2 or not all(0 <= one < count for one in listed):
        return f"edge {edge} cannot be merged so"
    one, other = listed
    middle = [
        node
        for node in (graph.u[one], graph.v[one])
        if graph.around[node] == {one, other} and one != other and not graph.kept[node]
    ]
    if not middle:
        return f"edges {one} and {other} do not meet alone"
    start, end = graph.other(one, middle[0]), graph.other(other, middle[0])
    if start == end:
        return f"edges {one} and {other} are a loop"
    graph.remove(one)
    graph.remove(other)
    graph.u.append(start)
    graph.v.append(end)
    graph.trench.append(graph.trench[one] + graph.trench[other])
    pairs = zip(graph.line[one], graph.line[other], strict=True)
    graph.line.append(tuple(min(a + b, _FORBIDDEN) for a, b in pairs))
    graph.alive.append(True)
    graph.around[start].add(edge)
    graph.around[end].add(edge)
    return ""


def _graph(model: Model, balance: Ints) -> _Graph:
    line = np.full(model.line_yuan.shape, _FORBIDDEN, dtype=np.int64)
    finite = np.isfinite(model.line_yuan)
    line[finite] = _thousandths(model.line_yuan[finite])
    end = np.isin(np.arange(model.nodes), model.ends)
    foreign = end & (balance >= 0)
    line[foreign[:, model.u] | foreign[:, model.v]] = _FORBIDDEN
    graph = _Graph(
        u=model.u.tolist(),
        v=model.v.tolist(),
        trench=_thousandths(model.trench_yuan).tolist(),
        line=[tuple(map(int, prices)) for prices in line.T],
        alive=[True] * model.edges,
        kept=(balance != 0).any(axis=0) | end,
        end=end,
        around=[set() for _ in range(model.nodes)],
    )
    for edge, (u, v) in enumerate(zip(graph.u, graph.v, strict=True)):
        graph.around[u].add(edge)
        graph.around[v].add(edge)
    return graph


def _balances(model: Model, left_out: set[tuple[str, int]]) -> Ints:
    """Return capacity less demand in thousandths, without who is left out."""
    table = np.zeros((len(model.names), model.nodes), dtype=np.int64)
    for k, name in enumerate(model.names):
        sources, terminals = model.sources[k], model.terminals[k]
        for node, amount in zip(sources.node.tolist(), _thousandths(sources.amount), strict=True):
            table[k, node] += amount
        demands = np.ceil(terminals.amount * 1000 - 1e-3).astype(np.int64)
        for node, amount in zip(terminals.node.tolist(), demands, strict=True):
            if (name, node) not in left_out:
                table[k, node] -= amount
    return table


def _grains(model: Model) -> Ints:
    """Return the largest source or the smallest demand of every node in thousandths."""
    table = np.zeros((len(model.names), model.nodes), dtype=np.int64)
    for k in np.flatnonzero(model.unsplit).tolist():
        sources, terminals = model.sources[k], model.terminals[k]
        demands = np.ceil(terminals.amount * 1000 - 1e-3).astype(np.int64)
        for node, amount in zip(terminals.node.tolist(), demands.tolist(), strict=True):
            table[k, node] = min(amount, table[k, node] or amount) if amount else table[k, node]
        for node, amount in zip(sources.node.tolist(), _thousandths(sources.amount), strict=True):
            table[k, node] = max(amount, table[k, node])
    return table


def _thousandths(values: Floats) -> Ints:
    return np.floor(values * 1000 + 1e-3).astype(np.int64)
