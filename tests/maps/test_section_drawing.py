"""The section's drawing: whole, legible, offline, in both languages."""

from __future__ import annotations

import re
from itertools import combinations
from math import nan
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from geo.messages import Language
from maps import offline
from maps.labels import Label, in_rows, spread, text_width_px
from maps.palette import UTILITIES
from maps.section_drawing import draw
from planner.section.corridor import Corridor, Existing
from planner.section.fit import Fitted, fit
from planner.section.layout import Line, Section, lay
from planner.settings import defaults

SETTINGS = defaults()
POWER, TELECOM, TV = Line("power", voltage_kv=10), Line("telecom"), Line("tv")
WATER, GAS, HEAT = Line("water"), Line("gas"), Line("heat")
DRAIN, RAIN = Line("drain", depth_m=2.4), Line("drain", "rain", diameter_mm=600)
EIGHT = [POWER, TELECOM, TV, WATER, GAS, HEAT, DRAIN, RAIN]
SVG = "{http://www.w3.org/2000/svg}"
LOESS = SETTINGS.with_user(
    {"section.soil": "loess", "section.edge_load": "none", "section.support_yuan_m2": 90.0},
    source="test",
)
WIDE = SETTINGS.with_user({"section.surface_margin_m": 2.0}, source="test")
OLD = (Existing(Line("drain", depth_m=2.0), 1.5), Existing(GAS, 5.2))
CASES: dict[str, Section | Fitted] = {
    "one line": lay([WATER], SETTINGS),
    "two trenches": lay([TELECOM, WATER], SETTINGS),
    "stepped": lay([GAS, WATER, HEAT, DRAIN], WIDE),
    "sloped": lay([WATER, DRAIN], LOESS),
    "eight lines": lay(EIGHT, SETTINGS),
    "no line": lay([], SETTINGS),
    "existing": fit(
        [POWER, TELECOM], Corridor(width_m=16, existing=OLD, kerb_m=6.5, tree_m=7.2), SETTINGS
    ),
    "both sides": fit(EIGHT[:6], Corridor(width_m=8), SETTINGS),
    "measure": fit(
        [POWER, TELECOM, WATER, GAS, HEAT],
        Corridor(width_m=24, kerb_m=8, tree_m=11.5),
        SETTINGS,
        carriageway=False,
    ),
    "missing": fit(EIGHT, Corridor(width_m=4, side="left"), SETTINGS),
    "tunnel": fit(EIGHT, Corridor(width_m=7, tunnel=frozenset({"power", "water"})), SETTINGS),
    "only a tunnel": fit([POWER], Corridor(width_m=0.4, tunnel=frozenset({"power"})), SETTINGS),
    "unknown width": fit([POWER, WATER], Corridor(width_m=nan), SETTINGS),
}


