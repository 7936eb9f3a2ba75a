from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
from affine import Affine
from geopandas.testing import assert_geodataframe_equal
from shapely import Polygon
from shapely.affinity import translate

from geo import overlap, segments
from geo.crs import WGS84, transform_xy
from geo.errors import InputError
from geo.terrain import Terrain
from layers import schemas, tables
from layers.county import County
from layers.sample.frames import frame
from layers.sample.make import COMPLETABLE, complete, sample
from layers.sample.measured import SERVICE_LENGTH_M


def boundary(county: County) -> Polygon:
    zones = county["zones"]
    return zones[zones["kind"] == "boundary"].geometry.iloc[0]


@pytest.mark.parametrize("table", [table.name for table in tables.INPUTS])
def test_every_frame_keeps_its_schema(county: County, table: str) -> None:
    schemas.validate(county[table], tables.BY_NAME[table])


def test_every_layer_is_labelled_as_generated(county: County) -> None:
    filled = {name for name, rows in county.frames.items() if len(rows)}
    assert filled | {"terrain"} == county.generated


def test_the_same_seed_gives_the_same_county(town: County) -> None:
    again = sample(area_km2=20.0, seed=1)
    for name, rows in town.frames.items():
        if "geometry" in rows:
            assert_geodataframe_equal(rows, again[name])
        else:
            pd.testing.assert_frame_equal(rows, again[name])
    assert (town.terrain.height_m == again.terrain.height_m).all()


def test_another_seed_gives_another_county(town: County) -> None:
    other = sample(area_km2=20.0, seed=2)
    assert not other["roads"].union_all().equals(town["roads"].union_all())


@pytest.mark.parametrize("area_km2", [19.9, 3001.0])
def test_an_area_out_of_range_is_refused(area_km2: float) -> None:
    with pytest.raises(InputError, match="out of range"):
        sample(area_km2=area_km2)


def test_the_county_has_the_size_asked(county: County) -> None:
    assert boundary(county).area / 1e6 == pytest.approx(100.0, abs=1e-3)
    assert county.crs.to_epsg() == 4545


@pytest.mark.parametrize("table", ["roads", "parcels", "works", "places", "sites", "tie_ins"])
def test_everything_lies_in_the_county_and_on_its_terrain(county: County, table: str) -> None:
    rows = county[table]
    # a tower on a summit next door serves the county too
    margin_m = 1_500.0 if table == "sites" else 1.0
    assert shapely.intersects(boundary(county).buffer(margin_m), rows.geometry.array).all()
    assert county.terrain.covers(shapely.get_coordinates(rows.geometry.array)).all()


def test_streets_have_kerbs_inside_their_red_lines_and_trees_between(county: County) -> None:
    roads = county["roads"]
    kerb_m = roads["carriageway_m"] / 2
    assert kerb_m.notna().sum() > 30
    assert (kerb_m.dropna() < roads["width_m"][kerb_m.notna()] / 2).all()
    trees = roads[roads["tree_offset_m"].notna()]
    assert trees["tree_offset_m"].between(kerb_m[trees.index], trees["width_m"] / 2).all()


def test_all_roads_hang_together(streets: gpd.GeoDataFrame) -> None:
    graph = nx.Graph(zip(streets["from_node"], streets["to_node"], strict=True))
    assert nx.is_connected(graph)


def test_a_county_of_100_km2_has_the_size_of_the_demo(
    county: County, streets: gpd.GeoDataFrame
) -> None:
    counts = {name: len(rows) for name, rows in county.frames.items()}
    assert 150 <= len(streets) <= 300
    assert 60 <= counts["works"] <= 120
    assert 25 <= counts["parcels"] <= 40
    assert 60 <= counts["applications"] <= 180
    assert 14 <= counts["sites"] <= 30
    assert 30 <= counts["places"] <= 80


def test_valley_roads_climb_no_steeper_than_roads_do(county: County) -> None:
    rural = county["roads"][county["roads"]["road_class"] == "rural"].geometry
    stations = [np.arange(0.0, line.length, 60.0) for line in rural]
    climbs = np.concatenate(
        [
            np.abs(np.diff(county.terrain.at(shapely.get_coordinates(line.interpolate(at))))) / 60.0
            for line, at in zip(rural, stations, strict=True)
        ]
    )
    assert np.quantile(climbs, 0.9) < 0.15
    assert np.median(climbs) < 0.07


def test_the_trunk_road_follows_the_river(county: County) -> None:
    zones = county["zones"]
    river = zones[(zones["kind"] == "water_body") & (zones["name"] == "清溪江")].union_all()
    trunk = county["roads"][county["roads"]["name"] == "国道G319"]
    points = trunk.geometry.interpolate(0.5, normalized=True)
    assert np.median(points.distance(river)) < 250.0


