"""Check openings, participants and money against the starts, counting everything anew."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import isclose

import pandas as pd

from planner.checking import Failure
from planner.section.layout import cost_per_m
from planner.trench.check_plan import Verdicts, active, verdict
from planner.trench.problem import Problem, Task, Work
from planner.trench.records import Row, records

CENT = 0.01
Use = tuple[Work, Task, int]


@dataclass(frozen=True, slots=True)
class Sums:
    """What a set of tasks on one segment digs and costs when they share one opening."""

    dug_m: float
    trench_yuan: float


def dig(problem: Problem, segment: int, uses: Iterable[tuple[Work, Task]]) -> Sums:
    """Add up the cross-sections of one opening, from one end of the segment to the other."""
    pieces = [(work, piece) for work, task in uses for piece in task.stretches]
    ends = sorted({metre for _, piece in pieces for metre in (piece.from_m, piece.to_m)})
    beneath = problem.settings.flag("trench.under_carriageway")
    surface = problem.segments[segment].surface
    dug_m = yuan = 0.0
    for place in range(len(ends) - 1):
        middle, length_m = (ends[place] + ends[place + 1]) / 2, ends[place + 1] - ends[place]
        for side in ("left", "right"):
            here = [w for w, p in pieces if p.side == side and p.from_m < middle < p.to_m]
            lines = [work.line for work in here if work.line is not None]
            dug_m += length_m if here else 0.0
            if lines:
                price = cost_per_m(lines, surface, problem.settings, carriageway=beneath)
                yuan += length_m * price
    return Sums(dug_m, yuan)


def check_tables(
    problem: Problem,
    starts: Mapping[str, int],
    openings: pd.DataFrame,
    participants: pd.DataFrame,
) -> Verdicts:
    """Yield tests of every opening, of who takes part, and of the money.

    Parameters
    ----------
    problem
        What was asked.
    starts
        Id of each placed work to its start period.
    openings, participants
        Columns of `layers.tables.OPENINGS` and `PARTICIPANTS`.
    """
    uses: dict[str, list[Use]] = {segment.id: [] for segment in problem.segments}
    for work in problem.works:
        if work.id in starts:
            for task in work.tasks:
                uses[problem.segments[task.segment].id].append((work, task, starts[work.id]))
    places = {segment.id: place for place, segment in enumerate(problem.segments)}
    tables: dict[str, list[Row]] = {}
    for row in records(openings.sort_values("starts_on")):
        tables.setdefault(str(row["segment_id"]), []).append(row)
    unknown = sorted(set(tables) - set(places))
    yield verdict("openings", "segments", f"unknown {unknown[:3]}", held=not unknown)
    shares = dict(tuple(participants.groupby("opening_id", sort=False)))
    strangers = sorted(set(map(str, shares)) - set(openings["opening_id"]))
    yield verdict("participants", "openings", f"unknown {strangers[:3]}", held=not strangers)
    for segment, used in uses.items():
        found = tables.get(segment, [])
        yield from _days(problem, segment, used, found)
        for row in found:
            members = [use for use in used if _inside(problem, use, row)]
            part = shares.get(row["opening_id"], participants.iloc[:0])
            yield from _members(problem, row, members, part)
            yield from _money(problem, places[segment], row, members, part)


def _period(problem: Problem, day: pd.Timestamp) -> int:
    return (day - pd.Timestamp(problem.start)).days // problem.period_days


def _inside(problem: Problem, use: Use, row: Row) -> bool:
    first = active(use[1], use[2]).start
    return _period(problem, row["starts_on"]) <= first <= _period(problem, row["ends_on"])


def _days(problem: Problem, segment: str, used: list[Use], found: list[Row]) -> Verdicts:
    """Open days are worked days, each in one opening, and openings do not touch."""
    worked = {period for _, task, start in used for period in active(task, start)}
    open_in = [
        range(_period(problem, row["starts_on"]), _period(problem, row["ends_on"]) + 1)
        for row in found
    ]
    listed = {period for opening in open_in for period in opening}
    idle, missing = sorted(listed - worked), sorted(worked - listed)
    yield verdict("continuity", segment, f"open but idle in {idle[:3]}", held=not idle)
    yield verdict("openings", segment, f"dug but not open in {missing[:3]}", held=not missing)
    apart = all(open_in[place].stop < open_in[place + 1].start for place in range(len(open_in) - 1))
    yield verdict("openings", segment, "two openings touch or overlap", held=apart)


def _members(problem: Problem, row: Row, members: list[Use], part: pd.DataFrame) -> Verdicts:
    name = str(row["opening_id"])
    segment = str(row["segment_id"])
    wanted = {
        (work.id, segment, piece.side, round(piece.from_m, 3), round(piece.to_m, 3), *days)
        for work, task, start in members
        for days in [_dates(problem, task, start)]
        for piece in task.stretches
    }
    listed = {
        (r["work_id"], r["segment_id"], r["side"], *_row_measures(r), *_row_dates(r))
        for r in records(part)
    }
    detail = f"{len(wanted)} stretches dug, {len(listed)} listed alike or not"
    yield verdict("participants", name, detail, held=wanted == listed)
    yield verdict("openings", name, f"{row['works']} works", held=row["works"] == len(members) > 0)


def _dates(problem: Problem, task: Task, start: int) -> tuple[pd.Timestamp, pd.Timestamp]:
    days = active(task, start)
    return pd.Timestamp(problem.day(days.start)), pd.Timestamp(problem.last_day(days.stop))


def _row_measures(row: Row) -> tuple[float, float]:
    return round(row["from_m"], 3), round(row["to_m"], 3)


def _row_dates(row: Row) -> tuple[pd.Timestamp, pd.Timestamp]:
    return row["starts_on"], row["ends_on"]


def _money(
    problem: Problem,
    segment: int,
    row: Row,
    members: list[Use],
    part: pd.DataFrame,
) -> Verdicts:
    name, place = str(row["opening_id"]), problem.segments[segment]
    worked = {period for _, task, start in members for period in active(task, start)}
    sums = dig(problem, segment, ((work, task) for work, task, _ in members))
    whole = place.opening_yuan + place.open_period_yuan * len(worked) + sums.trench_yuan
    alone = sum(alone_yuan(problem, work, task) for work, task, _ in members)
    yield _equal("cost", name, row["cost_yuan"], whole)
    yield _equal("separate", name, row["separate_yuan"], alone)
    yield _equal("dug", name, row["dug_m"], sums.dug_m)
    yield _equal("days", name, row["days"], len(worked) * problem.period_days)
    if not part.empty:
        yield _equal("share", name, part["share_yuan"].sum(), whole)


def alone_yuan(problem: Problem, work: Work, task: Task) -> float:
    """Return what a work pays for one of its segments when nobody else digs there."""
    place = problem.segments[task.segment]
    sums = dig(problem, task.segment, [(work, task)])
    return place.opening_yuan + place.open_period_yuan * task.duration + sums.trench_yuan


def _equal(rule: str, subject: str, found: object, expected: float) -> tuple[bool, Failure]:
    value = float(str(found))
    held = isclose(value, expected, rel_tol=1e-9, abs_tol=CENT)
    return verdict(rule, subject, f"found {value:.2f}, expected {expected:.2f}", held=held)
