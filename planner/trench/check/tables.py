"""Check openings, participants and money against the starts, counting everything anew."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from math import isclose

import geopandas as gpd
import pandas as pd

from planner.checking import Failure
from planner.trench.build import Built
from planner.trench.check.ground import dig
from planner.trench.check.openings import (
    Seat,
    Use,
    check_ids,
    check_openings,
    opening_of,
    seat,
    text,
)
from planner.trench.check.plan import Verdicts, active, verdict
from planner.trench.check.shares import check_shares
from planner.trench.frames import Permits
from planner.trench.problem import Problem, Stretch, Task, Work
from planner.trench.records import Row, records

CENT = 0.01


def check_tables(
    built: Built,
    starts: Mapping[str, int],
    openings: gpd.GeoDataFrame,
    participants: pd.DataFrame,
    *,
    permits: Permits | None = None,
) -> Verdicts:
    """Yield tests of every opening, of who takes part, and of the money.

    Parameters
    ----------
    built
        What was asked, and the segments' table.
    starts
        Id of each placed work to its start period.
    openings, participants
        Columns of `layers.tables.OPENINGS` and `PARTICIPANTS`.
    permits
        Names the permits of an opening; without it none are named.
    """
    problem = built.problem
    uses: dict[str, list[Use]] = {segment.id: [] for segment in problem.segments}
    for work in problem.works:
        if work.id in starts:
            for task in work.tasks:
                uses[problem.segments[task.segment].id].append((work, task, starts[work.id]))
    roads = _rows(built.segments)
    written: dict[str, list[Row]] = {}
    for row in _rows(openings.sort_values("starts_on")):
        written.setdefault(str(row["segment_id"]), []).append(row)
    yield from check_ids(openings, tuple(uses))
    shares: dict[str, list[Row]] = {}
    for row in records(participants):
        shares.setdefault(str(row["opening_id"]), []).append(row)
    strangers = sorted(set(shares) - set(openings["opening_id"].astype(str)))
    yield verdict("participants", "openings", f"unknown {strangers[:3]}", held=not strangers)
    for place, (segment, used) in enumerate(uses.items()):
        found = written.get(segment, [])
        yield from _days(problem, segment, used, found)
        for row in found:
            taken = seat(row, place, (use for use in used if _inside(problem, use, row)))
            part = shares.get(taken.name, [])
            yield from _members(problem, taken, part)
            if taken.uses:
                yield from _money(problem, taken, part)
                yield from check_openings(problem, taken, roads[place])
                yield _permits(problem, taken, permits)


def _rows(frame: gpd.GeoDataFrame) -> list[Row]:
    """Return the rows of a table with their shapes."""
    shapes = frame.geometry.to_numpy()
    return [{**row, "geometry": shape} for row, shape in zip(records(frame), shapes, strict=True)]


def _permits(problem: Problem, taken: Seat, permits: Permits | None) -> tuple[bool, Failure]:
    needed = permits(problem, opening_of(problem, taken)) if permits else ""
    found = text(taken.row["permits"])
    return verdict("permits", taken.name, f"found {found}, needs {needed}", held=found == needed)


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
    whole = all(
        row["starts_on"] == pd.Timestamp(problem.day(days.start))
        and row["ends_on"] == pd.Timestamp(problem.last_day(days.stop))
        for row, days in zip(found, open_in, strict=True)
    )
    yield verdict("openings", segment, "not from the first to the last day", held=whole)
    apart = all(open_in[place].stop < open_in[place + 1].start for place in range(len(open_in) - 1))
    yield verdict("openings", segment, "two openings touch or overlap", held=apart)


def _members(problem: Problem, taken: Seat, part: Sequence[Row]) -> Verdicts:
    row, segment = taken.row, str(taken.row["segment_id"])
    wanted = Counter(
        (work.id, work.utility, work.owner, segment, *_stretch(piece), *days)
        for work, task, start in taken.uses
        for days in [_dates(problem, task, start)]
        for piece in task.stretches
    )
    listed = Counter(
        (
            *(text(r[column]) for column in ("work_id", "utility", "owner", "segment_id", "side")),
            *_row_measures(r),
            *_row_dates(r),
        )
        for r in part
    )
    detail = f"{wanted.total()} stretches dug, {listed.total()} listed alike or not"
    yield verdict("participants", taken.name, detail, held=wanted == listed)
    held = row["works"] == len(taken.uses) > 0
    yield verdict("openings", taken.name, f"{row['works']} works", held=held)


def _stretch(piece: Stretch) -> tuple[str, float, float]:
    return piece.side, round(piece.from_m, 3), round(piece.to_m, 3)


def _dates(problem: Problem, task: Task, start: int) -> tuple[pd.Timestamp, pd.Timestamp]:
    days = active(task, start)
    return pd.Timestamp(problem.day(days.start)), pd.Timestamp(problem.last_day(days.stop))


def _row_measures(row: Row) -> tuple[float, float]:
    return round(row["from_m"], 3), round(row["to_m"], 3)


def _row_dates(row: Row) -> tuple[pd.Timestamp, pd.Timestamp]:
    return row["starts_on"], row["ends_on"]


def _money(problem: Problem, taken: Seat, part: Sequence[Row]) -> Verdicts:
    name, row, place = taken.name, taken.row, problem.segments[taken.segment]
    worked = {period for _, task, start in taken.uses for period in active(task, start)}
    sums = dig(problem, taken.segment, ((work, task) for work, task, _ in taken.uses))
    whole = place.opening_yuan + place.open_period_yuan * len(worked) + sums.trench_yuan
    alone = sum(alone_yuan(problem, work, task) for work, task, _ in taken.uses)
    yield _equal("cost", name, row["cost_yuan"], whole)
    yield _equal("separate", name, row["separate_yuan"], alone)
    yield _equal("dug", name, row["dug_m"], sums.dug_m)
    yield _equal("days", name, row["days"], len(worked) * problem.period_days)
    yield from check_shares(problem, taken, part, cost_yuan=whole)


def alone_yuan(problem: Problem, work: Work, task: Task) -> float:
    """Return what a work pays for one of its segments when nobody else digs there."""
    place = problem.segments[task.segment]
    sums = dig(problem, task.segment, [(work, task)])
    return place.opening_yuan + place.open_period_yuan * task.duration + sums.trench_yuan


def _equal(rule: str, subject: str, found: object, expected: float) -> tuple[bool, Failure]:
    value = float(str(found))
    held = isclose(value, expected, rel_tol=1e-9, abs_tol=CENT)
    return verdict(rule, subject, f"found {value:.2f}, expected {expected:.2f}", held=held)
