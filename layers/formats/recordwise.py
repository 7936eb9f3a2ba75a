"""Record by record with fiona: what is left when one broken record spoils a bulk read.

GDAL hands on shapes that no geometry library accepts, such as a ring of two points. pyogrio then
gives up on the whole file; fiona hands over one record after the other, so that only the broken
ones go to quarantine.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import fiona
import numpy as np
import pandas as pd
import shapely
import shapely.geometry

from layers.flaw import Flaw, Objects


@dataclass(frozen=True, slots=True, eq=False)
class Shapes:
    """Shapes of a layer's records, None where `flaw` says that one cannot be built."""

    geometry: Objects
    flaw: Flaw


def shapes(path: Path, layer: str, ids: pd.Index, *, where: str | None) -> Shapes:
    """Read the geometry of each record on its own.

    Parameters
    ----------
    path, layer
        A file that fiona can open (not .osm.pbf), and its layer.
    ids
        Feature ids in the order of the result, shape (n,).
    where
        SQL condition on the file's own fields.

    Raises
    ------
    fiona.errors.FionaError
        If fiona cannot open the file.
    """
    found: dict[int, object] = {}
    reasons: dict[int, str] = {}
    with fiona.open(path, layer=layer) as collection:
        for record in collection.filter(where=where) if where else collection:
            number = int(record.id)
            try:
                found[number] = _shape(record.geometry)
            except (ValueError, TypeError, shapely.errors.GEOSException) as error:
                reasons[number] = str(error)
    broken = ids.isin(list(reasons))
    details = np.array([reasons.get(number, "") for number in ids], dtype=object)
    geometry = np.array([found.get(number) for number in ids], dtype=object)
    return Shapes(geometry, Flaw(code="geometry_unreadable", rows=broken, each={"detail": details}))


def _shape(geometry: fiona.Geometry | None) -> object:
    return None if geometry is None else shapely.geometry.shape(geometry)
