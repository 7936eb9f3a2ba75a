from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest
from pyproj import CRS
from shapely import LineString, Point

from layers.county import County
from layers.tables import PIPES
from planner.extension.gravity.ground import ground, stations
from planner.extension.gravity.levels import mains
from planner.extension.gravity.limits import limits
from planner.section.line import Line
from planner.settings import Settings, defaults

SEWER = Line(utility="drain", subtype="sewage", diameter_mm=300.0)
DN300 = limits(SEWER, defaults())
NORTH = Callable[..., County]


def test_manholes_stand_at_ends_and_turns_and_not_too_far_apart(settings: Settings) -> None:
    route = LineString([(0, 0), (200, 0), (200, 40)])
    found = stations(route, DN300, settings)
    along_m = found.along_m[found.manholes]
    assert along_m == pytest.approx([0, 40, 40 + 200 / 3, 40 + 400 / 3, 240])
    assert found.xy[0] == pytest.approx([200, 40])
    assert found.xy[-1] == pytest.approx([0, 0])
    assert np.diff(found.along_m).max() <= settings.number("extension.drain_step_m")
    assert np.diff(found.along_m).min() > 0


def test_a_bend_too_slight_for_a_manhole_gets_none(settings: Settings) -> None:
    route = LineString([(0, 0), (30, 0), (60, 3)])
    assert stations(route, DN300, settings).manholes.tolist() == [0, 7]


def test_a_route_of_no_length_is_one_manhole(settings: Settings) -> None:
    found = stations(LineString([(5, 5), (5, 5)]), DN300, settings)
    assert found.along_m.tolist() == [0.0]
    assert found.manholes.tolist() == [0]


def test_ground_that_is_partly_unknown_is_none(
    build: SimpleNamespace, on_terrain: NORTH, settings: Settings
) -> None:
    county = on_terrain(build.county([], [], []), lambda x, y: 100.0 + 0.0 * x + 0.0 * y)
    crs = CRS.from_epsg(4545)
    assert county.terrain is not None
    inside = stations(LineString([(0, 0), (100, 0)]), DN300, settings)
    beyond = stations(LineString([(0, 0), (2000, 0)]), DN300, settings)
    found = ground(inside, county.terrain, crs)
    assert found is not None
    assert found.ground_m == pytest.approx(np.full(len(inside.along_m), 100.0))
    assert ground(beyond, county.terrain, crs) is None


def _with_pipe(build: SimpleNamespace, county: County, **pipe: object) -> County:
    row = {"pipe_id": "X", "utility": "drain", "geometry": LineString([(-50, 2), (50, 2)]), **pipe}
    county.frames["pipes"] = build.frame(PIPES, [row])
    return county


@pytest.mark.parametrize(
    ("tie_in", "pipe", "source", "level_m"),
    [
        ({"invert_m": 96.4}, {"depth_m": 2.0}, "given", 96.4),
        ({}, {"depth_m": 2.0, "diameter_mm": 500.0}, "pipe", 97.5),
        ({}, {"depth_m": 2.0}, "pipe", 97.6),
        ({"diameter_mm": 500.0}, {}, "cover", 100.0 - 1.5 - 0.55),
        ({}, {"utility": "water", "depth_m": 2.0}, "cover", 100.0 - 1.5 - 0.33),
    ],
)
def test_the_invert_of_a_tie_in_is_given_or_from_the_drain_beside_it_or_by_cover(
    build: SimpleNamespace,
    settings: Settings,
    tie_in: dict[str, float],
    pipe: dict[str, object],
    source: str,
    level_m: float,
) -> None:
    county = build.county([], [build.tie_in("D", "drain", 0, 0, **tie_in)], [])
    known = mains(_with_pipe(build, county, **pipe), settings)
    found = known.level("D", Point(0, 0), 100.0, SEWER)
    assert found.source == source
    assert found.invert_m == pytest.approx(level_m)


def test_a_main_joined_along_its_line_has_the_level_of_the_line_there(
    build: SimpleNamespace, settings: Settings
) -> None:
    county = build.county([], [build.tie_in("D", "drain", 0, 0, invert_m=96.4)], [])
    known = mains(_with_pipe(build, county, depth_m=2.0, diameter_mm=500.0), settings)
    assert known.level("D", Point(40, 2), 99.0, SEWER).invert_m == pytest.approx(96.5)
    assert known.level("D", Point(40, 2), 99.0, SEWER).source == "pipe"
