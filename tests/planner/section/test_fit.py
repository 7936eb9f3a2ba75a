"""Sections in their corridor: places, alternatives in their order, what is missing."""

from __future__ import annotations

from itertools import combinations
from math import isnan, nan

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from geo.errors import InputError
from planner.section.clearances import beside
from planner.section.corridor import Corridor, Existing, Placed
from planner.section.fit import Fitted, fit, width_allowed
from planner.section.layout import Line, lay
from planner.section.line import body
from planner.section.spacing import distance, rules
from planner.settings import Settings, defaults

SETTINGS = defaults()
POWER, TELECOM, TV = Line("power", voltage_kv=10), Line("telecom"), Line("tv")
WATER, GAS, HEAT, DRAIN = Line("water"), Line("gas"), Line("heat"), Line("drain", depth_m=2.0)
ALL = [POWER, TELECOM, TV, WATER, GAS, HEAT, DRAIN]
LINES = st.lists(st.sampled_from(ALL), min_size=1, max_size=4, unique=True)


def _with(**values: float | bool | str) -> Settings:
    return SETTINGS.with_user({f"section.{k}": v for k, v in values.items()}, source="test")


def _laid(fitted: Fitted) -> list[str]:
    return sorted(item.utility for part in fitted.placed for item in part.section.bodies)


def test_a_wide_road_takes_the_section_on_the_side_asked_for() -> None:
    for side, sign in (("right", 1), ("left", -1)):
        fitted = fit([POWER, WATER], Corridor(width_m=20, side=side), SETTINGS)
        assert (fitted.alternative, fitted.fits, fitted.missing_m) == ("one_side", True, 0)
        [placed] = fitted.placed
        assert placed.edge_m == sign * 10
        assert placed.section.cost_yuan_per_m == lay([POWER, WATER], SETTINGS).cost_yuan_per_m
        first = 0.3 + 0.175 * 1.1 / 2
        assert placed.offsets_m[0] == pytest.approx(sign * (10 - first))


def test_an_unknown_width_is_not_checked_and_says_so() -> None:
    fitted = fit([POWER, WATER], Corridor(width_m=nan), SETTINGS)
    assert fitted.alternative == "unchecked"
    assert not fitted.checked
    assert isnan(fitted.missing_m)
    assert "未知" in fitted.text("zh")[0]
    assert "not known" in fitted.text("en")[0]


def test_the_narrowest_section_is_tried_before_the_other_side() -> None:
    lines = [TELECOM, WATER]
    wide, narrow = lay(lines, SETTINGS).width_m, lay(lines, _with(surface_margin_m=9.0)).width_m
    assert narrow < wide
    fitted = fit(lines, Corridor(width_m=wide + narrow), SETTINGS)
    assert fitted.alternative == "one_side"
    assert fitted.placed[0].section.width_m == pytest.approx(narrow)


def test_both_sides_are_taken_where_one_is_too_narrow() -> None:
    fitted = fit([POWER, TELECOM, WATER, GAS], Corridor(width_m=5), SETTINGS)
    assert fitted.alternative == "both_sides"
    assert [placed.side for placed in fitted.placed] == ["right", "left"]
    assert _laid(fitted) == ["gas", "power", "telecom", "water"]
    assert fitted.measures == ()


def test_beside_a_shallow_existing_line_the_trench_keeps_away_by_the_difference_in_depth() -> None:
    deep = Line("drain", diameter_mm=400.0, depth_m=3.0)
    tops = (0.2, 1.2)
    edges = [
        fit(
            [deep],
            Corridor(width_m=20, existing=(Existing(Line("water", depth_m=top), 9.0),)),
            SETTINGS,
        )
        .placed[0]
        .edge_m
        for top in tops
    ]
    # the trench stays between the line and the centre, a metre farther from one a metre higher
    assert edges[1] - edges[0] == pytest.approx(1.0)


