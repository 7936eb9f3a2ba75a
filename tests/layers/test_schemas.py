from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pandera.errors
import pytest
import shapely
from pyproj import CRS

from layers.schemas import empty_frame, schema, validate
from layers.tables import BY_NAME, INPUTS, WORKS, Table

if TYPE_CHECKING:
    from tests.layers.conftest import Study

GOOD = CRS.from_epsg(4545)


@pytest.mark.parametrize("table", INPUTS, ids=lambda table: table.name)
def test_empty_frame_of_every_table_passes_its_schema(table: Table) -> None:
    frame = empty_frame(table, GOOD)
    validate(frame, table)
    assert isinstance(frame, gpd.GeoDataFrame) == (table.geometry != "none")


def test_columns_and_labels_come_from_the_table() -> None:
    for table in BY_NAME.values():
        names = [name for name in schema(table.name).columns if name != "geometry"]
        assert tuple(names) == table.names
    assert schema("works").columns["diameter_mm"].title == "管径"


@pytest.mark.parametrize(
    ("column", "value"),
    [("utility", "petrol"), ("diameter_mm", -1.0), ("latest", pd.NaT), ("duration_days", 1.5),
     ("owner", None), ("name", 3), ("geometry", shapely.Point(0, 0)), ("work_id", "W1")],
)  # fmt: skip
def test_frame_that_breaks_its_table_is_refused(study: Study, column: str, value: object) -> None:
    works = study.county()["works"]
    validate(works, WORKS)
    spoilt = works.copy()
    if column == "duration_days":
        spoilt[column] = spoilt[column].astype(np.float64)
    spoilt.loc[1, column] = value
    with pytest.raises(pandera.errors.SchemaErrors):
        validate(spoilt, WORKS)


def test_missing_foreign_and_shuffled_columns_are_refused(study: Study) -> None:
    works = study.county()["works"]
    for spoilt in (works.drop(columns="owner"), works.assign(phone=""), works[works.columns[::-1]]):
        with pytest.raises(pandera.errors.SchemaErrors):
            validate(spoilt, WORKS)
