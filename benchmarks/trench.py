"""The joint schedule: everyone alone, greedy, CP-SAT and ours, with bound, gap and violations.

Usage: ``python -m benchmarks.trench [--works 100] [--seed 1] [--family loose|tight|dense|all]
[--seconds T] [--json]``, or ``--problem FILE.json`` for an instance of the exchange format
``trench-1``; ``--solution FILE.json`` writes the starts; ``--table`` prints several sizes.

- `--seconds` limits this whole process: start of the interpreter, reading, compiled code from its
  cache, model, search. CP-SAT comes after it, with seconds of its own (`--cpsat-seconds`), in a
  process of its own; beside ``--json`` it runs only where its seconds are given.
- `seconds` and `peak_mib` are those of this process, its own children included, CP-SAT not.
- Every plan is judged by `benchmarks.evaluate`, which knows nothing of the planner.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
from pathlib import Path

from benchmarks.hotspots import FAMILIES
from benchmarks.trench_case import Case, Figures, compare, drawn, loaded, measure
from geo.errors import InputError

SECONDS_BY_WORKS = ((100, 20.0), (1000, 60.0), (math.inf, 120.0))
"""Seconds for instances of up to so many works, where none are given."""
CPSAT_SECONDS = 60.0
TABLE = (
    (100, "loose", 10.0),
    (100, "tight", 10.0),
    (100, "dense", 10.0),
    (100, "all", 10.0),
    (300, "loose", 10.0),
    (1000, "loose", 20.0),
)
"""Lines of the table: works, family, seconds for ours and for CP-SAT."""
COLUMNS = (
    "works", "family", "alone_yuan", "greedy_yuan", "cpsat_yuan", "cpsat_bound_yuan", "best_yuan",
    "bound_yuan", "gap", "greedy_violations", "violations", "seconds", "peak_mib",
)  # fmt: skip


def show(case: Case, figures: Figures) -> None:
    """Print the figures of one instance, a line a plan."""
    print(f"{case.works} works on {len(case.instance['segments'])} segments ({case.name})")
    print(f"{'':16}{'yuan':>16}{'of alone':>10}{'violations':>12}{'seconds':>9}")
    rows = (
        ("everyone alone", "alone_yuan", "", ""),
        ("greedy", "greedy_yuan", "greedy_violations", ""),
        ("CP-SAT", "cpsat_yuan", "", "cpsat_seconds"),
        ("CP-SAT's bound", "cpsat_bound_yuan", "", ""),
        ("planted", "planted_yuan", "", ""),
        ("ours", "best_yuan", "violations", "seconds"),
        ("bound", "bound_yuan", "", ""),
    )
    for label, yuan, violations, seconds in rows:
        if figures.get(yuan) is not None:
            share = figures[yuan] / figures["alone_yuan"] if figures["alone_yuan"] else 1.0
            counts = figures.get(violations, ""), figures.get(seconds, "")
            print(f"{label:16}{figures[yuan]:>16,.0f}{share:>10.1%}{counts[0]:>12}{counts[1]:>9}")
    below = 1.0 - figures["best_yuan"] / (figures["greedy_yuan"] or 1)
    print(f"gap {figures['gap']:.3%} ({figures['status']}), {below:.1%} below greedy, ", end="")
    print(f"peak {figures['peak_mib']} MiB; CP-SAT: {figures['cpsat_status']}")


def table() -> None:
    """Print several sizes and families, each measured in a process of its own."""
    lines = []
    for works, family, seconds in TABLE:
        command = ["benchmarks.trench", "--works", str(works), "--family", family, "--json"]
        limits = ["--seconds", str(seconds), "--cpsat-seconds", str(seconds)]
        done = subprocess.run(
            [sys.executable, "-m", *command, *limits], check=True, capture_output=True, text=True
        )
        lines.append({"family": family, **json.loads(done.stdout)})
    for name in COLUMNS:
        print(f"{name:20}" + "".join(f"{_cell(name, line.get(name)):>14}" for line in lines))


def _cell(name: str, value: float | str | None) -> str:
    if value is None:
        return "-"
    if isinstance(value, str):
        return value
    if name == "gap":
        return f"{value:.3%}"
    return f"{value:,.0f}" if name.endswith("_yuan") else str(value)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--works", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--family", choices=list(FAMILIES), default="loose")
    parser.add_argument("--problem", type=Path, help="an instance in the exchange format")
    parser.add_argument("--solution", type=Path, help="where to write the starts")
    parser.add_argument("--seconds", type=float, help="limit of this whole process, without CP-SAT")
    parser.add_argument("--cpsat-seconds", type=float, help="0 runs no CP-SAT")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--table", action="store_true", help="print several sizes and leave")
    options = parser.parse_args()
    if options.works < 1 or options.seed < 0:
        parser.error("--works starts at 1 and --seed at 0")
    return options


def main() -> None:
    """Run the command line."""
    options = _options()
    if options.table:
        table()
        return
    try:
        case = (
            loaded(options.problem)
            if options.problem
            else drawn(options.works, options.seed, options.family)
        )
        usual_s = next(limit for works, limit in SECONDS_BY_WORKS if case.works <= works)
        seconds = usual_s if options.seconds is None else options.seconds
        figures = measure(case, seconds=seconds, solution=options.solution)
    except InputError as error:
        print(error.text("en"), file=sys.stderr)
        sys.exit(2)
    cpsat_s = options.cpsat_seconds
    if cpsat_s is None:
        cpsat_s = 0.0 if options.json else CPSAT_SECONDS
    figures |= compare(case, seconds=cpsat_s) if cpsat_s else {"cpsat_status": "not asked for"}
    if options.json:
        print(json.dumps(figures))
    else:
        show(case, figures)


if __name__ == "__main__":
    main()
