"""Linear reference on many lines at once: measure, cut, side, direction, identity.

Lines are shapely LineStrings in a projected CRS in metres, x east and y north; a measure is the
distance along a line from its first vertex in metres.
"""

from __future__ import annotations

import base64
import itertools
from hashlib import blake2b
from typing import Any

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

Lines = NDArray[Any]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def vertices(lines: Lines) -> tuple[Floats, Ints]:
    """Return all vertices, shape (n, 2), and for each the position of its line."""
    xy, line = shapely.get_coordinates(lines, return_index=True)
    return xy, line.astype(np.int64)


def from_vertices(xy: Floats, line: Ints) -> Lines:
    """Return LineStrings from their vertices, numbered 0, 1, 2 ... without a gap.

    The inverse of `vertices`.
    """
    return np.asarray(shapely.linestrings(xy, indices=line), dtype=object)


def points(xy: Floats) -> Lines:
    """Return points from coordinates of shape (n, 2)."""
    return np.asarray(shapely.points(xy), dtype=object)


def measures(xy: Floats, line: Ints) -> Floats:
    """Return the measure of every vertex on its line in metres.

    Parameters
    ----------
    xy, line
        As `vertices` returns them.
    """
    step = np.zeros(len(xy))
    step[1:] = np.where(line[1:] == line[:-1], np.hypot(*(xy[1:] - xy[:-1]).T), 0.0)
    total = np.cumsum(step)
    first = np.flatnonzero(np.diff(line, prepend=-1))
    return np.asarray(total - total[first][np.cumsum(np.diff(line, prepend=-1) != 0) - 1])


def locate(lines: Lines, points: Lines) -> Floats:
    """Return the measure of the point of each line nearest to each point, in metres."""
    return np.asarray(shapely.line_locate_point(lines, points), dtype=np.float64)


def cut(lines: Lines, from_m: ArrayLike, to_m: ArrayLike) -> Lines:
    """Return the stretch of each line between two measures.

    Parameters
    ----------
    lines
        LineStrings, shape (n,).
    from_m, to_m
        Measures in metres, shape (n,) or scalars; what lies beyond a line is cut back to it.

    Returns
    -------
    Lines
        LineStrings of shape (n,), in the direction of the lines.

    Raises
    ------
    ValueError
        If a stretch has no length.

    Examples
    --------
    >>> cut(shapely.from_wkt(["LINESTRING (0 0, 10 0, 10 10)"]), 5, 15)[0].wkt
    'LINESTRING (5 0, 10 0, 10 5)'
    """
    length = shapely.length(lines)
    start = np.clip(np.broadcast_to(np.asarray(from_m, float), length.shape), 0.0, length)
    end = np.clip(np.broadcast_to(np.asarray(to_m, float), length.shape), 0.0, length)
    if not (start < end).all():
        msg = "a stretch needs from_m < to_m on its line"
        raise ValueError(msg)
    xy, line = vertices(lines)
    at = measures(xy, line)
    inner = (at > start[line]) & (at < end[line])
    ends = shapely.get_coordinates(
        shapely.line_interpolate_point(np.concatenate([lines, lines]), np.concatenate([start, end]))
    )
    position = np.arange(len(lines))
    owner = np.concatenate([position, line[inner], position])
    measure = np.concatenate([start, at[inner], end])
    coords = np.concatenate([ends[: len(lines)], xy[inner], ends[len(lines) :]])
    order = np.lexsort([measure, owner])
    return from_vertices(coords[order], owner[order])


def offset(lines: Lines, points: Lines) -> Floats:
    """Return the distance of each point from its line in metres, positive to the left."""
    at_m = locate(lines, points)
    near = shapely.get_coordinates(shapely.line_interpolate_point(lines, at_m))
    ahead = directions(lines, at_m)
    away = shapely.get_coordinates(points) - near
    turn = ahead[:, 0] * away[:, 1] - ahead[:, 1] * away[:, 0]
    return np.asarray(np.where(turn >= 0, 1.0, -1.0) * np.hypot(*away.T))


def directions(lines: Lines, at_m: ArrayLike, *, reach_m: float = 0.5) -> Floats:
    """Return the unit direction of each line around a measure, shape (n, 2)."""
    length = shapely.length(lines)
    at = np.broadcast_to(np.asarray(at_m, float), length.shape)
    back = shapely.line_interpolate_point(lines, np.clip(at - reach_m, 0.0, length))
    fore = shapely.line_interpolate_point(lines, np.clip(at + reach_m, 0.0, length))
    along = shapely.get_coordinates(fore) - shapely.get_coordinates(back)
    norm = np.hypot(*along.T)
    return np.asarray(along / np.where(norm > 0, norm, 1.0)[:, None])


def chord_angle_deg(first: Floats, second: Floats) -> Floats:
    """Return the angle between undirected directions of shape (n, 2), 0 to 90 degrees."""
    cross = np.abs(first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0])
    dot = np.abs((first * second).sum(axis=1))
    return np.asarray(np.degrees(np.arctan2(cross, dot)))


def canonical(lines: Lines, *, grid_m: float = 0.1) -> Lines:
    """Return each line in the direction that reads smaller, so that reversal changes nothing.

    The vertices, rounded to the grid, are compared as a sequence of (x, y): an open line starts
    at its western end (the southern one where they are level), a loop keeps its first vertex.
    """
    coords, first = _rounded(lines, grid_m)
    ends = coords[first[:-1]] - coords[first[1:] - 1]
    west = np.where(ends[:, 0] != 0, ends[:, 0], ends[:, 1])
    flip = west > 0
    for at in np.flatnonzero(west == 0):
        flip[at] = _reads_backward(coords[first[at] : first[at + 1]])
    turned = lines.copy()
    turned[flip] = shapely.reverse(lines[flip])
    return turned


def ids(lines: Lines, *, prefix: str, grid_m: float = 0.1) -> list[str]:
    """Return an identity for each line that depends on its rounded geometry alone.

    Ten characters of base 32 hold 50 bits: among 100,000 lines two share an identity by chance
    with a probability of 4 in a million.
    """
    coords, first = _rounded(canonical(lines, grid_m=grid_m), grid_m)
    return [
        prefix + _digest(coords[start:end]) for start, end in itertools.pairwise(first.tolist())
    ]


def _rounded(lines: Lines, grid_m: float) -> tuple[Ints, Ints]:
    """Return all vertices in units of the grid and where each line begins, and the last ends."""
    coords = np.rint(shapely.get_coordinates(lines) / grid_m).astype("<i8")
    return coords, np.concatenate([[0], np.cumsum(shapely.get_num_coordinates(lines))])


def _reads_backward(coords: Ints) -> bool:
    difference = (coords - coords[::-1]).ravel()
    unlike = np.flatnonzero(difference)
    return bool(unlike.size and difference[unlike[0]] > 0)


def _digest(coords: Ints) -> str:
    return base64.b32encode(blake2b(coords.tobytes(), digest_size=7).digest()).decode()[:10]


def interpolate(lines: Lines, line: Ints, at_m: Floats) -> Floats:
    """Return coordinates, shape (n, 2), at measures on lines given by position.

    Takes one pass over all lines, however often each is asked for.
    """
    if not len(line):
        return np.empty((0, 2))
    xy, owner = vertices(lines)
    base = np.cumsum(shapely.length(lines) + 1.0) - shapely.length(lines) - 1.0
    known = measures(xy, owner) + base[owner]
    sought = np.clip(at_m, 0.0, shapely.length(lines)[line]) + base[line]
    return np.column_stack([np.interp(sought, known, xy[:, 0]), np.interp(sought, known, xy[:, 1])])
