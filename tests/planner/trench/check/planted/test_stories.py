"""Changes planted into finished plans that fit together across tables: `STORIES`."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from shapely import affinity

if TYPE_CHECKING:
    from conftest import Case

Draw = st.DataObject
EXAMPLES = 3

Story = Callable[["Case", Draw], dict[str, Any]]


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
