"""Errors planted into finished plans: `ALTERED`, `ROWS`, `STORIES` and `PROOFS` list them all.

Every column of every table is altered, emptied and swapped between rows; rows are lost and
doubled; then come changes that fit together across tables. What leaves the plan as true as it was
is excluded by how a change is made: the order of rows, and swapping what is equal.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from shapely import affinity

from layers.county import County
from layers.tables import OPENINGS, PARTICIPANTS, REOPENINGS, STARTS, UNPLACED, Table
from planner import ground
from planner.checking import Checks
from planner.rules.profile import load
from planner.settings import defaults
from planner.trench.build import Built, build
from planner.trench.certificate import Certificate, Cluster
from planner.trench.check import check
from planner.trench.check.bound import bound_milli
from planner.trench.cost import Prices
from planner.trench.domains import starts as allowed
from planner.trench.plan import Opening, plan_yuan
from planner.trench.problem import Problem
from planner.trench.run import solve

MakeCase = Callable[..., Built]
Draw = st.DataObject
TABLES: Mapping[str, Table] = {
    table.name: table for table in (OPENINGS, PARTICIPANTS, REOPENINGS, UNPLACED, STARTS)
}
EXAMPLES = 3
PROFILE = "wushan-2021"


def permits(problem: Problem, opening: Opening) -> str:
    """Name a permit for each work, as a profile would."""
    return "；".join(f"挖掘许可 {problem.works[work].id}" for work in opening.works)


@dataclass(frozen=True)
class Case:
    """A finished plan: what `check` is given."""

    built: Built
    tables: Mapping[str, pd.DataFrame]
    figures: Mapping[str, Any]
    certificate: Certificate | None

    def check(self, **changed: object) -> Checks:
        given: dict[str, Any] = {
            **self.tables, "figures": self.figures, "certificate": self.certificate,
            "permits": permits,
        }  # fmt: skip
        return check(self.built, **{**given, **changed})


def finished(built: Built) -> Case:
    """Return the plan of a case, with a bound that prices each segment by itself."""
    result = solve(built, profile=load(PROFILE), permits=permits)
    problem, plan = built.problem, result.plan
    users: dict[int, list[int]] = {}
    for work in sorted(plan.starts):
        for task in problem.works[work].tasks:
            users.setdefault(task.segment, []).append(work)
    clusters = tuple(
        Cluster(
            segments=(segment,),
            works=tuple(works),
            prices=tuple(
                np.zeros(len(allowed(problem, problem.works[w])), np.int64) for w in works
            ),
            priced=True,
        )
        for segment, works in users.items()
        if 1 < len(works) < 4
    )
    crews = {crew: np.zeros(problem.periods, np.int64) for crew in problem.crews}
    certificate = Certificate(
        works=tuple(sorted(plan.starts)), clusters=clusters, crew_prices=crews
    )
    bound = bound_milli(problem, certificate)
    assert bound is not None
    cost = round(plan_yuan(problem, Prices(problem), plan.starts), 2)
    figures = {
        **result.figures, "status": "feasible", "cost_yuan": cost, "bound_yuan": bound / 1000,
        "gap": (cost - bound / 1000) / cost,
    }  # fmt: skip
    return Case(built, {name: getattr(result, name) for name in TABLES}, figures, certificate)


@pytest.fixture(scope="module")
def cases(make_case: MakeCase) -> tuple[Case, ...]:
    """Return plans with everything in them that tables can say, planned by weeks."""
    gas = {"utility": "gas", "owner": "燃气公司", "diameter_mm": 110.0}
    power = {"utility": "power", "owner": "供电公司"}
    weeks = {"trench.period_days": 7}
    reopened = make_case(
        [
            {"earliest": "2026-02-01", "latest": "2026-02-20"},
            {**gas, "earliest": "2026-02-01", "latest": "2026-04-30"},
            {**gas, "earliest": "2026-06-01", "latest": "2026-08-31"},
            {"on": [(1, 0.0, 80.0, "left")], "fixed": True, "wanted": "2026-02-04"},
            {"on": []},
            {"on": [], "owner": "供热公司", "utility": "heat"},
        ],
        segments=3,
        roads=[{}, {"opened_on": "2021-06-01", "detour_group": "A"}, {"detour_group": "A"}],
        crews=[{"owner": "燃气公司", "crews": 1}],
        settings=weeks,
    )
    shared = make_case(
        [
            {"on": [(0, 0.0, 60.0, "left"), (1, 20.0, 90.0, "right")], "emergency": True},
            {
                **gas, "duration_days": 20.0,
                "on": [(0, 10.0, 80.0, "left"), (0, 20.0, 50.0, "right")],
            },
            {**power, "on": [(0, 30.0, 100.0, "left")], "wanted": "2026-03-02"},
            {**power, "on": [(1, 0.0, 50.0, "right")], "latest": "2026-05-31"},
            {**gas, "on": [(2, 0.0, 45.0, "left")], "earliest": "2026-07-01"},
        ],
        segments=3,
        roads=[{"town": "河东镇"}, {"surface": "concrete", "road_class": "arterial"}, {}],
        events=[
            {
                "event_id": "E", "name": "汛期", "kind": "rain", "starts_on": "2026-01-01",
                "ends_on": "2026-12-31", "town": "河东镇", "road_class": "主干路",
            }
        ],
        crews=[{"owner": "供电公司", "crews": 1}, {"owner": "燃气公司", "crews": 2}],
        settings=weeks,
    )  # fmt: skip
    found = tuple(finished(built) for built in (reopened, shared))
    assert not [failure for case in found for failure in case.check().failures]
    return found


def filled(cases: tuple[Case, ...], table: str, data: Draw) -> tuple[Case, pd.DataFrame, int]:
    """Draw a case whose table has rows, a copy of the table, and a row of it."""
    case = data.draw(st.sampled_from([c for c in cases if len(c.tables[table])]))
    frame = case.tables[table].copy()
    return case, frame, data.draw(st.integers(0, len(frame) - 1))


def altered(name: str, kind: str, row: Mapping[str, Any]) -> object:
    """Return something else of the same kind; of the facts, one that the sentence tells."""
    value = row[name]
    if name == "facts":
        facts = json.loads(value)
        key = next(
            key
            for key in sorted(facts)
            if isinstance(facts[key], str) and facts[key] and facts[key] in row["reason"]
        )
        return json.dumps({**facts, key: f"{facts[key]}x"}, ensure_ascii=False, sort_keys=True)
    if name == "side":
        return {"left": "right", "right": "left"}[value]
    changes: Mapping[str, Callable[[], Any]] = {
        "text": lambda: f"{value}x",
        "integer": lambda: value + 1,
        "number": lambda: 1.0 if np.isnan(value) else value + 0.05,
        "date": lambda: value + pd.Timedelta(days=1),
        "flag": lambda: not value,
    }
    return changes[kind]()


ALTERED = [(table.name, column.name, column.kind) for table in TABLES.values() for column in table]
"""Every column: its value changed, emptied where it may be, swapped with another row's."""


