"""Check that the reasons of a table can be read, and that its columns repeat what the facts say."""

from __future__ import annotations

from collections.abc import Mapping
from math import isnan

import pandas as pd

from geo.messages import placeholders
from planner.trench.build import Built
from planner.trench.check.facts import fault_of_facts, of_left_out, rule_of_left_out
from planner.trench.check.openings import text
from planner.trench.check.plan import Verdicts, verdict
from planner.trench.problem import Rejected
from planner.trench.reasons.wording import unpack
from planner.trench.records import Row, records

_PROVEN = ("rules", "change")
NEAR = 0.006
"""Yuan or days up to which a column may differ from the fact that it repeats."""


def check_why(topic: str, reasons: pd.DataFrame) -> Verdicts:
    """Yield for each row of a table of reasons the test that its columns follow from its facts.

    Parameters
    ----------
    topic
        Rule of the failures: ``unplaced`` or ``reason``.
    reasons
        `layers.tables.UNPLACED` or `REOPENINGS`.
    """
    for row in records(reasons):
        name = str(row["work_id"] if "work_id" in row else row["segment_id"])
        facts = read(row)
        readable = facts is not None
        yield verdict(topic, name, f"facts cannot be read: {row['facts']}", held=readable)
        if facts is not None:
            found = [column for column, value in _columns(row, facts).items()
                     if not _alike(row[column], value)]  # fmt: skip
            detail = f"{', '.join(found)} not as the facts say"
            yield verdict(topic, name, detail, held=not found)


def read(row: Row) -> Mapping[str, object] | None:
    """Return the facts of a row, None where they are not facts."""
    try:
        return unpack(row["facts"])
    except (TypeError, ValueError):
        return None


def _columns(row: Row, facts: Mapping[str, object]) -> dict[str, object]:
    told = facts.get("change")
    change: Mapping[str, object] = told if isinstance(told, dict) else {}
    if row["rule"] == "cost":
        change = {"days": 0, "yuan": facts.get("yuan")}
    works = change.get("works")
    return {
        "rules": facts.get("rules", ""),
        "change_work": ",".join(works) if isinstance(works, list) else "",
        "change_days": change.get("days"),
        "change_yuan": change.get("yuan"),
    }


def _alike(found: object, due: object) -> bool:
    if isinstance(due, str):
        return text(found) == due
    value = float(str(found))
    return isnan(value) if due is None else abs(value - float(str(due))) < NEAR


def check_left_out(built: Built, unplaced: pd.DataFrame) -> Verdicts:
    """Yield tests that works left out are told as whose they are, and with the facts of the rule.

    Those that never came into the problem keep the rule for which they were rejected.
    """
    works = {work.id: work for work in built.problem.works}
    whose = {work.id: (work.utility, work.owner) for work in built.problem.works}
    whose |= {out.work_id: (out.utility, out.owner) for out in built.rejected}
    rejected = {out.work_id: out for out in built.rejected}
    for row in records(unplaced):
        key = str(row["work_id"])
        told = (text(row["utility"]), text(row["owner"]))
        yield verdict("unplaced", key, f"{told} of {whose.get(key)}", held=told == whose.get(key))
        facts, rule = read(row) or {}, str(row["rule"])
        if key in rejected:
            due, proven = _rejected(rejected[key]), _PROVEN if rejected[key].work else ()
            held = rule == rejected[key].rule
            yield verdict("unplaced", key, f"rejected for {rejected[key].rule}", held=held)
        elif key in works:
            rules = [each for each in str(facts.get("rules", "")).split(",") if each]
            expected = rule_of_left_out(built.problem, works[key], rules)
            yield verdict("unplaced", key, f"{rule} for {expected}", held=rule == expected)
            due, proven = of_left_out(built.problem, works[key], expected), _PROVEN
        else:
            continue
        fault = fault_of_facts(facts, due, proven)
        yield verdict("unplaced", key, fault or "", held=fault is None)


def _rejected(out: Rejected) -> Mapping[str, object]:
    """Return what the sentence on a work names that never came into the problem."""
    return {name: out.facts[name] for name in placeholders(f"unplaced_{out.rule}")}
