"""Check the robustness of a plan: each scenario is made and counted anew from the starts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from math import ceil, floor, isclose

import pandas as pd

from geo.messages import placeholders
from planner.trench.check.facts import fault_of_facts
from planner.trench.check.meetings import Meetings
from planner.trench.check.plan import Verdicts, active, check_starts, verdict
from planner.trench.problem import Problem, Task, Work
from planner.trench.reasons.wording import sentence, unpack
from planner.trench.records import Row, records

Known = dict[tuple[int, frozenset[str]], float]


def check_robustness(
    problem: Problem, starts: Mapping[str, int], robustness: pd.DataFrame
) -> Verdicts:
    """Yield tests that every scenario is there, and that each row counts rightly.

    Parameters
    ----------
    problem
        What was asked.
    starts
        Id of each placed work to its start period.
    robustness
        `layers.tables.ROBUSTNESS`.
    """
    rows = records(robustness)
    listed = Counter((row["scenario"], row["owner"], row["mode"]) for row in rows)
    count = Counter(work.owner for work in problem.works if work.id in starts and work.owner)
    owners = sorted(count, key=lambda owner: (-count[owner], owner))
    tested = owners[: problem.settings.count("trench.robust_most_owners")]
    scenarios = [("duration", ""), *(("owner", owner) for owner in tested)]
    if rows or starts:
        absent = [pair for pair in scenarios if listed[*pair, "kept"] != 1]
        yield verdict("robustness", "table", f"not once: {absent[:3]}", held=not absent)
    strange = [key for key in listed if key[:2] not in scenarios or listed[key] > 1]
    yield verdict("robustness", "table", f"no scenario: {strange[:3]}", held=not strange)
    before = Meetings(problem, starts)
    for row in rows:
        if (row["scenario"], row["owner"]) in scenarios:
            yield from _row(before, row, owners=len(owners), tested=len(tested))


def _name(row: Row) -> str:
    return f"{row['scenario']} {row['owner']} {row['mode']}".replace("  ", " ")


def changed(problem: Problem, scenario: str, owner: str) -> Problem:
    """Return the problem in which an owner is gone, or every work takes longer."""
    if scenario == "owner":
        works = tuple(work for work in problem.works if work.owner != owner)
        return replace(problem, works=works)
    longer = Fraction(problem.settings.text("trench.robust_duration")) + 1
    works = tuple(_longer(work, longer, problem.periods) for work in problem.works)
    ends = [work.wanted + work.span for work in works if work.fixed]
    return replace(problem, works=works, periods=max(problem.periods, *ends, 0))


def _longer(work: Work, factor: Fraction, periods: int) -> Work:
    tasks = []
    for task in work.tasks:
        first, last = floor(task.lag * factor), ceil((task.lag + task.duration) * factor)
        tasks.append(Task(task.segment, task.stretches, first, max(last - first, 1)))
    span = max(task.lag + task.duration for task in tasks)
    latest = min(work.latest + work.span, periods) - span
    return replace(work, tasks=tuple(tasks), latest=work.latest if work.fixed else latest)


def _after(problem: Problem, before: Meetings, facts: Mapping[str, object]) -> dict[str, int]:
    """Return the starts of a scenario: those of the plan, but for what moved or was left out."""
    moved, left_out = facts.get("moved"), facts.get("left_out")
    known = {work.id for work in problem.works}
    gone = set(left_out) if isinstance(left_out, list) else set()
    starts = {key: start for key, start in before.starts.items() if key in known - gone}
    if isinstance(moved, dict):
        starts |= {str(key): int(start) for key, start in moved.items() if key in known}
    return starts


def _row(before: Meetings, row: Row, *, owners: int, tested: int) -> Verdicts:
    name, facts = _name(row), unpack(row["facts"])
    problem = changed(before.problem, str(row["scenario"]), str(row["owner"]))
    starts = _after(problem, before, facts)
    still = row["mode"] != "kept" or not (facts.get("moved") or facts.get("left_out"))
    yield verdict("robustness", name, "dates are kept and moved", held=still)
    after = Meetings(problem, starts, known=before.known)
    broken = [failure for held, failure in check_starts(problem, starts) if not held]
    faulty = set(_faulty(problem, starts))
    kept = {key for key, start in starts.items() if before.starts.get(key) == start} - faulty
    survival, apart = _survival(before, after, kept, {work.id for work in problem.works})
    numbers = {
        **survival,
        "violations": len(broken),
        "unplaced": len(problem.works) - len(starts),
    }
    for column, expected in numbers.items():
        held = row[column] == expected
        yield verdict("robustness", name, f"{column} {row[column]} not {expected}", held=held)
    cost = after.plan_yuan() + sum(_start_yuan(after.works[key], starts[key]) for key in starts)
    held = isclose(row["cost_yuan"], cost, rel_tol=1e-9, abs_tol=0.01)
    yield verdict("robustness", name, f"cost {row['cost_yuan']} not {cost:.2f}", held=held)
    due = {
        **numbers,
        "owner": row["owner"],
        "owners": owners,
        "tested": tested,
        "yuan": round(row["cost_yuan"]),
        "percent": round(100 * problem.settings.number("trench.robust_duration")),
        "faults": Counter(failure.rule for failure in broken),
        "broken": [*apart[:5], *([f"+{len(apart) - 5}"] if len(apart) > 5 else [])],
        **_moves(before, problem, starts),
    }
    yield from _said(row, facts, due)


def _said(row: Row, facts: Mapping[str, object], due: Mapping[str, object]) -> Verdicts:
    """Yield the test that the facts are those that are due, and the sentence is theirs."""
    name, rule = _name(row), f"{row['scenario']}_{row['mode']}"
    held = row["rule"] == rule and row["mode"] in {"kept", "replanned"}
    yield verdict("robustness", name, f"{row['rule']}, expected {rule}", held=held)
    if not held:
        return
    names = (*placeholders(f"robustness_{rule}"), "moved", "left_out")
    fault = fault_of_facts(facts, {fact: due[fact] for fact in names})
    held = fault is None and row["reason"] == sentence("robustness", rule, facts)
    yield verdict("robustness", name, fault or "sentence and facts disagree", held=held)


def _moves(before: Meetings, problem: Problem, starts: Mapping[str, int]) -> dict[str, object]:
    """Return where works stand that are not where the plan has them, and who is left out."""
    known = {work.id for work in problem.works}
    return {
        "moved": {key: start for key, start in starts.items() if before.starts.get(key) != start},
        "left_out": sorted(key for key in known & before.starts.keys() if key not in starts),
    }


def _survival(
    before: Meetings, after: Meetings, kept: set[str], known: set[str]
) -> tuple[dict[str, int], list[str]]:
    """Return the counts of openings, and the ids of those that fall apart, by segment and time."""
    count: Counter[str] = Counter()
    apart = []
    for segment in sorted(before.sites):
        for site in before.sites[segment]:
            left = site.works & known
            if left:
                whole = any(left <= other.works for other in after.sites.get(site.segment, ()))
                count["openings"] += 1
                count["survive"] += whole
                count["same_dates"] += whole and left <= kept
                count["joint"] += len(left) > 1
                count["joint_survive"] += whole and len(left) > 1
                apart += [] if whole else [site.id]
    names = ("openings", "survive", "same_dates", "joint", "joint_survive")
    return {name: count[name] for name in names}, apart


def _start_yuan(work: Work, start: int) -> float:
    late = work.late_period_yuan * max(start - work.wanted, 0)
    moved = 0 if work.held is None else abs(work.held - start)
    return late + work.move_period_yuan * moved


def _faulty(problem: Problem, starts: Mapping[str, int]) -> Iterator[str]:
    """Yield the works that break a rule, alone or with others."""
    placed = [(work, starts[work.id]) for work in problem.works if work.id in starts]
    for work, start in placed:
        alone = replace(problem, crews={}, conflicts=(), works=(work,))
        if not all(held for held, _ in check_starts(alone, {work.id: start})):
            yield work.id
    yield from _without_crew(problem, placed)
    yield from _on_detours(problem, placed)


def _without_crew(problem: Problem, placed: list[tuple[Work, int]]) -> Iterator[str]:
    for crew, limit in problem.crews.items():
        gang = [(work, range(start, start + work.span)) for work, start in placed
                if work.crew == crew]  # fmt: skip
        busy = Counter(day for _, days in gang for day in days)
        approved = Counter(day for work, days in gang if work.fixed for day in days)
        full = {day for day, number in busy.items() if number > max(limit, approved[day])}
        for work, days in gang:
            if not work.fixed and full & set(days):
                yield work.id


def _on_detours(problem: Problem, placed: list[tuple[Work, int]]) -> Iterator[str]:
    on: dict[int, list[tuple[Work, set[int]]]] = {}
    for work, start in placed:
        for task in work.tasks:
            on.setdefault(task.segment, []).append((work, set(active(task, start))))
    for road, detour in problem.conflicts:
        for one, here in on.get(road, ()):
            for other, there in on.get(detour, ()):
                free = one.id != other.id and not (one.fixed and other.fixed)
                if free and here & there:
                    yield from (one.id, other.id)
