"""Where segments meet: corners, how far from one somebody digs, and the openings around it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, product

import geopandas as gpd
import pandas as pd

from planner.trench.plan import Opening
from planner.trench.problem import Problem, Stretch


@dataclass(frozen=True, slots=True)
class Corner:
    """A junction between two segments: their positions, and the metre at which each ends there."""

    one: int
    other: int
    one_at_m: float
    other_at_m: float


def corners(segments: gpd.GeoDataFrame, used: Collection[int]) -> tuple[Corner, ...]:
    """Return the corners between segments in use.

    Parameters
    ----------
    segments
        Columns of `layers.tables.SEGMENTS`; ``from_node`` is the junction at metre 0,
        ``to_node`` that at ``length_m``. A segment whose junctions are not known has no corner.
    used
        Positions of the segments that count.

    Returns
    -------
    tuple of Corner
        By junction, `one` before `other`; two segments that meet at both their ends have a corner
        at each, a segment that meets itself has none.
    """
    meeting: dict[int, list[tuple[int, float]]] = {}
    chosen = sorted(used)
    rows = segments.iloc[chosen]
    starts, ends, lengths_m = rows["from_node"], rows["to_node"], rows["length_m"]
    for segment, start, end, length_m in zip(chosen, starts, ends, lengths_m, strict=True):
        for junction, at_m in ((start, 0.0), (end, float(length_m))):
            if not pd.isna(junction):
                meeting.setdefault(int(junction), []).append((segment, at_m))
    return tuple(
        Corner(one, other, one_at_m, other_at_m)
        for junction in sorted(meeting)
        for (one, one_at_m), (other, other_at_m) in combinations(meeting[junction], 2)
        if one != other
    )


def away_m(stretches: Iterable[Stretch], at_m: float) -> float:
    """Return how far from one metre of the segment the nearest digging is.

    Where nothing says what is dug, the whole segment may be, and the distance is 0.

    Examples
    --------
    >>> away_m([Stretch(30.0, 50.0, "left")], 0.0)
    30.0
    """
    return min(
        (max(piece.from_m - at_m, at_m - piece.to_m, 0.0) for piece in stretches), default=0.0
    )


def neighbours(
    problem: Problem, found: Sequence[Opening], segments: gpd.GeoDataFrame
) -> Iterator[tuple[Opening, Opening]]:
    """Yield openings of two segments that could be one site, the first to open named first.

    They dig within ``trench.junction_m`` of one another around a corner, at most
    ``trench.junction_days`` apart, and none of their works share an opening anywhere.

    Parameters
    ----------
    problem, segments
        What was asked; row i of the frame is ``problem.segments[i]``.
    found
        All openings of the plan.
    """
    on: dict[int, list[Opening]] = {}
    partners: dict[int, set[int]] = {}
    for opening in found:
        on.setdefault(opening.segment, []).append(opening)
        for work in opening.works:
            partners.setdefault(work, set()).update(opening.works)
    for corner in corners(segments, on):
        for one, other in product(on[corner.one], on[corner.other]):
            strangers = all(partners[work].isdisjoint(other.works) for work in one.works)
            if strangers and _near(problem, corner, one, other):
                yield (one, other) if one.first <= other.first else (other, one)


def _near(problem: Problem, corner: Corner, one: Opening, other: Opening) -> bool:
    gap = max(other.first - one.end, one.first - other.end) * problem.period_days
    if gap > problem.settings.count("trench.junction_days"):
        return False
    here_m = away_m(_dug(problem, one), corner.one_at_m)
    there_m = away_m(_dug(problem, other), corner.other_at_m)
    return here_m + there_m <= problem.settings.number("trench.junction_m")


def _dug(problem: Problem, opening: Opening) -> list[Stretch]:
    tasks = (problem.works[work].task_on(opening.segment) for work in opening.works)
    return [stretch for task in tasks for stretch in task.stretches]
