"""Check that every re-opening is listed, and that its reason holds, by a method of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import pandas as pd

from planner.checking import Failure
from planner.trench.check_plan import Verdicts, active, verdict
from planner.trench.explain import sentence, unpack
from planner.trench.problem import Problem, Task, Work
from planner.trench.records import Row, records

LEVELS = ("windows", "fixed", "moratorium", "no_dig", "detour", "crews")
KNOWN = (*LEVELS, "cost", "plan")


def meets(domains: Sequence[frozenset[int]], durations: Sequence[int], periods: int) -> bool:
    """Return whether intervals with these starts can cover one run of periods without a hole.

    Time runs forward; for each set of intervals already begun the latest end that it can have is
    kept, and a set whose end is passed while others wait is given up.
    """
    full = (1 << len(domains)) - 1
    until: dict[int, int] = {}
    for now in range(periods):
        until = {begun: end for begun, end in until.items() if end >= now}
        until[0] = now
        for item, domain in enumerate(domains):
            if now not in domain:
                continue
            for begun in [key for key in until if not key >> item & 1]:
                after = begun | 1 << item
                end = max(until[begun], now + durations[item])
                until[after] = max(until.get(after, 0), end)
        if full in until:
            return True
    return False


class _Rest:
    """What the works outside two openings leave: crews in use and segments open, by period."""

    def __init__(self, problem: Problem, starts: Mapping[str, int], without: set[str]) -> None:
        self.problem = problem
        self.busy: Counter[tuple[str, int]] = Counter()
        self.open_in: dict[int, set[int]] = {}
        for work in problem.works:
            if work.id in without or work.id not in starts:
                continue
            start = starts[work.id]
            self.busy.update((work.crew, period) for period in range(start, start + work.span))
            for task in work.tasks:
                self.open_in.setdefault(task.segment, set()).update(active(task, start))

    def has_crew(self, work: Work, start: int) -> bool:
        limit = self.problem.crews.get(work.crew)
        return limit is None or all(
            self.busy[work.crew, period] < limit for period in range(start, start + work.span)
        )

    def has_detour(self, work: Work, start: int) -> bool:
        for task in work.tasks:
            for pair in self.problem.conflicts:
                if task.segment in pair:
                    other = pair[0] if pair[1] == task.segment else pair[1]
                    if self.open_in.get(other, set()) & set(active(task, start)):
                        return False
        return True


def _domain(rest: _Rest, work: Work, level: int) -> frozenset[int]:
    """Return the starts of a work under the rules up to a level of `LEVELS`."""
    problem = rest.problem
    if work.fixed and level >= LEVELS.index("fixed"):
        return frozenset((work.wanted,))
    first, last = max(work.earliest, 0), min(work.latest, problem.periods - work.span)
    rules = set(LEVELS[: level + 1])
    shut = {
        (task.segment, period)
        for task in work.tasks
        for closed in problem.segments[task.segment].closed
        if closed.rule in rules and not work.emergency
        for period in range(closed.first, closed.last + 1)
    }

    def allowed(start: int) -> bool:
        if any((t.segment, period) in shut for t in work.tasks for period in active(t, start)):
            return False
        if "detour" in rules and not rest.has_detour(work, start):
            return False
        return "crews" not in rules or rest.has_crew(work, start)

    return frozenset(filter(allowed, range(first, last + 1)))


def check_reasons(
    problem: Problem,
    starts: Mapping[str, int],
    openings: pd.DataFrame,
    participants: pd.DataFrame,
    reopenings: pd.DataFrame,
) -> Verdicts:
    """Yield tests that each pair of neighbouring openings has one row, with a reason that holds.

    Reasons of date, closure, detour and crews are proved again; ``cost`` must name a price that
    is not negative; ``plan`` claims nothing.
    """
    pairs = _pairs(openings)
    rows = records(reopenings)
    listed = [
        (str(row["segment_id"]), str(row["first_opening"]), str(row["second_opening"]))
        for row in rows
    ]
    missing, extra = sorted(set(pairs) - set(listed)), sorted(set(listed) - set(pairs))
    yield verdict("reopenings", "table", f"missing {missing[:3]}", held=not missing)
    yield verdict("reopenings", "table", f"not re-opened {extra[:3]}", held=not extra)
    yield verdict("reopenings", "table", "rows twice", held=len(listed) == len(set(listed)))
    places = {segment.id: place for place, segment in enumerate(problem.segments)}
    by_id = {work.id: work for work in problem.works}
    for row in rows:
        two = participants["opening_id"].isin([row["first_opening"], row["second_opening"]])
        ids = sorted(set(participants.loc[two, "work_id"]) & set(by_id))
        works = [by_id[key] for key in ids]
        name, rule = f"{row['first_opening']} / {row['second_opening']}", str(row["rule"])
        yield _sentence(name, row)
        if rule in LEVELS and row["segment_id"] in places:
            yield _forbidden(problem, starts, places[row["segment_id"]], works, name, rule)


def _pairs(openings: pd.DataFrame) -> list[tuple[str, str, str]]:
    found = []
    for segment, rows in openings.sort_values("starts_on").groupby("segment_id"):
        ids = [str(key) for key in rows["opening_id"]]
        found += [(str(segment), ids[n], ids[n + 1]) for n in range(len(ids) - 1)]
    return found


def _sentence(name: str, row: Row) -> tuple[bool, Failure]:
    rule = str(row["rule"])
    if rule not in KNOWN:
        return verdict("reason", name, f"unknown rule {rule}", held=False)
    found = unpack(row["facts"])
    price = found.get("yuan", 0)
    held = row["reason"] == sentence("reopening", rule, found)
    held = held and (rule != "cost" or (isinstance(price, int) and price >= 0))
    return verdict("reason", name, f"{rule}: sentence and facts disagree", held=held)


def _forbidden(
    problem: Problem,
    starts: Mapping[str, int],
    segment: int,
    works: Sequence[Work],
    name: str,
    rule: str,
) -> tuple[bool, Failure]:
    level = LEVELS.index(rule)
    others = starts if rule in {"detour", "crews"} else {}
    rest = _Rest(problem, others, {work.id for work in works if not work.fixed})
    tasks: list[Task] = [task for work in works for task in work.tasks if task.segment == segment]
    if len(tasks) != len(works):
        detail = f"not all of {', '.join(work.id for work in works)} dig here"
        return verdict("reason", name, detail, held=False)
    domains = [
        frozenset(start + task.lag for start in _domain(rest, work, level))
        for work, task in zip(works, tasks, strict=True)
    ]
    joins = meets(domains, [task.duration for task in tasks], problem.periods)
    detail = f"{rule} does not forbid one opening of {', '.join(work.id for work in works)}"
    return verdict("reason", name, detail, held=not joins)
