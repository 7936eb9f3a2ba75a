"""Why a segment is opened twice, and why a work has no place: rule, facts, sentence.

For each pair of neighbouring openings of one segment the question is put to all their works at
once: is there a choice of starts that makes ONE opening of them? It is answered exactly
(`planner.trench.joining.chain`), first with their date windows alone, then with one rule after
another added; the first rule under which the answer turns to no is the reason. Where the answer
stays yes, joining is priced, and the reason is the price, or, honestly, that the plan found no way.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

from geo.messages import Language, message
from planner.trench.domains import Periods, starts
from planner.trench.joining import LEAST_GAIN_YUAN, chained, join, movable
from planner.trench.plan import Opening
from planner.trench.problem import CLOSED_RULES, ClosedRule, Problem, Work
from planner.trench.schedule import Schedule

RULES = ("windows", "fixed", "moratorium", "no_dig", "detour", "crews", "cost", "plan")
"""Reasons for a re-opening, in the order in which they are tried."""

MORATORIUM: tuple[ClosedRule, ...] = ("moratorium",)
NO_DIG: tuple[ClosedRule, ...] = ("no_dig",)

Facts = Mapping[str, object]
Domain = Callable[[int], Periods]


@dataclass(frozen=True, slots=True)
class Reopening:
    """Two openings of one segment, one after the other, and why they are not one."""

    first: Opening
    second: Opening
    rule: str
    facts: Facts

    @property
    def explained(self) -> bool:
        """Whether a rule or a price forbids joining, rather than the plan's own limits."""
        return self.rule != "plan"


def sentence(topic: str, rule: str, facts: Facts, language: Language = "zh") -> str:
    """Return the catalogue's sentence for a reason.

    Parameters
    ----------
    topic
        ``reopening`` or ``unplaced``.
    rule, facts
        As in the tables; facts that were stored come back through `unpack`.
    language
        ``"zh"`` or ``"en"``.
    """
    return message(f"{topic}_{rule}", language, **facts)


def pack(facts: Facts) -> str:
    """Return facts as one line of JSON, for a table."""
    return json.dumps(facts, ensure_ascii=False, sort_keys=True)


def unpack(text: str) -> dict[str, object]:
    """Return the facts of a table's cell."""
    found = json.loads(text)
    if not isinstance(found, dict):
        raise TypeError(text)
    return found


def reopenings(schedule: Schedule) -> tuple[Reopening, ...]:
    """Return every re-opening with its reason, by segment and time; the schedule is unchanged."""
    found = []
    for segment in range(len(schedule.problem.segments)):
        here = schedule.openings(segment)
        found += [_explain(schedule, *pair) for pair in pairwise(here)]
    return tuple(found)


def _explain(schedule: Schedule, first: Opening, second: Opening) -> Reopening:
    works = (*first.works, *second.works)
    facts = _subject(schedule.problem, first, second)
    if len(works) <= schedule.problem.settings.count("trench.chain_most_works"):
        rule = _forbidding(schedule, first.segment, works)
        if rule:
            more = _DETAILS[rule](schedule.problem, first.segment, works)
            return Reopening(first, second, rule, {**facts, **more})
    way = join(schedule, first, second)
    if way is None or way.added_yuan <= -LEAST_GAIN_YUAN:
        return Reopening(first, second, "plan", facts)
    return Reopening(first, second, "cost", {**facts, "yuan": round(way.added_yuan)})


def _forbidding(schedule: Schedule, segment: int, works: tuple[int, ...]) -> str | None:
    """Return the first rule under which no choice of starts makes one opening, or None.

    Dates and closures are looked at first; only for detours and crews must the works be taken
    out of the schedule, so that they do not stand in their own way.
    """
    problem = schedule.problem

    def by(rules: Collection[ClosedRule], *, hold_fixed: bool = True) -> Domain:
        return lambda work: starts(problem, problem.works[work], rules=rules, hold_fixed=hold_fixed)

    alone: tuple[tuple[str, Domain], ...] = (
        ("windows", by((), hold_fixed=False)),
        ("fixed", by(())),
        ("moratorium", by(MORATORIUM)),
        ("no_dig", by(CLOSED_RULES)),
    )
    among: tuple[tuple[str, Domain], ...] = (
        ("detour", lambda work: schedule.allowed(work, crews=False)),
        ("crews", schedule.allowed),
    )
    rule = _first_to_forbid(schedule, segment, works, alone)
    if rule is None:
        with schedule.trial(movable(schedule, works)):
            rule = _first_to_forbid(schedule, segment, works, among)
    return rule


