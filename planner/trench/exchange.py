"""Read and answer instances of the exchange format ``trench-1``, the core of the problem.

An instance is one JSON object::

    {"format": "trench-1", "periods": 52,
     "segments": [{"id", "opening_yuan", "open_period_yuan", "blocked": [period, ...]}],
     "works": [{"id", "utility", "segments": [id, ...], "duration", "earliest", "latest"}],
     "crews": {utility: works active in one period}, "conflicts": [[segment, segment], ...]}

A work is active on all its segments from its start for `duration` periods; `latest` is its last
start. Nothing is known of sections, so a work has no line and digs no stretch. The answer is
``{"starts": {work: period}}``.
"""

from __future__ import annotations

import datetime as dt
import json
import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from itertools import chain
from pathlib import Path
from types import MappingProxyType
from typing import Any

from geo import documents
from geo.errors import Fault, InputError, fail
from geo.messages import message
from planner.settings import Settings, defaults
from planner.trench.problem import Closed, Problem, Segment, Task, Work

FORMAT = "trench-1"
PERIOD_DAYS = 7
"""Days of a period: instances plan the 52 weeks of a year."""
START = dt.date(2001, 1, 1)
"""First day of period 0, a Monday; an instance knows periods, not dates."""
_SHOWN = 5

Document = Mapping[str, Any]
Check = Callable[[object], bool]


def read(path: Path, *, settings: Settings | None = None) -> Problem:
    """Read an instance from a file.

    Parameters
    ----------
    path
        JSON in UTF-8.
    settings
        Choices named ``trench.*``; the defaults without it.

    Raises
    ------
    InputError
        With every fault: no such file, not JSON, another format, records that lack a value or hold
        an impossible one, keys that occur twice or nowhere.
    """
    return problem_of(documents.load(path), file=str(path), settings=settings)


def problem_of(document: object, *, file: str = "", settings: Settings | None = None) -> Problem:
    """Return the problem that an instance states.

    Parameters
    ----------
    document
        The instance as `json.loads` returns it.
    file
        Name of the file, for messages.
    settings
        Choices named ``trench.*``; the defaults without it.

    Raises
    ------
    InputError
        See `read`.

    Examples
    --------
    >>> segment = {"id": "s", "opening_yuan": 9, "open_period_yuan": 1, "blocked": [3]}
    >>> work = {"id": "w", "utility": "gas", "segments": ["s"], "duration": 2, "earliest": 0,
    ...         "latest": 4}
    >>> problem_of({"format": "trench-1", "periods": 9, "segments": [segment], "works": [work],
    ...             "crews": {"gas": 1}, "conflicts": []}).works[0].tasks
    (Task(segment=0, stretches=(), lag=0, duration=2),)
    """
    if not isinstance(document, Mapping) or document.get("format") != FORMAT:
        raise fail("exchange_format", format=FORMAT, file=file)
    for find in (_frame_faults, _value_faults, _key_faults):
        faults = list(find(document, file))
        if faults:
            raise InputError(faults)
    return _problem(document, settings or defaults())


def answer(problem: Problem, starts: Mapping[int, int]) -> dict[str, dict[str, int]]:
    """Return a plan in the exchange format: the start period of each placed work by its key."""
    return {"starts": {problem.works[work].id: int(starts[work]) for work in sorted(starts)}}


def write(path: Path, problem: Problem, starts: Mapping[int, int]) -> None:
    """Write a plan in the exchange format."""
    path.write_text(json.dumps(answer(problem, starts)) + "\n", encoding="utf-8")


def _problem(document: Document, settings: Settings) -> Problem:
    segments = tuple(
        Segment(
            id=row["id"],
            length_m=0.0,
            opening_yuan=float(row["opening_yuan"]),
            open_period_yuan=float(row["open_period_yuan"]),
            closed=_closed(tuple(row["blocked"])),
        )
        for row in document["segments"]
    )
    at = {segment.id: position for position, segment in enumerate(segments)}
    crews = MappingProxyType(dict(document["crews"]))
    return Problem(
        start=START,
        period_days=PERIOD_DAYS,
        periods=document["periods"],
        segments=segments,
        works=tuple(_work(row, at, crews) for row in document["works"]),
        settings=settings,
        crews=crews,
        conflicts=tuple((at[one], at[other]) for one, other in document["conflicts"]),
    )


def _work(row: Document, at: Mapping[str, int], crews: Mapping[str, int]) -> Work:
    utility = row["utility"]
    return Work(
        id=row["id"],
        utility=utility,
        owner=utility,
        line=None,
        tasks=tuple(Task(at[segment], (), 0, row["duration"]) for segment in row["segments"]),
        earliest=row["earliest"],
        wanted=row["earliest"],
        latest=row["latest"],
        crew=utility if utility in crews else "",
    )


