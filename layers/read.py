"""One file of one layer, read and checked row by row: good rows on, bad rows to quarantine.

A fault of the file as a whole (missing, unreadable, a required column absent, a CRS that cannot
be trusted, no rows) raises; all such faults of the file are collected first. A fault of a row
sets the row aside with its reason and remedy. Columns that the table does not know are never
read into the result, and headings that announce data of persons are not read at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from geo import crs as coordinates
from geo.datum import Datum
from geo.errors import Fault, InputError
from layers import datums, networks, positions, quarantine, rows, values
from layers.flaw import Flaw, Objects, any_of
from layers.formats.packaged import open_network
from layers.formats.raw import Opened, Raw
from layers.formats.sheet import open_sheet
from layers.formats.vector import open_vector
from layers.names import Headings, match
from layers.source import Source, locate, sha256
from layers.tables import BY_NAME, Table

__all__ = ["Layer", "Source", "read"]

_SHEETS = frozenset({".csv", ".txt", ".xlsx"})


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Layer:
    """What one source gave.

    Parameters
    ----------
    source
        The source.
    frame
        Good rows with exactly the table's columns (and ``geometry`` in the source's CRS), index
        0..n-1; missing text None, missing number NaN, missing date NaT, flags bool.
    labels
        Row number of each good row in the file, shape (n,), as messages name it.
    rows
        Records in the file.
    quarantine
        One record a fault of a bad row, as `layers.quarantine.records` returns them.
    notices
        What was done to the file that its owner should know.
    sha256
        Of the file's bytes.
    datum
        What the file's coordinates were in before they came into the frame's CRS.
    """

    source: Source
    frame: gpd.GeoDataFrame | pd.DataFrame
    labels: Objects
    rows: int
    quarantine: pd.DataFrame
    notices: tuple[Fault, ...] = ()
    sha256: str = ""
    datum: Datum = "WGS 84"


def read(source: Source, *, base: Path, prefix: str | None = None) -> Layer:
    """Read one source.

    Parameters
    ----------
    source
        What to read and how.
    base
        Folder against which the path is resolved.
    prefix
        What made keys begin with where the file has none; the layer's name if None.

    Raises
    ------
    InputError
        With every fault of the file as a whole.
    """
    opened, digest = _open(source, base)
    table = BY_NAME[source.layer]
    headings = match(opened.headings, table, source, positions=opened.positions, cut=opened.cut)
    raw = opened.records(tuple(dict.fromkeys(headings.found.values())))
    placed = _placed(source, table, headings, raw)
    constants, constant_faults = _constants(source, table)
    faults = [*headings.faults, *placed.faults, *constant_faults]
    if not len(raw.rows):
        faults.append(source.fault("layer_empty"))
    if faults:
        raise InputError(faults)
    return _checked(source, headings, raw, placed, constants, digest, prefix or source.layer)


def _open(source: Source, base: Path) -> tuple[Opened, str]:
    if networks.is_network(source.path):
        return open_network(source)
    path = locate(source, base)
    sheet = path.suffix.lower() in _SHEETS
    return (open_sheet if sheet else open_vector)(source, path), sha256(path)


@dataclass(frozen=True, slots=True, eq=False)
class _Placed:
    """A layer's CRS and shapes, both None for a table without geometry, or what forbids them."""

    crs: CRS | None = None
    shapes: positions.Shapes | None = None
    faults: tuple[Fault, ...] = ()
    datum: Datum = "WGS 84"
    notices: tuple[Fault, ...] = ()


def _placed(source: Source, table: Table, headings: Headings, raw: Raw) -> _Placed:
    """Find CRS and shapes; the CRS that the study declares goes before the file's."""
    if table.geometry == "none":
        return _Placed()
    if raw.geometry is None and not positions.roles(headings.found):
        return _Placed(faults=(source.fault("geometry_absent"),))
    crs = source.crs if source.crs is not None else raw.crs
    said = datums.declared(source, headings.found, crs)
    if said.faults:
        return _Placed(faults=said.faults)
    try:
        crs = coordinates.check(said.crs, file=source.shown, layer=source.layer)
    except InputError as error:
        return _Placed(faults=error.faults)
    shapes = _shapes(table, headings, raw, crs)
    bounds = _typical(shapes.geometry)
    fault = coordinates.contradiction(bounds, crs, file=source.shown, layer=source.layer)
    if fault is not None:
        return _Placed(crs, shapes, (fault,))
    return _shifted_back(source, said, crs, shapes)


def _shifted_back(
    source: Source, said: datums.Declared, crs: CRS, shapes: positions.Shapes
) -> _Placed:
    """Bring shapes of a shifted datum into WGS 84, and say so."""
    if said.datum is None or said.datum == "WGS 84":
        return _Placed(crs, shapes)
    geometry = datums.unshifted(shapes.geometry, said.datum)
    notice = datums.notice(source, said, shapes.geometry, geometry)
    moved = replace(shapes, geometry=geometry)
    return _Placed(crs, moved, datum=said.datum, notices=() if notice is None else (notice,))


