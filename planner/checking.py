"""What an independent check found, topic by topic."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Failure:
    """One rule that a result breaks.

    `topic` is ``trench``, ``extension``, ``coverage`` or ``inputs``; `rule` a short code such as
    ``window`` or ``crews``; `subject` the id of the object; `detail` says found and expected.
    """

    topic: str
    rule: str
    subject: str
    detail: str


@dataclass(frozen=True, slots=True)
class Checks:
    """How many single checks held, and each one that did not."""

    passed: int = 0
    failures: tuple[Failure, ...] = ()

    def __add__(self, other: Checks) -> Checks:
        return Checks(self.passed + other.passed, self.failures + other.failures)

    @property
    def failed(self) -> int:
        """Number of single checks that did not hold."""
        return len(self.failures)

    @classmethod
    def of(cls, tests: Iterable[tuple[bool, Failure]]) -> Checks:
        """Collect tests, each a verdict with the failure that it would be."""
        passed = 0
        failures: list[Failure] = []
        for held, failure in tests:
            if held:
                passed += 1
            else:
                failures.append(failure)
        return cls(passed, tuple(failures))
