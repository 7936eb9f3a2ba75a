"""Existing lines in the browser: unpacked by either inflater, drawn, told, filtered."""

from __future__ import annotations

import base64
import io
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page

pytestmark = pytest.mark.browser
Opens = Callable[..., Any]
DIGEST = """async () => {
  const found = await tonggou.packed.lines("pipes");
  let sum = 0;
  for (let i = 0; i < found.x.length; i++) sum += found.x[i] * (i + 1) + found.y[i];
  return [found.count, found.begin[found.count], sum, Object.keys(found.column)];
}"""


def picture(page: Page) -> np.ndarray:
    content = page.locator("#map_trench").screenshot()
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGB")).astype(int)


def changed(one: np.ndarray, other: np.ndarray) -> float:
    return float((np.abs(one - other).max(axis=2) > 12).mean())


def test_the_switch_lays_the_existing_lines_over_the_plan_and_takes_them_off(
    opens: Opens, report_file: Path
) -> None:
    opened = opens(report_file, place="#view=trench")
    page = opened.page
    bare = picture(page)
    switch = page.get_by_role("button", name="现状管线")
    switch.click()
    page.wait_for_timeout(600)
    laid = picture(page)
    assert changed(bare, laid) > 0.003
    assert "lines=1" in page.url
    switch.click()
    page.wait_for_timeout(300)
    assert changed(bare, picture(page)) < 1e-4
    assert opened.faults == []


def test_the_address_keeps_the_switch_and_the_legend_filters_the_lines(
    opens: Opens, report_file: Path
) -> None:
    page = opens(report_file, place="#view=trench&lines=1").page
    page.wait_for_timeout(600)
    every = picture(page)
    for _ in range(7):
        page.locator("#legend button.item[aria-pressed=true]").first.click()
    page.wait_for_timeout(300)
    assert changed(every, picture(page)) > 0.003
    assert page.evaluate("document.querySelectorAll('.packed canvas').length") > 0


def test_a_click_on_a_line_tells_what_it_is(opens: Opens, report_file: Path) -> None:
    page = opens(report_file, place="#view=trench&lines=1").page
    page.wait_for_timeout(600)
    x, y, utility = page.evaluate(
        """async () => {
          const found = await tonggou.packed.lines("pipes"), { maps, sheets, views } = tonggou;
          const map = maps.trench, frame = sheets.trench.frame, size = map.getSize();
          for (let line = 0; line < found.count; line++) {
            const i = found.begin[line], scale = map.options.crs.scale(map.getZoom());
            const x = (scale * (found.x[i] + found.x[i + 1])) / 2;
            const y = (scale * (found.y[i] + found.y[i + 1])) / 2;
            const place = L.point(x, y).subtract(map.getPixelOrigin());
            const at = map.layerPointToContainerPoint(place);
            if (at.x < 260 || at.y < 60 || at.x > size.x - 80 || at.y > size.y - 80) continue;
            const other = views.trench.pick(frame, x - frame.left, y - frame.top);
            if (other !== undefined && other !== null) continue;
            return [at.x, at.y, tonggou.word("utility." + found.text("utility", line))];
          }
        }"""
    )
    box = page.locator("#map_trench").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + x, box["y"] + y)
    told = page.locator(".told")
    assert told.count() == 1
    assert utility in told.inner_text()


@pytest.mark.parametrize("view", ["trench", "extension"])
def test_both_plans_show_the_same_lines(opens: Opens, report_file: Path, view: str) -> None:
    opened = opens(report_file, place=f"#view={view}&lines=1")
    opened.page.wait_for_timeout(600)
    assert opened.page.evaluate("document.querySelectorAll('.packed canvas').length") > 0
    assert opened.faults == []


def test_without_a_decompression_stream_the_lines_are_the_same(
    opens: Opens, report_file: Path
) -> None:
    native = opens(report_file).page.evaluate(DIGEST)
    opened = opens(report_file, before="delete window.DecompressionStream")
    assert opened.page.evaluate("typeof DecompressionStream") == "undefined"
    assert opened.page.evaluate(DIGEST) == native
    assert native[0] > 100
    assert native[3] == ["utility", "size", "owner", "built"]
    assert opened.faults == []


@pytest.mark.parametrize("level", [0, 1, 9])
def test_the_inflater_undoes_what_zlib_packs(opens: Opens, report_file: Path, level: int) -> None:
    draw = np.random.default_rng(level)
    plain = bytes(draw.integers(0, 20, 70_000, dtype=np.uint8)) + b"same " * 4000
    for strategy in (zlib.Z_DEFAULT_STRATEGY, zlib.Z_FIXED):
        packer = zlib.compressobj(level, zlib.DEFLATED, -15, 8, strategy)
        text = base64.b64encode(packer.compress(plain) + packer.flush()).decode()
        back = opens(report_file).page.evaluate(
            """(text) => {
              const raw = atob(text), given = Uint8Array.from(raw, (sign) => sign.charCodeAt(0));
              let sum = 0, at = 1;
              const found = inflate(given);
              for (const byte of found) { sum = (sum + byte * at) % 1000003; at = (at % 977) + 1; }
              return [found.length, sum];
            }""",
            text,
        )
        total, at = 0, 1
        for byte in plain:
            total = (total + byte * at) % 1_000_003
            at = at % 977 + 1
        assert back == [len(plain), total]
