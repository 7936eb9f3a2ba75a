"""Payers: nobody is named whom the documents do not name."""

from __future__ import annotations

from math import nan

import pytest

from planner.rules.payers import Payer, outside
from planner.rules.profile import load


def _payer(profile: str, utility: str, **options: object) -> Payer:
    given = {
        "in_planned_land": False,
        "applicant_kind": "large",
        "load_kva": nan,
        "park": False,
        **options,
    }
    return outside(load(profile), utility=utility, **given)


@pytest.mark.parametrize("utility", ["water", "power", "gas"])
def test_in_the_planned_land_of_wushan_the_user_pays_nothing_outside_the_red_line(
    utility: str,
) -> None:
    found = _payer("wushan-2021", utility, in_planned_land=True)
    assert "零投资" in found.zh
    assert found.source.place == "7"
    assert "另有规定" in found.note.zh
    assert not found.assumption


@pytest.mark.parametrize("utility", ["telecom", "heat", "tv"])
def test_of_other_utilities_wushan_says_nothing(utility: str) -> None:
    assert _payer("wushan-2021", utility, in_planned_land=True).source is None


def test_outside_the_planned_land_nothing_is_promised() -> None:
    found = _payer("wushan-2021", "power")
    assert found.source is None
    assert found.zh.startswith("文件未规定")


def test_small_low_risk_projects_get_the_three_zeros_as_a_labelled_reading() -> None:
    found = _payer("wushan-2021", "drain", applicant_kind="small")
    assert found.source.place == "25"
    assert found.assumption
    assert _payer("wushan-2021", "drain", applicant_kind="large").source is None


def test_zero_cost_of_article_7_goes_before_the_three_zeros() -> None:
    found = _payer("wushan-2021", "water", applicant_kind="small", in_planned_land=True)
    assert found.source.place == "7"


def test_in_a_park_of_feicheng_the_grid_pays_if_the_park_has_the_rank() -> None:
    found = _payer("feicheng-2018", "power", park=True, load_kva=630.0)
    assert found.source.place == "附件5 二(二)"
    assert found.assumption
    assert "逐步" in found.zh
    assert _payer("feicheng-2018", "power").source is None
    assert _payer("feicheng-2018", "water", park=True).source is None


@pytest.mark.parametrize(("load_kva", "promised"), [(100.0, True), (101.0, False), (nan, False)])
def test_the_low_voltage_connection_is_named_up_to_100_kva(load_kva: float, promised: bool) -> None:
    found = _payer("feicheng-2018", "power", load_kva=load_kva)
    assert ("低压接入" in found.note.zh) is promised


@pytest.mark.parametrize("profile", ["wulong-2018", "qijiang-2022"])
def test_documents_that_are_silent_name_nobody(profile: str) -> None:
    found = _payer(profile, "water", in_planned_land=True, park=True)
    assert found.source is None
