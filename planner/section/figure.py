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


@dataclass(frozen=True, slots=True)
class Figure:
    """One value that a section rests on.

    Parameters
    ----------
    what
        ``clearance``, ``depth_difference``, ``cover`` or ``side_width``.
    of
        The kinds that it concerns (``planner/section/tables/kinds.csv``); for a working width
        the largest outer diameter in mm of its row.
    value_m
        The value in metres.
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
        return self.confidence in {"C", "D", "assumption"}

    def text(self, language: Language = "zh") -> str:
        """Return the value as a line: what it is, how large, from where, how sure."""
        names = [_kinds()[kind][language] if kind in _kinds() else kind for kind in self.of]
        facts = {f"kind{place}": name for place, name in enumerate(names, start=1)}
        subject = message(f"section_{self.what}", language, **facts)
        return message(
            "section_figure",
            language,
            subject=subject,
            value_m=self.value_m,
            clause=self.clause,
            confidence=self.confidence,
        )