@pytest.mark.parametrize(("table", "column", "kind"), ALTERED)
@settings(deadline=None, max_examples=EXAMPLES)
@given(data=st.data())
def test_a_cell_changed_is_found(
    cases: tuple[Case, ...], table: str, column: str, kind: str, data: Draw
) -> None:
    case, frame, row = filled(cases, table, data)
    frame.loc[row, column] = altered(column, kind, frame.loc[row])
    assert case.check(**{table: frame}).failures


@pytest.mark.parametrize(
    ("table", "column", "kind"), [entry for entry in ALTERED if entry[2] in {"text", "number"}]
)
@settings(deadline=None, max_examples=EXAMPLES)
@given(data=st.data())
def test_a_cell_emptied_is_found(
    cases: tuple[Case, ...], table: str, column: str, kind: str, data: Draw
) -> None:
    full = [
        (case, row)
        for case in cases
        for row, value in enumerate(case.tables[table][column])
        if not (value == "" or pd.isna(value))
    ]
    if not full:
        return
    case, row = data.draw(st.sampled_from(full))
    frame = case.tables[table].copy()
    frame.loc[row, column] = np.nan if kind == "number" else ""
    assert case.check(**{table: frame}).failures


@pytest.mark.parametrize(("table", "column", "kind"), ALTERED)
@settings(deadline=None, max_examples=EXAMPLES)
@given(data=st.data())
def test_two_cells_swapped_are_found(
    cases: tuple[Case, ...], table: str, column: str, kind: str, data: Draw
) -> None:
    pairs = [
        (case, one, other)
        for case in cases
        for one in range(len(case.tables[table]))
        for other in range(one)
        if differ(case.tables[table].iloc[one], case.tables[table].iloc[other], column)
    ]
    if not pairs:
        return
    case, one, other = data.draw(st.sampled_from(pairs))
    frame = case.tables[table].copy()
    both = frame[column].iloc[[one, other]].tolist()
    frame.loc[one, column], frame.loc[other, column] = both[1], both[0]
    assert case.check(**{table: frame}).failures


