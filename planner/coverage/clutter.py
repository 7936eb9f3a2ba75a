"""What stands around the receiver: the loss of woods and towns over a phone, by land cover."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import rasterio.features

from geo.terrain import Terrain
from layers.county import County
from planner.coverage.clutter_kernels import screen_db
from planner.settings import Settings

Floats = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]
Indices = npt.NDArray[np.int32]
Classes = npt.NDArray[np.uint8]
Source = Literal["none", "zones", "terrain"]

COVERS = ("open", "forest", "built_up")
"""Land cover at a receiver; a class is a position in it. Open is what no zone says otherwise."""
KINDS = COVERS[1:]
"""Kinds of `layers.tables.ZONE_KINDS` that are land cover; where they overlap the last counts."""
OFFSETS = tuple(f"offset_{cover}_db" for cover in COVERS)
"""Columns of cells with what calibration adds to the loss at 1 km, by the receiver's land cover."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Cover:
    """Land cover around receivers, on the pixels of a terrain.

    Parameters
    ----------
    classes
        Position in `COVERS`, uint8, shape of the terrain.
    height_m
        Representative clutter height of each of `COVERS`; 0 where nothing is to be taken off, in
        the open and where the terrain's heights hold trees and roofs already.
    terrain
        Whose pixels they are, square and in metres.
    receiver_m, street_m
        Receiver above ground, and the width of the gap in which it stands.
    """

    classes: Classes
    height_m: tuple[float, ...]
    terrain: Terrain
    receiver_m: float
    street_m: float

    def at(self, xy: Floats) -> Classes:
        """Return the land cover at points, shape (n,)."""
        grid = self.terrain.transform
        rows, columns = self.classes.shape
        column = np.clip(((xy[:, 0] - grid.c) // grid.a).astype(np.intp), 0, columns - 1)
        row = np.clip(((grid.f - xy[:, 1]) // grid.a).astype(np.intp), 0, rows - 1)
        return np.asarray(self.classes[row, column])


def classes_at(cover: Cover | None, xy: Floats) -> Classes:
    """Return the land cover at points, shape (n,); all is open where none is known."""
    return np.zeros(len(xy), dtype=np.uint8) if cover is None else cover.at(xy)


def hidden_in(cover: Cover | None) -> Floats:
    """Return by how much each of `COVERS` hides a receiver, see `clutter_kernels.screen_db`."""
    if cover is None:
        return np.zeros(len(COVERS))
    return hidden(cover.height_m, receiver_m=cover.receiver_m, street_m=cover.street_m)


def hidden(clutter_m: npt.ArrayLike, *, receiver_m: float, street_m: float) -> Floats:
    """Return by how much clutter hides a receiver, see `clutter_kernels.screen_db`.

    Parameters
    ----------
    clutter_m
        Representative clutter height.
    receiver_m
        Receiver above ground; at or above the clutter nothing is lost.
    street_m
        Width of the street, or of the gap between trees.

    References
    ----------
    ITU-R P.2108-1, Annex 1, 3.1, equations 2d to 2f.

    Examples
    --------
    >>> found = hidden([15.0, 1.0], receiver_m=1.5, street_m=27.0)
    >>> screen_db(found, np.array(1.8)).round(1).tolist()
    [25.6, 0.0]
    """
    above = np.maximum(np.asarray(clutter_m, dtype=np.float64) - receiver_m, 0.0)
    return np.asarray(above * np.degrees(np.arctan(above / street_m)))


def source(county: County) -> Source:
    """Return where the prediction has its clutter from: land cover, the terrain itself, nowhere.

    Heights of a surface model hold trees and roofs already, so nothing is added to them.
    """
    if county.terrain is not None and county.terrain.kind == "surface":
        return "terrain"
    return "zones" if known(county) else "none"


def known(county: County) -> bool:
    """Return whether the county's zones say anything of land cover."""
    return bool(county["zones"]["kind"].isin(KINDS).any())


def lay(county: County, terrain: Terrain, settings: Settings) -> Cover | None:
    """Return the land cover on the pixels of a terrain, None where the zones are silent of it.

    Parameters
    ----------
    terrain
        As `planner.coverage.grid.ground` returns it.
    settings
        Representative heights ``coverage.clutter_<kind>_m`` and ``coverage.clutter_street_m``.
    """
    if not known(county):
        return None
    zones = county["zones"]
    shapes = [
        (shape, COVERS.index(kind))
        for kind in KINDS
        for shape in zones.geometry[zones["kind"] == kind]
    ]
    classes = rasterio.features.rasterize(
        shapes, out_shape=terrain.height_m.shape, transform=terrain.transform, dtype=np.uint8
    )
    heights = [settings.number(f"coverage.clutter_{kind}_m") for kind in KINDS]
    added = source(county) == "zones"
    return Cover(
        classes=classes, height_m=(0.0, *(height if added else 0.0 for height in heights)),
        terrain=terrain,
        receiver_m=settings.number("coverage.receiver_height_m"),
        street_m=settings.number("coverage.clutter_street_m"),
    )  # fmt: skip


def deducted(
    hides: Floats, cells: pd.DataFrame, dbm: Singles, server: Indices, floor_dbm: float
) -> Singles:
    """Return the signal at points less the loss of their surroundings, at least the floor.

    The best server is the one without clutter: the loss depends on the carrier so little (3 dB for
    twice the frequency) that only cells almost equally strong could change places.

    Parameters
    ----------
    hides
        By how much each receiver is hidden, see `hidden`, shape (n,).
    cells
        As `planner.coverage.cells.Usable.cells`.
    dbm, server
        Signal in the open, and position of its cell in `cells`, -1 for none, shape (n,)
        or (n, operators); NaN stays NaN.
    """
    if not hides.any():
        return dbm
    mhz = np.append(cells["frequency_mhz"].to_numpy(np.float64), 30.0)  # the last: none is heard
    around = hides[:, np.newaxis] if dbm.ndim > 1 else hides
    lessened = dbm - screen_db(around, mhz[server] / 1000.0)
    return np.asarray(np.maximum(lessened, floor_dbm), dtype=np.float32)
