import pytest

from planner.extension.prices import surface_price
from planner.section.layout import Line, cost_per_m
from planner.settings import Settings

LINES = [Line("water"), Line("telecom"), Line("gas"), Line("power", voltage_kv=10.0)]


@pytest.mark.parametrize("surface", ["asphalt", "earth"])
def test_a_line_alone_costs_its_exact_section(settings: Settings, surface: str) -> None:
    price = surface_price(LINES, surface, settings)
    for line, added in zip(LINES, price.added_yuan_per_m, strict=True):
        alone = cost_per_m((line,), surface, settings)
        assert price.trench_yuan_per_m + added == pytest.approx(alone)
        assert added >= 0


def test_two_lines_cost_their_exact_section_where_there_are_only_two(settings: Settings) -> None:
    pair = [Line("telecom"), Line("tv")]
    price = surface_price(pair, "asphalt", settings)
    exact = cost_per_m(pair, "asphalt", settings)
    assert price.trench_yuan_per_m + sum(price.added_yuan_per_m) == pytest.approx(exact)
    assert price.trench_yuan_per_m > 0


def test_a_single_commodity_leaves_nothing_to_add(settings: Settings) -> None:
    price = surface_price(LINES[:1], "asphalt", settings)
    assert price.added_yuan_per_m == (0.0,)
    assert price.trench_yuan_per_m == pytest.approx(cost_per_m(LINES[:1], "asphalt", settings))
    assert surface_price([], "asphalt", settings).trench_yuan_per_m == 0
