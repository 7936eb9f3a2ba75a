"""Clearances: transcribed truly, symmetric, conditional cells followed."""

from __future__ import annotations

import csv
from itertools import combinations_with_replacement
from pathlib import Path

import pytest

from planner.section.clearances import cover, horizontal, side_width
from planner.section.figure import Figure, rows
from planner.section.line import Body, Line, body
from planner.section.spacing import LOADS
from planner.settings import defaults

SETTINGS = defaults()
LINES = (
    Line("water", diameter_mm=150),
    Line("water", diameter_mm=300),
    Line("drain"),
    *(Line("gas", pressure_mpa=p) for p in (0.005, 0.2, 0.4, 0.8, 1.6)),
    Line("heat"),
    Line("power", "direct"),
    Line("power", "duct"),
    Line("telecom", "direct"),
    Line("telecom", "duct"),
)


def _clear(a: Line, b: Line) -> Figure:
    return horizontal(body(a, SETTINGS), body(b, SETTINGS), missing_m=0.5, missing_confidence="D")


def _folder(shared_data: Path) -> Path:
    folder = shared_data.parent / "standards"
    if not folder.is_dir():
        pytest.skip("the standards tables are absent: they lie beside the data folder")
    return folder


def _rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))


def _package(name: str) -> list[dict[str, str]]:
    root = Path(__file__).parents[3]
    return _rows(root / "planner" / "section" / "tables" / name)


@pytest.mark.parametrize(
    ("a", "b", "clear_m", "confidence"),
    [
        (Line("water", diameter_mm=200), Line("drain"), 1.0, "B"),
        (Line("water", diameter_mm=300), Line("drain"), 1.5, "B"),
        (Line("gas", pressure_mpa=0.2), Line("drain"), 1.2, "B"),
        (Line("gas", pressure_mpa=0.8), Line("power", "direct"), 1.0, "C"),
        (Line("heat"), Line("power", "duct"), 2.0, "C"),
        (Line("power", "duct"), Line("telecom", "duct"), 0.5, "D"),
        (Line("gas", diameter_mm=300), Line("gas", diameter_mm=100), 0.4, "C"),
        (Line("gas", diameter_mm=300), Line("gas", diameter_mm=315), 0.5, "C"),
        (Line("power", voltage_kv=10), Line("telecom", "direct"), 0.5, "D"),
        (Line("power", voltage_kv=35), Line("telecom", "direct"), 2.0, "D"),
    ],
)
def test_a_clearance_is_the_cell_of_table_4_1_9(
    a: Line, b: Line, clear_m: float, confidence: str
) -> None:
    found = _clear(a, b)
    assert (found.value_m, found.confidence) == (clear_m, confidence)
    assert found.clause == "GB 50289-2016 4.1.9"
    assert _clear(b, a) == found


@pytest.mark.parametrize(
    "line", [Line("water"), Line("drain"), Line("heat")], ids=lambda line: line.utility
)
def test_a_pair_that_the_table_lacks_takes_the_setting_and_says_so(line: Line) -> None:
    found = _clear(line, line)
    assert (found.value_m, found.clause) == (0.5, "section.missing_clearance_m")
    assert found.unverified


def test_only_equal_kinds_of_water_drain_and_heat_are_missing_from_the_table() -> None:
    missing = {
        frozenset((a.utility, b.utility))
        for a, b in combinations_with_replacement(LINES, 2)
        if _clear(a, b).clause.startswith("section.")
    }
    assert missing == {frozenset(("water",)), frozenset(("drain",)), frozenset(("heat",))}


def test_every_number_of_the_horizontal_table_is_in_the_transcription(shared_data: Path) -> None:
    source = _rows(_folder(shared_data) / "gb50289_2016_t4_1_9_horizontal_pairs.csv")
    ours: dict[tuple[str, str], list[dict[str, str]]] = {}
    for row in _package("horizontal.csv"):
        ours.setdefault((row["a"], row["b"]), []).append(row)
    assert len(ours) == len(source)
    for row in source:
        found = ours[row["a"], row["b"]]
        for cell in found:
            assert cell["clear_m"] in row["min_horizontal_clear_m"]
            assert cell["confidence"] == row["confidence"][0]
        if len(found) == 1:
            assert float(found[0]["clear_m"]) == float(row["min_horizontal_clear_m"])


def test_the_cover_table_is_the_transcription(shared_data: Path) -> None:
    source = _rows(_folder(shared_data) / "gb50289_2016_t4_1_1_cover.csv")
    keys = ("min_cover_nonmotor_incl_sidewalk_m", "min_cover_motor_lane_m")
    theirs = [(row["key"], *(row[key] for key in keys), row["confidence"][0]) for row in source]
    ours = [
        (row["kind"], row["walk_m"], row["lane_m"], row["confidence"])
        for row in _package("cover.csv")
    ]
    assert ours == theirs


