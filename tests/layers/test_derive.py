"""Streets and applications derived from a street of three houses drawn by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import CRS

from geo.errors import InputError
from layers import derive, schemas
from layers.county import County
from layers.tables import BY_NAME, INPUTS

EPSG = CRS.from_epsg(25832)
ACCEPTED = dt.date(2026, 1, 5)
Pipe = tuple[str, str, str, Sequence[tuple[float, float]]]
STREET: tuple[Pipe, ...] = (
    ("main-1", "power", "distribution", [(0, 0), (100, 0)]),
    ("main-2", "power", "distribution", [(100, 0), (200, 0)]),
    ("main-3", "gas", "distribution", [(0, 2), (150, 2)]),
    ("trunk", "power", "transmission", [(0, 50), (500, 50)]),
    ("north", "power", "service", [(20, 0), (20, 30)]),
    ("north-gas", "gas", "service", [(22, 2), (22, 31)]),
    ("south", "power", "service", [(60, -25), (60, 0)]),  # drawn from the house
    ("far", "power", "service", [(140, 0), (140, 15), (180, 15)]),
)  # fmt: skip


def county_of(pipes: Sequence[Pipe]) -> County:
    frames = {table.name: schemas.empty_frame(table, EPSG) for table in INPUTS}
    rows = pd.DataFrame(
        [
            {"pipe_id": key, "utility": utility, "subtype": subtype,
             "voltage_kv": 20.0 if subtype == "transmission" else np.nan}
            for key, utility, subtype, _ in pipes
        ],
        columns=["pipe_id", "utility", "subtype", "voltage_kv"],
    )  # fmt: skip
    empty = frames["pipes"].drop(columns="geometry")
    filled = rows.reindex(columns=empty.columns).astype(empty.dtypes.to_dict())
    lines = [shapely.LineString(points) for *_, points in pipes]
    frames["pipes"] = gpd.GeoDataFrame(filled, geometry=lines, crs=EPSG)
    return County(name="街", crs=EPSG, frames=MappingProxyType(frames))


@pytest.fixture
def street() -> County:
    return county_of(STREET)


@pytest.fixture
def derived(street: County) -> County:
    return derive.complete(street, ("roads", "applications"), accepted_on=ACCEPTED)


def codes(county: County, *names: str) -> Mapping[str, str]:
    with pytest.raises(InputError) as caught:
        derive.complete(county, names, accepted_on=ACCEPTED)
    assert caught.value.text("zh")
    return {fault.code: fault.layer for fault in caught.value.faults}


def test_streets_follow_the_distribution_mains_of_the_longest_network(derived: County) -> None:
    roads = derived["roads"]
    assert list(roads["road_id"]) == ["road-main-1", "road-main-2"]
    assert roads.geometry.length.tolist() == [100.0, 100.0]
    assert set(roads["road_class"]) == {"lane"}


def test_every_connection_leaves_the_network_and_comes_back_as_an_application(
    derived: County,
) -> None:
    applications = derived["applications"]
    assert list(applications["application_id"]) == [
        "again-north", "again-north-gas", "again-south", "again-far",
    ]  # fmt: skip
    assert list(applications["utility"]) == ["power", "gas", "power", "power"]
    assert set(applications["accepted_on"]) == {pd.Timestamp(ACCEPTED)}
    assert list(derived["pipes"]["pipe_id"]) == ["main-1", "main-2", "main-3", "trunk"]


def test_two_utilities_of_one_house_share_its_plot(derived: County) -> None:
    parcel = derived["applications"].set_index("application_id")["parcel_id"]
    assert parcel["again-north"] == parcel["again-north-gas"]
    assert parcel.nunique() == len(derived["parcels"]) == 3
    plots = derived["parcels"].set_index("parcel_id").geometry
    assert plots.area.to_numpy() == pytest.approx(64.0)
    shared = plots[parcel["again-north"]].centroid
    assert (shared.x, shared.y) == pytest.approx((21.0, 30.5))
    house = plots[parcel["again-south"]].centroid
    assert (house.x, house.y) == pytest.approx((60.0, -25.0))


def test_length_in_the_data_counts_only_outside_the_plot(derived: County) -> None:
    existing_m = derived["applications"].set_index("application_id")["existing_m"]
    assert existing_m["again-south"] == pytest.approx(25.0 - 4.0)
    assert existing_m["again-far"] == pytest.approx(15.0 + 40.0 - 4.0)
    assert existing_m["again-north"] == pytest.approx(30.0 - 3.5)


def test_each_connection_can_tap_its_own_main_where_it_left_it(derived: County) -> None:
    tie_ins = derived["tie_ins"]
    taps = {
        (utility, point.x, point.y)
        for utility, point in zip(tie_ins["utility"], tie_ins.geometry, strict=True)
    }
    assert taps == {
        ("power", 20.0, 0.0), ("gas", 22.0, 2.0), ("power", 60.0, 0.0), ("power", 140.0, 0.0),
    }  # fmt: skip
    assert tie_ins["capacity_left"].eq(derive.AMPLE_CAPACITY).all()
    assert tie_ins["tie_in_id"].is_unique


def test_what_is_derived_is_checked_by_the_tables_and_labelled(
    street: County, derived: County
) -> None:
    for table in INPUTS:
        schemas.validate(derived[table.name], table)
    assert derived.generated == {"roads", "parcels", "tie_ins", "applications"}
    assert street["applications"].empty
    assert len(street["pipes"]) == len(STREET)


def test_a_connection_in_two_parts_is_followed_to_its_house(street: County) -> None:
    pipes = street["pipes"].copy()
    parts = shapely.MultiLineString([[(20, 0), (20, 15)], [(20, 15), (20, 30)]])
    pipes.loc[pipes["pipe_id"] == "north", "geometry"] = gpd.GeoSeries(
        [parts], index=pipes.index[pipes["pipe_id"] == "north"], crs=EPSG
    )
    changed = replace(street, frames={**street.frames, "pipes": pipes})
    again = derive.complete(changed, ("applications",), accepted_on=ACCEPTED)
    assert again["applications"]["existing_m"].iloc[0] == pytest.approx(26.5)


def test_nothing_asked_for_changes_nothing(street: County) -> None:
    assert derive.complete(street, (), accepted_on=ACCEPTED) is street


def test_an_unknown_name_is_named(street: County) -> None:
    assert codes(street, "works") == {"derive_unknown": "works"}


@pytest.mark.parametrize("name", ["roads", "applications"])
def test_networks_without_such_lines_are_named(name: str) -> None:
    subtype = "service" if name == "roads" else "distribution"
    kept = [pipe for pipe in STREET if pipe[2] == subtype]
    assert codes(county_of(kept), name) == {"derive_no_lines": "pipes"}


def test_connections_without_a_main_of_their_utility_are_named() -> None:
    kept = [pipe for pipe in STREET if pipe[0] != "main-3"]
    assert codes(county_of(kept), "applications") == {"derive_no_main": "pipes"}


def test_tables_that_the_study_gives_are_never_replaced(derived: County) -> None:
    with pytest.raises(InputError) as caught:
        derive.complete(derived, ("roads", "applications"), accepted_on=ACCEPTED)
    layers = [fault.layer for fault in caught.value.faults]
    assert layers == ["roads", "parcels", "tie_ins", "applications"]
    assert all(BY_NAME[layer].name in fault.text("en")
               for layer, fault in zip(layers, caught.value.faults, strict=True))  # fmt: skip
