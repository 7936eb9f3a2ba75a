"""The report with many existing lines in headless Chromium, beside plain folium in the same run.

Usage: ``python -m benchmarks.report [--lines 10000] [--throttle 1] [--json]``. The study of the
sample county (20 km², short efforts) gets so many existing lines on its ground, all in sight:

- ``bytes`` of the file, and ``plain_bytes`` of a folium map with the lines as ``folium.GeoJson``;
- ``ready_s`` from the start of navigation to the first frame whose pixels are those of three
  seconds later; a click then has to tell of a line, else it is null; ``plain_ready_s`` likewise,
  with folium's libraries served from this machine;
- ``step_s`` is the longest that a step of the month or a filter takes until its frame is drawn;
- ``memory_mb`` is the resident set of the page's process, ``requests`` counts addresses asked for
  beside the file.

``--throttle 4`` slows the processor down for the page, not for the measuring.
"""

from __future__ import annotations

import argparse
import base64
import io
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import folium
import geopandas as gpd
import numpy as np
import shapely
from PIL import Image, ImageChops
from playwright.sync_api import Browser, CDPSession, Page, Route, sync_playwright
from xstatic.pkg import leaflet

from benchmarks.lines import tell
from layers.sample import make
from layers.tables import UTILITIES
from maps import report
from planner import study, studyfile
from planner.study import StudyResult

Line = dict[str, float | int | None]

AREA_KM2, WIDTH, HEIGHT = 20.0, 1600, 900
SETTLED_S, LONGEST_S = 3.0, 120.0
EFFORTS = {"trench.search_effort": 0.05, "extension.search_effort": 0.05}


def crowded(result: StudyResult, count: int) -> StudyResult:
    """Return a study with so many existing lines: pieces of its streets, beside their middle."""
    draw = np.random.default_rng(1)
    streets = result.segments.geometry.to_numpy(dtype=object)
    long = shapely.length(streets)
    of = draw.choice(len(streets), count, p=long / long.sum())
    begin_m = draw.uniform(0.0, long[of])
    at_m = begin_m[:, np.newaxis] + draw.uniform(10.0, 40.0, (count, 1)) * np.arange(5)
    points = shapely.line_interpolate_point(streets[of][:, np.newaxis], at_m)
    xy = np.stack([shapely.get_x(points), shapely.get_y(points)], axis=2)
    away = draw.normal(0.0, 30.0, (count, 1, 2))
    lines = shapely.linestrings(xy + away + draw.normal(0.0, 1.5, xy.shape))
    pipes = result.county["pipes"]
    rows = pipes.drop(columns="geometry").iloc[draw.integers(0, len(pipes), count)]
    many = rows.reset_index(drop=True).assign(
        pipe_id=[f"P{number}" for number in range(count)],
        utility=draw.choice(list(UTILITIES), count),
    )
    frame = gpd.GeoDataFrame(many, geometry=list(lines), crs=result.county.crs)
    frames = {**result.county.frames, "pipes": frame}
    return replace(result, county=replace(result.county, frames=frames))


def finished() -> StudyResult:
    """Return the sample county's study, planned with short efforts."""
    with tempfile.TemporaryDirectory() as folder:
        file = make.write(make.sample(area_km2=AREA_KM2, seed=1), Path(folder) / "input")
        told = "".join(f'"{name}" = {value}\n' for name, value in EFFORTS.items())
        file.write_text(file.read_text("utf-8") + "\n[settings]\n" + told, "utf-8")
        return study.run(studyfile.load(file))


def plain(lines: gpd.GeoDataFrame, path: Path) -> None:
    """Write a folium map as folium makes it, with the lines as one GeoJson layer."""
    degrees = lines[["utility", "geometry"]].to_crs(4326)
    west, south, east, north = degrees.total_bounds
    shown = folium.Map(location=[(south + north) / 2, (west + east) / 2], prefer_canvas=True)
    folium.GeoJson(degrees, style_function=lambda _: {"weight": 1}).add_to(shown)
    shown.fit_bounds([[south, west], [north, east]])
    shown.save(path)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Yield headless Chromium of this machine."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield running
        running.close()


def ready(page: Page, session: CDPSession, address: str) -> float:
    """Open an address; return seconds to the first frame that equals those of later, see above."""
    frames: list[tuple[float, str]] = []

    def keep(event: dict[str, object]) -> None:
        metadata = event["metadata"]
        assert isinstance(metadata, dict)
        frames.append((float(metadata["timestamp"]), str(event["data"])))
        session.send("Page.screencastFrameAck", {"sessionId": event["sessionId"]})

    session.on("Page.screencastFrame", keep)
    session.send("Page.startScreencast", {"format": "jpeg", "quality": 60})
    page.goto(address, wait_until="commit")
    began = page.evaluate("performance.timeOrigin") / 1000.0
    until = time.time() + LONGEST_S
    while time.time() < until:
        page.wait_for_timeout(250)
        if (
            frames
            and time.time() - frames[-1][0] > SETTLED_S
            and page.evaluate("document.readyState === 'complete'")
        ):
            break
    session.send("Page.stopScreencast")
    return _settled(frames) - began