def test_the_working_widths_are_the_transcription(shared_data: Path) -> None:
    source = _rows(_folder(shared_data) / "gb50268_2008_t4_3_2_side_width.csv")
    theirs = [(row["D0_mm_to_incl"], row["metal_or_plastic_mm"]) for row in source]
    assert [(row["to_mm"], row["smooth_mm"]) for row in _package("side_width.csv")] == theirs


def test_slopes_and_standing_walls_are_the_transcription(shared_data: Path) -> None:
    folder = _folder(shared_data)
    slopes = {row["soil"]: row for row in _rows(folder / "gb50268_2008_t4_3_3_side_slope.csv")}
    ours = _package("slopes.csv")
    assert {row["zh"] for row in ours} == set(slopes)
    for row in ours:
        theirs = slopes[row["zh"]]
        for load in LOADS:
            written = theirs[f"{load}_load" if load != "none" else "no_load"]
            assert (f"1:{float(row[load]):.2f}" if row[load] else "") == written
        assert row["confidence"] == theirs["confidence"]
    walls = _rows(folder / "trench_vertical_wall_max_depth.csv")
    depths = {
        row["soil"]: (float(row["max_depth_m_unsupported_vertical"]), row["confidence"])
        for row in walls
    }
    for row in _package("walls.csv"):
        if not row["note"].startswith("no row"):
            assert (float(row["most_m"]), row["confidence"]) == depths[row["zh"]]


@pytest.mark.parametrize(
    ("kind", "lane_m", "walk_m"),
    [("water", 0.7, 0.6), ("gas", 0.9, 0.6), ("power_direct", 1.0, 0.7), ("drain", 0.7, 0.6)],
)
def test_cover_is_deeper_under_the_carriageway(kind: str, lane_m: float, walk_m: float) -> None:
    assert cover(kind, carriageway=True).value_m == lane_m
    assert cover(kind, carriageway=False).value_m == walk_m


@pytest.mark.parametrize(
    ("outer_mm", "b1_m"),
    [(100, 0.3), (500, 0.3), (501, 0.4), (1500, 0.5), (3000, 0.7), (4000, 0.7)],
)
def test_working_width_grows_with_the_pipe(outer_mm: float, b1_m: float) -> None:
    assert side_width(outer_mm).value_m == b1_m


def test_every_kind_of_the_tables_has_a_name_in_both_languages() -> None:
    named = {row["kind"] for row in rows("kinds.csv") if row["zh"] and row["en"]}
    used = {row[side] for row in rows("horizontal.csv") for side in ("a", "b")}
    used |= {row["kind"] for row in rows("cover.csv")}
    used |= {row["soil"] for name in ("walls.csv", "slopes.csv") for row in rows(name)}
    used |= {f"load_{load}" for load in LOADS} | {"heat", "power", "telecom", "tv"}
    assert used == named


def test_a_figure_reads_as_a_line_in_both_languages() -> None:
    figure = _clear(Line("water", diameter_mm=100), Line("drain"))
    assert figure.text("zh") == (
        "给水 d≤200与污水雨水的水平净距 1 m（GB 50289-2016 4.1.9，可信度 B）"
    )
    assert figure.text("en") == (
        "clear distance of water d≤200 and drain 1 m (GB 50289-2016 4.1.9, confidence B)"
    )
    assert "500 mm" in side_width(100).text("zh")
    assert "least cover above gas 0.9 m" in cover("gas", carriageway=True).text("en")


def test_only_c_d_and_assumptions_are_marked_unverified() -> None:
    marked = [
        Figure("", (), 0.0, "", c).unverified for c in ("A", "B", "C", "D", "assumption", "user")
    ]
    assert marked == [False, False, True, True, True, False]


@pytest.mark.parametrize(("voltage_kv", "clear_m"), [(110.0, 3.0), (500.0, 5.0)])
def test_a_conditional_cell_counts_beside_the_plain_one(voltage_kv: float, clear_m: float) -> None:
    tower = Body(0, "", "tower_gt35", "", 0.0, 1.0, 1.0, 0.0, voltage_kv)
    found = horizontal(body(Line("heat"), SETTINGS), tower, missing_m=0.5, missing_confidence="D")
    assert found.value_m == clear_m


def test_a_condition_that_no_line_can_meet_never_lowers_a_clearance() -> None:
    railway = Body(0, "", "railway", "", 0.0, 1.0, 1.0, 0.0, 0.0)
    cable = body(Line("power", "direct"), SETTINGS)
    assert horizontal(cable, railway, missing_m=0.5, missing_confidence="D").value_m == 10.0
