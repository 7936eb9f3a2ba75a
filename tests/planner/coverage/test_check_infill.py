from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import shapely

from layers.county import County
from planner.checking import Checks
from planner.coverage import run
from planner.coverage.evidence import Evidence
from planner.coverage.run import CoverageResult
from planner.settings import Settings, defaults


@pytest.fixture(scope="module")
def settings() -> Settings:
    user = {
        "coverage.village_site_km": 1.0, "coverage.check_points": 4, "coverage.check_pairs": 12,
        "coverage.infill_min_people": 1, "coverage.infill_yuan_per_person": 1e6,
        "coverage.infill_people_per_km2": 50.0, "coverage.threshold_dbm": -75.0,
    }  # fmt: skip
    return defaults().with_user(user, source="test")


@pytest.fixture(scope="module")
def county(made: SimpleNamespace) -> County:
    power = shapely.LineString([(470_100, 3_241_650), (474_000, 3_241_650)])
    path = shapely.LineString([(474_100, 3_240_300), (474_900, 3_240_800)])
    base = made.county()
    roads = [{"road_id": "r1", "geometry": base["roads"].geometry.iloc[0]},
             {"road_id": "p", "geometry": path}]  # fmt: skip
    pipes = [{"pipe_id": "d", "utility": "power", "geometry": power}]
    full: County = made.county(roads=roads, pipes=pipes)
    return full


@pytest.fixture(scope="module")
def result(county: County, settings: Settings) -> CoverageResult:
    found = run.solve(county, settings)
    assert found is not None
    assert len(found.infill[found.infill["operator"] == "cmcc"]) > 1
    assert len(found.infill[found.infill["operator"] == "wifi"]) > 1
    return found


Judge = Callable[..., set[str]]


@pytest.fixture
def judge(
    made: SimpleNamespace, county: County, settings: Settings, result: CoverageResult
) -> Judge:
    """Return the rules that fail once some parts of the result are replaced."""

    def judged(**changed: object) -> set[str]:
        found: Checks = made.checked(county, settings, result, **changed)
        return {failure.rule for failure in found.failures}

    return judged


def with_proof(
    result: CoverageResult, name: str, **changed: np.ndarray
) -> dict[str, Evidence]:  # fmt: skip
    found = result.evidence[name]
    proof = replace(found.certificate, **changed)
    return {**result.evidence, name: replace(found, certificate=proof)}


def with_figures(result: CoverageResult, name: str, **changed: object) -> Mapping[str, Any]:
    """Return the figures with some of an operator's changed, and the sums with them."""
    infill = result.figures["infill"]
    parts = {**infill["operators"], name: {**infill["operators"][name], **changed}}
    total = {key: sum(part[key] for part in parts.values()) for key in ("value", "bound")}
    joint = {**infill, **total, "gap": 1.0 - total["value"] / total["bound"], "operators": parts}
    return {**result.figures, "infill": joint}


def test_an_honest_result_passes(judge: Judge) -> None:
    assert judge() == set()


def test_a_bound_below_what_the_multipliers_prove_is_found(
    judge: Judge, result: CoverageResult
) -> None:
    own = result.figures["infill"]["operators"]["cmcc"]
    bound = own["bound"] - 0.01
    tight = with_figures(result, "cmcc", bound=bound, gap=1.0 - own["value"] / bound)
    assert judge(figures=tight) == {"infill_bound"}


def test_multipliers_out_of_range_prove_nothing(judge: Judge, result: CoverageResult) -> None:
    proof = result.evidence["cmcc"].certificate
    outside = ({"cover": proof.weight + 1}, {"cover": -1 - proof.cover}, {"price": -proof.size[:1]})
    for changed in outside:
        assert judge(evidence=with_proof(result, "cmcc", **changed)) == {"infill_multipliers"}


