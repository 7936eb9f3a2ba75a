"""From the places where a line lies to the tasks of a work: what it digs where, and when."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from planner.trench.problem import Side, Stretch, Task


class Placed(NamedTuple):
    """A piece of a work's line on a segment, as `geo.overlap.place` finds it."""

    segment: int
    from_m: float
    to_m: float
    side: Side
    reversed: bool
    line_from_m: float


def pits(pieces: Sequence[Placed], pit_m: float) -> tuple[Placed, ...]:
    """Return the two pits of a trenchless work, at the ends of its line.

    Parameters
    ----------
    pieces
        Along the line.
    pit_m
        Length of a pit; a shorter piece is dug whole.
    """
    first, last = pieces[0], pieces[-1]
    return (
        _trimmed(first, pit_m, at_start=not first.reversed),
        _trimmed(last, pit_m, at_start=last.reversed),
    )


def _trimmed(piece: Placed, length_m: float, *, at_start: bool) -> Placed:
    if at_start:
        return piece._replace(to_m=min(piece.from_m + length_m, piece.to_m))
    return piece._replace(from_m=max(piece.to_m - length_m, piece.from_m))


def together(pieces: Sequence[Placed], periods: int) -> tuple[Task, ...]:
    """Return one task a segment, all active for the whole time."""
    return tuple(
        Task(segment, _stretches(pieces, segment), 0, periods) for segment in _segments(pieces)
    )


def in_order(pieces: Sequence[Placed], periods: int) -> tuple[Task, ...]:
    """Return one task a segment, one after another along the line.

    The time is shared out by length; a period that is cut by a boundary counts for both sides,
    and a segment that the line comes back to stays open in between.

    Parameters
    ----------
    pieces
        Along the line, with a positive length together.
    periods
        Periods that the whole work takes.
    """
    whole_m = sum(piece.to_m - piece.from_m for piece in pieces)
    begins: dict[int, int] = {}
    ends: dict[int, int] = {}
    done_m = 0.0
    for piece in pieces:
        begin = math.floor(done_m / whole_m * periods + 1e-9)
        done_m += piece.to_m - piece.from_m
        end = math.ceil(done_m / whole_m * periods - 1e-9)
        begins.setdefault(piece.segment, min(begin, periods - 1))
        ends[piece.segment] = max(end, begins[piece.segment] + 1)
    return tuple(
        Task(
            segment,
            _stretches(pieces, segment),
            begins[segment],
            ends[segment] - begins[segment],
        )
        for segment in _segments(pieces)
    )


def _segments(pieces: Iterable[Placed]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(piece.segment for piece in pieces))


def _stretches(pieces: Iterable[Placed], segment: int) -> tuple[Stretch, ...]:
    """Return the union of a line's pieces on one segment, side by side."""
    found: list[Stretch] = []
    here = [piece for piece in pieces if piece.segment == segment]
    for piece in sorted(here, key=lambda piece: (piece.side, piece.from_m)):
        last = found[-1] if found else None
        if last and last.side == piece.side and piece.from_m <= last.to_m:
            found[-1] = Stretch(last.from_m, max(last.to_m, piece.to_m), piece.side)
        else:
            found.append(Stretch(piece.from_m, piece.to_m, piece.side))
    return tuple(found)
