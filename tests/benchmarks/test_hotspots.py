"""Drawn instances have a planted plan, and families that differ as they claim."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from benchmarks.evaluate import alone_yuan, evaluate
from benchmarks.hotspots import FAMILIES, Planted, plant
from benchmarks.insertion import greedy
from benchmarks.streets import draw
from planner.trench import exchange


@pytest.fixture(scope="module")
def drawn() -> dict[str, Planted]:
    return {family: plant(300, 1, family) for family in FAMILIES}


@pytest.mark.parametrize("family", list(FAMILIES))
@pytest.mark.parametrize("works", [1, 7, 300])
def test_the_planted_plan_breaks_no_rule_and_the_instance_is_well_formed(
    family: str, works: int
) -> None:
    planted = plant(works, 2, family)
    assert evaluate(planted.instance, planted.starts).violations == 0
    assert len(exchange.problem_of(planted.instance).works) == works


def test_the_same_seed_draws_the_same_instance_and_another_seed_another() -> None:
    assert plant(40, 1) == plant(40, 1)
    assert plant(40, 1).instance != plant(40, 2).instance


def _works_on_segments(planted: Planted) -> list[int]:
    return list(
        Counter(key for work in planted.instance["works"] for key in work["segments"]).values()
    )


def test_dense_families_crowd_their_segments(drawn: dict[str, Planted]) -> None:
    crowd = {family: float(np.mean(_works_on_segments(drawn[family]))) for family in FAMILIES}
    assert min(crowd["dense"], crowd["all"]) > 1.4 * max(crowd["loose"], crowd["tight"])
    assert all(max(_works_on_segments(planted)) <= 19 for planted in drawn.values())


def test_crews_bind_where_the_planted_plan_is_levelled(drawn: dict[str, Planted]) -> None:
    spare = {
        family: sum(planted.instance["crews"].values())
        / sum(work["duration"] for work in planted.instance["works"])
        for family, planted in drawn.items()
    }
    assert spare["tight"] < 0.75 * spare["loose"]
    assert spare["all"] < 0.75 * spare["dense"]
    broken = {
        family: evaluate(planted.instance, greedy(planted.instance)).broken.get("crews", 0)
        for family, planted in drawn.items()
    }
    assert min(broken["tight"], broken["all"]) > max(broken["loose"], broken["dense"])


def test_all_has_long_works_in_windows_of_twelve_weeks(drawn: dict[str, Planted]) -> None:
    lasts = {
        family: {work["duration"] for work in planted.instance["works"]}
        for family, planted in drawn.items()
    }
    assert lasts["loose"] == lasts["tight"] == lasts["dense"] == {1, 2, 3, 4}
    assert lasts["all"] == {1, 2, 3, 4, 6, 8}
    windows = [work["latest"] - work["earliest"] for work in drawn["all"].instance["works"]]
    assert max(windows) == 12


def test_sharing_pays_most_where_works_are_many(drawn: dict[str, Planted]) -> None:
    share = {
        family: evaluate(drawn[family].instance, greedy(drawn[family].instance)).cost_yuan
        / alone_yuan(drawn[family].instance)
        for family in ("loose", "dense")
    }
    assert share["dense"] < share["loose"] < 0.9


def test_streets_are_connected_and_uneven() -> None:
    streets = draw(500, np.random.default_rng(1))
    assert len(streets.within(0, 500)) == 500
    assert streets.length_m.min() > 0.0
    assert np.quantile(streets.length_m, 0.9) > 5 * np.quantile(streets.length_m, 0.1)
    assert streets.within(7, 0) == [7]
