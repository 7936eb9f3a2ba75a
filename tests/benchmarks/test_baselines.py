"""The baselines are what they are said to be: published insertion, CP-SAT on the whole problem."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks.evaluate import evaluate
from benchmarks.hotspots import plant
from benchmarks.insertion import greedy

ROOT = Path(__file__).parents[2]
PUBLISHED_YUAN = {
    "works-100-1": 1_934_623,
    "works-100-1-dense": 1_256_424,
    "works-100-1-tight": 1_712_633,
    "works-100-1-all": 1_702_251,
    "works-1000-1": 19_299_229,
    "works-1000-1-dense": 14_985_253,
    "works-10000-1": 229_880_379,
}
PUBLISHED_VIOLATIONS = {
    "works-1000-1-tight": 19,
    "works-1000-1-all": 34,
    "works-10000-1-tight": 178,
}


def _instance(path: Path) -> dict[str, Any]:
    instance: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return instance


@pytest.mark.parametrize("name", list(PUBLISHED_YUAN))
def test_insertion_gives_the_published_cost_without_violations(
    shared_data: Path, name: str
) -> None:
    instance = _instance(shared_data / "trench" / f"{name}.json")
    judged = evaluate(instance, greedy(instance))
    assert (judged.cost_yuan, judged.violations) == (PUBLISHED_YUAN[name], 0)


@pytest.mark.parametrize("name", list(PUBLISHED_VIOLATIONS))
def test_insertion_breaks_as_many_rules_as_published(shared_data: Path, name: str) -> None:
    instance = _instance(shared_data / "trench" / f"{name}.json")
    assert evaluate(instance, greedy(instance)).violations == PUBLISHED_VIOLATIONS[name]


def test_insertion_leaves_out_a_work_whose_every_start_is_blocked() -> None:
    instance = dict(plant(5, 1).instance)
    shut = {**instance["segments"][0], "blocked": list(range(60))}
    instance["segments"] = [shut, *instance["segments"][1:]]
    without = {work["id"] for work in instance["works"] if shut["id"] not in work["segments"]}
    assert set(greedy(instance)) == without != {work["id"] for work in instance["works"]}


def _cpsat(path: Path) -> dict[str, Any]:
    pytest.importorskip("ortools", reason="CP-SAT comes with the extra dev")
    done = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-m", "benchmarks.cpsat", "--problem", str(path), "--seconds", "20"],
        cwd=ROOT, check=True, capture_output=True, text=True, encoding="utf-8",
    )  # fmt: skip
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_cpsat_proves_a_small_instance_and_its_plan_breaks_no_rule(tmp_path: Path) -> None:
    drawn = plant(6, 4, "all")
    (tmp_path / "case.json").write_text(json.dumps(drawn.instance), encoding="utf-8")
    answer = _cpsat(tmp_path / "case.json")
    judged = evaluate(drawn.instance, answer["starts"])
    assert (answer["status"], judged.violations) == ("optimal", 0)
    assert answer["cost_yuan"] == answer["bound_yuan"] == judged.cost_yuan
    assert answer["cost_yuan"] <= evaluate(drawn.instance, drawn.starts).cost_yuan


def test_cpsat_finds_the_proven_optimum_of_tiny_instances(shared_data: Path) -> None:
    for number in (1, 7, 16):
        path = shared_data / "trench" / "tiny" / f"tiny-{number}.json"
        answer = _cpsat(path)
        assert answer["status"] == "optimal"
        assert answer["cost_yuan"] == answer["bound_yuan"] == _instance(path)["optimum_yuan"]
