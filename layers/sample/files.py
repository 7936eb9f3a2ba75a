"""Write a county as the files that its offices would hand over, and the study file for them.

The files differ on purpose in format, encoding and coordinates, as they do in a county: town
planning keeps GeoPackages, the village register is a GBK shapefile, parcels come as GeoJSON in
degrees, applications as a workbook, engineering parameters (工参) as a GBK table with degrees.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from pyproj import CRS

from geo import crs as crs_
from layers import tables
from layers.county import County
from layers.tables import Column, Table

Form = Literal["gpkg", "shp", "geojson", "xlsx", "csv", "csv-degrees"]

_DEGREES = CRS.from_epsg(4490)


@dataclass(frozen=True, slots=True)
class Target:
    """The file of one layer: its name, its form, its encoding, its layer or sheet."""

    file: str
    form: Form
    encoding: str = "utf-8"
    sublayer: str | None = None


TARGETS: Mapping[str, Target] = MappingProxyType(
    {
        "roads": Target("道路.gpkg", "gpkg", sublayer="道路中心线"),
        "pipes": Target("管线普查.gpkg", "gpkg", sublayer="现状管线"),
        "tie_ins": Target("管线普查.gpkg", "gpkg", sublayer="接入点"),
        "parcels": Target("红线地块.geojson", "geojson"),
        "applications": Target("联办申请.xlsx", "xlsx", sublayer="接入申请"),
        "works": Target("年度计划工程.gpkg", "gpkg", sublayer="计划工程"),
        "crews": Target("施工队.csv", "csv", encoding="utf-8-sig"),
        "approved": Target("已批准开工.csv", "csv", encoding="utf-8-sig"),
        "sites": Target("站址.csv", "csv-degrees", encoding="gbk"),
        "cells": Target("工参.csv", "csv", encoding="gbk"),
        "measurements": Target("路测.csv", "csv-degrees", encoding="gbk"),
        "places": Target("村落.shp", "shp", encoding="GBK"),
        "zones": Target("规划分区.gpkg", "gpkg", sublayer="分区"),
        "events": Target("禁挖时段.csv", "csv", encoding="utf-8-sig"),
        "prices": Target("单价.csv", "csv", encoding="utf-8-sig"),
    }
)


def write(county: County, folder: Path) -> Path:
    """Write every layer of the county that has rows, its terrain and ``study.toml``.

    Headings and coded values are Chinese, in the words of `layers.tables`; the shapefile has
    canonical headings.

    Parameters
    ----------
    county
        For example of `layers.sample.make.sample`.
    folder
        Made where it is missing; files of the same names are replaced.

    Returns
    -------
    Path
        The study file.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name in {target.file for target in TARGETS.values()}:
        (folder / name).unlink(missing_ok=True)
    blocks = [_head(county)]
    for name, target in TARGETS.items():
        if len(county[name]):
            _write_layer(county[name], tables.BY_NAME[name], target, folder / target.file)
            blocks.append(_layer(name, target, generated=name in county.generated))
    if county.terrain is not None:
        county.terrain.write(folder / "高程.tif")
        blocks.append('[terrain]\npaths = ["高程.tif"]\ngenerated = true\n')
    path = folder / "study.toml"
    path.write_text("\n".join(blocks), encoding="utf-8")
    return path


def _head(county: County) -> str:
    authority = county.crs.to_authority()
    lines = [
        "# 生成数据：示例县的图层由 layers.sample 生成，不代表任何真实地方。",
        "[study]",
        f'name = "{county.name}"',
        'profile = "qijiang-2022"',
        "start = 2026-01-01",
        "days = 365",
    ]
    if authority is not None:
        lines.append(f'crs = "{":".join(authority)}"')
    return "\n".join(lines) + "\n"


def _layer(name: str, target: Target, *, generated: bool) -> str:
    lines = [f"[[layers.{name}]]", f'path = "{target.file}"']
    if target.sublayer is not None:
        lines.append(f'sublayer = "{target.sublayer}"')
    if target.form == "csv-degrees":
        lines.append('crs = "EPSG:4490"')
    lines.append(f"generated = {str(generated).lower()}")
    return "\n".join(lines) + "\n"


def _write_layer(rows: gpd.GeoDataFrame, table: Table, target: Target, path: Path) -> None:
    # a .dbf cuts headings after ten bytes, too short for Chinese ones
    cells = pd.DataFrame(
        {
            column.name if target.form == "shp" else column.zh: _spelled(rows[column.name], column)
            for column in table
        }
    )
    if target.form == "xlsx":
        cells.to_excel(path, sheet_name=target.sublayer or "Sheet1", index=False)
    elif target.form in {"csv", "csv-degrees"}:
        if target.form == "csv-degrees":
            cells = _with_degrees(cells, rows)
        cells.to_csv(path, index=False, encoding=target.encoding, lineterminator="\r\n")
    else:
        _write_shapes(cells, rows, target, path)


def _write_shapes(cells: pd.DataFrame, rows: gpd.GeoDataFrame, target: Target, path: Path) -> None:
    shapes = gpd.GeoDataFrame(cells, geometry=rows.geometry.to_numpy(), crs=rows.crs)
    driver = {"gpkg": "GPKG", "shp": "ESRI Shapefile", "geojson": "GeoJSON"}[target.form]
    encoding = target.encoding if target.form == "shp" else None
    more: dict[str, str] = {}
    if target.form == "geojson":
        shapes = shapes.to_crs(4326)
        more = {"COORDINATE_PRECISION": "9"}
    pyogrio.write_dataframe(
        shapes, path, layer=target.sublayer, driver=driver, encoding=encoding, **more
    )


def _with_degrees(cells: pd.DataFrame, rows: gpd.GeoDataFrame) -> pd.DataFrame:
    xy = shapely.get_coordinates(np.asarray(rows.geometry.array, dtype=object))
    degrees = crs_.transform_xy(xy, rows.crs, _DEGREES)
    return cells.assign(经度=np.round(degrees[:, 0], 8), 纬度=np.round(degrees[:, 1], 8))


def _spelled(cells: pd.Series, column: Column) -> pd.Series:
    """Return the cells as an office writes them: Chinese codes, ISO dates, 是 and 否."""
    spelled = cells
    if column.kind == "flag":
        spelled = cells.map({True: "是", False: "否"})
    elif column.kind == "date":
        spelled = cells.dt.strftime("%Y-%m-%d")
    elif column.values:
        spelled = cells.map({code: words[0] for code, words in column.values.items()})
    elif column.kind == "integer":
        spelled = cells.astype("Int64")
    return spelled
