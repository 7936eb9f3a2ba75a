"""Tell anew, from the problem and the plan, what the sentences of reasons name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from geo.messages import placeholders
from planner.trench.check.joinable import Rest
from planner.trench.problem import CLOSED_RULES, Problem, Work
from planner.trench.reasons.wording import closures_within, pack, unpack

Facts = Mapping[str, object]


def fault_of_facts(facts: Facts, due: Facts, proven: Collection[str] = ()) -> str | None:
    """Return which facts are missing, needless or other than they must be; None where none is.

    Parameters
    ----------
    facts
        As stored with a reason.
    due
        What must stand there.
    proven
        Names of those that other tests prove; they must stand there as well.
    """
    told = unpack(pack(due))
    names = facts.keys() | told.keys() | set(proven)
    wrong = [
        name
        for name in sorted(names)
        if name not in facts or (name not in proven and facts[name] != told.get(name, facts))
    ]
    return f"facts {', '.join(wrong)} are not so" if wrong else None


def of_reopening(
    rest: Rest, first: Sequence[Work], second: Sequence[Work], rule: str, rules: Collection[str]
) -> Facts:
    """Return what the sentence on a re-opening names.

    Parameters
    ----------
    rest
        The plan with none of the works taken out.
    first, second
        Works of the two openings, each in order of time.
    rule, rules
        The rule that names the sentence, and all that forbid joining.
    """
    problem, works = rest.problem, (*first, *second)
    due = {
        "first": [_window(problem, work) for work in first],
        "second": [_window(problem, work) for work in second],
        "approved": [[work.id, _day(problem, work.wanted)] for work in works if work.fixed],
        **closures_within(problem, works, CLOSED_RULES & set(rules)),
        "detours": _detours(problem, works),
        "crews": _scarce_crews(rest, works),
        "works": len(works),
    }
    return _named(f"reopening_{rule}", due)


def of_left_out(problem: Problem, work: Work, rule: str) -> Facts:
    """Return what the sentence on a work of the problem names that the plan leaves out."""
    due = {
        "work": work.id,
        "owner": work.owner,
        "window": [_window(problem, work)],
        "crews": [[work.crew, problem.crews.get(work.crew, 0)]] if work.crew else [],
        "detours": _detours(problem, (work,)),
        "earliest": _day(problem, work.earliest),
        "latest": _window(problem, work)[2],
        "wanted": _day(problem, work.wanted),
        "days": work.span * problem.period_days,
        "first_day": _day(problem, 0),
        "last_day": problem.last_day(problem.periods).isoformat(),
        **closures_within(problem, (work,), CLOSED_RULES),
    }
    return _named(f"unplaced_{rule}", due)


def rule_of_left_out(problem: Problem, work: Work, rules: Collection[str]) -> str:
    """Return the rule that names the sentence on a work which these rules leave no place."""
    others = [rule for rule in ("crews", "detour") if rule in rules]
    if "crews" in others and problem.crews.get(work.crew, 1) == 0:
        return "no_crew"
    if others:
        return "_".join(others)
    if CLOSED_RULES & set(rules):
        return "closed"
    if {"fixed", "horizon"} & set(rules) or work.latest < 0:
        return "approved_outside" if work.fixed else "outside"
    return "dates" if rules else "room"


def _named(code: str, due: Facts) -> Facts:
    return {name: due[name] for name in placeholders(code) & due.keys()}


def _day(problem: Problem, period: int) -> str:
    return problem.day(period).isoformat()


def _window(problem: Problem, work: Work) -> list[str]:
    last = max(work.latest + task.lag + task.duration for task in work.tasks)
    return [work.id, _day(problem, work.earliest), problem.last_day(last).isoformat()]


def _detours(problem: Problem, works: Sequence[Work]) -> list[str]:
    """Return the detours of the segments of works, or these where they are one another's."""
    used = {task.segment for work in works for task in work.tasks}
    beyond = {
        other
        for one, two in problem.conflicts
        for here, other in ((one, two), (two, one))
        if here in used and other not in used
    }
    return sorted(problem.segments[segment].id for segment in beyond or used)


def _scarce_crews(rest: Rest, works: Sequence[Work]) -> list[list[object]]:
    """Return the crews that could not serve all of these works at once in every period."""
    inside = [work.id for work in works if work.id in rest.starts]
    need = Counter(work.crew for work in works)
    limits = {crew: limit for crew, limit in rest.problem.crews.items() if crew in need}
    rest.take(inside)
    scarce = [
        [crew, limit]
        for crew, limit in sorted(limits.items())
        if (rest.busy(crew)[: rest.problem.periods] + need[crew] > limit).any()
    ]
    rest.put(inside)
    return scarce