def differ(one: pd.Series, other: pd.Series, column: str) -> bool:
    """Return whether rows differ in a column and elsewhere; money below 5 fen is rounding."""
    elsewhere = [name for name in one.index if name not in {column, "geometry"}]
    if isinstance(one[column], float):
        return bool(abs(one[column] - other[column]) > 0.05)
    return one[column] != other[column] and not one[elsewhere].equals(other[elsewhere])


ROWS: Mapping[str, Callable[[pd.DataFrame, int], pd.DataFrame]] = {
    "lost": lambda frame, row: frame.drop(index=row).reset_index(drop=True),
    "doubled": lambda frame, row: pd.concat([frame, frame.iloc[[row]]], ignore_index=True),
    "all lost": lambda frame, _: frame.iloc[:0],
}


@pytest.mark.parametrize("change", ROWS)
@pytest.mark.parametrize("table", TABLES)
@settings(deadline=None, max_examples=EXAMPLES)
@given(data=st.data())
def test_a_row_lost_or_doubled_is_found(
    cases: tuple[Case, ...], table: str, change: str, data: Draw
) -> None:
    case, frame, row = filled(cases, table, data)
    assert case.check(**{table: ROWS[change](frame, row)}).failures


Story = Callable[[Case, Draw], dict[str, Any]]


def _row(case: Case, table: str, data: Draw) -> int:
    return data.draw(st.integers(0, len(case.tables[table]) - 1))


def shape(change: Callable[[Any], Any]) -> Story:
    def story(case: Case, data: Draw) -> dict[str, Any]:
        frame = case.tables["openings"].copy()
        lines = list(frame.geometry)
        row = _row(case, "openings", data)
        lines[row] = change(lines[row])
        return {"openings": frame.set_geometry(gpd.GeoSeries(lines, crs=frame.crs))}

    return story


def opening_forgotten(case: Case, data: Draw) -> dict[str, Any]:
    """Leave an opening out everywhere, and the works with it."""
    gone = case.tables["openings"]["opening_id"].iloc[_row(case, "openings", data)]
    part = case.tables["participants"]
    works = set(part.loc[part["opening_id"] == gone, "work_id"])
    return {
        "openings": _without(case.tables["openings"], "opening_id", {gone}),
        "participants": _without(part, "work_id", works),
        "starts": _without(case.tables["starts"], "work_id", works),
    }


def work_forgotten(case: Case, data: Draw) -> dict[str, Any]:
    works = {case.tables["starts"]["work_id"].iloc[_row(case, "starts", data)]}
    return {
        name: _without(case.tables[name], "work_id", works) for name in ("starts", "participants")
    }


def _without(frame: pd.DataFrame, column: str, keys: set[str]) -> pd.DataFrame:
    return frame[~frame[column].isin(keys)].reset_index(drop=True)


def opening_moved(case: Case, data: Draw) -> dict[str, Any]:
    """Shift an opening and its participants by a week, the starts as they were."""
    gone = case.tables["openings"]["opening_id"].iloc[_row(case, "openings", data)]
    week = pd.Timedelta(days=data.draw(st.sampled_from([-7, 7])))
    tables = {name: case.tables[name].copy() for name in ("openings", "participants")}
    for frame in tables.values():
        here = frame["opening_id"] == gone
        for column in ("starts_on", "ends_on"):
            frame.loc[here, column] += week
    return dict(tables)


def opening_parted(case: Case, data: Draw) -> dict[str, Any]:
    """Write an opening as two that follow each other without a break."""
    frame = case.tables["openings"]
    longer = [n for n, days in enumerate(frame["days"]) if days > 7]
    row = data.draw(st.sampled_from(longer))
    two = frame.iloc[[row, row]].reset_index(drop=True)
    end = two.loc[0, "starts_on"] + pd.Timedelta(days=6)
    two.loc[0, "ends_on"], two.loc[1, "starts_on"] = end, end + pd.Timedelta(days=1)
    two.loc[1, "opening_id"] = f"{two.loc[0, 'segment_id']}-9"
    rest = frame.drop(index=row)
    return {"openings": pd.concat([rest, two], ignore_index=True)}


