"""SteinLib and Vienna: what is known of them holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.steiner_files import optima, read
from geo.steiner import solve
from geo.steiner.check import proven_bound, tree_cost


@pytest.mark.parametrize("name", ["B/b01", "B/b09", "B/b18", "C/c05", "C/c16", "D/d01"])
def test_small_steinlib_instances_are_proven(shared_data: Path, name: str) -> None:
    folder = shared_data / "steiner"
    instance = read(folder / f"{name}.stp")
    best = optima(folder / "steinlib_optima.csv")[instance.name]
    graph = instance.edge_u, instance.edge_v, instance.edge_cost
    found = solve(instance.nodes, *graph, instance.terminals)
    assert (found.status, found.cost, found.bound) == ("optimal", best, best)
    assert tree_cost(*graph, instance.terminals, found.edges) == best
    assert proven_bound(*graph, instance.terminals, found.proof) > best - 1


def test_a_street_network_is_bounded_within_a_tenth_of_a_percent(shared_data: Path) -> None:
    folder = shared_data / "steiner" / "vienna"
    instance = read(folder / "instance016.gr")
    best = optima(folder / "optima.csv")[instance.name]
    graph = instance.edge_u, instance.edge_v, instance.edge_cost
    found = solve(instance.nodes, *graph, instance.terminals, effort=0.1)
    assert found.bound <= best <= found.cost
    assert found.gap <= 0.001
