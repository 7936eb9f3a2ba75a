"""Steiner trees in graphs: networkx (Mehlhorn), rustworkx and ours, with bound, gap and optimum.

Usage: ``python -m benchmarks.steiner [FILES] [--seconds S] [--optima CSV] [--json] [--no-peer]
[--solution FILE.json]``. Files are SteinLib's .stp or PACE's .gr; without any, a street lattice is
drawn. ``--solution`` writes ``{"edges": [...]}``, positions of the lines E counted from 0; for
several files ``{"edges": {name: [...]}}``.

- `--seconds` limits every instance: reading and solving, for the first one also the start of this
  process and the compiled code from its cache. The peers come afterwards and do not count.
- Every tree is checked and priced by `geo.steiner.check`, which shares no code with the solver.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import process
from benchmarks.steiner_files import Instance, optima, read
from benchmarks.steiner_peers import peers
from geo import steiner
from geo.errors import InputError, fail
from geo.steiner.check import tree_cost

SECONDS = 10.0
"""Seconds of an instance where none are given."""

RESERVE_S, LEAST_S = 0.1, 0.1
"""Kept from the search for checking and writing its tree, and least seconds of a search."""

LATTICE, LATTICE_TERMINALS = 30, 40
"""Nodes along a side of the drawn lattice, and its terminals."""

COLUMNS = (
    "instance", "nodes", "edges", "terminals", "upper", "lower", "gap", "optimum", "mehlhorn",
    "mehlhorn_seconds", "rustworkx", "rustworkx_seconds", "seconds",
)  # fmt: skip
WIDTH = 19

Figures = dict[str, Any]


def lattice(seed: int = 1) -> Instance:
    """Return streets on a square lattice, each of its own cost, with terminals drawn among them."""
    draw = np.random.default_rng(seed)
    number = np.arange(LATTICE**2).reshape(LATTICE, LATTICE)
    u = np.concatenate([number[:, :-1].ravel(), number[:-1].ravel()])
    v = np.concatenate([number[:, 1:].ravel(), number[1:].ravel()])
    return Instance(
        name="lattice",
        nodes=number.size,
        edge_u=u,
        edge_v=v,
        edge_cost=draw.integers(50, 150, len(u)).astype(np.float64),
        terminals=draw.choice(number.size, LATTICE_TERMINALS, replace=False),
    )


def measure(
    instance: Instance, *, seconds: float, began_s: float, optimum: float | None
) -> tuple[Figures, tuple[int, ...]]:
    """Return the figures of one instance and its edges; `began_s` is when it began to count.

    Raises
    ------
    InputError
        If the terminals cannot be connected.
    AssertionError
        If a claim does not hold: a tree costs what its solver says, no bound lies above a tree's
        cost, nor above the known optimum.
    """
    left_s = max(seconds - (process.seconds() - began_s) - RESERVE_S, LEAST_S)
    graph = (instance.nodes, instance.edge_u, instance.edge_v, instance.edge_cost)
    found = steiner.solve(*graph, instance.terminals, seconds=left_s)
    if found.status == "disconnected":
        some = ", ".join(str(node + 1) for node in found.unreachable[:5])
        facts = {"count": len(found.unreachable), "nodes": some}
        raise fail("steiner_disconnected", file=instance.name, **facts)
    cost = tree_cost(*graph[1:], instance.terminals, found.edges)
    assert math.isclose(cost, found.cost, rel_tol=1e-9), (cost, found.cost)
    assert found.bound <= cost, (found.bound, cost)
    assert optimum is None or found.bound <= optimum <= cost, (found.bound, optimum, cost)
    figures = {
        "instance": instance.name,
        "nodes": instance.nodes,
        "edges": len(instance.edge_cost),
        "terminals": len(set(instance.terminals.tolist())),
        "upper": cost,
        "lower": found.bound,
        "gap": found.gap,
        "optimum": optimum,
        "status": found.status,
        "seconds": round(process.seconds() - began_s, 2),
        "peak_mib": round(process.peak_mib(), 1),
    }
    return figures, found.edges


def show(figures: Figures) -> None:
    """Print one line of the table."""
    print("".join(f"{_cell(name, figures.get(name)):>{WIDTH}}" for name in COLUMNS), flush=True)


def _cell(name: str, value: object) -> str:
    if value is None:
        return "-"
    if name == "gap":
        return f"{value:.4%}"
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("files", nargs="*", type=Path, help=".stp or .gr; none draws a lattice")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="limit of each instance")
    parser.add_argument("--optima", type=Path, help="a list of known optima (CSV)")
    parser.add_argument("--solution", type=Path, help="where to write the edges")
    parser.add_argument("--json", action="store_true", help="print one JSON object an instance")
    parser.add_argument("--no-peer", action="store_true", help="leave the peers out")
    options = parser.parse_args()
    if options.seconds <= 0:
        parser.error("--seconds must be above 0")
    return options


def _run(options: argparse.Namespace, known: Mapping[str, float]) -> dict[str, list[int]]:
    """Measure every instance, print its line, and return the edges by name."""
    edges = {}
    began_s = 0.0
    for path in options.files or [None]:
        instance = read(path) if path else lattice()
        figures, found = measure(
            instance,
            seconds=options.seconds,
            began_s=began_s,
            optimum=known.get(instance.name),
        )
        edges[instance.name] = list(found)
        if not options.no_peer:
            figures |= peers(instance)
        if options.json:
            print(json.dumps(figures), flush=True)
        else:
            show(figures)
        began_s = process.seconds()
    return edges


def main() -> None:
    """Run the command line."""
    options = _options()
    try:
        known = optima(options.optima) if options.optima else {}
        if not options.json:
            print("".join(f"{name:>{WIDTH}}" for name in COLUMNS))
        edges = _run(options, known)
    except InputError as error:
        print(error.text("en"), file=sys.stderr)
        sys.exit(2)
    if options.solution:
        answer = edges if len(edges) > 1 else next(iter(edges.values()))
        options.solution.write_text(json.dumps({"edges": answer}), encoding="utf-8")


if __name__ == "__main__":
    main()