@cache
def _closed(blocked: tuple[int, ...]) -> tuple[Closed, ...]:
    zh, en = message("exchange_blocked", "zh"), message("exchange_blocked", "en")
    return tuple(Closed(period, period, "no_dig", en, zh) for period in sorted(set(blocked)))


def _frame_faults(document: Document, file: str) -> Iterator[Fault]:
    for key, (check, code) in _FRAME.items():
        if not check(document.get(key)):
            yield Fault(code, file=file, column=key)


def _value_faults(document: Document, file: str) -> Iterator[Fault]:
    for table, columns in _COLUMNS.items():
        rows = document[table]
        for column, (check, code) in columns.items():
            wrong = [
                str(number)
                for number, row in enumerate(rows, start=1)
                if not isinstance(row, Mapping) or not check(row.get(column))
            ]
            if wrong:
                yield _at(code, wrong, file=file, layer=table, column=column)


def _key_faults(document: Document, file: str) -> Iterator[Fault]:
    segments, works = document["segments"], document["works"]
    for table, rows in (("segments", segments), ("works", works)):
        twice = [key for key, count in Counter(row["id"] for row in rows).items() if count > 1]
        if twice:
            yield _at("exchange_twice", twice, file=file, layer=table, column="id")
    known = {row["id"] for row in segments}
    strange = [row["id"] for row in works if not known.issuperset(row["segments"])]
    if strange:
        yield _at("exchange_unknown", strange, file=file, layer="works", column="segments")
    pairs = document["conflicts"]
    unknown = sorted(set(chain.from_iterable(pairs)) - known)
    if unknown:
        yield _at("exchange_unknown", unknown, file=file, column="conflicts")
    against_itself = _on_both(works, pairs)
    if against_itself:
        yield _at("exchange_on_both", against_itself, file=file, layer="works", column="segments")


def _on_both(works: Sequence[Document], pairs: Sequence[Sequence[str]]) -> list[str]:
    """Return the works that lie on both segments of a conflict and can never start."""
    rivals: dict[str, set[str]] = {}
    for one, other in pairs:
        rivals.setdefault(one, set()).add(other)
    return [
        row["id"]
        for row in works
        if any(not rivals.get(key, set()).isdisjoint(row["segments"]) for key in row["segments"])
    ]


def _at(code: str, rows: Sequence[str], *, file: str, column: str, layer: str = "") -> Fault:
    shown = tuple(rows[:_SHOWN])
    return Fault(code, file=file, layer=layer, column=column, rows=shown, count=len(rows))


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value != ""


def _is_price(value: object) -> bool:
    return isinstance(value, int | float) and math.isfinite(value) and value >= 0


def _is_whole(value: object) -> bool:
    return type(value) is int


def _is_positive(value: object) -> bool:
    return type(value) is int and value >= 1


def _is_limit(value: object) -> bool:
    return type(value) is int and value >= 0


def _is_list(value: object) -> bool:
    return isinstance(value, list)


def _are_periods(value: object) -> bool:
    return isinstance(value, list) and all(map(_is_limit, value))


def _are_keys(value: object) -> bool:
    return (
        isinstance(value, list)
        and len(value) > 0
        and all(map(_is_text, value))
        and len(set(value)) == len(value)
    )


def _are_crews(value: object) -> bool:
    return isinstance(value, Mapping) and all(map(_is_limit, value.values()))


def _are_pairs(value: object) -> bool:
    return isinstance(value, list) and all(_are_keys(pair) and len(pair) == 2 for pair in value)


_FRAME: Mapping[str, tuple[Check, str]] = {
    "periods": (_is_positive, "exchange_positive"),
    "segments": (_is_list, "exchange_list"),
    "works": (_is_list, "exchange_list"),
    "crews": (_are_crews, "exchange_crews"),
    "conflicts": (_are_pairs, "exchange_pairs"),
}
_COLUMNS: Mapping[str, Mapping[str, tuple[Check, str]]] = {
    "segments": {
        "id": (_is_text, "exchange_text"),
        "opening_yuan": (_is_price, "exchange_price"),
        "open_period_yuan": (_is_price, "exchange_price"),
        "blocked": (_are_periods, "exchange_periods"),
    },
    "works": {
        "id": (_is_text, "exchange_text"),
        "utility": (_is_text, "exchange_text"),
        "segments": (_are_keys, "exchange_keys"),
        "duration": (_is_positive, "exchange_positive"),
        "earliest": (_is_whole, "exchange_whole"),
        "latest": (_is_whole, "exchange_whole"),
    },
}
"""What each value must be, and the sentence that says so where it is not."""
