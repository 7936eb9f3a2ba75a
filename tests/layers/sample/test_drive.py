from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from layers.county import County
from layers.sample import drive, make
from layers.schemas import validate
from layers.tables import MEASUREMENTS


def test_the_drive_follows_the_roads_of_the_county(town: County) -> None:
    table = town["measurements"]
    validate(table, MEASUREMENTS)
    assert 100 < len(table) <= 3 * drive.MOST_POSITIONS
    assert table.distance(town["roads"].union_all()).max() < 0.1


def test_each_sample_names_an_outdoor_lte_cell_of_its_operator(town: County) -> None:
    cells = town["cells"].set_index("cell_id").loc[town["measurements"]["cell_id"]]
    assert (cells["operator"].to_numpy() == town["measurements"]["operator"].to_numpy()).all()
    assert not cells["indoor"].any()
    assert set(cells["band"]) <= set(drive.HIDDEN_DB)


def test_far_from_the_serving_cell_the_signal_is_weaker(town: County) -> None:
    table = town["measurements"]
    mast = town["cells"].set_index("cell_id")["site_id"].loc[table["cell_id"]]
    place = town["sites"].set_index("site_id").geometry.loc[mast.to_numpy()]
    away = np.hypot(
        table.geometry.x.to_numpy() - place.x.to_numpy(),
        table.geometry.y.to_numpy() - place.y.to_numpy(),
    )
    near, far = np.quantile(away, [0.25, 0.75])
    level = table["rsrp_dbm"].to_numpy()
    assert np.median(level[away <= near]) > np.median(level[away >= far]) + 10.0


def test_real_measurements_are_never_mixed_with_made_ones(town: County) -> None:
    again = make.complete(town, ["measurements"], seed=9)
    pd.testing.assert_frame_equal(again["measurements"], town["measurements"])


@pytest.mark.parametrize("missing", ["cells", "roads"])
def test_without_cells_or_roads_nothing_is_measured(town: County, missing: str) -> None:
    frames = {name: town[name] for name in ("roads", "sites", "cells")}
    frames[missing] = frames[missing].iloc[:0]
    assert drive.measurements(town.terrain, *frames.values(), np.random.default_rng(1)) == []
    assert drive.measurements(None, *frames.values(), np.random.default_rng(1)) == []
