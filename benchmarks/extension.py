"""Joint routing: every utility alone, Mehlhorn trees laid over one another, ours with its bound.

Usage: ``python -m benchmarks.extension [--nodes 1000] [--parcels 20] [--seed 1] [--seconds T]
[--json]``, or ``--problem FILE.json`` for an instance of the exchange format ``extension-1``;
``--solution FILE.json`` writes the edges, ``--duals FILE.npz`` what proves the bound; ``--table``
prints several sizes.

- `--seconds` limits this whole process: start of the interpreter, reading, compiled code from its
  cache, the baselines, the search.
- Every plan is judged by `benchmarks.judge`, which knows nothing of the planner; the bound by
  `planner.extension.joint.check`, which knows nothing of the solver (``--check`` at any size).
- The baselines leave capacities aside, as their makers do; ours keeps them.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from benchmarks import process
from benchmarks.judge import judge
from benchmarks.overlay import overlay
from benchmarks.parcels import instance as drawn
from geo import documents
from geo.errors import InputError
from planner.extension.joint import certificate, exchange
from planner.extension.joint.check import check
from planner.extension.joint.solve import solve

SECONDS_BY_NODES = ((2_000, 30.0), (10_000, 60.0), (math.inf, 120.0))
"""Seconds for instances of up to so many nodes, where none are given."""
TABLE = ((1_000, 20, 20.0), (5_000, 100, 40.0))
"""Lines of the table: nodes, parcels, seconds."""
RESERVE_S, RESERVE_S_PER_NODE = 1.0, 3e-4
"""Kept from the search for judging and writing its plan and for leaving the process."""
LEAST_S = 0.1
CHECKED_NODES = 10_000
"""Nodes up to which every certificate is checked; larger ones, which takes some twenty seconds of
their own at 50,000 nodes, are checked where that is asked for."""

Figures = dict[str, Any]


def measure(
    instance: Mapping[str, Any],
    *,
    seconds: float,
    solution: Path | None = None,
    duals: Path | None = None,
    file: str = "",
    thorough: bool = False,
) -> Figures:
    """Solve an instance and return its figures; `seconds` count from the start of the process.

    Raises
    ------
    InputError
        If the instance is at fault.
    AssertionError
        If a claim does not hold: a plan costs what its solver says and lacks no capacity, its
        bound is what its duals prove and not above its cost.
    """
    model = exchange.model_of(instance, file=file)
    today = overlay(instance)
    left_s = seconds - process.seconds() - RESERVE_S - RESERVE_S_PER_NODE * model.nodes
    joint = solve(model, seconds=max(left_s, LEAST_S))
    if solution is not None:
        exchange.write(solution, model, joint.used)
    if duals is not None:
        certificate.save(joint.certificate, duals)
    ours = judge(instance, exchange.answer(model, joint.used)["edges"])
    assert math.isclose(ours.cost_yuan, joint.cost_yuan, abs_tol=0.01), (ours, joint.cost_yuan)
    assert joint.unserved or not ours.short, ours.short
    assert joint.bound_yuan <= ours.cost_yuan + 1e-6, (joint.bound_yuan, ours)
    if thorough or model.nodes <= CHECKED_NODES:
        verdicts = check(model, joint)
        assert not verdicts.failures, verdicts.failures[:3]
    return {
        "nodes": model.nodes,
        "edges": model.edges,
        "parcels": len({p["node"] for u in instance["utilities"] for p in u["terminals"]}),
        "separate_yuan": today.separate_yuan if today else None,
        "overlay_yuan": today.overlay_yuan if today else None,
        "best_yuan": ours.cost_yuan,
        "bound_yuan": joint.bound_yuan,
        "gap": joint.gap,
        "trench_m": round(ours.trench_m, 1),
        "seconds": round(process.seconds(), 2),
        "peak_mib": round(process.peak_mib(), 1),
        "status": joint.status,
        "certified_yuan": joint.certified_yuan,
        "unserved": [str(one) for one in joint.unserved],
    }


def show(figures: Figures) -> None:
    """Print the figures of one instance, a line a plan."""
    print(f"{figures['parcels']} parcels, {figures['nodes']} nodes, {figures['edges']} edges")
    rows = (
        ("separate trees", "separate_yuan"),
        ("overlay of trees", "overlay_yuan"),
        ("ours, with capacities", "best_yuan"),
        ("bound", "bound_yuan"),
        ("bound by duals alone", "certified_yuan"),
    )
    for label, name in rows:
        if figures[name] is not None:
            print(f"{label:24}{figures[name]:>16,.0f} yuan")
    print(f"gap {figures['gap']:.3%} ({figures['status']}), {figures['trench_m']:,.0f} m of trench")
    print(f"{figures['seconds']} s, peak {figures['peak_mib']} MiB")
    for sentence in figures["unserved"]:
        print(sentence)


def table() -> None:
    """Print several sizes, each measured in a process of its own."""
    lines = []
    for nodes, parcels, seconds in TABLE:
        command = ["benchmarks.extension", "--nodes", str(nodes), "--parcels", str(parcels)]
        done = subprocess.run(
            [sys.executable, "-m", *command, "--seconds", str(seconds), "--json"],
            check=True,
            capture_output=True,
            text=True,
        )
        lines.append(json.loads(done.stdout))
    for name in lines[0]:
        print(f"{name:16}" + "".join(f"{line[name]!s:>22}" for line in lines))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--nodes", type=int, default=1000)
    parser.add_argument("--parcels", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--problem", type=Path, help="an instance in the exchange format")
    parser.add_argument("--solution", type=Path, help="where to write the edges")
    parser.add_argument("--duals", type=Path, help="where to write what proves the bound")
    parser.add_argument("--seconds", type=float, help="limit of this whole process")
    parser.add_argument("--check", action="store_true", help="check certificates of any size")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--table", action="store_true", help="print several sizes and leave")
    options = parser.parse_args()
    if options.nodes < 30 or options.parcels < 1 or options.seed < 0:
        parser.error("--nodes starts at 30, --parcels at 1 and --seed at 0")
    return options


def main() -> None:
    """Run the command line."""
    options = _options()
    if options.table:
        table()
        return
    try:
        if options.problem:
            instance = documents.load(options.problem)
            exchange.model_of(instance, file=str(options.problem))
        else:
            instance = drawn(options.nodes, options.parcels, options.seed)
        known = cast("Mapping[str, Any]", instance)
        nodes = len(known["nodes"])
        usual_s = next(limit for most, limit in SECONDS_BY_NODES if nodes <= most)
        figures = measure(
            known,
            seconds=usual_s if options.seconds is None else options.seconds,
            solution=options.solution,
            duals=options.duals,
            file=str(options.problem or ""),
            thorough=options.check,
        )
    except InputError as error:
        print(error.text("en"), file=sys.stderr)
        sys.exit(2)
    if options.json:
        print(json.dumps(figures))
    else:
        show(figures)


if __name__ == "__main__":
    main()
