"""Walls and bottoms of one trench, worked out by hand; the soils of the tables."""

from __future__ import annotations

from itertools import pairwise
from math import nan

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from planner.section.earthwork import prices
from planner.section.layout import Line, lay
from planner.section.line import body
from planner.section.spacing import LOADS, rules, soils
from planner.section.trench import Trench, dig
from planner.settings import Settings, defaults

SETTINGS = defaults()
DEEP = Line("drain", depth_m=2.0)  # outer 0.44 m, bedding 0.1 m: dug to 2.54 m


def _with(**values: float | bool | str) -> Settings:
    return SETTINGS.with_user({f"section.{k}": v for k, v in values.items()}, source="test")


def _dig(settings: Settings, *lines: Line, surface: str = "earth") -> Trench:
    bodies = [body(line, settings) for line in lines]
    return dig(bodies, rules(settings, carriageway=True), prices(surface, settings))


def test_a_cheap_slope_replaces_the_support_and_needs_width() -> None:
    loess = _with(soil="loess", edge_load="none", support_yuan_m2=90.0)
    trench = _dig(loess, DEEP)
    run = 0.10 * 2.54
    assert trench.walls == "sloped"
    assert trench.width_m == pytest.approx(0.44 + 2 * 0.3 + 2 * run)
    assert trench.volume_m3_per_m == pytest.approx(1.04 * 2.54 + run * 2.54)
    assert trench.support_m == 0
    assert trench.cost_yuan_per_m == pytest.approx(
        (trench.width_m + 0.3) * 40 + trench.volume_m3_per_m * (45 + 60)
    )


def test_a_dear_slope_leaves_the_support_which_needs_b2() -> None:
    trench = _dig(_with(soil="sand", edge_load="dynamic"), DEEP)
    assert trench.walls == "supported"
    assert trench.width_m == pytest.approx(0.44 + 2 * 0.3 + 2 * 0.15)
    assert trench.support_m == pytest.approx(2 * 2.54)
    width = trench.width_m
    assert [corner for point in trench.outline_m for corner in point] == pytest.approx(
        [0, 0, 0, 2.54, width, 2.54, width, 0]
    )


def test_the_cheaper_of_slope_and_support_is_taken() -> None:
    supports = [
        _dig(_with(soil="clay", edge_load="none", support_yuan_m2=p), DEEP) for p in (1, 500)
    ]
    assert [trench.walls for trench in supports] == ["supported", "sloped"]


def test_no_trench_below_five_metres_is_sloped() -> None:
    dear = _with(soil="loess", edge_load="none", support_yuan_m2=1e6)
    assert _dig(dear, Line("drain", depth_m=4.4)).walls == "sloped"
    assert _dig(dear, Line("drain", depth_m=4.5)).walls == "supported"


def test_soft_soil_stands_neither_upright_nor_sloped_under_a_load() -> None:
    shallow = Line("water")
    assert _dig(_with(soil="soft", edge_load="static"), shallow).walls == "supported"
    assert _dig(_with(soil="silt", edge_load="static"), shallow).walls == "vertical"


def test_a_step_inside_a_trench_slopes_where_it_has_room_only() -> None:
    lines = (Line("water"), DEEP)
    loess = _dig(_with(soil="loess", edge_load="none", support_yuan_m2=1e4), *lines)
    assert loess.walls == "sloped"
    low, high = loess.steps[0][2], loess.steps[1][2]
    flat = sum((end - begin) * depth for begin, end, depth in loess.steps)
    wedges = 0.1 * (low**2 + (high - low) ** 2 + high**2) / 2
    assert loess.volume_m3_per_m == pytest.approx(flat + wedges)
    sand = _dig(_with(soil="sand", edge_load="dynamic", support_yuan_m2=1e4), *lines)
    assert sand.walls == "supported"


def test_the_wall_and_what_holds_it_are_figures_with_clause_and_confidence() -> None:
    sloped = _dig(_with(soil="loess", edge_load="none", support_yuan_m2=1e4), DEEP)
    told = {figure.what: figure for figure in sloped.figures}
    assert told["slope"].clause == "GB 50268-2008 4.3.3"
    assert told["slope"].confidence == "D"
    assert "1:0.1" in told["slope"].text("en")
    assert "老黄土" in told["slope"].text("zh")
    supported = {figure.what: figure for figure in _dig(SETTINGS, DEEP).figures}
    assert supported["support"].value_m == 0.15
    assert supported["wall"].value_m == 1.25
    assert "0.15 m" in supported["support"].text("zh")


@pytest.mark.parametrize("soil", soils())
@pytest.mark.parametrize("load", LOADS)
def test_every_soil_and_load_can_be_dug(soil: str, load: str) -> None:
    section = lay([DEEP, Line("water")], _with(soil=soil, edge_load=load))
    assert section.cost_yuan_per_m > 0
    assert all(mark.text("zh") and mark.text("en") for mark in section.marks)


def test_a_steeper_load_class_never_steepens_the_slope() -> None:
    for soil in soils():
        runs = [rules(_with(soil=soil, edge_load=load), carriageway=True).slope for load in LOADS]
        known = [figure.value_m for figure in runs if figure is not None]
        assert known == sorted(known)


def test_an_unknown_soil_is_refused() -> None:
    with pytest.raises(KeyError):
        lay([DEEP], _with(soil="cheese"))


@given(
    st.lists(
        st.builds(
            Line,
            st.sampled_from(["power", "telecom", "water", "heat", "drain"]),
            diameter_mm=st.sampled_from([nan, 63.0, 600.0]),
            depth_m=st.sampled_from([nan, 1.5, 2.5]),
        ),
        min_size=1,
        max_size=4,
    ),
    st.sampled_from(soils()),
)
@effort(max_examples=60, deadline=None)
def test_the_outline_encloses_the_volume(lines: list[Line], soil: str) -> None:
    trench = _dig(_with(soil=soil, edge_load="none", support_yuan_m2=300.0), *lines)
    corners = trench.outline_m
    area = sum((x2 - x1) * (d1 + d2) / 2 for (x1, d1), (x2, d2) in pairwise(corners))
    assert area == pytest.approx(trench.volume_m3_per_m)
    assert corners[0] == (pytest.approx(0), 0)
    assert corners[-1] == (pytest.approx(trench.width_m), 0)
