"""Small counties built by hand: a row of segments, works along them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import strategies as st
from shapely import LineString

from planner.section.layout import Line
from planner.settings import Scalar, defaults
from planner.trench.build import Built, build
from planner.trench.cost import Prices
from planner.trench.domains import starts
from planner.trench.greedy import greedy
from planner.trench.problem import Closed, Problem, Segment, Stretch, Task, Work
from planner.trench.schedule import Schedule

CRS = "EPSG:4545"
START = date(2026, 1, 1)

WORK = {
    "name": "",
    "utility": "water",
    "subtype": "distribution",
    "owner": "水务公司",
    "diameter_mm": 150.0,
    "voltage_kv": np.nan,
    "depth_m": np.nan,
    "earliest": "2026-02-01",
    "wanted": None,
    "latest": "2026-11-30",
    "duration_days": 10.0,
    "method": "open_cut",
    "fixed": False,
    "emergency": False,
    "confidence": "",
}
SEGMENT = {
    "road_class": "branch",
    "width_m": 16.0,
    "surface": "asphalt",
    "opened_on": None,
    "overhauled_on": None,
    "detour_group": "",
    "town": "城关镇",
    "group_id": "",
}
Changes = Mapping[str, Any]
MakeCase = Callable[..., Built]


def road(count: int, changes: Sequence[Changes] = ()) -> gpd.GeoDataFrame:
    """Return `count` segments of 100 m, one after another to the east."""
    rows = [
        {
            "segment_id": f"S{n}",
            "name": f"{n}路",
            **SEGMENT,
            "from_node": n,
            "to_node": n + 1,
            "length_m": 100.0,
            **(changes[n] if n < len(changes) else {}),
        }
        for n in range(count)
    ]
    frame = pd.DataFrame(rows)
    for column in ("opened_on", "overhauled_on"):
        frame[column] = pd.to_datetime(frame[column])
    lines = [LineString([(100.0 * n, 0.0), (100.0 * (n + 1), 0.0)]) for n in range(count)]
    return gpd.GeoDataFrame(frame, geometry=lines, crs=CRS)


def works_on(rows: Sequence[Changes]) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Return works and their placements; ``on`` lists (segment, from_m, to_m, side)."""
    works, placements = [], []
    for line, row in enumerate(rows):
        along_m = 0.0
        for segment, from_m, to_m, side in row.get("on", [(0, 0.0, 100.0, "right")]):
            placements.append(
                {
                    "line": line,
                    "segment": segment,
                    "from_m": from_m,
                    "to_m": to_m,
                    "side": side,
                    "offset_m": 3.0,
                    "reversed": False,
                    "line_from_m": along_m,
                    "line_to_m": along_m + to_m - from_m,
                }
            )
            along_m += to_m - from_m
        works.append({"work_id": f"W{line}", **WORK, **{k: v for k, v in row.items() if k != "on"}})
    frame = pd.DataFrame(works, columns=["work_id", *WORK])
    for column in ("earliest", "wanted", "latest"):
        frame[column] = pd.to_datetime(frame[column])
    lines = [LineString([(0.0, 3.0), (100.0, 3.0)])] * len(works)
    columns = [
        "line", "segment", "from_m", "to_m", "side", "offset_m", "reversed",
        "line_from_m", "line_to_m",
    ]  # fmt: skip
    return (
        gpd.GeoDataFrame(frame, geometry=lines, crs=CRS),
        pd.DataFrame(placements, columns=columns),
    )


def table(
    rows: Sequence[Changes], columns: Sequence[str], dates: Sequence[str] = ()
) -> pd.DataFrame:
    """Return a plain table with these columns."""
    frame = pd.DataFrame(list(rows), columns=list(columns))
    for column in dates:
        frame[column] = pd.to_datetime(frame[column])
    return frame


