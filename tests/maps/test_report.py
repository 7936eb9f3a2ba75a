from __future__ import annotations

import html
import json
import re
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import Any

import folium
import pytest

from geo.messages import Language
from maps import report
from maps.page import ViewMap
from planner.settings import Settings

NASTY = "</script><img src=x onerror=alert(1)>`${x}`\u2028\"'&"


def _unpacked(entry: dict[str, Any]) -> object:
    if entry.keys() == {"of", "at"}:
        return [entry["of"][position] for position in entry["at"]]
    return entry


def _block(page: str, name: str) -> dict[str, Any]:
    pattern = rf'<script type="application/json" id="data-{name}">(.*?)</script>'
    [text] = re.findall(pattern, page, flags=re.DOTALL)
    block: dict[str, Any] = json.loads(text, object_hook=_unpacked)
    return block


@pytest.fixture(scope="module")
def page(factory: ModuleType) -> str:
    return report.page(factory.result())


def test_the_same_result_gives_the_same_bytes(
    factory: ModuleType, page: str, tmp_path: Path
) -> None:
    path = tmp_path / "report.html"
    report.write(factory.result(), path)
    assert path.read_text(encoding="utf-8") == page


def test_the_maps_are_folium_maps_on_canvas_without_tiles(page: str) -> None:
    assert issubclass(ViewMap, folium.Map)
    for view in report.MAP_VIEWS:
        assert f'var map_{view} = L.map(\n                "map_{view}"' in page
    assert page.count('"preferCanvas": true') == 3
    assert "L.tileLayer(" not in page.partition("tonggou.mount")[0].rpartition("<script>")[2]


def test_no_address_of_another_host_is_loaded(page: str) -> None:
    assert "cdn.jsdelivr" not in page
    assert re.findall(r'<(?:script|link|img|iframe)[^>]+(?:src|href)="(?!data:|#)', page) == []


def test_folium_keeps_its_own_libraries_for_other_maps(page: str) -> None:
    assert page
    assert folium.Map.default_js
    assert ViewMap.default_js == []


def test_every_opening_and_participant_travels(factory: ModuleType, page: str) -> None:
    made, block = factory.result(), _block(page, "trench")
    assert block["openings"]["id"] == list(made.trench.openings["opening_id"])
    assert len(block["participants"]["opening"]) == len(made.trench.participants)
    assert min(block["participants"]["opening"]) >= 0
    assert min(block["openings"]["segment"]) >= 0
    assert [month[:2] for month in block["months"]][:2] == [[2026, 1], [2026, 2]]


def test_each_operator_has_a_picture_and_another_where_sites_change_it(page: str) -> None:
    assert len(re.findall(r"var raster_signal_\w+ = L.imageOverlay", page)) == 4
    assert re.findall(r"var raster_after_(\w+) = L.imageOverlay", page) == ["any", "cmcc"]


def test_coverage_travels_with_threshold_uncertain_pixels_and_what_remains(
    factory: ModuleType, page: str
) -> None:
    block, made = _block(page, "coverage"), factory.result().coverage
    assert block["operators"] == ["any", "all", "cmcc", "ctcc"]
    assert block["threshold"] == -105.0
    assert block["gaps"]["left_km2"] == [0, 0.05, 0, 0, 0.05, 0]
    assert len(block["left"]["lines"]) == len(made.after.gaps)
    assert block["villages"]["uncertain"] == list(made.villages["uncertain"])
    for side in ("before", "after"):
        assert set(block["uncertain"][side]) == set(made.signals)
        assert block["uncertain"][side]["any"]["address"].startswith("data:image/png")


def test_generated_layers_sources_inputs_and_credits_are_named(page: str) -> None:
    assert "生成数据：现状管线、接入点" in page
    assert "綦经信〔2022〕87号" in page
    assert "同一路段、同一时段" in page
    assert "国务院令第198号" in page
    assert "ab" * 32 in page
    assert "© OpenStreetMap contributors" in page
    assert "几何为空；请补绘后重新导入" in page


def test_no_text_of_the_data_becomes_markup(factory: ModuleType) -> None:
    page = report.page(factory.result(text=NASTY))
    assert "<img src=x" not in page
    scripts = re.findall(r"<script.*?</script>", page, flags=re.DOTALL)
    assert not any("\u2028" in script for script in scripts)
    assert _block(page, "trench")["openings"]["name"][0].endswith(NASTY)


