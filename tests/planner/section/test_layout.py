"""Layout: worked example, optimal cut, every distance kept, volume and cost recomputed."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import settings as effort
from hypothesis import strategies as st

from planner.section.earthwork import Prices, prices
from planner.section.layout import (
    Line,
    Section,
    areas_m2,
    cost_per_m,
    lay,
    narrow_section,
    ordered,
)
from planner.section.line import Body, body
from planner.section.spacing import Rules, distance, rules
from planner.section.trench import dig
from planner.settings import Settings, defaults

SETTINGS = defaults()
RULE = rules(SETTINGS, carriageway=True)
LINES = st.lists(
    st.builds(
        Line,
        st.sampled_from(["power", "telecom", "tv", "water", "gas", "heat", "drain"]),
        st.sampled_from(["", "direct", "duct", "transmission", "rain"]),
        diameter_mm=st.sampled_from([float("nan"), 63.0, 160.0, 300.0, 600.0]),
        depth_m=st.sampled_from([float("nan"), 0.3, 1.5, 2.5]),
        pressure_mpa=st.sampled_from([float("nan"), 0.005, 0.8]),
    ),
    min_size=1,
    max_size=6,
)


def _with(**values: float | bool | str) -> Settings:
    return SETTINGS.with_user({f"section.{k}": v for k, v in values.items()}, source="test")


def _bodies(section: Section) -> list[Body]:
    return [item for trench in section.trenches for item in trench.bodies]


def _faces(section: Section) -> list[tuple[float, float]]:
    return [
        (origin + near, origin + far)
        for origin, trench in zip(section.origins_m, section.trenches, strict=True)
        for near, far in trench.faces_m
    ]


def test_one_water_main_is_worked_out_by_hand() -> None:
    line = Line("water", diameter_mm=100)
    section = lay([line], SETTINGS)
    # outer 0.11 m, b1 0.3 m twice, cover 0.7 m and bedding 0.1 m under it
    assert section.width_m == pytest.approx(0.71)
    assert section.trenches[0].depth_m == pytest.approx(0.91)
    assert section.volume_m3_per_m == pytest.approx(0.71 * 0.91)
    assert section.area_m2_per_m == pytest.approx(0.71 + 2 * 0.15)
    assert section.cost_yuan_per_m == pytest.approx(1.01 * 220 + 0.71 * 0.91 * (45 + 60))
    assert cost_per_m([line], "asphalt", SETTINGS) == section.cost_yuan_per_m


def test_two_close_lines_share_a_trench_of_the_width_of_gb_50268() -> None:
    section = lay([Line("gas"), Line("water")], SETTINGS)
    assert len(section.trenches) == 1
    water, gas = 0.165, 0.121
    assert section.width_m == pytest.approx(0.3 + water + 0.5 + gas + 0.3)


def test_one_shared_trench_can_be_dearer_than_two() -> None:
    section = lay([Line("telecom"), Line("water")], SETTINGS)
    assert [len(trench.bodies) for trench in section.trenches] == [1, 1]
    near, far = _faces(section)
    assert far[0] - near[1] >= 1.0 - 1e-9


def test_a_deep_line_gets_supported_walls_and_a_wider_trench() -> None:
    shallow = lay([Line("drain", depth_m=0.7)], SETTINGS)
    deep = lay([Line("drain", depth_m=2.0)], SETTINGS)
    trench = deep.trenches[0]
    assert trench.depth_m == pytest.approx(2.0 + 0.44 + 0.1)
    assert trench.support_m == pytest.approx(2 * trench.depth_m)
    assert deep.width_m - shallow.width_m == pytest.approx(2 * 0.15)
    assert shallow.trenches[0].support_m == 0


def test_lines_at_different_depths_make_a_stepped_bottom() -> None:
    trench = dig(
        [body(Line("water"), SETTINGS), body(Line("gas", depth_m=1.5), SETTINGS)],
        RULE,
        prices("asphalt", SETTINGS),
    )
    depths = [depth for _, _, depth in trench.steps]
    assert depths == sorted(depths)
    assert len(depths) == 2
    assert trench.volume_m3_per_m < trench.width_m * trench.depth_m


def test_a_deeper_neighbour_stands_off_by_the_difference_of_depths() -> None:
    shallow, deep = (body(Line("gas", depth_m=d), SETTINGS) for d in (0.9, 2.4))
    found = distance(shallow, deep, RULE)
    assert found.value_m == pytest.approx(1.5)
    assert found.clause == "CJJ/T 34-2022"


def test_no_lines_need_no_trench() -> None:
    section = lay([], SETTINGS)
    assert (section.trenches, section.width_m, section.cost_yuan_per_m) == ((), 0, 0)


def test_a_cover_below_the_standard_is_raised_and_reported() -> None:
    section = lay([Line("water", depth_m=0.4)], SETTINGS)
    assert section.trenches[0].covers_m == (0.7,)
    assert [figure.value_m for figure in section.raised] == [0.4]
    assert lay([Line("water", depth_m=1.4)], SETTINGS).raised == ()


def test_cover_beside_the_carriageway_is_less() -> None:
    lane, walk = (lay([Line("gas")], SETTINGS, carriageway=c) for c in (True, False))
    assert lane.trenches[0].covers_m == (0.9,)
    assert walk.trenches[0].covers_m == (0.6,)


def test_gas_shares_a_trench_with_cables_only_where_the_setting_allows() -> None:
    lines = [Line("power", voltage_kv=10), Line("gas")]
    apart = lay(lines, _with(gas_with_cables=False, surface_asphalt_yuan_m2=0.0))
    assert [len(t.bodies) for t in apart.trenches] == [1, 1]
    cheap = {"missing_clearance_m": 0.1, "surface_margin_m": 2.0}
    together = lay(lines, _with(gas_with_cables=True, **cheap))
    assert [len(t.bodies) for t in together.trenches] == [2]
    assert [len(t.bodies) for t in lay(lines, _with(**cheap)).trenches] == [1, 1]


def test_unverified_values_are_marked_once_and_verified_ones_are_not() -> None:
    section = lay([Line("water"), Line("drain"), Line("drain")], SETTINGS)
    marked = [(mark.what, mark.of) for mark in section.marks]
    assert len(marked) == len(set(marked))
    assert ("clearance", ("drain", "drain")) in marked
    assert ("clearance", ("water_le200", "drain")) not in marked  # confidence B


def test_prices_are_the_users_when_given() -> None:
    dear = _with(surface_concrete_yuan_m2=1000.0)
    assert prices("concrete", dear).surface_yuan_m2 == 1000.0
    assert cost_per_m([Line("gas")], "concrete", dear) > cost_per_m(
        [Line("gas")], "concrete", SETTINGS
    )


@pytest.mark.parametrize("surface", ["asphalt", "concrete", "paving", "gravel", "earth"])
def test_every_surface_of_the_tables_has_a_price(surface: str) -> None:
    assert cost_per_m([Line("water")], surface, SETTINGS) > 0


def test_an_unknown_surface_is_refused() -> None:
    with pytest.raises(KeyError):
        cost_per_m([Line("water")], "ice", SETTINGS)


@given(LINES)
@effort(max_examples=60, deadline=None)
def test_lines_lie_in_order_and_every_pair_keeps_its_distance(lines: list[Line]) -> None:
    section = lay(lines, SETTINGS)
    bodies, faces = _bodies(section), _faces(section)
    assert len(bodies) == len(lines)
    assert [b.rank for b in bodies] == sorted(b.rank for b in bodies)
    for i, j in combinations(range(len(bodies)), 2):
        clear_m = faces[j][0] - faces[i][1]
        assert clear_m >= distance(bodies[i], bodies[j], RULE).value_m - 1e-9


@given(LINES)
@effort(max_examples=60, deadline=None)
def test_trenches_never_overlap_and_leave_their_strip(lines: list[Line]) -> None:
    section = lay(lines, SETTINGS)
    ends = [o + t.width_m for o, t in zip(section.origins_m, section.trenches, strict=True)]
    for end, begin in zip(ends, section.origins_m[1:], strict=False):
        assert begin - end >= RULE.strip_m - 1e-9
    assert section.width_m == pytest.approx(ends[-1])


@given(LINES)
@effort(max_examples=60, deadline=None)
def test_laid_together_lines_never_cost_more_than_each_in_its_own_trench(
    lines: list[Line],
) -> None:
    alone = sum(cost_per_m([line], "asphalt", SETTINGS) for line in lines)
    assert cost_per_m(lines, "asphalt", SETTINGS) <= alone + 1e-6


def _may_share(group: tuple[Body, ...]) -> bool:
    utilities = {item.utility for item in group}
    return not ("gas" in utilities and utilities & {"power", "telecom", "tv"})


def _cheapest_cut(bodies: list[Body], rule: Rules, price: Prices) -> float:
    """Try every way to cut the ordered lines into consecutive trenches."""
    costs = []
    for count in range(len(bodies)):
        for cuts in combinations(range(1, len(bodies)), count):
            edges = (0, *cuts, len(bodies))
            groups = [tuple(bodies[a:b]) for a, b in pairwise(edges)]
            if all(map(_may_share, groups)):
                costs.append(sum(dig(group, rule, price).cost_yuan_per_m for group in groups))
    return min(costs)


@given(LINES)
@effort(max_examples=40, deadline=None)
def test_the_cut_into_trenches_is_the_cheapest_of_all(lines: list[Line]) -> None:
    section = lay(lines, SETTINGS)
    best = _cheapest_cut(_bodies(section), RULE, prices("asphalt", SETTINGS))
    assert section.cost_yuan_per_m == pytest.approx(best)


def _profile_depth(section: Section, x: np.ndarray) -> np.ndarray:
    """Return the dug depth at each x from the lines alone: working zones and bridged gaps."""
    depth = np.zeros_like(x)
    for origin, trench in zip(section.origins_m, section.trenches, strict=True):
        bottoms = [
            c + b.height_m + RULE.bedding_m
            for c, b in zip(trench.covers_m, trench.bodies, strict=True)
        ]
        b2 = RULE.support.value_m if max(bottoms) > RULE.wall.value_m else 0.0
        zones = []
        for (near, far), item, bottom in zip(trench.faces_m, trench.bodies, bottoms, strict=True):
            b1 = 0.3 if item.height_m <= 0.5 else 0.4
            zones.append((origin + near - b1 - b2, origin + far + b1 + b2, bottom))
        for low, high, bottom in zones:
            inside = (x >= low) & (x <= high)
            depth[inside] = np.maximum(depth[inside], bottom)
        inside = (x >= min(z[0] for z in zones)) & (x <= max(z[1] for z in zones))
        for place in np.flatnonzero(inside & (depth == 0)):
            left = max((z for z in zones if z[1] <= x[place]), key=lambda z: z[1])
            right = min((z for z in zones if z[0] >= x[place]), key=lambda z: z[0])
            depth[place] = min(left[2], right[2])
    return depth


@given(LINES)
@effort(max_examples=30, deadline=None)
def test_volume_and_cost_agree_with_the_integrated_profile(lines: list[Line]) -> None:
    section = lay(lines, SETTINGS)
    assume(all(trench.walls != "sloped" for trench in section.trenches))
    x, step = np.linspace(0, section.width_m, 40_001, retstep=True)
    middles = x[:-1] + step / 2
    depth = _profile_depth(section, middles)
    assert section.volume_m3_per_m == pytest.approx(depth.sum() * step, rel=2e-3)
    surface = (depth > 0).sum() * step + 2 * 0.15 * len(section.trenches)
    walls = sum(trench.support_m for trench in section.trenches)
    cost = surface * 220 + section.volume_m3_per_m * (45 + 60) + walls * 35
    assert section.area_m2_per_m == pytest.approx(surface, rel=2e-3)
    assert section.cost_yuan_per_m == pytest.approx(cost, rel=2e-3)


@given(LINES)
@effort(max_examples=60, deadline=None)
def test_a_section_never_costs_less_than_its_dearest_line_alone(lines: list[Line]) -> None:
    alone = max(cost_per_m([line], "earth", SETTINGS) for line in lines)
    assert cost_per_m(lines, "earth", SETTINGS) >= alone - 1e-9


def test_a_bench_spares_no_support() -> None:
    # dug to 1.26 m and 1.17 m: beside each other both sides of the deeper one stay supported
    deep, shallow = Line("power", diameter_mm=600), Line("power", diameter_mm=63, depth_m=1.0)
    together = lay([deep, shallow], SETTINGS, surface="earth")
    assert together.support_m2_per_m == pytest.approx(2 * 1.26)
    assert together.cost_yuan_per_m > cost_per_m([deep], "earth", SETTINGS)


def _narrow_m(lines: list[Line]) -> float:
    rule, price = rules(SETTINGS, carriageway=True), prices("asphalt", SETTINGS)
    return narrow_section(ordered(lines, SETTINGS), rule, price, "asphalt").width_m


@given(LINES)
@effort(max_examples=60, deadline=None)
def test_a_further_line_never_narrows_the_narrowest_section(lines: list[Line]) -> None:
    whole = _narrow_m(lines)
    for place in range(len(lines)):
        assert _narrow_m(lines[:place] + lines[place + 1 :]) <= whole + 1e-9


@given(LINES)
@effort(max_examples=40, deadline=None)
def test_a_gap_is_never_smaller_than_what_it_needs(lines: list[Line]) -> None:
    section = lay(lines, SETTINGS)
    assert len(section.gaps) == len(lines) - 1
    assert all(gap.clear_m >= gap.needed.value_m - 1e-9 for gap in section.gaps)


def test_areas_are_added_up_by_kind_of_surface() -> None:
    asphalt, earth = (lay([Line("water")], SETTINGS, surface=kind) for kind in ("asphalt", "earth"))
    found = areas_m2([(asphalt, 100.0), (earth, 10.0), (asphalt, 20.0)])
    assert found == pytest.approx({"asphalt": 120 * 1.065, "earth": 10 * 1.065})
