"""What the reader is told: sentences of the catalogue with the facts that fill them."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping

from geo.messages import Language, message, placeholders
from planner.trench.problem import ClosedRule, Problem, Work

Facts = Mapping[str, object]
Item = str | tuple[object, ...]
"""What a list in the facts holds: a name, or a name with what stands in brackets behind it."""

PROOFS: Mapping[str, frozenset[str]] = {
    "reopening": frozenset({"rules", "smallest", "change", "moves"}),
    "unplaced": frozenset({"rules", "change"}),
    "decision": frozenset({"explained"}),
    "robustness": frozenset({"moved", "left_out"}),
}
"""Topic to the facts that no sentence names but that it is built by, or that prove it."""
_STOP: Mapping[Language, str] = {"zh": "。", "en": "; "}
_AND: Mapping[Language, str] = {"zh": "、", "en": ", "}
_APART: Mapping[Language, str] = {"zh": "；", "en": "; "}
_TO: Mapping[Language, str] = {"zh": " 至 ", "en": " to "}
_BRACKETS: Mapping[Language, str] = {"zh": "{}（{}）", "en": "{} ({})"}


def sentence(topic: str, rule: str, facts: Facts, language: Language = "zh") -> str:
    """Return the catalogue's sentences for a reason: the rules, and the change that would help.

    Parameters
    ----------
    topic
        ``reopening``, ``unplaced``, ``decision``, ``split`` or ``robustness``.
    rule, facts
        As in the tables; facts that were stored come back through `unpack`. Several ``rules``
        are named; a fact ``change`` adds the change of date or says that none suffices.
    language
        ``"zh"`` or ``"en"``.
    """
    named = {name: facts[name] for name in facts.keys() - PROOFS.get(topic, frozenset())}
    shown = {name: said(fact, language) for name, fact in named.items()}
    found = [message(f"{topic}_{rule}", language, **shown)]
    keys = [key for key in str(facts.get("rules", "")).split(",") if key]
    if len(keys) > 2 or (len(keys) > 1 and rule not in keys):
        names = _AND[language].join(message(f"rule_{key}", language) for key in keys)
        found.append(message("rules_together", language, names=names))
    if facts.get("smallest") is False:
        found.append(message("rules_undecided", language))
    if "change" in facts:
        found.append(_change(topic, facts, language))
    return _STOP[language].join(found)


def needed(topic: str, rule: str, facts: Facts) -> dict[str, object]:
    """Return those of the facts that a sentence names in either language, is built or proven by."""
    named = placeholders(f"{topic}_{rule}") | PROOFS.get(topic, frozenset())
    return {name: fact for name, fact in facts.items() if name in named}


def said(fact: object, language: Language = "zh") -> str:
    """Return a fact as a sentence shows it: thousands apart, lists in the language's manner.

    A mapping is read as how often rules are broken.

    Examples
    --------
    >>> said(12345)
    '12,345'
    >>> said(["W1", ("W2", "2026-02-01", "2026-02-20")])
    'W1、W2（2026-02-01 至 2026-02-20）'
    >>> said(["W1", ("W2", "2026-02-01", "2026-02-20")], "en")
    'W1, W2 (2026-02-01 to 2026-02-20)'
    >>> said([], "en")
    'none'
    >>> said({"crews": 2, "detour": 1}, "en")
    'crews 2, detours 1'
    """
    if isinstance(fact, Mapping):
        counted = [f"{message(f'rule_{rule}', language)} {count:,}" for rule, count in fact.items()]
        return said(counted, language)
    if isinstance(fact, (list, tuple)):
        items = [_item(each, language) for each in fact]
        return _AND[language].join(items) or message("nothing", language)
    return f"{fact:,}" if isinstance(fact, int) else str(fact)


def _item(item: object, language: Language) -> str:
    if not isinstance(item, (list, tuple)):
        return said(item, language)
    name, *more = (said(part, language) for part in item)
    return _BRACKETS[language].format(name, _TO[language].join(more))


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


def windows(problem: Problem, works: Iterable[Work]) -> list[Item]:
    """Return works with the first start and the last finish that their dates allow."""
    return [
        (
            work.id,
            problem.day(work.earliest).isoformat(),
            problem.last_day(work.latest + work.span).isoformat(),
        )
        for work in works
    ]


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
    shut = [f"{text} [{_some(ids, language)}]" for text, ids in sorted(found.items())]
    return _APART[language].join(shut)


def _some(ids: Iterable[str], language: Language) -> str:
    """Return the first three ids and how many there are more."""
    unique = sorted(set(ids))
    more = f" +{len(unique) - 3}" if len(unique) > 3 else ""
    return said(unique[:3], language) + more


def approved_dates(problem: Problem, works: Iterable[Work]) -> list[Item]:
    """Return the approved ones of works with their dates."""
    return [(work.id, problem.day(work.wanted).isoformat()) for work in works if work.fixed]


def detour_ids(problem: Problem, works: Iterable[Work]) -> list[Item]:
    """Return the segments that may not be open together with those that works use."""
    used = {task.segment for work in works for task in work.tasks}
    others = {two for pair in problem.conflicts for two in pair if set(pair) & used} - used
    return [*sorted(problem.segments[other].id for other in others or used)]


def crew_limits(problem: Problem, crews: Iterable[str]) -> list[Item]:
    """Return crew keys with their limits."""
    return [(crew, problem.crews[crew]) for crew in sorted(crews)]
