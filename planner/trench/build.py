"""From checked tables to a problem; whatever cannot be planned is rejected with its reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import combinations
from types import MappingProxyType

import geopandas as gpd
import pandas as pd

from geo.errors import Fault, InputError
from planner.section.street import Street
from planner.settings import Settings
from planner.trench.approved import hold
from planner.trench.closures import Horizon, closures, unknown_towns
from planner.trench.domains import starts
from planner.trench.problem import CLOSED_RULES, Origin, Problem, Rejected, Segment, Work
from planner.trench.reasons.wording import closures_facts, windows
from planner.trench.records import Row, records
from planner.trench.tasks import Placed
from planner.trench.works import work_of


@dataclass(frozen=True, slots=True)
class Inputs:
    """The tables that a problem was made of, for checking a plan without the problem.

    `works` holds the planned works and, where there are any, the routed extensions.
    """

    works: tuple[pd.DataFrame, ...]
    crews: pd.DataFrame
    events: pd.DataFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """A problem and what did not make it into it.

    Parameters
    ----------
    problem
        Works in the order of the tables, without the rejected ones.
    rejected
        In the order of the tables.
    segments
        The segments' frame; row i is ``problem.segments[i]``.
    inputs
        The other tables; None for a problem made by hand.
    unknown_towns
        Towns of no-dig periods in which no segment lies: such periods close nothing.
    notices
        Approved works that are gone or could not keep their date.
    """

    problem: Problem
    rejected: tuple[Rejected, ...]
    segments: gpd.GeoDataFrame
    inputs: Inputs | None = None
    unknown_towns: tuple[str, ...] = ()
    notices: tuple[Fault, ...] = ()


def build(
    segments: gpd.GeoDataFrame,
    works: gpd.GeoDataFrame,
    placements: pd.DataFrame,
    crews: pd.DataFrame,
    events: pd.DataFrame,
    settings: Settings,
    *,
    start: date,
    days: int,
    extensions: gpd.GeoDataFrame | None = None,
    approved: pd.DataFrame | None = None,
    streets: Sequence[Street] | None = None,
) -> Built:
    """Make the joint excavation problem of a study.

    Parameters
    ----------
    segments
        Columns of `layers.tables.SEGMENTS`, index 0..n-1.
    works, extensions
        Columns of `layers.tables.WORKS`: planned works, and routes to red lines as works.
    placements
        As `geo.overlap.place` returns it for the lines of `works` followed by those of
        `extensions`: line, segment, from_m, to_m, side, reversed, line_from_m.
    crews, events
        Columns of `layers.tables.CREWS` and `EVENTS`. The crews of an owner that is not listed
        are not limited.
    settings
        Settings ``trench.*`` and ``section.*``.
    start, days
        First day and length of the plan.
    approved
        Columns of `layers.tables.APPROVED`: starts of an earlier plan, which are held.
    streets
        What the road of each segment holds already; nothing is known of it without.

    Raises
    ------
    InputError
        If the horizon is empty, or two works bear the same id.
    """
    horizon = Horizon(start, settings.count("trench.period_days"), 0)
    horizon = horizon._replace(periods=days // horizon.period_days)
    rows: list[tuple[Row, Origin]] = [(row, "work") for row in records(works)]
    rows += [(row, "extension") for row in records(extensions)]
    _check(rows, horizon)
    limits = {str(row["owner"]): int(row["crews"]) for row in records(crews)}
    pieces = _pieces(placements)
    made = [
        work_of(row, origin, pieces.get(line, ()), limits, settings, horizon)
        for line, (row, origin) in enumerate(rows)
    ]
    problem = Problem(
        start=start,
        period_days=horizon.period_days,
        periods=horizon.periods,
        segments=_segments(segments, streets, events, settings, horizon),
        works=tuple(work for work in made if isinstance(work, Work)),
        crews=MappingProxyType(limits),
        conflicts=_detours(segments),
        settings=settings,
    )
    shut = {work.id: _shut_out(problem, place) for place, work in enumerate(problem.works)}
    out = [work if isinstance(work, Rejected) else shut[work.id] for work in made]
    kept = tuple(work for work in problem.works if shut[work.id] is None)
    known = frozenset(str(row["work_id"]) for row, _ in rows)
    problem, notices = hold(replace(problem, works=kept), records(approved), known)
    return Built(
        problem=problem,
        rejected=tuple(rejected for rejected in out if rejected is not None),
        segments=segments,
        inputs=Inputs((works,) if extensions is None else (works, extensions), crews, events),
        unknown_towns=unknown_towns(events, segments),
        notices=notices,
    )


def _check(rows: Sequence[tuple[Row, Origin]], horizon: Horizon) -> None:
    faults = []
    if horizon.periods < 1:
        faults.append(Fault("trench_horizon_empty", {"period_days": horizon.period_days}))
    ids = pd.Series([str(row["work_id"]) for row, _ in rows], dtype=object)
    twice = sorted(set(ids[ids.duplicated()]))
    if twice:
        faults.append(
            Fault(
                "trench_work_twice",
                layer="works",
                column="work_id",
                rows=tuple(twice[:5]),
                count=len(twice),
            )
        )
    if faults:
        raise InputError(faults)


def _segments(
    frame: gpd.GeoDataFrame,
    streets: Sequence[Street] | None,
    events: pd.DataFrame,
    settings: Settings,
    horizon: Horizon,
) -> tuple[Segment, ...]:
    closed = closures(frame, events, settings, horizon)
    known = [Street()] * len(frame) if streets is None else streets
    day_yuan = {
        road_class: settings.number(f"trench.closure_{road_class}_yuan_per_day")
        for road_class in frame["road_class"].unique()
    }
    return tuple(
        Segment(
            id=str(row["segment_id"]),
            length_m=float(row["length_m"]),
            road_class=str(row["road_class"]),
            surface=str(row["surface"]),
            width_m=float(row["width_m"]),
            opening_yuan=settings.number("trench.setup_yuan"),
            open_period_yuan=day_yuan[row["road_class"]] * horizon.period_days,
            closed=shut,
            street=street,
        )
        for row, shut, street in zip(records(frame), closed, known, strict=True)
    )


def _detours(frame: gpd.GeoDataFrame) -> tuple[tuple[int, int], ...]:
    """Return pairs of segments of one detour group that belong to roads of different names."""
    group = frame["detour_group"].fillna("").to_numpy()
    name = frame["name"].fillna("").to_numpy()
    members: dict[str, list[int]] = {}
    for place, key in enumerate(group):
        if key:
            members.setdefault(str(key), []).append(place)
    return tuple(
        pair
        for places in members.values()
        for pair in combinations(places, 2)
        if name[pair[0]] != name[pair[1]]
    )


def _pieces(placements: pd.DataFrame) -> dict[int, tuple[Placed, ...]]:
    found: dict[int, list[Placed]] = {}
    for row in records(placements.sort_values(["line", "line_from_m"], kind="stable")):
        if row["to_m"] > row["from_m"]:
            piece = Placed(
                int(row["segment"]),
                float(row["from_m"]),
                float(row["to_m"]),
                row["side"],
                bool(row["reversed"]),
                float(row["line_from_m"]),
            )
            found.setdefault(int(row["line"]), []).append(piece)
    return {line: tuple(pieces) for line, pieces in found.items()}


def _shut_out(problem: Problem, place: int) -> Rejected | None:
    """Return the rejection of a work that the closures leave no start, if they do."""
    work = problem.works[place]
    if starts(problem, work).size:
        return None
    closed = closures_facts(problem, (place,), CLOSED_RULES)
    facts = {"window": windows(problem, (work,)), **closed}
    return Rejected(
        work_id=work.id,
        utility=work.utility,
        owner=work.owner,
        rule="closed",
        facts={"work": work.id, "owner": work.owner, **facts},
        work=work,
    )
