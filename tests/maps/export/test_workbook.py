"""The spreadsheet: numbers are numbers, text is never a formula, sums are those of the plan."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from geo.messages import Language
from maps.export import workbook
from planner.finished import Finished
from planner.trench.plan import starts_yuan

FORMULA = "=cmd|' /C calc'!A0"


def book(study: Finished, folder: Path, language: Language = "zh") -> Workbook:
    path = folder / "plan.xlsx"
    workbook.write(study, path, language=language)
    return openpyxl.load_workbook(path)


@pytest.fixture(scope="module")
def made(study: Finished, tmp_path_factory: pytest.TempPathFactory) -> Workbook:
    return book(study, tmp_path_factory.mktemp("book"))


def column(page: Worksheet, heading: str) -> list[Any]:
    """Return the cells below a heading, without the row of sums."""
    [place] = [cell.column for cell in page[1] if cell.value == heading]
    last = int(page.auto_filter.ref.rpartition(":")[2].lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    return [page.cell(row, place) for row in range(2, last + 1)]


def test_sheets_stand_in_the_order_of_reading(made: Workbook) -> None:
    assert made.sheetnames == [
        "说明", "路段", "开挖", "工程", "费用", "单位分摊", "重复开挖", "未排期", "许可", "时限",
    ]  # fmt: skip


def test_headings_stay_in_view_and_filter(made: Workbook) -> None:
    for page in made.worksheets[1:]:
        assert page.freeze_panes == "B2"
        assert page.auto_filter.ref.startswith("A1:")
        assert all(cell.value for cell in page[1])
        assert all(page.column_dimensions[cell.column_letter].width >= 8 for cell in page[1])


def test_numbers_and_days_are_such_and_bear_their_formats(made: Workbook, study: Finished) -> None:
    page = made["开挖"]
    openings = study["openings"]
    costs = column(page, "费用（元，假设单价）")
    assert [cell.value for cell in costs] == pytest.approx(list(openings["cost_yuan"]))
    assert {cell.number_format for cell in costs} == {"#,##0.00"}
    dug = column(page, "开挖长度（m）")
    assert {cell.number_format for cell in dug} == {"#,##0.0"}
    begins = column(page, "开工")
    assert [cell.value for cell in begins] == list(openings["starts_on"])
    assert {cell.number_format for cell in begins} == {"yyyy-mm-dd"}
    assert all(isinstance(cell.value, int) for cell in column(page, "工期（天）"))


def test_every_yuan_is_labelled_where_its_prices_are_assumed(made: Workbook) -> None:
    headings = [str(cell.value) for page in made.worksheets[1:] for cell in page[1]]
    money = [text for text in headings if "元" in text and "单元" not in text]
    assert money
    assert all("假设单价" in text for text in money)
    assert any("假设单价" in str(row[0].value) for row in made["说明"].iter_rows())


def test_sums_are_those_of_the_plan(made: Workbook, study: Finished) -> None:
    page = made["费用"]
    assert [cell.value for cell in column(page, "开挖编号")] == list(study["openings"].opening_id)
    total = {page.cell(1, cell.column).value: cell.value for cell in page[page.max_row]}
    starts = starts_yuan(study.problem, study.starts)
    cost = study.figures["trench"]["cost_yuan"]
    assert total["开挖编号"] == "合计"
    assert total["费用（元，假设单价）"] + starts == pytest.approx(cost)
    fen = 0.01 * len(study["openings"])
    assert total["分摊费用（元，假设单价）"] + starts == pytest.approx(cost, abs=fen)
    owners = made["单位分摊"]
    sums = {owners.cell(1, cell.column).value: cell.value for cell in owners[owners.max_row]}
    assert sums["分摊费用（元，假设单价）"] == pytest.approx(total["分摊费用（元，假设单价）"])
    assert sums["节约（元，假设单价）"] == pytest.approx(total["节约（元，假设单价）"], abs=0.01)


def test_the_first_sheet_tells_study_figures_and_assumptions(
    made: Workbook, study: Finished
) -> None:
    page = made["说明"]
    texts = [str(cell.value) for row in page.iter_rows() for cell in row if cell.value]
    assert texts[0] == study.name
    assert "2026-01-01 – 2026-12-31" in texts
    assert any("生成数据" in text for text in texts)
    assert "trench.setup_yuan" in texts
    unverified = {value.name for value in study.settings if value.unverified}
    assert unverified <= set(texts)


def test_a_name_that_looks_like_a_formula_stays_text(nasty: Finished, tmp_path: Path) -> None:
    opened = book(nasty, tmp_path)
    cells = [cell for page in opened.worksheets for row in page.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n", "d", "b"}
    named = [cell for cell in cells if FORMULA in str(cell.value)]
    assert len(named) > len(nasty["openings"])
    assert {cell.value for cell in named} == {f"'{FORMULA}"}
    assert not any("\x07" in str(cell.value) for cell in cells)


def test_permits_name_authority_days_and_clause(made: Workbook) -> None:
    page = made["许可"]
    assert "城市道路管理条例" in str([cell.value for cell in column(page, "条款")])
    assert {cell.value for cell in column(page, "依据性质")} <= {"有据", "假设"}
    assert {cell.value for cell in column(page, "办理时限（工作日）")} == {5, 7}


def test_deadlines_name_the_day_and_the_source(made: Workbook, study: Finished) -> None:
    page = made["时限"]
    days = [cell.value.date() for cell in column(page, "办结时限")]
    assert days == [day.date() for day in study["connections"]["deadline_on"]]
    assert all(isinstance(cell.value, dt.datetime) for cell in column(page, "受理日期"))
    assert "30 个工作日" in column(page, "时限依据")[0].value


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_study_without_results_still_makes_a_book(
    nothing: Finished, tmp_path: Path, language: Language
) -> None:
    assert len(book(nothing, tmp_path, language).sheetnames) == 10


def test_english_books_have_english_headings(study: Finished, tmp_path: Path) -> None:
    page = book(study, tmp_path, "en")["Openings"]
    headings = [cell.value for cell in page[1]]
    assert "cost (yuan, assumed prices)" in headings
    assert all(str(heading).isascii() or "²" in heading or "³" in heading for heading in headings)
