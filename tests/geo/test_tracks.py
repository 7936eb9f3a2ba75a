"""Lines beside segments: their offset as it changes along the way."""

from __future__ import annotations

from math import cos, pi, sin

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st
from shapely import LineString
from shapely.geometry.base import BaseGeometry

from geo import overlap
from geo.tracks import COLUMNS, tracks

ROAD = LineString([(0, 0), (200, 0)])
STEP_M = 0.05


def of(road: LineString, *lines: BaseGeometry) -> pd.DataFrame:
    segments = gpd.GeoDataFrame(geometry=[road], crs="EPSG:4545")
    shapes = np.array(lines, dtype=object)
    runs = overlap.place(shapes, segments, max_offset_m=25.0, max_angle_deg=30.0, min_overlap_m=5.0)
    return tracks(runs, shapes, segments, step_m=STEP_M)


def numbers(found: pd.DataFrame) -> list[list[float]]:
    return found[["from_m", "to_m", "first_m", "last_m"]].round(2).to_numpy().tolist()


def test_a_parallel_line_is_one_piece_with_its_offset_positive_to_the_left() -> None:
    found = of(ROAD, LineString([(20, 3), (150, 3)]), LineString([(180, -4), (90, -4)]))
    assert tuple(found.columns) == COLUMNS
    assert numbers(found) == [[20, 150, 3, 3], [90, 180, -4, -4]]
    assert found["reversed"].tolist() == [False, True]


def test_a_line_with_a_kink_is_cut_there_and_nowhere_else() -> None:
    found = of(ROAD, LineString([(0, 8), (70, 2), (200, 8)]))
    assert numbers(found) == [
        [0, 70, pytest.approx(8, abs=0.02), 2],
        [70, 200, 2, pytest.approx(8, abs=0.02)],
    ]


def test_a_short_jog_between_two_stations_is_not_missed() -> None:
    found = of(ROAD, LineString([(0, 3), (61, 3), (62, 3.5), (65, 3.5), (66, 3), (200, 3)]))
    assert found[["first_m", "last_m"]].max().max() == pytest.approx(3.5)


@pytest.mark.parametrize("offset_m", [-12.0, 12.0])
def test_around_a_bend_a_parallel_line_stays_parallel(offset_m: float) -> None:
    bend = LineString([(0, 0), (100, 0), (100 + 100 * cos(pi / 4), 100 * sin(pi / 4))])
    found = of(bend, shapely.offset_curve(bend, offset_m, join_style="mitre"))
    assert found[["first_m", "last_m"]].to_numpy() == pytest.approx(offset_m, abs=0.01)


def test_a_run_of_which_every_station_lies_at_a_bend_keeps_its_mean_offset() -> None:
    corner = LineString([(0, 0), (30, 0), (30 + 30 * cos(0.5), 30 * sin(0.5))])
    runs = pd.DataFrame(
        {
            "line": [0], "segment": [0], "from_m": [29.0], "to_m": [31.0], "side": ["right"],
            "offset_m": [10.0], "reversed": [False], "line_from_m": [0.0], "line_to_m": [0.4],
        }
    )  # fmt: skip
    outside = LineString([(30 + 10 * sin(0.25), -10 * cos(0.25)), (33, -9.6)])
    segments = gpd.GeoDataFrame(geometry=[corner], crs="EPSG:4545")
    found = tracks(runs, np.array([outside], dtype=object), segments, step_m=STEP_M)
    assert numbers(found) == [[29, 31, -10, -10]]


def test_no_run_has_no_track() -> None:
    assert of(ROAD, LineString([(50, -12), (50, 12)])).empty


@given(
    st.lists(st.tuples(st.floats(5, 60), st.floats(-0.1, 0.1)), min_size=2, max_size=6),
    st.floats(2, 15),
    st.integers(0, 100),
)
@effort(max_examples=30, deadline=None)
def test_the_pieces_of_a_run_join_up_and_lie_on_the_line(
    legs: list[tuple[float, float]], offset_m: float, percent: int
) -> None:
    xy = [(0.0, offset_m)]
    for along_m, slope in legs:
        xy.append((xy[-1][0] + along_m, min(max(xy[-1][1] + along_m * slope, 1.0), 20.0)))
    found = of(LineString([(-10, 0), (400, 0)]), LineString(xy))
    for (_, before), (_, after) in zip(found.iloc[:-1].iterrows(), found.iloc[1:].iterrows(),
                                       strict=True):  # fmt: skip
        assert before["to_m"] == after["from_m"]
        assert before["last_m"] == after["first_m"]
    share = percent / 100
    at_m = found["from_m"] + share * (found["to_m"] - found["from_m"])
    held = found["first_m"] + share * (found["last_m"] - found["first_m"])
    true_m = np.interp(at_m - 10, *np.transpose(xy))
    assert held.to_numpy() == pytest.approx(true_m, abs=STEP_M + 0.02)