def _settled(frames: list[tuple[float, str]]) -> float:
    """Return the time of the first frame from which on all look like the last."""
    found, final = frames[-1][0], _picture(frames[-1][1])
    for at, data in reversed(frames):
        if ImageChops.difference(_picture(data), final).getbbox() is not None:
            break
        found = at
    return found


def _picture(data: str) -> Image.Image:
    """Return a frame, coarse enough that its compression counts as no change."""
    image = Image.open(io.BytesIO(base64.b64decode(data))).convert("L")
    return image.point(lambda value: value // 24)


def tells(page: Page) -> bool:
    """Return whether a click on a line tells of it."""
    place = page.evaluate(
        """async () => {
          const found = await tonggou.packed.lines("pipes"), { maps, sheets, views } = tonggou;
          const map = maps.trench, frame = sheets.trench.frame, size = map.getSize();
          for (let line = 0; line < found.count; line++) {
            const i = found.begin[line], scale = map.options.crs.scale(map.getZoom());
            const x = found.x[i] * scale, y = found.y[i] * scale;
            const at = map.layerPointToContainerPoint(L.point(x, y).subtract(map.getPixelOrigin()));
            if (at.x < 300 || at.y < 80 || at.x > size.x - 90 || at.y > size.y - 90) continue;
            const other = views.trench.pick(frame, x - frame.left, y - frame.top);
            if (other === undefined || other === null) {
              const box = map.getContainer().getBoundingClientRect();
              return [box.left + at.x, box.top + at.y];
            }
          }
          return null;
        }"""
    )
    if place is None:
        return False
    page.mouse.click(*place)
    return bool(page.locator(".told").count())


def longest_step(page: Page) -> float:
    """Return the longest time in seconds from a step of month or filter to its frame."""
    milliseconds = page.evaluate(
        """async () => {
          const { change, data, state } = tonggou, times = [];
          const drawn = () => new Promise((done) => requestAnimationFrame(() => {
            const channel = new MessageChannel();
            channel.port1.onmessage = done;
            channel.port2.postMessage(0);
          }));
          const step = async (patch) => {
            await drawn();
            const began = performance.now();
            change(patch);
            await drawn();
            times.push(performance.now() - began);
          };
          for (let month = 1; month <= data("trench").months.length; month++) await step({ month });
          await step({ month: 0 });
          for (const utility of [0, 1, 2]) await step({ hidden: new Set([utility]) });
          await step({ hidden: new Set() });
          return Math.max(...times);
        }"""
    )
    return float(milliseconds) / 1000.0


def resident_mb(browser: Browser) -> float:
    """Return the resident set of the largest page process."""
    session = browser.new_browser_cdp_session()
    processes = session.send("SystemInfo.getProcessInfo")["processInfo"]
    pages = [int(one["id"]) for one in processes if one["type"] == "renderer"]
    session.detach()
    return max(_rss_mb(pid) for pid in pages)


def _rss_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(status.split("VmRSS:")[1].split()[0]) / 1024.0


def measure(made: StudyResult, count: int, throttle: float) -> Line:
    """Return the line of the table."""
    crowd = crowded(made, count)
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        ours, theirs = Path(folder) / "report.html", Path(folder) / "plain.html"
        report.write(crowd, ours)
        plain(crowd.county["pipes"], theirs)
        page, session, asked = _page(browser, throttle)
        ready_s = ready(page, session, ours.as_uri() + "#view=trench&lines=1")
        line: Line = {
            "lines": count,
            "bytes": ours.stat().st_size,
            "ready_s": round(ready_s, 3) if tells(page) else None,
            "step_s": round(longest_step(page), 3),
            "memory_mb": round(resident_mb(browser)),
            "requests": sum(not url.startswith(("file:", "data:")) for url in asked),
        }
        page.close()
        page, session, _ = _page(browser, throttle)
        page.route(re.compile("^https?:"), _served)
        plain_s = ready(page, session, theirs.as_uri())
        return {
            **line, "plain_bytes": theirs.stat().st_size, "plain_ready_s": round(plain_s, 3)
        }  # fmt: skip


def _page(browser: Browser, throttle: float) -> tuple[Page, CDPSession, list[str]]:
    page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    session = page.context.new_cdp_session(page)
    if throttle > 1.0:
        session.send("Emulation.setCPUThrottlingRate", {"rate": throttle})
    return page, session, asked


def _served(route: Route) -> None:
    """Serve Leaflet from this machine, and nothing for what folium does not need to draw lines."""
    name = route.request.url.rsplit("/", 1)[-1].partition("?")[0]
    file = Path(leaflet.BASE_DIR) / name
    if name in {"leaflet.js", "leaflet.css"}:
        route.fulfill(path=file)
    else:
        route.fulfill(status=200, body="", content_type="text/plain")


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--lines", type=int, nargs="+", default=[10_000])
    parser.add_argument("--throttle", type=float, default=1.0)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    made = finished()
    for count in options.lines:
        tell(measure(made, count, options.throttle), as_json=options.json)


if __name__ == "__main__":
    main()
