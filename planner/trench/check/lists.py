"""Check the lists made from a plan: every row's claim is found anew, and none is missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import isclose
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.messages import placeholders
from planner.checking import Checks, Failure
from planner.trench.check.facts import fault_of_facts
from planner.trench.check.meetings import Group, Meetings, Place, Site
from planner.trench.check.plan import Verdicts, verdict
from planner.trench.check.robustness import check_robustness
from planner.trench.check.splits import check_splits
from planner.trench.deciding.splitting import Threshold
from planner.trench.problem import Problem
from planner.trench.reasons.joining import Fits
from planner.trench.reasons.wording import sentence, unpack
from planner.trench.records import Row, records

CENT = 0.01

GROUPS: Mapping[str, tuple[str, str]] = {
    "width": ("width", "conflict"),
    "wanted": ("wanted", "conflict"),
    "detour": ("detour", "conflict"),
    "detour_wanted": ("detour", "conflict"),
    "saves": ("again", "opportunity"),
    "costs": ("again", "opportunity"),
    "junction_overlap": ("junction", "junction"),
    "junction_follow": ("junction", "junction"),
}
"""Rule of a row to its group in `Meetings.expected` and its kind."""


def check_lists(
    problem: Problem,
    segments: gpd.GeoDataFrame,
    starts: Mapping[str, int],
    *,
    decisions: pd.DataFrame,
    splits: pd.DataFrame,
    robustness: pd.DataFrame,
    reopenings: pd.DataFrame,
    thresholds: Iterable[Threshold],
    fits: Fits | None = None,
) -> Checks:
    """Check the list for deciding, the works that look split, and the robustness.

    Parameters
    ----------
    problem, segments
        What was asked; row i of the frame is ``problem.segments[i]``.
    starts
        Id of each placed work to its start period.
    decisions, splits, robustness, reopenings
        Result tables of `layers.tables`, as written.
    thresholds
        The thresholds of the profile and the settings.
    fits
        Whether the road can hold the section of works; None where it always does.
    """
    return (
        Checks.of(check_decisions(problem, segments, starts, decisions, reopenings, fits=fits))
        + Checks.of(check_splits(problem, segments, splits, tuple(thresholds)))
        + Checks.of(check_robustness(problem, starts, robustness))
    )


def check_decisions(
    problem: Problem,
    segments: gpd.GeoDataFrame,
    starts: Mapping[str, int],
    decisions: pd.DataFrame,
    reopenings: pd.DataFrame,
    *,
    fits: Fits | None = None,
) -> Verdicts:
    """Yield tests that the list for deciding is complete, and each row right.

    Parameters
    ----------
    problem, segments, starts, fits
        As for `check_lists`.
    decisions, reopenings
        `layers.tables.DECISIONS` and `REOPENINGS`; the latter give the prices of rows that say
        they come from there.
    """
    meetings = Meetings(problem, starts, segments, fits=fits)
    expected = meetings.expected()
    rows = [(_group(row), row) for row in records(decisions)]
    listed = [group for group, _ in rows]
    added = _added(reopenings)
    most_yuan = problem.settings.number("trench.decision_most_cost_yuan")
    absent = set(expected) - set(listed)
    missing = {group for group in absent if not _dear(expected[group], added, most_yuan)}
    extra = set(listed) - set(expected)
    yield verdict("decisions", "table", f"missing {_some(missing)}", held=not missing)
    yield verdict("decisions", "table", f"no such meeting {_some(extra)}", held=not extra)
    yield verdict("decisions", "table", "rows twice", held=len(listed) == len(set(listed)))
    order = [(-round(row["saving_yuan"], 2), row["days_between"]) for _, row in rows]
    yield verdict("decisions", "table", "not in order", held=order == sorted(order))
    costs = [row for _, row in rows if row["rule"] == "costs"]
    dear = [row["decision_id"] for row in costs if row["saving_yuan"] < -most_yuan]
    yield verdict("decisions", "table", f"dearer than is listed: {dear[:3]}", held=not dear)
    for group, row in rows:
        if group in expected:
            yield from _decision(meetings, expected[group], row, added)


def _group(row: Row) -> Group:
    parties = (frozenset(str(row[name]).split(",")) for name in ("work_id", "other_work_id"))
    return GROUPS.get(row["rule"], ("", ""))[0], frozenset(parties)


def _some(groups: set[Group]) -> str:
    named = sorted(f"{rule} {sorted(sorted(keys) for keys in both)}" for rule, both in groups)
    return "; ".join(named[:3])


def _added(reopenings: pd.DataFrame) -> dict[tuple[str, str], float]:
    found = {}
    for row in records(reopenings):
        facts = unpack(row["facts"])
        change = facts.get("change")
        yuan = change.get("yuan") if isinstance(change, dict) else facts.get("yuan")
        if isinstance(yuan, (int, float)):
            found[str(row["first_opening"]), str(row["second_opening"])] = float(yuan)
    return found


def _decision(
    meetings: Meetings,
    places: list[Place],
    row: Row,
    added: Mapping[tuple[str, str], float],
) -> Verdicts:
    name, rule = str(row["decision_id"]), str(row["rule"])
    facts = unpack(row["facts"])
    yield verdict("decisions", name, "kind", held=row["kind"] == GROUPS[rule][1])
    settled = rule in {"wanted", "detour_wanted"}
    yield verdict("decisions", name, "settled", held=bool(row["settled"]) == settled)
    here = [place for place in places if _shown(row, place)]
    detail = f"the parties do not meet in {row['opening_id']} / {row['other_opening_id']}"
    yield verdict("decisions", name, detail, held=bool(here))
    if here:
        due = {**_measures(meetings, row, here[0]), "places": len(places)}
        named = {fact: due[fact] for fact in placeholders(f"decision_{rule}")}
        fault = fault_of_facts(facts, named, ("explained",))
        yield verdict("decisions", name, fault or "", held=fault is None)
        same = fault is None and row["advice"] == sentence("decision", rule, facts)
        yield verdict("decisions", name, "sentence and facts disagree", held=same)
        yield from _columns(row, due)
        prices = added if facts.get("explained") else {}
        known = any((place.first.id, place.second.id) in prices for place in places)
        stands = known or not facts.get("explained")
        yield verdict("decisions", name, "no reason names its price", held=stands)
        wanted = _saving(places, rule, prices)
        yield _equal("decisions", name, row["saving_yuan"], wanted)
        fits = {"saves": wanted > 0.0, "costs": wanted <= 0.0}.get(rule, True)
        yield verdict("decisions", name, f"{rule} at {wanted:.2f} yuan", held=fits)


def _dear(places: list[Place], added: Mapping[tuple[str, str], float], most_yuan: float) -> bool:
    """Whether joining costs too much to be listed, by the segments' prices or by the reasons'."""
    yuan = {_saving(places, "saves", known) for known in ({}, added)}
    return places[0].rule == "again" and min(yuan) < -most_yuan


def _shown(row: Row, place: Place) -> bool:
    """Whether a row shows this place, the party that comes first named first."""
    shown = (row["opening_id"], row["other_opening_id"]) == (place.first.id, place.second.id)
    first = str(row["work_id"]).split(",")
    rule = place.rule if place.rule != "again" else row["rule"]
    return shown and rule == row["rule"] and place.first.works.issuperset(first)


def _measures(meetings: Meetings, row: Row, place: Place) -> dict[str, Any]:
    """Return what must be said of the two parties of a row where they meet."""
    one, other = (
        _party(meetings, str(row[column]), site)
        for column, site in (("work_id", place.first), ("other_work_id", place.second))
    )
    yuan = float(row["saving_yuan"])
    return {
        **one,
        **{f"other_{name}": value for name, value in other.items() if name != "works"},
        "others": other["works"],
        "days_between": place.gap * meetings.problem.period_days,
        "days": place.periods * meetings.problem.period_days,
        "yuan": round(yuan),
        "cost": round(-yuan),
    }


def _party(meetings: Meetings, works: str, site: Site) -> dict[str, Any]:
    problem, ids = meetings.problem, works.split(",")
    members = [work for key in ids if (work := meetings.works.get(key)) is not None]
    return {
        "segment": problem.segments[site.segment].id,
        "works": ids,
        "owner": [*dict.fromkeys(work.owner for work in members if work.owner)],
        "opening": site.id,
        "starts": problem.day(site.days.start).isoformat(),
        "ends": problem.last_day(site.days.stop).isoformat(),
    }


def _columns(row: Row, due: Mapping[str, Any]) -> Verdicts:
    """Yield tests that the columns say what must be said."""
    name = str(row["decision_id"])
    for prefix in ("", "other_"):
        columns = {
            "segment_id": due[f"{prefix}segment"],
            "owner": ",".join(due[f"{prefix}owner"]),
            "opening_id": due[f"{prefix}opening"],
            "starts_on": pd.Timestamp(due[f"{prefix}starts"]),
        }
        for column, value in columns.items():
            detail = f"{prefix}{column}, expected {value}"
            yield verdict("decisions", name, detail, held=row[f"{prefix}{column}"] == value)
    yield _equal("decisions", name, row["days_between"], due["days_between"])


def _saving(places: list[Place], rule: str, added: Mapping[tuple[str, str], float]) -> float:
    """Return what all places together, or the dearest of them, are worth."""
    prices = [added.get((place.first.id, place.second.id)) for place in places]
    yuan = [
        place.yuan if price is None else -price for place, price in zip(places, prices, strict=True)
    ]
    known = any(price is not None for price in prices)
    if rule in {"width", "wanted", "saves", "costs"} and not known:
        return sum(yuan)
    if rule == "detour":
        return max(place.yuan for place in places if place.rule == "detour")
    return max(yuan)


def check_prices(
    problem: Problem,
    starts: Mapping[str, int],
    *,
    crew_prices: pd.DataFrame,
    segment_prices: pd.DataFrame,
    milli_yuan: Mapping[str, NDArray[np.int64]],
) -> Checks:
    """Check the shadow prices of crews against the bound's, and what segments cost in the plan.

    Parameters
    ----------
    problem, starts
        What was asked; id of each placed work to its start period.
    crew_prices, segment_prices
        Result tables of `layers.tables`, as written.
    milli_yuan
        Crew prices of the bound in thousandths of a yuan, shape (periods,) for each crew.
    """
    return Checks.of(_crews(problem, crew_prices, milli_yuan)) + Checks.of(
        _segments(problem, starts, segment_prices)
    )


def _crews(
    problem: Problem, frame: pd.DataFrame, milli_yuan: Mapping[str, NDArray[np.int64]]
) -> Verdicts:
    weeks: dict[tuple[str, int, int], list[int]] = {}
    for crew, prices in milli_yuan.items():
        for period, price in enumerate(prices.tolist()):
            year, week, _ = problem.day(period).isocalendar()
            weeks.setdefault((crew, year, week), []).append(price)
    wanted = {key: sum(prices) / 1000.0 for key, prices in weeks.items() if sum(prices) > 0}
    listed: dict[tuple[str, int, int], float] = {}
    for row in records(frame):
        year, week, _ = row["starts_on"].date().isocalendar()
        key = (str(row["crew"]), year, week)
        days = (row["ends_on"] - row["starts_on"]).days + 1
        expected = len(weeks.get(key, ())) * problem.period_days
        yield verdict("crew_prices", f"{key}", f"{days} days", held=days == expected)
        yield verdict("crew_prices", f"{key}", "twice", held=key not in listed)
        listed[key] = float(row["yuan"])
    for key in sorted(wanted.keys() | listed.keys()):
        yield _equal("crew_prices", f"{key}", listed.get(key, 0.0), wanted.get(key, 0.0))


def _segments(problem: Problem, starts: Mapping[str, int], frame: pd.DataFrame) -> Verdicts:
    cost = _segment_yuan(problem, starts)
    unknown = sorted(set(frame["segment_id"]) - {segment.id for segment in problem.segments})
    yield verdict("segment_prices", "table", f"unknown {unknown[:3]}", held=not unknown)
    missing = sorted(cost.keys() - set(frame["segment_id"]))
    yield verdict("segment_prices", "table", f"missing {missing[:3]}", held=not missing)
    for row in records(frame):
        name = str(row["segment_id"])
        yield _equal("segment_prices", name, row["plan_yuan"], cost.get(name, 0.0))
        yield _equal("segment_prices", name, row["gap_yuan"], row["plan_yuan"] - row["bound_yuan"])


def _segment_yuan(problem: Problem, starts: Mapping[str, int]) -> dict[str, float]:
    meetings = Meetings(problem, starts)
    return {
        problem.segments[segment].id: sum(
            meetings.cost_yuan(segment, site.works, len(site.days)) for site in sites
        )
        for segment, sites in meetings.sites.items()
    }


def _equal(rule: str, subject: str, found: object, expected: float) -> tuple[bool, Failure]:
    value = float(str(found))
    held = isclose(value, expected, rel_tol=1e-9, abs_tol=CENT)
    return verdict(rule, subject, f"found {value:.2f}, expected {expected:.2f}", held=held)