def test_english_reports_give_reasons_in_english(factory: ModuleType) -> None:
    page = report.page(factory.result(), language="en")
    reopenings = _block(page, "trench")["reopenings"]["reason"]
    assert reopenings
    assert all(reason.startswith("the windows cannot meet") for reason in reopenings)
    assert '<html lang="en">' in page


CHINESE = re.compile(r"[\u4e00-\u9fff]")


def test_english_reports_keep_only_names_and_citations_in_chinese(factory: ModuleType) -> None:
    page = report.page(factory.result(), language="en")
    connections = _block(page, "extension")["connections"]
    assert connections["payer"][0].startswith("power company")
    assert {"cores", "kVA"} == set(connections["demand_unit"])
    assert all(text.endswith("working days") for text in connections["deadline_source"])
    spoken = [
        *connections["payer"],
        *_block(page, "coverage")["villages"]["reason"],
        *(ink["letter"] for ink in _block(page, "palette")["utilities"].values()),
        *(one["name"] for one in _block(page, "permits").values()),
    ]
    assert [text for text in spoken if CHINESE.search(text)] == []
    assert "usual for macro sites in mountains" in page
    assert "山区宏站常用值" not in page


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_notes_of_a_study_stand_under_data_quality(
    factory: ModuleType, language: Language
) -> None:
    made = factory.result()
    shown = html.unescape(report.page(made, language=language))
    assert made.notes
    assert [
        note.code for note in made.notes if f"<li>{note.text(language)}</li>" not in shown
    ] == []


def test_measured_gaps_travel_and_the_calibration_stands_under_data_quality(
    factory: ModuleType, page: str
) -> None:
    measured = _block(page, "coverage")["measured"]
    gaps = factory.result().coverage.measured_gaps
    assert measured["gap_id"] == list(gaps["gap_id"])
    assert measured["measured_dbm"] == [-111.3, -111.3]
    assert len(measured["lines"]) == len(gaps)
    assert "误差由 8.1 dB 降至 5.9 dB" in page
    assert "按站址交叉验证）：6.4 dB" in page
    [row] = re.findall(r"<tr><td[^>]*>B8</td><td>林地</td>.*?</tr>", page)
    shown = re.findall(r">([^<>]+)</td>", row)
    assert shown[2:] == ["90", "80", "4", "+9.3", "+0.0", "10.7", "5.2", "5.9"]


@pytest.mark.parametrize(
    ("language", "reason"), [("zh", "没有地形，未做覆盖分析"), ("en", "there is no terrain, so")]
)
def test_a_study_without_coverage_says_why(
    factory: ModuleType, language: Language, reason: str
) -> None:
    page = report.page(factory.result(coverage=False), language=language)
    [empty] = re.findall(r'<div class="empty".*?</div>', page)
    [tab] = re.findall(r'<button role="tab" id="tab-coverage".*?</button>', page)
    assert reason in empty
    assert reason in tab
    assert "map_coverage" not in page.partition("tonggou.mount")[2].partition("</script>")[0]


def test_routes_stand_beside_the_connections_of_the_data(factory: ModuleType, page: str) -> None:
    assert _block(page, "extension")["existing"] == [[2, 12, 431.5, 502], [4, 31, 1204.8, 1160.2]]
    made = factory.result()
    made.extension.figures["existing"] = None
    assert _block(report.page(made), "extension")["existing"] == []


@pytest.mark.parametrize(
    ("name", "title"),
    [("某县", "某县 2026 年联合开挖计划"), ("Andorra 2026 计划", "Andorra 2026 计划")],
)
def test_a_name_that_says_its_year_is_a_title(factory: ModuleType, name: str, title: str) -> None:
    made = factory.result()
    made.study.name = name
    assert f"<title>{title}</title>" in report.page(made)


def test_a_study_with_nothing_in_it_still_makes_a_report(factory: ModuleType) -> None:
    page = report.page(factory.emptied(factory.result()))
    assert _block(page, "trench")["openings"]["id"] == []
    assert "生成数据" not in page.partition('<div class="legend"')[0].partition("<main")[2]


def test_the_page_without_data_stays_small(factory: ModuleType) -> None:
    bare = replace(factory.emptied(factory.result()), settings=Settings(MappingProxyType({})))
    assert len(report.page(bare).encode()) < 250_000
