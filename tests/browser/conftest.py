"""Headless Chromium without a network, and the report that it opens."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from maps import report

HOW = (
    "Chromium is absent: run tests/browser/provide.sh as root, or "
    "`sudo apt-get install chromium fonts-noto-cjk` / 未找到 Chromium，请先安装"
)
SIZES = {"desk": (1600, 900), "office": (1366, 768), "phone": (390, 844)}


@dataclass
class Opened:
    """A page and whatever went wrong in it or was asked of the network."""

    page: Page
    faults: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


class Opener:
    """Opens a file at one of the sizes, offline, and keeps watch."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser

    def __call__(
        self, path: Path, *, size: str = "desk", place: str = "", before: str = ""
    ) -> Opened:
        width, height = SIZES[size]
        context = self.browser.new_context(
            viewport={"width": width, "height": height}, offline=True, locale="zh-CN"
        )
        opened = Opened(context.new_page())
        opened.page.add_init_script(before)
        opened.page.on("console", lambda said: opened.faults.append(f"{said.type}: {said.text}"))
        opened.page.on("pageerror", lambda error: opened.faults.append(str(error)))
        opened.page.on("request", lambda asked: opened.requests.append(asked.url))
        opened.page.goto(path.as_uri() + place)
        opened.page.wait_for_function("tonggou.ready === true")
        opened.page.wait_for_timeout(300)
        return opened


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next((path for name in names if (path := shutil.which(name))), None)
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail(HOW)
        pytest.skip(HOW)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=found, args=["--no-sandbox", "--disable-gpu"]
        )
        yield running
        running.close()


@pytest.fixture(scope="session")
def opens(browser: Browser) -> Opener:
    return Opener(browser)


@pytest.fixture(scope="session")
def report_file(factory: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "report.html"
    report.write(factory.result(), path)
    return path
