"""Thousands of lines in little space: columns of differences, deflated, as one text.

What the page unpacks (``packed.js``), little-endian: 4 whole numbers of 32 bits (version, lines,
vertices, columns), the byte length of each block in as many more, then the blocks: vertices of each
line, longitudes and latitudes as differences along all vertices in the order of the lines, and each
column. A block holds whole numbers in bytes of 7 bits, lowest first, the eighth set where more
follow; differences go in zigzag (0, -1, 1, -2, ...). Lines are sorted along a Hilbert curve, so
that neighbours differ little.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Mapping, Sequence

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from maps.encode import SCALE, WGS84

Integers = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]

VERSION = 1


def pack(lines: Sequence[shapely.LineString], columns: Mapping[str, Sequence[int]]) -> str:
    """Return lines with their columns as base64 of raw deflate, see the module.

    Parameters
    ----------
    lines
        In degrees (longitude, latitude), kept to 1e-6 degree; none is empty.
    columns
        Whole numbers from 0 on, one for each line; they are read back in this order.
    """
    shapes = gpd.GeoSeries(list(lines), crs=WGS84)
    order = np.argsort(_along_hilbert(shapes), kind="stable")
    sorted_lines = np.asarray(shapes.to_numpy(), dtype=object)[order]
    degrees, line = shapely.get_coordinates(sorted_lines, return_index=True)
    whole = np.rint(degrees * SCALE).astype(np.int64)
    counts = np.bincount(line, minlength=len(sorted_lines))
    steps = np.diff(whole, axis=0, prepend=np.zeros((1, 2), np.int64))
    blocks = [
        varints(counts),
        varints(zigzag(steps[:, 0])),
        varints(zigzag(steps[:, 1])),
        *(varints(np.asarray(column, dtype=np.int64)[order]) for column in columns.values()),
    ]
    head = [VERSION, len(sorted_lines), len(whole), len(columns), *(len(b) for b in blocks)]
    content = np.array(head, dtype="<u4").tobytes() + b"".join(b.tobytes() for b in blocks)
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return base64.b64encode(packer.compress(content) + packer.flush()).decode()


def _along_hilbert(shapes: gpd.GeoSeries) -> Integers:
    if shapes.empty:
        return np.zeros(0, dtype=np.int64)
    return np.asarray(shapes.hilbert_distance(), dtype=np.int64)


def zigzag(values: Integers) -> Integers:
    """Return whole numbers as such from 0 on: those below 0 become odd.

    Examples
    --------
    >>> zigzag(np.array([0, -1, 1, -2])).tolist()
    [0, 1, 2, 3]
    """
    return np.asarray((values << 1) ^ (values >> 63))


def varints(values: Integers) -> Bytes:
    """Return whole numbers from 0 on in bytes of 7 bits, lowest first.

    Examples
    --------
    >>> varints(np.array([1, 300])).tolist()
    [1, 172, 2]
    """
    if not len(values):
        return np.zeros(0, dtype=np.uint8)
    if int(values.min()) < 0:
        msg = "a packed column holds whole numbers from 0 on"
        raise ValueError(msg)
    longest = max(1, -(-int(values.max()).bit_length() // 7))
    sevens = (values[:, np.newaxis] >> (7 * np.arange(longest))) & 127
    needed = values[:, np.newaxis] >> (7 * np.arange(longest)) > 0
    needed[:, 0] = True
    more = np.zeros_like(needed)
    more[:, :-1] = needed[:, 1:]
    return np.asarray((sevens | (more << 7))[needed], dtype=np.uint8)


def coded(values: pd.Series[str]) -> tuple[list[str], list[int]]:
    """Return the texts of a column, commonest first, and each cell's place; none is "".

    Examples
    --------
    >>> coded(pd.Series(["PE", None, "PE"]))
    (['PE', ''], [0, 1, 0])
    """
    filled = values.astype(object).where(values.notna(), "").astype(str)
    texts = filled.value_counts(sort=True).index.tolist()
    place = {text: position for position, text in enumerate(texts)}
    return texts, [place[text] for text in filled]
