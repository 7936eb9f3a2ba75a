"""Lines: equal where equally unknown, and mapped onto the rows of the standards' tables."""

from __future__ import annotations

from math import nan

import pytest

from layers.tables import UTILITIES
from planner.section.line import Line, body
from planner.settings import defaults

SETTINGS = defaults()


def test_lines_with_unknown_sizes_are_equal_and_share_a_hash() -> None:
    assert Line("water", diameter_mm=float("nan")) == Line("water", depth_m=float("nan"))
    assert len({Line("water"), Line("water", voltage_kv=float("nan")), Line("gas")}) == 2


def test_lines_that_differ_in_a_known_size_are_not_equal() -> None:
    assert Line("water", diameter_mm=100) != Line("water", diameter_mm=150)
    assert Line("water", diameter_mm=100) != Line("water")
    assert Line("water") != "water"


@pytest.mark.parametrize("utility", UTILITIES)
def test_every_utility_of_the_tables_has_a_body(utility: str) -> None:
    item = body(Line(utility), SETTINGS)
    assert item.width_m > 0
    assert item.height_m > 0


def test_an_unknown_utility_is_refused() -> None:
    with pytest.raises(KeyError):
        body(Line("steam"), SETTINGS)


@pytest.mark.parametrize(
    ("pressure_mpa", "kind"),
    [
        (0.005, "gas_low"),
        (0.01, "gas_midB"),
        (0.2, "gas_midB"),
        (0.3, "gas_midA"),
        (0.4, "gas_midA"),
        (0.8, "gas_subB"),
        (1.6, "gas_subA"),
        (4.0, "gas_subA"),
        (nan, "gas_midB"),
    ],
)
def test_gas_pressure_selects_the_row_of_table_4_1_9(pressure_mpa: float, kind: str) -> None:
    assert body(Line("gas", pressure_mpa=pressure_mpa), SETTINGS).horizontal_kind == kind


@pytest.mark.parametrize(
    ("line", "horizontal", "cover"),
    [
        (Line("water", diameter_mm=200), "water_le200", "water"),
        (Line("water", diameter_mm=201), "water_gt200", "water"),
        (Line("drain", "sewage"), "drain", "drain"),
        (Line("heat"), "heat_direct", "heat_direct"),
        (Line("power"), "power_duct", "power_duct"),
        (Line("power", "direct"), "power_direct", "power_direct"),
        (Line("telecom", "duct"), "telecom_duct", "telecom_direct"),
        (Line("tv", "direct"), "telecom_direct", "telecom_direct"),
    ],
)
def test_a_line_knows_its_rows(line: Line, horizontal: str, cover: str) -> None:
    item = body(line, SETTINGS)
    assert (item.horizontal_kind, item.cover_kind) == (horizontal, cover)


def test_the_laying_of_cables_is_a_setting() -> None:
    direct = SETTINGS.with_user({"section.cable_laying": "direct"}, source="test")
    assert body(Line("power"), direct).horizontal_kind == "power_direct"
    assert body(Line("power", "duct"), direct).horizontal_kind == "power_duct"


def test_lines_rank_from_the_red_line_to_the_centre_as_in_4_1_3() -> None:
    order = [
        Line("power"),
        Line("telecom"),
        Line("water", "distribution"),
        Line("gas", "distribution"),
        Line("heat"),
        Line("gas", "transmission"),
        Line("water", "transmission"),
        Line("drain", "sewage"),
        Line("drain", "rain"),
    ]
    ranks = [body(line, SETTINGS).rank for line in order]
    assert ranks == sorted(set(ranks))


def test_heat_is_a_pair_of_insulated_pipes() -> None:
    item = body(Line("heat", diameter_mm=100), SETTINGS)
    assert item.height_m == pytest.approx(0.16)
    assert item.width_m == pytest.approx(2 * 0.16 + 0.2)
