"""Roads are cut where they meet."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.lines import Lines
from geo.noding import Crossings, node


def _lines(*wkt: str) -> Lines:
    return np.array([shapely.from_wkt(text) for text in wkt], dtype=object)


def _lengths(lines: Lines) -> list[float]:
    return sorted(np.round(shapely.length(lines), 6).tolist())


def test_roads_are_cut_at_shared_vertices() -> None:
    pieces = node(_lines("LINESTRING (0 0, 5 0, 10 0)", "LINESTRING (5 0, 5 8)"), snap_m=0.5)
    assert _lengths(pieces.lines) == [5, 5, 8]
    assert sorted(pieces.source.tolist()) == [0, 0, 1]


def test_an_end_near_another_road_is_a_junction() -> None:
    pieces = node(_lines("LINESTRING (0 0, 10 0)", "LINESTRING (4 0.3, 4 8)"), snap_m=0.5)
    assert len(pieces.lines) == 3
    ends = shapely.get_coordinates(shapely.get_point(pieces.lines, 0)).tolist()
    ends += shapely.get_coordinates(shapely.get_point(pieces.lines, -1)).tolist()
    assert ends.count([4.0, 0.3]) == 3


def test_an_end_beyond_reach_is_not_a_junction() -> None:
    pieces = node(_lines("LINESTRING (0 0, 10 0)", "LINESTRING (4 0.6, 4 8)"), snap_m=0.5)
    assert _lengths(pieces.lines) == [7.4, 10]


def test_ends_within_reach_become_one_place() -> None:
    pieces = node(_lines("LINESTRING (0 0, 10 0)", "LINESTRING (10.3 0, 20 0)"), snap_m=0.5)
    assert _lengths(pieces.lines) == [10, 10]


def test_a_road_that_touches_itself_is_cut_there() -> None:
    pieces = node(_lines("LINESTRING (0 0, 10 0, 10 10, 5 10, 10 0)"), snap_m=0.5)
    assert len(pieces.lines) == 2


CROSS = ("LINESTRING (0 5, 10 5)", "LINESTRING (5 0, 5 10)")
NODED = tuple(
    wkt
    for x in range(100, 140, 10)
    for wkt in (f"LINESTRING ({x} 0, {x} 5, {x} 10)", f"LINESTRING ({x} 5, {x + 10} 5)")
)


@pytest.mark.parametrize(
    ("roads", "crossings", "count"),
    [
        (CROSS, "node", 4),
        (CROSS, "pass", 2),
        (CROSS, "auto", 4),  # a drawing whose only meeting has no vertex: it was never noded
        ((*CROSS, *NODED), "auto", 2 + 12),  # elsewhere meetings have vertices: a bridge
        ((*CROSS, *NODED), "node", 4 + 12),
    ],
)
def test_a_crossing_without_vertex_is_a_junction_or_a_bridge(
    roads: tuple[str, ...], crossings: Crossings, count: int
) -> None:
    assert len(node(_lines(*roads), snap_m=0.5, crossings=crossings).lines) == count


@pytest.mark.parametrize(("grade", "count"), [([0, 1], 2), ([1, 1], 4), ([0, 0], 4)])
def test_grades_tell_bridges_from_junctions(grade: list[int], count: int) -> None:
    pieces = node(_lines(*CROSS), snap_m=0.5, crossings="pass", grade=np.array(grade))
    assert len(pieces.lines) == count


def test_a_road_that_goes_back_the_way_it_came_is_cut_where_it_turns() -> None:
    pieces = node(_lines("LINESTRING (0 3, 0 0, 0 6)"), snap_m=0.1)
    assert _lengths(pieces.lines) == [3, 3, 3]


def test_crossings_within_reach_become_one_junction() -> None:
    wedge = "LINESTRING (-1000 1, 0 0, -1000 -1)"
    roads = _lines(wedge, "LINESTRING (-200 -9, -200 9)")
    assert min(_lengths(node(roads, snap_m=0.3).lines)) == pytest.approx(0.4)
    assert min(_lengths(node(roads, snap_m=0.5).lines)) > 8


def test_lines_without_length_vanish_and_heights_are_dropped() -> None:
    pieces = node(_lines("LINESTRING (1 1, 1 1)", "LINESTRING Z (0 0 3, 9 0 5)"), snap_m=0.1)
    assert shapely.to_wkt(pieces.lines).tolist() == ["LINESTRING (0 0, 9 0)"]
    assert pieces.source.tolist() == [1]


def test_no_roads_give_no_pieces() -> None:
    assert len(node(np.empty(0, dtype=object), snap_m=0.5).lines) == 0
    assert len(node(_lines("LINESTRING (1 1, 1 1)"), snap_m=0.5).lines) == 0


@st.composite
def drawings(draw: st.DrawFn) -> Lines:
    grid = st.tuples(st.integers(0, 12), st.integers(0, 12))
    road = st.lists(grid, min_size=2, max_size=5, unique=True).map(shapely.LineString)
    road = road.filter(lambda line: line.is_simple)
    return np.array(draw(st.lists(road, min_size=1, max_size=6)), dtype=object)


@given(roads=drawings())
@settings(max_examples=100, deadline=None)
def test_noding_keeps_the_total_length(roads: Lines) -> None:
    pieces = node(roads, snap_m=0.01, crossings="node")
    # every crossing is rounded to the millimetre, which moves what passes it by less than one
    assert shapely.length(pieces.lines).sum() == pytest.approx(
        shapely.length(roads).sum(), abs=0.05
    )


@given(roads=drawings())
@settings(max_examples=100, deadline=None)
def test_noded_lines_cross_nowhere(roads: Lines) -> None:
    pieces = node(roads, snap_m=0.01, crossings="node")
    inner = shapely.get_coordinates(
        shapely.intersection(pieces.lines[:, None], pieces.lines[None]).ravel()
    )
    assert len(inner)  # every piece meets at least itself
    crosses = shapely.crosses(pieces.lines[:, None], pieces.lines[None])
    met = shapely.intersection(pieces.lines[:, None], pieces.lines[None])[crosses]
    ends = shapely.multipoints(
        np.concatenate([shapely.get_point(pieces.lines, 0), shapely.get_point(pieces.lines, -1)])
    )
    # what the rounding of crossings leaves lies within two millimetres of a junction
    assert (shapely.distance(met, ends) < 0.01).all()


@given(roads=drawings(), data=st.data())
@settings(max_examples=80, deadline=None)
def test_pieces_do_not_depend_on_order_or_direction(roads: Lines, data: st.DataObject) -> None:
    shuffled = np.array(data.draw(st.permutations(list(roads))), dtype=object)
    flip = np.array(data.draw(st.lists(st.booleans(), min_size=len(roads), max_size=len(roads))))
    shuffled[flip] = shapely.reverse(shuffled[flip])

    def places(lines: Lines) -> list[str]:
        return sorted(
            shapely.to_wkt(shapely.normalize(node(lines, snap_m=0.5).lines), rounding_precision=2)
        )

    assert places(roads) == places(shuffled)
