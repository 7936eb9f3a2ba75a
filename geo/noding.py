"""Cut road lines where roads meet, whatever order or direction they come in.

Lines are held as flat arrays while they are worked on: all vertices one after another, and for
each the position of its line. Coordinates are rounded to the millimetre, so that equal places
are equal numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geo.lines import Floats, Ints, Lines, from_vertices, locate, measures, points, vertices

Crossings = Literal["auto", "node", "pass"]
Flags = NDArray[np.bool_]

_CROSSING_SHARE = 0.2
_ROUNDING_M = 0.001


@dataclass(frozen=True, slots=True, eq=False)
class Pieces:
    """Lines that meet at their ends only, and for each the position of the line it comes from."""

    lines: Lines
    source: Ints


@dataclass(frozen=True, slots=True, eq=False)
class _Flat:
    """Vertices of shape (n, 2) in millimetre rounding and the line of each, ascending."""

    xy: Floats
    line: Ints

    @classmethod
    def of(cls, xy: Floats, line: Ints) -> _Flat:
        """Round, drop vertices that repeat their predecessor, and lines left with one."""
        xy = np.round(xy, 3) + 0.0
        same = np.zeros(len(xy), dtype=bool)
        same[1:] = (line[1:] == line[:-1]) & (xy[1:] == xy[:-1]).all(axis=1)
        xy, line = xy[~same], line[~same]
        many = np.bincount(line, minlength=1)[line] > 1 if len(line) else np.zeros(0, bool)
        return cls(xy[many], line[many])

    @property
    def first(self) -> Flags:
        return np.asarray(np.diff(self.line, prepend=-1) != 0)

    @property
    def last(self) -> Flags:
        return np.asarray(np.diff(self.line, append=-1) != 0)

    def inserted(self, line: Ints, at_m: Floats, xy: Floats) -> _Flat:
        """Return these lines with further vertices at the given measures."""
        every_line = np.concatenate([self.line, line])
        every_at = np.concatenate([measures(self.xy, self.line), at_m])
        every_xy = np.concatenate([self.xy, xy])
        order = np.lexsort([every_xy[:, 1], every_xy[:, 0], every_at, every_line])
        return _Flat.of(every_xy[order], every_line[order])


def node(
    lines: Lines, *, snap_m: float, crossings: Crossings = "auto", grade: Ints | None = None
) -> Pieces:
    """Cut lines at every junction.

    A junction is where (1) two vertices coincide, after ends, shared vertices and crossings
    within `snap_m` of one another have become one place; (2) an end lies within `snap_m` of another
    line, or a vertex of one line on another, which is then led through it; (3) two lines cross
    without a common vertex, unless that is a bridge.

    With `grade`, lines of different grade cross as bridges and lines of one grade meet. Without
    it nothing in the geometry tells a bridge from a junction that was never noded, but the data
    as a whole does: where lines mostly share a vertex where they meet (OpenStreetMap), a crossing
    without one is a bridge; where more than a fifth of all meetings lacks it (plain drawings), the
    drawing simply has no vertices there and they are junctions.

    Parameters
    ----------
    lines
        LineStrings in a projected CRS in metres.
    snap_m
        Distance in metres up to which ends count as touching.
    crossings
        What a crossing without common vertex is where grades do not say: "node" a junction,
        "pass" a bridge, "auto" by the rule above.
    grade
        Level of each line (0 on the ground, 1 on a bridge, -1 in a tunnel), or None.
    """
    flat = _Flat.of(*vertices(shapely.force_2d(lines)))
    if not len(flat.line):
        return Pieces(np.empty(0, dtype=object), np.empty(0, np.int64))
    flat = _through_ends(_snapped(flat, snap_m), snap_m)
    flat = _through_vertices(flat, grade)
    flat = _snapped(_through_crossings(flat, crossings, grade), snap_m)
    place, count = _places(flat.xy)
    return _split(flat, (count[place] > 1) | _turning_back(flat, place))


def _places(xy: Floats) -> tuple[Ints, Ints]:
    """Return for each vertex the number of its place, in order of x then y, and place sizes."""
    order = np.lexsort([xy[:, 1], xy[:, 0]])
    new = np.ones(len(xy), dtype=bool)
    new[1:] = (np.diff(xy[order], axis=0) != 0).any(axis=1)
    place = np.empty(len(xy), np.int64)
    place[order] = np.cumsum(new) - 1
    return place, np.bincount(place)


def _snapped(flat: _Flat, snap_m: float) -> _Flat:
    """Move ends and shared vertices that lie within reach of one another to the least of them."""
    place, count = _places(flat.xy)
    movable = np.unique(place[flat.first | flat.last | (count[place] > 1)])
    where = np.empty((len(count), 2))
    where[place] = flat.xy
    spots = points(where[movable])
    a, b = shapely.STRtree(spots).query(spots, predicate="dwithin", distance=snap_m)
    links = coo_array((np.ones(len(a), np.int8), (a, b)), shape=(len(spots), len(spots)))
    _, cluster = connected_components(links, directed=False)
    _, least = np.unique(cluster, return_index=True)
    where[movable] = where[movable][least][cluster]
    return _Flat.of(where[place], flat.line)


def _through_ends(flat: _Flat, snap_m: float) -> _Flat:
    """Lead every line through the ends of others that lie within reach of it."""
    place, _ = _places(flat.xy)
    end, example = np.unique(place[flat.first | flat.last], return_index=True)
    spots = points(flat.xy[flat.first | flat.last][example])
    rebuilt, name = _rebuilt(flat)
    point, line = shapely.STRtree(rebuilt).query(spots, predicate="dwithin", distance=snap_m)
    size = int(place.max()) + 1
    apart = ~np.isin(name[line] * size + end[point], flat.line * size + place)
    point, line = point[apart], line[apart]
    at = locate(rebuilt[line], spots[point])
    return flat.inserted(name[line], at, shapely.get_coordinates(spots[point]))


def _rebuilt(flat: _Flat) -> tuple[Lines, Ints]:
    """Return the lines as geometries and the position of each in the input."""
    name, number = np.unique(flat.line, return_inverse=True)
    return from_vertices(flat.xy, number), name


def _through_vertices(flat: _Flat, grade: Ints | None) -> _Flat:
    """Give every edge the vertices of others that lie on it, as where roads are drawn twice."""
    edges, start = _edges(flat)
    vertex, edge = shapely.STRtree(edges).query(
        points(flat.xy), predicate="dwithin", distance=_ROUNDING_M
    )
    place, _ = _places(flat.xy)
    edge = start[edge]
    keep = (place[edge] != place[vertex]) & (place[edge + 1] != place[vertex])
    keep &= _level(flat.line[edge], flat.line[vertex], grade)
    return _with_vertices(flat, edge[keep], flat.xy[vertex[keep]])


def _through_crossings(flat: _Flat, crossings: Crossings, grade: Ints | None) -> _Flat:
    """Add vertices where edges cross and the crossing is a junction."""
    edges, start = _edges(flat)
    a, b = shapely.STRtree(edges).query(edges, predicate="crosses")
    a, b = a[a < b], b[a < b]
    if grade is None and not _are_junctions(flat, crossings, count=len(a)):
        return flat
    level = _level(flat.line[start[a]], flat.line[start[b]], grade)
    a, b = a[level], b[level]
    meet = shapely.get_coordinates(shapely.intersection(edges[a], edges[b]))
    return _with_vertices(flat, start[np.concatenate([a, b])], np.concatenate([meet, meet]))


def _are_junctions(flat: _Flat, crossings: Crossings, *, count: int) -> bool:
    """Say whether so many crossings without a common vertex are junctions, where no grade tells."""
    if crossings != "auto":
        return crossings == "node"
    place, _ = _places(flat.xy)
    arms = np.bincount(place, weights=2.0 - flat.first - flat.last)
    return bool(count > _CROSSING_SHARE * (count + np.count_nonzero(arms > 2)))


def _level(one: Ints, other: Ints, grade: Ints | None) -> Flags:
    return np.ones(len(one), dtype=bool) if grade is None else grade[one] == grade[other]


def _edges(flat: _Flat) -> tuple[Lines, Ints]:
    """Return the straight edges and the position of the first vertex of each."""
    start = np.flatnonzero(~flat.last)
    ends = np.stack([flat.xy[start], flat.xy[start + 1]], axis=1).reshape(-1, 2)
    return from_vertices(ends, np.repeat(np.arange(len(start)), 2)), start


def _with_vertices(flat: _Flat, edge: Ints, xy: Floats) -> _Flat:
    """Return the lines with further vertices on edges, which are given by their first vertex."""
    at = measures(flat.xy, flat.line)[edge] + np.hypot(*(xy - flat.xy[edge]).T)
    return flat.inserted(flat.line[edge], at, xy)


def _turning_back(flat: _Flat, place: Ints) -> Flags:
    """Return the vertices at which a line goes back the way that it came."""
    back = ~(flat.first | flat.last)
    back[1:-1] &= place[:-2] == place[2:]
    return back


def _split(flat: _Flat, is_node: Flags) -> Pieces:
    """Cut the lines at their inner nodes."""
    inner = is_node & ~flat.first & ~flat.last
    vertex = np.repeat(np.arange(len(flat.line)), 1 + inner)
    begins = flat.first[vertex]
    begins[1:] |= vertex[1:] == vertex[:-1]
    piece = np.cumsum(begins) - 1
    return Pieces(from_vertices(flat.xy[vertex], piece), flat.line[vertex[begins]])
