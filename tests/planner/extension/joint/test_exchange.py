from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from geo.errors import InputError
from planner.extension.joint import exchange

Document = dict[str, Any]


def document() -> Document:
    """The smallest instance."""
    water = {
        "name": "water",
        "line_yuan_per_m": 350,
        "sources": [{"node": 0, "capacity": 5}],
        "terminals": [{"node": 1, "demand": 3}],
    }
    return {
        "format": "extension-1",
        "nodes": [[0.0, 0.0], [9.0, 0.0]],
        "edges": [[0, 1, 9.0, 7200]],
        "utilities": [water],
    }


def set_at(*path: str | int, value: object) -> Callable[[Document], None]:
    def change(one: Document) -> None:
        place: Any = one
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = value

    return change


WRONG: dict[str, tuple[str, Callable[[Document], None]]] = {
    "another format": ("exchange_format", set_at("format", value="trench-1")),
    "no edges": ("exchange_list", set_at("edges", value=None)),
    "a node without coordinates": ("joint_position", set_at("nodes", 0, value=[1])),
    "an edge without price": ("joint_edge", set_at("edges", 0, value=[0, 1, 9.0])),
    "a negative trench": ("joint_edge", set_at("edges", 0, 3, value=-1)),
    "a length that is no number": ("joint_edge", set_at("edges", 0, 2, value=float("nan"))),
    "an edge to nowhere": ("joint_node", set_at("edges", 0, 1, value=7)),
    "a utility without a name": ("joint_utility", set_at("utilities", 0, "name", value="")),
    "no terminals": ("joint_utility", set_at("utilities", 0, "terminals", value=None)),
    "a terminal nowhere": (
        "joint_point",
        set_at("utilities", 0, "terminals", 0, "node", value=2),
    ),
    "a negative capacity": (
        "joint_point",
        set_at("utilities", 0, "sources", 0, "capacity", value=-1),
    ),
    "a name twice": (
        "joint_twice",
        lambda one: one["utilities"].append(dict(one["utilities"][0])),
    ),
}


def test_prices_follow_lengths() -> None:
    model = exchange.model_of(document())
    assert model.line_yuan.tolist() == [[3150.0]]
    assert model.trench_yuan.tolist() == [7200.0]
    assert model.sources[0].amount.tolist() == [5.0]


@pytest.mark.parametrize("name", WRONG)
def test_wrong_instances_are_refused_with_the_reason(name: str) -> None:
    code, change = WRONG[name]
    one = document()
    change(one)
    with pytest.raises(InputError) as caught:
        exchange.model_of(one, file="one.json")
    assert [fault.code for fault in caught.value.faults] == [code]
    assert "one.json" in caught.value.text("zh")
    assert "one.json" in caught.value.text("en")


def test_files_are_read_and_answers_written(tmp_path: Path) -> None:
    (tmp_path / "one.json").write_text(json.dumps(document()), encoding="utf-8")
    model = exchange.read(tmp_path / "one.json")
    exchange.write(tmp_path / "answer.json", model, np.array([[True]]))
    written = json.loads((tmp_path / "answer.json").read_text(encoding="utf-8"))
    assert written == {"edges": {"water": [0]}}


def test_missing_and_broken_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no file"):
        exchange.read(tmp_path / "none.json")
    (tmp_path / "broken.json").write_text("{", encoding="utf-8")
    with pytest.raises(InputError, match="not JSON"):
        exchange.read(tmp_path / "broken.json")


def test_the_shared_instances_are_read(shared_data: Path) -> None:
    folder = shared_data / "extension"
    if not folder.is_dir():
        pytest.skip("the folder extension is absent from the real data")
    model = exchange.read(folder / "parcels-20-1.json")
    assert len(model.names) == 5
    assert model.nodes == 1000
