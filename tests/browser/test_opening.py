"""What the report says of one opening, of two that meet, and of the plan as a whole."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from playwright.sync_api import Page

from geo.messages import Language
from maps import report

pytestmark = pytest.mark.browser
Opens = Callable[..., Any]
LISTS = ("openings", "decisions", "reopenings", "unplaced", "plan")
JOINT_AND_AGAIN = """tonggou.views.trench.load().all.find((one) => one.again.length
    && new Set(one.members.map((m) => tonggou.data('trench').participants.owner[m])).size > 1)"""


def _choose(page: Page, which: str = JOINT_AND_AGAIN) -> None:
    page.evaluate(f"tonggou.views.trench.choose({which}.i)")
    page.wait_for_timeout(200)


def _list(page: Page, key: str) -> None:
    page.evaluate(f"tonggou.change({{ list: {{ trench: '{key}' }} }})")
    page.wait_for_timeout(150)


def _numbers(page: Page, rows: str) -> list[list[int]]:
    texts = page.locator(rows).evaluate_all(
        "rows => rows.map((row) => [...row.cells].slice(1).map((cell) => cell.textContent))"
    )
    return [[int(text.replace(",", "").replace("−", "-")) for text in row] for row in texts]


@pytest.fixture(scope="session")
def english_file(factory: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("english") / "report.html"
    report.write(factory.result(), path, language="en")
    return path


@pytest.mark.parametrize("size", ["desk", "office", "phone"])
def test_an_opening_shows_its_section_with_dimensions(
    opens: Opens, report_file: Path, size: str
) -> None:
    opened = opens(report_file, size=size)
    _choose(opened.page)
    opened.page.evaluate("tonggou.change({ pane: 'detail' })")
    drawing = opened.page.locator("#detail .drawing svg")
    drawing.scroll_into_view_if_needed()
    assert drawing.bounding_box()["width"] >= 320
    assert re.search(r"\d\.\d\d×\d\.\d\d", drawing.text_content())
    assert "断面宽" in drawing.text_content()
    room = opened.page.locator("#detail").bounding_box()
    assert drawing.bounding_box()["x"] + drawing.bounding_box()["width"] <= (
        room["x"] + room["width"]
    )
    assert opened.faults == []


def test_the_shares_of_each_split_add_up_to_the_opening(opens: Opens, report_file: Path) -> None:
    opened = opens(report_file)
    _choose(opened.page)
    rows = _numbers(opened.page, "#detail .split tbody tr")
    [sums] = _numbers(opened.page, "#detail .split tfoot tr")
    assert len(rows) > 1
    assert [sum(column) for column in zip(*rows, strict=True)] == sums
    cost = opened.page.evaluate(
        "tonggou.data('trench').openings.cost_yuan[tonggou.state.chosen.trench]"
    )
    assert sums[1:] == pytest.approx([cost, cost], abs=1)
    assert "稳定" in opened.page.locator("#detail").inner_text()


def test_a_split_that_was_not_tested_says_so(opens: Opens, report_file: Path) -> None:
    opened = opens(report_file)
    opened.page.evaluate(
        "(i) => { const {openings} = tonggou.data('trench');"
        " openings.excess_yuan[i] = null; openings.group[i] = '未检验'; }",
        opened.page.evaluate(f"{JOINT_AND_AGAIN}.i"),
    )
    _choose(opened.page)
    assert "未检验" in opened.page.locator("#detail").inner_text()


def test_a_reopening_names_both_times_the_rule_and_the_cheapest_change(
    opens: Opens, report_file: Path
) -> None:
    opened = opens(report_file)
    _choose(opened.page)
    again = opened.page.locator("#detail .again").first
    for word in ("先次", "后次", "时段不相交", "提前 12 天", "减少 55,813 元"):
        assert word in again.inner_text()
    before = opened.page.evaluate("tonggou.state.chosen.trench")
    again.locator("button.go").click()
    assert opened.page.evaluate("tonggou.state.chosen.trench") != before


def test_an_opening_in_a_closed_time_says_by_what_right(
    opens: Opens, factory: ModuleType, tmp_path: Path
) -> None:
    made = factory.result()
    made.trench.openings["exempt"] = "W00000（应急抢修）在禁挖期内：2026-02-15 ~ 2026-02-23 春节"
    path = tmp_path / "exempt.html"
    report.write(made, path)
    opened = opens(path)
    _choose(opened.page)
    assert "禁挖期内开挖" in opened.page.locator("#detail .badge.stop").inner_text()
    assert "应急抢修" in opened.page.locator("#detail .quote.stop").inner_text()


def test_a_decision_marks_both_openings(opens: Opens, report_file: Path) -> None:
    opened = opens(report_file)
    _list(opened.page, "decisions")
    opened.page.locator("#table .row:not(.head-row)").first.click()
    opened.page.wait_for_timeout(200)
    assert opened.page.evaluate("tonggou.state.item.openings.length") == 2
    assert opened.page.locator("#table .row.chosen").count() == 1
    detail = opened.page.locator("#detail")
    assert "建议" in detail.inner_text()
    assert detail.locator(".sides .go").count() == 2
    detail.locator(".sides .go").last.click()
    assert "参与工程" in detail.inner_text()
    assert opened.faults == []


def test_settled_decisions_are_folded_away(opens: Opens, report_file: Path) -> None:
    opened = opens(report_file)
    _list(opened.page, "decisions")
    rows = opened.page.locator("#table .row:not(.head-row)")
    opened.page.select_option("#choice select", "conflict")
    assert rows.count() == 0
    assert "已解决" in opened.page.locator("#table .nothing").inner_text()
    opened.page.locator(".fold").click()
    assert rows.count() == 1
    opened.page.select_option("#choice select", "split")
    rows.first.click()
    assert "首尾相接" in opened.page.locator("#detail").inner_text()


def test_a_work_without_a_place_gives_rules_reason_and_change(
    opens: Opens, report_file: Path
) -> None:
    opened = opens(report_file)
    _list(opened.page, "unplaced")
    opened.page.locator("#table .row:not(.head-row)").first.click()
    detail = opened.page.locator("#detail").inner_text()
    for word in ("W9001", "新建或大修年限", "禁挖", "推迟 240 天", "增加 61,000 元"):
        assert word in detail


def test_the_plan_page_tells_of_robustness_crews_and_the_gap(
    opens: Opens, report_file: Path
) -> None:
    opened = opens(report_file)
    _list(opened.page, "plan")
    page = opened.page.locator("#table")
    for word in ("下界", "工期全部延长", "国网示例供电公司", "多一支施工队值多少", "差额在哪里"):
        assert word in page.inner_text()
    assert not opened.page.locator(".tools").is_visible()
    sentence = page.locator(".more").first
    assert not sentence.is_visible()
    page.locator(".tight .go").first.click()
    assert "次仍为一次" in sentence.inner_text()
    weeks = page.locator("tbody tr", has_text="03-")
    assert weeks.count() == 3


def test_an_empty_plan_says_what_is_missing(
    opens: Opens, factory: ModuleType, tmp_path: Path
) -> None:
    path = tmp_path / "empty.html"
    report.write(factory.emptied(factory.result()), path)
    opened = opens(path)
    for key in LISTS:
        _list(opened.page, key)
        assert opened.page.locator("#table .nothing, #table .none").count() >= 1
    assert opened.page.locator("#table .none").count() == 3
    assert opened.faults == []


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("size", ["office", "phone"])
def test_no_list_and_no_detail_is_wider_than_the_window(
    opens: Opens, report_file: Path, english_file: Path, size: str, language: Language
) -> None:
    opened = opens(report_file if language == "zh" else english_file, size=size)
    page = opened.page
    _choose(page)
    for pane, key in (("detail", "openings"), *(("list", key) for key in LISTS)):
        page.evaluate(f"tonggou.change({{ pane: '{pane}' }})")
        _list(page, key)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        wide = page.evaluate(
            """[...document.querySelectorAll('.side *:not(svg *)')].filter((e) => e.offsetParent
            && e.getBoundingClientRect().right > innerWidth + 0.5).map((e) => e.className)"""
        )
        assert wide == []
    assert opened.faults == []
    assert [url for url in opened.requests if not url.startswith(("file:", "data:"))] == []


def test_an_english_page_has_no_chinese_of_its_own(opens: Opens, english_file: Path) -> None:
    opened = opens(english_file)
    words = opened.page.evaluate("Object.values(tonggou.data('words'))")
    assert [word for word in words if re.search(r"[\u4e00-\u9fff]", word)] == []
    _choose(opened.page)
    drawn = opened.page.locator("#detail .drawing svg").text_content()
    assert "width" in drawn
    assert not re.search(r"[\u4e00-\u9fff]", drawn)


@pytest.mark.parametrize("form", ["A4", "A3"])
def test_the_page_prints_on_one_sheet(opens: Opens, report_file: Path, form: str) -> None:
    opened = opens(report_file)
    _choose(opened.page)
    printed = opened.page.pdf(format=form, landscape=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", printed)) == 1
    assert opened.faults == []
