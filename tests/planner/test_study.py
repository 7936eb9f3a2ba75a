"""The whole run from the sample county's files: its summary, its repeatability, what it lacks."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from geopandas import GeoDataFrame
from geopandas.testing import assert_geodataframe_equal
from pandas.testing import assert_frame_equal

from geo.errors import InputError
from layers.county import County, InputFile
from layers.read import Source
from layers.tables import RESULTS
from planner import study, studyfile
from planner.coverage import run as coverage_run
from planner.settings import defaults
from planner.study import StudyResult
from planner.studyfile import Study
from planner.trench.build import Built

NUMBER = (int, float)
NOTHING = type(None)
EXPECTED: Mapping[str, Mapping[str, type | tuple[type, ...]]] = {
    "trench": {
        "status": str, "works": int, "segments": int, "openings": int, "openings_separate": int,
        "reopenings": int, "reopenings_explained": int, "cost_yuan": NUMBER,
        "cost_separate_yuan": NUMBER, "cost_greedy_yuan": NUMBER, "bound_yuan": NUMBER,
        "gap": float, "dug_m": NUMBER, "dug_separate_m": NUMBER, "closure_days": int,
        "closure_separate_days": int, "seconds": float,
    },
    "extension": {
        "applications": int, "connected": int, "unreachable": list, "cost_yuan": NUMBER,
        "status": str, "cost_separate_yuan": NUMBER, "cost_overlay_yuan": NUMBER,
        "cost_bounded_yuan": NUMBER, "bound_yuan": NUMBER, "gap": float, "trench_m": NUMBER,
        "line_m": NUMBER, "seconds": float,
    },
    "coverage": {
        "cells": int, "area_km2": float, "covered_share": float, "uncertain_share": float,
        "gap_count": int, "gap_km2": float, "people_in_gaps": int, "villages": int,
        "villages_failing": int, "infill": dict, "seconds": float, "pixels_per_cpu_s": int,
        "sweep_bias_db": NUMBER, "sweep_rms_db": NUMBER, "sweep_agreement": float,
        "sweep_sample_dbm": dict,
    },
    "checks": {"passed": int, "failed": int, "failures": list},
}  # fmt: skip


@pytest.fixture(scope="module")
def asked(sample_input: Path) -> Study:
    return studyfile.load(sample_input / "study.toml")


@pytest.fixture(scope="module")
def run_without(asked: Study) -> Callable[..., StudyResult]:
    """Runs the sample study without some of its layers."""

    def run(*layers: str) -> StudyResult:
        sources = tuple(source for source in asked.sources if source.layer not in layers)
        terrain = () if "terrain" in layers else asked.terrain
        return study.run(replace(asked, sources=sources, terrain=terrain))

    return run


@pytest.fixture
def summary(sample_result: StudyResult) -> dict[str, Any]:
    """The summary as a reader of result.json gets it."""
    text = json.dumps(sample_result.summary(), ensure_ascii=False, allow_nan=False)
    loaded: dict[str, Any] = json.loads(text)
    return loaded


@pytest.mark.parametrize("topic", EXPECTED)
def test_summary_has_every_key_with_its_kind_and_null_for_what_is_not_computed(
    summary: dict[str, Any], topic: str
) -> None:
    for key, kind in EXPECTED[topic].items():
        assert isinstance(summary[topic][key], kind), key
        assert not isinstance(summary[topic][key], bool), key
    assert summary["checks"]["failed"] == 0


def test_summary_names_inputs_crs_infill_and_what_is_out_of_reach(summary: dict[str, Any]) -> None:
    assert summary["crs"] == "EPSG:4545"
    assert summary["seconds"] > 0
    files = {entry["layer"]: entry for entry in summary["inputs"]}
    assert {"roads", "works", "cells", "terrain"} <= set(files)
    for entry in summary["inputs"]:
        assert set(entry) == {"layer", "path", "sha256", "rows", "used", "quarantined"}
        assert len(entry["sha256"]) == 64
        assert entry["rows"] == entry["used"] + entry["quarantined"] > 0
    infill = summary["coverage"]["infill"]
    assert infill["value"] <= infill["bound"]
    assert infill["gap"] == 1.0 - infill["value"] / infill["bound"]
    assert set(infill["operators"]) == {"cmcc", "ctcc", "cucc"}
    assert isinstance(infill["sites"], int)
    assert isinstance(infill["people_gained"], int)
    for entry in summary["extension"]["unreachable"]:
        assert entry["application"]
        assert entry["reason"]
    extension = summary["extension"]
    lost = {entry["application"].removesuffix("/2") for entry in extension["unreachable"]}
    assert extension["connected"] + len(lost) >= extension["applications"] - extension["no_line"]


def test_results_have_the_columns_that_their_tables_declare(sample_result: StudyResult) -> None:
    tables = sample_result.tables()
    for table in RESULTS:
        assert set(table.names) <= set(tables[table.name].columns), table.name
        if table.geometry != "none":
            assert tables[table.name].crs == sample_result.county.crs, table.name


def timeless(result: StudyResult) -> dict[str, Any]:
    topics: dict[str, Any] = {}
    for name, content in result.summary().items():
        if name != "seconds":
            topics[name] = content
        if isinstance(content, dict):
            clock = {"seconds", "pixels_per_cpu_s"}
            topics[name] = {key: value for key, value in content.items() if key not in clock}
    return topics


def test_two_runs_of_one_study_give_the_same_plan(asked: Study, sample_result: StudyResult) -> None:
    again = study.run(asked)
    assert timeless(again) == timeless(sample_result)
    tables = sample_result.tables()
    for name, frame in again.tables().items():
        same = assert_geodataframe_equal if isinstance(frame, GeoDataFrame) else assert_frame_equal
        same(frame, tables[name])


def priced(county: County, rows: list[tuple[str, float]]) -> County:
    prices = pd.DataFrame(rows, columns=["key", "value"]).assign(unit=None, source=None)
    file = InputFile("prices", "单价.csv", "", len(rows), len(rows), 0)
    return replace(
        county, frames={**county.frames, "prices": prices}, inputs=(*county.inputs, file)
    )


def test_prices_go_before_the_settings_of_the_study(sample_result: StudyResult) -> None:
    county = priced(sample_result.county, [("trench.setup_yuan", 12345.0)])
    user = defaults().with_user({"trench.setup_yuan": 1.0}, source="study.toml")
    changed = study.with_prices(user, county)
    assert changed.number("trench.setup_yuan") == 12345.0
    assert changed["trench.setup_yuan"].confidence == "user"
    assert changed["trench.setup_yuan"].source == "单价.csv"


def test_prices_that_name_no_number_are_faults_of_their_file(sample_result: StudyResult) -> None:
    rows = [("trench.no_such_price", 1.0), ("extension.lead_in_surface", 2.0)]
    with pytest.raises(InputError) as caught:
        study.with_prices(defaults(), priced(sample_result.county, rows))
    assert [fault.code for fault in caught.value.faults] == ["setting_unknown", "setting_kind"]
    for fault, (key, _) in zip(caught.value.faults, rows, strict=True):
        assert (fault.file, fault.layer, fault.column, fault.rows) == (
            "单价.csv", "prices", "key", (key,),
        )  # fmt: skip


def test_prices_of_a_file_change_the_plan(sample_input: Path, asked: Study, tmp_path: Path) -> None:
    path = tmp_path / "单价.csv"
    path.write_text("项目,单价\ntrench.setup_yuan,0\n", encoding="utf-8-sig")
    source = Source(layer="prices", path=str(path))
    kept = tuple(s for s in asked.sources if s.layer not in {"cells", "applications"})
    result = study.run(replace(asked, sources=(*kept, source)))
    assert result.settings.number("trench.setup_yuan") == 0.0
    assert not result.checks.failed


def codes(result: StudyResult) -> list[tuple[str, str]]:
    return [(note.code, note.layer) for note in result.notes]


def test_a_study_without_works_still_routes_and_says_so(
    run_without: Callable[..., StudyResult],
) -> None:
    result = run_without("works", "cells")
    assert not result.checks.failed
    assert result.trench.figures["works"] == len(result.extension.works) > 0
    assert ("study_without", "works") in codes(result)


def test_a_study_without_applications_still_joins_works(
    run_without: Callable[..., StudyResult],
) -> None:
    result = run_without("applications", "cells")
    assert not result.checks.failed
    assert result.extension.status == "empty"
    assert result.extension.figures["applications"] == 0
    assert result.trench.figures["works"] == len(result.county["works"])
    assert ("study_without", "applications") in codes(result)


@pytest.mark.parametrize(
    ("layer", "code"),
    [("cells", "coverage_without_cells"), ("terrain", "coverage_without_terrain")],
)
def test_a_study_without_cells_or_terrain_leaves_coverage_out_and_says_why(
    run_without: Callable[..., StudyResult], layer: str, code: str
) -> None:
    result = run_without(layer)
    assert not result.checks.failed
    assert result.coverage is None
    assert (code, layer) in codes(result)
    coverage: Any = result.summary()["coverage"]
    assert set(EXPECTED["coverage"]) <= set(coverage)
    assert coverage["gap_count"] is None
    assert "gaps" not in result.tables()


def test_a_study_without_roads_names_every_work_and_application_left_out(
    run_without: Callable[..., StudyResult],
) -> None:
    result = run_without("roads", "cells")
    assert not result.checks.failed
    assert result.trench.status == "empty"
    assert len(result.trench.unplaced) == len(result.county["works"]) > 0
    assert len(result.extension.unreachable) > 0
    assert result.extension.unreachable["reason"].ne("").all()
    assert ("study_without", "roads") in codes(result)


def test_a_study_of_nothing_with_a_place_has_no_crs(asked: Study) -> None:
    with pytest.raises(InputError) as caught:
        study.run(replace(asked, sources=(), terrain=(), crs=None))
    assert caught.value.faults[0].code == "layers_without_place"


def test_progress_grows_from_nothing_to_the_checks(asked: Study) -> None:
    told: list[float] = []
    kept = tuple(s for s in asked.sources if s.layer in {"roads", "works", "crews"})
    study.run(replace(asked, sources=kept), progress=lambda _, share: told.append(share))
    assert told == sorted(told)
    assert 0.0 <= told[0] < told[-1] <= 1.0


def test_settlements_that_state_no_people_are_named(sample_result: StudyResult) -> None:
    places = sample_result.county["places"].copy()
    assert "places_without_people" not in {note.code for note in sample_result.notes}
    homes = places.index[places["kind"] == "settlement"][:2]
    places.loc[homes, ["people", "households"]] = float("nan")
    (note,) = study._empty_places(places)
    assert note.count == 2
    assert note.rows == tuple(places.loc[homes, "place_id"])


def test_the_notes_tell_what_the_joint_plan_did_not_try(sample_result: StudyResult) -> None:
    few = sample_result.settings.with_user({"trench.robust_most_works": 1}, source="test")
    trench = sample_result.trench
    trench = replace(trench, problem=replace(trench.problem, settings=few))
    built = Built(problem=trench.problem, rejected=(), segments=sample_result.segments)
    found = study._notes(sample_result.county, few, built, trench)
    assert "robustness_not_replanned" in {note.code for note in found}
    assert "robustness_not_replanned" not in {note.code for note in sample_result.notes}


def test_a_propagation_model_that_is_not_known_stops_the_run_before_it_plans(asked: Study) -> None:
    told: list[str] = []
    wrong = replace(asked, settings={**asked.settings, "coverage.second_model": "hata"})
    with pytest.raises(InputError) as caught:
        study.run(wrong, progress=lambda message, _share: told.append(message))
    assert [fault.code for fault in caught.value.faults] == ["setting_choice"]
    assert "路段 / segments" not in told


def test_a_terrain_that_is_a_surface_is_said_to_be_one(asked: Study) -> None:
    settings = defaults()
    county = study.county_of(replace(asked, terrain_kind="surface"), settings)
    assert county.terrain is not None
    assert county.terrain.kind == "surface"
    found = coverage_run.remark(county)
    assert found is not None
    assert "kind" in found.text("zh")