@st.composite
def draw_problem(draw: st.DrawFn) -> Problem:
    """Draw a small problem with closures, crews, a detour, approved and emergency works."""
    periods = draw(st.integers(12, 24))
    closed = st.builds(
        lambda first, length, rule: Closed(first, min(first + length, periods - 1), rule, "x"),
        st.integers(0, periods - 1),
        st.integers(0, 3),
        st.sampled_from(["moratorium", "no_dig"]),
    )
    segments = tuple(
        Segment(
            id=f"S{n}",
            length_m=100.0,
            opening_yuan=draw(st.sampled_from([0.0, 20000.0])),
            open_period_yuan=draw(st.sampled_from([0.0, 300.0, 3000.0])),
            closed=tuple(draw(st.lists(closed, max_size=2))),
        )
        for n in range(3)
    )
    works = tuple(draw(_works(n, periods)) for n in range(draw(st.integers(1, 7))))
    return Problem(
        start=START,
        period_days=draw(st.sampled_from([1, 7])),
        periods=periods,
        segments=segments,
        works=works,
        crews={"one": draw(st.integers(1, 2)), "two": 3},
        conflicts=draw(st.sampled_from([(), ((0, 1),)])),
        settings=defaults(),
    )


@st.composite
def _works(draw: st.DrawFn, number: int, periods: int) -> Work:
    lag, tasks = 0, []
    for segment in draw(st.permutations(range(3)))[: draw(st.integers(1, 3))]:
        from_m = draw(st.sampled_from([0.0, 25.0, 50.0]))
        side = draw(st.sampled_from(["left", "right"]))
        stretch = Stretch(from_m, from_m + draw(st.sampled_from([25.0, 50.0])), side)
        task = Task(segment, (stretch,), lag, draw(st.integers(1, 3)))
        lag += draw(st.integers(0, task.duration))
        tasks.append(task)
    span = max(task.lag + task.duration for task in tasks)
    earliest = draw(st.integers(0, periods - span))
    latest = draw(st.integers(earliest, periods - span))
    utility = draw(st.sampled_from(["water", "gas", "power", "heat"]))
    return Work(
        id=f"W{number}",
        utility=utility,
        owner=draw(st.sampled_from(["one", "two"])),
        line=Line(utility),
        tasks=tuple(tasks),
        earliest=earliest,
        wanted=draw(st.integers(earliest, latest)),
        latest=latest,
        crew=draw(st.sampled_from(["one", "two", ""])),
        fixed=draw(st.sampled_from([False, False, False, True])),
        emergency=draw(st.sampled_from([False, False, False, True])),
    )


def build_of(problem: Problem) -> Built:
    """Return a problem as `build` would, without the works that the closures shut out."""
    works = tuple(work for work in problem.works if starts(problem, work).size)
    frame = road(len(problem.segments))
    return Built(problem=replace(problem, works=works), rejected=(), segments=frame)


@pytest.fixture(scope="session")
def problems() -> st.SearchStrategy[Problem]:
    """Return a strategy of small problems."""
    return draw_problem()


@pytest.fixture(scope="session")
def schedules() -> st.SearchStrategy[Schedule]:
    """Return a strategy of small problems with their greedy plan."""
    return draw_problem().map(lambda problem: greedy(problem, Prices(problem))[0])


@pytest.fixture(scope="session")
def built_of() -> Callable[[Problem], Built]:
    """Return the function that makes a problem solvable."""
    return build_of


@pytest.fixture(scope="session")
def make_case() -> MakeCase:
    """Return a function that builds a case from what differs from the ordinary."""

    def make(
        works: Sequence[Changes],
        *,
        segments: int = 1,
        roads: Sequence[Changes] = (),
        crews: Sequence[Changes] = (),
        events: Sequence[Changes] = (),
        settings: Mapping[str, Scalar] | None = None,
        days: int = 365,
    ) -> Built:
        frame, placements = works_on(works)
        return build(
            road(segments, roads),
            frame,
            placements,
            table(crews, ["owner", "crews"]),
            table(
                events,
                ["event_id", "name", "kind", "starts_on", "ends_on", "town", "road_class"],
                ["starts_on", "ends_on"],
            ),
            defaults().with_user(settings or {}, source="test"),
            start=START,
            days=days,
        )

    return make
