"""Check what the table of openings says beside dates and money: whose, how wide, by what right."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import isclose

import pandas as pd
from shapely import LineString, Point

from geo.messages import message
from layers.tables import UTILITIES
from planner.checking import Failure
from planner.section.layout import lay
from planner.trench.check.ground import Ground, cut
from planner.trench.check.plan import Verdicts, active, verdict
from planner.trench.plan import Opening
from planner.trench.problem import Closed, Problem, Task, Work
from planner.trench.records import Row

NEAR_M = 0.05
"""Distance in metres up to which a drawn opening lies where it is dug."""

Use = tuple[Work, Task, int]


@dataclass(frozen=True, slots=True)
class Seat:
    """An opening as written, and who takes part by the starts: in order of their first period."""

    row: Row
    segment: int
    uses: tuple[Use, ...]

    @property
    def name(self) -> str:
        """Id of the opening."""
        return str(self.row["opening_id"])

    @property
    def works(self) -> tuple[Work, ...]:
        """Works that take part."""
        return tuple(work for work, _, _ in self.uses)

    def grounds(self) -> tuple[Ground, ...]:
        """Return what is dug, cut where the set of works changes."""
        return tuple(cut((work, task) for work, task, _ in self.uses))


def seat(row: Row, segment: int, uses: Iterable[Use]) -> Seat:
    """Return an opening with its works in order of their first period."""
    return Seat(row, segment, tuple(sorted(uses, key=lambda use: _period_of(use[1], use[2]))))


def _period_of(task: Task, start: int) -> tuple[int, int]:
    days = active(task, start)
    return days.start, days.stop


def check_openings(problem: Problem, taken: Seat, place: Row) -> Verdicts:
    """Yield tests of the columns of one opening that follow from its works and its segment.

    Parameters
    ----------
    problem
        What was asked.
    taken
        The opening.
    place
        Row of the segments' table on which it lies, with its geometry.
    """
    row, name, works = taken.row, taken.name, taken.works
    utilities = {work.utility for work in works}
    expected = {
        "name": text(place["name"]),
        "town": text(place["town"]),
        "utilities": ",".join(key for key in UTILITIES if key in utilities),
        "owners": "、".join(dict.fromkeys(work.owner for work in works if work.owner)),
        "joint": len(works) > 1,
        "exempt": _exempt(problem, taken),
    }
    for column, value in expected.items():
        found = text(row[column]) if isinstance(value, str) else row[column]
        yield verdict(column, name, f"found {found}, expected {value}", held=found == value)
    yield from _measures(problem, taken)
    yield _drawn(taken, place["geometry"])


def _measures(problem: Problem, taken: Seat) -> Verdicts:
    """Width of the widest section of each side, added; earth and surface of all sections."""
    widest: dict[str, float] = {}
    volume_m3 = area_m2 = 0.0
    for ground in taken.grounds():
        if ground.lines:
            section = lay(
                ground.lines,
                problem.settings,
                surface=problem.segments[taken.segment].surface,
                carriageway=problem.settings.flag("trench.under_carriageway"),
            )
            widest[ground.side] = max(widest.get(ground.side, 0.0), section.width_m)
            volume_m3 += ground.length_m * section.volume_m3_per_m
            area_m2 += ground.length_m * section.area_m2_per_m
    measures = {"width_m": sum(widest.values()), "volume_m3": volume_m3, "area_m2": area_m2}
    for column, value in measures.items():
        found = float(taken.row[column])
        held = isclose(found, value, rel_tol=1e-9, abs_tol=1e-6)
        yield verdict(column, taken.name, f"found {found:.3f}, expected {value:.3f}", held=held)


def _exempt(problem: Problem, taken: Seat) -> str:
    """Return the sentences on works that dig while the segment is closed."""
    told = []
    for work, task, start in taken.uses:
        days = set(active(task, start))
        broken = [
            closed
            for closed in problem.segments[taken.segment].closed
            if days & set(range(closed.first, closed.last + 1))
        ]
        if broken:
            right = "exempt_emergency" if work.emergency else "exempt_approved"
            closures = "、".join(_closure(problem, closed) for closed in broken)
            told.append(message(right, "zh", work=work.id, closures=closures))
    return "；".join(told)


def _closure(problem: Problem, closed: Closed) -> str:
    first, last = problem.day(closed.first), problem.last_day(closed.last + 1)
    return f"{first} ~ {last} {closed.detail_zh or closed.detail}"


def _drawn(taken: Seat, line: LineString) -> tuple[bool, Failure]:
    """Test that the opening is drawn from the first to the last metre dug."""
    stretches = [piece for _, task, _ in taken.uses for piece in task.stretches]
    low = min((piece.from_m for piece in stretches), default=0.0)
    high = max((piece.to_m for piece in stretches), default=line.length)
    drawn = taken.row["geometry"]
    ends = [Point(drawn.coords[0]), Point(drawn.coords[-1])] if drawn.coords else []
    far_m = [
        end.distance(line.interpolate(metre)) for end, metre in zip(ends, (low, high), strict=False)
    ]
    length_m = min(high, line.length) - min(low, line.length)
    held = len(far_m) == 2 and max(far_m) <= NEAR_M and line.buffer(NEAR_M).covers(drawn)
    held = held and abs(drawn.length - length_m) <= 2 * NEAR_M
    return verdict("geometry", taken.name, f"not drawn from {low} to {high} m", held=held)


def opening_of(problem: Problem, taken: Seat) -> Opening:
    """Return the opening by positions, as those who name its permits want it."""
    places = {work.id: place for place, work in enumerate(problem.works)}
    days = [now for _, task, start in taken.uses for now in active(task, start)]
    works = tuple(places[work.id] for work in taken.works)
    return Opening(taken.segment, min(days), max(days) + 1, works)


def check_ids(openings: pd.DataFrame, segments: Sequence[str]) -> Verdicts:
    """Yield tests that openings are numbered from 1 along each segment, in order of time."""
    found = openings.sort_values("starts_on", kind="stable")
    for segment, rows in found.groupby("segment_id", sort=False):
        ids = [str(key) for key in rows["opening_id"]]
        wanted = [f"{segment}-{number + 1}" for number in range(len(ids))]
        detail = f"{ids[:3]}, expected {wanted[:3]}"
        yield verdict("openings", str(segment), detail, held=ids == wanted)
    unknown = sorted(set(openings["segment_id"].astype(str)) - set(segments))
    yield verdict("openings", "segments", f"unknown {unknown[:3]}", held=not unknown)


def text(value: object) -> str:
    """Return a cell of text; an empty cell is an empty text."""
    return value if isinstance(value, str) else ""