def _typical(shapes: Objects) -> tuple[float, float, float, float]:
    """Return the bounds of a middling feature; a stray one is no fault of the whole file."""
    bounds = shapely.bounds(shapes)
    bounds = bounds[np.isfinite(bounds).all(axis=1)]
    if not len(bounds):
        return (np.nan, np.nan, np.nan, np.nan)
    west, south, east, north = np.median(bounds, axis=0)
    return float(west), float(south), float(east), float(north)


def _shapes(table: Table, headings: Headings, raw: Raw, crs: CRS) -> positions.Shapes:
    if raw.geometry is not None:
        unreadable = any_of(raw.flaws, len(raw.rows))
        return positions.examine(raw.geometry, table.geometry, crs, known_missing=unreadable)
    made = positions.from_columns(raw.cells, headings.found, crs)
    missing = any_of(made.flaws, len(raw.rows))
    examined = positions.examine(made.geometry, table.geometry, crs, known_missing=missing)
    return positions.Shapes(
        examined.geometry, made.flaws + examined.flaws, survey_axes=made.survey_axes
    )


def _constants(source: Source, table: Table) -> tuple[dict[str, object], list[Fault]]:
    """Return the values that the study sets for every row, checked like a file's."""
    constants: dict[str, object] = {}
    faults: list[Fault] = []
    for name, value in source.values.items():
        if name not in table.names:
            continue
        converted = values.convert(pd.Series([value], dtype=object), table[name])
        constants[name] = converted.cells.iloc[0]
        faults += [
            source.fault(flaw.code, column=name, **{**flaw.facts, "value": value})
            for flaw in converted.flaws
        ]
    return constants, faults


def _checked(
    source: Source,
    headings: Headings,
    raw: Raw,
    placed: _Placed,
    constants: Mapping[str, object],
    digest: str,
    prefix: str,
) -> Layer:
    table, count = BY_NAME[source.layer], len(raw.rows)
    frame, flaws = _columns(source, table, headings, raw, constants)
    flaws += [*raw.flaws, *rows.dates_reversed(frame, table, headings.found)]
    flaws += rows.eci_beyond(frame, table, headings.found)
    geometry = None
    if placed.shapes is not None:
        geometry = placed.shapes.geometry
        flaws += placed.shapes.flaws
        frame = gpd.GeoDataFrame(frame, geometry=geometry, crs=placed.crs)
    keyed = rows.with_keys(frame, table, headings.found, raw.rows, prefix, source.shown)
    known = any_of(flaws, count)
    flaws += [replace(flaw, rows=flaw.rows & ~known) for flaw in keyed.flaws]
    labels = rows.labels(frame, table, raw.rows)
    flaws += rows.duplicates(keyed.frame, table, labels, any_of(flaws, count))
    bad = any_of(flaws, count)
    return Layer(
        source=source,
        frame=keyed.frame[~bad].reset_index(drop=True),
        labels=labels[~bad],
        rows=count,
        quarantine=quarantine.records(
            flaws, layer=table.name, files=np.full(count, source.shown, dtype=object),
            rows=labels, geometry=geometry,
        ),
        notices=(*raw.notices, *_notices(source, headings, placed), *keyed.notices),
        sha256=digest,
        datum=placed.datum,
    )  # fmt: skip


def _columns(
    source: Source,
    table: Table,
    headings: Headings,
    raw: Raw,
    constants: Mapping[str, object],
) -> tuple[pd.DataFrame, list[Flaw]]:
    count = len(raw.rows)
    columns: dict[str, pd.Series] = {}
    flaws: list[Flaw] = []
    for column in table:
        columns[column.name] = values.empty(column, count)
        if column.name in constants:
            columns[column.name] = values.repeated(constants[column.name], column, count)
        elif column.name in headings.found:
            heading = headings.found[column.name]
            converted = values.convert(
                raw.cells[heading], column, heading=heading,
                factor=headings.factors.get(column.name, 1.0),
                codes=source.codes.get(column.name),
            )  # fmt: skip
            columns[column.name] = converted.cells
            flaws += converted.flaws
    return pd.DataFrame(columns, index=pd.RangeIndex(count)), flaws


def _notices(source: Source, headings: Headings, placed: _Placed) -> list[Fault]:
    notices = []
    if headings.personal:
        notices.append(source.fault("notice_personal", headings=headings.personal))
    if placed.shapes is not None and placed.shapes.survey_axes:
        notices.append(source.fault("notice_survey_axes"))
    return [*notices, *placed.notices]
