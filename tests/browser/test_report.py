from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page
from pyproj import Transformer

from maps import report

pytestmark = pytest.mark.browser
Opens = Callable[..., Any]
VIEWS = ("trench", "coverage", "extension")
NASTY = "</script><img src=x onerror=\"document.title='broken'\">`${x}`\u2028'&"


def _picture(page: Page, where: str, path: Path) -> np.ndarray:
    """Return what an element looks like, kept as a file for a reader of the test's output."""
    content = page.locator(where).screenshot(path=path)
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGB")).astype(int)


def _colours(picture: np.ndarray) -> int:
    return len(np.unique(picture.reshape(-1, 3) // 16, axis=0))


@pytest.mark.parametrize("size", ["desk", "office", "phone"])
@pytest.mark.parametrize("view", VIEWS)
def test_each_view_is_drawn_offline_without_a_fault(
    opens: Opens, report_file: Path, tmp_path: Path, view: str, size: str
) -> None:
    opened = opens(report_file, size=size, place=f"#view={view}")
    picture = _picture(opened.page, f"#map_{view}", tmp_path / f"{view}_{size}.png")
    assert _colours(picture) > 25
    assert opened.faults == []
    assert [url for url in opened.requests if not url.startswith(("file:", "data:"))] == []


@pytest.mark.parametrize("size", ["desk", "office", "phone"])
@pytest.mark.parametrize("view", [*VIEWS, "quality"])
def test_nothing_is_wider_than_the_window(
    opens: Opens, report_file: Path, view: str, size: str
) -> None:
    opened = opens(report_file, size=size, place=f"#view={view}")
    wide, room = opened.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide <= room
    cut = opened.page.evaluate(
        """[...document.querySelectorAll('.figure > *, .tabs button, .head h1')]
        .filter((e) => e.offsetParent && e.scrollWidth > e.clientWidth + 1 && e.clientWidth)
        .map((e) => e.textContent)"""
    )
    assert cut == []


def test_the_tabs_show_one_view_at_a_time(opens: Opens, report_file: Path) -> None:
    opened = opens(report_file)
    for view in VIEWS:
        opened.page.click(f"#tab-{view}")
        opened.page.wait_for_timeout(150)
        shown = [one for one in VIEWS if opened.page.locator(f"#map_{one}").is_visible()]
        assert shown == [view]
    opened.page.click("#tab-quality")
    assert opened.page.locator("article.quality").is_visible()
    assert opened.faults == []


def test_the_slider_changes_map_and_list(opens: Opens, report_file: Path, tmp_path: Path) -> None:
    opened = opens(report_file)
    before = _picture(opened.page, "#map_trench", tmp_path / "year.png")
    whole = opened.page.locator("#shown").inner_text()
    opened.page.locator("#month").focus()
    for _ in range(3):
        opened.page.keyboard.press("ArrowRight")
    opened.page.wait_for_timeout(300)
    after = _picture(opened.page, "#map_trench", tmp_path / "march.png")
    assert (np.abs(before - after).max(axis=2) > 30).mean() > 0.01
    assert opened.page.locator("#shown").inner_text() != whole
    shown, total = opened.page.locator("#shown").inner_text().split(" / ")
    expected, every = opened.page.evaluate(
        """(() => { const {openings, months} = tonggou.data('trench'), [, , from, to] = months[2];
        const open = (_, i) => openings.starts[i] < to && openings.ends[i] >= from;
        return [openings.id.filter(open).length, openings.id.length]; })()"""
    )
    assert (int(shown), int(total)) == (expected, every)


def test_a_row_selects_on_the_map_and_shows_what_it_rests_on(
    opens: Opens, report_file: Path, tmp_path: Path
) -> None:
    opened = opens(report_file)
    before = _picture(opened.page, "#map_trench", tmp_path / "none.png")
    opened.page.locator("#table .row:not(.head-row)").nth(2).click()
    opened.page.wait_for_timeout(400)
    after = _picture(opened.page, "#map_trench", tmp_path / "chosen.png")
    assert (np.abs(before - after).max(axis=2) > 30).mean() > 0.001
    detail = opened.page.locator("#detail").inner_text()
    for word in ("开挖时段", "参与工程", "假设单价", "许可", "工作日", "国务院令第198号"):
        assert word in detail
    assert opened.page.locator("#table .row.chosen").count() == 1
    assert "id=S" in opened.page.url


def test_a_click_on_the_map_selects_the_opening_under_it(opens: Opens, report_file: Path) -> None:
    opened = opens(report_file)
    x, y = opened.page.evaluate(
        """(() => { const map = tonggou.maps.trench, {frame} = tonggou.sheets.trench;
        const box = map.getContainer().getBoundingClientRect();
        for (let y = 40; y < box.height - 40; y += 7) for (let x = 260; x < 900; x += 7) {
          const p = map.project(map.containerPointToLatLng([x, y]));
          const found = tonggou.views.trench.pick(frame, p.x - frame.left, p.y - frame.top);
          if (found !== null) return [box.left + x, box.top + y];
        } })()"""
    )
    opened.page.mouse.click(x, y)
    opened.page.wait_for_timeout(300)
    assert opened.page.locator("#table .row.chosen").count() == 1
    assert "开挖时段" in opened.page.locator("#detail").inner_text()


def test_the_address_of_a_selection_opens_it_again(opens: Opens, report_file: Path) -> None:
    opened = opens(report_file, place="#view=extension&id=A005")
    assert "A005" in opened.page.locator("#detail .id").inner_text()
    assert "无法接入" in opened.page.locator("#detail").inner_text()


def test_a_proposed_site_shows_its_cost_beside_the_assumed_prices(
    opens: Opens, report_file: Path
) -> None:
    opened = opens(report_file, place="#view=coverage&id=infill.1")
    shown = opened.page.locator("#detail").inner_text()
    assert all(part in shown for part in ("山脊新建", "假设单价", "引电", "37.1", "距最近电力线"))
    assert opened.faults == []


def test_the_legend_takes_a_utility_away(opens: Opens, report_file: Path, tmp_path: Path) -> None:
    opened = opens(report_file)
    before = _picture(opened.page, "#map_trench", tmp_path / "with.png")
    opened.page.locator("#legend button", has_text="电力").click()
    opened.page.wait_for_timeout(200)
    red = np.array([0xC9, 0x2A, 0x2A])
    after = _picture(opened.page, "#map_trench", tmp_path / "without.png")
    count = [(np.abs(one - red).max(axis=2) < 12).sum() for one in (before, after)]
    assert count[0] > 300
    assert count[1] < count[0] / 10


def test_the_pointer_reads_the_coordinates_of_the_county(opens: Opens, report_file: Path) -> None:
    opened = opens(report_file)
    lon, lat, east, north = opened.page.evaluate(
        """(() => { const at = tonggou.maps.trench.getCenter();
        return [at.lng, at.lat, ...tonggou.corner.project(at.lat, at.lng)]; })()"""
    )
    expected = Transformer.from_crs(4490, 4545, always_xy=True).transform(lon, lat)
    assert (east, north) == pytest.approx(expected, abs=0.01)


def test_the_keyboard_moves_through_tabs_and_rows(opens: Opens, report_file: Path) -> None:
    opened = opens(report_file)
    opened.page.locator("#tab-trench").focus()
    opened.page.keyboard.press("ArrowRight")
    assert opened.page.locator("body").get_attribute("data-view") == "coverage"
    opened.page.keyboard.press("ArrowLeft")
    opened.page.wait_for_timeout(150)
    opened.page.locator("#table .grid").focus()
    opened.page.keyboard.press("ArrowDown")
    opened.page.wait_for_timeout(150)
    assert opened.page.locator("#table .row.chosen").count() == 1


def test_nothing_is_lost_on_a_phone(opens: Opens, report_file: Path) -> None:
    opened = opens(report_file, size="phone")
    opened.page.click("[data-pane-open=list]")
    opened.page.locator("#table .row:not(.head-row)").first.click()
    opened.page.wait_for_timeout(200)
    assert opened.page.locator("#detail").is_visible()
    opened.page.click("[data-pane-open=time]")
    assert opened.page.locator("#gantt").is_visible()
    opened.page.click("[data-pane-open=map]")
    opened.page.wait_for_timeout(200)
    opened.page.locator("#legend summary").click()
    assert opened.page.locator("#legend .item").first.is_visible()
    assert opened.faults == []


def test_names_from_files_do_no_harm(opens: Opens, factory: ModuleType, tmp_path: Path) -> None:
    path = tmp_path / "nasty.html"
    report.write(factory.result(text=NASTY), path)
    opened = opens(path)
    opened.page.locator("#table .row:not(.head-row)").first.click()
    for view in (*VIEWS[1:], "quality"):
        opened.page.click(f"#tab-{view}")
        opened.page.wait_for_timeout(150)
    assert opened.page.locator("img[src=x]").count() == 0
    assert opened.page.title() != "broken"
    assert opened.faults == []


@pytest.mark.parametrize("size", ["desk", "phone"])
@pytest.mark.parametrize("view", VIEWS)
def test_every_map_carries_its_credits_and_says_what_is_generated(
    opens: Opens, report_file: Path, view: str, size: str
) -> None:
    opened = opens(report_file, size=size, place=f"#view={view}")
    whole = opened.page.locator(".maps").bounding_box()
    credit = opened.page.locator(".credit", has_text="© OpenStreetMap contributors")
    made = opened.page.locator(".generated", has_text="接入点")
    for shown in (credit, made):
        assert shown.is_visible()
        box = shown.bounding_box()
        assert whole["x"] <= box["x"]
        assert box["x"] + box["width"] <= whole["x"] + whole["width"]
        assert whole["y"] <= box["y"]
        assert box["y"] + box["height"] <= whole["y"] + whole["height"]


def test_routes_are_compared_with_the_connections_of_the_data(
    opens: Opens, report_file: Path
) -> None:
    opened = opens(report_file, place="#view=extension")
    table = opened.page.locator("#detail table").last
    assert table.locator("tbody tr").count() == 2
    assert "+16 %" in table.inner_text()
    assert "−4 %" in table.inner_text()
    opened.page.locator("#table .row:not(.head-row)").first.click()
    assert not opened.page.locator("#detail >> text=+16 %").is_visible()


def test_the_policy_stops_what_a_script_might_try(opens: Opens, report_file: Path) -> None:
    opened = opens(report_file)
    blocked = opened.page.evaluate(
        "fetch('https://example.org/').then(() => 'sent', (error) => error.name)"
    )
    assert blocked == "TypeError"
    assert any("Content Security Policy" in fault for fault in opened.faults)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_empty_study_opens_and_says_what_is_missing(
    opens: Opens, factory: ModuleType, tmp_path: Path, language: str
) -> None:
    path = tmp_path / "empty.html"
    report.write(factory.emptied(factory.result()), path, language=language)
    opened = opens(path)
    assert "works" in opened.page.locator("#table").inner_text()
    opened.page.click("#tab-coverage")
    assert opened.page.locator(".empty").is_visible()
    assert not opened.page.locator(".side").is_visible()
    opened.page.click("#tab-extension")
    opened.page.wait_for_timeout(150)
    assert "parcels" in opened.page.locator("#table").inner_text()
    assert opened.faults == []
