"""The real studies of the project, run and proven as a user would."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import tonggou

STUDIES = Path(__file__).parents[2] / "studies"
SHORT = """[settings]
"trench.search_effort" = 0.05
"trench.sharing_most_works" = 5
"extension.search_effort" = 0.05
"trench.robust_most_owners" = 2
"""
COARSE = f"""
{SHORT}"coverage.resolution_m" = 400
"coverage.check_points" = 20
"""


def call(*arguments: object) -> None:
    """Run a command, which must end with exit code 0."""
    done = CliRunner().invoke(tonggou.app, [str(argument) for argument in arguments])
    assert done.exit_code == 0, (done.output, done.exception)


def run(study: Path, out: Path) -> Path:
    call("run", study, "--out", out, "--no-documents")
    return out


def result(folder: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    return loaded


@pytest.fixture(scope="module")
def schutterwald(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("pandapower", reason="the real networks need the extra 'studies'")
    pytest.importorskip("pandapipes", reason="the real networks need the extra 'studies'")
    folder = tmp_path_factory.mktemp("schutterwald")
    study = folder / "schutterwald.toml"
    text = (STUDIES / study.name).read_text(encoding="utf-8")
    study.write_text(text.replace("[settings]\n", SHORT), "utf-8")
    return run(study, folder / "out")


@pytest.fixture(scope="module")
def andorra(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not (shared_data / "andorra").is_dir():
        pytest.skip("real data is absent: andorra")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("TONGGOU_DATA", str(shared_data.resolve()))
        folder = tmp_path_factory.mktemp("andorra")
        study = folder / "andorra.toml"
        study.write_text((STUDIES / study.name).read_text(encoding="utf-8") + COARSE, "utf-8")
        return run(study, folder / "out")


def test_schutterwald_runs_to_a_report_that_its_run_has_proven(schutterwald: Path) -> None:
    assert (schutterwald / "report.html").stat().st_size > 0
    found = result(schutterwald)
    assert found["checks"]["failed"] == 0
    assert found["crs"] == "EPSG:25832"
    assert [entry["quarantined"] for entry in found["inputs"]] == [0, 0, 0, 0]


def test_schutterwalds_connections_are_compared_with_the_data(schutterwald: Path) -> None:
    extension = result(schutterwald)["extension"]
    assert extension["connected"] == extension["applications"] == 3018
    existing = extension["existing"]
    assert {utility: entry["connections"] for utility, entry in existing.items()} == {
        "gas": 1506, "heat": 6, "power": 1506,
    }  # fmt: skip
    for utility, entry in existing.items():
        assert entry["existing_m"] > 0, utility
        assert entry["rerouted_m"] > 0, utility


def test_schutterwald_digs_less_together(schutterwald: Path) -> None:
    found = result(schutterwald)
    trench, extension = found["trench"], found["extension"]
    assert trench["openings"] < trench["openings_separate"]
    assert trench["cost_yuan"] <= trench["cost_greedy_yuan"] <= trench["cost_separate_yuan"]
    assert extension["cost_yuan"] <= extension["cost_overlay_yuan"]
    assert extension["cost_overlay_yuan"] <= extension["cost_separate_yuan"]


def test_schutterwald_labels_what_is_not_from_its_networks(schutterwald: Path) -> None:
    assert result(schutterwald)["generated"] == [
        "applications", "crews", "parcels", "roads", "tie_ins", "works",
    ]  # fmt: skip
    page = (schutterwald / "report.html").read_text(encoding="utf-8")
    assert "生成数据" in page
    assert "pandapower" in page


def test_andorra_runs_to_a_report_that_its_check_proves(andorra: Path) -> None:
    call("check", andorra)
    found = result(andorra)
    assert found["checks"]["failed"] == 0
    assert found["crs"] == "EPSG:32631"
    assert found["coverage"]["cells"] > 0
    assert found["coverage"]["villages"] > 0
    assert 0.0 < found["coverage"]["covered_share"] < 1.0
    assert found["extension"]["connected"] > 0
    page = (andorra / "report.html").read_text(encoding="utf-8")
    assert "OpenStreetMap contributors" in page


def test_andorra_labels_what_openstreetmap_lacks(andorra: Path) -> None:
    generated = set(result(andorra)["generated"])
    assert {"tie_ins", "applications", "works", "cells"} <= generated
    assert not generated & {"roads", "parcels", "places", "zones", "terrain"}
    assert "生成数据" in (andorra / "report.html").read_text(encoding="utf-8")
