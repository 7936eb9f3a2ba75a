"""Segments and placements on a crossroads drawn by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from types import MappingProxyType

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from pyproj import CRS
from shapely import LineString, Point

from layers.county import County
from layers.schemas import empty_frame
from layers.tables import BY_NAME, INPUTS, SEGMENTS
from planner import ground
from planner.settings import defaults

EPSG = CRS.from_epsg(4545)
EAST, NORTH = 471_000.0, 3_242_000.0
Points = Sequence[tuple[float, float]]


def line(points: Points) -> LineString:
    return LineString([(EAST + x, NORTH + y) for x, y in points])


def frame(table: str, rows: Sequence[Mapping[str, object]]) -> gpd.GeoDataFrame:
    """Return rows of a table, empty cells typed as the table has them."""
    empty = empty_frame(BY_NAME[table], EPSG)
    made = pd.DataFrame(list(rows)).reindex(columns=empty.columns)
    for name, kind in empty.dtypes.items():
        if kind.kind == "b":
            made[name] = made[name].eq(True)
        elif name != "geometry":
            made[name] = made[name].astype(kind)
    return gpd.GeoDataFrame(made, geometry="geometry", crs=EPSG)


def work(key: str, points: Points, **more: object) -> dict[str, object]:
    day = pd.Timestamp
    return {
        "work_id": key, "utility": "water", "owner": "水务公司", "diameter_mm": 200.0,
        "earliest": day("2026-02-01"), "latest": day("2026-11-30"), "duration_days": 10.0,
        "method": "open_cut", "geometry": line(points), **more,
    }  # fmt: skip


WORKS = [
    work("along", [(10, 4), (190, 4)]),
    work("across", [(50, -12), (50, 12)]),
    work("bored", [(10, -4), (190, -4)], method="trenchless"),
]


@pytest.fixture
def county() -> County:
    frames = {table.name: empty_frame(table, EPSG) for table in INPUTS}
    roads = [
        {"road_id": "EW", "road_class": "branch", "surface": "asphalt",
         "geometry": line([(0, 0), (400, 0)])},
        {"road_id": "NS", "road_class": "branch", "surface": "asphalt",
         "geometry": line([(200, -200), (200, 200)])},
    ]  # fmt: skip
    places = [
        {"place_id": "1", "kind": "settlement", "town": "西镇", "geometry": Point(EAST, NORTH)},
        {"place_id": "2", "kind": "settlement", "town": "东镇",
         "geometry": Point(EAST + 400, NORTH)},
        {"place_id": "3", "kind": "school", "town": None, "geometry": Point(EAST + 100, NORTH)},
    ]  # fmt: skip
    made = {
        "roads": frame("roads", roads),
        "places": frame("places", places),
        "works": frame("works", WORKS),
    }
    return County(name="试验", crs=EPSG, frames=MappingProxyType({**frames, **made}))


def test_roads_are_cut_at_the_crossing_and_know_their_town(county: County) -> None:
    onto = ground.segments_of(county, defaults())
    assert len(onto) == 4
    assert set(SEGMENTS.names) <= set(onto.columns)
    assert onto["length_m"].to_numpy() == pytest.approx(200.0)
    east = onto.geometry.interpolate(0.5, normalized=True).x - EAST
    # the school in the middle of the western road names no town: the settlement does
    assert set(onto.loc[east < 150, "town"]) == {"西镇"}
    assert set(onto.loc[east > 250, "town"]) == {"东镇"}


def test_without_places_or_roads_there_is_no_town(county: County) -> None:
    none = frame("places", [])
    bare = County(name="", crs=EPSG, frames={**county.frames, "places": none})
    assert ground.segments_of(bare, defaults())["town"].fillna("").eq("").all()
    wild = County(name="", crs=EPSG, frames={**county.frames, "roads": frame("roads", [])})
    assert ground.segments_of(wild, defaults()).empty


def test_a_line_along_a_segment_is_placed_and_one_across_opens_a_stretch(county: County) -> None:
    settings = defaults()
    onto = ground.segments_of(county, settings)
    placed = ground.place(county["works"], onto, settings)
    along = placed[placed["line"] == 0]
    assert (along["to_m"] - along["from_m"]).sum() == pytest.approx(180.0, abs=1.0)
    across = placed[placed["line"] == 1]
    assert len(across) == 1
    middle_m = (across["from_m"] + across["to_m"]).iloc[0] / 2.0
    assert min(middle_m, 200.0 - middle_m) == pytest.approx(50.0, abs=0.1)
    width_m = (across["to_m"] - across["from_m"]).iloc[0]
    assert width_m == pytest.approx(settings.number("ground.crossing_m"))
    order = placed[["line", "line_from_m", "segment"]].to_numpy().tolist()
    assert order == sorted(order)


def test_only_open_cuts_open_the_ground(county: County) -> None:
    settings = defaults()
    onto = ground.segments_of(county, settings)
    works = county["works"]
    opened = ground.opened_by(works, ground.place(works, onto, settings), onto)
    assert set(opened) <= set(onto["segment_id"])
    total_m = sum(to_m - from_m for stretches in opened.values() for from_m, to_m, _ in stretches)
    assert total_m == pytest.approx(180.0 + settings.number("ground.crossing_m"), abs=1.0)
    bored = works[works["method"] == "trenchless"].reset_index(drop=True)
    assert ground.opened_by(bored, ground.place(bored, onto, settings), onto) == {}


def test_no_work_opens_nothing(county: County) -> None:
    settings = defaults()
    onto = ground.segments_of(county, settings)
    none = frame("works", [])
    placed = ground.place(none, onto, settings)
    assert placed.empty
    assert ground.opened_by(none, placed, onto) == {}


def test_extensions_are_numbered_after_the_works(county: County) -> None:
    settings = defaults()
    onto = ground.segments_of(county, settings)
    extension = frame("works", [work("EX-1", [(210, 4), (390, 4)], subtype="service")])
    built = ground.trench_problem(
        county, onto, extension, settings, start=dt.date(2026, 1, 1), days=365
    )
    assert [w.id for w in built.problem.works] == ["along", "across", "bored", "EX-1"]
    last = built.problem.works[-1]
    assert last.origin == "extension"
    east = onto.geometry.interpolate(0.5, normalized=True).x.to_numpy() - EAST
    assert [int(np.round(east[task.segment])) for task in last.tasks] == [300]
