"""One GeoPackage for a study: every input table cleaned, every result, and what they came from."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
from pyogrio.errors import DataSourceError
from pyproj import CRS

from geo import terrain as terrains
from geo.errors import Fault, fail
from layers.county import County, InputFile
from layers.tables import INPUTS

_META, _INPUTS, _NOTICES, _QUARANTINE = "meta", "inputs", "notices", "quarantine"
_COUNTY = "county"
STYLES = "layer_styles"
"""Table in which QGIS keeps the styles of a GeoPackage's layers; no part of a study."""
_TERRAIN_SUFFIX = "_terrain.tif"


@dataclass(frozen=True, slots=True, eq=False)
class Stored:
    """What a study's GeoPackage holds."""

    county: County
    results: Mapping[str, gpd.GeoDataFrame | pd.DataFrame]
    meta: Mapping[str, str]


def write(
    path: Path,
    county: County,
    results: Mapping[str, gpd.GeoDataFrame | pd.DataFrame],
    meta: Mapping[str, str],
) -> None:
    """Write a study; the terrain goes into a GeoTIFF beside it, named ``STEM_terrain.tif``.

    Parameters
    ----------
    path
        GeoPackage; an existing one is replaced.
    county
        Checked layers.
    results
        Result table to its frame; geometries in the county's CRS.
    meta
        Free texts kept with the study, for example of the program's version.
    """
    path.unlink(missing_ok=True)
    _terrain_path(path).unlink(missing_ok=True)
    for name, frame in {**county.frames, **results}.items():
        _write_table(path, name, frame, county.crs)
    _write_table(path, _QUARANTINE, county.quarantine, county.crs)
    _write_table(path, _INPUTS, _inputs_frame(county), county.crs)
    _write_table(path, _NOTICES, _notices_frame(county), county.crs)
    texts = {**meta, _COUNTY: _county_text(county)}
    _write_table(path, _META, pd.DataFrame(texts.items(), columns=["key", "value"]), county.crs)
    if county.terrain is not None:
        county.terrain.write(_terrain_path(path))


def read(path: Path) -> Stored:
    """Read a study written by `write`; every frame comes back as it was.

    Raises
    ------
    InputError
        If the file is missing, is not a study of this program, or lacks an input table.
    """
    if not path.is_file():
        raise fail("file_missing", file=path)
    layers = _layers(path)
    if not {_META, _INPUTS, _NOTICES, _QUARANTINE} <= layers:
        raise fail("store_foreign", file=path)
    missing = [table.name for table in INPUTS if table.name not in layers]
    if missing:
        raise fail("store_incomplete", file=path, missing=", ".join(missing))
    meta = dict(_read_table(path, _META, None).itertuples(index=False, name=None))
    head = json.loads(meta.pop(_COUNTY))
    crs = CRS.from_wkt(head["crs"])
    frames = {name: _read_table(path, name, crs) for name in sorted(layers)}
    tables = [table.name for table in INPUTS]
    aside = {_META, _INPUTS, _NOTICES, _QUARANTINE, *tables}
    county = County(
        name=head["name"],
        crs=crs,
        frames={name: frames[name] for name in tables},
        terrain=terrains.read([_terrain_path(path)]) if head["terrain"] else None,
        inputs=tuple(InputFile(*row) for row in frames[_INPUTS].itertuples(index=False, name=None)),
        quarantine=frames[_QUARANTINE],
        generated=frozenset(head["generated"]),
        credits=tuple(head["credits"]),
        notices=tuple(_notice(row) for row in frames[_NOTICES]["fault"]),
    )
    return Stored(county, {name: frames[name] for name in frames if name not in aside}, meta)


def part(
    path: Path, names: Sequence[str]
) -> tuple[dict[str, gpd.GeoDataFrame | pd.DataFrame], dict[str, str]]:
    """Read some tables of a study and its texts, also of one that an earlier version wrote.

    Parameters
    ----------
    path
        GeoPackage written by `write`.
    names
        Tables asked for.

    Returns
    -------
    tuple
        Each table by its name, and the texts given to `write` as `meta`.

    Raises
    ------
    InputError
        If the file is missing, is not a study of this program, or lacks one of the tables.
    """
    if not path.is_file():
        raise fail("file_missing", file=path.name)
    layers = _layers(path)
    if _META not in layers:
        raise fail("store_foreign", file=path.name)
    missing = sorted(set(names) - layers)
    if missing:
        raise fail("store_incomplete", file=path.name, missing=", ".join(missing))
    meta = dict(_read_table(path, _META, None).itertuples(index=False, name=None))
    return {name: _read_table(path, name, None) for name in names}, meta


def _layers(path: Path) -> set[str]:
    try:
        return {str(name) for name in pyogrio.list_layers(path)[:, 0]} - {STYLES}
    except DataSourceError as error:
        raise fail("store_foreign", file=path) from error


def _terrain_path(path: Path) -> Path:
    return path.with_name(f"{path.stem}{_TERRAIN_SUFFIX}")


def _county_text(county: County) -> str:
    head = {
        "name": county.name,
        "crs": county.crs.to_wkt(),
        "terrain": county.terrain is not None,
        "generated": sorted(county.generated),
        "credits": list(county.credits),
    }
    return json.dumps(head, ensure_ascii=False)


def _inputs_frame(county: County) -> pd.DataFrame:
    columns = [field.name for field in fields(InputFile)]
    return pd.DataFrame([asdict(source) for source in county.inputs], columns=columns).astype(
        {"rows": "int64", "used": "int64", "quarantined": "int64"}
    )


def _notices_frame(county: County) -> pd.DataFrame:
    texts = [
        json.dumps({**asdict(notice), "facts": dict(notice.facts)}, ensure_ascii=False, default=str)
        for notice in county.notices
    ]
    return pd.DataFrame({"fault": pd.Series(texts, dtype=object)})


def _notice(text: str) -> Fault:
    notice = json.loads(text)
    return Fault(**{**notice, "rows": tuple(notice["rows"])})


def _write_table(path: Path, name: str, frame: gpd.GeoDataFrame | pd.DataFrame, crs: CRS) -> None:
    plain = frame.reset_index(drop=True)
    if isinstance(plain, gpd.GeoDataFrame):
        if plain.crs is None:
            plain = plain.set_crs(crs)
        pyogrio.write_dataframe(
            plain, path, layer=name, driver="GPKG", geometry_type=_layer_type(plain),
            promote_to_multi=False,
        )  # fmt: skip
    else:
        pyogrio.write_dataframe(plain, path, layer=name, driver="GPKG")


def _layer_type(frame: gpd.GeoDataFrame) -> str:
    """Return the type that all shapes share, so that QGIS styles the layer; else Unknown."""
    types = {str(kind) for kind in frame.geom_type.dropna().unique()}
    return types.pop() if len(types) == 1 else "Unknown"


def _read_table(path: Path, name: str, crs: CRS | None) -> gpd.GeoDataFrame | pd.DataFrame:
    frame = pyogrio.read_dataframe(path, layer=name, use_arrow=False)
    if isinstance(frame, gpd.GeoDataFrame) and crs is not None:
        frame = frame.set_crs(crs, allow_override=True)
    for column in frame.select_dtypes("datetime"):
        frame[column] = frame[column].astype("datetime64[ns]")
    return frame