def test_parcels_stand_clear_of_houses_streets_and_one_another(county: County) -> None:
    parcels = county["parcels"].geometry
    zones = county["zones"]
    houses = zones[zones["kind"] == "building"].geometry
    assert parcels.area.between(300.0, 60_000.0).all()
    overlap_m2 = parcels.union_all().area - parcels.area.sum()
    assert overlap_m2 == pytest.approx(0.0, abs=1.0)
    assert not shapely.STRtree(parcels).query(houses.array, predicate="overlaps").size
    assert not parcels.crosses(county["roads"].union_all()).any()


def test_most_parcels_touch_a_street_and_one_is_out_of_reach(county: County) -> None:
    distance = county["parcels"].distance(county["roads"].union_all())
    assert (distance < 40.0).mean() > 0.85
    assert (distance > 150.0).any()


def test_applications_have_loads_of_20_to_2000_kva_and_one_dual_source(county: County) -> None:
    rows = county["applications"]
    loads = rows["load_kva"].dropna()
    assert loads.between(20.0, 2000.0).all()
    assert rows["dual_source"].sum() == 1
    assert set(rows["applicant_kind"]) == {"small", "large"}
    assert set(rows["utility"]) >= {"water", "gas", "power", "telecom", "tv"}
    assert set(rows["parcel_id"]) <= set(county["parcels"]["parcel_id"])
    assert rows["accepted_on"].between("2026-01-05", "2026-04-05").all()
    assert (rows["accepted_on"].dt.dayofweek < 5).all()


def test_every_utility_has_tie_ins_and_some_have_nothing_left(county: County) -> None:
    rows = county["tie_ins"]
    assert set(rows["utility"]) == {"water", "drain", "gas", "heat", "power", "telecom", "tv"}
    assert 0.05 < (rows["capacity_left"] == 0.0).mean() < 0.25
    mains = county["pipes"][county["pipes"]["subtype"] != "service"].union_all()
    assert rows.distance(mains).max() < 0.05


def test_works_lie_on_segments_and_meet_in_hot_spots(
    county: County, streets: gpd.GeoDataFrame
) -> None:
    placed = overlap.place(
        county["works"].geometry,
        streets,
        max_offset_m=25.0,
        max_angle_deg=30.0,
        min_overlap_m=5.0,
    )
    assert set(placed["line"]) == set(range(len(county["works"])))
    meeting = placed.groupby("segment")["line"].nunique()
    assert (meeting >= 3).sum() >= 12
    assert meeting.max() >= 5


def test_windows_of_works_hold_their_duration_inside_2026(county: County) -> None:
    works = county["works"]
    end = works["earliest"] + pd.to_timedelta(works["duration_days"], unit="D")
    assert (end <= works["latest"]).all()
    assert (works["earliest"] <= works["wanted"]).all()
    assert (works["wanted"] <= works["latest"]).all()
    assert works["earliest"].min() >= pd.Timestamp("2026-01-01")
    assert works["latest"].max() <= pd.Timestamp("2026-12-31")
    assert works["emergency"].sum() == 2
    assert works["fixed"].any()


def test_some_works_want_streets_under_moratorium(
    county: County, streets: gpd.GeoDataFrame
) -> None:
    opened = streets["opened_on"] > pd.Timestamp("2021-01-01")
    overhauled = streets["overhauled_on"] > pd.Timestamp("2023-01-01")
    assert (opened | overhauled).sum() >= 3


def test_every_owner_of_works_has_crews(county: County) -> None:
    crews = county["crews"].set_index("owner")["crews"]
    assert set(county["works"]["owner"]) <= set(crews.index)
    assert (crews >= 1).all()


def test_house_connections_are_about_as_long_as_measured(county: County) -> None:
    pipes = county["pipes"]
    services = pipes[(pipes["subtype"] == "service") & (pipes["utility"] == "power")]
    assert len(services) > 200
    assert services.length.median() == pytest.approx(SERVICE_LENGTH_M[4], abs=4.0)
    assert services.length.max() <= 60.0


def test_cells_have_three_sectors_a_site_and_operator(county: County) -> None:
    cells = county["cells"]
    outdoor = cells[~cells["indoor"]]
    assert (outdoor.groupby(["site_id", "operator"]).size() == 3).all()
    assert set(outdoor["operator"]) == {"cmcc", "ctcc", "cucc", "cbn"}
    assert set(cells["site_id"]) == set(county["sites"]["site_id"])


def test_no_site_stands_in_the_valley_that_is_left_without(county: County) -> None:
    places = county["places"]
    lived_in = places[places["kind"] == "settlement"]
    near = lived_in.distance(county["sites"].union_all())
    assert near.max() > 2000.0
    assert near.median() < 1500.0


