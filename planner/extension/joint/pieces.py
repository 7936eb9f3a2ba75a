"""What a plan connects: which tie-ins supply which terminals, and with how much."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from planner.extension.joint.model import Flags, Ints, Model, Points


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A connected piece of a utility's edges with the terminals on it.

    Parameters
    ----------
    utility
        Place of the utility.
    terminals, sources
        Nodes, ascending; a source is named if it can be tapped, needed or not.
    demand, capacity
        Sums, in the utility's unit; every plan keeps demand <= capacity.
    """

    utility: int
    terminals: tuple[int, ...]
    sources: tuple[int, ...]
    demand: float
    capacity: float


def pieces(model: Model, used: Flags) -> tuple[Piece, ...]:
    """Return the pieces with a demand, by utility and first terminal.

    Parameters
    ----------
    used
        Whether a utility uses an edge, shape (utilities, edges).
    """
    found: list[Piece] = []
    for k, row in enumerate(used):
        ends = (model.u[row], model.v[row])
        shape = (model.nodes, model.nodes)
        graph = coo_array((np.ones(ends[0].size), ends), shape=shape)
        part = connected_components(graph, directed=False)[1]
        found += _of_utility(k, part, model.sources[k], model.terminals[k])
    return tuple(found)


def _of_utility(k: int, part: Ints, sources: Points, terminals: Points) -> list[Piece]:
    wanting = terminals.amount > 0
    giving = sources.amount > 0
    found = []
    for number in dict.fromkeys(part[terminals.node[wanting]].tolist()):
        here = wanting & (part[terminals.node] == number)
        there = giving & (part[sources.node] == number)
        found.append(
            Piece(
                utility=k,
                terminals=tuple(sorted(set(terminals.node[here].tolist()))),
                sources=tuple(sorted(set(sources.node[there].tolist()))),
                demand=float(terminals.amount[here].sum()),
                capacity=float(sources.amount[there].sum()),
            )
        )
    return found
