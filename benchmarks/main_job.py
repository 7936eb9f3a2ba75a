"""The main job on sample counties of growing size, beside digging separately.

Usage: ``python -m benchmarks.main_job [--area 20 100] [--seed 1] [--json]``. A line an area: what
came in, how long each topic took, what the joint plan costs against everyone alone and the greedy
plan, what the joint routes cost against separate routes and their overlay. Every result is
proven by the independent checks before it is printed. Costs rest on assumed prices (假设单价);
the ratios are what counts.
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from layers.sample import make
from planner import study, studyfile

MEBI = 1024.0


def measure(area_km2: float, seed: int) -> dict[str, object]:
    """Run one sample county from its files and return its line of the table."""
    with tempfile.TemporaryDirectory() as folder:
        path = make.write(make.sample(area_km2=area_km2, seed=seed), Path(folder) / "input")
        result = study.run(studyfile.load(path))
    assert not result.checks.failed, result.checks.failures[:3]
    trench: Mapping[str, Any] = result.trench.figures
    extension: Mapping[str, Any] = result.extension.figures
    coverage: Mapping[str, Any] = result.coverage.figures if result.coverage else {}
    return {
        "area_km2": area_km2,
        "segments": len(result.segments),
        "works": trench["works"],
        "openings": trench["openings"],
        "openings_separate": trench["openings_separate"],
        "cost_of_separate": trench["cost_yuan"] / trench["cost_separate_yuan"],
        "cost_of_greedy": trench["cost_yuan"] / trench["cost_greedy_yuan"],
        "trench_s": trench["seconds"],
        "applications": extension["applications"],
        "routes_of_separate": extension["cost_yuan"] / extension["cost_separate_yuan"],
        "routes_of_overlay": extension["cost_yuan"] / extension["cost_overlay_yuan"],
        "extension_s": extension["seconds"],
        "cells": coverage.get("cells"),
        "pixels_per_cpu_s": coverage.get("pixels_per_cpu_s"),
        "coverage_s": coverage.get("seconds"),
        "seconds": round(result.seconds, 1),
        "peak_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEBI),
    }


def show(lines: list[dict[str, object]]) -> None:
    """Print the table, a column an area."""
    for name in lines[0]:
        cells = [line[name] for line in lines]
        texts = [f"{cell:.3f}" if isinstance(cell, float) else str(cell) for cell in cells]
        print(f"{name:20}" + "".join(f"{text:>14}" for text in texts))


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--area", type=float, nargs="+", default=[20.0, 100.0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    lines = [measure(area_km2, options.seed) for area_km2 in options.area]
    if options.json:
        print("\n".join(json.dumps(line) for line in lines))
    else:
        show(lines)


if __name__ == "__main__":
    main()
