from __future__ import annotations

from planner.checking import Checks, Failure


def test_checks_count_what_held_and_keep_what_did_not() -> None:
    failure = Failure("trench", "window", "W1", "starts on day 3, allowed from day 5")
    checks = Checks.of([(True, failure), (False, failure), (True, failure)])
    assert (checks.passed, checks.failed) == (2, 1)
    assert (checks + checks).failures == (failure, failure)