def owner_renamed(case: Case, data: Draw) -> dict[str, Any]:
    """Send the bill to another: in all tables of the result, not in the inputs."""
    owners = sorted(set(case.tables["participants"]["owner"]))
    one, other = data.draw(st.permutations([*owners, ""]).map(lambda names: names[:2]))
    assume(one)
    part, found = (case.tables[name].copy() for name in ("participants", "openings"))
    part["owner"] = part["owner"].replace(one, other)
    found["owners"] = found["owners"].str.replace(one, other or "谁", regex=False)
    return {"participants": part, "openings": found}


def money_moved(column: str) -> Story:
    """Let one participant pay for another, the sum as it was."""

    def story(case: Case, data: Draw) -> dict[str, Any]:
        frame = case.tables["participants"].copy()
        many = frame.groupby("opening_id")["work_id"].transform("size") > 1
        key = data.draw(st.sampled_from(sorted(set(frame.loc[many, "opening_id"]))))
        one, other = frame.index[frame["opening_id"] == key][:2]
        frame.loc[one, column] += 1.0
        frame.loc[other, column] -= 1.0
        return {"participants": frame}

    return story


def cost_raised_everywhere(case: Case, data: Draw) -> dict[str, Any]:
    """Make an opening dearer in every table and figure that speaks of it."""
    found, part = case.tables["openings"].copy(), case.tables["participants"].copy()
    row = _row(case, "openings", data)
    found.loc[row, "cost_yuan"] += 100.0
    here = part.index[part["opening_id"] == found.loc[row, "opening_id"]]
    for column in ("share_yuan", "share_shapley_yuan"):
        part.loc[here, column] += 100.0 / len(here)
    figures = {**case.figures, "cost_yuan": case.figures["cost_yuan"] + 100.0}
    return {"openings": found, "participants": part, "figures": figures}


def works_interchanged(case: Case, data: Draw) -> dict[str, Any]:
    """Give two works with different dates each other's start."""
    frame = case.tables["starts"].copy()
    rows = range(len(frame))
    periods = frame["period"].tolist()
    pairs = [(a, b) for a in rows for b in range(a) if periods[a] != periods[b]]
    one, other = data.draw(st.sampled_from(pairs))
    frame.loc[one, "period"], frame.loc[other, "period"] = periods[other], periods[one]
    return {"starts": frame}


def start_shifted(case: Case, data: Draw) -> dict[str, Any]:
    frame = case.tables["starts"].copy()
    row = _row(case, "starts", data)
    frame.loc[row, "period"] += data.draw(st.integers(-60, 60).filter(bool))
    return {"starts": frame}


def reason_of_another(case: Case, data: Draw) -> dict[str, Any]:
    """Tell a work that is left out the reason of a different rule."""
    frame = case.tables["unplaced"].copy()
    assume(len(frame))
    row = _row(case, "unplaced", data)
    facts = json.loads(frame.loc[row, "facts"])
    frame.loc[row, "rule"] = "no_crew"
    frame.loc[row, "reason"] = frame.loc[row, "reason"].replace(facts["work"], facts["owner"])
    return {"unplaced": frame}


STORIES: Mapping[str, Story] = {
    "a start shifted by some periods": start_shifted,
    "two starts interchanged": works_interchanged,
    "an opening and its participants moved by a week": opening_moved,
    "an opening written as two": opening_parted,
    "an opening left out with its works": opening_forgotten,
    "a work left out": work_forgotten,
    "an owner renamed in all results": owner_renamed,
    "a fee moved to another, in proportion": money_moved("share_yuan"),
    "a fee moved to another, by Shapley": money_moved("share_shapley_yuan"),
    "a cost alone moved to another": money_moved("alone_yuan"),
    "an opening made dearer everywhere": cost_raised_everywhere,
    "another reason for being left out": reason_of_another,
    "an opening drawn elsewhere": shape(lambda line: affinity.translate(line, 0.0, 1.0)),
    "an opening drawn backwards": shape(lambda line: line.reverse()),
    "an opening drawn longer": shape(lambda line: affinity.scale(line, 1.1)),
    "an opening drawn shorter": shape(lambda line: affinity.scale(line, 0.9)),
}


@pytest.mark.parametrize("story", STORIES)
@settings(deadline=None, max_examples=EXAMPLES)
@given(data=st.data())
def test_a_change_across_tables_is_found(cases: tuple[Case, ...], story: str, data: Draw) -> None:
    case = data.draw(st.sampled_from(cases))
    assert case.check(**STORIES[story](case, data)).failures


def _proof(case: Case) -> Certificate:
    assert case.certificate is not None
    return case.certificate


