"""The coverage view: before and after infill at a divider, networks, uncertain pixels, lists."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page

from maps import report

pytestmark = pytest.mark.browser
Opens = Callable[..., Any]
NASTY = "</script><img src=x onerror=\"document.title='broken'\">`${x}`'&"
OVERLAPS = """(() => {
  const chosen = ['.generated', '.networks', '#legend', '.leaflet-top.leaflet-right', '.corner > *',
    '.swipe b', '.swipe span'].join();
  const boxes = [...document.querySelectorAll(chosen)]
    .filter((one) => one.offsetWidth && one.textContent)
    .map((one) => [one.className || one.id, one.getBoundingClientRect()]);
  const room = document.querySelector('.maps').getBoundingClientRect();
  const meet = (a, b) =>
    a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
  const cut = boxes.filter(([, box]) => box.left < room.left || box.right > room.right + 1);
  return [...cut.map(([name]) => name + ' is cut'), ...boxes.flatMap(([name, box]) =>
    boxes.filter(([other, more]) => other !== name && meet(box, more))
      .map(([other]) => name + ' on ' + other))];
})()"""
TOUCHED = """() => {
  const bar = document.querySelector('.swipe'), box = bar.parentElement.getBoundingClientRect();
  bar.setPointerCapture = () => {};
  bar.hasPointerCapture = () => true;
  const at = (type, share) => bar.dispatchEvent(new PointerEvent(type, {
    pointerId: 1, pointerType: 'touch', bubbles: true, clientX: box.left + share * box.width }));
  at('pointerdown', 0.5);
  at('pointermove', 0.25);
  at('pointerup', 0.25);
}"""
SECOND_GAP = """(() => {
  const map = tonggou.maps.coverage, { frame } = tonggou.sheets.coverage;
  const { gaps } = tonggou.views.coverage.load().kinds;
  const { parts } = gaps.filter(({ operator }) => operator === 'any')[1];
  const { west, east, north, south } = tonggou.draw.around(parts);
  const world = L.point((west + east) / 2, (north + south) / 2).multiplyBy(frame.scale);
  const at = world.subtract(map.getPixelOrigin()).add(map._getMapPanePos());
  return [at.x - 14, at.y - 14];
})()"""
UNVEILED = """() => {
  for (const side of Object.values(tonggou.views.coverage.load().veils)) side.clear();
  tonggou.swipe.redraw();
}"""


@pytest.fixture
def page(opens: Opens, report_file: Path) -> Iterator[Page]:
    opened = opens(report_file, place="#view=coverage")
    yield opened.page
    assert opened.faults == []


def _seen(page: Page) -> np.ndarray:
    """Return what the map looks like."""
    page.wait_for_timeout(300)
    content = page.locator("#map_coverage").screenshot()
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGB")).astype(int)


def _changed(one: np.ndarray, other: np.ndarray) -> float:
    return float((np.abs(one - other).max(axis=2) > 10).mean())


def _row(page: Page, number: int = 0) -> Locator:
    return page.locator("#table .row:not(.head-row)").nth(number)


def _open_list(page: Page, name: str) -> None:
    page.locator("#lists button", has_text=name).click()
    page.wait_for_timeout(150)


def test_the_keyboard_moves_the_divider_and_changes_what_is_shown(page: Page) -> None:
    swipe = page.get_by_role("slider", name="补点前后对比")
    assert swipe.get_attribute("aria-valuenow") == "50"
    swipe.focus()
    page.keyboard.press("End")
    assert swipe.get_attribute("aria-valuenow") == "100"
    assert swipe.get_attribute("aria-valuetext") == "左侧 100 % 为补点前"
    before = _seen(page)
    page.keyboard.press("Home")
    assert swipe.get_attribute("aria-valuenow") == "0"
    after = _seen(page)
    assert _changed(before, after) > 0.03
    page.keyboard.press("PageUp")
    page.keyboard.press("ArrowRight")
    assert swipe.get_attribute("aria-valuenow") == "12"


def test_the_divider_is_dragged_and_cuts_the_map_there(page: Page) -> None:
    swipe = page.locator(".swipe")
    swipe.focus()
    page.keyboard.press("End")
    before = _seen(page)
    page.keyboard.press("Home")
    after = _seen(page)
    box, room = swipe.bounding_box(), page.locator(".maps").bounding_box()
    assert box is not None
    assert room is not None
    page.mouse.move(box["x"] + 12, box["y"] + 200)
    page.mouse.down()
    page.mouse.move(room["x"] + 0.6 * room["width"], box["y"] + 220, steps=4)
    page.mouse.up()
    assert swipe.get_attribute("aria-valuenow") == "60"
    both, middle = _seen(page), round(0.6 * room["width"])
    left, right = slice(60, middle - 90), slice(middle + 90, None)
    assert _changed(both[:, left], before[:, left]) < 0.002
    assert _changed(both[:, right], after[:, right]) < 0.002


def test_a_finger_drags_the_divider(opens: Opens, report_file: Path) -> None:
    page = opens(report_file, size="phone", place="#view=coverage").page
    page.evaluate(TOUCHED)
    swipe = page.locator(".swipe")
    assert swipe.get_attribute("aria-valuenow") == "25"
    assert swipe.evaluate("(bar) => getComputedStyle(bar).touchAction") == "none"


def test_the_map_moves_under_the_divider(page: Page) -> None:
    page.evaluate("tonggou.maps.coverage.panBy([-200, 40], {animate: false})")
    page.wait_for_timeout(200)
    clip, left = page.evaluate(
        """[tonggou.maps.coverage.getPane('after').style.clip,
        tonggou.maps.coverage.containerPointToLayerPoint(
          tonggou.maps.coverage.getSize().divideBy(2)).x]"""
    )
    assert float(clip.split()[3].removesuffix(")").removesuffix("px")) == pytest.approx(left, abs=1)


def test_an_operator_whose_signal_stays_has_no_divider(page: Page) -> None:
    assert page.locator(".swipe").is_visible()
    page.get_by_role("radio", name="电信").click()
    page.wait_for_timeout(150)
    assert not page.locator(".swipe").is_visible()
    assert page.locator(".raster-after").count() == 0


def test_the_network_changes_signal_list_and_headline(
    opens: Opens, factory: ModuleType, tmp_path: Path
) -> None:
    made = factory.result()
    figures = made.coverage.figures
    figures["operators"] = {
        **figures["operators"], "cmcc": {**figures["operators"]["cmcc"], "covered_share": 0.321},
    }  # fmt: skip
    path = tmp_path / "own.html"
    report.write(made, path)
    page = opens(path, place="#view=coverage").page
    headline = page.locator(".figures:visible")
    assert "91.3" in headline.inner_text()
    before = _seen(page)
    page.get_by_role("radio", name="移动").click()
    assert _changed(before, _seen(page)) > 0.02
    assert "32.1" in headline.inner_text()
    assert page.get_by_role("radio", name="移动").get_attribute("aria-checked") == "true"
    assert page.locator("#table .row:not(.head-row)").count() == 3
    page.keyboard.press("ArrowLeft")
    assert page.get_by_role("radio", name="全部").get_attribute("aria-checked") == "true"


def test_another_network_lets_go_of_what_it_does_not_have(page: Page) -> None:
    _row(page).click()
    assert page.locator("#detail h2").inner_text() == "盲区 1"
    page.get_by_role("radio", name="移动").click()
    assert page.locator("#detail h2").count() == 0


def test_the_list_of_a_phone_chooses_the_network_too(opens: Opens, report_file: Path) -> None:
    page = opens(report_file, size="phone", place="#view=coverage").page
    page.click("[data-pane-open=list]")
    page.select_option("#choice select", "cmcc")
    page.click("[data-pane-open=map]")
    assert page.get_by_role("radio", name="移动").get_attribute("aria-checked") == "true"
    assert page.locator(".raster-signal").count() == 1


def test_uncertain_pixels_are_hatched_on_their_side_and_explained(page: Page) -> None:
    assert (
        page.locator("#legend .item", has_text="不确定（两模型不一）")
        .inner_text()
        .endswith("4.1 %")
    )
    hatched = _seen(page)
    page.evaluate(UNVEILED)
    plain = _seen(page)
    assert 0.002 < _changed(hatched, plain) < 0.2
    assert (hatched - plain).max() > 60


def test_the_legend_states_classes_in_dbm_and_the_threshold(page: Page) -> None:
    shown = page.locator("#legend").inner_text()
    assert all(text in shown for text in ("dBm", "≥ −85", "−105 … −95", "< −115"))
    assert "≥ −105 dBm 为有信号" in shown
    assert "0.7 → 0.1 km²" in shown


def test_a_row_moves_the_map_and_a_click_on_the_map_finds_the_row(page: Page) -> None:
    page.evaluate("tonggou.maps.coverage.setZoom(17, {animate: false})")
    start = page.evaluate("tonggou.maps.coverage.getCenter().lng")
    _row(page, 1).click()
    page.wait_for_timeout(400)
    assert page.evaluate("tonggou.maps.coverage.getCenter().lng") < start
    assert page.locator("#detail h2").inner_text() == "盲区 2"
    _open_list(page, "行政村")
    x, y = page.evaluate(SECOND_GAP)
    page.locator("#map_coverage").click(position={"x": x, "y": y})
    page.wait_for_timeout(200)
    assert page.locator("#lists [aria-selected=true]").inner_text().startswith("盲区")
    assert page.locator("#table .row.chosen").inner_text().split()[0] == "2"


def test_villages_pass_fail_or_are_uncertain_each_with_its_reason(page: Page) -> None:
    _open_list(page, "行政村")
    rows = page.locator("#table .row:not(.head-row)")
    verdicts = [row.locator("span").nth(1).inner_text() for row in rows.all()]
    assert verdicts == ["未达标", "未达标", "不确定", "达标", "达标"]
    rows.nth(2).click()
    shown = page.locator("#detail").inner_text()
    assert "村小、卫生室无信号" in shown
    assert "主模型判为「未达标」" in shown


def test_sites_list_their_metres_and_yuan_as_assumed(page: Page) -> None:
    _open_list(page, "补点")
    head = page.locator("#table .head-row").inner_text()
    assert all(text in head for text in ("引电 m", "光缆 m", "万元 假设单价"))
    _row(page, 1).click()
    shown = page.locator("#detail").inner_text()
    assert all(text in shown for text in ("站址", "引电", "光缆", "假设单价", "37.1"))


def test_wifi_points_have_a_list_of_their_own(page: Page) -> None:
    _open_list(page, "Wi-Fi")
    assert page.locator("#table .row:not(.head-row)").count() == 2
    _row(page).click()
    assert "室外 Wi-Fi 点 1" in page.locator("#detail").inner_text()
    assert "#view=coverage&id=wifi." in page.url
    _open_list(page, "补点")
    assert page.locator("#table .row:not(.head-row)").count() == 3


def test_texts_of_the_data_do_no_harm_in_any_list(
    opens: Opens, factory: ModuleType, tmp_path: Path
) -> None:
    made = factory.result()
    coverage: SimpleNamespace = made.coverage
    coverage.villages = coverage.villages.assign(village=NASTY, reason=NASTY)
    coverage.infill = coverage.infill.assign(candidate_id=NASTY)
    path = tmp_path / "nasty.html"
    report.write(made, path)
    opened = opens(path, place="#view=coverage")
    for name in ("行政村", "补点", "Wi-Fi"):
        _open_list(opened.page, name)
        _row(opened.page).click()
        assert NASTY in opened.page.locator("#detail").inner_text()
    assert opened.page.locator("img[src=x]").count() == 0
    assert opened.page.title() != "broken"
    assert opened.faults == []


@pytest.mark.parametrize("size", ["desk", "office", "phone"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_controls_on_the_map_do_not_cover_one_another(
    opens: Opens, factory: ModuleType, tmp_path: Path, size: str, language: str
) -> None:
    path = tmp_path / "report.html"
    report.write(factory.result(), path, language=language)
    opened = opens(path, size=size, place="#view=coverage")
    overlaps = opened.page.evaluate(OVERLAPS)
    assert overlaps == []


def test_power_and_fibre_lead_to_the_proposed_sites(page: Page) -> None:
    bare = page.evaluate(
        "tonggou.views.coverage.load().ways.map((of) => of.map((way) => way.parts.length))"
    )
    assert sorted(map(tuple, bare)) == [(0, 0), (0, 0), (0, 0), (1, 0), (1, 1)]
    legend = page.locator("#legend").inner_text()
    assert "补点引电" in legend
    assert "补点光缆" in legend
    page.evaluate("tonggou.maps.coverage.setZoom(14, { animate: false })")
    led = _seen(page)
    page.evaluate(
        """() => {
          for (const way of tonggou.views.coverage.load().ways.flat()) way.parts = [];
          tonggou.sheets.coverage.redraw();
        }"""
    )
    assert _changed(led, _seen(page)) > 0.0005
