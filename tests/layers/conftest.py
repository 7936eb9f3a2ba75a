"""A small sound study on disk, whose files a test spoils one at a time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from affine import Affine
from pyproj import CRS

from geo.terrain import Terrain
from layers import assemble
from layers.county import County
from layers.read import Source

EAST, NORTH = 471_000.0, 3_242_000.0
EPSG = 4545


@dataclass(frozen=True)
class Study:
    """Frames under Chinese headings; `county` writes them and reads them back."""

    folder: Path
    frames: dict[str, pd.DataFrame]
    terrain: tuple[str, ...] = ("dem.tif",)

    def __getitem__(self, layer: str) -> pd.DataFrame:
        return self.frames[layer]

    def spoil(self, layer: str, row: int, column: str, value: object) -> Study:
        """Return the study with one cell changed (row counted from 0)."""
        frame = self.frames[layer].copy()
        frame[column] = frame[column].astype(object)
        frame.loc[row, column] = value
        return self.with_layer(layer, frame)

    def with_layer(self, layer: str, frame: pd.DataFrame) -> Study:
        return replace(self, frames={**self.frames, layer: frame})

    def sources(self) -> list[Source]:
        return [self.write(layer) for layer in self.frames]

    def write(self, layer: str) -> Source:
        frame = self.frames[layer]
        if isinstance(frame, gpd.GeoDataFrame):
            path = self.folder / f"{layer}.gpkg"
            path.unlink(missing_ok=True)
            pyogrio.write_dataframe(frame, path, layer=layer)
        else:
            path = self.folder / f"{layer}.csv"
            frame.to_csv(path, index=False, encoding="utf-8-sig")
        return Source(layer=layer, path=path.name)

    def county(self, sources: list[Source] | None = None, **options: str) -> County:
        return assemble.county(
            "试验县", self.sources() if sources is None else sources, base=self.folder,
            terrain=self.terrain, area_margin_m=1000.0, **options,
        )  # fmt: skip


@pytest.fixture
def study(tmp_path: Path) -> Study:
    terrain = Terrain(
        height_m=np.full((60, 60), 500.0, dtype=np.float32),
        transform=Affine(100.0, 0.0, EAST - 2000, 0.0, -100.0, NORTH + 4000),
        crs=CRS.from_epsg(EPSG),
    )
    terrain.write(tmp_path / "dem.tif")
    lines = [
        shapely.LineString([(EAST, NORTH), (EAST + 800, NORTH)]),
        shapely.LineString([(EAST + 800, NORTH), (EAST + 800, NORTH + 600)]),
    ]
    squares = [
        shapely.box(EAST + x, NORTH + 20, EAST + x + 60, NORTH + 90) for x in (100, 300, 500)
    ]
    points = [shapely.Point(EAST + x, NORTH + 300) for x in (0, 700)]
    return Study(
        tmp_path,
        {
            "roads": gpd.GeoDataFrame(
                {"道路编号": ["D1", "D2"], "道路等级": ["主干路", "支路"]}, geometry=lines, crs=EPSG
            ),
            "parcels": gpd.GeoDataFrame(
                {"地块编号": ["P1", "P2", "P3"], "名称": ["一号", "二号", "三号"]},
                geometry=squares, crs=EPSG,
            ),
            "applications": pd.DataFrame(
                {
                    "申请编号": ["A1", "A2", "A3"],
                    "地块编号": ["P1", "P2", "P3"],
                    "管线种类": ["给水", "燃气", "电力"],
                    "报装容量": ["", "", "80"],
                    "受理日期": ["2026-01-05", "2026/2/6", "2026年3月7日"],
                }
            ),
            "works": gpd.GeoDataFrame(
                {
                    "工程编号": ["W1", "W2"],
                    "管线种类": ["给水", "燃气"],
                    "权属单位": ["水务公司", "燃气公司"],
                    "管径": [200.0, 110.0],
                    "最早开工": ["2026-03-01", "2026-04-01"],
                    "最迟完工": ["2026-09-30", "2026-10-31"],
                },
                geometry=lines, crs=EPSG,
            ),
            "sites": gpd.GeoDataFrame({"站址编号": ["S1", "S2"]}, geometry=points, crs=EPSG),
            "cells": pd.DataFrame(
                {
                    "小区编号": ["C1", "C2", "C3"],
                    "站址编号": ["S1", "S2", "S2"],
                    "运营商": ["移动", "电信", "联通"],
                    "挂高": [30, 35, 40],
                }
            ),
            "events": pd.DataFrame(
                {"名称": ["高考"], "开始日期": ["2026-06-06"], "结束日期": ["2026-06-09"]}
            ),
        },
    )  # fmt: skip
