from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pytest

from layers.county import County
from layers.schemas import validate
from layers.tables import VILLAGES
from planner.coverage.villages import Reception, judge
from planner.settings import Settings

NEAR_WEST = np.array([[470_700.0, 3_241_000.0]])
FAR = np.array([[500_000.0, 3_241_000.0]])


def offer(
    sites: np.ndarray, reached: Sequence[bool], uncertain: Sequence[bool] | None = None
) -> Reception:
    doubted = [False] * len(reached) if uncertain is None else uncertain
    return Reception(
        sites=sites, reached=np.array(reached, dtype=bool), uncertain=np.array(doubted, dtype=bool)
    )


def verdict(frame: gpd.GeoDataFrame, village: str, operator: str) -> bool:
    rows = frame[(frame["village"] == village) & (frame["operator"] == operator)]
    assert len(rows) == 1
    return bool(rows["covered"].iloc[0])


def test_a_site_within_reach_of_the_committee_is_enough(county: County, settings: Settings) -> None:
    found = judge(county, {"cmcc": offer(NEAR_WEST, [False] * 5)}, settings)
    assert verdict(found, "西村", "cmcc")
    assert not verdict(found, "东村", "cmcc")
    west = found[(found["village"] == "西村") & (found["operator"] == "cmcc")].iloc[0]
    assert west["nearest_site_km"] == pytest.approx(0.8)


def test_without_a_near_site_every_tested_point_must_have_signal(
    county: County, settings: Settings
) -> None:
    heard = judge(county, {"cmcc": offer(FAR, [False, False, True, True, True])}, settings)
    assert verdict(heard, "东村", "cmcc")
    unheard = judge(county, {"cmcc": offer(FAR, [True, True, True, False, True])}, settings)
    assert not verdict(unheard, "东村", "cmcc")
    assert verdict(unheard, "西村", "cmcc")


@pytest.mark.parametrize(("households", "passes"), [(19, True), (20, False), (None, False)])
def test_a_settlement_counts_from_twenty_households_or_where_they_are_unknown(
    made: SimpleNamespace, settings: Settings, households: int | None, passes: bool
) -> None:
    places = [
        made.place("a", 474_000, 3_241_000, kind="committee"),
        made.place("b", 474_500, 3_241_000, households=households),
    ]
    found = judge(made.county(places=places), {"cmcc": offer(FAR, [True, False])}, settings)
    assert verdict(found, "东村", "cmcc") is passes


def test_any_takes_the_operators_together_and_all_takes_each(
    county: County, settings: Settings
) -> None:
    offers = {
        "cmcc": offer(FAR, [True, True, True, False, True]),
        "ctcc": offer(FAR, [False, False, False, True, False]),
    }
    found = judge(county, offers, settings)
    assert not verdict(found, "东村", "cmcc")
    assert not verdict(found, "东村", "ctcc")
    assert verdict(found, "东村", "any")
    assert not verdict(found, "东村", "all")


def test_a_village_with_nothing_to_test_fails_and_says_what_to_add(
    made: SimpleNamespace, settings: Settings
) -> None:
    places = [made.place("a", 474_000, 3_241_000, households=3)]
    found = judge(made.county(places=places), {"cmcc": offer(NEAR_WEST, [True])}, settings)
    row = found[found["operator"] == "cmcc"].iloc[0]
    assert not row["covered"]
    assert "补充" in row["reason"]
    assert np.isnan(row["nearest_site_km"])


def test_villages_of_one_name_in_two_towns_are_two(
    made: SimpleNamespace, settings: Settings
) -> None:
    places = [
        made.place("a", 470_700, 3_241_500, kind="committee", town="甲镇"),
        made.place("b", 474_700, 3_241_500, kind="committee", town="乙镇"),
    ]
    found = judge(made.county(places=places), {"cmcc": offer(NEAR_WEST, [False] * 2)}, settings)
    own = found[found["operator"] == "cmcc"]
    assert dict(zip(own["town"], own["covered"], strict=True)) == {"甲镇": True, "乙镇": False}


def test_verdicts_have_the_columns_and_types_of_their_table(
    county: County, made: SimpleNamespace, settings: Settings
) -> None:
    validate(judge(county, {"cmcc": offer(FAR, [True] * 5)}, settings), VILLAGES)
    validate(judge(made.county(places=()), {"cmcc": offer(FAR, [])}, settings), VILLAGES)
