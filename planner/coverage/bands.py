"""Carrier frequency of a cell from what its row states: frequency, channel number or band."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from io import StringIO

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

_NR_700_MHZ = (758.0, 788.0)
_NR = re.compile(r"(?<![a-z])n\d+|nr|5g|(?<!\d)700|(?:b|band)[ _-]?28(?!\d)", re.IGNORECASE)
_BAND = re.compile(r"(?:b|band)[ _-]?(\d+)", re.IGNORECASE)
_NUMBER = re.compile(r"\d{3,4}|^\s*\d{1,2}\s*$")
_LETTER = re.compile(r"(?<![A-Z])[ADEF](?=\d?(?![A-Z0-9]))")


def downlink_mhz(cells: pd.DataFrame) -> Floats:
    """Return the downlink carrier of each cell in MHz.

    Parameters
    ----------
    cells
        Frame with ``frequency_mhz``, ``earfcn`` and ``band`` (see `layers.tables.CELLS`); the
        first of the three that states a frequency counts.

    Returns
    -------
    numpy.ndarray
        Shape (n,), in row order; NaN where none of the three says anything that is understood.

    References
    ----------
    3GPP TS 36.101, 5.7.3: F = F_low + 0.1 (N - N_offs) MHz.

    Examples
    --------
    >>> frame = pd.DataFrame({"frequency_mhz": [None] * 3, "earfcn": [1300, None, None],
    ...                       "band": ["", "FDD900", "F1"]})
    >>> downlink_mhz(frame).tolist()
    [1815.0, 942.5, 1900.0]
    """
    stated = pd.to_numeric(cells["frequency_mhz"]).to_numpy(np.float64)
    channel = _from_channel(pd.to_numeric(cells["earfcn"]).to_numpy(np.float64, na_value=np.nan))
    named = np.array([_from_name(text) for text in cells["band"].fillna("").astype(str)])
    return np.where(np.isfinite(stated), stated, np.where(np.isfinite(channel), channel, named))


def name_of(mhz: float) -> str:
    """Return the LTE band in whose downlink a carrier lies, or the carrier itself.

    Examples
    --------
    >>> name_of(1815.0), name_of(3500.0)
    ('B3', '3500 MHz')
    """
    table = _table()
    inside = (table["dl_low_mhz"] <= mhz) & (mhz <= table["dl_high_mhz"])
    return f"B{table['band'][inside].iloc[0]}" if inside.any() else f"{mhz:g} MHz"


def is_nr(cells: pd.DataFrame) -> Flags:
    """Return which cells are 5G NR: named so by their band, or at n28's 700 MHz.

    References
    ----------
    700 MHz (758 to 788 MHz) carries 5G NR in China, not LTE: standards/lte_bands_cn, B28/n28.
    """
    named = cells["band"].fillna("").astype(str).str.contains(_NR).to_numpy(bool)
    stated = pd.to_numeric(cells["frequency_mhz"]).to_numpy(np.float64)
    low, high = _NR_700_MHZ
    flags: Flags = named | ((stated >= low) & (stated <= high))
    return flags


@cache
def _table() -> pd.DataFrame:
    text = resources.files("planner.coverage").joinpath("bands.csv").read_text(encoding="utf-8")
    return pd.read_csv(StringIO(text), dtype={"band": str, "names": str})


@cache
def _centres() -> dict[str, float]:
    """Return every spelling of a band with the centre of its downlink in MHz."""
    table = _table()
    centre = (table["dl_low_mhz"] + table["dl_high_mhz"]) / 2.0
    rows = zip(table["band"], table["names"].str.split(), centre, strict=True)
    return {name: float(mhz) for band, names, mhz in rows for name in (band, *names)}


def _from_channel(earfcn: Floats) -> Floats:
    table = _table()
    low, high = table["earfcn_low"].to_numpy(), table["earfcn_high"].to_numpy()
    row = np.searchsorted(low, np.nan_to_num(earfcn, nan=-1.0), side="right") - 1
    inside = (row >= 0) & (earfcn <= high[np.maximum(row, 0)])
    row = np.where(inside, row, 0)
    mhz = table["dl_low_mhz"].to_numpy()[row] + 0.1 * (earfcn - low[row])
    return np.where(inside, mhz, np.nan)


def _from_name(text: str) -> float:
    for pattern in (_BAND, _NUMBER, _LETTER):
        if found := pattern.search(text.upper()):
            return _centres().get(found[found.lastindex or 0].strip(), np.nan)
    return float("nan")