@pytest.mark.parametrize(
    ("part", "change", "rule"),
    [("weight", lambda v: v // 2, "infill_weight"),
     ("charge", lambda v: v + 5_000, "infill_charge"),
     ("size", lambda v: v + 1, "infill_size"), ("budget", lambda v: v - 3, "infill_budget")],
)  # fmt: skip
def test_a_problem_that_the_inputs_do_not_give_is_found(
    judge: Judge, result: CoverageResult, part: str, change: Callable[[Any], Any], rule: str
) -> None:
    values = change(getattr(result.evidence["cmcc"].certificate, part))
    assert rule in judge(evidence=with_proof(result, "cmcc", **{part: values}))


def test_a_matrix_that_hides_what_candidates_reach_is_found(
    judge: Judge, result: CoverageResult
) -> None:
    proof = result.evidence["cmcc"].certificate
    none = {"row": np.zeros_like(proof.row), "point": proof.point[:0]}
    assert {"infill_reach", "infill_people_gained"} <= judge(
        evidence=with_proof(result, "cmcc", **none)
    )


def test_a_standing_site_kept_from_the_choice_is_found(
    judge: Judge, result: CoverageResult
) -> None:
    own = result.evidence["cmcc"]
    renamed = replace(own, candidate_id=np.char.replace(own.candidate_id, "A-T", "A-X"))
    assert "infill_candidates" in judge(evidence={**result.evidence, "cmcc": renamed})


@pytest.mark.parametrize(
    ("column", "change", "rule"),
    [("rank", lambda v: v + 5, "infill_rank"),
     ("candidate_id", lambda _: "A-no", "infill_candidate"),
     ("site_kind", lambda _: "roof", "infill_candidate"),
     ("height_m", lambda v: v + 9, "infill_candidate"),
     ("area_gained_km2", lambda v: v + 1, "infill_area_gained_km2"),
     ("way_gained_m", lambda v: v + 90, "infill_way_gained_m"),
     ("cost_yuan", lambda v: v / 2, "infill_cost"),
     ("power_m", lambda v: v + 10, "infill_power_m")],
)  # fmt: skip
def test_a_wrong_cell_of_a_site_is_found(
    judge: Judge, result: CoverageResult, column: str, change: Callable[[Any], Any], rule: str
) -> None:
    wrong = result.infill.copy()
    wrong[column] = [change(wrong[column].iloc[0]), *wrong[column].iloc[1:]]
    assert rule in judge(infill=wrong)


def test_sites_in_the_wrong_order_are_found(judge: Judge, result: CoverageResult) -> None:
    wrong = result.infill.copy()
    own = wrong["operator"] == "cmcc"
    wrong.loc[own, "rank"] = wrong.loc[own, "rank"].to_numpy()[::-1]
    assert "infill_order" in judge(infill=wrong)


@pytest.mark.parametrize("key", ["sites", "people_gained", "value", "cost_yuan", "candidates"])
def test_a_figure_that_is_not_the_sum_is_found(
    judge: Judge, result: CoverageResult, key: str
) -> None:
    stated = result.figures["infill"]["operators"]["cmcc"][key]
    assert f"infill_{key}" in judge(figures=with_figures(result, "cmcc", **{key: stated + 3}))


def test_people_counted_twice_together_are_found(judge: Judge, result: CoverageResult) -> None:
    infill = {**result.figures["infill"]}
    infill["people_gained"] += 2
    assert judge(figures={**result.figures, "infill": infill}) == {"infill_people_gained"}


def test_evidence_that_is_missing_is_found(judge: Judge, result: CoverageResult) -> None:
    kept = {name: found for name, found in result.evidence.items() if name != "wifi"}
    assert "infill_evidence" in judge(evidence=kept)


def test_a_wifi_point_said_to_reach_further_is_found(judge: Judge, result: CoverageResult) -> None:
    found = result.evidence["wifi"]
    moved = replace(found, point_x_m=found.point_x_m + 35.0)
    assert "wifi_reach" in judge(evidence={**result.evidence, "wifi": moved})


def test_wifi_figures_left_out_are_found(judge: Judge, result: CoverageResult) -> None:
    wrong = {**result.figures, "wifi": {**result.figures["wifi"], "value": 1e6}}
    assert "infill_value" in judge(figures=wrong)
