"""Check that every re-opening is listed, and prove its reason again, by methods of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import pandas as pd

from planner.trench.check.change import (
    Till,
    added_yuan,
    days_away,
    fault_of_moves,
    joining_starts,
    one_opening,
    own_starts,
)
from planner.trench.check.facts import fault_of_facts, of_reopening
from planner.trench.check.joinable import Rest, closed_periods, meets, none_keeps
from planner.trench.check.plan import Verdicts, active, verdict
from planner.trench.problem import CLOSED_RULES, Problem, Work
from planner.trench.reasons.wording import sentence, unpack
from planner.trench.records import Row, records

LEVELS = ("windows", "fixed", "moratorium", "no_dig", "detour", "crews", "width")
KNOWN = (*LEVELS, "cost", "plan")
PROVEN: Mapping[str, tuple[str, ...]] = {"cost": ("yuan", "moves"), "plan": ()}
"""Facts that are proven, by rule; where rules forbid joining they are these and the change."""
HALF_YUAN = 0.51
CENT = 0.011

Fits = Callable[[int, frozenset[int]], bool]


def check_reasons(
    problem: Problem,
    starts: Mapping[str, int],
    openings: pd.DataFrame,
    participants: pd.DataFrame,
    reopenings: pd.DataFrame,
    fits: Fits | None = None,
) -> Verdicts:
    """Yield tests that each pair of neighbouring openings has one row, with a reason that holds.

    A set of rules must forbid joining, and no smaller one where it is said to be the smallest; a
    priced joining and a change of date must be possible and cost what they say; where no change
    of one work is said to suffice, none does while all others stay. ``plan`` claims nothing.
    Rules that would take more than `planner.trench.check.joinable.MOST_STEPS` choices to prove
    yield no test.

    Parameters
    ----------
    problem, starts
        What was asked, and id of each placed work to its start.
    openings, participants, reopenings
        Tables of `layers.tables`.
    fits
        Whether works find room in one opening of a segment; None if widths were not looked at.
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
    court = _Court(problem, starts, fits)
    members = participants.groupby("opening_id")["work_id"].agg(set).to_dict()
    for row in rows:
        both = [members.get(row[key], set()) for key in ("first_opening", "second_opening")]
        name = f"{row['first_opening']} / {row['second_opening']}"
        yield verdict("reason", name, "sentence and facts disagree", held=told(row, "reopening"))
        if str(row["segment_id"]) in court.places and set().union(*both) <= set(court.rest.starts):
            segment = court.places[str(row["segment_id"])]
            first, second = (court.in_time(segment, ids) for ids in both)
            wrong = court.fault_of_facts(first, second, row)
            yield verdict("reason", name, wrong or "", held=wrong is None)
            try:
                fault = court.fault(segment, (*first, *second), row)
            except RuntimeError:
                continue
            yield verdict("reason", name, fault or "", held=fault is None)


def _pairs(openings: pd.DataFrame) -> list[tuple[str, str, str]]:
    found = []
    for segment, rows in openings.sort_values("starts_on").groupby("segment_id"):
        ids = [str(key) for key in rows["opening_id"]]
        found += [(str(segment), ids[n], ids[n + 1]) for n in range(len(ids) - 1)]
    return found


def told(row: Row, topic: str) -> bool:
    """Return whether a row's sentence, rules and change are those of its facts."""
    facts = unpack(row["facts"])
    change = facts.get("change") or {}
    if not isinstance(change, dict):
        return False
    if change and set(change) != {"works", "days", "yuan", "moves"}:
        return False
    works = ",".join(change.get("works", ()))
    try:
        held = row["reason"] == sentence(topic, str(row["rule"]), facts)
    except KeyError:
        return False
    return (
        held
        and str(row["rules"] or "") == facts.get("rules", "")
        and str(row["change_work"] or "") == works
        and all(_same(row[f"change_{key}"], change.get(key)) for key in ("days", "yuan") if change)
    )


def _same(found: float, told_value: float | None) -> bool:
    return told_value is not None and abs(found - told_value) < CENT


@dataclass(frozen=True, slots=True)
class _Case:
    """Two openings of a segment, and what is said of them."""

    segment: int
    works: tuple[Work, ...]
    rules: tuple[str, ...]


