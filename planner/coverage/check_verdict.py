"""How checks of coverage say what holds: a verdict, with the failure that it would be."""

from __future__ import annotations

from planner.checking import Failure

Verdict = tuple[bool, Failure]


def fail(rule: str, subject: object, found: object, expected: object) -> Failure:
    """Return the failure of a rule of coverage."""
    return Failure("coverage", rule, str(subject), f"found {found}, expected {expected}")
