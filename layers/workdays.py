"""Working days of mainland China, make-up days (调休) included.

Only years whose holiday notice of the State Council is published are known: asking beyond them
is refused, because weekends alone would be a guess.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib import resources

from geo.errors import fail

_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Workdays:
    """Which days of some whole years are worked.

    Parameters
    ----------
    first_year, last_year
        Years whose holidays are known, both included.
    off
        Days off by the holiday notice, weekends among them or not.
    makeup
        Saturdays and Sundays that are worked (调休).
    """

    first_year: int
    last_year: int
    off: frozenset[date]
    makeup: frozenset[date]

    def is_workday(self, day: date) -> bool:
        """Tell whether `day` is worked.

        Raises
        ------
        InputError
            If the holidays of that year are not published in the table.

        Examples
        --------
        >>> published().is_workday(date(2026, 2, 14)), published().is_workday(date(2026, 2, 16))
        (True, False)
        """
        if not self.first_year <= day.year <= self.last_year:
            raise fail(
                "holidays_unpublished", year=day.year, first=self.first_year, last=self.last_year
            )
        return day in self.makeup or (day.weekday() < _SATURDAY and day not in self.off)

    def add(self, day: date, working_days: int) -> date:
        """Return the working day on which a limit of `working_days` from `day` ends.

        The day of the event does not count: one working day from a Monday ends on Tuesday, from
        a Saturday on the next working day. A limit of 0 ends on `day` itself.

        Parameters
        ----------
        day
            Day on which the limit begins, worked or not.
        working_days
            0 or more.

        Raises
        ------
        InputError
            If the limit reaches into a year whose holidays are not in the table.
        ValueError
            If `working_days` is negative.

        Examples
        --------
        >>> published().add(date(2026, 2, 13), 2)  # Saturday 14th is made up, then Spring Festival
        datetime.date(2026, 2, 24)
        """
        if working_days < 0:
            msg = f"a limit cannot be negative: {working_days}"
            raise ValueError(msg)
        left = working_days
        while left:
            day += timedelta(days=1)
            left -= self.is_workday(day)
        return day

    def latest_start(self, day: date, working_days: int) -> date:
        """Return the latest working day from which a limit of `working_days` ends by `day`.

        Parameters
        ----------
        day
            Last day on which the limit may end, worked or not.
        working_days
            0 or more.

        Raises
        ------
        InputError
            If the search reaches into a year whose holidays are not in the table.

        Examples
        --------
        >>> published().latest_start(date(2026, 2, 24), 2)  # worked through Saturday the 14th
        datetime.date(2026, 2, 13)
        """
        left = working_days
        while left or not self.is_workday(day):
            left -= self.is_workday(day)
            day -= timedelta(days=1)
        return day

    def between(self, first: date, last: date) -> int:
        """Count the working days after `first` up to and including `last`.

        Raises
        ------
        InputError
            If a day lies in a year whose holidays are not in the table.
        """
        days = (first + timedelta(days=n) for n in range(1, (last - first).days + 1))
        return sum(self.is_workday(day) for day in days)


def from_rows(rows: Iterable[tuple[date, str]]) -> Workdays:
    """Build the calendar from (day, kind) rows, kind being ``off`` or ``makeup_workday``.

    Every year between the first and the last row is taken as complete.
    """
    pairs = tuple(rows)
    years = [day.year for day, _ in pairs]
    return Workdays(
        first_year=min(years),
        last_year=max(years),
        off=frozenset(day for day, kind in pairs if kind == "off"),
        makeup=frozenset(day for day, kind in pairs if kind == "makeup_workday"),
    )


@cache
def published() -> Workdays:
    """Return the calendar of ``layers/holidays.csv``.

    References
    ----------
    Holiday notices of the State Council for 2024 to 2026, as carried by chinesecalendar 1.11.0.
    """
    text = resources.files("layers").joinpath("holidays.csv").read_text(encoding="utf-8")
    table = csv.DictReader(text.splitlines())
    return from_rows((date.fromisoformat(row["date"]), row["kind"]) for row in table)
