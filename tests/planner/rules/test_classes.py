"""Classes: supply level, need of a line, and the joint flow with its bounds."""

from __future__ import annotations

from math import isnan, nan

import pytest

from planner.rules.classes import Flow, flow, needs_line, supply_level, voltage_kv
from planner.rules.profile import load


def _flow(utility: str, kind: str, **options: float) -> Flow:
    return flow(load("qijiang-2022"), utility=utility, applicant_kind=kind, **options)


@pytest.mark.parametrize(
    ("business", "needed"),
    [
        ("new", True),
        ("increase", True),
        ("expand", True),
        ("temporary_power", True),
        ("construction_water", True),
        ("transfer", False),
        ("suspend", False),
        ("change_use", False),
        ("close", False),
    ],
)
def test_only_new_and_larger_connections_need_a_line(business: str, needed: bool) -> None:
    assert needs_line(business) is needed


@pytest.mark.parametrize(
    ("text", "kv"), [("10 kV", 10), ("380 V", 0.38), ("220/380V", 0.38), ("35kV", 35)]
)
def test_a_service_class_names_its_voltage(text: str, kv: float) -> None:
    assert voltage_kv(text) == pytest.approx(kv)


@pytest.mark.parametrize("text", ["", "DN200", "低压"])
def test_a_class_without_a_voltage_names_none(text: str) -> None:
    assert isnan(voltage_kv(text))


@pytest.mark.parametrize(
    ("evidence", "level"),
    [
        ({"service_class": "380 V", "load_kva": 500.0}, "low"),
        ({"service_class": "10 kV", "nature": "低压非居民"}, "medium"),
        ({"service_class": "35 kV"}, "high"),
        ({"nature": "高压", "load_kva": 10.0}, "medium"),
        ({"nature": "低压居民"}, "low"),
        ({"load_kva": 100.0}, "low"),
        ({"load_kva": 100.1}, "medium"),
        ({"load_kva": 160.0, "low_voltage_kva": 160.0}, "low"),
        ({}, ""),
    ],
)
def test_the_best_evidence_decides_the_supply_level(
    evidence: dict[str, object], level: str
) -> None:
    assert supply_level(**evidence) == level


@pytest.mark.parametrize("utility", ["power", "water", "gas", "telecom"])
def test_small_applicants_take_the_small_flow_with_a_filing(utility: str) -> None:
    found = _flow(utility, "small")
    assert (found.code, found.filing) == ("small", True)
    assert [stage.name.zh for stage in found.stages] == ["受理签约", "现场勘查", "施工接入"]
    assert found.source.place == "附件2 一"


@pytest.mark.parametrize(
    ("utility", "place"),
    [("power", "附件3 一"), ("water", "附件3 一"), ("gas", "附件3 一"), ("telecom", "三(三)")],
)
def test_large_applicants_take_the_large_flow_and_internet_joins_by_the_main_text(
    utility: str, place: str
) -> None:
    found = _flow(utility, "large")
    assert (found.code, found.filing) == ("large", False)
    assert len(found.stages) == 9
    assert found.source.place == place


@pytest.mark.parametrize(
    ("utility", "kind", "inside", "beyond"),
    [
        ("power", "small", {"voltage_kv": 0.38}, {"voltage_kv": 10.0}),
        ("power", "large", {"voltage_kv": 10.0}, {"voltage_kv": 35.0}),
        ("water", "large", {"diameter_mm": 200.0}, {"diameter_mm": 300.0}),
        ("gas", "large", {"pressure_mpa": 0.4}, {"pressure_mpa": 0.8}),
    ],
)
def test_beyond_a_bound_the_joint_flow_ends_and_says_why(
    utility: str, kind: str, inside: dict[str, float], beyond: dict[str, float]
) -> None:
    assert _flow(utility, kind, **inside).code == kind
    found = _flow(utility, kind, **beyond)
    assert found.code == "outside"
    assert f"{next(iter(beyond.values())):g}" in found.reason.zh


def test_water_of_small_applicants_has_no_bound_in_the_text() -> None:
    assert _flow("water", "small", diameter_mm=300).code == "small"


def test_a_bound_concerns_its_own_utility_only() -> None:
    assert _flow("gas", "large", diameter_mm=300, voltage_kv=35).code == "large"


def test_an_unknown_size_breaks_no_bound() -> None:
    assert _flow("water", "large", diameter_mm=nan).code == "large"


@pytest.mark.parametrize(
    ("utility", "kind"), [("heat", "large"), ("tv", "small"), ("water", "resident")]
)
def test_what_no_flow_names_is_outside(utility: str, kind: str) -> None:
    found = _flow(utility, kind)
    assert (found.code, found.source) == ("outside", None)
    assert found.reason.en


def test_a_county_without_a_joint_flow_has_none() -> None:
    found = flow(load("wushan-2021"), utility="water", applicant_kind="small")
    assert found.code == "none"
    assert "wushan-2021" in found.reason.zh
