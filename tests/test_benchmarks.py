"""Benchmarks start from the command line and print what they promise."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
MAIN_JOB = {
    "area_km2", "segments", "works", "openings", "openings_separate", "cost_of_separate",
    "cost_of_greedy", "trench_s", "applications", "routes_of_separate", "routes_of_overlay",
    "extension_s", "cells", "pixels_per_cpu_s", "coverage_s", "seconds", "peak_mib",
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
