from __future__ import annotations

from collections.abc import Callable
from typing import Any

import geopandas as gpd
import pytest
import shapely

from layers.county import County
from layers.schemas import empty_frame
from layers.tables import SITE_LINES
from planner.checking import Checks
from planner.coverage import run
from planner.coverage.check import check
from planner.coverage.run import CoverageResult
from planner.settings import Settings


@pytest.fixture
def result(county: County, settings: Settings) -> CoverageResult:
    found = run.solve(county, settings)
    assert found is not None
    return found


def checked(
    county: County, settings: Settings, result: CoverageResult, **changed: object
) -> Checks:
    parts: dict[str, Any] = {
        "gaps": result.gaps, "villages": result.villages, "infill": result.infill,
        "figures": result.figures, "gaps_after": result.after.gaps, "evidence": result.evidence,
        "calibration": result.calibration, "measured_gaps": result.measured_gaps,
        "site_lines": empty_frame(SITE_LINES, county.crs), **changed,
    }  # fmt: skip
    return check(county, settings, **parts)


def rules(checks: Checks) -> set[str]:
    return {failure.rule for failure in checks.failures}


def test_an_honest_result_passes(
    county: County, settings: Settings, result: CoverageResult
) -> None:
    checks = checked(county, settings, result)
    assert checks.failures == ()
    assert checks.passed > 50


def with_cell(
    frame: gpd.GeoDataFrame, column: str, change: Callable[[Any], Any]
) -> gpd.GeoDataFrame:
    changed = frame.copy()
    changed[column] = [change(changed[column].iloc[0]), *changed[column].iloc[1:]]
    return changed


@pytest.mark.parametrize(
    ("table", "column", "change", "rule"),
    [("gaps", "area_km2", lambda v: 2.0 * v, "gap_area"),
     ("gaps", "people", lambda v: v + 50, "gap_people"),
     ("gaps", "road_km", lambda v: v + 3.0, "gap_road"),
     ("gaps", "rank", lambda v: v + 7, "gap_rank"),
     ("gaps", "power_m", lambda _: 250.0, "gap_power_m"),
     ("gaps", "fibre_m", lambda _: 0.0, "gap_fibre_m"),
     ("villages", "covered", lambda v: not v, "village"),
     ("infill", "people_gained", lambda v: v + 100, "infill_people"),
     ("infill", "people_gained", lambda v: v + 100, "infill_people_gained"),
     ("infill", "geometry", lambda _: shapely.Point(470_100, 3_240_100), "infill_people")],
)  # fmt: skip
def test_a_wrong_cell_is_found(
    county: County, settings: Settings, result: CoverageResult,
    table: str, column: str, change: Callable[[Any], Any], rule: str,
) -> None:  # fmt: skip
    wrong = with_cell(getattr(result, table), column, change)
    assert rule in rules(checked(county, settings, result, **{table: wrong}))


def test_a_gap_where_there_is_signal_is_found(
    county: County, settings: Settings, result: CoverageResult
) -> None:
    beside_the_mast = shapely.box(470_960, 3_241_740, 471_440, 3_242_160)
    moved = with_cell(result.gaps, "geometry", lambda _: beside_the_mast)
    assert "gap_signal" in rules(checked(county, settings, result, gaps=moved))


def test_a_covered_share_that_is_made_up_is_found(
    county: County, settings: Settings, result: CoverageResult
) -> None:
    operators = {
        name: {**values, "covered_share": 1.0 - values["covered_share"]}
        for name, values in result.figures["operators"].items()
    }
    figures = {**result.figures, "operators": operators}
    assert "covered_share" in rules(checked(county, settings, result, figures=figures))


@pytest.mark.parametrize(
    "key", ["gap_count", "people_in_gaps", "villages_failing", "villages_uncertain", "gap_km2"]
)
def test_a_figure_that_is_not_the_sum_of_its_rows_is_found(
    county: County, settings: Settings, result: CoverageResult, key: str
) -> None:
    figures = {**result.figures, key: result.figures[key] + 1}
    assert key in rules(checked(county, settings, result, figures=figures))


def test_a_gap_left_out_is_found_even_where_the_sums_agree(
    county: County, settings: Settings, result: CoverageResult
) -> None:
    shorter = result.gaps[result.gaps["operator"] != "cmcc"].reset_index(drop=True)
    none = {"gap_count": 0, "gap_km2": 0.0, "people_in_gaps": 0}
    operators = dict(result.figures["operators"])
    operators["cmcc"] = {**operators["cmcc"], **none}
    figures = {**result.figures, "operators": operators}
    found = checked(county, settings, result, gaps=shorter, figures=figures)
    assert rules(found) == {"gap_missing"}


def test_an_all_verdict_that_its_operators_do_not_support_is_found(
    county: County, settings: Settings, result: CoverageResult
) -> None:
    villages = result.villages.copy()
    summary = villages["operator"] == "all"
    villages.loc[summary, "covered"] = ~villages.loc[summary, "covered"]
    assert "village_all" in rules(checked(county, settings, result, villages=villages))


def test_an_agreement_of_the_sweep_that_nobody_measured_is_found(
    county: County, settings: Settings, result: CoverageResult
) -> None:
    for key, change in (("sweep_bias_db", 0.2), ("sweep_rms_db", 0.4), ("sweep_agreement", -0.2)):
        figures = {**result.figures, key: result.figures[key] + change}
        assert key in rules(checked(county, settings, result, figures=figures))


def with_sample(
    result: CoverageResult, change: Callable[[list[float]], list[float]]
) -> dict[str, Any]:
    sample = result.figures["sweep_sample_dbm"]
    return {
        **result.figures,
        "sweep_sample_dbm": {operator: change(values) for operator, values in sample.items()},
    }


def test_a_sample_that_is_not_the_sweeps_is_found(
    county: County, settings: Settings, result: CoverageResult
) -> None:
    shorter = with_sample(result, lambda values: values[:-1])
    assert "sweep_sample" in rules(checked(county, settings, result, figures=shorter))
    better = with_sample(result, lambda values: [dbm + 40.0 for dbm in values])
    found = rules(checked(county, settings, result, figures=better))
    assert {"sweep_gap", "sweep_bias_db", "sweep_agreement"} <= found


def test_a_sweep_that_is_off_is_found_though_it_says_so(
    county: County, settings: Settings, result: CoverageResult
) -> None:
    shift = 12.0
    worse = with_sample(result, lambda values: [dbm - shift for dbm in values])
    figures = {**worse, "sweep_bias_db": result.figures["sweep_bias_db"] - shift,
               "sweep_rms_db": shift}  # fmt: skip
    assert "sweep_rms_db" in rules(checked(county, settings, result, figures=figures))
