from __future__ import annotations

import json
from typing import Any

import pytest

from benchmarks.extension import measure
from benchmarks.judge import judge
from benchmarks.overlay import overlay
from benchmarks.parcels import instance
from planner.extension.joint import exchange


def square() -> dict[str, Any]:
    """Two utilities from node 0 to node 2, one way short, one way long."""
    utilities = [
        {
            "name": name,
            "line_yuan_per_m": 10,
            "sources": [{"node": 0, "capacity": 5}],
            "terminals": [{"node": 2, "demand": 3}],
        }
        for name in ("gas", "heat")
    ]
    edges = [[0, 1, 1.0, 50], [1, 2, 1.0, 50], [0, 3, 9.0, 450], [3, 2, 9.0, 450]]
    return {
        "format": "extension-1",
        "nodes": [[0, 0], [1, 0], [2, 0], [1, 9]],
        "edges": edges,
        "utilities": utilities,
    }


def test_trees_are_laid_over_one_another() -> None:
    today = overlay(square())
    assert today is not None
    assert today.separate_yuan == 2 * (100 + 20)
    assert today.overlay_yuan == 100 + 2 * 20


def test_no_tree_reaches_what_is_not_connected() -> None:
    one = square()
    one["edges"] = one["edges"][:1]
    assert overlay(one) is None


def test_judging_pays_a_trench_once_and_finds_pieces_without_capacity() -> None:
    good = judge(square(), {"gas": [0, 1], "heat": [0, 1]})
    assert good.cost_yuan == 140
    assert good.trench_m == 2.0
    assert good.short == ()
    bad = judge(square(), {"gas": [0], "heat": [0, 1]})
    assert [name for name, _ in bad.short] == ["gas"]


def test_drawn_instances_are_of_the_format_and_repeat() -> None:
    one = instance(300, 8, 3)
    assert one == instance(300, 8, 3)
    assert one != instance(300, 8, 4)
    model = exchange.model_of(json.loads(json.dumps(one)))
    assert 250 <= model.nodes <= 350
    assert all(terminals.node.size <= 8 for terminals in model.terminals)
    assert len(model.names) == 5


def test_the_figures_are_those_that_are_promised() -> None:
    figures = measure(square(), seconds=0.0)
    assert figures["best_yuan"] == figures["bound_yuan"] == pytest.approx(140)
    assert figures["overlay_yuan"] == 140
    assert figures["status"] == "optimal"
    wanted = {
        "nodes", "edges", "parcels", "separate_yuan", "overlay_yuan", "best_yuan", "bound_yuan",
        "gap", "trench_m", "seconds", "peak_mib",
    }  # fmt: skip
    assert wanted <= set(figures)
