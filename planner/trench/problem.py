"""The joint excavation problem as data: segments, works with their tasks, crews, closures.

Time runs in periods of `Problem.period_days` days, counted from 0 on `Problem.start`. A start of a
work fixes all its tasks: task k is active in the periods [start + lag, start + lag + duration).
A segment is open in a period if a task is active on it; an **opening** (开挖) is a maximal run of
open periods, so an idle open trench cannot be expressed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from types import MappingProxyType
from typing import Literal

from planner.section.layout import Line
from planner.section.street import Street
from planner.settings import Settings

ClosedRule = Literal["moratorium", "no_dig"]
Side = Literal["left", "right"]
Origin = Literal["work", "extension"]

CLOSED_RULES: frozenset[ClosedRule] = frozenset({"moratorium", "no_dig"})


@dataclass(frozen=True, slots=True)
class Closed:
    """Periods `first` to `last`, both included, in which a segment may not be open.

    `rule` is ``moratorium`` (Decree 198 art. 33) or ``no_dig`` (an event of the study); `detail`
    names the cause: the date of opening or overhaul, or the event; `detail_zh` in Chinese, where
    that differs.
    """

    first: int
    last: int
    rule: ClosedRule
    detail: str
    detail_zh: str = ""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A piece of a segment that a work digs: metres along the segment, from < to, and the side."""

    from_m: float
    to_m: float
    side: Side

    @property
    def length_m(self) -> float:
        """Length dug."""
        return self.to_m - self.from_m


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A road between two junctions (路段), the unit of the rule.

    Parameters
    ----------
    id
        Stable key.
    length_m, width_m
        Length and width of the road; the width is NaN where it is not known.
    road_class, surface
        Keys of `layers.tables.ROAD_CLASSES` and `SURFACES`.
    opening_yuan
        Set-up, paid once for each opening.
    open_period_yuan
        Traffic, paid for each period in which the segment is open.
    closed
        Periods in which it may not be open, unless the work is exempt.
    street
        What its road holds already; sections are placed by it, but cost the same.
    """

    id: str
    length_m: float
    road_class: str = "branch"
    surface: str = "asphalt"
    width_m: float = float("nan")
    opening_yuan: float = 0.0
    open_period_yuan: float = 0.0
    closed: tuple[Closed, ...] = ()
    street: Street = field(default_factory=Street)


@dataclass(frozen=True, slots=True)
class Task:
    """What one work does on one segment.

    Parameters
    ----------
    segment
        Position in `Problem.segments`; a work has at most one task a segment.
    stretches
        What it digs there, disjoint on each side; empty where only the closure counts.
    lag, duration
        Periods after the work's start, and periods active (at least 1).
    """

    segment: int
    stretches: tuple[Stretch, ...]
    lag: int
    duration: int

    @property
    def dug_m(self) -> float:
        """Length that the work would dig here on its own."""
        return sum(stretch.length_m for stretch in self.stretches)


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One utility's dig along a line.

    Parameters
    ----------
    id, utility, owner
        Key, key of `layers.tables.UTILITIES`, and who digs.
    line
        What is laid, for the cross-section; None prices no section.
    tasks
        One for each segment, in order along the line.
    earliest, wanted, latest
        Start periods: first and last allowed, and the one asked for.
    crew
        Key of `Problem.crews` that the work occupies from its first to its last period; empty
        where the owner's crews are not limited.
    fixed
        Approved (已批准): starts in `wanted`, whatever closures or crews say.
    emergency
        Breaks closures (Decree 198 art. 34), not crews.
    origin
        ``work`` of the study or routed ``extension`` (接入).
    late_period_yuan
        Paid for each period that it starts after `wanted`.
    held
        Start in a plan that is already approved; None where there is none.
    move_period_yuan
        Paid for each period between its start and `held`.
    """

    id: str
    utility: str
    owner: str
    line: Line | None
    tasks: tuple[Task, ...]
    earliest: int
    wanted: int
    latest: int
    crew: str = ""
    fixed: bool = False
    emergency: bool = False
    origin: Origin = "work"
    late_period_yuan: float = 0.0
    held: int | None = None
    move_period_yuan: float = 0.0

    @property
    def span(self) -> int:
        """Periods from the start to the end of the last task."""
        return max(task.lag + task.duration for task in self.tasks)

    def start_yuan(self, start: int) -> float:
        """Return what a start costs by itself: lateness, and moving an approved date."""
        late = max(0, start - self.wanted) * self.late_period_yuan
        moved = 0 if self.held is None else abs(start - self.held)
        return late + moved * self.move_period_yuan

    def task_on(self, segment: int) -> Task:
        """Return the task on a segment.

        Raises
        ------
        KeyError
            If the work does not use the segment.
        """
        for task in self.tasks:
            if task.segment == segment:
                return task
        raise KeyError(segment)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Everything the planner needs to know, and nothing about how it is solved.

    Parameters
    ----------
    start
        First day of period 0.
    period_days, periods
        Length of a period, and how many the horizon has.
    segments, works
        Referred to by position.
    crews
        Most works of one crew key that may be active in one period.
    conflicts
        Pairs of segment positions that different works must not open in the same period (a road
        and its detour).
    settings
        Prices of the cross-section and choices named ``trench.*``.
    """

    start: date
    period_days: int
    periods: int
    segments: tuple[Segment, ...]
    works: tuple[Work, ...]
    settings: Settings = field(repr=False)
    crews: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    conflicts: tuple[tuple[int, int], ...] = ()

    def day(self, period: int) -> date:
        """Return the first day of a period."""
        return self.start + timedelta(days=period * self.period_days)

    def last_day(self, end: int) -> date:
        """Return the last day before period `end` begins."""
        return self.day(end) - timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """A work that is not in the plan, and why.

    `rule` names the sentence ``unplaced_<rule>`` of the catalogue, `facts` fill it; `work` is the
    work itself, where the tables describe one.
    """

    work_id: str
    utility: str
    owner: str
    rule: str
    facts: Mapping[str, object]
    work: Work | None = None
