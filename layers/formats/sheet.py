"""CSV and XLSX: rows under a line of headings."""

from __future__ import annotations

import csv
import io
import warnings
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
from openpyxl.utils.exceptions import InvalidFileException

from layers.flaw import Flaw
from layers.formats import encoding
from layers.formats.raw import Opened, Raw
from layers.names import POSITIONS
from layers.source import Source
from layers.tables import BY_NAME

_HEADING_WITHIN = 10
_DELIMITERS = ",\t;|"


@dataclass(frozen=True, slots=True)
class _Grid:
    """Rows of a sheet, each with its number as a spreadsheet shows it; blank ones left out."""

    rows: tuple[Sequence[object], ...]
    numbers: tuple[int, ...]


def open_sheet(source: Source, path: Path) -> Opened:
    """Open a CSV file or a workbook and find its headings.

    The headings are the one of the first ten rows that knows most of the table's columns: above
    them often stand a title and a date.

    Parameters
    ----------
    source
        Its `sublayer` chooses the sheet; without one the only sheet, or the one that bears the
        table's name, is taken.
    path
        The local file.

    Raises
    ------
    InputError
        If the file cannot be read, has no such sheet or an unknown encoding, or if the source has
        a `where`, which only vector files understand.
    """
    if source.where is not None:
        raise source.error("where_refused")
    workbook = path.suffix.lower() == ".xlsx"
    grid = _workbook(source, path) if workbook else _csv(source, path)
    if not grid.rows:
        raise source.error("layer_empty")
    top = _heading_row(source, grid)
    headings = tuple("" if cell is None else str(cell).strip() for cell in grid.rows[top])
    body = _Grid(grid.rows[top + 1 :], grid.numbers[top + 1 :])
    return Opened(
        headings=headings, positions=True, cut=False,
        records=partial(_records, body, headings, not workbook),
    )  # fmt: skip


def _records(grid: _Grid, headings: Sequence[str], shifts: bool, wanted: Sequence[str]) -> Raw:
    cells = pd.DataFrame(
        {
            heading: pd.Series(
                [_cell(row, headings.index(heading)) for row in grid.rows], dtype=object
            )
            for heading in wanted
        },
        index=pd.RangeIndex(len(grid.rows)),
    )
    width = len(headings)
    longer = np.array([any(map(_filled, row[width:])) for row in grid.rows], dtype=bool)
    flaw = Flaw(code="row_too_long", rows=longer & shifts, facts={"width": width})
    numbers = np.array([str(number) for number in grid.numbers], dtype=object)
    return Raw(cells=cells, rows=numbers, flaws=(flaw,))


def _cell(row: Sequence[object], place: int) -> object:
    return row[place] if place < len(row) else None


def _filled(cell: object) -> bool:
    return cell is not None and str(cell).strip() != ""


def _grid(rows: Sequence[Sequence[object]]) -> _Grid:
    kept = [(number, row) for number, row in enumerate(rows, start=1) if any(map(_filled, row))]
    return _Grid(tuple(row for _, row in kept), tuple(number for number, _ in kept))


def _heading_row(source: Source, grid: _Grid) -> int:
    table = BY_NAME[source.layer]
    known = {str(name).casefold() for name in source.columns.values()}
    for column in table:
        known |= {name.casefold() for name in (column.name, column.zh, *column.aliases)}
    for name, aliases in POSITIONS.items():
        known |= {name, *aliases}
    counts = [
        sum(str(cell).strip().casefold().split("(")[0].split("（")[0] in known for cell in row)
        for row in grid.rows[:_HEADING_WITHIN]
    ]
    return int(np.argmax(counts))


def _csv(source: Source, path: Path) -> _Grid:
    data = path.read_bytes()
    codec = source.encoding or _codec(data)
    if codec is None or not encoding.is_codec(codec):
        raise source.error("encoding_unknown")
    try:
        text = data.decode(codec)
    except UnicodeDecodeError as error:
        raise source.error("encoding_wrong", encoding=codec) from error
    first = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=first.count)
    try:
        return _grid(list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)))
    except csv.Error as error:
        raise source.error("file_unreadable", detail=str(error)) from error


def _codec(data: bytes) -> str | None:
    for mark, codec in (
        (b"\xef\xbb\xbf", "utf-8-sig"),
        (b"\xff\xfe", "utf-16"),
        (b"\xfe\xff", "utf-16"),
    ):
        if data.startswith(mark):
            return codec
    return encoding.sniff([data])


def _workbook(source: Source, path: Path) -> _Grid:
    try:
        with warnings.catch_warnings():
            # openpyxl warns of styles and validations that it leaves out; they hold no data
            warnings.simplefilter("ignore", category=UserWarning)
            book = openpyxl.load_workbook(path, read_only=True, data_only=False)
            try:
                sheet = book[_sheet_name(source, list(book.sheetnames))]
                sheet.reset_dimensions()
                return _grid(list(sheet.iter_rows(values_only=True)))
            finally:
                book.close()
    except (InvalidFileException, zipfile.BadZipFile, KeyError) as error:
        raise source.error("file_unreadable", detail=str(error)) from error


def _sheet_name(source: Source, names: Sequence[str]) -> str:
    """Return which sheet holds the source: the one it names, the only one, or one of its layer."""
    if source.sublayer is not None:
        if source.sublayer not in names:
            raise source.error("sublayer_unknown", name=source.sublayer, known=", ".join(names))
        return source.sublayer
    table = BY_NAME[source.layer]
    named = [name for name in names if name.casefold() in {table.name, table.zh}]
    if len(names) != 1 and len(named) != 1:
        raise source.error("sublayer_needed", known=", ".join(names))
    return names[0] if len(names) == 1 else named[0]
