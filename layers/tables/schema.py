"""What a column and a table are, and short builders for the five kinds of column."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

Kind = Literal["text", "integer", "number", "date", "flag"]
Geometry = Literal["none", "point", "line", "polygon", "any"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column, wherever it occurs.

    Parameters
    ----------
    name
        Canonical snake_case name, with its unit where it has one.
    kind
        What a cell holds once checked.
    zh, en
        Label for people.
    unit
        Unit as printed.
    aliases
        Other headings under which files carry the column, compared without case.
    required
        Whether the column must be found in a file.
    nullable
        Whether a cell may be empty; a row that breaks this goes to quarantine.
    default
        What an absent column or an empty nullable cell is taken as.
    at_least, at_most
        Closed range of a number.
    values
        For coded text: canonical value to the spellings met in files.
    several
        Whether a cell of coded text may name several values; checked, they stand with commas.
    """

    name: str
    kind: Kind
    zh: str
    en: str
    unit: str = ""
    aliases: tuple[str, ...] = ()
    required: bool = False
    nullable: bool = True
    default: str | float | bool | None = None
    at_least: float | None = None
    at_most: float | None = None
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    several: bool = False

    def needed(self) -> Column:
        """Return this column as one that must be present and filled."""
        return replace(self, required=True, nullable=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table: its columns in order, its key and the geometry of its rows."""

    name: str
    zh: str
    en: str
    geometry: Geometry
    columns: tuple[Column, ...]
    key: str | None = None

    def __iter__(self) -> Iterator[Column]:
        return iter(self.columns)

    def __getitem__(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)

    @property
    def names(self) -> tuple[str, ...]:
        """Canonical column names, in order, without the geometry."""
        return tuple(column.name for column in self.columns)


def text(name: str, zh: str, en: str, *aliases: str) -> Column:
    """Return a column of free text."""
    return Column(name=name, kind="text", zh=zh, en=en, aliases=aliases)


def coded(
    name: str, zh: str, en: str, values: Mapping[str, tuple[str, ...]], *aliases: str
) -> Column:
    """Return a column of coded text with its vocabulary."""
    return Column(name=name, kind="text", zh=zh, en=en, aliases=aliases, values=values)


def number(
    name: str,
    zh: str,
    en: str,
    unit: str,
    *aliases: str,
    at_least: float | None = None,
    at_most: float | None = None,
) -> Column:
    """Return a column of numbers with its unit and closed range."""
    return Column(
        name=name, kind="number", zh=zh, en=en, unit=unit, aliases=aliases,
        at_least=at_least, at_most=at_most,
    )  # fmt: skip


def integer(name: str, zh: str, en: str, unit: str, *aliases: str, at_least: float = 0) -> Column:
    """Return a column of whole numbers from `at_least` up."""
    return Column(
        name=name, kind="integer", zh=zh, en=en, unit=unit, aliases=aliases, at_least=at_least
    )


def date(name: str, zh: str, en: str, *aliases: str) -> Column:
    """Return a column of calendar days."""
    return Column(name=name, kind="date", zh=zh, en=en, aliases=aliases)


def flag(name: str, zh: str, en: str, *aliases: str) -> Column:
    """Return a column of yes or no; empty is no."""
    return Column(name=name, kind="flag", zh=zh, en=en, aliases=aliases, default=False)
