"""From the cells of a file to the values of a column, whole columns at a time.

Nothing is guessed: a cell that is not plainly a number, a day, a yes or no or a known code is a
flaw of its row. Units that a cell names itself ("1.2 km", "DN200") are honoured.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers import units
from layers.flaw import Bools, Flaw, Objects, has_identity_number, has_personal_number
from layers.tables import Column

_Wrong = tuple[str, Bools, Mapping[str, object]]

_NULLS = frozenset({"", "null", "<null>", "none", "nan", "nat"})
_SEVERAL = re.compile(r"[,、;/+\s]+")
"""Between the values of a cell that names several, after NFKC (full-width signs are plain)."""
_BLANKS = _NULLS | {"-", "--", "—", "——", "/", "\\", "无", "n/a", "na"}
_FILED_BY_PERSONS = "application_id"
"""Keys of things, such as OpenStreetMap's, may look like a mobile number; this one may be one."""
_FORMULA = re.compile(r"^(?:=|#(?:REF!|N/A|VALUE!|NAME\?|DIV/0!|NUM!|NULL!))")
_NUMBER = re.compile(
    r"^(?P<mark>dn|de|φ|ø)?\s*(?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)\s*(?P<unit>\D*)$"
)
_THOUSANDS = re.compile(r"^[+-]?\d{1,3}(?:,\d{3})+(?!\d)")
_DAY = (
    r"^(\d{4})(?:[-/.年](\d{1,2})[-/.月](\d{1,2})日?|(\d{2})(\d{2}))"
    r"(?:[t ]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:z|[+-]\d{2}:?\d{2})?)?$"
)
_YEARS = (1900, 2200)
_YEAR_SUFFICES = frozenset({"built_on"})
"""建设年代 of a line is a year in most tables; a deadline or a moratorium needs its day."""

_TRUE = frozenset({"true", "t", "yes", "y", "1", "是", "有", "√", "室内", "室分", "indoor"})
_FALSE = frozenset({"false", "f", "no", "n", "0", "否", "无", "×", "x", "室外", "宏站", "outdoor"})


