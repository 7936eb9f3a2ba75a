from __future__ import annotations

import geopandas as gpd
import shapely

from layers.area import study_area

ROADS = gpd.GeoDataFrame(geometry=[shapely.LineString([(0, 0), (1000, 0)])], crs=4545)


def test_area_reaches_the_margin_beyond_the_roads() -> None:
    area = study_area({"roads": ROADS}, margin_m=100.0)
    assert area is not None
    assert area.bounds == (-100.0, -100.0, 1100.0, 100.0)


def test_boundaries_go_before_the_roads_and_are_joined() -> None:
    boxes = [shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1), shapely.box(5, 5, 6, 6)]
    zones = gpd.GeoDataFrame({"kind": ["boundary", "boundary", "green"]}, geometry=boxes, crs=4545)
    area = study_area({"roads": ROADS, "zones": zones}, margin_m=100.0)
    assert area is not None
    assert area.equals(shapely.box(0, 0, 2, 1))


def test_lines_bound_a_study_without_roads() -> None:
    pipes = gpd.GeoDataFrame(geometry=[shapely.LineString([(0, 0), (10, 0)])], crs=4545)
    works = gpd.GeoDataFrame(geometry=[shapely.LineString([(10, 0), (20, 0)])], crs=4545)
    area = study_area({"roads": ROADS.iloc[:0], "pipes": pipes, "works": works}, margin_m=5.0)
    assert area is not None
    assert area.bounds == (-5.0, -5.0, 25.0, 5.0)


def test_nothing_bounds_a_study_without_roads_and_boundary() -> None:
    zones = gpd.GeoDataFrame({"kind": ["green"]}, geometry=[shapely.box(0, 0, 1, 1)], crs=4545)
    assert study_area({"zones": zones, "roads": ROADS.iloc[:0]}, margin_m=100.0) is None
