"""Packed lines: read back by a reader of its own, whatever the numbers."""

from __future__ import annotations

import base64
import zlib

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString

from maps import packed
from maps.encode import SCALE


def numbers(block: bytes) -> list[int]:
    found, value, shift = [], 0, 0
    for byte in block:
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            found.append(value)
            value, shift = 0, 0
    return found


def read(text: str) -> tuple[list[np.ndarray], list[list[int]]]:
    """Return the lines in degrees, and the columns."""
    content = zlib.decompress(base64.b64decode(text), -zlib.MAX_WBITS)
    version, lines, vertices, columns = np.frombuffer(content, "<u4", 4).tolist()
    assert version == packed.VERSION
    sizes = np.frombuffer(content, "<u4", 3 + columns, 16).tolist()
    at, blocks = 16 + 4 * (3 + columns), []
    for size in sizes:
        blocks.append(numbers(content[at : at + size]))
        at += size
    assert at == len(content)
    counts, *steps = blocks[:3]
    assert (len(counts), len(steps[0]), len(steps[1])) == (lines, vertices, vertices)
    signed = [[(value >> 1) ^ -(value & 1) for value in block] for block in steps]
    xy = np.cumsum(np.reshape(np.transpose(signed), (-1, 2)), axis=0) / SCALE
    return np.split(xy, np.cumsum(counts)[:-1]) if lines else [], blocks[3:]


places = st.tuples(st.floats(-179.9, 179.9), st.floats(-84.0, 84.0))


@given(st.lists(st.lists(places, min_size=2, max_size=9), max_size=12))
def test_lines_come_back_with_their_columns(given_lines: list[list[tuple[float, float]]]) -> None:
    lines = [LineString(vertices) for vertices in given_lines]
    first = list(range(len(lines)))
    found, (number, other) = read(
        packed.pack(lines, {"number": first, "other": [300 * value for value in first]})
    )
    assert sorted(number) == first
    assert other == [300 * value for value in number]
    for position, xy in zip(number, found, strict=True):
        np.testing.assert_allclose(xy, given_lines[position], atol=0.51 / SCALE)


@given(st.lists(st.integers(-(2**31), 2**31 - 1)))
def test_zigzag_and_bytes_of_seven_bits_lose_nothing(values: list[int]) -> None:
    made = packed.zigzag(np.array(values, dtype=np.int64))
    assert (made >= 0).all()
    back = [(value >> 1) ^ -(value & 1) for value in numbers(packed.varints(made).tobytes())]
    assert back == values


def test_a_number_below_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="from 0 on"):
        packed.varints(np.array([3, -1]))


def test_neighbours_take_less_room_in_the_order_of_the_curve() -> None:
    draw = np.random.default_rng(1)
    corner = 107.5 + 0.05 * draw.random((2000, 2)) - [0.0, 78.0]
    lines = [LineString(at + 0.0004 * draw.random((4, 2))) for at in corner]
    size = len(packed.pack(lines, {}))
    plain = sum(len(str(line.wkt)) for line in lines)
    assert size < plain / 8
    assert size / (4 * len(lines)) < 7.5, "bytes of text a vertex"


def test_texts_are_told_by_their_place_commonest_first() -> None:
    texts, code = packed.coded(pd.Series(["DN200", None, "DN100", "DN200"]))
    assert texts[0] == "DN200"
    assert [texts[place] for place in code] == ["DN200", "", "DN100", "DN200"]
