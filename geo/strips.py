"""Lines moved sideways that keep the linear reference of the lines they come from.

Every vertex moves along the bisector of its two edges by the same distance, so a strip has the
vertices of its line, a place on it is named by the measure on the line, and no point of it lies
farther from the line than the offset (the distance from a convex set is convex).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geo.lines import Floats, Ints, Lines, from_vertices, measures, vertices

_SAME_M = 1e-3


@dataclass(frozen=True, slots=True, eq=False)
class Strips:
    """Lines moved sideways, as vertices.

    Parameters
    ----------
    strip
        Number of the strip of each vertex, ascending, (v,).
    at_m
        Measure of each vertex on the line that the strip accompanies, in metres, (v,).
    xy
        Where the vertex stands, (v, 2).
    """

    strip: Ints
    at_m: Floats
    xy: Floats

    @property
    def _keys(self) -> tuple[Floats, Floats]:
        """Measures made ascending over all strips, and what was added to those of each strip."""
        first = np.flatnonzero(np.diff(self.strip, prepend=-1))
        last = np.append(first[1:], len(self.strip)) - 1
        base = np.zeros(int(self.strip[-1]) + 1 if len(self.strip) else 0)
        length_m = self.at_m[last] + 1.0
        base[self.strip[first]] = np.cumsum(length_m) - length_m
        return self.at_m + base[self.strip], base

    def at(self, strip: Ints, at_m: Floats) -> Floats:
        """Return coordinates, (n, 2), at measures on the lines of some strips."""
        if not len(strip):
            return np.empty((0, 2))
        known, base = self._keys
        sought = at_m + base[strip]
        return np.column_stack([np.interp(sought, known, self.xy[:, axis]) for axis in (0, 1)])

    def stretches(
        self, strip: Ints, from_m: Floats, to_m: Floats, ends: tuple[Floats, Floats]
    ) -> Lines:
        """Return stretches of strips between two measures, with ends that may stand elsewhere.

        Parameters
        ----------
        strip, from_m, to_m
            Which strips, from where to where on their lines, (n,); stretches of one strip do not
            overlap.
        ends
            Coordinates of the first and the last vertex of each stretch, (n, 2) each; where they
            lie off the strip, straight lines lead to its own points there.

        Returns
        -------
        Lines
            LineStrings, (n,), in the direction of the lines.
        """
        if not len(strip):
            return np.empty(0, dtype=object)
        known, base = self._keys
        begin, end = from_m + base[strip], to_m + base[strip]
        order = np.argsort(begin, kind="stable")
        owner = order[np.maximum(np.searchsorted(begin[order], known, side="left") - 1, 0)]
        inner = (known > begin[owner]) & (known < end[owner])
        own = self.at(strip, from_m), self.at(strip, to_m)
        away = [np.hypot(*(one - other).T) > _SAME_M for one, other in zip(ends, own, strict=True)]
        every = np.arange(len(strip))
        parts = (
            (every, begin, ends[0]),
            (every[away[0]], begin[away[0]], own[0][away[0]]),
            (owner[inner], known[inner], self.xy[inner]),
            (every[away[1]], end[away[1]], own[1][away[1]]),
            (every, end, ends[1]),
        )
        which = np.concatenate([part[0] for part in parts])
        key = np.concatenate([part[1] for part in parts])
        xy = np.concatenate([part[2] for part in parts])
        rank = np.repeat(np.arange(len(parts)), [len(part[0]) for part in parts])
        sorted_by = np.lexsort([key, rank, which])
        return from_vertices(xy[sorted_by], which[sorted_by])


def strips(lines: Lines, offset_m: Floats) -> Strips:
    """Move lines sideways.

    Parameters
    ----------
    lines
        LineStrings in a projected CRS in metres, (n,).
    offset_m
        How far each is moved, positive to the left of its direction, (n,).

    Examples
    --------
    >>> import shapely
    >>> moved = strips(np.array([shapely.from_wkt("LINESTRING (0 0, 9 0)")]), np.array([2.0]))
    >>> moved.at(np.array([0]), np.array([3.0])).tolist()
    [[3.0, 2.0]]
    """
    xy, line = vertices(lines)
    if not len(line):
        return Strips(line, np.empty(0), xy)
    normal = _normals(xy, line)
    return Strips(line, measures(xy, line), xy + offset_m[line][:, None] * normal)


def _normals(xy: Floats, line: Ints) -> Floats:
    """Return the unit normal to the left at every vertex, (v, 2).

    Repeated vertices take the direction of the edge before them, a reversal keeps that too.
    """
    step = xy[1:] - xy[:-1]
    inside = line[1:] == line[:-1]
    length = np.hypot(*step.T)
    unit = np.where(
        (inside & (length > 0))[:, None], step / np.where(length > 0, length, 1.0)[:, None], 0.0
    )
    none = np.zeros((1, 2))
    before, after = np.concatenate([none, unit]), np.concatenate([unit, none])
    along = before + after
    size = np.hypot(*along.T)
    back = size < 1e-9
    along[back] = before[back]
    size[back] = np.hypot(*along[back].T)
    along /= np.where(size > 0, size, 1.0)[:, None]
    return np.column_stack([-along[:, 1], along[:, 0]])
