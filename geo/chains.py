"""Join pieces of line end to end where nothing else meets them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geo.graph import end_nodes
from geo.lines import Ints, Lines


@dataclass(frozen=True, slots=True, eq=False)
class Chains:
    """Lines joined from pieces, and for each piece the position of its line."""

    lines: Lines
    chain: Ints


def join(pieces: Lines, kind: Ints) -> Chains:
    """Join pieces at nodes where exactly two pieces of one kind meet.

    A ring begins at the one junction that it has, else at its least vertex by x, then y; a piece
    that is a ring by itself stays as it is. Directions are as they fall out.

    Parameters
    ----------
    pieces
        LineStrings that meet at their ends only, in millimetre rounding, shape (n,).
    kind
        Number of the kind of each piece, shape (n,).
    """
    count = len(pieces)
    nodes, first, last = end_nodes(pieces)
    end, piece = np.concatenate([first, last]), np.tile(np.arange(count), 2)
    order = np.argsort(end, kind="stable")
    degree = np.bincount(end, minlength=len(nodes))
    pair = piece[order[degree[end[order]] == 2]].reshape(-1, 2)
    alike = (pair[:, 0] != pair[:, 1]) & (kind[pair[:, 0]] == kind[pair[:, 1]])
    a, b = pair[alike].T
    junction = np.ones(len(nodes), dtype=bool)
    junction[np.flatnonzero(degree == 2)[alike]] = False
    links = coo_array((np.ones(len(a), np.int8), (a, b)), shape=(count, count))
    _, chain = connected_components(links, directed=False)
    order = np.argsort(chain, kind="stable")
    lines = np.asarray(
        shapely.line_merge(shapely.multilinestrings(pieces[order], indices=chain[order]))
    )
    rings = shapely.is_closed(lines) & (np.bincount(chain, minlength=len(lines)) > 1)
    starts = nodes[np.unique(end[junction[end]])]
    lines[rings] = [_turned(ring, starts) for ring in lines[rings]]
    return Chains(lines, chain.astype(np.int64))


def _turned(ring: shapely.LineString, starts: NDArray[np.float64]) -> shapely.LineString:
    """Return the ring beginning at the first of the given places it passes, else its least."""
    coords = shapely.get_coordinates(ring)[:-1]
    is_start = (coords[:, None] == starts[None]).all(axis=2).any(axis=1)
    choice = np.flatnonzero(is_start) if is_start.any() else np.arange(len(coords))
    least = choice[np.lexsort([coords[choice, 1], coords[choice, 0]])[0]]
    coords = np.roll(coords, -least, axis=0)
    return shapely.LineString(np.concatenate([coords, coords[:1]]))