@dataclass(frozen=True, slots=True, eq=False)
class Converted:
    """A column's checked cells, shape (n,), and their flaws."""

    cells: pd.Series
    flaws: tuple[Flaw, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class _Read:
    """Values of the distinct cells, and what is wrong with which: code, mask, facts."""

    cells: pd.Series
    wrong: tuple[_Wrong, ...]


def convert(
    cells: pd.Series,
    column: Column,
    *,
    heading: str = "",
    factor: float = 1.0,
    codes: Mapping[str, str] | None = None,
) -> Converted:
    """Turn a file's cells into the values of a column.

    Parameters
    ----------
    cells
        Cells as read: text, numbers, dates or a mix.
    column
        What they should become.
    heading
        The column's heading in the file, for messages.
    factor
        What numbers are multiplied by to be in the column's unit.
    codes
        Spellings of this file, each with the canonical value it means.

    Returns
    -------
    Converted
        Values as `empty` types them; where a cell has a flaw its value is empty.

    Examples
    --------
    >>> from layers.tables import WORKS
    >>> convert(pd.Series(["DN200", "0.3 m"]), WORKS["diameter_mm"]).cells.tolist()
    [200.0, 300.0]
    """
    text, which = _distinct(cells)
    plain = [_plain(cell) for cell in text]
    blanks = _BLANKS if column.values or column.kind != "text" else _NULLS
    blank = _mask(cell in blanks for cell in plain)
    formula = _mask(_FORMULA.match(cell) is not None for cell in text)
    read = _read(text, plain, column, factor, codes or {})
    faults: list[_Wrong] = [("cell_formula", formula, {})]
    faults += [(code, rows & ~blank & ~formula, facts) for code, rows, facts in read.wrong]
    if not column.nullable:
        faults.append(("cell_empty", blank, {}))
    values = read.cells.mask(blank | formula).iloc[which].set_axis(cells.index)
    shown = {"value": text[which]}
    flaws = tuple(
        Flaw(code=code, rows=rows[which], column=heading or column.name, facts=facts, each=shown)
        for code, rows, facts in faults
        if rows[which].any()
    )
    return Converted(_settled(values, column), flaws)


def empty(column: Column, count: int) -> pd.Series:
    """Return `count` cells of a column that no file fills: its default, or nothing."""
    dtype = {"text": "object", "flag": "object", "date": "datetime64[ns]"}
    nothing = pd.Series([None] * count, dtype=dtype.get(column.kind, "float64"))
    return _settled(nothing, column)


def _settled(values: pd.Series, column: Column) -> pd.Series:
    """Put the default into empty cells and settle the type; missing text is None."""
    if column.default is not None:
        values = values.where(values.notna(), column.default)
    if column.kind == "flag":
        return values.astype(bool)
    if column.kind == "text":
        return values.astype(object).where(values.notna(), None)
    return values


def _distinct(cells: pd.Series) -> tuple[Objects, NDArray[np.intp]]:
    """Return the distinct cells as stripped text, and for each row which of them it has."""
    which, distinct = pd.factorize(cells, use_na_sentinel=True)
    text = np.array([*(_spelled(cell) for cell in distinct), ""], dtype=object)
    return text, np.where(which < 0, len(text) - 1, which)


def _spelled(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, dt.datetime):
        return cell.isoformat(sep=" ")
    return str(cell).strip()


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().strip()


def _mask(truths: Iterable[bool]) -> Bools:
    return np.fromiter(truths, dtype=bool)


def _read(
    text: Objects, plain: list[str], column: Column, factor: float, codes: Mapping[str, str]
) -> _Read:
    if column.values:
        return _read_codes(plain, column, codes)
    if column.kind in {"number", "integer"}:
        return _read_numbers(plain, column, factor)
    if column.kind == "date":
        return _read_dates(plain, column)
    if column.kind == "flag":
        return _read_flags(plain, column, codes)
    return _read_texts(text, column)


def _read_texts(text: Objects, column: Column) -> _Read:
    values = pd.Series(text, dtype=object)
    key = column.name.endswith("_id") and column.name != _FILED_BY_PERSONS
    holds = has_identity_number if key else has_personal_number
    personal = _mask(holds(cell) for cell in text)
    return _Read(values, (("cell_personal", personal, {}),))


def _read_codes(plain: list[str], column: Column, codes: Mapping[str, str]) -> _Read:
    meanings = {_plain(code): code for code in column.values}
    for code, spellings in column.values.items():
        meanings.update({_plain(spelling): code for spelling in spellings})
    meanings.update({_plain(spelling): code for spelling, code in codes.items()})
    found = [_codes(cell, meanings) if column.several else meanings.get(cell) for cell in plain]
    allowed = column.values.keys()
    unknown = _mask(code is None or not {*code.split(",")} <= allowed for code in found)
    known = ", ".join(f"{names[0]} {code}" for code, names in column.values.items())
    return _Read(
        pd.Series(found, dtype=object), (("cell_unknown_code", unknown, {"known": known}),)
    )


def _codes(cell: str, meanings: Mapping[str, str]) -> str | None:
    """Return the codes that a cell names, each once and with commas; None where one is unknown."""
    named = [meanings.get(part) for part in _SEVERAL.split(cell) if part]
    known = [code for code in named if code is not None]
    return ",".join(dict.fromkeys(known)) if len(known) == len(named) > 0 else None


def _read_numbers(plain: list[str], column: Column, factor: float) -> _Read:
    number = np.array([_number(cell, column.unit, factor) for cell in plain])
    known = np.isfinite(number)
    low = -np.inf if column.at_least is None else column.at_least
    high = np.inf if column.at_most is None else column.at_most
    bounds = f"{_bound(low)} … {_bound(high)} {column.unit}".strip()
    beyond = known & ((number < low) | (number > high))
    broken = known & (column.kind == "integer") & (np.where(known, number, 0.0) % 1.0 != 0.0)
    return _Read(
        pd.Series(np.where(known, number, np.nan)),
        (
            ("cell_not_number", ~known, {}),
            ("cell_out_of_range", beyond, {"range": bounds}),
            ("cell_not_whole", broken, {}),
        ),
    )


def _bound(value: float) -> str:
    return {np.inf: "∞", -np.inf: "-∞"}.get(value, f"{value:g}")


def _number(cell: str, unit: str, factor: float) -> float:
    """Return a cell's number in the column's unit; NaN where it is not plainly one."""
    if _THOUSANDS.match(cell):
        cell = cell.replace(",", "")
    parts = _NUMBER.match(cell)
    if parts is None or (parts["mark"] and unit != "mm"):
        return np.nan
    own = units.factor(parts["unit"], unit) if parts["unit"] else factor
    return np.nan if own is None else float(parts["number"]) * own


def _read_dates(plain: list[str], column: Column) -> _Read:
    cells = pd.Series(plain, dtype=object)
    if column.name in _YEAR_SUFFICES:
        cells = cells.str.replace(r"^(\d{4})年?$", r"\1-01-01", regex=True)
    found = cells.str.extract(_DAY).astype("float64")
    month, day = found[1].fillna(found[3]), found[2].fillna(found[4])
    parts = pd.DataFrame({"year": found[0], "month": month, "day": day})
    parts = parts.where(parts["year"].between(*_YEARS))
    days = pd.to_datetime(parts, errors="coerce").astype("datetime64[ns]")
    return _Read(days, (("cell_not_date", days.isna().to_numpy(), {}),))


def _read_flags(plain: list[str], column: Column, codes: Mapping[str, str]) -> _Read:
    own = _plain(column.zh)
    meanings = dict.fromkeys(_FALSE, False) | dict.fromkeys(_TRUE, True) | {own: True}
    meanings |= {f"{prefix}{own}": False for prefix in ("未", "不", "非", "无", "没")}
    meanings |= {
        _plain(spelling): meanings[_plain(meaning)]
        for spelling, meaning in codes.items()
        if _plain(meaning) in meanings
    }
    said = pd.Series([meanings.get(cell) for cell in plain], dtype=object)
    return _Read(said, (("cell_not_flag", said.isna().to_numpy(), {}),))


def numbers(cells: pd.Series) -> NDArray[np.float64]:
    """Return cells as plain numbers without a unit, shape (n,); NaN where one is not."""
    text, which = _distinct(cells)
    found = np.array([_number(_plain(cell), "", 1.0) for cell in text])
    return found[which]


def repeated(value: object, column: Column, count: int) -> pd.Series:
    """Return a column that holds one checked value `count` times."""
    return pd.Series([value] * count, dtype=empty(column, 0).dtype)
