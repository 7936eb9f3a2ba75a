"""What the spreadsheet of a plan says, sheet by sheet, as plain values."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from math import isnan
from typing import Any

import pandas as pd

from geo.messages import Language
from layers.tables import (
    CONNECTIONS,
    OPENINGS,
    PARTICIPANTS,
    REOPENINGS,
    SEGMENTS,
    UNPLACED,
    UTILITIES,
    Column,
    Table,
)
from maps import sentences
from maps.export import spoken
from maps.words import document_words, words
from planner.finished import Finished
from planner.openingpermits import of_opening
from planner.rules.permits import Permit
from planner.trench.plan import openings

_COUNT, _DAY, _YUAN = "#,##0", "yyyy-mm-dd", "#,##0.00"
_BY_UNIT = {"m": "#,##0.0", "m²": "#,##0.0", "m³": "#,##0.0"}
_BY_KIND = {"integer": _COUNT, "date": _DAY, "number": _YUAN}
FORMATS = tuple(dict.fromkeys((*_BY_KIND.values(), *_BY_UNIT.values())))
"""Every number format of the sheets."""


@dataclass(frozen=True, slots=True)
class Heading:
    """Heading of a column, and the number format of its cells; empty for text."""

    text: str
    form: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table; `total` is a last row of sums that takes no part in filters."""

    title: str
    headings: tuple[Heading, ...]
    rows: tuple[tuple[Any, ...], ...]
    total: tuple[Any, ...] = ()


def sheets(study: Finished, language: Language) -> tuple[Sheet, ...]:
    """Return the tables of a study's plan.

    Returns
    -------
    tuple of Sheet
        Segments, openings, participants, costs of openings, costs of owners, re-openings, works
        not placed, permits, deadlines.
    """
    return _Writer(study, language).all()


