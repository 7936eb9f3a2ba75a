"""A year of openings in the town's streets: works by chance, tables by the planner's own frames."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType, SimpleNamespace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from town.ground import OWNERS, START, UTILITIES, frame

from planner.section.line import Line
from planner.settings import defaults
from planner.trench.assumed import prices_assumed
from planner.trench.cost import Prices
from planner.trench.deciding.encounters import Encounter, Party
from planner.trench.deciding.lists import decisions_frame
from planner.trench.frames import (
    openings_frame,
    participants_frame,
    reopenings_frame,
    starts_frame,
    unplaced_frame,
)
from planner.trench.plan import Opening, Plan, closure_days, cost_yuan, dug_m, openings
from planner.trench.problem import Problem, Rejected, Segment, Stretch, Task, Work
from planner.trench.reasons.explain import Reopening
from planner.trench.sharing import share

FEW = (1, 2, 3, 4)


def make_trench(
    segments: gpd.GeoDataFrame, chance: np.random.Generator, text: str
) -> SimpleNamespace:
    """Return what `planner.trench.run.TrenchResult` offers to the report."""
    problem, starts = _problem(segments, chance, text)
    prices, found = Prices(problem), openings(problem, starts)
    shared = share.splits(problem, prices, found)
    again = _reopenings(found, problem, text)
    made = {
        "openings": openings_frame(
            problem, found, segments, prices, _permits, starts=starts, splits=shared
        ),
        "participants": participants_frame(problem, found, starts, shared),
        "reopenings": reopenings_frame(problem, found, again),
        "unplaced": unplaced_frame([_left_out(text)]),
        "starts": starts_frame(problem, starts),
    }
    lists = _lists(problem, found, again, made, text)
    figures = _figures(problem, found, again, share.figures(shared), made["openings"])
    plan = Plan(MappingProxyType(starts))
    return SimpleNamespace(
        status="feasible", problem=problem, plan=plan, **made, lists=lists, figures=figures
    )


def _permits(problem: Problem, opening: Opening) -> str:
    return "规划部门批准文件（假设）；占路许可（假设）"


def _problem(
    segments: gpd.GeoDataFrame, chance: np.random.Generator, text: str
) -> tuple[Problem, dict[int, int]]:
    """Return works of one to four utilities at a time on streets by chance, and their starts."""
    works: list[Work] = []
    starts: dict[int, int] = {}
    for k in range(int(len(segments) * 0.75)):
        place = int(chance.integers(len(segments) - 2))
        count = chance.choice(FEW, p=[0.3, 0.3, 0.25, 0.15])
        first, days = int(chance.integers(5, 330)), int(chance.integers(8, 38))
        for utility in sorted(chance.choice(7, size=count, replace=False)):
            starts[len(works)] = first
            length_m = float(segments.length.iloc[place])
            works.append(_work(k, int(utility), place, length_m, days, text))
    problem = Problem(
        start=START,
        period_days=1,
        periods=400,
        segments=tuple(_segment(row) for row in segments.to_dict("records")),
        works=tuple(works),
        settings=defaults(),
    )
    return problem, starts


def _segment(row: Mapping[str, Any]) -> Segment:
    return Segment(
        id=row["segment_id"],
        length_m=row["length_m"],
        road_class=row["road_class"],
        surface=row["surface"],
        width_m=row["width_m"],
        opening_yuan=20_000.0,
        open_period_yuan=500.0,
    )


def _work(k: int, utility: int, place: int, length_m: float, days: int, text: str) -> Work:
    stretch = Stretch(0.0 if utility % 2 else 20.0, length_m, "left" if utility % 3 else "right")
    return Work(
        id=f"W{k:04d}{utility}",
        utility=UTILITIES[utility],
        owner=OWNERS[UTILITIES[utility]] + text,
        line=Line(UTILITIES[utility], diameter_mm=150.0),
        tasks=(Task(place, (stretch,), 0, days),),
        earliest=0,
        wanted=0,
        latest=360,
        emergency=k == 0,
    )


def _reopenings(found: Sequence[Opening], problem: Problem, text: str) -> list[Reopening]:
    return [
        Reopening(first, second, "windows", _why(problem, first, second, text), ("windows",))
        for first, second in pairwise(found)
        if first.segment == second.segment
    ]


def _why(problem: Problem, first: Opening, second: Opening, text: str) -> dict[str, object]:
    work = problem.works[second.works[0]].id
    return {
        "first": [problem.works[first.works[0]].id + text],
        "second": [work],
        "rules": "windows",
        "change": {"works": [work], "days": -12, "yuan": -55_813.0},
    }


def _left_out(text: str) -> Rejected:
    facts = {
        "work": "W9001",
        "owner": "Gas",
        "window": [("W9001", "2026-01-01", "2026-03-01")],
        "closures": "2024-09-01" + text,
        "closures_zh": "2024-09-01 建成，五年内" + text,
        "rules": "windows,moratorium",
        "change": {"works": ["W9001"], "days": 240, "yuan": 61_000.0},
    }
    return Rejected(work_id="W9001", utility="gas", owner=OWNERS["gas"], rule="closed", facts=facts)


def _lists(
    problem: Problem,
    found: Sequence[Opening],
    again: Sequence[Reopening],
    made: dict[str, pd.DataFrame],
    text: str,
) -> dict[str, pd.DataFrame]:
    met = [_met("saves", one.first, one.second, 40_000.0) for one in again]
    joint = next(one for one in found if len(one.works) > 1)
    met.append(_met("wanted", joint, joint, 12_000.0))
    met.append(_met("junction_follow", found[0], found[-1], 20_000.0))
    twice = made["participants"].drop_duplicates("work_id").head(2)
    cost_yuan_of = made["openings"].groupby("segment_id", sort=True)["cost_yuan"].sum()
    return {
        "decisions": decisions_frame(problem, found, met),
        "splits": frame("splits", [_split(list(twice["work_id"]), text)]),
        "robustness": frame("robustness", [_outcome(*case, len(found)) for case in CASES]),
        "crew_prices": frame(
            "crew_prices",
            [
                {
                    "crew": OWNERS["gas"] + text,
                    "starts_on": pd.Timestamp(2026, 3, day),
                    "ends_on": pd.Timestamp(2026, 3, day + 6),
                    "yuan": 100.0 * day,
                }
                for day in (2, 9, 16, 23)
            ],
        ),
        "segment_prices": frame(
            "segment_prices",
            [
                {"segment_id": key, "plan_yuan": yuan, "bound_yuan": 0.9 * yuan, "gap_yuan": gap}
                for (key, yuan), gap in zip(cost_yuan_of.items(), (9e3, 5e3, 0.0), strict=False)
            ],
        ),
    }


def _met(rule: str, one: Opening, other: Opening, saving_yuan: float) -> Encounter:
    mine, theirs = (one.works[:1], one.works[1:]) if one is other else (one.works, other.works)
    return Encounter(
        rule=rule,
        one=Party(mine, one),
        other=Party(theirs, other),
        days_between=0 if one is other else other.first - one.end,
        days=3,
        places=1,
        explained=True,
        saving_yuan=saving_yuan,
    )


def _split(works: Sequence[str], text: str) -> dict[str, object]:
    reason = f"{OWNERS['water']}的 {'、'.join(works)} 首尾相接，各不足 200 m，合计 260 m{text}"
    facts = {
        "owner": OWNERS["water"],
        "works": [*works],
        "segments": ["S00001", "S00002"],
        "threshold": 200,
        "together": 260,
        "clause": "Measures 1",
        "clause_zh": "办法 1",
    }
    return {
        "split_id": "P1",
        "owner": OWNERS["water"],
        "utility": "water",
        "works": ",".join(works),
        "segments": "S00001,S00002",
        "measure": "length",
        "threshold": 200.0,
        "together": 260.0,
        "largest": 140.0,
        "together_m": 260.0,
        "clause": "办法 1",
        "rule": "length",
        "reason": reason,
        "facts": json.dumps(facts),
    }


CASES = (
    ("duration", "", "kept", 3),
    ("duration", "", "replanned", 9),
    ("owner", OWNERS["power"], "kept", 2),
    ("owner", OWNERS["power"], "replanned", 5),
)


def _outcome(scenario: str, owner: str, mode: str, lost: int, count: int) -> dict[str, object]:
    counts = {
        "openings": count,
        "survive": count - lost,
        "same_dates": count - 4 * lost,
        "joint": 20,
        "joint_survive": 18,
        "violations": 7 if mode == "kept" else 0,
        "unplaced": 0 if mode == "kept" else 2,
    }
    told = {
        "percent": 20,
        "owner": owner,
        "tested": 1,
        "owners": 7,
        "yuan": 9,
        "faults": {"crews": 7},
    }
    return {
        "scenario": scenario,
        "owner": owner,
        "mode": mode,
        **counts,
        "cost_yuan": 1.0e7,
        "rule": f"{scenario}_{mode}",
        "reason": f"{count} 次开挖中 {count - lost} 次仍为一次",
        "facts": json.dumps({**counts, **told, "broken": []}),
    }


def _figures(
    problem: Problem,
    found: Sequence[Opening],
    again: Sequence[Reopening],
    sharing: dict[str, int],
    table: pd.DataFrame,
) -> dict[str, object]:
    mine_yuan = cost_yuan(Prices(problem), found)
    return {
        "status": "feasible",
        "works": len(problem.works),
        "segments": len(problem.segments),
        "openings": len(found),
        "openings_separate": len(problem.works),
        "reopenings": len(again),
        "reopenings_explained": len(again),
        "cost_yuan": mine_yuan,
        "cost_separate_yuan": float(table["separate_yuan"].sum()),
        "cost_greedy_yuan": 1.04 * mine_yuan,
        "bound_yuan": 0.9861 * mine_yuan,
        "gap": 0.0139,
        "dug_m": dug_m(problem, found),
        "dug_separate_m": 2.1 * dug_m(problem, found),
        "closure_days": closure_days(problem, found),
        "closure_separate_days": 2 * closure_days(problem, found),
        "sharing": sharing,
        "approved": {"held": 4, "moved": 1, "moved_days": 3},
        "prices_assumed": list(prices_assumed(problem.settings)),
        "seconds": 1.0,
    }