class _Court:
    """A plan before which reasons are brought."""

    def __init__(self, problem: Problem, starts: Mapping[str, int], fits: Fits | None) -> None:
        known = {work.id for work in problem.works}
        self.problem = problem
        self.places = {segment.id: place for place, segment in enumerate(problem.segments)}
        self.rest = Rest(problem, {key: start for key, start in starts.items() if key in known})
        self.till = Till(problem, problem.works)
        self.fits = fits
        self.position = {work.id: place for place, work in enumerate(problem.works)}

    def in_time(self, segment: int, ids: Iterable[object]) -> list[Work]:
        """Return works of an opening in order of their first and last period on its segment."""

        def when(work: Work) -> tuple[int, int, int]:
            start = self.rest.starts[work.id]
            days = [active(task, start) for task in work.tasks if task.segment == segment]
            here = days[0] if days else range(0)
            return here.start, here.stop, self.position[work.id]

        return sorted((self.rest.by_id[str(key)] for key in ids), key=when)

    def fault_of_facts(self, first: Sequence[Work], second: Sequence[Work], row: Row) -> str | None:
        """Return what is wrong with what the sentence names, None where all is right."""
        rule, facts = str(row["rule"]), unpack(row["facts"])
        if rule not in KNOWN:
            return f"unknown rule {rule}"
        rules = str(facts.get("rules", "")).split(",")
        due = of_reopening(self.rest, first, second, rule, rules)
        return fault_of_facts(facts, due, PROVEN.get(rule, ("rules", "smallest", "change")))

    def fault(self, segment: int, works: Sequence[Work], row: Row) -> str | None:
        """Return what is wrong with a reason, None where it holds."""
        rule, facts = str(row["rule"]), unpack(row["facts"])
        if any(all(task.segment != segment for task in work.tasks) for work in works):
            return "not all of its works dig here"
        if rule == "plan":
            return None
        if rule == "cost":
            return self._fault_of_price(segment, works, facts)
        rules = tuple(str(facts.get("rules", "")).split(","))
        if rule != rules[-1] or rules[0] != "windows" or not set(rules) <= set(LEVELS):
            return f"unknown rules {rules} for {rule}"
        case = _Case(segment, tuple(works), rules)
        smallest = facts.get("smallest") is True
        return self._fault_of_change(case, facts) or self._fault_of_rules(case, smallest=smallest)

    def _fault_of_rules(self, case: _Case, *, smallest: bool) -> str | None:
        if not self._forbids(case, case.rules):
            return f"{case.rules} do not forbid one opening"
        if not smallest:
            return None
        others = [rule for rule in LEVELS[1:] if self._concerns(rule, case)]
        for size in range(len(case.rules) - 1):
            for some in combinations(others, size):
                if self._forbids_at_once(case, ("windows", *some)):
                    return f"{some} with the windows forbid it already"
        return None

    def _forbids_at_once(self, case: _Case, rules: Sequence[str]) -> bool:
        """Return whether rules are proven to leave no way to meet, without too many choices."""
        try:
            return self._forbids(case, rules)
        except RuntimeError:
            return False

    def _concerns(self, rule: str, case: _Case) -> bool:
        if rule in CLOSED_RULES:
            return any(closed_periods(self.problem, work, (rule,)) for work in case.works)
        return rule != "fixed" or any(work.fixed for work in case.works)

    def _forbids(self, case: _Case, rules: Sequence[str]) -> bool:
        """Return whether rules leave no way to meet."""
        if "width" in rules:
            places = frozenset(self.position[work.id] for work in case.works)
            return self.fits is not None and not self.fits(case.segment, places)
        out = [w.id for w in case.works if not (w.fixed and "fixed" in rules)]
        self.rest.take(out)
        try:
            return self._cannot_meet(case, rules)
        finally:
            self.rest.put(out)

    def _cannot_meet(self, case: _Case, rules: Sequence[str]) -> bool:
        domains = [self.rest.leaves(work, rules) for work in case.works]
        tasks = [next(t for t in w.tasks if t.segment == case.segment) for w in case.works]
        here = [
            {start + task.lag for start in domain}
            for domain, task in zip(domains, tasks, strict=True)
        ]
        standing = self.rest.runs(case.segment, {work.id for work in case.works})
        if not meets(here, [task.duration for task in tasks], standing):
            return True
        if not {"crews", "detour"} & set(rules):
            return False
        held = [work.id for work in case.works if work.fixed and "fixed" in rules]
        self.rest.take(held)
        try:
            return none_keeps(self.rest, case.segment, case.works, domains, rules)
        finally:
            self.rest.put(held)

    def _fault_of_price(
        self, segment: int, works: Sequence[Work], facts: Mapping[str, object]
    ) -> str | None:
        moves, yuan = facts.get("moves"), facts.get("yuan")
        if not isinstance(moves, dict) or not isinstance(yuan, int) or yuan < 0:
            return "names no joining with a price from 0 up"
        return self._fault_of_moves(segment, works, moves, (), yuan, HALF_YUAN)

    def _fault_of_moves(
        self,
        segment: int,
        works: Sequence[Work],
        moves: Mapping[str, int],
        changed: Sequence[str],
        yuan: float,
        near: float,
    ) -> str | None:
        fault = fault_of_moves(self.rest, works, moves, changed)
        if fault is not None:
            return fault
        if not one_opening(self.rest, segment, works, moves):
            return "the change named leaves two openings"
        found = added_yuan(self.till, self.rest.on, self.rest.starts, moves)
        if abs(found - yuan) > near:
            return f"the change named costs {found:.2f}, not {yuan:.2f}"
        return None

    def _fault_of_change(self, case: _Case, facts: Mapping[str, object]) -> str | None:
        change = facts.get("change")
        if not isinstance(change, dict):
            lone = None if "width" in case.rules else self._lone_change(case)
            return lone and f"a change of {lone} alone would join them"
        changed, moves = change["works"], change["moves"]
        if len(changed) > 1 and (lone := self._lone_change(case)):
            return f"a change of {lone} alone would join them"
        by_id = {work.id: work for work in case.works}
        if not set(changed) <= set(moves) <= set(by_id):
            return "the change named moves works that take no part"
        days = [days_away(self.problem, by_id[key], moves[key]) for key in changed]
        if not days or max(map(abs, days)) != abs(change["days"]) or change["days"] not in days:
            return f"{change['days']} days are said, {days} found"
        return self._fault_of_moves(case.segment, case.works, moves, changed, change["yuan"], CENT)

    def _lone_change(self, case: _Case) -> str | None:
        """Return a work that could join by leaving its dates while every other work stays."""
        for work in case.works:
            within = range(self.problem.periods - work.span + 1)
            self.rest.take([work.id])
            free = self.rest.free(work, within, ("detour", "crews"))
            self.rest.put([work.id])
            away = free - own_starts(self.problem, work)
            if away & joining_starts(self.rest, case.segment, case.works, work):
                return work.id
        return None
