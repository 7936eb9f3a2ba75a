"""The problem in whole numbers and CSR arrays, as the kernels take it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from planner.extension.joint.model import Flags, Ints, Model, balances, grains, parts

FORBIDDEN = 1 << 52
"""Price, in thousandths of a yuan, of a line where a utility may not go: never paid."""

OUTSIDE = 1 << 52
"""Balance of a node on the rim of a part of a network: anything may come from there or go there."""


class Net(NamedTuple):
    """A graph with prices in thousandths of a yuan and balances in thousandths of a unit.

    Edge e is two arcs: 2 e runs from u to v, 2 e + 1 back.

    Parameters
    ----------
    u, v
        Shape (edges,).
    trench
        Shape (edges,).
    line
        Shape (utilities, edges); `FORBIDDEN` where a utility may not go.
    balance
        Capacity less demand, shape (utilities, nodes).
    grain
        Where terminals draw from one source each, the largest source or the smallest demand at a
        node, shape (utilities, nodes); 0 elsewhere.
    end
        Nodes at which a utility has at most one edge, shape (nodes,); each is somebody's terminal,
        and whoever has no terminal there may not go there.
    ptr, nbr, arc
        Around node x lie the places ptr[x] to ptr[x + 1]: neighbour, and arc from x to it.
    """

    u: Ints
    v: Ints
    trench: Ints
    line: Ints
    balance: Ints
    grain: Ints
    end: Flags
    ptr: Ints
    nbr: Ints
    arc: Ints


def net_of(model: Model) -> Net:
    """Return a model in whole numbers."""
    line = np.full(model.line_yuan.shape, FORBIDDEN, dtype=np.int64)
    open_to = np.isfinite(model.line_yuan)
    line[open_to] = parts(model.line_yuan[open_to])
    balance = balances(model)
    end = np.zeros(model.nodes, dtype=np.bool_)
    end[model.ends] = True
    foreign = end & (balance >= 0)
    line[foreign[:, model.u] | foreign[:, model.v]] = FORBIDDEN
    return joined(model.u, model.v, parts(model.trench_yuan), line, balance, grains(model), end)


def arc_prices(net: Net) -> Ints:
    """Return what each arc costs each utility, `FORBIDDEN` where an end would be left.

    Returns
    -------
    Ints
        Shape (utilities, 2 edges), without trenches.
    """
    tail = np.stack([net.u, net.v], axis=1).ravel()
    return np.where(net.end[tail], FORBIDDEN, np.repeat(net.line, 2, axis=1))


def counted(net: Net, k: int, least: int) -> Ints:
    """Return the balance of those nodes of a utility that ask for, or give, so much at once.

    Parameters
    ----------
    least
        In thousandths of a unit; 0 for all nodes.
    """
    return np.where(net.grain[k] >= least, net.balance[k], 0)


def thresholds(net: Net, k: int) -> Ints:
    """Return the least amounts that are worth counting for a utility, ascending.

    An amount is one terminal's, and excludes other sources than the smaller ones do.

    Examples
    --------
    >>> grain = np.array([[5, 8, 2, 3, 4, 6]])
    >>> balance = np.array([[5, 8, -2, -3, -4, -6]])
    >>> flat = np.zeros(0, dtype=np.int64)
    >>> end = np.zeros(6, dtype=np.bool_)
    >>> thresholds(joined(flat, flat, flat, flat.reshape(1, 0), balance, grain, end), 0).tolist()
    [6]
    """
    balance, grain = net.balance[k], net.grain[k]
    asked = np.unique(grain[(balance < 0) & (grain > 0)])
    excluded = np.searchsorted(np.sort(grain[(balance > 0) & (grain > 0)]), asked)
    found: Ints = asked[np.diff(excluded, prepend=0) > 0]
    return found


def joined(
    u: Ints, v: Ints, trench: Ints, line: Ints, balance: Ints, grain: Ints, end: Flags
) -> Net:
    """Return a network with its neighbour lists; arguments as in `Net`."""
    tails, heads = np.stack([u, v], axis=1).ravel(), np.stack([v, u], axis=1).ravel()
    order = np.argsort(tails, kind="stable")
    ptr = np.searchsorted(tails[order], np.arange(balance.shape[1] + 1))
    return Net(
        u=np.ascontiguousarray(u, dtype=np.int64),
        v=np.ascontiguousarray(v, dtype=np.int64),
        trench=np.ascontiguousarray(trench),
        line=np.ascontiguousarray(line),
        balance=np.ascontiguousarray(balance),
        grain=np.ascontiguousarray(grain),
        end=np.ascontiguousarray(end),
        ptr=ptr.astype(np.int64),
        nbr=np.ascontiguousarray(heads[order], dtype=np.int64),
        arc=order.astype(np.int64),
    )
