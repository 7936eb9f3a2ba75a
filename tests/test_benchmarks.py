"""Benchmarks start from the command line and print what they promise."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.evaluate import evaluate
from benchmarks.hotspots import plant

ROOT = Path(__file__).parents[1]
MAIN_JOB = {
    "area_km2", "segments", "works", "openings", "openings_separate", "cost_of_separate",
    "cost_of_greedy", "trench_s", "applications", "routes_of_separate", "routes_of_overlay",
    "extension_s", "cells", "pixels_per_cpu_s", "coverage_s", "seconds", "peak_mib",
}  # fmt: skip
TRENCH = {
    "works", "alone_yuan", "greedy_yuan", "best_yuan", "bound_yuan", "gap", "violations",
    "seconds", "peak_mib",
}  # fmt: skip

SITING = {
    "places", "candidates", "sites", "greedy", "reached", "bound", "gap", "seconds", "peak_mib",
    "highs_bound", "highs_seconds", "spopt", "spopt_seconds",
}  # fmt: skip

COVERAGE = {
    "radius_km", "pixels", "sweep_px_per_cpu_s", "pixel_px_per_cpu_s", "peer_px_per_cpu_s",
    "ratio", "ratio_net", "bias_db", "rms_db", "class_agreement", "class_agreement_near",
    "two_core_speedup",
}  # fmt: skip


def lines_of(module: str, *arguments: str) -> list[dict[str, float]]:
    done = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-m", module, *arguments, "--json"],
        cwd=ROOT, check=True, capture_output=True, text=True, encoding="utf-8",
    )  # fmt: skip
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_main_job_prints_a_line_with_its_figures() -> None:
    (line,) = lines_of("benchmarks.main_job", "--area", "20")
    assert set(line) == MAIN_JOB
    assert line["area_km2"] == 20.0
    assert line["openings"] < line["openings_separate"]
    assert line["cost_of_separate"] < 1.0
    assert line["routes_of_overlay"] <= 1.0


def test_reading_prints_a_line_beside_its_peer() -> None:
    (line,) = lines_of("benchmarks.reading", "--rows", "500")
    assert set(line) == {"rows", "read_s", "geopandas_s", "rows_per_s", "of_geopandas"}
    assert line["rows"] == 500


def test_trench_prints_one_object_within_its_seconds() -> None:
    (line,) = lines_of("benchmarks.trench", "--works", "15", "--seed", "2", "--seconds", "20")
    assert set(line) >= TRENCH
    assert line["works"] == 15
    assert line["bound_yuan"] <= line["best_yuan"] <= line["greedy_yuan"] < line["alone_yuan"]
    assert line["gap"] == pytest.approx(1.0 - line["bound_yuan"] / line["best_yuan"], abs=1e-6)
    assert line["violations"] == 0
    assert 0.0 < line["peak_mib"] < 4096.0


def test_trench_solves_a_file_and_writes_starts_that_cost_what_it_prints(tmp_path: Path) -> None:
    drawn = plant(12, 3, "all")
    problem, solution = tmp_path / "problem.json", tmp_path / "solution.json"
    problem.write_text(json.dumps(drawn.instance), encoding="utf-8")
    files = ["--problem", str(problem), "--solution", str(solution)]
    (line,) = lines_of("benchmarks.trench", *files, "--seconds", "20", "--cpsat-seconds", "5")
    judged = evaluate(drawn.instance, json.loads(solution.read_text(encoding="utf-8"))["starts"])
    assert judged.violations == line["violations"] == 0
    assert judged.cost_yuan == line["best_yuan"]
    assert line["bound_yuan"] <= min(
        line["cpsat_yuan"], evaluate(drawn.instance, drawn.starts).cost_yuan
    )


def test_trench_names_what_is_wrong_with_a_file(tmp_path: Path) -> None:
    problem = tmp_path / "problem.json"
    problem.write_text('{"format": "trench-1", "periods": 0}', encoding="utf-8")
    done = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-m", "benchmarks.trench", "--problem", str(problem)],
        cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "periods is no whole number from 1 up" in done.stderr
    assert "Traceback" not in done.stderr


def test_siting_prints_a_choice_below_its_bound_and_the_programmes() -> None:
    drawn = ("--places", "800", "--candidates", "120", "--sites", "12", "--seed", "3")
    (line,) = lines_of("benchmarks.siting", *drawn)
    assert set(line) == SITING
    assert line["greedy"] <= line["reached"] <= line["highs_bound"] + 1e-6
    assert line["highs_bound"] <= line["bound"] + 1e-6
    assert line["bound"] == pytest.approx(line["highs_bound"], rel=1e-3)
    assert line["gap"] == pytest.approx(1.0 - line["reached"] / line["bound"], abs=1e-9)


def test_coverage_prints_a_line_a_radius_and_no_peer_where_none_is_asked_for() -> None:
    options = ["--radius-km", "1", "--times", "1", "--no-peer"]
    (line,) = lines_of("benchmarks.coverage", *options)
    assert set(line) == COVERAGE
    assert line["peer_px_per_cpu_s"] is line["ratio"] is line["ratio_net"] is None
    assert line["pixels"] > 3000
    assert abs(line["bias_db"]) <= 0.1
    assert line["rms_db"] <= 1.5
    assert line["class_agreement"] >= 0.97  # of so small a disc a third lies near the threshold


def test_municipality_projects_the_whole_from_tiles_that_agree_to_the_last_bit() -> None:
    arguments = ("--share", "20000", "--tile-px", "30", "--workers", "2")
    threads, *crews = lines_of("benchmarks.municipality", *arguments)
    assert [line["crew"] for line in crews] == ["processes", "dask"]
    assert threads["area_km2"] == pytest.approx(82_000.0 / 20_000, rel=0.3)
    for line in crews:
        assert (line["tiles"], line["same"]) == (4, "True")
        assert min(line["idle_mb"], line["worker_mb"]) > 50.0
        assert line["projected_cpu_hours"] > 0.0


@pytest.mark.browser
def test_the_report_with_many_lines_is_ready_and_tells_of_one() -> None:
    (line,) = lines_of("benchmarks.report", "--lines", "3000")
    assert set(line) == {
        "lines", "bytes", "ready_s", "step_s", "memory_mb", "requests", "plain_bytes",
        "plain_ready_s",
    }  # fmt: skip
    assert line["lines"] == 3000
    assert line["requests"] == 0
    assert line["bytes"] < line["plain_bytes"]
    assert line["ready_s"] > 0.0
    assert line["plain_ready_s"] > 0.0
