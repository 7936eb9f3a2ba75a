"""The plan as a spreadsheet: what it says first, then a sheet for each table."""

from __future__ import annotations

import datetime as dt
import io
import unicodedata
from collections.abc import Iterator, Sequence
from math import ceil
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from geo.messages import Language
from layers.quarantine import neutral
from maps.export import plain
from maps.export.cover import Block, cover
from maps.export.sheets import FORMATS, Sheet, sheets
from planner.finished import Finished

_FAMILY = "微软雅黑"
_INK, _SECOND, _GROUND = "1D2730", "5B6770", "E8EEF4"
_NARROW, _WIDE = 8, 46
_COVER_WIDTHS = (42, 46, 14, 14, 60, 12)
_LINE_PT, _HEADING_PT = 15.0, 32.0
_INDENT = 2
_MOST_TEXT = 32_000
_LOOKED_AT = 400
_LINE = Side(style="thin", color="DADFE3")


def write(study: Finished, path: Path, *, language: Language = "zh") -> None:
    """Write ``plan.xlsx``; the same study gives the same bytes.

    Parameters
    ----------
    study
        A finished study.
    path
        File to write, replaced if it exists.
    language
        Of headings and words; names and the reasons in tables are as the study has them.
    """
    book = openpyxl.Workbook()
    book.properties.creator = "tonggou"
    book.properties.title = plain.plain(study.name)
    _add_styles(book)
    _cover(book.active, cover(study, language))
    for sheet in sheets(study, language):
        _fill(book.create_sheet(sheet.title), sheet)
    stream = io.BytesIO()
    book.save(stream)
    plain.write(plain.steady(stream.getvalue(), study.start), path)


def _add_styles(book: Workbook) -> None:
    """Name the styles once: cells that bear a name are written fast."""
    ink = Font(name=_FAMILY, size=10, color=_INK)
    bold = Font(name=_FAMILY, size=10, bold=True, color=_INK)
    wrapped = Alignment(vertical="top", horizontal="left", wrap_text=True, indent=1)
    line = Alignment(vertical="top", horizontal="left")
    above = Border(top=Side(style="medium", color=_SECOND))
    centred = Alignment(vertical="center", horizontal="center", wrap_text=True)
    styles = [
        NamedStyle("tg text", font=ink, alignment=wrapped),
        NamedStyle("tg line", font=ink, alignment=line),
        NamedStyle("tg total text", font=bold, alignment=wrapped, border=above),
        NamedStyle("tg title", font=Font(name=_FAMILY, size=18, bold=True, color=_INK)),
        NamedStyle("tg block", font=Font(name=_FAMILY, size=12, bold=True, color=_INK)),
        NamedStyle(
            "tg heading", font=bold, alignment=centred, border=Border(bottom=_LINE),
            fill=PatternFill("solid", fgColor=_GROUND),
        ),
    ]  # fmt: skip
    top = Alignment(vertical="top")
    for form in FORMATS:
        styles.append(NamedStyle(f"tg {form}", font=ink, alignment=top, number_format=form))
        total = NamedStyle(f"tg total {form}", font=bold, border=above, number_format=form)
        styles.append(total)
    for style in styles:
        book.add_named_style(style)


def _put(cell: Cell, value: object, style: str) -> None:
    """Set a cell: numbers and days as such, text as text, never as a formula."""
    cell.style = style
    if isinstance(value, (int, float, dt.date)):
        form = cell.number_format
        cell.value = value
        cell.number_format = form  # a day would bring its own
    elif text := neutral(plain.plain(value))[:_MOST_TEXT]:
        cell.value = text
        cell.data_type = "s"


