"""Works that cannot be done end in a result or a message that names them, from file to report."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from shapely import LineString

from layers.read import Source
from planner import study
from planner.study import StudyResult
from planner.studyfile import Study

CRS = "EPSG:4545"
EAST, NORTH = 500_000.0, 3_200_000.0

WORK: dict[str, Any] = {
    "utility": "water",
    "owner": "水务公司",
    "earliest": "2026-02-01",
    "wanted": "2026-02-10",
    "latest": "2026-11-30",
    "duration_days": 10,
    "diameter_mm": 150.0,
    "emergency": False,
    "at": (50.0, 3.0, 400.0),
}
"""`at` is the line's first metre along the road, its offset, and its length."""

WRONG: dict[str, dict[str, Any]] = {
    "GOOD": {},
    "DATES": {"earliest": "2026-06-01", "latest": "2026-05-01", "wanted": None},
    "SHORT": {"earliest": "2026-06-01", "latest": "2026-06-05", "wanted": None},
    "LATE": {"earliest": "2027-06-01", "latest": "2027-09-01", "wanted": None},
    "WISH": {"earliest": "2026-06-01"},
    "OFFROAD": {"at": (50.0, 400.0, 400.0)},
    "NOCREW": {"owner": "无队公司"},
    "MINUS": {"duration_days": -3},
    "NULL": {"duration_days": 0},
    "THIN": {"diameter_mm": -100.0},
    "POINT": {"at": (50.0, 3.0, 0.0)},
    "BACKWARDS": {"at": (450.0, 3.0, -400.0)},
    "CLOSED": {"at": (50.0, 1003.0, 400.0)},
    "BURST": {"at": (50.0, 1003.0, 400.0), "emergency": True},
}
REJECTED = {
    "SHORT": "dates",
    "LATE": "outside",
    "OFFROAD": "no_segment",
    "NOCREW": "no_crew",
    "CLOSED": "closed",
}
SET_ASIDE = {"DATES", "WISH", "MINUS", "NULL", "THIN", "POINT"}
PLANNED = {"GOOD", "BACKWARDS", "BURST"}


def line(at: tuple[float, float, float]) -> LineString:
    along, offset, length = at
    y = NORTH + offset
    return LineString([(EAST + along, y), (EAST + along + length, y)])


def write(folder: Path) -> tuple[Source, ...]:
    """Write two roads, one of them new, works good and bad, and crews."""
    roads = pd.DataFrame(
        {
            "road_id": ["R1", "R2"],
            "name": ["老路", "新路"],
            "road_class": "branch",
            "opened_on": [pd.NaT, pd.Timestamp("2025-05-01")],
        }
    )
    ways = [line((0.0, 0.0, 500.0)), line((0.0, 1000.0, 500.0))]
    gpd.GeoDataFrame(roads, geometry=ways, crs=CRS).to_file(folder / "roads.gpkg")
    rows = [{"work_id": key, **WORK, **changes} for key, changes in WRONG.items()]
    works = pd.DataFrame(rows).drop(columns="at")
    lines = [line(row["at"]) for row in rows]
    gpd.GeoDataFrame(works, geometry=lines, crs=CRS).to_file(folder / "works.gpkg")
    text = "owner,crews\n水务公司,9\n无队公司,0\n负队公司,-1\n"
    (folder / "crews.csv").write_text(text, encoding="utf-8")
    return (
        Source(layer="roads", path="roads.gpkg"),
        Source(layer="works", path="works.gpkg"),
        Source(layer="crews", path="crews.csv"),
    )


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> StudyResult:
    folder = tmp_path_factory.mktemp("wrong")
    sources = write(folder)
    start = dt.date(2026, 1, 1)
    return study.run(Study(name="试", base=folder, sources=sources, start=start, days=365, crs=CRS))


def test_every_work_of_the_file_is_planned_named_or_set_aside(result: StudyResult) -> None:
    planned = set(result.trench.starts["work_id"])
    unplaced = set(result.trench.unplaced["work_id"])
    aside = result.county.quarantine.query("layer == 'works'")
    assert planned == PLANNED
    assert unplaced == set(REJECTED)
    assert aside["row"].nunique() == len(SET_ASIDE)
    assert len(planned) + len(unplaced) + aside["row"].nunique() == len(WRONG)
    (file,) = (entry for entry in result.county.inputs if entry.layer == "works")
    assert (file.rows, file.quarantined) == (len(WRONG), len(SET_ASIDE))


@pytest.mark.parametrize(("work", "rule"), REJECTED.items())
def test_what_cannot_be_planned_says_why(result: StudyResult, work: str, rule: str) -> None:
    (row,) = result.trench.unplaced.query("work_id == @work").to_dict("records")
    assert row["rule"] == rule
    assert work in row["reason"]
    assert row["reason"].count("；") >= 1, "no remedy"


def test_numbers_that_cannot_be_are_set_aside_with_reason_and_remedy(result: StudyResult) -> None:
    aside = result.county.quarantine
    assert set(aside.query("layer == 'works'")["column"]) >= {"duration_days", "diameter_mm"}
    assert set(aside.query("layer == 'crews'")["column"]) == {"crews"}
    assert (aside["reason_zh"].str.len() > 5).all()
    assert (aside["reason_en"].str.len() > 5).all()


def test_an_emergency_in_a_moratorium_is_planned_and_the_opening_says_so(
    result: StudyResult,
) -> None:
    openings = result.trench.openings
    broken = openings[openings["exempt"] != ""]
    assert broken["name"].tolist() == ["新路"]
    (said,) = broken["exempt"]
    assert "BURST" in said
    assert "第34条" in said
    assert "2025-05-01" in said


def test_a_line_drawn_backwards_digs_where_it_lies(result: StudyResult) -> None:
    dug = result.trench.participants.set_index("work_id")
    for column in ("segment_id", "from_m", "to_m"):
        assert dug.loc["BACKWARDS", column] == pytest.approx(dug.loc["GOOD", column], abs=0.01)
