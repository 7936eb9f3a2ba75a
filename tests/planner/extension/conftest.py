"""Small counties built by hand: streets in metres, parcels, tie-ins, applications."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Mapping, Sequence
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from pyproj import CRS
from shapely import LineString, Point, box

from layers.county import County
from layers.tables import APPLICATIONS, INPUTS, PARCELS, PIPES, SEGMENTS, TIE_INS, ZONES, Table
from planner.checking import Checks
from planner.extension import demand, problem
from planner.extension.check_whole import check
from planner.extension.problem import Problem
from planner.extension.run import ExtensionResult, solve
from planner.rules.profile import load
from planner.settings import Settings, defaults

MAIN = ((0, 0), (400, 0))
"""A street of 400 m to the east, along which most counties lie."""
CRS_4545 = CRS.from_epsg(4545)
_DTYPES = {
    "text": "object",
    "integer": "Int64",
    "number": "float64",
    "date": "datetime64[ns]",
    "flag": "bool",
}
_EMPTY = {"text": None, "integer": pd.NA, "number": math.nan, "date": pd.NaT, "flag": False}

Row = Mapping[str, object]


def frame(table: Table, rows: Sequence[Row]) -> gpd.GeoDataFrame:
    """Return rows as a checked frame would be, absent cells empty."""
    columns = {
        column.name: pd.Series(
            [row.get(column.name, _EMPTY[column.kind]) for row in rows],
            dtype=_DTYPES[column.kind],
        )
        for column in table
    }
    if table.geometry == "none":
        return pd.DataFrame(columns)
    shapes = gpd.GeoSeries([row["geometry"] for row in rows], crs=CRS_4545)
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=CRS_4545)


def streets(
    *lines: Sequence[tuple[float, float]], surface: str = "asphalt", width_m: float = 12.0
) -> gpd.GeoDataFrame:
    """Return segments along some polylines; from 15 m of width they have two sides."""
    return frame(
        SEGMENTS,
        [
            {
                "segment_id": f"S{number}",
                "surface": surface,
                "road_class": "branch",
                "width_m": width_m,
                "length_m": LineString(line).length,
                "geometry": LineString(line),
            }
            for number, line in enumerate(lines)
        ],
    )


def parcel(name: str, x: float, y: float, size: float = 20.0) -> Row:
    """Return a square parcel whose south-west corner is given."""
    return {"parcel_id": name, "geometry": box(x, y, x + size, y + size)}


def tie_in(name: str, utility: str, x: float, y: float, left: float = 1e6, **more: object) -> Row:
    return {
        "tie_in_id": name,
        "utility": utility,
        "owner": f"{utility} company",
        "capacity_left": left,
        "geometry": Point(x, y),
        **more,
    }


def application(name: str, parcel_id: str, utility: str, **more: object) -> Row:
    return {
        "application_id": name,
        "parcel_id": parcel_id,
        "utility": utility,
        "applicant_kind": "large",
        "business": "new",
        "accepted_on": pd.Timestamp(2026, 3, 2),
        **more,
    }


def county(
    parcels: Sequence[Row],
    tie_ins: Sequence[Row],
    applications: Sequence[Row],
    zones: Sequence[Row] = (),
    pipes: Sequence[Row] = (),
) -> County:
    given = {
        PARCELS.name: parcels,
        TIE_INS.name: tie_ins,
        APPLICATIONS.name: applications,
        ZONES.name: zones,
        PIPES.name: pipes,
    }
    frames = {table.name: frame(table, given.get(table.name, ())) for table in INPUTS}
    return County(name="试验县", crs=CRS_4545, frames=frames)


def rules(result: ExtensionResult) -> dict[str, str]:
    """Return why each application that is not connected is not."""
    return dict(zip(result.unreachable["application_id"], result.unreachable["rule"], strict=True))


@pytest.fixture
def settings() -> Settings:
    return defaults().with_user({"extension.search_effort": 0.1}, source="test")


@pytest.fixture(scope="session")
def build() -> SimpleNamespace:
    """Return the builders above, for tests that cannot import this file."""
    builders = (frame, streets, parcel, tie_in, application, county, rules)
    return SimpleNamespace(MAIN=MAIN, **{builder.__name__: builder for builder in builders})


@pytest.fixture
def route(settings: Settings) -> Callable[..., ExtensionResult]:
    """Solve a county with the profile of Feicheng, which has deadlines, permits and payers."""

    def run(county: County, segments: gpd.GeoDataFrame, **options: object) -> ExtensionResult:
        chosen = options.pop("settings", settings)
        return solve(
            county, segments, chosen, load("feicheng-2018"), start=dt.date(2026, 1, 1), **options
        )

    return run


@pytest.fixture
def posed(settings: Settings) -> Callable[[County, gpd.GeoDataFrame], Problem]:
    """State a county's routing problem without solving it."""

    def pose(county: County, segments: gpd.GeoDataFrame) -> Problem:
        asked = demand.read(county["applications"], settings)
        return problem.build(asked, county.frames, segments, settings, open_segments={})

    return pose


