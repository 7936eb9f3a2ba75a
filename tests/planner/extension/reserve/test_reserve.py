"""Reserve ducts: where they pay, where they do not, and how errors in them are found."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import geopandas as gpd
import pytest

from layers.county import County
from planner.checking import Checks
from planner.extension.reserve.expected import expected, use_of
from planner.extension.run import ExtensionResult
from planner.settings import Settings

Solve = Callable[..., ExtensionResult]
Prove = Callable[..., Checks]


@pytest.fixture
def cables(settings: Settings) -> Settings:
    """Settings under which a planned parcel of any use needs telecom soon and nothing else."""
    soon = {
        "extension.reserve_other_utilities": "telecom",
        "extension.reserve_probability_planned": 0.95,
        "extension.reserve_discount": 0.02,
    }
    return settings.with_user(soon, source="test")


def _county(build: SimpleNamespace, *more: dict[str, object], planned: bool = True) -> County:
    """Return a street on which P has water laid and Q, planned, has asked for nothing."""
    return build.county(
        [build.parcel("P", 300, 10), {**build.parcel("Q", 340, 10), "planned": planned}, *more],
        [build.tie_in("W", "water", 0, 0), build.tie_in("T", "telecom", 0, 0)],
        [build.application("A", "P", "water")],
    )


def _solved(
    build: SimpleNamespace, route: Solve, prove: Prove, county: County, settings: Settings
) -> ExtensionResult:
    segments = build.streets(build.MAIN)
    result = route(county, segments, settings=settings)
    assert prove(county, segments, result, settings=settings).failures == ()
    return result


def test_a_duct_is_kept_for_a_planned_parcel_along_the_trench_that_is_open(
    build: SimpleNamespace, route: Solve, prove: Prove, cables: Settings
) -> None:
    result = _solved(build, route, prove, _county(build), cables)
    rows = result.options["reserves"].set_index("parcel_id")
    row = rows.loc["Q"]
    assert (row["reserved"], row["utilities"], row["probability"]) == ("telecom", "telecom", 0.95)
    assert 250 < row["duct_m"] < 320
    assert row["saving_yuan"] == pytest.approx(row["alone_yuan"] - row["later_yuan"])
    present = 0.95 / 1.02**3 * row["saving_yuan"] - row["extra_yuan"]
    assert row["expected_yuan"] == pytest.approx(present)
    assert present > 0
    ducts = result.options["reserve_ducts"]
    assert ducts["length_m"].sum() == pytest.approx(rows["duct_m"].sum())
    figures = result.figures["reserve"]
    assert figures["count"] == len(rows)
    assert figures["metres"] == pytest.approx(ducts["length_m"].sum())
    assert figures["saving_yuan"] == pytest.approx(rows["saving_yuan"].sum())


def test_no_duct_is_kept_where_a_pipe_must_open_the_road_anyway(
    build: SimpleNamespace, route: Solve, prove: Prove, cables: Settings
) -> None:
    wanted = {"extension.reserve_other_utilities": "gas,telecom"}
    chosen = cables.with_user(wanted, source="test")
    county = _county(build)
    gas = build.county([], [build.tie_in("G", "gas", 0, 0)], [])["tie_ins"]
    frames = {**county.frames, "tie_ins": gpd.pd.concat([county["tie_ins"], gas])}
    county = County(name=county.name, crs=county.crs, frames=frames)
    result = _solved(build, route, prove, county, chosen)
    assert "Q" not in set(result.options["reserves"]["parcel_id"])
    assert result.figures["reserve"]["parcels_expected"] == 2


def test_parcels_that_share_a_stretch_pay_their_ducts_once(
    build: SimpleNamespace, route: Solve, prove: Prove, cables: Settings
) -> None:
    near = {**build.parcel("R", 320, -40), "planned": True}
    one, two = (
        _solved(build, route, prove, county, cables)
        for county in (_county(build), _county(build, near))
    )
    ducts = [result.figures["reserve"]["metres"] for result in (one, two)]
    assert ducts[1] < ducts[0] + 60


def test_nothing_is_kept_for_who_is_not_expected(
    build: SimpleNamespace, route: Solve, prove: Prove, cables: Settings
) -> None:
    result = _solved(build, route, prove, _county(build, planned=False), cables)
    assert "Q" not in set(result.options["reserves"]["parcel_id"])
    never = cables.with_user(
        {
            "extension.reserve_probability_planned": 0.0,
            "extension.reserve_probability_applied": 0.0,
        },
        source="test",
    )
    result = _solved(build, route, prove, _county(build), never)
    assert result.figures["reserve"] == {
        "parcels_expected": 0, "count": 0, "metres": 0.0, "extra_yuan": 0.0,
        "saving_yuan": 0.0, "expected_yuan": 0.0,
    }  # fmt: skip


def test_a_parcel_in_planned_construction_land_counts_as_planned(
    build: SimpleNamespace, cables: Settings
) -> None:
    county = _county(build, planned=False)
    assert [event.parcel_id for event in expected(county, cables)] == ["P"]
    whole = county["parcels"].geometry.union_all().envelope
    zones = build.county([], [], [], [{"zone_id": "Z", "kind": "planned_construction",
                                       "geometry": whole}])["zones"]  # fmt: skip
    county = County(name="", crs=county.crs, frames={**county.frames, "zones": zones})
    events = {event.parcel_id: event for event in expected(county, cables)}
    assert events["Q"].probability == 0.95
    assert [demand.utility for demand in events["Q"].demands] == ["telecom"]


@pytest.mark.parametrize(
    ("land_use", "use"),
    [
        ("居住用地", "dwelling"),
        ("二类工业用地", "industry"),
        ("Residential", "dwelling"),
        ("", "other"),
    ],
)
def test_the_use_follows_the_words_of_the_land_use(
    settings: Settings, land_use: str, use: str
) -> None:
    assert use_of(land_use, settings) == use


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("reserves", "saving_yuan", 1e6),
        ("reserves", "expected_yuan", 1e6),
        ("reserves", "probability", 1.0),
        ("reserves", "alone_yuan", 1e7),
        ("reserves", "parcel_id", "W"),
        ("reserves", "utilities", "tv"),
        ("reserve_ducts", "extra_yuan", 1.0),
        ("reserve_ducts", "utility", "water"),
        ("reserve_ducts", "kind", "pole"),
        ("reserve_ways", "cost_yuan", 1.0),
        ("reserve_ways", "laid_as", "own_line"),
        ("reserve_ways", "laid_as", "in_duct"),
        ("reserve_ways", "tie_in_id", "W"),
    ],
)
def test_a_planted_error_is_found(
    build: SimpleNamespace,
    route: Solve,
    prove: Prove,
    cables: Settings,
    table: str,
    column: str,
    value: object,
) -> None:
    county, segments = _county(build), build.streets(build.MAIN)
    result = route(county, segments, settings=cables)
    changed = result.options[table].copy()
    changed.loc[changed.index[0], column] = value
    failures = prove(county, segments, result, settings=cables, **{table: changed}).failures
    assert {failure.rule for failure in failures} == {"reserve"}


def test_a_planted_figure_is_found(
    build: SimpleNamespace, route: Solve, prove: Prove, cables: Settings
) -> None:
    county, segments = _county(build), build.streets(build.MAIN)
    result = route(county, segments, settings=cables)
    planted = {**result.figures["reserve"], "saving_yuan": 1.0}
    failures = prove(county, segments, result, settings=cables, reserve_figures=planted).failures
    assert {failure.rule for failure in failures} == {"reserve"}
