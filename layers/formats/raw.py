"""What every reader hands over."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd
from pyproj import CRS

from geo.errors import Fault
from layers.flaw import Flaw, Objects


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Raw:
    """Records as they stand in a file, only the columns asked for.

    Parameters
    ----------
    cells
        One column a heading, index 0..n-1.
    rows
        Text, shape (n,): the record's number as the file's own program shows it (row of the
        sheet, feature id), counted from 1; in .osm.pbf the OSM id.
    geometry
        Shapely geometries, shape (n,), or None where the file has none.
    crs
        CRS that the file declares.
    flaws, notices
        What the reader itself found.
    """

    cells: pd.DataFrame
    rows: Objects
    geometry: Objects | None = None
    crs: CRS | None = None
    flaws: tuple[Flaw, ...] = ()
    notices: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A file whose headings are known and whose records can be read.

    Parameters
    ----------
    headings
        Headings of the file; personal ones are among them and must not be asked for.
    positions
        Whether positions are columns.
    cut
        Whether headings may be cut to 10 bytes.
    records
        Reads the columns of the given headings.
    """

    headings: tuple[str, ...]
    positions: bool
    cut: bool
    records: Callable[[Sequence[str]], Raw]
