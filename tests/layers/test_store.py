from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from pandas.testing import assert_frame_equal

from geo.errors import InputError
from layers import store
from layers.county import County
from layers.tables import INPUTS, OPENINGS

if TYPE_CHECKING:
    from tests.layers.conftest import Study


@pytest.fixture
def county(study: Study) -> County:
    spoilt = study.spoil("works", 0, "最早开工", "下周").spoil(
        "events", 0, "结束日期", "2026-06-01"
    )
    county = spoilt.county(credits=["© OpenStreetMap contributors", "“引号”, 'and' = +"])
    return replace(county, generated=frozenset({"works", "cells"}))


def results(county: County) -> dict[str, pd.DataFrame]:
    opening = {
        "opening_id": ["O1", "O2"], "starts_on": pd.to_datetime(["2026-03-01", None]),
        "works": np.array([2, 1]), "joint": [True, False], "cost_yuan": [0.1 + 0.2, np.nan],
        "owners": ["水务公司、燃气公司", None],
    }  # fmt: skip
    lines = [
        shapely.LineString([(471000.1, 3242000.2), (471001.3, 3242000.4)]),
        shapely.MultiLineString([[(0, 0), (1, 1)], [(2, 2), (3, 3)]]),
    ]
    return {
        OPENINGS.name: gpd.GeoDataFrame(opening, geometry=lines, crs=county.crs),
        "unplaced": pd.DataFrame({"work_id": pd.Series([], dtype=object)}),
        "starts": pd.DataFrame({"work_id": ["W1"], "period": [3]}),
    }


def same(left: pd.DataFrame, right: pd.DataFrame) -> None:
    if isinstance(left, gpd.GeoDataFrame):
        assert_geodataframe_equal(left, right, check_crs=True)
    else:
        assert_frame_equal(left, right)


def test_every_frame_comes_back_as_it_was(county: County, tmp_path: Path) -> None:
    path = tmp_path / "study.gpkg"
    made = results(county)
    store.write(path, county, made, {"version": "0.1.0", "空": ""})
    stored = store.read(path)
    for table in INPUTS:
        same(county[table.name], stored.county[table.name])
    assert set(stored.results) == set(made)
    dates = {"starts_on": "datetime64[ns]"}
    same(made[OPENINGS.name].astype(dates), stored.results[OPENINGS.name])
    for name in ("unplaced", "starts"):
        same(made[name], stored.results[name])
    same(county.quarantine, stored.county.quarantine)
    assert stored.meta == {"version": "0.1.0", "空": ""}


def test_what_the_county_says_of_itself_comes_back(county: County, tmp_path: Path) -> None:
    store.write(tmp_path / "study.gpkg", county, {}, {})
    back = store.read(tmp_path / "study.gpkg").county
    for name in ("name", "crs", "inputs", "generated", "credits", "notices"):
        assert getattr(back, name) == getattr(county, name), name
    assert county.notices
    assert back.terrain is not None
    assert county.terrain is not None
    assert (tmp_path / "study_terrain.tif").exists()
    np.testing.assert_array_equal(back.terrain.height_m, county.terrain.height_m)
    assert back.terrain.transform == county.terrain.transform


def test_writing_again_replaces_what_was_there(county: County, tmp_path: Path) -> None:
    path = tmp_path / "study.gpkg"
    store.write(path, county, results(county), {"version": "1"})
    store.write(path, replace(county, terrain=None), {}, {})
    again = store.read(path)
    assert (again.results, again.meta, again.county.terrain) == ({}, {}, None)


def test_file_of_another_program_is_refused(study: Study) -> None:
    study.write("roads")
    with pytest.raises(InputError, match="no study written by this program"):
        store.read(study.folder / "roads.gpkg")
    with pytest.raises(InputError, match="does not exist"):
        store.read(study.folder / "none.gpkg")