class _Writer:
    """Tables of one study in one language."""

    def __init__(self, study: Finished, language: Language) -> None:
        self.study = study
        self.language = language
        self.said = document_words(language)
        self.assumed = study.prices_assumed

    def all(self) -> tuple[Sheet, ...]:
        return (
            self.segments(),
            self.table("openings", OPENINGS, self.study["openings"], _OPENING),
            self.table("works", PARTICIPANTS, self.study["participants"], _PARTICIPANT),
            self.costs(),
            self.owners(),
            self.reasons("reopenings", REOPENINGS, "reopening"),
            self.reasons("unplaced", UNPLACED, "unplaced"),
            self.permits(),
            self.deadlines(),
        )

    def head(self, column: Column) -> Heading:
        text = spoken.heading(column, self.language, assumed=self.assumed)
        form = _BY_KIND.get(column.kind, "")
        if column.kind == "number":
            form = _BY_UNIT.get(column.unit, form)
        return Heading(text, form)

    def cells(self, column: Column, values: pd.Series[Any]) -> list[Any]:
        """Return a column's cells: numbers and dates as such, codes in words, empty as None."""
        return [self._cell(column, value) for value in values.astype(object)]

    def _cell(self, column: Column, value: object) -> object:
        if value is None or value is pd.NaT or (isinstance(value, float) and isnan(value)):
            return None
        makers: dict[str, Callable[[Any], object]] = {
            "flag": self._yes_or_no,
            "date": lambda day: pd.Timestamp(day).date(),
            "integer": int,
            "number": float,
        }
        return makers.get(column.kind, partial(self._text, column))(value)

    def _yes_or_no(self, value: object) -> str:
        return words(self.language)["quality.yes" if value else "quality.no"]

    def _text(self, column: Column, value: object) -> str:
        if column.name in {"utility", "utilities"}:
            return spoken.utilities(value, self.language)
        if column.name == "service_class":
            return words(self.language).get(f"class.{value}", str(value))
        return spoken.coded(column.values, value, self.language)

    def table(self, key: str, table: Table, frame: pd.DataFrame, names: Sequence[str]) -> Sheet:
        """Return columns of a table as a sheet."""
        columns = [self.cells(table[name], frame[name]) for name in names]
        rows = tuple(zip(*columns, strict=True))
        return Sheet(self.said[f"sheet.{key}"], tuple(self.head(table[n]) for n in names), rows)

    def segments(self) -> Sheet:
        frame = self.study["segments"]
        made = self.table("segments", SEGMENTS, frame, _SEGMENT)
        count = self.study["openings"]["segment_id"].value_counts()
        opened = [int(count.get(key, 0)) for key in frame["segment_id"]]
        heading = Heading(self.said["head.times_opened"], _COUNT)
        rows = tuple((*row, times) for row, times in zip(made.rows, opened, strict=True))
        return Sheet(made.title, (*made.headings, heading), rows)

    def costs(self) -> Sheet:
        """Return what each opening costs together and apart, and what its shares add up to."""
        frame = self.study["openings"]
        shares = self.study["participants"].groupby("opening_id")[[*_SHARES]].sum()
        shares = shares.reindex(frame["opening_id"]).reset_index(drop=True)
        saved = frame["separate_yuan"] - frame["cost_yuan"]
        names = ("opening_id", "name", "owners", "works", "cost_yuan", "separate_yuan")
        made = self.table("costs", OPENINGS, frame, names)
        rest = self.table("costs", OPENINGS, frame, _STABILITY)
        money = (saved, *(shares[name] for name in _SHARES))
        yuan = [[None if isnan(one) else float(one) for one in column] for column in money]
        rows = tuple(
            (*row, *more, *end)
            for row, more, end in zip(made.rows, zip(*yuan, strict=True), rest.rows, strict=True)
        )
        headings = (
            *made.headings,
            self.yuan("saved"),
            *(self.head(PARTICIPANTS[name]) for name in _SHARES),
            *rest.headings,
        )
        sums = [frame["cost_yuan"].sum(), frame["separate_yuan"].sum()]
        sums += [column.sum() for column in money]
        total = (words(self.language)["detail.sum"], None, None, int(frame["works"].sum()))
        return Sheet(made.title, headings, rows, (*total, *map(float, sums)))

    def yuan(self, key: str) -> Heading:
        unit = spoken.yuan_unit(self.language, assumed=self.assumed)
        text = self.said["unit.with"].format(label=self.said[f"head.{key}"], unit=unit)
        return Heading(text, _YUAN)

    def owners(self) -> Sheet:
        """Return what each owner pays: alone, by proportion and by the Shapley value."""
        frame = self.study["participants"]
        order = {key: place for place, key in enumerate(UTILITIES)}
        grouped = frame.groupby(["owner", "utility"], sort=True)
        money = grouped[["alone_yuan", *_SHARES]].sum()
        works, opened = grouped["work_id"].nunique(), grouped["opening_id"].nunique()
        keys = sorted(money.index, key=lambda key: (order.get(key[1], len(order)), key[0]))
        rows = tuple(
            (
                key[0], spoken.utilities(key[1], self.language), int(works[key]), int(opened[key]),
                *(float(money.loc[key, name]) for name in ("alone_yuan", *_SHARES)),
                float(money.loc[key, "alone_yuan"] - money.loc[key, "share_yuan"]),
            )
            for key in keys
        )  # fmt: skip
        names = ("owner", "utility")
        headings = (
            *(self.head(PARTICIPANTS[name]) for name in names),
            Heading(self.said["head.works"], _COUNT),
            Heading(self.said["head.openings"], _COUNT),
            *(self.head(PARTICIPANTS[name]) for name in ("alone_yuan", *_SHARES)),
            self.yuan("saved"),
        )
        sums = [sum(row[place] for row in rows) for place in range(4, len(headings))]
        total = (words(self.language)["detail.sum"], None, None, None, *sums)
        return Sheet(self.said["sheet.owners"], headings, rows, total)

    def reasons(self, key: str, table: Table, topic: str) -> Sheet:
        """Return a table with reasons, their sentences in the reader's language."""
        frame = self.study[key]
        spoken_frame = frame.assign(reason=sentences.from_facts(topic, frame, self.language))
        said = words(self.language)
        rules = [said.get(f"rule.{rule}", rule) for rule in frame["rule"]]
        names = [name for name in table.names if name not in {"facts", "rules"}]
        return self.table(key, table, spoken_frame.assign(rule=rules), names)

    def permits(self) -> Sheet:
        """Return the permits of each opening with authority, days and clause."""
        found = openings(self.study.problem, self.study.starts)
        each = zip(self.study["openings"].itertuples(), found, strict=True)
        rows = tuple(
            (row.opening_id, row.name, row.starts_on.date(), *self._permit(permit))
            for row, opening in each
            for permit in of_opening(self.study.profile, self.study.problem, opening)
        )
        names = ("opening_id", "name", "starts_on")
        more = ("permit", "authority", "working_days", "order", "basis", "clause", "note")
        forms = {"working_days": _COUNT, "starts_on": _DAY}
        headings = (
            *(self.head(OPENINGS[name]) for name in names),
            *(Heading(self.said[f"head.{name}"], forms.get(name, "")) for name in more),
        )
        return Sheet(self.said["sheet.permits"], headings, rows)

    def _permit(self, permit: Permit) -> Iterator[Any]:
        yield permit.zh if self.language == "zh" else permit.en
        yield permit.authority.text(self.language)
        yield permit.working_days
        yield self.said[f"order.{permit.order}"]
        yield self.said["basis.assumed" if permit.assumption else "basis.demanded"]
        yield permit.source.text(self.language) if permit.source else ""
        yield permit.note.text(self.language)

    def deadlines(self) -> Sheet:
        """Return by when each application is to be served, and whether it can be reached."""
        applications = self.study.county["applications"]
        known = applications.drop_duplicates("application_id").set_index("application_id")
        frame = self.study["connections"]
        accepted = known["accepted_on"].reindex(frame["application_id"])
        source = "deadline_source" if self.language == "zh" else "deadline_source_en"
        names = ("application_id", "parcel_id", "utility", "service_class", "deadline_on", source)
        made = self.table("deadlines", CONNECTIONS, frame, (*names, "permits"))
        at = 4
        days = [None if pd.isna(one) else pd.Timestamp(one).date() for one in accepted]
        heading = Heading(self.said["head.accepted_on"], _DAY)
        rows = tuple((*r[:at], d, *r[at:]) for r, d in zip(made.rows, days, strict=True))
        return Sheet(made.title, (*made.headings[:at], heading, *made.headings[at:]), rows)


_SEGMENT = (
    "segment_id", "name", "town", "road_class", "surface", "length_m", "width_m", "carriageway_m",
    "opened_on", "overhauled_on", "detour_group",
)  # fmt: skip
_OPENING = (
    "opening_id", "segment_id", "name", "town", "starts_on", "ends_on", "days", "utilities",
    "owners", "works", "joint", "dug_m", "width_m", "volume_m3", "area_m2", "cost_yuan",
    "separate_yuan", "permits", "exempt",
)  # fmt: skip
_PARTICIPANT = PARTICIPANTS.names
_SHARES = ("share_yuan", "share_shapley_yuan")
_STABILITY = ("excess_yuan", "excess_shapley_yuan", "unstable_group")