def _first_to_forbid(
    schedule: Schedule,
    segment: int,
    works: tuple[int, ...],
    levels: Iterable[tuple[str, Domain]],
) -> str | None:
    forbids = (rule for rule, domain in levels if not chained(schedule, segment, works, domain))
    return next(forbids, None)


def _subject(problem: Problem, first: Opening, second: Opening) -> Facts:
    return {
        "first": _dated(problem, first.works),
        "second": _dated(problem, second.works),
        "first_ends": problem.last_day(first.end).isoformat(),
        "second_starts": problem.day(second.first).isoformat(),
    }


def window_text(problem: Problem, work: Work) -> str:
    """Return a work's id with the first start and the last finish that its dates allow."""
    finish = problem.last_day(work.latest + work.span)
    return f"{work.id} ({problem.day(work.earliest)} ~ {finish})"


def _dated(problem: Problem, works: Iterable[int]) -> str:
    return "; ".join(window_text(problem, problem.works[work]) for work in works)


def closures_facts(problem: Problem, works: Iterable[int], rules: Collection[ClosedRule]) -> Facts:
    """Return ``closures`` and ``closures_zh`` within the windows of works."""
    chosen = tuple(works)
    return {
        "closures": _closures_text(problem, chosen, rules, "en"),
        "closures_zh": _closures_text(problem, chosen, rules, "zh"),
    }


def _closures_text(
    problem: Problem, works: Iterable[int], rules: Collection[ClosedRule], language: Language
) -> str:
    """Return the closures in one line, each once with the segments it shuts."""
    found: dict[str, list[str]] = {}
    for work in (problem.works[work] for work in works):
        for task in work.tasks:
            segment = problem.segments[task.segment]
            for closed in segment.closed:
                seen = closed.first < work.latest + work.span and closed.last >= work.earliest
                if closed.rule in rules and seen:
                    days = f"{problem.day(closed.first)} ~ {problem.last_day(closed.last + 1)}"
                    cause = (closed.detail_zh if language == "zh" else "") or closed.detail
                    found.setdefault(f"{days} {cause}", []).append(segment.id)
    return "; ".join(f"{text} [{_some(ids)}]" for text, ids in sorted(found.items()))


def _some(ids: Iterable[str]) -> str:
    """Return the first three ids and how many there are more."""
    unique = sorted(set(ids))
    more = f" +{len(unique) - 3}" if len(unique) > 3 else ""
    return ", ".join(unique[:3]) + more


def _about_approved(problem: Problem, _segment: int, works: tuple[int, ...]) -> Facts:
    approved = [problem.works[work] for work in works if problem.works[work].fixed]
    return {"approved": "; ".join(f"{work.id} ({problem.day(work.wanted)})" for work in approved)}


def _about_moratorium(problem: Problem, _segment: int, works: tuple[int, ...]) -> Facts:
    return closures_facts(problem, works, MORATORIUM)


def _about_no_dig(problem: Problem, _segment: int, works: tuple[int, ...]) -> Facts:
    return closures_facts(problem, works, NO_DIG)


def _about_detour(problem: Problem, _segment: int, works: tuple[int, ...]) -> Facts:
    used = {task.segment for work in works for task in problem.works[work].tasks}
    others = {two for pair in problem.conflicts for two in pair if set(pair) & used} - used
    return {"detours": "; ".join(sorted(problem.segments[other].id for other in others))}


def _about_crews(problem: Problem, _segment: int, works: tuple[int, ...]) -> Facts:
    crews = sorted({problem.works[work].crew for work in works} - {""})
    return {"crews": "; ".join(f"{crew} ({problem.crews[crew]})" for crew in crews)}


def _nothing_more(_problem: Problem, _segment: int, _works: tuple[int, ...]) -> Facts:
    return {}


_DETAILS: Mapping[str, Callable[[Problem, int, tuple[int, ...]], Facts]] = {
    "windows": _nothing_more,
    "fixed": _about_approved,
    "moratorium": _about_moratorium,
    "no_dig": _about_no_dig,
    "detour": _about_detour,
    "crews": _about_crews,
}