@pytest.fixture
def prove(settings: Settings) -> Callable[..., Checks]:
    """Check a result, with some of its tables replaced where a test plants an error."""

    def run(
        county: County,
        segments: gpd.GeoDataFrame,
        result: ExtensionResult,
        *,
        open_segments: Mapping[str, Sequence[tuple[float, float]]] | None = None,
        **planted: object,
    ) -> Checks:
        names = ("connections", "trenches", "unreachable", "drains", "drain_levels")
        tables = {name: getattr(result, name) for name in names} | dict(result.options)
        figures = dict(planted.pop("figures", result.figures))
        figures["payers"] = planted.pop("payers", figures["payers"])
        figures["reserve"] = planted.pop("reserve_figures", figures["reserve"])
        return check(
            county,
            segments,
            planted.pop("settings", settings),
            certificate=planted.pop("certificate", result.certificate),
            open_segments=open_segments or {},
            figures=figures,
            tables=tables | planted,
        )

    return run


@pytest.fixture
def routed(
    route: Callable[..., ExtensionResult], prove: Callable[..., Checks]
) -> Callable[[County, gpd.GeoDataFrame], ExtensionResult]:
    """Solve a county and prove the result before anything else is said of it."""

    def run(county: County, segments: gpd.GeoDataFrame) -> ExtensionResult:
        result = route(county, segments)
        assert prove(county, segments, result).failures == ()
        return result

    return run


def _grid(size: int, step_m: float) -> gpd.GeoDataFrame:
    ways = []
    for i in range(size):
        for j in range(size - 1):
            a, b = i * step_m, j * step_m
            ways += [((b, a), (b + step_m, a)), ((a, b), (a, b + step_m))]
    return streets(*ways)


@pytest.fixture
def town() -> Callable[[int], tuple[County, gpd.GeoDataFrame]]:
    """Return a seeded town: a street grid of 7 by 7, parcels in blocks, scarce tie-ins."""

    def make(seed: int) -> tuple[County, gpd.GeoDataFrame]:
        rng = np.random.default_rng(seed)
        blocks = rng.permutation(36)[:14]
        parcels = [
            parcel(f"P{n}", 100.0 * (b % 6) + 12, 100.0 * (b // 6) + 30, 40.0)
            for n, b in enumerate(blocks)
        ]
        classes = [("water", {}), ("gas", {"pressure_mpa": 0.2}), ("power", {"voltage_kv": 10.0})]
        classes += [("telecom", {"operator": "cmcc"}), ("telecom", {"operator": "ctcc"})]
        ties = [
            tie_in(
                f"T{n}",
                utility,
                100.0 * rng.integers(7) + 4,
                100.0 * rng.integers(7) + 3,
                float(rng.choice([300.0, 700.0, 1500.0])),
                **more,
            )
            for n, (utility, more) in enumerate(classes * 2)
        ]
        asked = [
            application(
                f"A{n}-{m}",
                f"P{n}",
                utility,
                demand=100.0,
                load_kva=200.0 if utility == "power" else math.nan,
                dual_source=utility == "power" and n % 5 == 0,
                operator=more.get("operator"),
            )
            for n in range(len(parcels))
            for m, (utility, more) in enumerate(classes)
            if rng.random() < 0.6
        ]
        return county(parcels, ties, asked), _grid(7, 100.0)

    return make
