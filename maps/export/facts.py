"""What is known of one joint opening, gathered for its organisation plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from geo.errors import InputError
from geo.messages import Language
from layers.workdays import published
from maps.drawings import remarks_on
from planner.finished import Finished
from planner.openingpermits import of_opening
from planner.rules.permits import Permit, total_working_days
from planner.section.fit import Fitted
from planner.trench.cost import Strip, lines_of, strips
from planner.trench.fitting import Sections
from planner.trench.plan import Opening, openings
from planner.trench.problem import Segment, Work

Record = dict[str, Any]
"""One row of a table by its columns."""


def records(frame: pd.DataFrame) -> list[Record]:
    """Return the rows of a table, in its order."""
    return [{str(name): cell for name, cell in row.items()} for row in frame.to_dict("records")]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A piece of an opening, its section in the road, and codes of what must be remarked."""

    strip: Strip
    fitted: Fitted
    remarks: tuple[str, ...]


@dataclass(frozen=True)
class Facts:
    """One joint opening.

    Parameters
    ----------
    study, language
        Where it is from, and the language of its plan.
    letters
        Language of the lettering in pictures: ``"en"`` where no font has Chinese glyphs.
    row
        Its row of ``openings``, as a named tuple.
    opening
        The opening in ``study.problem``.
    participants
        Its rows of ``participants``.
    works
        Rows of ``works`` and ``extension_works`` by work id, see `known`.
    sections
        A section for each set of works that lie side by side, the longest piece of each.
    """

    study: Finished
    language: Language
    letters: Language
    row: Any
    opening: Opening
    participants: pd.DataFrame
    works: Mapping[str, Record]
    sections: tuple[Drawn, ...]

    @cached_property
    def road(self) -> Segment:
        """The segment as the plan sees it."""
        return self.study.problem.segments[self.opening.segment]

    @cached_property
    def segment(self) -> Record:
        """Row of ``segments``."""
        frame = self.study["segments"]
        return records(frame[frame["segment_id"] == self.row.segment_id])[0]

    def known(self, work_id: str) -> Record:
        """Return what the tables of works say of a work; nothing where they do not list it."""
        return self.works.get(work_id, {})

    @cached_property
    def permits(self) -> tuple[Permit, ...]:
        """Permits that it needs, in the order of granting."""
        return of_opening(self.study.profile, self.study.problem, self.opening)

    @property
    def members(self) -> tuple[Work, ...]:
        """Works that take part, in order of their start."""
        return tuple(self.study.problem.works[place] for place in self.opening.works)

    @property
    def separate_days(self) -> int:
        """Days of closure if each work opened the segment by itself."""
        periods = sum(work.task_on(self.opening.segment).duration for work in self.members)
        return periods * self.study.problem.period_days

    @property
    def detours(self) -> tuple[str, ...]:
        """Ids of segments that may not be open at the same time, being its way round."""
        here, problem = self.opening.segment, self.study.problem
        pairs = (pair for pair in problem.conflicts if here in pair)
        return tuple(problem.segments[a if b == here else b].id for a, b in pairs)

    def apply_by(self) -> tuple[int, pd.Timestamp | None]:
        """Return the permits' working days together, and the last day to apply for them.

        The day is None where the holidays of its year are not published.
        """
        days = total_working_days(self.permits)
        before = (self.row.starts_on - pd.Timedelta(days=1)).date()
        try:
            return days, pd.Timestamp(published().latest_start(before, days))
        except InputError:
            return days, None


def joint(study: Finished, language: Language, letters: Language) -> Iterator[Facts]:
    """Yield the openings in which two works or more take part, in the order of the table.

    Parameters
    ----------
    study
        A finished study.
    language, letters
        Of the text, and of the lettering in pictures.
    """
    sections = Sections(study.problem)
    participants = dict(iter(study["participants"].groupby("opening_id", sort=False)))
    tables = (study.county["works"], study.tables["extension_works"])
    works = {str(row["work_id"]): row for table in tables for row in records(table)}
    found = openings(study.problem, study.starts)
    for row, opening in zip(study["openings"].itertuples(index=False), found, strict=True):
        if len(opening.works) > 1:
            yield Facts(
                study, language, letters, row, opening, participants[row.opening_id], works,
                tuple(_drawn(study, opening, sections)),
            )  # fmt: skip


def _drawn(study: Finished, opening: Opening, sections: Sections) -> Iterator[Drawn]:
    problem, blind = study.problem, study.county["pipes"].empty
    longest: dict[tuple[str, tuple[int, ...]], Strip] = {}
    for strip in strips(problem, opening.segment, opening.works):
        key = (strip.side, strip.works)
        if lines_of(problem, strip.works) and (
            key not in longest or strip.length_m > longest[key].length_m
        ):
            longest[key] = strip
    for strip in longest.values():
        fitted = sections.of(opening.segment, strip)
        yield Drawn(strip, fitted, remarks_on(problem, strip, blind=blind))