def test_completing_keeps_what_is_real_and_generates_beside_it(town: County) -> None:
    masts = town["sites"].iloc[:2].assign(name="实测铁塔").reset_index(drop=True)
    crs = town.crs
    frames = {
        **town.frames,
        "sites": masts,
        "cells": frame(tables.CELLS, (), crs),
        "works": frame(tables.WORKS, (), crs),
        "crews": frame(tables.CREWS, (), crs),
    }
    real = replace(town, frames=MappingProxyType(frames), generated=frozenset())
    full = complete(real, ("sites", "cells", "works", "crews"), seed=3)
    assert full.generated == {"sites", "cells", "works", "crews"}
    assert (full["sites"]["name"].iloc[:2] == "实测铁塔").all()
    assert full["sites"]["site_id"].is_unique
    assert len(full["sites"]) > 2
    assert set(full["cells"]["site_id"]) == set(full["sites"]["site_id"])
    assert full["roads"] is town["roads"]
    for name in full.generated:
        schemas.validate(full[name], tables.BY_NAME[name])


def test_completing_a_county_without_houses_uses_all_its_streets(town: County) -> None:
    crs = town.crs
    bare = {table.name: frame(table, (), crs) for table in tables.INPUTS}
    real = replace(town, frames=MappingProxyType({**bare, "roads": town["roads"]}))
    full = complete(real, COMPLETABLE, seed=1)
    assert len(full["works"]) > 10
    assert full["applications"].empty
    assert full["sites"].empty


def test_the_summit_among_villages_is_found_on_a_terrain_in_degrees_too(town: County) -> None:
    places = town["places"].iloc[:3].assign(kind="settlement")
    middle = places.geometry.iloc[0]
    around = [(-6e3, -6e3), (6e3, -6e3), (0.0, 6e3)]
    places = places.set_geometry([translate(middle, *step) for step in around])
    empty = {t.name: frame(t, (), town.crs) for t in (tables.SITES, tables.CELLS, tables.ZONES)}
    frames = MappingProxyType({**town.frames, **empty, "places": places})
    offset_m = np.hypot(
        *np.meshgrid(np.arange(-10_000, 10_001, 50.0), np.arange(-9_000, 9_001, 50))
    )
    plain = Terrain(
        height_m=(900.0 - 0.1 * offset_m).astype(np.float32),
        transform=Affine(50.0, 0.0, middle.x - 10_025.0, 0.0, -50.0, middle.y + 9_025.0),
        crs=town.crs,
    )
    box = np.add(places.total_bounds, (-2e3, -2e3, 2e3, 2e3)).reshape(2, 2)
    west, south, east, north = transform_xy(box, town.crs, WGS84).ravel()
    in_degrees = plain.reproject(WGS84, (west, south, east, north), 1 / 3600)
    for terrain in (plain, in_degrees):
        real = replace(town, frames=frames, terrain=terrain)
        sites = complete(real, ("sites", "cells"), seed=2)["sites"]
        summit = sites[sites["name"].str.contains("角钢塔")]
        assert summit.distance(middle).tolist() == pytest.approx([0.0], abs=60.0)


def test_a_layer_that_cannot_be_generated_is_refused(town: County) -> None:
    with pytest.raises(InputError, match="cannot be generated"):
        complete(town, ("roads",))


def test_records_with_a_column_of_no_table_are_refused(town: County) -> None:
    with pytest.raises(AssertionError, match="no column"):
        frame(tables.CREWS, ({"owner": "x", "crews": 1, "telephone": "1"},), town.crs)


def test_no_two_villages_share_a_name(county: County) -> None:
    committees = county["places"].loc[county["places"]["kind"] == "committee"]
    assert committees["village"].is_unique


@pytest.mark.parametrize("seed", [2, 3, 4])
def test_other_seeds_give_counties_that_work_as_well(seed: int) -> None:
    other = sample(area_km2=35.0, seed=seed)
    cut = segments.make(other["roads"])
    assert nx.is_connected(nx.Graph(zip(cut["from_node"], cut["to_node"], strict=True)))
    assert len(other["works"]) >= 15
    assert len(other["parcels"]) >= 15
    assert (other["parcels"].distance(other["roads"].union_all()) > 150.0).any()
    for name, rows in other.frames.items():
        schemas.validate(rows, tables.BY_NAME[name])


def test_the_banks_of_the_river_stay_green(county: County) -> None:
    zones = county["zones"]
    belt = zones[zones["name"] == "滨江绿带"]
    houses = zones[zones["kind"] == "building"].geometry
    assert len(belt) >= 2
    assert not houses.intersects(belt.union_all()).any()
    assert not county["parcels"].intersects(belt.union_all()).any()
