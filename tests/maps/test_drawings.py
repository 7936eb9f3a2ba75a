"""Drawings of openings show what lies in the road already, and say what is not known."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from types import ModuleType, SimpleNamespace

import geopandas as gpd
import pytest

from maps.drawings import Drawings, drawings
from planner.section.line import Line
from planner.section.street import Buried, Street
from planner.study import StudyResult

OLD = Line("tv", diameter_mm=99.0, depth_m=0.7)
BOTH_SIDES = tuple(Buried(OLD, 0.0, 999.0, (x, x)) for x in (-4.0, 4.0))


@pytest.fixture(scope="module")
def made(factory: ModuleType) -> StudyResult:
    return factory.result(blocks=3)


def drawn(
    made: StudyResult, street: Callable[[int], Street], pipes: gpd.GeoDataFrame | None = None
) -> Drawings:
    """Return the drawings of a result whose roads hold something."""
    problem, frames = made.trench.problem, dict(made.county.frames)
    if pipes is not None:
        frames["pipes"] = pipes
    roads = tuple(replace(one, street=street(n)) for n, one in enumerate(problem.segments))
    trench = SimpleNamespace(problem=replace(problem, segments=roads), plan=made.trench.plan)
    return drawings(replace(made, trench=trench, county=replace(made.county, frames=frames)), "zh")


def test_existing_lines_kerbs_and_trees_are_drawn_where_they_lie(made: StudyResult) -> None:
    plain = drawn(made, lambda _: Street())
    assert not any("视 99" in shown or "侧石" in shown for shown in plain.shown)
    full = drawn(made, lambda _: Street(kerb_m=6.0, tree_m=6.8, buried=BOTH_SIDES))
    assert full.number != ()
    for shown, said in zip(full.shown, full.said, strict=True):
        assert "视 99" in shown
        assert "空心：现状管线" in shown
        assert "侧石" in shown
        assert "行道树" in shown
        assert any("现状管线" in sentence for sentence in said)
        assert not any("侧石位置未知" in sentence for sentence in said)


def test_each_opening_shows_the_lines_of_its_own_road(made: StudyResult) -> None:
    first = made.trench.openings["segment_id"].iloc[0]
    ids = [one.id for one in made.trench.problem.segments]
    one = drawn(
        made,
        lambda n: Street(buried=BOTH_SIDES if ids[n] == first else ()),
    )
    with_old = {n for n, shown in enumerate(one.shown) if "视 99" in shown}
    openings = made.trench.openings["segment_id"]
    for segment, number in zip(openings, one.number, strict=True):
        assert (number in with_old) is (segment == first)


def test_without_existing_lines_the_drawing_says_that_none_were_given(made: StudyResult) -> None:
    pipes = made.county["pipes"]
    blind = drawn(made, lambda _: Street(), pipes=pipes.iloc[:0])
    assert all(any("未提供现状管线" in sentence for sentence in said) for said in blind.said)
    known = drawn(made, lambda _: Street(), pipes=pipes)
    assert not any("未提供" in sentence for said in known.said for sentence in said)


def test_a_line_that_strays_is_drawn_with_the_way_it_strays(made: StudyResult) -> None:
    slanting = tuple(Buried(OLD, 0.0, 200.0, (x - 1.0, x + 1.0)) for x in (-4.0, 4.0))
    slant = drawn(made, lambda _: Street(buried=slanting))
    straight = drawn(made, lambda _: Street(buried=BOTH_SIDES))
    stroke = re.compile(r'<path d="M[\d.]+ [\d.]+h[\d.]+" stroke="#')
    assert any(stroke.search(shown) for shown in slant.shown)
    assert not any(stroke.search(shown) for shown in straight.shown)
