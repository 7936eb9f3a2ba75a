"""Coverage with the proposed sites: no signal is lost, gaps close, false figures are found."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely

from layers.county import County
from layers.schemas import empty_frame, validate
from layers.tables import GAPS_AFTER, SITE_LINES
from planner.coverage import gaps, run
from planner.coverage.check import check
from planner.coverage.run import CoverageResult
from planner.settings import Settings, defaults

NAMES = ["cmcc", "ctcc", "any", "all"]
BEHIND = 472_900.0
KEYS = (
    "covered_share_after", "uncertain_share_after", "gap_count_after", "gap_km2_after",
    "people_in_gaps_after",
)  # fmt: skip


@pytest.fixture(scope="module")
def settings() -> Settings:
    user = {"coverage.village_site_km": 1.0, "coverage.check_points": 40}
    return defaults().with_user(user, source="test")


@pytest.fixture(scope="module")
def strict(settings: Settings) -> Settings:
    """Return settings with which one site an operator leaves gaps."""
    user = {"coverage.threshold_dbm": -75.0, "coverage.infill_sites": 1}
    return settings.with_user(user, source="test")


@pytest.fixture(scope="module")
def county(made: SimpleNamespace) -> County:
    whole: County = made.county()
    return whole


def solved(county: County, settings: Settings) -> CoverageResult:
    found = run.solve(county, settings)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def result(county: County, settings: Settings) -> CoverageResult:
    return solved(county, settings)


@pytest.fixture(scope="module")
def partial(county: County, strict: Settings) -> CoverageResult:
    found = solved(county, strict)
    assert len(found.infill[found.infill["operator"] != "wifi"])
    assert set(found.after.gaps["operator"]) == set(NAMES)
    return found


def test_no_signal_is_lost_on_any_pixel(result: CoverageResult) -> None:
    assert list(result.after.signals) == NAMES
    for name, later in result.after.signals.items():
        now = result.signals[name].rsrp_dbm
        known = np.isfinite(now)
        np.testing.assert_array_equal(known, np.isfinite(later.rsrp_dbm))
        assert (later.rsrp_dbm[known] >= now[known]).all()


def test_a_site_behind_the_ridge_closes_the_gap_there(
    result: CoverageResult, settings: Settings
) -> None:
    site = result.infill[result.infill["operator"] == "cmcc"].iloc[0].geometry
    assert site.x > BEHIND
    row, column, _ = result.grid.locate(np.array([[site.x, site.y]]))
    around = (row[0], column[0])
    wanted = gaps.wanted_dbm(settings)
    assert result.signals["cmcc"].rsrp_dbm[around] < wanted
    assert result.after.signals["cmcc"].rsrp_dbm[around] >= wanted
    own = result.figures["operators"]["cmcc"]
    assert own["people_in_gaps"] >= 200
    assert own["people_in_gaps_after"] == 0
    assert own["gap_km2_after"] < 0.5 * own["gap_km2"]


def test_new_servers_are_numbered_after_the_countys_cells(
    county: County, result: CoverageResult
) -> None:
    later = result.after.signals["cmcc"]
    gained = later.rsrp_dbm > result.signals["cmcc"].rsrp_dbm
    assert gained.any()
    site = later.server[gained] - len(county["cells"])
    assert set(result.infill["operator"].iloc[np.unique(site)]) == {"cmcc"}
    np.testing.assert_array_equal(
        later.server[~gained], result.signals["cmcc"].server[~gained]
    )  # fmt: skip


def test_where_signal_reaches_the_threshold_afterwards_there_is_a_server(
    result: CoverageResult, settings: Settings
) -> None:
    later = result.after.signals["cmcc"]
    assert later.servers is not None
    np.testing.assert_array_equal(
        later.rsrp_dbm >= gaps.wanted_dbm(settings), later.servers > 0
    )  # fmt: skip


def test_an_operator_without_a_site_keeps_its_signal(
    county: County, settings: Settings
) -> None:  # fmt: skip
    none = settings.with_user({"coverage.infill_sites": 0}, source="test")
    result = solved(county, none)
    assert (result.infill["operator"] == "wifi").all()
    for name in NAMES:
        now, later = result.signals[name], result.after.signals[name]
        np.testing.assert_array_equal(now.rsrp_dbm, later.rsrp_dbm)
        np.testing.assert_array_equal(result.uncertain[name], result.after.uncertain[name])
        own = result.figures["operators"][name]
        assert own["covered_share_after"] == own["covered_share"]
        assert own["gap_km2_after"] == own["gap_km2"]


def test_figures_are_those_of_pixels_and_gaps(partial: CoverageResult) -> None:
    for name, own in partial.figures["operators"].items():
        known = np.isfinite(partial.after.signals[name].rsrp_dbm)
        opinion = partial.after.opinions[name]
        left = partial.after.gaps[partial.after.gaps["operator"] == name]
        assert own["covered_share_after"] == pytest.approx(opinion.certain[known].mean(), abs=1e-6)
        assert own["uncertain_share_after"] == pytest.approx(
            partial.after.uncertain[name][known].mean(), abs=1e-6
        )
        assert own["gap_count_after"] == len(left)
        assert own["gap_km2_after"] == pytest.approx(left["area_km2"].sum(), abs=1e-4)
        assert own["people_in_gaps_after"] == left["people"].sum()
    assert {key: partial.figures[key] for key in KEYS} == {
        key: partial.figures["operators"]["any"][key] for key in KEYS
    }


def test_what_remains_lies_in_the_gaps_of_today(partial: CoverageResult) -> None:
    validate(partial.after.gaps, GAPS_AFTER)
    for name in NAMES:
        now, left = (
            shapely.union_all(frame.geometry[frame["operator"] == name].to_numpy())
            for frame in (partial.gaps, partial.after.gaps)
        )
        assert shapely.area(shapely.difference(left, now)) == pytest.approx(0.0, abs=1e-3)


def test_without_a_second_model_nothing_is_said_of_uncertainty(
    county: County, settings: Settings
) -> None:
    alone = settings.with_user({"coverage.second_model": "none"}, source="test")
    figures = solved(county, alone).figures
    assert figures["uncertain_share_after"] is None
    assert not any(figures[key] is None for key in KEYS if key != "uncertain_share_after")


def test_where_nothing_is_computed_the_figures_are_null() -> None:
    assert all(run.NOT_COMPUTED[key] is None for key in KEYS)


Judge = Callable[..., set[str]]


@pytest.fixture
def judge(
    made: SimpleNamespace, county: County, strict: Settings, partial: CoverageResult
) -> Judge:
    """Return the rules that fail once some parts of the result are replaced."""

    def judged(**changed: object) -> set[str]:
        found = made.checked(county, strict, partial, **changed)
        return {failure.rule for failure in found.failures}

    return judged


def with_figure(partial: CoverageResult, key: str, change: Callable[[Any], Any]) -> dict[str, Any]:
    operators: dict[str, Mapping[str, Any]] = {
        name: {**own, key: change(own[key])} for name, own in partial.figures["operators"].items()
    }
    return {**partial.figures, key: operators["any"][key], "operators": operators}


def test_an_honest_result_passes(judge: Judge) -> None:
    assert judge() == set()


@pytest.mark.parametrize(
    ("key", "change"),
    [("covered_share_after", lambda share: share + 0.02),
     ("covered_share_after", lambda share: share - 0.4),
     ("uncertain_share_after", lambda share: share + 0.5),
     ("uncertain_share_after", lambda _: None),
     ("gap_count_after", lambda count: count + 1), ("gap_km2_after", lambda km2: km2 + 0.1),
     ("people_in_gaps_after", lambda people: people + 40)],
)  # fmt: skip
def test_a_falsified_figure_is_found(
    judge: Judge, partial: CoverageResult, key: str, change: Callable[[Any], Any]
) -> None:
    rule = f"after_{key.removesuffix('_after')}"
    assert rule in judge(figures=with_figure(partial, key, change))


def test_a_gap_that_was_wished_away_is_found(judge: Judge, partial: CoverageResult) -> None:
    figures = partial.figures
    for key in ("gap_count_after", "gap_km2_after", "people_in_gaps_after"):
        figures = {**figures, key: 0}
        operators = {name: {**own, key: 0} for name, own in figures["operators"].items()}
        figures = {**figures, "operators": operators}
    assert len(partial.after.gaps)
    assert "after_gap_missing" in judge(figures=figures, gaps_after=partial.after.gaps.iloc[:0])


def test_a_remaining_gap_where_a_site_gives_signal_is_found(
    judge: Judge, partial: CoverageResult
) -> None:
    left: gpd.GeoDataFrame = partial.after.gaps.copy()
    site = partial.infill[partial.infill["operator"] == "ctcc"].geometry.iloc[0]
    row = left.index[left["operator"] == "all"][0]
    left.loc[[row], "geometry"] = gpd.GeoSeries([site.buffer(200.0)], index=[row], crs=left.crs)
    assert "after_gap_signal" in judge(gaps_after=left)


def test_a_site_that_was_never_proposed_adds_nothing(
    county: County, strict: Settings, partial: CoverageResult
) -> None:
    fewer = partial.infill[partial.infill["operator"] != "cmcc"].reset_index(drop=True)
    found = check(
        county, strict, partial.gaps, partial.villages, fewer, partial.figures,
        evidence=partial.evidence, gaps_after=partial.after.gaps, calibration=partial.calibration,
        measured_gaps=partial.measured_gaps, site_lines=empty_frame(SITE_LINES, county.crs),
    )  # fmt: skip
    assert "after_gap_missing" in {failure.rule for failure in found.failures}
