"""GeoPackage, GeoJSON, Shapefile and .osm.pbf: in bulk by pyogrio, else record by record."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from fiona.errors import FionaError
from pyogrio.errors import DataLayerError, DataSourceError
from pyproj import CRS

from geo.errors import Fault
from layers.flaw import Flaw
from layers.formats import encoding, recordwise
from layers.formats.raw import Opened, Raw
from layers.source import Source
from layers.tables import BY_NAME

_Read = TypeVar("_Read")
_TAGS = "other_tags"
_BYTES = "ISO-8859-1"
"""Reads any bytes, and gives them back: texts of shapefiles are decoded here, not by GDAL."""
_SAMPLE = 1000


def open_vector(source: Source, path: Path) -> Opened:
    """Open a vector file and read its headings.

    Parameters
    ----------
    source
        Its `sublayer` chooses the layer; without one the only layer, or the one that bears the
        table's name, is taken.
    path
        The local file.

    Raises
    ------
    InputError
        If the file cannot be read, has no such layer, or its texts have an unknown encoding.
    """
    suffix = path.suffix.lower()
    name = _sublayer(source, path)
    info = _tried(
        source, path, partial(pyogrio.read_info, path, layer=name, encoding=_raw_encoding(suffix))
    )
    fields = [str(field) for field in info["fields"]]
    if suffix != ".shp":
        tags = [tag for tag in source.columns.values() if tag not in fields and _TAGS in fields]
        headings = [field for field in fields if field != _TAGS] + tags
        return Opened(
            headings=tuple(headings), positions=False, cut=False,
            records=partial(_records, source, path, name, tags),
        )  # fmt: skip
    codec = source.encoding or _sniffed(source, path, name, fields)
    names = {_decoded(field, codec, source): field for field in fields}
    return Opened(
        headings=tuple(names), positions=False, cut=True,
        records=partial(_shapefile_records, source, path, name, names, codec),
    )  # fmt: skip


def _raw_encoding(suffix: str) -> str | None:
    return _BYTES if suffix == ".shp" else None


def _sublayer(source: Source, path: Path) -> str:
    layers = [str(name) for name in _tried(source, path, partial(pyogrio.list_layers, path))[:, 0]]
    if source.sublayer is not None:
        if source.sublayer not in layers:
            facts = {"name": source.sublayer, "known": ", ".join(layers)}
            raise source.error("sublayer_unknown", **facts)
        return source.sublayer
    table = BY_NAME[source.layer]
    named = [name for name in layers if name.casefold() in {table.name, table.zh}]
    if len(layers) != 1 and len(named) != 1:
        raise source.error("sublayer_needed", known=", ".join(layers))
    return layers[0] if len(layers) == 1 else named[0]


def _records(
    source: Source, path: Path, name: str, tags: Sequence[str], wanted: Sequence[str]
) -> Raw:
    fields = [heading for heading in wanted if heading not in tags]
    wanted_tags = [tag for tag in tags if tag in wanted]
    columns = fields + ([_TAGS] if wanted_tags else [])
    found = _features(source, path, name, columns)
    frame = found.frame
    cells = frame[fields].copy()
    for tag in wanted_tags:
        cells[tag] = _tag(frame[_TAGS], tag)
    if path.suffix.lower() in {".geojson", ".json"}:
        return _raw(found, cells, numbers=range(1, len(frame) + 1))
    return _raw(found, cells, numbers=frame.index)


def _shapefile_records(
    source: Source, path: Path, name: str, names: dict[str, str], codec: str, wanted: Sequence[str]
) -> Raw:
    fields = [names[heading] for heading in wanted]
    found = _features(source, path, name, fields, raw=True)
    frame = found.frame
    cells = pd.DataFrame(
        {heading: _text_cells(frame[names[heading]], codec, source) for heading in wanted},
        index=frame.index,
    )
    return _raw(found, cells, numbers=frame.index + 1)


@dataclass(frozen=True, slots=True, eq=False)
class _Features:
    """Features with their ids as index, and what the reader found on the way."""

    frame: gpd.GeoDataFrame | pd.DataFrame
    notices: tuple[Fault, ...] = ()
    flaws: tuple[Flaw, ...] = ()


def _raw(found: _Features, cells: pd.DataFrame, *, numbers: Iterable[int]) -> Raw:
    frame = found.frame
    rows = np.array([str(number) for number in numbers], dtype=object)
    has_geometry = isinstance(frame, gpd.GeoDataFrame)
    return Raw(
        cells=cells.reset_index(drop=True),
        rows=rows,
        geometry=np.asarray(frame.geometry.to_numpy(), dtype=object) if has_geometry else None,
        crs=CRS.from_user_input(frame.crs) if has_geometry and frame.crs is not None else None,
        flaws=found.flaws,
        notices=found.notices,
    )


def _features(
    source: Source, path: Path, name: str, columns: Sequence[str], *, raw: bool = False
) -> _Features:
    """Read features with their ids; what GDAL warns of becomes notices."""
    read = partial(
        pyogrio.read_dataframe, path, layer=name, columns=list(columns), where=source.where,
        encoding=_BYTES if raw else None, fid_as_index=True, use_arrow=False,
    )  # fmt: skip
    with_shapes = BY_NAME[source.layer].geometry != "none"
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            found = _Features(_tried(source, path, partial(read, read_geometry=with_shapes)))
        except shapely.errors.GEOSException:
            found = _one_by_one(source, path, name, partial(read, read_geometry=False))
    details = sorted({str(warning.message) for warning in caught})
    return replace(
        found, notices=tuple(source.fault("notice_reader", detail=detail) for detail in details)
    )


def _one_by_one(
    source: Source, path: Path, name: str, read: Callable[[], pd.DataFrame]
) -> _Features:
    """Read the cells in bulk and the shapes one by one; those that cannot be built are flaws."""
    cells = _tried(source, path, read)
    found = _tried(
        source, path, partial(recordwise.shapes, path, name, cells.index, where=source.where)
    )
    crs = pyogrio.read_info(path, layer=name)["crs"]
    frame = gpd.GeoDataFrame(
        cells, geometry=gpd.GeoSeries(found.geometry, index=cells.index), crs=crs
    )
    return _Features(frame, flaws=(found.flaw,))


def _tried(source: Source, path: Path, read: Callable[[], _Read]) -> _Read:
    try:
        return read()
    except (DataSourceError, DataLayerError, FionaError, ValueError) as error:
        detail = str(error).replace(str(path), path.name)
        code = "where_invalid" if source.where and "SQL" in detail else "file_unreadable"
        raise source.error(code, detail=detail, where=source.where) from error


def _tag(tags: pd.Series, key: str) -> pd.Series:
    """Return one tag of OSM's hstore text, None where a feature lacks it."""
    pattern = rf'"{re.escape(key)}"=>"((?:[^"\\]|\\.)*)"'
    found = tags.str.extract(pattern, expand=False)
    return found.str.replace(r"\\(.)", r"\1", regex=True).astype(object)


def _sniffed(source: Source, path: Path, name: str, fields: Sequence[str]) -> str:
    read = partial(
        pyogrio.read_dataframe, path, layer=name, encoding=_BYTES, max_features=_SAMPLE,
        read_geometry=False,
    )  # fmt: skip
    frame = _tried(source, path, read)
    texts = [field.encode(_BYTES) for field in fields]
    for field in frame.select_dtypes(object):
        texts += [str(cell).encode(_BYTES) for cell in frame[field].dropna().unique()]
    page = path.with_suffix(".cpg")
    declared = page.read_text(encoding="ascii", errors="replace").strip() if page.exists() else None
    codec = encoding.sniff(texts, declared)
    if codec is None:
        raise source.error("encoding_unknown")
    return codec


def _text_cells(cells: pd.Series, codec: str, source: Source) -> pd.Series:
    if cells.dtype != object:
        return cells
    distinct = {text: _decoded(text, codec, source) for text in cells.dropna().unique()}
    return cells.map(distinct).astype(object)


def _decoded(text: str, codec: str, source: Source) -> str:
    try:
        return encoding.decode(text.encode(_BYTES), codec)
    except (UnicodeDecodeError, LookupError) as error:
        raise source.error("encoding_wrong", encoding=codec) from error
