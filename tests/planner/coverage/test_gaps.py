from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import shapely
from affine import Affine

from layers.county import County
from layers.schemas import validate
from layers.tables import GAPS
from planner.coverage import gaps
from planner.coverage.grid import Grid
from planner.coverage.signal import Signal
from planner.settings import Settings

PIXEL_M = 100.0


@pytest.fixture
def grid(county: County) -> Grid:
    return Grid(Affine(PIXEL_M, 0.0, 470_000.0, 0.0, -PIXEL_M, 3_243_600.0), (36, 54), county.crs)


def painted(grid: Grid, *holes: shapely.Polygon) -> Signal:
    """Return a good signal everywhere but in the holes."""
    power = np.full(grid.shape, -80.0, dtype=np.float32)
    for hole in holes:
        power[grid.mask(hole)] = -120.0
    return Signal(power, np.zeros(grid.shape, dtype=np.int32))


EAST_HOLE = shapely.box(473_900, 3_240_100, 475_100, 3_241_800)
SOUTH_WEST_HOLE = shapely.box(470_200, 3_240_200, 471_200, 3_241_200)


def test_a_gap_is_outlined_measured_and_filled_with_what_lies_in_it(
    county: County, grid: Grid, settings: Settings
) -> None:
    found = gaps.find(county, grid, {"cmcc": painted(grid, EAST_HOLE)}, settings)
    assert len(found) == 1
    gap = found.iloc[0]
    assert gap.geometry.equals(EAST_HOLE)
    assert gap["area_km2"] == pytest.approx(EAST_HOLE.area / 1e6)
    estimated = round(200 + 30 * settings.number("coverage.people_per_household"))
    assert (gap["people"], gap["households"], gap["places"]) == (estimated, 100, 3)
    assert gap["road_km"] == pytest.approx(1.2, rel=0.02)
    assert gap["key_area"] == "scenic_area"


def test_a_gap_tells_how_far_power_and_fibre_are(
    made: SimpleNamespace, grid: Grid, settings: Settings
) -> None:
    pipes = [
        {"pipe_id": "far", "utility": "power",
         "geometry": shapely.LineString([(470_100, 3_240_000), (470_100, 3_243_000)])},
        {"pipe_id": "near", "utility": "power",
         "geometry": shapely.LineString([(473_600, 3_240_000), (473_600, 3_243_000)])},
        {"pipe_id": "gas", "utility": "gas",
         "geometry": shapely.LineString([(474_000, 3_240_000), (474_000, 3_243_000)])},
    ]  # fmt: skip
    county = made.county(pipes=pipes)
    gap = gaps.find(county, grid, {"cmcc": painted(grid, EAST_HOLE)}, settings).iloc[0]
    assert gap["power_m"] == pytest.approx(300.0)
    assert np.isnan(gap["fibre_m"])
    line = shapely.LineString([(474_000, 3_240_000), (474_000, 3_243_000)])
    crossed = made.county(pipes=[{"pipe_id": "f", "utility": "telecom", "geometry": line}])
    gap = gaps.find(crossed, grid, {"cmcc": painted(grid, EAST_HOLE)}, settings).iloc[0]
    assert gap["fibre_m"] == 0.0


def test_the_weights_of_key_areas_are_settings(
    county: County, grid: Grid, settings: Settings
) -> None:
    crowded = shapely.box(470_200, 3_241_900, 470_900, 3_242_300)
    flat = settings.with_user({"coverage.weight_scenic_area": 0}, source="test")
    found = gaps.find(county, grid, {"cmcc": painted(grid, crowded, EAST_HOLE)}, flat)
    assert found["people"].is_monotonic_decreasing
    assert found.geometry.iloc[0].equals(crowded)


def test_key_areas_come_first_then_people(county: County, grid: Grid, settings: Settings) -> None:
    crowded = shapely.box(470_200, 3_241_900, 470_900, 3_242_300)
    signals = {"cmcc": painted(grid, SOUTH_WEST_HOLE, crowded, EAST_HOLE)}
    found = gaps.find(county, grid, signals, settings)
    assert [row.geometry.equals(hole) for row, hole in zip(
        found.itertuples(), (EAST_HOLE, crowded, SOUTH_WEST_HOLE), strict=True
    )] == [True, True, True]  # fmt: skip
    assert found["rank"].tolist() == [1, 2, 3]
    assert found["gap_id"].tolist() == ["G-cmcc-001", "G-cmcc-002", "G-cmcc-003"]


def test_what_is_smaller_than_the_least_area_is_no_gap(
    county: County, grid: Grid, settings: Settings
) -> None:
    small = shapely.box(471_000, 3_241_000, 471_300, 3_241_300)
    found = gaps.find(county, grid, {"cmcc": painted(grid, small)}, settings)
    assert found.empty
    validate(found, GAPS)


def test_areas_that_touch_at_a_corner_only_are_two_gaps(
    county: County, grid: Grid, settings: Settings
) -> None:
    first = shapely.box(471_000, 3_241_000, 471_500, 3_241_500)
    second = shapely.box(471_500, 3_241_500, 472_000, 3_242_000)
    found = gaps.find(county, grid, {"cmcc": painted(grid, first, second)}, settings)
    assert sorted(found["area_km2"]) == pytest.approx([0.25, 0.25])


def test_an_unknown_pixel_is_in_no_gap(county: County, grid: Grid, settings: Settings) -> None:
    signal = painted(grid, EAST_HOLE)
    void = shapely.box(474_000, 3_240_100, 474_500, 3_240_600)
    signal.rsrp_dbm[grid.mask(void)] = np.nan
    found = gaps.find(county, grid, {"cmcc": signal}, settings)
    assert found.geometry.iloc[0].equals(EAST_HOLE.difference(void))


def test_a_larger_share_of_places_raises_what_is_wanted(
    county: County, grid: Grid, settings: Settings
) -> None:
    strict = settings.with_user({"coverage.location_share": 0.95}, source="test")
    edge_dbm = settings.number("coverage.threshold_dbm") + 1.0
    signal = painted(grid)
    signal.rsrp_dbm[:] = edge_dbm
    assert gaps.find(county, grid, {"cmcc": signal}, settings).empty
    found = gaps.find(county, grid, {"cmcc": signal}, strict)
    assert found["area_km2"].sum() == pytest.approx(36 * 54 * 0.01)


def test_gaps_have_the_columns_and_types_of_their_table(
    county: County, grid: Grid, settings: Settings
) -> None:
    signals = {"cmcc": painted(grid, EAST_HOLE), "any": painted(grid)}
    validate(gaps.find(county, grid, signals, settings), GAPS)


def test_a_county_without_places_roads_and_zones_still_has_its_gaps(
    made: SimpleNamespace, grid: Grid, settings: Settings
) -> None:
    bare = made.county(places=(), roads=(), zones=())
    gap = gaps.find(bare, grid, {"cmcc": painted(grid, EAST_HOLE)}, settings).iloc[0]
    assert (gap["people"], gap["road_km"], gap["key_area"]) == (0.0, 0.0, "")
