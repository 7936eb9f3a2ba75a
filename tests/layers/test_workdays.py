"""Working days: the table agrees with a second source, limits end where they should."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import InputError
from layers.workdays import from_rows, published

WORKDAYS = published()
KNOWN = [date(2024, 1, 1) + timedelta(days=n) for n in range(366 + 365 + 365)]


def test_every_day_of_the_published_years_agrees_with_chinesecalendar() -> None:
    wrong = [day for day in KNOWN if WORKDAYS.is_workday(day) != chinese_calendar.is_workday(day)]
    assert wrong == []


def test_the_table_spans_exactly_three_whole_years() -> None:
    assert (WORKDAYS.first_year, WORKDAYS.last_year) == (2024, 2026)
    assert KNOWN[-1] == date(2026, 12, 31)


@pytest.mark.parametrize(
    ("begin", "working_days", "end"),
    [
        (date(2026, 3, 2), 0, date(2026, 3, 2)),
        (date(2026, 3, 2), 1, date(2026, 3, 3)),  # Monday to Tuesday
        (date(2026, 3, 6), 1, date(2026, 3, 9)),  # over a weekend
        (date(2026, 3, 7), 1, date(2026, 3, 9)),  # accepted on a Saturday
        (date(2026, 2, 13), 1, date(2026, 2, 14)),  # a made-up Saturday counts
        (date(2026, 2, 14), 1, date(2026, 2, 24)),  # nine days of Spring Festival do not
        (date(2026, 9, 18), 5, date(2026, 9, 24)),  # the made-up Sunday of 20 September counts
        (date(2026, 9, 30), 3, date(2026, 10, 10)),  # National Day, then the made-up Saturday
    ],
)
def test_a_limit_counts_from_the_next_day_and_knows_make_up_days(
    begin: date, working_days: int, end: date
) -> None:
    assert WORKDAYS.add(begin, working_days) == end


@given(st.dates(date(2024, 1, 1), date(2026, 6, 30)), st.integers(1, 70))
def test_a_limit_ends_on_a_working_day_with_that_many_worked_days_behind_it(
    begin: date, working_days: int
) -> None:
    end = WORKDAYS.add(begin, working_days)
    assert WORKDAYS.is_workday(end)
    assert WORKDAYS.between(begin, end) == working_days


@pytest.mark.parametrize("day", [date(2023, 12, 31), date(2027, 1, 1)])
def test_a_year_without_a_published_notice_is_refused_in_both_languages(day: date) -> None:
    with pytest.raises(InputError, match=r"holidays of \d{4} are not in the calendar") as caught:
        WORKDAYS.is_workday(day)
    assert f"{day.year} 年的放假安排" in caught.value.text("zh")


def test_a_limit_that_reaches_into_an_unpublished_year_is_refused() -> None:
    with pytest.raises(InputError, match="2027"):
        WORKDAYS.add(date(2026, 12, 30), 5)


def test_a_negative_limit_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        WORKDAYS.add(date(2026, 3, 2), -1)


def test_rows_make_a_calendar_of_the_years_they_name() -> None:
    made = from_rows([(date(2025, 5, 1), "off"), (date(2025, 5, 10), "makeup_workday")])
    assert not made.is_workday(date(2025, 5, 1))
    assert made.is_workday(date(2025, 5, 10))
    with pytest.raises(InputError, match="2024"):
        made.is_workday(date(2024, 12, 31))


def test_the_table_is_the_transcription_that_stands_in_the_standards(shared_data: Path) -> None:
    source = shared_data.parent / "standards" / "cn_holidays_2024_2026.csv"
    if not source.is_file():
        pytest.skip(f"the standards tables are absent: {source.name}")
    rows = source.read_text(encoding="utf-8-sig").split()
    dates = [row.split(",")[:2] for row in rows if row[:2] == "20"]
    kinds = {
        **dict.fromkeys(map(date.isoformat, WORKDAYS.off), "off"),
        **dict.fromkeys(map(date.isoformat, WORKDAYS.makeup), "makeup_workday"),
    }
    assert dict(dates) == kinds


@given(
    st.dates(date(2024, 6, 1), date(2026, 11, 30)),
    st.integers(min_value=0, max_value=60),
)
def test_the_latest_start_is_in_time_and_a_day_later_is_not(day: date, limit: int) -> None:
    calendar = published()
    start = calendar.latest_start(day, limit)
    assert calendar.is_workday(start)
    assert calendar.add(start, limit) <= day
    later = start + timedelta(days=1)
    while not calendar.is_workday(later):
        later += timedelta(days=1)
    assert calendar.add(later, limit) > day
