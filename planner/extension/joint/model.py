"""What joint routing is asked: a graph, prices, sources with capacities, terminals with demands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from geo.errors import Fault, InputError

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

PARTS = 1000
"""Yuan, demands and capacities are counted in whole thousandths: what is exact can be proven."""

_DUST = 1e-3
"""Of a thousandth: a binary fraction this close below a whole number is that number."""

_LARGEST = 1e12
"""Amounts above this leave whole numbers of 64 bits no room to be added up."""

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Points:
    """Nodes with an amount each: sources with capacity left, or terminals with a demand.

    Parameters
    ----------
    node
        Shape (points,); a node may occur more than once, its amounts add up.
    amount
        In the utility's own unit, at least 0, shape (points,).
    """

    node: Ints
    amount: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One problem of joint routing over an undirected graph.

    A plan chooses edges for each utility. Every connected piece of a utility's edges must hold
    sources whose capacities sum to at least its demands, and no utility has more than one edge at
    an end. An edge costs its trench once, if anybody uses it, and its line for each utility that
    does.

    Parameters
    ----------
    nodes
        How many there are, numbered from 0.
    u, v
        Ends of each edge, shape (edges,).
    trench_yuan
        Shape (edges,).
    line_yuan
        Shape (utilities, edges); infinite where a utility may not use an edge.
    names
        Of the utilities.
    sources, terminals
        For each utility.
    ends
        Nodes at which lines end and through which none passes, such as parcels; no sources.
    unsplit
        Whether each terminal of a utility draws from one source alone, shape (utilities,); empty
        for none. Bounds count on it, `planner.extension.joint.solve` does not.

    Raises
    ------
    InputError
        With every fault: lengths that differ, ends and points that are no nodes, amounts that are
        negative, not finite or too large, ends that are sources, terminals that are sources of
        the same utility and do not split.
    """

    nodes: int
    u: Ints
    v: Ints
    trench_yuan: Floats
    line_yuan: Floats
    names: tuple[str, ...]
    sources: tuple[Points, ...]
    terminals: tuple[Points, ...]
    ends: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    unsplit: Flags = field(default_factory=lambda: np.zeros(0, dtype=np.bool_))

    def __post_init__(self) -> None:
        faults = list(_shape_faults(self)) or list(_value_faults(self))
        if faults:
            raise InputError(faults)

    @property
    def edges(self) -> int:
        """How many edges there are."""
        return int(self.u.size)


def parts(values: Floats) -> Ints:
    """Return finite amounts in whole thousandths, rounded down.

    Examples
    --------
    >>> parts(np.array([31.7 * 350, 0.0009])).tolist()
    [11095000, 0]
    """
    return np.floor(values * PARTS + _DUST).astype(np.int64)


def balances(model: Model) -> Ints:
    """Return capacity less demand of every node in thousandths, shape (utilities, nodes)."""
    table = np.zeros((len(model.names), model.nodes), dtype=np.int64)
    for row, sources, terminals in zip(table, model.sources, model.terminals, strict=True):
        np.add.at(row, sources.node, parts(sources.amount))
        wanted = np.ceil(terminals.amount * PARTS - _DUST).astype(np.int64)
        np.subtract.at(row, terminals.node, wanted)
    return table


def grains(model: Model) -> Ints:
    """Return the largest source or the smallest demand at every node in thousandths.

    Returns
    -------
    Ints
        Shape (utilities, nodes); 0 for utilities that may split, and where there is nothing.
    """
    table = np.zeros((len(model.names), model.nodes), dtype=np.int64)
    for k in np.flatnonzero(model.unsplit):
        source, terminal = model.sources[k], model.terminals[k]
        np.maximum.at(table[k], source.node, parts(source.amount))
        wanted = np.ceil(terminal.amount * PARTS - _DUST).astype(np.int64)
        node, wanted = terminal.node[wanted > 0], wanted[wanted > 0]
        table[k, node] = wanted
        np.minimum.at(table[k], node, wanted)
    return table


def cost_yuan(model: Model, used: Flags) -> float:
    """Return what a plan costs: each trench once, each line.

    Parameters
    ----------
    used
        Shape (utilities, edges).
    """
    lines = np.where(used, model.line_yuan, 0.0).sum()
    return float(model.trench_yuan[used.any(axis=0)].sum() + lines)


def _shape_faults(model: Model) -> Iterator[Fault]:
    edges, utilities = model.u.shape, (len(model.names),)
    shapes = {
        "v": (model.v.shape, edges),
        "trench_yuan": (model.trench_yuan.shape, edges),
        "line_yuan": (model.line_yuan.shape, utilities + edges),
        "sources": ((len(model.sources),), utilities),
        "terminals": ((len(model.terminals),), utilities),
        "unsplit": (model.unsplit.shape, utilities if model.unsplit.size else (0,)),
    }
    for column, (given, wanted) in shapes.items():
        if given != wanted:
            yield Fault("joint_shape", {"given": given, "wanted": wanted}, column=column)


def _value_faults(model: Model) -> Iterator[Fault]:
    ends = np.stack([model.u, model.v])
    yield from _wrong("joint_node", "edges", _any((ends < 0) | (ends >= model.nodes)))
    yield from _wrong("joint_price", "trench_yuan", _no_amount(model.trench_yuan))
    forbidden = np.isposinf(model.line_yuan)
    lines = _no_amount(np.where(forbidden, 0.0, model.line_yuan))
    yield from _wrong("joint_price", "line_yuan", _any(lines))
    for table, groups in (("sources", model.sources), ("terminals", model.terminals)):
        for name, points in zip(model.names, groups, strict=True):
            strange: Flags = (points.node < 0) | (points.node >= model.nodes)
            yield from _wrong("joint_node", table, strange, layer=name)
            yield from _wrong("joint_amount", table, _no_amount(points.amount), layer=name)
    beyond: Flags = (model.ends < 0) | (model.ends >= model.nodes)
    yield from _wrong("joint_node", "ends", beyond)
    for name, points in zip(model.names, model.sources, strict=True):
        giving = points.node[points.amount > 0]
        yield from _wrong("joint_end", "ends", np.isin(model.ends, giving), layer=name)
    for k in np.flatnonzero(model.unsplit).tolist():
        sources, terminals = model.sources[k], model.terminals[k]
        giving = sources.node[sources.amount > 0]
        both: Flags = np.isin(terminals.node, giving) & (terminals.amount > 0)
        yield from _wrong("joint_both", "terminals", both, layer=model.names[k])


def _any(table: Flags) -> Flags:
    return np.asarray(table.any(axis=0), dtype=np.bool_)


def _no_amount(values: Floats) -> Flags:
    strange: Flags = ~((values >= 0) & (values <= _LARGEST))
    return strange


def _wrong(code: str, column: str, wrong: Flags, *, layer: str = "") -> Iterator[Fault]:
    places = np.flatnonzero(wrong)
    if places.size:
        rows = tuple(str(place + 1) for place in places[:_SHOWN])
        yield Fault(code, layer=layer, column=column, rows=rows, count=int(places.size))