def _root(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314 - drawn here, from nobody's file


def _texts(drawn: Section | Fitted, language: Language = "zh") -> list[ET.Element]:
    return list(_root(draw(drawn, language=language)).iter(f"{SVG}text"))


def _said(drawn: Section | Fitted, language: Language = "zh") -> list[str]:
    return ["".join(text.itertext()) for text in _texts(drawn, language)]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("case", CASES)
def test_a_drawing_is_one_sealed_picture_without_styles(case: str, language: Language) -> None:
    svg = draw(CASES[case], language=language)
    assert _root(svg).tag == f"{SVG}svg"
    assert not re.search(r"style=|<script|<style|href|url\(|\son\w+=", svg)
    assert "nan" not in svg
    assert len(svg.encode()) < 8192
    page = f'<html><head><meta charset="utf-8"></head><body>{svg}</body></html>'
    assert svg in offline.seal(page)


def _box(text: ET.Element) -> tuple[float, float, float, float]:
    said = text.text or "" if text.find(f"{SVG}title") is None else text[0].tail or ""
    width = text_width_px(said, float(text.get("font-size", "12")) * 0.93)
    x, y, anchor = float(text.get("x", "0")), float(text.get("y", "0")), text.get("text-anchor")
    left = {"start": x, "end": x - width}.get(anchor or "middle", x - width / 2)
    return left, left + width, y - 10, y + 2


def _boxes(drawn: Section | Fitted, language: Language) -> list[tuple[float, float, float, float]]:
    root = _root(draw(drawn, language=language))
    middle = {id(text) for group in root.iter(f"{SVG}g") for text in group}
    for text in root.iter(f"{SVG}text"):
        if id(text) not in middle and text.get("text-anchor") is None:
            text.set("text-anchor", "start")
    return [_box(text) for text in root.iter(f"{SVG}text")]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("case", CASES)
def test_no_text_lies_on_another_or_beyond_the_edge(case: str, language: Language) -> None:
    boxes = _boxes(CASES[case], language)
    for a, b in combinations(boxes, 2):
        assert a[1] <= b[0] or b[1] <= a[0] or a[3] <= b[2] or b[3] <= a[2], (a, b)
    assert all(box[0] >= 0 and box[1] <= 560 for box in boxes)


def test_every_line_cover_distance_and_trench_is_written() -> None:
    section = CASES["eight lines"]
    assert isinstance(section, Section)
    said = _said(section)
    for item in section.bodies:
        letter = UTILITIES[item.utility].letter
        assert any(t.startswith(letter) and t.endswith(f"{item.diameter_mm:.0f}") for t in said)
    for gap in section.gaps:
        mark = "*" if gap.needed.unverified else ""
        assert any(t.endswith(f"{gap.clear_m:.2f}{mark}") for t in said)
    for trench in section.trenches:
        assert f"{trench.width_m:.2f}×{trench.depth_m:.2f}" in " ".join(said)
        for cover in trench.covers:
            mark = "*" if cover.unverified else ""
            assert any(t.endswith(f"{cover.value_m:.2f}{mark}") for t in said)
    assert any(
        f"{section.width_m:.2f}" in t and f"{section.volume_m3_per_m:.2f}" in t for t in said
    )
    assert "* 待核" in said


def test_new_lines_are_filled_and_existing_ones_hollow() -> None:
    root = _root(draw(CASES["existing"]))
    drawn = [e for e in root.iter() if e.tag in {f"{SVG}circle", f"{SVG}rect"} if e.get("stroke")]
    fills = sorted((e.get("stroke") or "", e.get("fill") == "#FFF") for e in drawn)
    inks = [("power", False), ("telecom", False), ("drain", True), ("gas", True)]
    assert fills == sorted((UTILITIES[name].tuned, hollow) for name, hollow in inks)
    assert "空心：现状管线" in _said(CASES["existing"])


def test_the_picture_is_to_scale_in_both_directions() -> None:
    section = lay([DRAIN], SETTINGS)
    svg = draw(section)
    [corners] = re.findall(r'<path d="M([\d. L-]+)" fill="#EFE7DA"', svg)
    points = [tuple(map(float, pair.split())) for pair in corners.split("L")]
    across = max(x for x, _ in points) - min(x for x, _ in points)
    down = max(y for _, y in points)
    assert across / section.width_m == pytest.approx(down / section.trenches[0].depth_m, rel=5e-3)


def test_slopes_support_and_what_is_short_are_named() -> None:
    assert any(text.endswith("边坡 1:0.1*") for text in _said(CASES["sloped"]))
    assert any("支撑" in text for text in _said(CASES["eight lines"]))
    assert any(text.endswith("!") for text in _said(CASES["measure"]))
    assert any("! 小于规定" in text for text in _said(CASES["measure"]))
    assert any("放不下" in text for text in _said(CASES["missing"]))
    assert any("电力" in text for text in _said(CASES["tunnel"]))
    assert any("未核对" in text for text in _said(CASES["unknown width"]))
    assert any("does not fit" in text for text in _said(CASES["missing"], "en"))


def test_the_road_is_named_above_the_section() -> None:
    said = _said(CASES["existing"])
    for word in ("红线", "人行道", "车行道", "侧石", "行道树", "路中线"):
        assert word in said
    assert any("红线侧" in text for text in _said(CASES["one line"]))


def test_values_carry_their_clause_and_confidence() -> None:
    assert "<title>GB 50289-2016 4.1.1 C</title>0.70*" in draw(CASES["one line"])


@given(
    st.lists(st.tuples(st.floats(0, 500), st.floats(1, 40)), min_size=1, max_size=10),
)
@effort(max_examples=60, deadline=None)
def test_spread_intervals_never_overlap_and_stay_in_order(
    wanted: list[tuple[float, float]],
) -> None:
    centres, widths = zip(*sorted(wanted), strict=True)
    placed = spread(centres, widths, (0, 500))
    for k in range(1, len(placed)):
        assert placed[k] - placed[k - 1] >= (widths[k] + widths[k - 1]) / 2 - 1e-6
    assert placed[0] - widths[0] / 2 >= -1e-6
    assert placed[-1] + widths[-1] / 2 <= 500 + 1e-6


def test_labels_that_need_more_room_than_a_row_has_take_further_rows() -> None:
    labels = [Label(10.0 * k, "水 DN150", "#000") for k in range(12)]
    found = in_rows(labels, (0, 200), 0, up=False)
    assert found.texts.count("<text") == 12
    assert found.end_px >= 3 * 15
