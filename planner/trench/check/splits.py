"""Check works that look split: amounts, thresholds, neighbours and dates, counted anew."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from math import inf, isclose

import geopandas as gpd
import pandas as pd

from planner.trench.check.facts import fault_of_facts
from planner.trench.check.ground import dig
from planner.trench.check.plan import Verdicts, verdict
from planner.trench.deciding.splitting import Threshold
from planner.trench.problem import Problem, Work
from planner.trench.reasons.wording import sentence, unpack
from planner.trench.records import Row, records

Chain = frozenset[str]


def check_splits(
    problem: Problem,
    segments: gpd.GeoDataFrame,
    splits: pd.DataFrame,
    thresholds: Sequence[Threshold],
) -> Verdicts:
    """Yield tests that the works that look split are all listed, and each row is right.

    Parameters
    ----------
    problem, segments
        What was asked; row i of the frame is ``problem.segments[i]``.
    splits
        `layers.tables.SPLITS`.
    thresholds
        The thresholds of the profile and the settings.
    """
    near = _near(problem, segments)
    expected = {
        (str(threshold.measure), threshold.limit, threshold.clause.zh, chain)
        for threshold in thresholds
        for chain in _over(problem, threshold, near)
    }
    rows = [(_key(row), row) for row in records(splits)]
    listed = [key for key, _ in rows]
    missing, extra = expected - set(listed), set(listed) - expected
    yield verdict("splits", "table", f"missing {_some(missing)}", held=not missing)
    yield verdict("splits", "table", f"not split {_some(extra)}", held=not extra)
    yield verdict("splits", "table", "rows twice", held=len(listed) == len(set(listed)))
    by_id = {work.id: work for work in problem.works}
    for (_, _, _, chain), row in rows:
        if chain <= by_id.keys():
            works = [by_id[key] for key in str(row["works"]).split(",")]
            yield from _row(problem, row, works, [t for t in thresholds if _says(row, t)])


def _key(row: Row) -> tuple[str, float, str, Chain]:
    chain = frozenset(str(row["works"]).split(","))
    return str(row["measure"]), float(row["threshold"]), str(row["clause"]), chain


def _says(row: Row, threshold: Threshold) -> bool:
    said = (row["measure"], row["threshold"], row["clause"])
    return said == (threshold.measure, threshold.limit, threshold.clause.zh)


def _some(keys: Iterable[tuple[str, float, str, Chain]]) -> str:
    return "; ".join(sorted(f"{kind} {limit:g} {sorted(c)}" for kind, limit, _, c in keys)[:3])


def amount(problem: Problem, work: Work, measure: str) -> float:
    """Return the metres that a work digs, or what it would be let for in yuan."""
    if measure == "length":
        return sum(p.to_m - p.from_m for task in work.tasks for p in task.stretches)
    return sum(
        problem.segments[task.segment].opening_yuan
        + dig(problem, task.segment, [(work, task)]).trench_yuan
        for task in work.tasks
    )


def _over(problem: Problem, threshold: Threshold, near: set[frozenset[str]]) -> Iterator[Chain]:
    """Yield the groups of neighbours that reach a threshold together and none of them alone."""
    amounts = {
        work.id: amount(problem, work, threshold.measure)
        for work in problem.works
        if work.utility in threshold.utilities
    }
    small = {key for key, value in amounts.items() if 0.0 < value < threshold.limit}
    pairs = [pair for pair in near if pair <= small]
    left = set().union(*pairs)
    while left:
        chain = {left.pop()}
        while more := {key for pair in pairs if pair & chain for key in pair} - chain:
            chain |= more
        left -= chain
        if sum(amounts[key] for key in chain) >= threshold.limit:
            yield frozenset(chain)


def _near(problem: Problem, segments: gpd.GeoDataFrame) -> set[frozenset[str]]:
    """Return pairs of works that could be one, by owner, utility, wanted dates and ground."""
    ends = _ends(segments)
    reach_m = problem.settings.number("trench.split_gap_m")
    days = problem.settings.count("trench.split_days")
    found = set()
    for one, other in _candidates(problem, ends):
        alike = (one.owner, one.utility) == (other.owner, other.utility)
        apart = max(one.wanted - other.wanted - other.span, other.wanted - one.wanted - one.span)
        if alike and apart * problem.period_days <= days:
            along_m, around_m = _along_m(one, other), _around_m(one, other, ends)
            if min(along_m, around_m) <= reach_m and along_m >= -reach_m:
                found.add(frozenset((one.id, other.id)))
    return found


def _candidates(
    problem: Problem, ends: dict[int, list[tuple[int, float]]]
) -> Iterator[tuple[Work, Work]]:
    """Return pairs of planned works that have a segment or a junction in common, each once."""
    planned = [w for w in problem.works if w.owner and w.origin == "work" and not w.emergency]
    at: dict[tuple[str, int], set[int]] = {}
    for place, work in enumerate(planned):
        for task in work.tasks:
            at.setdefault(("segment", task.segment), set()).add(place)
            for junction, _ in ends[task.segment]:
                at.setdefault(("junction", junction), set()).add(place)
    pairs = {pair for places in at.values() for pair in combinations(sorted(places), 2)}
    return ((planned[one], planned[other]) for one, other in sorted(pairs))


def _ends(segments: gpd.GeoDataFrame) -> dict[int, list[tuple[int, float]]]:
    """Return for each segment its junctions with the metre at which they lie."""
    return {
        place: [
            (int(row[column]), at_m)
            for column, at_m in (("from_node", 0.0), ("to_node", float(row["length_m"])))
            if not pd.isna(row[column])
        ]
        for place, row in enumerate(records(segments))
    }


def _along_m(one: Work, other: Work) -> float:
    """Return the least gap on a common segment, less than 0 side by side, else infinity."""
    return min(
        (
            max(a.from_m, b.from_m) - min(a.to_m, b.to_m)
            for task in one.tasks
            for beyond in other.tasks
            if task.segment == beyond.segment
            for a in task.stretches
            for b in beyond.stretches
        ),
        default=inf,
    )


def _around_m(one: Work, other: Work, ends: dict[int, list[tuple[int, float]]]) -> float:
    """Return the shortest way between two works over one junction, else infinity."""
    here, there = _to_junctions(one, ends), _to_junctions(other, ends)
    return min(
        (
            way_m + there_m
            for (junction, segment), way_m in here.items()
            for (beyond, elsewhere), there_m in there.items()
            if junction == beyond and segment != elsewhere
        ),
        default=inf,
    )


def _to_junctions(
    work: Work, ends: dict[int, list[tuple[int, float]]]
) -> dict[tuple[int, int], float]:
    """Return the way from what a work digs to each junction, by junction and segment."""
    found: dict[tuple[int, int], float] = {}
    for task in work.tasks:
        for junction, at_m in ends[task.segment]:
            for piece in task.stretches:
                inside = piece.from_m <= at_m <= piece.to_m
                way_m = 0.0 if inside else min(abs(piece.from_m - at_m), abs(piece.to_m - at_m))
                key = junction, task.segment
                found[key] = min(way_m, found.get(key, inf))
    return found


def _row(problem: Problem, row: Row, works: Sequence[Work], known: Sequence[Threshold]) -> Verdicts:
    name, facts = str(row["split_id"]), unpack(row["facts"])
    measure = str(row["measure"])
    amounts = [amount(problem, work, measure) for work in works]
    dug_m = sum(amount(problem, work, "length") for work in works)
    numbers = {"together": sum(amounts), "largest": max(amounts), "together_m": dug_m}
    for column, expected in numbers.items():
        held = isclose(row[column], expected, rel_tol=1e-9, abs_tol=0.01)
        yield verdict("splits", name, f"{column} {row[column]}, expected {expected}", held=held)
    alike = all((w.owner, w.utility) == (row["owner"], row["utility"]) for w in works)
    yield verdict("splits", name, "not of one owner and utility", held=alike)
    used = [problem.segments[task.segment].id for work in works for task in work.tasks]
    held = row["segments"] == ",".join(dict.fromkeys(used))
    yield verdict("splits", name, f"segments {row['segments']}", held=held)
    due = {
        "owner": row["owner"], "works": [work.id for work in works],
        "segments": [*dict.fromkeys(used)], "threshold": round(row["threshold"]),
        "together": round(row["together"]), "clause_zh": row["clause"],
    }  # fmt: skip
    faults = [fault_of_facts(facts, {**due, "clause": one.clause.en}) for one in known]
    same = None in faults and row["rule"] == measure
    same = same and row["reason"] == sentence("split", measure, facts)
    yield verdict("splits", name, "sentence and facts disagree", held=same)
