from __future__ import annotations

import numpy as np
import pytest
from shapely import LineString

from layers.sample.section import LANES, SIZES_MM, beside, left_m

EAST = LineString([(0, 0), (100, 0)])
NORTH = LineString([(0, 0), (0, 100)])
ORDER = ("power", "telecom", "water", "gas", "heat", "drain")


@pytest.mark.parametrize("road", [EAST, EAST.reverse()])
def test_power_lies_south_of_a_street_that_runs_east_or_west(road: LineString) -> None:
    line = beside(road, left_m(road, 20.0, LANES["power", "duct"]))
    assert line.centroid.y < -5.0


@pytest.mark.parametrize("road", [NORTH, NORTH.reverse()])
def test_power_lies_east_of_a_street_that_runs_north_or_south(road: LineString) -> None:
    line = beside(road, left_m(road, 20.0, LANES["power", "duct"]))
    assert line.centroid.x > 5.0


def test_telecom_lies_on_the_side_without_power() -> None:
    power = left_m(EAST, 20.0, LANES["power", "duct"])
    assert power * left_m(EAST, 20.0, LANES["telecom", "duct"]) < 0.0


@pytest.mark.parametrize("side", [True, False])
def test_lines_of_one_side_keep_the_order_of_gb_50289(side: bool) -> None:
    lanes = [(k, v) for k, v in LANES.items() if v.beside_power is side and k[0] != "tv"]
    lanes = [(k, v) for k, v in lanes if k[1] != "transmission"]
    inward = [k[0] for k, v in sorted(lanes, key=lambda item: item[1].from_red_line_m)]
    ranks = [ORDER.index(utility) for utility in inward]
    assert ranks == sorted(ranks)


@pytest.mark.parametrize("width", [4.5, 6.5, 10.0, 36.0])
def test_every_line_lies_within_the_red_lines(width: float) -> None:
    offsets = [abs(left_m(EAST, width, lane)) for lane in LANES.values()]
    assert min(offsets) > 0.0
    assert max(offsets) < width / 2.0
    assert len(set(np.round(offsets, 3))) == len({lane.from_red_line_m for lane in LANES.values()})


def test_a_shifted_line_keeps_its_direction() -> None:
    bent = LineString([(0, 0), (60, 10), (120, 0)])
    for left in (-6.0, 6.0):
        line = beside(bent, left)
        assert line.coords[0][0] < line.coords[-1][0]
        assert line.distance(bent) == pytest.approx(6.0, abs=0.05)


def test_every_kind_of_line_but_gas_has_a_size() -> None:
    assert set(SIZES_MM) == set(LANES) - {("gas", "distribution")}
