"""What was measured, brought to pixels: which cell served, and the median there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geo.terrain import Terrain
from layers.county import County
from planner.coverage.cells import Usable
from planner.coverage.signal import predict
from planner.settings import Settings

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

_CGI = re.compile(r"^(?:460\D?\d{2}\D)?(\d+)\D(\d+)$")
_CELLS_A_SITE = 256

_UNSTATED, _UNUSABLE, _UNKNOWN = -1, -2, -3
_REASONS = {_UNSTATED: "no_signal", _UNUSABLE: "cell_unusable", _UNKNOWN: "cell_unknown"}


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Measured:
    """Medians of the samples of one cell in one pixel.

    Parameters
    ----------
    points
        One row an operator, serving cell and pixel: operator, cell (position in
        `Usable.cells`), x_m and y_m (the pixel's centre), rsrp_dbm (median), samples; sorted by
        these keys, index 0..n-1.
    samples
        Rows of the table of measurements.
    left_out
        Reason (``cell_unknown``: not in the table of cells; ``cell_unusable``: indoors, off air
        or another operator's; ``no_signal``: no cell stated and none predicted) to samples.
    guessed
        Samples that name no cell and were given to the predicted best server.
    """

    points: pd.DataFrame
    samples: int
    left_out: Mapping[str, int]
    guessed: int


def thinned(county: County, cells: Usable, terrain: Terrain, settings: Settings) -> Measured:
    """Return the county's measurements as medians by cell and pixel.

    Parameters
    ----------
    cells
        Uncorrected cells, see `planner.coverage.cells.usable`.
    terrain
        As `planner.coverage.grid.ground` returns it.
    settings
        ``coverage.resolution_m`` is the side of a pixel.
    """
    table = county["measurements"]
    xy = shapely.get_coordinates(table.geometry.to_numpy()).reshape(-1, 2)
    serving = _serving(county, cells, xy)
    unstated = serving == _UNSTATED
    serving[unstated] = _predicted(table[unstated], cells, terrain, xy[unstated], settings)
    left_out = {name: int((serving == code).sum()) for code, name in _REASONS.items()}
    kept = serving >= 0
    pixel_m = settings.number("coverage.resolution_m")
    centre = (np.floor(xy / pixel_m) + 0.5) * pixel_m
    frame = pd.DataFrame(
        {
            "operator": table["operator"].to_numpy(), "cell": serving,
            "x_m": centre[:, 0], "y_m": centre[:, 1],
            "rsrp_dbm": table["rsrp_dbm"].to_numpy(np.float64),
        }
    )[kept]  # fmt: skip
    groups = frame.groupby(["operator", "cell", "x_m", "y_m"], sort=True)["rsrp_dbm"]
    points = groups.agg(rsrp_dbm="median", samples="size").reset_index()
    return Measured(
        points=points,
        samples=len(table),
        left_out=MappingProxyType({name: count for name, count in left_out.items() if count}),
        guessed=int((unstated & kept).sum()),
    )


def identity(text: object) -> str:
    """Return one spelling for the ways in which tables name a cell.

    References
    ----------
    3GPP TS 23.003, 19.6: ECGI is PLMN and ECI; ECI = eNodeB x 256 + cell.

    Examples
    --------
    >>> identity("460-00-500001-2") == identity("500001-2") == identity("128000258")
    True
    """
    plain = str(text).strip().casefold()
    found = _CGI.match(plain)
    if found and int(found[2]) < _CELLS_A_SITE:
        return str(int(found[1]) * _CELLS_A_SITE + int(found[2]))
    return plain


def _serving(county: County, cells: Usable, xy: Floats) -> Integers:
    """Return the position of each sample's serving cell, or a negative code."""
    table = county["measurements"]
    named = county["cells"]["cell_id"].map(identity)
    row_of = pd.Series(np.arange(len(named)), index=named)
    row_of = row_of[~row_of.index.duplicated(keep=False)]
    position = np.full(len(named) + 1, _UNUSABLE, dtype=np.int64)
    position[cells.cells["row"].to_numpy()] = np.arange(len(cells.cells))
    stated = table["cell_id"].notna().to_numpy()
    row = table["cell_id"].map(identity, na_action="ignore").map(row_of)
    known = row.notna().to_numpy()
    found = np.where(known, position[row.fillna(-1).to_numpy(np.int64)], _UNKNOWN)
    found = np.where(stated, found, _UNSTATED)
    own = cells.cells["operator"].to_numpy(dtype=object)
    foreign = (found >= 0) & (own[np.maximum(found, 0)] != table["operator"].to_numpy())
    found = np.where(foreign, _UNUSABLE, found)
    by_pci = ~stated & table["pci"].notna().to_numpy()
    found[by_pci] = _by_pci(county, cells, table[by_pci], xy[by_pci])
    return np.asarray(found, dtype=np.int64)


def _by_pci(county: County, cells: Usable, table: pd.DataFrame, xy: Floats) -> Integers:
    """Return the nearest cell of the sample's operator that has its PCI and EARFCN."""
    own = cells.cells
    stated = county["cells"].iloc[own["row"].to_numpy()]
    pci, earfcn = (stated[name].to_numpy(np.float64) for name in ("pci", "earfcn"))
    mast = own[["x_m", "y_m"]].to_numpy(np.float64)
    found = np.full(len(table), _UNSTATED, dtype=np.int64)
    keys = table[["operator", "pci", "earfcn"]].reset_index(drop=True)
    for _, group in keys.groupby(list(keys), dropna=False):
        wanted = group.iloc[0]
        channel = float(wanted["earfcn"])
        fits = (own["operator"] == wanted["operator"]).to_numpy() & (pci == wanted["pci"])
        fits &= np.isnan(channel) | np.isnan(earfcn) | (earfcn == channel)
        if fits.any():
            rows, chosen = group.index.to_numpy(), np.flatnonzero(fits)
            apart_m = np.linalg.norm(xy[rows, np.newaxis] - mast[chosen], axis=2)
            found[rows] = chosen[apart_m.argmin(axis=1)]
    return found


def _predicted(
    table: pd.DataFrame, cells: Usable, terrain: Terrain, xy: Floats, settings: Settings
) -> Integers:
    """Return the predicted best server of each sample's operator."""
    if not len(table):
        return np.zeros(0, dtype=np.int64)
    best = predict(cells.cells, cells.groups, terrain, xy, settings).server
    operators = {name: number for number, name in enumerate(cells.operators)}
    number = table["operator"].map(operators)
    known = number.notna().to_numpy()
    found = np.full(len(table), _UNKNOWN, dtype=np.int64)
    found[known] = best[np.flatnonzero(known), number[known].to_numpy(np.int64)]
    return found
