from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely

from geo import terrain
from layers.assemble import county as assemble
from layers.county import County
from layers.sample.make import write
from layers.source import Source


@pytest.fixture(scope="module")
def folder(town: County, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sample") / "示例县"
    assert write(town, path) == path / "study.toml"
    return path


@pytest.fixture(scope="module")
def read_back(folder: Path) -> County:
    study = tomllib.loads((folder / "study.toml").read_text(encoding="utf-8"))
    sources = [
        Source(layer=layer, **entry)
        for layer, entries in study["layers"].items()
        for entry in entries
    ]
    return assemble(
        study["study"]["name"],
        sources,
        base=folder,
        terrain=study["terrain"]["paths"],
        crs=study["study"]["crs"],
        area_margin_m=1000.0,
    )


def test_nothing_of_the_sample_goes_to_quarantine(read_back: County) -> None:
    assert read_back.quarantine.empty


def test_every_layer_comes_back_as_it_was(town: County, read_back: County) -> None:
    for name, rows in town.frames.items():
        again = read_back[name]
        assert len(again) == len(rows), name
        if "geometry" in rows and len(rows):
            moved = shapely.hausdorff_distance(rows.geometry.array, again.geometry.array)
            assert moved.max() < 0.002, name
        plain = [column for column in rows.columns if column != "geometry"]
        pd.testing.assert_frame_equal(
            pd.DataFrame(rows[plain]), pd.DataFrame(again[plain]), check_like=True
        )


def test_the_label_generated_survives_the_files(town: County, read_back: County) -> None:
    assert read_back.generated | {"terrain"} == town.generated


def test_the_terrain_comes_back_exactly(town: County, folder: Path) -> None:
    again = terrain.read([folder / "高程.tif"])
    assert np.array_equal(again.height_m, town.terrain.height_m)


def test_the_study_file_is_one_that_the_planner_loads(folder: Path) -> None:
    text = (folder / "study.toml").read_text(encoding="utf-8")
    assert "生成数据" in text
    assert tomllib.loads(text)["study"]["start"].isoformat() == "2026-01-01"


def test_writing_twice_leaves_one_copy_of_each_layer(
    town: County, folder: Path, tmp_path: Path
) -> None:
    write(town, tmp_path)
    write(town, tmp_path)
    assert {p.name for p in tmp_path.iterdir()} == {p.name for p in folder.iterdir()}
