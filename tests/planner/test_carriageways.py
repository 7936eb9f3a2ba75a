"""A dual road is one 路段: works on it meet, and what closes one carriageway closes the road."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS
from shapely import LineString, MultiLineString

from layers.county import County
from layers.schemas import empty_frame
from layers.tables import BY_NAME, INPUTS
from planner import archive, ground, study, studyfile
from planner.carriageways import carriageways, drawn_across, place_on_roads, roads
from planner.rules.profile import load
from planner.settings import defaults
from planner.trench import run
from planner.trench.build import Built
from planner.trench.check import check
from planner.trench.check.inputs import check_inputs
from planner.trench.closures import Horizon, closures
from planner.trench.run import TrenchResult

EPSG = CRS.from_epsg(4545)
EAST, NORTH = 471_000.0, 3_242_000.0
START = dt.date(2026, 1, 1)
Points = Sequence[tuple[float, float]]
Row = Mapping[str, object]

SOUTH: Points = [(0, 0), (200, 0)]
NORTHERN: Points = [(200, 15), (0, 15)]
DIGS = {"along the south": [(20, -3), (120, -3)], "along the north": [(60, 18), (180, 18)]}


def line(points: Points) -> LineString:
    return LineString([(EAST + x, NORTH + y) for x, y in points])


def frame(table: str, rows: Sequence[Row]) -> gpd.GeoDataFrame:
    """Return rows of a table, empty cells typed as the table has them."""
    empty = empty_frame(BY_NAME[table], EPSG)
    made = pd.DataFrame(list(rows)).reindex(columns=empty.columns)
    for name, kind in empty.dtypes.items():
        if kind.kind == "b":
            made[name] = made[name].eq(True)
        elif name != "geometry":
            made[name] = made[name].astype(kind)
    return gpd.GeoDataFrame(made, geometry="geometry", crs=EPSG)


def road(points: Points, **more: object) -> Row:
    return {
        "road_id": str(points), "name": "滨江大道", "road_class": "arterial", "oneway": True,
        "surface": "asphalt", "width_m": 40.0, "geometry": line(points), **more,
    }  # fmt: skip


def work(key: str, points: Points, **more: object) -> Row:
    return {
        "work_id": key, "utility": "water", "owner": key, "diameter_mm": 200.0,
        "earliest": pd.Timestamp("2026-03-01"), "latest": pd.Timestamp("2026-03-20"),
        "duration_days": 10.0, "method": "open_cut", "geometry": line(points), **more,
    }  # fmt: skip


def built_of(ways: Sequence[Row], works: Sequence[Row]) -> Built:
    frames = {table.name: empty_frame(table, EPSG) for table in INPUTS}
    frames |= {"roads": frame("roads", ways), "works": frame("works", works)}
    county = County(name="试验", crs=EPSG, frames=frames)
    onto = ground.segments_of(county, defaults())
    none = frame("works", [])
    return ground.trench_problem(county, onto, none, defaults(), start=START, days=365)


def solved(built: Built) -> TrenchResult:
    return run.solve(built, profile=load("wushan-2021"))


def proven(built: Built, result: TrenchResult, **changed: pd.DataFrame) -> set[str]:
    """Return the rules that a plan breaks."""
    names = ("openings", "participants", "reopenings", "unplaced", "starts")
    tables = {name: getattr(result, name) for name in names} | changed
    checks = check(built, **tables, figures=result.figures, certificate=result.certificate)
    return {failure.rule for failure in checks.failures}


@pytest.fixture(scope="module")
def dual() -> Built:
    """Two carriageways, and a work on each that may be dug in the same days."""
    return built_of(
        [road(SOUTH), road(NORTHERN)], [work(key, points) for key, points in DIGS.items()]
    )


@pytest.fixture(scope="module")
def plan(dual: Built) -> TrenchResult:
    return solved(dual)


def test_works_on_both_carriageways_are_one_opening_with_two_sides(
    dual: Built, plan: TrenchResult
) -> None:
    (opening,) = plan.openings.to_dict("records")
    assert opening["works"] == 2
    assert plan.figures["segments"] == plan.figures["openings"] == 1
    assert sorted(plan.participants["side"]) == ["left", "right"]
    assert opening["dug_m"] == pytest.approx(100.0 + 120.0, abs=0.5)
    assert opening["segment_id"] in set(dual.segments["group_id"])


def test_carriageways_of_two_roads_stay_two_segments() -> None:
    ways = [road(SOUTH, name="南街"), road(NORTHERN, name="北街")]
    plan = solved(built_of(ways, [work(key, points) for key, points in DIGS.items()]))
    assert plan.figures["segments"] == plan.figures["openings"] == 2


@pytest.mark.parametrize("closed", [0, 1])
def test_a_moratorium_on_one_carriageway_binds_the_other(closed: int) -> None:
    ways = [dict(road(SOUTH)), dict(road(NORTHERN))]
    ways[closed]["overhauled_on"] = pd.Timestamp("2025-06-01")
    built = built_of(ways, [work(key, points) for key, points in DIGS.items()])
    assert {rejected.rule for rejected in built.rejected} == {"closed"}
    assert {rejected.work_id for rejected in built.rejected} == set(DIGS)


def test_a_no_dig_period_in_the_town_of_one_carriageway_closes_the_road() -> None:
    onto = ways_of(SOUTH, NORTHERN, [(300, 0), (400, 0)]).assign(
        group_id=["S0", "S0", ""], town=["甲镇", "乙镇", "甲镇"], road_class="arterial",
        opened_on=pd.NaT, overhauled_on=pd.NaT,
    )  # fmt: skip
    day = pd.Timestamp("2026-03-10")
    exam = pd.DataFrame({"event_id": ["1"], "name": ["考试"], "kind": [""], "starts_on": [day],
                         "ends_on": [day], "town": ["乙镇"], "road_class": [""]})  # fmt: skip
    one, other, elsewhere = closures(onto, exam, defaults(), Horizon(START, 1, 365))
    assert [(shut.first, shut.last) for shut in one] == [(68, 68)]
    assert other == one
    assert elsewhere == ()


def test_the_plan_of_a_dual_road_is_proven(dual: Built, plan: TrenchResult) -> None:
    assert proven(dual, plan) == set()


def test_a_dig_left_on_its_own_carriageway_is_found(dual: Built, plan: TrenchResult) -> None:
    (leader,) = plan.openings["segment_id"]
    (other,) = set(dual.segments["segment_id"]) - {leader}
    moved = plan.participants.assign(segment_id=[leader, other])
    assert "road" in proven(dual, plan, participants=moved)


def test_a_dig_under_the_other_carriageway_s_moratorium_is_found(
    dual: Built, plan: TrenchResult
) -> None:
    assert dual.inputs is not None
    (leader,) = plan.openings["segment_id"]
    late = dual.segments["overhauled_on"].mask(
        dual.segments["segment_id"] != leader, pd.Timestamp("2025-06-01")
    )
    checks = check_inputs(
        dual.segments.assign(overhauled_on=late), dual.inputs, defaults(),
        participants=plan.participants,
    )  # fmt: skip
    assert [failure.rule for failure in checks.failures] == ["moratorium"] * 2


def test_a_saved_study_of_a_dual_road_is_proven_again(tmp_path: Path) -> None:
    tables = {
        "roads": frame("roads", [road(SOUTH), road(NORTHERN)]),
        "works": frame("works", [work(key, points) for key, points in DIGS.items()]),
    }
    text = [f'[study]\nname = "双幅路"\nprofile = "wushan-2021"\nstart = {START}\ndays = 365\n']
    for name, table in tables.items():
        table.dropna(axis="columns", how="all").to_file(tmp_path / f"{name}.gpkg")
        text.append(f'[[layers.{name}]]\npath = "{name}.gpkg"\n')
    (tmp_path / "study.toml").write_text("".join(text), encoding="utf-8")
    result = study.run(studyfile.load(tmp_path / "study.toml"))
    assert len(result.segments) == 2
    assert result.trench.figures["openings"] == 1
    archive.save(result, tmp_path / "out")
    checks = archive.check(tmp_path / "out")
    assert checks.failures == result.checks.failures == ()
    assert checks.passed > 0


def ways_of(*lines: Points, group: str = "S0") -> gpd.GeoDataFrame:
    """Return segments S0, S1 ... of one road, led by S0, that share no junction."""
    shapes = [line(points) for points in lines]
    columns = {
        "segment_id": [f"S{place}" for place in range(len(lines))],
        "group_id": [group] * len(lines),
        "name": "滨江大道",
        "width_m": np.nan,
        "detour_group": "",
        "from_node": [2 * place for place in range(len(lines))],
        "to_node": [2 * place + 1 for place in range(len(lines))],
        "length_m": [shape.length for shape in shapes],
    }
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=EPSG)


def placed(*rows: tuple[int, float, float, str]) -> pd.DataFrame:
    """Return placements of one work: segment, from_m, to_m, side."""
    columns = pd.DataFrame(rows, columns=["segment", "from_m", "to_m", "side"])
    along_m = (columns["to_m"] - columns["from_m"]).cumsum().shift(fill_value=0.0)
    return columns.assign(line=0, reversed=False, line_from_m=along_m)


def moved(onto: gpd.GeoDataFrame, *rows: tuple[int, float, float, str]) -> list[tuple[object, ...]]:
    found = place_on_roads(placed(*rows), carriageways(onto)).round({"from_m": 9, "to_m": 9})
    return list(
        found[["segment", "from_m", "to_m", "side", "reversed"]].itertuples(index=False, name=None)
    )


def test_a_stretch_is_projected_onto_the_leader() -> None:
    onto = ways_of(SOUTH, [(40, 15), (190, 15)])
    assert moved(onto, (1, 10.0, 60.0, "right")) == [(0, 50.0, 100.0, "left", False)]


def test_a_carriageway_that_runs_against_the_leader_is_turned() -> None:
    onto = ways_of(SOUTH, [(190, -15), (40, -15)])
    assert moved(onto, (1, 10.0, 60.0, "right")) == [(0, 130.0, 180.0, "right", True)]


def test_the_leader_lies_on_the_half_that_its_followers_leave() -> None:
    onto = ways_of(SOUTH, [(0, 15), (120, 15)], [(120, 15), (200, 15)])
    assert moved(onto, (0, 10.0, 60.0, "left")) == [(0, 10.0, 60.0, "right", False)]


def test_a_road_with_one_carriageway_keeps_its_sides() -> None:
    onto = ways_of(SOUTH, group="")
    assert moved(onto, (0, 10.0, 60.0, "left")) == [(0, 10.0, 60.0, "left", False)]


def test_a_carriageway_that_sticks_out_keeps_its_metres() -> None:
    onto = ways_of(SOUTH, [(-30, 15), (140, 15)])
    assert moved(onto, (1, 0.0, 170.0, "left")) == [(0, 0.0, 170.0, "left", False)]


@given(
    begins=st.floats(-60, 200),
    length_m=st.floats(20, 200),
    offset_m=st.sampled_from([-15, 15]),
    bend_m=st.floats(-5, 5),
    against=st.booleans(),
    share=st.tuples(st.floats(0, 1), st.floats(0, 1)),
)
def test_what_is_dug_keeps_its_metres_and_lies_on_the_leader(
    begins: float,
    length_m: float,
    offset_m: float,
    bend_m: float,
    against: bool,
    share: tuple[float, float],
) -> None:
    points = [(begins, offset_m), (begins + length_m / 2, offset_m + bend_m),
              (begins + length_m, offset_m)]  # fmt: skip
    onto = ways_of([(0, 0), (210, 0)], points[::-1] if against else points)
    low, high = sorted(part * onto["length_m"].iloc[1] for part in share)
    ((segment, from_m, to_m, side, turned),) = moved(onto, (1, low, high, "right"))
    assert (segment, side, turned) == (0, "left" if offset_m > 0 else "right", against)
    assert isinstance(from_m, float)
    assert isinstance(to_m, float)
    assert to_m - from_m == pytest.approx(high - low, abs=1e-6)
    assert -1e-9 <= from_m <= to_m <= 210.0 + 1e-9


def test_a_work_along_several_followers_and_back_digs_each_metre_of_a_side_once() -> None:
    ways = [road(SOUTH), road([(200, 15), (120, 15)]), road([(120, 15), (0, 15)]),
            road([(120, 15), (120, 90)], name="支路")]  # fmt: skip
    around = [(10, 18), (190, 18), (190, -3), (10, -3)]
    (loop,) = built_of(ways, [work("loop", around)]).problem.works
    (task,) = loop.tasks
    by_side = {stretch.side: stretch for stretch in task.stretches}
    assert len(by_side) == len(task.stretches) == 2
    assert task.dug_m == pytest.approx(2 * 180.0, abs=12.0)


def test_a_road_is_as_wide_as_the_widest_entry_of_its_carriageways() -> None:
    onto = ways_of(SOUTH, NORTHERN).assign(width_m=[np.nan, 32.0])
    assert roads(onto, carriageways(onto), dual_m=30.0)["width_m"].tolist() == [32.0, 32.0]


def test_a_road_is_in_the_detour_group_of_any_carriageway() -> None:
    groups = pd.Series(["", "乙", "甲", "乙", ""])
    onto = ways_of(SOUTH, NORTHERN, SOUTH, SOUTH, SOUTH).assign(
        group_id=["S0", "S0", "S2", "S3", "S4"], detour_group=groups
    )
    seen = roads(onto, carriageways(onto), dual_m=30.0)["detour_group"]
    assert seen.tolist() == ["乙", "乙", "甲", "乙", ""]
    linked = onto.assign(group_id=["S0", "S0", "S0", "S3", "S4"])
    assert len(set(roads(linked, carriageways(linked), dual_m=30.0)["detour_group"])) == 2


def test_carriageways_that_end_at_one_crossing_share_its_junction() -> None:
    onto = ways_of(SOUTH, NORTHERN, [(200, 15), (200, 90)]).assign(
        group_id=["S0", "S0", "S2"], from_node=[0, 2, 2], to_node=[1, 3, 4]
    )
    seen = roads(onto, carriageways(onto), dual_m=30.0)
    assert seen[["from_node", "to_node"]].to_numpy().tolist() == [[0, 1], [1, 0], [1, 4]]
    far = roads(onto, carriageways(onto), dual_m=10.0)
    assert far[["from_node", "to_node"]].equals(onto[["from_node", "to_node"]])


def test_an_opening_is_drawn_on_both_carriageways() -> None:
    onto = ways_of(SOUTH, NORTHERN, [(300, 0), (400, 0)]).assign(group_id=["S0", "S0", "S2"])
    openings = gpd.GeoDataFrame(
        {"segment_id": ["S0", "S2"]},
        geometry=[line([(50, 0), (80, 0)]), line([(300, 0), (350, 0)])], crs=EPSG,
    )  # fmt: skip
    both, alone = drawn_across(openings, onto)
    assert both.equals(MultiLineString([line([(50, 0), (80, 0)]), line([(80, 15), (50, 15)])]))
    assert alone.equals(openings.geometry.iloc[1])


def test_no_segment_makes_no_road() -> None:
    onto = ways_of(SOUTH).iloc[:0]
    ways = carriageways(onto)
    assert roads(onto, ways, dual_m=30.0).empty
    assert place_on_roads(placed(), ways).empty
