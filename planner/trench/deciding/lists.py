"""Tables of what people decide from a plan: encounters, splits, robustness, shadow prices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.tables import (
    CREW_PRICES,
    DECISIONS,
    ROBUSTNESS,
    SEGMENT_PRICES,
    SPLITS,
)
from planner.trench.cost import Prices
from planner.trench.deciding.encounters import Encounter, Party
from planner.trench.deciding.robustness import Outcome, Robustness
from planner.trench.deciding.splitting import SplitWorks, dug_m, segments_of
from planner.trench.frames import opening_ids
from planner.trench.plan import Opening
from planner.trench.problem import Problem
from planner.trench.reasons.wording import needed, pack, sentence
from planner.trench.records import Cells, frame_of

_MOST_NAMED = 5
"""Openings that a sentence names before it counts the rest."""


def decisions_frame(
    problem: Problem, found: Sequence[Opening], met: Sequence[Encounter]
) -> pd.DataFrame:
    """Return encounters as `layers.tables.DECISIONS`, in their order, numbered from D1.

    Parameters
    ----------
    problem
        What was asked.
    found
        All openings of the plan, by segment and time: they give the openings their ids.
    met
        As `planner.trench.deciding.encounters.encounters` returns them.
    """
    ids = opening_ids(problem, found)
    return frame_of(DECISIONS, [_decision(problem, ids, *item) for item in enumerate(met, start=1)])


def _decision(
    problem: Problem, ids: Mapping[Opening, str], number: int, encounter: Encounter
) -> Cells:
    one, other = (_party(problem, ids, party) for party in (encounter.one, encounter.other))
    facts: Cells = {
        **one,
        **{f"other_{name}": fact for name, fact in other.items() if name != "works"},
        "others": other["works"],
        "days_between": encounter.days_between,
        "days": encounter.days,
        "places": encounter.places,
        "explained": encounter.explained,
        "yuan": round(encounter.saving_yuan),
        "cost": round(-encounter.saving_yuan),
    }
    return {
        "decision_id": f"D{number}",
        "kind": encounter.kind,
        "rule": encounter.rule,
        "settled": encounter.settled,
        "segment_id": one["segment"],
        "other_segment_id": other["segment"],
        "work_id": ",".join(one["works"]),
        "other_work_id": ",".join(other["works"]),
        "owner": ",".join(one["owner"]),
        "other_owner": ",".join(other["owner"]),
        "opening_id": one["opening"],
        "other_opening_id": other["opening"],
        "starts_on": one["starts"],
        "other_starts_on": other["starts"],
        "days_between": encounter.days_between,
        "saving_yuan": encounter.saving_yuan,
        "advice": sentence("decision", encounter.rule, facts),
        "facts": pack(needed("decision", encounter.rule, facts)),
    }


def _party(problem: Problem, ids: Mapping[Opening, str], party: Party) -> dict[str, Any]:
    works = [problem.works[work] for work in party.works]
    return {
        "segment": problem.segments[party.opening.segment].id,
        "works": [work.id for work in works],
        "owner": [*dict.fromkeys(work.owner for work in works if work.owner)],
        "opening": ids[party.opening],
        "starts": problem.day(party.opening.first).isoformat(),
        "ends": problem.last_day(party.opening.end).isoformat(),
    }


def splits_frame(problem: Problem, found: Sequence[SplitWorks]) -> pd.DataFrame:
    """Return works that look split as `layers.tables.SPLITS`, numbered from P1."""
    return frame_of(SPLITS, [_split(problem, *item) for item in enumerate(found, start=1)])


def _split(problem: Problem, number: int, split: SplitWorks) -> Cells:
    works = [problem.works[work] for work in split.works]
    threshold = split.threshold
    facts: Cells = {
        "owner": works[0].owner,
        "works": [work.id for work in works],
        "segments": [*segments_of(problem, split.works)],
        "threshold": round(threshold.limit),
        "together": round(split.together),
        "clause": threshold.clause.text("en"),
        "clause_zh": threshold.clause.text("zh"),
    }
    return {
        "split_id": f"P{number}",
        "owner": works[0].owner,
        "utility": works[0].utility,
        "works": ",".join(work.id for work in works),
        "segments": ",".join(segments_of(problem, split.works)),
        "measure": threshold.measure,
        "threshold": threshold.limit,
        "together": split.together,
        "largest": max(split.amounts),
        "together_m": sum(dug_m(work) for work in works),
        "clause": threshold.clause.text("zh"),
        "rule": threshold.measure,
        "reason": sentence("split", threshold.measure, facts),
        "facts": pack(facts),
    }


def robustness_frame(
    problem: Problem, starts: Mapping[int, int], found: Sequence[Opening], tried: Robustness
) -> pd.DataFrame:
    """Return the outcomes of scenarios as `layers.tables.ROBUSTNESS`.

    Parameters
    ----------
    problem, starts, found
        What was asked, the plan, and its openings by segment and time.
    tried
        As `planner.trench.deciding.robustness.robustness` returns it.

    Notes
    -----
    ``moved`` in the facts holds the start period of each work that is not where the plan has it,
    so that every row can be checked.
    """
    ids = opening_ids(problem, found)
    return frame_of(
        ROBUSTNESS, [_outcome(problem, starts, ids, tried, out) for out in tried.outcomes]
    )


def _outcome(
    problem: Problem,
    starts: Mapping[int, int],
    ids: Mapping[Opening, str],
    tried: Robustness,
    outcome: Outcome,
) -> Cells:
    rule = f"{outcome.scenario}_{outcome.mode}"
    counts: Cells = {
        "openings": outcome.openings,
        "survive": outcome.survive,
        "same_dates": outcome.same_dates,
        "joint": outcome.joint,
        "joint_survive": outcome.joint_survive,
        "violations": sum(outcome.violations.values()),
        "unplaced": outcome.unplaced,
    }
    facts: Cells = {
        **counts,
        "owner": outcome.owner,
        "owners": tried.owners,
        "tested": tried.tested,
        "percent": round(100 * problem.settings.number("trench.robust_duration")),
        "faults": dict(sorted(outcome.violations.items())),
        "broken": _some([ids[opening] for opening in outcome.broken]),
        "yuan": round(outcome.cost_yuan),
        "moved": {
            problem.works[work].id: start
            for work, start in outcome.starts.items()
            if starts.get(work) != start
        },
        "left_out": sorted(
            problem.works[work].id
            for work in starts
            if work not in outcome.starts and problem.works[work].owner != (outcome.owner or None)
        ),
    }
    return {
        **counts,
        "scenario": outcome.scenario,
        "owner": outcome.owner,
        "mode": outcome.mode,
        "cost_yuan": outcome.cost_yuan,
        "rule": rule,
        "reason": sentence("robustness", rule, facts),
        "facts": pack(needed("robustness", rule, facts)),
    }


def _some(names: Sequence[str]) -> list[str]:
    """Return the first names, and how many there are more."""
    more = [f"+{len(names) - _MOST_NAMED}"] if len(names) > _MOST_NAMED else []
    return [*names[:_MOST_NAMED], *more]


def crew_prices_frame(
    problem: Problem, crew_prices: Mapping[str, NDArray[np.int64]]
) -> pd.DataFrame:
    """Return shadow prices of crews by week as `layers.tables.CREW_PRICES`, where there are any.

    Parameters
    ----------
    problem
        Gives the calendar.
    crew_prices
        For each crew its price in each period, thousandths of a yuan, shape (periods,): by so
        much the bound on the cost falls with one more crew in that period.

    Returns
    -------
    pandas.DataFrame
        One row for each crew and calendar week (Monday to Sunday, by the first day of a period)
        with a price above zero, by crew and time: what one more crew in that week saves at most,
        as far as these prices can tell.
    """
    rows: list[Cells] = [
        {
            "crew": crew,
            "starts_on": problem.day(first),
            "ends_on": problem.last_day(last + 1),
            "yuan": milli / 1000.0,
        }
        for crew in sorted(crew_prices)
        for first, last, milli in _weekly(problem, crew_prices[crew])
        if milli > 0
    ]
    return frame_of(CREW_PRICES, rows)


def _weekly(problem: Problem, milli: NDArray[np.int64]) -> list[tuple[int, int, int]]:
    """Return first and last period and the sum of each calendar week."""
    weeks = [_monday(problem.day(period)) for period in range(len(milli))]
    begins = [n for n, monday in enumerate(weeks) if n == 0 or monday != weeks[n - 1]]
    ends = [*begins[1:], len(weeks)]
    return [
        (begin, end - 1, int(milli[begin:end].sum()))
        for begin, end in zip(begins, ends, strict=True)
        if end > begin
    ]


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def segment_plan_yuan(prices: Prices, found: Iterable[Opening]) -> dict[int, float]:
    """Return what the openings of each segment cost, by position of the segment."""
    yuan: dict[int, float] = {}
    for opening in found:
        cost = prices.opening_yuan(opening.segment, opening.periods, frozenset(opening.works))
        yuan[opening.segment] = yuan.get(opening.segment, 0.0) + cost
    return yuan


def segment_prices_frame(
    problem: Problem, plan_yuan: Mapping[int, float], bound_yuan: Mapping[int, float]
) -> pd.DataFrame:
    """Return where the gap lies as `layers.tables.SEGMENT_PRICES`, widest first, then by id.

    Parameters
    ----------
    problem
        Names the segments.
    plan_yuan, bound_yuan
        Cost of each segment in the plan (`segment_plan_yuan`), and its part of the bound, by
        position; a segment that one of them lacks counts 0 there. The parts of the bound contain
        the prices at which works are shared among segments, so that a single one may lie above
        its segment's cost; together they do not.
    """
    rows: list[Cells] = [
        {
            "segment_id": problem.segments[segment].id,
            "plan_yuan": (plan := plan_yuan.get(segment, 0.0)),
            "bound_yuan": (bound := bound_yuan.get(segment, 0.0)),
            "gap_yuan": plan - bound,
        }
        for segment in plan_yuan.keys() | bound_yuan.keys()
    ]
    rows.sort(key=lambda row: (-float(str(row["gap_yuan"])), str(row["segment_id"])))
    return frame_of(SEGMENT_PRICES, rows)
