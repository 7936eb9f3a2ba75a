"""Records that a study does not use: each with its file, row, reason and remedy."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
from pyproj import CRS

from geo.errors import Fault
from layers.flaw import Flaw, Objects, quoted
from layers.tables import QUARANTINE

_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
_SHOWN_ROWS = 5
_ROW = r" \[1 行: .*\]$"


def records(
    flaws: Iterable[Flaw], *, layer: str, files: Objects, rows: Objects, geometry: Objects | None
) -> pd.DataFrame:
    """Return one quarantine record for each row of each flaw.

    Parameters
    ----------
    flaws
        Masks over the n rows of a layer.
    layer
        Table.
    files, rows
        File and row number of each row, shape (n,).
    geometry
        Shapes, shape (n,), or None.

    Returns
    -------
    pandas.DataFrame
        Columns of `layers.tables.QUARANTINE`, then ``position`` (0..n-1) and ``geometry``; by
        flaw, within it by row.
    """
    found: list[dict[str, object]] = []
    for flaw in flaws:
        for position in np.flatnonzero(flaw.rows):
            fault = _fault(flaw, int(position), layer, files[position], rows[position])
            found.append(
                {
                    "layer": layer,
                    "file": fault.file,
                    "row": fault.rows[0],
                    "column": fault.column,
                    "code": fault.code,
                    "reason_zh": fault.text("zh"),
                    "reason_en": fault.text("en"),
                    "position": int(position),
                    "geometry": None if geometry is None else geometry[position],
                }
            )
    return pd.DataFrame(found, columns=[*QUARANTINE.names, "position", "geometry"])


def _fault(flaw: Flaw, position: int, layer: str, file: str, row: str) -> Fault:
    each = {name: quoted(values[position]) for name, values in flaw.each.items()}
    return Fault(
        flaw.code, {**flaw.facts, **each}, file=file, layer=layer, column=flaw.column,
        rows=(row,), count=1,
    )  # fmt: skip


def frame(parts: Sequence[pd.DataFrame], crs: CRS | None) -> gpd.GeoDataFrame:
    """Join records into the frame of a county: QUARANTINE's columns and a geometry, if known.

    Parameters
    ----------
    parts
        Frames as `records` returns them, geometries in `crs`.
    crs
        CRS of the county, None while it is unknown.
    """
    kept = [part for part in parts if len(part)]
    columns = [*QUARANTINE.names, "geometry"]
    joined = pd.concat(kept, ignore_index=True)[columns] if kept else pd.DataFrame(columns=columns)
    geometry = gpd.GeoSeries(list(joined["geometry"]), crs=crs)
    texts = joined[list(QUARANTINE.names)].astype(object)
    return gpd.GeoDataFrame(texts, geometry=geometry, crs=crs)


def summary(quarantine: pd.DataFrame) -> pd.DataFrame:
    """Return one line for each kind of fault in each column of each file, the commonest first.

    Returns
    -------
    pandas.DataFrame
        Columns ``layer``, ``file``, ``column``, ``code``, ``count``, ``rows`` (the first five),
        ``reason_zh`` and ``reason_en`` (the first record's sentence, with count and rows; "for
        example" before it where the records' sentences differ).
    """
    keys = ["layer", "file", "column", "code"]
    found = [
        _line(dict(zip(keys, map(str, key), strict=True)), group)
        for key, group in quarantine.groupby(keys, sort=False)
    ]
    columns = [*keys, "count", "rows", "reason_zh", "reason_en"]
    lines = pd.DataFrame(found, columns=columns)
    return lines.sort_values("count", ascending=False, kind="stable", ignore_index=True)


def _line(place: dict[str, str], group: pd.DataFrame) -> dict[str, object]:
    first = group.iloc[0]
    shown = ", ".join(group["row"].head(_SHOWN_ROWS)) + ("…" if len(group) > _SHOWN_ROWS else "")
    zh = str(first["reason_zh"]).removesuffix(f" [1 行: {first['row']}]")
    en = str(first["reason_en"]).removesuffix(f" [1 row(s): {first['row']}]")
    texts = group["reason_zh"].str.replace(_ROW, "", regex=True)
    if (texts != texts.iloc[0]).any():
        zh, en = f"例如：{zh}", f"for example: {en}"
    return {
        **place,
        "count": len(group),
        "rows": shown,
        "reason_zh": f"{zh} [{len(group)} 行: {shown}]",
        "reason_en": f"{en} [{len(group)} row(s): {shown}]",
    }


def neutral(cell: object) -> str:
    """Return a cell's text in a form that no spreadsheet takes for a formula.

    References
    ----------
    OWASP, CSV Injection: cells that begin with = + - @, a tab or a carriage return.

    Examples
    --------
    >>> neutral("=1+1"), neutral("DN200"), neutral(None)
    ("'=1+1", 'DN200', '')
    """
    text = "" if cell is None or cell is pd.NA or cell is pd.NaT else str(cell)
    return f"'{text}" if text.startswith(_DANGEROUS) else text


def write_csv(quarantine: pd.DataFrame, path: Path) -> None:
    """Write the records as CSV that Excel opens with Chinese intact (UTF-8 with a mark)."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(QUARANTINE.names)
        for row in quarantine.reindex(columns=list(QUARANTINE.names)).itertuples(index=False):
            writer.writerow([neutral(cell) for cell in row])


def write_gpkg(quarantine: pd.DataFrame, path: Path) -> None:
    """Write the records as a GeoPackage, with their geometry where they have one."""
    path.unlink(missing_ok=True)
    known = isinstance(quarantine, gpd.GeoDataFrame) and quarantine.crs is not None
    if known:
        pyogrio.write_dataframe(
            quarantine, path, layer="quarantine", driver="GPKG", geometry_type="Unknown"
        )
    else:
        texts = pd.DataFrame(quarantine).reindex(columns=list(QUARANTINE.names))
        pyogrio.write_dataframe(texts, path, layer="quarantine", driver="GPKG")


def write(quarantine: pd.DataFrame, folder: Path) -> None:
    """Write ``quarantine.csv`` and ``quarantine.gpkg`` into a folder, empty ones too."""
    write_csv(quarantine, folder / "quarantine.csv")
    write_gpkg(quarantine, folder / "quarantine.gpkg")
