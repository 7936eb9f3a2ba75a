"""A finished study on disk: proven again from its files, and every planted error found."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import rasterio
from shapely import LineString
from shapely.affinity import scale

from geo.errors import InputError
from layers import store
from layers.store import Stored
from planner import archive
from planner.checking import Checks
from planner.coverage import check as coverage
from planner.extension import check_sitelines
from planner.openingpermits import permits_of
from planner.proof import prove
from planner.rules.profile import load
from planner.study import StudyResult
from planner.trench.check import whole as openings

Spoil = Callable[[gpd.GeoDataFrame], pd.DataFrame]


@pytest.fixture(scope="module")
def saved(sample_result: StudyResult, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("archive") / "made" / "here"
    archive.save(sample_result, folder)
    return folder


@pytest.fixture
def folder(saved: Path, tmp_path: Path) -> Path:
    """A copy of the finished study that a test may spoil."""
    return Path(shutil.copytree(saved, tmp_path / "out"))


def rewrite(folder: Path, changed: Mapping[str, Any]) -> Checks:
    """Replace result tables of a finished study and prove it again from its files."""
    path = folder / "study.gpkg"
    stored = store.read(path)
    store.write(path, stored.county, {**stored.results, **changed}, stored.meta)
    return archive.check(folder)


def rules(checks: Checks) -> set[str]:
    return {f"{failure.topic}/{failure.rule}" for failure in checks.failures}


def test_what_was_written_is_proven_as_the_run_was(saved: Path, sample_result: StudyResult) -> None:
    checks = archive.check(saved)
    assert checks.failures == ()
    assert checks.passed == sample_result.checks.passed > 1000


def test_result_json_is_the_summary_in_plain_utf8(saved: Path, sample_result: StudyResult) -> None:
    text = (saved / "result.json").read_text(encoding="utf-8")
    assert "\\u" not in text
    assert json.loads(text) == json.loads(json.dumps(sample_result.summary()))


def test_the_rasters_beside_the_study_hold_what_result_json_says(saved: Path) -> None:
    coverage = json.loads((saved / "result.json").read_text(encoding="utf-8"))["coverage"]
    for operator, figures in coverage["operators"].items():
        with rasterio.open(saved / f"coverage_rsrp_{operator}.tif") as source:
            power = source.read(1)
        known = power[np.isfinite(power)]
        share = float((known >= coverage["threshold_dbm"]).mean())
        stated = figures["covered_share_at"][f"{coverage['threshold_dbm']:g}"]
        assert share == pytest.approx(stated, abs=1e-6)
        certain = figures["covered_share"]  # what the second model reaches too
        assert certain - 1e-6 <= share <= certain + figures["uncertain_share"] + 2e-6


def test_the_sample_study_is_calibrated_by_its_drive_test(saved: Path) -> None:
    coverage = json.loads((saved / "result.json").read_text(encoding="utf-8"))["coverage"]
    calibration = coverage["calibration"]
    assert calibration["status"] == "calibrated"
    assert calibration["rmse_cross_validated_db"] < calibration["rmse_before_db"]
    stored = store.read(saved / "study.gpkg").results
    assert len(stored["calibration"]) == calibration["pixels"]
    assert len(stored["measured_gaps"]) == coverage["measured"]["gaps"]


def _move_a_start(starts: gpd.GeoDataFrame) -> pd.DataFrame:
    return starts.assign(period=starts["period"] + 40 * (starts.index == 0))


def _shorten_a_route(connections: gpd.GeoDataFrame) -> pd.DataFrame:
    longest = connections["outside_m"].idxmax()
    coordinates = list(connections.geometry[longest].coords)
    connections.loc[[longest], "geometry"] = gpd.GeoSeries(
        [LineString(coordinates[: len(coordinates) // 2 + 1])], index=[longest]
    )
    return connections


def _state_a_shorter_route(connections: gpd.GeoDataFrame) -> pd.DataFrame:
    longest = connections["length_m"].idxmax()
    connections.loc[longest, ["length_m", "outside_m"]] -= 5.0
    return connections


def _aside(works: gpd.GeoDataFrame) -> pd.DataFrame:
    return works.set_geometry(works.translate(0.2, 0.2))


def _one_less(frame: gpd.GeoDataFrame) -> pd.DataFrame:
    return frame.iloc[1:].reset_index(drop=True)


def _twice(column: str) -> Spoil:
    return lambda frame: frame.assign(
        **{column: frame[column].where(frame.index != frame[column].idxmax(), frame[column] * 2)}
    )


def _second_supply(unreachable: gpd.GeoDataFrame) -> pd.DataFrame:
    more = unreachable.iloc[[0]].assign(application_id=unreachable["application_id"] + "/2")
    return gpd.GeoDataFrame(pd.concat([unreachable, more], ignore_index=True), crs=unreachable.crs)


def _all(column: str, value: object) -> Spoil:
    return lambda frame: frame.assign(**{column: value})


PLANTED: dict[str, tuple[str, Spoil, str]] = {
    "a start moved": ("starts", _move_a_start, "trench/openings"),
    "a start dropped": ("starts", _one_less, "trench/account"),
    "an opening dropped": ("openings", _one_less, "trench/openings"),
    "an opening made cheaper": ("openings", _all("cost_yuan", 1.0), "trench/cost"),
    "a participant on another segment": (
        "participants", _all("segment_id", "S0"), "trench/participants",
    ),
    "a second supply that nobody asked for": ("unreachable", _second_supply, "extension/accounted"),
    "a participant dropped": ("participants", _one_less, "trench/participants"),
    "a re-opening dropped": ("reopenings", _one_less, "trench/reopenings"),
    "a connection dropped": ("connections", _one_less, "extension/accounted"),
    "a route shortened on the map": ("connections", _shorten_a_route, "extension/length"),
    "a route shortened in the table": ("connections", _state_a_shorter_route, "extension/length"),
    "a demand raised": ("connections", _twice("demand"), "extension/capacity"),
    "another entry made cheaper": ("candidates", _all("extra_yuan", -9.0), "extension/candidate"),
    "another entry's tie-in moved": ("candidates", _all("tie_in_id", "W0"), "extension/candidate"),
    "a piece of another entry dropped": ("candidate_ways", _one_less, "extension/candidate"),
    "a payer relieved": ("connections", _all("outside_yuan", 0.0), "extension/payer"),
    "a reserve that costs nothing": ("reserves", _all("extra_yuan", 0.0), "extension/reserve"),
    "a trench dropped": ("trenches", _one_less, "extension/trenched"),
    "a reason dropped": ("unreachable", _one_less, "extension/accounted"),
    "capacities raised": ("tie_ins", _all("capacity_left", 1e9), "extension/reason"),
    "capacities taken away": ("tie_ins", _all("capacity_left", 0.0), "extension/capacity"),
    "a routed work dropped": ("extension_works", _one_less, "trench/account"),
    "a routed work off its route": ("extension_works", _aside, "inputs/works"),
    "a segment dropped": ("segments", _one_less, "inputs/segments"),
    "a segment longer": ("segments", _twice("length_m"), "inputs/segments"),
    "a segment in another town": ("segments", _all("town", 1.0), "inputs/segments"),
}  # fmt: skip


@pytest.fixture(scope="module")
def stored(saved: Path) -> Stored:
    return store.read(saved / "study.gpkg")


def proven(stored: Stored, result: StudyResult, changed: Mapping[str, Any]) -> Checks:
    """Prove what a store holds with some tables, inputs or results, replaced.

    Coverage with the lines to its sites and the bound of the openings are left out: they take
    longest, and have tests of their own.
    """
    frames = {name: changed.get(name, frame) for name, frame in stored.county.frames.items()}
    results = {name: changed.get(name, frame) for name, frame in stored.results.items()}
    profile = load(stored.meta["profile"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(coverage, "check", lambda *_args, **_named: Checks.of([]))
        patch.setattr(check_sitelines, "check", lambda *_args, **_named: Checks.of([]))
        patch.setattr(openings, "check_bound", lambda *_args, **_named: ())
        return prove(
            replace(stored.county, frames=frames),
            results,
            result.figures(),
            result.settings,
            profile=profile,
            certificate=result.trench.certificate,
            routing_certificate=result.extension.certificate,
            siting=result.coverage.evidence,
            permits=permits_of(profile),
            start=dt.date.fromisoformat(stored.meta["start"]),
            days=int(stored.meta["days"]),
        )


def test_nothing_changed_proves_equal(stored: Stored, sample_result: StudyResult) -> None:
    assert proven(stored, sample_result, {}).failures == ()


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_error_is_found(name: str, stored: Stored, sample_result: StudyResult) -> None:
    table, spoil, rule = PLANTED[name]
    frames = {**stored.county.frames, **stored.results}
    changed = {table: spoil(frames[table].copy())}
    assert rule in rules(proven(stored, sample_result, changed))


def test_gaps_that_were_changed_in_the_store_are_found(folder: Path) -> None:
    gaps = store.read(folder / "study.gpkg").results["gaps"].copy()
    gaps.loc[[0], "geometry"] = [scale(gaps.geometry[0], 0.5, 0.5)]
    gaps.loc[1, "people"] += 99
    found = rules(rewrite(folder, {"gaps": gaps.drop(index=2).reset_index(drop=True)}))
    assert found >= {"coverage/gap_area", "coverage/gap_people", "coverage/gap_count"}


def _result(folder: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    return loaded


def _write_result(folder: Path, result: object) -> None:
    (folder / "result.json").write_text(json.dumps(result), encoding="utf-8")


def test_figures_that_were_changed_are_found(folder: Path) -> None:
    result = _result(folder)
    for topic, key in (("trench", "cost_yuan"), ("extension", "line_m"), ("coverage", "gap_km2")):
        result[topic][key] += 7
    _write_result(folder, result)
    found = rules(archive.check(folder))
    assert found == {"trench/figures", "extension/sums", "coverage/gap_km2"}


def test_coverage_that_was_left_out_of_the_tables_is_missed(folder: Path) -> None:
    path = folder / "study.gpkg"
    stored = store.read(path)
    kept = {k: v for k, v in stored.results.items() if k not in archive._OF_COVERAGE}
    store.write(path, stored.county, kept, stored.meta)
    assert "coverage/present" in rules(archive.check(folder))


@pytest.mark.parametrize(("rows", "used", "aside"), [(1, 0, 0), (0, -1, 1)])
def test_rows_that_vanish_from_the_account_are_found(
    stored: Stored, sample_result: StudyResult, rows: int, used: int, aside: int
) -> None:
    first, *others = stored.county.inputs
    changed = replace(first, rows=first.rows + rows, used=first.used + used, quarantined=aside)
    wrong = replace(stored, county=replace(stored.county, inputs=(changed, *others)))
    found = rules(proven(wrong, sample_result, {}))
    assert found == {"inputs/rows" if rows else "inputs/quarantine"}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (None, "file_missing"), ("{", "file_unreadable"), ("[]", "store_incomplete"),
        ('{"trench": {}, "extension": {}, "coverage": null}', "store_incomplete"),
    ],
)  # fmt: skip
def test_a_result_json_that_is_none_is_an_input_error(
    folder: Path, text: str | None, code: str
) -> None:
    path = folder / "result.json"
    path.unlink()
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        archive.check(folder)
    assert caught.value.faults[0].code == code
    assert caught.value.faults[0].file == str(path)


def test_a_store_without_a_table_a_column_or_its_settings_is_an_input_error(folder: Path) -> None:
    path = folder / "study.gpkg"
    stored = store.read(path)
    results = dict(stored.results)
    del results["starts"], results["infill"]
    results["openings"] = results["openings"].drop(columns="dug_m")
    store.write(path, stored.county, results, {"start": "2026-01-01"})
    with pytest.raises(InputError) as caught:
        archive.check(folder)
    text = caught.value.text("zh")
    assert all(name in text for name in ("starts", "infill", "openings.dug_m", "settings", "days"))


def test_a_store_that_is_no_geopackage_is_an_input_error(folder: Path) -> None:
    (folder / "study.gpkg").write_text("nothing")
    with pytest.raises(InputError) as caught:
        archive.check(folder)
    assert caught.value.faults[0].code == "store_foreign"


def test_every_input_and_result_is_a_layer_of_one_geopackage(saved: Path) -> None:
    layers = set(pyogrio.list_layers(saved / "study.gpkg")[:, 0])
    assert {"roads", "works", "openings", "connections", "gaps", "segments"} <= layers
