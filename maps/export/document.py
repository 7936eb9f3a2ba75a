"""A Word document from plain blocks: headings, paragraphs, lists, tables and pictures on A4."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import docx
from docx.document import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.table import CT_Row
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shared import Mm, Pt, RGBColor
from docx.table import _Cell
from docx.text.paragraph import Paragraph

from maps.export.plain import plain, steady

TEXT_MM = 160.0
"""Width of the text on the page, and of a table or picture that fills it."""

_BODY, _TITLE, _LATIN = "宋体", "黑体", "Times New Roman"
_STYLES = frozenset({
    "Normal", "Title", "Heading 1", "Heading 2", "List Bullet", "Caption", "Header", "Footer",
    "Default Paragraph Font", "Normal Table", "Table Grid", "No List",
})  # fmt: skip
_MARGIN_MM = 25.0
_SHADE = "E8EEF4"


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading: the document's title at level 0; `new_page` begins a page with it."""

    text: str
    level: int = 1
    new_page: bool = False


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph; `note` sets it small and grey."""

    text: str
    note: bool = False


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list of sentences."""

    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """A table.

    Parameters
    ----------
    head
        Headings, repeated on every page; empty for a table of names and values.
    rows
        Texts; where `head` is empty every other column holds names.
    widths
        Share of the text's width that each column takes.
    right
        Columns set to the right, as numbers are.
    """

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...]
    right: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG across the page, with what it shows."""

    png: bytes
    caption: str
    width_mm: float = TEXT_MM


Block = Heading | Text | Bullets | Grid | Picture


def package(blocks: Sequence[Block], *, title: str, day: dt.date, foot: str) -> bytes:
    """Return a document as the bytes of a ``.docx``; the same blocks give the same bytes.

    Parameters
    ----------
    blocks
        What the document says, in order.
    title
        Title among its properties.
    day
        Day stated as that of its creation.
    foot
        Line at the foot of every page, before the page's number.
    """
    made = docx.Document()
    _properties(made, title)
    _page(made)
    _fonts(made)
    _foot(made, foot)
    for block in blocks:
        _add(made, block)
    stream = io.BytesIO()
    made.save(stream)
    return steady(stream.getvalue(), day)


def _properties(made: Document, title: str) -> None:
    core = made.core_properties
    core.author = core.last_modified_by = "tonggou"
    core.title, core.comments = plain(title)[:255], ""


def _page(made: Document) -> None:
    section = made.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(_MARGIN_MM)
    section.top_margin = section.bottom_margin = Mm(_MARGIN_MM)


def _fonts(made: Document) -> None:
    """Set Chinese and Latin fonts of the styles that are used; drop the template's others."""
    for style in list(made.styles):
        if style.name.removesuffix(" Char") not in _STYLES:
            style.element.getparent().remove(style.element)
    sizes = {"Normal": 10.5, "Title": 18, "Heading 1": 14, "Heading 2": 12, "List Bullet": 10.5,
             "Caption": 9}  # fmt: skip
    for name, size in sizes.items():
        style = made.styles[name]
        heads = name in {"Title", "Heading 1", "Heading 2"}
        style.font.name, style.font.size = _LATIN, Pt(size)
        style.font.color.rgb = RGBColor(0, 0, 0)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for mark in list(fonts.attrib):
            if mark.endswith("Theme"):
                del fonts.attrib[mark]
        fonts.set(qn("w:eastAsia"), _TITLE if heads else _BODY)
        fonts.set(qn("w:hAnsi"), _LATIN)
        speech = OxmlElement("w:lang")
        speech.set(qn("w:val"), "en-US")
        speech.set(qn("w:eastAsia"), "zh-CN")
        style.element.get_or_add_rPr().append(speech)
        style.paragraph_format.space_after = Pt(4)
    made.styles["Caption"].font.bold = False


def _foot(made: Document, text: str) -> None:
    paragraph = made.sections[0].footer.paragraphs[0]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _small(paragraph, f"{plain(text)}  ")
    run = paragraph.add_run()
    run.font.size = Pt(8)
    for kind, instruction in (("begin", ""), ("", "PAGE"), ("end", "")):
        element = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            element.set(qn("w:fldCharType"), kind)
        element.text = instruction or None
        run.element.append(element)


def _small(paragraph: Paragraph, text: str) -> None:
    run = paragraph.add_run(text)
    run.font.size, run.font.color.rgb = Pt(8.5), RGBColor(0x5B, 0x67, 0x70)


def _add(made: Document, block: Block) -> None:
    match block:
        case Heading(text, level, new_page):
            heading = made.add_heading(plain(text), level)
            heading.paragraph_format.page_break_before = new_page or None
            if level == 0:
                heading.alignment = WD_ALIGN_PARAGRAPH.CENTER
        case Text(text, note):
            paragraph = made.add_paragraph()
            if note:
                _small(paragraph, plain(text))
            else:
                paragraph.add_run(plain(text))
        case Bullets(texts):
            for text in texts:
                made.add_paragraph(plain(text), style="List Bullet")
        case Picture(png, caption, width_mm):
            paragraph = made.add_paragraph()
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
            paragraph.paragraph_format.keep_with_next = True
            paragraph.add_run().add_picture(io.BytesIO(png), width=Mm(width_mm))
            line = made.add_paragraph(plain(caption), style="Caption")
            line.alignment = WD_ALIGN_PARAGRAPH.CENTER
        case Grid():
            _grid(made, block)


def _grid(made: Document, grid: Grid) -> None:
    table = made.add_table(len(grid.rows) + bool(grid.head), len(grid.widths), style="Table Grid")
    lines: Sequence[CT_Row] = made.element.body.tbl_lst[-1].tr_lst
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    for column, share in zip(table.columns, grid.widths, strict=True):
        column.width = _share(grid, share)
    rows = [grid.head, *grid.rows] if grid.head else list(grid.rows)
    names = range(0, len(grid.widths), 2)
    for place, (line, texts) in enumerate(zip(lines, rows, strict=True)):
        heads = bool(grid.head) and place == 0
        line.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        if heads:
            line.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
        shaded = range(len(texts)) if heads else () if grid.head else names
        for column in shaded:
            line.tc_lst[column].get_or_add_tcPr().append(_shade())
        _fill(table.rows[place].cells, texts, grid, left=shaded)
    made.add_paragraph().paragraph_format.space_after = Pt(2)


def _share(grid: Grid, share: float) -> Mm:
    return Mm(TEXT_MM * share / sum(grid.widths))


def _fill(
    cells: Sequence[_Cell], texts: Sequence[str], grid: Grid, *, left: Collection[int]
) -> None:
    for column, (cell, text) in enumerate(zip(cells, texts, strict=True)):
        cell.width = _share(grid, grid.widths[column])
        paragraph = cell.paragraphs[0]
        paragraph.paragraph_format.space_after = Pt(0)
        run = paragraph.add_run(plain(text))
        run.font.size = Pt(9)
        if column in grid.right and column not in left:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT


def _shade() -> BaseOxmlElement:
    """Return the ground of a cell that holds a name."""
    shade: BaseOxmlElement = OxmlElement("w:shd")
    shade.set(qn("w:val"), "clear")
    shade.set(qn("w:fill"), _SHADE)
    return shade