def test_where_existing_lines_leave_no_room_the_section_lies_on_the_other_side() -> None:
    full = tuple(Existing(DRAIN, 0.8 * n) for n in range(9))
    for lines in ([WATER], [POWER, WATER]):
        fitted = fit(lines, Corridor(width_m=12, existing=full), SETTINGS)
        assert (fitted.alternative, fitted.fits, fitted.measures) == ("other_side", True, ())
        assert [placed.side for placed in fitted.placed] == ["left"]
        assert "另一侧" in fitted.text("zh")[0]
    both = (*full, *(Existing(DRAIN, -0.8 * n) for n in range(1, 9)))
    assert not fit([WATER], Corridor(width_m=12, existing=both), SETTINGS).fits


def test_smaller_clearances_are_measures_with_their_clause_and_kept_as_large_as_fits() -> None:
    corridor = Corridor(width_m=24, kerb_m=8, tree_m=11.5)
    lines = [POWER, TELECOM, WATER, GAS, HEAT]
    fitted = fit(lines, corridor, SETTINGS, carriageway=False)
    assert (fitted.alternative, fitted.fits) == ("measure", True)
    for measure in fitted.measures:
        assert measure.clause == "GB 50289-2016 4.1.9"
        assert 0.5 * measure.needed_m - 1e-9 <= measure.given_m < measure.needed_m
        assert "隔板" in measure.text("zh")
    assert min(m.given_m / m.needed_m for m in fitted.measures) >= 0.8 - 1e-9
    assert fit(lines, corridor, _with(least_clearance_share=1.0), carriageway=False).fits is False


def test_operators_share_one_bank_in_parks_only_or_where_set() -> None:
    lines = [POWER, TELECOM, Line("telecom", diameter_mm=100), TV, WATER, GAS, HEAT]
    narrow = {"width_m": 5.0}
    plain = fit(lines, Corridor(**narrow), SETTINGS)
    park = fit(lines, Corridor(**narrow, park=True), SETTINGS)
    assert not plain.fits
    assert park.fits
    assert park.alternative == "shared_ducts"
    assert _laid(park) == ["gas", "heat", "power", "telecom", "water"]
    ducts = [measure for measure in park.measures if measure.what == "ducts"]
    assert [(m.needed_m, m.given_m, m.clause) for m in ducts] == [(3, 1, "002 二、(三)")]
    assert fit(lines, Corridor(**narrow), _with(shared_ducts=True)).alternative == "shared_ducts"


def test_a_tunnel_takes_the_lines_that_it_admits_where_nothing_else_fits() -> None:
    corridor = Corridor(width_m=5, tunnel=frozenset({"power", "telecom", "tv", "water"}))
    fitted = fit(ALL, corridor, SETTINGS)
    assert (fitted.alternative, fitted.fits) == ("tunnel", True)
    assert fitted.in_tunnel == (POWER, TELECOM, TV, WATER)
    assert _laid(fitted) == ["drain", "gas", "heat"]
    wide = Corridor(width_m=40, tunnel=corridor.tunnel)
    assert fit(ALL, wide, SETTINGS).alternative == "one_side"
    assert fit(ALL, wide, _with(tunnel_first=True)).in_tunnel == fitted.in_tunnel
    assert fit([POWER], wide, _with(tunnel_first=True)).placed == ()


def test_what_does_not_fit_says_how_many_metres_are_missing() -> None:
    fitted = fit([WATER], Corridor(width_m=1), SETTINGS)
    assert not fitted.fits
    assert fitted.missing_m == pytest.approx(0.6 + 0.165 - 0.5)
    assert "0.27 m" in fitted.text("en")[0]
    wider = fit([WATER], Corridor(width_m=1 + 2 * fitted.missing_m), SETTINGS)
    assert wider.fits


def test_beside_the_carriageway_the_kerb_is_the_inner_limit() -> None:
    corridor = Corridor(width_m=20, kerb_m=6.5)
    fitted = fit([POWER, WATER], corridor, SETTINGS, carriageway=False)
    [placed] = fitted.placed
    assert placed.edge_m == 10
    assert min(placed.offsets_m) - 0.0825 >= 6.5 + 1.5 - 1e-9
    short = fit([WATER], Corridor(width_m=20, kerb_m=9), _with(least_clearance_share=1.0),
                carriageway=False)  # fmt: skip
    assert short.missing_m == pytest.approx(0.3 + 0.165 + 1.5 - 1.0)


