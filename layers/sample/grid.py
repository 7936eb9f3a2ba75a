"""A square grid as a graph: neighbours, least-cost surfaces, paths."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from affine import Affine
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Half of the sixteen moves of a chess king and knight; the other half are their reverses.
# The knight's moves keep least-cost surfaces from growing octagonal.
_MOVES = ((0, 1), (1, 0), (1, 1), (1, -1), (1, 2), (2, 1), (1, -2), (2, -1))


@dataclass(frozen=True, slots=True)
class Lattice:
    """Where the cells of a north-up grid lie.

    `transform` maps (column, row) corners to (x, y) in metre; cells are square.
    """

    shape: tuple[int, int]
    transform: Affine

    @property
    def cell_m(self) -> float:
        """Side of a cell in metre."""
        return float(self.transform.a)

    @property
    def cells(self) -> int:
        """Number of cells."""
        return self.shape[0] * self.shape[1]

    def xy(self, cells: Ints) -> Floats:
        """Return the centres of cells given by flat number, shape (n, 2)."""
        row, column = np.divmod(np.asarray(cells), self.shape[1])
        x, y = self.transform @ (column + 0.5, row + 0.5)
        return np.column_stack([x, y])

    def centres(self) -> tuple[Floats, Floats]:
        """Return x and y of every cell centre, each of the grid's shape."""
        points = self.xy(np.arange(self.cells))
        return points[:, 0].reshape(self.shape), points[:, 1].reshape(self.shape)

    def cell(self, xy: Floats) -> Ints:
        """Return the flat number of the cell of each point, clipped to the grid."""
        points = np.atleast_2d(xy)
        column, row = ~self.transform @ (points[:, 0], points[:, 1])
        column = np.clip(np.floor(column), 0, self.shape[1] - 1).astype(np.int64)
        row = np.clip(np.floor(row), 0, self.shape[0] - 1).astype(np.int64)
        number: Ints = row * self.shape[1] + column
        return number

    def moves(self) -> tuple[Ints, Ints, Floats]:
        """Return every pair of neighbouring cells once, with the distance in metre."""
        number = np.arange(self.cells).reshape(self.shape)
        rows, columns = self.shape
        first, second, metres = [], [], []
        for down, right in _MOVES:
            left, start = max(0, -right), max(0, right)
            a = number[: rows - down, left : columns - start]
            b = number[down:, left + right : columns - start + right]
            first.append(a.ravel())
            second.append(b.ravel())
            metres.append(np.full(a.size, np.hypot(down, right) * self.cell_m))
        return np.concatenate(first), np.concatenate(second), np.concatenate(metres)


def spread(
    lattice: Lattice,
    cost: Floats,
    sources: Ints,
    starts: Floats | None = None,
    *,
    moves: tuple[Ints, Ints, Floats] | None = None,
) -> tuple[Floats, Ints]:
    """Return the least cost from any source to every cell, and the way back.

    Parameters
    ----------
    lattice
        The grid.
    cost
        Cost of each of `moves`, shape (m,), positive, the same both ways.
    sources
        Flat cell numbers.
    starts
        Cost at which each source begins; zero where left out.
    moves
        Pairs of neighbours if already at hand.

    Returns
    -------
    total
        Shape (cells,).
    back
        The neighbour towards the nearest source, shape (cells,); -1 at a source.
    """
    first, second, _ = lattice.moves() if moves is None else moves
    offset = np.zeros(len(sources)) if starts is None else np.asarray(starts, dtype=np.float64)
    gate = lattice.cells
    rows = np.concatenate([first, second, np.full(len(sources), gate)])
    columns = np.concatenate([second, first, sources])
    # an explicit zero would be read as "no edge"
    weights = np.concatenate([cost, cost, offset + 1e-9])
    graph = sparse.csr_array((weights, (rows, columns)), shape=(gate + 1, gate + 1))
    total, back = csgraph.dijkstra(graph, indices=gate, return_predecessors=True)
    way = back[:gate].astype(np.int64)
    way[(way == gate) | (way < 0)] = -1
    return total[:gate], way
