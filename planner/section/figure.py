"""A value of a standard as the section uses it: how large, from where, how sure."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from geo.messages import Language, message


def rows(name: str) -> list[dict[str, str]]:
    """Read one table of ``planner/section/tables``."""
    path = resources.files("planner.section").joinpath("tables", name)
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


@cache
def _kinds() -> Mapping[str, dict[str, str]]:
    return {row["kind"]: row for row in rows("kinds.csv")}


def names(kinds: tuple[str, ...], language: Language) -> dict[str, str]:
    """Return ``kind1``, ``kind2`` ... for the catalogue's sentences about these kinds."""
    known = _kinds()
    spoken = (known[kind][language] if kind in known else kind for kind in kinds)
    return {f"kind{place}": name for place, name in enumerate(spoken, start=1)}


def _unverified(confidence: str) -> bool:
    return confidence in {"C", "D", "assumption"}


@dataclass(frozen=True, slots=True)
class Figure:
    """One value that a section rests on.

    Parameters
    ----------
    what
        ``clearance``, ``depth_difference``, ``cover``, ``side_width``, ``support``, ``wall``
        (height that stands without support) or ``slope``.
    of
        The kinds that it concerns (``planner/section/tables/kinds.csv``); for a working width
        the largest outer diameter in mm of its row.
    value_m
        The value in metres; of a slope the run for one metre of height.
    clause
        Standard and clause, or the name of a setting or column.
    confidence
        ``A`` to ``D``, ``assumption``, ``choice`` or ``user``.
    """

    what: str
    of: tuple[str, ...]
    value_m: float
    clause: str
    confidence: str

    @property
    def unverified(self) -> bool:
        """Whether a report must mark it 待核."""
        return _unverified(self.confidence)

    def text(self, language: Language = "zh") -> str:
        """Return the value as a line: what it is, how large, from where, how sure."""
        subject = message(f"section_{self.what}", language, **names(self.of, language))
        return message(
            "section_ratio" if self.what == "slope" else "section_figure",
            language,
            subject=subject,
            value_m=self.value_m,
            clause=self.clause,
            confidence=self.confidence,
        )


@dataclass(frozen=True, slots=True)
class Measure:
    """A departure from a standard that is allowed if a measure is recorded for it.

    Parameters
    ----------
    what
        ``clearance`` (less than the table's), ``order`` (not that of 4.1.3) or ``ducts``
        (operators share one bank).
    of
        The kinds that it concerns, as in `Figure`.
    needed_m, given_m
        Clear distance asked for and laid, in metres; of an order the ranks, of ducts the counts
        of lines before and after.
    clause, confidence
        What allows the departure, and how sure that is.
    """

    what: str
    of: tuple[str, ...]
    needed_m: float
    given_m: float
    clause: str
    confidence: str

    @property
    def unverified(self) -> bool:
        """Whether a report must mark the clause 待核."""
        return _unverified(self.confidence)

    def text(self, language: Language = "zh") -> str:
        """Return the departure as a sentence with its remedy and clause."""
        return message(
            f"section_measure_{self.what}",
            language,
            needed_m=self.needed_m,
            given_m=self.given_m,
            clause=self.clause,
            confidence=self.confidence,
            **names(self.of, language),
        )
