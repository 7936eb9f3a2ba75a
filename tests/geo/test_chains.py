"""Pieces are joined where exactly two of one kind meet."""

from __future__ import annotations

import numpy as np
import shapely

from geo.chains import join
from geo.lines import Lines


def _lines(*wkt: str) -> Lines:
    return np.array([shapely.from_wkt(text) for text in wkt], dtype=object)


ROW = _lines("LINESTRING (0 0, 1 0)", "LINESTRING (2 0, 1 0)", "LINESTRING (2 0, 3 0)")


def test_pieces_of_one_kind_become_one_line() -> None:
    chains = join(ROW, np.zeros(3, np.int64))
    assert shapely.length(chains.lines).tolist() == [3]
    assert chains.chain.tolist() == [0, 0, 0]


def test_pieces_of_two_kinds_stay_apart() -> None:
    chains = join(ROW, np.array([0, 0, 1]))
    assert sorted(shapely.length(chains.lines).tolist()) == [1, 2]
    assert chains.chain[0] == chains.chain[1] != chains.chain[2]


def test_nothing_is_joined_where_three_meet() -> None:
    star = _lines("LINESTRING (0 0, 1 0)", "LINESTRING (1 0, 2 0)", "LINESTRING (1 0, 1 1)")
    assert len(join(star, np.zeros(3, np.int64)).lines) == 3


def test_a_ring_on_a_stalk_begins_where_the_stalk_meets_it() -> None:
    pieces = _lines(
        "LINESTRING (5 0, 6 0)", "LINESTRING (6 0, 7 1, 7 2)", "LINESTRING (7 2, 5 2, 6 0)"
    )
    chains = join(pieces, np.zeros(3, np.int64))
    ring = chains.lines[chains.chain[1]]
    assert ring.is_closed
    assert ring.coords[0] == (6, 0)


def test_a_ring_alone_begins_at_its_least_vertex() -> None:
    ring = join(
        _lines("LINESTRING (6 0, 7 1)", "LINESTRING (7 1, 5 2, 6 0)"), np.zeros(2, np.int64)
    )
    assert ring.lines[0].coords[0] == (5, 2)


def test_nothing_joins_to_nothing() -> None:
    assert len(join(np.empty(0, dtype=object), np.empty(0, np.int64)).lines) == 0
