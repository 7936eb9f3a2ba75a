from __future__ import annotations

import pytest

from geo.errors import InputError
from planner.settings import defaults


def test_every_default_says_where_it_comes_from() -> None:
    allowed = {"A", "B", "C", "D", "assumption", "choice"}
    for value in defaults():
        assert value.confidence in allowed, value.name
        assert value.source, value.name
        assert value.zh, value.name
        assert value.en, value.name


def test_a_users_value_replaces_the_default_and_says_so() -> None:
    changed = defaults().with_user({"study.area_margin_m": 250}, source="study.toml")
    assert changed.number("study.area_margin_m") == 250
    assert changed["study.area_margin_m"].confidence == "user"
    assert changed["study.area_margin_m"].source == "study.toml"
    assert defaults().number("study.area_margin_m") != 250


def test_unknown_names_and_wrong_kinds_are_reported_together() -> None:
    with pytest.raises(InputError) as caught:
        defaults().with_user(
            {"study.no_such_thing": 1, "study.area_margin_m": "far"}, source="study.toml"
        )
    assert [fault.code for fault in caught.value.faults] == ["setting_unknown", "setting_kind"]
    assert "planner/defaults.toml" in caught.value.text("zh")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), True])
def test_what_is_no_finite_number_sets_no_number(value: float) -> None:
    with pytest.raises(InputError) as caught:
        defaults().with_user({"study.area_margin_m": value}, source="study.toml")
    assert [fault.code for fault in caught.value.faults] == ["setting_kind"]


def test_settings_that_are_alike_are_one_key_and_others_another() -> None:
    user = {"study.area_margin_m": 250}
    first, again = (defaults().with_user(user, source="study.toml") for _ in range(2))
    assert {first: "known"}[again] == "known"
    assert defaults() not in {first: "known"}
