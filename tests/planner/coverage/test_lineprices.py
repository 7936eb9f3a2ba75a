from __future__ import annotations

from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pytest
import shapely

from planner.coverage import lineprices
from planner.settings import Settings

EAST_WEST = shapely.LineString([(470_000, 3_241_000), (475_000, 3_241_000)])
NORTH = shapely.LineString([(470_000, 3_243_000), (475_000, 3_243_000)])
POINTS = gpd.GeoSeries(
    [shapely.Point(471_000.0, 3_241_300.0), shapely.Point(472_000.0, 3_242_900.0)],
    index=["a", "b"],
)


def test_the_nearest_line_or_tie_in_of_each_utility_sets_length_and_price(
    made: SimpleNamespace, settings: Settings
) -> None:
    county = made.county(
        pipes=[{"pipe_id": "d1", "utility": "power", "voltage_kv": 10.0, "geometry": EAST_WEST},
               {"pipe_id": "d2", "utility": "power", "voltage_kv": 110.0, "geometry": NORTH},
               {"pipe_id": "t1", "utility": "telecom", "geometry": NORTH}],
        tie_ins=[{"tie_in_id": "j1", "utility": "telecom", "capacity_left": 8.0,
                  "geometry": shapely.Point(471_000, 3_241_500)}],
    )  # fmt: skip
    ways = lineprices.straight(county, settings)(POINTS)
    np.testing.assert_allclose(ways.power.length_m, [300.0, 1_900.0])
    np.testing.assert_allclose(ways.fibre.length_m, [200.0, 100.0])
    assert ways.power.line_id.tolist() == ["d1", "d1"]
    assert ways.fibre.line_id.tolist() == ["j1", "t1"]
    rate = settings.number("coverage.line_detour") * settings.number("coverage.fibre_yuan_per_m")
    np.testing.assert_allclose(ways.fibre.yuan, [200.0 * rate, 100.0 * rate])


def test_where_no_line_is_known_nothing_is_said_of_its_price(
    made: SimpleNamespace, settings: Settings
) -> None:
    ways = lineprices.straight(made.county(), settings)(POINTS)
    for way in (ways.power, ways.fibre):
        assert np.isnan(way.length_m).all()
        assert np.isnan(way.yuan).all()
        assert way.line_id.tolist() == ["", ""]


@pytest.mark.parametrize("count", [0, 1])
def test_as_many_ways_as_points(made: SimpleNamespace, settings: Settings, count: int) -> None:
    ways = lineprices.straight(made.county(), settings)(POINTS.iloc[:count])
    assert len(ways.power.yuan) == len(ways.fibre.yuan) == count


def test_a_county_without_lines_is_told_that_costs_leave_them_out(
    made: SimpleNamespace, settings: Settings
) -> None:
    bare = lineprices.unknown(made.county(), settings)
    assert bare is not None
    assert "power lines and telecom lines" in bare.text("en")
    power = {"pipe_id": "d1", "utility": "power", "geometry": EAST_WEST}
    half = lineprices.unknown(made.county(pipes=[power]), settings)
    assert half is not None
    assert "电力线" not in half.text("zh")
    fibre = {"pipe_id": "t1", "utility": "telecom", "geometry": NORTH}
    assert lineprices.unknown(made.county(pipes=[power, fibre]), settings) is None
