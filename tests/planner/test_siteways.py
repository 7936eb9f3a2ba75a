"""Lines to sites as coverage asks for them: routed where a way leads, else straight."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
from shapely import Point

from layers.sample import make
from planner import ground
from planner.coverage import lineprices
from planner.settings import defaults
from planner.siteways import SiteWays


def test_ways_are_routed_where_a_way_leads_and_straight_elsewhere() -> None:
    county, settings = make.sample(area_km2=20.0, seed=1), defaults()
    onto = ground.segments_of(county, settings)
    street = onto.geometry.iloc[0].interpolate(0.5, normalized=True)
    far = Point(street.x + 60_000.0, street.y)
    sites = gpd.GeoSeries([far, street], index=["far", "street"], crs=county.crs)
    ways = SiteWays(county, onto, settings, open_segments={})
    assert ways.lines.lines.empty
    found, straight = ways(sites), lineprices.straight(county, settings)(sites)
    for name, utility in (("power", "power"), ("fibre", "telecom")):
        way, plain = getattr(found, name), getattr(straight, name)
        assert way.routed.tolist() == [False, True]
        assert way.yuan[0] == plain.yuan[0] > 0.0
        assert way.line_id[0] == plain.line_id[0]
        laid = ways.lines.lines
        (row,) = laid[laid["utility"] == utility].to_dict("records")
        assert row["candidate_id"] == "street"
        assert (way.yuan[1], way.length_m[1]) == (row["cost_yuan"], row["length_m"])
        assert way.length_m[1] >= plain.length_m[1] - 10.0
        assert way.line_id[1] in {row["tie_in_id"], row["tapped_pipe_id"]}
    assert np.isfinite(found.power.yuan).all()
    assert found.power.yuan[1] == pytest.approx(ways(sites.iloc[[1]]).power.yuan[0])
