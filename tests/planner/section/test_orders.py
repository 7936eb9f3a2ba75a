"""The search over orders and cuts against brute force; free orders with their measures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise, permutations
from math import nan

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from planner.section.chains import best_chain
from planner.section.earthwork import prices
from planner.section.excavation import Site, profile, survey
from planner.section.layout import Line, lay, ordered
from planner.section.orders import cheapest, in_standard_order, may_share, narrowest, origins_m
from planner.section.spacing import rules
from planner.settings import defaults

SETTINGS = defaults()
ANY = st.builds(
    Line,
    st.sampled_from(["power", "telecom", "water", "gas", "drain"]),
    st.sampled_from(["", "direct", "rain"]),
    diameter_mm=st.sampled_from([nan, 63.0, 300.0, 1600.0]),
    depth_m=st.sampled_from([nan, 1.0, 1.8, 2.5]),
)
LINES = st.lists(ANY, min_size=1, max_size=5)
TIED = st.lists(ANY.filter(lambda line: line.utility in {"power", "gas"}), min_size=1, max_size=5)


def _site(lines: Sequence[Line], surface: str = "earth") -> Site:
    rule = rules(SETTINGS, carriageway=True)
    return survey(ordered(lines, SETTINGS), rule, prices(surface, SETTINGS))


def _cuts(order: Sequence[int]) -> Iterator[list[tuple[int, ...]]]:
    for count in range(len(order)):
        for cuts in combinations(range(1, len(order)), count):
            yield [tuple(order[a:b]) for a, b in pairwise((0, *cuts, len(order)))]


def _brute(site: Site, ranks: Sequence[int]) -> float:
    """Try every permutation that keeps the ranks, and every cut of it."""
    costs = []
    for order in permutations(range(len(ranks))):
        if [ranks[item] for item in order] == sorted(ranks):
            costs += [
                sum(profile(group, site).cost_yuan_per_m for group in groups)
                for groups in _cuts(order)
                if all(may_share(site, group) for group in groups)
            ]
    return min(costs)


def _cost(site: Site, ranks: Sequence[int]) -> float:
    return sum(trench.cost_yuan_per_m for trench in cheapest(site, ranks))


@given(TIED)
@effort(max_examples=40, deadline=None)
def test_equal_ranks_are_searched_exactly(lines: list[Line]) -> None:
    site = _site(lines)
    ranks = [item.rank for item in site.bodies]
    assert _cost(site, ranks) == pytest.approx(_brute(site, ranks))


@given(LINES)
@effort(max_examples=40, deadline=None)
def test_all_orders_are_searched_exactly(lines: list[Line]) -> None:
    site = _site(lines)
    free = [0] * len(site.bodies)
    assert _cost(site, free) == pytest.approx(_brute(site, free))


@given(LINES)
@effort(max_examples=40, deadline=None)
def test_every_line_is_laid_once_in_an_allowed_order(lines: list[Line]) -> None:
    site = _site(lines)
    ranks = [item.rank for item in site.bodies]
    order = [item for trench in cheapest(site, ranks) for item in trench.order]
    assert sorted(order) == list(range(len(lines)))
    assert [ranks[item] for item in order] == sorted(ranks)


def _inversions(order: Sequence[int], ranks: Sequence[int]) -> int:
    return sum(ranks[a] > ranks[b] for a, b in combinations(order, 2))


@given(LINES)
@effort(max_examples=40, deadline=None)
def test_trenches_of_a_free_order_are_arranged_with_the_fewest_departures(
    lines: list[Line],
) -> None:
    site = _site(lines)
    ranks = [item.rank for item in site.bodies]
    cut = cheapest(site, [0] * len(ranks))
    found = [item for order in in_standard_order(cut, ranks) for item in order]
    every = [
        [item for place in trenches for item in cut[place].order[:: 1 - 2 * (flip >> place & 1)]]
        for trenches in permutations(range(len(cut)))
        for flip in range(1 << len(cut))
    ]
    assert _inversions(found, ranks) == min(_inversions(order, ranks) for order in every)


@given(LINES)
@effort(max_examples=40, deadline=None)
def test_the_narrowest_cut_is_narrower_than_every_other(lines: list[Line]) -> None:
    site = _site(lines)
    widths = []
    for groups in _cuts(range(len(lines))):
        if all(may_share(site, group) for group in groups):
            digs = [profile(group, site) for group in groups]
            widths.append(origins_m(digs, site)[-1] + digs[-1].width_m)
    cut = narrowest(site, 8)
    assert origins_m(cut, site)[-1] + cut[-1].width_m == pytest.approx(min(widths))


def test_beyond_eight_lines_the_narrowest_is_cut_only_where_lines_may_not_share() -> None:
    cut = narrowest(_site([Line("telecom", diameter_mm=50.0 + k) for k in range(9)]), 8)
    assert len(cut) == 1
    mixed = [Line("gas"), *(Line("power", diameter_mm=50.0 + k) for k in range(8))]
    assert len(narrowest(_site(mixed), 8)) == 2


DEPARTING = [Line("power", depth_m=2.5), Line("gas"), Line("drain", depth_m=2.5)]


def test_a_free_order_costs_less_and_records_every_departure() -> None:
    standard = lay(DEPARTING, SETTINGS, surface="earth")
    free = lay(DEPARTING, SETTINGS, surface="earth", free_order=True)
    assert free.cost_yuan_per_m < standard.cost_yuan_per_m - 1
    ranks = [item.rank for item in free.bodies]
    assert len(free.measures) == _inversions(range(len(ranks)), ranks) > 0
    assert standard.measures == ()
    assert {measure.clause for measure in free.measures} == {"GB 50289-2016 4.1.3"}
    assert all("4.1.3" in measure.text("zh") for measure in free.measures)


def test_the_setting_frees_the_order_as_the_argument_does() -> None:
    free = SETTINGS.with_user({"section.free_order": True}, source="test")
    by_argument = lay(DEPARTING, SETTINGS, surface="earth", free_order=True)
    assert lay(DEPARTING, free, surface="earth") == by_argument


def test_where_no_order_is_cheaper_the_standard_one_stays() -> None:
    lines = [Line("telecom"), Line("water")]
    assert lay(lines, SETTINGS, free_order=True) == lay(lines, SETTINGS)


def test_more_than_eight_lines_stand_in_the_standard_order_and_say_so() -> None:
    many = [Line("telecom", diameter_mm=50.0 + 10 * k) for k in range(9)]
    assert not lay(many, SETTINGS, free_order=True).exact
    assert lay(many[:8], SETTINGS).exact is True
    sizes = [item.diameter_mm for item in lay(many, SETTINGS).bodies]
    assert sizes == sorted(sizes)


@given(st.lists(ANY, min_size=2, max_size=4), st.sampled_from(["silt", "loess"]))
@effort(max_examples=60, deadline=None)
def test_where_only_neighbours_matter_the_shortest_path_is_the_best_order(
    lines: list[Line], soil: str
) -> None:
    settings = SETTINGS.with_user(
        {"section.soil": soil, "section.edge_load": "none", "section.support_yuan_m2": 150.0},
        source="test",
    )
    rule = rules(settings, carriageway=True)
    site = survey(ordered(lines, settings), rule, prices("earth", settings))
    members = tuple(range(len(lines)))
    chain = best_chain(site, [0] * len(lines), members)
    if chain is not None:
        best = min(profile(order, site).cost_yuan_per_m for order in permutations(members))
        assert profile(chain, site).cost_yuan_per_m == pytest.approx(best)


def test_duct_banks_of_overlapping_zones_are_left_to_branch_and_bound() -> None:
    ducts = [Line("power", "duct", diameter_mm=size) for size in (100.0, 150.0, 200.0)]
    assert best_chain(_site(ducts), [0] * 3, (0, 1, 2)) is None
    cables = [Line("telecom", "duct", diameter_mm=size) for size in (100.0, 150.0, 200.0)]
    assert best_chain(_site(cables), [0] * 3, (0, 1, 2)) is not None
