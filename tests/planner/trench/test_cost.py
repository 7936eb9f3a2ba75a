from collections.abc import Callable

import pytest

from planner.section.layout import cost_per_m
from planner.settings import defaults
from planner.trench.build import Built
from planner.trench.cost import Prices, strips

MakeCase = Callable[..., Built]

GAS = {"utility": "gas", "diameter_mm": 110.0, "owner": "燃气公司"}


def on(*stretches: tuple[float, float, str]) -> list[tuple[int, float, float, str]]:
    return [(0, *stretch) for stretch in stretches]


def test_the_section_is_shared_only_where_metres_and_side_overlap(make_case: MakeCase) -> None:
    built = make_case([{"on": on((0.0, 60.0, "left"))}, {**GAS, "on": on((40.0, 100.0, "left"))}])
    found = strips(built.problem, 0, [0, 1])
    assert [(s.from_m, s.to_m, s.works) for s in found] == [
        (0.0, 40.0, (0,)),
        (40.0, 60.0, (0, 1)),
        (60.0, 100.0, (1,)),
    ]


def test_the_two_sides_of_a_road_share_nothing(make_case: MakeCase) -> None:
    built = make_case([{"on": on((0.0, 100.0, "left"))}, {**GAS, "on": on((0.0, 100.0, "right"))}])
    prices = Prices(built.problem)
    both = prices.trench_yuan(0, frozenset((0, 1)))
    assert both == pytest.approx(
        prices.trench_yuan(0, frozenset((0,))) + prices.trench_yuan(0, frozenset((1,)))
    )


def test_an_opening_costs_set_up_traffic_and_the_metres_of_its_section(make_case: MakeCase) -> None:
    built = make_case([{}, GAS])
    lines = [work.line for work in built.problem.works]
    metre = cost_per_m(lines, "asphalt", defaults())
    cost = Prices(built.problem).opening_yuan(0, 12, frozenset((0, 1)))
    assert cost == pytest.approx(20000 + 12 * 800 + 100 * metre)


def test_water_and_gas_dug_together_cost_less_than_apart(make_case: MakeCase) -> None:
    prices = Prices(make_case([{}, GAS]).problem)
    apart = prices.trench_yuan(0, frozenset((0,))) + prices.trench_yuan(0, frozenset((1,)))
    assert prices.trench_yuan(0, frozenset((0, 1))) < apart
