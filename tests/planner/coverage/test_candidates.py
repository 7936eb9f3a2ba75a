from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely

from layers.county import County
from planner.coverage import candidates, lineprices
from planner.coverage.grid import area_of, ground, lay
from planner.settings import Settings

OVERHEAD = shapely.LineString([(473_600, 3_241_000), (474_400, 3_241_500), (475_000, 3_242_600)])


def gathered(county: County, settings: Settings, *, lacking: bool = True) -> gpd.GeoDataFrame:
    area = area_of(county, settings)
    terrain = ground(county, area, np.zeros((0, 2)), settings)
    grid = lay(area, terrain)
    return candidates.gather(county, grid, terrain, np.full(grid.shape, lacking), settings)


def kinds(county: County, settings: Settings) -> dict[str, int]:
    found = gathered(county, settings)
    return {str(key): int(number) for key, number in found["site_kind"].value_counts().items()}


def test_standing_sites_come_first_with_the_height_of_their_tower(
    county: County, settings: Settings
) -> None:
    found = gathered(county, settings)
    assert found["candidate_id"].head(2).tolist() == ["A-W", "A-T"]
    assert found["height_m"].head(2).tolist() == [40.0, 40.0]
    assert found["has_power"].head(2).all()
    assert found["candidate_id"].is_unique


def test_new_towers_stand_on_the_ridge_where_it_is_near_a_road(
    county: County, settings: Settings
) -> None:
    found = gathered(county, settings)
    ridge = found[found["site_kind"].isin(["ridge", "top"])]
    assert len(ridge)
    assert (np.abs(ridge.geometry.x - 472_700.0) <= 60.0).all()
    new = found[found["site_id"] == ""]
    limit_m = settings.number("coverage.infill_road_m") + 60.0
    assert (new.distance(county["roads"].geometry.iloc[0]) <= limit_m).all()


def test_a_square_offers_one_place_of_a_kind(county: County, settings: Settings) -> None:
    new = gathered(county, settings).query("site_id == ''")
    side = settings.number("coverage.infill_spacing_m")
    squares = {(x // side, y // side) for x, y in zip(new.geometry.x, new.geometry.y, strict=True)}
    assert len(squares) == len(new)


def test_a_planned_site_is_a_candidate_that_has_no_lines_yet(
    made: SimpleNamespace, settings: Settings
) -> None:
    planned = {**made.site("N", 474_300, 3_241_300), "state": "规划", "structure_height_m": None}
    county = made.county(sites=[planned, made.site("W", 471_000, 3_241_800)])
    found = gathered(county, settings).set_index("candidate_id")
    assert found.loc["P-N", "site_kind"] == "planned"
    assert found.loc["P-N", "height_m"] == settings.number("coverage.infill_height_m")
    assert not found.loc["P-N", "has_power"]
    assert found.loc["A-W", "site_kind"] == "existing"


@pytest.mark.parametrize(
    ("line", "poles"),
    [({"utility": "telecom", "subtype": "overhead"}, 3),
     ({"utility": "power", "subtype": "overhead", "voltage_kv": 10.0}, 3),
     ({"utility": "power", "subtype": "overhead", "voltage_kv": 110.0}, 0),
     ({"utility": "telecom", "subtype": "duct"}, 0),
     ({"utility": "water", "subtype": "overhead"}, 0)],
)  # fmt: skip
def test_poles_of_overhead_lines_up_to_10_kv_can_carry_a_site(
    made: SimpleNamespace, settings: Settings, line: dict[str, Any], poles: int
) -> None:
    county = made.county(pipes=[{"pipe_id": "g", "geometry": OVERHEAD, **line}])
    assert kinds(county, settings).get("pole", 0) == poles


@pytest.mark.parametrize(("side_m", "roofs"), [(15.0, 1), (8.0, 0)])
def test_large_roofs_can_carry_a_site(
    made: SimpleNamespace, settings: Settings, side_m: float, roofs: int
) -> None:
    house = shapely.box(474_000, 3_241_300, 474_000 + side_m, 3_241_300 + side_m)
    boundary = made.county()["zones"].geometry.iloc[0]
    zones = [{"zone_id": "z0", "kind": "boundary", "geometry": boundary},
             {"zone_id": "b", "kind": "building", "geometry": house}]  # fmt: skip
    assert kinds(made.county(zones=zones), settings).get("roof", 0) == roofs


def test_where_every_operator_is_received_no_new_place_is_offered(
    county: County, settings: Settings
) -> None:
    assert gathered(county, settings, lacking=False)["site_kind"].eq("existing").all()


def test_a_cost_is_the_sum_of_site_power_and_fibre(
    made: SimpleNamespace, settings: Settings
) -> None:
    county = made.county(
        pipes=[{"pipe_id": "g", "utility": "power", "geometry": OVERHEAD}],
        sites=[{**made.site("W", 471_000, 3_241_800), "has_power": False},
               {**made.site("T", 474_000, 3_242_900), "has_power": True}],
    )  # fmt: skip
    found = candidates.priced(
        gathered(county, settings), lineprices.straight(county, settings), settings
    ).set_index("candidate_id")
    add_on = settings.number("coverage.site_existing_yuan")
    assert found.loc["A-T", "cost_yuan"] == add_on
    without = found.loc["A-W"]
    assert without["power_yuan"] > 0
    assert without["cost_yuan"] == pytest.approx(add_on + without["power_yuan"])
    new = found[found["site_id"] == ""]
    assert new["fibre_yuan"].isna().all()
    assert (new["cost_yuan"] == new["site_yuan"] + new["power_yuan"]).all()
