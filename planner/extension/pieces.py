"""A way that the plan does not take, as priced pieces: what it opens, joins or finds there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import shapely
from shapely.geometry.base import BaseGeometry

from planner.extension.arrays import Floats, Ints, Objects
from planner.extension.corridor import Corridor, Kind
from planner.extension.frames import SIDES, Row, way

_LONG = (Kind.STREET, Kind.TUNNEL)
"""Edges that continue one another along a segment."""


@dataclass(frozen=True, slots=True, eq=False)
class Priced:
    """A way's edges in their order, with the manner in which each is laid and its price.

    `laid_as` holds keys of `layers.tables.vocabulary.LAID_AS`, (e,); `yuan` their prices, (e,).
    """

    edges: Ints
    laid_as: Objects
    yuan: Floats


def pieces(
    corridor: Corridor, priced: Priced, segment_ids: Sequence[str]
) -> Iterator[tuple[Row, BaseGeometry]]:
    """Yield a way's pieces as rows with the columns of ``_PIECE`` in `layers.tables.extension`.

    Parameters
    ----------
    corridor
        The graph.
    priced
        The way.
    segment_ids
        Ids of the segments, by their position.
    """
    length_m = corridor.graph.edge_length_m
    for run in _runs(corridor, priced):
        edges, yuan = priced.edges[run], float(priced.yuan[run].sum())
        if length_m[edges].sum() == 0 == yuan:
            continue
        first = int(edges[0])
        segment = int(corridor.segment[first])
        row: Row = {
            "segment_id": segment_ids[segment] if segment >= 0 else "",
            "kind": way(corridor, first),
            "side": SIDES[int(corridor.side[first])],
            "length_m": float(length_m[edges].sum()),
            "laid_m": float(corridor.laid_m[edges].sum()),
            "laid_as": str(priced.laid_as[run[0]]),
            "in_work": bool(corridor.in_work[first]),
            "cost_yuan": yuan,
        }
        yield row, _line(corridor, edges)


def _runs(corridor: Corridor, priced: Priced) -> Iterator[list[int]]:
    """Yield the positions of edges that continue one another in one manner."""
    run: list[int] = []
    for place in range(len(priced.edges)):
        if run and not _continues(corridor, priced, run[-1], place):
            yield run
            run = []
        run.append(place)
    if run:
        yield run


def _continues(corridor: Corridor, priced: Priced, last: int, place: int) -> bool:
    one, other = int(priced.edges[last]), int(priced.edges[place])
    alike = all(
        column[one] == column[other]
        for column in (corridor.kind, corridor.segment, corridor.side, corridor.in_work)
    )
    long = corridor.kind[one] in _LONG
    return bool(long and alike and priced.laid_as[last] == priced.laid_as[place])


def _line(corridor: Corridor, edges: Ints) -> BaseGeometry:
    shapes = corridor.geometry(edges)
    long = shapes[shapely.length(shapes) > 0]
    if len(long) < 2:
        found: BaseGeometry = long[0] if len(long) else shapes[0]
        return found
    merged: BaseGeometry = shapely.line_merge(shapely.multilinestrings(list(long)))
    return merged