def _fill(page: Worksheet, sheet: Sheet) -> None:
    """Write a table below a heading that stays in view and filters."""
    for column, heading in enumerate(sheet.headings, start=1):
        _put(page.cell(1, column), heading.text, "tg heading")
    widths = tuple(_widths(sheet))
    for place, row in enumerate(sheet.rows, start=2):
        _row(page, place, row, sheet, "tg ")
        _raise(page, place, row, widths)
    last = len(sheet.rows) + 1
    page.auto_filter.ref = f"A1:{get_column_letter(len(sheet.headings))}{last}"
    if sheet.total:
        _row(page, last + 1, sheet.total, sheet, "tg total ")
    page.freeze_panes = "B2"
    page.row_dimensions[1].height = _HEADING_PT
    _set_widths(page, widths)
    _printed(page)


def _row(page: Worksheet, place: int, row: Sequence[Any], sheet: Sheet, style: str) -> None:
    for column, value in enumerate(row, start=1):
        form = "text" if isinstance(value, str) else sheet.headings[column - 1].form or "text"
        _put(page.cell(place, column), value, style + form)


def _raise(page: Worksheet, place: int, row: Sequence[Any], widths: Sequence[float]) -> None:
    """Make a row as high as its longest text needs, since not every program does so itself."""
    cells = zip(row, widths, strict=False)
    texts = ((value, width) for value, width in cells if isinstance(value, str))
    lines = max((ceil((_width(text) + _INDENT) / width) for text, width in texts), default=1)
    if lines > 1:
        page.row_dimensions[place].height = lines * _LINE_PT


def _set_widths(page: Worksheet, widths: Sequence[float]) -> None:
    for column, width in enumerate(widths, start=1):
        page.column_dimensions[get_column_letter(column)].width = width


def _widths(sheet: Sheet) -> Iterator[float]:
    """Yield column widths in characters: the widest cell, headings in two lines."""
    for column, heading in enumerate(sheet.headings):
        rows = (*sheet.rows[:_LOOKED_AT], *((sheet.total,) if sheet.total else ()))
        cells = (_shown(row[column], heading.form) for row in rows if column < len(row))
        widest = max((_width(text) for text in cells), default=0)
        yield min(_WIDE, max(_NARROW, widest + _INDENT + 1, _width(heading.text) / 2 + 4))


def _shown(value: object, form: str) -> str:
    """Return about what a cell shows."""
    if isinstance(value, float):
        digits = len(form.partition(".")[2])
        return f"{value:,.{digits}f}"
    return f"{value:,}" if isinstance(value, int) else plain.plain(value)


def _width(text: str) -> int:
    """Return how many characters wide a text is; a Chinese one counts two."""
    lines = text.splitlines() or [""]
    return max(
        sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in line)
        for line in lines
    )


def _printed(page: Worksheet) -> None:
    page.page_setup.orientation = "landscape"
    page.page_setup.paperSize = page.PAPERSIZE_A4
    page.page_setup.fitToHeight = 0
    page.sheet_properties.pageSetUpPr.fitToPage = True
    page.print_title_rows = "1:1"
    page.page_margins.left = page.page_margins.right = 0.4
    page.page_margins.top, page.page_margins.bottom = 0.6, 0.8
    page.oddFooter.center.text = "&A  &P / &N"


def _cover(page: Worksheet, blocks: Sequence[Block]) -> None:
    """Write the first sheet: title, then headed blocks of a few columns each."""
    page.title = blocks[0].title
    place = 1
    for block in blocks:
        place = _block(page, place, block) + 1
    _set_widths(page, _COVER_WIDTHS)
    page.sheet_view.showGridLines = False
    page.freeze_panes = "A2"
    _printed(page)


def _block(page: Worksheet, place: int, block: Block) -> int:
    """Write one block from a row on, and return the row after it."""
    _put(page.cell(place, 1), block.heading, "tg title" if place == 1 else "tg block")
    place += 1
    for column, text in enumerate(block.columns, start=1):
        _put(page.cell(place, column), text, "tg heading")
    place += bool(block.columns)
    for row in block.rows:
        for column, value in enumerate(row, start=1):
            _put(page.cell(place, column), value, "tg text" if block.columns else "tg line")
        if block.columns:
            _raise(page, place, row, _COVER_WIDTHS)
        place += 1
    return place
