from __future__ import annotations

import datetime as dt
import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS
from shapely import LineString, MultiLineString, Point, Polygon

from maps import encode


def _decoded(steps: list[int]) -> np.ndarray:
    return np.cumsum(np.reshape(steps, (-1, 2)), axis=0) / encode.SCALE


@given(
    st.lists(
        st.tuples(st.floats(100, 120), st.floats(20, 40)), min_size=2, max_size=20, unique=True
    )
)
def test_a_line_comes_back_within_half_a_millionth_of_a_degree(
    vertices: list[tuple[float, float]],
) -> None:
    [[steps]] = encode.lines([LineString(vertices)])
    back = _decoded(steps)
    apart = [min(np.abs(back - vertex).max(axis=1)) for vertex in vertices]
    assert max(apart) <= 0.5 / encode.SCALE + 1e-9


def test_parts_and_rings_are_lines_of_their_own() -> None:
    hole = Polygon([(0, 0), (4, 0), (4, 4), (0, 4)], [[(1, 1), (2, 1), (2, 2)]])
    two = MultiLineString([[(0, 0), (1, 0)], [(5, 5), (6, 5)]])
    assert [len(parts) for parts in encode.lines([hole, two, None, LineString()])] == [2, 2, 0, 0]


def test_a_polygon_stands_for_a_point_inside_it() -> None:
    bow = Polygon([(0, 0), (4, 0), (4, 4), (3, 4), (3, 1), (0, 1)])
    [[x, y]] = encode.points([bow])
    assert bow.contains(Point(x / encode.SCALE, y / encode.SCALE))


def test_geometries_arrive_in_longitude_and_latitude() -> None:
    crs = CRS.from_epsg(4545)
    [point] = encode.to_map(gpd.GeoSeries([Point(500_000, 3_246_000)], crs=crs), crs)
    assert point.x == pytest.approx(108.0, abs=1e-9)
    assert 29 < point.y < 30


def test_cells_become_plain_json_values() -> None:
    frame = pd.DataFrame(
        {
            "day": pd.to_datetime(["2026-03-01", None]),
            "metres": [1.25, np.nan],
            "count": [3.0, np.inf],
            "word": ["沟", None],
            "flag": [True, False],
        }
    )
    got = encode.columns(frame, frame.columns)
    assert got == {
        "day": ["2026-03-01", None],
        "metres": [1.25, None],
        "count": [3, None],
        "word": ["沟", None],
        "flag": [True, False],
    }


def test_dates_count_from_the_first_day_of_the_plan() -> None:
    days = pd.Series(pd.to_datetime(["2026-01-01", "2025-12-30", None]))
    assert encode.days_from(days, dt.date(2026, 1, 1)) == [0, -2, None]


def test_an_unknown_key_has_no_position() -> None:
    assert encode.positions(pd.Series(["b", None, "x"]), ["a", "b"]) == [1, -1, -1]


@pytest.mark.parametrize(
    "text", ["</script><script>alert(1)</script>", "<!--", "a\u2028b", "`${x}`", '"&amp;'],
)  # fmt: skip
def test_no_text_can_end_the_script_element(text: str) -> None:
    dumped = encode.dump({"name": text})
    assert not set(dumped) & set("<>&\u2028\u2029")
    assert json.loads(dumped) == {"name": text}


def test_repetitive_texts_travel_once() -> None:
    texts = ["左", "右", "左", None, "左", "左", "左", "右", "左"]
    got = encode.packed({"side": texts, "id": ["a", "b"], "n": [1, 1, 1, 1]})
    assert got == {
        "side": {"of": ["左", "右", None], "at": [0, 1, 0, 2, 0, 0, 0, 1, 0]},
        "id": ["a", "b"],
        "n": [1, 1, 1, 1],
    }


def test_a_number_that_is_not_finite_is_refused() -> None:
    with pytest.raises(ValueError, match="JSON"):
        encode.dump([float("nan")])
