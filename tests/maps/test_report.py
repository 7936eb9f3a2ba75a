from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import Any

import folium
import pytest

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


def test_each_operator_has_a_picture_and_one_is_shown(page: str) -> None:
    assert len(re.findall(r"var raster_signal_\w+ = L.imageOverlay", page)) == 4
    assert len(re.findall(r"raster_signal_\w+\.addTo\(map_coverage\)", page)) == 1


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


def test_a_study_without_coverage_says_what_it_needs(factory: ModuleType) -> None:
    page = report.page(factory.result(coverage=False))
    assert "需要小区工参（cells）、站址（sites）与地形（terrain）" in page
    assert "map_coverage" not in page.partition("tonggou.mount")[2].partition("</script>")[0]


def test_a_study_with_nothing_in_it_still_makes_a_report(factory: ModuleType) -> None:
    page = report.page(factory.emptied(factory.result()))
    assert _block(page, "trench")["openings"]["id"] == []
    assert "生成数据" not in page.partition('<div class="legend"')[0].partition("<main")[2]


def test_the_page_without_data_stays_small(factory: ModuleType) -> None:
    bare = replace(factory.emptied(factory.result()), settings=Settings(MappingProxyType({})))
    assert len(report.page(bare).encode()) < 300_000
