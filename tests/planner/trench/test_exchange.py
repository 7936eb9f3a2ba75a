"""Instances of the exchange format become problems, plans become answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from geo.errors import InputError
from planner.trench import exchange
from planner.trench.cost import Prices
from planner.trench.domains import starts
from planner.trench.plan import cost_yuan, openings

INSTANCE: dict[str, Any] = {
    "format": "trench-1",
    "periods": 12,
    "segments": [
        {"id": "a", "opening_yuan": 100, "open_period_yuan": 10, "blocked": [3, 4]},
        {"id": "b", "opening_yuan": 200.5, "open_period_yuan": 20, "blocked": []},
        {"id": "c", "opening_yuan": 0, "open_period_yuan": 5, "blocked": []},
    ],
    "works": [
        {"id": "w", "utility": "gas", "segments": ["b", "a"], "duration": 2, "earliest": 0,
         "latest": 9},
        {"id": "v", "utility": "heat", "segments": ["c"], "duration": 3, "earliest": 4,
         "latest": 40},
    ],
    "crews": {"gas": 1},
    "conflicts": [["a", "c"]],
}  # fmt: skip


def test_a_work_digs_all_its_segments_at_once_within_window_and_open_periods() -> None:
    problem = exchange.problem_of(INSTANCE)
    gas, heat = problem.works
    assert [(task.segment, task.lag, task.duration) for task in gas.tasks] == [(1, 0, 2), (0, 0, 2)]
    assert starts(problem, gas).tolist() == [0, 1, 5, 6, 7, 8, 9]
    assert starts(problem, heat).tolist() == [4, 5, 6, 7, 8, 9]
    assert (gas.crew, heat.crew) == ("gas", "")
    assert problem.crews == {"gas": 1}
    assert problem.conflicts == ((0, 2),)


def test_a_plan_costs_openings_and_open_periods_and_nothing_else() -> None:
    problem = exchange.problem_of(INSTANCE)
    cost = cost_yuan(Prices(problem), openings(problem, {0: 0, 1: 5}))
    assert cost == 100 + 2 * 10 + 200.5 + 2 * 20 + 0 + 3 * 5
    assert [work.start_yuan(9) for work in problem.works] == [0.0, 0.0]


def test_the_answer_names_works_by_their_keys(tmp_path: Path) -> None:
    problem = exchange.problem_of(INSTANCE)
    exchange.write(tmp_path / "answer.json", problem, {1: 5, 0: 2})
    written = json.loads((tmp_path / "answer.json").read_text(encoding="utf-8"))
    assert written == {"starts": {"w": 2, "v": 5}}


def _set(*path: str | int, to: object) -> Callable[[dict[str, Any]], None]:
    def change(instance: dict[str, Any]) -> None:
        place: Any = instance
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = to

    return change


@pytest.mark.parametrize(
    ("change", "codes"),
    [
        (_set("format", to="trench-2"), ["exchange_format"]),
        (_set("periods", to=0), ["exchange_positive"]),
        (_set("segments", to=None), ["exchange_list"]),
        (_set("crews", to={"gas": -1}), ["exchange_crews"]),
        (_set("conflicts", to=[["a"]]), ["exchange_pairs"]),
        (_set("segments", 0, "id", to=7), ["exchange_text"]),
        (_set("segments", 1, "opening_yuan", to=-1), ["exchange_price"]),
        (_set("segments", 1, "open_period_yuan", to=float("nan")), ["exchange_price"]),
        (_set("segments", 0, "blocked", to=[-1]), ["exchange_periods"]),
        (_set("works", 0, "segments", to=[]), ["exchange_keys"]),
        (_set("works", 0, "segments", to=["a", "a"]), ["exchange_keys"]),
        (_set("works", 1, "duration", to=0), ["exchange_positive"]),
        (_set("works", 1, "duration", to=1.5), ["exchange_positive"]),
        (_set("works", 0, "earliest", to="1"), ["exchange_whole"]),
        (_set("works", 1, to="v"), ["exchange_text", "exchange_text", "exchange_keys",
                                    "exchange_positive", "exchange_whole", "exchange_whole"]),
        (_set("segments", 1, "id", to="a"), ["exchange_twice", "exchange_unknown"]),
        (_set("works", 0, "segments", to=["z"]), ["exchange_unknown"]),
        (_set("conflicts", to=[["a", "z"]]), ["exchange_unknown"]),
        (_set("works", 0, "segments", to=["a", "c"]), ["exchange_on_both"]),
    ],
)  # fmt: skip
def test_every_fault_of_an_instance_is_named(
    change: Callable[[dict[str, Any]], None], codes: list[str]
) -> None:
    instance = deepcopy(INSTANCE)
    change(instance)
    with pytest.raises(InputError) as caught:
        exchange.problem_of(instance, file="case.json")
    assert [fault.code for fault in caught.value.faults] == codes
    assert all("case.json" in caught.value.text(language) for language in ("zh", "en"))


@pytest.mark.parametrize("text", ["{", b"\xff\xfe{}"])
def test_a_file_that_is_not_json_is_named(tmp_path: Path, text: str | bytes) -> None:
    path = tmp_path / "case.json"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(InputError, match=r"case\.json: not JSON"):
        exchange.read(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"there is no file .*none\.json"):
        exchange.read(tmp_path / "none.json")


def test_the_instances_of_the_format_can_be_read(shared_data: Path) -> None:
    paths = sorted((shared_data / "trench").glob("**/*.json"))
    assert paths
    for path in paths:
        if "10000" in path.name:
            continue
        problem = exchange.read(path)
        assert all(starts(problem, work).size for work in problem.works)


def test_ten_thousand_works_can_be_read(shared_data: Path) -> None:
    problem = exchange.read(shared_data / "trench" / "works-10000-1.json")
    assert (len(problem.works), len(problem.segments)) == (10_000, 26_064)
