"""One row of the works table as a work with its tasks and windows, or as a rejection."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pandas as pd

from planner.section.layout import Line
from planner.settings import Settings
from planner.trench.closures import Horizon
from planner.trench.problem import Origin, Rejected, Task, Work
from planner.trench.records import Row
from planner.trench.tasks import Placed, in_order, pits, together


def work_of(
    row: Row,
    origin: Origin,
    pieces: tuple[Placed, ...],
    limits: Mapping[str, int],
    settings: Settings,
    horizon: Horizon,
) -> Work | Rejected:
    """Return the work that a row describes, or why there can be none.

    Parameters
    ----------
    row
        Columns of `layers.tables.WORKS`; an empty duration is taken from length and rate.
    origin
        Whether the study or the router asks for it.
    pieces
        Where its line lies, along the line.
    limits
        Crews by owner.
    settings
        ``trench.*``.
    horizon
        Days and periods of the plan.

    Notes
    -----
    ``earliest`` is the first day on which work may start, ``latest`` the last day on which it may
    still go on, and a duration counts calendar days. Starting after ``wanted`` costs
    ``trench.late_yuan_per_day``; where no date is wanted, nothing.
    """
    owner = _text(row["owner"])
    if not pieces:
        return _reject(row, "no_segment", {})
    tasks = _tasks(row, pieces, settings, horizon)
    earliest, wanted, latest = _dates(row, tasks, horizon)
    work = Work(
        id=str(row["work_id"]),
        utility=str(row["utility"]),
        owner=owner,
        line=_line(row),
        tasks=tasks,
        earliest=earliest,
        wanted=wanted,
        latest=latest,
        crew=owner if owner in limits else "",
        fixed=bool(row["fixed"]),
        emergency=bool(row["emergency"]),
        origin=origin,
        late_period_yuan=_late_period_yuan(row, settings, horizon),
    )
    return _fault(row, work, limits, horizon) or work


def _late_period_yuan(row: Row, settings: Settings, horizon: Horizon) -> float:
    """Return the price of lateness; a work that names no date is never late."""
    if _empty(row["wanted"]):
        return 0.0
    return settings.number("trench.late_yuan_per_day") * horizon.period_days


def _tasks(
    row: Row, pieces: tuple[Placed, ...], settings: Settings, horizon: Horizon
) -> tuple[Task, ...]:
    dug_m = sum(piece.to_m - piece.from_m for piece in pieces)
    days = row["duration_days"]
    if _empty(days):
        rate = settings.number("trench.rate_m_per_day")
        days = settings.number("trench.base_days") + dug_m / rate
    periods = max(1, math.ceil(float(days) / horizon.period_days - 1e-9))
    if row["method"] == "trenchless":
        return together(pits(pieces, settings.number("trench.pit_m")), periods)
    return in_order(pieces, periods)


def _dates(row: Row, tasks: tuple[Task, ...], horizon: Horizon) -> tuple[int, int, int]:
    """Return the first, wanted and last start period that the row's dates allow."""
    span = max(task.lag + task.duration for task in tasks)
    day, first_day = horizon.period_days, pd.Timestamp(horizon.start)
    earliest = math.ceil((row["earliest"] - first_day).days / day)
    latest = ((row["latest"] - first_day).days + 1) // day - span
    wanted = earliest
    if not _empty(row["wanted"]):
        wanted = (row["wanted"] - first_day).days // day
    if bool(row["fixed"]):
        return min(earliest, wanted), wanted, max(latest, wanted)
    return earliest, min(max(wanted, earliest), max(latest, earliest)), latest


def _fault(row: Row, work: Work, limits: Mapping[str, int], horizon: Horizon) -> Rejected | None:
    """Return why a work's own dates or its owner's crews make it impossible, if they do."""
    day = horizon.period_days
    end = pd.Timestamp(horizon.start) + pd.Timedelta(days=horizon.periods * day - 1)
    dates = {
        "earliest": _day(row["earliest"]),
        "latest": _day(row["latest"]),
        "days": work.span * day,
        "first_day": _day(pd.Timestamp(horizon.start)),
        "last_day": _day(end),
    }
    if work.latest < work.earliest:
        return _reject(row, "dates", dates, work)
    if work.fixed:
        inside = 0 <= work.wanted <= horizon.periods - work.span
        wanted = {
            **dates,
            "wanted": _day(row["earliest"] if _empty(row["wanted"]) else row["wanted"]),
        }
        return None if inside else _reject(row, "approved_outside", wanted, work)
    if work.latest < 0 or max(work.earliest, 0) + work.span > horizon.periods:
        return _reject(row, "outside", dates, work)
    if work.crew and limits[work.crew] < 1:
        return _reject(row, "no_crew", {}, work)
    return None


def _reject(row: Row, rule: str, facts: Mapping[str, object], work: Work | None = None) -> Rejected:
    owner = _text(row["owner"])
    return Rejected(
        work_id=str(row["work_id"]),
        utility=str(row["utility"]),
        owner=owner,
        rule=rule,
        facts={"work": str(row["work_id"]), "owner": owner, **facts},
        work=work,
    )


def _line(row: Row) -> Line:
    return Line(
        utility=str(row["utility"]),
        subtype=_text(row["subtype"]),
        diameter_mm=float(row["diameter_mm"]),
        depth_m=float(row["depth_m"]),
        voltage_kv=float(row["voltage_kv"]),
    )


def _empty(value: object) -> bool:
    return (
        value is None
        or value is pd.NaT
        or value is pd.NA
        or (isinstance(value, float) and math.isnan(value))
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _day(value: pd.Timestamp) -> str:
    return value.date().isoformat()
