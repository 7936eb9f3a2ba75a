"""What a connection's detail says of payers, crossings, other entries, drains and reserve ducts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from maps import report

pytestmark = pytest.mark.browser
Opens = Callable[..., Any]


def _first(factory: ModuleType, utility: str) -> str:
    table = factory.result().extension.connections
    return str(table.loc[table["utility"] == utility, "application_id"].iloc[0])


@pytest.mark.parametrize("size", ["desk", "phone"])
def test_the_detail_names_the_payers_and_the_two_next_best_entries(
    opens: Opens, factory: ModuleType, report_file: Path, size: str
) -> None:
    key = _first(factory, "power")
    opened = opens(report_file, size=size, place=f"#view=extension&id={key}&pane=detail")
    if size == "phone":
        opened.page.get_by_role("tab", name="详情").click()
    said = opened.page.locator("#detail").inner_text()
    for word in ("费用承担", "申请人", "备选接入", "换接入点", "换接出管线，换红线位置"):
        assert word in said
    assert "+2.1" in said
    assert "+4.2" in said
    assert opened.faults == []


def test_a_drain_shows_its_slope_depth_and_profile(
    opens: Opens, factory: ModuleType, report_file: Path
) -> None:
    opened = opens(report_file, place=f"#view=extension&id={_first(factory, 'drain')}")
    said = opened.page.locator("#detail").inner_text()
    for word in ("自流", "3.0 ‰", "1.90 m", "检查井"):
        assert word in said
    assert opened.page.locator("#detail svg.profile path").count() == 6


def test_a_reserve_is_listed_chosen_and_found_by_its_address(
    opens: Opens, report_file: Path
) -> None:
    opened = opens(report_file, place="#view=extension")
    opened.page.get_by_role("tab", name="预留").click()
    opened.page.locator("#table .row:not(.head-row)").first.click()
    said = opened.page.locator("#detail").inner_text()
    for word in ("预留管孔", "接入概率", "60 %", "期望净节省"):
        assert word in said
    assert "id=R0001" in opened.page.url
    again = opens(report_file, place="#view=extension&id=R0001")
    assert "R0001" in again.page.locator("#detail .id").inner_text()
    assert opened.faults == again.faults == []


def test_an_english_report_says_it_in_english(
    opens: Opens, factory: ModuleType, tmp_path: Path
) -> None:
    path = tmp_path / "report.html"
    report.write(factory.result(), path, language="en")
    opened = opens(path, place=f"#view=extension&id={_first(factory, 'power')}")
    said = opened.page.locator("#detail").inner_text()
    for word in ("Who pays", "the applicant", "Other entries", "another tie-in"):
        assert word in said
