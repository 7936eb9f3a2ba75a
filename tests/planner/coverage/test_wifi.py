from __future__ import annotations

from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pytest
import shapely

from layers.county import County
from layers.schemas import validate
from layers.tables import INFILL
from planner.coverage import lineprices, wifi
from planner.settings import Settings

PATH = shapely.LineString([(474_050, 3_240_300), (474_950, 3_240_300), (474_950, 3_240_850)])
SCENIC = shapely.box(474_000, 3_240_200, 475_000, 3_240_900)
HOUSE = shapely.box(474_200, 3_240_600, 474_220, 3_240_630)


def hole(*shapes: shapely.Polygon) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"operator": ["all"] * len(shapes)}, geometry=list(shapes))


@pytest.fixture
def scenic(made: SimpleNamespace) -> County:
    return made.county(
        roads=[{"road_id": "p", "geometry": PATH}],
        zones=[{"zone_id": "s", "kind": "scenic_area", "geometry": SCENIC},
               {"zone_id": "b", "kind": "building", "geometry": HOUSE}],
        places=[made.place("inn", 474_210, 3_240_610, people=40)],
    )  # fmt: skip


def chosen(county: County, gaps: gpd.GeoDataFrame, settings: Settings) -> wifi.Points:
    return wifi.choose(county, gaps, lineprices.straight(county, settings), settings)


def test_points_stand_on_ways_and_roofs_of_the_gap_and_serve_them_all(
    scenic: County, settings: Settings
) -> None:
    found = chosen(scenic, hole(SCENIC), settings)
    validate(found.sites, INFILL)
    assert found.sites["site_kind"].eq("wifi").all()
    where = shapely.union_all([PATH, HOUSE])
    assert found.sites.distance(where).max() < 1e-6
    served = shapely.union_all(
        found.sites.buffer(settings.number("coverage.wifi_range_m") + 40.0).to_numpy()
    )
    assert served.covers(where)
    assert found.figures is not None
    # pieces too short for a point of their own stay out
    assert 0.95 < found.figures["way_m"] / (PATH.length + HOUSE.length) <= 1.0 + 1e-9
    assert found.figures["people_gained"] == 40
    assert found.figures["value"] <= found.figures["bound"]


def test_what_lies_outside_the_gap_is_not_served(scenic: County, settings: Settings) -> None:
    west = shapely.box(474_000, 3_240_200, 474_500, 3_240_900)
    found = chosen(scenic, hole(west), settings)
    assert found.sites.geometry.x.max() <= 474_500.0
    assert found.figures is not None
    assert found.figures["way_m"] == pytest.approx(450.0 + HOUSE.length)


def test_no_more_points_than_allowed_and_each_gains_its_least(
    scenic: County, settings: Settings
) -> None:
    few = settings.with_user({"coverage.wifi_points": 2, "coverage.wifi_min_m": 150.0}, source="t")
    found = chosen(scenic, hole(SCENIC), few)
    assert len(found.sites) == 2
    assert (found.sites["way_gained_m"] > 150.0).all()
    assert found.figures is not None
    assert found.figures["value"] == pytest.approx(
        found.sites["way_gained_m"].sum() - 300.0, abs=0.1
    )


def test_without_a_scenic_area_nothing_is_computed_and_without_a_gap_nothing_is_needed(
    scenic: County, made: SimpleNamespace, settings: Settings
) -> None:
    nowhere = chosen(made.county(zones=()), hole(SCENIC), settings)
    assert nowhere.figures is None
    assert dict(nowhere.evidence) == {}
    received = chosen(scenic, hole(), settings)
    assert received.figures is not None
    assert (received.figures["sites"], received.figures["gap"]) == (0, None)
    assert received.sites.empty


def test_a_pair_is_in_range_exactly_where_the_distance_says(
    scenic: County, settings: Settings
) -> None:
    found = chosen(scenic, hole(SCENIC), settings).evidence["wifi"]
    proof = found.certificate
    for site in range(0, len(proof.size), 7):
        apart = np.hypot(
            found.point_x_m - found.site_x_m[site], found.point_y_m - found.site_y_m[site]
        )
        said = proof.point[proof.row[site] : proof.row[site + 1]]
        np.testing.assert_array_equal(
            said, np.flatnonzero(apart <= settings.number("coverage.wifi_range_m"))
        )
