"""What the reader is told: sentences of the catalogue with the facts that fill them."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping

from geo.messages import Language, message
from planner.trench.problem import ClosedRule, Problem, Work

Facts = Mapping[str, object]

_STOP: Mapping[Language, str] = {"zh": "。", "en": ". "}
_AND: Mapping[Language, str] = {"zh": "、", "en": ", "}


def sentence(topic: str, rule: str, facts: Facts, language: Language = "zh") -> str:
    """Return the catalogue's sentences for a reason: the rules, and the change that would help.

    Parameters
    ----------
    topic
        ``reopening`` or ``unplaced``.
    rule, facts
        As in the tables; facts that were stored come back through `unpack`. Several ``rules``
        are named; a fact ``change`` adds the change of date or says that none suffices.
    language
        ``"zh"`` or ``"en"``.
    """
    found = [message(f"{topic}_{rule}", language, **facts)]
    keys = [key for key in str(facts.get("rules", "")).split(",") if key]
    if len(keys) > 2 or (len(keys) > 1 and rule not in keys):
        names = _AND[language].join(message(f"rule_{key}", language) for key in keys)
        found.append(message("rules_together", language, names=names))
    if facts.get("smallest") is False:
        found.append(message("rules_undecided", language))
    if "change" in facts:
        found.append(_change(topic, facts, language))
    return _STOP[language].join(found)


def _change(topic: str, facts: Facts, language: Language) -> str:
    change = facts["change"]
    if not isinstance(change, Mapping):
        return message(f"{topic}_change_none", language)
    days, yuan = int(change["days"]), round(float(change["yuan"]))
    return message(
        f"{topic}_change_{'later' if days > 0 else 'earlier'}",
        language,
        works=_AND[language].join(change["works"]),
        days=abs(days),
        effect=message("cost_falls" if yuan < 0 else "cost_rises", language, yuan=f"{abs(yuan):,}"),
    )


def pack(facts: Facts) -> str:
    """Return facts as one line of JSON, for a table."""
    return json.dumps(facts, ensure_ascii=False, sort_keys=True)


def unpack(text: str) -> dict[str, object]:
    """Return the facts of a table's cell.

    Raises
    ------
    TypeError
        If the cell holds JSON, but no object.
    """
    found = json.loads(text)
    if not isinstance(found, dict):
        raise TypeError(text)
    return found


def window_text(problem: Problem, work: Work) -> str:
    """Return a work's id with the first start and the last finish that its dates allow."""
    finish = problem.last_day(work.latest + work.span)
    return f"{work.id} ({problem.day(work.earliest)} ~ {finish})"


def windows_text(problem: Problem, works: Iterable[int]) -> str:
    """Return the windows of works in one line."""
    return "; ".join(window_text(problem, problem.works[work]) for work in works)


def closures_facts(problem: Problem, works: Iterable[int], rules: Collection[ClosedRule]) -> Facts:
    """Return ``closures`` and ``closures_zh`` within the windows of works."""
    chosen = [problem.works[work] for work in works]
    return closures_within(problem, chosen, rules)


def closures_within(
    problem: Problem, works: Iterable[Work], rules: Collection[ClosedRule]
) -> Facts:
    """Return ``closures`` and ``closures_zh`` within the windows of works, of the plan or not."""
    chosen = tuple(works)
    return {
        "closures": _closures_text(problem, chosen, rules, "en"),
        "closures_zh": _closures_text(problem, chosen, rules, "zh"),
    }


def _closures_text(
    problem: Problem, works: Iterable[Work], rules: Collection[ClosedRule], language: Language
) -> str:
    """Return the closures in one line, each once with the segments it shuts."""
    found: dict[str, list[str]] = {}
    for work in works:
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


def approved_text(problem: Problem, works: Iterable[int]) -> str:
    """Return the approved ones of works with their dates."""
    approved = (problem.works[work] for work in works if problem.works[work].fixed)
    return "; ".join(f"{work.id} ({problem.day(work.wanted)})" for work in approved)


def detours_text(problem: Problem, works: Iterable[Work]) -> str:
    """Return the segments that may not be open together with those that works use."""
    used = {task.segment for work in works for task in work.tasks}
    others = {two for pair in problem.conflicts for two in pair if set(pair) & used} - used
    return "; ".join(sorted(problem.segments[other].id for other in others or used))


def crews_text(problem: Problem, crews: Iterable[str]) -> str:
    """Return crew keys with their limits."""
    return "; ".join(f"{crew} ({problem.crews[crew]})" for crew in sorted(crews))