def _bound(case: Case, by_yuan: float) -> dict[str, Any]:
    """Return figures with another bound, and the gap that belongs to it."""
    bound, cost = case.figures["bound_yuan"] + by_yuan, case.figures["cost_yuan"]
    return {"figures": {**case.figures, "bound_yuan": bound, "gap": (cost - bound) / cost}}


def _multiplier(case: Case, by: int) -> Certificate:
    proof = _proof(case)
    first, *rest = proof.clusters
    prices = (first.prices[0] + by, *first.prices[1:])
    return replace(proof, clusters=(replace(first, prices=prices), *rest))


def _crew_price(case: Case, price: int) -> Certificate:
    proof = _proof(case)
    crew = min(proof.crew_prices)
    return replace(proof, crew_prices={**proof.crew_prices, crew: proof.crew_prices[crew] + price})


def _with_figure(name: str, value: object) -> Callable[[Case], dict[str, Any]]:
    def changed(case: Case) -> dict[str, Any]:
        return {"figures": {**case.figures, name: value}}

    return changed


PROOFS: Mapping[str, Callable[[Case], dict[str, Any]]] = {
    "the bound raised": lambda case: _bound(case, 1.0),
    "the bound lowered": lambda case: _bound(case, -1.0),
    "the bound above the cost": lambda case: _bound(case, 2 * case.figures["cost_yuan"]),
    "a multiplier raised": lambda case: {"certificate": _multiplier(case, 1)},
    "multipliers lowered": lambda case: {"certificate": _multiplier(case, -20)},
    "a crew price below nothing": lambda case: {"certificate": _crew_price(case, -1)},
    "a crew price raised": lambda case: {"certificate": _crew_price(case, 10**9)},
    "no certificate": lambda _: {"certificate": None},
    "a certificate without bound": _with_figure("bound_yuan", None),
    "a work not certified": lambda case: {
        "certificate": replace(_proof(case), works=_proof(case).works[1:])
    },
    "a cluster counted twice": lambda case: {
        "certificate": replace(_proof(case), clusters=_proof(case).clusters * 2)
    },
    "no gap": _with_figure("gap", None),
    "another gap": _with_figure("gap", -0.5),
    "said to be empty": _with_figure("status", "empty"),
    "said to be something else": _with_figure("status", "fine"),
    "dearer than the greedy plan": lambda case: {
        "figures": {**case.figures, "cost_greedy_yuan": case.figures["cost_yuan"] - 1.0}
    },
    "permits of no profile": lambda _: {"permits": None},
    "permits of another profile": lambda _: {"permits": lambda _problem, _opening: "无"},
}
"""What is said of the proof and of the whole; seconds and a dearer greedy plan prove nothing."""


@pytest.mark.parametrize("change", PROOFS)
def test_a_false_proof_is_found(cases: tuple[Case, ...], change: str) -> None:
    for case in cases:
        assert case.check(**PROOFS[change](case)).failures


def test_optimal_is_said_only_where_the_bound_meets_the_cost(cases: tuple[Case, ...]) -> None:
    """Without clusters a segment counts for one opening, and the re-opened one leaves a gap."""
    case = cases[0]
    assert case.figures["gap"] < 1e-7
    assert not case.check(figures={**case.figures, "status": "optimal"}).failures
    loose = replace(_proof(case), clusters=())
    bound = bound_milli(case.built.problem, loose)
    assert bound is not None
    figures = _bound(case, bound / 1000 - case.figures["bound_yuan"])["figures"]
    assert not case.check(figures=figures, certificate=loose).failures
    optimal = {**figures, "status": "optimal"}
    found = case.check(figures=optimal, certificate=loose).failures
    assert [failure.subject for failure in found] == ["status"]


def test_a_plan_of_the_sample_county_passes_and_its_faults_are_found(
    sample_county: County,
) -> None:
    chosen = defaults()
    onto = ground.segments_of(sample_county, chosen)
    works = sample_county["works"]
    built = build(
        onto, works, ground.place(works, onto, chosen), sample_county["crews"],
        sample_county["events"], chosen, start=pd.Timestamp("2026-01-01").date(), days=365,
    )  # fmt: skip
    case = finished(built)
    assert not case.check().failures
    for table, column in (("openings", "width_m"), ("participants", "share_shapley_yuan")):
        frame = case.tables[table].copy()
        frame.loc[len(frame) // 2, column] += 1.0
        assert case.check(**{table: frame}).failures