def test_existing_lines_without_a_place_are_refused() -> None:
    with pytest.raises(InputError) as caught:
        Corridor(width_m=10, existing=(Existing(WATER, nan), Existing(GAS, 1.0)))
    assert "1" in caught.value.text("en")


def _clear_m(placed: Placed, corridor: Corridor, share: float) -> None:
    """Assert every distance of a placed section, new and existing, from the offsets alone."""
    rule = rules(SETTINGS, carriageway=True, share=share)
    laid = list(zip(placed.section.bodies, placed.offsets_m, strict=True))
    for (a, at), (b, to) in combinations(laid, 2):
        apart = abs(at - to) - (a.width_m + b.width_m) / 2
        assert apart >= distance(a, b, rule).value_m - 1e-6
    for line, offset, wander in corridor.existing:
        old = body(line, SETTINGS, existing=True)
        for item, at in laid:
            apart = abs(at - offset) - (item.width_m + old.width_m) / 2 - wander
            assert apart >= distance(item, old, rule).value_m - 1e-6
    for kind, place in (("kerb", corridor.kerb_m), ("tree", corridor.tree_m)):
        for item, at in laid:
            if not isnan(place):
                apart = abs(abs(at) - place) - item.width_m / 2
                assert apart >= share * beside(kind, item).value_m - 1e-6


@given(
    LINES,
    st.floats(4, 30),
    st.lists(
        st.builds(
            Existing,
            st.sampled_from([WATER, GAS, DRAIN]),
            st.floats(-9, 9),
            st.sampled_from([0.0, 0.4]),
        ),
        max_size=3,
    ),
    st.sampled_from([nan, 2.0, 5.0]),
    st.sampled_from([nan, 1.5, 4.0]),
)
@effort(max_examples=40, deadline=None)
def test_every_distance_is_kept_and_every_line_stays_within_the_red_lines(
    lines: list[Line], width_m: float, existing: list[Existing], kerb_m: float, tree_m: float
) -> None:
    corridor = Corridor(width_m=width_m, existing=tuple(existing), kerb_m=kerb_m, tree_m=tree_m)
    fitted = fit(lines, corridor, SETTINGS)
    assert _laid(fitted) == sorted(line.utility for line in lines)
    for placed in fitted.placed:
        assert abs(placed.edge_m) <= width_m / 2 + 1e-9
        if fitted.fits:
            _clear_m(placed, corridor, 0.5 if fitted.measures else 1.0)
            assert abs(placed.edge_m) - placed.section.width_m >= -1e-6


@given(LINES, st.floats(3, 14), st.floats(0, 5))
@effort(max_examples=30, deadline=None)
def test_a_wider_road_never_lacks_more(lines: list[Line], width_m: float, more_m: float) -> None:
    narrow = fit(lines, Corridor(width_m=width_m), SETTINGS)
    wide = fit(lines, Corridor(width_m=width_m + more_m), SETTINGS)
    assert wide.missing_m <= narrow.missing_m + 1e-6


@given(st.lists(st.sampled_from(ALL), min_size=1, max_size=7), st.floats(2, 14))
@effort(max_examples=40, deadline=None)
def test_a_further_line_never_makes_a_forbidden_width_allowed(
    lines: list[Line], width_m: float
) -> None:
    if width_allowed(lines, width_m, SETTINGS):
        for place in range(len(lines)):
            assert width_allowed(lines[:place] + lines[place + 1 :], width_m, SETTINGS)


def test_a_joint_section_leaves_a_free_lane_where_one_line_would() -> None:
    lines = [POWER, TELECOM, WATER, GAS]
    assert width_allowed(lines, nan, SETTINGS)
    assert width_allowed([WATER], 1.0, SETTINGS)
    assert not width_allowed(lines, 6.0, SETTINGS)
    assert width_allowed(lines, 6.0, _with(free_lane_m=3.0))
    assert width_allowed(lines, 9.0, SETTINGS)
    # a lane of 3 m is closed by any dig, the section only has to lie within it
    assert width_allowed([POWER, WATER], 3.0, SETTINGS)
    assert not width_allowed(ALL, 3.0, SETTINGS)
